//! What a caller is told who lacks a scope for a call: by a status, so that clients sign in for more by themselves (RFC
//! 6750 section 3.1, `insufficient_scope`).

use super::{
    Guard,
    challenge::{Refusal, Way},
};
use crate::{
    seam::{AuthError, Challenge, MissingScope, Principal, Scopes},
    telemetry::{Source, audit::Called, call::Outcome},
};
use poem::{Request, Response};

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
        let refusal = Refusal::from(AuthError::InsufficientScope(Scopes::from([lacking.scope])));
        let base = self.here.asked_by(request);
        refusal.response(&Way { base, scopes: &self.scopes }, &source)
    }
}
