//! One record of any object.

use super::fields::Fields;
use crate::{
    seam::{Call, Common, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            engine::Records,
            find::count,
            record::Record,
            text::{lines, one_line},
        },
        workspace::schema::{Object, Workspace},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// Get one record of any object.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetRecord {
    object: String,
    /// Or name, email, domain, link.
    id: String,
    fields: Option<Vec<String>>,
}
crate::register!(GetRecord);

/// A record, and what hangs on it.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Got {
    #[serde(flatten)]
    record: Record,
    /// How many records of other objects point at it, by relation.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    related: BTreeMap<String, usize>,
}

impl From<Record> for Got {
    fn from(record: Record) -> Self {
        Self { record, related: BTreeMap::new() }
    }
}

impl Tool for GetRecord {
    const NAME: &'static str = "get_record";
    type Pack = Twenty;
    type Output = Got;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Got, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object(&self.object)?;
        let Some(names) = &self.fields else {
            return whole(&records, &cx, object, &self.id).await;
        };
        let fields = Fields::read(records.workspace(), object, names)?;
        let raw = records.one(&cx, object, "id", &self.id, fields.selection()).await?;
        fields.record(&records, object, &raw).map(Got::from)
    }

    fn text(got: &Got) -> Option<String> {
        Some(got.to_string())
    }
}

/// A record with all of its fields, and what hangs on it; `id` is whatever stands for it.
///
/// # Errors
/// There is none or more than one, or the workspace does not answer.
pub async fn whole(records: &Records<'_>, cx: &Common, object: &Object, id: &str) -> Result<Got, ToolError> {
    let relations = relations(records.workspace(), object);
    let extra = relations.iter().map(|name| format!("{name} {{ totalCount }}")).collect::<Vec<_>>();
    let mut raw = records.one(cx, object, "id", id, &extra.join(" ")).await?;
    let mut related = BTreeMap::new();
    for name in relations {
        let held = raw.as_object_mut().and_then(|fields| fields.shift_remove(name)).unwrap_or_default();
        related
            .extend(count(&held, "totalCount").filter(|held| *held > 0).map(|held| (name.to_owned(), held)));
    }
    Ok(Got { record: records.record(object, &raw)?, related })
}

/// The relations to many records that the server knows.
fn relations<'a>(workspace: &Workspace, object: &'a Object) -> Vec<&'a str> {
    let known =
        |name: &String| workspace.objects.iter().any(|object| object.active && object.singular == *name);
    let many = object.fields.iter().filter(|field| {
        let relation = field.relation.as_ref().filter(|relation| relation.many);
        field.active
            && relation.is_some_and(|relation| matches!(relation.targets.as_slice(), [one] if known(one)))
    });
    many.map(|field| field.name.as_str()).collect()
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &self.record;
        writeln!(f, "{} (id {})", one_line(record.name.as_deref().unwrap_or("unnamed")), record.id)?;
        lines(f, record.fields.iter().map(|(name, value)| (name.as_str(), value)))?;
        lines(f, [("page", &Value::from(record.url.as_str()))])?;
        if self.related.is_empty() {
            return Ok(());
        }
        let related: Vec<String> = self.related.iter().map(|(name, held)| format!("{name} {held}")).collect();
        writeln!(f, "Pointing here: {}", related.join(", "))
    }
}
