//! Requests under way over standard input and output: of an id one, taken back, bounded, and ended in order.

use super::row::{meta, request};
use crate::support::piped::{Piped, discover};
use serde_json::{Value, json};

/// Settings by which a search takes so long.
fn slow(milliseconds: u64) -> String {
    format!(
        "tools: {{ hello: {{}}, twenty: {{ base_url: sandbox, sandbox: {{ latency_ms: {milliseconds} }} }} }}\n"
    )
}

const GENERATIONS: [bool; 2] = [true, false];

fn initialize(piped: &mut Piped) {
    let client = json!({ "name": "x", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    piped.send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }).to_string());
    assert_eq!(piped.next()["result"]["protocolVersion"], "2025-11-25");
    piped.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
}

/// A request of a generation under the id 7.
fn asked(stateless: bool, method: &str, mut params: Value) -> String {
    if stateless {
        params["_meta"] = meta();
    }
    request(method, params).to_string()
}

fn search(stateless: bool) -> String {
    asked(stateless, "tools/call", json!({ "name": "search_contacts", "arguments": { "query": "a" } }))
}

fn hello(stateless: bool) -> String {
    asked(stateless, "tools/call", json!({ "name": "hello", "arguments": { "name": "A" } }))
}

fn cancelled(id: Value) -> String {
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } })
        .to_string()
}

fn begun(yaml: &str, stateless: bool) -> Piped {
    let mut piped = Piped::configured(yaml);
    if !stateless {
        initialize(&mut piped);
    }
    piped
}

#[test]
fn of_requests_with_one_id_the_first_is_answered_and_the_others_are_refused() {
    for stateless in GENERATIONS {
        let mut piped = begun(&slow(3000), stateless);
        piped.send([search(stateless), search(true), search(false)].join("\n"));
        for _ in GENERATIONS {
            let refused = piped.next();
            assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32600)), "{refused}");
        }
        let answered = piped.next();
        assert_eq!(
            (&answered["id"], &answered["result"]["isError"]),
            (&json!(7), &json!(false)),
            "{answered}"
        );
        piped.send(hello(stateless));
        assert_eq!(
            piped.next()["result"]["structuredContent"]["result"],
            "Hello, A!",
            "the id is free again"
        );
        assert_eq!(piped.rest(), [""; 0]);
    }
}

#[test]
fn what_is_taken_back_is_not_answered_and_its_id_is_free() {
    for stateless in GENERATIONS {
        let mut piped = begun(&slow(50_000), stateless);
        piped.send(search(stateless));
        piped.send(cancelled(json!("7")));
        piped.send(cancelled(json!(7)));
        piped.send(hello(stateless));
        let told = piped.next();
        assert_eq!(told["result"]["structuredContent"]["result"], "Hello, A!", "{told}");
        // Nothing of the other comes any more, and nobody waits for it.
        assert_eq!(piped.rest(), [""; 0]);
    }
}

#[test]
fn what_begins_a_session_is_not_taken_back() {
    let mut piped = Piped::start(&[]);
    let client = json!({ "name": "x", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let begin = request("initialize", params);
    piped.write(format!("{begin}\n{}\n", cancelled(json!(7))));
    assert_eq!(piped.next()["result"]["protocolVersion"], "2025-11-25");
    piped.send(hello(false));
    assert_eq!(piped.next()["result"]["structuredContent"]["result"], "Hello, A!");
    assert_eq!(piped.rest(), [""; 0]);
}

#[test]
fn both_generations_are_spoken_at_once_each_in_its_own_way() {
    let mut piped = begun("tools: { hello: {} }\n", false);
    for stateless in [true, false, true, false] {
        piped.send(hello(stateless));
        let told = piped.next();
        assert_eq!(told["result"]["structuredContent"]["result"], "Hello, A!");
        assert_eq!(told["result"].get("resultType").is_some(), stateless, "{told}");
    }
}

#[test]
fn subscriptions_are_acknowledged_bounded_taken_back_and_ended_with_an_answer() {
    let mut piped = Piped::start(&[]);
    let params = json!({ "_meta": meta(), "notifications": { "toolsListChanged": true } });
    let listen = |id: &str| {
        json!({ "jsonrpc": "2.0", "id": id, "method": "subscriptions/listen", "params": params }).to_string()
    };
    let key = "io.modelcontextprotocol/subscriptionId";
    for n in 0..250 {
        let id = n.to_string();
        piped.send(listen(&id));
        let told = piped.next();
        assert_eq!(told["method"], "notifications/subscriptions/acknowledged", "{told}");
        assert_eq!(told["params"]["_meta"][key], id.as_str());
    }
    piped.send(listen("more"));
    let full = piped.next();
    assert_eq!((&full["id"], &full["error"]["code"]), (&json!("more"), &json!(-32600)), "{full}");
    piped.send(listen("0"));
    assert_eq!(piped.next()["error"]["code"], -32600, "it is under way");
    piped.send(cancelled(json!("0")));
    // Its place is free when whoever serves it has let go of it.
    let again = (0..1000).any(|_| {
        piped.send(listen("more"));
        let told = piped.next();
        std::thread::sleep(std::time::Duration::from_millis(20));
        told["method"] == "notifications/subscriptions/acknowledged"
    });
    assert!(again);
    let mut ended: Vec<String> = piped
        .rest()
        .iter()
        .map(|line| {
            let told: Value = serde_json::from_str(line).unwrap();
            assert_eq!(told["result"]["resultType"], "complete", "{told}");
            assert_eq!(told["result"]["_meta"][key], told["id"]);
            told["id"].as_str().unwrap().to_owned()
        })
        .collect();
    ended.sort();
    let mut open: Vec<String> = (1..250).map(|n| n.to_string()).chain(["more".into()]).collect();
    open.sort();
    assert_eq!(ended, open);
}

#[test]
fn a_last_line_that_is_whole_is_answered_and_one_that_is_not_is_told() {
    for stateless in GENERATIONS {
        let mut piped = begun("tools: { hello: {} }\n", stateless);
        piped.write(hello(stateless));
        let rest = piped.rest();
        assert!(rest.len() == 1 && rest[0].contains("Hello, A!"), "{rest:?}");

        let mut piped = begun("tools: { hello: {} }\n", stateless);
        piped.send(hello(stateless));
        piped.write(&hello(stateless)[..50]);
        let mut rest = piped.rest();
        rest.sort();
        assert_eq!(rest.len(), 2, "{rest:?}");
        assert!(rest.iter().any(|line| line.contains("Hello, A!")));
        assert!(
            rest.iter().any(|line| line.starts_with(r#"{"jsonrpc":"2.0","error":{"code":-32700"#)),
            "{rest:?}"
        );
    }
}

#[test]
fn who_has_asked_and_left_is_answered_and_nobody_waits_for_ever() {
    for stateless in GENERATIONS {
        let mut piped = begun(&slow(100), stateless);
        piped.send(search(stateless));
        let rest = piped.rest();
        assert!(rest.len() == 1 && rest[0].contains(r#""isError":false"#), "{rest:?}");

        let mut piped = begun(&slow(50_000), stateless);
        piped.send(search(stateless));
        let rest = piped.rest();
        assert!(rest.iter().all(|line| line.contains("cancelled")), "{rest:?}");
    }
}

#[test]
fn sigterm_ends_it_though_standard_input_stays_open_and_what_is_under_way_is_answered() {
    for stateless in GENERATIONS {
        let mut piped = begun(&slow(3000), stateless);
        piped.send(search(stateless));
        // The call is under way when what was asked after it is answered.
        piped.send(discover("after"));
        assert_eq!(piped.next()["id"], "after");
        piped.terminate();
        let told = piped.next();
        assert_eq!((&told["id"], &told["result"]["isError"]), (&json!(7), &json!(false)), "{told}");
        assert_eq!(piped.child.wait().unwrap().code(), Some(0));
    }
    let mut idle = Piped::configured("tools: { hello: {} }\n");
    idle.terminate();
    assert_eq!(idle.child.wait().unwrap().code(), Some(0));
}
