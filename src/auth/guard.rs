//! The bearer guard: in front of an endpoint it finds out who calls, or answers why nobody may.

use super::{
    bearer::bearer,
    challenge::{Refusal, Way},
    placeholder::is_placeholder,
};
use crate::{
    seam::{AuthError, AuthMode, BearerToken, Principal, ProtectedResource, Scope, Surface, User, Verifier},
    telemetry::{
        Source,
        audit::{Audit, SignIn},
    },
};
use http::{HeaderMap, header};
use poem::{Endpoint, EndpointExt as _, IntoResponse, Request, Response};
use std::sync::Arc;

/// Who is let in, and who judges the tokens.
#[derive(Clone)]
pub struct Guard {
    mode: AuthMode,
    pub(super) providers: Vec<Arc<dyn Verifier>>,
    pub(super) here: ProtectedResource,
    /// What clients are told to ask for.
    pub(super) scopes: Arc<[Scope]>,
    /// All that they may ask for.
    pub(super) supported: Arc<[Scope]>,
    pub(super) surface: Surface,
    pub(super) audit: Audit,
}

impl Guard {
    /// A guard that shows each token to the first of `providers` that recognises it, and to no other.
    #[must_use]
    pub fn new(mode: AuthMode, providers: Vec<Arc<dyn Verifier>>) -> Self {
        let scopes = told(providers.iter().flat_map(|provider| provider.advertised()));
        let supported = told(providers.iter().flat_map(|provider| provider.supported()));
        Self {
            mode,
            providers,
            here: ProtectedResource::default(),
            scopes,
            supported,
            surface: Surface::Calls,
            audit: Audit::default(),
        }
    }

    /// The same guard, whose decisions are told of here.
    #[must_use]
    pub fn audited(self, audit: Audit) -> Self {
        Self { audit, ..self }
    }

    /// The same guard of a server that is called so.
    #[must_use]
    pub fn at(self, here: ProtectedResource) -> Self {
        Self { here, ..self }
    }

    /// The same guard for pages of this server, and for what they ask: it takes a browser's session too, where a
    /// provider knows such.
    #[must_use]
    pub fn of_pages(self) -> Self {
        Self { surface: Surface::Pages, ..self }
    }

    /// The same guard for what belongs to users: where callers may sign in, here they must.
    #[must_use]
    pub fn for_users(self) -> Self {
        let mode = if self.is_on() { AuthMode::Required } else { AuthMode::Off };
        Self { mode, ..self }
    }

    /// Whether callers are asked to sign in, or may.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.mode != AuthMode::Off
    }

    /// Whether callers sign in.
    #[must_use]
    pub const fn mode(&self) -> AuthMode {
        self.mode
    }

    /// The routes of the authorization server that lives in this one, where one does.
    #[must_use]
    pub fn authorization_server(&self) -> Option<impl Endpoint<Output = Response> + use<>> {
        let endpoint = self.providers.iter().find_map(|provider| provider.endpoint())?.map_to_response();
        let here = self.here.clone();
        Some(endpoint.before(move |mut request: Request| {
            request.extensions_mut().insert(here.clone());
            async { Ok(request) }
        }))
    }

    /// What the providers tell a person who has just started the server.
    #[must_use]
    pub fn welcome(&self) -> Vec<String> {
        let base = self.here.asked("");
        self.providers.iter().filter_map(|provider| provider.welcome(base)).collect()
    }

    /// The endpoint behind this guard; it finds the caller's [`Principal`] in the request's extensions.
    #[must_use]
    pub fn protect<E: Endpoint>(&self, endpoint: E) -> Guarded<E> {
        Guarded { guard: self.clone(), endpoint }
    }

    /// Tokens are taken from the header alone, never from a query string (RFC 6750 section 2.3).
    async fn principal(&self, headers: &HeaderMap) -> Result<Principal, Refusal> {
        if self.mode == AuthMode::Off {
            return Ok(Principal::Anonymous);
        }
        let mut said = headers.get_all(header::AUTHORIZATION).iter();
        match (said.next(), said.next()) {
            (None, _) if self.mode == AuthMode::Required => Err(Refusal::Missing),
            (None, _) => Ok(Principal::Anonymous),
            (Some(_), Some(_)) => Err(Refusal::Repeated),
            (Some(credentials), None) => {
                let token = bearer(credentials)?;
                match self.verify(&token).await {
                    Err(AuthError::Invalid) if is_placeholder(&token) => Err(Refusal::Placeholder),
                    judged => Ok(Principal::User(judged?)),
                }
            }
        }
    }

    /// Tells of a decision; with sign-in off none is made.
    pub(super) fn report(&self, decided: Result<&Principal, &Refusal>, source: &Source) {
        if self.is_on() {
            let outcome = decided.map_or_else(Refusal::code, |_| "accepted");
            let reason = decided.err().map(Refusal::reason);
            self.audit.signed_in(&SignIn { principal: decided.ok(), source, outcome, reason });
        }
    }

    async fn verify(&self, token: &BearerToken) -> Result<User, AuthError> {
        let (last, first): (Vec<_>, Vec<_>) =
            self.providers.iter().partition(|provider| provider.takes_what_is_left());
        match first.into_iter().chain(last).find(|provider| provider.recognises(token)) {
            Some(provider) => provider.verify(token, &self.here, self.surface).await,
            None => Err(AuthError::Invalid),
        }
    }
}

/// The scopes that clients are told of, each once.
fn told(scopes: impl Iterator<Item = Scope>) -> Arc<[Scope]> {
    let mut told: Vec<Scope> = Vec::new();
    for scope in scopes {
        // A refresh token is between client and provider (MCP 2026-07-28, Refresh Tokens).
        if scope.as_str() != "offline_access" && !told.contains(&scope) {
            told.push(scope);
        }
    }
    told.into()
}

/// An endpoint behind a [`Guard`].
pub struct Guarded<E> {
    guard: Guard,
    endpoint: E,
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let source = Source::of(request.extensions());
        let decided = self.guard.principal(request.headers()).await;
        self.guard.report(decided.as_ref(), &source);
        match decided {
            Ok(principal) => {
                // A caller's token is for this server: nothing behind the guard can hand it on.
                request.headers_mut().remove(header::AUTHORIZATION);
                request.extensions_mut().insert(principal);
                self.endpoint.call(request).await.map(IntoResponse::into_response)
            }
            Err(refusal) => {
                note(&refusal);
                let base = self.guard.here.asked_by(&request);
                Ok(refusal.response(&Way { base, scopes: &self.guard.scopes }, &source))
            }
        }
    }
}

/// Tells the operator what the caller is not told.
pub(super) fn note(refusal: &Refusal) {
    match refusal {
        Refusal::Token(AuthError::Misconfigured(reason)) => {
            tracing::error!(%reason, "sign-in is misconfigured: nobody can sign in by this provider");
        }
        Refusal::Token(AuthError::Unavailable { .. }) => {
            tracing::warn!("the sign-in service cannot be reached");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{BoxFuture, Issuer, Scopes, Subject};
    use http::HeaderValue;
    use poem::endpoint::{BoxEndpoint, make_sync};
    use serde_json::Value;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Judges tokens that begin with its prefix: the rest says how.
    struct Fake {
        prefix: &'static str,
        asked: AtomicUsize,
    }

    impl Fake {
        fn new(prefix: &'static str) -> Arc<Self> {
            Arc::new(Self { prefix, asked: AtomicUsize::new(0) })
        }
    }

    impl Verifier for Fake {
        fn takes_what_is_left(&self) -> bool {
            self.prefix.is_empty()
        }

        fn recognises(&self, token: &BearerToken) -> bool {
            token.expose().starts_with(self.prefix)
        }

        fn verify<'a>(
            &'a self,
            token: &'a BearerToken,
            _: &'a ProtectedResource,
            surface: Surface,
        ) -> BoxFuture<'a, Result<User, AuthError>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let rest = token.expose().trim_start_matches(self.prefix);
            let answer = match rest {
                "expired" => Err(AuthError::Expired),
                "down" => Err(AuthError::UNAVAILABLE),
                "wrong" => Err(AuthError::Misconfigured("the secret is not accepted".into())),
                "session" if surface == Surface::Calls => Err(AuthError::Invalid),
                "forged" => Err(AuthError::Invalid),
                name => Ok(User {
                    issuer: Issuer::new(self.prefix),
                    subject: Subject::new(name),
                    client: None,
                    scopes: Scopes::new(),
                }),
            };
            Box::pin(async { answer })
        }

        fn authorization_servers(&self, _: &str) -> Vec<String> {
            vec![format!("https://{}.example", self.prefix.trim_end_matches('-'))]
        }

        fn advertised(&self) -> Vec<Scope> {
            ["openid", self.prefix, "offline_access"].map(Scope::new).to_vec()
        }

        fn supported(&self) -> Vec<Scope> {
            Verifier::advertised(self)
        }

        fn metadata<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Arc<Value>>, AuthError>> {
            Box::pin(async { Ok(None) })
        }

        fn endpoint(&self) -> Option<BoxEndpoint<'static>> {
            None
        }

        fn welcome(&self, _: &str) -> Option<String> {
            None
        }
    }

    /// The status, and whom the endpoint saw or the answer's text.
    async fn ask(mode: AuthMode, authorization: &[&str]) -> (u16, String) {
        let guard = Guard::new(mode, vec![Fake::new("one-"), Fake::new("two-")]);
        ask_of(&guard, authorization).await
    }

    async fn ask_of(guard: &Guard, authorization: &[&str]) -> (u16, String) {
        let endpoint = guard.protect(make_sync(|request: Request| {
            let handed_on = request.headers().contains_key("authorization");
            format!("{} {handed_on}", request.extensions().get::<Principal>().unwrap())
        }));
        let mut request = Request::builder().uri_str("/mcp?access_token=one-ann");
        for value in authorization {
            request = request.header("authorization", HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let mut response = endpoint.call(request.finish()).await.unwrap();
        let text = response.take_body().into_string().await.unwrap();
        (response.status().as_u16(), text)
    }

    #[tokio::test]
    async fn off_looks_at_no_token() {
        for said in [&[][..], &["Bearer one-forged"], &["Basic x"], &["Bearer one-ann", "Bearer two-ben"]] {
            assert_eq!(ask(AuthMode::Off, said).await, (200, "anonymous false".into()), "{said:?}");
        }
    }

    #[tokio::test]
    async fn only_optional_lets_in_without_a_token_and_no_token_is_taken_from_the_address() {
        assert_eq!(ask(AuthMode::Optional, &[]).await, (200, "anonymous false".into()));
        assert_eq!(ask(AuthMode::Required, &[]).await.0, 401);
    }

    #[tokio::test]
    async fn a_token_that_comes_must_be_good_in_both_modes() {
        let long = format!("Bearer one-{}", "x".repeat(BearerToken::MOST));
        for mode in [AuthMode::Optional, AuthMode::Required] {
            for good in ["Bearer one-ann", "bearer one-ann", "BEARER   one-ann"] {
                assert_eq!(ask(mode, &[good]).await, (200, "ann (one-) false".into()), "{good}");
            }
            for (said, status) in [
                ("Bearer one-forged", 401),
                ("Bearer one-expired", 401),
                ("Bearer nobodys", 401),
                ("Bearer one-a two-b", 401),
                ("Bearer one-é", 401),
                ("Bearer", 401),
                ("Bearer ", 401),
                ("Bearerone-ann", 401),
                ("Basic one-ann", 401),
                ("one-ann", 401),
                (&long, 401),
                ("Bearer one-down", 503),
                ("Bearer one-wrong", 500),
            ] {
                assert_eq!(ask(mode, &[said]).await.0, status, "{said}");
            }
            assert_eq!(ask(mode, &["Bearer one-ann", "Bearer one-ann"]).await.0, 400);
        }
    }

    #[tokio::test]
    async fn a_token_is_shown_to_one_provider_alone() {
        let (first, second, third) = (Fake::new("one-"), Fake::new("two-"), Fake::new("two-f"));
        let guard = Guard::new(AuthMode::Required, vec![first.clone(), second.clone(), third.clone()]);
        assert_eq!(ask_of(&guard, &["Bearer two-forged"]).await.0, 401);
        let asked = [first, second, third].map(|fake| fake.asked.load(Ordering::Relaxed));
        assert_eq!(asked, [0, 1, 0]);
    }

    #[tokio::test]
    async fn who_takes_any_token_gets_only_what_no_other_takes() {
        let (any, own) = (Fake::new(""), Fake::new("one-"));
        let guard = Guard::new(AuthMode::Required, vec![any.clone(), own.clone()]);
        assert_eq!(ask_of(&guard, &["Bearer one-ann"]).await.1, "ann (one-) false");
        assert_eq!(ask_of(&guard, &["Bearer ben"]).await.1, "ben () false");
        assert_eq!([any, own].map(|fake| fake.asked.load(Ordering::Relaxed)), [1, 1]);
    }

    #[tokio::test]
    async fn what_opens_a_page_need_not_open_calls() {
        let calls = Guard::new(AuthMode::Required, vec![Fake::new("one-")]);
        let pages = calls.clone().of_pages();
        assert_eq!(ask_of(&calls, &["Bearer one-session"]).await.0, 401);
        assert_eq!(ask_of(&pages, &["Bearer one-session"]).await, (200, "session (one-) false".into()));
        for guard in [calls, pages] {
            assert_eq!(ask_of(&guard, &["Bearer one-ann"]).await.0, 200);
            assert_eq!(ask_of(&guard, &["Bearer one-forged"]).await.0, 401);
        }
    }

    #[tokio::test]
    async fn a_challenge_names_the_server_as_it_was_asked() {
        let bases = ["http://127.0.0.1:9", "http://localhost:9"].map(str::to_owned).to_vec();
        let guard = Guard::new(AuthMode::Required, vec![Fake::new("one-"), Fake::new("two-")]);
        let endpoint = guard.at(ProtectedResource::new(bases)).protect(make_sync(|_| "in"));
        for (host, named) in [("localhost:9", "localhost:9"), ("evil.example", "127.0.0.1:9")] {
            let request = Request::builder().header("host", host).finish();
            let response = endpoint.call(request).await.unwrap();
            let said = response.header("www-authenticate").unwrap();
            let metadata =
                format!(r#"resource_metadata="http://{named}/.well-known/oauth-protected-resource/mcp""#);
            assert!(said.ends_with(&metadata) && !said.contains("evil"), "{said}");
            assert!(said.contains(r#"scope="openid one- two-""#), "{said}");
        }
    }

    #[tokio::test]
    async fn the_reason_of_a_misconfiguration_is_not_told() {
        let (_, text) = ask(AuthMode::Required, &["Bearer one-wrong"]).await;
        assert!(text.contains("server_error") && !text.contains("secret"), "{text}");
    }
}
