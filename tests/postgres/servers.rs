//! Servers on one database: what one process changes, the others see, and a database that goes away comes back.

use super::{ann, vault};
use crate::{
    stored_keys::{NEW, asked_with, called},
    support::{
        canary,
        postgres::{PASSWORD, Postgres},
        running::{Running, command},
        upstream::Upstream,
    },
};
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};
use std::{fs, path::PathBuf, time::Duration};
use tokio::time::{Instant, sleep};
use twenty_mcp::{
    auth::kit,
    seam::{KeyOwner, Secret},
};

/// Several times as long as an opened key is remembered.
const LONG: Duration = Duration::from_secs(150);

/// A configuration by which `ann` and `ben` sign in, with their keys in a database.
struct Place {
    folder: tempfile::TempDir,
    tokens: [Secret; 2],
}

impl Place {
    fn new(database: &Postgres, upstream: &Upstream) -> Self {
        let (folder, (ann, ben)) = (tempfile::tempdir().unwrap(), (kit::mint(), kit::mint()));
        let tokens = json!({ "ann": { "hash": ann.1 }, "ben": { "hash": ben.1 } });
        let settings = json!({
            "server": { "data_dir": folder.path().join("data") },
            "auth": { "mode": "required", "operator_key": "never", "providers": { "static-tokens": { "tokens": tokens } } },
            "keys": { "secrets": [NEW], "store": { "postgres": { "url": "${DATABASE_URL:-}" } } },
            "tools": { "twenty": { "base_url": upstream.url, "api_key": "CANARY-operators" } },
        });
        fs::write(folder.path().join("c.yaml"), settings.to_string()).unwrap();
        fs::write(folder.path().join(".env"), format!("DATABASE_URL={}\n", database.url())).unwrap();
        Self { folder, tokens: [ann.0, ben.0] }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("c.yaml")
    }

    fn start(&self) -> Running {
        Running::start(&["--config", self.file().to_str().unwrap()])
    }
}

/// Calls until the calls of a server go with this key.
async fn goes_with(server: &Running, upstream: &Upstream, token: &Secret, key: &str) {
    let end = Instant::now() + LONG;
    loop {
        called(server, token).await;
        let with = asked_with(upstream);
        if with == [format!("Bearer {key}")] {
            return;
        }
        assert!(Instant::now() < end, "{key}: {with:?}");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_changes_the_servers_see_in_the_time_that_keys_are_remembered() {
    let Some(database) = Postgres::start() else { return };
    let upstream = Upstream::start(json!({ "people": 5 })).await;
    let place = Place::new(&database, &upstream);
    let servers = [place.start(), place.start()];
    for (at, key) in servers.iter().zip(["CANARY-first-key", "CANARY-second-key"]) {
        let store = reqwest::Client::new().post(format!("{}/api/keys", at.url));
        let stored =
            store.bearer_auth(place.tokens[0].expose()).json(&json!({ "apiKey": key })).send().await.unwrap();
        assert_eq!(stored.status(), 200, "{}", stored.text().await.unwrap());
        for server in &servers {
            goes_with(server, &upstream, &place.tokens[0], key).await;
        }
    }
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    let rows =
        sqlx::query("SELECT keys::text FROM twenty_mcp_keys keys").fetch_all(&mut other).await.unwrap();
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    let row: String = row.try_get(0).unwrap();
    assert!(row.contains("v2.") && !canary::is_in(row.as_bytes()), "{row}");
    let (file, of_ann) = (place.file(), ["--issuer", "static-tokens", "--subject", "ann"]);
    let arguments = [&["keys", "delete", "--config", file.to_str().unwrap()], &of_ann[..]].concat();
    let deleted = command(&arguments).0.output().unwrap();
    let said = String::from_utf8([deleted.stdout, deleted.stderr].concat()).unwrap();
    assert!(deleted.status.success() && said.contains("is deleted") && !said.contains(PASSWORD), "{said}");
    for server in &servers {
        let end = Instant::now() + LONG;
        while !called(server, &place.tokens[0]).await.0.contains("No API key configured") {
            assert!(Instant::now() < end, "a deleted key is still used");
            sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_under_a_server_is_told_and_comes_back() {
    let Some(mut database) = Postgres::start() else { return };
    let upstream = Upstream::start(json!({ "people": 5 })).await;
    let place = Place::new(&database, &upstream);
    let keys = vault(&database.url(), &[NEW]);
    let ben = KeyOwner::new("static-tokens", "ben", "twenty");
    for (owner, key) in [(ann(), "CANARY-anns-key"), (ben, "bens-key")] {
        keys.put(&owner, Secret::new(key), None).await.unwrap();
    }
    let server = place.start();
    goes_with(&server, &upstream, &place.tokens[0], "CANARY-anns-key").await;
    database.kill();
    let (text, failed) = called(&server, &place.tokens[1]).await;
    assert!(failed && text.contains("stored keys cannot be reached just now"), "{text}");
    assert!(asked_with(&upstream).is_empty(), "no other key takes its place");
    database.start_again();
    goes_with(&server, &upstream, &place.tokens[1], "bens-key").await;
}
