//! The JSON Schemas that clients see: made by schemars, put into the form that every client takes.

use crate::seam::NULL_COUNTS;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The formats that schemars gives numbers.
const NUMBERS: [&str; 12] = [
    "int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint", "float",
    "double",
];

/// What a tool is told of its type's schema.
pub(super) struct Described {
    /// The type's doc comment.
    pub(super) description: String,
    /// The schema without title and description.
    pub(super) schema: Map<String, Value>,
}

/// The schema of a tool's arguments: an object that takes no unknown names unless the type says so.
pub(super) fn input(make: fn(&mut SchemaGenerator) -> Schema) -> Described {
    arguments(describe(make(&mut settings().into_generator())))
}

/// The same of a tool that a source listed, under its description.
pub(super) fn listed(schema: Value, description: String) -> Described {
    arguments(Described { description, ..describe(Schema::try_from(schema).unwrap_or_default()) })
}

fn arguments(mut described: Described) -> Described {
    let schema = &mut described.schema;
    if schema.get("type").is_some_and(|of| of == "null") {
        // A unit struct: it takes nothing.
        schema.clear();
    }
    schema.entry("type").or_insert_with(|| json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    schema.entry("additionalProperties").or_insert_with(|| json!(false));
    described
}

/// The arguments' schema as clients are shown it: an argument that may be left out may also be null, which nobody needs to
/// be told unless null says something of its own.
pub(super) fn shown(input: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = input.clone();
    if let Some(properties) = shown.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            if property.get("default").is_some_and(Value::is_null) {
                property.remove("default");
            }
            if property.remove(NULL_COUNTS).is_none() {
                without_null(property);
            }
        }
    }
    shown
}

/// The arguments' schema as it is checked, without `defaults`, which are nobody's to know.
pub(super) fn held(input: &Map<String, Value>, defaults: &Map<String, Value>) -> Value {
    let mut held = input.clone();
    if let Some(properties) = held.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            let Some(property) = property.as_object_mut() else { continue };
            property.remove(NULL_COUNTS);
            if defaults.contains_key(name) || property.get("default").is_some_and(Value::is_null) {
                property.remove("default");
            }
        }
    }
    Value::Object(held)
}

fn without_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            property.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(forms)) = property.get_mut("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(one)] = forms.as_slice() {
            let one = one.clone();
            property.remove("anyOf");
            property.extend(one);
        }
    }
}

/// The schema of a tool's answer, and whether the answer must be wrapped: `structuredContent` is an object, so a text,
/// number or list travels as `{ "result": … }`.
pub(super) fn output(make: fn(&mut SchemaGenerator) -> Schema) -> (Map<String, Value>, bool) {
    wrapped(describe(make(&mut settings().for_serialize().into_generator())).schema)
}

/// The same of a tool that a source listed.
pub(super) fn answered(schema: Value) -> (Map<String, Value>, bool) {
    wrapped(describe(Schema::try_from(schema).unwrap_or_default()).schema)
}

fn wrapped(mut schema: Map<String, Value>) -> (Map<String, Value>, bool) {
    if schema.get("type") == Some(&json!("object")) {
        return (schema, false);
    }
    let definitions = schema.remove("$defs");
    let mut wrapped = Map::new();
    wrapped.insert("type".into(), json!("object"));
    wrapped.insert("properties".into(), json!({ "result": schema }));
    wrapped.insert("required".into(), json!(["result"]));
    wrapped.extend(definitions.map(|definitions| ("$defs".to_owned(), definitions)));
    (wrapped, true)
}

/// No dialect is named: 2020-12 is what counts without. A schema that was written by hand may name it all the same.
fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None)
}

fn describe(schema: Schema) -> Described {
    let mut schema = match schema.to_value() {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    let description = schema.remove("description");
    schema.remove("title");
    let mut schema = Value::Object(schema);
    widen(&mut schema);
    Described {
        description: description.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
        schema: schema.as_object().cloned().unwrap_or_default(),
    }
}

/// Writes `{}` for `true` wherever a schema stands: several clients take a bare `true` for a fault. Takes away the
/// formats of numbers (`uint32`, `double`), which are schemars' own and which clients warn about.
fn widen(schema: &mut Value) {
    let Some(words) = schema.as_object_mut() else { return };
    if words.get("format").and_then(Value::as_str).is_some_and(|format| NUMBERS.contains(&format)) {
        words.remove("format");
    }
    for (word, value) in words.iter_mut() {
        match (word.as_str(), value) {
            ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(widen_one);
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(widen_one);
            }
            ("items" | "not" | "additionalProperties" | "contains", value) => widen_one(value),
            _ => {}
        }
    }
}

fn widen_one(schema: &mut Value) {
    if *schema == Value::Bool(true) {
        *schema = json!({});
    }
    widen(schema);
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;

    /// Look something up.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "its schema alone is looked at")]
    struct Lookup {
        /// Anything at all.
        any: Value,
        list: Vec<Value>,
        map: Map<String, Value>,
    }

    #[test]
    fn no_schema_is_a_bare_true() {
        let described = input(|generator| generator.root_schema_for::<Lookup>());
        assert_eq!(described.description, "Look something up.");
        let text = Value::Object(described.schema.clone()).to_string();
        assert!(!text.contains("true"), "{text}");
        assert_eq!(described.schema.get("additionalProperties"), Some(&json!(false)));
    }

    #[test]
    fn a_unit_struct_takes_nothing() {
        /// Ask for nothing.
        #[derive(JsonSchema)]
        struct Ping;
        let described = input(|generator| generator.root_schema_for::<Ping>());
        assert_eq!(described.description, "Ask for nothing.");
        let nothing = json!({ "type": "object", "properties": {}, "additionalProperties": false });
        assert_eq!(Value::Object(described.schema), nothing);
    }

    #[test]
    fn a_dialect_is_named_where_the_type_names_it() {
        const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
        struct Own;
        impl JsonSchema for Own {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                "Own".into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schemars::json_schema!({ "$schema": DIALECT, "type": "object" })
            }
        }
        let own = input(|generator| generator.root_schema_for::<Own>()).schema;
        assert_eq!(own.get("$schema"), Some(&json!(DIALECT)));
        let derived = input(|generator| generator.root_schema_for::<Lookup>()).schema;
        assert_eq!(derived.get("$schema"), None);
    }

    #[test]
    fn null_is_shown_where_it_says_something() {
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "its schema alone is looked at")]
        struct Change {
            #[serde(default)]
            city: crate::seam::Given<String>,
            #[serde(default)]
            limit: Option<u32>,
        }
        let full = input(|generator| generator.root_schema_for::<Change>()).schema;
        let properties = |schema: &Map<String, Value>| schema.get("properties").cloned().unwrap();
        assert_eq!(
            properties(&shown(&full)),
            json!({ "city": { "type": ["string", "null"] }, "limit": { "type": "integer", "minimum": 0 } })
        );
        let validator = jsonschema::draft202012::options().build(&Value::Object(full)).unwrap();
        assert!(validator.is_valid(&json!({ "city": null, "limit": null })), "null is taken all the same");
    }

    #[test]
    fn what_is_no_object_is_wrapped() {
        let (schema, wrapped) = output(|generator| generator.root_schema_for::<String>());
        assert!(wrapped);
        assert_eq!(schema.get("properties"), Some(&json!({ "result": { "type": "string" } })));
        assert!(!output(|generator| generator.root_schema_for::<Lookup>()).1);
    }
}
