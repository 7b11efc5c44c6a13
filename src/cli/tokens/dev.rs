//! `twenty-mcp tokens dev`: an access token of a server that signs in for development, by the way that every client goes.

use crate::{
    auth::{SERVER_DOCUMENT, kit},
    cli::{Failure, say},
    seam::ProtectedResource,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Where a client is sent back to: nobody listens there, as the way back is read from the answer.
const BACK: &str = "http://127.0.0.1/callback";
/// How long each answer may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Print an access token of a server that was started with `--auth dev`, without a browser.
#[derive(Args)]
pub(in crate::cli) struct Dev {
    /// The server's address, without `/mcp`
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// What the token allows, as in "twenty:read" [default: everything]
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Whom the token speaks for
    #[arg(long, value_name = "NAME", default_value = "developer")]
    user: String,
}

impl Dev {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let issuer = self.issuer.trim_end_matches('/');
        let address = kit::WebAddress::parse(issuer)
            .map_err(|error| Failure::Configuration(format!("error: --issuer {issuer}: {error}")))?;
        let builder = Client::builder().redirect(Policy::none()).timeout(LONGEST);
        // A proxy has its own idea of what this machine is.
        let builder = if address.is_loopback() { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| failed(format!("TLS cannot be set up: {error}")))?;
        let flow = Flow { http, issuer };
        let token = flow.token(&self.scope, &self.user).await?;
        say(token)
    }
}

/// The way to a token.
struct Flow<'a> {
    http: Client,
    issuer: &'a str,
}

/// Where an issuer's document is (RFC 8414 section 3.1): the well-known path stands before its own.
fn document_of(issuer: &str) -> String {
    let mut url = issuer.to_owned();
    let path = url.find("://").and_then(|at| url.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
    url.insert_str(path.unwrap_or(url.len()), SERVER_DOCUMENT);
    url
}

impl Flow<'_> {
    async fn token(&self, scopes: &[String], user: &str) -> Result<String, Failure> {
        let document = self.document().await?;
        let scope = chosen(&document, scopes)?;
        let client = json!({
            "client_name": "twenty-mcp tokens dev",
            "redirect_uris": [BACK],
            "grant_types": ["authorization_code"],
        });
        let register = self.http.post(text(&document, "registration_endpoint")?);
        let register = register.header("content-type", "application/json").body(client.to_string());
        let client = text(&self.json(register).await?, "client_id")?.to_owned();

        let (verifier, state) = (kit::random(), kit::random());
        let resource = ProtectedResource::identifier(self.issuer);
        let asked = form(&[
            ("response_type", "code"),
            ("client_id", &client),
            ("redirect_uri", BACK),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier))),
            ("code_challenge_method", "S256"),
            ("scope", &scope),
            ("resource", &resource),
            ("state", &state),
        ]);
        let page = format!("{}?{asked}", text(&document, "authorization_endpoint")?);
        let code = self.consent(&page, user, &state).await?;
        let redeem = form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", &client),
            ("redirect_uri", BACK),
            ("code_verifier", &verifier),
            ("resource", &resource),
        ]);
        let tokens = self.json(posted(self.http.post(text(&document, "token_endpoint")?), redeem)).await?;
        Ok(text(&tokens, "access_token")?.to_owned())
    }

    /// The server's metadata: it must be the one that was asked, and sign in by itself.
    async fn document(&self) -> Result<Value, Failure> {
        let issuer = self.issuer;
        let response = self.send(self.http.get(document_of(issuer))).await?;
        let found = response.status() == StatusCode::OK;
        let document: Option<Value> =
            response.bytes().await.ok().and_then(|body| serde_json::from_slice(&body).ok());
        let Some(document) = document.filter(|_| found) else {
            return Err(failed(format!(
                "there is no sign-in at {issuer}: start the server with `--auth dev`, and give its address without `/mcp`"
            )));
        };
        let said = text(&document, "issuer")?;
        if said != issuer {
            return Err(failed(format!(
                "the sign-in at {issuer} is that of {said}: where it is for development, say `--issuer {said}`"
            )));
        }
        let own = format!("{issuer}{}", crate::seam::ROUTES);
        if !text(&document, "authorization_endpoint")?.starts_with(&own) {
            return Err(failed(format!(
                "{issuer} does not sign in for development; its people sign in themselves"
            )));
        }
        Ok(document)
    }

    /// Answers the page as a person would who lets the client in, and reads the code from the way back.
    async fn consent(&self, address: &str, user: &str, state: &str) -> Result<String, Failure> {
        let response = self.send(self.http.get(address)).await?;
        if let Some(back) = way_back(&response) {
            return Err(failed(told(&back)));
        }
        let page = response.text().await.unwrap_or_default();
        let mut answers: Vec<(String, String)> =
            inputs(&page).filter(|(name, _)| matches!(name.as_str(), "csrf_token" | "scope")).collect();
        answers.extend([("user".into(), user.into()), ("decision".into(), "allow".into())]);
        let action = attribute(page.split("<form").nth(1).unwrap_or_default(), "action");
        let target = Url::parse(address).ok().and_then(|at| at.join(action.as_deref()?).ok());
        let target =
            target.ok_or_else(|| failed(format!("{address} answers with no page to let a client in")))?;
        let response =
            self.send(posted(self.http.post(target), form(&answers)).header("origin", self.origin())).await?;
        let back = way_back(&response).ok_or_else(|| {
            failed(format!("{} does not let `{user}` sign in: {}", self.issuer, response.status()))
        })?;
        let said = |name: &str| back.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if said("state") != Some(state) || said("iss") != Some(self.issuer) {
            return Err(failed(format!("the way back from {} is not that of this sign-in", self.issuer)));
        }
        said("code").map(str::to_owned).ok_or_else(|| failed(told(&back)))
    }

    fn origin(&self) -> String {
        Url::parse(self.issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// Sends a request that is answered with an object, or with an error of OAuth.
    async fn json(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let response = self.send(request).await?;
        let (status, url) = (response.status(), response.url().clone());
        let body = response.bytes().await.unwrap_or_default();
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if status.is_success() => Ok(answer),
            Ok(answer) => {
                let words =
                    |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                Err(failed(format!("{url} answers {}: {}", words("error"), words("error_description"))))
            }
            Err(_) => Err(failed(format!("{url} answers {status}, and no JSON"))),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().await.map_err(|error| {
            let issuer = self.issuer;
            let why = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
            failed(format!(
                "{issuer} {why}: is the server running? `twenty-mcp start --sandbox --auth dev` starts one"
            ))
        })
    }
}

/// The scopes to ask for: those that were named, all of which there must be, or all.
fn chosen(document: &Value, named: &[String]) -> Result<String, Failure> {
    let all: Vec<&str> = document
        .get("scopes_supported")
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let named: Vec<&str> =
        named.iter().flat_map(|text| text.split([' ', ','])).filter(|name| !name.is_empty()).collect();
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        let all = all.join(", ");
        return Err(Failure::Configuration(format!(
            "error: there is no scope `{unknown}` there; there are: {all}"
        )));
    }
    Ok(if named.is_empty() { all } else { named }.join(" "))
}

fn text<'a>(document: &'a Value, name: &str) -> Result<&'a str, Failure> {
    document
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| failed(format!("the server does not tell its `{name}`")))
}

fn form<K: AsRef<str>, V: AsRef<str>>(parameters: &[(K, V)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn posted(request: RequestBuilder, form: String) -> RequestBuilder {
    request.header("content-type", "application/x-www-form-urlencoded").body(form)
}

/// The parameters of the address that an answer sends somebody to.
fn way_back(response: &Response) -> Option<Vec<(String, String)>> {
    let to = Url::parse(response.headers().get("location")?.to_str().ok()?).ok()?;
    Some(to.query_pairs().into_owned().collect())
}

fn told(back: &[(String, String)]) -> String {
    let said =
        |name: &str| back.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    format!("the sign-in is refused ({}): {}", said("error"), said("error_description"))
}

/// Name and value of each input of a page.
fn inputs(page: &str) -> impl Iterator<Item = (String, String)> {
    page.split("<input")
        .skip(1)
        .filter_map(|rest| Some((attribute(rest, "name")?, attribute(rest, "value")?)))
}

/// An attribute of the tag that a text begins with.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let value = tag.split(&format!(" {name}=\"")).nth(1)?;
    value.split('"').next().map(str::to_owned)
}

fn failed(message: String) -> Failure {
    Failure::Running(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_is_written() {
        let page = r#"<form method="post" action="consent"><input type="hidden" name="csrf_token" value="x">
            <label><input type="checkbox" name="scope" value="a:read" checked></label><input name="user" required>"#;
        let all: Vec<(String, String)> = inputs(page).collect();
        assert_eq!(all, [("csrf_token".into(), "x".into()), ("scope".into(), "a:read".into())]);
        assert_eq!(attribute(page.split("<form").nth(1).unwrap(), "action").as_deref(), Some("consent"));
    }

    #[test]
    fn the_document_is_where_strict_clients_look() {
        for (issuer, document) in [
            ("http://localhost:3000", "http://localhost:3000/.well-known/oauth-authorization-server"),
            ("https://a.example/x/y", "https://a.example/.well-known/oauth-authorization-server/x/y"),
        ] {
            assert_eq!(document_of(issuer), document);
        }
    }

    #[test]
    fn only_scopes_that_there_are_are_asked_for() {
        let document = json!({ "scopes_supported": ["a:read", "a:write"] });
        let chosen =
            |named: &[&str]| chosen(&document, &named.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(chosen(&[]).unwrap(), "a:read a:write");
        assert_eq!(chosen(&["a:read"]).unwrap(), "a:read");
        assert_eq!(chosen(&["a:read,a:write", ""]).unwrap(), "a:read a:write");
        assert!(chosen(&["a:red"]).unwrap_err().to_string().contains("there are: a:read, a:write"));
    }
}
