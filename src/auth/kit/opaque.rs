//! Random tokens that mean nothing by themselves; of each, only its hash is kept.

use crate::seam::Secret;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng as _, rand_core::UnwrapErr, rngs::SysRng};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, fmt, str::FromStr};
use subtle::ConstantTimeEq;

/// How every token of this kind begins: secret scanners and providers know it by that.
pub const PREFIX: &str = "tmcp_";

const ALGORITHM: &str = "sha256:";

/// 256 random bits from the operating system, as a text that can stand in URLs.
///
/// # Panics
/// The operating system has no random bits to give: nothing that is made without them would be secret.
#[must_use]
pub fn random() -> String {
    let mut random = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

/// A new token, of [`random`] bits, and its hash.
///
/// # Panics
/// As [`random`].
#[must_use]
pub fn mint() -> (Secret, TokenHash) {
    let token = Secret::new(format!("{PREFIX}{}", random()));
    let hash = TokenHash::of(token.expose());
    (token, hash)
}

/// The SHA-256 of a token, written `sha256:` and 64 hexadecimal digits. A token of 256 random bits can't be guessed
/// from it, so no slower hash is needed.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// A text that is no hash of a token. Does not quote it: it may be the token itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `sha256:` and 64 hexadecimal digits; `twenty-mcp tokens new` makes a token and its hash")]
pub struct BadTokenHash;

impl TokenHash {
    /// The hash of this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Whether both are of the same token, in a time that does not tell how much of them is alike.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl FromStr for TokenHash {
    type Err = BadTokenHash;

    fn from_str(text: &str) -> Result<Self, BadTokenHash> {
        let digits = text.strip_prefix(ALGORITHM).ok_or(BadTokenHash)?;
        if digits.len() != 64 {
            return Err(BadTokenHash);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
                *byte = *byte << 4 | value.ok_or(BadTokenHash)?;
            }
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALGORITHM)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for TokenHash {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TokenHash".into()
    }

    /// `writeOnly`, as secrets are: somebody will put the token itself there, and no message may show it.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^sha256:[0-9A-Fa-f]{64}$", "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minted_tokens_differ_and_match_their_own_hash_alone() {
        let ((one, hash), (two, other)) = (mint(), mint());
        assert_ne!(one.expose(), two.expose());
        let random = one.expose().strip_prefix(PREFIX).unwrap();
        assert_eq!(random.len(), 43);
        assert_eq!(URL_SAFE_NO_PAD.decode(random).unwrap().len(), 32);
        assert!(hash.matches(&TokenHash::of(one.expose())));
        assert!(!hash.matches(&other));
        assert!(crate::seam::BearerToken::parse(one.expose()).is_some());
    }

    #[test]
    fn the_text_form_is_that_of_sha256sum() {
        let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenHash::of("abc").to_string(), text);
        let shouted = format!("sha256:{}", text.strip_prefix("sha256:").unwrap().to_uppercase());
        for text in [text, &shouted] {
            let read: TokenHash = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert!(read.matches(&TokenHash::of("abc")));
        }
        assert_eq!(serde_json::to_value(TokenHash::of("abc")).unwrap(), text);
    }

    #[test]
    fn what_is_no_hash_is_refused_without_being_shown() {
        let (token, hash) = mint();
        let hash = hash.to_string();
        let short = hash.strip_suffix(|_: char| true).unwrap();
        let bare = hash.strip_prefix(ALGORITHM).unwrap();
        for bad in
            ["", token.expose(), short, bare, &format!("{hash}0"), &format!("sha256:{}", "é".repeat(32))]
        {
            let error = serde_json::from_value::<TokenHash>(serde_json::json!(bad)).unwrap_err().to_string();
            assert!(error.contains("twenty-mcp tokens new"), "{error}");
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }
}
