//! An authorization server for development, inside this one: whoever opens its page is who they say they are.

use super::{
    clients::Clients,
    grants::{Grants, Lifetimes},
    routes::Routes,
    scopes::Known,
    signer::Signer,
};
use crate::seam::{
    AuthError, AuthProvider, BearerToken, DurationText, Pages, ProtectedResource, ROUTES, Scope, Setup,
    SetupError, Surface, User,
};
use poem::endpoint::{BoxEndpoint, EndpointExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Sign-in for development: an authorization server that gives a token to everybody at this machine. On a loopback
/// address alone, and with the sandbox.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether its tokens may open a real workspace: everybody who reaches this machine's ports can get one.
    allow_real_workspace: bool,
    /// How long a code is good, at most 10m.
    #[schemars(extend("format" = "above-zero"))]
    code_lifetime: DurationText,
    /// How long an access token is good, at most 24h.
    #[schemars(extend("format" = "above-zero"))]
    token_lifetime: DurationText,
    /// How long a client may get new tokens without asking a person again, at most 720h.
    #[schemars(extend("format" = "above-zero"))]
    refresh_lifetime: DurationText,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_real_workspace: false,
            code_lifetime: DurationText::seconds(60),
            token_lifetime: DurationText::seconds(3600),
            refresh_lifetime: DurationText::seconds(24 * 3600),
        }
    }
}

/// What the authorization server works with.
pub struct Office {
    /// Who may ask.
    pub clients: Clients,
    /// What was given out.
    pub grants: Grants,
    /// What can be asked for.
    pub scopes: Known,
}

/// The authorization server, and the judge of its own tokens.
pub struct Dev(Arc<Office>);

crate::register!(auth-provider Dev);

impl AuthProvider for Dev {
    type Settings = Settings;

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        if !setup.loopback() {
            let message = "is for development: everybody who reaches it can sign in as anybody; bind a loopback \
                           address, as `server.bind: 127.0.0.1:3000`, or use another provider";
            return Err(SetupError::at(&[], message));
        }
        if !setup.sandboxed() && !settings.allow_real_workspace {
            let message = "is for development, and would let everybody at this machine into a real workspace: start \
                           with `--sandbox`, or say `allow_real_workspace: true`";
            return Err(SetupError::at(&[], message));
        }
        for (key, lifetime, most) in [
            ("code_lifetime", settings.code_lifetime, DurationText::seconds(600)),
            ("token_lifetime", settings.token_lifetime, DurationText::seconds(24 * 3600)),
            ("refresh_lifetime", settings.refresh_lifetime, DurationText::seconds(720 * 3600)),
        ] {
            if lifetime > most {
                return Err(SetupError::at(&[key], format!("is at most {most}")));
            }
        }
        let lifetimes = Lifetimes {
            code: settings.code_lifetime,
            access: settings.token_lifetime,
            refresh: settings.refresh_lifetime,
        };
        Ok(Self(Arc::new(Office {
            clients: Clients::new()?,
            grants: Grants::new(lifetimes, Signer::new()?),
            scopes: Known::of(setup.scopes()),
        })))
    }

    fn recognises(&self, token: &BearerToken) -> bool {
        self.0.grants.signer().began(token.expose())
    }

    async fn verify(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
        _: Surface,
    ) -> Result<User, AuthError> {
        let (user, resource) = self.0.grants.judge(token.expose())?;
        if here.is(&resource) { Ok(user) } else { Err(AuthError::WrongAudience) }
    }

    fn authorization_servers(&self, base: &str) -> Vec<String> {
        vec![base.to_owned()]
    }

    fn advertised(&self) -> Vec<Scope> {
        self.0.scopes.usual()
    }

    fn supported(&self) -> Vec<Scope> {
        self.0.scopes.all.clone()
    }

    async fn metadata(&self, base: &str) -> Result<Option<Arc<Value>>, AuthError> {
        let at = |route: &str| format!("{base}{ROUTES}{route}");
        Ok(Some(Arc::new(json!({
            "issuer": base,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "registration_endpoint": at("register"),
            "revocation_endpoint": at("revoke"),
            "jwks_uri": at("jwks"),
            "scopes_supported": self.0.scopes.all,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "client_id_metadata_document_supported": true,
            "authorization_response_iss_parameter_supported": true,
            "protected_resources": [ProtectedResource::identifier(base)],
        }))))
    }

    fn endpoint(&self) -> Option<BoxEndpoint<'static>> {
        Some(Routes(Arc::clone(&self.0)).map_to_response().boxed())
    }

    fn pages(&self) -> Option<&dyn Pages> {
        Some(&*self.0)
    }

    fn welcome(&self, base: &str) -> Option<String> {
        Some(format!(
            "Sign-in is for development: clients open a page at {base}{ROUTES}authorize, where anybody is let in\n\
             A token without a browser: twenty-mcp tokens dev --issuer {base}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(loopback: bool, sandboxed: bool, settings: Value) -> Result<Dev, SetupError> {
        let setup = Setup::default().reaching(loopback, sandboxed);
        Dev::build(serde_json::from_value(settings).unwrap(), &setup)
    }

    #[test]
    fn it_is_built_only_where_it_can_do_no_harm_or_the_operator_says_so() {
        assert!(built(true, true, json!({})).is_ok());
        assert!(built(true, false, json!({ "allow_real_workspace": true })).is_ok());
        for (loopback, sandboxed, settings, told) in [
            (false, true, json!({}), "loopback"),
            (false, true, json!({ "allow_real_workspace": true }), "loopback"),
            (true, false, json!({}), "--sandbox"),
        ] {
            let error = built(loopback, sandboxed, settings).err().unwrap();
            assert!(error.message.contains(told), "{}", error.message);
        }
        for (key, value) in
            [("code_lifetime", "11m"), ("token_lifetime", "25h"), ("refresh_lifetime", "721h")]
        {
            assert_eq!(built(true, true, json!({ key: value })).err().unwrap().key, [key]);
        }
    }

    #[tokio::test]
    async fn its_issuer_is_the_servers_name_and_nothing_else() {
        let dev = built(true, true, json!({})).unwrap();
        for base in ["https://mcp.example.com", "http://localhost:3000"] {
            let said = AuthProvider::metadata(&dev, base).await.unwrap().unwrap();
            assert_eq!(said["issuer"], base);
            assert_eq!(said["token_endpoint"], format!("{base}/oauth/token"));
            assert_eq!(AuthProvider::authorization_servers(&dev, base), [base]);
        }
    }
}
