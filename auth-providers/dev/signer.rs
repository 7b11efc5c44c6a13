//! The key that signs access tokens: made at the start, gone at the end.

use super::answer::Fault;
use crate::auth::kit;
use crate::seam::SetupError;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

/// Signs tokens (ES256) as RFC 9068 has them.
pub struct Signer {
    key: EncodingKey,
    head: String,
    public: Value,
}

impl Signer {
    /// A signer with a new key.
    ///
    /// # Errors
    /// This machine makes no keys.
    pub fn new() -> Result<Self, SetupError> {
        let failed = || SetupError::at(&[], "no key to sign tokens with can be made on this machine");
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let key = EncodingKey::from_ec_der(pair.map_err(|_| failed())?.as_ref());
        let public = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| failed())?;
        let mut public = serde_json::to_value(public).map_err(|_| failed())?;
        let kid = kit::random();
        let members = public.as_object_mut().ok_or_else(failed)?;
        members.extend([
            ("kid".into(), json!(kid)),
            ("use".into(), json!("sig")),
            ("alg".into(), json!("ES256")),
        ]);
        let head = encoded(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }));
        Ok(Self { key, head, public })
    }

    /// Whether a token begins as ours do, whatever follows.
    #[must_use]
    pub fn began(&self, token: &str) -> bool {
        token.split_once('.').is_some_and(|(head, _)| head == self.head)
    }

    /// The keys that check signatures (RFC 7517).
    #[must_use]
    pub fn keys(&self) -> Value {
        json!({ "keys": [self.public] })
    }

    /// A token that says this.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn sign(&self, claims: &Value) -> Result<String, Fault> {
        let signed = format!("{}.{}", self.head, encoded(claims));
        match jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, Algorithm::ES256) {
            Ok(signature) => Ok(format!("{signed}.{signature}")),
            Err(error) => {
                tracing::error!(%error, "an access token cannot be signed");
                Err(Fault::server_error())
            }
        }
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_checked_by_the_published_key_and_no_private_part_is_published() {
        let signer = Signer::new().unwrap();
        let token = signer.sign(&json!({ "sub": "ann" })).unwrap();
        let jwk: Jwk = serde_json::from_value(signer.keys()["keys"][0].clone()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        assert!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, Algorithm::ES256).unwrap());
        assert!(signer.keys()["keys"][0].get("d").is_none());
        assert!(signer.began(&token) && !Signer::new().unwrap().began(&token));
    }
}
