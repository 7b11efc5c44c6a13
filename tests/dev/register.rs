//! Who can be a client: who registers, and who says at an address of its own who it is.

use super::{BACK, Dev, sent_back};
use poem::{Request, Response, endpoint::make};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_and_is_told_as_what() {
    let dev = Dev::start().await;
    let redirects = json!([BACK, "https://app.example/back", "com.example.app:/back"]);
    let (status, told) = dev
        .register(&json!({
            "client_name": "App", "redirect_uris": redirects, "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        }))
        .await;
    assert_eq!(status, 201, "{told}");
    assert_eq!((&told["redirect_uris"], &told["token_endpoint_auth_method"]), (&redirects, &json!("none")));
    assert!(told["client_id"].is_string() && told["client_id_issued_at"].is_i64());
    assert!(told.get("client_secret").is_none());
    for (metadata, error) in [
        (json!({ "client_name": "App" }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://app.example/back"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://app.example/back#x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [BACK], "grant_types": ["password"] }), "invalid_client_metadata"),
        (json!("App"), "invalid_client_metadata"),
    ] {
        let (status, told) = dev.register(&metadata).await;
        assert_eq!((status, told["error"].as_str()), (400, Some(error)), "{metadata}: {told}");
    }
    let answer = dev.http.post(dev.at("register")).header("content-type", "application/json").body("{");
    assert_eq!(super::read(answer.send().await.unwrap()).await.0, 400);
}

/// A server of documents, as its paths say.
async fn documents() -> (String, tokio_util::sync::DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let base = url.clone();
    let endpoint = make(move |request: Request| {
        let path = request.uri().path().to_owned();
        let id = if path == "/other" { format!("{base}/else") } else { format!("{base}{path}") };
        let mut document = json!({ "client_id": id, "client_name": "Documented", "redirect_uris": [BACK] });
        if path == "/large" {
            document["padding"] = "x".repeat(300 << 10).into();
        }
        let moved = path == "/moved";
        let location = format!("{base}/good");
        async move {
            match moved {
                true => Response::builder()
                    .status(poem::http::StatusCode::FOUND)
                    .header("location", location)
                    .finish(),
                false => Response::builder().content_type("application/json").body(document.to_string()),
            }
        }
    });
    let stop = CancellationToken::new();
    tokio::spawn(twenty_mcp::server::serve(listener, endpoint, stop.clone(), Duration::ZERO));
    (url, stop.drop_guard())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_a_client_where_it_says_so_itself() {
    let mut dev = Dev::start().await;
    let (url, _stop) = documents().await;
    for bad in ["other", "moved", "large"] {
        let answer = dev.authorize(&[("client_id", &format!("{url}/{bad}"))]).await;
        assert_eq!(answer.status().as_u16(), 400, "{bad}");
        assert!(answer.text().await.unwrap().contains("document"), "{bad}");
    }
    dev.client = format!("{url}/good");
    let page = dev.authorize(&[]).await.text().await.unwrap();
    assert!(page.contains("Documented") && page.contains(&dev.client), "{page}");
    let told = sent_back(&dev.answer(&page, &[]).await);
    let (status, tokens) = dev.redeem(&told["code"], &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(super::claims(token)["client_id"], dev.client);
    assert_eq!(dev.call(token).await.0, 200);
    let other = dev.authorize(&[("redirect_uri", "http://127.0.0.1:9/other")]).await;
    assert_eq!(other.status().as_u16(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_origin_register_and_get_tokens() {
    let dev = Dev::start().await;
    for (route, method) in [("register", "POST"), ("token", "POST"), ("revoke", "POST"), ("jwks", "GET")] {
        let asked = dev.http.request(reqwest::Method::OPTIONS, dev.at(route));
        let asked =
            asked.header("origin", "https://any.example").header("access-control-request-method", method);
        let asked = asked.header("access-control-request-headers", "content-type").send().await.unwrap();
        assert_eq!(asked.status().as_u16(), 204, "{route}");
        assert_eq!(asked.headers()["access-control-allow-origin"], "*", "{route}");
        assert_eq!(asked.headers()["access-control-allow-methods"], method, "{route}");
        let allowed = asked.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        assert!(allowed.contains("content-type"), "{allowed}");
        assert!(asked.headers().get("access-control-allow-credentials").is_none());
    }
    let request = dev.http.get(dev.at("jwks")).header("origin", "https://any.example").send().await.unwrap();
    let keys: Value = super::read(request).await.1;
    assert_eq!((&keys["keys"][0]["alg"], keys["keys"][0].get("d")), (&json!("ES256"), None));
    let evil = dev.http.get(dev.at("jwks")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(evil.status().as_u16(), 403, "a name of somebody else's (DNS rebinding)");
    let nothing = dev.http.get(dev.at("nothing")).send().await.unwrap();
    assert_eq!(nothing.status().as_u16(), 404);
}
