//! Resources: listed, found by their address, read.

use crate::support::{
    scratch::{self, serving_plug_ins},
    wire::{GENERATIONS, Generation, Wire},
};
use serde_json::{Value, json};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_one_file() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        assert!(wire.capabilities["resources"].is_object(), "{}", wire.capabilities);

        let (templates, _) = wire.all("resources/templates/list", "resourceTemplates").await;
        let motto = templates.iter().find(|one| one["name"] == "motto").unwrap();
        let told = json!({
            "uriTemplate": "motto://{language}", "name": "motto", "title": "Motto",
            "description": "A line to begin the day with.", "mimeType": "text/plain",
        });
        assert_eq!(*motto, told);
        let read = wire.done("resources/read", json!({ "uri": "motto://la" })).await;
        let said = json!([{ "uri": "motto://la", "mimeType": "text/plain", "text": "Carpe diem." }]);
        assert_eq!(read["contents"], said);

        let lost = wire.refused("resources/read", json!({ "uri": "motto://fr" })).await;
        assert_eq!((&lost["code"], &lost["data"]["uri"]), (&json!(-32602), &json!("motto://fr")), "{lost}");
        assert_eq!(lost["message"], "there is no motto in fr");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_variables_goes_before_one_with_them() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let read = wire.done("resources/read", json!({ "uri": "gallery://dot" })).await;
        let dot = json!([{ "uri": "gallery://dot", "mimeType": "image/png", "blob": "AAEC" }]);
        assert_eq!(read["contents"], dot);
        let read = wire.done("resources/read", json!({ "uri": "gallery://7" })).await;
        assert_eq!(read["contents"][0]["text"], r#"{"number":7}"#);
        let read = wire.done("resources/read", json!({ "uri": "rooms://first%20floor/2%2Fb" })).await;
        assert_eq!(read["contents"][0]["text"], "2/b on first floor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_and_bounded() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let long = format!("gallery://{}", "9".repeat(5000));
        for (uri, code, kind) in [
            ("", -32602, "not_found"),
            ("nothing://here", -32602, "not_found"),
            ("gallery://", -32602, "not_found"),
            ("gallery://a/b", -32602, "not_found"),
            ("gallery://A-Z", -32602, "not_found"),
            ("gallery://1500", -32602, "not_found"),
            (&long, -32602, "not_found"),
            ("gallery://closed", -32603, "denied"),
            ("gallery://large", -32603, "limited"),
            ("gallery://broken", -32603, "internal"),
        ] {
            let error = wire.refused("resources/read", json!({ "uri": uri })).await;
            let data = &error["data"];
            assert_eq!((&error["code"], &data["twenty-mcp/error"]), (&json!(code), &json!(kind)), "{error}");
            assert_eq!(data["uri"], uri);
            assert!(error["message"].as_str().unwrap().len() < 300, "{error}");
        }
        let closed = wire.refused("resources/read", json!({ "uri": "gallery://closed" })).await;
        assert_eq!(closed["message"], "this room is closed\ncome back tomorrow");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_exist_are_listed_in_pages_up_to_a_bound() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (mut listed, pages) = wire.all("resources/list", "resources").await;
        listed.retain(|resource| resource["uri"].as_str().is_some_and(|uri| uri.starts_with("gallery://")));
        let told = json!({
            "uri": "gallery://dot", "name": "red_dot", "title": "Red dot", "description": "A dot.",
            "mimeType": "image/png", "annotations": { "audience": ["user"], "priority": 0.5 },
            "icons": [{ "src": "https://example.com/dot.png", "sizes": ["any"] }],
        });
        assert_eq!(listed[0], told);
        assert_eq!((listed.len(), pages), (1001, 6), "a template lists a thousand at most");
        assert_eq!(listed[1000], json!({ "uri": "gallery://999", "name": "picture 999" }));
        let error = wire.refused("resources/list", json!({ "cursor": "nonsense" })).await;
        assert_eq!(error["code"], -32602, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "server: { timeout: 300ms }\n").unwrap();
    let server = serving_plug_ins(&["--config", file.to_str().unwrap()]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let error = wire.refused("resources/read", json!({ "uri": "gallery://slow" })).await;
        assert_eq!(error["data"]["twenty-mcp/error"], "limited", "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_hears_of_changes() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let resources = &wire.capabilities["resources"];
        assert_eq!((&resources["subscribe"], &resources["listChanged"]), (&json!(true), &json!(true)));
        let mut heard = wire.listen(&["gallery://7"]).await;
        let repaint = async |number: &str| {
            let called = json!({ "name": "repaint", "arguments": { "number": number } });
            let done = wire.done("tools/call", called).await;
            let link = json!({ "type": "resource_link", "uri": "gallery://dot", "name": "dot", "mimeType": "image/png" });
            assert_eq!(done["content"][1], link);
        };
        repaint("8").await;
        repaint("7").await;
        let told = heard.next().await;
        assert_eq!(
            (&told["method"], &told["params"]["uri"]),
            (&json!("notifications/resources/updated"), &json!("gallery://7"))
        );
        repaint("all").await;
        for list in ["tools", "prompts", "resources"] {
            assert_eq!(heard.next().await["method"], format!("notifications/{list}/list_changed"));
        }
    }
    let wire = Wire::of(&server, Generation::Session).await;
    wire.done("resources/subscribe", json!({ "uri": "gallery://7" })).await;
    wire.done("resources/unsubscribe", json!({ "uri": "gallery://7" })).await;
    let mut heard = wire.listen(&[]).await;
    for number in ["7", "all"] {
        wire.done("tools/call", json!({ "name": "repaint", "arguments": { "number": number } })).await;
    }
    assert_eq!(heard.next().await["method"], "notifications/tools/list_changed");
    let error = wire.refused("resources/subscribe", json!({ "uri": "nothing://here" })).await;
    assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32602), &json!("nothing://here")));
}

#[test]
fn resources_are_listed_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut list = Command::new(scratch::with_plug_ins());
    list.args(["resources", "list", "--json"]).current_dir(folder.path()).env_clear();
    let rows: Vec<Value> = serde_json::from_slice(&list.output().unwrap().stdout).unwrap();
    let motto = rows.iter().find(|row| row["uri"] == "motto://{language}").unwrap();
    assert_eq!(motto["file"], "tools/motto.rs");
}
