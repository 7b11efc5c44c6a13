//! Addresses that others can reach: never with the operator's key for everybody, unless the operator says so in words.

use crate::support::running::command;

/// What `config check` says of a file: its exit code and its words.
fn checked(yaml: &str) -> (Option<i32>, String) {
    let (mut command, folder) = command(&["config", "check", "config.yaml"]);
    std::fs::write(folder.path().join("config.yaml"), yaml).unwrap();
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const TWENTY: &str = "tools: { twenty: { base_url: \"https://crm.example.com\", api_key: \"k\" } }\n";

#[test]
fn strangers_do_not_get_the_operators_key_by_accident() {
    for mode in ["off", "optional"] {
        let providers = "providers: { static-tokens: { tokens: { ci: { hash: \"sha256:".to_owned()
            + &"a".repeat(64)
            + "\", scopes: [] } } } }";
        let open =
            format!("server: {{ bind: \"0.0.0.0:3000\" }}\nauth: {{ mode: {mode}, {providers} }}\n{TWENTY}");
        let (code, said) = checked(&open);
        assert_eq!(code, Some(2), "{mode}: {said}");
        assert!(said.contains("server.bind") && said.contains("operator_key"), "{said}");
        let in_words = open.replace("auth: {", "auth: { operator_key: anonymous,");
        assert_eq!(checked(&in_words).0, Some(0), "{mode}, in words");
        let plain = in_words.replace("server: {", "server: { public_url: \"http://crm.example.com\",");
        let (code, said) = checked(&plain);
        assert!(code == Some(0) && said.contains("warning: ") && said.contains("http"), "{said}");
        assert_eq!(checked(&open.replace("0.0.0.0", "127.0.0.1")).0, Some(0), "{mode} on loopback");
        assert_eq!(checked(&open.replace(&format!("mode: {mode}"), "mode: required")).0, Some(0));
    }
    let sandbox = "server: { bind: \"0.0.0.0:3000\" }\ntools: { twenty: { base_url: sandbox } }\n";
    assert_eq!(checked(sandbox).0, Some(0), "the sandbox is nobody's secret");
}
