//! What a person sees. The pages are in the HTML files beside this one; they need no script, and allow none.

use super::{answer::Fault, grants::Asked, metadata::OWN, redirect, scopes::explained};
use crate::auth::kit::html::{
    Page,
    Put::{Html, Text},
    filled,
};
use http::StatusCode;
use poem::Response;

/// Who somebody is that gives no name.
pub const USER: &str = "developer";

const CONSENT: &str = include_str!("consent.html");
const SCOPES: &str = include_str!("scopes.html");
const SCOPE: &str = include_str!("scope.html");
const PROBLEM: &str = include_str!("problem.html");

/// The page that asks somebody to let a client in.
#[must_use]
pub fn consent(asked: &Asked, name: Option<&str>, proof: &str) -> Response {
    let document = asked.client.contains("://");
    let client = name.unwrap_or(if document { asked.client.as_str() } else { "An app without a name" });
    let origin = match document {
        true => format!("It says who it is at {}.", asked.client),
        false => "It registered itself here, and calls itself so: nobody has checked it.".into(),
    };
    let (heading, origin) = match asked.client == OWN {
        true => ("Sign in to this server".into(), "It asks who you are, for a page of its own.".into()),
        false => (format!("Let “{client}” use this server?"), origin),
    };
    let scopes: String = asked
        .scopes
        .iter()
        .map(|scope| {
            filled(SCOPE, &[("scope", Text(scope.as_str())), ("explained", Text(&explained(scope)))])
        })
        .collect();
    let scopes = if scopes.is_empty() { scopes } else { filled(SCOPES, &[("scopes", Html(&scopes))]) };
    let body = filled(
        CONSENT,
        &[
            ("heading", Text(&heading)),
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

fn page(status: StatusCode, title: &str, body: &str, form: &str) -> Response {
    // With `no-referrer`, browsers would not say from which page a form comes either.
    Page { status, title, body, form, referrer: "same-origin" }.response()
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
