//! Forged and malformed tokens and tricks with headers, through the binary: each is refused with its status and header,
//! and nothing of any token is in the log, however much that tells.

use crate::support::{
    door::{call, call_at},
    introspector::{ID, Introspector, SECRET},
    issuer::{IssuerServer, Key, over, unsigned},
    running::Running,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{collections::HashSet, fs};
use twenty_mcp::auth::kit;

/// How many bytes of a token in a row are too many for a log.
const SLICE: usize = 24;

/// A server with every kind of provider, whose log tells all that can be told.
struct House {
    server: Running,
    issuer: IssuerServer,
    asked: Introspector,
    key: Key,
    log: std::path::PathBuf,
    /// Every token that was shown.
    shown: Vec<String>,
    folder: tempfile::TempDir,
}

impl House {
    async fn start() -> Self {
        let key = Key::new("k");
        let (issuer, asked) = (IssuerServer::start(&[&key]).await, Introspector::start().await);
        let (folder, old) = (tempfile::tempdir().unwrap(), kit::mint());
        let (file, log) = (folder.path().join("c.yaml"), folder.path().join("log"));
        let yaml = format!(
            "auth:\n  mode: required\n  providers:\n    oidc: {{ issuer: \"{}\" }}\n    introspection: {{ issuer: \"{}\", client_id: \"{ID}\", client_secret: \"{SECRET}\" }}\n    static-tokens: {{ tokens: {{ old: {{ hash: \"{}\", expires: \"2020-01-31\" }} }} }}\ntools: {{ hello: {{}} }}\n",
            issuer.url, asked.url, old.1
        );
        fs::write(&file, yaml).unwrap();
        let server = Running::start_with(&["--verbose", "--config", file.to_str().unwrap()], |command| {
            command.env("RUST_LOG", "trace,hyper=trace,h2=trace,reqwest=trace,rustls=trace,rmcp=trace");
            command.stderr(fs::File::create(&log).unwrap());
        });
        Self { server, issuer, asked, key, log, shown: vec![old.0.expose().to_owned()], folder }
    }

    fn claims(&self) -> Value {
        self.issuer.claims(&self.server.mcp())
    }

    /// A token of the issuer's own, with these laid over a good one.
    fn signed(&self, header: Value, claims: Value) -> String {
        self.key.sign(&header, &over(self.claims(), &claims))
    }

    async fn refuses(&mut self, what: &str, token: &str) {
        let answer = call(&self.server, token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        let said = answer.challenge.unwrap();
        assert!(said.starts_with("Bearer realm=\"twenty-mcp\", error=\"invalid_token\""), "{what}: {said}");
        assert!(said.contains("resource_metadata="), "{what}: {said}");
        assert!(!answer.body.contains(token) && !said.contains(token), "{what}");
        self.shown.push(token.to_owned());
    }

    /// Ends the server, and looks into its log.
    fn log_is_clean(mut self) {
        self.server.terminate();
        assert!(self.server.child.wait().unwrap().success());
        let log = fs::read(&self.log).unwrap();
        let slices: HashSet<&[u8]> =
            self.shown.iter().flat_map(|token| token.as_bytes().windows(SLICE)).collect();
        let found = log.windows(SLICE).find(|slice| slices.contains(slice));
        assert_eq!(found.map(String::from_utf8_lossy), None);
        let text = String::from_utf8_lossy(&log);
        assert!(text.contains("\"sign-in\"") && !text.contains("panicked"), "the log tells of sign-ins");
        for token in &self.shown {
            let signature = token.rsplit('.').next().unwrap();
            let parts = [token.as_str(), signature];
            let long = parts.iter().filter(|part| part.len() >= 8);
            long.for_each(|part| assert!(!text.contains(part), "{part} is in the log"));
        }
        drop(self.folder);
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Tokens that take a good one's parts and change them.
fn taken_apart(house: &House) -> Vec<(&'static str, String)> {
    let good = house.signed(json!({}), json!({}));
    let [head, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let claims = house.claims();
    let none = |alg: Value| format!("{}.", unsigned(&json!({ "alg": alg, "typ": "at+jwt" }), &claims));
    let hmac = |alg: &str, algorithm, secret: &[u8]| {
        let signed = unsigned(&json!({ "alg": alg, "typ": "at+jwt", "kid": "k" }), &claims);
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        format!("{signed}.{}", jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap())
    };
    let public = house.key.public();
    let x = URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
    let signed_by = |signature: &str| format!("{head}.{payload}.{signature}");
    let other = house.signed(json!({}), json!({ "jti": "2" }));
    use jsonwebtoken::Algorithm::{HS256, HS384, HS512};
    vec![
        ("alg none", none(json!("none"))),
        ("alg None", none(json!("None"))),
        ("alg NONE", none(json!("NONE"))),
        ("alg empty", none(json!(""))),
        ("alg null", none(json!(null))),
        ("alg a number", none(json!(0))),
        ("alg a list", none(json!(["none"]))),
        ("no alg", format!("{}.", unsigned(&json!({ "typ": "at+jwt" }), &claims))),
        ("HS256 with the public key", hmac("HS256", HS256, public.to_string().as_bytes())),
        ("HS384 with the public key", hmac("HS384", HS384, public.to_string().as_bytes())),
        ("HS512 with the key's bytes", hmac("HS512", HS512, &x)),
        ("HS256 with nothing", hmac("HS256", HS256, b"")),
        ("HS256 called ES256", hmac("ES256", HS256, public.to_string().as_bytes())),
        ("no signature", signed_by("")),
        ("a signature of zeros", signed_by(&encoded([0; 64]))),
        ("a signature of ones", signed_by(&encoded([0xff; 64]))),
        ("a short signature", signed_by(&encoded([1; 8]))),
        ("a long signature", signed_by(&encoded([1; 4096]))),
        ("another token's signature", signed_by(other.rsplit('.').next().unwrap())),
        ("half a signature", signed_by(&signature[..40])),
        ("padding", signed_by(&format!("{signature}=="))),
        ("another alphabet", signed_by(&"+/".repeat(43))),
        ("no third part", format!("{head}.{payload}")),
        ("a fourth part", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("the payload alone", payload.to_owned()),
        ("empty parts", "..".into()),
        ("no header", format!(".{payload}.{signature}")),
        ("no payload", format!("{head}..{signature}")),
        ("a header that is no JSON", format!("{}.{payload}.{signature}", encoded("{"))),
        ("a header that is a list", format!("{}.{payload}.{signature}", encoded("[]"))),
        ("a payload that is no UTF-8", format!("{head}.{}.{signature}", encoded([0xff, 0xfe]))),
        ("a payload that nests", format!("{head}.{}.{signature}", encoded("[".repeat(9000)))),
        ("other claims", {
            let root = over(claims.clone(), &json!({ "sub": "root" }));
            format!("{head}.{}.{signature}", encoded(root.to_string()))
        }),
        ("alg twice", {
            let twice = encoded(r#"{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"k"}"#);
            format!("{twice}.{payload}.{signature}")
        }),
    ]
}

/// Tokens whose header or claims are not those of an access token for this server, most with a good signature.
fn beside_the_rules(house: &House) -> Vec<(&'static str, String)> {
    let (url, now) = (&house.server.url, house.claims()["iat"].as_i64().unwrap());
    let foreign = Key::new("k");
    let by = |header: Value| house.signed(header, json!({}));
    let with = |claims: Value| house.signed(json!({}), claims);
    let forged = |header: Value| foreign.sign(&header, &house.claims());
    vec![
        ("another key", forged(json!({}))),
        ("its own key", forged(json!({ "jwk": foreign.public() }))),
        (
            "a key elsewhere",
            forged(json!({ "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/x" })),
        ),
        ("a certificate", forged(json!({ "x5c": ["MIIB"] }))),
        ("a kid that is a path", forged(json!({ "kid": "../../../../dev/null" }))),
        ("a kid that is a query", forged(json!({ "kid": "k' OR '1'='1" }))),
        ("a long kid", forged(json!({ "kid": "k".repeat(9000) }))),
        ("another kid", by(json!({ "kid": "other" }))),
        ("a kid that is a number", by(json!({ "kid": 7 }))),
        ("an algorithm of no such key", by(json!({ "alg": "RS256" }))),
        ("a longer algorithm", by(json!({ "alg": "ES384" }))),
        ("critical", by(json!({ "crit": ["b64"], "b64": false }))),
        ("typ JWT", by(json!({ "typ": "JWT" }))),
        ("no typ", by(json!({ "typ": null }))),
        ("typ logout+jwt", by(json!({ "typ": "logout+jwt" }))),
        ("typ a number", by(json!({ "typ": 7 }))),
        ("expired", with(json!({ "exp": now - 61 }))),
        ("expired long ago", with(json!({ "exp": -1 }))),
        ("an end that is a text", with(json!({ "exp": "9999999999" }))),
        ("no end", with(json!({ "exp": null }))),
        ("not yet", with(json!({ "nbf": now + 3600 }))),
        ("from the future", with(json!({ "iat": now + 3600 }))),
        ("a beginning that is an object", with(json!({ "nbf": {} }))),
        ("no issuer", with(json!({ "iss": null }))),
        ("issuers", with(json!({ "iss": [house.issuer.url] }))),
        ("nearly the issuer", with(json!({ "iss": format!("{}/", house.issuer.url) }))),
        ("the other issuer", with(json!({ "iss": house.asked.url }))),
        ("another audience", with(json!({ "aud": "https://other.example/mcp" }))),
        ("no audience", with(json!({ "aud": null }))),
        ("no audiences", with(json!({ "aud": [] }))),
        ("an audience that is an object", with(json!({ "aud": { "a": format!("{url}/mcp") } }))),
        ("the origin alone", with(json!({ "aud": url }))),
        ("a path below", with(json!({ "aud": format!("{url}/mcp/x") }))),
        ("a query", with(json!({ "aud": format!("{url}/mcp?x") }))),
        ("another port", with(json!({ "aud": "http://127.0.0.1:1/mcp" }))),
        ("a path in upper case", with(json!({ "aud": format!("{url}/MCP") }))),
        ("audiences in one text", with(json!({ "aud": format!("{url}/mcp https://x.example") }))),
        ("nobody", with(json!({ "sub": null }))),
        ("a number", with(json!({ "sub": 7 }))),
        ("a name of two lines", with(json!({ "sub": "ann\nroot" }))),
        ("an ID token", house.signed(json!({ "typ": "JWT" }), json!({ "aud": "c1", "nonce": "x" }))),
        ("an ID token in disguise", with(json!({ "at_hash": "x" }))),
        ("a refresh token", with(json!({ "typ": "Refresh" }))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_12_forged_and_malformed_tokens_are_refused_and_nothing_of_them_is_in_the_log() {
    let mut house = House::start().await;
    let good = house.signed(json!({}), json!({}));
    assert_eq!(call(&house.server, &good).await.status, 200);
    house.shown.push(good);
    let mut cases = taken_apart(&house);
    cases.extend(beside_the_rules(&house));
    let (expired, hash) = (house.shown[0].clone(), kit::mint().1);
    house.asked.knows("elsewhere-0123456789", "https://other.example/mcp", &json!({}));
    cases.extend([
        ("an opaque token of nobody", "oat_0123456789abcdef0123456789abcdef".into()),
        ("an opaque token for another", "elsewhere-0123456789".into()),
        ("a token of the operator's that has ended", expired),
        ("a hash", hash.to_string().replace("sha256:", "tmcp_")),
        ("a prefix", "tmcp_".into()),
        ("a very long one", "x".repeat(16 * 1024)),
        ("one that is longer than any", "x".repeat(16 * 1024 + 1)),
        ("a stand-in", "your-access-token".into()),
    ]);
    assert!(cases.len() >= 80, "{}", cases.len());
    for (what, token) in cases {
        house.refuses(what, &token).await;
    }
    house.log_is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_with_headers_let_nobody_in() {
    let mut house = House::start().await;
    let good = house.signed(json!({}), json!({}));
    let authorization = |text: &str| vec![("authorization", text.replace("GOOD", &good).into_bytes())];
    let in_header = |name: &'static str, text: &str| vec![(name, text.replace("GOOD", &good).into_bytes())];
    let twice = |one: &str, two: &str| [authorization(one), authorization(two)].concat();
    let (none, token, request) = (None, Some("invalid_token"), Some("invalid_request"));
    let cases = [
        ("nothing", vec![], 401, none),
        ("no scheme", authorization("GOOD"), 401, none),
        ("no token", authorization("Bearer"), 401, token),
        ("a blank", authorization("Bearer "), 401, token),
        ("an empty header", authorization(""), 401, none),
        ("Basic", authorization("Basic Y2k6Y2k="), 401, none),
        ("Basic with a token", authorization("Basic GOOD"), 401, none),
        ("Token", authorization("Token GOOD"), 401, none),
        ("DPoP", authorization("DPoP GOOD"), 401, none),
        ("Bearers", authorization("Bearers GOOD"), 401, none),
        ("no blank", authorization("BearerGOOD"), 401, none),
        ("a tab", authorization("Bearer\tGOOD"), 401, none),
        ("a colon", authorization("Bearer: GOOD"), 401, none),
        ("quoted", authorization("Bearer \"GOOD\""), 401, token),
        ("a comma behind", authorization("Bearer GOOD,"), 401, token),
        ("two in one", authorization("Bearer GOOD, Bearer GOOD"), 401, token),
        ("two tokens", authorization("Bearer GOOD GOOD"), 401, token),
        ("a parameter", authorization("Bearer GOOD;x=1"), 401, token),
        ("as a parameter", authorization("Bearer access_token=GOOD"), 401, token),
        ("a tab behind", authorization("Bearer x\tGOOD"), 401, token),
        ("no ASCII", authorization("Bearer GOOD\u{a0}"), 401, none),
        ("no UTF-8", vec![("authorization", b"Bearer \xff\xfe".to_vec())], 401, none),
        ("twice the same", twice("Bearer GOOD", "Bearer GOOD"), 400, request),
        ("good and bad", twice("Bearer GOOD", "Bearer x"), 400, request),
        ("bad and good", twice("Basic x", "Bearer GOOD"), 400, request),
        ("for a proxy", in_header("proxy-authorization", "Bearer GOOD"), 401, none),
        ("as X-Authorization", in_header("x-authorization", "Bearer GOOD"), 401, none),
        ("as a forwarded one", in_header("x-forwarded-authorization", "Bearer GOOD"), 401, none),
        ("as an original one", in_header("x-original-authorization", "Bearer GOOD"), 401, none),
        ("as an access token", in_header("x-access-token", "GOOD"), 401, none),
        ("as a cookie", in_header("cookie", "access_token=GOOD; authorization=GOOD"), 401, none),
        ("as a user", in_header("x-forwarded-user", "ann"), 401, none),
    ];
    for (what, headers, status, error) in cases {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        let answer = call_at(&house.server, "/mcp", &headers).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        let said = answer.challenge.unwrap();
        let told = error.map(|error| format!(r#"error="{error}""#));
        assert_eq!(told.is_some_and(|told| said.contains(&told)), error.is_some(), "{what}: {said}");
        assert_eq!(said.contains("error="), error.is_some(), "{what}: {said}");
    }
    for query in ["access_token", "token", "authorization", "bearer"] {
        let answer = call_at(&house.server, &format!("/mcp?{query}={good}"), &[]).await;
        assert_eq!(answer.status, 401, "{query}");
    }
    house.shown.push(good);
    house.log_is_clean();
}
