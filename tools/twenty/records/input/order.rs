//! An order as a caller gives it, turned into Twenty's own.

use super::{kinds::Kind, relations::target, value::named};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            faults::{Faults, shown},
            names::Linking,
        },
        workspace::schema::{Field, Object, Relation, Workspace},
    },
};
use serde_json::{Value, json};

/// The most keys of one order.
const KEYS: usize = 5;
const DIRECTIONS: [&str; 4] = ["AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"];

/// The order that Twenty takes for what was given: a name, a name with `-` before it for the other way round, an object
/// from names to directions, or a list of these. Records without a value come last unless told otherwise.
///
/// # Errors
/// Tells everything that is wrong, each with its place.
pub fn order(workspace: &Workspace, object: &Object, given: &Value) -> Result<Value, ToolError> {
    let mut ordering = Ordering { workspace, faults: Faults::default(), keys: Vec::new(), through: None };
    match given {
        Value::Null => {}
        Value::Array(list) => {
            for (at, one) in list.iter().enumerate().take(KEYS + 1) {
                ordering.one(&format!("orderBy[{at}]"), object, one);
            }
        }
        one => ordering.one("orderBy", object, one),
    }
    if ordering.keys.len() > KEYS {
        ordering.faults.add("orderBy", format_args!("an order has at most {KEYS} keys"));
    }
    ordering.faults.or(Value::Array(ordering.keys))
}

struct Ordering<'a> {
    workspace: &'a Workspace,
    faults: Faults,
    keys: Vec<Value>,
    /// The relation that is gone through to the object whose fields are read.
    through: Option<String>,
}

impl Ordering<'_> {
    fn one(&mut self, place: &str, object: &Object, given: &Value) {
        match given {
            Value::String(text) => {
                let name = text.trim();
                let (name, direction) = match name.strip_prefix('-') {
                    Some(name) => (name, "DescNullsLast"),
                    None => (name.strip_prefix('+').unwrap_or(name), "AscNullsLast"),
                };
                let name: Vec<&str> = name.split('.').collect();
                match name.as_slice() {
                    [field] => self.key(place, object, field, &json!(direction)),
                    [field, part] => self.key(place, object, field, &json!({ *part: direction })),
                    _ => self.faults.add(place, format_args!("`{}` is no field", shown(text))),
                }
            }
            Value::Object(fields) => {
                for (name, direction) in fields.iter().take(KEYS + 1) {
                    self.key(&format!("{place}.{}", shown(name)), object, name, direction);
                }
            }
            given => self.faults.hinted(
                place,
                format_args!("a field's name is wanted, not {}", named(given)),
                "as in \"-createdAt\" or { \"createdAt\": \"desc\" }",
            ),
        }
    }

    fn key(&mut self, place: &str, object: &Object, name: &str, given: &Value) {
        let Some(field) = object.field(name).or_else(|| object.joined_by(name)) else {
            let known: Vec<&str> = object
                .fields
                .iter()
                .filter(|field| orderable(field))
                .map(|field| field.name.as_str())
                .collect();
            let what = format_args!("`{}` has no field `{}` in this workspace", object.singular, shown(name));
            return self.faults.unknown(place, what, name, &known);
        };
        if !orderable(field) {
            return self.faults.add(place, format_args!("records cannot be ordered by `{}`", field.name));
        }
        if let Some(relation) = &field.relation {
            return self.related(place, field, relation, name, given);
        }
        match (Kind::of(&field.kind), given) {
            (Kind::Several(composite), Value::Object(parts)) => {
                for (key, direction) in parts {
                    let place = format!("{place}.{}", shown(key));
                    let part = composite.part(key).map(|part| part.name);
                    let part = part.or_else(|| (key == "amount").then_some("amountMicros"));
                    match part.filter(|part| composite.names().contains(part)) {
                        Some(part) => self.push(&place, &[&field.name, part], direction),
                        None => self.faults.unknown(&place, "no such part", key, &composite.names()),
                    }
                }
            }
            (Kind::Several(_), direction) => {
                let parts: &[&str] = match field.kind.as_str() {
                    "FULL_NAME" => &["firstName", "lastName"],
                    "EMAILS" => &["primaryEmail"],
                    "PHONES" => &["primaryPhoneNumber"],
                    "LINKS" => &["primaryLinkUrl"],
                    "CURRENCY" => &["amountMicros"],
                    "ADDRESS" => &["addressCountry", "addressCity"],
                    "ACTOR" => &["name"],
                    _ => &["markdown"],
                };
                for part in parts {
                    self.push(place, &[&field.name, part], direction);
                }
            }
            (_, direction) => self.push(place, &[&field.name], direction),
        }
    }

    /// By a field of the record that is pointed at, its name unless told; by a column, records of one id together.
    fn related(&mut self, place: &str, field: &Field, relation: &Relation, name: &str, given: &Value) {
        if let Some(column) = relation.join_column.as_deref().filter(|column| *column == name) {
            return self.push(place, &[column], given);
        }
        let Some(to) = target(self.workspace, field, relation) else {
            return self
                .faults
                .add(place, "it may point at several objects: records cannot be ordered by it");
        };
        let column = relation.join_column.as_deref().unwrap_or_default();
        // Servers that cannot connect are too old to order by another record, too.
        if self.through.is_some() || Linking::of(self.workspace) == Linking::Resolve {
            let what = format_args!("records cannot be ordered by what is in another `{}` here", to.singular);
            return self.faults.hinted(place, what, format_args!("`{column}` puts those of one together"));
        }
        let label = to.label_field.as_deref().unwrap_or("id");
        self.through = Some(field.name.clone());
        match given {
            Value::Object(fields) => {
                for (name, direction) in fields.iter().take(KEYS + 1) {
                    self.key(&format!("{place}.{}", shown(name)), to, name, direction);
                }
            }
            direction => self.key(place, to, label, direction),
        }
        self.through = None;
    }

    fn push(&mut self, place: &str, path: &[&str], given: &Value) {
        let word = given.as_str().unwrap_or_default().trim();
        let direction = match word.to_lowercase().as_str() {
            "asc" | "ascending" => Some("AscNullsLast"),
            "desc" | "descending" => Some("DescNullsLast"),
            lower => DIRECTIONS.into_iter().find(|known| known.to_lowercase() == lower),
        };
        match direction {
            Some(direction) => {
                let path = self.through.as_deref().into_iter().chain(path.iter().copied());
                let path: Vec<&str> = path.collect();
                let key = path.iter().rev().fold(json!(direction), |inner, name| json!({ *name: inner }));
                self.keys.push(key);
            }
            None => self.faults.unknown(
                place,
                format_args!("`{}` is no direction", shown(word)),
                word,
                &["asc", "desc", "AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"],
            ),
        }
    }
}

fn orderable(field: &Field) -> bool {
    let to_many = field.relation.as_ref().is_some_and(|relation| relation.many);
    field.active && !to_many && !matches!(field.kind.as_str(), "TS_VECTOR" | "FILES")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};

    fn made(object: &str, given: Value) -> Result<Value, ToolError> {
        order(&CURRENT, CURRENT.object(object).unwrap(), &given)
    }

    #[test]
    fn an_order_is_said_in_several_ways() {
        for given in [
            json!("-createdAt"),
            json!(["-createdAt"]),
            json!({ "createdAt": "desc" }),
            json!([{ "createdAt": "DescNullsLast" }]),
        ] {
            assert_eq!(made("person", given).unwrap(), json!([{ "createdAt": "DescNullsLast" }]));
        }
        assert_eq!(made("person", Value::Null).unwrap(), json!([]));
        assert_eq!(
            made(
                "opportunity",
                json!(["stage", { "amount": "DescNullsFirst" }, "amount.currency", "companyId"])
            )
            .unwrap(),
            json!([
                { "stage": "AscNullsLast" },
                { "amount": { "amountMicros": "DescNullsFirst" } },
                { "amount": { "currencyCode": "AscNullsLast" } },
                { "companyId": "AscNullsLast" },
            ])
        );
        assert_eq!(
            made("person", json!("name")).unwrap(),
            json!([{ "name": { "firstName": "AscNullsLast" } }, { "name": { "lastName": "AscNullsLast" } }])
        );
    }

    #[test]
    fn another_record_is_ordered_by_where_the_server_can() {
        assert_eq!(
            made("person", json!("company")).unwrap(),
            json!([{ "company": { "name": "AscNullsLast" } }])
        );
        assert_eq!(
            made("opportunity", json!(["-company.tier", { "pointOfContact": "asc" }])).unwrap(),
            json!([
                { "company": { "tier": "DescNullsLast" } },
                { "pointOfContact": { "name": { "firstName": "AscNullsLast" } } },
                { "pointOfContact": { "name": { "lastName": "AscNullsLast" } } },
            ])
        );
        let older = order(&LEGACY, LEGACY.object("person").unwrap(), &json!("company")).unwrap_err();
        assert_eq!(older.next(), Some("`companyId` puts those of one together"));
        let far = made("opportunity", json!({ "pointOfContact": { "company": { "name": "asc" } } }));
        assert!(far.unwrap_err().message().contains("records cannot be ordered by"));
    }

    #[test]
    fn what_is_no_order_is_told() {
        let error = made("opportunity", json!(["amont", { "stage": "up" }, "taskTargets", 5])).unwrap_err();
        for told in [
            "`orderBy[0]`: `opportunity` has no field `amont` in this workspace; did you mean `amount`",
            "`orderBy[1].stage`: `up` is no direction",
            "`orderBy[2]`: records cannot be ordered by `taskTargets`",
            "`orderBy[3]`: a field's name is wanted, not a number",
        ] {
            assert!(error.message().contains(told), "{told}: {error}");
        }
        assert!(made("company", json!(vec!["name"; 6])).unwrap_err().message().contains("at most 5 keys"));
    }
}
