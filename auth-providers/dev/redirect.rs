//! Where a client may be sent back to (RFC 6749 section 3.1.2, RFC 8252).

use crate::auth::kit::WebAddress;
use url::{Host, Url, form_urlencoded};

/// The longest address, in bytes.
const LONGEST: usize = 2000;
/// Schemes that a browser makes something else of than calling a client.
const NO_CLIENTS: [&str; 16] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "mailto",
    "sms",
    "tel",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// An address that a client registered: https, http on this machine, or a scheme of the client's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Reads an address.
    ///
    /// # Errors
    /// Says what it must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let plain = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
        if text.len() > LONGEST || !text.bytes().all(plain) {
            return Err(
                "a redirect URI has at most 2000 bytes, none of them outside of those that URLs are made of",
            );
        }
        let url = Url::parse(text).map_err(|_| "a redirect URI is a whole URL")?;
        if text.contains('#') {
            return Err("a redirect URI has no fragment");
        }
        let fits = match url.scheme() {
            "http" | "https" => WebAddress::parse(text).is_ok(),
            other => !NO_CLIENTS.contains(&other) && (other.contains('.') || url.has_host()),
        };
        if !fits {
            return Err("a redirect URI is https, http on this machine, or of a scheme of the client's own");
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that a request names: letter for letter, but for the port on this machine, which a client
    /// takes as it finds it (RFC 8252 section 7.3).
    #[must_use]
    pub fn admits(&self, asked: &str) -> bool {
        if self.0 == asked {
            return true;
        }
        match (local(&self.0), local(asked)) {
            (Some(own), Some(other)) => own == other && Self::parse(asked).is_ok(),
            _ => false,
        }
    }
}

/// Host and what follows the port of an http address on this machine.
fn local(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) =
        match authority.rfind(':').filter(|at| !authority.get(*at..).is_some_and(|end| end.contains(']'))) {
            Some(at) => authority.split_at(at),
            None => (authority, ""),
        };
    let digits = port.trim_start_matches(':').bytes().all(|b| b.is_ascii_digit());
    (digits && WebAddress::parse(&format!("http://{host}/")).is_ok()).then_some((host, path))
}

/// The place that a person is told they are sent to.
#[must_use]
pub fn place(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return String::new() };
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) => {
            url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
        }
        (scheme, _) => format!("the app that opens {scheme}: links"),
    }
}

/// What a page that is answered with a way to this address must allow its form to do (CSP `form-action`).
#[must_use]
pub fn form_source(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return String::new() };
    match (url.scheme(), url.host()) {
        // CSP has no word for IPv6 addresses.
        ("http", Some(Host::Ipv6(_))) => "http:".into(),
        ("https", Some(Host::Ipv6(_))) => "https:".into(),
        ("http" | "https", Some(_)) => url.origin().ascii_serialization(),
        (scheme, _) => format!("{scheme}:"),
    }
}

/// The address with these parameters behind it.
#[must_use]
pub fn with(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("{uri}{}{}", if uri.contains('?') { '&' } else { '?' }, query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_calls_a_client_safely_is_registered() {
        for good in [
            "https://app.example/cb?x=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:9/cb",
            "http://[::1]:9/cb",
            "http://localhost:9",
            "com.example.app:/cb",
            "cursor://anysphere.cursor-retrieval/oauth",
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "/cb",
            "http://app.example/cb",
            "http://127.0.0.1.evil.example/",
            "https://u:p@app.example/",
            "https://app.example/#x",
            "https://app.example/a b",
            "https://app.example\\@evil.example/",
            "https://app.éxample/",
            "javascript:alert(1)",
            "javascript://x/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "myapp:cb",
            "urn:ietf:wg:oauth:2.0:oob",
            &format!("https://app.example/{}", "x".repeat(LONGEST)),
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_compared_whole_but_for_the_port_on_this_machine() {
        let admits = |own: &str, asked: &str| RedirectUri::parse(own).unwrap().admits(asked);
        for (own, asked) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb"),
            ("http://127.0.0.1:1/cb?a=1", "http://127.0.0.1:2/cb?a=1"),
            ("http://[::1]/cb", "http://[::1]:9/cb"),
            ("http://localhost:1/cb", "http://localhost:2/cb"),
            ("https://app.example/cb", "https://app.example/cb"),
        ] {
            assert!(admits(own, asked), "{own} {asked}");
        }
        for (own, asked) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb/"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:9/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb?x"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:9/cb#x"),
            ("http://127.0.0.1/cb", "http://localhost:9/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:9@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:x/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1/cb"),
            ("https://app.example/cb", "https://app.example:8443/cb"),
            ("https://app.example/cb", "https://app.example/CB"),
            ("https://app.example/cb", "https://APP.example/cb"),
            ("http://127.0.0.1/cb", ""),
        ] {
            assert!(!admits(own, asked), "{own} {asked}");
        }
    }

    #[test]
    fn a_person_is_told_where_and_the_page_allows_no_more_than_that() {
        for (uri, told, source) in [
            ("https://app.example/cb", "app.example", "https://app.example"),
            ("http://127.0.0.1:9/cb", "127.0.0.1:9", "http://127.0.0.1:9"),
            ("http://[::1]:9/cb", "[::1]:9", "http:"),
            ("com.example.app:/cb", "the app that opens com.example.app: links", "com.example.app:"),
        ] {
            assert_eq!((place(uri).as_str(), form_source(uri).as_str()), (told, source));
        }
        assert_eq!(
            with("https://a.example", &[("code", "x y"), ("state", "&")]),
            "https://a.example?code=x+y&state=%26"
        );
        assert_eq!(with("com.a:/cb?x=1", &[("iss", "http://h")]), "com.a:/cb?x=1&iss=http%3A%2F%2Fh");
    }
}
