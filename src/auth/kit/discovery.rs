//! What an issuer says of itself (RFC 8414, OpenID Connect Discovery).

use super::{Fault, Fetcher, Kept, Pace, WebAddress};
use crate::seam::AuthError;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// An issuer's metadata document, fetched when it is needed.
#[derive(Clone)]
pub struct Discovery(Kept<Document>);

/// A metadata document whose issuer is the one that was asked.
pub struct Document {
    /// The document as it came.
    pub whole: Arc<Value>,
    issuer: WebAddress,
}

impl Discovery {
    /// How old a document may be before it is fetched anew.
    const FRESH: Duration = Duration::from_secs(3600);

    /// The document of an issuer.
    #[must_use]
    pub fn new(issuer: WebAddress, fetcher: Fetcher, pace: Pace) -> Self {
        let pace = Pace { fresh: pace.fresh.max(Self::FRESH), ..pace };
        Self(Kept::new(pace, move || {
            let (issuer, fetcher) = (issuer.clone(), fetcher.clone());
            Box::pin(async move { discover(&issuer, &fetcher).await })
        }))
    }

    /// The document.
    ///
    /// # Errors
    /// It cannot be had, or is another issuer's.
    pub async fn document(&self) -> Result<Arc<Document>, AuthError> {
        self.0.get(|_| true).await?.ok_or(AuthError::UNAVAILABLE)
    }

    /// The address that a member of the document holds, as `jwks_uri`.
    ///
    /// # Errors
    /// The document cannot be had, or names no address that may be asked.
    pub async fn address(&self, member: &str) -> Result<WebAddress, Fault> {
        match self.document().await {
            Ok(document) => document.address(member),
            Err(AuthError::Misconfigured(reason)) => Err(Fault::Wrong(reason)),
            Err(AuthError::Unavailable { retry_after }) => {
                Err(Fault::Unavailable { reason: "its document cannot be had".into(), retry_after })
            }
            Err(error) => Err(Fault::unavailable(error.to_string())),
        }
    }
}

/// Where the document of an issuer may be, in the order in which clients look (MCP 2025-11-25, Authorization Server
/// Metadata Discovery).
fn addresses(issuer: &WebAddress) -> Vec<WebAddress> {
    let path = issuer.url().path().trim_end_matches('/');
    let inserted = ["oauth-authorization-server", "openid-configuration"].map(|document| {
        let mut url = issuer.url().clone();
        url.set_path(&format!("/.well-known/{document}{path}"));
        url.to_string()
    });
    let appended = (!path.is_empty())
        .then(|| format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/')));
    inserted.into_iter().chain(appended).filter_map(|url| WebAddress::parse(&url).ok()).collect()
}

async fn discover(issuer: &WebAddress, fetcher: &Fetcher) -> Result<Document, Fault> {
    let mut told = None;
    for address in addresses(issuer) {
        let found = match fetcher.json(&address).await {
            Ok(document) => read(issuer, document, &address),
            Err(fault) => Err(fault),
        };
        match found {
            Ok(document) => return Ok(document),
            // Somebody who may be the one that has it does not answer: nothing is known yet.
            Err(fault @ Fault::Unavailable { .. }) => return Err(fault),
            Err(fault @ Fault::Wrong(_)) => told = Some(fault),
            Err(fault @ Fault::Missing(_)) => told = told.or(Some(fault)),
        }
    }
    let nowhere = || Fault::Missing(format!("{} has no metadata document", issuer.as_str()));
    Err(match told {
        Some(fault @ Fault::Wrong(_)) => fault,
        _ => nowhere(),
    })
}

fn read(issuer: &WebAddress, document: Value, at: &WebAddress) -> Result<Document, Fault> {
    let said = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    // RFC 8414 section 3.3: identical, or nothing of the document is believed.
    if said != issuer.as_str() {
        return Err(Fault::Wrong(format!(
            "the document at {} is of the issuer `{said}`, and the configuration says `{}`: they must be the same \
             letter for letter",
            at.as_str(),
            issuer.as_str()
        )));
    }
    Ok(Document { whole: Arc::new(document), issuer: issuer.clone() })
}

impl Document {
    /// The address that a member holds. An issuer elsewhere does not send us to this machine.
    fn address(&self, member: &str) -> Result<WebAddress, Fault> {
        let of = self.issuer.as_str();
        let said = self.whole.get(member).and_then(Value::as_str);
        let said = said.ok_or_else(|| Fault::Wrong(format!("the document of {of} has no `{member}`")))?;
        let address = WebAddress::parse(said)
            .map_err(|error| Fault::Wrong(format!("the `{member}` of {of} is not to be asked: {error}")))?;
        if address.is_loopback() && !self.issuer.is_loopback() {
            return Err(Fault::Wrong(format!("the `{member}` of {of} is on this machine")));
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn address(text: &str) -> WebAddress {
        WebAddress::parse(text).unwrap()
    }

    #[test]
    fn documents_are_looked_for_where_clients_look() {
        let all = |issuer: &str| -> Vec<String> {
            addresses(&address(issuer)).iter().map(|address| address.as_str().to_owned()).collect()
        };
        for issuer in ["https://id.example", "https://id.example/"] {
            assert_eq!(
                all(issuer),
                [
                    "https://id.example/.well-known/oauth-authorization-server",
                    "https://id.example/.well-known/openid-configuration",
                ]
            );
        }
        assert_eq!(
            all("https://id.example/realms/crm"),
            [
                "https://id.example/.well-known/oauth-authorization-server/realms/crm",
                "https://id.example/.well-known/openid-configuration/realms/crm",
                "https://id.example/realms/crm/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn rule_14_a_document_of_another_issuer_is_not_believed() {
        let issuer = address("https://id.example/");
        let of = |issuer: &str| json!({ "issuer": issuer, "jwks_uri": "https://id.example/keys" });
        assert!(read(&issuer, of("https://id.example/"), &issuer).is_ok());
        for other in ["https://id.example", "https://ID.example/", "https://evil.example/", ""] {
            let fault = read(&issuer, of(other), &issuer).err().unwrap();
            assert!(matches!(fault, Fault::Wrong(_)), "{other}");
        }
    }

    #[test]
    fn rule_22_keys_are_not_fetched_from_where_an_issuer_has_no_business() {
        let (far, near) = (address("https://id.example"), address("http://localhost:9"));
        let fault = |issuer: &WebAddress, uri: &str| {
            let document = json!({ "issuer": issuer.as_str(), "jwks_uri": uri });
            let document = read(issuer, document, issuer).ok().unwrap();
            assert!(document.address("introspection_endpoint").is_err(), "it names none");
            document.address("jwks_uri").err()
        };
        assert_eq!(fault(&far, "https://keys.example/x"), None);
        assert_eq!(fault(&near, "http://127.0.0.1:9/keys"), None);
        for bad in
            ["http://id.example/keys", "http://127.0.0.1/keys", "https://localhost/keys", "file:///keys"]
        {
            assert!(matches!(fault(&far, bad), Some(Fault::Wrong(_))), "{bad}");
        }
    }
}
