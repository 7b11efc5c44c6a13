//! Pages and filters of the metadata API.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value as Json, json};

use crate::tools::twenty::sandbox::engine::fault::Fault;

/// Entries on a page when nothing is said.
const PAGE: u64 = 10;

/// A page of a list.
pub struct Page<T> {
    /// The entries with their cursors.
    pub edges: Vec<(T, String)>,
    /// Whether there are more, and where the page begins and ends.
    pub info: Json,
}

/// The page that `paging` asks for.
///
/// # Errors
/// When it contradicts itself or its cursor was not made here.
pub fn page<T>(list: Vec<T>, arguments: &Map<String, Json>) -> Result<Page<T>, Fault> {
    let paging = arguments.get("paging");
    let get = |name: &str| paging.and_then(|paging| paging.get(name)).filter(|value| !value.is_null());
    let place = |name: &str| get(name).map(|cursor| place(cursor.as_str().unwrap_or_default())).transpose();
    let (after, before) = (place("after")?, place("before")?);
    if get("first").is_some() && get("last").is_some() {
        return Err(Fault::input("ARGS_CONFLICT", "Cannot provide both first and last"));
    }
    let size = |name: &str| {
        get(name)
            .map(|size| size.as_u64().ok_or_else(|| Fault::query("A page cannot be negative")))
            .transpose()
    };
    let (first, last) = (size("first")?, size("last")?);
    let from = after.map_or(0, |at| at + 1).min(list.len());
    let to = before.unwrap_or(list.len()).clamp(from, list.len());
    let most = usize::try_from(first.or(last).unwrap_or(PAGE)).unwrap_or(usize::MAX).min(to - from);
    let (from, to, total) = match last {
        Some(_) => (to - most, to, list.len()),
        None => (from, from + most, list.len()),
    };
    let edges = list.into_iter().enumerate().skip(from).take(to - from).map(|(at, one)| (one, cursor(at)));
    let edges: Vec<_> = edges.collect();
    let info = json!({
        "hasNextPage": to < total,
        "hasPreviousPage": from > 0,
        "startCursor": edges.first().map(|(_, cursor)| cursor),
        "endCursor": edges.last().map(|(_, cursor)| cursor),
    });
    Ok(Page { edges, info })
}

/// Whether something passes a filter, given its properties by name.
///
/// # Errors
/// When the filter uses something that the sandbox does not have.
pub fn passes(filter: Option<&Json>, property: &impl Fn(&str) -> Option<Json>) -> Result<bool, Fault> {
    for (name, value) in
        filter.and_then(Json::as_object).into_iter().flatten().filter(|(_, value)| !value.is_null())
    {
        let each = || value.as_array().into_iter().flatten().map(|one| passes(Some(one), property));
        let holds = match name.as_str() {
            "and" => each().collect::<Result<Vec<_>, _>>()?.into_iter().all(|holds| holds),
            "or" => each().collect::<Result<Vec<_>, _>>()?.into_iter().any(|holds| holds),
            name => {
                let held = property(name).ok_or_else(|| Fault::absent(&format!("a filter by {name}")))?;
                let mut all = true;
                for (operator, to) in value.as_object().into_iter().flatten() {
                    all &= compare(operator, &held, to)?;
                }
                all
            }
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(operator: &str, held: &Json, to: &Json) -> Result<bool, Fault> {
    let among = || to.as_array().is_some_and(|list| list.contains(held));
    Ok(match operator {
        "is" | "eq" => held == to,
        "isNot" | "neq" => held != to,
        "in" => among(),
        "notIn" => !among(),
        _ => return Err(Fault::absent(&format!("the operator {operator} of metadata filters"))),
    })
}

fn cursor(at: usize) -> String {
    BASE64_STANDARD.encode(format!("arrayconnection:{at}"))
}

fn place(cursor: &str) -> Result<usize, Fault> {
    let text = BASE64_STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let at = text.as_deref().and_then(|text| text.strip_prefix("arrayconnection:")?.parse().ok());
    at.ok_or_else(|| Fault::input("INVALID_CURSOR", format!("Invalid cursor: {cursor}")))
}
