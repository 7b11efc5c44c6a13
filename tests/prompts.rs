//! Prompts: listed, and their messages made.

use crate::support::{
    scratch::serving_plug_ins,
    wire::{GENERATIONS, Wire},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_one_file() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        assert!(wire.capabilities["prompts"].is_object(), "{}", wire.capabilities);
        let (prompts, _) = wire.all("prompts/list", "prompts").await;
        let told = json!({
            "name": "welcome", "title": "Welcome", "description": "Welcome somebody who is new.",
            "arguments": [
                { "name": "name", "required": true, "description": "Who is new." },
                { "name": "team", "required": false, "description": "What they will work on." },
            ],
        });
        assert_eq!(prompts.iter().find(|one| one["name"] == "welcome"), Some(&told));

        let arguments = json!({ "name": "Ada", "team": "sales" });
        let got = wire.done("prompts/get", json!({ "name": "welcome", "arguments": arguments })).await;
        assert_eq!(got["description"], "Welcome somebody who is new.");
        let text = "Write a short welcome for Ada, a new member of team sales.";
        assert_eq!(got["messages"], json!([{ "role": "user", "content": { "type": "text", "text": text } }]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_of_both_sides_and_of_any_content() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let look = json!({ "pictureNumber": "7", "light": "dusk" });
        let got = wire.done("prompts/get", json!({ "name": "look", "arguments": look })).await;
        let seen = json!({ "type": "resource", "annotations": { "priority": 1.0 },
            "resource": { "uri": "gallery://7", "text": "a face" } });
        assert_eq!(got["messages"][0], json!({ "role": "user", "content": seen }));
        assert_eq!(got["messages"][1]["content"]["text"], "What is this, by dusk?");
        assert_eq!(got["messages"][2]["role"], "assistant");

        let tour = wire.done("prompts/get", json!({ "name": "tour" })).await;
        assert_eq!(
            (&tour["description"], &tour["_meta"]["gallery/rooms"]),
            (&json!("The short tour"), &json!(7))
        );
        let empty = json!({ "pictureNumber": "7", "light": "" });
        let got = wire.done("prompts/get", json!({ "name": "look", "arguments": empty })).await;
        assert_eq!(
            got["messages"][1]["content"]["text"], "What is this, by daylight?",
            "an empty field is none"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_do_not_fit_are_told() {
    let server = serving_plug_ins(&[]).await;
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        for (name, arguments, told) in [
            ("lok", json!({}), "Unknown prompt: lok (did you mean look?)"),
            ("look", json!({}), "`pictureNumber` is missing: it is required"),
            (
                "look",
                json!({ "pictureNumber": "7", "light": "noon" }),
                "`light` must be one of daylight, dusk, dark",
            ),
            (
                "look",
                json!({ "pictureNumber": "7", "ligth": "dusk" }),
                "`ligth` is no argument here; did you mean `light`?",
            ),
            ("look", json!({ "pictureNumber": 7 }), "`pictureNumber` must be text, not a number"),
            ("look", json!({ "pictureNumber": "none" }), "there is no such picture"),
        ] {
            let error = wire.refused("prompts/get", json!({ "name": name, "arguments": arguments })).await;
            assert_eq!(error["code"], -32602, "{error}");
            assert!(error["message"].as_str().unwrap().contains(told), "{told} in {error}");
        }
    }
}
