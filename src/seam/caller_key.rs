//! Keys that callers send with their requests: their own, for the service behind a pack.

use super::Secret;
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// How callers send a pack a key of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallerKey {
    /// The header, as in `X-Twenty-Api-Key`.
    pub header: &'static str,
    /// The query parameter that does the same, where clients know one, as in `apiKey`.
    pub parameter: Option<&'static str>,
    /// The query parameter with which clients once named the service's address, as in `baseUrl`: a request that has it
    /// is refused, as a key is sent to the operator's address alone.
    pub address: Option<&'static str>,
}

/// The keys that came with one request, each under the header of the pack that it is for. A plug-in gets at the one that
/// is for its pack, and through [`Common::credential`](super::Common::credential) alone.
#[derive(Clone, Default)]
pub struct CallerKeys(Arc<[(&'static str, Secret)]>);

impl CallerKeys {
    /// The longest key that is taken, in bytes.
    pub const LONGEST: usize = 4096;

    /// These keys, each with the header that it is for.
    #[must_use]
    pub fn new(keys: Vec<(&'static str, Secret)>) -> Self {
        if keys.is_empty() { Self::default() } else { Self(keys.into()) }
    }

    /// A text as a key: no more than letters, digits and `-._~+/=`, as it is sent on in a header; none for anything else.
    #[must_use]
    pub fn key(text: &str) -> Option<Secret> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        let good = !text.is_empty() && text.len() <= Self::LONGEST && text.bytes().all(fits);
        good.then(|| Secret::new(text))
    }

    /// Whether none came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that is for the pack which declares this.
    #[must_use]
    pub fn of(&self, declared: &CallerKey) -> Option<&Secret> {
        self.0.iter().find(|(header, _)| *header == declared.header).map(|(_, key)| key)
    }

    /// Tells requests with other keys apart, and those with none: a hash, from which no key can be told.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (header, key) in self.0.iter() {
            for part in [header, key.expose()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }
}

impl fmt::Debug for CallerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(header, _)| header)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: CallerKey = CallerKey { header: "X-One", parameter: None, address: None };
    const TWO: CallerKey = CallerKey { header: "X-Two", parameter: None, address: None };

    #[test]
    fn a_key_is_plain_and_bounded() {
        for good in ["k", "eyJ.a-b_c~d+e/f==", &"x".repeat(CallerKeys::LONGEST)] {
            assert!(CallerKeys::key(good).is_some_and(|key| key.expose() == good), "{good}");
        }
        for bad in ["", " ", "a b", "a\tb", "a\r\nb", "a,b", "é", "a\0", &"x".repeat(CallerKeys::LONGEST + 1)]
        {
            assert!(CallerKeys::key(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn each_pack_gets_its_own_key_and_nothing_shows_one() {
        let keys =
            CallerKeys::new(vec![("X-One", Secret::new("hunter1")), ("X-Two", Secret::new("hunter2"))]);
        assert_eq!(keys.of(&ONE).unwrap().expose(), "hunter1");
        assert_eq!(keys.of(&TWO).unwrap().expose(), "hunter2");
        assert!(CallerKeys::default().of(&ONE).is_none());
        assert_eq!(format!("{keys:?}"), r#"["X-One", "X-Two"]"#);
    }

    #[test]
    fn digests_differ_by_key_and_by_pack() {
        let digest = |header, key| CallerKeys::new(vec![(header, Secret::new(key))]).digest();
        assert_eq!(digest("X-One", "k"), digest("X-One", "k"));
        assert_ne!(digest("X-One", "k"), digest("X-One", "l"));
        assert_ne!(digest("X-One", "k"), digest("X-Two", "k"));
        assert_ne!(digest("X-One", "k"), CallerKeys::default().digest());
    }
}
