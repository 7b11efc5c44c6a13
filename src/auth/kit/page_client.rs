//! This server as a client of an authorization server, which finds out who is at its pages: by code with PKCE, for a token
//! for itself (OAuth 2.1, RFC 7636, RFC 8707, RFC 9207).

use super::{Discovery, Fault, Fetcher, WebAddress, basic};
use crate::seam::{AuthError, BearerToken, BoxFuture, Pages, Scope, Secret, SignIn, SignedIn};
use http::{Method, StatusCode, header};
use reqwest::RequestBuilder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// The client as which this server finds out who is at its pages.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageSettings {
    /// The client's id. It is registered at the provider with the redirect URI `<public_url>/connect/callback`.
    #[schemars(length(min = 1))]
    client_id: String,
    /// The client's secret, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Secret>,
    /// The scopes that are asked for.
    #[serde(default = "scopes")]
    scopes: Vec<Scope>,
}

fn scopes() -> Vec<Scope> {
    vec![Scope::new("openid")]
}

/// Such a client of one issuer.
pub struct PageClient {
    settings: PageSettings,
    issuer: WebAddress,
    discovery: Discovery,
    fetcher: Fetcher,
}

impl PageClient {
    /// The client with these settings, of the issuer whose document this is.
    #[must_use]
    pub const fn new(
        settings: PageSettings,
        issuer: WebAddress,
        discovery: Discovery,
        fetcher: Fetcher,
    ) -> Self {
        Self { settings, issuer, discovery, fetcher }
    }

    async fn asking(&self, of: &SignIn) -> Result<String, AuthError> {
        let at = self.discovery.address("authorization_endpoint").await?;
        let mut url = at.url().clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("redirect_uri", &of.redirect())
                .append_pair("state", &of.state)
                .append_pair("code_challenge", &of.challenge())
                .append_pair("code_challenge_method", "S256")
                .append_pair("resource", &of.resource());
            let scopes: Vec<&str> = self.settings.scopes.iter().map(Scope::as_str).collect();
            if !scopes.is_empty() {
                query.append_pair("scope", &scopes.join(" "));
            }
        }
        Ok(url.into())
    }

    async fn redeemed(&self, back: &SignedIn, of: &SignIn) -> Result<BearerToken, AuthError> {
        let document = Arc::clone(&self.discovery.document().await?.whole);
        let says_who =
            document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
        match &back.issuer {
            Some(issuer) if issuer != self.issuer.as_str() => return Err(AuthError::Invalid),
            None if says_who => return Err(AuthError::Invalid),
            _ => {}
        }
        let at = self.discovery.address("token_endpoint").await?;
        let request = self.request(&at, by_header(&document), back, of);
        let answer = self.fetcher.send(request, &at).await?;
        let told = answer.json().ok();
        let member = |name: &str| told.as_ref().and_then(|told| told.get(name)).and_then(Value::as_str);
        let wrong = |what: &str| AuthError::from(Fault::Wrong(format!("{} {what}", at.as_str())));
        match (answer.status, member("error")) {
            (StatusCode::OK, _) => {
                let bearer = member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
                let token = member("access_token").filter(|_| bearer).and_then(BearerToken::parse);
                token.ok_or_else(|| wrong("gives no bearer token for a code"))
            }
            (StatusCode::BAD_REQUEST, Some("invalid_grant")) => Err(AuthError::Invalid),
            (status, Some(error @ ("invalid_client" | "unauthorized_client"))) => {
                Err(wrong(&format!("answers {status} `{error}` to the client of `connect`")))
            }
            (status, _) => Err(wrong(&format!("answers {status} to a code"))),
        }
    }

    fn request(&self, at: &WebAddress, in_header: bool, back: &SignedIn, of: &SignIn) -> RequestBuilder {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", back.code.expose())
            .append_pair("redirect_uri", &of.redirect())
            .append_pair("code_verifier", &of.verifier)
            .append_pair("resource", &of.resource());
        let mut request = self.fetcher.request(Method::POST, at);
        let id = &self.settings.client_id;
        match &self.settings.client_secret {
            Some(secret) if in_header => {
                request = request.header(header::AUTHORIZATION, basic(id, secret.expose()));
            }
            secret => {
                form.append_pair("client_id", id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.expose());
                }
            }
        }
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.finish())
    }
}

impl Pages for PageClient {
    fn address<'a>(&'a self, of: &'a SignIn) -> BoxFuture<'a, Result<String, AuthError>> {
        Box::pin(self.asking(of))
    }

    fn redeem<'a>(
        &'a self,
        back: &'a SignedIn,
        of: &'a SignIn,
    ) -> BoxFuture<'a, Result<BearerToken, AuthError>> {
        Box::pin(self.redeemed(back, of))
    }
}

/// Whether the secret goes into the header: where the document does not say it, it does (RFC 8414 section 2).
fn by_header(document: &Value) -> bool {
    let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_goes_into_the_header_unless_the_document_says_otherwise() {
        assert!(by_header(&json!({})));
        let says = |methods: Value| by_header(&json!({ "token_endpoint_auth_methods_supported": methods }));
        assert!(says(json!(["none", "client_secret_basic"])));
        assert!(!says(json!(["none", "client_secret_post"])));
        let settings: PageSettings =
            serde_json::from_value(json!({ "client_id": "a", "client_secret": "hunter2" })).unwrap();
        assert!(!serde_json::to_string(&settings).unwrap().contains("hunter2"));
        assert_eq!(settings.scopes, [Scope::new("openid")]);
    }
}
