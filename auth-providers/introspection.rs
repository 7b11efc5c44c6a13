//! Any authorization server that is asked what a token says (RFC 7662): for tokens that mean nothing by themselves.

use crate::auth::kit::{
    Audience, AudienceCheck, Audiences, Claims, Discovery, Fault, Fetcher, PREFIX, Pace, ScopeSettings,
    Verdicts, WebAddress, basic, claimed_issuer, is_signed,
};
use crate::seam::{
    AuthError, AuthProvider, BearerToken, DurationText, ProtectedResource, Scope, Secret, ServedScopes,
    Setup, SetupError, Surface, User,
};
use http::{Method, StatusCode, header};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use url::form_urlencoded::Serializer;

/// The most tokens that are remembered.
const MOST: usize = 10_000;
/// The longest that a token which was taken back may go on.
const LONGEST: DurationText = DurationText::seconds(60);
/// How far the authorization server's clock may be from this server's.
const SKEW: Duration = Duration::from_secs(60);

/// Sign-in by tokens that their authorization server is asked about.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The authorization server, letter for letter as it calls itself, as in `https://id.example.com`.
    issuer: WebAddress,
    /// Where it is asked; unless it is set, where its own document says (`introspection_endpoint`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    introspection_url: Option<WebAddress>,
    /// The name under which this server asks; it is registered there for this.
    #[schemars(length(min = 1))]
    client_id: String,
    /// The secret that goes with it.
    client_secret: Secret,
    /// How both are sent: in the header, or in the body.
    #[serde(default)]
    client_auth_method: ClientAuthMethod,
    /// Audiences that mean this server, beside its own address with `/mcp` behind it: one or a list.
    #[serde(default, skip_serializing_if = "Audiences::is_empty")]
    audience: Audiences,
    /// What becomes of tokens for other audiences: `required` refuses them, `observe` lets them in and logs it.
    #[serde(default)]
    audience_check: AudienceCheck,
    /// The member of the answer that names the caller.
    #[serde(default = "user_claim")]
    #[schemars(length(min = 1))]
    user_claim: String,
    /// How tokens begin that are asked about; unless it is set, all that are not signed and not of another kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    prefix: Option<String>,
    /// Whether signed tokens of this issuer are asked about too, so that one that was taken back is refused.
    #[serde(default)]
    signed: bool,
    /// How long an answer is remembered, at most 60s: so long a token that was taken back may go on.
    #[serde(default = "cache_ttl")]
    cache_ttl: DurationText,
    /// Which scopes clients ask for, and which everybody has.
    #[serde(default)]
    scopes: ScopeSettings,
}

/// How a client says who it is (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ClientAuthMethod {
    /// In the header `Authorization`.
    #[default]
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
}

fn user_claim() -> String {
    "sub".into()
}

const fn cache_ttl() -> DurationText {
    DurationText::seconds(30)
}

/// One authorization server.
pub struct Introspection {
    asked: Arc<Asked>,
    verdicts: Verdicts<User>,
    served: ServedScopes,
}

struct Asked {
    settings: Settings,
    audience: Audience,
    discovery: Discovery,
    fetcher: Fetcher,
}

crate::register!(auth-provider Introspection);

impl AuthProvider for Introspection {
    type Settings = Settings;

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        if settings.issuer.url().query().is_some() {
            return Err(SetupError::at(&["issuer"], "an issuer has no `?`"));
        }
        if settings.cache_ttl > LONGEST {
            let message = "at most 60s: so long a token that was taken back would go on";
            return Err(SetupError::at(&["cache_ttl"], message));
        }
        let fetcher = Fetcher::new()?;
        let discovery = Discovery::new(settings.issuer.clone(), fetcher.clone(), Pace::default());
        let audience = Audience { also: settings.audience.clone(), check: settings.audience_check };
        let verdicts = Verdicts::new(MOST, settings.cache_ttl.0);
        let asked = Arc::new(Asked { settings, audience, discovery, fetcher });
        Ok(Self { asked, verdicts, served: setup.scopes().clone() })
    }

    fn recognises(&self, token: &BearerToken) -> bool {
        let settings = &self.asked.settings;
        if is_signed(token) {
            return settings.signed && claimed_issuer(token).as_deref() == Some(settings.issuer.as_str());
        }
        match &settings.prefix {
            Some(prefix) => token.expose().starts_with(prefix),
            None => !token.expose().starts_with(PREFIX),
        }
    }

    fn takes_what_is_left(&self) -> bool {
        self.asked.settings.prefix.is_none()
    }

    async fn verify(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
        _: Surface,
    ) -> Result<User, AuthError> {
        let (asked, shown, here) = (Arc::clone(&self.asked), token.clone(), here.clone());
        let ask = async move {
            let claims = asked.ask(&shown).await?;
            let user = asked.judge(&claims, &here, Timestamp::now())?;
            Ok((user, claims.expires().unwrap_or(Timestamp::MAX)))
        };
        self.verdicts.get(token, ask).await
    }

    fn authorization_servers(&self, _: &str) -> Vec<String> {
        vec![self.asked.settings.issuer.as_str().to_owned()]
    }

    fn advertised(&self) -> Vec<Scope> {
        self.asked.settings.scopes.advertised(&self.served)
    }

    fn supported(&self) -> Vec<Scope> {
        self.asked.settings.scopes.supported(&self.served)
    }

    async fn metadata(&self, _: &str) -> Result<Option<Arc<Value>>, AuthError> {
        Ok(Some(Arc::clone(&self.asked.discovery.document().await?.whole)))
    }
}

impl Asked {
    /// What the authorization server says of a token, where it says that the token is good.
    async fn ask(&self, token: &BearerToken) -> Result<Claims, AuthError> {
        let at = match &self.settings.introspection_url {
            Some(at) => at.clone(),
            None => self.discovery.address("introspection_endpoint").await?,
        };
        let answer = self.fetcher.send(self.request(token, &at), &at).await?;
        let url = at.as_str();
        match answer.status {
            StatusCode::OK => self.read(answer.json()?).ok_or_else(|| {
                AuthError::Misconfigured(format!("{url} does not say whether a token is good (RFC 7662)"))
            })?,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.not_accepted(url)),
            StatusCode::BAD_REQUEST => Err(match answer.json().ok().as_ref().map(|body| &body["error"]) {
                Some(error) if error == "invalid_client" || error == "unauthorized_client" => {
                    self.not_accepted(url)
                }
                // Some answer so to a token whose form they do not like: that is no fault of the operator.
                _ => {
                    tracing::warn!(url, "the introspection endpoint does not understand a question");
                    AuthError::Invalid
                }
            }),
            status => Err(Fault::Wrong(format!("{url} answers {status}, not what a token says")).into()),
        }
    }

    fn not_accepted(&self, url: &str) -> AuthError {
        let (id, method) = (&self.settings.client_id, self.settings.client_auth_method);
        let method = match method {
            ClientAuthMethod::ClientSecretBasic => "client_secret_basic",
            ClientAuthMethod::ClientSecretPost => "client_secret_post",
        };
        AuthError::Misconfigured(format!(
            "{url} does not accept the client `{id}` with its secret, sent by `{method}`, or does not let it ask"
        ))
    }

    fn request(&self, token: &BearerToken, at: &WebAddress) -> reqwest::RequestBuilder {
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose());
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token.expose()).append_pair("token_type_hint", "access_token");
        let request = self.fetcher.request(Method::POST, at);
        let request = match self.settings.client_auth_method {
            ClientAuthMethod::ClientSecretPost => {
                form.append_pair("client_id", id).append_pair("client_secret", secret);
                request
            }
            ClientAuthMethod::ClientSecretBasic => request.header(header::AUTHORIZATION, basic(id, secret)),
        };
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.finish())
    }

    /// An answer's claims, or that the token is not good; none where it is no such answer.
    fn read(&self, answer: Value) -> Option<Result<Claims, AuthError>> {
        let Value::Object(mut said) = answer else { return None };
        if !said.get("active")?.as_bool()? {
            return Some(Err(AuthError::Invalid));
        }
        // It may leave out that it is itself; another one that it names is another one.
        said.entry("iss").or_insert_with(|| self.settings.issuer.as_str().into());
        Some(Ok(Claims::new(said)))
    }

    /// Whom a token speaks for that its authorization server calls good: what it says is held against our own rules.
    fn judge(&self, claims: &Claims, here: &ProtectedResource, now: Timestamp) -> Result<User, AuthError> {
        let (settings, issuer) = (&self.settings, self.settings.issuer.as_str());
        let bearer = match claims.get("token_type") {
            None | Some(Value::Null) => true,
            Some(Value::String(kind)) => ["bearer", "access_token"].contains(&&*kind.to_ascii_lowercase()),
            Some(_) => false,
        };
        if !bearer || claims.text("iss") != Some(issuer) || claims.are_of_another_kind() {
            return Err(AuthError::Invalid);
        }
        claims.in_time(now.as_second(), SKEW)?;
        self.audience.judge(&claims.audience(), here, issuer)?;
        let mut scopes = claims.scopes(None);
        scopes.extend(settings.scopes.grant.iter().flatten().cloned());
        claims.user(&settings.user_claim, scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn over(mut object: Value, more: &Value) -> Value {
        for (name, value) in more.as_object().unwrap() {
            object[name] = value.clone();
        }
        object.as_object_mut().unwrap().retain(|_, value| *value != "absent");
        object
    }

    fn provider(more: &Value) -> Result<Introspection, SetupError> {
        let least = json!({ "issuer": "https://id.example", "client_id": "rs", "client_secret": "s" });
        Introspection::build(serde_json::from_value(over(least, more)).unwrap(), &Setup::default())
    }

    fn recognised(more: &Value, tokens: &[&str]) -> Vec<bool> {
        let provider = provider(more).unwrap();
        let parsed = tokens.iter().map(|token| BearerToken::parse(token).unwrap());
        parsed.map(|token| provider.recognises(&token)).collect()
    }

    #[test]
    fn opaque_tokens_are_its_own_and_signed_ones_only_where_it_is_told_so() {
        let signed = |claims: &str| {
            format!("eyJhbGciOiJFUzI1NiJ9.{}.AA", {
                base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims)
            })
        };
        let (own, foreign) =
            (signed(r#"{"iss":"https://id.example"}"#), signed(r#"{"iss":"https://id.example/"}"#));
        let tokens = ["opaque", "at_1", "a.b", "a.b.c", "a.b.c.d.e", "tmcp_x", &own, &foreign];
        let yes = [true, true, true, true, true, false, false, false];
        assert_eq!(recognised(&json!({}), &tokens), yes);
        let yes = [false, true, false, false, false, false, false, false];
        assert_eq!(recognised(&json!({ "prefix": "at_" }), &tokens), yes);
        let yes = [false, true, false, false, false, false, true, false];
        assert_eq!(recognised(&json!({ "prefix": "at_", "signed": true }), &tokens), yes);
    }

    #[test]
    fn what_an_answer_says_is_held_against_our_own_rules() {
        let provider = provider(&json!({ "scopes": { "grant": ["crm"] } })).unwrap();
        let (here, now) = (
            ProtectedResource::new(vec!["https://mcp.example".into()]),
            Timestamp::from_second(NOW).unwrap(),
        );
        let judge = |more: Value| {
            let answer = json!({
                "active": true, "sub": "ann", "client_id": "c", "scope": "a b", "token_type": "Bearer",
                "aud": "https://mcp.example/mcp", "iss": "https://id.example", "exp": NOW + 300, "iat": NOW,
            });
            let claims = provider.asked.read(over(answer, &more)).unwrap()?;
            provider.asked.judge(&claims, &here, now)
        };
        let user = judge(json!({})).unwrap();
        assert_eq!((user.subject.as_str(), user.client.as_deref()), ("ann", Some("c")));
        assert_eq!(user.scopes, ["a", "b", "crm"].map(Scope::new).into());
        for good in [
            json!({ "iss": "absent", "exp": "absent", "iat": "absent", "token_type": "absent" }),
            json!({ "token_type": "bearer", "exp": NOW - 59, "nbf": NOW + 60 }),
            json!({ "aud": ["x", "https://mcp.example/mcp/"], "x": {} }),
        ] {
            assert_eq!(judge(good.clone()).unwrap().issuer.as_str(), "https://id.example", "{good}");
        }
        for (bad, error) in [
            (json!({ "active": false }), AuthError::Invalid),
            (json!({ "iss": "https://other.example" }), AuthError::Invalid),
            (json!({ "iss": 7 }), AuthError::Invalid),
            (json!({ "token_type": "DPoP" }), AuthError::Invalid),
            (json!({ "token_type": "refresh_token" }), AuthError::Invalid),
            (json!({ "token_type": [] }), AuthError::Invalid),
            (json!({ "typ": "Refresh" }), AuthError::Invalid),
            (json!({ "exp": NOW - 60 }), AuthError::Expired),
            (json!({ "exp": "soon" }), AuthError::Invalid),
            (json!({ "nbf": NOW + 61 }), AuthError::Invalid),
            (json!({ "aud": "https://other.example/mcp" }), AuthError::WrongAudience),
            (json!({ "aud": "absent" }), AuthError::WrongAudience),
            (json!({ "sub": "absent" }), AuthError::Invalid),
        ] {
            assert_eq!(judge(bad.clone()), Err(error), "{bad}");
        }
    }

    #[test]
    fn an_answer_without_a_verdict_is_none() {
        let provider = provider(&json!({})).unwrap();
        for none in [json!({}), json!([]), json!({ "active": "true" }), json!({ "active": 1 }), json!(true)] {
            assert!(provider.asked.read(none.clone()).is_none(), "{none}");
        }
    }

    #[test]
    fn settings_that_let_in_too_much_are_refused() {
        for (more, key) in [
            (json!({ "cache_ttl": "61s" }), "cache_ttl"),
            (json!({ "issuer": "https://id.example?x" }), "issuer"),
        ] {
            assert_eq!(provider(&more).err().unwrap().key, [key]);
        }
        let shown = serde_json::to_string(&provider(&json!({})).unwrap().asked.settings).unwrap();
        assert!(shown.contains(r#""client_secret":"***""#), "{shown}");
    }
}
