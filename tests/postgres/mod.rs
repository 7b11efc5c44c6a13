//! Stored keys in a real PostgreSQL, which tests start for themselves.

mod killed;
mod servers;

use crate::support::{
    contract::{self, stored},
    postgres::{PASSWORD, Postgres},
};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use twenty_mcp::{
    keys::{Masters, Vault},
    seam::{KeyOwner, KeyStoreEntry, Secret, Setup, Shelf, StoreError},
};

const AWAY: StoreError = StoreError::Unavailable { retry_after: 5 };

/// A store on the database at this address, with connections of its own.
fn store(url: &str) -> Arc<dyn Shelf> {
    let entry = KeyStoreEntry::all().into_iter().find(|entry| entry.origin.key() == "postgres").unwrap();
    let settings =
        (entry.settings.read)(json!({ "url": url })).unwrap_or_else(|error| panic!("{}", error.message));
    (entry.build)(settings, &Setup::default()).unwrap_or_else(|error| panic!("{}", error.message))
}

fn vault(url: &str, secrets: &[&str]) -> Vault {
    let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    Vault::new(store(url), Masters::new(&secrets))
}

fn ann() -> KeyOwner {
    KeyOwner::new("static-tokens", "ann", "twenty")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_store_and_several_on_one_database_are_one() {
    let Some(database) = Postgres::start() else { return };
    // All of them make the tables at once.
    let shelves: [_; 3] = std::array::from_fn(|_| store(&database.url()));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..21 {
        let shelf = Arc::clone(&shelves[number % 3]);
        tasks.spawn(
            async move { shelf.replace(&ann(), None, Some(&stored(&number.to_string()))).await.unwrap() },
        );
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
    let kept = shelves[0].get(&ann()).await.unwrap();
    assert_eq!(shelves[1].get(&ann()).await.unwrap(), kept);
    assert_eq!(shelves[2].replace(&ann(), kept.as_ref(), None).await, Ok(true));
    contract::holds(Arc::clone(&shelves[0])).await;

    // What has no place in it is told, and hurts nobody.
    let letters = (0..4000).map(|_| char::from(rand::random_range(b'a'..=b'z')));
    let long = KeyOwner::new("https://id.example", letters.collect::<String>(), "crm");
    assert_eq!(shelves[0].replace(&long, None, Some(&stored("x"))).await, Err(StoreError::TooLarge));
    let zero = KeyOwner::new("https://id.example", "a\0b", "crm");
    assert!(matches!(shelves[0].get(&zero).await, Err(StoreError::Broken(_))));
    assert_eq!(shelves[0].get(&ann()).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_no_store_without_keys() {
    let Some(mut database) = Postgres::start() else { return };
    let store = store(&database.url());
    assert_eq!(store.replace(&ann(), None, Some(&stored("x"))).await, Ok(true));
    database.kill();
    assert_eq!(store.get(&ann()).await, Err(AWAY));
    assert_eq!(store.replace(&ann(), Some(&stored("x")), None).await, Err(AWAY));
    assert_eq!(store.list(None, 1).await, Err(AWAY));
    database.start_again();
    assert_eq!(store.get(&ann()).await, Ok(Some(stored("x"))));

    // A table that somebody has locked is waited for, for a while.
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    let mut holding = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE twenty_mcp_keys").execute(&mut *holding).await.unwrap();
    assert_eq!(store.get(&ann()).await, Err(AWAY));
    holding.rollback().await.unwrap();
    assert_eq!(store.get(&ann()).await, Ok(Some(stored("x"))));

    // What the operator must look at is for the log alone, and has no password in it.
    let wrong = self::store(&format!("{}_none", database.url()));
    let StoreError::Broken(text) = wrong.get(&ann()).await.unwrap_err() else { panic!("it is found") };
    assert!(text.contains("postgres_none") && !text.contains(PASSWORD), "{text}");
    sqlx::query("INSERT INTO twenty_mcp_layout (step) VALUES (99)").execute(&mut other).await.unwrap();
    let newer = self::store(&database.url()).get(&ann()).await.unwrap_err();
    assert!(matches!(&newer, StoreError::Broken(text) if text.contains("newer server")), "{newer:?}");
}
