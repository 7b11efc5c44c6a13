//! The JSON Schema of the whole file, put together from what is linked in.

use super::{
    arguments,
    model::{AuthKeys, KeysKeys, LIVE, PackKeys, Server},
    plug_ins::PlugIns,
    tree::{Node, Value as Held},
};
use crate::seam::{SettingsEntry, ToolEntry, ToolOptions};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The schema's own word for what the keys of a map name: a plug-in, a tool.
pub(super) const KEYS: &str = "x-keys";

/// The JSON Schema (2020-12) of a configuration with these plug-ins.
#[must_use]
pub fn schema(plug_ins: &PlugIns) -> Value {
    let mut generator = SchemaGenerator::default();
    let auth = SettingsEntry::of::<AuthKeys>();
    let providers = plug_ins.providers.iter();
    let providers =
        providers.map(|entry| (entry.origin.key(), (entry.settings.schema)(&mut generator).to_value()));
    let providers = map_of("plug-in", "The ways to sign in, by name.", providers.collect());
    let auth = (auth.schema)(&mut generator).to_value();
    let auth = with(&generator, auth, "providers", providers);

    let mut tools = Map::new();
    let common = PackKeys::json_schema(&mut generator).to_value();
    let common = common.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    for pack in &plug_ins.packs {
        let key = pack.origin.key();
        let options = plug_ins.tools_of(pack).map(|tool| {
            let key = format!("tools.{key}.tools.{}", tool.name);
            (tool.name.to_owned(), options(&mut generator, tool, &key))
        });
        let options = options.collect();
        let options = map_of("tool", "How single tools of the pack are served, by name.", options);
        let settings = (pack.settings.schema)(&mut generator).to_value();
        let mut settings = with(&generator, settings, "tools", options);
        let counts = |name: &str| name != LIVE || plug_ins.has_live(pack);
        for (name, schema) in common.iter().filter(|(name, _)| counts(name)) {
            settings = with(&generator, settings, name, schema.clone());
        }
        tools.insert(key, settings);
    }
    for tool in plug_ins.alone() {
        tools.insert(tool.name.into(), options(&mut generator, tool, &format!("tools.{}", tool.name)));
    }
    let tools = map_of("plug-in", "What is served: packs by their key, tools without a pack by name.", tools);

    let mut server = generator.subschema_for::<Server>().to_value();
    describe(&mut server, "How the server listens, and what it lets in.");
    let stores = plug_ins.stores.iter();
    let stores = stores.map(|entry| (entry.origin.key(), (entry.settings.schema)(&mut generator).to_value()));
    let about = "Where keys are kept, by the name of one store; unless one is named, `file`.";
    let stores = map_of("plug-in", about, stores.collect());
    let keys = generator.subschema_for::<KeysKeys>().to_value();
    let mut keys = with(&generator, keys, "store", stores);
    describe(&mut keys, "What protects the keys that users leave here, and where they are kept.");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of twenty-mcp",
        "type": "object",
        "properties": { "server": server, "auth": auth, "keys": keys, "tools": tools },
        "additionalProperties": false,
        "$defs": generator.take_definitions(true),
    })
}

/// How one tool, of this key, is served: `fixed` and `defaults` know its arguments.
fn options(generator: &mut SchemaGenerator, tool: &ToolEntry, key: &str) -> Value {
    let mut options = generator.subschema_for::<ToolOptions>().to_value();
    let arguments = arguments::of(generator, tool, key);
    let known = |word: &str| arguments.get(word).cloned();
    let values = json!({
        KEYS: "argument",
        "properties": known("properties").unwrap_or_else(|| json!({})),
        "additionalProperties": known("additionalProperties").unwrap_or(Value::Bool(false)),
    });
    if let Some(map) = options.as_object_mut() {
        map.insert("properties".into(), json!({ "fixed": values, "defaults": values }));
    }
    options
}

fn map_of(what: &str, description: &str, properties: Map<String, Value>) -> Value {
    json!({
        "description": description,
        "type": "object",
        KEYS: what,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A settings schema with one more property: a copy, since a definition may be used elsewhere too.
fn with(generator: &SchemaGenerator, schema: Value, name: &str, property: Value) -> Value {
    let definition = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next());
    let mut schema = definition.and_then(|name| generator.definitions().get(name)).cloned().unwrap_or(schema);
    if let Some(map) = schema.as_object_mut() {
        let properties = map.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert(name.into(), property);
        }
    }
    schema
}

fn describe(schema: &mut Value, description: &str) {
    if let Some(map) = schema.as_object_mut() {
        map.insert("description".into(), description.into());
    }
}

/// A schema with its `$ref` followed; of an optional one, the one that is not null.
pub(super) fn resolve<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    const MOST: usize = 16;
    for _ in 0..MOST {
        if let Some(next) = schema.get("$ref").and_then(Value::as_str) {
            let Some(next) = root.pointer(next.trim_start_matches('#')) else { return schema };
            schema = next;
        } else if let Some([one, null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
            && null.get("type") == Some(&"null".into())
        {
            schema = one;
        } else {
            return schema;
        }
    }
    schema
}

/// The schema of a key, in whichever form of a schema has it.
fn property<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let own = schema.get("properties").and_then(|properties| properties.get(name));
    own.or_else(|| {
        let forms = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|word| schema.get(word)?.as_array());
        forms.flatten().find_map(|form| property(root, resolve(root, form), name))
    })
}

/// What the schema says at a path; none where it knows nothing.
pub(super) fn at<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |schema, segment| below(root, schema, segment))
}

/// What a schema says of one key or item; none where it knows nothing of it.
pub(super) fn below<'a>(root: &'a Value, schema: &'a Value, segment: &str) -> Option<&'a Value> {
    let item = || segment.parse::<usize>().ok().and_then(|_| schema.get("items"));
    let rest = || schema.get("additionalProperties").filter(|rest| rest.is_object());
    let below = property(root, schema, segment).or_else(item).or_else(rest);
    below.map(|below| resolve(root, below))
}

/// One step of a walk along a tree and its schema.
pub(super) struct Step<'a> {
    /// The keys that lead here.
    pub path: &'a [String],
    /// What the tree has here.
    pub node: Option<&'a Node>,
    /// What the schema says of it; null where it knows nothing.
    pub schema: &'a Value,
    /// What counts where the tree has nothing.
    pub default: Option<&'a Value>,
}

/// Walks a tree beside its schema, outermost first; keys that the tree lacks are visited where they have a default.
pub(super) fn walk(root: &Value, node: &Node, f: &mut impl FnMut(&Step<'_>)) {
    step(root, root, Some(node), &mut Vec::new(), f);
}

fn step(
    root: &Value,
    schema: &Value,
    node: Option<&Node>,
    path: &mut Vec<String>,
    f: &mut impl FnMut(&Step<'_>),
) {
    let found = resolve(root, schema);
    let default = schema.get("default").or_else(|| found.get("default"));
    f(&Step { path, node, schema: found, default });
    let mut below = |segment: String, node: Option<&Node>, schema: &Value, f: &mut _| {
        path.push(segment);
        step(root, schema, node, path, f);
        path.pop();
    };
    match node.map(|node| &node.value) {
        Some(Held::Map(entries)) => {
            let rest = found.get("additionalProperties").unwrap_or(&Value::Null);
            for (key, child) in entries {
                let schema = property(root, found, &key.name).unwrap_or(rest);
                below(key.name.clone(), Some(child), schema, f);
            }
            let properties = found.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                let absent = !entries.iter().any(|(key, _)| key.name == *name);
                if absent && schema.get("default").is_some() {
                    below(name.clone(), None, schema, f);
                }
            }
        }
        Some(Held::List(items)) => {
            let each = found.get("items").unwrap_or(&Value::Null);
            for (i, item) in items.iter().enumerate() {
                below(i.to_string(), Some(item), each, f);
            }
        }
        _ => {}
    }
}

/// Whether a schema says that its value is a secret.
pub(super) fn is_secret(schema: &Value) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true))
}

/// Every word that the schema itself uses as a key or a choice: none of them is anybody's secret.
pub(super) fn words(schema: &Value) -> BTreeSet<String> {
    fn gather(schema: &Value, out: &mut BTreeSet<String>) {
        match schema {
            Value::Object(map) => {
                for (word, value) in map {
                    match (word.as_str(), value) {
                        ("properties", Value::Object(properties)) => out.extend(properties.keys().cloned()),
                        ("const", Value::String(text)) => out.extend([text.clone()]),
                        ("enum", Value::Array(all)) => {
                            out.extend(all.iter().filter_map(Value::as_str).map(str::to_owned));
                        }
                        _ => {}
                    }
                    gather(value, out);
                }
            }
            Value::Array(all) => all.iter().for_each(|value| gather(value, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    gather(schema, &mut out);
    out
}
