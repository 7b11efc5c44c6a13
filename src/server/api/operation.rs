//! One tool as an operation of the document.

use super::{document::family, example, schemas::Components, sign_in::SignIn};
use crate::{
    registry::ServedTool,
    seam::{CallerKeys, PackEntry, Scope},
};
use serde_json::{Map, Value, json};

/// What a tool may answer beside its result, each a response of the document's components.
const OTHERWISE: [(&str, &str); 15] = [
    ("400", "Refused"),
    ("401", "Unauthorized"),
    ("403", "Denied"),
    ("404", "NotFound"),
    ("405", "OnlyPost"),
    ("408", "Slow"),
    ("409", "Conflict"),
    ("413", "TooLarge"),
    ("415", "OtherType"),
    ("422", "Unfit"),
    ("429", "Limited"),
    ("500", "Failure"),
    ("502", "Upstream"),
    ("503", "Unavailable"),
    ("504", "Late"),
];

/// Describes a call of this tool.
pub(super) fn of(tool: &ServedTool, sign_in: Option<&SignIn>, components: &mut Components) -> Value {
    let said = |name: &str| tool.definition().get(name).cloned().unwrap_or_default();
    let arguments = tool.described();
    let example = example::of(&arguments);
    let answer = match tool.definition().get("outputSchema") {
        Some(schema) => components.take(schema),
        None => json!({ "$ref": "#/components/schemas/Contents" }),
    };
    let mut responses = Map::new();
    responses.insert(
        "200".into(),
        json!({ "description": "What the tool answers.", "content": { "application/json": { "schema": answer } } }),
    );
    for (status, name) in OTHERWISE {
        if status != "401" || sign_in.is_some() {
            responses.insert(status.into(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    let mut operation = json!({
        "operationId": tool.name(),
        "tags": [family(tool)],
        "summary": said("title"),
        "description": said("description"),
        "x-effect": tool.effect().name(),
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": components.take(&arguments), "example": example } },
        },
        "responses": responses,
    });
    if let (Some(operation), Some(key)) = (operation.as_object_mut(), own_key(tool, sign_in)) {
        operation.insert("parameters".into(), json!([key]));
    }
    if let (Some(operation), Some(sign_in)) = (operation.as_object_mut(), sign_in) {
        operation.insert("x-scope".into(), json!(tool.scope().map(Scope::as_str)));
        operation.insert("security".into(), sign_in.needed(tool.scope()));
    }
    operation
}

/// The header by which callers send a key of their own, where they may.
fn own_key(tool: &ServedTool, sign_in: Option<&SignIn>) -> Option<Value> {
    let of = tool.pack_key()?;
    let pack = PackEntry::all().into_iter().find(|pack| pack.origin.key() == of)?;
    let key = pack.caller_key.filter(|_| sign_in.is_none_or(|sign_in| sign_in.optional))?;
    Some(json!({
        "name": key.header,
        "in": "header",
        "description": "A key of your own, for the service behind the tool.",
        "schema": {
            "type": "string", "format": "password", "pattern": "^[-A-Za-z0-9._~+/=]+$", "maxLength": CallerKeys::LONGEST,
        },
    }))
}
