//! Asking a workspace what it is made of: its objects and fields, and how composite types are selected.

use super::{
    metadata::{self, Answer},
    schema::{SubField, Workspace},
};
use crate::{
    seam::{Common, Credential, ToolError},
    tools::twenty::api::{
        client::{Api, Client, Operation},
        errors::ApiError,
    },
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The composite types whose sub-fields differ by version.
const COMPOSITES: [&str; 8] =
    ["FullName", "Emails", "Phones", "Links", "Currency", "Address", "Actor", "RichTextV2"];

/// Fetches the schema of the workspace that a credential opens: two requests, three on servers of before 2.43.
pub(super) async fn fetch(
    client: &Client,
    cx: &Common,
    credential: &Credential,
) -> Result<Workspace, ToolError> {
    let core = async {
        let operation = Operation::query(core_document(), Map::new());
        client.post(cx, credential, Api::Core, &operation).await.map_err(ToolError::from)
    };
    let (objects, core) = futures_util::future::try_join(objects(client, cx, credential), core).await?;
    Ok(Workspace { objects: metadata::objects(objects), composites: composites(&core), roots: roots(&core) })
}

async fn objects(client: &Client, cx: &Common, credential: &Credential) -> Result<Answer, ToolError> {
    let current = Operation::query(metadata::document(&metadata::CURRENT), Map::new());
    let data = match client.post(cx, credential, Api::Metadata, &current).await {
        Ok(data) => data,
        Err(ApiError::Stale(_)) => {
            // An older server: only what its own types name is asked for.
            let known =
                types(client, cx, credential, Api::Metadata, &["Object", "Field", "Relation"]).await?;
            let names = |name: &str| known.get(name).map(|fields| fields.keys().cloned().collect());
            let seen = metadata::Seen {
                object: names("Object").unwrap_or_default(),
                field: names("Field").unwrap_or_default(),
                relation: names("Relation").unwrap_or_default(),
            };
            let older = Operation::query(metadata::document(&seen), Map::new());
            client.post(cx, credential, Api::Metadata, &older).await?
        }
        Err(error) => return Err(error.into()),
    };
    serde_json::from_value(data).map_err(|_| {
        ToolError::upstream("Twenty's metadata has an unknown form").hint("is the server too old?")
    })
}

/// The request for what the core schema shows of composite types and of root fields.
pub(super) fn core_document() -> String {
    const ROOTS: [&str; 2] = ["Query", "Mutation"];
    let roots =
        ROOTS.map(|name| format!("{name}: __type(name: \"{name}\") {{ fields {{ name args {{ name }} }} }}"));
    let asked: Vec<String> = roots.into_iter().chain(COMPOSITES.map(shape_of)).collect();
    format!("{{ {} }}", asked.join(" "))
}

/// How the sub-fields of composite types are selected.
pub(super) fn composites(core: &Value) -> BTreeMap<String, Vec<SubField>> {
    let leaf = |kind: &str| matches!(kind, "SCALAR" | "ENUM");
    let known = COMPOSITES.iter().filter_map(|name| {
        let answer = core.get(name).filter(|answer| !answer.is_null())?;
        let fields = fields(answer).into_iter().filter_map(|(name, shape)| match shape.kind.as_str() {
            kind if leaf(kind) => Some(SubField { name, fields: Vec::new() }),
            _ => (!shape.fields.is_empty()).then_some(SubField { name, fields: shape.fields }),
        });
        Some(((*name).to_owned(), fields.collect()))
    });
    known.collect()
}

/// The root fields with the names of their arguments.
pub(super) fn roots(core: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let named = |of: &Value| of.get("name").and_then(Value::as_str).map(str::to_owned);
    let list = |of: &Value, key: &str| of.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let types = ["Query", "Mutation"].into_iter().filter_map(|name| core.get(name));
    types
        .flat_map(|root| list(root, "fields"))
        .filter_map(|field| Some((named(&field)?, list(&field, "args").iter().filter_map(named).collect())))
        .collect()
}

/// A field's innermost type, and the scalar fields of it where it is an object.
struct Shape {
    kind: String,
    fields: Vec<String>,
}

/// The fields of named types, by introspection; types that the server does not have are left out.
async fn types(
    client: &Client,
    cx: &Common,
    credential: &Credential,
    api: Api,
    names: &[&str],
) -> Result<BTreeMap<String, BTreeMap<String, Shape>>, ToolError> {
    let asked: Vec<String> = names.iter().copied().map(shape_of).collect();
    let operation = Operation::query(format!("{{ {} }}", asked.join(" ")), Map::new());
    let data = client.post(cx, credential, api, &operation).await?;
    let Value::Object(types) = data else { return Ok(BTreeMap::new()) };
    Ok(types
        .into_iter()
        .filter(|(_, answer)| !answer.is_null())
        .map(|(name, answer)| (name, fields(&answer)))
        .collect())
}

fn fields(answer: &Value) -> BTreeMap<String, Shape> {
    let listed = answer.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = |field: &Value| field.get("name").and_then(Value::as_str).map(str::to_owned);
    let kind = |of: &Value| of.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    listed
        .iter()
        .filter_map(|field| {
            let mut inner = field.get("type")?;
            while let Some(next) = inner.get("ofType").filter(|next| !next.is_null()) {
                inner = next;
            }
            let scalar = |field: &&Value| {
                let of =
                    field.get("type").map(|of| of.get("ofType").filter(|of| !of.is_null()).unwrap_or(of));
                of.is_some_and(|of| matches!(kind(of).as_str(), "SCALAR" | "ENUM"))
            };
            let inside = inner.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let fields = inside.iter().filter(scalar).filter_map(named).collect();
            Some((named(field)?, Shape { kind: kind(inner), fields }))
        })
        .collect()
}

/// Asks for the fields of a type and the innermost type of each.
fn shape_of(name: &str) -> String {
    const WRAPPED: &str = "kind fields { name type { kind ofType { kind } } }";
    format!(
        "{name}: __type(name: \"{name}\") {{ fields {{ name type {{ {WRAPPED} ofType {{ {WRAPPED} \
         ofType {{ {WRAPPED} ofType {{ {WRAPPED} }} }} }} }} }} }}"
    )
}
