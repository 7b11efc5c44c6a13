//! The fields of the workspace's objects, by type.

use super::field::FieldSummary;
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{pack::Twenty, workspace::schema::Field},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// List fields by object and type, with select options and relation targets.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetFieldMetadata {
    /// All objects unless given.
    object_name: Option<String>,
    field_type: Option<FieldType>,
    #[serde(default = "yes")]
    include_custom: bool,
    #[serde(default)]
    include_system: bool,
    #[serde(default = "yes")]
    active_only: bool,
}
crate::register!(GetFieldMetadata);

const fn yes() -> bool {
    true
}

/// Twenty's field types; `PHONE`, `EMAIL` and `LINK` are what `PHONES`, `EMAILS` and `LINKS` once were called.
#[derive(Clone, Copy, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
enum FieldType {
    Uuid,
    Text,
    Phone,
    Phones,
    Email,
    Emails,
    DateTime,
    Date,
    Boolean,
    Number,
    Numeric,
    Currency,
    FullName,
    Link,
    Links,
    Address,
    Rating,
    Select,
    MultiSelect,
    Relation,
    MorphRelation,
    RichText,
    Position,
    RawJson,
    Actor,
    Array,
    Files,
    TsVector,
}

impl FieldType {
    /// Whether a field is of this type, under whatever name its server has for it.
    fn is(self, kind: &str) -> bool {
        let known: &[&str] = match self {
            Self::Phone | Self::Phones => &["PHONES", "PHONE"],
            Self::Email | Self::Emails => &["EMAILS", "EMAIL"],
            Self::Link | Self::Links => &["LINKS", "LINK"],
            Self::RichText => &["RICH_TEXT", "RICH_TEXT_V2"],
            _ => return serde_json::to_value(self).is_ok_and(|name| name == kind),
        };
        known.contains(&kind)
    }
}

/// Fields, by object.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Fields {
    /// How many there are.
    total: usize,
    objects: Vec<FieldsOf>,
}

#[derive(Serialize, schemars::JsonSchema)]
struct FieldsOf {
    object: String,
    fields: Vec<FieldSummary>,
}

impl Tool for GetFieldMetadata {
    const NAME: &'static str = "get_field_metadata";
    type Pack = Twenty;
    type Output = Fields;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Fields, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let one = self.object_name.as_deref().map(|name| workspace.object(name)).transpose()?;
        let wanted = |field: &&Field| {
            (field.active || !self.active_only)
                && (!field.custom || self.include_custom)
                && (!field.system || self.include_system)
                && self.field_type.is_none_or(|kind| kind.is(&field.kind))
        };
        let mut objects = Vec::new();
        for object in &workspace.objects {
            let here = match one {
                Some(one) => one.id == object.id,
                None => (object.active || !self.active_only) && (!object.system || self.include_system),
            };
            let fields: Vec<FieldSummary> = match here {
                true => object.fields.iter().filter(wanted).map(FieldSummary::from).collect(),
                false => continue,
            };
            if !fields.is_empty() {
                objects.push(FieldsOf { object: object.singular.clone(), fields });
            }
        }
        Ok(Fields { total: objects.iter().map(|object| object.fields.len()).sum(), objects })
    }

    fn text(fields: &Fields) -> Option<String> {
        Some(fields.to_string())
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total == 0 {
            return f.write_str("No fields found: there are none of this type, or they are left out (includeSystem, includeCustom, activeOnly).");
        }
        writeln!(f, "{} fields of {} objects.", self.total, self.objects.len())?;
        for FieldsOf { object, fields } in &self.objects {
            writeln!(f, "\n{object} ({})", fields.len())?;
            let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for field in fields {
                kinds.entry(&field.kind).or_default().push(field.to_string());
            }
            for (kind, fields) in kinds {
                writeln!(f, "- {kind}: {}", fields.join("; "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};

    #[test]
    fn old_names_of_types_find_the_fields_of_today() {
        let found =
            |name: &str, kind: &str| serde_json::from_value::<FieldType>(name.into()).unwrap().is(kind);
        assert!(found("PHONE", "PHONES") && found("EMAIL", "EMAILS") && found("LINK", "LINKS"));
        assert!(found("RICH_TEXT", "RICH_TEXT_V2") && found("TS_VECTOR", "TS_VECTOR"));
        assert!(!found("RELATION", "MORPH_RELATION") && !found("NUMBER", "NUMERIC"));
        for field in
            [&CURRENT, &LEGACY].iter().flat_map(|workspace| &workspace.objects).flat_map(|o| &o.fields)
        {
            let known = field.kind.trim_end_matches("_V2");
            assert!(found(known, &field.kind), "{}", field.kind);
        }
    }
}
