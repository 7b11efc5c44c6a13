//! What callers of a Clerk application may do here.

use crate::auth::kit::Claims;
use crate::seam::{Scope, Scopes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an application asks for unless told otherwise: every application of Clerk knows these.
const STOCK: [&str; 3] = ["openid", "profile", "email"];

/// Scopes: which ones clients ask for, which ones everybody has, and which ones follow from others.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappedScopes {
    /// The scopes that clients are told to ask for; unless it is set, `openid profile email`. Others must be made in
    /// Clerk's dashboard first: it refuses a sign-in that asks for a scope that it does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    advertise: Option<Vec<Scope>>,
    /// The scopes that every signed-in caller has, whatever the token says; unless it is set, those to read and to write
    /// with the tools that are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<Scopes>,
    /// The scopes that follow from a scope, an organization role or a permission that a token names, as in
    /// `"org:admin": ["twenty:admin"]`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    map: BTreeMap<String, Scopes>,
}

impl MappedScopes {
    pub(super) fn advertised(&self) -> Vec<Scope> {
        self.advertise.clone().unwrap_or_else(|| STOCK.map(Scope::new).to_vec())
    }

    /// What a token allows; `stock` is what everybody has unless the settings say it.
    pub(super) fn of(&self, claims: &Claims, stock: &Scopes) -> Scopes {
        // Clerk reads `scp` before `scope`.
        let own = claims.scopes(Some("scp"));
        let own = if own.is_empty() { claims.scopes(Some("scope")) } else { own };
        let mut all = own.clone();
        all.extend(self.grant.as_ref().unwrap_or(stock).iter().cloned());
        let mut named: Vec<String> = own.iter().map(ToString::to_string).collect();
        named.extend(in_organization(claims));
        all.extend(named.iter().filter_map(|name| self.map.get(name)).flatten().cloned());
        all
    }
}

/// The role and the permissions in an organization: of Clerk's older claims `org_role` and `org_permissions`, and the
/// role of its newer claim `o`, which leaves `org:` out.
fn in_organization(claims: &Claims) -> Vec<String> {
    let role = claims.text("org_role").map(str::to_owned);
    let newer = claims.get("o").and_then(|o| o.get("rol")).and_then(Value::as_str);
    let permissions = claims.get("org_permissions").and_then(Value::as_array).into_iter().flatten();
    let permissions = permissions.filter_map(Value::as_str).map(str::to_owned);
    role.into_iter().chain(newer.map(|role| format!("org:{role}"))).chain(permissions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(settings: Value, claims: Value) -> Vec<String> {
        let settings: MappedScopes = serde_json::from_value(settings).unwrap();
        let stock = Scopes::from(["twenty:read", "twenty:write"].map(Scope::new));
        let claims = Claims::new(claims.as_object().unwrap().clone());
        settings.of(&claims, &stock).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn everybody_may_read_and_write_unless_the_settings_say_otherwise() {
        let claims = json!({ "scope": "openid email" });
        assert_eq!(all(json!({}), claims.clone()), ["email", "openid", "twenty:read", "twenty:write"]);
        assert_eq!(all(json!({ "grant": [] }), claims.clone()), ["email", "openid"]);
        assert_eq!(all(json!({ "grant": ["twenty:read"] }), claims), ["email", "openid", "twenty:read"]);
        let both = json!({ "scp": ["a"], "scope": "b" });
        assert_eq!(all(json!({ "grant": [] }), both), ["a"]);
    }

    #[test]
    fn scopes_roles_and_permissions_bring_others() {
        let settings = json!({ "grant": [], "map": {
            "org:admin": ["twenty:admin"], "org:crm:edit": ["twenty:write"], "crm": ["twenty:read"],
        }});
        for (claims, scopes) in [
            (json!({ "org_role": "org:admin" }), &["twenty:admin"][..]),
            (json!({ "o": { "id": "org_1", "rol": "admin" } }), &["twenty:admin"]),
            (json!({ "org_permissions": ["org:crm:edit", 7] }), &["twenty:write"]),
            (json!({ "scp": ["crm"] }), &["crm", "twenty:read"]),
            (json!({ "o": { "rol": "member" }, "org_role": 7 }), &[]),
            (json!({ "role": "org:admin", "o": "org:admin" }), &[]),
        ] {
            assert_eq!(all(settings.clone(), claims.clone()), scopes, "{claims}");
        }
    }

    #[test]
    fn clients_ask_for_what_every_application_knows() {
        let settings = MappedScopes::default();
        assert_eq!(settings.advertised(), STOCK.map(Scope::new));
    }
}
