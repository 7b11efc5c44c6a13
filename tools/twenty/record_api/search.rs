//! Records of all objects by the words they hold.

use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{document::Document, engine::Records, find::nodes, text::table},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The root field.
const ROOT: &str = "search";
/// What is selected of a hit.
const HIT: &str = "recordId objectNameSingular label";

/// Search all objects by words, best match first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    query: String,
    objects: Option<Vec<String>>,
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
    cursor: Option<String>,
}
crate::register!(Search);

const fn twenty() -> usize {
    20
}

/// What was found, the best match first.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hits {
    /// Hand this over as `cursor` to see the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    hits: Vec<Hit>,
}

/// A record that has the words.
#[derive(Serialize, schemars::JsonSchema)]
struct Hit {
    /// Its object, in singular.
    object: String,
    id: String,
    name: String,
    /// Its page in Twenty.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Tool for Search {
    const NAME: &'static str = "search";
    type Pack = Twenty;
    type Output = Hits;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Hits, ToolError> {
        let records = twenty.records(&cx).await?;
        let workspace = records.workspace();
        if !workspace.has(ROOT) {
            return Err(ToolError::input("this workspace's server cannot search all objects at once")
                .hint("use find_records with a filter, one object at a time"));
        }
        // Servers that give pages have cursors; those before them gave a plain list.
        let pages = workspace.takes(ROOT, "after");
        let mut document = Document::default();
        let words = document.variable("String!", json!(self.query));
        let mut arguments = vec![format!("searchInput: {words}, limit: {}", self.limit)];
        if let Some(names) = self.objects.filter(|names| !names.is_empty()) {
            let names = names.iter().map(|name| Ok(records.object(name)?.singular.clone()));
            let names = names.collect::<Result<Vec<_>, ToolError>>()?;
            let names = document.variable("[String!]", json!(names));
            arguments.push(format!("includedObjectNameSingulars: {names}"));
        }
        match (&self.cursor, pages) {
            (Some(cursor), true) => {
                let cursor = document.variable("String", json!(cursor));
                arguments.push(format!("after: {cursor}"));
            }
            (Some(_), false) => {
                return Err(ToolError::input("this workspace's server gives no further pages of a search")
                    .hint("leave `cursor` out, and ask for more words or fewer objects"));
            }
            (None, _) => {}
        }
        let selected = match pages {
            true => format!("edges {{ node {{ {HIT} }} }} pageInfo {{ hasNextPage endCursor }}"),
            false => HIT.to_owned(),
        };
        let alias = document.root(&format!("{ROOT}({}) {{ {selected} }}", arguments.join(", ")));
        let mut data: Map<String, Value> = records.read(&cx, document).await?;
        let answer = data.remove(&alias).unwrap_or_default();
        let more = answer.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool).unwrap_or(false);
        let end = answer.pointer("/pageInfo/endCursor").and_then(Value::as_str).map(str::to_owned);
        let found = match answer {
            Value::Array(list) => list,
            page => nodes(page.get("edges")),
        };
        Ok(Hits {
            next_cursor: end.filter(|_| more),
            hits: found.iter().filter_map(|node| hit(&records, node)).collect(),
        })
    }

    fn text(found: &Hits) -> Option<String> {
        if found.hits.is_empty() {
            return Some("Nothing found.".into());
        }
        let row = |hit: &Hit| {
            vec![hit.object.clone(), hit.name.clone(), hit.id.clone(), hit.url.clone().unwrap_or_default()]
        };
        let rows: Vec<Vec<String>> = found.hits.iter().map(row).collect();
        let more = match &found.next_cursor {
            Some(next) => format!("More: call again with cursor {next}\n"),
            None => String::new(),
        };
        Some(format!("{} found.\n{}{more}", rows.len(), table(&["object", "name", "id", "page"], &rows)))
    }
}

fn hit(records: &Records<'_>, node: &Value) -> Option<Hit> {
    let text = |name: &str| node.get(name).and_then(Value::as_str).map(str::to_owned);
    let (id, object) = (text("recordId")?, text("objectNameSingular")?);
    let url = records.object(&object).ok().map(|of| records.link(of, &id));
    Some(Hit { name: text("label").unwrap_or_default(), url, object, id })
}
