//! An auth provider: it says whom a bearer token speaks for.

use super::{
    BoxFuture, EnvVar, Origin, Pages, ProtectedResource, Scope, Scopes, Secret, SettingsEntry, Setup,
    SetupError, Surface, User, settings::taken,
};
use poem::endpoint::BoxEndpoint;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{any::Any, sync::Arc};

/// A bearer token as it came (RFC 6750): bounded in length, not yet believed, never printed.
#[derive(Clone, Debug)]
pub struct BearerToken(Secret);

impl BearerToken {
    /// The longest token that is looked at, in bytes.
    pub const MOST: usize = 16 * 1024;

    /// A token in the form that RFC 6750 section 2.1 gives it; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.trim_end_matches('=');
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
        let good = !body.is_empty() && text.len() <= Self::MOST && body.bytes().all(fits);
        good.then(|| Self(Secret::new(text)))
    }

    /// The token itself, for the one place that checks it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Why a token is not accepted, or cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Not a token of ours: malformed, forged, revoked, unknown.
    #[error("the access token is not valid")]
    Invalid,
    /// It was good until a while ago.
    #[error("the access token has expired")]
    Expired,
    /// It is good, and for another server.
    #[error("the access token is for another server; ask for one with this server as its resource")]
    WrongAudience,
    /// It is good, and does not allow this: the scopes that would (403).
    #[error("the access token does not allow this")]
    InsufficientScope(Scopes),
    /// The provider cannot be asked just now; says nothing about the token (503, never 401).
    #[error("the sign-in service cannot be reached just now; try again shortly")]
    Unavailable {
        /// Seconds after which it is worth to ask again.
        retry_after: u64,
    },
    /// The provider refuses us: the operator must look (500; the log has the reason).
    #[error("the server's sign-in is misconfigured; its log has the reason")]
    Misconfigured(String),
}

impl AuthError {
    /// The provider cannot be asked, and does not say until when.
    pub const UNAVAILABLE: Self = Self::Unavailable { retry_after: 10 };
}

/// A way to sign in. Its key in config.yaml is the name of its file in `auth-providers/`, with `_` as `-`.
pub trait AuthProvider: Sized + Send + Sync + 'static {
    /// What the operator may set, below `auth.providers.<provider>`. Field docs are the user's documentation.
    type Settings: DeserializeOwned + Serialize + JsonSchema + Send + 'static;
    /// Environment variables that lie over the file.
    const ENV: &'static [EnvVar] = &[];

    /// Builds the provider; starts nothing and reaches for nothing.
    ///
    /// # Errors
    /// The settings fit their schema and still make no provider.
    fn build(settings: Self::Settings, setup: &Setup) -> Result<Self, SetupError>;

    /// Whether a token is this provider's to judge, by its form alone: it is shown to no other then.
    fn recognises(&self, token: &BearerToken) -> bool;

    /// Whether it takes tokens of any form: it is asked only about those that no other provider recognises.
    fn takes_what_is_left(&self) -> bool {
        false
    }

    /// Whom the token speaks for. `here` is what this server is called: a token says for whom it was given out.
    /// `surface` is what it shall open: most tokens open all or nothing.
    ///
    /// # Errors
    /// The token is not accepted, or cannot be judged just now.
    fn verify(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
        surface: Surface,
    ) -> impl Future<Output = Result<User, AuthError>> + Send;

    /// Who gives out tokens: issuers of authorization servers, for the protected-resource document. `base` is the base
    /// URL that was asked: the name of a provider that lives in this server.
    fn authorization_servers(&self, _base: &str) -> Vec<String> {
        Vec::new()
    }

    /// The scopes that clients are told to ask for when they sign in; the fewer the better.
    fn advertised(&self) -> Vec<Scope> {
        Vec::new()
    }

    /// All scopes that clients may ask for, for the protected-resource document.
    fn supported(&self) -> Vec<Scope> {
        self.advertised()
    }

    /// The authorization server's own metadata document (RFC 8414), to be relayed as it is; none where it has none.
    /// `base` is the base URL that was asked.
    ///
    /// # Errors
    /// It cannot be had just now.
    fn metadata(&self, _base: &str) -> impl Future<Output = Result<Option<Arc<Value>>, AuthError>> + Send {
        async { Ok(None) }
    }

    /// The routes of an authorization server that lives in this one, below [`ROUTES`]; none for one that lives
    /// elsewhere. Which pages may call it, it decides itself, route by route. What this server is called, a [`ProtectedResource`],
    /// it finds in a request's extensions.
    fn endpoint(&self) -> Option<BoxEndpoint<'static>> {
        None
    }

    /// How people sign in at pages of this server by this provider; none where they cannot.
    fn pages(&self) -> Option<&dyn Pages> {
        None
    }

    /// What a person should know who has just started the server at `base`: how a token is had, in a line or two.
    fn welcome(&self, _base: &str) -> Option<String> {
        None
    }
}

/// The path below which the routes of an authorization server are that lives in this one.
pub const ROUTES: &str = "/oauth/";

/// An [`AuthProvider`] freed of its type.
pub trait Verifier: Send + Sync {
    /// See [`AuthProvider::recognises`].
    fn recognises(&self, token: &BearerToken) -> bool;

    /// See [`AuthProvider::takes_what_is_left`].
    fn takes_what_is_left(&self) -> bool;

    /// See [`AuthProvider::verify`].
    fn verify<'a>(
        &'a self,
        token: &'a BearerToken,
        here: &'a ProtectedResource,
        surface: Surface,
    ) -> BoxFuture<'a, Result<User, AuthError>>;

    /// See [`AuthProvider::authorization_servers`].
    fn authorization_servers(&self, base: &str) -> Vec<String>;

    /// See [`AuthProvider::advertised`].
    fn advertised(&self) -> Vec<Scope>;

    /// See [`AuthProvider::supported`].
    fn supported(&self) -> Vec<Scope>;

    /// See [`AuthProvider::metadata`].
    fn metadata<'a>(&'a self, base: &'a str) -> BoxFuture<'a, Result<Option<Arc<Value>>, AuthError>>;

    /// See [`AuthProvider::endpoint`].
    fn endpoint(&self) -> Option<BoxEndpoint<'static>>;

    /// See [`AuthProvider::pages`].
    fn pages(&self) -> Option<&dyn Pages> {
        None
    }

    /// See [`AuthProvider::welcome`].
    fn welcome(&self, base: &str) -> Option<String>;
}

impl<P: AuthProvider> Verifier for P {
    fn recognises(&self, token: &BearerToken) -> bool {
        AuthProvider::recognises(self, token)
    }

    fn takes_what_is_left(&self) -> bool {
        AuthProvider::takes_what_is_left(self)
    }

    fn verify<'a>(
        &'a self,
        token: &'a BearerToken,
        here: &'a ProtectedResource,
        surface: Surface,
    ) -> BoxFuture<'a, Result<User, AuthError>> {
        Box::pin(AuthProvider::verify(self, token, here, surface))
    }

    fn authorization_servers(&self, base: &str) -> Vec<String> {
        AuthProvider::authorization_servers(self, base)
    }

    fn advertised(&self) -> Vec<Scope> {
        AuthProvider::advertised(self)
    }

    fn supported(&self) -> Vec<Scope> {
        AuthProvider::supported(self)
    }

    fn metadata<'a>(&'a self, base: &'a str) -> BoxFuture<'a, Result<Option<Arc<Value>>, AuthError>> {
        Box::pin(AuthProvider::metadata(self, base))
    }

    fn endpoint(&self) -> Option<BoxEndpoint<'static>> {
        AuthProvider::endpoint(self)
    }

    fn pages(&self) -> Option<&dyn Pages> {
        AuthProvider::pages(self)
    }

    fn welcome(&self, base: &str) -> Option<String> {
        AuthProvider::welcome(self, base)
    }
}

/// Builds a provider from its settings.
pub type BuildProvider = fn(Box<dyn Any + Send>, &Setup) -> Result<Arc<dyn Verifier>, SetupError>;

/// A registered auth provider.
pub struct AuthProviderEntry {
    /// Where it was registered.
    pub origin: Origin,
    /// Its settings.
    pub settings: SettingsEntry,
    /// Its environment variables.
    pub env: &'static [EnvVar],
    /// Builds it from settings that `settings.read` made.
    pub build: BuildProvider,
}

inventory::collect!(AuthProviderEntry);

impl AuthProviderEntry {
    /// The entry of a provider; `register!` calls it.
    #[must_use]
    pub const fn of<P: AuthProvider>(module: &'static str, line: u32) -> Self {
        Self {
            origin: Origin::new(module, line),
            settings: SettingsEntry::of::<P::Settings>(),
            env: P::ENV,
            build: |settings, setup| Ok(Arc::new(P::build(taken(settings)?, setup)?)),
        }
    }

    /// Every provider that is linked in, in the order of their files.
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

    #[test]
    fn only_well_formed_tokens_are_looked_at() {
        for good in ["abc", "a.b-c_d~e+f/g==", &"x".repeat(BearerToken::MOST)] {
            assert!(BearerToken::parse(good).is_some(), "{good}");
        }
        for bad in ["", "=", "a b", "a\tb", "a,b", "é", "a=b", &"x".repeat(BearerToken::MOST + 1)] {
            assert!(BearerToken::parse(bad).is_none(), "{bad}");
        }
        assert!(!format!("{:?}", BearerToken::parse("hunter2")).contains("hunter2"));
    }
}
