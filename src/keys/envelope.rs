//! How one key is sealed for its owner.
//!
//! `v2.<master id>.<salt>.<nonce>.<ciphertext and tag>`, each in base64url. The record's key is derived from the master
//! and the salt; what the text is bound to without holding it (its additional data) is each, with its length before it:
//! the version, the master's id, issuer, subject, provider and the record's name.

use super::masters::{Master, MasterId};
use crate::seam::{KeyOwner, Secret};
use aes_gcm::{
    Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rand::{Rng as _, rand_core::UnwrapErr, rngs::SysRng};
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;
use zeroize::Zeroizing;

/// The version of texts that are written.
const VERSION: &str = "v2";
/// What is kept of an owner: there may be other records one day.
const RECORD: &str = "upstream-key";
/// The longest text that is decoded, in bytes. A store that keeps little, as Clerk does with 8 KiB in all, takes less.
const MOST_TEXT: usize = 16 << 10;
/// The most that is sealed, in bytes.
const MOST_PLAIN: usize = 8 << 10;

/// A user's own key with the address that it belongs to; wiped when it is dropped.
#[derive(Clone)]
pub struct OwnKey {
    /// The key for the service behind a pack.
    pub key: Secret,
    /// Where the key is sent, and nowhere else. None is the operator's address.
    pub base_url: Option<Url>,
    /// When the user stored it.
    pub created_at: Timestamp,
}

impl fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnKey(…)")
    }
}

/// What is sealed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    api_key: &'a str,
    base_url: Option<&'a Url>,
    created_at: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    api_key: Secret,
    base_url: Option<Url>,
    created_at: Timestamp,
}

/// Key and address are longer than a record may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key and address are too long to be stored: {MOST_PLAIN} bytes are the most")]
pub struct TooLong;

/// Seals a key for its owner.
pub(super) fn seal(master: &Master, owner: &KeyOwner, own: &OwnKey) -> Result<String, TooLong> {
    let OwnKey { key, base_url, created_at } = own;
    let written = Written { api_key: key.expose(), base_url: base_url.as_ref(), created_at: *created_at };
    // Room for all that is taken, so that nothing is left behind where a growing buffer was.
    let mut plain = Zeroizing::new(Vec::with_capacity(2 * MOST_PLAIN));
    if key.expose().len() > MOST_PLAIN || serde_json::to_writer(&mut *plain, &written).is_err() {
        return Err(TooLong);
    }
    if plain.len() > MOST_PLAIN {
        return Err(TooLong);
    }
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    UnwrapErr(SysRng).fill_bytes(&mut salt);
    UnwrapErr(SysRng).fill_bytes(&mut nonce);
    let payload = Payload { msg: &plain, aad: &bound(VERSION, master.id(), owner) };
    let sealed = master.record(salt).encrypt(&Nonce::from(nonce), payload).map_err(|_| TooLong)?;
    let parts = [&master.id().0[..], &salt, &nonce, &sealed].map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{VERSION}.{}", parts.join(".")))
}

/// A sealed text, taken apart and not yet opened.
pub(super) struct Envelope {
    id: MasterId,
    salt: [u8; 16],
    nonce: [u8; 12],
    sealed: Vec<u8>,
}

impl Envelope {
    /// Takes a text apart; nothing where it is none of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_TEXT {
            return None;
        }
        let mut parts = text.split('.');
        if parts.next()? != VERSION {
            return None;
        }
        let mut part = || URL_SAFE_NO_PAD.decode(parts.next()?).ok();
        let (id, salt, nonce, sealed) = (part()?, part()?, part()?, part()?);
        let (id, salt, nonce) = (id.try_into().ok()?, salt.try_into().ok()?, nonce.try_into().ok()?);
        parts.next().is_none().then_some(Self { id: MasterId(id), salt, nonce, sealed })
    }

    /// Which master opens it: a hint that counts for nothing unless the text opens.
    pub(super) const fn master(&self) -> MasterId {
        self.id
    }

    /// The key inside; nothing where the master is another, it was sealed for somebody else, or anything was changed.
    pub(super) fn open(&self, master: &Master, owner: &KeyOwner) -> Option<OwnKey> {
        if master.id() != self.id {
            return None;
        }
        let payload = Payload { msg: &self.sealed, aad: &bound(VERSION, self.id, owner) };
        let plain = master.record(self.salt).decrypt(&Nonce::from(self.nonce), payload);
        let plain = plain.ok().map(Zeroizing::new)?;
        let Read { api_key, base_url, created_at } = serde_json::from_slice(&plain).ok()?;
        Some(OwnKey { key: api_key, base_url, created_at })
    }
}

/// What a text is bound to. Each part's length stands before it, so that no letter can move from one to the next.
fn bound(version: &str, id: MasterId, owner: &KeyOwner) -> Vec<u8> {
    let KeyOwner { issuer, subject, provider } = owner;
    let parts = [version, issuer.as_str(), subject.as_str(), provider, RECORD].map(str::as_bytes);
    let [version, issuer, subject, provider, record] = parts;
    let parts = [version, &id.0, issuer, subject, provider, record];
    parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static OLD: LazyLock<Master> =
        LazyLock::new(|| Master::derive(&Secret::new("an old secret of 32 characters, or so")));
    static NEW: LazyLock<Master> =
        LazyLock::new(|| Master::derive(&Secret::new("a new secret of 32 characters, or so!")));

    fn own(key: &str, url: Option<&str>) -> OwnKey {
        let base_url = url.map(|url| url.parse().unwrap());
        OwnKey { key: Secret::new(key), base_url, created_at: "2026-01-02T03:04:05Z".parse().unwrap() }
    }

    fn ann() -> KeyOwner {
        KeyOwner::new("https://id.example", "ann", "crm")
    }

    fn sealed(owner: &KeyOwner, key: &str, url: &str) -> String {
        seal(&NEW, owner, &own(key, Some(url))).unwrap()
    }

    fn opened(text: &str, owner: &KeyOwner) -> Option<OwnKey> {
        let envelope = Envelope::parse(text)?;
        let master = [&*NEW, &*OLD].into_iter().find(|master| master.id() == envelope.master())?;
        envelope.open(master, owner)
    }

    fn parts(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_key_opens_as_it_was_sealed_and_is_shown_nowhere() {
        for url in [None, Some("https://crm.example/")] {
            let own = own("hunter2", url);
            let text = seal(&NEW, &ann(), &own).unwrap();
            let opened = opened(&text, &ann()).unwrap();
            assert_eq!(opened.key.expose(), "hunter2");
            assert_eq!((&opened.base_url, opened.created_at), (&own.base_url, own.created_at));
            assert_eq!(format!("{opened:?}"), "OwnKey(…)");
            assert_eq!(parts(&text)[1], NEW.id().to_string());
        }
    }

    #[test]
    fn no_two_texts_share_salt_or_nonce() {
        let texts: Vec<_> = (0..100).map(|_| parts(&sealed(&ann(), "k", "https://a.example"))).collect();
        for part in [2, 3, 4] {
            let all: std::collections::HashSet<_> = texts.iter().map(|text| &text[part]).collect();
            assert_eq!(all.len(), texts.len());
        }
    }

    #[test]
    fn a_text_is_opened_by_the_master_of_its_id_alone() {
        let old = seal(&OLD, &ann(), &own("k", None)).unwrap();
        let envelope = Envelope::parse(&old).unwrap();
        assert!(envelope.open(&OLD, &ann()).is_some() && envelope.open(&NEW, &ann()).is_none());
        // That another master could open the rest of a text changes nothing.
        let mut renamed = parts(&old);
        renamed[1] = NEW.id().to_string();
        let renamed = Envelope::parse(&renamed.join(".")).unwrap();
        assert!(renamed.open(&OLD, &ann()).is_none() && renamed.open(&NEW, &ann()).is_none());
    }

    #[test]
    fn another_address_cannot_be_put_beside_a_key() {
        let (one, two) = (
            parts(&sealed(&ann(), "k", "https://a.example")),
            parts(&sealed(&ann(), "k", "https://b.example")),
        );
        // Every way of putting the parts of two records together.
        for mixed in 0..32 {
            let text: Vec<&str> =
                (0..5).map(|part| if mixed >> part & 1 == 0 { &*one[part] } else { &*two[part] }).collect();
            let url = opened(&text.join("."), &ann()).map(|own| own.base_url.unwrap().to_string());
            // Version and master's id are the same in both.
            let whole = match mixed >> 2 {
                0 => Some("https://a.example/"),
                7 => Some("https://b.example/"),
                _ => None,
            };
            assert_eq!(url.as_deref(), whole);
        }
    }

    #[test]
    fn letters_do_not_move_between_issuer_subject_and_provider() {
        let text = seal(&NEW, &KeyOwner::new("ab", "c", "d"), &own("k", None)).unwrap();
        for (issuer, subject, provider) in
            [("a", "bc", "d"), ("ab", "cd", ""), ("abc", "", "d"), ("", "abc", "d"), ("abcd", "", "")]
        {
            assert!(opened(&text, &KeyOwner::new(issuer, subject, provider)).is_none());
        }
    }

    #[test]
    fn what_is_no_such_text_is_none_and_what_is_too_long_is_not_sealed() {
        let text = sealed(&ann(), "k", "https://a.example");
        let longer = format!("{text}.AA");
        for bad in ["", ".", "v2....", "v2.AA.AA.AA.AA", &longer, &text[3..], &"v".repeat(MOST_TEXT + 1)] {
            assert!(Envelope::parse(bad).is_none(), "{bad}");
        }
        assert!(seal(&NEW, &ann(), &own(&"x".repeat(MOST_PLAIN), None)).is_err());
        // Whatever is sealed can be read again.
        let long = own(&"x".repeat(MOST_PLAIN - 100), None);
        assert!(opened(&seal(&NEW, &ann(), &long).unwrap(), &ann()).is_some());
    }

    fn name() -> impl Strategy<Value = String> {
        "[a-z:/.|_0-9é]{0,20}"
    }

    proptest! {
        #[test]
        fn whatever_key_comes_back_as_it_was(key in "\\PC{1,200}", issuer in name(), subject in name()) {
            let owner = KeyOwner::new(issuer, subject, "crm");
            let text = sealed(&owner, &key, "https://a.example");
            let opened = opened(&text, &owner).unwrap();
            prop_assert_eq!(opened.key.expose(), key);
        }

        #[test]
        fn a_text_with_a_flipped_bit_does_not_open(seed: proptest::sample::Index, bit in 0u8..8) {
            let text = sealed(&ann(), "hunter2", "https://a.example");
            // Of the text itself,
            let mut bytes = text.clone().into_bytes();
            let at = seed.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert!(opened(&changed, &ann()).is_none());
            }
            // and of what its parts stand for.
            let mut parts = parts(&text);
            let part = 1 + seed.index(4);
            let mut bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
            let at = seed.index(bytes.len());
            bytes[at] ^= 1 << bit;
            parts[part] = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert!(opened(&parts.join("."), &ann()).is_none());
        }

        #[test]
        fn a_text_of_one_owner_is_nothing_to_another(
            one in (name(), name(), name()),
            two in (name(), name(), name()),
        ) {
            prop_assume!(one != two);
            let (one, two) = (KeyOwner::new(one.0, one.1, one.2), KeyOwner::new(two.0, two.1, two.2));
            let text = sealed(&one, "k", "https://a.example");
            prop_assert!(opened(&text, &one).is_some());
            prop_assert!(opened(&text, &two).is_none());
        }
    }
}
