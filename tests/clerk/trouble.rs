//! While Clerk changes its keys, is away, or is wrongly asked.

use super::{server, yaml};
use crate::support::{
    clerk::{FakeClerk, SECRET},
    door::{Answer, call, configured},
    issuer::{IssuerServer, Key, over},
    running::Running,
};
use futures_util::future::join_all;
use serde_json::json;
use std::{
    fs::{self, File},
    sync::atomic::Ordering,
    time::Duration,
};

async fn all(server: &Running, tokens: &[String]) -> Vec<Answer> {
    join_all(tokens.iter().map(|token| call(server, token))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_change_under_load() {
    let (first, second) = (Key::rsa("first"), Key::rsa("second"));
    let clerk = FakeClerk::start(&[&first]).await;
    let (server, _folder) = server(&clerk, "");
    let claims = clerk.claims(&server.mcp());
    let token =
        |key: &Key, n: usize| key.sign(&json!({}), &over(claims.clone(), &json!({ "jti": n.to_string() })));
    assert_eq!(call(&server, &token(&first, 0)).await.status, 200);
    clerk.front.keys.lock().unwrap().push(second.public());
    let tokens: Vec<String> = (1..101).map(|n| token(if n % 2 == 0 { &first } else { &second }, n)).collect();
    for answer in all(&server, &tokens).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(clerk.front.asked.load(Ordering::SeqCst), 2, "once before, once for the new key");
    assert_eq!(clerk.asked("/users/"), 1, "one user, asked for once");
    clerk.front.keys.lock().unwrap().remove(0);
    for answer in all(&server, &tokens).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_show_one_new_token_are_one_question() {
    let clerk = FakeClerk::start(&[]).await;
    let (server, _folder) = server(&clerk, "");
    clerk.knows("oat_new", &server.mcp(), &json!({}));
    clerk.state.lock().unwrap().takes = Duration::from_millis(200);
    let tokens = vec!["oat_new".to_owned(); 50];
    assert!(all(&server, &tokens).await.iter().all(|answer| answer.status == 200));
    assert_eq!((clerk.asked("/verify"), clerk.asked("/users/")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_clerk_is_away_known_tokens_go_on_and_others_are_asked_to_wait() {
    let (key, unknown) = (Key::rsa("k"), Key::rsa("unknown"));
    let clerk = FakeClerk::start(&[&key]).await;
    let (server, _folder) = server(&clerk, "");
    let claims = clerk.claims(&server.mcp());
    let signed = key.sign(&json!({}), &claims);
    clerk.knows("oat_known", &server.mcp(), &json!({}));
    clerk.knows("oat_new", &server.mcp(), &json!({}));
    for token in [&signed, "oat_known"] {
        assert_eq!(call(&server, token).await.status, 200);
    }
    clerk.answers(Some((503, None)));
    clerk.front.down.store(true, Ordering::SeqCst);
    let renewed = key.sign(&json!({}), &over(claims.clone(), &json!({ "jti": "2" })));
    for token in [signed.as_str(), "oat_known", &renewed] {
        assert_eq!(call(&server, token).await.status, 200, "a known one, or a new one of a known user");
    }
    let other = over(claims.clone(), &json!({ "sub": "user_other" }));
    for token in ["oat_new", &key.sign(&json!({}), &other), &unknown.sign(&json!({}), &claims)] {
        let answer = call(&server, token).await;
        assert_eq!((answer.status, answer.challenge), (503, None), "{}", answer.body);
        assert!(answer.retry_after.unwrap().parse::<u64>().unwrap() >= 1);
    }
    clerk.answers(None);
    clerk.front.down.store(false, Ordering::SeqCst);
    assert_eq!(call(&server, "oat_new").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_clerk_says_to_wait_is_handed_on() {
    let clerk = FakeClerk::start(&[]).await;
    let (server, _folder) = server(&clerk, "");
    clerk.knows("oat_x", &server.mcp(), &json!({}));
    for (status, said, told) in
        [(429, Some("7"), "7"), (429, None, "10"), (500, None, "10"), (503, Some("3"), "3")]
    {
        clerk.answers(Some((status, said)));
        let answer = call(&server, "oat_x").await;
        assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some(told)), "{status} {said:?}");
    }
    clerk.answers(None);
    assert_eq!(call(&server, "oat_x").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_key_is_the_operators_fault_and_no_secret_is_in_the_log() {
    let (key, folder) = (Key::rsa("k"), tempfile::tempdir().unwrap());
    let clerk = FakeClerk::start(&[&key]).await;
    let (file, log) = (folder.path().join("c.yaml"), folder.path().join("log"));
    fs::write(&file, yaml(&clerk, "")).unwrap();
    let server = Running::start_with(&["--verbose", "--config", file.to_str().unwrap()], |command| {
        command.env("RUST_LOG", "trace,hyper=trace,h2=trace,reqwest=trace,rustls=trace,rmcp=trace");
        command.stderr(File::create(&log).unwrap());
    });
    clerk.knows("oat_LEAKopaque", &server.mcp(), &json!({}));
    let signed = key.sign(&json!({}), &clerk.claims(&server.mcp()));
    for status in [401, 403] {
        clerk.answers(Some((status, None)));
        for token in ["oat_LEAKopaque", &signed] {
            let answer = call(&server, token).await;
            assert_eq!((answer.status, answer.challenge), (500, None), "{}", answer.body);
            assert!(!answer.body.contains("secret key") && !answer.body.contains("LEAK"), "{}", answer.body);
        }
    }
    clerk.answers(None);
    for token in ["oat_LEAKopaque", &signed] {
        assert_eq!(call(&server, token).await.status, 200);
    }
    assert_eq!(call(&server, "oat_LEAKforged").await.status, 401);
    let told = fs::read_to_string(&log).unwrap();
    assert!(told.contains("CLERK_SECRET_KEY") && told.contains("auth.providers.clerk.secret_key"), "{told}");
    for secret in [SECRET, "LEAK", &signed] {
        assert!(!told.contains(secret), "{:?}", told.lines().find(|line| line.contains(secret)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_clerk_at_all_is_the_operators_fault() {
    let clerk = FakeClerk::start(&[]).await;
    let elsewhere = yaml(&clerk, "").replace(&clerk.api, &clerk.front.url);
    let (server, _folder) = configured(&elsewhere);
    assert_eq!(call(&server, "oat_x").await.status, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_to_no_second_provider() {
    let (own, other) = (Key::rsa("k"), Key::rsa("k"));
    let clerk = FakeClerk::start(&[&own]).await;
    let oidc = IssuerServer::start(&[&other]).await;
    let all = yaml(&clerk, &format!("    oidc:\n      issuer: {}\n", oidc.url));
    let (server, _folder) = configured(&all);
    for forged in ["oat_x", "mt_x", "ak_x", &other.sign(&json!({}), &clerk.claims(&server.mcp()))] {
        assert_eq!(call(&server, forged).await.status, 401);
    }
    assert_eq!(oidc.asked.load(Ordering::SeqCst), 0);
    let (keys, questions) = (clerk.front.asked.load(Ordering::SeqCst), clerk.asked(""));
    let theirs = oidc.claims(&server.mcp());
    assert_eq!(call(&server, &other.sign(&json!({}), &theirs)).await.status, 200);
    assert_eq!(call(&server, &own.sign(&json!({}), &theirs)).await.status, 401);
    assert_eq!(clerk.front.asked.load(Ordering::SeqCst), keys);
    assert_eq!(clerk.asked(""), questions);
}
