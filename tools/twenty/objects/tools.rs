//! Typed tools: for each object that the operator names, tools whose arguments are the fields that the workspace has.

use super::{
    naming::{Verb, meant},
    schemas::{planning, tools},
};
use crate::{
    seam::{Access, Call, LiveTool, LiveTools, Output, Tool, ToolError, ToolOutput, Whose},
    tools::twenty::{
        changes::{draft::Draft, plan::Planning, step, writer::Made, written::Written},
        pack::Twenty,
        record_api::{
            find::FindRecords,
            get::{GetRecord, Got},
        },
        records::engine::Records,
        workspace::schema::Object,
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::time::Duration;

/// The tools of the objects in `tools.twenty.objects`.
pub struct ObjectTools;
crate::register!(live-tools ObjectTools);

impl LiveTools for ObjectTools {
    type Pack = Twenty;
    const ACCESS: Access = Access::Write;

    fn every(twenty: &Twenty) -> Option<Duration> {
        (!twenty.objects().is_empty()).then(|| twenty.schema_every())
    }

    async fn list(twenty: &Twenty, cx: Call) -> Result<Vec<LiveTool>, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let mut listed = Vec::new();
        for name in twenty.objects() {
            match workspace.object(name) {
                Ok(object) if object.active => listed.extend(tools(&workspace, object)),
                Ok(_) => tracing::warn!("tools.twenty.objects: `{name}` is out of use in the workspace"),
                // The workspaces of callers may well have other objects.
                Err(error) if cx.credential().await?.whose == Whose::Operator => {
                    tracing::warn!("tools.twenty.objects: {}", error.whole());
                }
                Err(_) => {}
            }
        }
        Ok(listed)
    }

    async fn call(
        name: String,
        arguments: Map<String, Value>,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<ToolOutput, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let Some((verb, object)) = meant(&workspace, twenty.objects(), &name) else {
            cx.outdate();
            return Err(ToolError::not_found("the workspace no longer has what it is for")
                .hint("list the tools anew"));
        };
        match verb {
            Verb::Find => {
                let listing = of::<FindRecords>(object, arguments)?.call(twenty, cx).await?;
                let text = FindRecords::text(&listing);
                listing.told(text, Vec::new())
            }
            Verb::Get => {
                let got = of::<GetRecord>(object, arguments)?.call(twenty, cx).await?;
                let text = GetRecord::text(&got);
                got.told(text, Vec::new())
            }
            Verb::Create | Verb::Update | Verb::Delete => {
                written(&name, verb, object, arguments, twenty, cx).await
            }
        }
    }
}

/// The call of a tool that takes any object.
fn of<T: DeserializeOwned>(object: &Object, mut arguments: Map<String, Value>) -> Result<T, ToolError> {
    arguments.insert("object".into(), object.singular.clone().into());
    serde_json::from_value(arguments.into()).map_err(ToolError::input)
}

async fn written(
    name: &str,
    verb: Verb,
    object: &Object,
    mut arguments: Map<String, Value>,
    twenty: &Twenty,
    cx: Call,
) -> Result<ToolOutput, ToolError> {
    let planning = planning(object).into_iter().filter_map(|(name, _)| arguments.remove_entry(&name));
    let planning = Planning::deserialize(Value::Object(planning.collect())).map_err(ToolError::input)?;
    let id = match verb {
        Verb::Update | Verb::Delete => arguments.remove("id"),
        _ => None,
    };
    let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    if verb == Verb::Create {
        // What is not said is the workspace's to fill.
        arguments.retain(|_, value| !value.is_null());
    }
    let writer = twenty.writer(&cx, name, &planning).await?;
    let made = writer.write(cx, |draft| {
        let object = draft.object(&object.singular)?;
        match verb {
            Verb::Update => draft.update(object, "id", id, &arguments),
            Verb::Delete => {
                let target = Draft::target(object, "id", id)?;
                draft.push(step::Verb::Delete, object, target, Map::new());
                Ok(())
            }
            _ => draft.create(object, &arguments).map(drop),
        }
    });
    let made = made.await?.map(|made: Made<'_>| {
        made.one(|records: &Records<'_>, raw| {
            let object = records.object(&object.singular)?;
            records.record(object, raw).map(Got::from)
        })
    })?;
    let done = match verb {
        Verb::Update => "Updated",
        Verb::Delete => "Deleted",
        _ => "Created",
    };
    let text = Written::told(&made, done);
    Output::told(made, Some(text), Vec::new())
}
