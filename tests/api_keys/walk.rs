//! The TypeScript server's walk-through, as a script that people run.

use super::{SECRET, dev_token};
use crate::support::running::Running;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn by_curl_a_user_finds_the_way_stores_a_key_calls_a_tool_and_deletes_the_key() {
    let server = Running::start_with(&["--sandbox", "--auth", "dev"], |command| {
        command.env("API_KEY_ENCRYPTION_SECRET", SECRET);
    });
    let token = dev_token(&server, &server.url);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/walkthrough.sh");
    let mut walk = tokio::process::Command::new("sh");
    walk.arg(script).args([&server.url, &token]).env("NO_PROXY", "*").env("TWENTY_KEY", "CANARY");
    let output = walk.output().await.unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    for part in
        ["API key stored successfully", "\"workspace\":\"Sandbox\"", "\"hasKey\":true", "\"hasKey\":false"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("CANARY"), "{said}");
}
