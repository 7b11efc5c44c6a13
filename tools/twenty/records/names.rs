//! The records that one call speaks of by name: gathered first, looked up together, then put in.

use super::{id::RecordId, reference::Reference};
use crate::{
    seam::ToolError,
    tools::twenty::workspace::schema::{Object, Workspace},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The most records that one call may speak of by name.
const MOST: usize = 20;

/// How a new record is linked to one that is spoken of by a unique value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// That one is looked up first.
    Resolve,
    /// The server finds it: `company: { connect: … }`, where it can.
    Connect,
}

impl Linking {
    /// What a workspace's server can do: those that give lists inside composites a type of their own can connect.
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        let phones = workspace.composites.get("Phones");
        match phones.is_some_and(|parts| parts.iter().any(|part| !part.fields.is_empty())) {
            true => Self::Connect,
            false => Self::Resolve,
        }
    }
}

/// What one call speaks of by name. Its ids are placeholders until they are filled in.
#[derive(Debug)]
pub struct Names {
    linking: Linking,
    /// What placeholders begin with: no caller can guess it, so that none of their texts is taken for one.
    mark: String,
    wanted: Vec<Wanted>,
}

/// A record that must be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The argument that speaks of it first, as in `filter.company`.
    pub argument: String,
    /// The object that it is a record of, in singular.
    pub object: String,
    /// As the caller said it.
    pub given: String,
    /// What that means.
    pub reference: Reference,
}

impl Wanted {
    /// The record of an object that a text stands for; `argument` names it in messages.
    ///
    /// # Errors
    /// The text stands for no record of this object.
    pub fn of(argument: &str, object: &Object, text: &str) -> Result<Self, ToolError> {
        let reference = Reference::parse(argument, object, text)?;
        let (argument, object) = (argument.to_owned(), object.singular.clone());
        Ok(Self { argument, object, given: text.trim().to_owned(), reference })
    }
}

/// How a record is put into the data of another.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// Its id, or a placeholder, for the join column.
    Id(Value),
    /// What the relation's own field takes.
    Connect(Value),
}

impl Names {
    /// No names yet.
    #[must_use]
    pub fn new(linking: Linking) -> Self {
        Self { linking, mark: format!("\u{1}{}:", Uuid::new_v4().simple()), wanted: Vec::new() }
    }

    /// The id of what a text stands for, or a placeholder where it must be looked up; the same thing said twice is
    /// looked up once.
    ///
    /// # Errors
    /// The text stands for no record of this object, or the call speaks of too many.
    pub fn id(&mut self, argument: &str, object: &Object, text: &str) -> Result<Value, ToolError> {
        match Reference::parse(argument, object, text)? {
            Reference::Id(id) => Ok(json!(id.to_string())),
            reference => self.want(argument, object, text, reference),
        }
    }

    /// As `id`, for a record that is being made: the server may find what has a unique value.
    ///
    /// # Errors
    /// As for `id`.
    pub fn link(&mut self, argument: &str, object: &Object, text: &str) -> Result<Link, ToolError> {
        match Reference::parse(argument, object, text)? {
            Reference::Id(id) => Ok(Link::Id(json!(id.to_string()))),
            reference => match self.connect(object, &reference) {
                Some(connect) => Ok(Link::Connect(connect)),
                None => self.want(argument, object, text, reference).map(Link::Id),
            },
        }
    }

    fn connect(&self, object: &Object, reference: &Reference) -> Option<Value> {
        let Reference::Unique { field, part, values } = reference else { return None };
        if self.linking == Linking::Resolve || !object.field(field)?.unique {
            return None;
        }
        let first = values.first()?;
        let value = part.map_or_else(|| json!(first), |part| json!({ part: first }));
        Some(json!({ "connect": { "where": { field: value } } }))
    }

    fn want(
        &mut self,
        argument: &str,
        object: &Object,
        text: &str,
        reference: Reference,
    ) -> Result<Value, ToolError> {
        let same = |known: &Wanted| known.object == object.singular && known.reference == reference;
        let at = match self.wanted.iter().position(same) {
            Some(at) => at,
            None if self.wanted.len() >= MOST => {
                return Err(ToolError::input(format_args!(
                    "one call may speak of at most {MOST} records by name, and `{argument}` is one more"
                ))
                .hint("give ids instead, or make several calls"));
            }
            None => {
                self.wanted.push(Wanted {
                    argument: argument.to_owned(),
                    object: object.singular.clone(),
                    given: text.trim().to_owned(),
                    reference,
                });
                self.wanted.len() - 1
            }
        };
        Ok(json!(format!("{}{at}", self.mark)))
    }

    /// What must be looked up, in the order of the ids that `fill` takes.
    #[must_use]
    pub fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// Whether nothing must be looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Puts ids in the place of placeholders, wherever they stand in a value.
    pub fn fill(&self, value: &mut Value, ids: &[RecordId]) {
        match value {
            Value::String(text) => {
                let at = text.strip_prefix(&self.mark).and_then(|at| at.parse::<usize>().ok());
                if let Some(id) = at.and_then(|at| ids.get(at)) {
                    *text = id.to_string();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item, ids)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.fill(field, ids)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};

    const ID: &str = "20202020-0687-4c41-b707-ed1bfca972a7";

    #[test]
    fn an_id_is_itself_and_a_name_is_looked_up_once() {
        let company = CURRENT.object("company").unwrap();
        let mut names = Names::new(Linking::Resolve);
        assert_eq!(names.id("companyId", company, ID).unwrap(), json!(ID));
        assert!(names.is_empty());
        let first = names.id("companyId", company, "Acme").unwrap();
        assert_eq!(names.id("other", company, " Acme ").unwrap(), first);
        let second = names.id("other", company, "acme.com").unwrap();
        assert_ne!(first, second);
        let wanted: Vec<_> =
            names.wanted().iter().map(|one| (one.argument.as_str(), one.given.as_str())).collect();
        assert_eq!(wanted, [("companyId", "Acme"), ("other", "acme.com")]);

        let mut data = json!({ "a": [first, "\u{1}0"], "b": { "c": second, "d": 5 } });
        let ids = [RecordId::parse("a", ID).unwrap(), RecordId::parse("b", &ID.replace('7', "8")).unwrap()];
        names.fill(&mut data, &ids);
        assert_eq!(data, json!({ "a": [ID, "\u{1}0"], "b": { "c": ID.replace('7', "8"), "d": 5 } }));
    }

    #[test]
    fn a_call_speaks_of_twenty_records_at_most() {
        let company = CURRENT.object("company").unwrap();
        let mut names = Names::new(Linking::Resolve);
        for at in 0..MOST {
            names.id("company", company, &format!("Company {at}")).unwrap();
        }
        assert!(names.id("company", company, "Company 0").is_ok());
        let error = names.id("filter.company", company, "One more").unwrap_err();
        assert!(error.message().contains("at most 20"), "{error}");
    }

    #[test]
    fn a_unique_value_is_connected_where_the_server_can() {
        assert_eq!((Linking::of(&CURRENT), Linking::of(&LEGACY)), (Linking::Connect, Linking::Resolve));
        let company = CURRENT.object("company").unwrap();
        let mut names = Names::new(Linking::Connect);
        let connect =
            json!({ "connect": { "where": { "domainName": { "primaryLinkUrl": "https://acme.com" } } } });
        assert_eq!(names.link("company", company, "acme.com").unwrap(), Link::Connect(connect));
        assert!(names.is_empty());
        assert!(matches!(names.link("company", company, "Acme").unwrap(), Link::Id(_)));
        assert!(matches!(Names::new(Linking::Resolve).link("c", company, "acme.com").unwrap(), Link::Id(_)));
    }
}
