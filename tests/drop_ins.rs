//! A plug-in is one new file: dropped into a scratch checkout, built, served and listed, with nothing else changed.

use crate::support::scratch::Scratch;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(binary: &Path, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.output().unwrap()
}

fn names(binary: &Path, arguments: &[&str]) -> Vec<String> {
    let output = run(binary, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

const HELLO: &str = include_str!("../examples/tools/hello.rs");

#[test]
fn new_files_are_served_and_listed() {
    let scratch = Scratch::new();
    scratch.write("tools/greet.rs", &HELLO.replace("\"hello\"", "\"greet\""));
    let packed = HELLO
        .replace("\"hello\"", "\"greet_from_the_pack\"")
        .replace("type Pack = ();", "type Pack = super::pack::Twenty;")
        .replace("(): &()", "_: &super::pack::Twenty");
    scratch.write("tools/twenty/greet.rs", &packed);
    let provider = include_str!("../auth-providers/static_tokens.rs");
    scratch.write("auth-providers/other_tokens.rs", provider);
    let binary = scratch.built();
    let tools = names(&binary, &["tools", "list", "--json", "--sandbox"]);
    for name in ["hello", "greet", "greet_from_the_pack", "create_contact"] {
        assert!(tools.iter().any(|tool| tool == name), "{name} in {tools:?}");
    }
    let providers = names(&binary, &["providers", "list", "--json"]);
    assert!(providers.contains(&"other-tokens".to_owned()), "{providers:?}");

    fs::remove_file(scratch.path("tools/greet.rs")).unwrap();
    scratch.write("tools/hello_again.rs", HELLO);
    let refused = run(&scratch.built(), &["tools", "list"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("tools/hello.rs") && told.contains("tools/hello_again.rs"), "{told}");
}

/// What the pack `conformance` has too: a prompt and a resource.
const NAMESAKES: &str = r#"//! A prompt and a resource of names that others use.
use crate::seam::{Call, Messages, Prompt, Resource, ResourceBody, ToolError};

/// Say something else.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Other;
crate::register!(prompt Other);
crate::register!(resource Other);

impl Prompt for Other {
    const NAME: &'static str = "test_simple_prompt";
    type Pack = ();

    async fn get(self, (): &(), _: Call) -> Result<Messages, ToolError> {
        Ok(Messages::new().user("Something else."))
    }
}

impl Resource for Other {
    const URI: &'static str = "test://static-text";
    const NAME: &'static str = "other";
    type Pack = ();

    async fn read(self, (): &(), _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::text("Something else."))
    }
}
"#;

#[test]
fn names_clash_among_what_is_served() {
    let scratch = Scratch::new();
    scratch.write("tools/greet.rs", &HELLO.replace("\"hello\"", "\"greet\""));
    let file = scratch.path("served.yaml");
    let config = ["--json", "--config", file.to_str().unwrap()];
    let list = |what| [&[what, "list"], &config[..]].concat();
    let refused = |binary: &Path, what| {
        let output = run(binary, &list(what));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let times = |binary: &Path, what, name: &str| {
        names(binary, &list(what)).iter().filter(|one| *one == name).count()
    };
    let binary = scratch.built();

    scratch.write("served.yaml", "tools: {}");
    assert_eq!(times(&binary, "tools", "greet"), 1, "the pack's own is not served");
    scratch.write("served.yaml", "tools: { conformance: {} }");
    let told = refused(&binary, "tools");
    for part in ["named `greet`", "tools/greet.rs:", "tools/conformance/tasks.rs:", "`tools.greet.name`"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    for apart in [
        "tools: { conformance: {}, greet: { name: hail } }",
        "tools: { conformance: { tools: { greet: { name: hail } } } }",
        "tools: { conformance: {}, greet: { enabled: false } }",
        "tools: { conformance: { tools: { greet: { enabled: false } } } }",
    ] {
        scratch.write("served.yaml", apart);
        assert_eq!(times(&binary, "tools", "greet"), 1, "{apart}");
        assert_eq!(times(&binary, "tools", "hail"), usize::from(apart.contains("hail")), "{apart}");
    }

    fs::remove_file(scratch.path("tools/greet.rs")).unwrap();
    scratch.write("tools/namesakes.rs", NAMESAKES);
    let binary = scratch.built();
    scratch.write("served.yaml", "tools: {}");
    assert_eq!(names(&binary, &list("prompts")), ["test_simple_prompt"]);
    assert_eq!(times(&binary, "tools", "hello"), 1);
    scratch.write("served.yaml", "tools: { conformance: {} }");
    let told = refused(&binary, "prompts");
    assert!(told.contains("tools/namesakes.rs:") && told.contains("tools/conformance/"), "{told}");
}

#[test]
fn what_registers_nothing_and_bad_names_are_errors() {
    let scratch = Scratch::new();
    scratch.write("tools/empty.rs", "//! Nothing.\n// crate::register!(Nothing);\n");
    scratch.write("tools/void/inner.rs", "//! Nothing.\n");
    scratch.write("tools/Bad-Name.rs", "//! A bad name.\n");
    scratch.write("tools/twenty/deeper/type.rs", "//! A keyword.\n");
    let told = scratch.refused();
    for fault in [
        "tools/empty.rs: nothing here",
        "tools/void: nothing here",
        "tools/Bad-Name.rs: ",
        "tools/twenty/deeper/type.rs: ",
    ] {
        assert!(told.contains(fault), "{fault} in {told}");
    }
}

#[test]
fn without_the_twenty_pack_hello_is_served() {
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path("tools/twenty")).unwrap();
    assert_eq!(names(&scratch.built(), &["tools", "list", "--json"]), ["hello"]);
}
