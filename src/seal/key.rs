//! One key: derived from a secret, known by its id.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The labels of the derivation: no other key that is made from the same secret equals these.
const KEY: &[u8] = b"twenty-mcp seal v1: key";
const ID: &[u8] = b"twenty-mcp seal v1: id";

/// Tells keys apart and nothing more: it is derived beside the key, not from it.
pub(super) type KeyId = [u8; 4];
/// Random for every text. With one key, 2^32 texts may be sealed before two of them sharing one is worth a thought.
pub(super) type NonceBytes = [u8; 12];

/// How many bytes sealing adds to the plain ones: the tag.
pub(super) const TAG: usize = 16;

/// An AES-256-GCM key; wiped when it is dropped.
pub(super) struct Key {
    id: KeyId,
    cipher: Aes256Gcm,
}

impl Key {
    /// Derives the key by HKDF-SHA256, which is for secrets of many random bits and not for passphrases.
    pub(super) fn derive(secret: &[u8]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret);
        let (mut id, mut key) = (KeyId::default(), Zeroizing::new([0; 32]));
        for (label, out) in [(ID, id.as_mut_slice()), (KEY, key.as_mut_slice())] {
            let Ok(()) = hkdf.expand(label, out) else { unreachable!("HKDF gives up to 8160 bytes") };
        }
        Self { id, cipher: Aes256Gcm::new((&*key).into()) }
    }

    pub(super) const fn id(&self) -> KeyId {
        self.id
    }

    /// Ciphertext and tag; nothing where there is more than AES-GCM takes.
    pub(super) fn encrypt(&self, nonce: NonceBytes, aad: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad }).ok()
    }

    /// The plain bytes; nothing where anything was changed.
    pub(super) fn decrypt(&self, nonce: NonceBytes, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.cipher.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
    }
}
