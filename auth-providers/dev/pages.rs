//! What a person sees. The pages are in the HTML files beside this one; they need no script, and allow none.

use super::{answer::Fault, grants::Asked, redirect, scopes::explained};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use poem::{Body, Response};
use sha2::{Digest, Sha256};

/// Who somebody is that gives no name.
pub const USER: &str = "developer";

const STYLE: &str = include_str!("page.css");
const PAGE: &str = include_str!("page.html");
const CONSENT: &str = include_str!("consent.html");
const SCOPE: &str = include_str!("scope.html");
const PROBLEM: &str = include_str!("problem.html");

/// A text that is put into a template.
enum Put<'a> {
    /// Of anybody: it is shown, whatever it holds.
    Text(&'a str),
    /// Of ours.
    Html(&'a str),
}

use Put::{Html, Text};

/// The page that asks somebody to let a client in.
#[must_use]
pub fn consent(asked: &Asked, name: Option<&str>, proof: &str) -> Response {
    let document = asked.client.contains("://");
    let client = name.unwrap_or(if document { asked.client.as_str() } else { "An app without a name" });
    let origin = match document {
        true => format!("It says who it is at {}.", asked.client),
        false => "It registered itself here, and calls itself so: nobody has checked it.".into(),
    };
    let scopes: String = asked
        .scopes
        .iter()
        .map(|scope| {
            filled(SCOPE, &[("scope", Text(scope.as_str())), ("explained", Text(&explained(scope)))])
        })
        .collect();
    let body = filled(
        CONSENT,
        &[
            ("client", Text(client)),
            ("origin", Text(&origin)),
            ("place", Text(&redirect::place(&asked.redirect))),
            ("proof", Text(proof)),
            ("scopes", Html(&scopes)),
            ("user", Text(USER)),
        ],
    );
    // Chromium holds the way back to the client against the form's policy too.
    let form = format!("'self' {}", redirect::form_source(&asked.redirect));
    page(StatusCode::OK, "Let an app in?", &body, &form)
}

/// The page for somebody whose app asks in a way that leads nowhere.
#[must_use]
pub fn problem(fault: &Fault) -> Response {
    let status =
        if fault.status == StatusCode::UNAUTHORIZED { StatusCode::BAD_REQUEST } else { fault.status };
    let body = filled(PROBLEM, &[("description", Text(&fault.description)), ("code", Text(fault.code))]);
    page(status, "This does not work", &body, "'none'")
}

/// Sends somebody elsewhere, who tells nobody there from where.
#[must_use]
pub fn moved(to: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, to)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

fn page(status: StatusCode, title: &str, body: &str, form: &str) -> Response {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action {form}; base-uri 'none'; frame-ancestors 'none'"
    );
    let html = filled(PAGE, &[("title", Text(title)), ("style", Html(STYLE)), ("body", Html(body))]);
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::CACHE_CONTROL, "no-store")
        // With `no-referrer`, browsers would not say from which page a form comes either.
        .header(header::REFERRER_POLICY, "same-origin")
        .body(Body::from_string(html))
}

/// A template with each `{{name}}` replaced once; what is put in is not looked at again.
fn filled(template: &str, put: &[(&str, Put<'_>)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        match put.iter().find(|(known, _)| *known == name) {
            Some((_, Text(text))) => page.push_str(&escaped(text)),
            Some((_, Html(html))) => page.push_str(html),
            None => {}
        }
        page.push_str(rest);
    }
    page
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Marks that turn the direction of what follows could make one address look like another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Scope, Scopes};

    fn asked() -> Asked {
        Asked {
            client: "c".into(),
            refresh: true,
            redirect: "http://127.0.0.1:9/cb".into(),
            scopes: Scopes::from([Scope::new("twenty:read"), Scope::new("twenty:admin")]),
            resource: "http://127.0.0.1:1/mcp".into(),
            issuer: "http://127.0.0.1:1".into(),
            challenge: "x".into(),
            state: None,
        }
    }

    #[tokio::test]
    async fn what_a_client_calls_itself_is_shown_and_does_nothing() {
        let response = consent(&asked(), Some("<script>{{proof}}</script>\"\u{202e}"), "p-r-o-o-f");
        let policy = response.header("content-security-policy").unwrap().to_owned();
        assert!(policy.contains("form-action 'self' http://127.0.0.1:9;"), "{policy}");
        let html = response.into_body().into_string().await.unwrap();
        assert!(html.contains("“&lt;script&gt;{{proof}}&lt;/script&gt;&quot;”"), "{html}");
        assert!(
            html.contains(r#"name="csrf_token" value="p-r-o-o-f""#) && html.contains("127.0.0.1:9"),
            "{html}"
        );
        assert!(html.contains(r#"value="twenty:read" checked"#) && !html.contains("<script"), "{html}");
    }

    #[test]
    fn the_policy_allows_the_style_as_it_stands_and_no_script() {
        let response = problem(&Fault::malformed("x"));
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'none'"),
            "{policy}"
        );
    }
}
