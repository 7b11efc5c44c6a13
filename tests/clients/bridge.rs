//! mcp-remote, by which clients that know stdio alone reach a server over HTTP: the TypeScript SDK 1.x at its near end.

use super::{installed, is_let_go, long, script};
use crate::support::{door::configured, running::Running};
use std::path::PathBuf;
use twenty_mcp::auth::kit;

/// How it speaks to the server: in a session, or in the revision that it finds.
const PROTOCOLS: [&str; 2] = ["legacy", "auto"];

/// The command that bridges to this server, for a script that starts it.
fn bridge(server: &Running, protocol: &str, more: &[&str]) -> Option<Vec<String>> {
    let modules = installed("TWENTY_MCP_TEST_NODE_MODULES")?;
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let proxy = modules.join("mcp-remote/dist/proxy.js");
    let mut command = vec!["stdio".to_owned(), text(modules.join(".bin/node")), text(proxy), server.mcp()];
    // It takes a loopback address of IPv6 for a foreign one.
    let options = ["--allow-http", "--protocol", protocol];
    command.extend(options.into_iter().chain(more.iter().copied()).map(str::to_owned));
    Some(command)
}

/// Runs a script with the bridge as its server; what the bridge keeps goes with the folder.
fn run(name: &str, arguments: &[&str], bridge: &[String]) {
    let Some((mut command, folder)) = script(name) else { return };
    command.args(arguments).args(bridge).env("HOME", folder.path());
    super::passes(command);
}

#[test]
fn mcp_remote_brings_a_whole_round() {
    for protocol in PROTOCOLS {
        let server = Running::start(&["--sandbox"]);
        let Some(bridge) = bridge(&server, protocol, &[]) else { return };
        run("typescript1.mjs", &[], &bridge);
    }
}

#[test]
fn mcp_remote_carries_a_token() {
    for protocol in PROTOCOLS {
        let (token, hash) = kit::mint();
        let (server, _folder) = configured(&format!(
            "auth: {{ mode: required, providers: {{ static-tokens: {{ tokens: {{ a: {{ hash: \"{hash}\" }} }} }} }} }}\n\
             tools: {{ twenty: {{ base_url: sandbox, sandbox: {{ people: 5 }} }} }}\n"
        ));
        let header = format!("Authorization:Bearer {}", token.expose());
        let Some(bridge) = bridge(&server, protocol, &["--header", &header]) else { return };
        run("typescript1.mjs", &[], &bridge);
    }
}

#[test]
fn mcp_remote_brings_questions_to_the_user() {
    for protocol in PROTOCOLS {
        let server = Running::start(&["--sandbox"]);
        let Some(bridge) = bridge(&server, protocol, &[]) else { return };
        run("asking.mjs", &["1"], &bridge);
    }
}

#[test]
fn mcp_remote_tells_of_progress_and_takes_calls_back() {
    for protocol in PROTOCOLS {
        let (config, audit) = long();
        let server = Running::start(&["--config", config.path().join("c.yaml").to_str().unwrap()]);
        let Some(bridge) = bridge(&server, protocol, &[]) else { return };
        run("on_the_way.mjs", &["1"], &bridge);
        is_let_go(&audit);
    }
}
