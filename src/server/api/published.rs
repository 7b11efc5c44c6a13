//! `/openapi.json` and `/openapi.yaml`: the description of this server, for everybody.

use super::{
    asset::Asset,
    document::document,
    sign_in::{Provider, SignIn},
};
use crate::{
    auth::Guard,
    registry::Registry,
    seam::{AuthMode, Scope},
};
use poem::{Endpoint, Request, Response, Route};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the description is.
pub(super) const JSON: &str = "/openapi.json";
pub(super) const YAML: &str = "/openapi.yaml";
/// How many descriptions are kept: one a name of this server, and another once the provider's addresses are known.
const KEPT: usize = 8;

/// Publishes the description.
#[derive(Clone)]
pub struct Published(Arc<Shared>);

struct Shared {
    registry: Arc<Registry>,
    guard: Guard,
    kept: Mutex<Vec<(Option<SignIn>, Arc<Written>)>>,
}

/// A description as it is sent.
struct Written {
    json: Asset,
    yaml: Asset,
}

impl Published {
    /// Describes a server with these tools and this guard.
    #[must_use]
    pub fn new(registry: Arc<Registry>, guard: Guard) -> Self {
        Self(Arc::new(Shared { registry, guard, kept: Mutex::default() }))
    }

    /// Takes its places among the routes.
    #[must_use]
    pub fn mount(&self, routes: Route) -> Route {
        let at = |choose: fn(&Written) -> &Asset| At { published: self.clone(), choose };
        routes.at(JSON, at(|written| &written.json)).at(YAML, at(|written| &written.yaml))
    }

    /// What is told of signing in to who asks so; the provider's addresses where they can be had just now.
    async fn sign_in(&self, request: &Request) -> Option<SignIn> {
        let guard = &self.0.guard;
        if !guard.is_on() {
            return None;
        }
        let document = guard.server_document(request).await.ok().flatten();
        Some(SignIn {
            optional: guard.mode() == AuthMode::Optional,
            scopes: guard.supported().iter().map(|scope| Scope::as_str(scope).to_owned()).collect(),
            provider: document.as_deref().and_then(Provider::of),
        })
    }

    fn written(&self, sign_in: Option<SignIn>) -> Arc<Written> {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, written)) = kept.iter().find(|(known, _)| *known == sign_in) {
            return written.clone();
        }
        let document = document(self.0.registry.tools(), sign_in.as_ref());
        let written = Arc::new(Written {
            json: Asset::new("application/json", document.to_string()),
            yaml: Asset::new("application/yaml", serde_yaml::to_string(&document).unwrap_or_default()),
        });
        kept.truncate(KEPT - 1);
        kept.insert(0, (sign_in, written.clone()));
        written
    }
}

struct At {
    published: Published,
    choose: fn(&Written) -> &Asset,
}

impl Endpoint for At {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let sign_in = self.published.sign_in(&request).await;
        let written = self.published.written(sign_in);
        Ok((self.choose)(&written).response(&request))
    }
}
