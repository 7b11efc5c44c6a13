//! Whose key a principal uses.

use crate::seam::{BoxFuture, Credential, Credentials, OperatorKey, Principal, ToolError, Upstream};

/// Lends the operator's credential to those callers whom `auth.operator_key` names, and to nobody else.
pub struct Whose {
    policy: OperatorKey,
    operator: Option<Credential>,
}

impl Whose {
    /// With no `policy` given, a sandbox is open to signed-in callers too, a real service is not.
    #[must_use]
    pub fn new(policy: Option<OperatorKey>, operator: Option<Credential>) -> Self {
        let sandbox = operator.as_ref().is_some_and(|operator| operator.upstream == Upstream::Sandbox);
        let default = if sandbox { OperatorKey::Fallback } else { OperatorKey::Anonymous };
        Self { policy: policy.unwrap_or(default), operator }
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
                Err(ToolError::denied("this server's key is not for callers over HTTP").hint(
                    "whoever runs this server can let callers who are not signed in use its key by \
                 `auth.operator_key: anonymous`; over stdio it can be used as it is",
                ))
            }
            (Principal::User(_), OperatorKey::Never | OperatorKey::Anonymous) => {
                Err(ToolError::denied("this server's key is not for signed-in callers").hint(
                    "whoever runs this server can let signed-in callers use its key by \
                 `auth.operator_key: fallback`; connecting a key of one's own is not possible yet",
                ))
            }
        }
    }
}

impl Credentials for Whose {
    fn of<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<Credential, ToolError>> {
        Box::pin(async { self.lend(principal) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{ErrorKind, Issuer, Scopes, Secret, Subject, User, Whose as Owner};

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
        let whose = Whose::new(policy, Some(operator));
        let mut lent = [false; 3];
        for (lent, principal) in lent.iter_mut().zip([Principal::Local, Principal::Anonymous, user()]) {
            *lent = match whose.of(&principal).await {
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
            let whose = Whose::new(policy, None);
            for principal in [Principal::Local, Principal::Anonymous, user()] {
                let error = whose.of(&principal).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Denied, "{policy:?} {principal}");
                assert!(error.next().is_some());
            }
        }
    }
}
