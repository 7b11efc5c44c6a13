//! Lists, serialised once and sent as bytes.

use super::reply::complete;
use crate::mcp::{
    door::Fault,
    pages::{PAGE, page},
};
use serde_json::{Map, Value, json, value::RawValue};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// How long a client may keep a list, in milliseconds; `list_changed` ends that earlier.
const KEEP: u32 = 60_000;

/// Who may be shown a list that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everybody: it does not depend on the caller.
    Public,
    /// The caller alone.
    Private,
}

impl Scope {
    const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

/// What says when a client may keep a result, and for whom (MCP 2026-07-28, Caching).
pub(super) fn cached(result: Map<String, Value>, scope: Scope) -> Value {
    kept(result, KEEP, scope)
}

/// The same for so many milliseconds.
pub(super) fn kept(mut result: Map<String, Value>, ms: u32, scope: Scope) -> Value {
    result.insert("ttlMs".into(), json!(ms));
    result.insert("cacheScope".into(), json!(scope.name()));
    complete(result)
}

/// A page: which list it is of, in whose view, and where it begins.
type Key = (&'static str, Option<String>);

/// Pages that were told, as long as nothing has changed since.
#[derive(Default)]
pub(super) struct Lists(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    version: u64,
    pages: HashMap<Key, Arc<RawValue>>,
}

impl Lists {
    /// The result that is a page of a list: `items` under the name `member`.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub(super) fn page<T>(
        &self,
        version: u64,
        member: &'static str,
        cursor: Option<String>,
        items: &[T],
        name: impl Fn(&T) -> &str,
        shown: impl Fn(&T) -> &Value,
    ) -> Result<Arc<RawValue>, Fault> {
        let key = (member, cursor);
        if let Some(page) = self.kept(version, &key) {
            return Ok(page);
        }
        let made = made((member, key.1.as_deref()), items, name, shown, Scope::Public)?;
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version {
            *kept = Kept { version, pages: HashMap::new() };
        }
        kept.pages.insert(key, made.clone());
        Ok(made)
    }

    fn kept(&self, version: u64, key: &Key) -> Option<Arc<RawValue>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (kept.version == version).then(|| kept.pages.get(key).cloned()).flatten()
    }
}

/// The result that is a page of a list: what `shown` makes of the `items`, for those whom `scope` names.
///
/// # Errors
/// The cursor is none of this list.
pub(super) fn made<T>(
    (member, cursor): (&str, Option<&str>),
    items: &[T],
    name: impl Fn(&T) -> &str,
    shown: impl Fn(&T) -> &Value,
    scope: Scope,
) -> Result<Arc<RawValue>, Fault> {
    let (items, next) = page(items, name, cursor, PAGE).map_err(|none| Fault::params(none.to_string()))?;
    let mut result = Map::new();
    result.insert(member.into(), items.iter().map(|item| shown(item).clone()).collect());
    result.extend(next.map(|next| ("nextCursor".to_owned(), json!(next))));
    let made = serde_json::value::to_raw_value(&cached(result, scope));
    Ok(made.map_err(|_| Fault::internal("the list is no JSON"))?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_made_once_a_version_and_a_bad_cursor_keeps_nothing() {
        let (lists, items) = (Lists::default(), [json!({ "name": "a" }), json!({ "name": "b" })]);
        let of = |version, cursor: Option<&str>| {
            let cursor = cursor.map(str::to_owned);
            lists.page(version, "tools", cursor, &items, |item| item["name"].as_str().unwrap(), |item| item)
        };
        let (one, again, newer) = (of(0, None).unwrap(), of(0, None).unwrap(), of(1, None).unwrap());
        assert!(Arc::ptr_eq(&one, &again) && !Arc::ptr_eq(&one, &newer));
        let told: Value = serde_json::from_str(one.get()).unwrap();
        assert_eq!(told["tools"], json!(items));
        assert_eq!((&told["ttlMs"], &told["cacheScope"]), (&json!(KEEP), &json!("public")));
        assert_eq!(told["resultType"], "complete");
        assert!(told.get("nextCursor").is_none());
        assert!(of(1, Some("nonsense")).is_err());
        assert_eq!(lists.0.read().unwrap().pages.len(), 1);
    }
}
