//! An order as a caller gives it, turned into Twenty's own.

use super::{kinds::Kind, relations::target, value::named};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::faults::{Faults, shown},
        workspace::schema::{Field, Object, Workspace},
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
    let mut ordering = Ordering { workspace, faults: Faults::default(), keys: Vec::new() };
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
        if field.relation.is_some() {
            return self.related(place, field, given);
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

    /// By the id that a record points at: servers of before 2.x order by nothing of the other record.
    fn related(&mut self, place: &str, field: &Field, given: &Value) {
        let column = field.relation.as_ref().and_then(|relation| relation.join_column.as_deref());
        match (column, given) {
            (Some(_), Value::Object(_)) | (None, _) => {
                let to = field.relation.as_ref().and_then(|relation| target(self.workspace, field, relation));
                let to = to.map_or("the other record", |to| to.singular.as_str());
                self.faults.add(place, format_args!("records cannot be ordered by fields of {to}"));
            }
            (Some(column), direction) => self.push(place, &[column], direction),
        }
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
    use crate::tools::twenty::workspace::fixture::CURRENT;

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
                json!(["stage", { "amount": "DescNullsFirst" }, "amount.currency", "company"])
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
