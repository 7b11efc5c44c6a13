//! The TypeScript server's format: read, never written.
//!
//! A text is base64 of a 16-byte IV, a 16-byte tag and the ciphertext, by AES-256-GCM. It names no key and is bound to
//! nothing, which is why a key that is read from one is sealed anew.

use crate::seam::Secret;
use aes_gcm::{
    AesGcm, KeyInit, Nonce,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use zeroize::Zeroizing;

/// The one salt of that server.
const SALT: &[u8] = b"twenty-mcp-salt-v1";
/// Its cost: N = 2^14, r = 8, p = 1.
const COST: (u8, u32, u32) = (14, 8, 1);
/// The shortest secret that it took, in UTF-16 units.
const LEAST_SECRET: usize = 32;
/// The longest text that is decoded, in bytes.
const MOST_TEXT: usize = 16 << 10;

type Cipher = AesGcm<Aes256, U16>;

/// The key that the TypeScript server made of a secret; wiped when it is dropped.
pub(super) struct LegacyMaster(Cipher);

impl LegacyMaster {
    /// Derives the key; takes the time and the memory (16 MiB) that scrypt is for. None where that server would have
    /// refused the secret.
    pub(super) fn derive(secret: &Secret) -> Option<Self> {
        if secret.expose().encode_utf16().count() < LEAST_SECRET {
            return None;
        }
        let (log_n, r, p) = COST;
        let cost = scrypt::Params::new(log_n, r, p).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        scrypt::scrypt(secret.expose().as_bytes(), SALT, &cost, &mut *key).ok()?;
        Some(Self(Cipher::new((&*key).into())))
    }

    /// The key that a text holds; nothing where it was sealed with another secret, or anything was changed.
    pub(super) fn open(&self, text: &str) -> Option<Secret> {
        if text.len() > MOST_TEXT {
            return None;
        }
        let bytes = STANDARD.decode(text).ok()?;
        let (iv, rest) = bytes.split_first_chunk::<16>()?;
        let (tag, sealed) = rest.split_first_chunk::<16>()?;
        let sealed = [sealed, tag].concat();
        let plain = self.0.decrypt(&Nonce::<U16>::from(*iv), sealed.as_slice()).ok().map(Zeroizing::new)?;
        std::str::from_utf8(&plain).ok().filter(|text| !text.is_empty()).map(Secret::new)
    }
}

impl fmt::Debug for LegacyMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LegacyMaster(…)")
    }
}

/// Texts that Node's `crypto` made, each with its secret and the key inside.
#[cfg(test)]
pub(super) const VECTORS: [(&str, &str, &str); 3] = [
    (
        "0123456789abcdef0123456789abcdef",
        "tw_key_example_123",
        "AAECAwQFBgcICQoLDA0OD/QmmPhjWeKBEhR904MLE5jhGAEj5gkPlVhKF52KMLMh+RM=",
    ),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "/////////////////////zqz/7rRB7t82GfSejq7q2AXPpUkpt/DQKioDsDohJpDA6FhmPqCwK0MzA==",
    ),
    (
        "pässwörd-with-utf8-chars-0123456789-xyz",
        "clé-ü-🔑",
        "EDJUdpi63P4QMlR2mLrc/qARgxmZxKVyZKQ/8hfs5UDrYe7xk4JtTtHMhXw=",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FIRST: LazyLock<LegacyMaster> =
        LazyLock::new(|| LegacyMaster::derive(&Secret::new(VECTORS[0].0)).unwrap());

    #[test]
    fn what_the_typescript_server_sealed_opens_with_its_secret_alone() {
        let masters = VECTORS.map(|(secret, ..)| LegacyMaster::derive(&Secret::new(secret)).unwrap());
        for (at, (_, key, text)) in VECTORS.iter().enumerate() {
            for (other, master) in masters.iter().enumerate() {
                let opened = master.open(text);
                assert_eq!(opened.map(|opened| opened.expose() == *key), (at == other).then_some(true));
            }
        }
        assert_eq!(format!("{:?}", masters[0]), "LegacyMaster(…)");
    }

    #[test]
    fn a_secret_counts_as_long_as_it_was_there() {
        let secret = |letters: usize, more: &str| Secret::new("x".repeat(letters) + more);
        assert!(LegacyMaster::derive(&secret(31, "")).is_none());
        assert!(LegacyMaster::derive(&secret(29, "ü")).is_none());
        assert!(LegacyMaster::derive(&secret(30, "🔑")).is_some(), "one character, two UTF-16 units");
    }

    #[test]
    fn what_is_no_such_text_does_not_open() {
        let (_, _, text) = VECTORS[0];
        let short = STANDARD.encode([0; 31]);
        for bad in ["", "=", "v2.a.b.c.d", &short, text.trim_end_matches('='), &"A".repeat(MOST_TEXT + 4)] {
            assert!(FIRST.open(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_text_with_a_flipped_bit_does_not_open(at in 0usize..50, bit in 0u8..8) {
            let mut bytes = STANDARD.decode(VECTORS[0].2).unwrap();
            prop_assert_eq!(bytes.len(), 50);
            bytes[at] ^= 1 << bit;
            prop_assert!(FIRST.open(&STANDARD.encode(bytes)).is_none());
        }
    }
}
