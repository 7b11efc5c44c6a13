//! Trying a key: which workspace does it open?

use super::{
    client::{Api, Client, Operation},
    errors::ApiError,
};
use crate::{
    seam::{Common, Credential, ErrorKind, Opened, ToolError, TrialError},
    tools::twenty::records::text::one_line,
};
use serde_json::{Map, Value};

/// How long a key rests that Twenty takes no more requests with, where it does not say.
const REST: u64 = 60;
/// The longest name that is told, in characters.
const LONGEST: usize = 100;

/// What a key opens. Some versions tell the workspace's name to people alone: then anything that a key may ask decides.
///
/// # Errors
/// Twenty does not accept the key, is not at its address, or does not answer.
pub async fn opens(client: &Client, cx: &Common, credential: &Credential) -> Result<Opened, TrialError> {
    match ask(client, cx, credential, "{ currentWorkspace { displayName } }").await {
        Ok(data) => {
            let name = data.pointer("/currentWorkspace/displayName").and_then(Value::as_str).map(one_line);
            let name = name.map(|name| name.chars().take(LONGEST).collect::<String>());
            Ok(Opened { name: name.filter(|name| !name.is_empty()) })
        }
        Err(ApiError::Refused(_) | ApiError::Stale(_) | ApiError::Partly { .. }) => {
            let probe =
                ask(client, cx, credential, "{ objects(paging: { first: 1 }) { edges { node { id } } } }");
            probe.await.map(|_| Opened::default()).map_err(TrialError::from)
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    client: &Client,
    cx: &Common,
    credential: &Credential,
    document: &str,
) -> Result<Value, ApiError> {
    client.post(cx, credential, Api::Metadata, &Operation::query(document, Map::new())).await
}

impl From<ApiError> for TrialError {
    fn from(error: ApiError) -> Self {
        let told = |error: ToolError| error.message().to_owned();
        match error {
            ApiError::Limited(wait) => Self::Limited { retry_after: wait.unwrap_or(REST) },
            ApiError::Unsent(error) | ApiError::Unsure(error) => Self::Unreachable(told(error)),
            ApiError::Elsewhere(error) => Self::NotThere(told(error)),
            ApiError::Refused(error) => match error.kind() {
                ErrorKind::Denied => Self::Refused(told(error)),
                ErrorKind::Limited => Self::Limited { retry_after: REST },
                _ => Self::Unreachable(told(error)),
            },
            ApiError::Stale(_) | ApiError::Partly { .. } => {
                Self::NotThere("what answers at the address is not Twenty's API".to_owned())
            }
        }
    }
}
