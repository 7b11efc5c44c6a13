//! With which key, at which address, a call reaches the service behind its pack.

use super::{BoxFuture, CallerKeys, Connect, Principal, Secret, ToolError};
use sha2::{Digest, Sha256};
use std::fmt;
use url::Url;

/// Where the service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// Inside this process: the pack's own sandbox.
    Sandbox,
    /// At an address that the operator named.
    Url(Url),
    /// At an address that a user named with their key: asked by a client for such addresses alone
    /// ([`outside_alone`](super::outside_alone)).
    Public(Url),
}

impl Upstream {
    /// The address; none for the sandbox.
    #[must_use]
    pub const fn url(&self) -> Option<&Url> {
        match self {
            Self::Sandbox => None,
            Self::Url(url) | Self::Public(url) => Some(url),
        }
    }
}

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The operator's, from the configuration.
    Operator,
    /// The caller's own.
    Caller,
}

/// An upstream key together with the address that it belongs to: one never travels without the other.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Where the service is.
    pub upstream: Upstream,
    /// The key; the sandbox needs none.
    pub key: Option<Secret>,
    /// Whose key it is.
    pub whose: Whose,
}

/// Tells credentials apart without holding them; what a pack caches, it keys by this.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialId([u8; 32]);

impl CredentialId {
    /// The id as bytes, to make other ids of: a hash, from which no key can be told.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialId(…)")
    }
}

impl Credential {
    /// The credential's id: SHA-256 over address and key.
    #[must_use]
    pub fn id(&self) -> CredentialId {
        let mut hash = Sha256::new();
        match &self.upstream {
            Upstream::Sandbox => hash.update([0]),
            Upstream::Url(url) | Upstream::Public(url) => {
                hash.update([1]);
                hash.update(url.as_str().len().to_le_bytes());
                hash.update(url.as_str());
            }
        }
        hash.update(self.key.as_ref().map_or("", |key| key.expose()));
        CredentialId(hash.finalize().into())
    }
}

/// Decides which credential a caller's calls use.
pub trait Credentials: Send + Sync {
    /// The credential for this caller, who sent these keys; or the error that tells the way to connect one.
    fn of<'a>(
        &'a self,
        principal: &'a Principal,
        keys: &'a CallerKeys,
    ) -> BoxFuture<'a, Result<Credential, ToolError>>;

    /// The page on which this caller, who has no key, can store one; `app` is what their client calls itself. None where
    /// nobody can.
    fn connect(&self, principal: &Principal, app: Option<&str>) -> Option<Connect> {
        let _ = (principal, app);
        None
    }

    /// Whether there is any credential at all: where there is none, all callers see the same.
    fn are_there(&self) -> bool {
        true
    }
}

/// For packs that reach no service.
pub struct NoCredentials;

impl Credentials for NoCredentials {
    fn of<'a>(&'a self, _: &'a Principal, _: &'a CallerKeys) -> BoxFuture<'a, Result<Credential, ToolError>> {
        Box::pin(async { Err(ToolError::internal("this pack has no credential to ask for")) })
    }

    fn are_there(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(url: &str, key: &str) -> Credential {
        let upstream = Upstream::Url(url.parse().unwrap());
        Credential { upstream, key: Some(Secret::new(key)), whose: Whose::Operator }
    }

    #[test]
    fn ids_differ_by_address_and_by_key() {
        let one = credential("https://a.example/", "k").id();
        assert_eq!(one, credential("https://a.example/", "k").id());
        assert_ne!(one, credential("https://b.example/", "k").id());
        assert_ne!(one, credential("https://a.example/", "l").id());
        assert_ne!(credential("https://a.example/x", "y").id(), credential("https://a.example/", "xy").id());
        // Whoever named an address, what is there is one thing.
        let named = Upstream::Public("https://a.example/".parse().unwrap());
        assert_eq!(one, Credential { upstream: named, ..credential("https://a.example/", "k") }.id());
    }
}
