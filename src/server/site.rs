//! The names of a listener: what it is called in URLs, which hosts and origins it answers to.

use std::net::SocketAddr;
use url::Url;

/// The names that stand for this machine itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What a listener is called. On a loopback address without a public URL the three loopback names are one server.
#[derive(Clone, Debug)]
pub struct Site {
    url: String,
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Site {
    /// The site of a listener at `bound`. `hosts` and `origins` are what the operator adds; a host without a port is
    /// accepted with any.
    #[must_use]
    pub fn new(public_url: Option<&Url>, bound: SocketAddr, hosts: &[String], origins: &[String]) -> Self {
        let port = bound.port();
        let mut known: Vec<String> = hosts.iter().map(|host| host.to_lowercase()).collect();
        let mut own: Vec<String> =
            origins.iter().map(|origin| origin.trim_end_matches('/').to_lowercase()).collect();
        let local = bound.ip().is_loopback() || bound.ip().is_unspecified();
        if local {
            known.extend(LOOPBACK.map(str::to_owned));
            own.extend(LOOPBACK.map(|name| format!("http://{name}:{port}")));
        }
        if !bound.ip().is_unspecified() {
            known.push(bound.to_string());
        }
        let here = if local { format!("http://127.0.0.1:{port}") } else { format!("http://{bound}") };
        let url = match public_url {
            Some(url) => {
                known.extend(url.host_str().map(|host| {
                    url.port()
                        .map_or_else(|| host.to_lowercase(), |port| format!("{}:{port}", host.to_lowercase()))
                }));
                own.push(url.origin().ascii_serialization());
                url.as_str().trim_end_matches('/').to_owned()
            }
            None => here,
        };
        Self { url, hosts: known, origins: own }
    }

    /// The base URL that we print and name in documents; no slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether a request for this authority (`host` or `host:port`) is meant for us. Compares whole names.
    #[must_use]
    pub fn answers_to(&self, authority: &str) -> bool {
        let authority = authority.to_lowercase();
        if authority.contains(['@', '/', '#', '?', ' ']) {
            return false;
        }
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => name,
            _ => authority.as_str(),
        };
        self.hosts.iter().any(|host| *host == authority || *host == name)
    }

    /// Whether a page of this origin may call us.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        let origin = origin.to_lowercase();
        self.origins.contains(&origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_bind_is_one_server_under_three_names() {
        let site = Site::new(None, "127.0.0.1:4000".parse().unwrap(), &[], &[]);
        assert_eq!(site.url(), "http://127.0.0.1:4000");
        for good in ["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "LOCALHOST:4000", "localhost"] {
            assert!(site.answers_to(good), "{good}");
        }
        for evil in
            ["evil.example", "127.0.0.1.evil.example:4000", "a@localhost", "localhost.evil", "xlocalhost", ""]
        {
            assert!(!site.answers_to(evil), "{evil}");
        }
        assert!(site.allows("http://localhost:4000"));
        for evil in
            ["http://localhost:4001", "https://evil.example", "null", "http://localhost:4000.evil.example"]
        {
            assert!(!site.allows(evil), "{evil}");
        }
    }

    #[test]
    fn a_public_url_is_the_name_and_the_operators_names_are_added() {
        let url: Url = "https://mcp.example.com/".parse().unwrap();
        let hosts = ["inside:8080".to_owned(), "other".to_owned()];
        let site =
            Site::new(Some(&url), "10.0.0.4:3000".parse().unwrap(), &hosts, &["https://app.example/".into()]);
        assert_eq!(site.url(), "https://mcp.example.com");
        for good in ["mcp.example.com", "mcp.example.com:443", "10.0.0.4:3000", "inside:8080", "other:1"] {
            assert!(site.answers_to(good), "{good}");
        }
        for bad in ["inside", "inside:80", "localhost:3000"] {
            assert!(!site.answers_to(bad), "{bad}");
        }
        assert!(site.allows("https://app.example") && site.allows("https://mcp.example.com"));
    }
}
