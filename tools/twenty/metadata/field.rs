//! A field as the schema tools tell it.

use crate::tools::twenty::{records::text::one_line, workspace::schema::Field};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// How many options of a select are shown as text.
const OPTIONS: usize = 30;

/// One field in short.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldSummary {
    name: String,
    label: String,
    /// Twenty's field type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether a new record must be given it.
    #[serde(skip_serializing_if = "not")]
    required: bool,
    #[serde(skip_serializing_if = "not")]
    unique: bool,
    #[serde(skip_serializing_if = "not")]
    custom: bool,
    #[serde(skip_serializing_if = "not")]
    system: bool,
    /// Whether it is out of use.
    #[serde(skip_serializing_if = "not")]
    inactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    /// The values that a select takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
    /// The objects that a relation points at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<String>,
    /// Whether a relation holds many records.
    #[serde(skip_serializing_if = "not")]
    many: bool,
    /// The field that holds the id of the record pointed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    join_column: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn not(flag: &bool) -> bool {
    !*flag
}

impl From<&Field> for FieldSummary {
    fn from(field: &Field) -> Self {
        let relation = field.relation.as_ref();
        Self {
            name: field.name.clone(),
            label: field.label.clone(),
            kind: field.kind.clone(),
            required: !field.nullable && field.default.is_none() && !field.system,
            unique: field.unique,
            custom: field.custom,
            system: field.system,
            inactive: !field.active,
            description: field.description.clone(),
            default: field.default.clone(),
            options: field.options.iter().map(|choice| choice.value.clone()).collect(),
            targets: relation.map(|relation| relation.targets.clone()).unwrap_or_default(),
            many: relation.is_some_and(|relation| relation.many),
            join_column: relation.and_then(|relation| relation.join_column.clone()),
        }
    }
}

/// Its name and whatever is special about it, without the type: `stage (options NEW|CUSTOMER)`.
impl fmt::Display for FieldSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let mut notes: Vec<String> = Vec::new();
        if said(&self.label) != said(&self.name) {
            notes.push(format!("“{}”", one_line(&self.label)));
        }
        let flags = [
            (self.required, "required"),
            (self.unique, "unique"),
            (self.custom, "custom"),
            (self.inactive, "inactive"),
        ];
        notes.extend(flags.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
        if !self.options.is_empty() {
            let more = self.options.len().saturating_sub(OPTIONS);
            let more = if more > 0 { format!("|… {more} more") } else { String::new() };
            let shown: Vec<&str> = self.options.iter().take(OPTIONS).map(String::as_str).collect();
            notes.push(format!("{}{more}", shown.join("|")));
        }
        if !self.targets.is_empty() {
            let many = if self.many { "many " } else { "" };
            notes.push(format!("→ {many}{}", self.targets.join("|")));
        }
        notes.extend(self.join_column.as_ref().map(|column| format!("set {column}")));
        notes.extend(self.default.as_ref().and_then(constant).map(|value| format!("default {value}")));
        if let Some(text) = self.description.as_ref().filter(|_| self.custom) {
            notes.push(one_line(text));
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

/// A default that is a value, and no function of the server's.
fn constant(default: &Value) -> Option<String> {
    match default {
        Value::Bool(_) | Value::Number(_) => Some(default.to_string()),
        Value::String(text) => {
            let quoted = text.strip_prefix('\'')?.strip_suffix('\'')?;
            (!quoted.is_empty()).then(|| one_line(quoted))
        }
        _ => None,
    }
}

/// What a name says, whatever its spelling: a label that says the same is not told.
fn said(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
