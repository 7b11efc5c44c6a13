//! An authorization server's public side on loopback: metadata, keys, and tokens signed as a test wants them.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{self, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use poem::{Request, Response, endpoint::make, http::StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use twenty_mcp::server;

/// A key that signs tokens.
pub struct Key {
    pub kid: String,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let private = EncodingKey::from_ec_der(pair.as_ref());
        Self { kid: kid.into(), algorithm: Algorithm::ES256, private }
    }

    pub fn rsa(kid: &str) -> Self {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // What stands before the key in this form is as long for every key of this size.
        let private = EncodingKey::from_rsa_der(&der.as_ref()[26..]);
        Self { kid: kid.into(), algorithm: Algorithm::RS256, private }
    }

    pub fn public(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = self.kid.as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token with these claims; `header` is laid over a good one.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_by(self.algorithm, header, claims)
    }

    /// The same, signed in another way that the key can be used for.
    pub fn sign_by(&self, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
        let head = json!({ "alg": format!("{algorithm:?}"), "typ": "at+jwt", "kid": self.kid });
        let signed = unsigned(&over(head, header), claims);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.private, algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// A token without its signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// An object with another laid over it; null takes away.
pub fn over(mut object: Value, more: &Value) -> Value {
    let map = object.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    object
}

/// The server. Its keys can be changed, and it can be down.
pub struct IssuerServer {
    pub url: String,
    pub keys: Arc<Mutex<Vec<Value>>>,
    pub down: Arc<AtomicBool>,
    /// How often its keys were asked for.
    pub asked: Arc<AtomicUsize>,
    /// What its token endpoint answers.
    pub gives: Arc<Mutex<(u16, Value)>>,
    /// What its token endpoint was asked: `Authorization`, and the form.
    pub redeemed: Arc<Mutex<Vec<(String, String)>>>,
    _stop: DropGuard,
}

impl IssuerServer {
    pub async fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keys = Arc::new(Mutex::new(keys.iter().map(|key| key.public()).collect::<Vec<_>>()));
        let (down, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let gives = Arc::new(Mutex::new((404, Value::Null)));
        let redeemed = Arc::<Mutex<Vec<(String, String)>>>::default();
        let endpoint = {
            let (url, keys, down, asked) = (url.clone(), keys.clone(), down.clone(), asked.clone());
            let (gives, redeemed) = (gives.clone(), redeemed.clone());
            make(move |mut request: Request| {
                let (gives, redeemed) = (gives.clone(), redeemed.clone());
                let token = request.uri().path() == "/token";
                let answer = match request.uri().path() {
                    _ if down.load(Ordering::SeqCst) => None,
                    "/.well-known/openid-configuration" => Some(json!({
                        "issuer": url,
                        "authorization_endpoint": format!("{url}/authorize"),
                        "token_endpoint": format!("{url}/token"),
                        "jwks_uri": format!("{url}/keys"),
                        "code_challenge_methods_supported": ["S256"],
                    })),
                    "/keys" | "/.well-known/jwks.json" => {
                        asked.fetch_add(1, Ordering::SeqCst);
                        Some(json!({ "keys": *keys.lock().unwrap() }))
                    }
                    _ => Some(Value::Null),
                };
                async move {
                    if token && answer.is_some() {
                        let said = request.header("authorization").unwrap_or_default().to_owned();
                        let form = request.take_body().into_string().await.unwrap();
                        redeemed.lock().unwrap().push((said, form));
                        let (status, told) = gives.lock().unwrap().clone();
                        let status = StatusCode::from_u16(status).unwrap();
                        return Response::builder().status(status).body(told.to_string());
                    }
                    match answer {
                        None => Response::builder().status(StatusCode::BAD_GATEWAY).finish(),
                        Some(Value::Null) => Response::builder().status(StatusCode::NOT_FOUND).finish(),
                        Some(document) => Response::builder().body(document.to_string()),
                    }
                }
            })
        };
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, endpoint, stop.clone(), Duration::ZERO));
        Self { url, keys, down, asked, gives, redeemed, _stop: stop.drop_guard() }
    }

    /// Claims of a good token for a server at `resource`.
    pub fn claims(&self, resource: &str) -> Value {
        let now = jiff::Timestamp::now().as_second();
        json!({
            "iss": self.url, "sub": "ann", "aud": resource, "client_id": "c1", "scope": "twenty:read",
            "iat": now, "nbf": now, "exp": now + 300, "jti": "1",
        })
    }
}
