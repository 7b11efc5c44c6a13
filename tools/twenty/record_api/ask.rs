//! What several of these tools read from a caller.

use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            engine::Records,
            input::filter,
            names::{Linking, Names},
        },
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value, json};

/// A filter as callers give it.
pub type Filter = Option<Map<String, Value>>;

/// The filter that Twenty takes; the records that it speaks of by name are looked up in one request.
///
/// # Errors
/// Tells everything that is wrong with it; a name stands for no record or for several; the workspace does not answer.
pub async fn filtered(
    records: &Records<'_>,
    cx: &Common,
    object: &Object,
    given: &Filter,
) -> Result<Value, ToolError> {
    let Some(given) = given else { return Ok(json!({})) };
    let mut names = Names::new(Linking::Resolve);
    let mut made = filter::filter(records.workspace(), object, &Value::Object(given.clone()), &mut names)?;
    let ids = records.ids(cx, names.wanted()).await?;
    names.fill(&mut made, &ids);
    Ok(made)
}
