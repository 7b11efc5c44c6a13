//! A user's private metadata, as far as it holds keys: a leaf for each pack below `mcp_vault`, and what the TypeScript
//! server left beside it. Everything else in it belongs to others.

use crate::seam::{LegacyKey, SealedKey, StoredKey};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Holds a leaf for each pack.
const VAULT: &str = "mcp_vault";
/// The fields of the TypeScript server: key, address, time.
const LEGACY: [&str; 3] = ["twentyApiKey", "twentyBaseUrl", "twentyApiKeyUpdatedAt"];
/// The pack that they are for.
const LEGACY_PACK: &str = "twenty";
/// What Clerk keeps of one user's private metadata, in bytes of JSON.
const MOST: usize = 8 << 10;

/// Metadata, or a change of it: what is null in a change is taken away.
pub(super) type Metadata = Map<String, Value>;

/// What is kept for a pack.
///
/// # Errors
/// What is in its place was not put there by a store.
pub(super) fn read(metadata: &Metadata, pack: &str) -> Result<Option<StoredKey>, String> {
    let leaf = metadata.get(VAULT).and_then(|vault| vault.get(pack)).filter(|leaf| !leaf.is_null());
    let sealed = match leaf {
        Some(leaf) => {
            Some(sealed(leaf).ok_or_else(|| format!("what is at {VAULT}.{pack} is no stored key"))?)
        }
        None => None,
    };
    let legacy = if pack == LEGACY_PACK { legacy(metadata) } else { None };
    let is_there = sealed.is_some() || legacy.is_some();
    Ok(is_there.then_some(StoredKey { sealed, legacy }))
}

fn sealed(leaf: &Value) -> Option<SealedKey> {
    let text = leaf.get("sealed")?.as_str()?.to_owned();
    let updated_at = leaf.get("updatedAt")?.as_str()?.parse().ok()?;
    Some(SealedKey { text, updated_at })
}

fn legacy(metadata: &Metadata) -> Option<LegacyKey> {
    let [api_key, base_url, updated_at] =
        LEGACY.map(|field| metadata.get(field).and_then(Value::as_str).map(str::to_owned));
    Some(LegacyKey { api_key: api_key?, base_url, updated_at })
}

/// The packs that something is kept for, in their order.
pub(super) fn packs(metadata: &Metadata) -> BTreeSet<String> {
    let vault = metadata.get(VAULT).and_then(Value::as_object);
    let leaves = vault.into_iter().flatten().filter(|(_, leaf)| !leaf.is_null());
    let old = legacy(metadata).map(|_| LEGACY_PACK.to_owned());
    leaves.map(|(pack, _)| pack.clone()).chain(old).collect()
}

/// The change by which `new` comes into the place of `old`, and nothing else becomes another. None where the TypeScript
/// server's fields would be written for a pack that has none.
pub(super) fn change(pack: &str, old: Option<&StoredKey>, new: Option<&StoredKey>) -> Option<Metadata> {
    let mut change = Metadata::new();
    let part = |stored: Option<&StoredKey>| stored.and_then(|stored| stored.sealed.clone());
    let (before, after) = (part(old), part(new));
    if before != after {
        let leaf = after.map_or(
            Value::Null,
            |sealed| json!({ "sealed": sealed.text, "updatedAt": sealed.updated_at.to_string() }),
        );
        change.insert(VAULT.to_owned(), json!({ pack: leaf }));
    }
    let part = |stored: Option<&StoredKey>| stored.and_then(|stored| stored.legacy.clone());
    let (before, after) = (part(old), part(new));
    if before != after {
        if pack != LEGACY_PACK {
            return None;
        }
        let (api_key, base_url, updated_at) = after
            .map_or((None, None, None), |legacy| (Some(legacy.api_key), legacy.base_url, legacy.updated_at));
        for (field, value) in LEGACY.into_iter().zip([api_key, base_url, updated_at]) {
            change.insert(field.to_owned(), json!(value));
        }
    }
    Some(change)
}

/// Whether there is room for this change.
pub(super) fn has_room(metadata: &Metadata, change: &Metadata) -> bool {
    let mut whole = metadata.clone();
    merge(&mut whole, change);
    // A change that takes away is always let through, also where there was no room before.
    let size = |metadata: &Metadata| Value::Object(metadata.clone()).to_string().len();
    size(&whole) <= MOST || size(&whole) <= size(metadata)
}

/// Merges as Clerk does: what is null is taken away, and objects are merged at any depth.
fn merge(metadata: &mut Metadata, change: &Metadata) {
    for (name, value) in change {
        match (metadata.get_mut(name), value) {
            (_, Value::Null) => drop(metadata.remove(name)),
            (Some(Value::Object(inner)), Value::Object(change)) => merge(inner, change),
            (_, Value::Object(change)) => {
                let mut inner = Metadata::new();
                merge(&mut inner, change);
                metadata.insert(name.clone(), Value::Object(inner));
            }
            (_, value) => drop(metadata.insert(name.clone(), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(value: Value) -> Metadata {
        value.as_object().unwrap().clone()
    }

    fn there() -> Metadata {
        metadata(json!({
            "plan": { "seats": 3 }, "twentyApiKey": "old", "twentyBaseUrl": "https://crm.example",
            "mcp_vault": { "twenty": { "sealed": "v2.a", "updatedAt": "2026-01-02T03:04:05Z" } },
        }))
    }

    #[test]
    fn a_leaf_and_the_old_fields_are_one_record() {
        let stored = read(&there(), "twenty").unwrap().unwrap();
        assert_eq!(stored.sealed.as_ref().unwrap().text, "v2.a");
        let legacy = stored.legacy.unwrap();
        assert_eq!(
            (legacy.api_key.as_str(), legacy.base_url.as_deref()),
            ("old", Some("https://crm.example"))
        );
        assert_eq!(read(&there(), "mail"), Ok(None));
        assert_eq!(packs(&there()).into_iter().collect::<Vec<_>>(), ["twenty"]);
        assert!(packs(&metadata(json!({ "plan": 1, "mcp_vault": { "x": null } }))).is_empty());
        for strange in [json!("v2.a"), json!({ "sealed": "v2.a" }), json!({ "sealed": 1, "updatedAt": "x" })]
        {
            let there = metadata(json!({ "mcp_vault": { "twenty": strange } }));
            assert!(read(&there, "twenty").unwrap_err().contains("mcp_vault.twenty"), "{there:?}");
        }
    }

    #[test]
    fn a_change_is_of_the_leaf_alone_and_of_the_old_fields_where_they_change() {
        let (mut whole, old) = (there(), read(&there(), "twenty").unwrap());
        let mut new = old.clone().unwrap();
        new.sealed.as_mut().unwrap().text = "v2.b".into();
        let one = change("twenty", old.as_ref(), Some(&new)).unwrap();
        let leaf = json!({ "sealed": "v2.b", "updatedAt": "2026-01-02T03:04:05Z" });
        assert_eq!(Value::Object(one.clone()), json!({ "mcp_vault": { "twenty": leaf } }));
        merge(&mut whole, &one);
        let without = StoredKey { legacy: None, ..new.clone() };
        let two = change("twenty", Some(&new), Some(&without)).unwrap();
        let gone = json!({ "twentyApiKey": null, "twentyBaseUrl": null, "twentyApiKeyUpdatedAt": null });
        assert_eq!(Value::Object(two.clone()), gone);
        merge(&mut whole, &two);
        assert_eq!(read(&whole, "twenty"), Ok(Some(without.clone())));
        merge(&mut whole, &change("twenty", Some(&without), None).unwrap());
        assert_eq!(Value::Object(whole), json!({ "plan": { "seats": 3 }, "mcp_vault": {} }));
        assert_eq!(change("mail", None, Some(&StoredKey { sealed: None, legacy: new.legacy })), None);
    }

    #[test]
    fn what_clerk_has_no_room_for_is_not_sent_and_taking_away_is() {
        let full = metadata(json!({ "other": "x".repeat(MOST), "twentyApiKey": "old" }));
        let old = read(&full, "twenty").unwrap();
        let mut new = read(&there(), "twenty").unwrap().unwrap();
        new.legacy = None;
        assert!(!has_room(&full, &change("twenty", old.as_ref(), Some(&new)).unwrap()));
        assert!(has_room(&full, &change("twenty", old.as_ref(), None).unwrap()));
        assert!(has_room(&there(), &change("twenty", None, Some(&new)).unwrap()));
    }
}
