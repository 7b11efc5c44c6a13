//! Records of any object taken out of sight, brought back, or destroyed.

use super::{ask::Filter, many::Many, which::Which};
use crate::{
    seam::{Call, Effect, Task, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, step::Verb, written::Written},
        pack::Twenty,
    },
};
use serde::Deserialize;
use serde_json::Map;

/// Delete records; restore_records brings them back.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRecords {
    object: String,
    ids: Option<Vec<String>>,
    filter: Filter,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(DeleteRecords);

/// Bring deleted records back, by id or filter.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoreRecords {
    object: String,
    ids: Option<Vec<String>>,
    filter: Filter,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(RestoreRecords);

/// Destroy records for good: nothing brings them back.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DestroyRecords {
    object: String,
    ids: Option<Vec<String>>,
    filter: Filter,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(DestroyRecords);

/// What the three have in common.
struct Removal {
    tool: &'static str,
    verb: Verb,
    object: String,
    ids: Option<Vec<String>>,
    filter: Filter,
    planning: Planning,
}

impl Removal {
    async fn done(self, twenty: &Twenty, cx: Call) -> Result<Written<Many>, ToolError> {
        let writer = twenty.writer(&cx, self.tool, &self.planning).await?;
        let object = writer.records().object(&self.object)?;
        let which = Which::of(&writer, &cx, object, &self.ids, &self.filter, self.verb).await?;
        let written = writer.write(cx, |draft| {
            let object = draft.object(&self.object)?;
            which.targets().for_each(|target| draft.push(self.verb, object, target, Map::new()));
            Ok(())
        });
        written.await?.map(|made| Many::of(&made, &self.object))
    }
}

macro_rules! removal {
    ($tool:ident, $name:literal, $effect:ident, $verb:ident, $enabled:literal, $done:literal) => {
        impl Tool for $tool {
            const NAME: &'static str = $name;
            const EFFECT: Effect = Effect::$effect;
            const TASK: Task = Task::OnCommit;
            const ENABLED: bool = $enabled;
            type Pack = Twenty;
            type Output = Written<Many>;

            async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Many>, ToolError> {
                let Self { object, ids, filter, planning } = self;
                let removal = Removal { tool: Self::NAME, verb: Verb::$verb, object, ids, filter, planning };
                removal.done(twenty, cx).await
            }

            fn text(made: &Written<Many>) -> Option<String> {
                Some(made.told($done))
            }
        }
    };
}

removal!(DeleteRecords, "delete_records", Delete, Delete, true, "Deleted");
removal!(RestoreRecords, "restore_records", Update, Restore, true, "Restored");
removal!(DestroyRecords, "destroy_records", Destroy, Destroy, false, "Destroyed");
