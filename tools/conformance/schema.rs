//! A tool with a schema that no type can tell.

use super::pack::Conformance;
use crate::seam::{Call, Contents, Tool, ToolError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Somebody with an address, and a way to reach them.
#[derive(Deserialize)]
pub struct Contact(Map<String, Value>);
crate::register!(Contact);

impl JsonSchema for Contact {
    fn schema_name() -> Cow<'static, str> {
        "Contact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "description": "Take somebody with an address and a way to reach them.",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
                },
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" },
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false,
        })
    }
}

impl Tool for Contact {
    const NAME: &'static str = "json_schema_2020_12_tool";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok(format!("Got {}", Value::Object(self.0)).into())
    }
}
