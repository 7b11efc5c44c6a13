//! A process that is killed between any two of its writes to the database loses no key.

use super::{ann, store, vault};
use crate::{
    stored_keys::{NEW, OLD, OLD_KEY, OLD_TEXT},
    support::{other_process, postgres::Postgres},
};
use sqlx::{Connection, PgConnection};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};
use twenty_mcp::{
    keys::Upkeep,
    seam::{LegacyKey, Secret, StoredKey},
};

/// How many writes to the database are left until one stands still.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// A way to the database that lets no more through from the n-th write on.
async fn halting(database: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&database).await.unwrap();
            let ((mut from, mut back), (mut answers, mut to)) = (client.into_split(), server.into_split());
            tokio::spawn(async move { copy(&mut answers, &mut back).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 64 << 10];
                while let Ok(read @ 1..) = from.read(&mut bytes).await {
                    if other_process::halts(&LEFT) {
                        std::future::pending::<()>().await;
                    }
                    to.write_all(&bytes[..read]).await.unwrap();
                }
            });
        }
    });
    address
}

/// Works on Ann's key, and stands still before the n-th write to the database.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_process() {
    let Some(said) = other_process::said() else { return };
    let [halt, what, database]: [&str; 3] = said.split(' ').collect::<Vec<_>>().try_into().unwrap();
    LEFT.store(halt.parse().unwrap(), Ordering::SeqCst);
    let through = halting(database.to_owned()).await;
    let vault = vault(&format!("postgres://postgres@{through}/postgres?sslmode=disable"), &[NEW, OLD]);
    match what {
        "put" => drop(vault.put(&ann(), Secret::new("new-key"), None).await.unwrap()),
        "rotate" => drop(vault.keep_up(&ann(), Upkeep::Rotate, false).await.unwrap()),
        "migrate" => drop(vault.keep_up(&ann(), Upkeep::MigrateAndRemove, false).await.unwrap()),
        _ => panic!("{what}"),
    }
    other_process::done();
}

/// Kills the other process before each of its writes in turn. Whatever is there then opens with one of these keys; the last
/// of them is there when it has done its work.
async fn killed_everywhere(database: &Postgres, what: &str, begin: Option<StoredKey>, keys: &[Option<&str>]) {
    let url = database.url();
    let there = async || store(&url).get(&ann()).await.unwrap();
    let opened = async |secrets: &[&str]| {
        let own = vault(&url, secrets).open(&ann()).await.unwrap();
        own.map(|own| own.key.expose().to_owned())
    };
    let mut changed = 0;
    for halt in 1.. {
        if begin.is_none() {
            // It is killed also while it makes the tables.
            let mut other = PgConnection::connect(&url).await.unwrap();
            let gone = "DROP TABLE IF EXISTS twenty_mcp_keys, twenty_mcp_layout";
            sqlx::raw_sql(gone).execute(&mut other).await.unwrap();
        } else {
            let now = there().await;
            assert!(store(&url).replace(&ann(), now.as_ref(), begin.as_ref()).await.unwrap());
        }
        let said = format!("{halt} {what} {}", database.address());
        let halted = other_process::killed("postgres::killed::the_other_process", said).await;
        changed += usize::from(there().await != begin);
        if !halted {
            assert_eq!(opened(&[NEW]).await.as_deref(), *keys.last().unwrap());
            assert!(halt > 4 && changed > 0, "{what}: {halt} {changed}");
            return;
        }
        let key = opened(&[NEW, OLD]).await;
        assert!(keys.contains(&key.as_deref()), "{what} {halt}: {key:?}");
    }
}

fn left() -> StoredKey {
    let legacy = LegacyKey { api_key: OLD_TEXT.into(), base_url: None, updated_at: None };
    StoredKey { sealed: None, legacy: Some(legacy) }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_any_two_writes_the_old_key_is_there_or_the_new_one() {
    let Some(database) = Postgres::start() else { return };
    killed_everywhere(&database, "put", None, &[None, Some("new-key")]).await;
    killed_everywhere(&database, "put", Some(left()), &[Some(OLD_KEY), Some("new-key")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_keys_are_sealed_anew_or_migrated_they_are_all_there() {
    let Some(database) = Postgres::start() else { return };
    vault(&database.url(), &[OLD]).put(&ann(), Secret::new("own-key"), None).await.unwrap();
    let older = store(&database.url()).get(&ann()).await.unwrap();
    killed_everywhere(&database, "rotate", older, &[Some("own-key")]).await;
    killed_everywhere(&database, "migrate", Some(left()), &[Some(OLD_KEY)]).await;
}
