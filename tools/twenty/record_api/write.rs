//! Records of any object made, or made and changed.

use super::{
    many::Many,
    which::{MOST, too_many},
};
use crate::{
    seam::{Call, Effect, Task, Tool, ToolError},
    tools::twenty::{
        changes::{draft::Draft, plan::Planning, written::Written},
        pack::Twenty,
        records::{
            faults::Faults,
            input::data::{Purpose, data_at},
        },
        workspace::schema::Object,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Create records of any object; relations take ids or names.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRecords {
    object: String,
    #[schemars(length(min = 1))]
    records: Vec<Map<String, Value>>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateRecords);

impl Tool for CreateRecords {
    const NAME: &'static str = "create_records";
    const EFFECT: Effect = Effect::Create;
    const TASK: Task = Task::OnCommit;
    type Pack = Twenty;
    type Output = Written<Many>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Many>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        writer.fits(self.records.len())?;
        let made = writer.write(cx, |draft| {
            let object = draft.object(&self.object)?;
            checked(draft, object, &self.records)?;
            self.records.iter().try_for_each(|record| draft.create(object, record).map(drop))
        });
        made.await?.map(|made| Many::of(&made, &self.object))
    }

    fn text(made: &Written<Many>) -> Option<String> {
        Some(made.told("Created"))
    }
}

/// Create records, or update those that have the same id or unique value (email, domain).
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpsertRecords {
    object: String,
    #[schemars(length(min = 1))]
    records: Vec<Map<String, Value>>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(UpsertRecords);

impl Tool for UpsertRecords {
    const NAME: &'static str = "upsert_records";
    const EFFECT: Effect = Effect::Update;
    const TASK: Task = Task::OnCommit;
    type Pack = Twenty;
    type Output = Written<Many>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Many>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        writer.fits(self.records.len())?;
        let made = writer.write(cx, |draft| {
            let object = draft.object(&self.object)?;
            checked(draft, object, &self.records)?;
            self.records.iter().try_for_each(|record| draft.upsert(object, record).map(drop))
        });
        made.await?.map(|made| Many::of(&made, &self.object))
    }

    fn text(made: &Written<Many>) -> Option<String> {
        Some(made.told("Created or updated"))
    }
}

/// Everything that is wrong with the records, each with its place: `records[3].emails`.
fn checked(draft: &mut Draft<'_>, object: &Object, given: &[Map<String, Value>]) -> Result<(), ToolError> {
    if given.len() > MOST {
        return Err(too_many(given.len()));
    }
    let (workspace, mut faults) = (draft.workspace(), Faults::default());
    for (at, record) in given.iter().enumerate() {
        let place = format!("records[{at}]");
        if record.is_empty() {
            faults.add(&place, format_args!("nothing was given for the new {}", object.singular));
        }
        data_at(&place, &mut faults, workspace, object, record, Purpose::Create, draft.names());
    }
    faults.or(())
}
