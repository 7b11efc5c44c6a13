//! What Clerk says of its Backend API (tests/schema/clerk), held against requests and answers.

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// One version of the description.
pub struct Description {
    version: &'static str,
    whole: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// A request as it came.
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
    /// Names in lower case.
    pub headers: &'a [(String, String)],
    pub body: &'a str,
}

impl Description {
    pub const VERSIONS: [&'static str; 2] = ["2026-05-12", "2025-11-10"];

    /// The description of a version that there is.
    pub fn of(version: &str) -> Option<Self> {
        let version = Self::VERSIONS.into_iter().find(|known| *known == version)?;
        let file = format!("{}/tests/schema/clerk/clerk-bapi-{version}.yml", env!("CARGO_MANIFEST_DIR"));
        let mut whole: Value = serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(whole["info"]["version"], version);
        whole["paths"]["/v1/users"] = users();
        adapt(&mut whole);
        Some(Self { version, whole, validators: Mutex::default() })
    }

    /// The path as it is described, and the operation.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let fits = |template: &str| {
            let (said, there): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            let same =
                |(said, there): (&&str, &&str)| said == there || said.starts_with('{') && !there.is_empty();
            said.len() == there.len() && said.iter().zip(&there).all(same)
        };
        let (template, path) =
            self.whole["paths"].as_object().unwrap().iter().find(|(path, _)| fits(path))?;
        Some((template, path.get(method.to_ascii_lowercase())?))
    }

    /// What is wrong with a request.
    pub fn faults_of(&self, asked: &Asked<'_>) -> Vec<String> {
        let mut faults = Vec::new();
        let Some((_, operation)) = self.operation(asked.method, asked.path) else {
            return vec!["no such operation".into()];
        };
        let said = |name: &str| -> Vec<&str> {
            asked.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
        };
        if said("clerk-api-version") != [self.version] {
            faults.push(format!("Clerk-API-Version is {:?}", said("clerk-api-version")));
        }
        let key = |value: &&str| value.starts_with("Bearer sk_test_") || value.starts_with("Bearer sk_live_");
        if said("authorization").len() != 1 || !said("authorization").iter().all(key) {
            faults.push("Authorization holds no secret key".into());
        }
        for (name, value) in url::form_urlencoded::parse(asked.query.unwrap_or_default().as_bytes()) {
            let mut described = operation["parameters"].as_array().into_iter().flatten();
            match described.find(|one| one["in"] == "query" && one["name"] == *name) {
                Some(described) => {
                    let number =
                        value.parse::<i64>().ok().filter(|_| described["schema"]["type"] == "integer");
                    let value = number.map_or_else(|| json!(value), |number| json!(number));
                    faults.extend(self.check(&described["schema"], &value));
                }
                None => faults.push(format!("`{name}` is asked by the query")),
            }
        }
        match operation.get("requestBody") {
            None if asked.body.is_empty() => {}
            None => faults.push("a body where none is described".into()),
            Some(described) => {
                if said("content-type") != ["application/json"] {
                    faults.push(format!("Content-Type is {:?}", said("content-type")));
                }
                let mut schema = described["content"]["application/json"]["schema"].clone();
                // Clerk refuses members that it does not know, though it does not describe that for each body.
                schema["additionalProperties"] = false.into();
                if schema["properties"]["secret"]["deprecated"] == true {
                    schema["properties"].as_object_mut().unwrap().remove("secret");
                    schema["required"] = json!(["access_token"]);
                }
                match serde_json::from_str(asked.body) {
                    Ok(body) => faults.extend(self.check(&schema, &body)),
                    Err(error) => faults.push(format!("the body is no JSON: {error}")),
                }
            }
        }
        faults
    }

    /// What is wrong with an answer to a request that is described.
    pub fn faults_of_answer(&self, asked: &Asked<'_>, status: u16, body: &Value) -> Vec<String> {
        let Some((_, operation)) = self.operation(asked.method, asked.path) else { return Vec::new() };
        let errors = json!({ "$ref": "#/components/schemas/ClerkErrors" });
        let schema = match operation["responses"].get(status.to_string()) {
            None => errors,
            Some(response) => {
                let named = response.get("$ref").and_then(Value::as_str);
                let response = match named {
                    Some(named) => self.whole.pointer(named.trim_start_matches('#')).unwrap(),
                    None => response,
                };
                response["content"]["application/json"]["schema"].clone()
            }
        };
        self.check(&schema, body)
    }

    fn check(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator =
            Arc::clone(self.validators.lock().unwrap().entry(schema.to_string()).or_insert_with(|| {
                let whole = json!({ "allOf": [schema], "components": self.whole["components"] });
                Arc::new(jsonschema::validator_for(&whole).unwrap())
            }));
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

/// The list of users, which the description was cut without: what is asked of it, and how it is answered.
fn users() -> Value {
    let number = |least: u32| json!({ "type": "integer", "minimum": least, "maximum": 500 });
    let orders = ["created_at", "+created_at", "-created_at"];
    json!({ "get": {
        "parameters": [
            { "in": "query", "name": "limit", "schema": number(1) },
            { "in": "query", "name": "starting_after", "schema": { "type": "string" } },
            { "in": "query", "name": "order_by", "schema": { "enum": orders } },
        ],
        "responses": { "200": { "content": { "application/json": { "schema": {
            "type": "array", "items": { "$ref": "#/components/schemas/User" },
        } } } } },
    } })
}

/// Makes JSON Schema of what OpenAPI 3.0 has of its own.
fn adapt(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(adapt),
        Value::Object(map) => {
            map.values_mut().for_each(adapt);
            if map.get("nullable") == Some(&Value::Bool(true)) {
                map.remove("nullable");
                let schema = Map::from_iter(std::mem::take(map));
                *value = json!({ "anyOf": [schema, { "type": "null" }] });
            }
        }
        _ => {}
    }
}
