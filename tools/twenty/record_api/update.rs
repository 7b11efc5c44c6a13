//! Records of any object changed: all in one way, or each in its own.

use super::{
    ask::Filter,
    many::Many,
    which::{MOST, Which, too_many},
};
use crate::{
    seam::{Call, Effect, Task, Tool, ToolError},
    tools::twenty::{
        changes::{draft::Draft, plan::Planning, step::Verb, written::Written},
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

/// Update records: `set` on those of `ids` or `filter`, or `records` with an id and own values each. Null clears.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRecords {
    object: String,
    ids: Option<Vec<String>>,
    filter: Filter,
    set: Option<Map<String, Value>>,
    records: Option<Vec<Map<String, Value>>>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(UpdateRecords);

impl Tool for UpdateRecords {
    const NAME: &'static str = "update_records";
    const EFFECT: Effect = Effect::Update;
    const TASK: Task = Task::OnCommit;
    type Pack = Twenty;
    type Output = Written<Many>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Many>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let written = match (&self.records, &self.set) {
            (Some(each), None) if self.ids.is_none() && self.filter.is_none() => {
                writer.fits(each.len())?;
                writer.write(cx, |draft| own(draft, draft.object(&self.object)?, each)).await?
            }
            (None, Some(set)) => {
                let object = writer.records().object(&self.object)?;
                let which = Which::of(&writer, &cx, object, &self.ids, &self.filter, Verb::Update).await?;
                let write = writer.write(cx, |draft| {
                    let object = draft.object(&self.object)?;
                    checked(draft, object, &[("set".to_owned(), set)])?;
                    which.targets().try_for_each(|target| draft.change(object, target, set))
                });
                write.await?
            }
            _ => {
                return Err(ToolError::input("say what is to be changed in one of two ways")
                    .hint("`set` with `ids` or `filter`, or `records`, each with its `id` and values"));
            }
        };
        written.map(|made| Many::of(&made, &self.object))
    }

    fn text(made: &Written<Many>) -> Option<String> {
        Some(made.told("Updated"))
    }
}

/// Each record with values of its own.
fn own(draft: &mut Draft<'_>, object: &Object, each: &[Map<String, Value>]) -> Result<(), ToolError> {
    if each.is_empty() || each.len() > MOST {
        return Err(if each.is_empty() {
            ToolError::input("`records` is empty")
        } else {
            too_many(each.len())
        });
    }
    let mut faults = Faults::default();
    let mut split = Vec::with_capacity(each.len());
    for (at, given) in each.iter().enumerate() {
        let (place, mut values) = (format!("records[{at}]"), given.clone());
        match values.shift_remove("id") {
            Some(Value::String(id)) => split.push((place, id, values)),
            _ => faults.hinted(&place, "it has no `id`", "give its id, name, email, domain or link"),
        }
    }
    faults.or(())?;
    let places: Vec<(String, &Map<String, Value>)> =
        split.iter().map(|(place, _, values)| (place.clone(), values)).collect();
    checked(draft, object, &places)?;
    split.iter().try_for_each(|(place, id, values)| draft.update(object, &format!("{place}.id"), id, values))
}

/// Everything that is wrong with the values, each with its place.
fn checked(
    draft: &mut Draft<'_>,
    object: &Object,
    given: &[(String, &Map<String, Value>)],
) -> Result<(), ToolError> {
    let (workspace, mut faults) = (draft.workspace(), Faults::default());
    for (place, values) in given {
        if values.is_empty() {
            faults.add(place, "nothing to change was given");
        }
        data_at(place, &mut faults, workspace, object, values, Purpose::Update, draft.names());
    }
    faults.or(())
}
