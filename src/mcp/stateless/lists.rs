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
pub(in crate::mcp) enum Scope {
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

/// The most pages that are kept: callers with other scopes see other lists.
const MOST: usize = 256;

/// What a caller sees of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct View {
    /// The list's name in its result.
    pub(super) member: &'static str,
    /// Which of its items the caller sees, in their order.
    pub(super) seen: Vec<bool>,
    /// What tells apart the items that come and go: other numbers, other items.
    pub(super) listed: Vec<u64>,
    /// Where the page begins.
    pub(super) cursor: Option<String>,
}

/// Pages that were told, as long as nothing has changed since.
#[derive(Default)]
pub(super) struct Lists(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    version: u64,
    pages: HashMap<View, Arc<RawValue>>,
}

impl Lists {
    /// The result that is a page of these items, made once for all who see the same.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub(super) fn page<T>(
        &self,
        version: u64,
        view: View,
        scope: Scope,
        items: &[T],
        name: impl Fn(&T) -> &str,
        shown: impl Fn(&T) -> &Value,
    ) -> Result<Arc<RawValue>, Fault> {
        if let Some(page) = self.kept(version, &view) {
            return Ok(page);
        }
        let seen: Vec<&T> =
            items.iter().zip(&view.seen).filter_map(|(item, seen)| seen.then_some(item)).collect();
        let (told, next) = page(&seen, |item| name(item), view.cursor.as_deref(), PAGE)
            .map_err(|none| Fault::params(none.to_string()))?;
        let mut result = Map::new();
        result.insert(view.member.into(), told.iter().map(|item| shown(item).clone()).collect());
        result.extend(next.map(|next| ("nextCursor".to_owned(), json!(next))));
        let made = serde_json::value::to_raw_value(&cached(result, scope));
        let made: Arc<RawValue> = made.map_err(|_| Fault::internal("the list is no JSON"))?.into();
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version || kept.pages.len() >= MOST {
            *kept = Kept { version, pages: HashMap::new() };
        }
        kept.pages.insert(view, made.clone());
        Ok(made)
    }

    fn kept(&self, version: u64, view: &View) -> Option<Arc<RawValue>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (kept.version == version).then(|| kept.pages.get(view).cloned()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of two items, of which a caller sees these.
    fn page_of(
        lists: &Lists,
        version: u64,
        seen: [bool; 2],
        cursor: Option<&str>,
    ) -> Result<Arc<RawValue>, Fault> {
        let items = ["a", "b"].map(|name| json!({ "name": name }));
        let view =
            View { member: "tools", seen: seen.to_vec(), listed: vec![], cursor: cursor.map(str::to_owned) };
        lists.page(version, view, Scope::Private, &items, |item| item["name"].as_str().unwrap(), |item| item)
    }

    #[test]
    fn a_page_is_made_once_a_version_and_a_view() {
        let lists = Lists::default();
        let of = |version, seen| page_of(&lists, version, seen, None).unwrap();
        let (one, again, other) = (of(0, [true, true]), of(0, [true, true]), of(0, [false, true]));
        assert!(Arc::ptr_eq(&one, &again) && !Arc::ptr_eq(&one, &of(1, [true, true])));
        let told = |page: &RawValue| serde_json::from_str::<Value>(page.get()).unwrap();
        assert_eq!(told(&other)["tools"], json!([{ "name": "b" }]));
        let told = told(&one);
        assert_eq!(told["tools"], json!([{ "name": "a" }, { "name": "b" }]));
        assert_eq!((&told["ttlMs"], &told["cacheScope"]), (&json!(KEEP), &json!("private")));
        assert_eq!(told["resultType"], "complete");
        assert!(told.get("nextCursor").is_none());
    }

    #[test]
    fn a_bad_cursor_keeps_nothing_and_what_is_kept_is_bounded() {
        let lists = Lists::default();
        assert!(page_of(&lists, 0, [true, true], Some("nonsense")).is_err());
        assert_eq!(lists.0.read().unwrap().pages.len(), 0);
        for n in 0..1000 {
            let view = View { member: "tools", seen: vec![true; n], listed: vec![], cursor: None };
            lists.page(0, view, Scope::Public, &[json!(1)], |_| "a", |item| item).unwrap();
            assert!(lists.0.read().unwrap().pages.len() <= MOST);
        }
    }
}
