//! What a client says of itself (RFC 7591 section 2, OAuth Client ID Metadata Document).

use super::{answer::Fault, redirect::RedirectUri};
use crate::seam::{CALLBACK, ProtectedResource};
use serde::Deserialize;
use serde_json::{Value, json};

/// The id of the client that is this server itself.
pub const OWN: &str = "twenty-mcp";

/// The most addresses that a client may be sent back to.
const MOST: usize = 20;
/// The most characters of a client's name.
const LONGEST: usize = 100;

/// A client: without a secret, as all are here.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it calls itself; it may say anything.
    pub name: Option<String>,
    /// Where it may be sent back to.
    pub redirects: Vec<RedirectUri>,
    /// Whether it may get refresh tokens.
    pub refresh: bool,
    application_type: Option<String>,
}

/// The members that are looked at.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    client_name: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    application_type: Option<String>,
}

impl Client {
    /// Reads what a client says of itself. What it asks for and cannot have is left out, as RFC 7591 section 2 allows;
    /// what it is told names what it has.
    ///
    /// # Errors
    /// It cannot be a client here.
    pub fn read(document: &Value) -> Result<Self, Fault> {
        let wrong = |description: String| Fault::new("invalid_client_metadata", description);
        let said = Metadata::deserialize(document)
            .map_err(|error| wrong(format!("not a client's metadata: {error}")))?;
        let has = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|one| one == name))
        };
        if !has(&said.grant_types, "authorization_code") || !has(&said.response_types, "code") {
            let message = "only the grant `authorization_code` with the response type `code` is given here";
            return Err(wrong(message.into()));
        }
        if said.redirect_uris.is_empty() || said.redirect_uris.len() > MOST {
            let message = format!("`redirect_uris` must name 1 to {MOST} addresses");
            return Err(Fault::new("invalid_redirect_uri", message));
        }
        let read = |text: &String| {
            RedirectUri::parse(text).map_err(|message| Fault::new("invalid_redirect_uri", message))
        };
        let name: Option<String> = said.client_name.map(|name| {
            name.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>().trim().to_owned()
        });
        Ok(Self {
            name: name.filter(|name| !name.is_empty()),
            redirects: said.redirect_uris.iter().map(read).collect::<Result<_, _>>()?,
            refresh: has(&said.grant_types, "refresh_token"),
            application_type: said.application_type.filter(|kind| matches!(kind.as_str(), "native" | "web")),
        })
    }

    /// This server itself, which asks who is at its pages, under its own names alone.
    #[must_use]
    pub fn this_server(here: &ProtectedResource) -> Self {
        let redirects = here.bases().iter().map(|base| RedirectUri::parse(&format!("{base}{CALLBACK}")));
        let redirects = redirects.filter_map(Result::ok).collect();
        Self { name: Some(OWN.into()), redirects, refresh: false, application_type: None }
    }

    /// What it is registered as.
    #[must_use]
    pub fn told(&self) -> Value {
        let grants: &[&str] =
            if self.refresh { &["authorization_code", "refresh_token"] } else { &["authorization_code"] };
        let mut told = json!({
            "redirect_uris": self.redirects.iter().map(RedirectUri::as_str).collect::<Vec<_>>(),
            "grant_types": grants,
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        if let Some(told) = told.as_object_mut() {
            told.extend(self.name.clone().map(|name| ("client_name".to_owned(), name.into())));
            told.extend(
                self.application_type.clone().map(|kind| ("application_type".to_owned(), kind.into())),
            );
        }
        told
    }

    /// Where it is sent back to, when it asks for this; without a word, to its only address.
    ///
    /// # Errors
    /// It did not register that.
    pub fn redirect<'a>(&'a self, asked: Option<&'a str>) -> Result<&'a str, Fault> {
        match (asked, self.redirects.as_slice()) {
            (Some(asked), all) if all.iter().any(|own| own.admits(asked)) => Ok(asked),
            (Some(_), _) => Err(Fault::malformed("the client did not register this `redirect_uri`")),
            (None, [only]) => Ok(only.as_str()),
            (None, _) => Err(Fault::malformed("`redirect_uri` is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CB: &str = "http://127.0.0.1/cb";

    #[test]
    fn what_a_client_cannot_have_is_left_out_and_what_it_needs_must_be_there() {
        let told = Client::read(&json!({
            "redirect_uris": [CB], "client_name": "A\u{7}pp", "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code", "token"], "application_type": "native", "logo_uri": "https://x.example/",
        }))
        .unwrap()
        .told();
        let expected = json!({
            "redirect_uris": [CB], "grant_types": ["authorization_code"], "response_types": ["code"],
            "token_endpoint_auth_method": "none", "client_name": "App", "application_type": "native",
        });
        assert_eq!(told, expected);
        assert!(Client::read(&json!({ "redirect_uris": [CB] })).unwrap().refresh);
        for (bad, code) in [
            (json!({}), "invalid_redirect_uri"),
            (json!([]), "invalid_client_metadata"),
            (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": CB }), "invalid_client_metadata"),
            (json!({ "redirect_uris": vec![CB; MOST + 1] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": [CB, "http://evil.example/"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": [CB], "grant_types": ["implicit"] }), "invalid_client_metadata"),
            (json!({ "redirect_uris": [CB], "response_types": ["token"] }), "invalid_client_metadata"),
            (json!({ "redirect_uris": [CB], "client_name": 7 }), "invalid_client_metadata"),
        ] {
            assert_eq!(Client::read(&bad).unwrap_err().code, code, "{bad}");
        }
    }

    #[test]
    fn a_client_is_sent_back_to_what_it_registered() {
        let one = Client::read(&json!({ "redirect_uris": [CB] })).unwrap();
        let two = Client::read(&json!({ "redirect_uris": [CB, "https://app.example/cb"] })).unwrap();
        assert_eq!(one.redirect(None), Ok(CB));
        assert_eq!(one.redirect(Some("http://127.0.0.1:7/cb")), Ok("http://127.0.0.1:7/cb"));
        assert!(two.redirect(None).is_err() && two.redirect(Some("https://evil.example/cb")).is_err());
    }
}
