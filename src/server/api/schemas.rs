//! JSON Schemas on their way into the document: what they call `$defs` becomes components, under names of their own.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const OWN: &str = "#/$defs/";
const SHARED: &str = "#/components/schemas/";

/// The schemas that others refer to, each once however many have it.
#[derive(Default)]
pub(super) struct Components {
    schemas: Map<String, Value>,
    /// The name of each, by the name that it had and everything that it refers to.
    names: BTreeMap<(String, String), String>,
}

impl Components {
    /// The schema with its definitions among the components.
    pub(super) fn take(&mut self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        let Some(words) = schema.as_object_mut() else { return schema };
        // The document has one dialect, and a schema in it is no document of its own.
        words.shift_remove("$schema");
        let definitions = match words.shift_remove("$defs") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        };
        let mut renamed = BTreeMap::new();
        let mut new = Vec::new();
        for name in definitions.keys() {
            let key = (name.clone(), json!(reached(name, &definitions)).to_string());
            let known = self.names.get(&key).cloned();
            let shared = known.unwrap_or_else(|| {
                let shared = self.free(name);
                self.schemas.insert(shared.clone(), Value::Null);
                self.names.insert(key, shared.clone());
                new.push((shared.clone(), name.clone()));
                shared
            });
            renamed.insert(name.clone(), shared);
        }
        for (shared, name) in new {
            let mut definition = definitions.get(&name).cloned().unwrap_or_default();
            lead(&mut definition, &renamed);
            self.schemas.insert(shared, definition);
        }
        lead(&mut schema, &renamed);
        schema
    }

    pub(super) fn into_schemas(self) -> Map<String, Value> {
        self.schemas
    }

    /// A name that nobody has: the fixed part of the document has short ones, and none with a dot.
    fn free(&self, name: &str) -> String {
        let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let name: String = name.chars().map(fits).collect();
        let numbered = (1..).map(|number| format!("{name}.{number}"));
        numbered.into_iter().find(|name| !self.schemas.contains_key(name)).unwrap_or(name)
    }
}

/// A definition with all that it refers to, by name.
fn reached<'a>(name: &'a str, definitions: &'a Map<String, Value>) -> BTreeMap<&'a str, &'a Value> {
    let (mut reached, mut open) = (BTreeMap::new(), BTreeSet::from([name]));
    while let Some(name) = open.pop_first() {
        let Some((name, definition)) = definitions.get_key_value(name) else { continue };
        if reached.insert(name.as_str(), definition).is_none() {
            referred(definition, &mut open);
        }
    }
    reached
}

fn referred<'a>(schema: &'a Value, names: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(words) => {
            names.extend(words.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(OWN)));
            words.values().for_each(|value| referred(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| referred(item, names)),
        _ => {}
    }
}

/// Leads every reference to where its definition is now.
fn lead(schema: &mut Value, renamed: &BTreeMap<String, String>) {
    match schema {
        Value::Object(words) => {
            for (word, value) in words.iter_mut() {
                match value {
                    Value::String(to) if word == "$ref" => {
                        if let Some(name) = to.strip_prefix(OWN).and_then(|name| renamed.get(name)) {
                            *to = format!("{SHARED}{name}");
                        }
                    }
                    value => lead(value, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| lead(item, renamed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_one_name_and_meaning_are_one_and_others_stay_apart() {
        let mut components = Components::default();
        let tree = |leaf: &str| {
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": { "tree": { "$ref": "#/$defs/Tree" } },
                "$defs": {
                    "Tree": { "type": "array", "items": { "anyOf": [
                        { "$ref": "#/$defs/Tree" }, { "$ref": "#/$defs/Leaf" },
                    ] } },
                    "Leaf": { "type": leaf },
                },
            })
        };
        let led = |to: &str| json!({ "type": "object", "properties": { "tree": { "$ref": to } } });
        assert_eq!(components.take(&tree("string")), led("#/components/schemas/Tree.1"));
        assert_eq!(components.take(&tree("integer")), led("#/components/schemas/Tree.2"));
        assert_eq!(components.take(&tree("string")), led("#/components/schemas/Tree.1"));
        let of = |number: u8| {
            json!([
                { "$ref": format!("#/components/schemas/Tree.{number}") },
                { "$ref": format!("#/components/schemas/Leaf.{number}") },
            ])
        };
        let schemas = Value::Object(components.into_schemas());
        assert_eq!(schemas["Tree.1"]["items"]["anyOf"], of(1));
        assert_eq!(schemas["Tree.2"]["items"]["anyOf"], of(2));
        assert_eq!(schemas["Leaf.2"], json!({ "type": "integer" }));
        assert_eq!(schemas.as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_schema_without_definitions_stays_as_it_is() {
        let schema = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        assert_eq!(Components::default().take(&schema), schema);
    }
}
