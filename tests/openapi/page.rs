//! The page on which people try the API.

use super::{Running, configured, json};
use crate::clients::{installed, passes, script};
use twenty_mcp::auth::kit;

#[test]
fn people_try_the_api_with_their_own_token_and_the_page_keeps_to_its_policy() {
    let Some(chromium) = installed("TWENTY_MCP_TEST_CHROMIUM") else { return };
    let Some((mut person, _scripts)) = script("docs.mjs") else { return };
    let (token, hash) = kit::mint();
    let tokens = json!({ "ann": { "hash": hash } });
    let (server, _folder) = configured(&json!({
        "auth": { "mode": "required", "providers": { "static-tokens": { "tokens": tokens } } },
        "tools": { "twenty": { "base_url": "sandbox", "sandbox": { "people": 5 } }, "hello": {} },
    }));
    person.arg(chromium).arg(&server.url).arg(token.expose());
    passes(person);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_load_this_server_alone_and_no_script_in_its_markup() {
    let server = Running::start(&["--sandbox"]);
    let page = reqwest::get(format!("{}/docs", server.url)).await.unwrap();
    let policies = page.headers().get_all("content-security-policy").iter();
    let policies: Vec<String> = policies.map(|policy| policy.to_str().unwrap().to_owned()).collect();
    assert!(policies[0].contains("default-src 'none'; script-src 'self';"), "{policies:?}");
    assert_eq!(policies[1], "frame-ancestors 'none'");
    assert!(!policies.concat().contains("unsafe"));
    let markup = page.text().await.unwrap();
    assert!(!markup.contains("http://") && !markup.contains("https://") && !markup.contains("style=\""));
    let mut loaded = markup.split(['"']).filter(|part| part.starts_with("/docs/")).collect::<Vec<_>>();
    loaded.sort_unstable();
    assert_eq!(loaded, ["/docs/page.css", "/docs/page.js"]);
    for path in loaded {
        let asset = reqwest::get(format!("{}{path}", server.url)).await.unwrap();
        assert_eq!(asset.status(), 200, "{path}");
        assert!(asset.headers()["content-type"].to_str().unwrap().starts_with("text/"), "{path}");
    }
}
