//! How clients find out where to sign in (RFC 9728, RFC 8414).

use super::Guard;
use crate::seam::{AuthError, ProtectedResource, Scope};
use poem::Request;
use serde_json::{Value, json};
use std::sync::Arc;

/// Where clients look for the protected-resource document first: the well-known path with that of the resource behind it.
pub const RESOURCE_DOCUMENT: &str = "/.well-known/oauth-protected-resource/mcp";
/// Where clients of the first revision with sign-in (MCP 2025-03-26) look for the authorization server.
pub const SERVER_DOCUMENT: &str = "/.well-known/oauth-authorization-server";

impl Guard {
    /// All scopes that callers may ask for.
    #[must_use]
    pub fn supported(&self) -> &[Scope] {
        &self.supported
    }

    /// The protected-resource document for somebody who asked so: members of RFC 9728 alone.
    #[must_use]
    pub fn resource_document(&self, request: &Request) -> Value {
        let base = self.here.asked_by(request);
        let mut servers: Vec<String> = Vec::new();
        for server in self.providers.iter().flat_map(|provider| provider.authorization_servers(base)) {
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        let mut document = json!({
            "resource": ProtectedResource::identifier(base),
            "resource_name": "twenty-mcp",
            "bearer_methods_supported": ["header"],
        });
        if let Some(document) = document.as_object_mut() {
            if !servers.is_empty() {
                document.insert("authorization_servers".into(), servers.into());
            }
            if !self.supported.is_empty() {
                document.insert("scopes_supported".into(), json!(&*self.supported));
            }
        }
        document
    }

    /// The metadata document of the first provider's authorization server, as that gives it; none where no provider has
    /// one.
    ///
    /// # Errors
    /// It cannot be had just now.
    pub async fn server_document(&self, request: &Request) -> Result<Option<Arc<Value>>, AuthError> {
        let base = self.here.asked_by(request);
        for provider in &self.providers {
            if let Some(document) = provider.metadata(base).await? {
                return Ok(Some(document));
            }
        }
        Ok(None)
    }
}
