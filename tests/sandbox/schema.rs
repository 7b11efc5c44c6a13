//! The generated schema equals the one that Twenty's own sources lead to, type by type.

use std::collections::{BTreeMap, BTreeSet};

use graphql_parser::schema::{Definition, InputValue, TypeDefinition, parse_schema};
use twenty_mcp::tools::twenty::sandbox::{
    model::parse::table,
    schema::{core::core, definition::sdl},
    settings::Profile,
};

/// Every type by name, with what it holds: one line a field, argument or value.
fn types(sdl: &str) -> BTreeMap<String, BTreeSet<String>> {
    let document = parse_schema::<String>(sdl).unwrap();
    let input = |of: &str, i: &InputValue<'_, String>| {
        format!("{of}{}: {} = {:?}", i.name, i.value_type, i.default_value)
    };
    let mut types = BTreeMap::new();
    for definition in &document.definitions {
        let Definition::TypeDefinition(definition) = definition else { panic!("{definition:?}") };
        let (name, holds) = match definition {
            TypeDefinition::Scalar(t) => (&t.name, BTreeSet::from(["scalar".to_owned()])),
            TypeDefinition::Enum(t) => {
                (&t.name, t.values.iter().map(|value| format!("value {}", value.name)).collect())
            }
            TypeDefinition::InputObject(t) => {
                (&t.name, t.fields.iter().map(|i| input("input ", i)).collect())
            }
            TypeDefinition::Object(t) => {
                let mut lines: BTreeSet<String> = t
                    .fields
                    .iter()
                    .map(|field| format!("field {}: {}", field.name, field.field_type))
                    .collect();
                for field in &t.fields {
                    lines.extend(field.arguments.iter().map(|i| input(&format!("{}(", field.name), i)));
                }
                (&t.name, lines)
            }
            other => panic!("{other:?}"),
        };
        assert!(types.insert(name.clone(), holds).is_none(), "{name} is there twice");
    }
    types
}

fn compare(profile: Profile, expected: &str) {
    let (ours, theirs) = (types(&sdl(&core(&table(profile).unwrap()))), types(expected));
    assert!(theirs.len() > 300, "only {} types to compare with", theirs.len());
    for (name, holds) in &theirs {
        let Some(own) = ours.get(name) else { panic!("{name} is missing") };
        assert_eq!(own, holds, "{name} differs");
    }
    let more: Vec<_> = ours.keys().filter(|name| !theirs.contains_key(*name)).collect();
    assert!(more.is_empty(), "types that should not be there: {more:?}");
}

#[test]
fn the_current_schema_is_twentys() {
    compare(Profile::Current, include_str!("../schema/sandbox.graphql"));
}

#[test]
fn the_legacy_schema_is_twentys() {
    compare(Profile::Legacy, include_str!("../schema/sandbox-legacy.graphql"));
}

/// Where a folder beside the checkout holds the sources of the copies, the copies are held against them.
#[test]
fn the_copies_are_what_they_were_copied_from() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let copies = [
        ("sandbox.graphql", include_str!("../schema/sandbox.graphql")),
        ("sandbox-legacy.graphql", include_str!("../schema/sandbox-legacy.graphql")),
        ("metadata.graphql", include_str!("../../tools/twenty/sandbox/metadata/metadata.graphql")),
    ];
    let declared = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    let mut compared = 0;
    for folder in std::fs::read_dir(beside).into_iter().flatten().flatten() {
        for (file, copy) in copies {
            let source = folder.path().join("twenty/schema").join(file);
            if let Ok(text) = std::fs::read_to_string(&source) {
                assert_eq!(declared(&text), declared(copy), "{}", source.display());
                compared += 1;
            }
        }
    }
    if compared == 0 {
        println!("not compared: no folder beside the checkout holds the sources of the copies");
    }
}
