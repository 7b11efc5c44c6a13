//! `/api/keys`: a signed-in user stores a key of their own, and asks for it and deletes it. Paths, bodies and messages are
//! the TypeScript server's.
//!
//! | file | its one concern |
//! |---|---|
//! | `front` | what is looked at before a request is read: method, scope, kind and size of the body |
//! | `shapes` | what is sent and answered |
//! | `failure` | what is answered instead, and every status that there is |

mod failure;
mod front;
mod shapes;

pub use front::keys;

use crate::{keys::Intake, seam::Principal, telemetry::Source};
use failure::{Failure, NotTaken};
use poem::{Request, web::Data};
use poem_openapi::{OpenApi, Tags, payload::Json};
use shapes::{KeyDeleted, KeyEntry, KeyStatus, KeyStored};

/// The keys that signed-in users store. The key is for the one served pack whose users have keys; where there were
/// several, each would have an address below this one, named after the pack. The way in to that pack's keys is data of
/// the endpoint, so that this can be described where there is none.
pub struct KeysApi;

#[derive(Tags)]
enum Tag {
    /// A user's own key for the service behind the tools: their calls are made with it, and nobody else's are.
    #[oai(rename = "keys")]
    Keys,
}

/// Who asks, from where; the guard has put both into the request.
fn asker(request: &Request) -> (Principal, Source) {
    let principal = request.extensions().get().cloned().unwrap_or(Principal::Anonymous);
    (principal, Source::of(request.extensions()))
}

#[OpenApi(prefix_path = "/api", tag = "Tag::Keys")]
impl KeysApi {
    /// Whether you have stored a key
    ///
    /// Never tells the key. Needs the scope to read, as in `twenty:read`.
    #[oai(path = "/keys", method = "get", operation_id = "getKey")]
    async fn status(&self, request: &Request, intake: Data<&Intake>) -> Result<Json<KeyStatus>, Failure> {
        let (principal, source) = asker(request);
        let stored = intake.stored(&principal).await.map_err(|error| Failure::of(&error, &source))?;
        Ok(Json(KeyStatus::of(stored.as_deref(), intake.on_sandbox())))
    }

    /// Store your key, in the place of any other
    ///
    /// It is tried before it is stored, unless the operator has switched that off; the answer then tells the name of the
    /// workspace that it opens. Needs the scope to write, as in `twenty:write`.
    #[oai(path = "/keys", method = "post", operation_id = "storeKey")]
    async fn store(
        &self,
        request: &Request,
        intake: Data<&Intake>,
        entry: Json<KeyEntry>,
    ) -> Result<Json<KeyStored>, NotTaken> {
        let (principal, source) = asker(request);
        let Json(KeyEntry { api_key, base_url }) = entry;
        let entered = intake.enter(&principal, api_key.expose(), base_url.as_deref(), &source).await;
        let entered = entered.map_err(|error| Failure::of(&error, &source))?;
        Ok(Json(KeyStored::of(entered)))
    }

    /// Delete your key
    ///
    /// Also where none is stored. Needs the scope to write, as in `twenty:write`.
    #[oai(path = "/keys", method = "delete", operation_id = "deleteKey")]
    async fn delete(&self, request: &Request, intake: Data<&Intake>) -> Result<Json<KeyDeleted>, Failure> {
        let (principal, source) = asker(request);
        intake.delete(&principal, &source).await.map_err(|error| Failure::of(&error, &source))?;
        Ok(Json(KeyDeleted::done()))
    }
}
