//! Somebody signs in at a page of this server, so that it knows who it is.

use super::{AuthError, BearerToken, BoxFuture, ProtectedResource, Secret};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The path on which a browser comes back.
pub const CALLBACK: &str = "/connect/callback";

/// One sign-in at a page of this server: an OAuth 2.1 authorization request by code, with PKCE, for a token for this
/// server, which says who it is and is thrown away then.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// The base URL of this server by which it is done; without a slash at its end.
    pub base: String,
    /// What comes back as it was, from that browser alone.
    pub state: String,
    /// What proves that who redeems the code is who asked for it (RFC 7636).
    pub verifier: String,
}

impl SignIn {
    /// Where the browser is sent back to.
    #[must_use]
    pub fn redirect(&self) -> String {
        format!("{}{CALLBACK}", self.base)
    }

    /// The S256 challenge of the verifier.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// The resource that the token shall be for (RFC 8707): this server.
    #[must_use]
    pub fn resource(&self) -> String {
        ProtectedResource::identifier(&self.base)
    }
}

/// What a browser came back with.
#[derive(Clone)]
pub struct SignedIn {
    /// The code.
    pub code: Secret,
    /// Who says that it gave the code, where it says so (RFC 9207).
    pub issuer: Option<String>,
}

/// Finds out who is at a page of this server, as whom a provider knows them.
pub trait Pages: Send + Sync {
    /// Where somebody's browser is sent to sign in, and comes back from as `of` says.
    ///
    /// # Errors
    /// That cannot be told just now.
    fn address<'a>(&'a self, of: &'a SignIn) -> BoxFuture<'a, Result<String, AuthError>>;

    /// The access token for what a browser came back with, still to be verified.
    ///
    /// # Errors
    /// The code is none, or is not that of this sign-in; or it cannot be redeemed just now.
    fn redeem<'a>(
        &'a self,
        back: &'a SignedIn,
        of: &'a SignIn,
    ) -> BoxFuture<'a, Result<BearerToken, AuthError>>;
}
