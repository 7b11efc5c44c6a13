//! A type's JSON Schema, put into the form that forms have.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// The schema that a form of this type would have; what no form can have is left in it, for the rules to find.
pub(super) fn schema<T: JsonSchema>() -> Result<Value, String> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let Value::Object(mut whole) = settings.into_generator().into_root_schema_for::<T>().to_value() else {
        return Err("it takes anything".into());
    };
    for word in ["$schema", "title", "description", "additionalProperties"] {
        whole.remove(word);
    }
    if let Some(fields) = whole.get_mut("properties").and_then(Value::as_object_mut) {
        fields.values_mut().filter_map(Value::as_object_mut).for_each(field);
    } else {
        whole.insert("properties".into(), json!({}));
    }
    Ok(Value::Object(whole))
}

fn field(schema: &mut Object) {
    without_null(schema);
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "integer" | "number" => drop(schema.remove("format")),
        "array" => {
            schema.remove("uniqueItems");
            if let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) {
                choices(items, "anyOf");
                items.remove("title");
                items.remove("description");
                if items.contains_key("anyOf") {
                    items.remove("type");
                }
            }
        }
        _ => choices(schema, "oneOf"),
    }
}

/// An enum's variants under `word`, where one of them has words of its own, or else as bare names.
fn choices(schema: &mut Object, word: &str) {
    if let Some(only) = schema.remove("const") {
        schema.insert("enum".into(), json!([only]));
    }
    let Some(Value::Array(forms)) = schema.remove("oneOf") else { return };
    let named = forms.iter().flat_map(|form| {
        let text = |word: &str| form.get(word).and_then(Value::as_str);
        let title = text("title").or_else(|| text("description"));
        let plain = form.get("enum").and_then(Value::as_array).into_iter().flatten();
        plain.chain(form.get("const")).map(move |value| {
            let name = value.as_str().unwrap_or_default();
            json!({ "const": value, "title": title.unwrap_or(name) })
        })
    });
    let named: Vec<Value> = named.collect();
    schema.insert("type".into(), json!("string"));
    schema.insert(word.into(), Value::Array(named));
}

/// What may be left out is left out in a form, never null.
fn without_null(schema: &mut Object) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(mut forms)) = schema.remove("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|one| one != "null"));
        match forms.as_mut_slice() {
            [Value::Object(one)] => {
                for (word, value) in std::mem::take(one) {
                    schema.entry(word).or_insert(value);
                }
            }
            _ => drop(schema.insert("anyOf".into(), Value::Array(forms))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        #[default]
        Small,
        Large,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    enum Colour {
        /// Red as a rose
        Red,
        #[schemars(title = "Blue")]
        Blue,
        Green,
    }

    fn yes() -> bool {
        true
    }

    /// An order.
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "its schema alone is looked at")]
    struct Order {
        /// What it is for.
        reason: String,
        how_many: Option<u8>,
        price: f64,
        #[serde(default = "yes")]
        gift: bool,
        #[serde(default)]
        size: Size,
        colour: Option<Colour>,
        sizes: Vec<Size>,
        colours: Vec<Colour>,
    }

    #[test]
    fn a_type_is_its_form() {
        let colours = json!([
            { "const": "Red", "title": "Red as a rose" },
            { "const": "Blue", "title": "Blue" },
            { "const": "Green", "title": "Green" },
        ]);
        let form = Form::of::<Order>().unwrap();
        let fields = form.schema().get("properties").unwrap();
        assert_eq!(fields["reason"], json!({ "type": "string", "description": "What it is for." }));
        assert_eq!(fields["howMany"], json!({ "type": "integer", "minimum": 0, "maximum": 255 }));
        assert_eq!(fields["price"], json!({ "type": "number" }));
        assert_eq!(fields["gift"], json!({ "type": "boolean", "default": true }));
        assert_eq!(fields["size"]["enum"], json!(["small", "large"]));
        assert_eq!(fields["colour"]["oneOf"].as_array().unwrap().len(), 3);
        assert!(
            colours
                .as_array()
                .unwrap()
                .iter()
                .all(|c| fields["colour"]["oneOf"].as_array().unwrap().contains(c))
        );
        assert_eq!(fields["sizes"]["items"], json!({ "type": "string", "enum": ["small", "large"] }));
        assert_eq!(fields["colours"]["items"]["anyOf"].as_array().unwrap().len(), 3);
        assert_eq!(form.schema()["required"], json!(["reason", "price", "sizes", "colours"]));
    }

    #[test]
    fn what_makes_no_form_is_told_by_its_field() {
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "its schema alone is looked at")]
        struct Deep {
            order: Order,
        }
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "its schema alone is looked at")]
        struct Login {
            key: crate::seam::Secret,
        }
        let deep = Form::of::<Deep>().unwrap_err();
        assert!(deep.message().contains("`Deep` makes no form: `order` must be a text"), "{deep}");
        assert!(Form::of::<Login>().unwrap_err().message().contains("elicit_url"));
        assert!(Form::of::<String>().is_err() && Form::of::<Value>().is_err());
    }
}
