//! Plain HTTP beside MCP, below `/api/`.
//!
//! | file | its one concern |
//! |---|---|
//! | `tools` | calls of tools, one an address |
//! | `keys` | the key that a signed-in user stores |
//! | `document` | the description of it all; its fixed part is `fixed.yaml` |
//! | `operation`, `schemas`, `example` | a tool in it, the schemas that tools share, arguments to begin with |
//! | `lift` | what poem-openapi writes, in the words of this description |
//! | `docs` | the page on which people try it |
//! | `sign_in` | how callers sign in |
//! | `published`, `asset` | the description and what else is the same for everybody, as it is sent |

mod asset;
mod docs;
mod document;
mod example;
mod keys;
mod lift;
mod operation;
mod published;
mod schemas;
mod sign_in;
mod tools;

pub use docs::docs;
pub use document::document;
pub use keys::KeysApi;
pub(super) use keys::keys;
pub use published::Published;
pub use sign_in::{Provider, SignIn};
pub use tools::Tools;

/// Whether a path is one of the descriptions, which are for pages of any origin.
pub(super) fn is_public(path: &str) -> bool {
    [published::JSON, published::YAML].contains(&path)
}
