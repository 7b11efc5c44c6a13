//! `tokens dev`: a token by the way that every client goes.

use super::{Dev, claims};
use crate::support::running::command;
use poem::{Response, endpoint::make_sync};
use serde_json::json;
use std::{process::Output, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What `tokens dev` does with these arguments.
async fn tokens_dev(arguments: &[&str]) -> Output {
    let (command, _home) = command(&[&["tokens", "dev"], arguments].concat());
    tokio::process::Command::from(command).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_alone_is_printed_and_opens_everything_for_an_hour() {
    let dev = Dev::start().await;
    let port = dev.server.authority().rsplit(':').next().unwrap();
    for issuer in [dev.server.url.clone(), format!("http://localhost:{port}/")] {
        let output = tokens_dev(&["--issuer", &issuer]).await;
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let token = printed.strip_suffix('\n').unwrap();
        assert!(!token.contains(char::is_whitespace), "{token}");
        let said = claims(token);
        let issuer = issuer.trim_end_matches('/');
        assert_eq!((&said["iss"], &said["aud"]), (&json!(issuer), &json!(format!("{issuer}/mcp"))));
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 3600);
        let document =
            dev.http.get(format!("{issuer}/.well-known/oauth-authorization-server")).send().await.unwrap();
        let all = document.json::<serde_json::Value>().await.unwrap()["scopes_supported"].clone();
        let mut scopes: Vec<&str> = said["scope"].as_str().unwrap().split(' ').collect();
        let mut all: Vec<&str> =
            all.as_array().unwrap().iter().map(|scope| scope.as_str().unwrap()).collect();
        scopes.sort_unstable();
        all.sort_unstable();
        assert_eq!(scopes, all);
        assert_eq!(dev.call(token).await.0, 200);
    }
    let output =
        tokens_dev(&["--issuer", &dev.server.url, "--scope", "twenty:read", "--user", "Ann \"A\" Lee"]).await;
    let said = claims(String::from_utf8(output.stdout).unwrap().trim());
    assert_eq!((&said["scope"], &said["sub"]), (&json!("twenty:read"), &json!("Ann \"A\" Lee")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_told() {
    let dev = Dev::start().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", elsewhere.local_addr().unwrap());
    let document = json!({
        "issuer": "https://id.example", "authorization_endpoint": "https://id.example/authorize",
    });
    let endpoint = make_sync(move |_| Response::builder().body(document.to_string()));
    let stop = CancellationToken::new();
    tokio::spawn(twenty_mcp::server::serve(elsewhere, endpoint, stop.clone(), Duration::ZERO));
    let _stop = stop.drop_guard();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let url = dev.server.url.as_str();
    let long = "x".repeat(65);
    for (arguments, code, told) in [
        (&["--issuer", &*gone][..], 1, "cannot be reached"),
        (&["--issuer", &dev.server.mcp()], 1, "without `/mcp`"),
        (&["--issuer", &other], 1, "is that of https://id.example"),
        (&["--issuer", url, "--scope", "twenty:root"], 2, "there are: "),
        (&["--issuer", url, "--user", &long], 1, "does not let"),
        (&["--issuer", "localhost"], 2, "expected a URL"),
        (&[], 2, "--issuer"),
    ] {
        let output = tokens_dev(arguments).await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(told) && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
}
