//! Values that are written: one kind of field a function.

use super::{
    data::Purpose,
    kinds::{Composite, Leaf, Part},
    reach::{emails, links, phones},
    value::{currency, date, flag, micros, named, number, option, text, uuid, when, written},
};
use crate::tools::twenty::{
    records::faults::{Faults, shown},
    workspace::schema::Field,
};
use serde_json::{Map, Value, json};

/// Where faults go while values are read, and what the values are for.
pub(super) struct Writing<'a> {
    pub(super) faults: &'a mut Faults,
    pub(super) purpose: Purpose,
}

/// A field of one value.
pub(super) fn one(
    to: &mut Writing<'_>,
    place: &str,
    field: &Field,
    leaf: Leaf,
    given: &Value,
) -> Option<Value> {
    let faults = &mut *to.faults;
    if given.is_null() {
        if field.name == "id" {
            faults.add(place, "an id is wanted, not null");
            return None;
        }
        return Some(Value::Null);
    }
    match leaf {
        Leaf::Number => number(faults, place, given),
        Leaf::Id => uuid(faults, place, given),
        Leaf::Moment => when(faults, place, given)?.begin().map(written),
        Leaf::Day => Some(json!(date(when(faults, place, given)?).to_string())),
        Leaf::Flag => flag(faults, place, given).map(Value::Bool),
        Leaf::Choice => option(faults, place, &field.options, given),
        Leaf::Choices => {
            let chosen = each(place, given, |place, one| option(faults, place, &field.options, one))?;
            Some(json!(chosen))
        }
        Leaf::List => each(place, given, |place, one| text(faults, place, one)).map(|texts| json!(texts)),
        Leaf::Json if field.kind == "FILES" => files(faults, place, given),
        Leaf::Json => Some(given.clone()),
        _ => text(faults, place, given).map(Value::String),
    }
}

/// A field of several parts. Null clears them all.
pub(super) fn several(
    to: &mut Writing<'_>,
    place: &str,
    field: &Field,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    if given.is_null() {
        let parts = composite.parts.iter().map(|part| (part.name.to_owned(), Value::Null));
        return Some(Value::Object(parts.collect()));
    }
    match field.kind.as_str() {
        "FULL_NAME" => full_name(to, place, composite, given),
        "EMAILS" => emails(to, place, composite, given),
        "PHONES" => phones(to, place, composite, given),
        "LINKS" => links(to, place, composite, given),
        "CURRENCY" => money(to, place, composite, given),
        "ADDRESS" => address(to, place, composite, given),
        _ => rich_text(to, place, composite, given),
    }
}

/// Each of a list, or of one value that stands for a list of it.
pub(super) fn each<T>(
    place: &str,
    given: &Value,
    mut read: impl FnMut(&str, &Value) -> Option<T>,
) -> Option<Vec<T>> {
    let Value::Array(list) = given else { return read(place, given).map(|one| vec![one]) };
    // All are read before one of them ends it, so that all faults are told.
    let read: Vec<Option<T>> =
        list.iter().enumerate().map(|(at, one)| read(&format!("{place}[{at}]"), one)).collect();
    read.into_iter().collect()
}

/// The parts of an object, each by its long name; `read` reads those of a part that are not as they come.
pub(super) fn parts(
    faults: &mut Faults,
    place: &str,
    composite: &'static Composite,
    given: &Map<String, Value>,
    mut read: impl FnMut(&mut Faults, &str, &Part, &Value) -> Option<Value>,
) -> Option<Map<String, Value>> {
    let (mut made, mut whole) = (Map::new(), true);
    for (key, value) in given {
        let below = format!("{place}.{}", shown(key));
        let Some(part) = composite.part(key) else {
            faults.unknown(&below, "no such part", key, &composite.names());
            whole = false;
            continue;
        };
        let value = match (value, part.leaf) {
            (Value::Null, _) => Some(Value::Null),
            (value, Leaf::Number) => number(faults, &below, value),
            (value, _) => read(faults, &below, part, value),
        };
        match value {
            Some(value) => {
                made.insert(part.name.to_owned(), value);
            }
            None => whole = false,
        }
    }
    if given.is_empty() {
        faults.add(place, "nothing is said of it: leave it out, or give null to clear it");
        return None;
    }
    whole.then_some(made)
}

fn as_text(faults: &mut Faults, place: &str, _: &Part, given: &Value) -> Option<Value> {
    text(faults, place, given).map(Value::String)
}

fn full_name(
    to: &mut Writing<'_>,
    place: &str,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    if let Value::Object(fields) = given {
        return parts(to.faults, place, composite, fields, as_text).map(Value::Object);
    }
    let name = text(to.faults, place, given)?;
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.trim().split_once(char::is_whitespace).unwrap_or((name.as_str(), "")),
    };
    Some(json!({ "firstName": first.trim(), "lastName": last.trim() }))
}

fn money(to: &mut Writing<'_>, place: &str, composite: &'static Composite, given: &Value) -> Option<Value> {
    let faults = &mut *to.faults;
    const FORM: &str = "give { \"amount\": 1500, \"currency\": \"EUR\" }";
    match given {
        Value::Object(fields) => {
            let mut rest = fields.clone();
            let amount = rest.shift_remove("amount");
            let read = |faults: &mut Faults, place: &str, _: &Part, given: &Value| {
                currency(faults, place, given).map(Value::String)
            };
            let mut made = match (&amount, rest.is_empty()) {
                (Some(_), true) => Map::new(),
                _ => parts(faults, place, composite, &rest, read)?,
            };
            if let Some(amount) = amount {
                if made.contains_key("amountMicros") {
                    faults.add(place, "`amount` and `amountMicros` say the same: give one of them");
                    return None;
                }
                let micros = match &amount {
                    Value::Null => Value::Null,
                    amount => micros(faults, &format!("{place}.amount"), amount)?,
                };
                if to.purpose == Purpose::Create && !micros.is_null() && !made.contains_key("currencyCode") {
                    faults.hinted(place, "money without its currency", FORM);
                    return None;
                }
                made.insert("amountMicros".to_owned(), micros);
            }
            Some(Value::Object(made))
        }
        Value::String(text) => {
            let (one, two) = text.trim().split_once(char::is_whitespace).unwrap_or((text, ""));
            let two = two.trim();
            let read = one.parse::<f64>().ok().map(|amount| (amount, two));
            match read.or_else(|| two.parse::<f64>().ok().map(|amount| (amount, one))) {
                Some((amount, code)) if amount.is_finite() && !code.is_empty() => {
                    let code = currency(faults, place, &json!(code))?;
                    Some(
                        json!({ "amountMicros": micros(faults, place, &json!(amount))?, "currencyCode": code }),
                    )
                }
                _ => {
                    faults.hinted(place, format_args!("`{}` is no sum of money", shown(text)), FORM);
                    None
                }
            }
        }
        given => {
            faults.hinted(
                place,
                format_args!("money is wanted with its currency, not {}", named(given)),
                FORM,
            );
            None
        }
    }
}

fn address(to: &mut Writing<'_>, place: &str, composite: &'static Composite, given: &Value) -> Option<Value> {
    match given {
        Value::Object(fields) => parts(to.faults, place, composite, fields, as_text).map(Value::Object),
        given => Some(json!({ "addressStreet1": text(to.faults, place, given)? })),
    }
}

fn rich_text(
    to: &mut Writing<'_>,
    place: &str,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    let Value::Object(fields) = given else {
        return Some(json!({ "markdown": text(to.faults, place, given)? }));
    };
    let mut made = parts(to.faults, place, composite, fields, as_text)?;
    // The server wants this one even where only the blocks are given.
    made.entry("markdown").or_insert(Value::Null);
    Some(Value::Object(made))
}

fn files(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    let file = |place: &str, given: &Value| {
        let id = given.get("fileId").unwrap_or(&Value::Null);
        let label = given.get("label").unwrap_or(&Value::Null);
        let id = uuid(faults, &format!("{place}.fileId"), id);
        let label = text(faults, &format!("{place}.label"), label);
        Some(json!({ "fileId": id?, "label": label? }))
    };
    each(place, given, file).map(|files| json!(files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::{
        records::{
            input::{data::data, filter::filter},
            names::{Linking, Names},
        },
        workspace::{
            fixture::CURRENT,
            schema::{Choice, Object},
        },
    };

    /// A company whose tier is of another type, with some options.
    fn company(kind: &str, options: &[&str]) -> Object {
        let mut company = CURRENT.object("company").unwrap().clone();
        let tier = company.fields.iter_mut().find(|field| field.name == "tier").unwrap();
        tier.kind = kind.to_owned();
        tier.options =
            options.iter().map(|one| Choice { value: (*one).into(), label: one.to_lowercase() }).collect();
        company
    }

    fn written(kind: &str, options: &[&str], given: Value) -> Result<Value, String> {
        let given = Map::from_iter([("tier".to_owned(), given)]);
        let mut names = Names::new(Linking::Resolve);
        let made = data(&CURRENT, &company(kind, options), &given, Purpose::Create, &mut names);
        made.map(|made| made["tier"].clone()).map_err(|error| error.to_string())
    }

    fn filtered(kind: &str, options: &[&str], given: Value) -> Value {
        let (given, mut names) = (json!({ "tier": given }), Names::new(Linking::Resolve));
        filter(&CURRENT, &company(kind, options), &given, &mut names).unwrap()
    }

    #[test]
    fn several_options_ratings_days_and_lists() {
        let options = ["A", "B"];
        assert_eq!(written("MULTI_SELECT", &options, json!(["a", "B"])).unwrap(), json!(["A", "B"]));
        assert_eq!(written("MULTI_SELECT", &options, json!("a")).unwrap(), json!(["A"]));
        let told = written("MULTI_SELECT", &options, json!(["x", "y"])).unwrap_err();
        assert!(told.contains("`tier[0]`: `x`") && told.contains("`tier[1]`: `y`"), "{told}");
        assert_eq!(written("RATING", &["RATING_1", "RATING_2"], json!(2)).unwrap(), "RATING_2");
        assert_eq!(written("DATE", &[], json!("2026-01-31T23:30:00-02:00")).unwrap(), "2026-02-01");
        assert_eq!(written("ARRAY", &[], json!("one")).unwrap(), json!(["one"]));
        assert_eq!(written("RAW_JSON", &[], json!({ "a": [1] })).unwrap(), json!({ "a": [1] }));
        assert!(written("NOVEL", &[], json!(1)).unwrap_err().contains("type NOVEL cannot be written"));
        assert_eq!(written("BOOLEAN", &[], json!(null)).unwrap(), Value::Null);
        assert!(written("BOOLEAN", &[], json!("true")).is_err());
    }

    #[test]
    fn lists_of_ways_to_reach_somebody() {
        assert_eq!(
            written("PHONES", &[], json!(["+33 612", "+1 555"])).unwrap(),
            json!({
                "primaryPhoneNumber": "612", "primaryPhoneCallingCode": "+33", "primaryPhoneCountryCode": "FR",
                "additionalPhones": [{ "number": "555", "callingCode": "+1", "countryCode": "" }],
            })
        );
        assert_eq!(
            written("PHONES", &[], json!({ "number": "+33 612" })).unwrap()["primaryPhoneNumber"],
            "612"
        );
        assert_eq!(
            written("LINKS", &[], json!([{ "url": "x.com", "label": "X" }, "y.com"])).unwrap(),
            json!({
                "primaryLinkUrl": "https://x.com", "primaryLinkLabel": "X",
                "secondaryLinks": [{ "label": "", "url": "https://y.com" }],
            })
        );
        assert_eq!(
            written("EMAILS", &[], json!([])).unwrap(),
            json!({ "primaryEmail": null, "additionalEmails": [] })
        );
        assert_eq!(
            written("RICH_TEXT_V2", &[], json!({ "blocknote": "[]" })).unwrap(),
            json!({ "blocknote": "[]", "markdown": null })
        );
        assert!(written("LINKS", &[], json!("two words")).unwrap_err().contains("is no web address"));
    }

    #[test]
    fn what_is_written_as_several_is_found_by_any() {
        let any = json!({ "tier": { "containsAny": ["A", "B"] } });
        assert_eq!(filtered("MULTI_SELECT", &["A", "B"], json!(["a", "b"])), any);
        assert_eq!(filtered("MULTI_SELECT", &["A", "B"], json!({ "in": ["A", "B"] })), any);
        assert_eq!(
            filtered("MULTI_SELECT", &["A", "B"], json!({ "neq": "A" })),
            json!({ "not": { "tier": { "containsAny": ["A"] } } })
        );
        assert_eq!(
            filtered("DATE", &[], json!({ "lte": "2026-01-31" })),
            json!({ "tier": { "lte": "2026-01-31" } })
        );
        assert_eq!(filtered("RAW_JSON", &[], json!("x_")), json!({ "tier": { "like": "%x\\_%" } }));
    }
}
