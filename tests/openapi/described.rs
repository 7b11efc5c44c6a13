//! What a server says of itself.

use super::{configured, json, published, tools, whole};
use reqwest::Client;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_describes_what_it_serves_to_everybody_and_nothing_that_is_one_workspaces_own() {
    let sandbox = json!({ "base_url": "sandbox", "objects": ["person"],
        "sandbox": { "people": 5 }, "tools": {
            "create_task": { "name": "jot" }, "create_contact": { "enabled": false },
            "search_contacts": { "defaults": { "limit": 7 } },
        } });
    let (server, _folder) =
        configured(&json!({ "tools": { "twenty": sandbox, "conformance": {}, "hello": {} } }));
    let document = published(&server).await;
    let names: Vec<&str> = tools(&document).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"jot") && names.contains(&"hello") && names.contains(&"test_image_content"));
    assert!(!names.contains(&"create_task") && !names.contains(&"create_contact"));
    let find = Client::new().post(format!("{}/api/tools/find_people", server.url)).json(&json!({})).send();
    assert_eq!(find.await.unwrap().status(), 200, "a tool of this workspace's schema can be called");
    assert!(!names.contains(&"find_people"), "and is told to nobody: {names:?}");
    let search = document.pointer("/paths/~1api~1tools~1search_contacts/post").unwrap();
    let limit = search.pointer("/requestBody/content/application~1json/schema/properties/limit").unwrap();
    assert_eq!(limit.get("default"), None, "{limit}");
    assert_eq!((search.get("security"), document.get("security")), (None, None));
    assert_eq!(search["parameters"][0]["name"], "X-Twenty-Api-Key");
    assert_eq!(document["paths"].get("/.well-known/oauth-authorization-server"), None);

    let call = Client::new()
        .post(format!("{}/api/tools/search_contacts", server.url))
        .json(&json!({ "query": "a" }));
    let answer: Value = call.send().await.unwrap().json().await.unwrap();
    let schema = search.pointer("/responses/200/content/application~1json/schema").unwrap();
    assert!(jsonschema::draft202012::is_valid(&whole(&document, schema), &answer), "{answer}");

    let yaml = reqwest::get(format!("{}/openapi.yaml", server.url)).await.unwrap();
    assert_eq!(yaml.headers()["content-type"], "application/yaml");
    assert_eq!(serde_yaml::from_str::<Value>(&yaml.text().await.unwrap()).unwrap(), document);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_origin_may_read_it_and_who_has_it_is_spared_it() {
    let (server, _folder) = configured(&json!({ "tools": { "twenty": { "base_url": "sandbox" } } }));
    let ask = |tag: &str| {
        let request = Client::new().get(format!("{}/openapi.json", server.url));
        request.header("origin", "https://editor.example").header("if-none-match", tag.to_owned()).send()
    };
    let first = ask("\"other\"").await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["access-control-allow-origin"]),
        (200, &"*".parse().unwrap())
    );
    assert_eq!(first.headers()["cache-control"], "public, max-age=300");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let second = ask(&tag).await.unwrap();
    assert_eq!((second.status().as_u16(), second.text().await.unwrap()), (304, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_is_told_where_and_with_which_scopes() {
    for (mode, optional) in [("required", false), ("optional", true)] {
        let twenty = json!({ "base_url": "sandbox", "sandbox": { "people": 5 } });
        let (server, _folder) = configured(&json!({
            "auth": { "mode": mode, "providers": { "dev": {} } }, "tools": { "twenty": twenty },
        }));
        let document = published(&server).await;
        let flow = &document["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"];
        let base = server.url.clone();
        assert_eq!(flow["authorizationUrl"], format!("{base}/oauth/authorize"), "{flow}");
        assert_eq!(flow["tokenUrl"], format!("{base}/oauth/token"));
        assert!(flow["scopes"].get("twenty:read").is_some(), "{flow}");
        let read = json!(["twenty:read"]);
        let mut ways = vec![json!({ "oauth": read }), json!({ "bearer": read })];
        ways.extend(optional.then(|| json!({})));
        let search = document.pointer("/paths/~1api~1tools~1search_contacts/post").unwrap();
        assert_eq!(search["security"], json!(ways));
        assert_eq!(search.get("parameters").is_some(), optional, "who must sign in sends no key");
        assert!(search["responses"].get("401").is_some());
        assert!(document["paths"].get("/.well-known/oauth-authorization-server").is_some());
    }
}
