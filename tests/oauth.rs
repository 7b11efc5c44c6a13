//! The whole way of a client with its own OAuth code, at a real authorization server.

use crate::{
    clients::{passes, script},
    support::running::Running,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
};

/// npm's `oidc-provider`, which ends with this.
struct AuthorizationServer {
    child: Child,
    input: ChildStdin,
    issuer: String,
    _folder: tempfile::TempDir,
}

impl AuthorizationServer {
    fn start() -> Option<Self> {
        let (mut command, folder) = script("issuer.mjs")?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http")).expect("the authorization server serves");
        // It goes on to print, and would end where nobody reads.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, input, issuer, _folder: folder })
    }
}

impl Drop for AuthorizationServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_client_that_knows_nothing_but_the_address_gets_a_tool_result() {
    let Some(mut issuer) = AuthorizationServer::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    let yaml = format!(
        "auth:\n  mode: required\n  providers:\n    oidc:\n      issuer: {}\n      scopes: {{ advertise: [openid, \"twenty:read\"] }}\ntools: {{ hello: {{}} }}\n",
        issuer.issuer
    );
    std::fs::write(&file, yaml).unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    writeln!(issuer.input, "{}", server.mcp()).unwrap();
    let (mut client, _scripts) = script("oauth.mjs").unwrap();
    client.arg(server.mcp());
    passes(client);
}
