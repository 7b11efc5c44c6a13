//! The committed document, which a new one replaces with `TWENTY_MCP_RENEW=1`.

use super::{Path, Value, fs, json, printed, tools, whole};
use std::collections::BTreeSet;

#[test]
fn the_committed_document_is_that_of_this_build() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let now = printed(&[]);
    if std::env::var_os("TWENTY_MCP_RENEW").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let told = "make it anew: twenty-mcp openapi > openapi/openapi.json";
    assert!(fs::read_to_string(&file).unwrap() == now, "{told}");
    let yaml: Value = serde_yaml::from_str(&printed(&["--yaml"])).unwrap();
    assert_eq!(yaml, serde_json::from_str::<Value>(&now).unwrap());
}

#[test]
fn every_reference_leads_somewhere_and_every_name_stands_once() {
    let document: Value = serde_json::from_str(&printed(&[])).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        if let Some(to) = value.get("$ref").and_then(Value::as_str) {
            let found = to.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(found.is_some_and(|found| !found.is_null()), "{to}");
        }
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    let mut ids = BTreeSet::new();
    let verbs =
        |item: &Value| ["get", "post", "delete"].map(|verb| item.get(verb).cloned()).into_iter().flatten();
    for operation in document["paths"].as_object().unwrap().values().flat_map(verbs) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{operation}");
        for status in ["400", "403", "405", "500"] {
            assert!(operation["responses"].get(status).is_some(), "{status}: {operation}");
        }
    }
    for path in ["/mcp", "/health", "/api/keys", "/.well-known/oauth-protected-resource/mcp", "/openapi.json"]
    {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
}

#[test]
fn every_tool_has_its_schemas_and_an_example_that_fits() {
    let document: Value = serde_json::from_str(&printed(&[])).unwrap();
    let tools = tools(&document);
    assert!(tools.len() > 20, "{}", tools.len());
    for (name, tool) in tools {
        let body = &tool["requestBody"]["content"]["application/json"];
        let schema = whole(&document, &body["schema"]);
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
        let faults = validator
            .unwrap()
            .iter_errors(&body["example"])
            .map(|fault| fault.to_string())
            .collect::<Vec<_>>();
        assert!(faults.is_empty(), "{name}: {}: {faults:?}", body["example"]);
        let answer = &tool["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(answer.is_object() && jsonschema::meta::is_valid(&whole(&document, answer)), "{name}");
        assert_eq!(tool["tags"], json!(["twenty"]), "{name}");
        let scope = tool["x-scope"].as_str().unwrap();
        assert_eq!(tool["security"], json!([{ "bearer": [scope] }, {}]), "{name}");
    }
}
