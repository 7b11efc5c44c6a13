//! A filter as a caller gives it, turned into Twenty's own.

use super::{
    conjunction::Conjunction,
    kinds::{Composite, Kind, Leaf, options},
    operators::Target,
    relations::{other_side, target},
    value::named,
};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            faults::{Faults, shown},
            names::Names,
        },
        workspace::schema::{Field, Object, Relation, Workspace},
    },
};
use serde_json::{Map, Value, json};

/// How deep `and`, `or` and `not` may stand in each other.
const DEPTH: usize = 8;
/// The most conditions of one filter.
const CONDITIONS: usize = 200;

/// The filter that Twenty takes for what was given; records that are spoken of by name go to `names`.
///
/// Twenty's own form is taken, and beside it: a value for `eq`, null for `is: NULL`, a list for `in`, `contains`,
/// operators right on a field with parts, short names of parts, and relations by the field's name.
///
/// # Errors
/// Tells everything that is wrong, each with its place.
pub fn filter(
    workspace: &Workspace,
    object: &Object,
    given: &Value,
    names: &mut Names,
) -> Result<Value, ToolError> {
    let mut reading = Reading { workspace, names, faults: Faults::default(), conditions: 0 };
    let made = match given {
        Value::Null => json!({}),
        given => reading.group("filter", object, given, 0),
    };
    reading.faults.or(made)
}

/// What is known while a filter is read.
pub(super) struct Reading<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) names: &'a mut Names,
    pub(super) faults: Faults,
    conditions: usize,
}

impl<'a> Reading<'a> {
    fn group(&mut self, place: &str, object: &'a Object, given: &Value, depth: usize) -> Value {
        let mut all = Conjunction::default();
        let Value::Object(fields) = given else {
            self.faults.hinted(
                place,
                format_args!("a filter is an object, not {}", named(given)),
                "as in { \"name\": { \"contains\": \"acme\" } }",
            );
            return json!({});
        };
        for (key, value) in fields {
            if self.conditions > CONDITIONS {
                break;
            }
            let place = format!("{place}.{}", shown(key));
            match key.as_str() {
                "and" | "or" | "not" => self.logic(&place, object, key, value, depth, &mut all),
                key => self.field(&place, object, key, value, &mut all),
            }
        }
        all.done()
    }

    fn logic(
        &mut self,
        place: &str,
        object: &'a Object,
        key: &str,
        given: &Value,
        depth: usize,
        all: &mut Conjunction,
    ) {
        if depth >= DEPTH {
            return self.faults.add(place, format_args!("a filter is at most {DEPTH} levels deep"));
        }
        let members = match given {
            Value::Array(members) if key == "not" => {
                return self.faults.hinted(
                    place,
                    format_args!("`not` takes one filter, and this is a list of {}", members.len()),
                    "write { \"not\": { \"or\": [ … ] } }",
                );
            }
            Value::Array(members) => members.as_slice(),
            one => std::slice::from_ref(one),
        };
        if members.is_empty() || members.iter().any(|one| one.as_object().is_some_and(Map::is_empty)) {
            return self.faults.add(place, "an empty filter says nothing here: leave it out");
        }
        let mut made = Vec::new();
        for (at, member) in members.iter().enumerate() {
            if self.conditions > CONDITIONS {
                return;
            }
            let place = if given.is_array() { format!("{place}[{at}]") } else { place.to_owned() };
            made.push(self.group(&place, object, member, depth + 1));
        }
        all.push(match (key, made.pop()) {
            ("not", Some(one)) => json!({ "not": one }),
            (_, last) => {
                made.extend(last);
                json!({ key: made })
            }
        });
    }

    fn field(&mut self, place: &str, object: &'a Object, key: &str, given: &Value, all: &mut Conjunction) {
        let Some(field) = object.field(key).or_else(|| object.joined_by(key)) else {
            let names = filterable(object);
            let what = format_args!("`{}` has no such field in this workspace", object.singular);
            return self.faults.unknown(place, what, key, &names);
        };
        if let Some(relation) = &field.relation {
            return self.relation(place, object, field, relation, given, all);
        }
        match Kind::of(&field.kind) {
            Kind::One(leaf) => {
                let to = (field.name == "id").then_some(object);
                let options = options(field);
                let target = Target { path: vec![&field.name], leaf, options: &options, to };
                self.conditions(place, &target, given, all);
            }
            Kind::Several(composite) => self.composite(place, field, composite, given, all),
            Kind::Unknown => {
                self.faults.add(place, format_args!("fields of type {} cannot be filtered by", field.kind));
            }
        }
    }

    fn relation(
        &mut self,
        place: &str,
        object: &Object,
        field: &Field,
        relation: &Relation,
        given: &Value,
        all: &mut Conjunction,
    ) {
        let Some(column) = relation.join_column.as_deref().filter(|_| !relation.many) else {
            let hint = other_side(self.workspace, object, relation);
            return self.faults.hinted(place, "it holds many records, which cannot be filtered by", hint);
        };
        let target = Target {
            path: vec![column],
            leaf: Leaf::Id,
            options: &[],
            to: target(self.workspace, field, relation),
        };
        // A record as answers show it, or as nested filters would say it.
        let given = match given {
            Value::Object(fields) => fields.get("id").unwrap_or(given),
            given => given,
        };
        self.conditions(place, &target, given, all);
    }

    fn composite(
        &mut self,
        place: &str,
        field: &Field,
        composite: &'static Composite,
        given: &Value,
        all: &mut Conjunction,
    ) {
        let options = options(field);
        let target = |part: &'static str, leaf: Leaf, to: Option<&'a Object>| {
            let path = [field.name.as_str(), part].into_iter().filter(|name| !name.is_empty()).collect();
            Target { path, leaf, options: &options, to }
        };
        let main = composite.main.map(|(part, leaf)| target(part, leaf, None));
        let Value::Object(fields) = given else {
            return match &main {
                Some(main) => self.conditions(place, main, given, all),
                None => self.faults.hinted(
                    place,
                    "it has several parts: say which",
                    format_args!("there are: {}", composite.names().join(", ")),
                ),
            };
        };
        if fields.is_empty() {
            return self.faults.add(place, "nothing is said of it");
        }
        let mut operators = Map::new();
        for (key, value) in fields {
            let below = format!("{place}.{}", shown(key));
            if let Some(part) = composite.part(key) {
                let member =
                    self.workspace.objects.iter().find(|object| object.singular == "workspaceMember");
                let part = target(part.name, part.leaf, member.filter(|_| part.leaf == Leaf::Id));
                self.conditions(&below, &part, value, all);
            } else if key == "amount" && field.kind == "CURRENCY" {
                self.conditions(&below, &target("amountMicros", Leaf::Units, None), value, all);
            } else if main.as_ref().is_some_and(|main| main.operators().contains(&key.as_str())) {
                operators.insert(key.clone(), value.clone());
            } else {
                let known: Vec<&str> = composite
                    .names()
                    .into_iter()
                    .chain(main.iter().flat_map(Target::operators).copied())
                    .collect();
                self.faults.unknown(&below, "no such part or operator", key, &known);
            }
        }
        if let Some(main) = main.filter(|_| !operators.is_empty()) {
            self.conditions(place, &main, &Value::Object(operators), all);
        }
    }

    /// Counts one more condition, and tells whether it may still be read.
    pub(super) fn count(&mut self, place: &str) -> bool {
        self.conditions += 1;
        if self.conditions == CONDITIONS + 1 {
            self.faults.add(place, format_args!("a filter has at most {CONDITIONS} conditions"));
        }
        self.conditions <= CONDITIONS
    }
}

/// The names that a filter may speak of.
fn filterable(object: &Object) -> Vec<&str> {
    let fields = object.fields.iter().filter(|field| field.active);
    fields
        .filter(|field| field.relation.as_ref().is_none_or(|to| !to.many))
        .map(|field| field.name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::{
        records::names::Linking,
        workspace::fixture::{CURRENT, LEGACY},
    };

    fn read(object: &str, given: Value) -> Result<(Value, usize), ToolError> {
        let mut names = Names::new(Linking::Resolve);
        let made = filter(&CURRENT, CURRENT.object(object).unwrap(), &given, &mut names)?;
        Ok((made, names.wanted().len()))
    }

    fn made(object: &str, given: Value) -> Value {
        read(object, given).unwrap().0
    }

    fn refused(object: &str, given: Value) -> String {
        let error = read(object, given).unwrap_err();
        format!("{error}; {}", error.next().unwrap_or_default())
    }

    #[test]
    fn twentys_own_form_is_itself() {
        for given in [
            json!({}),
            json!({ "name": { "ilike": "%a%" }, "stage": { "in": ["NEW", "MEETING"] } }),
            json!({ "and": [{ "name": { "eq": "a" } }], "or": [{ "stage": { "is": "NULL" } }, { "name": { "neq": "b" } }] }),
            json!({ "not": { "amount": { "amountMicros": { "gte": 5, "lt": 9 }, "currencyCode": { "eq": "EUR" } } } }),
            json!({ "deletedAt": { "is": "NOT_NULL" }, "createdBy": { "source": { "eq": "API" } } }),
            json!({ "closeDate": { "gte": "2026-01-31T10:00:00.000Z" } }),
        ] {
            assert_eq!(made("opportunity", given.clone()), given);
        }
    }

    #[test]
    fn relations_are_spoken_of_by_name() {
        const ID: &str = "20202020-0687-4c41-b707-ed1bfca972a7";
        for given in [
            json!({ "company": ID }),
            json!({ "companyId": { "eq": ID } }),
            json!({ "company": { "id": ID } }),
        ] {
            assert_eq!(read("person", given).unwrap(), (json!({ "companyId": { "eq": ID } }), 0));
        }
        assert_eq!(made("person", json!({ "company": null })), json!({ "companyId": { "is": "NULL" } }));
        let (made, wanted) = read("person", json!({ "company": ["acme.com", "Globex"] })).unwrap();
        assert_eq!((made["companyId"]["in"].as_array().unwrap().len(), wanted), (2, 2));
        assert_eq!(read("noteTarget", json!({ "targetPerson": "Ada" })).unwrap().1, 1);
        let mut names = Names::new(Linking::Resolve);
        let target = LEGACY.object("noteTarget").unwrap();
        let made = filter(&LEGACY, target, &json!({ "person": "Ada" }), &mut names).unwrap();
        assert!(made["personId"]["eq"].is_string() && names.wanted()[0].argument == "filter.person");
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        assert_eq!(
            refused("opportunity", json!({ "stag": { "eq": "NEW" } })),
            format!(
                "`filter.stag`: `opportunity` has no such field in this workspace; {}",
                crate::tools::twenty::workspace::schema::meant(
                    "stag",
                    &filterable(CURRENT.object("opportunity").unwrap())
                )
            )
        );
        assert_eq!(
            refused("opportunity", json!({ "stage": { "eq": "PROPOSE" } })),
            "`filter.stage.eq`: `PROPOSE` is none of the options; did you mean `PROPOSAL`? \
             There are: NEW, SCREENING, MEETING, PROPOSAL, CUSTOMER"
        );
        let many = refused(
            "opportunity",
            json!({ "stage": { "like": "N" }, "probability": "5", "or": [], "amount": { "amounts": 1 }, "closeDate": "soon",
                    "company": { "name": { "eq": "Acme" } }, "taskTargets": {} }),
        );
        for told in [
            "7 things are wrong:",
            "`filter.stage.like`: no such operator here",
            "`filter.probability`: a number is wanted, not a text; write 5, without quotes",
            "`filter.or`: an empty filter says nothing here",
            "`filter.amount.amounts`: no such part or operator",
            "`filter.closeDate`: `soon` is no date or time",
            "`filter.company.name`: it stands for one `company`, by id or name, and has no such operator",
            "`filter.taskTargets`: it holds many records, which cannot be filtered by; each `taskTarget` points here",
        ] {
            assert!(many.contains(told), "{told}: {many}");
        }
        assert!(
            refused("company", json!({ "people": {} }))
                .contains("each `person` points here with its field `company`")
        );
        assert!(refused("company", json!([])).contains("a filter is an object, not a list"));
    }

    #[test]
    fn no_filter_lets_everything_through_unsaid() {
        for given in [
            json!({ "name": { "contains": " " } }),
            json!({ "name": {} }),
            json!({ "and": [] }),
            json!({ "or": [{ "name": "a" }, {}] }),
            json!({ "not": {} }),
            json!({ "companyId": [] }),
        ] {
            assert!(read("person", given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested =
            |levels: usize| (0..levels).fold(json!({ "name": "a" }), |inner, _| json!({ "not": inner }));
        assert!(read("company", nested(DEPTH)).is_ok());
        assert!(refused("company", nested(DEPTH + 1)).contains("at most 8 levels deep"));
        let wide = |many: usize| json!({ "or": vec![json!({ "name": "a" }); many] });
        assert!(read("company", wide(CONDITIONS)).is_ok());
        assert!(refused("company", wide(CONDITIONS + 1)).contains("at most 200 conditions"));
    }
}
