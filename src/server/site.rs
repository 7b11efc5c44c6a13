//! The names of a listener: what it is called in URLs, which hosts and origins it answers to.

use crate::seam::ProtectedResource;
use std::net::SocketAddr;
use url::Url;

/// The names that stand for this machine itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What a listener is called. On a loopback address without a public URL the three loopback names are one server.
#[derive(Clone, Debug)]
pub struct Site {
    url: String,
    /// What it is called in URLs, the printed one first.
    bases: Vec<String>,
    /// Its own names, each with its real port, and without one where that is the protocol's own.
    own: Vec<String>,
    /// What the operator calls it; a name without a port is accepted with any.
    given: Vec<String>,
    origins: Vec<String>,
}

impl Site {
    /// The site of a listener at `bound`. `hosts` and `origins` are what the operator adds; a host without a port is
    /// accepted with any.
    #[must_use]
    pub fn new(public_url: Option<&Url>, bound: SocketAddr, hosts: &[String], origins: &[String]) -> Self {
        let (ip, port) = (bound.ip(), bound.port());
        let mut names = Vec::new();
        if ip.is_loopback() || ip.is_unspecified() {
            names.extend(LOOPBACK.map(|name| format!("{name}:{port}")));
        }
        if !ip.is_unspecified() {
            names.push(bound.to_string());
        }
        let plain = names.iter().filter_map(|name| name.strip_suffix(":80")).map(str::to_owned);
        let own: Vec<String> = plain.chain(names.iter().cloned()).collect();
        let mut given: Vec<String> = hosts.iter().map(|host| host.to_lowercase()).collect();
        let mut welcome: Vec<String> =
            origins.iter().map(|origin| origin.trim_end_matches('/').to_lowercase()).collect();
        welcome.extend(own.iter().map(|name| format!("http://{name}")));
        let url = match public_url {
            Some(url) => {
                given.extend(url.host_str().map(|host| {
                    url.port()
                        .map_or_else(|| host.to_lowercase(), |port| format!("{}:{port}", host.to_lowercase()))
                }));
                welcome.push(url.origin().ascii_serialization());
                url.as_str().trim_end_matches('/').to_owned()
            }
            None if ip.is_unspecified() => format!("http://127.0.0.1:{port}"),
            None => format!("http://{bound}"),
        };
        let mut bases = vec![url.clone()];
        if public_url.is_none() {
            let names = names.iter().map(|name| name.strip_suffix(":80").unwrap_or(name));
            bases.extend(names.map(|name| format!("http://{name}")).filter(|base| *base != url));
            bases.dedup();
        }
        Self { url, bases, own, given, origins: welcome }
    }

    /// What it is called by those who give out tokens for it.
    #[must_use]
    pub fn resource(&self) -> ProtectedResource {
        ProtectedResource::new(self.bases.clone())
    }

    /// The base URL that we print and name in documents; no slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether clients reach us by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// Whether a request for this authority (`host` or `host:port`) is meant for us. Compares whole names.
    #[must_use]
    pub fn answers_to(&self, authority: &str) -> bool {
        // Nearly everybody says it as it is written here.
        if self.own.iter().any(|host| host == authority) {
            return true;
        }
        if authority.contains(['@', '/', '#', '?', ' ']) {
            return false;
        }
        let name = match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => name,
            _ => authority,
        };
        // Whatever is no ASCII is no host name on the wire.
        let is = |host: &String, said: &str| host.eq_ignore_ascii_case(said);
        self.own.iter().any(|host| is(host, authority))
            || self.given.iter().any(|host| is(host, authority) || is(host, name))
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
        assert!(!site.is_https());
        for good in ["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "LOCALHOST:4000"] {
            assert!(site.answers_to(good), "{good}");
        }
        for evil in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "localhost:4001",
            "localhost:80",
            "localhost:04000",
            "localhost:",
            "localhost.:4000",
            "evil.example",
            "127.0.0.1.evil.example:4000",
            "a@localhost:4000",
            "localhost.evil:4000",
            "xlocalhost:4000",
            "",
        ] {
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
    fn a_name_may_stand_without_a_port_where_that_is_the_protocols_own() {
        let hosts = ["box".to_owned()];
        let site = Site::new(None, "127.0.0.1:80".parse().unwrap(), &hosts, &[]);
        for good in ["localhost", "localhost:80", "[::1]", "127.0.0.1:80", "box", "box:9"] {
            assert!(site.answers_to(good), "{good}");
        }
        for bad in ["localhost:443", "127.0.0.1:8080", "[::1]:3000"] {
            assert!(!site.answers_to(bad), "{bad}");
        }
        assert!(site.allows("http://localhost") && !site.allows("http://localhost:3000"));
    }

    #[test]
    fn what_is_printed_can_be_reached() {
        for (bound, url) in [
            ("127.0.0.1:4000", "http://127.0.0.1:4000"),
            ("0.0.0.0:4000", "http://127.0.0.1:4000"),
            ("[::]:4000", "http://127.0.0.1:4000"),
            ("[::1]:4000", "http://[::1]:4000"),
            ("127.0.0.2:4000", "http://127.0.0.2:4000"),
            ("10.0.0.4:4000", "http://10.0.0.4:4000"),
        ] {
            let site = Site::new(None, bound.parse().unwrap(), &[], &[]);
            assert_eq!(site.url(), url);
            assert!(site.answers_to(url.trim_start_matches("http://")), "{bound}");
        }
    }

    #[test]
    fn a_resource_has_the_servers_names() {
        let bound = "127.0.0.1:4000".parse().unwrap();
        let here = Site::new(None, bound, &[], &[]).resource();
        for name in ["localhost:4000", "127.0.0.1:4000", "[::1]:4000"] {
            assert_eq!(here.asked(name), format!("http://{name}"));
            assert!(here.is(&format!("http://{name}/mcp")), "{name}");
        }
        let url: Url = "https://mcp.example.com/".parse().unwrap();
        let here = Site::new(Some(&url), bound, &[], &[]).resource();
        assert_eq!(here.asked("localhost:4000"), "https://mcp.example.com");
        assert!(here.is("https://mcp.example.com/mcp") && !here.is("http://localhost:4000/mcp"));
        let here = Site::new(None, "10.0.0.4:80".parse().unwrap(), &[], &[]).resource();
        assert!(here.is("http://10.0.0.4/mcp") && here.is("http://10.0.0.4:80/mcp"));
        assert!(!here.is("http://localhost/mcp"));
    }

    #[test]
    fn a_public_url_is_the_name_and_the_operators_names_are_added() {
        let url: Url = "https://mcp.example.com/".parse().unwrap();
        let hosts = ["inside:8080".to_owned(), "other".to_owned()];
        let site =
            Site::new(Some(&url), "10.0.0.4:3000".parse().unwrap(), &hosts, &["https://app.example/".into()]);
        assert_eq!(site.url(), "https://mcp.example.com");
        assert!(site.is_https());
        for good in ["mcp.example.com", "mcp.example.com:443", "10.0.0.4:3000", "inside:8080", "other:1"] {
            assert!(site.answers_to(good), "{good}");
        }
        for bad in ["inside", "inside:80", "localhost:3000"] {
            assert!(!site.answers_to(bad), "{bad}");
        }
        assert!(site.allows("https://app.example") && site.allows("https://mcp.example.com"));
    }
}
