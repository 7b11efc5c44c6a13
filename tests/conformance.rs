//! What the official suite calls is a pack like any other, and there for nobody who does not name it.

use crate::support::{
    running::Running,
    wire::{GENERATIONS, Wire},
};
use serde_json::{Value, json};

fn serving(tools: Value) -> (Running, tempfile::NamedTempFile) {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), json!({ "tools": tools }).to_string()).unwrap();
    (Running::start(&["--config", file.path().to_str().unwrap()]), file)
}

fn values<'a>(list: &'a [Value], member: &str) -> Vec<&'a str> {
    list.iter().map(|one| one[member].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_alone_where_nothing_else_is_named() {
    let (server, _file) = serving(json!({ "hello": { "enabled": false }, "conformance": {} }));
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (tools, _) = wire.all("tools/list", "tools").await;
        assert_eq!(
            values(&tools, "name")[0],
            "test_simple_text",
            "the suite calls the first without arguments"
        );
        assert!(!values(&tools, "name").contains(&"hello"));
        let contact = tools.iter().find(|tool| tool["name"] == "json_schema_2020_12_tool").unwrap();
        let schema = &contact["inputSchema"];
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$defs"]["address"]["$anchor"], "addressDef");
        assert_eq!(schema["then"], json!({ "required": ["phone"] }));

        let (resources, _) = wire.all("resources/list", "resources").await;
        let addresses = ["test://static-text", "test://static-binary", "test://watched-resource"];
        assert_eq!(values(&resources, "uri"), addresses);
        let (prompts, _) = wire.all("prompts/list", "prompts").await;
        assert!(values(&prompts, "name").contains(&"test_simple_prompt"));

        let said = wire.done("tools/call", json!({ "name": "test_simple_text" })).await;
        let text = "This is a simple text response for testing.";
        assert_eq!(said["content"], json!([{ "type": "text", "text": text }]));
        let id = json!({ "uri": "test://template/123/data" });
        let read = wire.done("resources/read", id).await;
        let data = r#"{"id":"123","templateTest":true,"data":"Data for ID: 123"}"#;
        assert_eq!(read["contents"][0]["text"], data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_served_where_it_is_not_named() {
    let (server, _file) = serving(json!({}));
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (tools, _) = wire.all("tools/list", "tools").await;
        assert_eq!(values(&tools, "name"), ["hello"]);
        assert!(wire.capabilities.get("prompts").is_none(), "{}", wire.capabilities);
        assert!(wire.capabilities.get("resources").is_none(), "{}", wire.capabilities);
    }
}
