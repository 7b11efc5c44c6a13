//! The same faulty files through the binary that users run: told as completely, with exit code 2.

use crate::support::running::command;
use std::{fs, path::Path};

/// The lines that list what is compiled in: the binary has more than the tests' own plug-ins.
fn without_lists(said: &str) -> Vec<&str> {
    said.lines().filter(|line| !line.contains("there are:")).collect()
}

#[test]
fn every_faulty_file_is_refused_with_exit_code_2() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/faults");
    let mut differing = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        // The binary always knows the folder of the file that it is given.
        let no_folder = path.ends_with("16-file-without-a-folder.yaml");
        if no_folder || path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let head = |word: &'static str| text.lines().filter_map(move |line| line.strip_prefix(word));
        let flags: Vec<&str> = head("# flag: ").flat_map(str::split_whitespace).collect();
        let arguments: Vec<&str> = if flags.is_empty() {
            vec!["config", "check", "config.yaml"]
        } else {
            [&["start", "--config", "config.yaml"], &flags[..]].concat()
        };
        let (mut command, scratch) = command(&arguments);
        fs::write(scratch.path().join("config.yaml"), &text).unwrap();
        command.envs(head("# env: ").filter_map(|line| line.split_once('=')));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
        if output.status.code() != Some(2) || without_lists(&said) != without_lists(&expected) {
            differing.push(format!(
                "{}: {:?}\n{said}\nexpected\n{expected}",
                path.display(),
                output.status.code()
            ));
        }
    }
    assert!(differing.is_empty(), "{} differ\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn a_secret_that_could_be_guessed_is_refused_and_not_shown() {
    let long = "x".repeat(32);
    let (mut check, folder) = command(&["config", "check", "config.yaml"]);
    let yaml = format!("keys:\n  secrets: [{long}, sesame]\ntools: {{ hello: {{}} }}\n");
    fs::write(folder.path().join("config.yaml"), &yaml).unwrap();
    let refused = check.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("keys.secrets.1") && said.contains("32 characters") && !said.contains("sesame"),
        "{said}"
    );
    fs::write(folder.path().join("config.yaml"), yaml.replace("sesame", &long)).unwrap();
    assert_eq!(check.status().unwrap().code(), Some(0));
}

#[test]
fn a_good_file_is_ok_and_its_schema_is_one() {
    let (mut check, _folder) = command(&["config", "check"]);
    let output = check.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut schema, _folder) = command(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.output().unwrap().stdout).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let shipped: serde_json::Value = serde_json::from_str(include_str!("../../config.schema.json")).unwrap();
    // A plug-in more or less, as in a build of one's own, makes another schema.
    let plug_ins = |schema: &serde_json::Value| {
        let section =
            |pointer: &str| schema.pointer(pointer).and_then(|section| section.as_object()).cloned();
        let tools = section("/properties/tools/properties").unwrap();
        let providers = section("/properties/auth/properties/providers/properties").unwrap();
        tools.into_iter().chain(providers).map(|(key, _)| key).collect::<Vec<_>>()
    };
    if plug_ins(&shipped) == plug_ins(&schema) {
        assert!(shipped == schema, "make it anew: twenty-mcp config schema > config.schema.json");
    }
}

#[test]
fn a_clash_of_names_is_told_where_one_was_given() {
    let (mut check, folder) = command(&["config", "check", "config.yaml"]);
    let yaml = "tools:\n  hello: { name: create_contact }\n  twenty: {}\n";
    fs::write(folder.path().join("config.yaml"), yaml).unwrap();
    let output = check.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("tools.hello.name: two tools are named `create_contact`"), "{said}");
    assert!(said.contains("config.yaml:2:18"), "{said}");
}

#[test]
fn arguments_are_held_against_definitions_of_the_tools_own() {
    let (mut check, folder) = command(&["config", "check", "config.yaml"]);
    let mut checked = |fixed: &str| {
        let yaml = format!(
            "tools:\n  conformance:\n    tools:\n      json_schema_2020_12_tool: {{ fixed: {fixed} }}\n"
        );
        fs::write(folder.path().join("config.yaml"), yaml).unwrap();
        let output = check.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = checked("{ address: { street: Elm Street } }");
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = checked("{ address: { street: [1] } }");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("fixed.address.street: expected text"), "{said}");
}
