//! Tokens that were copied from an example.

use crate::seam::BearerToken;

/// How tokens begin that stand in examples and test scripts, as `test-token-123` in those of the TypeScript server.
const BEGINNINGS: [&str; 12] = [
    "mock",
    "fake",
    "dummy",
    "sample",
    "example",
    "placeholder",
    "changeme",
    "test-token",
    "your-",
    "my-token",
    "insert-",
    "replace-",
];
/// Such tokens as a whole.
const WHOLE: [&str; 6] = ["test", "testing", "token", "xxx", "todo", "bearer-token"];

/// Whether a token is no more than a stand-in for one. It only chooses the words of a refusal.
pub(super) fn is_placeholder(token: &BearerToken) -> bool {
    let text = token.expose().to_ascii_lowercase().replace(['_', '.'], "-");
    WHOLE.contains(&text.as_str())
        || BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || !text.is_empty() && text.bytes().all(|byte| byte == b'x' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_from_tokens() {
        for stand_in in [
            "test-token-123",
            "test_token",
            "mock",
            "mock-token",
            "mock_jwt_token",
            "MOCK_TOKEN",
            "your-token-here",
            "YOUR_TOKEN",
            "your.access.token",
            "placeholder",
            "changeme",
            "xxxx-xxxx",
            "token",
        ] {
            assert!(is_placeholder(&BearerToken::parse(stand_in).unwrap()), "{stand_in}");
        }
        for token in ["tmcp_Zm9v", "oat_0123", "eyJhbGciOiJub25lIn0.e30.", "tokens", "xylophone", "test1234"]
        {
            assert!(!is_placeholder(&BearerToken::parse(token).unwrap()), "{token}");
        }
    }
}
