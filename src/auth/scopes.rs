//! Whether a caller may make the call that a request asks for: told by its status, so that clients sign in for more by
//! themselves (RFC 6750 section 3.1, `insufficient_scope`). The tools' own registry judges every call again.

use super::{
    Guard,
    challenge::{Refusal, Way},
};
use crate::{
    seam::{Asked, AuthError, MissingScope, Permits, Principal, Scopes},
    telemetry::{Source, audit::Called, call::Outcome},
};
use http::Method;
use poem::{Endpoint, IntoResponse, Request, Response};
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc};

/// An endpoint that gets only calls that their callers may make. It stands behind what bounds bodies.
pub struct Permitted<E> {
    guard: Guard,
    permits: Arc<dyn Permits>,
    endpoint: E,
}

impl Guard {
    /// The endpoint behind this guard's judgement on each call, by what the tools say that they need.
    #[must_use]
    pub fn permitted<E: Endpoint>(&self, endpoint: E, permits: Arc<dyn Permits>) -> Permitted<E> {
        Permitted { guard: self.clone(), permits, endpoint }
    }
}

impl<E> Permitted<E> {
    /// What the request's caller lacks for it. The body is put back as it was.
    async fn lacking(
        &self,
        request: &mut Request,
    ) -> poem::Result<Option<(String, Principal, MissingScope)>> {
        let principal =
            request.extensions().get::<Principal>().filter(|caller| matches!(caller, Principal::User(_)));
        let (Some(principal), &Method::POST) = (principal.cloned(), request.method()) else {
            return Ok(None);
        };
        let body = request.take_body().into_bytes().await?;
        let lacking = Message::read(&body).and_then(|message| {
            let asked = message.asked()?;
            let lacking = self.permits.lacking(asked, &principal)?;
            let (Asked::Tool(named) | Asked::Prompt(named) | Asked::Resource(named)) = asked;
            Some((named.to_owned(), principal, lacking))
        });
        request.set_body(body);
        Ok(lacking)
    }
}

impl<E: Endpoint> Endpoint for Permitted<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let Some((tool, principal, MissingScope { scope, effect })) = self.lacking(&mut request).await?
        else {
            return self.endpoint.call(request).await.map(IntoResponse::into_response);
        };
        let source = Source::of(request.extensions());
        self.guard.audit.called(&Called {
            principal: &principal,
            source: &source,
            tool: Some((&tool, effect)),
            outcome: Outcome::InsufficientScope,
            ms: 0,
            upstream: 0,
            upstream_status: None,
        });
        let base = self.guard.here.asked_by(&request);
        let refusal = Refusal::from(AuthError::InsufficientScope(Scopes::from([scope])));
        Ok(refusal.response(&Way { base, scopes: &self.guard.scopes }, &source))
    }
}

/// As much of a message as tells what it is for.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Params<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    uri: Option<Cow<'a, str>>,
}

impl<'a> Message<'a> {
    /// None for what cannot be read, which what stands behind tells of.
    fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// What scopes are needed for; nothing where they are for none.
    fn asked(&self) -> Option<Asked<'_>> {
        match &*self.method {
            "tools/call" => self.params.name.as_deref().map(Asked::Tool),
            "prompts/get" => self.params.name.as_deref().map(Asked::Prompt),
            "resources/read" | "resources/subscribe" => self.params.uri.as_deref().map(Asked::Resource),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_as_those_behind_read_it() {
        for (body, asked) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"name":"y"}}}"#,
                Some(Asked::Tool("x")),
            ),
            (r#"{"params":{"_meta":{"name":"y"},"name":"x"},"method":"tools/call"}"#, Some(Asked::Tool("x"))),
            (r#"{"method":"tools\u002fcall","params":{"n\u0061me":"\u0078"}}"#, Some(Asked::Tool("x"))),
            (r#"{"method":"prompts/get","params":{"name":"x"}}"#, Some(Asked::Prompt("x"))),
            (
                r#"{"method":"resources/read","params":{"uri":"a://x","name":"y"}}"#,
                Some(Asked::Resource("a://x")),
            ),
            (r#"{"method":"tools/list","params":{"name":"x"}}"#, None),
            (r#"{"method":"tools/list"}"#, None),
            (r#"{"method":"tools/call","params":{"name":7}}"#, None),
            (r#"{"method":"tools/call"}"#, None),
            (r#"[{"method":"tools/call","params":{"name":"x"}}]"#, None),
            (r#"{"method":"tools/call","params":{"name":"x"}"#, None),
            ("", None),
            // What two readers could read in two ways is left to the registry.
            (r#"{"method":"tools/list","method":"tools/call","params":{"name":"x"}}"#, None),
            (r#"{"method":"tools/call","params":{"name":"hello","name":"x"}}"#, None),
        ] {
            let message = Message::read(body.as_bytes());
            assert_eq!(message.as_ref().and_then(Message::asked), asked, "{body}");
        }
    }
}
