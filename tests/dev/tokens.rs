//! Codes, access tokens and refresh tokens: what they get, and what ends them.

use super::{BACK, Dev, VERIFIER, claims};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_leads_to_an_access_token_for_this_server_alone() {
    let dev = Dev::start().await;
    let tokens = dev.tokens().await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(tokens["scope"], "twenty:read twenty:write");
    let token = tokens["access_token"].as_str().unwrap();
    let said = claims(token);
    for (claim, value) in [
        ("iss", json!(dev.server.url)),
        ("sub", json!("ann")),
        ("aud", json!(dev.server.mcp())),
        ("client_id", json!(dev.client)),
        ("scope", json!("twenty:read twenty:write")),
    ] {
        assert_eq!(said[claim], value, "{claim}");
    }
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 3600);
    assert!(said["jti"].is_string());

    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), jsonwebtoken::Algorithm::ES256));
    let keys: Value = dev.http.get(dev.at("jwks")).send().await.unwrap().json().await.unwrap();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, header.alg).unwrap());

    assert_eq!(dev.call(token).await.0, 200);
    for bad in [&token[..token.len() - 2], &format!("{}.e30.x", token.split('.').next().unwrap())] {
        let (status, challenge) = dev.call(bad).await;
        assert_eq!(status, 401);
        assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_only_as_it_was_asked_for() {
    let dev = Dev::start().await;
    let other = dev.registered(&[BACK]).await;
    let code = dev.code(&[]).await;
    let resource = dev.server.mcp();
    let twin = format!("http://localhost:{}/mcp", dev.server.port());
    for (what, over, status, error) in [
        ("another verifier", &[("code_verifier", &*VERIFIER.replace('a', "b"))][..], 400, "invalid_grant"),
        ("no verifier", &[("code_verifier", "")], 400, "invalid_request"),
        ("a short verifier", &[("code_verifier", "short")], 400, "invalid_request"),
        ("another client", &[("client_id", &other)], 400, "invalid_grant"),
        ("an unknown client", &[("client_id", "nobody")], 401, "invalid_client"),
        ("no client", &[("client_id", "")], 400, "invalid_request"),
        ("a secret", &[("client_secret", "x")], 401, "invalid_client"),
        ("another redirect URI", &[("redirect_uri", "http://127.0.0.1:9/other")], 400, "invalid_grant"),
        ("another port", &[("redirect_uri", "http://127.0.0.1:10/back?x=1")], 400, "invalid_grant"),
        ("another resource", &[("resource", "https://other.example/mcp")], 400, "invalid_target"),
        ("another name of this server", &[("resource", &twin)], 400, "invalid_target"),
        ("another code", &[("code", "nothing")], 400, "invalid_grant"),
        ("no code", &[("code", "")], 400, "invalid_request"),
        ("the code twice", &[("code", &code), ("code", &code)], 400, "invalid_request"),
        ("another grant", &[("grant_type", "client_credentials")], 400, "unsupported_grant_type"),
        ("a password", &[("grant_type", "password")], 400, "unsupported_grant_type"),
        ("no grant", &[("grant_type", "")], 400, "invalid_request"),
    ] {
        let (told, body) = dev.redeem(&code, over).await;
        assert_eq!((told, body["error"].as_str()), (status, Some(error)), "{what}: {body}");
        assert!(body["error_description"].is_string() && body.get("access_token").is_none(), "{what}");
    }
    let (status, tokens) = dev.redeem(&code, &[("resource", &format!("{resource}/"))]).await;
    assert_eq!(status, 200, "who shows it rightly gets tokens all the same: {tokens}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_twice_takes_back_what_came_of_it() {
    let dev = Dev::start().await;
    let code = dev.code(&[]).await;
    let (_, tokens) = dev.redeem(&code, &[("redirect_uri", "")]).await;
    let (access, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert_eq!(dev.call(access).await.0, 200);
    let (status, body) = dev.redeem(&code, &[]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    assert_eq!(dev.call(access).await.0, 401);
    assert_eq!(dev.renew(refresh, &[]).await.1["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_show_one_code_at_once_none_keeps_tokens() {
    let dev = Dev::start().await;
    let code = dev.code(&[]).await;
    let all = futures_util::future::join_all((0..20).map(|_| dev.redeem(&code, &[]))).await;
    let good: Vec<&Value> =
        all.iter().filter(|(status, _)| *status == 200).map(|(_, tokens)| tokens).collect();
    assert_eq!(good.len(), 1);
    assert_eq!(dev.call(good[0]["access_token"].as_str().unwrap()).await.0, 401);
}

/// Longer than what lives for a millisecond.
async fn wait() {
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_gets_nothing() {
    let dev = Dev::configured("{ code_lifetime: 1ms, token_lifetime: 1s }").await;
    let code = dev.code(&[]).await;
    wait().await;
    let (status, body) = dev.redeem(&code, &[]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    assert!(body["error_description"].as_str().unwrap().contains("over"), "{body}");

    let dev = Dev::configured("{ token_lifetime: 1ms, refresh_lifetime: 1h }").await;
    let tokens = dev.tokens().await;
    wait().await;
    let (status, challenge) = dev.call(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 401);
    assert!(challenge.contains("has expired"), "{challenge}");
    assert_eq!(dev.renew(tokens["refresh_token"].as_str().unwrap(), &[]).await.0, 200);

    let dev = Dev::configured("{ refresh_lifetime: 1ms }").await;
    let code = dev.code(&[]).await;
    let (_, tokens) = dev.redeem(&code, &[]).await;
    wait().await;
    assert_eq!(
        dev.call(tokens["access_token"].as_str().unwrap()).await.0,
        401,
        "no token outlives its grant"
    );
    assert_eq!(dev.renew(tokens["refresh_token"].as_str().unwrap(), &[]).await.1["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_once_and_for_no_more_than_before() {
    let dev = Dev::start().await;
    let other = dev.registered(&[BACK]).await;
    let first = dev.tokens().await;
    let refresh = first["refresh_token"].as_str().unwrap();
    for (what, over, status, error) in [
        ("another client", &[("client_id", &*other)][..], 400, "invalid_grant"),
        ("no client", &[("client_id", "")], 400, "invalid_request"),
        ("more scopes", &[("scope", "twenty:read twenty:admin")], 400, "invalid_scope"),
        ("an unknown scope", &[("scope", "root")], 400, "invalid_scope"),
        ("another resource", &[("resource", "https://other.example/mcp")], 400, "invalid_target"),
        (
            "an access token",
            &[("refresh_token", first["access_token"].as_str().unwrap())],
            400,
            "invalid_grant",
        ),
        ("none", &[("refresh_token", "")], 400, "invalid_request"),
    ] {
        let (told, body) = dev.renew(refresh, over).await;
        assert_eq!((told, body["error"].as_str()), (status, Some(error)), "{what}: {body}");
    }
    let (status, second) = dev.renew(refresh, &[("scope", "twenty:read")]).await;
    assert_eq!((status, &second["scope"]), (200, &json!("twenty:read")), "{second}");
    let (access, next) =
        (second["access_token"].as_str().unwrap(), second["refresh_token"].as_str().unwrap());
    assert_ne!(refresh, next);
    assert_eq!(dev.call(access).await.0, 200);
    let (_, third) = dev.renew(next, &[]).await;
    assert_eq!(third["scope"], "twenty:read twenty:write", "less was asked for once, not for ever");

    let (status, body) = dev.renew(refresh, &[]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    assert!(body["error_description"].as_str().unwrap().contains("used before"), "{body}");
    for token in [access, third["access_token"].as_str().unwrap()] {
        assert_eq!(dev.call(token).await.0, 401, "whoever stole it or was stolen from has nothing any more");
    }
    assert_eq!(dev.renew(third["refresh_token"].as_str().unwrap(), &[]).await.1["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_taken_back_is_refused_at_once() {
    let dev = Dev::start().await;
    let other = dev.registered(&[BACK]).await;
    let tokens = dev.tokens().await;
    let (access, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert_eq!(dev.revoke(access, &[("client_id", &other)]).await.1["error"], "invalid_grant");
    assert_eq!(dev.revoke(refresh, &[("client_id", &other)]).await.1["error"], "invalid_grant");
    assert_eq!(dev.revoke(access, &[("client_id", "nobody")]).await.0, 401);
    assert_eq!(dev.revoke("", &[]).await.1["error"], "invalid_request");
    assert_eq!(dev.call(access).await.0, 200);

    assert_eq!(dev.revoke("unknown", &[]).await.0, 200);
    assert_eq!(dev.revoke(access, &[("token_type_hint", "refresh_token")]).await.0, 200);
    assert_eq!(dev.call(access).await.0, 401);
    let (_, renewed) = dev.renew(refresh, &[]).await;
    let again = renewed["access_token"].as_str().unwrap();
    assert_eq!(dev.call(again).await.0, 200, "an access token alone was taken back");
    assert_eq!(dev.revoke(renewed["refresh_token"].as_str().unwrap(), &[]).await.0, 200);
    assert_eq!(dev.call(again).await.0, 401, "a refresh token takes all that came of it along");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_wants_no_refresh_token_gets_none() {
    let mut dev = Dev::start().await;
    let metadata = json!({ "redirect_uris": [BACK], "grant_types": ["authorization_code"] });
    dev.client = dev.register(&metadata).await.1["client_id"].as_str().unwrap().to_owned();
    assert!(dev.tokens().await.get("refresh_token").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_or_no_post_is_refused() {
    let dev = Dev::start().await;
    for route in ["token", "revoke"] {
        let answer = dev.http.get(dev.at(route)).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["allow"]), (405, &"POST".parse().unwrap()));
        let answer =
            dev.http.post(dev.at(route)).header("content-type", "application/json").body("{}").send();
        assert_eq!(super::read(answer.await.unwrap()).await.1["error"], "invalid_request");
        let request = dev.http.post(dev.at(route)).basic_auth(&dev.client, Some("x"));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("x=1");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401);
        assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        let large = format!("token={}", "x".repeat(70 << 10));
        assert_eq!(dev.post(route, &large).await.status().as_u16(), 413);
    }
}
