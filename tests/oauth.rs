//! The whole way of clients with their own OAuth code, at a real authorization server.

use crate::{
    clients::{passes, python, script},
    support::{authorization_server::AuthorizationServer, door::configured, running::Running},
};

/// An authorization server that gives out tokens in this format, and a server that lets them in.
pub fn signed_in_by(format: &str) -> Option<(Running, AuthorizationServer, tempfile::TempDir)> {
    let mut issuer = AuthorizationServer::start()?;
    let provider = match format {
        "jwt" => "oidc: { issuer: ISSUER, SCOPES }",
        _ => {
            "introspection: { issuer: ISSUER, client_id: mcp-rs, client_secret: mcp-rs-secret-mcp-rs-secret-12345, SCOPES }"
        }
    };
    let provider = provider
        .replace("ISSUER", &format!("\"{}\"", issuer.issuer))
        .replace("SCOPES", "scopes: { advertise: [openid, \"twenty:read\"] }");
    let (server, folder) = configured(&format!(
        "auth: {{ mode: required, providers: {{ {provider} }} }}\ntools: {{ twenty: {{ base_url: sandbox, sandbox: {{ people: 5 }} }} }}\n"
    ));
    issuer.tell(&format!("{format} {}", server.mcp()));
    Some((server, issuer, folder))
}

const FORMATS: [&str; 2] = ["jwt", "opaque"];

#[test]
fn the_typescript_client_that_knows_nothing_but_the_address_gets_a_tool_result_and_signs_in_for_more() {
    for format in FORMATS {
        let Some((server, _issuer, _folder)) = signed_in_by(format) else { return };
        let (mut client, _scripts) = script("oauth.mjs").unwrap();
        client.arg(server.mcp()).arg(format).arg("openid twenty:read");
        passes(client);
    }
}

#[test]
fn the_python_clients_that_know_nothing_but_the_address_get_a_tool_result() {
    for format in FORMATS {
        let Some((server, _issuer, _folder)) = signed_in_by(format) else { return };
        for client in ["mcp", "fastmcp"] {
            python("oauth.py", &[client, &server.mcp()]);
        }
    }
}
