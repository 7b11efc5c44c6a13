//! `POST /oauth/consent`: what a person answers.

use super::{
    answer::Fault,
    authorize::{refused, sent_back},
    pages,
    params::Params,
    provider::Office,
};
use crate::seam::{ProtectedResource, Scopes, Subject};
use http::{StatusCode, header};
use poem::{Request, Response};
use url::Url;

/// The most characters of a name.
const LONGEST: usize = 64;

/// Answers with the way back to the client. Only our own page may ask: it alone knows the proof, and a browser tells
/// which page it is that sends the form.
pub fn consent(office: &Office, request: &Request, form: &Params, here: &ProtectedResource) -> Response {
    if !is_ours(request, here) {
        let message = "this form was not sent by a page of this server";
        return pages::problem(&Fault {
            status: StatusCode::FORBIDDEN,
            ..Fault::new("access_denied", message)
        });
    }
    match answer(office, form) {
        Ok(response) => response,
        Err(fault) => pages::problem(&fault),
    }
}

fn answer(office: &Office, form: &Params) -> Result<Response, Fault> {
    let allowed = match form.needed("decision")? {
        "allow" => true,
        "deny" => false,
        _ => return Err(Fault::malformed("`decision` is `allow` or `deny`")),
    };
    let user = form.one("user")?.unwrap_or(pages::USER).trim();
    if user.is_empty() || user.chars().count() > LONGEST || user.chars().any(char::is_control) {
        return Err(Fault::malformed(format!(
            "a name has 1 to {LONGEST} characters, all of which can be seen"
        )));
    }
    let asked = office.grants.answered(form.needed("csrf_token")?).ok_or_else(|| {
        Fault::malformed("this page is too old, or was answered before: go back to your app and start again")
    })?;
    let chosen: Scopes = asked
        .scopes
        .iter()
        .filter(|scope| form.all("scope").any(|name| name == scope.as_str()))
        .cloned()
        .collect();
    let (redirect, state, issuer) = (asked.redirect.clone(), asked.state.clone(), asked.issuer.clone());
    let back = |told: &[(&str, &str)]| sent_back(&redirect, told, state.as_deref(), &issuer);
    if !allowed || (chosen.is_empty() && !asked.scopes.is_empty()) {
        return Ok(back(&refused(&Fault::new("access_denied", "the person did not allow it"))));
    }
    let code = office.grants.allow(asked, Subject::new(user), chosen);
    Ok(back(&[("code", &code)]))
}

/// Whether a form comes from a page of this server. Browsers say from where; what is no browser has nobody's page to
/// misuse.
fn is_ours(request: &Request, here: &ProtectedResource) -> bool {
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    let site = request.header("sec-fetch-site");
    let own = match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => origin.to_str().is_ok_and(|origin| {
            let base = Url::parse(here.asked_by(request)).map(|base| base.origin().ascii_serialization());
            let host = request.header(header::HOST).map(|host| format!("http://{host}"));
            base.is_ok_and(|base| base == origin)
                || host.is_some_and(|host| host.eq_ignore_ascii_case(origin))
        }),
        (Some(_), Some(_)) => false,
    };
    own && site.is_none_or(|site| site == "same-origin")
}
