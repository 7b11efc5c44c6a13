//! A workspace's tables, read from the sandbox itself, page by page.

use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Rows that Twenty gives at once.
const PAGE: usize = 200;

/// What is in the workspace, newest first, by the plural names of its objects.
pub struct Tables(HashMap<&'static str, Vec<Value>>);

impl Tables {
    /// Reads these fields of these objects.
    pub async fn read(sandbox: &str, objects: &[(&'static str, &str)]) -> Self {
        let mut tables = HashMap::new();
        for (object, fields) in objects {
            tables.insert(*object, table(sandbox, object, fields).await);
        }
        Self(tables)
    }

    /// All rows of an object.
    pub fn all(&self, object: &str) -> &[Value] {
        &self.0[object]
    }

    /// The ids of the rows for which something holds.
    pub fn ids(&self, object: &str, holds: impl Fn(&Value) -> bool) -> BTreeSet<&str> {
        self.all(object).iter().filter(|row| holds(row)).map(id).collect()
    }
}

/// A row's id.
pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

async fn table(sandbox: &str, object: &str, fields: &str) -> Vec<Value> {
    let client = reqwest::Client::new();
    let (mut rows, mut after) = (Vec::new(), Value::Null);
    loop {
        let query = format!(
            "query Page($after: String) {{ {object}(first: {PAGE}, after: $after, \
             orderBy: [{{ createdAt: DescNullsLast }}]) {{ totalCount edges {{ node {{ id createdAt {fields} }} }} \
             pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let body = json!({ "query": query, "variables": { "after": after } }).to_string();
        let request = client.post(format!("{sandbox}/graphql")).header("content-type", "application/json");
        let answer =
            request.bearer_auth("CANARY-test-key").body(body).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let page = &answer["data"][object];
        rows.extend(
            page["edges"]
                .as_array()
                .unwrap_or_else(|| panic!("{answer}"))
                .iter()
                .map(|edge| edge["node"].clone()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] != true {
            assert_eq!(page["totalCount"].as_u64(), Some(rows.len() as u64), "{object}");
            return rows;
        }
    }
}
