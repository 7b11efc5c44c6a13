//! The keys of a server: the first seals, all of them open.

use super::key::{Key, KeyId, NonceBytes, TAG};
use crate::seam::{NotSealedHere, Seal, Secret, TooLongToSeal};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{Rng as _, rand_core::UnwrapErr, rngs::SysRng};
use std::fmt;
use zeroize::Zeroizing;

/// The layout of a sealed text, its first byte: version, key id, nonce, then ciphertext and tag; base64url of it all.
const VERSION: u8 = 1;
/// The bytes before the ciphertext.
const HEAD: usize = 1 + size_of::<KeyId>() + size_of::<NonceBytes>();
/// The longest sealed text: longer ones are refused before anything is decoded.
const MOST_TEXT: usize = 64 << 10;
/// The most that fits into the longest text, in bytes.
const MOST_PLAIN: usize = MOST_TEXT / 4 * 3 - HEAD - TAG;
/// The shortest secret of the configuration, in characters (UTF-16 units).
const LEAST_SECRET: usize = 32;

/// The keys that seal and open.
pub struct Keyring {
    first: Key,
    older: Vec<Key>,
}

/// A secret that could be guessed from what is sealed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a secret must have {LEAST_SECRET} characters or more, or it can be guessed; `openssl rand -base64 32` makes one"
)]
pub struct WeakSecret {
    /// Which one of those given, counted from 0.
    pub index: usize,
}

impl Keyring {
    /// The keys of the configuration's `keys.secrets`. With none there is a random key: what it sealed opens no more
    /// after a restart.
    ///
    /// # Errors
    /// A secret is too short.
    ///
    /// # Panics
    /// There are no secrets, and the operating system has no random bits to give.
    pub fn new(secrets: &[Secret]) -> Result<Self, WeakSecret> {
        // Counted as the TypeScript server did, so that what was a secret there is one here.
        let weak = |secret: &Secret| secret.expose().encode_utf16().count() < LEAST_SECRET;
        if let Some(index) = secrets.iter().position(weak) {
            return Err(WeakSecret { index });
        }
        let mut keys = secrets.iter().map(|secret| Key::derive(secret.expose().as_bytes()));
        match keys.next() {
            Some(first) => Ok(Self { first, older: keys.collect() }),
            None => Ok(Self::random()),
        }
    }

    /// A key of random bits that is kept nowhere.
    ///
    /// # Panics
    /// The operating system has no random bits to give: nothing that is made without them would be secret.
    #[must_use]
    pub fn random() -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        UnwrapErr(SysRng).fill_bytes(&mut *secret);
        Self { first: Key::derive(&*secret), older: Vec::new() }
    }

    /// The key of this id. It alone is tried: a text must not open under several keys.
    fn key(&self, id: KeyId) -> Option<&Key> {
        std::iter::once(&self.first).chain(&self.older).find(|key| key.id() == id)
    }

    fn opened(&self, purpose: &str, context: &[u8], text: &str) -> Option<Zeroizing<Vec<u8>>> {
        if text.len() > MOST_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&version, rest) = bytes.split_first()?;
        let (&id, rest) = rest.split_first_chunk()?;
        let (&nonce, sealed) = rest.split_first_chunk()?;
        if version != VERSION {
            return None;
        }
        self.key(id)?.decrypt(nonce, &bound(id, purpose, context), sealed)
    }
}

impl Seal for Keyring {
    fn seal(&self, purpose: &'static str, context: &[u8], plain: &[u8]) -> Result<String, TooLongToSeal> {
        if plain.len() > MOST_PLAIN {
            return Err(TooLongToSeal);
        }
        let (id, mut nonce) = (self.first.id(), NonceBytes::default());
        UnwrapErr(SysRng).fill_bytes(&mut nonce);
        let sealed = self.first.encrypt(nonce, &bound(id, purpose, context), plain).ok_or(TooLongToSeal)?;
        Ok(URL_SAFE_NO_PAD.encode([&[VERSION][..], &id, &nonce, &sealed].concat()))
    }

    fn open(
        &self,
        purpose: &'static str,
        context: &[u8],
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, NotSealedHere> {
        self.opened(purpose, context, text).ok_or(NotSealedHere)
    }
}

/// What a text is bound to without holding it. The purpose's length stands before it, so that no letter can move
/// between purpose and context.
fn bound(id: KeyId, purpose: &str, context: &[u8]) -> Vec<u8> {
    let length = (purpose.len() as u64).to_be_bytes();
    [&[VERSION][..], &id, &length, purpose.as_bytes(), context].concat()
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "an old secret of 32 characters, or so";
    const NEW: &str = "a new secret of 32 characters, or so!";

    fn keyring(secrets: &[&str]) -> Keyring {
        Keyring::new(&secrets.iter().map(|secret| Secret::new(*secret)).collect::<Vec<_>>()).unwrap()
    }

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plain: Vec<u8>, context: Vec<u8>) {
            let keyring = keyring(&[OLD]);
            let text = keyring.seal("test/round", &context, &plain).unwrap();
            prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
            prop_assert_eq!(&*keyring.open("test/round", &context, &text).unwrap(), &plain);
        }

        #[test]
        fn nothing_else_opens(text: String, bytes: Vec<u8>) {
            let keyring = keyring(&[OLD]);
            let forged = [&[VERSION][..], &keyring.first.id(), &bytes].concat();
            for text in [text, URL_SAFE_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(forged)] {
                prop_assert_eq!(keyring.open("test/round", b"", &text), Err(NotSealedHere));
            }
        }
    }

    #[test]
    fn a_text_opens_for_its_purpose_and_context_alone() {
        let keyring = keyring(&[OLD]);
        let text = keyring.seal("test/a", b"bcontext", b"plain").unwrap();
        assert_eq!(**keyring.open("test/a", b"bcontext", &text).unwrap(), *b"plain");
        for (purpose, context) in [
            ("test/b", &b"bcontext"[..]),
            ("test/a", b"ben"),
            ("test/a", b""),
            ("test/ab", b"context"),
            ("", b""),
        ] {
            assert_eq!(keyring.open(purpose, context, &text), Err(NotSealedHere), "{purpose}");
        }
    }

    #[test]
    fn a_changed_bit_is_noticed_wherever_it_is() {
        let keyring = keyring(&[NEW, OLD]);
        let bytes = decoded(&keyring.seal("test", b"ann", b"plain").unwrap());
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(keyring.open("test", b"ann", &text), Err(NotSealedHere), "bit {bit}");
        }
        for length in 0..bytes.len() {
            let text = URL_SAFE_NO_PAD.encode(&bytes[..length]);
            assert_eq!(keyring.open("test", b"ann", &text), Err(NotSealedHere), "{length} bytes");
        }
    }

    #[test]
    fn an_old_secret_still_opens_and_the_first_one_seals() {
        let (old, both, new) = (keyring(&[OLD]), keyring(&[NEW, OLD]), keyring(&[NEW]));
        let text = old.seal("test", b"", b"old").unwrap();
        assert_eq!(**both.open("test", b"", &text).unwrap(), *b"old");
        assert_eq!(new.open("test", b"", &text), Err(NotSealedHere));
        let text = both.seal("test", b"", b"new").unwrap();
        assert_eq!(**new.open("test", b"", &text).unwrap(), *b"new");
        assert_eq!(old.open("test", b"", &text), Err(NotSealedHere));
    }

    #[test]
    fn a_text_that_names_another_key_does_not_open() {
        let both = keyring(&[NEW, OLD]);
        let mut bytes = decoded(&both.seal("test", b"", b"plain").unwrap());
        bytes[1..5].copy_from_slice(&both.older[0].id());
        assert_eq!(both.open("test", b"", &URL_SAFE_NO_PAD.encode(bytes)), Err(NotSealedHere));
    }

    #[test]
    fn another_version_is_refused_even_if_it_is_sealed_well() {
        let keyring = keyring(&[OLD]);
        let mut bytes = decoded(&keyring.seal("test", b"", b"plain").unwrap());
        bytes[0] = VERSION + 1;
        assert_eq!(keyring.open("test", b"", &URL_SAFE_NO_PAD.encode(bytes)), Err(NotSealedHere));
    }

    #[test]
    fn length_is_bounded_both_ways() {
        let keyring = keyring(&[OLD]);
        let text = keyring.seal("test", b"", &[7; MOST_PLAIN]).unwrap();
        assert_eq!(text.len(), MOST_TEXT);
        assert_eq!(keyring.open("test", b"", &text).unwrap().len(), MOST_PLAIN);
        assert_eq!(keyring.seal("test", b"", &[7; MOST_PLAIN + 1]), Err(TooLongToSeal));
        // Sealed well, and still refused for its length alone.
        let (id, nonce) = (keyring.first.id(), [9; 12]);
        let sealed = keyring.first.encrypt(nonce, &bound(id, "test", b""), &[7; MOST_PLAIN + 1]).unwrap();
        let text = URL_SAFE_NO_PAD.encode([&[VERSION][..], &id, &nonce, &sealed].concat());
        assert_eq!(keyring.open("test", b"", &text), Err(NotSealedHere));
    }

    #[test]
    fn equal_texts_are_sealed_unlike_each_other() {
        let keyring = keyring(&[OLD]);
        assert_ne!(keyring.seal("test", b"", b"plain"), keyring.seal("test", b"", b"plain"));
    }

    #[test]
    fn without_a_secret_every_keyring_is_its_own() {
        let (one, other) = (keyring(&[]), keyring(&[]));
        let text = one.seal("test", b"", b"plain").unwrap();
        assert_eq!(**one.open("test", b"", &text).unwrap(), *b"plain");
        assert_eq!(other.open("test", b"", &text), Err(NotSealedHere));
    }

    #[test]
    fn a_short_secret_is_refused_by_its_place() {
        let secrets = [Secret::new(OLD), Secret::new("ü".repeat(31))];
        assert_eq!(Keyring::new(&secrets).err(), Some(WeakSecret { index: 1 }));
        assert!(Keyring::new(&[Secret::new("ü".repeat(32))]).is_ok());
    }

    #[test]
    fn neither_key_nor_secret_is_shown() {
        let keyring = keyring(&[OLD]);
        assert_eq!(format!("{keyring:?}"), "Keyring(…)");
        assert_eq!(format!("{:?}", crate::seam::Sealer::new(keyring)), "Sealer(…)");
    }
}
