//! Several records blended into the values that one of them then has.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{
    model::{
        composite::Composite,
        table::{Field, Kind, Object, Plain},
    },
    store::{
        row::{Draft, Row},
        value::Value,
    },
};

/// A field type with one main value and a list of others.
struct Many {
    kind: &'static str,
    /// The part with the main value.
    main: &'static str,
    /// The part with the others.
    others: &'static str,
    /// The properties of one of the others, the telling one first, with the parts that the main value has for them;
    /// without any it is the value itself.
    properties: &'static [(&'static str, &'static str)],
}

const MANY: [Many; 3] = [
    Many { kind: "EMAILS", main: "primaryEmail", others: "additionalEmails", properties: &[] },
    Many {
        kind: "PHONES",
        main: "primaryPhoneNumber",
        others: "additionalPhones",
        properties: &[
            ("number", "primaryPhoneNumber"),
            ("countryCode", "primaryPhoneCountryCode"),
            ("callingCode", "primaryPhoneCallingCode"),
        ],
    },
    Many {
        kind: "LINKS",
        main: "primaryLinkUrl",
        others: "secondaryLinks",
        properties: &[("url", "primaryLinkUrl"), ("label", "primaryLinkLabel")],
    },
];

/// The values of these records in one: those of the first choice where it has any, else those of the first record that
/// has. Lists are joined.
pub fn blend(object: &Object, rows: &[Arc<Row>], choice: &Row) -> Draft {
    let mut draft = choice.draft(object.columns.len());
    for field in object.fields.iter().filter(|field| !field.base && field.width > 0) {
        let filled = |row: &Row| field.columns().any(|column| is_filled(row.get(column)));
        let holders: Vec<&Row> = rows.iter().map(AsRef::as_ref).filter(|row| filled(row)).collect();
        let Some(first) = holders.first() else { continue };
        let from = if filled(choice) { choice } else { first };
        take(&mut draft, from, field);
        if holders.len() < 2 {
            continue;
        }
        match &field.kind {
            Kind::Composite(composite) => {
                if let Some(many) = MANY.iter().find(|many| many.kind == composite.kind) {
                    many.join(&mut draft, field, composite, &holders, choice);
                }
            }
            Kind::Plain(Plain::Array) => {
                let all = holders.iter().flat_map(|row| list(row.get(field.column)));
                draft.set(field.column, Value::Json(Arc::new(once(all.map(|json| (json.clone(), json))))));
            }
            _ => {}
        }
    }
    draft
}

impl Many {
    fn join(&self, draft: &mut Draft, field: &Field, composite: &Composite, holders: &[&Row], choice: &Row) {
        let column = |part: &str| composite.part(part).map(|(at, _)| field.column + at);
        let (Some(main), Some(others)) = (column(self.main), column(self.others)) else { return };
        let has = |row: &&&Row| is_filled(row.get(main));
        let from = [choice].iter().chain(holders).find(has).copied();
        if let Some(from) = from {
            take(draft, from, field);
        }
        let part = |row: &Row, part: &str| {
            column(part).and_then(|column| row.get(column).as_text()).map_or(Json::Null, Json::from)
        };
        let mut all: Vec<(Json, Json)> = Vec::new();
        for row in holders {
            if has(&row) {
                let properties = self.properties.iter().map(|(name, of)| ((*name).to_owned(), part(row, of)));
                let key: Json = part(row, self.main);
                let whole = match self.properties {
                    [] => key.clone(),
                    _ => Json::Object(properties.collect()),
                };
                all.push((key, whole));
            }
            all.extend(
                list(row.get(others)).map(|json| (self.key(&json), json)).filter(|(key, _)| is_told(key)),
            );
        }
        let chosen: Json = from.map_or(Json::Null, |row| part(row, self.main));
        let joined = once(all.into_iter().filter(|(key, _)| *key != chosen));
        let empty = joined.as_array().is_none_or(Vec::is_empty);
        draft.set(others, if empty { Value::Null } else { Value::Json(Arc::new(joined)) });
    }

    /// What tells one of the others from the rest.
    fn key(&self, json: &Json) -> Json {
        match self.properties.first() {
            Some((name, _)) => json.get(name).cloned().unwrap_or_default(),
            None => json.clone(),
        }
    }
}

fn take(draft: &mut Draft, from: &Row, field: &Field) {
    for column in field.columns() {
        draft.set(column, from.get(column).clone());
    }
}

fn list(value: &Value) -> impl Iterator<Item = Json> {
    let list = if let Value::Json(json) = value { json.as_array().cloned() } else { None };
    list.into_iter().flatten()
}

/// The values, the first of each key.
fn once(all: impl Iterator<Item = (Json, Json)>) -> Json {
    let mut seen: Vec<Json> = Vec::new();
    let new = |(key, json): (Json, Json)| {
        let new = !seen.contains(&key);
        new.then(|| seen.push(key)).map(|()| json)
    };
    Json::Array(all.filter_map(new).collect())
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Text(text) => !text.trim().is_empty(),
        Value::Json(json) => is_told(json),
        _ => true,
    }
}

fn is_told(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(list) => !list.is_empty(),
        Json::Object(map) => map.values().any(is_told),
        _ => true,
    }
}
