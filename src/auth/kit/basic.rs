//! A client that shows its secret in a header (RFC 6749 section 2.3.1).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use url::form_urlencoded::byte_serialize;

/// The value of `Authorization`. Both are encoded as forms are before they are joined, so that a colon in the name is none
/// between the two.
#[must_use]
pub fn basic(id: &str, secret: &str) -> HeaderValue {
    let form = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let value = format!("Basic {}", STANDARD.encode(format!("{}:{}", form(id), form(secret))));
    // Base64 fits any header.
    let mut value = HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_secret_are_encoded_as_forms_are() {
        let value = basic("a:b", "p w+%ü&");
        let sent = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(sent).unwrap(), b"a%3Ab:p+w%2B%25%C3%BC%26");
        assert!(value.is_sensitive());
    }
}
