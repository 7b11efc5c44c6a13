//! `GET /oauth/authorize`: a client's request, checked and shown to a person (RFC 6749 section 4.1.1).

use super::{
    answer::Fault,
    grants::Asked,
    metadata::{Client, OWN},
    pages,
    params::Params,
    provider::Office,
    redirect,
};
use crate::auth::kit::html::moved;
use crate::seam::ProtectedResource;
use poem::{Request, Response};

/// The longest `state` that is handed back, in bytes.
const LONGEST_STATE: usize = 4096;

/// Answers with the page that asks for consent; tells a client that asks wrongly, and a person where the client itself
/// is in doubt.
pub async fn authorize(office: &Office, request: &Request, here: &ProtectedResource) -> Response {
    let issuer = here.asked_by(request);
    let query = request.uri().query().unwrap_or_default();
    let (params, client) = match client(office, query, here).await {
        Ok(found) => found,
        Err(fault) => return pages::problem(&fault),
    };
    let asked = params.one("redirect_uri").and_then(|asked| client.1.redirect(asked));
    // Nobody is sent to an address that their client did not register (RFC 6749 section 3.1.2.4).
    let redirect = match asked {
        Ok(redirect) => redirect.to_owned(),
        Err(fault) => return pages::problem(&fault),
    };
    let state = params.one("state").ok().flatten().filter(|state| state.len() <= LONGEST_STATE);
    match check(office, &params, here) {
        Ok((scopes, resource, challenge)) => {
            let (id, client) = client;
            let asked = Asked {
                client: id,
                refresh: client.refresh,
                redirect,
                scopes,
                resource: resource.unwrap_or_else(|| ProtectedResource::identifier(issuer)),
                issuer: issuer.to_owned(),
                challenge,
                state: state.map(str::to_owned),
            };
            let name = client.name.as_deref();
            let proof = office.grants.show(asked.clone());
            pages::consent(&asked, name, &proof)
        }
        Err(fault) => sent_back(&redirect, &refused(&fault), state, issuer),
    }
}

async fn client(
    office: &Office,
    query: &str,
    here: &ProtectedResource,
) -> Result<(Params, (String, std::sync::Arc<Client>)), Fault> {
    let params = Params::read(query.as_bytes())?;
    let id = params.needed("client_id")?.to_owned();
    let client = office.clients.find(&id, here).await?;
    Ok((params, (id, client)))
}

/// The rest of a request: what is asked for, for which resource, under which challenge.
type Checked = (crate::seam::Scopes, Option<String>, String);

fn check(office: &Office, params: &Params, here: &ProtectedResource) -> Result<Checked, Fault> {
    if params.one("state")?.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(Fault::malformed(format!("`state` has more than {LONGEST_STATE} bytes")));
    }
    match params.needed("response_type")? {
        "code" => {}
        _ => {
            return Err(Fault::new(
                "unsupported_response_type",
                "only `response_type=code` is answered here",
            ));
        }
    }
    if params.one("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(Fault::malformed("only `response_mode=query` is answered here"));
    }
    let challenge = params.needed("code_challenge")?;
    if params.one("code_challenge_method")? != Some("S256") {
        return Err(Fault::malformed("`code_challenge_method` must be `S256`"));
    }
    // A SHA-256 in base64url.
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(fits) {
        return Err(Fault::malformed("`code_challenge` is no SHA-256 in base64url"));
    }
    let resource = resource(params, here)?;
    let scopes = match params.one("client_id")? {
        // It wants to know who is there, and nothing more.
        Some(OWN) => crate::seam::Scopes::new(),
        _ => office.scopes.asked(params.one("scope")?)?,
    };
    Ok((scopes, resource, challenge.to_owned()))
}

/// The resource that is named: this server, whoever may name it more than once (RFC 8707 section 2).
///
/// # Errors
/// Another one is.
pub fn resource(params: &Params, here: &ProtectedResource) -> Result<Option<String>, Fault> {
    let mut named = params.all("resource").filter(|resource| !resource.is_empty());
    if params.all("resource").any(|resource| !resource.is_empty() && !here.is(resource)) {
        let message = "tokens are given out for this server alone: `resource` is its address, with `/mcp`";
        return Err(Fault::new("invalid_target", message));
    }
    Ok(named.next().map(|resource| resource.strip_suffix('/').unwrap_or(resource).to_owned()))
}

/// What a client is told that is refused.
#[must_use]
pub fn refused(fault: &Fault) -> [(&str, &str); 2] {
    [("error", fault.code), ("error_description", &fault.description)]
}

/// Sends the person back to the client, with who says so (RFC 9207).
#[must_use]
pub fn sent_back(to: &str, told: &[(&str, &str)], state: Option<&str>, issuer: &str) -> Response {
    let mut told = told.to_vec();
    told.extend(state.map(|state| ("state", state)));
    told.push(("iss", issuer));
    moved(&redirect::with(to, &told))
}
