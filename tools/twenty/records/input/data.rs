//! The values of a record as a caller gives them, turned into what Twenty writes.

use super::{
    kinds::Kind,
    relations::{other_side, target},
    value::named,
    write::{Writing, one, several},
};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            faults::{Faults, shown},
            id::RecordId,
            names::{Link, Names},
        },
        workspace::schema::{Field, Object, Relation, Workspace},
    },
};
use serde_json::{Map, Value, json};

/// What the data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new record.
    Create,
    /// A change of a record: what is left out stays as it is.
    Update,
}

/// Values as a caller gives them.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// By the names of fields.
    pub values: &'a Map<String, Value>,
    /// What the caller calls some of their places, as in `emails` → `email`.
    pub called: &'a [(String, &'static str)],
}

impl<'a> From<&'a Map<String, Value>> for Input<'a> {
    fn from(values: &'a Map<String, Value>) -> Self {
        Self { values, called: &[] }
    }
}

/// The data that Twenty takes for what was given; records that are spoken of by name go to `names`.
///
/// Values are taken in Twenty's own form and in the plain form that answers show: an email address for EMAILS,
/// `{ amount, currency }` for CURRENCY, a text for RICH_TEXT, an option's label, a record's name for a relation. Null
/// clears; false and 0 are values.
///
/// # Errors
/// Tells everything that is wrong, each with its place, under the name that the caller has for it.
pub fn data<'a>(
    workspace: &Workspace,
    object: &Object,
    given: impl Into<Input<'a>>,
    purpose: Purpose,
    names: &mut Names,
) -> Result<Map<String, Value>, ToolError> {
    let Input { values, called } = given.into();
    let mut faults = Faults::called(called);
    let made = data_at("", &mut faults, workspace, object, values, purpose, names);
    faults.or(made)
}

/// As `data`, for one of several pieces of data, at a place of the call: `records[3]`. What is wrong goes to `faults`.
pub fn data_at(
    within: &str,
    faults: &mut Faults,
    workspace: &Workspace,
    object: &Object,
    given: &Map<String, Value>,
    purpose: Purpose,
    names: &mut Names,
) -> Map<String, Value> {
    let mut made = Map::new();
    for (key, value) in given {
        let place = if within.is_empty() { shown(key) } else { format!("{within}.{}", shown(key)) };
        let Some(field) = object.field(key).or_else(|| object.joined_by(key)) else {
            let what = format_args!("`{}` has no such field in this workspace", object.singular);
            faults.unknown(&place, what, key, &writable(object));
            continue;
        };
        let written = if let Some(relation) = &field.relation {
            let mut relating = Relating { workspace, names: &mut *names, faults: &mut *faults, purpose };
            relating.relation(&place, object, field, relation, value)
        } else if let Some(reason) = kept(field, purpose) {
            faults.add(&place, reason);
            continue;
        } else {
            let mut writing = Writing { faults: &mut *faults, purpose };
            let value = match Kind::of(&field.kind) {
                Kind::One(leaf) => one(&mut writing, &place, field, leaf, value),
                Kind::Several(composite) => several(&mut writing, &place, field, composite, value),
                Kind::Unknown => {
                    faults.add(&place, format_args!("fields of type {} cannot be written", field.kind));
                    None
                }
            };
            value.map(|value| (field.name.clone(), value))
        };
        let Some((name, value)) = written else { continue };
        if let Some(relation) = &field.relation {
            let column = relation.join_column.as_deref().unwrap_or_default();
            let before = made.get(&field.name).or_else(|| made.get(column));
            if before.is_some_and(|before| *before != value) {
                faults.add(&place, format_args!("`{}` is given twice, each time another one", field.name));
            }
        }
        made.insert(name, value);
    }
    made
}

/// Why a field cannot be written, where Twenty keeps it.
fn kept(field: &Field, purpose: Purpose) -> Option<&'static str> {
    match (field.name.as_str(), field.kind.as_str()) {
        ("id", _) if purpose == Purpose::Update => Some("the id of a record never changes"),
        ("createdAt" | "updatedAt", _) => Some("Twenty notes the time itself"),
        ("deletedAt", _) => Some("delete or restore the record instead"),
        (_, "ACTOR") => Some("Twenty notes itself who wrote"),
        (_, "TS_VECTOR") => Some("Twenty makes it from the other fields"),
        (_, "POSITION") => Some("Twenty keeps the order of lists itself"),
        _ => None,
    }
}

/// The names that may be given values.
fn writable(object: &Object) -> Vec<&str> {
    let to_many = |field: &&Field| field.relation.as_ref().is_some_and(|relation| relation.many);
    let fields = object.fields.iter().filter(|field| field.active && !to_many(field));
    fields.filter(|field| kept(field, Purpose::Update).is_none()).map(|field| field.name.as_str()).collect()
}

struct Relating<'a> {
    workspace: &'a Workspace,
    names: &'a mut Names,
    faults: &'a mut Faults,
    purpose: Purpose,
}

impl Relating<'_> {
    fn relation(
        &mut self,
        place: &str,
        object: &Object,
        field: &Field,
        relation: &Relation,
        given: &Value,
    ) -> Option<(String, Value)> {
        let Some(column) = relation.join_column.clone().filter(|_| !relation.many) else {
            let hint = other_side(self.workspace, object, relation);
            self.faults.hinted(place, "it holds many records: write those instead", hint);
            return None;
        };
        let text = match said(given) {
            Said::Nothing => return Some((column, Value::Null)),
            Said::Text(text) => text,
            Said::Unclear => {
                self.faults.hinted(
                    place,
                    format_args!("a record is wanted, not {}", named(given)),
                    "give its id, its name, or null for none",
                );
                return None;
            }
        };
        let linked = match target(self.workspace, field, relation) {
            Some(to) if self.purpose == Purpose::Create => self.names.link(place, to, text),
            Some(to) => self.names.id(place, to, text).map(Link::Id),
            // Of a relation to any of several objects the text does not tell which.
            None => RecordId::parse(place, text).map(|id| Link::Id(json!(id.to_string()))),
        };
        match linked {
            Ok(Link::Id(id)) => Some((column, id)),
            Ok(Link::Connect(connect)) => Some((field.name.clone(), connect)),
            Err(error) => {
                self.faults.error(place, &error);
                None
            }
        }
    }
}

/// What was said of the record that a relation points at.
enum Said<'a> {
    Nothing,
    Text(&'a str),
    Unclear,
}

/// A text, null, a record as answers show it (`{ id, name }`), or Twenty's `connect` and `disconnect`.
fn said(given: &Value) -> Said<'_> {
    match given {
        Value::Null => Said::Nothing,
        Value::String(text) => Said::Text(text),
        Value::Object(fields) if fields.get("disconnect") == Some(&Value::Bool(true)) => Said::Nothing,
        Value::Object(fields) => {
            let by = fields.get("connect").and_then(|connect| connect.get("where"));
            let by = by.or_else(|| fields.get("id")).or_else(|| fields.get("name"));
            by.and_then(innermost).map_or(Said::Unclear, Said::Text)
        }
        _ => Said::Unclear,
    }
}

/// The one text inside of objects of one field each.
fn innermost(mut given: &Value) -> Option<&str> {
    // `connect.where` is at most two levels deep.
    for _ in 0..3 {
        match given {
            Value::Object(fields) if fields.len() == 1 => given = fields.values().next()?,
            given => return given.as_str(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::{
        records::names::Linking,
        workspace::fixture::{CURRENT, LEGACY},
    };

    const ID: &str = "20202020-0687-4c41-b707-ed1bfca972a7";

    fn read(object: &str, given: Value, purpose: Purpose) -> Result<Value, ToolError> {
        let mut names = Names::new(Linking::Connect);
        let object = CURRENT.object(object).unwrap();
        data(&CURRENT, object, given.as_object().unwrap(), purpose, &mut names).map(Value::Object)
    }

    fn made(object: &str, given: Value) -> Value {
        read(object, given, Purpose::Create).unwrap()
    }

    fn refused(object: &str, given: Value, purpose: Purpose) -> String {
        let error = read(object, given, purpose).unwrap_err();
        format!("{error}; {}", error.next().unwrap_or_default())
    }

    #[test]
    fn a_person_in_plain_words() {
        assert_eq!(
            made(
                "person",
                json!({
                    "name": "Ada King Lovelace", "emails": ["Ada@Acme.com", "b@acme.com"], "phones": "+33 6 12 34",
                    "linkedinLink": "linkedin.com/in/ada", "jobTitle": "", "leadScore": 0, "newsletter": false,
                })
            ),
            json!({
                "name": { "firstName": "Ada", "lastName": "King Lovelace" },
                "emails": { "primaryEmail": "ada@acme.com", "additionalEmails": ["b@acme.com"] },
                "phones": { "primaryPhoneNumber": "61234", "primaryPhoneCallingCode": "+33", "primaryPhoneCountryCode": "FR" },
                "linkedinLink": { "primaryLinkUrl": "https://linkedin.com/in/ada" },
                "jobTitle": "", "leadScore": 0, "newsletter": false,
            })
        );
    }

    #[test]
    fn twentys_own_form_is_itself() {
        let given = json!({
            "name": { "firstName": "Ada", "lastName": "Lovelace" }, "emails": { "primaryEmail": "a@b.c" },
            "phones": { "primaryPhoneNumber": "612", "additionalPhones": [{ "number": "5", "callingCode": "+1" }] },
            "linkedinLink": { "primaryLinkUrl": "https://x.y", "secondaryLinks": [{ "url": "https://z.y" }] },
            "companyId": ID, "id": ID,
        });
        assert_eq!(made("person", given.clone()), given);
        let given = json!({ "amount": { "amountMicros": 5, "currencyCode": "EUR" }, "stage": "NEW", "closeDate": null });
        assert_eq!(made("opportunity", given.clone()), given);
    }

    #[test]
    fn money_days_options_and_text_are_turned() {
        assert_eq!(
            made(
                "opportunity",
                json!({ "amount": { "amount": 19.99, "currency": "eur" }, "stage": "proposal", "closeDate": "2026-01-31" })
            ),
            json!({
                "amount": { "currencyCode": "EUR", "amountMicros": 19_990_000 }, "stage": "PROPOSAL",
                "closeDate": "2026-01-31T00:00:00.000Z",
            })
        );
        assert_eq!(
            made("opportunity", json!({ "amount": "1500 EUR" }))["amount"]["amountMicros"],
            1_500_000_000
        );
        assert_eq!(
            made("task", json!({ "bodyV2": "# Hi", "status": "in_progress" })),
            json!({ "bodyV2": { "markdown": "# Hi" }, "status": "IN_PROGRESS" })
        );
        assert_eq!(
            made(
                "company",
                json!({ "address": { "city": "Lyon", "addressLat": 1.5 }, "domainName": "acme.com" })
            ),
            json!({
                "address": { "addressCity": "Lyon", "addressLat": 1.5 },
                "domainName": { "primaryLinkUrl": "https://acme.com" },
            })
        );
        let update = read("opportunity", json!({ "amount": { "amount": 5 } }), Purpose::Update).unwrap();
        assert_eq!(update, json!({ "amount": { "amountMicros": 5_000_000 } }));
    }

    #[test]
    fn null_clears_each_field_in_its_own_way() {
        assert_eq!(
            made("person", json!({ "phones": null, "jobTitle": null, "company": null, "name": null })),
            json!({
                "phones": {
                    "primaryPhoneNumber": null, "primaryPhoneCountryCode": null, "primaryPhoneCallingCode": null,
                    "additionalPhones": null,
                },
                "jobTitle": null, "companyId": null, "name": { "firstName": null, "lastName": null },
            })
        );
    }

    #[test]
    fn relations_take_ids_names_and_what_answers_show() {
        for given in [
            json!({ "company": ID }),
            json!({ "companyId": ID }),
            json!({ "company": { "id": ID, "name": "Acme" } }),
            json!({ "company": { "connect": { "where": { "id": ID } } } }),
        ] {
            assert_eq!(made("person", given), json!({ "companyId": ID }));
        }
        let by_domain =
            json!({ "connect": { "where": { "domainName": { "primaryLinkUrl": "https://acme.com" } } } });
        for given in [json!("acme.com"), by_domain.clone()] {
            assert_eq!(made("person", json!({ "company": given })), json!({ "company": by_domain }));
        }
        let update = read("person", json!({ "company": "acme.com" }), Purpose::Update).unwrap();
        assert!(update["companyId"].is_string(), "{update}");
        assert_eq!(
            made("person", json!({ "company": { "disconnect": true } })),
            json!({ "companyId": null })
        );
        assert_eq!(made("noteTarget", json!({ "targetPersonId": ID })), json!({ "targetPersonId": ID }));
        let (mut names, target) = (Names::new(Linking::Resolve), LEGACY.object("noteTarget").unwrap());
        let given = json!({ "person": "Ada" });
        let made = data(&LEGACY, target, given.as_object().unwrap(), Purpose::Create, &mut names).unwrap();
        assert!(made.contains_key("personId") && names.wanted()[0].object == "person");
    }

    #[test]
    fn what_cannot_be_written_is_told_with_the_reason() {
        let told = refused(
            "opportunity",
            json!({
                "createdAt": "2026-01-01", "createdBy": {}, "position": 1, "amount": 1500, "stage": "WON",
                "probability": "5", "taskTargets": [],
            }),
            Purpose::Create,
        );
        for line in [
            "7 things are wrong:",
            "`createdAt`: Twenty notes the time itself",
            "`createdBy`: Twenty notes itself who wrote",
            "`position`: Twenty keeps the order",
            "`amount`: money is wanted with its currency, not a number; give { \"amount\": 1500, \"currency\": \"EUR\" }",
            "`stage`: `WON` is none of the options; there are: NEW, SCREENING, MEETING, PROPOSAL, CUSTOMER",
            "`probability`: a number is wanted, not a text; write 5, without quotes",
            "`taskTargets`: it holds many records: write those instead; each `taskTarget` points here",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(refused("person", json!({ "id": ID }), Purpose::Update).contains("never changes"));
        assert!(refused("person", json!({ "id": "5" }), Purpose::Create).contains("`5` is no id"));
        assert_eq!(made("person", json!({ "company": ID, "companyId": ID })), json!({ "companyId": ID }));
        let twice = refused("person", json!({ "company": null, "companyId": ID }), Purpose::Create);
        assert!(twice.contains("`company` is given twice"), "{twice}");
        assert!(
            refused("person", json!({ "emails": "ada" }), Purpose::Create)
                .contains("`ada` is no email address")
        );
        assert!(
            refused("person", json!({ "jobTitel": "x" }), Purpose::Create)
                .contains("did you mean `jobTitle`?")
        );
        assert!(
            refused("opportunity", json!({ "amount": { "amount": 5 } }), Purpose::Create)
                .contains("without its currency")
        );
    }
}
