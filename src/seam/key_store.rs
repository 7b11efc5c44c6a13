//! A key store: where the keys that users leave with the server are kept, each sealed before it comes here.

use super::{
    BoxFuture, EnvVar, Issuer, Origin, Principal, SettingsEntry, Setup, SetupError, Subject, settings::taken,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{any::Any, sync::Arc};

/// Whose key it is, and for which service: one user, by one issuer, has one key for each pack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyOwner {
    /// Who vouches for the user.
    pub issuer: Issuer,
    /// Who they are to that issuer.
    pub subject: Subject,
    /// The key of the pack in config.yaml, as in `twenty`.
    pub provider: String,
}

impl KeyOwner {
    /// This subject of this issuer, and their key for this pack.
    #[must_use]
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>, provider: impl Into<String>) -> Self {
        Self { issuer: Issuer::new(issuer), subject: Subject::new(subject), provider: provider.into() }
    }

    /// The owner that a signed-in caller is; none for others, who leave no keys here.
    #[must_use]
    pub fn of(principal: &Principal, provider: &str) -> Option<Self> {
        let Principal::User(user) = principal else { return None };
        let (issuer, subject) = (user.issuer.clone(), user.subject.clone());
        Some(Self { issuer, subject, provider: provider.to_owned() })
    }
}

/// What a store keeps for one owner: texts that nobody reads without the server's secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The sealed key; none where there is nothing but what the TypeScript server left.
    pub sealed: Option<SealedKey>,
    /// What the TypeScript server left, as it stands.
    pub legacy: Option<LegacyKey>,
}

/// A key, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKey {
    /// The sealed text: letters, digits, `-`, `_` and dots.
    pub text: String,
    /// When the user stored the key; sealing it anew changes nothing of it.
    pub updated_at: Timestamp,
}

/// The three fields of the TypeScript server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyKey {
    /// `twentyApiKey`: the key, sealed in that server's format.
    pub api_key: String,
    /// `twentyBaseUrl`: the address, which nothing protects.
    pub base_url: Option<String>,
    /// `twentyApiKeyUpdatedAt`
    pub updated_at: Option<String>,
}

/// Why a store does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached just now; nothing was changed, or nobody knows.
    #[error("stored keys cannot be reached just now; try again shortly")]
    Unavailable {
        /// Seconds after which it is worth to ask again.
        retry_after: u64,
    },
    /// It does not work: the operator must look. The text is for the log alone.
    #[error("stored keys cannot be read or written; the server's log has the reason")]
    Broken(String),
    /// There is no room for this record.
    #[error("there is no room left to store a key for this user")]
    TooLarge,
}

/// A place for stored keys. Its key in config.yaml is the name of its file or folder, as in `keys: { store: { file: {} } }`.
///
/// A store understands nothing of what it keeps. All that changes is one operation, [`KeyStore::replace`]; what it has
/// done is safe when it returns, and of two that expect the same, one wins.
pub trait KeyStore: Sized + Send + Sync + 'static {
    /// What the operator may set, below `keys.store.<store>`. Field docs are the user's documentation.
    type Settings: DeserializeOwned + Serialize + JsonSchema + Send + 'static;
    /// Environment variables that lie over the file, where it names the store.
    const ENV: &'static [EnvVar] = &[];

    /// Builds the store; starts nothing and reaches for nothing.
    ///
    /// # Errors
    /// The settings fit their schema and still make no store.
    fn build(settings: Self::Settings, setup: &Setup) -> Result<Self, SetupError>;

    /// What is kept for an owner.
    ///
    /// # Errors
    /// It cannot be read.
    fn get(&self, owner: &KeyOwner) -> impl Future<Output = Result<Option<StoredKey>, StoreError>> + Send;

    /// Puts `new` in the place of what is kept for an owner (none: takes it away), if that is still `expected` (none:
    /// there is nothing yet), and tells whether it was; if not, nothing is changed.
    ///
    /// # Errors
    /// It cannot be written, or is too large.
    fn replace(
        &self,
        owner: &KeyOwner,
        expected: Option<&StoredKey>,
        new: Option<&StoredKey>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The owners behind `after`, in the order that they have here, at most `most` of them; fewer only at the end.
    ///
    /// # Errors
    /// They cannot be read.
    fn list(
        &self,
        after: Option<&KeyOwner>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<KeyOwner>, StoreError>> + Send;
}

/// A [`KeyStore`] freed of its type.
pub trait Shelf: Send + Sync {
    /// See [`KeyStore::get`].
    fn get<'a>(&'a self, owner: &'a KeyOwner) -> BoxFuture<'a, Result<Option<StoredKey>, StoreError>>;

    /// See [`KeyStore::replace`].
    fn replace<'a>(
        &'a self,
        owner: &'a KeyOwner,
        expected: Option<&'a StoredKey>,
        new: Option<&'a StoredKey>,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// See [`KeyStore::list`].
    fn list<'a>(
        &'a self,
        after: Option<&'a KeyOwner>,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<KeyOwner>, StoreError>>;
}

impl<S: KeyStore> Shelf for S {
    fn get<'a>(&'a self, owner: &'a KeyOwner) -> BoxFuture<'a, Result<Option<StoredKey>, StoreError>> {
        Box::pin(KeyStore::get(self, owner))
    }

    fn replace<'a>(
        &'a self,
        owner: &'a KeyOwner,
        expected: Option<&'a StoredKey>,
        new: Option<&'a StoredKey>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(KeyStore::replace(self, owner, expected, new))
    }

    fn list<'a>(
        &'a self,
        after: Option<&'a KeyOwner>,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<KeyOwner>, StoreError>> {
        Box::pin(KeyStore::list(self, after, most))
    }
}

/// Builds a store from its settings.
pub type BuildStore = fn(Box<dyn Any + Send>, &Setup) -> Result<Arc<dyn Shelf>, SetupError>;

/// A registered key store.
pub struct KeyStoreEntry {
    /// Where it was registered.
    pub origin: Origin,
    /// Its settings.
    pub settings: SettingsEntry,
    /// Its environment variables.
    pub env: &'static [EnvVar],
    /// Builds it from settings that `settings.read` made.
    pub build: BuildStore,
}

inventory::collect!(KeyStoreEntry);

impl KeyStoreEntry {
    /// The entry of a store; `register!` calls it.
    #[must_use]
    pub const fn of<S: KeyStore>(module: &'static str, line: u32) -> Self {
        Self {
            origin: Origin::new(module, line),
            settings: SettingsEntry::of::<S::Settings>(),
            env: S::ENV,
            build: |settings, setup| Ok(Arc::new(S::build(taken(settings)?, setup)?)),
        }
    }

    /// Every store that is linked in, in the order of their files.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Scopes, User};

    #[test]
    fn users_alone_own_keys_whatever_their_client_and_scopes() {
        let user = |client: Option<&str>| {
            let (issuer, subject) = (Issuer::new("https://id.example"), Subject::new("ann"));
            Principal::User(User {
                issuer,
                subject,
                client: client.map(str::to_owned),
                scopes: Scopes::new(),
            })
        };
        let ann = KeyOwner::new("https://id.example", "ann", "crm");
        assert_eq!(KeyOwner::of(&user(None), "crm").as_ref(), Some(&ann));
        assert_eq!(KeyOwner::of(&user(Some("c")), "crm").as_ref(), Some(&ann));
        assert_ne!(KeyOwner::of(&user(None), "other").as_ref(), Some(&ann));
        for nobody in [Principal::Local, Principal::Anonymous] {
            assert_eq!(KeyOwner::of(&nobody, "crm"), None);
        }
    }

    #[test]
    fn what_is_broken_is_told_to_the_log_alone() {
        let error = StoreError::Broken("/var/lib/x: permission denied".into());
        assert!(!error.to_string().contains("permission"));
    }
}
