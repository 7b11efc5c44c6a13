//! The workspace accepts and refuses the documents that graphql-js accepts and refuses.

use serde::Deserialize;
use serde_json::Value;
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

/// A document with what graphql-js 16 says of it, on the schemas of this folder and on that of `/metadata`.
#[derive(Deserialize)]
struct Document {
    name: String,
    query: String,
    variables: Value,
    current: Option<Judged>,
    legacy: Option<Judged>,
    metadata: Option<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    verdict: String,
}

/// Scalars such as UUID, which graphql-js lets through when it has a schema alone, and a real server checks.
const STRICTER: [&str; 3] = ["S bad uuid literal", "S bad uuid var", "S string micros abc"];

fn documents() -> Vec<Document> {
    serde_json::from_str(include_str!("../schema/verdicts.json")).unwrap()
}

/// Whether a document was refused, and at which step; what goes wrong later is none of graphql-js's business.
fn verdict(answer: &Value) -> &'static str {
    let codes = answer["errors"].as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]);
    let codes: Vec<&str> = codes.filter_map(Value::as_str).collect();
    match () {
        () if codes.contains(&"GRAPHQL_PARSE_FAILED") => "parse",
        () if codes.contains(&"GRAPHQL_VALIDATION_FAILED") => "validation",
        () => "valid",
    }
}

async fn hold(profile: Profile, judged: impl Fn(&Document) -> Option<&Judged>, path: &str, least: usize) {
    let workspace = Workspace::small(profile);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for document in documents() {
        let Some(expected) = judged(&document) else { continue };
        if STRICTER.contains(&document.name.as_str()) {
            continue;
        }
        count += 1;
        let answer = workspace.ask(path, &document.query, document.variables.clone()).await;
        let ours = verdict(&answer);
        if ours != expected.verdict {
            wrong.push(format!(
                "{}: graphql-js says {}, we {ours}: {}",
                document.name, expected.verdict, answer["errors"]
            ));
        }
        if ours != "valid" {
            assert!(answer.get("data").is_none(), "{}: a refused document has no data", document.name);
        }
    }
    assert!(count >= least, "only {count} documents");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn current_documents_are_judged_as_by_graphql_js() {
    hold(Profile::Current, |document| document.current.as_ref(), "/graphql", 100).await;
}

#[tokio::test]
async fn legacy_documents_are_judged_as_by_graphql_js() {
    hold(Profile::Legacy, |document| document.legacy.as_ref(), "/graphql", 100).await;
}

#[tokio::test]
async fn metadata_documents_are_judged_as_by_graphql_js() {
    for profile in [Profile::Current, Profile::Legacy] {
        hold(profile, |document| document.metadata.as_ref(), "/metadata", 5).await;
    }
}

#[tokio::test]
async fn what_no_scalar_can_hold_is_refused() {
    let workspace = Workspace::small(Profile::Current);
    for document in documents().iter().filter(|document| document.name.starts_with("S ")) {
        let answer = workspace.ask("/graphql", &document.query, document.variables.clone()).await;
        assert_eq!(verdict(&answer), "validation", "{}: {answer}", document.name);
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("cannot represent value"));
    }
}
