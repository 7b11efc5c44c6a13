//! Tokens that the operator hands out; the configuration holds their hashes alone.

use crate::auth::kit::{Expiry, PREFIX, TokenHash};
use crate::seam::{
    AuthError, AuthProvider, BearerToken, Issuer, ProtectedResource, Scopes, Setup, SetupError, Subject,
    Surface, User,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sign-in by tokens that `twenty-mcp tokens new` makes.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Who may sign in: each name stands for one caller, and is what the log calls them.
    #[serde(default)]
    tokens: BTreeMap<String, Token>,
}

/// One caller's token.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Token {
    /// The token's hash, as `twenty-mcp tokens new` prints it: `sha256:` and 64 hexadecimal digits. The token itself
    /// is the caller's alone.
    hash: TokenHash,
    /// What the token allows, as in `["twenty:read"]`; everything unless it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes>,
    /// The last day on which the token is good (UTC), or the moment at which it ends; for ever without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Expiry>,
}

/// A fixed list of tokens.
pub struct StaticTokens {
    tokens: BTreeMap<String, Token>,
    everything: Scopes,
}

crate::register!(auth-provider StaticTokens);

impl AuthProvider for StaticTokens {
    type Settings = Settings;

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        let tokens = settings.tokens;
        if tokens.is_empty() {
            return Err(SetupError::at(&["tokens"], "lists no token; make one with `twenty-mcp tokens new`"));
        }
        for (name, token) in &tokens {
            let twin = tokens.iter().find(|(other, twin)| *other < name && twin.hash.matches(&token.hash));
            if let Some((other, _)) = twin {
                let message = format!("is the token of `{other}` too; make one for each caller");
                return Err(SetupError::at(&["tokens", name, "hash"], message));
            }
        }
        Ok(Self { tokens, everything: setup.scopes().all().into_iter().collect() })
    }

    fn recognises(&self, token: &BearerToken) -> bool {
        token.expose().starts_with(PREFIX)
    }

    async fn verify(
        &self,
        token: &BearerToken,
        _: &ProtectedResource,
        _: Surface,
    ) -> Result<User, AuthError> {
        let hash = TokenHash::of(token.expose());
        // Every entry is compared, so that the time taken does not tell which one it was.
        let found = self
            .tokens
            .iter()
            .fold(None, |found, entry| if entry.1.hash.matches(&hash) { Some(entry) } else { found });
        let (name, entry) = found.ok_or(AuthError::Invalid)?;
        if entry.expires.is_some_and(|end| end.is_over(Timestamp::now())) {
            return Err(AuthError::Expired);
        }
        Ok(User {
            issuer: Issuer::new("static-tokens"),
            subject: Subject::new(name),
            client: None,
            scopes: entry.scopes.as_ref().unwrap_or(&self.everything).clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::kit::mint;
    use crate::seam::{Access, Scope};
    use serde_json::{Value, json};

    fn provider(settings: Value) -> Result<StaticTokens, SetupError> {
        StaticTokens::build(serde_json::from_value(settings).unwrap(), &Setup::default())
    }

    fn bearer(token: &str) -> BearerToken {
        BearerToken::parse(token).unwrap()
    }

    #[tokio::test]
    async fn a_listed_token_speaks_for_its_name() {
        let ((ci, ci_hash), (ann, ann_hash)) = (mint(), mint());
        let provider = provider(json!({ "tokens": {
            "ann": { "hash": ann_hash, "expires": "9998-12-31" },
            "ci": { "hash": ci_hash, "scopes": ["twenty:read"] },
        }}))
        .unwrap();
        let user = provider
            .verify(&bearer(ci.expose()), &ProtectedResource::default(), Surface::Calls)
            .await
            .unwrap();
        assert_eq!((user.issuer.as_str(), user.subject.as_str()), ("static-tokens", "ci"));
        assert_eq!(user.scopes, Scopes::from([Scope::new("twenty:read")]));
        let user = provider
            .verify(&bearer(ann.expose()), &ProtectedResource::default(), Surface::Calls)
            .await
            .unwrap();
        assert_eq!(user.subject.as_str(), "ann");
    }

    #[tokio::test]
    async fn a_token_allows_what_its_list_says_and_without_one_everything() {
        let ((all, all_hash), (none, none_hash)) = (mint(), mint());
        let settings = json!({ "tokens": {
            "all": { "hash": all_hash },
            "none": { "hash": none_hash, "scopes": [] },
        }});
        let served = [Access::Read, Access::Admin].map(|access| ("twenty".to_owned(), access));
        let setup = Setup::default().serving(served.into_iter().collect());
        let provider = StaticTokens::build(serde_json::from_value(settings).unwrap(), &setup).unwrap();
        for (token, scopes) in [(all, &["twenty:admin", "twenty:read"][..]), (none, &[])] {
            let user = provider
                .verify(&bearer(token.expose()), &ProtectedResource::default(), Surface::Calls)
                .await
                .unwrap();
            assert_eq!(user.scopes, scopes.iter().map(|scope| Scope::new(*scope)).collect());
        }
    }

    #[tokio::test]
    async fn neither_another_token_nor_the_hash_itself_is_let_in() {
        let (token, hash) = mint();
        let provider = provider(json!({ "tokens": { "ci": { "hash": hash } } })).unwrap();
        let hex = hash.to_string().replace("sha256:", PREFIX);
        for bad in [mint().0.expose(), &format!("{}x", token.expose()), &hex] {
            assert_eq!(
                provider.verify(&bearer(bad), &ProtectedResource::default(), Surface::Calls).await,
                Err(AuthError::Invalid),
                "{bad}"
            );
        }
    }

    #[tokio::test]
    async fn a_token_ends_when_it_expires() {
        let (token, hash) = mint();
        let tokens = json!({ "tokens": { "ci": { "hash": hash, "expires": "2020-01-31" } } });
        let provider = provider(tokens).unwrap();
        assert_eq!(
            provider.verify(&bearer(token.expose()), &ProtectedResource::default(), Surface::Calls).await,
            Err(AuthError::Expired)
        );
    }

    #[test]
    fn tokens_are_known_by_their_prefix() {
        let provider = provider(json!({ "tokens": { "ci": { "hash": mint().1 } } })).unwrap();
        assert!(provider.recognises(&bearer("tmcp_x")));
        assert!(!provider.recognises(&bearer("eyJhbGciOi.x.tmcp_")));
    }

    #[test]
    fn a_list_that_lets_in_nobody_or_one_as_two_is_refused() {
        let error = provider(json!({})).err().unwrap();
        assert_eq!(error.message, "lists no token; make one with `twenty-mcp tokens new`");
        let hash = mint().1;
        let twins = json!({ "tokens": { "ann": { "hash": hash }, "ben": { "hash": hash } } });
        assert_eq!(provider(twins).err().unwrap().key, ["tokens", "ben", "hash"]);
    }
}
