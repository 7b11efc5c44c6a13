//! The description of the HTTP interface (OpenAPI 3.1): the fixed endpoints, and every tool as it is registered.
//!
//! It is for everybody: tools that come and go are no part of it, as they belong to one workspace, and neither is what the
//! operator has set an argument to.

use super::{KeysApi, lift::lifted, operation, schemas::Components, sign_in::SignIn};
use crate::registry::ServedTool;
use serde_json::{Map, Value, json};
use std::{borrow::Borrow, collections::BTreeSet};

/// The fixed part. A document that is none would be found by the tests.
const FIXED: &str = include_str!("fixed.yaml");

/// The paths that are there only where callers sign in.
const OF_SIGN_IN: &str = "/.well-known/";

/// Describes these tools, and the endpoints beside them; `sign_in` says how callers sign in, where they do.
#[must_use]
pub fn document<T: Borrow<ServedTool>>(tools: &[T], sign_in: Option<&SignIn>) -> Value {
    let mut document: Map<String, Value> = serde_yaml::from_str(FIXED).unwrap_or_default();
    let mut components = Components::default();
    let (mut paths, mut packs) = (Map::new(), BTreeSet::new());
    for tool in tools.iter().map(Borrow::borrow).filter(|tool| !tool.is_live()) {
        packs.insert(family(tool));
        let operation = operation::of(tool, sign_in, &mut components);
        paths.insert(format!("/api/tools/{}", tool.name()), json!({ "post": operation }));
    }
    let keys = sign_in.map(|sign_in| lifted(KeysApi, &sign_in.required())).unwrap_or_default();
    if let Some(info) = object(&mut document, "info") {
        info.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
    }
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.extend(keys.tags);
        tags.extend(
            packs.iter().map(|pack| json!({ "name": pack, "description": format!("Tools of `{pack}`.") })),
        );
    }
    if let Some(known) = object(&mut document, "paths") {
        known.retain(|path, _| sign_in.is_some() || !path.starts_with(OF_SIGN_IN));
        known.extend(keys.paths);
        known.extend(paths);
    }
    if let Some(known) = object(&mut document, "components") {
        if let Some(schemas) = object(known, "schemas") {
            schemas.extend(keys.schemas);
            schemas.extend(components.into_schemas());
        }
        known.extend(sign_in.map(|sign_in| ("securitySchemes".to_owned(), sign_in.schemes())));
    }
    document.extend(sign_in.map(|sign_in| ("security".to_owned(), sign_in.needed(None))));
    Value::Object(document)
}

/// What a tool is told under: its pack, or those that stand alone.
pub(super) fn family(tool: &ServedTool) -> &str {
    tool.pack_key().unwrap_or("tools")
}

fn object<'a>(of: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    of.get_mut(name)?.as_object_mut()
}
