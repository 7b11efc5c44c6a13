//! States that are not the caller's, not this request's, changed or used; clients that cannot be asked.

use super::{Server, accept, tools::deleted};
use serde_json::{Value, json};

fn retry(tool: &str, arguments: Value, state: &str) -> Value {
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    json!({ "name": tool, "arguments": arguments, "inputResponses": answers, "requestState": state })
}

async fn state(server: &Server, arguments: Value) -> String {
    let result = server.call(json!({ "name": "delete", "arguments": arguments })).await;
    result["requestState"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_opens_for_its_caller_tool_and_arguments_alone() {
    let server = Server::start().await;
    let arguments = json!({ "what": "bound", "note": { "a": 1, "b": [2] } });
    let state = state(&server, arguments.clone()).await;
    let mut flipped = state.clone().into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let tampered = format!("{state}-TAMPERED");
    for (user, tool, arguments, state) in [
        ("bob", "delete", arguments.clone(), state.as_str()),
        ("ann", "guarded", json!({ "what": "bound" }), &state),
        ("ann", "delete", json!({ "what": "another", "note": { "a": 1, "b": [2] } }), &state),
        ("ann", "delete", json!({ "what": "bound" }), &state),
        ("ann", "delete", arguments.clone(), &flipped),
        ("ann", "delete", arguments.clone(), &tampered),
        ("ann", "delete", arguments.clone(), "made-up"),
        ("ann", "delete", arguments.clone(), ""),
    ] {
        let (_, answer) = server.post(user, "tools/call", retry(tool, arguments.clone(), state)).await;
        assert_eq!(answer["error"]["code"], -32602, "{user} {tool} {arguments}: {answer}");
    }
    let another = Server::start().await;
    let (_, answer) = another.post("ann", "tools/call", retry("delete", arguments, &state)).await;
    assert_eq!(answer["error"]["code"], -32602, "another key: {answer}");
    assert_eq!(deleted("bound"), 0);
    // The same arguments in another order are the same.
    let other_order = json!({ "note": { "b": [2], "a": 1 }, "what": "bound" });
    assert_eq!(server.call(retry("delete", other_order, &state)).await["resultType"], "complete");
    assert_eq!(deleted("bound"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_lead_to_one_effect_however_often_they_come() {
    let server = Server::start().await;
    let arguments = json!({ "what": "once" });
    let state = state(&server, arguments.clone()).await;
    let call = || server.post("ann", "tools/call", retry("delete", arguments.clone(), &state));
    let (one, other, third) = tokio::join!(call(), call(), call());
    let answers = [one.1, other.1, third.1];
    let done = answers.iter().filter(|answer| answer["result"]["structuredContent"].is_object()).count();
    let refused = answers.iter().filter(|answer| answer["error"]["code"] == -32602).count();
    assert_eq!((done, refused, deleted("once")), (1, 2, 1), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_were_not_asked_for_lead_to_none() {
    let server = Server::start().await;
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    let call = json!({ "name": "delete", "arguments": { "what": "unasked" }, "inputResponses": answers });
    assert_eq!(server.call(call).await["resultType"], "input_required");
    let answers = json!({ "twenty-mcp/approve": accept(json!({ "allow": true })) });
    let call = json!({ "name": "guarded", "arguments": { "what": "unasked" }, "inputResponses": answers });
    assert_eq!(server.call(call).await["resultType"], "input_required");
    assert_eq!(deleted("unasked"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_another_kind_are_asked_for_again() {
    let server = Server::start().await;
    let arguments = json!({ "what": "wrong" });
    let state = state(&server, arguments.clone()).await;
    for answers in [json!({}), json!({ "sure": 12345 }), json!({ "sure": accept(json!({ "yes": "yes" })) })] {
        let call = json!({
            "name": "delete", "arguments": arguments, "inputResponses": answers, "requestState": state,
        });
        let again = server.call(call).await;
        assert_eq!(again["resultType"], "input_required", "{answers}");
        assert_eq!(again["inputRequests"].as_object().unwrap().len(), 1);
    }
    assert_eq!(deleted("wrong"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_be_asked_is_told_the_capability() {
    let server = Server::start().await;
    for (tool, arguments, can, lacks) in [
        ("delete", json!({ "what": "lacking" }), json!({}), json!({ "elicitation": {} })),
        ("guarded", json!({ "what": "lacking" }), json!({ "sampling": {} }), json!({ "elicitation": {} })),
        (
            "own",
            json!({ "page": true }),
            json!({ "elicitation": {} }),
            json!({ "elicitation": { "url": {} } }),
        ),
        ("many", json!({}), json!({ "elicitation": {}, "roots": {} }), json!({ "sampling": {} })),
    ] {
        let call = json!({ "name": tool, "arguments": arguments });
        let (_, answer) = server.post_as("ann", can, "tools/call", call).await;
        assert_eq!(answer["error"]["code"], -32021, "{tool}: {answer}");
        assert_eq!(answer["error"]["data"]["requiredCapabilities"], lacks, "{tool}");
        assert_eq!(answer["id"], 7);
    }
    assert_eq!(deleted("lacking"), 0);
}
