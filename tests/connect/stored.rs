//! The way through, to a call that succeeds.

use super::{Browser, KEY, Place};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_a_key_leaves_one_and_the_same_call_succeeds() {
    let place = Place::start();
    let (ann, browser) = (place.token("ann@example.com"), Browser::new());
    let link = place.link(&ann).await;
    assert!(!link.contains("ann"), "no personal data in a URL");

    let first = browser.get(&link).await;
    let address = first.to();
    assert!(
        address.starts_with(&place.at("/oauth/authorize?")) && address.contains("code_challenge_method=S256")
    );
    assert!(!address.contains("ann") && !address.contains(link.split("e=").nth(1).unwrap()), "{address}");
    let cookie = first.header("set-cookie");
    let name = format!("connect-{}=", place.server.port());
    assert!(
        cookie.starts_with(&name) && cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let form = browser.arrives(&place, &link, "ann@example.com").await;
    form.says(200, "Connect your Twenty key");
    for shown in ["ann@example.com", &place.server.url, "“Desk &lt;b&gt;&amp;”", "sandbox"] {
        assert!(form.body.contains(shown), "{shown}: {}", form.body);
    }
    for answer in [&first, &form] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policies: Vec<_> = answer.headers.get_all("content-security-policy").iter().collect();
        assert!(policies.iter().any(|policy| policy.to_str().unwrap().contains("frame-ancestors 'none'")));
    }
    let policy = form.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("form-action 'self';")
    );
    assert!(!form.body.contains("<script") && !form.body.contains("connect?e="));

    // What cannot be a key is told beside its field, and the address that was typed is kept.
    let proof = form.hidden();
    let typed =
        [("csrf_token", proof), ("key", "LEAK no key"), ("base_url", "https://crm.example.com/\"><b>")];
    let fault = browser.post(&place.at("/connect"), &typed, &[]).await;
    assert_eq!(fault.status, 400, "{}", fault.body);
    assert!(
        fault.body.contains(r#"id="key-fault""#) && fault.body.contains(r#"aria-invalid="true""#),
        "{}",
        fault.body
    );
    assert!(fault.body.contains(r#"value="https://crm.example.com/&quot;&gt;&lt;b&gt;""#), "{}", fault.body);
    assert!(fault.body.contains("<title>Error: ") && !fault.body.contains("LEAK"), "{}", fault.body);
    assert!(!place.works(&ann).await);

    let origin = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let typed = [("csrf_token", proof), ("key", KEY), ("base_url", "")];
    let done = browser.post(&place.at("/connect"), &typed, &origin).await;
    done.says(200, "Your key is stored");
    assert!(done.body.contains("sandbox") && !done.body.contains(KEY), "{}", done.body);
    assert!(browser.cookies.borrow().is_empty(), "nothing is carried on");
    assert!(place.works(&ann).await);
    assert!(!place.works(&place.token("ben")).await, "nobody else's calls go with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_the_question_is_asked_until_there_is_a_key_or_a_no() {
    let place = Place::start();
    let (ann, can) = (place.token("ann"), json!({ "elicitation": { "url": {} } }));
    let asked = |result: &Value| {
        assert_eq!(result["resultType"], "input_required", "{result}");
        let question = &result["inputRequests"]["twenty-mcp/connect"];
        assert_eq!(
            (&question["method"], &question["params"]["mode"]),
            (&json!("elicitation/create"), &json!("url"))
        );
        assert!(question["params"]["message"].as_str().unwrap().contains("key for Twenty"), "{question}");
        let url = question["params"]["url"].as_str().unwrap().to_owned();
        (url, result["requestState"].clone())
    };
    let (link, state) = asked(&place.call(&ann, &can, &json!({})).await);
    let answered = |action: &str, state: &Value| json!({ "inputResponses": { "twenty-mcp/connect": { "action": action } }, "requestState": state });
    // They say that they went, and have not been there yet.
    let (other, state) = asked(&place.call(&ann, &can, &answered("accept", &state)).await);
    assert_ne!(link, other);
    for no in ["decline", "cancel"] {
        let result = place.call(&ann, &can, &answered(no, &state)).await;
        assert_eq!(
            (&result["resultType"], &result["isError"]),
            (&json!("complete"), &json!(true)),
            "{result}"
        );
    }
    // Another user's state is no state of theirs.
    let ben = place.token("ben");
    assert!(place.call(&ben, &can, &answered("accept", &state)).await.is_null());
    let browser = Browser::new();
    let form = browser.arrives(&place, &other, "ann").await;
    let typed = [("csrf_token", form.hidden()), ("key", KEY), ("base_url", "")];
    browser.post(&place.at("/connect"), &typed, &[]).await.says(200, "Your key is stored");
    let result = place.call(&ann, &can, &answered("accept", &state)).await;
    assert_eq!((&result["resultType"], &result["isError"]), (&json!("complete"), &json!(false)), "{result}");
}
