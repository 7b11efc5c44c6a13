//! Real clients at the authorization server: the official TypeScript SDK, the official conformance suite, a page in a real
//! browser.

use crate::{
    clients::{installed, passes, script},
    support::{door::configured, running::Running},
};
use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_gets_to_a_tool_result_by_itself() {
    let Some((mut client, _scripts)) = script("oauth.mjs") else { return };
    let server = Running::start(&["--sandbox", "--auth", "dev"]);
    let refused = reqwest::Client::new().post(server.mcp()).send().await.unwrap();
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    let scopes = challenge.split("scope=\"").nth(1).unwrap().split('"').next().unwrap();
    client.arg(server.mcp()).arg("jwt").arg(scopes);
    passes(client);
}

#[test]
fn the_official_conformance_suite_passes() {
    let Some((mut suite, _scripts)) = script("conformance.mjs") else { return };
    let server = Running::start(&["--sandbox", "--auth", "dev"]);
    suite.arg(&server.url);
    passes(suite);
}

#[test]
fn a_page_in_a_browser_signs_in_and_breaks_no_policy() {
    let Some(chromium) = installed("TWENTY_MCP_TEST_CHROMIUM") else { return };
    let Some((mut client, _scripts)) = script("browser.mjs") else { return };
    client.arg(chromium).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = client.spawn().unwrap();
    let mut output = BufReader::new(client.stdout.take().unwrap()).lines();
    let origin = output.next().unwrap().unwrap();
    let (server, _folder) = configured(&format!(
        "server: {{ allowed_origins: [\"{origin}\"] }}\nauth: {{ mode: required, providers: {{ dev: {{}} }} }}\n\
         tools: {{ twenty: {{ base_url: sandbox }} }}\n"
    ));
    writeln!(client.stdin.take().unwrap(), "{}", server.mcp()).unwrap();
    let rest: Vec<String> = output.map_while(Result::ok).collect();
    assert!(client.wait().unwrap().success(), "{rest:?}");
}
