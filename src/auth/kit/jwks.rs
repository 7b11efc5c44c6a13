//! The public keys of an issuer (RFC 7517).

use super::{Algorithm, Fault, Fetcher, Kept, Pace, WebAddress};
use crate::seam::{AuthError, BoxFuture};
use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde_json::Value;

/// The most keys of one issuer that are kept.
const MOST: usize = 64;

/// The keys of one issuer by their id. Each issuer has its own: a key of one never judges a token of another.
#[derive(Clone)]
pub struct Jwks(Kept<KeySet>);

impl Jwks {
    /// The keys at the address that `address` finds, whenever they are needed.
    pub fn new<F>(fetcher: Fetcher, pace: Pace, address: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Result<WebAddress, Fault>> + Send + Sync + 'static,
    {
        Self::of(Kept::new(pace, move || {
            let (fetcher, address) = (fetcher.clone(), address());
            Box::pin(async move {
                let address = address.await?;
                KeySet::read(&fetcher.json(&address).await?)
                    .ok_or_else(|| Fault::Wrong(format!("{} holds no list of keys", address.as_str())))
            })
        }))
    }

    /// Keys that come in another way.
    pub(super) const fn of(keys: Kept<KeySet>) -> Self {
        Self(keys)
    }

    /// Checks a signature by the key that the token names.
    ///
    /// # Errors
    /// The issuer has no such key, or another one signed; or the keys cannot be had just now.
    pub async fn check(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        signed: &str,
        signature: &str,
    ) -> Result<(), AuthError> {
        let keys = self.0.get(|keys| keys.find(kid, algorithm).is_some()).await?;
        let key = keys.as_ref().and_then(|keys| keys.find(kid, algorithm)).ok_or(AuthError::Invalid)?;
        let good = jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key.key, algorithm.of_crate());
        if good.unwrap_or(false) { Ok(()) } else { Err(AuthError::Invalid) }
    }
}

/// The keys of a document that can check signatures.
pub struct KeySet(Vec<Key>);

struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl KeySet {
    /// Reads a document; none where it is no list of keys. Keys that are of no use here are passed over, as a document
    /// may hold some of any kind.
    #[must_use]
    pub fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        Some(Self(keys.iter().filter_map(Key::read).take(MOST).collect()))
    }

    /// The key with an id; without one, the only key that there can be meant.
    fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fit = self.0.iter().filter(|key| key.algorithms.contains(&algorithm));
        match kid {
            Some(kid) => fit.find(|key| key.kid.as_deref() == Some(kid)),
            None => fit.next().filter(|_| fit.next().is_none()),
        }
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        let jwk: Jwk = serde_json::from_value(key.clone()).ok()?;
        let signs = jwk.common.public_key_use.as_ref().is_none_or(|use_| *use_ == PublicKeyUse::Signature);
        let operations = jwk.common.key_operations.as_ref();
        let checks = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !signs || !checks {
            return None;
        }
        let mut algorithms = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => vec![RS256, RS384, RS512, PS256, PS384, PS512],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => vec![ES256],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => vec![ES384],
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => vec![EdDSA],
            _ => return None,
        };
        if let Some(only) = key.get("alg") {
            algorithms.retain(|algorithm| only == algorithm.name());
        }
        let decoding = DecodingKey::from_jwk(&jwk).ok().filter(|_| !algorithms.is_empty())?;
        Some(Self { kid: jwk.common.key_id, algorithms, key: decoding })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(more: Value) -> Value {
        let mut key = json!({
            "kty": "EC", "crv": "P-256", "kid": "a",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    fn finds(keys: &[Value], kid: Option<&str>, algorithm: Algorithm) -> bool {
        KeySet::read(&json!({ "keys": keys })).unwrap().find(kid, algorithm).is_some()
    }

    #[test]
    fn a_key_is_for_what_it_says() {
        use Algorithm::{ES256, ES384, EdDSA, RS256};
        assert!(finds(&[key(json!({}))], Some("a"), ES256));
        assert!(finds(
            &[key(json!({ "use": "sig", "alg": "ES256", "key_ops": ["verify"] }))],
            Some("a"),
            ES256
        ));
        for other in [ES384, EdDSA, RS256] {
            assert!(!finds(&[key(json!({}))], Some("a"), other));
        }
        for unfit in [
            json!({ "use": "enc" }),
            json!({ "key_ops": ["sign"] }),
            json!({ "alg": "ES384" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": 7 }),
            json!({ "crv": "P-521" }),
            json!({ "kty": "oct", "k": "c2VjcmV0" }),
            json!({ "x": "§" }),
        ] {
            assert!(!finds(&[key(unfit.clone())], Some("a"), ES256), "{unfit}");
        }
    }

    #[test]
    fn without_an_id_only_one_key_can_be_meant() {
        let (one, two) = (key(json!({})), key(json!({ "kid": "b" })));
        assert!(finds(std::slice::from_ref(&one), None, Algorithm::ES256));
        assert!(!finds(&[one.clone(), two.clone()], None, Algorithm::ES256));
        assert!(finds(&[one.clone(), two], Some("b"), Algorithm::ES256));
        assert!(!finds(&[one], Some("A"), Algorithm::ES256));
    }

    #[test]
    fn a_strange_key_hides_no_other_and_a_long_list_is_cut() {
        let strange = [json!(7), json!({}), json!({ "kty": "AKP" }), key(json!({}))];
        assert!(finds(&strange, Some("a"), Algorithm::ES256));
        for none in [json!({}), json!([]), json!({ "keys": {} })] {
            assert!(KeySet::read(&none).is_none(), "{none}");
        }
        let many: Vec<Value> = (0..200).map(|n| key(json!({ "kid": n.to_string() }))).collect();
        assert_eq!(KeySet::read(&json!({ "keys": many })).unwrap().0.len(), MOST);
    }
}
