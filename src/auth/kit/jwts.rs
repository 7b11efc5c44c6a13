//! Signed tokens (RFC 7515, RFC 7519): taken apart, and judged by their issuer's keys and rules.

use super::{Claims, Jwks, Rules, rules::Header};
use crate::seam::{AuthError, BearerToken, ProtectedResource};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Judges the signed tokens of one issuer.
pub struct Jwts {
    /// What its tokens must say.
    pub rules: Rules,
    /// Who may have signed them.
    pub keys: Jwks,
}

impl Jwts {
    /// What a token says, once it is known to be good.
    ///
    /// # Errors
    /// It is not, or the keys cannot be had just now.
    pub async fn claims(&self, token: &BearerToken, here: &ProtectedResource) -> Result<Claims, AuthError> {
        let claims = self.signed(token).await?;
        self.rules.audience(&claims, here)?;
        Ok(claims)
    }

    /// The same for tokens that have no audience: who takes them must know by something else that they are meant for
    /// this server.
    ///
    /// # Errors
    /// As above.
    pub async fn signed(&self, token: &BearerToken) -> Result<Claims, AuthError> {
        let [header, payload, signature] = parts(token.expose()).ok_or(AuthError::Invalid)?;
        let head: Header = decoded(header).ok_or(AuthError::Invalid)?;
        let algorithm = self.rules.header(&head)?;
        let claims: Map<String, Value> = decoded(payload).ok_or(AuthError::Invalid)?;
        let claims = Claims::new(claims);
        // Nothing here is believed before the signature is checked; to refuse it needs no belief, and no keys either.
        self.rules.claims(&claims, Timestamp::now().as_second())?;
        let signed = token.expose().get(..header.len() + 1 + payload.len()).ok_or(AuthError::Invalid)?;
        self.keys.check(head.kid.as_deref(), algorithm, signed, signature).await?;
        Ok(claims)
    }
}

/// The issuer that a token claims to be from, for finding out who is to judge it: nothing of it is believed. None where
/// it is no signed token.
#[must_use]
pub fn claimed_issuer(token: &BearerToken) -> Option<String> {
    let [_, payload, _] = parts(token.expose())?;
    let claims: Map<String, Value> = decoded(payload)?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

/// What a token claims in its header and in its payload, for finding out what kind of token it is: nothing of it is
/// believed. None where it is no signed token.
#[must_use]
pub fn claimed(token: &BearerToken) -> Option<(Claims, Claims)> {
    let [header, payload, _] = parts(token.expose())?;
    Some((Claims::new(decoded(header)?), Claims::new(decoded(payload)?)))
}

/// Whether a token has the form of a signed one, whoever signed it and whatever it says.
#[must_use]
pub fn is_signed(token: &BearerToken) -> bool {
    parts(token.expose()).and_then(|[header, ..]| decoded::<Map<String, Value>>(header)).is_some()
}

/// Header, payload and signature.
fn parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::kit::{Algorithm, Audience, Kept, KeySet, Pace, TokenType};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{Algorithm as Theirs, EncodingKey, jwk::Jwk};
    use proptest::prelude::*;
    use serde_json::json;
    use std::time::Duration;

    const ISSUER: &str = "https://id.example";

    fn key() -> EncodingKey {
        let pair = EcdsaKeyPair::generate_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &aws_lc_rs::rand::SystemRandom::new(),
        );
        EncodingKey::from_ec_der(pair.unwrap().as_ref())
    }

    fn public(key: &EncodingKey, kid: &str) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(key, Theirs::ES256).unwrap()).unwrap();
        jwk["kid"] = kid.into();
        jwk
    }

    fn encoded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn sign(key: &EncodingKey, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, Theirs::ES256).unwrap();
        format!("{signed}.{signature}")
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k" })
    }

    fn claims() -> Value {
        let now = Timestamp::now().as_second();
        json!({ "iss": ISSUER, "sub": "ann", "aud": "https://mcp.example/mcp", "exp": now + 300, "iat": now })
    }

    fn judge_of(keys: Value) -> Jwts {
        let rules = Rules {
            issuer: ISSUER.into(),
            algorithms: Algorithm::ALL.to_vec(),
            token_type: TokenType::AccessToken,
            audience: Audience::default(),
            skew: Duration::from_secs(60),
        };
        let pace = Pace { floor: Duration::ZERO, ..Pace::default() };
        let keys = Kept::new(pace, move || {
            let keys = KeySet::read(&keys).unwrap();
            Box::pin(async { Ok(keys) })
        });
        Jwts { rules, keys: Jwks::of(keys) }
    }

    async fn judge(jwts: &Jwts, token: &str) -> Result<Claims, AuthError> {
        let here = ProtectedResource::new(vec!["https://mcp.example".into()]);
        jwts.claims(&BearerToken::parse(token).ok_or(AuthError::Invalid)?, &here).await
    }

    #[tokio::test]
    async fn only_the_issuers_own_signature_counts() {
        let (own, foreign) = (key(), key());
        let jwts = judge_of(json!({ "keys": [public(&own, "k"), public(&key(), "other")] }));
        let good = sign(&own, &header(), &claims());
        assert_eq!(judge(&jwts, &good).await.unwrap().text("sub"), Some("ann"));

        let with = |more: Value| {
            let mut header = header();
            header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            header
        };
        let mut root = claims();
        root["sub"] = "root".into();
        let (head, payload, signature) = {
            let [head, payload, signature] = parts(&good).unwrap();
            (head.to_owned(), payload.to_owned(), signature.to_owned())
        };
        let hmac = |secret: &str| {
            let signed = format!("{}.{}", encoded(&with(json!({ "alg": "HS256" }))), encoded(&root));
            let key = EncodingKey::from_secret(secret.as_bytes());
            let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Theirs::HS256).unwrap();
            format!("{signed}.{signature}")
        };
        let jwk = public(&foreign, "k");
        for (what, bad) in [
            ("another key", sign(&foreign, &header(), &claims())),
            ("the other key's id", sign(&own, &with(json!({ "kid": "other" })), &claims())),
            ("an unknown id", sign(&own, &with(json!({ "kid": "x" })), &claims())),
            ("an id that is no text", sign(&own, &with(json!({ "kid": 7 })), &claims())),
            ("no id, and two keys", sign(&own, &json!({ "alg": "ES256", "typ": "at+jwt" }), &claims())),
            ("its own key", sign(&foreign, &with(json!({ "jwk": jwk })), &claims())),
            ("a key elsewhere", sign(&foreign, &with(json!({ "jku": "https://evil.example" })), &claims())),
            ("a certificate", sign(&foreign, &with(json!({ "x5u": "https://evil.example" })), &claims())),
            ("critical", sign(&own, &with(json!({ "crit": ["exp"] })), &claims())),
            ("another algorithm", sign(&own, &with(json!({ "alg": "ES384" })), &claims())),
            ("the public key as secret", hmac(&public(&own, "k").to_string())),
            ("no algorithm", format!("{}.{payload}.", encoded(&with(json!({ "alg": "none" }))))),
            ("no signature", format!("{head}.{payload}.")),
            ("no third part", format!("{head}.{payload}")),
            ("a fourth part", format!("{good}.x")),
            ("other claims", format!("{head}.{}.{signature}", encoded(&root))),
            ("another type", sign(&own, &with(json!({ "typ": "JWT" })), &claims())),
            ("a header twice", {
                let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"k"}"#);
                format!("{head}.{payload}.{signature}")
            }),
            ("claims that are a list", sign(&own, &header(), &json!([claims()]))),
            ("padding", format!("{head}.{payload}.{signature}=")),
        ] {
            assert_eq!(judge(&jwts, &bad).await.unwrap_err(), AuthError::Invalid, "{what}");
        }
        let mut late = claims();
        late["exp"] = 1.into();
        assert_eq!(judge(&jwts, &sign(&own, &header(), &late)).await.unwrap_err(), AuthError::Expired);
        let mut other = claims();
        other["aud"] = "https://other.example".into();
        let told = judge(&jwts, &sign(&own, &header(), &other)).await.unwrap_err();
        assert_eq!(told, AuthError::WrongAudience);
        let told = judge(&jwts, &sign(&foreign, &header(), &other)).await.unwrap_err();
        assert_eq!(told, AuthError::Invalid, "a forger learns nothing of audiences");
    }

    /// Whether any of a text is let in, by a judge with one key.
    fn lets_in(own: &EncodingKey, tokens: &[String]) -> bool {
        let jwts = judge_of(json!({ "keys": [public(own, "k")] }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for token in tokens {
                let _ = BearerToken::parse(token).map(|token| claimed_issuer(&token));
                if judge(&jwts, token).await.is_ok() {
                    return true;
                }
            }
            false
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_text_is_let_in(text in "\\PC{0,200}", parts in prop::array::uniform3("[A-Za-z0-9_-]{0,80}")) {
            prop_assert!(!lets_in(&key(), &[text, parts.join(".")]));
        }

        #[test]
        fn no_unsigned_claims_are_let_in(
            alg in "none|None|HS256|ES256|RS256|PS512|EdDSA|[A-Z]{0,5}",
            kid in "k|[a-z]{0,3}",
            signature in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let head = encoded(&json!({ "alg": alg, "typ": "at+jwt", "kid": kid }));
            let signature = URL_SAFE_NO_PAD.encode(signature);
            let token = format!("{head}.{}.{signature}", encoded(&claims()));
            prop_assert!(!lets_in(&key(), &[token]));
        }

        #[test]
        fn a_token_with_any_letter_changed_is_not_let_in(at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.-]") {
            let own = key();
            let good = sign(&own, &header(), &claims());
            prop_assert!(lets_in(&own, std::slice::from_ref(&good)));
            let at = at.index(good.len());
            let mut bad = good.clone();
            bad.replace_range(at..=at, &letter);
            prop_assume!(bad != good);
            prop_assert!(!lets_in(&own, &[bad]));
        }
    }
}
