//! What this server is called by those who give out tokens for it.

/// This server as a protected resource (RFC 8707, RFC 9728): `<base>/mcp`, with one base, or on a loopback address
/// without a public URL one for each of its three names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectedResource {
    bases: Vec<String>,
}

impl ProtectedResource {
    /// The path of the resource below its base.
    const PATH: &str = "/mcp";

    /// A resource with these base URLs, none of which ends in a slash; the first is the one that is printed.
    #[must_use]
    pub const fn new(bases: Vec<String>) -> Self {
        Self { bases }
    }

    /// Its base URLs.
    #[must_use]
    pub fn bases(&self) -> &[String] {
        &self.bases
    }

    /// The base URL under which a request for this authority (`host:port`) asked: a choice among our own names, so that
    /// nothing of the request gets into an answer.
    #[must_use]
    pub fn asked(&self, authority: &str) -> &str {
        let named = |base: &&String| {
            base.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(authority))
        };
        self.bases.iter().find(named).or(self.bases.first()).map_or("", String::as_str)
    }

    /// The base URL under which a request asked: by the name of its target (absolute form, HTTP/2), or else its Host.
    #[must_use]
    pub fn asked_by(&self, request: &poem::Request) -> &str {
        let target = request.uri().authority().map(http::uri::Authority::as_str);
        self.asked(target.or_else(|| request.header(http::header::HOST)).unwrap_or_default())
    }

    /// The resource identifier below one of the bases.
    #[must_use]
    pub fn identifier(base: &str) -> String {
        format!("{base}{}", Self::PATH)
    }

    /// Whether an audience of a token means this server. One slash at its end is forgiven, as clients add one, and the
    /// case of scheme and host, which says nothing (RFC 3986 section 6.2.2.1).
    #[must_use]
    pub fn is(&self, audience: &str) -> bool {
        let audience = audience.strip_suffix('/').unwrap_or(audience);
        let Some(base) = audience.strip_suffix(Self::PATH) else { return false };
        self.bases.iter().any(|own| {
            let (name, path) = split(own);
            let (said, rest) = split(base);
            name.eq_ignore_ascii_case(said) && path == rest
        })
    }

    /// Whether a page of this origin is one of this server's.
    #[must_use]
    pub fn is_origin(&self, origin: &str) -> bool {
        self.bases.iter().any(|own| split(own).0.eq_ignore_ascii_case(origin))
    }
}

/// Scheme and authority of a URL, and what follows them.
fn split(url: &str) -> (&str, &str) {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(begin..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| begin + at);
    url.split_at_checked(end).unwrap_or((url, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(bases: &[&str]) -> ProtectedResource {
        ProtectedResource::new(bases.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rule_04_an_audience_is_compared_whole_but_for_one_slash_and_the_hosts_case() {
        let here = resource(&["https://mcp.example.com/Crm"]);
        for good in [
            "https://mcp.example.com/Crm/mcp",
            "https://mcp.example.com/Crm/mcp/",
            "HTTPS://MCP.example.com/Crm/mcp",
        ] {
            assert!(here.is(good), "{good}");
        }
        for bad in [
            "",
            "/mcp",
            "https://mcp.example.com/Crm/mcp//",
            "https://mcp.example.com/crm/mcp",
            "https://mcp.example.com/mcp",
            "https://mcp.example.com/Crm",
            "https://mcp.example.com/Crm/mcp/x",
            "https://mcp.example.com/Crm/mcp#x",
            "https://mcp.example.com/Crm/mcp?x",
            "http://mcp.example.com/Crm/mcp",
            "https://mcp.example.com.evil.example/Crm/mcp",
            "https://evil.example/https://mcp.example.com/Crm/mcp",
        ] {
            assert!(!here.is(bad), "{bad}");
        }
        assert!(!ProtectedResource::default().is("/mcp"));
        assert!(here.is_origin("https://mcp.example.com"));
        for bad in ["", "https://mcp.example.com/Crm", "https://mcp.example.com/", "http://mcp.example.com"] {
            assert!(!here.is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn rule_04_three_names_are_one_server_and_the_asked_one_is_told() {
        let here = resource(&["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"]);
        for name in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"] {
            assert_eq!(here.asked(name), format!("http://{name}"));
            assert!(here.is(&format!("http://{name}/mcp")));
        }
        assert_eq!(here.asked("LocalHost:3000"), "http://localhost:3000");
        for other in ["", "evil.example", "localhost", "localhost:3001"] {
            assert_eq!(here.asked(other), "http://127.0.0.1:3000");
            assert!(!here.is(&format!("http://{other}/mcp")));
        }
    }
}
