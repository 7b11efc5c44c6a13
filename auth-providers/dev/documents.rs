//! Clients whose id is the address of a document about them (OAuth Client ID Metadata Document). Whoever can open a page
//! here can make the server ask for one: it asks few at a time, no address inside this network, follows nobody elsewhere,
//! and takes a small answer in a short time or none.

use super::{answer::Fault, metadata::Client};
use crate::auth::kit::{self, Fetcher, WebAddress};
use crate::seam::SetupError;
use http::StatusCode;
use serde_json::Value;
use tokio::sync::Semaphore;

/// How many documents are asked for at once.
const AT_ONCE: usize = 4;
/// The longest address, in bytes.
const LONGEST: usize = 1000;

/// Fetches documents.
pub struct Documents {
    fetcher: Fetcher,
    turns: Semaphore,
}

impl Documents {
    /// With connections of its own.
    ///
    /// # Errors
    /// TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, SetupError> {
        Ok(Self { fetcher: Fetcher::for_strangers()?, turns: Semaphore::new(AT_ONCE) })
    }

    /// The client that a document tells of.
    ///
    /// # Errors
    /// The address is not to be asked; or there is no document there, or it is another client's.
    pub async fn client(&self, id: &str) -> Result<Client, Fault> {
        let address = address(id)?;
        let _turn = self.turns.try_acquire().map_err(|_| Fault {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Fault::new(
                "temporarily_unavailable",
                "too many clients' documents are asked for just now; try again",
            )
        })?;
        let document = self.fetcher.json(&address).await;
        read(id, &document.map_err(|fault| no_document(&fault))?)
    }
}

fn no_document(fault: &kit::Fault) -> Fault {
    Fault::no_client(format!("the client's metadata document cannot be had: {fault}"))
}

/// An id that is an address: whole, of a document and not of a whole host, and written in one way only.
fn address(id: &str) -> Result<WebAddress, Fault> {
    let wrong = |message: &str| Fault::no_client(format!("a client id that is an address {message}"));
    if id.len() > LONGEST {
        return Err(wrong("has at most 1000 bytes"));
    }
    let address = WebAddress::parse(id)
        .map_err(|_| wrong("is https, or http on this machine, without user, password and fragment"))?;
    if address.url().as_str() != id || address.url().path() == "/" {
        return Err(wrong("has a path, and is written as browsers write it"));
    }
    Ok(address)
}

fn read(id: &str, document: &Value) -> Result<Client, Fault> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("client_id") != Some(id) {
        return Err(Fault::no_client(
            "the client's metadata document names another `client_id` than its own address",
        ));
    }
    if document.get("client_secret").is_some()
        || text("token_endpoint_auth_method").is_some_and(|way| way != "none")
    {
        return Err(Fault::no_client(
            "clients here have no secret: `token_endpoint_auth_method` must be `none`",
        ));
    }
    Client::read(document).map_err(|fault| {
        Fault::no_client(format!("the client's metadata document is not in order: {}", fault.description))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_documents_own_address_is_a_client() {
        for good in ["https://app.example/client.json", "http://127.0.0.1:9/c", "https://app.example/c?v=1"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "https://app.example",
            "https://app.example/",
            "https://app.example/a/../b",
            "https://APP.example/c",
            "https://u@app.example/c",
            "https://app.example/c#x",
            "http://app.example/c",
            "ftp://app.example/c",
            "app://x/c",
        ] {
            assert_eq!(address(bad).unwrap_err().code, "invalid_client", "{bad}");
        }
        let id = "https://app.example/c";
        let document =
            json!({ "client_id": id, "client_name": "App", "redirect_uris": ["https://app.example/cb"] });
        assert_eq!(read(id, &document).unwrap().name.as_deref(), Some("App"));
        for (name, value) in [
            ("client_id", json!("https://app.example/d")),
            ("client_id", json!(null)),
            ("client_secret", json!("x")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("redirect_uris", json!(["http://evil.example/"])),
        ] {
            let mut document = document.clone();
            document[name] = value;
            assert_eq!(read(id, &document).unwrap_err().code, "invalid_client", "{document}");
        }
    }
}
