//! What becomes of the tokens of a real authorization server that are not for this server, not yet, no longer or no
//! access tokens, and of forgeries made from good ones.

use crate::{
    oauth::signed_in_by,
    support::{
        authorization_server::AuthorizationServer,
        door::call,
        issuer::{over, unsigned},
        running::Running,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const SCOPE: &str = "openid offline_access twenty:read";
const OTHER: &str = "https://other.example/mcp";

fn text(given: &Value, name: &str) -> String {
    given[name].as_str().unwrap().to_owned()
}

/// The header or the claims of a signed token.
fn part(token: &str, n: usize) -> Value {
    let part = token.split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A good token is let in, and each of the others refused with these words.
async fn judged(server: &Running, good: &str, others: &[(&str, String, &str)]) {
    let answer = call(server, good).await;
    assert!(answer.status == 200 && answer.body.contains("Hello, Ann!"), "{}", answer.body);
    for (what, token, told) in others {
        let answer = call(server, token).await;
        let wanted = format!(
            r#"Bearer realm="twenty-mcp", error="invalid_token", error_description="{told}", scope="openid twenty:read", resource_metadata="{}/.well-known/oauth-protected-resource/mcp""#,
            server.url
        );
        assert_eq!((answer.status, answer.challenge.unwrap_or_default()), (401, wanted), "{what}");
    }
}

const INVALID: &str = "the access token is not valid";
const EXPIRED: &str = "the access token has expired";
const ELSEWHERE: &str =
    "the access token is for another server; ask for one with this server as its resource";

#[tokio::test(flavor = "multi_thread")]
async fn signed_tokens() {
    let Some((server, mut issuer, _folder)) = signed_in_by("jwt") else { return };
    let mut foreign = AuthorizationServer::start().unwrap();
    foreign.tell(&format!("jwt {}", server.mcp()));
    issuer.tell(&format!("jwt {OTHER}"));
    let given = issuer.sign_in(&server.mcp(), SCOPE);
    let good = text(&given, "access_token");
    let (head, claims) = (part(&good, 0), part(&good, 1));
    let keys: Value = reqwest::get(format!("{}/jwks", issuer.issuer)).await.unwrap().json().await.unwrap();
    let hmac = {
        let signed = unsigned(&over(head.clone(), &json!({ "alg": "HS256" })), &claims);
        let secret = jsonwebtoken::EncodingKey::from_secret(keys["keys"][0].to_string().as_bytes());
        let algorithm = jsonwebtoken::Algorithm::HS256;
        format!("{signed}.{}", jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, algorithm).unwrap())
    };
    let mut after = |command: &str, resource: &str| {
        issuer.tell(command);
        let token = text(&issuer.sign_in(resource, SCOPE), "access_token");
        issuer.tell("clock 0");
        issuer.tell("shape {}");
        token
    };
    let late = r#"shape {"payload":{"nbf":4102444800}}"#;
    judged(
        &server,
        &good,
        &[
            ("another audience", after("shape {}", OTHER), ELSEWHERE),
            ("expired", after("clock -7200", &server.mcp()), EXPIRED),
            ("from the future", after("clock 7200", &server.mcp()), INVALID),
            ("not yet", after(late, &server.mcp()), INVALID),
            ("another kid", after(r#"shape {"header":{"kid":"other"}}"#, &server.mcp()), INVALID),
            ("another type", after(r#"shape {"header":{"typ":"JWT"}}"#, &server.mcp()), INVALID),
            ("no audience, opaque", after("shape {}", ""), INVALID),
            ("another issuer", text(&foreign.sign_in(&server.mcp(), SCOPE), "access_token"), INVALID),
            ("an ID token", text(&given, "id_token"), INVALID),
            ("a refresh token", text(&given, "refresh_token"), INVALID),
            (
                "alg none",
                format!("{}.", unsigned(&json!({ "alg": "none", "typ": "at+jwt" }), &claims)),
                INVALID,
            ),
            ("HS256 with the public key", hmac, INVALID),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opaque_tokens() {
    let Some((server, mut issuer, _folder)) = signed_in_by("opaque") else { return };
    let mut foreign = AuthorizationServer::start().unwrap();
    foreign.tell(&format!("opaque {}", server.mcp()));
    issuer.tell(&format!("opaque {OTHER}"));
    let given = issuer.sign_in(&server.mcp(), SCOPE);
    let good = text(&given, "access_token");
    let revoked = issuer.sign_in(&server.mcp(), SCOPE);
    let form = [("token", text(&revoked, "access_token")), ("client_id", text(&revoked, "client_id"))];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let answer = reqwest::Client::new()
        .post(format!("{}/token/revocation", issuer.issuer))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    assert_eq!(answer.send().await.unwrap().status().as_u16(), 200);
    issuer.tell("clock -7200");
    let expired = text(&issuer.sign_in(&server.mcp(), SCOPE), "access_token");
    issuer.tell("clock 0");
    judged(
        &server,
        &good,
        &[
            ("another audience", text(&issuer.sign_in(OTHER, SCOPE), "access_token"), ELSEWHERE),
            ("no audience", text(&issuer.sign_in("", SCOPE), "access_token"), ELSEWHERE),
            ("a refresh token", text(&given, "refresh_token"), ELSEWHERE),
            ("revoked", text(&revoked, "access_token"), INVALID),
            ("expired", expired, INVALID),
            ("another issuer", text(&foreign.sign_in(&server.mcp(), SCOPE), "access_token"), INVALID),
            ("an ID token", text(&given, "id_token"), INVALID),
            ("cut", good[..good.len() - 1].to_owned(), INVALID),
        ],
    )
    .await;
}
