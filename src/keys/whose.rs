//! Whose key a principal uses.

use super::{Addresses, Links, OwnKey, Vault};
use crate::seam::{
    BoxFuture, CallerKey, CallerKeys, Connect, Credential, Credentials, KeyOwner, OperatorKey, Principal,
    ToolError, Upstream, Whose as Owner,
};

const FALLBACK: &str =
    "whoever runs this server can let signed-in callers use its key by `auth.operator_key: fallback`";

/// Takes a caller's own key where one came with the request; else the one that a signed-in caller stored; else lends the
/// operator's credential to those callers whom `auth.operator_key` names, and to nobody else. A stored key that cannot be
/// had is an error: no other takes its place.
pub struct Whose {
    policy: OperatorKey,
    operator: Option<Credential>,
    own: Option<CallerKey>,
    kept: Option<Kept>,
    links: Option<Links>,
}

/// The keys that users stored.
struct Kept {
    vault: Vault,
    provider: String,
    addresses: Addresses,
}

impl Whose {
    /// With no `policy` given, a sandbox is open to signed-in callers too, a real service is not. `own` is how callers
    /// send a key of their own, where they may.
    #[must_use]
    pub fn new(policy: Option<OperatorKey>, operator: Option<Credential>, own: Option<CallerKey>) -> Self {
        let sandbox = operator.as_ref().is_some_and(|operator| operator.upstream == Upstream::Sandbox);
        let default = if sandbox { OperatorKey::Fallback } else { OperatorKey::Anonymous };
        Self { policy: policy.unwrap_or(default), operator, own, kept: None, links: None }
    }

    /// The same where users store keys in this vault, as keys for the pack with this key, which go to these addresses.
    #[must_use]
    pub fn keeping(self, vault: Vault, provider: impl Into<String>, addresses: Addresses) -> Self {
        Self { kept: Some(Kept { vault, provider: provider.into(), addresses }), ..self }
    }

    /// The same where users are led to a page on which they store a key.
    #[must_use]
    pub fn linking(self, links: Links) -> Self {
        Self { links: Some(links), ..self }
    }

    /// The caller's own key, at the operator's address: a key that came with a request goes nowhere else.
    fn own(&self, keys: &CallerKeys) -> Option<Credential> {
        let key = keys.of(self.own.as_ref()?)?;
        let upstream = self.operator.as_ref()?.upstream.clone();
        Some(Credential { upstream, key: Some(key.clone()), whose: Owner::Caller })
    }

    /// The key that this caller stored, where they are signed in and stored one.
    async fn stored(&self, principal: &Principal) -> Result<Option<Credential>, ToolError> {
        let Some(Kept { vault, provider, addresses }) = &self.kept else { return Ok(None) };
        let Some(owner) = KeyOwner::of(principal, provider) else { return Ok(None) };
        match vault.open(&owner).await {
            Ok(own) => own.map(|own| with_its_address(addresses, &own)).transpose(),
            Err(error) => {
                tracing::error!(caller = %principal, provider, ?error, "a stored key cannot be used");
                Err(error.into())
            }
        }
    }

    fn lend(&self, principal: &Principal) -> Result<Credential, ToolError> {
        let may = match principal {
            Principal::Local => true,
            Principal::Anonymous => self.policy != OperatorKey::Never,
            Principal::User(_) => self.policy == OperatorKey::Fallback,
        };
        // An operator without a key has none to lend to those who may store one.
        let empty = |operator: &Credential| operator.key.is_none() && operator.upstream != Upstream::Sandbox;
        let stores = self.kept.is_some() && matches!(principal, Principal::User(_));
        match &self.operator {
            Some(operator) if may && !(stores && empty(operator)) => return Ok(operator.clone()),
            _ => {}
        }
        Err(match (principal, &self.kept) {
            (Principal::User(_), Some(kept)) => self.unconnected(&kept.vault),
            _ if may => ToolError::denied("there is no key to make this call with")
                .hint("whoever runs this server must set one in its configuration"),
            (Principal::User(_), None) => {
                ToolError::denied("this server's key is not for signed-in callers").hint(self.way(FALLBACK))
            }
            _ => ToolError::denied("this server's key is not for callers over HTTP").hint(self.way(
                "whoever runs this server can let callers who are not signed in use its key by \
                 `auth.operator_key: anonymous`; over stdio it can be used as it is",
            )),
        })
    }

    /// What a signed-in caller is told who has no key, and may store one.
    fn unconnected(&self, vault: &Vault) -> ToolError {
        match vault.ready() {
            Ok(()) => ToolError::unconnected("No API key configured").hint(self.way(FALLBACK)),
            Err(none) => ToolError::denied(format_args!("No API key configured: {none}"))
                .hint("whoever runs this server must set it, so that you can store a key of your own"),
        }
    }

    /// What helps a caller who may not use the operator's key.
    fn way(&self, otherwise: &str) -> String {
        match &self.own {
            Some(own) => format!("send a key of your own in the header `{}`; or {otherwise}", own.header),
            None => otherwise.to_owned(),
        }
    }
}

/// A stored key goes to its own address, and on the sandbox nowhere else than there.
fn with_its_address(addresses: &Addresses, own: &OwnKey) -> Result<Credential, ToolError> {
    let upstream = addresses.of(own.base_url.as_ref()).map_err(|bad| {
        ToolError::denied(format_args!("your stored key is not used: {bad}"))
            .hint("store the key again, with an address that it can be sent to")
    })?;
    let upstream = upstream.ok_or_else(|| {
        ToolError::denied("your stored key has no address, and this server has none")
            .hint("store the key again, with its address")
    })?;
    Ok(Credential { upstream, key: Some(own.key.clone()), whose: Owner::Caller })
}

impl Credentials for Whose {
    fn of<'a>(
        &'a self,
        principal: &'a Principal,
        keys: &'a CallerKeys,
    ) -> BoxFuture<'a, Result<Credential, ToolError>> {
        Box::pin(async {
            if let Some(own) = self.own(keys) {
                return Ok(own);
            }
            match self.stored(principal).await? {
                Some(stored) => Ok(stored),
                None => self.lend(principal),
            }
        })
    }

    fn connect(&self, principal: &Principal, app: Option<&str>) -> Option<Connect> {
        let Kept { provider, .. } = self.kept.as_ref()?;
        self.links.as_ref()?.make(&KeyOwner::of(principal, provider)?, app)
    }

    fn are_there(&self) -> bool {
        self.operator.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{Masters, store::memory::Memory},
        seam::{ErrorKind, Issuer, Scopes, Sealer, Secret, Subject, User},
    };
    use std::sync::Arc;

    const OWN: CallerKey = CallerKey { header: "X-Crm-Key", parameter: None, address: None };

    fn operator(upstream: Upstream) -> Credential {
        Credential { upstream, key: Some(Secret::new("operators")), whose: Owner::Operator }
    }

    fn real() -> Credential {
        operator(Upstream::Url("https://api.example/".parse().unwrap()))
    }

    fn user() -> Principal {
        let (issuer, subject) = (Issuer::new("https://issuer.example"), Subject::new("ann"));
        Principal::User(User { issuer, subject, client: None, scopes: Scopes::new() })
    }

    /// Whether the local, an anonymous and a signed-in caller get the operator's credential.
    async fn lent(policy: Option<OperatorKey>, operator: Credential) -> [bool; 3] {
        let id = operator.id();
        let whose = Whose::new(policy, Some(operator), None);
        let mut lent = [false; 3];
        for (lent, principal) in lent.iter_mut().zip([Principal::Local, Principal::Anonymous, user()]) {
            *lent = match whose.of(&principal, &CallerKeys::default()).await {
                Ok(credential) => {
                    assert_eq!((credential.id(), credential.whose), (id, Owner::Operator));
                    true
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Denied);
                    assert!(error.next().unwrap().contains("auth.operator_key"));
                    false
                }
            };
        }
        lent
    }

    #[tokio::test]
    async fn the_operators_key_is_lent_as_the_policy_says() {
        for make in [real, || operator(Upstream::Sandbox)] {
            assert_eq!(lent(Some(OperatorKey::Never), make()).await, [true, false, false]);
            assert_eq!(lent(Some(OperatorKey::Anonymous), make()).await, [true, true, false]);
            assert_eq!(lent(Some(OperatorKey::Fallback), make()).await, [true, true, true]);
        }
    }

    #[tokio::test]
    async fn unless_told_otherwise_only_a_sandbox_is_lent_to_signed_in_callers() {
        assert_eq!(lent(None, real()).await, [true, true, false]);
        assert_eq!(lent(None, operator(Upstream::Sandbox)).await, [true, true, true]);
    }

    #[tokio::test]
    async fn where_there_is_no_key_nobody_gets_one() {
        for policy in [None, Some(OperatorKey::Never), Some(OperatorKey::Fallback)] {
            let whose = Whose::new(policy, None, Some(OWN));
            for principal in [Principal::Local, Principal::Anonymous, user()] {
                let error = whose.of(&principal, &CallerKeys::default()).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Denied, "{policy:?} {principal}");
                assert!(error.next().is_some());
            }
        }
    }

    #[tokio::test]
    async fn a_callers_own_key_comes_first_and_goes_to_the_operators_address() {
        let keys = CallerKeys::new(vec![("X-Crm-Key", Secret::new("own"))]);
        for make in [real, || operator(Upstream::Sandbox)] {
            for policy in [None, Some(OperatorKey::Never), Some(OperatorKey::Fallback)] {
                let whose = Whose::new(policy, Some(make()), Some(OWN));
                for principal in [Principal::Anonymous, user()] {
                    let got = whose.of(&principal, &keys).await.unwrap();
                    assert_eq!((got.upstream, got.whose), (make().upstream, Owner::Caller));
                    assert_eq!(got.key.unwrap().expose(), "own");
                }
            }
        }
    }

    #[tokio::test]
    async fn where_no_key_is_taken_one_that_came_counts_for_nothing_and_the_hint_says_what_is_taken() {
        let keys = CallerKeys::new(vec![("X-Crm-Key", Secret::new("own"))]);
        let whose = Whose::new(None, Some(real()), None);
        assert!(whose.of(&user(), &keys).await.is_err());
        assert_eq!(whose.of(&Principal::Anonymous, &keys).await.unwrap().whose, Owner::Operator);
        for (own, says) in [(Some(OWN), true), (None, false)] {
            let whose = Whose::new(Some(OperatorKey::Never), Some(real()), own);
            for principal in [Principal::Anonymous, user()] {
                let error = whose.of(&principal, &CallerKeys::default()).await.unwrap_err();
                assert_eq!(error.next().unwrap().contains("X-Crm-Key"), says);
            }
        }
    }

    const SECRET: &str = "a secret of 32 characters, or more";

    fn ann() -> KeyOwner {
        KeyOwner::of(&user(), "crm").unwrap()
    }

    fn addresses(operator: Option<&Credential>) -> Addresses {
        Addresses::new(operator.map(|operator| operator.upstream.clone()), &[])
    }

    /// A vault in which Ann stored a key for `crm`, and its store.
    async fn anns_vault(url: Option<&str>) -> (Arc<Memory>, Vault) {
        let shelf = Arc::new(Memory::default());
        let vault = Vault::new(shelf.clone(), Masters::new(&[Secret::new(SECRET)]));
        vault.put(&ann(), Secret::new("anns"), url.map(|url| url.parse().unwrap())).await.unwrap();
        (shelf, vault)
    }

    #[tokio::test]
    async fn a_stored_key_is_its_users_alone_and_goes_to_its_own_address() {
        let other = Upstream::Public("https://other.example/".parse().unwrap());
        for (url, operator, upstream) in [
            (Some("https://other.example/"), Some(real()), other.clone()),
            (Some("https://other.example/"), None, other),
            (Some("https://other.example/"), Some(operator(Upstream::Sandbox)), Upstream::Sandbox),
            (None, Some(real()), real().upstream),
        ] {
            let (_, vault) = anns_vault(url).await;
            for policy in [None, Some(OperatorKey::Never), Some(OperatorKey::Fallback)] {
                let whose = Whose::new(policy, operator.clone(), None);
                let whose = whose.keeping(vault.clone(), "crm", addresses(operator.as_ref()));
                let got = whose.of(&user(), &CallerKeys::default()).await.unwrap();
                assert_eq!((&got.upstream, got.whose), (&upstream, Owner::Caller));
                assert_eq!(got.key.unwrap().expose(), "anns");
                for nobody in [Principal::Local, Principal::Anonymous] {
                    let got = whose.of(&nobody, &CallerKeys::default()).await;
                    assert!(
                        got.is_ok_and(|got| got.whose == Owner::Operator)
                            || policy.is_some()
                            || operator.is_none()
                    );
                }
                let elsewhere = Whose::new(Some(OperatorKey::Never), Some(real()), None);
                let elsewhere = elsewhere.keeping(vault.clone(), "mail", addresses(Some(&real())));
                let error = elsewhere.of(&user(), &CallerKeys::default()).await.unwrap_err();
                assert!(error.message().starts_with("No API key configured"), "{error}");
            }
        }
        let (_, vault) = anns_vault(None).await;
        let nowhere = Whose::new(None, None, None).keeping(vault, "crm", Addresses::default());
        assert_eq!(nowhere.of(&user(), &CallerKeys::default()).await.unwrap_err().kind(), ErrorKind::Denied);
    }

    #[tokio::test]
    async fn a_stored_key_whose_address_leads_inside_is_not_used_and_no_other_is() {
        for url in ["https://10.0.0.1/", "http://other.example/", "https://[::1]/"] {
            let (_, vault) = anns_vault(Some(url)).await;
            let whose = Whose::new(Some(OperatorKey::Fallback), Some(real()), None);
            let whose = whose.keeping(vault.clone(), "crm", addresses(Some(&real())));
            let error = whose.of(&user(), &CallerKeys::default()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{url}");
            assert!(error.message().starts_with("your stored key is not used"), "{error}");
        }
        let (_, vault) = anns_vault(Some("https://10.0.0.1/")).await;
        let named = Addresses::new(Some(real().upstream), &["10.0.0.1".to_owned()]);
        let whose = Whose::new(None, Some(real()), None).keeping(vault, "crm", named);
        let got = whose.of(&user(), &CallerKeys::default()).await.unwrap();
        assert_eq!(got.upstream, Upstream::Url("https://10.0.0.1/".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_key_that_came_with_the_request_comes_before_the_stored_one() {
        let (_, vault) = anns_vault(None).await;
        let whose = Whose::new(None, Some(real()), Some(OWN));
        let whose = whose.keeping(vault, "crm", addresses(Some(&real())));
        let keys = CallerKeys::new(vec![("X-Crm-Key", Secret::new("own"))]);
        assert_eq!(whose.of(&user(), &keys).await.unwrap().key.unwrap().expose(), "own");
        let stored = whose.of(&user(), &CallerKeys::default()).await.unwrap();
        assert_eq!(stored.key.unwrap().expose(), "anns");
    }

    #[tokio::test]
    async fn who_is_signed_in_and_has_no_key_is_led_to_a_page_and_nobody_else_is() {
        let (_, vault) = anns_vault(None).await;
        let links = Links::new(Sealer::default());
        links.lead(|_| Some("https://mcp.example".into()));
        let keyless = Credential { key: None, ..real() };
        let user = |subject: &str| {
            let (issuer, subject) = (Issuer::new("https://issuer.example"), Subject::new(subject));
            Principal::User(User { issuer, subject, client: None, scopes: Scopes::new() })
        };
        for (policy, operator) in [(OperatorKey::Never, real()), (OperatorKey::Fallback, keyless)] {
            let named = addresses(Some(&operator));
            let whose = Whose::new(Some(policy), Some(operator), None).keeping(vault.clone(), "crm", named);
            let whose = whose.linking(links.clone());
            let error = whose.of(&user("ben"), &CallerKeys::default()).await.unwrap_err();
            assert!(error.is_unconnected() && error.message() == "No API key configured", "{error}");
            let connect = whose.connect(&user("ben"), Some("Desk")).unwrap();
            let handle = links.read(connect.url.split_once("?e=").unwrap().1).unwrap();
            assert_eq!(handle.owner(), KeyOwner::new("https://issuer.example", "ben", "crm"));
            assert_eq!(whose.connect(&Principal::Anonymous, None), None);
            assert!(whose.of(&user("ann"), &CallerKeys::default()).await.is_ok());
            let anonymous = whose.of(&Principal::Anonymous, &CallerKeys::default()).await;
            assert!(!anonymous.is_err_and(|error| error.is_unconnected()));
        }
        // Where nothing can be stored nobody is led there.
        let whose = Whose::new(Some(OperatorKey::Never), Some(real()), None);
        let vault = Vault::new(Arc::new(Memory::default()), Masters::new(&[]));
        let without = whose.keeping(vault, "crm", Addresses::default());
        let error = without.of(&user("ben"), &CallerKeys::default()).await.unwrap_err();
        assert!(!error.is_unconnected() && error.message().contains("API_KEY_ENCRYPTION_SECRET"), "{error}");
    }

    #[tokio::test]
    async fn after_a_stored_key_that_does_not_open_comes_no_other() {
        let (shelf, _) = anns_vault(None).await;
        let whose = |secrets: &[Secret]| {
            let vault = Vault::new(shelf.clone(), Masters::new(secrets));
            let whose = Whose::new(Some(OperatorKey::Fallback), Some(real()), None);
            whose.keeping(vault, "crm", addresses(Some(&real())))
        };
        let ben = KeyOwner::new("https://issuer.example", "ben", "crm");
        for secrets in [vec![], vec![Secret::new("another secret of 32 characters, too")]] {
            let error = whose(&secrets).of(&user(), &CallerKeys::default()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Internal);
        }
        // Another user's record in the place of one's own.
        let right = [Secret::new(SECRET)];
        Vault::new(shelf.clone(), Masters::new(&right)).put(&ben, Secret::new("bens"), None).await.unwrap();
        let bens = shelf.rows()[&ben].clone();
        shelf.rows().insert(ann(), bens);
        let error = whose(&right).of(&user(), &CallerKeys::default()).await.unwrap_err();
        assert!(error.message().contains("cannot be decrypted"), "{error}");
        shelf.fail(true);
        let error = whose(&right).of(&user(), &CallerKeys::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Upstream);
        // Who is not signed in is not concerned.
        let lent = whose(&right).of(&Principal::Anonymous, &CallerKeys::default()).await.unwrap();
        assert_eq!(lent.whose, Owner::Operator);
    }
}
