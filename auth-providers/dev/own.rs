//! This server as a client of the authorization server inside it, which finds out who is at its pages. It redeems its codes
//! here, and not at the token endpoint, where nobody is that client.

use super::{grants::Shown, metadata::OWN, provider::Office, redirect};
use crate::seam::{AuthError, BearerToken, ROUTES, SignIn, SignedIn};
use serde_json::Value;

/// Where a browser is sent to: it allows nothing but that this server knows who is there.
#[must_use]
pub fn address(of: &SignIn) -> String {
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
///
/// # Errors
/// The code is none, or was given for something else.
pub fn redeem(office: &Office, back: &SignedIn, of: &SignIn) -> Result<BearerToken, AuthError> {
    if back.issuer.as_deref() != Some(&of.base) {
        return Err(AuthError::Invalid);
    }
    let (redirect, resource) = (of.redirect(), of.resource());
    let shown =
        Shown { client: OWN, redirect: Some(&redirect), verifier: &of.verifier, resource: Some(&resource) };
    let told = office.grants.redeem(back.code.expose(), &shown).map_err(|_| AuthError::Invalid)?;
    told.get("access_token").and_then(Value::as_str).and_then(BearerToken::parse).ok_or(AuthError::Invalid)
}
