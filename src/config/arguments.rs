//! The schema of a tool's arguments as a part of the whole: what it says of itself holds there too.

use crate::seam::ToolEntry;
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

/// Words by which a schema, or a part of it, has a name of its own. One name counts once in a whole schema, and arguments
/// stand there twice.
const NAMES: [&str; 5] = ["$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"];

/// The schema of a tool's arguments. What types share is shared in the whole schema; a schema that points to itself, or
/// was written by hand with definitions of its own, becomes one definition there, named by the tool's `key` in the
/// configuration.
pub(super) fn of(generator: &mut SchemaGenerator, tool: &ToolEntry, key: &str) -> Value {
    let mut alone = SchemaGenerator::default();
    let mut own = (tool.input)(&mut alone).to_value();
    let mut shared = true;
    each(&mut own, &mut |words| {
        let to = words.get("$ref").and_then(Value::as_str);
        let made = |to: &str| {
            let name = to.strip_prefix("#/$defs/").and_then(|to| to.split('/').next());
            name.is_some_and(|name| alone.definitions().contains_key(name))
        };
        let named = NAMES.iter().skip(1).any(|name| words.contains_key(*name));
        shared &= to.is_none_or(made) && !named && !words.contains_key("$dynamicRef");
    });
    if shared {
        return (tool.input)(generator).to_value();
    }
    let place = format!("#/$defs/{}", key.replace('~', "~0").replace('/', "~1"));
    each(&mut own, &mut |words| settle(words, &place));
    generator.definitions_mut().insert(key.to_owned(), own.clone());
    own
}

/// Lets a part of a schema point to where the schema is now. What points by names lets everything pass here: the
/// registry holds arguments against the tool's own schema.
fn settle(words: &mut Map<String, Value>, place: &str) {
    words.retain(|word, _| word != "$dynamicRef" && !NAMES.contains(&word.as_str()));
    let Some(to) = words.get("$ref").and_then(Value::as_str) else { return };
    match to.strip_prefix('#').filter(|path| path.is_empty() || path.starts_with('/')) {
        Some(path) => words.insert("$ref".into(), format!("{place}{path}").into()),
        None => words.remove("$ref"),
    };
}

/// Every part of a schema that is a schema, outermost first.
fn each(schema: &mut Value, f: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(words) => {
            f(words);
            for (word, value) in words {
                match (word.as_str(), value) {
                    ("const" | "enum" | "default" | "examples", _) => {}
                    (
                        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
                        Value::Object(schemas),
                    ) => schemas.values_mut().for_each(|schema| each(schema, f)),
                    (_, value) => each(value, f),
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| each(schema, f)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        config::{PlugIns, schema},
        seam::{Call, Tool, ToolEntry, ToolError},
    };
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde::Deserialize;
    use serde_json::{Value, json};

    /// A tree.
    #[derive(Deserialize, JsonSchema)]
    struct Tree {
        #[expect(dead_code, reason = "its schema alone is looked at")]
        #[serde(default)]
        branches: Vec<Tree>,
    }

    /// What was written by hand.
    #[derive(Deserialize)]
    struct Own;

    impl JsonSchema for Own {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Own".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "$id": "https://example.com/own",
                "type": "object",
                "$defs": {
                    // A definition of the configuration has this name too.
                    "ToolOptions": { "$anchor": "here", "type": "integer" },
                    "street": { "type": "string", "default": { "$ref": "#/nowhere" } },
                },
                "properties": {
                    "number": { "$ref": "#/$defs/ToolOptions" },
                    "streets": { "type": "array", "items": { "$ref": "#/$defs/street" } },
                    "other": { "$ref": "#/properties/number" },
                    "named": { "$ref": "#here" },
                    "$ref": { "type": "boolean" },
                },
            })
        }
    }

    macro_rules! tools {
        ($($tool:ident $name:literal),*) => {$(
            impl Tool for $tool {
                const NAME: &'static str = $name;
                type Pack = ();
                type Output = String;

                async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
                    Ok(String::new())
                }
            }
        )*};
    }
    tools! { Tree "tree", Own "own" }

    #[test]
    fn what_points_into_its_own_schema_does_so_in_the_whole() {
        static TREE: ToolEntry = ToolEntry::of::<Tree>("twenty_mcp::tools::tree", 1);
        static OWN: ToolEntry = ToolEntry::of::<Own>("twenty_mcp::tools::own", 1);
        let whole = schema(&PlugIns { tools: vec![&TREE, &OWN], ..PlugIns::default() });
        let check = jsonschema::draft202012::new(&whole).unwrap();
        let fits =
            |tool: &str, fixed: Value| check.is_valid(&json!({ "tools": { tool: { "fixed": fixed } } }));
        for (argument, right, wrong) in [
            ("number", json!(1), json!("one")),
            ("streets", json!(["a"]), json!([1])),
            ("other", json!(1), json!("one")),
            ("$ref", json!(true), json!(1)),
        ] {
            assert!(fits("own", json!({ argument: right })), "{argument}");
            assert!(!fits("own", json!({ argument: wrong })), "{argument}");
        }
        assert!(fits("own", json!({ "named": "anything" })));
        assert!(fits("tree", json!({ "branches": [{ "branches": [] }] })));
        assert!(!fits("tree", json!({ "branches": [{ "branches": 1 }] })));
    }
}
