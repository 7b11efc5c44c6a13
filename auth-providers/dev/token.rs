//! `POST /oauth/token`: tokens for codes and for refresh tokens (RFC 6749 sections 4.1.3 and 6), and `POST /oauth/revoke`,
//! which takes them back (RFC 7009).

use super::{
    answer::{Fault, json_response},
    authorize::resource,
    grants::Shown,
    params::Params,
    provider::Office,
};
use crate::seam::ProtectedResource;
use http::{HeaderValue, StatusCode, header};
use poem::{Request, Response};

/// Answers with tokens.
pub fn token(office: &Office, request: &Request, form: &Params, here: &ProtectedResource) -> Response {
    let told = client(office, request, form).and_then(|client| match form.needed("grant_type")? {
        "authorization_code" => {
            let verifier = form.needed("code_verifier")?;
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
            if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(fits) {
                return Err(Fault::malformed(
                    "a `code_verifier` has 43 to 128 letters, digits or -._~ (RFC 7636)",
                ));
            }
            let (code, redirect) = (form.needed("code")?, form.one("redirect_uri")?);
            let resource = resource(form, here)?;
            office.grants.redeem(code, &Shown { client, redirect, verifier, resource: resource.as_deref() })
        }
        "refresh_token" => {
            let scopes = form.one("scope")?.map(|text| office.scopes.asked(Some(text))).transpose()?;
            let resource = resource(form, here)?;
            office.grants.renew(form.needed("refresh_token")?, client, resource.as_deref(), scopes)
        }
        _ => {
            let message = "only the grants `authorization_code` and `refresh_token` are given here";
            Err(Fault::new("unsupported_grant_type", message))
        }
    });
    match told {
        Ok(tokens) => json_response(StatusCode::OK, &tokens),
        Err(fault) => refusal(request, &fault),
    }
}

/// Takes a token back; also answers that it is gone where nobody knows it (RFC 7009 section 2.2).
pub fn revoke(office: &Office, request: &Request, form: &Params) -> Response {
    let gone =
        client(office, request, form).and_then(|client| office.grants.revoke(form.needed("token")?, client));
    match gone {
        Ok(()) => json_response(StatusCode::OK, &serde_json::json!({})),
        Err(fault) => refusal(request, &fault),
    }
}

/// The client that asks: it names itself, and has no secret.
fn client<'a>(office: &Office, request: &Request, form: &'a Params) -> Result<&'a str, Fault> {
    if request.headers().contains_key(header::AUTHORIZATION) || form.one("client_secret")?.is_some() {
        return Err(Fault::no_client(
            "clients here have no secret: send `client_id` in the form, and no more",
        ));
    }
    let id = form.needed("client_id")?;
    if !office.clients.may_be(id) {
        return Err(Fault::no_client("nobody here knows this client; it must register again"));
    }
    Ok(id)
}

fn refusal(request: &Request, fault: &Fault) -> Response {
    let mut response = fault.response();
    // RFC 6749 section 5.2: in the scheme in which the client tried.
    if fault.status == StatusCode::UNAUTHORIZED && request.headers().contains_key(header::AUTHORIZATION) {
        let scheme = HeaderValue::from_static("Basic realm=\"twenty-mcp\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}
