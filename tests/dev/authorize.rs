//! What a client may ask a person, and what the page does.

use super::{BACK, Dev, sent_back};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_doubt_is_shown_to_the_person_and_nobody_is_sent_to_it() {
    let dev = Dev::start().await;
    let two = dev.registered(&[BACK, "https://app.example/back"]).await;
    for (what, over) in [
        ("no client", &[("client_id", "")][..]),
        ("an unknown client", &[("client_id", "nobody")]),
        ("an address within this network", &[("client_id", "https://10.0.0.1/client.json")]),
        ("an address that is no document's", &[("client_id", "https://app.example")]),
        ("another redirect URI", &[("redirect_uri", "http://127.0.0.1:9/other?x=1")]),
        ("another host", &[("redirect_uri", "http://localhost:9/back?x=1")]),
        ("more behind it", &[("redirect_uri", "http://127.0.0.1:9/back?x=1&y=2")]),
        ("a stranger", &[("redirect_uri", "https://evil.example/back?x=1")]),
        ("the client twice", &[("client_id", dev.client.as_str()), ("client_id", two.as_str())]),
        ("the redirect URI twice", &[("redirect_uri", BACK), ("redirect_uri", "https://evil.example/")]),
        ("no redirect URI of two", &[("client_id", two.as_str()), ("redirect_uri", "")]),
    ] {
        let answer = dev.authorize(over).await;
        assert_eq!(answer.status().as_u16(), 400, "{what}");
        assert!(answer.headers().get("location").is_none(), "{what}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert!(answer.text().await.unwrap().contains("This does not work"), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_wrongly_is_told_so_by_whom_it_asked() {
    let dev = Dev::start().await;
    let long = "s".repeat(5000);
    for (what, over, error) in [
        ("no response type", &[("response_type", "")][..], "invalid_request"),
        ("a token at once", &[("response_type", "token")], "unsupported_response_type"),
        ("no challenge", &[("code_challenge", "")], "invalid_request"),
        ("no method", &[("code_challenge_method", "")], "invalid_request"),
        ("the plain method", &[("code_challenge_method", "plain")], "invalid_request"),
        ("a challenge that is none", &[("code_challenge", "short")], "invalid_request"),
        ("an unknown scope", &[("scope", "twenty:read twenty:all")], "invalid_scope"),
        ("a scope twice", &[("scope", "twenty:read"), ("scope", "twenty:write")], "invalid_request"),
        ("another resource", &[("resource", "https://other.example/mcp")], "invalid_target"),
        ("our origin", &[("resource", &dev.server.url)], "invalid_target"),
        (
            "two resources",
            &[("resource", &dev.server.mcp()), ("resource", "https://o.example/")],
            "invalid_target",
        ),
        ("a fragment", &[("response_mode", "fragment")], "invalid_request"),
    ] {
        let told = sent_back(&dev.authorize(over).await);
        assert_eq!(told["error"], error, "{what}");
        assert_eq!(
            (told["state"].as_str(), told["iss"].as_str()),
            ("s&t", dev.server.url.as_str()),
            "{what}"
        );
        assert!(!told["error_description"].is_empty() && told.len() == 4, "{what}");
    }
    let told = sent_back(&dev.authorize(&[("state", &long)]).await);
    assert_eq!((told["error"].as_str(), told.contains_key("state")), ("invalid_request", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_asked_and_protects_itself() {
    let dev = Dev::start().await;
    let answer = dev.authorize(&[]).await;
    assert_eq!(answer.status().as_u16(), 200);
    let policies: Vec<&str> = answer
        .headers()
        .get_all("content-security-policy")
        .iter()
        .map(|policy| policy.to_str().unwrap())
        .collect();
    let policy = policies[0];
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self' http://127.0.0.1:9;",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    assert!(answer.headers().get("access-control-allow-origin").is_none());
    let page = answer.text().await.unwrap();
    for said in ["Test", "127.0.0.1:9", "twenty:read", "twenty:write", "see everything", "not for production"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("twenty:admin") && !page.contains("<script"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_decides_once_and_for_what_they_chose() {
    let dev = Dev::start().await;
    let page = async || dev.authorize(&[]).await.text().await.unwrap();
    let one = page().await;
    let back = dev.answer(&one, &[("scope", "twenty:read"), ("user", "  Ann Lee ")]).await;
    assert_eq!(back.headers()["referrer-policy"], "no-referrer");
    let told = sent_back(&back);
    assert_eq!((told["state"].as_str(), told["iss"].as_str()), ("s&t", dev.server.url.as_str()));
    let (_, tokens) = dev.redeem(&told["code"], &[]).await;
    assert_eq!(
        (&tokens["scope"], &super::claims(tokens["access_token"].as_str().unwrap())["sub"]),
        (&json!("twenty:read"), &json!("Ann Lee"))
    );
    assert_eq!(dev.answer(&one, &[]).await.status().as_u16(), 400, "a page is answered once");
    for over in [&[("decision", "deny")][..], &[("scope", "")], &[("scope", "twenty:admin")]] {
        let told = sent_back(&dev.answer(&page().await, over).await);
        assert_eq!((told["error"].as_str(), told["state"].as_str()), ("access_denied", "s&t"), "{over:?}");
        assert_eq!(told["iss"], dev.server.url);
    }
    for over in
        [&[("csrf_token", "forged")][..], &[("csrf_token", "")], &[("decision", "")], &[("user", "a\u{7}")]]
    {
        assert_eq!(dev.answer(&page().await, over).await.status().as_u16(), 400, "{over:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_page_itself_answers_for_a_person() {
    let dev = Dev::start().await;
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://127.0.0.1:1", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 303),
        ("origin", dev.server.url.as_str(), 303),
    ] {
        let page = dev.authorize(&[]).await.text().await.unwrap();
        let token = page.split(r#"name="csrf_token" value=""#).nth(1).unwrap().split('"').next().unwrap();
        let body =
            super::form(&[("csrf_token", token), ("scope", "twenty:read"), ("decision", "allow")], &[]);
        let request = dev.http.post(dev.at("consent")).header(name, value);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{name}: {value}");
    }
    let asked = dev.http.request(reqwest::Method::OPTIONS, dev.at("consent"));
    let asked =
        asked.header("origin", "https://evil.example").header("access-control-request-method", "POST");
    assert_eq!(asked.send().await.unwrap().status().as_u16(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_on_this_machine_takes_the_port_that_it_finds() {
    let dev = Dev::start().await;
    let elsewhere = BACK.replace(":9/", ":51234/");
    let page = dev.authorize(&[("redirect_uri", &elsewhere)]).await;
    let back = dev.answer(&page.text().await.unwrap(), &[]).await;
    assert!(back.headers()["location"].to_str().unwrap().starts_with(&elsewhere));
}
