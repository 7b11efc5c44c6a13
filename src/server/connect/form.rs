//! The form: who may send it, what it says, and what is wrong with it.

use crate::keys::EnterError;
use http::{StatusCode, header};
use poem::Request;
use url::{Url, form_urlencoded};

/// The longest address that is shown again, in bytes.
const LONGEST: usize = 2048;

/// What was sent.
pub(super) struct Form {
    pub(super) key: String,
    /// The address as it was typed.
    pub(super) address: String,
    pub(super) proof: String,
}

/// Which field it is that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The key.
    Key,
    /// The address.
    Address,
    /// Neither: it does not work.
    None,
}

/// What is wrong.
pub(super) struct Fault {
    pub(super) field: Field,
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// Seconds after which it is worth to try again.
    pub(super) wait: Option<u64>,
}

impl Form {
    /// Reads a form, whose size was bounded before; none where it is none.
    pub(super) async fn read(request: &mut Request) -> Option<Self> {
        let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let body = request.take_body().into_vec().await.ok()?;
        let one = |name: &str| {
            let mut all = form_urlencoded::parse(&body).filter(|(known, _)| known == name);
            match (all.next(), all.next()) {
                (value, None) => Some(value.map_or_else(String::new, |(_, value)| value.into_owned())),
                _ => None,
            }
        };
        let address = one("base_url").filter(|address| address.len() <= LONGEST)?;
        Some(Self { key: one("key")?, address, proof: one("csrf_token")? })
    }

    /// The address, where one was typed.
    pub(super) fn address(&self) -> Option<&str> {
        Some(self.address.trim()).filter(|address| !address.is_empty())
    }

    /// What is wrong with it, beside which field.
    pub(super) fn fault(&self, error: &EnterError) -> Fault {
        let (field, status) = match error {
            EnterError::NoKey | EnterError::BadKey | EnterError::Refused(_) => {
                (Field::Key, StatusCode::BAD_REQUEST)
            }
            EnterError::BadAddress(_) | EnterError::NoAddress | EnterError::NotThere(_) => {
                (Field::Address, StatusCode::BAD_REQUEST)
            }
            EnterError::Unreachable(_) => (Field::Address, StatusCode::BAD_GATEWAY),
            EnterError::NotSignedIn => (Field::None, StatusCode::FORBIDDEN),
            EnterError::TooOften { .. } => (Field::None, StatusCode::TOO_MANY_REQUESTS),
            EnterError::Limited { .. } => (Field::None, StatusCode::SERVICE_UNAVAILABLE),
            EnterError::Vault(_) if error.retry_after().is_some() => {
                (Field::None, StatusCode::SERVICE_UNAVAILABLE)
            }
            EnterError::Vault(_) => (Field::None, StatusCode::INTERNAL_SERVER_ERROR),
        };
        Fault { field, status, message: sentence(&error.to_string()), wait: error.retry_after() }
    }
}

/// Whether a form comes from a page of this server. A browser that is told to say nothing of the page it comes from says
/// `null` for its origin, and whether it is of the same one in a header of its own.
pub(super) fn is_own(request: &Request, base: &str) -> bool {
    let one = |name: header::HeaderName| {
        let mut all = request.headers().get_all(name).iter();
        match (all.next(), all.next()) {
            (value, None) => Ok(value.and_then(|value| value.to_str().ok())),
            _ => Err(()),
        }
    };
    let (Ok(origin), Ok(site)) =
        (one(header::ORIGIN), one(header::HeaderName::from_static("sec-fetch-site")))
    else {
        return false;
    };
    let own = Url::parse(base).map(|base| base.origin().ascii_serialization());
    let known = match origin {
        None | Some("null") => true,
        Some(origin) => own.is_ok_and(|own| own.eq_ignore_ascii_case(origin)),
    };
    known && site.is_none_or(|site| site == "same-origin")
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    // People read no code.
    let message = message.replace('`', "");
    let mut letters = message.chars();
    let mut sentence: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&str, &str)]) -> bool {
        let request =
            headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        is_own(&request.finish(), "https://mcp.example/base")
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        for good in [
            &[][..],
            &[("origin", "https://mcp.example")],
            &[("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[("origin", "https://mcp.example"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(own(good), "{good:?}");
        }
        for bad in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "https://mcp.example"), ("origin", "https://mcp.example")],
            &[("origin", "http://mcp.example")],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://mcp.example"), ("sec-fetch-site", "none")],
        ] {
            assert!(!own(bad), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_form_is_read_whole_or_not_at_all() {
        let read = async |kind: &str, body: &str| {
            let mut request = Request::builder().content_type(kind).body(body.to_owned());
            Form::read(&mut request).await.map(|form| (form.key, form.address, form.proof))
        };
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let good = read(kind, "key=a%2Bb&base_url=+&csrf_token=p&more=1").await;
        assert_eq!(good, Some(("a+b".into(), " ".into(), "p".into())));
        assert_eq!(read(kind, "").await, Some(Default::default()));
        assert_eq!(read(kind, "key=a&key=b").await, None);
        assert_eq!(read(kind, &format!("base_url={}", "x".repeat(2049))).await, None);
        assert_eq!(read("text/plain", "key=a").await, None);
        assert_eq!(sentence("it is `so`"), "It is so.");
    }
}
