//! Records of any object by the words they hold.

use std::cmp::Reverse;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value as Json, json};

use crate::tools::twenty::sandbox::{
    model::table::{Object, Table},
    store::{row::Row, tables::Store},
};

use super::{fault::Fault, filter::Filter, words};

/// Records that one request may ask for.
const LIMIT_MAX: u64 = 200;

struct Hit<'a> {
    object: &'a Object,
    row: &'a Row,
    /// Whether all words were found, then how many.
    rank: (bool, usize),
}

/// The records that hold any of the words, best first, as a page of JSON.
///
/// # Errors
/// When limit, cursor or filter make no sense.
pub fn search(table: &Table, store: &Store, arguments: &Map<String, Json>) -> Result<Json, Fault> {
    let wanted = words::words(arguments.get("searchInput").and_then(Json::as_str).unwrap_or_default());
    let limit = arguments
        .get("limit")
        .and_then(Json::as_u64)
        .ok_or_else(|| Fault::query("Limit must be non-negative"))?;
    let limit = usize::try_from(limit.min(LIMIT_MAX)).unwrap_or(0);
    let from = arguments
        .get("after")
        .and_then(Json::as_str)
        .filter(|after| !after.is_empty())
        .map(place)
        .transpose()?;
    let names = |argument: &str| arguments.get(argument).and_then(Json::as_array);
    let (only, without) = (names("includedObjectNameSingulars"), names("excludedObjectNameSingulars"));
    let named = |list: &Vec<Json>, object: &Object| list.iter().any(|name| *name == *object.singular);
    let mut hits = Vec::new();
    for object in table.objects.iter().filter(|object| object.searchable) {
        if only.is_some_and(|list| !named(list, object)) || without.is_some_and(|list| named(list, object)) {
            continue;
        }
        let filter = Filter::new(object, arguments.get("filter"))?;
        let Some(rows) = store.rows(object.id) else { continue };
        for row in filter.select(rows).into_iter().filter_map(|slot| rows.get(slot)) {
            let found = row.get(object.words).as_text().map_or(0, |held| words::count(held, &wanted));
            if found > 0 || wanted.is_empty() {
                hits.push(Hit { object, row, rank: (found == wanted.len(), found) });
            }
        }
    }
    hits.sort_by_key(|hit| Reverse(hit.rank));
    let from = from.unwrap_or(0);
    let page = hits.iter().enumerate().skip(from).take(limit);
    let edges: Vec<Json> =
        page.map(|(at, hit)| json!({ "node": hit.json(), "cursor": cursor(at + 1) })).collect();
    let end = edges.last().and_then(|edge| edge.get("cursor")).cloned();
    let more = hits.len() > from.saturating_add(edges.len());
    Ok(json!({ "edges": edges, "pageInfo": { "endCursor": end, "hasNextPage": more } }))
}

/// The text that stands for a record in lists.
pub fn label(object: &Object, row: &Row) -> String {
    let columns = object.label_field().into_iter().flat_map(|field| field.columns());
    let parts: Vec<&str> = columns.filter_map(|column| row.get(column).as_text()).collect();
    parts.join(" ")
}

impl Hit<'_> {
    fn json(&self) -> Json {
        let image = self.object.field("avatarUrl").and_then(|field| self.row.get(field.column).as_text());
        // The ranks that PostgreSQL gives a word that is found once.
        let (all, found) = self.rank;
        json!({
            "recordId": self.row.id().to_string(),
            "objectNameSingular": self.object.singular,
            "objectLabelSingular": self.object.about.label,
            "label": label(self.object, self.row),
            "imageUrl": image,
            "tsRankCD": if all && found > 0 { 0.1 } else { 0.0 },
            "tsRank": 0.06079271 * found as f64,
        })
    }
}

fn cursor(at: usize) -> String {
    BASE64_STANDARD.encode(json!({ "at": at }).to_string())
}

fn place(cursor: &str) -> Result<usize, Fault> {
    let read = || {
        let json: Json = serde_json::from_slice(&BASE64_STANDARD.decode(cursor).ok()?).ok()?;
        usize::try_from(json.get("at")?.as_u64()?).ok()
    };
    read().ok_or_else(|| Fault::input("INVALID_CURSOR", format!("Invalid cursor: {cursor}")))
}
