//! Sign-in at a Clerk application: its OAuth access tokens for calls, and its browser sessions for pages.

use super::{
    backend::{ApiVersion, Backend, is_id},
    issuer::issuer,
    kind::Kind,
    opaque,
    people::People,
    scopes::MappedScopes,
    sessions::Sessions,
};
use crate::auth::kit::{
    Algorithm, Audience, AudienceCheck, Audiences, Claims, Discovery, Fault, Fetcher, Jwks, Jwts, Pace,
    PageClient, PageSettings, Rules, TokenCache, TokenType, Verdicts, WebAddress,
};
use crate::seam::{
    Access, AuthError, AuthProvider, BearerToken, DurationText, EnvVar, Pages, ProtectedResource, Scope,
    Scopes, Secret, Setup, SetupError, Surface, User,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Where Clerk's Backend API is for everybody.
pub(super) const API: &str = "https://api.clerk.com/v1";
/// The most tokens of one kind that are remembered.
const MOST: usize = 10_000;
/// How long a signed token is remembered at most: as long as a key that Clerk took away may still be used.
const LONGEST: Duration = Duration::from_secs(300);
/// The most that the clocks may differ.
const MOST_SKEW: Duration = Duration::from_secs(600);

/// Sign-in at a Clerk application. One of `publishable_key`, `domain` and `issuer` must be set.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The publishable key, from Clerk's dashboard (API Keys): it names the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    publishable_key: Option<String>,
    /// The secret key: Clerk is asked with it about opaque tokens, sessions, and whether a user is banned. Without it
    /// signed access tokens alone are let in, and nobody is known to be banned.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<Secret>,
    /// The domain of the application's Frontend API, as in `clerk.example.com`: another way to name the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    domain: Option<String>,
    /// The issuer itself, letter for letter as in its tokens, as in `https://clerk.example.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<WebAddress>,
    /// Where Clerk's Backend API is; unless it is set, `https://api.clerk.com/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_url: Option<WebAddress>,
    /// The version of the Backend API that is asked for.
    api_version: ApiVersion,
    /// Audiences that mean this server, beside its own address with `/mcp` behind it: one or a list.
    #[serde(skip_serializing_if = "Audiences::is_empty")]
    audience: Audiences,
    /// What becomes of tokens for other audiences, and of those that name none: `required` refuses them, `observe` lets
    /// them in and logs it.
    audience_check: AudienceCheck,
    /// How far Clerk's clock may be from this server's, at most 10m.
    clock_skew: DurationText,
    /// The origins of pages, beside this server's own, whose sessions open pages of this server, as in
    /// `https://app.example.com`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorized_parties: Vec<String>,
    /// Which scopes clients ask for, and which ones callers have.
    scopes: MappedScopes,
    /// The OAuth application as which this server finds out who is at its page for keys; without one there is no such
    /// page.
    #[serde(skip_serializing_if = "Option::is_none")]
    connect: Option<PageSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            publishable_key: None,
            secret_key: None,
            domain: None,
            issuer: None,
            api_url: None,
            api_version: ApiVersion::default(),
            audience: Audiences::default(),
            audience_check: AudienceCheck::default(),
            clock_skew: DurationText::seconds(5),
            authorized_parties: Vec::new(),
            scopes: MappedScopes::default(),
            connect: None,
        }
    }
}

/// One application.
pub struct Clerk {
    issuer: WebAddress,
    discovery: Discovery,
    audience: Audience,
    scopes: MappedScopes,
    /// What everybody may do, unless the settings say it.
    stock: Scopes,
    jwts: Jwts,
    signed: TokenCache<User>,
    asked: Option<Asked>,
    pages: Option<PageClient>,
}

/// What takes the secret key.
struct Asked {
    backend: Backend,
    opaque: Verdicts<Arc<Claims>>,
    people: People,
    sessions: Sessions,
}

crate::register!(auth-provider Clerk);

impl AuthProvider for Clerk {
    type Settings = Settings;
    const ENV: &'static [EnvVar] = &[
        EnvVar { name: "CLERK_PUBLISHABLE_KEY", key: "publishable_key" },
        EnvVar { name: "CLERK_SECRET_KEY", key: "secret_key" },
        EnvVar { name: "CLERK_DOMAIN", key: "domain" },
    ];

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        let named = (settings.publishable_key.as_deref(), settings.domain.as_deref());
        let issuer = issuer(named.0, named.1, settings.issuer.as_ref())?;
        if settings.clock_skew.0 > MOST_SKEW {
            return Err(SetupError::at(&["clock_skew"], "clocks may differ by at most 10m"));
        }
        let at = |key: &'static str| move |error| SetupError::at(&[key], error);
        let keys = format!("{}/.well-known/jwks.json", issuer.as_str());
        let keys = WebAddress::parse(&keys).map_err(at("issuer"))?;
        let (fetcher, pace) = (Fetcher::new()?, Pace::default());
        let keys = Jwks::new(fetcher.clone(), pace, move || {
            let keys = keys.clone();
            Box::pin(async { Ok::<_, Fault>(keys) })
        });
        let audience = Audience { also: settings.audience, check: settings.audience_check };
        let rules = |token_type| Rules {
            issuer: issuer.as_str().to_owned(),
            algorithms: vec![Algorithm::RS256, Algorithm::RS384, Algorithm::RS512],
            token_type,
            audience: audience.clone(),
            skew: settings.clock_skew.0,
        };
        let asked = match &settings.secret_key {
            None => None,
            Some(key) => {
                let url = match settings.api_url {
                    Some(url) => url,
                    None => WebAddress::parse(API).map_err(at("api_url"))?,
                };
                let backend = Backend::new(fetcher.clone(), &url, settings.api_version, key)?;
                let jwts = Jwts { rules: rules(TokenType::Any), keys: keys.clone() };
                Some(Asked {
                    opaque: Verdicts::new(MOST, opaque::LONGEST),
                    people: People::new(backend.clone()),
                    sessions: Sessions::new(jwts, settings.authorized_parties, backend.clone()),
                    backend,
                })
            }
        };
        let discovery = Discovery::new(issuer.clone(), fetcher.clone(), pace);
        let pages = settings
            .connect
            .map(|connect| PageClient::new(connect, issuer.clone(), discovery.clone(), fetcher));
        Ok(Self {
            discovery,
            pages,
            jwts: Jwts { rules: rules(TokenType::AccessToken), keys },
            signed: TokenCache::new(MOST, LONGEST),
            scopes: settings.scopes,
            stock: setup.scopes().up_to(Access::Write).into_iter().collect(),
            issuer,
            audience,
            asked,
        })
    }

    fn recognises(&self, token: &BearerToken) -> bool {
        Kind::of(token, self.issuer.as_str()).is_some()
    }

    async fn verify(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
        surface: Surface,
    ) -> Result<User, AuthError> {
        let user = match (Kind::of(token, self.issuer.as_str()), &self.asked) {
            (Some(Kind::Signed), _) => self.signed(token, here).await?,
            (Some(Kind::Opaque), Some(asked)) if opaque::is_plausible(token.expose()) => {
                self.opaque(asked, token, here).await?
            }
            (Some(Kind::Session), Some(asked)) if surface == Surface::Pages => {
                self.user(&asked.sessions.claims(token, here).await?)?
            }
            (Some(kind @ (Kind::Opaque | Kind::Session)), None) => {
                tracing::warn!(?kind, "a token came that Clerk must be asked about: `secret_key` is not set");
                return Err(AuthError::Invalid);
            }
            _ => return Err(AuthError::Invalid),
        };
        if let Some(asked) = &self.asked {
            asked.people.check(user.subject.as_str()).await?;
        }
        Ok(user)
    }

    fn authorization_servers(&self, _: &str) -> Vec<String> {
        vec![self.issuer.as_str().to_owned()]
    }

    fn advertised(&self) -> Vec<Scope> {
        self.scopes.advertised()
    }

    async fn metadata(&self, _: &str) -> Result<Option<Arc<Value>>, AuthError> {
        Ok(Some(Arc::clone(&self.discovery.document().await?.whole)))
    }

    fn pages(&self) -> Option<&dyn Pages> {
        self.pages.as_ref().map(|pages| pages as _)
    }
}

impl Clerk {
    async fn signed(&self, token: &BearerToken, here: &ProtectedResource) -> Result<User, AuthError> {
        if let Some(user) = self.signed.get(token, Timestamp::now()) {
            return Ok(user);
        }
        let claims = self.jwts.claims(token, here).await?;
        let user = self.user(&claims)?;
        if let Some(expires) = claims.expires() {
            self.signed.put(token, user.clone(), expires, Timestamp::now());
        }
        Ok(user)
    }

    async fn opaque(
        &self,
        asked: &Asked,
        token: &BearerToken,
        here: &ProtectedResource,
    ) -> Result<User, AuthError> {
        let (backend, shown, issuer) = (asked.backend.clone(), token.clone(), self.issuer.clone());
        let ask = async move {
            let answer = backend.access_token(shown.expose()).await?.ok_or(AuthError::Invalid)?;
            let (claims, until) = opaque::read(&answer, issuer.as_str(), Timestamp::now())?;
            Ok((Arc::new(claims), until))
        };
        let claims = asked.opaque.get(token, ask).await?;
        self.audience.judge(&claims.audience(), here, self.issuer.as_str())?;
        self.user(&claims)
    }

    /// Whom a token speaks for. Only people sign in here.
    fn user(&self, claims: &Claims) -> Result<User, AuthError> {
        let user = claims.user("sub", self.scopes.of(claims, &self.stock))?;
        if is_id(user.subject.as_str(), "user_") { Ok(user) } else { Err(AuthError::Invalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn provider(settings: Value) -> Result<Clerk, SetupError> {
        Clerk::build(serde_json::from_value(settings).unwrap(), &Setup::default())
    }

    #[test]
    fn a_publishable_key_is_all_that_must_be_said() {
        let provider = provider(json!({ "publishable_key": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k" })).unwrap();
        assert_eq!(AuthProvider::authorization_servers(&provider, ""), ["https://clerk.example.com"]);
        assert_eq!(AuthProvider::advertised(&provider), ["openid", "profile", "email"].map(Scope::new));
        assert!(provider.asked.is_none());
    }

    #[test]
    fn nothing_set_tells_what_to_set() {
        for settings in [json!({}), json!({ "secret_key": "sk_test_LEAK" })] {
            let error = provider(settings).err().unwrap();
            assert!(error.key.is_empty() && error.message.contains("CLERK_PUBLISHABLE_KEY"), "{error}");
            assert!(!error.message.contains("LEAK"));
        }
    }

    #[test]
    fn settings_that_cannot_be_meant_are_refused() {
        for (more, key) in [
            (json!({ "publishable_key": "pk_test_x" }), "publishable_key"),
            (json!({ "domain": "other.example.com" }), "issuer"),
            (json!({ "clock_skew": "11m" }), "clock_skew"),
            (json!({ "secret_key": "pk_test_x" }), "secret_key"),
            (json!({ "secret_key": "sk_x", "api_url": "https://api.example/v1?x" }), "api_url"),
        ] {
            let mut settings = json!({ "issuer": "https://clerk.example.com" });
            settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert_eq!(provider(settings).err().unwrap().key, [key]);
        }
        for settings in [
            json!({ "issuer": "http://clerk.example.com" }),
            json!({ "api_url": "http://api.example.com/v1" }),
            json!({ "api_version": "2021-02-05" }),
            json!({ "key": "x" }),
        ] {
            assert!(serde_json::from_value::<Settings>(settings.clone()).is_err(), "{settings}");
        }
    }
}
