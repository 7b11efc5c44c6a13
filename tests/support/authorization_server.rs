//! A real authorization server on loopback: npm's `oidc-provider`.

use crate::clients::script;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// The server, which ends with this.
pub struct AuthorizationServer {
    pub issuer: String,
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
    _folder: tempfile::TempDir,
}

impl AuthorizationServer {
    /// None where npm's packages are not installed.
    pub fn start() -> Option<Self> {
        let (mut command, folder) = script("issuer.mjs")?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (tell, told) = channel();
        // Its lines are read to the end: it would not go on where nobody reads.
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.for_each(|line| drop(tell.send(line)));
        });
        let mut server = Self { issuer: String::new(), child, input, output: told, _folder: folder };
        server.issuer = server.line(|line| line.starts_with("http"));
        Some(server)
    }

    /// Tells it something, and waits until it has done it.
    pub fn tell(&mut self, command: &str) {
        writeln!(self.input, "{command}").unwrap();
        self.line(|line| line == "ok");
    }

    fn line(&self, fits: impl Fn(&str) -> bool) -> String {
        loop {
            let line =
                self.output.recv_timeout(Duration::from_secs(60)).expect("the authorization server answers");
            if fits(&line) {
                return line;
            }
        }
    }

    /// What it gives to a client that signs in for a resource and these scopes.
    pub fn sign_in(&self, resource: &str, scope: &str) -> Value {
        let (mut command, _folder) = script("tokens.mjs").unwrap();
        let output = command.args([self.issuer.as_str(), resource, scope]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for AuthorizationServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
