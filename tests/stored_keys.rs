//! Keys that users stored: their own calls go with them, nobody else's do, and the operator looks after them beside a
//! running server.

use crate::support::{
    running::{Running, command},
    upstream::Upstream,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    sync::Arc,
};
use twenty_mcp::{
    auth::kit,
    keys::{Masters, Vault},
    seam::{KeyOwner, KeyStoreEntry, LegacyKey, Sealer, Secret, Setup, Shelf, StoredKey},
};

pub const NEW: &str = "a new secret of 32 characters, or so!";
/// A secret, a key and a text of the TypeScript server.
pub const OLD: &str = "0123456789abcdef0123456789abcdef";
pub const OLD_KEY: &str = "tw_key_example_123";
pub const OLD_TEXT: &str = "AAECAwQFBgcICQoLDA0OD/QmmPhjWeKBEhR904MLE5jhGAEj5gkPlVhKF52KMLMh+RM=";

/// A folder with a configuration and stored keys.
struct Place {
    folder: tempfile::TempDir,
    tokens: Vec<Secret>,
}

impl Place {
    /// A configuration by which `ann` and `ben` sign in, with these secrets.
    fn new(secrets: &[&str], operator_key: &str, base_url: &str) -> Self {
        Self::naming(&[], secrets, operator_key, base_url)
    }

    /// The same, where keys may go to these hosts too.
    fn naming(hosts: &[&str], secrets: &[&str], operator_key: &str, base_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ann, ben) = (kit::mint(), kit::mint());
        let tokens = json!({ "ann": { "hash": ann.1 }, "ben": { "hash": ben.1 } });
        let providers = json!({ "static-tokens": { "tokens": tokens } });
        let settings = json!({
            "server": { "data_dir": folder.path().join("data") },
            "auth": { "mode": "required", "operator_key": operator_key, "providers": providers },
            "keys": { "secrets": secrets, "hosts": hosts },
            "tools": { "twenty": { "base_url": base_url, "api_key": "CANARY-operators" } },
        });
        fs::write(folder.path().join("c.yaml"), settings.to_string()).unwrap();
        Self { folder, tokens: vec![ann.0, ben.0] }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("c.yaml")
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        let entry = KeyStoreEntry::all().into_iter().find(|entry| entry.origin.key() == "file").unwrap();
        let data_dir = self.folder.path().join("data");
        let setup = Setup::new(Some(&data_dir), "keys", false, Sealer::default());
        let settings = (entry.settings.read)(json!({})).unwrap_or_else(|error| panic!("{}", error.message));
        (entry.build)(settings, &setup).unwrap_or_else(|error| panic!("{}", error.message))
    }

    fn vault(&self, secrets: &[&str]) -> Vault {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        Vault::new(self.shelf(), Masters::new(&secrets))
    }

    /// What the TypeScript server would have left for a user.
    async fn leave(&self, subject: &str, url: &str) {
        let (api_key, base_url) = (OLD_TEXT.into(), Some(url.to_owned()));
        let legacy = Some(LegacyKey { api_key, base_url, updated_at: Some("2025-01-02T03:04:05Z".into()) });
        let stored = StoredKey { sealed: None, legacy };
        assert!(self.shelf().replace(&owner(subject), None, Some(&stored)).await.unwrap());
    }

    fn start(&self) -> Running {
        Running::start(&["--config", self.file().to_str().unwrap()])
    }

    /// `twenty-mcp keys ARGUMENTS…`
    fn keys(&self, arguments: &[&str]) -> Output {
        let file = self.file();
        let all = [&["keys"], arguments, &["--config", file.to_str().unwrap()]].concat();
        let output = command(&all).0.output().unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        for secret in ["CANARY-anns-key", "bens-key", OLD_KEY, OLD_TEXT, NEW, OLD] {
            assert!(!String::from_utf8_lossy(&said).contains(secret), "{arguments:?} shows {secret}");
        }
        output
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.keys(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn listed(&self) -> Vec<(String, String)> {
        let rows: Vec<Value> = serde_json::from_str(&self.said(&["list", "--json"])).unwrap();
        let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.iter().map(|row| (word(row, "subject"), word(row, "state"))).collect()
    }
}

fn owner(subject: &str) -> KeyOwner {
    KeyOwner::new("static-tokens", subject, "twenty")
}

/// Calls a tool; tells the text of its result, and whether it failed.
pub async fn called(server: &Running, token: &Secret) -> (String, bool) {
    let meta = "io.modelcontextprotocol/";
    let params = json!({
        "name": "search_contacts", "arguments": { "query": "a" },
        "_meta": {
            format!("{meta}protocolVersion"): "2026-07-28", format!("{meta}clientCapabilities"): {},
            format!("{meta}clientInfo"): { "name": "raw", "version": "1" },
        },
    });
    let answer = reqwest::Client::new()
        .post(server.mcp())
        .bearer_auth(token.expose())
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "search_contacts")
        .body(json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let data = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text);
    let result = &serde_json::from_str::<Value>(data).unwrap()["result"];
    (result["content"][0]["text"].as_str().unwrap().to_owned(), result["isError"] == json!(true))
}

/// The keys with which a workspace was asked since this was asked last.
pub fn asked_with(upstream: &Upstream) -> Vec<String> {
    let mut keys: Vec<_> = std::mem::take(&mut *upstream.keys.lock().unwrap());
    keys.dedup();
    keys.into_iter().map(|key| key.unwrap_or_default()).collect()
}

pub fn contains(folder: &Path, needle: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return contains(&path, needle);
        }
        fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_calls_go_with_their_stored_key_to_its_own_address_and_nobody_elses_do() {
    let (operators, anns) =
        tokio::join!(Upstream::start(json!({ "people": 5 })), Upstream::start(json!({ "people": 5 })));
    let host = anns.url.trim_start_matches("http://");
    let place = Place::naming(&[host], &[NEW, OLD], "never", &operators.url);
    let vault = place.vault(&[NEW, OLD]);
    vault.put(&owner("ann"), Secret::new("CANARY-anns-key"), Some(anns.url.parse().unwrap())).await.unwrap();
    let server = place.start();
    let (text, failed) = called(&server, &place.tokens[0]).await;
    assert!(!failed, "{text}");
    assert_eq!((asked_with(&anns), asked_with(&operators)), (vec!["Bearer CANARY-anns-key".into()], vec![]));

    let (text, failed) = called(&server, &place.tokens[1]).await;
    assert!(failed && text.contains("No API key configured"), "{text}");
    // What the TypeScript server left is used, and sealed on the way, beside what it left.
    place.leave("ben", &anns.url).await;
    let stored = loop {
        // That there was no key is remembered for a moment.
        if !called(&server, &place.tokens[1]).await.1 {
            break place.shelf().get(&owner("ben")).await.unwrap().unwrap();
        }
    };
    assert_eq!(asked_with(&anns), [format!("Bearer {OLD_KEY}")]);
    assert!(stored.sealed.is_some() && stored.legacy.is_some());
    assert!(asked_with(&operators).is_empty());
    assert!(!contains(&place.folder.path().join("data"), "CANARY-anns-key"));
    assert!(!contains(&place.folder.path().join("data"), OLD_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stored_key_goes_to_an_address_inside_that_the_operator_has_not_named() {
    let (operators, inside) =
        tokio::join!(Upstream::start(json!({ "people": 5 })), Upstream::start(json!({ "people": 5 })));
    let port = inside.url.rsplit(':').next().unwrap();
    let place = Place::new(&[NEW], "fallback", &operators.url);
    for (at, says) in [
        ("http://127.0.0.1", "must begin with https://"),
        ("https://127.1", "inside of the network"),
        ("https://[::ffff:127.0.0.1]", "inside of the network"),
        ("https://localhost", "outside of the network"),
    ] {
        let url = format!("{at}:{port}/").parse().unwrap();
        place.vault(&[NEW]).put(&owner("ann"), Secret::new("CANARY-anns-key"), Some(url)).await.unwrap();
        // No key of another address is remembered by a server that has just started.
        let (text, failed) = called(&place.start(), &place.tokens[0]).await;
        assert!(failed && text.contains(says) && !text.contains("CANARY-anns-key"), "{at}: {text}");
    }
    assert!(asked_with(&inside).is_empty() && asked_with(&operators).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stored_key_that_does_not_open_the_operators_is_not_used() {
    let upstream = Upstream::start(json!({ "people": 5 })).await;
    let place = Place::new(&[NEW], "fallback", &upstream.url);
    place.vault(&[OLD]).put(&owner("ann"), Secret::new("CANARY-anns-key"), None).await.unwrap();
    let server = place.start();
    let (text, failed) = called(&server, &place.tokens[0]).await;
    assert!(failed && text.contains("cannot be decrypted") && text.contains("keys.secrets"), "{text}");
    assert!(asked_with(&upstream).is_empty());
    let (text, failed) = called(&server, &place.tokens[1]).await;
    assert!(!failed, "{text}");
    assert_eq!(asked_with(&upstream), ["Bearer CANARY-operators"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_looks_after_keys_beside_a_running_server() {
    let upstream = Upstream::start(json!({ "people": 5 })).await;
    let place = Place::new(&[NEW, OLD], "never", &upstream.url);
    let none = place.keys(&["list"]);
    assert!(none.status.success() && none.stdout.is_empty(), "{none:?}");
    place.vault(&[OLD]).put(&owner("ann"), Secret::new("CANARY-anns-key"), None).await.unwrap();
    place.leave("ben", &upstream.url).await;
    let _server = place.start();

    let state = |subject: &str, state: &str| (subject.to_owned(), state.to_owned());
    let (older, legacy) = ("older secret: `keys rotate`", "TypeScript server's: `keys migrate`");
    assert_eq!(place.listed(), [state("ann", older), state("ben", legacy)]);
    for dry in [["rotate", "--dry-run"], ["migrate", "--dry-run"]] {
        assert!(place.said(&dry).contains("1 would be changed, 1 as they should be"));
    }
    assert_eq!(place.listed(), [state("ann", older), state("ben", legacy)]);
    let rotated = place.said(&["rotate"]);
    assert!(
        rotated.contains("ann (static-tokens) for `twenty`") && rotated.contains("1 changed"),
        "{rotated}"
    );
    assert!(place.said(&["migrate"]).contains("ben (static-tokens) for `twenty`"));
    assert_eq!(place.listed(), [state("ann", "current"), state("ben", "current")]);
    assert!(place.said(&["list"]).contains("old fields beside it"));
    assert!(place.said(&["migrate", "--remove-legacy", "--dry-run"]).contains("1 would be changed"));
    assert!(place.said(&["migrate", "--remove-legacy"]).contains("rid of the TypeScript server's fields"));
    assert!(!place.said(&["list"]).contains("old fields beside it"));
    // The older secret may go now.
    let vault = place.vault(&[NEW]);
    for (subject, key) in [("ann", "CANARY-anns-key"), ("ben", OLD_KEY)] {
        assert_eq!(vault.open(&owner(subject)).await.unwrap().unwrap().key.expose(), key);
    }

    let ann = ["--issuer", "static-tokens", "--subject", "ann"];
    assert!(place.said(&[&["delete", "--dry-run"], &ann[..]].concat()).contains("would be deleted: ann"));
    assert_eq!(place.listed().len(), 2);
    assert!(place.said(&[&["delete"], &ann[..]].concat()).contains("is deleted: ann"));
    assert_eq!(place.listed(), [state("ben", "current")]);
    assert_eq!(place.keys(&[&["delete"], &ann[..]].concat()).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_open_is_left_as_it_is_and_told() {
    let place = Place::new(&[NEW], "never", "https://crm.example");
    place.vault(&[OLD]).put(&owner("ann"), Secret::new("CANARY-anns-key"), None).await.unwrap();
    place.leave("ben", "https://crm.example").await;
    for arguments in [&["rotate"][..], &["migrate", "--remove-legacy"]] {
        let output = place.keys(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("ann (static-tokens)") && said.contains("cannot be decrypted"), "{said}");
        assert!(said.contains("ben (static-tokens)"), "{said}");
    }
    let vault = place.vault(&[OLD]);
    assert_eq!(vault.open(&owner("ann")).await.unwrap().unwrap().key.expose(), "CANARY-anns-key");
    assert_eq!(vault.open(&owner("ben")).await.unwrap().unwrap().key.expose(), OLD_KEY);

    let without = Place::new(&[], "never", "https://crm.example");
    let output = without.keys(&["rotate"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("API_KEY_ENCRYPTION_SECRET environment variable is required"), "{said}");
}
