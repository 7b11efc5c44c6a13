//! What every store must keep to; each store's tests call [`holds`].

use crate::{
    keys::store::MOST_BYTES,
    seam::{KeyOwner, LegacyKey, SealedKey, Shelf, StoreError, StoredKey},
};
use jiff::Timestamp;
use std::{collections::BTreeSet, sync::Arc};

/// A record with this text in it.
pub fn stored(text: &str) -> StoredKey {
    let sealed = SealedKey { text: text.into(), updated_at: Timestamp::from_second(1_700_000_000).unwrap() };
    StoredKey { sealed: Some(sealed), legacy: None }
}

/// A record that the TypeScript server left.
pub fn legacy(text: &str) -> StoredKey {
    let (base_url, updated_at) = (Some("https://crm.example".into()), None);
    StoredKey { sealed: None, legacy: Some(LegacyKey { api_key: text.into(), base_url, updated_at }) }
}

/// An empty store keeps what it is given, for each owner, and of two that expect the same one wins.
pub async fn holds(store: Arc<dyn Shelf>) {
    let ann = KeyOwner::new("https://id.example", "ann", "crm");
    let others = [
        KeyOwner::new("https://id.example", "ann", "mail"),
        KeyOwner::new("https://id.example", "ben", "crm"),
        KeyOwner::new("https://other.example", "ann", "crm"),
        KeyOwner::new("https://other.example", "ä/|'\"%_\u{1F511}", "crm"),
    ];
    holds_for(store, ann, &others, legacy).await;
}

/// The same for these owners; the others, of whom there are more than three, are given records that are made so.
pub async fn holds_for(
    store: Arc<dyn Shelf>,
    ann: KeyOwner,
    others: &[KeyOwner],
    record: fn(&str) -> StoredKey,
) {
    assert_eq!(store.get(&ann).await, Ok(None));
    assert_eq!(store.list(None, 10).await, Ok(vec![]));
    let (one, two) = (stored("v2.one"), stored("v2.two"));

    // What is not as expected is not changed.
    assert_eq!(store.replace(&ann, Some(&one), Some(&two)).await, Ok(false));
    assert_eq!(store.replace(&ann, Some(&one), None).await, Ok(false));
    assert_eq!(store.get(&ann).await, Ok(None));
    assert_eq!(store.replace(&ann, None, Some(&one)).await, Ok(true));
    assert_eq!(store.replace(&ann, None, Some(&two)).await, Ok(false));
    assert_eq!(store.replace(&ann, Some(&two), Some(&two)).await, Ok(false));
    assert_eq!(store.replace(&ann, Some(&two), None).await, Ok(false));
    assert_eq!(store.get(&ann).await, Ok(Some(one.clone())));
    let beside = StoredKey { legacy: legacy("old").legacy, ..two.clone() };
    assert_eq!(store.replace(&ann, Some(&one), Some(&beside)).await, Ok(true));
    assert_eq!(store.replace(&ann, Some(&two), None).await, Ok(false), "all of a record counts");
    assert_eq!(store.get(&ann).await, Ok(Some(beside.clone())));

    // Owners are kept apart, and listed once each.
    for other in others {
        assert_eq!(store.get(other).await, Ok(None));
        assert_eq!(store.replace(other, None, Some(&record(&other.subject.to_string()))).await, Ok(true));
    }
    let mut listed = Vec::new();
    loop {
        let page = store.list(listed.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    let all: BTreeSet<_> = others.iter().chain([&ann]).cloned().collect();
    assert_eq!((listed.len(), listed.into_iter().collect()), (others.len() + 1, all));
    for other in others {
        let kept = store.get(other).await.unwrap().unwrap();
        assert_eq!(kept, record(&other.subject.to_string()));
        assert_eq!(store.replace(other, Some(&kept), None).await, Ok(true));
    }

    let large = stored(&"x".repeat(MOST_BYTES));
    assert_eq!(store.replace(&ann, Some(&beside), Some(&large)).await, Err(StoreError::TooLarge));
    assert_eq!(store.replace(&ann, Some(&beside), None).await, Ok(true));
    assert_eq!((store.get(&ann).await, store.list(None, 10).await), (Ok(None), Ok(vec![])));

    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (store, ann) = (Arc::clone(&store), ann.clone());
        tasks.spawn(
            async move { store.replace(&ann, None, Some(&stored(&number.to_string()))).await.unwrap() },
        );
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
    let last = store.get(&ann).await.unwrap();
    assert_eq!(store.replace(&ann, last.as_ref(), None).await, Ok(true));
}
