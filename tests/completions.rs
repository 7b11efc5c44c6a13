//! Completions: what an argument may become.

use crate::support::{
    running::Running,
    scratch::serving_plug_ins,
    wire::{GENERATIONS, Wire},
};
use serde_json::{Value, json};

fn of(reference: Value, argument: &str, typed: &str) -> Value {
    json!({ "ref": reference, "argument": { "name": argument, "value": typed } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_is_one_file() {
    let server = serving_plug_ins(&[]).await;
    let welcome = json!({ "type": "ref/prompt", "name": "welcome" });
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        assert!(wire.capabilities["completions"].is_object(), "{}", wire.capabilities);
        let told = wire.done("completion/complete", of(welcome.clone(), "team", "su")).await;
        let proposals = json!({ "values": ["success", "support"], "total": 2, "hasMore": false });
        assert_eq!(told["completion"], proposals);
        let told = wire.done("completion/complete", of(welcome.clone(), "name", "A")).await;
        assert_eq!(told["completion"]["values"], json!([]), "nobody completes this argument");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_complete_themselves_and_others_know_what_was_given() {
    let server = serving_plug_ins(&[]).await;
    let (look, room) = (
        json!({ "type": "ref/prompt", "name": "look" }),
        json!({ "type": "ref/resource", "uri": "rooms://{floor}/{door}" }),
    );
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let told = wire.done("completion/complete", of(look.clone(), "light", "D")).await;
        assert_eq!(told["completion"]["values"], json!(["daylight", "dusk", "dark"]));
        let mut asked = of(room.clone(), "door", "x");
        asked["context"] = json!({ "arguments": { "floor": "3" } });
        let told = wire.done("completion/complete", asked).await;
        let proposals = &told["completion"];
        assert_eq!(proposals["values"].as_array().unwrap().len(), 100);
        assert_eq!((&proposals["total"], &proposals["hasMore"]), (&json!(250), &json!(true)));
        assert_eq!(proposals["values"][0], "x3-0");
        let told =
            wire.done("completion/complete", of(look.clone(), "pictureNumber", &"x".repeat(5000))).await;
        assert_eq!(told["completion"]["total"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_completed_is_told() {
    let server = serving_plug_ins(&[]).await;
    let room = json!({ "type": "ref/resource", "uri": "rooms://{floor}/{door}" });
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        for (asked, code, told) in [
            (of(json!({ "type": "ref/prompt", "name": "lok" }), "x", ""), -32602, "did you mean look?"),
            (
                of(json!({ "type": "ref/resource", "uri": "rooms://{floor}" }), "x", ""),
                -32602,
                "did you mean rooms://",
            ),
            (of(room.clone(), "dor", ""), -32602, "did you mean `door`?"),
            (of(room.clone(), "door", "fail"), -32603, "the plan of the house is lost"),
        ] {
            let error = wire.refused("completion/complete", asked).await;
            assert_eq!(error["code"], code, "{error}");
            assert!(error["message"].as_str().unwrap().contains(told), "{told} in {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_declared_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "tools: { hello: {} }\n").unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        for capability in ["resources", "prompts", "completions"] {
            assert!(wire.capabilities.get(capability).is_none(), "{}", wire.capabilities);
        }
    }
}
