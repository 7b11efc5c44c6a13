//! Whose key a principal uses.

use crate::seam::{
    BoxFuture, CallerKey, CallerKeys, Credential, Credentials, OperatorKey, Principal, ToolError, Upstream,
    Whose as Owner,
};

/// Takes a caller's own key where one came; else lends the operator's credential to those callers whom
/// `auth.operator_key` names, and to nobody else.
pub struct Whose {
    policy: OperatorKey,
    operator: Option<Credential>,
    own: Option<CallerKey>,
}

impl Whose {
    /// With no `policy` given, a sandbox is open to signed-in callers too, a real service is not. `own` is how callers
    /// send a key of their own, where they may.
    #[must_use]
    pub fn new(policy: Option<OperatorKey>, operator: Option<Credential>, own: Option<CallerKey>) -> Self {
        let sandbox = operator.as_ref().is_some_and(|operator| operator.upstream == Upstream::Sandbox);
        let default = if sandbox { OperatorKey::Fallback } else { OperatorKey::Anonymous };
        Self { policy: policy.unwrap_or(default), operator, own }
    }

    /// The caller's own key, at the operator's address: a key that came with a request goes nowhere else.
    fn own(&self, keys: &CallerKeys) -> Option<Credential> {
        let key = keys.of(self.own.as_ref()?)?;
        let upstream = self.operator.as_ref()?.upstream.clone();
        Some(Credential { upstream, key: Some(key.clone()), whose: Owner::Caller })
    }

    fn lend(&self, principal: &Principal) -> Result<Credential, ToolError> {
        match (principal, self.policy) {
            (Principal::Local, _)
            | (Principal::Anonymous, OperatorKey::Anonymous | OperatorKey::Fallback)
            | (Principal::User(_), OperatorKey::Fallback) => self.operator.clone().ok_or_else(|| {
                ToolError::denied("there is no key to make this call with")
                    .hint("whoever runs this server must set one in its configuration")
            }),
            (Principal::Anonymous, OperatorKey::Never) => {
                Err(ToolError::denied("this server's key is not for callers over HTTP").hint(self.way(
                    "whoever runs this server can let callers who are not signed in use its key by \
                     `auth.operator_key: anonymous`; over stdio it can be used as it is",
                )))
            }
            (Principal::User(_), OperatorKey::Never | OperatorKey::Anonymous) => {
                Err(ToolError::denied("this server's key is not for signed-in callers").hint(self.way(
                    "whoever runs this server can let signed-in callers use its key by \
                     `auth.operator_key: fallback`",
                )))
            }
        }
    }

    /// What helps a caller who may not use the operator's key.
    fn way(&self, otherwise: &str) -> String {
        match &self.own {
            Some(own) => format!("send a key of your own in the header `{}`; or {otherwise}", own.header),
            None => format!("{otherwise}; connecting a key of one's own is not possible yet"),
        }
    }
}

impl Credentials for Whose {
    fn of<'a>(
        &'a self,
        principal: &'a Principal,
        keys: &'a CallerKeys,
    ) -> BoxFuture<'a, Result<Credential, ToolError>> {
        Box::pin(async { self.own(keys).map_or_else(|| self.lend(principal), Ok) })
    }

    fn are_there(&self) -> bool {
        self.operator.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{ErrorKind, Issuer, Scopes, Secret, Subject, User};

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
}
