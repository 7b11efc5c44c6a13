//! Any OpenID Connect provider or OAuth 2.1 authorization server that signs its access tokens (RFC 9068).

use crate::auth::kit::{
    Algorithm, Audience, AudienceCheck, Audiences, Discovery, Fetcher, Jwks, Jwts, Pace, PageClient,
    PageSettings, Rules, ScopeSettings, TokenCache, TokenType, WebAddress, claimed_issuer,
};
use crate::seam::{
    AuthError, AuthProvider, BearerToken, DurationText, Pages, ProtectedResource, Scope, ServedScopes, Setup,
    SetupError, Surface, User,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// The most tokens that are remembered.
const MOST: usize = 10_000;
/// How long a token is remembered at most: as long as a key that its issuer took away may still be used.
const LONGEST: Duration = Duration::from_secs(300);
/// The most that the clocks may differ.
const MOST_SKEW: Duration = Duration::from_secs(600);

/// Sign-in by the access tokens of one issuer. Everything that is not set here it tells itself.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The issuer, letter for letter as in its tokens, as in `https://id.example.com`.
    issuer: WebAddress,
    /// Audiences that mean this server, beside its own address with `/mcp` behind it: one or a list.
    #[serde(default, skip_serializing_if = "Audiences::is_empty")]
    audience: Audiences,
    /// What becomes of tokens for other audiences: `required` refuses them, `observe` lets them in and logs it.
    #[serde(default)]
    audience_check: AudienceCheck,
    /// Where the issuer's keys are; unless it is set, where the issuer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwks_url: Option<WebAddress>,
    /// How tokens may be signed.
    #[serde(default = "algorithms")]
    #[schemars(length(min = 1))]
    algorithms: Vec<Algorithm>,
    /// Which tokens are access tokens: `at+jwt`, those whose header says so; `any`, also those of providers that do not
    /// say it.
    #[serde(default)]
    typ: TokenType,
    /// The claim that names the caller.
    #[serde(default = "user_claim")]
    #[schemars(length(min = 1))]
    user_claim: String,
    /// The claim that lists scopes; unless it is set, `scope` or else `scp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    scope_claim: Option<String>,
    /// How far the issuer's clock may be from this server's, at most 10m.
    #[serde(default = "clock_skew")]
    clock_skew: DurationText,
    /// Which scopes clients ask for, and which everybody has.
    #[serde(default)]
    scopes: ScopeSettings,
    /// The client as which this server finds out who is at its page for keys; without one there is no such page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connect: Option<PageSettings>,
}

fn algorithms() -> Vec<Algorithm> {
    Algorithm::ALL.to_vec()
}

fn user_claim() -> String {
    "sub".into()
}

const fn clock_skew() -> DurationText {
    DurationText::seconds(60)
}

/// One issuer.
pub struct Oidc {
    settings: Settings,
    discovery: Discovery,
    jwts: Jwts,
    known: TokenCache<User>,
    served: ServedScopes,
    pages: Option<PageClient>,
}

crate::register!(auth-provider Oidc);

impl AuthProvider for Oidc {
    type Settings = Settings;

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        if settings.issuer.url().query().is_some() {
            return Err(SetupError::at(&["issuer"], "an issuer has no `?`"));
        }
        if settings.clock_skew.0 > MOST_SKEW {
            return Err(SetupError::at(&["clock_skew"], "clocks may differ by at most 10m"));
        }
        let (fetcher, pace) = (Fetcher::new()?, Pace::default());
        let discovery = Discovery::new(settings.issuer.clone(), fetcher.clone(), pace);
        let (given, found) = (settings.jwks_url.clone(), discovery.clone());
        let keys = Jwks::new(fetcher.clone(), pace, move || {
            let (given, found) = (given.clone(), found.clone());
            Box::pin(async move {
                match given {
                    Some(given) => Ok(given),
                    None => found.address("jwks_uri").await,
                }
            })
        });
        let rules = Rules {
            issuer: settings.issuer.as_str().to_owned(),
            algorithms: settings.algorithms.clone(),
            token_type: settings.typ,
            audience: Audience { also: settings.audience.clone(), check: settings.audience_check },
            skew: settings.clock_skew.0,
        };
        let known = TokenCache::new(MOST, LONGEST);
        let served = setup.scopes().clone();
        let connect = settings.connect.clone();
        let pages = connect
            .map(|connect| PageClient::new(connect, settings.issuer.clone(), discovery.clone(), fetcher));
        Ok(Self { settings, discovery, jwts: Jwts { rules, keys }, known, served, pages })
    }

    fn recognises(&self, token: &BearerToken) -> bool {
        claimed_issuer(token).is_some_and(|issuer| issuer == self.settings.issuer.as_str())
    }

    async fn verify(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
        _: Surface,
    ) -> Result<User, AuthError> {
        if let Some(user) = self.known.get(token, Timestamp::now()) {
            return Ok(user);
        }
        let claims = self.jwts.claims(token, here).await?;
        let mut scopes = claims.scopes(self.settings.scope_claim.as_deref());
        scopes.extend(self.settings.scopes.grant.iter().flatten().cloned());
        let user = claims.user(&self.settings.user_claim, scopes)?;
        if let Some(expires) = claims.expires() {
            self.known.put(token, user.clone(), expires, Timestamp::now());
        }
        Ok(user)
    }

    fn authorization_servers(&self, _: &str) -> Vec<String> {
        vec![self.settings.issuer.as_str().to_owned()]
    }

    fn advertised(&self) -> Vec<Scope> {
        self.settings.scopes.advertised(&self.served)
    }

    fn supported(&self) -> Vec<Scope> {
        self.settings.scopes.supported(&self.served)
    }

    async fn metadata(&self, _: &str) -> Result<Option<Arc<Value>>, AuthError> {
        Ok(Some(Arc::clone(&self.discovery.document().await?.whole)))
    }

    fn pages(&self) -> Option<&dyn Pages> {
        self.pages.as_ref().map(|pages| pages as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    fn provider(settings: Value) -> Result<Oidc, SetupError> {
        Oidc::build(serde_json::from_value(settings).unwrap(), &Setup::default())
    }

    fn token(claims: &Value) -> BearerToken {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "ES256", "typ": "at+jwt" }));
        BearerToken::parse(&format!("{header}.{}.AA", part(claims))).unwrap()
    }

    #[test]
    fn rule_14_tokens_are_known_by_their_issuer_letter_for_letter() {
        let provider = provider(json!({ "issuer": "https://id.example" })).unwrap();
        assert!(provider.recognises(&token(&json!({ "iss": "https://id.example" }))));
        for other in ["https://id.example/", "https://ID.example", "https://other.example", ""] {
            assert!(!provider.recognises(&token(&json!({ "iss": other }))), "{other}");
        }
        for opaque in ["oat_x", "a.b.c", "a.b.c.d", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(!provider.recognises(&BearerToken::parse(opaque).unwrap()), "{opaque}");
        }
    }

    #[test]
    fn an_issuer_is_all_that_must_be_said() {
        let provider = provider(json!({ "issuer": "https://id.example" })).unwrap();
        assert_eq!(AuthProvider::authorization_servers(&provider, ""), ["https://id.example"]);
        assert_eq!(provider.settings.clock_skew, DurationText::seconds(60));
        assert!(AuthProvider::advertised(&provider).is_empty());
    }

    #[test]
    fn settings_that_let_in_too_much_are_refused() {
        for (settings, key) in [
            (json!({ "issuer": "https://id.example?x" }), "issuer"),
            (json!({ "issuer": "https://id.example", "clock_skew": "11m" }), "clock_skew"),
        ] {
            assert_eq!(provider(settings).err().unwrap().key, [key]);
        }
        for settings in [
            json!({ "issuer": "http://id.example" }),
            json!({ "issuer": "https://id.example", "algorithms": ["HS256"] }),
            json!({ "issuer": "https://id.example", "algorithms": ["none"] }),
            json!({ "issuer": "https://id.example", "jwks_url": "http://id.example/keys" }),
        ] {
            assert!(serde_json::from_value::<Settings>(settings.clone()).is_err(), "{settings}");
        }
    }
}
