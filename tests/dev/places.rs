//! Where the authorization server may be, what it is called, and what it says of itself.

use super::Dev;
use crate::support::running::{Running, refused};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_no_file_and_says_how_a_token_is_had() {
    let server = Running::start(&["--sandbox", "--auth", "dev"]);
    let said = format!("twenty-mcp tokens dev --issuer http://{}", server.bound());
    assert!(server.greeting.contains(&said), "{}", server.greeting);
    let answer = reqwest::Client::new().post(server.mcp()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("resource_metadata=") && challenge.contains("twenty:read"), "{challenge}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_documents_name_it_as_it_was_asked() {
    let dev = Dev::start().await;
    let port = dev.server.authority().rsplit(':').next().unwrap();
    for name in ["127.0.0.1", "localhost", "[::1]"] {
        let base = format!("http://{name}:{port}");
        let get = async |path: &str| -> Value {
            let request =
                dev.http.get(format!("{}{path}", dev.server.url)).header("host", format!("{name}:{port}"));
            let answer = request.header("origin", "https://any.example").send().await.unwrap();
            assert_eq!(answer.headers()["access-control-allow-origin"], "*");
            answer.json().await.unwrap()
        };
        let resource = get("/.well-known/oauth-protected-resource/mcp").await;
        assert_eq!(
            (&resource["resource"], &resource["authorization_servers"]),
            (&json!(format!("{base}/mcp")), &json!([base]))
        );
        let said = get("/.well-known/oauth-authorization-server").await;
        for (member, value) in [
            ("issuer", json!(base)),
            ("authorization_endpoint", json!(format!("{base}/oauth/authorize"))),
            ("token_endpoint", json!(format!("{base}/oauth/token"))),
            ("registration_endpoint", json!(format!("{base}/oauth/register"))),
            ("revocation_endpoint", json!(format!("{base}/oauth/revoke"))),
            ("jwks_uri", json!(format!("{base}/oauth/jwks"))),
            ("response_types_supported", json!(["code"])),
            ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("token_endpoint_auth_methods_supported", json!(["none"])),
            ("client_id_metadata_document_supported", json!(true)),
            ("authorization_response_iss_parameter_supported", json!(true)),
        ] {
            assert_eq!(said[member], value, "{member}");
        }
        assert!(said["scopes_supported"].as_array().unwrap().contains(&json!("twenty:write")), "{said}");
    }
}

#[test]
fn where_it_could_do_harm_it_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    for (yaml, flags, told) in [
        ("server: { bind: \"0.0.0.0:0\" }", &["--sandbox", "--auth", "dev"][..], "bind a loopback address"),
        ("tools: { twenty: { api_key: k } }", &["--auth", "dev"], "allow_real_workspace"),
        (
            "auth: { mode: required, providers: { oidc: { issuer: \"https://id.example\" }, dev: {} } }",
            &["--sandbox"],
            "name it before the others",
        ),
        (
            "auth: { providers: { dev: { code_lifetime: 1h } } }",
            &["--sandbox", "--auth", "dev"],
            "is at most 10m",
        ),
        (
            "auth: { providers: { dev: { token_lifetime: 0s } } }",
            &["--sandbox", "--auth", "dev"],
            "token_lifetime",
        ),
    ] {
        std::fs::write(&file, yaml).unwrap();
        let output = refused(&[&["--config", file.to_str().unwrap()], flags].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(told), "{yaml}: {error}");
    }
}
