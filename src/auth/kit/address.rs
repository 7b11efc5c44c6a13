//! Addresses that this server asks.

use crate::seam::is_here;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;
use url::Url;

/// An address that is asked: https, or http on this machine. Its text is kept letter for letter, as issuers are compared
/// so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress {
    text: String,
    url: Url,
}

/// A text that is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAddress(&'static str);

impl WebAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// Says what an address must be; never quotes it.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let url =
            Url::parse(text).map_err(|_| BadAddress("expected a URL, as in `https://id.example.com`"))?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(BadAddress("leave out user, password and fragment"));
        }
        match url.scheme() {
            "https" if url.host().is_some() => {}
            "http" if is_here(&url) => {}
            "http" => return Err(BadAddress("must be https; http is for this machine alone")),
            _ => return Err(BadAddress("expected a URL that begins with https://")),
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address, to be asked.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_here(&self.url)
    }
}

impl Serialize for WebAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for WebAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for WebAddress {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WebAddress".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "examples": ["https://id.example.com"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_13_only_https_and_this_machine_are_asked() {
        for good in
            ["https://id.example/", "https://id.example/realms/x?p=y", "http://127.0.0.1:9", "http://[::1]/"]
        {
            assert_eq!(WebAddress::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "id.example",
            "http://id.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "https://u@id.example",
            "https://:p@id.example",
            "https://id.example#x",
            "ftp://id.example",
            "file:///etc/passwd",
            "data:,x",
        ] {
            assert!(WebAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
