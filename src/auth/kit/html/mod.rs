//! Pages that a person sees: HTML that needs no script and allows none.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use poem::{Body, Response};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const PAGE: &str = include_str!("page.html");

/// A text that is put into a template.
#[derive(Clone, Copy)]
pub enum Put<'a> {
    /// Of anybody: it is shown, whatever it holds.
    Text(&'a str),
    /// Of ours.
    Html(&'a str),
}

/// A page.
pub struct Page<'a> {
    /// The status that it is answered with.
    pub status: StatusCode,
    /// What the window is called.
    pub title: &'a str,
    /// What it shows: HTML.
    pub body: &'a str,
    /// Where its forms may lead (CSP `form-action`).
    pub form: &'a str,
    /// Whom a browser tells which page it comes from (`Referrer-Policy`).
    pub referrer: &'static str,
}

impl Page<'_> {
    /// The page as an answer that nobody stores, frames or adds to.
    #[must_use]
    pub fn response(&self) -> Response {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action {}; base-uri 'none'; \
             frame-ancestors 'none'",
            self.form
        );
        let html = filled(
            PAGE,
            &[("title", Put::Text(self.title)), ("style", Put::Html(STYLE)), ("body", Put::Html(self.body))],
        );
        Response::builder()
            .status(self.status)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .header(header::X_FRAME_OPTIONS, "DENY")
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, self.referrer)
            .body(Body::from_string(html))
    }
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

/// A template with each `{{name}}` replaced once; what is put in is not looked at again.
#[must_use]
pub fn filled(template: &str, put: &[(&str, Put<'_>)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        match put.iter().find(|(known, _)| *known == name) {
            Some((_, Put::Text(text))) => page.push_str(&escaped(text)),
            Some((_, Put::Html(html))) => page.push_str(html),
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
