//! Where a workspace is.

use super::api::limiter::Rate;
use crate::seam::Upstream;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;
use url::{Host, Url};

/// An address that a key may be sent to, or the embedded workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseUrl {
    /// The embedded workspace.
    Sandbox,
    /// https, or http on this machine; no user, query or fragment.
    At(Url),
}

impl BaseUrl {
    const CLOUD: &str = "https://api.twenty.com";

    /// Twenty's own cloud.
    #[must_use]
    pub fn cloud() -> Self {
        // Falls back to the sandbox only if the constant above were no URL; a test holds that it is one.
        Self::parse(Self::CLOUD).unwrap_or(Self::Sandbox)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Says what an address must be; never quotes it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "sandbox" {
            return Ok(Self::Sandbox);
        }
        let url: Url =
            text.parse().map_err(|_| "expected `sandbox` or a URL, as in `https://crm.example.com`")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a user or password in the URL: the key belongs into `api_key`");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("expected a URL without `?` and `#`");
        }
        match url.scheme() {
            "https" => Ok(Self::At(url)),
            "http" if loopback(&url) => Ok(Self::At(url)),
            "http" => Err("http sends the key in the clear: use https (http is for this machine alone)"),
            _ => Err("expected a URL that begins with https://"),
        }
    }

    /// As a credential holds it.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        match self {
            Self::Sandbox => Upstream::Sandbox,
            Self::At(url) => Upstream::Url(url.clone()),
        }
    }

    /// The limit that holds here: what the operator set, else Twenty's own; none for the sandbox, and none on this
    /// machine unless one is set.
    #[must_use]
    pub fn rate(&self, set: Option<Rate>) -> Option<Rate> {
        match self {
            Self::Sandbox => None,
            Self::At(url) if loopback(url) => set,
            Self::At(_) => Some(set.unwrap_or_default()),
        }
    }
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl Serialize for BaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Sandbox => serializer.serialize_str("sandbox"),
            Self::At(url) => serializer.serialize_str(url.as_str().trim_end_matches('/')),
        }
    }
}

impl<'de> Deserialize<'de> for BaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for BaseUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "BaseUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "examples": [Self::CLOUD, "sandbox"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_to_https_or_this_machine_alone() {
        assert!(matches!(BaseUrl::cloud(), BaseUrl::At(_)));
        for good in [
            "sandbox",
            "https://crm.example.com/x",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:9",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "crm.example.com",
            "http://crm.example.com",
            "http://localhost.evil.example",
            "ftp://x",
            "https://k@x",
            "https://x?y",
            "https://x#y",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn this_machine_has_no_limit_unless_one_is_set() {
        let set = Rate { per_minute: 7, burst: 7 };
        assert_eq!(BaseUrl::cloud().rate(None), Some(Rate::default()));
        assert_eq!(BaseUrl::cloud().rate(Some(set)), Some(set));
        let here = BaseUrl::parse("http://127.0.0.1:1").unwrap();
        assert_eq!((here.rate(None), here.rate(Some(set))), (None, Some(set)));
        assert_eq!(BaseUrl::Sandbox.rate(Some(set)), None);
    }
}
