//! Callers without a session: a call ends with its questions and comes again with the answers.

use super::{Server, accept, greeting, roots, tools::deleted};
use serde_json::{Value, json};

/// The questions of an answer, and the state to bring back.
fn asked(result: &Value) -> (&Value, &str) {
    assert_eq!(result["resultType"], "input_required", "{result}");
    (&result["inputRequests"], result["requestState"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_leads_to_one_effect() {
    let server = Server::start().await;
    let arguments = json!({ "what": "stateless" });
    let first = server.call(json!({ "name": "delete", "arguments": arguments })).await;
    let (questions, state) = asked(&first);
    assert_eq!(questions["sure"]["method"], "elicitation/create");
    assert_eq!(questions["sure"]["params"]["message"], "Delete stateless?");
    assert_eq!(deleted("stateless"), 0);
    let yes = json!({ "sure": accept(json!({ "yes": true })) });
    let retry =
        json!({ "name": "delete", "arguments": arguments, "inputResponses": yes, "requestState": state });
    let done = server.call(retry).await;
    assert_eq!(done["resultType"], "complete");
    assert_eq!(done["structuredContent"]["result"], "Deleted stateless.");
    assert_eq!(deleted("stateless"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_is_told_and_nothing_is_done() {
    let server = Server::start().await;
    let arguments = json!({ "what": "declined" });
    let first = server.call(json!({ "name": "delete", "arguments": arguments })).await;
    let no = json!({ "sure": { "action": "decline" } });
    let retry = json!({
        "name": "delete", "arguments": arguments, "inputResponses": no, "requestState": asked(&first).1,
    });
    let told = server.call(retry).await;
    assert_eq!(told["isError"], true);
    assert!(told["content"][0]["text"].as_str().unwrap().contains("the user declined"), "{told}");
    assert_eq!(deleted("declined"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_at_once_are_one_round() {
    let server = Server::start().await;
    let first = server.call(json!({ "name": "many", "arguments": {} })).await;
    let (questions, state) = asked(&first);
    assert_eq!(questions["greeting"]["method"], "sampling/createMessage");
    assert_eq!(questions["client_roots"]["method"], "roots/list");
    assert_eq!(questions.as_object().unwrap().len(), 3);
    let answers = json!({
        "user_name": accept(json!({ "name": "Ada" })), "greeting": greeting(), "client_roots": roots(),
    });
    let done = server.call(json!({ "name": "many", "inputResponses": answers, "requestState": state })).await;
    assert_eq!(done["structuredContent"]["result"], "Good day, Ada, from file:///test/root");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_after_the_other_are_two_rounds() {
    let server = Server::start().await;
    let name = |name: &str| accept(json!({ "name": name }));
    let first = server.call(json!({ "name": "steps", "arguments": {} })).await;
    let answers = json!({ "step1": name("Ada Lovelace") });
    let retry = json!({ "name": "steps", "arguments": {}, "inputResponses": answers, "requestState": asked(&first).1 });
    let second = server.call(retry).await;
    let (questions, state) = asked(&second);
    assert_eq!(questions["step2"]["params"]["message"], "Ada Lovelace, and whose?");
    assert_ne!(state, asked(&first).1);
    assert!(!state.contains("Lovelace"), "answers are sealed");
    let answers = json!({ "step2": name("Bo") });
    let retry = json!({ "name": "steps", "arguments": {}, "inputResponses": answers, "requestState": state });
    assert_eq!(server.call(retry).await["structuredContent"]["result"], "Ada Lovelace of Bo");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_asks_before_what_the_operator_wants_to_be_asked_for() {
    let server = Server::start().await;
    let arguments = json!({ "what": "guarded-stateless" });
    let first = server.call(json!({ "name": "guarded", "arguments": arguments })).await;
    let (questions, state) = asked(&first);
    let question = &questions["twenty-mcp/approve"]["params"];
    let message = question["message"].as_str().unwrap();
    assert!(message.contains("guarded") && message.contains("guarded-stateless"), "{message}");
    assert_eq!(question["requestedSchema"]["required"], json!(["allow"]));
    let with = |allow: bool| {
        let answers = json!({ "twenty-mcp/approve": accept(json!({ "allow": allow })) });
        json!({ "name": "guarded", "arguments": arguments, "inputResponses": answers, "requestState": state })
    };
    assert_eq!(server.call(with(false)).await["isError"], true);
    assert_eq!(deleted("guarded-stateless"), 0);
    assert_eq!(server.call(with(true)).await["structuredContent"]["result"], "Deleted guarded-stateless.");
    assert_eq!(deleted("guarded-stateless"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_asks_what_an_argument_means() {
    let server = Server::start().await;
    let mut call = json!({ "name": "pick", "arguments": { "what": "pear" } });
    let mut bring = async |answers: Value| {
        let result = server.call(call.clone()).await;
        let (_, state) = asked(&result);
        (call["requestState"], call["inputResponses"]) = (json!(state), answers);
        result
    };
    bring(json!({ "first": accept(json!({ "yes": true })) })).await;
    let second = bring(json!({ "twenty-mcp/choose.1": accept(json!({ "which": "2" })) })).await;
    let question = &second["inputRequests"]["twenty-mcp/choose.1"]["params"];
    assert_eq!(question["message"], "Which pear?");
    assert_eq!(server.call(call.clone()).await["structuredContent"]["result"], "Took 2.");
    call["inputResponses"] = json!({ "twenty-mcp/choose.1": { "action": "decline" } });
    let told = server.call(call).await;
    assert_eq!((&told["isError"], &told["_meta"]["twenty-mcp/error"]), (&json!(true), &json!("ambiguous")));
}
