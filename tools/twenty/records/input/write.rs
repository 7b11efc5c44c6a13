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
