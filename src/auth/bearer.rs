//! The header that a token comes in (RFC 6750 section 2.1).

use super::challenge::Refusal;
use crate::seam::{AuthError, BearerToken};
use http::HeaderValue;

/// The token of an `Authorization` header.
pub(super) fn bearer(credentials: &HeaderValue) -> Result<BearerToken, Refusal> {
    let credentials = credentials.to_str().map_err(|_| Refusal::OtherScheme)?;
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::OtherScheme);
    }
    BearerToken::parse(token.trim_matches(' ')).ok_or(Refusal::Token(AuthError::Invalid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Option<Result<BearerToken, Refusal>> {
        Some(bearer(&HeaderValue::from_bytes(bytes).ok()?))
    }

    /// What is a token by the grammar alone: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    fn is_token(text: &str) -> bool {
        let body = text.trim_end_matches('=');
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
        !body.is_empty() && body.chars().all(fits)
    }

    proptest! {
        #[test]
        fn nothing_but_a_token_behind_the_scheme_is_read_as_one(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(Ok(token)) = read(&bytes) {
                let text = std::str::from_utf8(&bytes).unwrap();
                prop_assert!(text.get(..7).unwrap().eq_ignore_ascii_case("bearer "));
                prop_assert_eq!(text.get(7..).unwrap().trim_matches(' '), token.expose());
                prop_assert!(is_token(token.expose()));
            }
        }

        #[test]
        fn a_token_is_read_as_it_stands(
            scheme in "[Bb][Ee][Aa][Rr][Ee][Rr]", blanks in " {1,4}", token in "[A-Za-z0-9._~+/-]{1,60}={0,2}",
        ) {
            let read = read(format!("{scheme}{blanks}{token}").as_bytes()).unwrap().unwrap();
            prop_assert_eq!(read.expose(), token);
        }

        #[test]
        fn other_schemes_and_what_is_around_a_token_are_refused(
            token in "[A-Za-z0-9._~+/-]{1,60}", scheme in "[A-Za-z]{0,8}", more in "[ ,;\"'\t:@=][a-z]{1,5}",
        ) {
            prop_assume!(!scheme.eq_ignore_ascii_case("bearer"));
            let text = format!("{scheme} {token}");
            prop_assert_eq!(read(text.as_bytes()).unwrap().unwrap_err(), Refusal::OtherScheme);
            let text = format!("Bearer {token}{more}");
            prop_assert_eq!(read(text.as_bytes()).unwrap().unwrap_err(), Refusal::Token(AuthError::Invalid));
        }
    }
}
