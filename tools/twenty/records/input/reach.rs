//! Where somebody is reached: email addresses, phone numbers and web addresses that are written.

use super::{
    kinds::{Composite, Leaf, Part},
    value::text,
    write::{Writing, each, parts},
};
use crate::tools::twenty::{
    phone,
    records::{
        faults::{Faults, shown},
        reference::{is_email, spellings},
    },
};
use serde_json::{Map, Value, json};

/// Email addresses: one, a list of which the first is the main one, or parts.
pub(super) fn emails(
    to: &mut Writing<'_>,
    place: &str,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    let email = |faults: &mut Faults, place: &str, given: &Value| {
        let email = text(faults, place, given)?.trim().to_lowercase();
        if email.is_empty() || is_email(&email) {
            return Some(email);
        }
        faults.add(place, format_args!("`{}` is no email address", shown(&email)));
        None
    };
    let faults = &mut *to.faults;
    match given {
        Value::Object(fields) => {
            let read = |faults: &mut Faults, place: &str, part: &Part, given: &Value| match part.leaf {
                Leaf::Json => {
                    each(place, given, |place, one| email(faults, place, one)).map(|all| json!(all))
                }
                _ => email(faults, place, given).map(Value::String),
            };
            parts(faults, place, composite, fields, read).map(Value::Object)
        }
        Value::Array(_) => {
            let all = each(place, given, |place, one| email(faults, place, one))?;
            let (first, more) =
                all.split_first().map_or((None, &[][..]), |(first, more)| (Some(first), more));
            Some(json!({ "primaryEmail": first, "additionalEmails": more }))
        }
        given => Some(json!({ "primaryEmail": email(faults, place, given)? })),
    }
}

/// Phone numbers: one, a list of which the first is the main one, or parts.
pub(super) fn phones(
    to: &mut Writing<'_>,
    place: &str,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    let faults = &mut *to.faults;
    match given {
        Value::Object(fields) => {
            let read = |faults: &mut Faults, place: &str, part: &Part, given: &Value| match part.leaf {
                Leaf::Json => {
                    each(place, given, |place, one| other_phone(faults, place, one)).map(|all| json!(all))
                }
                _ => text(faults, place, given).map(Value::String),
            };
            let mut made = parts(faults, place, composite, fields, read)?;
            // A number that tells its country is taken apart, unless the country is told beside it.
            let number = made.get("primaryPhoneNumber").and_then(Value::as_str).unwrap_or_default();
            if number.starts_with('+') && !made.contains_key("primaryPhoneCallingCode") {
                let apart = phone::parts(number);
                made.extend(apart.as_object().cloned().unwrap_or_default());
            }
            Some(Value::Object(made))
        }
        Value::Array(list) => {
            let (first, more) =
                list.split_first().map_or((None, &[][..]), |(first, more)| (Some(first), more));
            let mut made = match first {
                Some(first) => phones(to, &format!("{place}[0]"), composite, first)?,
                None => phone::cleared(),
            };
            let mut others = Vec::new();
            for (at, one) in more.iter().enumerate() {
                others.push(other_phone(to.faults, &format!("{place}[{}]", at + 1), one));
            }
            let others: Vec<Value> = others.into_iter().collect::<Option<_>>()?;
            made.as_object_mut()?.insert("additionalPhones".to_owned(), json!(others));
            Some(made)
        }
        given => {
            let number = text(faults, place, given)?;
            if number.is_empty() {
                Some(json!({ "primaryPhoneNumber": "" }))
            } else {
                Some(phone::parts(&number))
            }
        }
    }
}

/// One number beside the first.
fn other_phone(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    let Value::Object(fields) = given else {
        let parts = phone::parts(&text(faults, place, given)?);
        return Some(json!({
            "number": parts.get("primaryPhoneNumber"),
            "callingCode": parts.get("primaryPhoneCallingCode").cloned().unwrap_or_default(),
            "countryCode": parts.get("primaryPhoneCountryCode").cloned().unwrap_or_default(),
        }));
    };
    texts(faults, place, fields, &["number", "callingCode", "countryCode"])
}

/// An object of texts.
fn texts(faults: &mut Faults, place: &str, given: &Map<String, Value>, known: &[&str]) -> Option<Value> {
    let (mut made, mut whole) = (Map::new(), true);
    for (key, value) in given {
        let below = format!("{place}.{}", shown(key));
        if !known.contains(&key.as_str()) {
            faults.unknown(&below, "no such part", key, known);
            whole = false;
        } else if value.is_null() {
            made.insert(key.clone(), Value::Null);
        } else if let Some(text) = text(faults, &below, value) {
            made.insert(key.clone(), json!(text));
        } else {
            whole = false;
        }
    }
    whole.then_some(Value::Object(made))
}

/// Web addresses: one, a list of which the first is the main one, or parts.
pub(super) fn links(
    to: &mut Writing<'_>,
    place: &str,
    composite: &'static Composite,
    given: &Value,
) -> Option<Value> {
    let faults = &mut *to.faults;
    match given {
        Value::Object(fields) => {
            let read = |faults: &mut Faults, place: &str, part: &Part, given: &Value| match (
                part.leaf, part.short,
            ) {
                (Leaf::Json, _) => {
                    each(place, given, |place, one| other_link(faults, place, one)).map(|all| json!(all))
                }
                (_, "url") => link(faults, place, given).map(Value::String),
                _ => text(faults, place, given).map(Value::String),
            };
            parts(faults, place, composite, fields, read).map(Value::Object)
        }
        Value::Array(list) => {
            let (first, more) =
                list.split_first().map_or((None, &[][..]), |(first, more)| (Some(first), more));
            let mut made = match first {
                Some(first) => links(to, &format!("{place}[0]"), composite, first)?,
                None => json!({ "primaryLinkUrl": null, "primaryLinkLabel": null }),
            };
            let mut others = Vec::new();
            for (at, one) in more.iter().enumerate() {
                others.push(other_link(to.faults, &format!("{place}[{}]", at + 1), one));
            }
            let others: Vec<Value> = others.into_iter().collect::<Option<_>>()?;
            made.as_object_mut()?.insert("secondaryLinks".to_owned(), json!(others));
            Some(made)
        }
        given => Some(json!({ "primaryLinkUrl": link(faults, place, given)? })),
    }
}

/// One link beside the first.
fn other_link(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    match given {
        Value::Object(fields) => texts(faults, place, fields, &["label", "url"]),
        given => Some(json!({ "label": "", "url": link(faults, place, given)? })),
    }
}

/// A web address; a bare domain gets its scheme, without which Twenty takes none.
fn link(faults: &mut Faults, place: &str, given: &Value) -> Option<String> {
    let given = text(faults, place, given)?;
    let url = given.trim();
    if url.is_empty() || url.contains("://") && !url.contains(char::is_whitespace) {
        return Some(url.to_owned());
    }
    if spellings(url).is_some() {
        return Some(format!("https://{url}"));
    }
    faults.hinted(
        place,
        format_args!("`{}` is no web address", shown(url)),
        "write it as in https://acme.com",
    );
    None
}
