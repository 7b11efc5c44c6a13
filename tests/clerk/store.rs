//! Stored keys in the private metadata of Clerk's users, beside what others keep there.

use crate::{
    stored_keys::{NEW, OLD, OLD_KEY, OLD_TEXT, asked_with, called},
    support::{
        clerk::{ANN, FakeClerk, SECRET, user},
        contract::{holds_for, stored},
        issuer::Key,
        running::{Running, command},
        upstream::Upstream,
    },
};
use serde_json::{Value, json};
use std::{fs, process::Output, sync::Arc};
use twenty_mcp::seam::{KeyOwner, KeyStoreEntry, Secret, Setup, Shelf, StoreError};

const BEN: &str = "user_ben00000000000000000000000";

fn store(clerk: &FakeClerk, more: Value) -> Arc<dyn Shelf> {
    let entry = KeyStoreEntry::all().into_iter().find(|entry| entry.origin.key() == "clerk").unwrap();
    let mut settings = json!({ "issuer": clerk.front.url, "api_url": clerk.api, "secret_key": SECRET });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings = (entry.settings.read)(settings).unwrap_or_else(|error| panic!("{}", error.message));
    (entry.build)(settings, &Setup::default()).unwrap_or_else(|error| panic!("{}", error.message))
}

fn owner(clerk: &FakeClerk, id: &str, pack: &str) -> KeyOwner {
    KeyOwner::new(clerk.front.url.clone(), id, pack)
}

/// Lays metadata of others over a user's.
fn keeps(clerk: &FakeClerk, id: &str, metadata: Value) {
    clerk.state.lock().unwrap().users.insert(id.into(), user(id, json!({ "private_metadata": metadata })));
}

fn metadata(clerk: &FakeClerk, id: &str) -> Value {
    clerk.state.lock().unwrap().users[id]["private_metadata"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_store_beside_the_metadata_of_others() {
    let clerk = FakeClerk::start(&[]).await;
    for version in ["2026-05-12", "2025-11-10"] {
        let others = json!({ "plan": { "seats": 3, "twenty": "x" } });
        keeps(&clerk, ANN, others.clone());
        keeps(&clerk, BEN, others);
        // More users than one page has.
        for number in 0..230 {
            let id = format!("user_{number:03}");
            let many = user(&id, json!({ "created_at": number }));
            clerk.state.lock().unwrap().users.insert(id, many);
        }
        let [ann, mail, ben, own] = [(ANN, "twenty"), (ANN, "mail"), (BEN, "twenty"), (BEN, "a b")]
            .map(|(id, pack)| owner(&clerk, id, pack));
        let store = store(&clerk, json!({ "api_version": version }));
        holds_for(store, ann, &[mail, ben, own], stored).await;
        for id in [ANN, BEN] {
            let left = json!({ "plan": { "seats": 3, "twenty": "x" }, "mcp_vault": {} });
            assert_eq!(metadata(&clerk, id), left, "{version}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_wrote_meanwhile_counts_and_is_noticed() {
    let clerk = FakeClerk::start(&[]).await;
    let (store, ann) = (store(&clerk, json!({})), owner(&clerk, ANN, "twenty"));
    let theirs = json!({ "sealed": "v2.theirs", "updatedAt": "2023-11-14T22:13:20Z" });
    clerk.state.lock().unwrap().meanwhile = Some(json!({ "mcp_vault": { "twenty": theirs } }));
    assert_eq!(store.replace(&ann, None, Some(&stored("v2.ours"))).await, Ok(false));
    assert_eq!(store.get(&ann).await, Ok(Some(stored("v2.theirs"))));
    clerk.state.lock().unwrap().meanwhile = Some(json!({ "mcp_vault": { "mail": theirs } }));
    assert_eq!(store.replace(&ann, Some(&stored("v2.theirs")), Some(&stored("v2.ours"))).await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_never_a_user_without_a_key() {
    let clerk = FakeClerk::start(&[]).await;
    let (store, ann) = (store(&clerk, json!({})), owner(&clerk, ANN, "twenty"));
    assert_eq!(store.replace(&ann, None, Some(&stored("v2.one"))).await, Ok(true));
    for (instead, wanted) in [
        ((429, Some("7")), Some(7)),
        ((503, None), Some(10)),
        ((302, None), None),
        ((401, None), None),
        ((400, None), None),
        ((422, None), None),
        ((200, None), None),
    ] {
        clerk.answers(Some(instead));
        let told = [
            store.get(&ann).await.map(drop).unwrap_err(),
            store.replace(&ann, None, None).await.map(drop).unwrap_err(),
            store.list(None, 5).await.map(drop).unwrap_err(),
        ];
        for error in told {
            match (&error, wanted) {
                (StoreError::Unavailable { retry_after }, Some(seconds)) => assert_eq!(*retry_after, seconds),
                (StoreError::Broken(text), None) => assert!(!text.contains("LEAK"), "{text}"),
                _ => panic!("{instead:?}: {error:?}"),
            }
        }
    }
    clerk.answers(None);
    assert_eq!(store.get(&ann).await, Ok(Some(stored("v2.one"))));
    let nowhere = self::store(&clerk, json!({ "api_url": "http://127.0.0.1:1/v1" }));
    assert!(matches!(nowhere.get(&ann).await, Err(StoreError::Unavailable { .. })));
    // Whom Clerk knows no more has no key, and gets none.
    let gone = owner(&clerk, "user_gone", "twenty");
    assert_eq!(store.get(&gone).await, Ok(None));
    assert!(matches!(store.replace(&gone, None, Some(&stored("x"))).await, Err(StoreError::Broken(_))));
    keeps(&clerk, BEN, json!({ "other": "x".repeat(8150) }));
    let full = store.replace(&owner(&clerk, BEN, "twenty"), None, Some(&stored("v2.one"))).await;
    assert_eq!(full, Err(StoreError::TooLarge));
}

/// A server with its keys at Clerk, whose settings it has from the provider, and the token of a user.
struct Place {
    folder: tempfile::TempDir,
    server: Running,
    token: Secret,
}

impl Place {
    fn new(clerk: &FakeClerk, key: &Key, upstream: &Upstream) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.yaml");
        let provider =
            json!({ "issuer": clerk.front.url, "api_url": clerk.api, "secret_key": "${SECRET_OF_CLERK}" });
        let settings = json!({
            "auth": { "mode": "required", "operator_key": "never", "providers": { "clerk": provider } },
            "keys": { "secrets": [NEW, OLD], "store": { "clerk": {} } },
            "tools": { "twenty": { "base_url": upstream.url, "api_key": "CANARY-operators" } },
        });
        fs::write(&file, settings.to_string()).unwrap();
        fs::write(folder.path().join(".env"), format!("SECRET_OF_CLERK={SECRET}\n")).unwrap();
        let server = Running::start(&["--config", file.to_str().unwrap()]);
        let token = Secret::new(key.sign(&json!({}), &clerk.claims(&server.mcp())));
        Self { folder, server, token }
    }

    /// `twenty-mcp keys ARGUMENTS…`, which shows no secret.
    fn keys(&self, arguments: &[&str]) -> Output {
        let file = self.folder.path().join("c.yaml");
        let all = [&["keys"], arguments, &["--config", file.to_str().unwrap()]].concat();
        let output = command(&all).0.output().unwrap();
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
        assert!(output.status.success() && !said.contains("LEAK"), "{said}");
        output
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_typescript_server_are_used_migrated_and_removed_where_they_are() {
    let key = Key::rsa("k");
    let clerk = FakeClerk::start(&[&key]).await;
    let upstream = Upstream::start(json!({ "people": 5 })).await;
    let left = json!({ "twentyApiKey": OLD_TEXT, "twentyBaseUrl": upstream.url, "plan": { "seats": 3 } });
    keeps(&clerk, ANN, left.clone());
    let place = Place::new(&clerk, &key, &upstream);
    let (text, failed) = called(&place.server, &place.token).await;
    assert!(!failed, "{text}");
    assert_eq!(asked_with(&upstream), [format!("Bearer {OLD_KEY}")]);
    let sealed = metadata(&clerk, ANN);
    assert!(sealed["mcp_vault"]["twenty"]["sealed"].as_str().unwrap().starts_with("v2."), "{sealed}");
    for field in ["twentyApiKey", "twentyBaseUrl", "plan"] {
        assert_eq!(sealed[field], left[field]);
    }
    assert!(!sealed.to_string().contains(OLD_KEY), "{sealed}");
    let listed = String::from_utf8(place.keys(&["list"]).stdout).unwrap();
    assert!(listed.contains(ANN) && listed.contains("old fields beside it"), "{listed}");
    place.keys(&["migrate", "--remove-legacy"]);
    let kept = metadata(&clerk, ANN);
    let wanted = json!({ "mcp_vault": sealed["mcp_vault"], "plan": { "seats": 3 } });
    assert_eq!(kept, wanted);
    let text = place.keys(&["delete", "--issuer", &clerk.front.url, "--subject", ANN]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("is deleted"));
    assert_eq!(metadata(&clerk, ANN), json!({ "mcp_vault": {}, "plan": { "seats": 3 } }));
}
