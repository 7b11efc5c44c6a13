//! This server as a client of the authorization server inside it, which finds out who is at its pages. It redeems its codes
//! here, and not at the token endpoint, where nobody is that client.

use super::{grants::Shown, metadata::OWN, provider::Office, redirect};
use crate::seam::{AuthError, BearerToken, BoxFuture, Pages, ROUTES, SignIn, SignedIn};
use serde_json::Value;

impl Pages for Office {
    fn address<'a>(&'a self, of: &'a SignIn) -> BoxFuture<'a, Result<String, AuthError>> {
        Box::pin(std::future::ready(Ok(address(of))))
    }

    fn redeem<'a>(
        &'a self,
        back: &'a SignedIn,
        of: &'a SignIn,
    ) -> BoxFuture<'a, Result<BearerToken, AuthError>> {
        Box::pin(std::future::ready(redeem(self, back, of)))
    }
}

/// Where a browser is sent to: it allows nothing but that this server knows who is there.
fn address(of: &SignIn) -> String {
    let (back, challenge, resource) = (of.redirect(), of.challenge(), of.resource());
    let asked = [
        ("response_type", "code"),
        ("client_id", OWN),
        ("redirect_uri", &back),
        ("state", &of.state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("resource", &resource),
    ];
    redirect::with(&format!("{}{ROUTES}authorize", of.base), &asked)
}

/// The token for a code.
fn redeem(office: &Office, back: &SignedIn, of: &SignIn) -> Result<BearerToken, AuthError> {
    if back.issuer.as_deref() != Some(&of.base) {
        return Err(AuthError::Invalid);
    }
    let (redirect, resource) = (of.redirect(), of.resource());
    let shown =
        Shown { client: OWN, redirect: Some(&redirect), verifier: &of.verifier, resource: Some(&resource) };
    let told = office.grants.redeem(back.code.expose(), &shown).map_err(|_| AuthError::Invalid)?;
    told.get("access_token").and_then(Value::as_str).and_then(BearerToken::parse).ok_or(AuthError::Invalid)
}
