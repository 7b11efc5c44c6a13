//! A record as tools answer it: id, name, link, and its fields in plain form.

use super::{
    engine::Records,
    id::RecordId,
    part::{Role, part},
    plain::{label, plain},
    text::{lines, one_line},
};
use crate::{seam::ToolError, tools::twenty::workspace::schema::Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::fmt;

/// What the server keeps for itself, and says nothing to people.
const SYSTEM: [&str; 5] = ["createdBy", "updatedBy", "avatarUrl", "position", "deletedAt"];

/// A record of any object.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page in Twenty.
    pub url: String,
    /// Its fields that are not empty, under the workspace's names.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// How a contract tool's answer calls what a record's fields hold.
pub struct Shape {
    /// The fields that have a name of their own in the answer, as in `emails` → `email`.
    pub names: &'static [(&'static str, &'static str)],
    /// The parts that some field of the workspace plays, and what the answer calls each.
    pub parts: &'static [(Role, &'static str)],
}

impl Records<'_> {
    /// A record as tools answer it. The field that names it is not said twice.
    ///
    /// # Errors
    /// It has no id: the workspace answered with something else, or with nothing.
    pub fn record(&self, object: &Object, raw: &Value) -> Result<Record, ToolError> {
        let id = RecordId::of(raw)?.to_string();
        let mut fields = plain(object, raw);
        fields.remove("id");
        if let Some(name) = &object.label_field {
            fields.remove(name);
        }
        SYSTEM.iter().for_each(|name| drop(fields.remove(*name)));
        Ok(Record { name: label(object, raw), url: self.link(object, &id), id, fields })
    }

    /// A record in the form of a contract tool: what the shape names under those names, the rest under `other`.
    ///
    /// # Errors
    /// As for `record`; a field holds what the form cannot.
    pub fn shaped<T: DeserializeOwned>(
        &self,
        object: &Object,
        raw: &Value,
        shape: &Shape,
    ) -> Result<T, ToolError> {
        let Record { id, name, url, mut fields } = self.record(object, raw)?;
        let mut told = Map::from_iter([("id".to_owned(), id.into()), ("url".to_owned(), url.into())]);
        told.extend(name.map(|name| ("name".to_owned(), name.into())));
        for (role, name) in shape.parts {
            let Some(part) = part(object, *role) else { continue };
            match part.part {
                Some(_) => told.extend(part.read(raw).map(|value| ((*name).to_owned(), value))),
                None => main(&mut told, name, &mut fields, &part.field.name),
            }
        }
        for (field, name) in shape.names {
            main(&mut told, name, &mut fields, field);
        }
        for (name, value) in
            [("createdAt", fields.remove("createdAt")), ("updatedAt", fields.remove("updatedAt"))]
        {
            told.extend(value.map(|value| (name.to_owned(), value)));
        }
        told.insert("other".into(), Value::Object(fields));
        serde_json::from_value(Value::Object(told)).map_err(|error| {
            ToolError::upstream(format_args!(
                "Twenty answered with a {} of an unknown form: {error}",
                object.singular
            ))
        })
    }
}

/// A record in the form of a contract tool as text: what it is called, or else what stands for that, then its fields, one a
/// line.
///
/// # Errors
/// As the formatter fails.
pub fn written(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    id: &str,
    record: &impl Serialize,
    other: &Map<String, Value>,
) -> fmt::Result {
    writeln!(f, "{} (id {id})", one_line(name))?;
    let fields = serde_json::to_value(record).map_err(|_| fmt::Error)?;
    let said = |name: &str| matches!(name, "id" | "name" | "title" | "other" | "updatedAt");
    let shown = fields.as_object().into_iter().flatten().filter(|(name, _)| !said(name));
    lines(f, shown.chain(other).map(|(name, value)| (name.as_str(), value)))
}

/// Tells a field under a name of its own. Of several values the first is the main one; all of them stay to be seen.
fn main(told: &mut Map<String, Value>, name: &str, fields: &mut Map<String, Value>, field: &str) {
    match fields.remove(field) {
        Some(Value::Array(all)) => {
            told.extend(all.first().map(|first| (name.to_owned(), first.clone())));
            fields.insert(field.to_owned(), Value::Array(all));
        }
        Some(value) => drop(told.insert(name.to_owned(), value)),
        None => {}
    }
}
