//! How callers sign in, as the document tells it.

use crate::seam::Scope;
use serde_json::{Map, Value, json};

/// What the document says of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    /// Whether callers may also come without a token.
    pub optional: bool,
    /// The scopes that they may ask for.
    pub scopes: Vec<String>,
    /// Where the provider gives out codes and tokens, where that is known.
    pub provider: Option<Provider>,
}

/// Where a provider gives out codes and tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Where people sign in.
    pub authorization: String,
    /// Where a code becomes a token.
    pub token: String,
}

impl Provider {
    /// Those that a metadata document names (RFC 8414); none where it does not name both.
    #[must_use]
    pub fn of(document: &Value) -> Option<Self> {
        let said = |name: &str| Some(document.get(name)?.as_str()?.to_owned());
        Some(Self { authorization: said("authorization_endpoint")?, token: said("token_endpoint")? })
    }
}

impl SignIn {
    /// The ways in, by name.
    pub(super) fn schemes(&self) -> Value {
        let mut schemes = Map::new();
        if let Some(provider) = &self.provider {
            let scopes: Map<String, Value> =
                self.scopes.iter().map(|scope| (scope.clone(), json!(meaning(scope)))).collect();
            let flow = json!({
                "authorizationUrl": provider.authorization, "tokenUrl": provider.token, "scopes": scopes,
            });
            let description =
                "A token of the server's provider: code with PKCE, and this server's `/mcp` as `resource`.";
            schemes.insert(
                "oauth".into(),
                json!({ "type": "oauth2", "description": description, "flows": { "authorizationCode": flow } }),
            );
        }
        let description = "An access token for this server, however it was had.";
        schemes.insert(
            "bearer".into(),
            json!({ "type": "http", "scheme": "bearer", "description": description }),
        );
        Value::Object(schemes)
    }

    /// What an operation needs that is for users alone, whichever scope it takes.
    pub(super) fn required(&self) -> Value {
        Self { optional: false, ..self.clone() }.needed(None)
    }

    /// What an operation needs: any of these.
    pub(super) fn needed(&self, scope: Option<&Scope>) -> Value {
        let scopes: Vec<&str> = scope.map(Scope::as_str).into_iter().collect();
        let ways = self.provider.iter().map(|_| "oauth").chain(["bearer"]);
        let mut needed: Vec<Value> = ways.map(|way| json!({ way: scopes })).collect();
        needed.extend(self.optional.then(|| json!({})));
        Value::Array(needed)
    }
}

/// What a scope allows, in words.
fn meaning(scope: &str) -> String {
    match scope.rsplit_once(':') {
        Some((of, "read")) => format!("Look, in `{of}`"),
        Some((of, "write")) => format!("Change things, in `{of}`"),
        Some((of, "admin")) => format!("Remove things for good, in `{of}`"),
        _ => String::new(),
    }
}
