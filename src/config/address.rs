//! Addresses that are compared with what clients send: one that is written wrong would match nothing, in silence.

use ipnet::IpNet;
use schemars::{Schema, SchemaGenerator, json_schema};
use std::net::IpAddr;
use url::Url;

/// A `format` that the schema check knows.
pub(super) struct Format {
    /// Its name in a schema.
    pub name: &'static str,
    /// What is wanted, in words.
    pub wanted: &'static str,
    /// Whether a text has it.
    pub fits: fn(&str) -> bool,
}

/// The formats of `server`.
pub(super) const FORMATS: [Format; 5] = [
    Format {
        name: "web-origin",
        wanted: "an origin (scheme, host and port alone), as in `https://app.example.com`",
        fits: is_origin,
    },
    Format {
        name: "host-name",
        wanted: "a host with or without a port, as in `mcp.example.com`",
        fits: is_host,
    },
    Format { name: "above-zero", wanted: "more than zero", fits: is_above_zero },
    Format {
        name: "replica-name",
        wanted: "at most 63 letters, digits, `-` and `_`, as in `a`",
        fits: is_replica_name,
    },
    Format { name: "ip-range", wanted: "an IP address or network, as in `10.0.0.0/8`", fits: is_ip_range },
];

/// The schema of a list of origins (RFC 6454, section 6.2).
pub(super) fn origins(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "web-origin" } })
}

/// The schema of a list of hosts, as a Host header names them.
pub(super) fn hosts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "host-name" } })
}

/// The schema of a list of addresses and networks (CIDR, RFC 4632).
pub(super) fn ip_ranges(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "ip-range" } })
}

/// An http or https URL of a host and a port alone.
fn site(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let one = url.host_str().is_some_and(|host| !host.contains('*'));
    let plain = one && url.username().is_empty() && url.password().is_none() && url.path() == "/";
    (plain && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

fn is_origin(text: &str) -> bool {
    site(text).is_some()
}

fn is_host(text: &str) -> bool {
    !text.contains(['/', '\\']) && site(&format!("http://{text}/")).is_some()
}

fn is_ip_range(text: &str) -> bool {
    text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok()
}

/// A name of a container or pod is one; with a dot, it could not be told from the rest of an id.
fn is_replica_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&text.len()) && text.bytes().all(plain)
}

/// An amount with a unit; one that is malformed is told of as such.
fn is_above_zero(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    digits.is_empty() || digits.bytes().any(|digit| digit != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path_and_is_no_wildcard() {
        for good in
            ["https://App.example.com", "https://app.example.com/", "http://localhost:8080", "http://[::1]"]
        {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "*",
            "null",
            "",
            "app.example.com",
            "https://a.b/c",
            "https://a.b?q",
            "https://u@a.b",
            "ftp://a.b",
            "https://*.a.b",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_is_no_url() {
        for good in ["mcp.example.com", "mcp.example.com:8443", "[::1]:80", "10.0.0.1"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "https://mcp.example.com", "a b", "a/b", "u@a", "a:99999", "*", "*.a.b"] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_replica_has_a_name_that_stands_in_a_header_and_a_pattern() {
        for good in ["a", "B-2", "twenty_mcp-7d9f8c-x2x4b"] {
            assert!(is_replica_name(good), "{good}");
        }
        for bad in ["", "a.b", "a b", "ä", "a\n", "a:1", &"a".repeat(64)] {
            assert!(!is_replica_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_network_has_no_more_bits_than_its_address() {
        for good in ["10.0.0.0/8", "10.1.2.3", "::1", "fd00::/8"] {
            assert!(is_ip_range(good), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "banana"] {
            assert!(!is_ip_range(bad), "{bad}");
        }
    }
}
