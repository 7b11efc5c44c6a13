//! Stored keys with the users of a Clerk application: each in its user's private metadata.

use super::{
    backend::{ApiVersion, Backend, Said, is_id},
    issuer::issuer,
    metadata::{self, Metadata},
    provider::API,
};
use crate::auth::kit::{Fetcher, WebAddress};
use crate::seam::{AuthError, EnvVar, KeyOwner, KeyStore, Secret, Setup, SetupError, StoreError, StoredKey};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::hash_map::RandomState, hash::BuildHasher as _};
use tokio::sync::{Mutex, MutexGuard};

/// How many users are listed by one request.
const PAGE: usize = 100;
/// The most requests that one page of owners may take.
const MOST_PAGES: usize = 1000;
/// The largest answer that is read, in bytes: a page of users with all that Clerk keeps of each.
const LARGEST: usize = 4 << 20;
/// How many users' keys are changed at once.
const TURNS: usize = 64;

/// Keys in the private metadata of Clerk's users. What is not set here is taken from `auth.providers.clerk`.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// The publishable key: it names the issuer, whose users alone have keys here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    publishable_key: Option<String>,
    /// The secret key, by which Clerk is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<Secret>,
    /// The domain of the application's Frontend API: another way to name the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    domain: Option<String>,
    /// The issuer itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<WebAddress>,
    /// Where Clerk's Backend API is; unless it is set, `https://api.clerk.com/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_url: Option<WebAddress>,
    /// The version of the Backend API that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<ApiVersion>,
}

crate::register!(key-store ClerkStore);

/// Keys in private metadata. Clerk has no compare-and-set: one change of a user's keys is under way at a time here, what is
/// there is read before it and after it, and another server may still write between them; the last one counts.
pub struct ClerkStore {
    backend: Backend,
    issuer: WebAddress,
    turns: [Mutex<()>; TURNS],
    hasher: RandomState,
}

impl KeyStore for ClerkStore {
    type Settings = StoreSettings;
    const ENV: &'static [EnvVar] = &[
        EnvVar { name: "CLERK_PUBLISHABLE_KEY", key: "publishable_key" },
        EnvVar { name: "CLERK_SECRET_KEY", key: "secret_key" },
        EnvVar { name: "CLERK_DOMAIN", key: "domain" },
    ];

    fn build(settings: StoreSettings, _: &Setup) -> Result<Self, SetupError> {
        let named = (settings.publishable_key.as_deref(), settings.domain.as_deref());
        let issuer = issuer(named.0, named.1, settings.issuer.as_ref())?;
        let missing = "keys are kept at Clerk with its secret key: set `secret_key` here or at `auth.providers.clerk`, or \
                       CLERK_SECRET_KEY";
        let key = settings.secret_key.ok_or_else(|| SetupError::at(&["secret_key"], missing))?;
        let url = match settings.api_url {
            Some(url) => url,
            None => WebAddress::parse(API).map_err(|error| SetupError::at(&["api_url"], error))?,
        };
        let fetcher = Fetcher::new()?.up_to(LARGEST);
        let backend = Backend::new(fetcher, &url, settings.api_version.unwrap_or_default(), &key)?;
        let turns = std::array::from_fn(|_| Mutex::default());
        Ok(Self { backend, issuer, turns, hasher: RandomState::new() })
    }

    async fn get(&self, owner: &KeyOwner) -> Result<Option<StoredKey>, StoreError> {
        match self.metadata(self.id(owner)?).await? {
            Some(metadata) => read(&metadata, owner),
            None => Ok(None),
        }
    }

    async fn replace(
        &self,
        owner: &KeyOwner,
        expected: Option<&StoredKey>,
        new: Option<&StoredKey>,
    ) -> Result<bool, StoreError> {
        let id = self.id(owner)?;
        let _turn = self.turn(id).await;
        let Some(before) = self.metadata(id).await? else {
            return match new {
                Some(_) if expected.is_none() => {
                    Err(StoreError::Broken(format!("Clerk knows no user {id}: no key can be kept")))
                }
                _ => Ok(expected.is_none()),
            };
        };
        if read(&before, owner)?.as_ref() != expected {
            return Ok(false);
        }
        let change = metadata::change(&owner.provider, expected, new).ok_or_else(|| {
            StoreError::Broken(format!(
                "the TypeScript server's fields have no place for `{}`",
                owner.provider
            ))
        })?;
        if change.is_empty() {
            return Ok(true);
        }
        if !metadata::has_room(&before, &change) {
            tracing::warn!(
                user = id,
                "Clerk keeps 8 KB of private metadata, and a key has no room beside the rest"
            );
            return Err(StoreError::TooLarge);
        }
        match self.backend.merge(id, change).await.map_err(told)? {
            Said::Body(_) => {}
            Said::Refused(StatusCode::NOT_FOUND) => return Ok(false),
            Said::Refused(status) => return Err(refused(status)),
        }
        // Somebody else may have written since.
        let after = self.metadata(id).await?.unwrap_or_default();
        Ok(read(&after, owner)?.as_ref() == new)
    }

    async fn list(&self, after: Option<&KeyOwner>, most: usize) -> Result<Vec<KeyOwner>, StoreError> {
        let mut found = Vec::new();
        let mut last = None;
        if let Some(after) = after {
            let id = self.id(after)?.to_owned();
            let metadata = self.metadata(&id).await?.unwrap_or_default();
            let behind = metadata::packs(&metadata).into_iter().filter(|pack| *pack > after.provider);
            found.extend(behind.map(|pack| self.owner(&id, pack)));
            last = Some(id);
        }
        for _ in 0..MOST_PAGES {
            if found.len() >= most {
                break;
            }
            let users = match self.backend.users(last.as_deref(), PAGE).await.map_err(told)? {
                Said::Body(Value::Array(users)) => users,
                Said::Body(_) => return Err(strange("a list of users that is none")),
                Said::Refused(status) => return Err(refused(status)),
            };
            for user in &users {
                let user = user.as_object().ok_or_else(|| strange("a user that is none"))?;
                let id = user.get("id").and_then(Value::as_str).filter(|id| is_id(id, "user_"));
                let id = id.ok_or_else(|| strange("a user without an id"))?;
                found.extend(metadata::packs(&private(user)?).into_iter().map(|pack| self.owner(id, pack)));
                last = Some(id.to_owned());
            }
            if users.len() < PAGE {
                found.truncate(most);
                return Ok(found);
            }
        }
        if found.len() < most {
            let all = MOST_PAGES * PAGE;
            return Err(StoreError::Broken(format!(
                "among {all} users of Clerk there are too few keys to go on"
            )));
        }
        found.truncate(most);
        Ok(found)
    }
}

impl ClerkStore {
    /// The id of an owner who is a user of this application.
    fn id<'a>(&self, owner: &'a KeyOwner) -> Result<&'a str, StoreError> {
        let id = owner.subject.as_str();
        if owner.issuer.as_str() != self.issuer.as_str() || !is_id(id, "user_") {
            return Err(StoreError::Broken(format!(
                "the store `clerk` has keys for users of {} alone, and not for those of {}: name another one under \
                 `keys.store`",
                self.issuer.as_str(),
                owner.issuer
            )));
        }
        Ok(id)
    }

    fn owner(&self, id: &str, pack: String) -> KeyOwner {
        KeyOwner::new(self.issuer.as_str(), id, pack)
    }

    async fn turn(&self, id: &str) -> Option<MutexGuard<'_, ()>> {
        let turns = u64::try_from(TURNS).unwrap_or(1);
        let turn = usize::try_from(self.hasher.hash_one(id) % turns).unwrap_or_default();
        Some(self.turns.get(turn)?.lock().await)
    }

    /// A user's private metadata; none where Clerk says that there is no such user.
    async fn metadata(&self, id: &str) -> Result<Option<Metadata>, StoreError> {
        match self.backend.look_up(id).await.map_err(told)? {
            Said::Body(Value::Object(user)) if user.get("id").and_then(Value::as_str) == Some(id) => {
                private(&user).map(Some)
            }
            Said::Body(_) => Err(strange("another user than the one that it was asked for")),
            Said::Refused(StatusCode::NOT_FOUND) => Ok(None),
            Said::Refused(status) => Err(refused(status)),
        }
    }
}

/// The private metadata of a user; an answer without it tells nothing of keys.
fn private(user: &Map<String, Value>) -> Result<Metadata, StoreError> {
    match user.get("private_metadata") {
        Some(Value::Object(metadata)) => Ok(metadata.clone()),
        Some(Value::Null) => Ok(Metadata::new()),
        _ => Err(strange("a user without private metadata")),
    }
}

fn read(metadata: &Metadata, owner: &KeyOwner) -> Result<Option<StoredKey>, StoreError> {
    metadata::read(metadata, &owner.provider)
        .map_err(|error| StoreError::Broken(format!("Clerk, private metadata of {}: {error}", owner.subject)))
}

fn strange(what: &str) -> StoreError {
    StoreError::Broken(format!("Clerk answers with {what}: look at `api_url`"))
}

fn refused(status: StatusCode) -> StoreError {
    StoreError::Broken(format!("Clerk refuses to read or keep a stored key ({status})"))
}

fn told(error: AuthError) -> StoreError {
    match error {
        AuthError::Unavailable { retry_after } => StoreError::Unavailable { retry_after },
        AuthError::Misconfigured(text) => StoreError::Broken(text),
        other => StoreError::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn store(settings: Value) -> Result<ClerkStore, SetupError> {
        ClerkStore::build(serde_json::from_value(settings).unwrap(), &Setup::default())
    }

    #[test]
    fn settings_that_reach_no_application_are_refused_and_not_shown() {
        for (settings, key) in [
            (json!({}), None),
            (json!({ "domain": "clerk.example.com" }), Some("secret_key")),
            (json!({ "domain": "clerk.example.com", "secret_key": "pk_test_LEAK" }), Some("secret_key")),
        ] {
            let error = store(settings).err().unwrap();
            assert_eq!(error.key.first().map(String::as_str), key);
            assert!(!error.to_string().contains("LEAK"), "{error}");
        }
    }

    #[tokio::test]
    async fn users_of_others_have_no_place_here() {
        let store = store(json!({ "domain": "clerk.example.com", "secret_key": "sk_test_LEAK" })).unwrap();
        for owner in [
            KeyOwner::new("https://id.example", "user_1", "twenty"),
            KeyOwner::new("https://clerk.example.com", "../users", "twenty"),
        ] {
            let StoreError::Broken(text) = KeyStore::get(&store, &owner).await.unwrap_err() else { panic!() };
            assert!(text.contains("https://clerk.example.com alone") && !text.contains("LEAK"), "{text}");
        }
    }
}
