//! What a caller is told who lacks a scope for a call: by a status, so that clients sign in for more by themselves (RFC
//! 6750 section 3.1, `insufficient_scope`).

use super::{
    Guard,
    challenge::{Refusal, Way},
};
use crate::{
    seam::{AuthError, Challenge, MissingScope, Principal, Scope, Scopes},
    telemetry::{
        Source,
        audit::{Called, SignIn},
        call::Outcome,
    },
};
use poem::{Request, Response};

impl Guard {
    /// The answer to a request beside calls, whose caller lacks a scope for it.
    #[must_use]
    pub fn lacking(&self, request: &Request, scope: Scope) -> Response {
        let (source, refusal) = (Source::of(request.extensions()), lack_of(scope));
        let (principal, outcome) = (request.extensions().get(), refusal.code());
        let reason = Some(refusal.reason());
        self.audit.signed_in(&SignIn { principal, source: &source, outcome, reason });
        self.answer(request, &refusal, &source)
    }

    fn answer(&self, request: &Request, refusal: &Refusal, source: &Source) -> Response {
        let base = self.here.asked_by(request);
        refusal.response(&Way { base, scopes: &self.scopes }, source)
    }
}

fn lack_of(scope: Scope) -> Refusal {
    AuthError::InsufficientScope(Scopes::from([scope])).into()
}

impl Challenge for Guard {
    fn insufficient(&self, request: &Request, tool: &str, lacking: MissingScope) -> Response {
        let source = Source::of(request.extensions());
        self.audit.called(&Called {
            principal: request.extensions().get().unwrap_or(&Principal::Anonymous),
            source: &source,
            tool: Some((tool, lacking.effect)),
            outcome: Outcome::InsufficientScope,
            ms: 0,
            upstream: 0,
            upstream_status: None,
        });
        self.answer(request, &lack_of(lacking.scope), &source)
    }
}
