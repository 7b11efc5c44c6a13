//! How an operator names a Clerk application, and what they are told where that is not enough.

use super::yaml;
use crate::support::{
    clerk::{FakeClerk, SECRET},
    running::{Running, command},
};
use serde_json::Value;

const KEY: &str = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k";
const OTHERS: &str = "auth: { mode: required, providers: { oidc: { issuer: \"https://id.example\" } } }\n";

/// What `config check` says of this file and these variables, and whether it is content.
fn check(yaml: &str, env: &[(&str, &str)]) -> (bool, String) {
    run("check", yaml, env)
}

fn run(what: &str, yaml: &str, env: &[(&str, &str)]) -> (bool, String) {
    let (mut command, folder) = command(&["config", what]);
    std::fs::write(folder.path().join("config.yaml"), yaml).unwrap();
    let output = command.envs(env.iter().copied()).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (output.status.success(), said)
}

#[test]
fn the_variables_of_the_typescript_server_are_all_that_is_needed() {
    let server = Running::start_with(&[], |command| {
        command.env("AUTH_ENABLED", "true").env("CLERK_PUBLISHABLE_KEY", KEY).env("CLERK_SECRET_KEY", SECRET);
        command.env("AUTH_PROVIDER", "clerk").env("CLERK_DOMAIN", "clerk.example.com");
    });
    assert!(!server.greeting.contains("LEAK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_sent_to_the_issuer_with_scopes_that_it_knows() {
    let clerk = FakeClerk::start(&[]).await;
    let (server, _folder) = super::server(&clerk, "");
    let get = async |path: &str| -> Value {
        let text = reqwest::get(format!("{}{path}", server.url)).await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let document = get("/.well-known/oauth-protected-resource/mcp").await;
    assert_eq!(document["authorization_servers"], serde_json::json!([clerk.front.url]));
    assert_eq!(document["scopes_supported"], serde_json::json!(["openid", "profile", "email"]));
    assert_eq!(get("/.well-known/oauth-authorization-server").await["issuer"], clerk.front.url);
}

#[test]
fn a_leftover_variable_does_not_let_anybody_in_unnoticed() {
    let (good, said) = check(OTHERS, &[("CLERK_SECRET_KEY", SECRET)]);
    assert!(!good && said.contains("CLERK_PUBLISHABLE_KEY") && !said.contains("LEAK"), "{said}");
    let (good, said) = check(OTHERS, &[("CLERK_PUBLISHABLE_KEY", KEY)]);
    assert!(
        good && said.contains("CLERK_PUBLISHABLE_KEY is set: `auth.providers.clerk` is in use"),
        "{said}"
    );
    let (good, said) = check(OTHERS, &[("CLERK_SECRET_KEY", SECRET), ("AUTH_PROVIDER", "oidc")]);
    assert!(good && !said.contains("clerk"), "{said}");
    let (good, said) = check("", &[("CLERK_SECRET_KEY", SECRET)]);
    assert!(good && !said.contains("LEAK"), "with sign-in off nobody is let in by it: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_contradict_each_other_are_told_with_their_place() {
    let clerk = FakeClerk::start(&[]).await;
    let (good, said) = run("show", &yaml(&clerk, ""), &[]);
    assert!(good && said.contains("***") && !said.contains("LEAK"), "{said}");
    for (settings, told) in [
        ("publishable_key: pk_test_x", "no publishable key"),
        ("domain: \"https://clerk.example.com\"", "expected a host alone"),
        ("issuer: \"http://clerk.example.com\"", "must be https"),
        (
            "{ domain: a.example.com, issuer: \"https://b.example.com\" }",
            "`domain` names https://a.example.com",
        ),
        ("{ domain: a.example.com, api_version: \"2021-02-05\" }", "2026-05-12"),
        ("{ domain: a.example.com, api_url: \"http://api.example.com/v1\" }", "must be https"),
        ("{ domain: a.example.com, secret_kye: x }", "did you mean `secret_key`?"),
        ("{}", "CLERK_PUBLISHABLE_KEY"),
    ] {
        let settings =
            if settings.starts_with('{') { settings.to_owned() } else { format!("{{ {settings} }}") };
        let (good, said) =
            check(&format!("auth: {{ mode: required, providers: {{ clerk: {settings} }} }}\n"), &[]);
        assert!(!good && said.contains(told), "{settings}: {said}");
    }
}
