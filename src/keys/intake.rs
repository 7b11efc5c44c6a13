//! Where users enter keys of their own: one way in for all who take one from them.
//!
//! A key has a form, its address must be one that keys may go to, and it is tried; only then it is stored.

use super::{
    Addresses, EnterError, Entered, OwnKey, Vault, VaultError,
    turns::{Turn, Turns},
};
use crate::{
    seam::{
        CallerKeys, Common, Credential, KeyOwner, NoCredentials, Principal, Secret, Silent, Trial,
        TrialError, Upstream, Whose,
    },
    telemetry::{
        Source,
        audit::{Audit, KeyChange, KeyChanged},
    },
};
use std::{sync::Arc, time::Duration};

/// How long a trial may take.
const TRIAL: Duration = Duration::from_secs(20);

/// Where users enter keys of their own for one pack. Clones are one.
#[derive(Clone)]
pub struct Intake {
    vault: Vault,
    provider: Arc<str>,
    addresses: Addresses,
    trial: Option<Arc<dyn Trial>>,
    turns: Arc<Turns>,
    audit: Audit,
}

impl Intake {
    /// Keys for the pack with this key go into the vault; none is tried yet.
    #[must_use]
    pub fn new(vault: Vault, provider: &str, addresses: Addresses) -> Self {
        let (trial, turns, audit) = (None, Arc::default(), Audit::default());
        Self { vault, provider: provider.into(), addresses, trial, turns, audit }
    }

    /// The same where each key is tried before it is stored.
    #[must_use]
    pub fn trying(self, trial: Arc<dyn Trial>) -> Self {
        Self { trial: Some(trial), ..self }
    }

    /// The same, whose changes are told of here.
    #[must_use]
    pub fn audited(self, audit: Audit) -> Self {
        Self { audit, ..self }
    }

    /// The key of the pack in config.yaml.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Whether every key opens the embedded workspace, whatever its address.
    #[must_use]
    pub const fn on_sandbox(&self) -> bool {
        self.addresses.are_sandbox()
    }

    /// Where the keys are kept.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whose key a caller's is.
    ///
    /// # Errors
    /// The caller is not signed in.
    pub fn owner(&self, principal: &Principal) -> Result<KeyOwner, EnterError> {
        KeyOwner::of(principal, &self.provider).ok_or(EnterError::NotSignedIn)
    }

    /// Stores a caller's key in the place of any other, once it has proved good. Without an address it goes where the
    /// operator's calls do.
    ///
    /// # Errors
    /// See [`EnterError`]; nothing is stored then, and what was stored stays.
    pub async fn enter(
        &self,
        principal: &Principal,
        key: &str,
        base_url: Option<&str>,
        source: &Source,
    ) -> Result<Entered, EnterError> {
        let entered = async {
            let owner = self.owner(principal)?;
            let key = key.trim();
            if key.is_empty() {
                return Err(EnterError::NoKey);
            }
            let key = CallerKeys::key(key).ok_or(EnterError::BadKey)?;
            let base_url = base_url.map(str::trim).filter(|text| !text.is_empty());
            let base_url = base_url.map(|text| self.addresses.read(text)).transpose()?;
            let upstream = self.addresses.of(base_url.as_ref())?.ok_or(EnterError::NoAddress)?;
            // Before anybody is asked: what cannot be stored need not be tried.
            self.vault.ready().map_err(VaultError::from)?;
            self.turn(&owner, Turn::Change)?;
            let workspace = self.tried(principal, &key, upstream, source).await?;
            let updated_at = self.vault.put(&owner, key, base_url).await?;
            Ok(Entered { workspace, sandbox: self.on_sandbox(), updated_at })
        };
        let entered = entered.await;
        self.tell(KeyChange::Stored, principal, source, entered.as_ref().err());
        entered
    }

    /// The name of what a key opens; none where keys are not tried, or the service tells none.
    async fn tried(
        &self,
        principal: &Principal,
        key: &Secret,
        upstream: Upstream,
        source: &Source,
    ) -> Result<Option<String>, EnterError> {
        let Some(trial) = &self.trial else { return Ok(None) };
        let mut cx = Common::new(principal.clone(), TRIAL, Arc::new(Silent), Arc::new(NoCredentials));
        cx.trace = source.trace.clone();
        let credential = Credential { upstream, key: Some(key.clone()), whose: Whose::Caller };
        let opened = tokio::time::timeout(TRIAL, trial.opens(&cx, &credential)).await;
        let slow = |_| TrialError::Unreachable("the service does not answer in time".to_owned());
        Ok(opened.map_err(slow).flatten()?.name)
    }

    /// What is stored for a caller; none where nothing is.
    ///
    /// # Errors
    /// The caller is not signed in or asks too often, or what is stored cannot be read.
    pub async fn stored(&self, principal: &Principal) -> Result<Option<Arc<OwnKey>>, EnterError> {
        let owner = self.owner(principal)?;
        self.turn(&owner, Turn::Look)?;
        let opened = self.vault.open(&owner).await;
        Ok(opened.inspect_err(|error| self.log(principal, error))?)
    }

    /// Deletes what is stored for a caller, and tells whether there was anything.
    ///
    /// # Errors
    /// The caller is not signed in or asks too often, or the store fails.
    pub async fn delete(&self, principal: &Principal, source: &Source) -> Result<bool, EnterError> {
        let deleted = self.take_away(principal).await;
        if deleted != Ok(false) {
            self.tell(KeyChange::Deleted, principal, source, deleted.as_ref().err());
        }
        deleted
    }

    async fn take_away(&self, principal: &Principal) -> Result<bool, EnterError> {
        let owner = self.owner(principal)?;
        self.turn(&owner, Turn::Change)?;
        Ok(self.vault.delete(&owner).await?)
    }

    fn turn(&self, owner: &KeyOwner, turn: Turn) -> Result<(), EnterError> {
        let wait = |wait: Duration| EnterError::TooOften { retry_after: wait.as_secs().max(1) };
        self.turns.take(owner, turn).map_err(wait)
    }

    fn tell(&self, change: KeyChange, principal: &Principal, source: &Source, error: Option<&EnterError>) {
        if let Some(EnterError::Vault(error)) = error {
            self.log(principal, error);
        }
        let (provider, reason) = (&*self.provider, error.map(EnterError::code));
        self.audit.key_changed(&KeyChanged { change, principal, source, provider, reason });
    }

    /// Tells the operator what the user is not told.
    fn log(&self, principal: &Principal, error: &VaultError) {
        tracing::error!(caller = %principal, provider = %self.provider, ?error, "a stored key cannot be had or changed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{BadAddress, Masters, store::memory::Memory},
        seam::{BoxFuture, Issuer, Opened, Scopes, Subject, User},
    };
    use std::sync::Mutex;

    const SECRET: &str = "a secret of 32 characters, or more";

    fn ann() -> Principal {
        let (issuer, subject) = (Issuer::new("https://id.example"), Subject::new("ann"));
        Principal::User(User { issuer, subject, client: None, scopes: Scopes::new() })
    }

    /// Keeps what was tried, and answers as the key says.
    #[derive(Default)]
    struct Fake(Mutex<Vec<(Upstream, String)>>);

    impl Trial for Fake {
        fn opens<'a>(
            &'a self,
            _: &'a Common,
            credential: &'a Credential,
        ) -> BoxFuture<'a, Result<Opened, TrialError>> {
            let key = credential.key.as_ref().unwrap().expose().to_owned();
            self.0.lock().unwrap().push((credential.upstream.clone(), key.clone()));
            Box::pin(async move {
                match key.as_str() {
                    "refused" => Err(TrialError::Refused("not accepted".into())),
                    "nowhere" => Err(TrialError::NotThere("no service here".into())),
                    "down" => Err(TrialError::Unreachable("it is down".into())),
                    "limited" => Err(TrialError::Limited { retry_after: 7 }),
                    "slow" => std::future::pending().await,
                    _ => Ok(Opened { name: Some("Acme".into()) }),
                }
            })
        }
    }

    struct Place {
        shelf: Arc<Memory>,
        trial: Arc<Fake>,
        intake: Intake,
    }

    fn place(usual: Option<Upstream>, secrets: &[&str]) -> Place {
        let (shelf, trial) = (Arc::new(Memory::default()), Arc::new(Fake::default()));
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        let vault = Vault::new(shelf.clone(), Masters::new(&secrets));
        let intake = Intake::new(vault, "crm", Addresses::new(usual, &[])).trying(trial.clone());
        Place { shelf, trial, intake }
    }

    fn usual() -> Upstream {
        Upstream::Url("https://crm.example/".parse().unwrap())
    }

    impl Place {
        async fn enter(&self, key: &str, url: Option<&str>) -> Result<Entered, EnterError> {
            self.intake.enter(&ann(), key, url, &Source::default()).await
        }

        async fn stored(&self) -> Option<String> {
            self.intake.stored(&ann()).await.unwrap().map(|own| own.key.expose().to_owned())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_key_is_tried_where_it_will_be_used_and_stored() {
        let place = place(Some(usual()), &[SECRET]);
        let own = "https://own.example/";
        let entered = place.enter(" good ", Some(own)).await.unwrap();
        assert_eq!((entered.workspace.as_deref(), entered.sandbox), (Some("Acme"), false));
        let stored = place.intake.stored(&ann()).await.unwrap().unwrap();
        assert_eq!((stored.key.expose(), stored.created_at), ("good", entered.updated_at));
        assert_eq!(stored.base_url.as_ref().unwrap().as_str(), own);
        place.enter("other", Some(" ")).await.unwrap();
        let stored = place.intake.stored(&ann()).await.unwrap().unwrap();
        assert_eq!((stored.key.expose(), &stored.base_url), ("other", &None));
        let tried = place.trial.0.lock().unwrap().clone();
        let public = Upstream::Public(own.parse().unwrap());
        assert_eq!(tried, [(public, "good".to_owned()), (usual(), "other".to_owned())]);
        assert_eq!(place.intake.delete(&ann(), &Source::default()).await, Ok(true));
        assert_eq!(place.intake.delete(&ann(), &Source::default()).await, Ok(false));
        assert_eq!(place.stored().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_known_to_be_good_takes_the_place_of_nothing() {
        let place = place(Some(usual()), &[SECRET]);
        place.enter("first", None).await.unwrap();
        tokio::time::advance(Duration::from_secs(60)).await;
        let unreachable = EnterError::Unreachable("the service does not answer in time".into());
        for (key, url, error) in [
            ("", None, EnterError::NoKey),
            (" ", None, EnterError::NoKey),
            ("a b", None, EnterError::BadKey),
            ("good", Some("http://own.example"), BadAddress::NotHttps.into()),
            ("good", Some("https://127.0.0.1"), BadAddress::Inside.into()),
            ("refused", None, EnterError::Refused("not accepted".into())),
            ("nowhere", None, EnterError::NotThere("no service here".into())),
            ("down", None, EnterError::Unreachable("it is down".into())),
            ("limited", None, EnterError::Limited { retry_after: 7 }),
            ("slow", None, unreachable),
        ] {
            let refused = place.enter(key, url).await.unwrap_err();
            assert_eq!(refused, error);
            let (told, debug) = (refused.to_string(), format!("{refused:?}"));
            assert!(key.len() < 5 || !told.contains(key) && !debug.contains(&format!("{key:?}")), "{told}");
        }
        assert_eq!(place.stored().await.as_deref(), Some("first"));
        assert_eq!(place.trial.0.lock().unwrap().len(), 6, "what is malformed is not tried");
    }

    #[tokio::test(start_paused = true)]
    async fn only_users_own_keys_and_where_nothing_can_be_stored_nothing_is_tried() {
        let place_without = place(Some(usual()), &[]);
        let error = place_without.enter("good", None).await.unwrap_err();
        assert!(error.to_string().contains("API_KEY_ENCRYPTION_SECRET"), "{error}");
        let nowhere = place(None, &[SECRET]);
        assert_eq!(nowhere.enter("good", None).await, Err(EnterError::NoAddress));
        assert!(place_without.trial.0.lock().unwrap().is_empty());
        for nobody in [Principal::Anonymous, Principal::Local] {
            let source = Source::default();
            assert_eq!(nowhere.intake.enter(&nobody, "k", None, &source).await, Err(EnterError::NotSignedIn));
            assert_eq!(nowhere.intake.delete(&nobody, &source).await, Err(EnterError::NotSignedIn));
            assert_eq!(nowhere.intake.stored(&nobody).await.err(), Some(EnterError::NotSignedIn));
        }
        assert!(nowhere.shelf.rows().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn on_the_sandbox_a_key_opens_the_sandbox_whatever_its_address() {
        let place = place(Some(Upstream::Sandbox), &[SECRET]);
        assert!(place.enter("good", Some("http://10.0.0.1")).await.unwrap().sandbox);
        assert_eq!(*place.trial.0.lock().unwrap(), [(Upstream::Sandbox, "good".to_owned())]);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_tried_so_often_and_a_store_that_is_down_is_told() {
        let place = place(Some(usual()), &[SECRET]);
        for _ in 0..10 {
            let _ = place.enter("refused", None).await;
        }
        assert_eq!(place.enter("good", None).await, Err(EnterError::TooOften { retry_after: 6 }));
        assert_eq!(place.trial.0.lock().unwrap().len(), 10);
        tokio::time::advance(Duration::from_secs(60)).await;
        place.shelf.fail(true);
        for error in [
            place.enter("good", None).await.unwrap_err(),
            place.intake.stored(&ann()).await.unwrap_err(),
            place.intake.delete(&ann(), &Source::default()).await.unwrap_err(),
        ] {
            assert_eq!(error.retry_after(), Some(7), "{error}");
        }
    }
}
