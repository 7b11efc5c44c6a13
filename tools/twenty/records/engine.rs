//! The record engine of one call: its workspace, its way there, and what an answer contradicts is learnt anew.

use super::document::Document;
use crate::{
    seam::{Act, Common, Credential, CredentialId, ToolError, Upstream},
    tools::twenty::{
        api::{
            client::{Api, Client, Operation},
            errors::ApiError,
        },
        workspace::{
            cache::Workspaces,
            schema::{Object, Workspace},
        },
    },
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// The front end of Twenty's own cloud, whose API has a host of its own.
const CLOUD: (&str, &str) = ("api.twenty.com", "https://app.twenty.com");
/// Where the embedded workspace says that it is.
const SANDBOX: &str = "https://sandbox.twenty.example";

/// The record engine of one call.
pub struct Records<'a> {
    client: &'a Client,
    workspaces: &'a Workspaces,
    workspace: Arc<Workspace>,
    credential: Credential,
    chosen: BTreeMap<String, String>,
}

impl<'a> Records<'a> {
    pub(in crate::tools::twenty) fn new(
        client: &'a Client,
        workspaces: &'a Workspaces,
        workspace: Arc<Workspace>,
        credential: Credential,
        chosen: BTreeMap<String, String>,
    ) -> Self {
        Self { client, workspaces, workspace, credential, chosen }
    }

    /// What the user chose in this call where a name could be several records.
    #[must_use]
    pub fn chosen(&self, key: &str) -> Option<&str> {
        self.chosen.get(key).map(String::as_str)
    }

    /// The schema that requests are made from.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The object of this name, in singular or plural, as a label or an id.
    ///
    /// # Errors
    /// There is none; tells the nearest names.
    pub fn object(&self, name: &str) -> Result<&Object, ToolError> {
        self.workspace.object(name)
    }

    /// Tells the credentials of calls apart.
    #[must_use]
    pub fn credential(&self) -> CredentialId {
        self.credential.id()
    }

    /// Sends a query; the answer by alias.
    ///
    /// # Errors
    /// The workspace does not answer, or refuses.
    pub async fn read(&self, cx: &Common, document: Document) -> Result<Map<String, Value>, ToolError> {
        let sent = self.client.post(cx, &self.credential, Api::Core, &document.query()).await;
        Ok(fields(self.learn(cx, sent)?))
    }

    /// Sends a mutation; the answer by alias.
    ///
    /// # Errors
    /// What became of the change is in the error.
    pub async fn write(&self, act: &Act, document: Document) -> Result<Map<String, Value>, ApiError> {
        let sent = self.client.post(act, &self.credential, Api::Core, &document.mutation()).await;
        self.learn(act, sent).map(fields)
    }

    /// Sends a mutation that changes nothing, as its argument `dryRun` says; the answer by alias.
    ///
    /// # Errors
    /// The workspace does not answer, or refuses.
    pub async fn rehearse(&self, cx: &Common, document: Document) -> Result<Map<String, Value>, ToolError> {
        let sent = self.client.post(cx, &self.credential, Api::Core, &document.mutation()).await;
        Ok(fields(self.learn(cx, sent)?))
    }

    /// Sends an operation that a caller wrote; the answer as it is. What is wrong with it says nothing of the schema.
    ///
    /// # Errors
    /// The workspace does not answer, or refuses.
    pub async fn send(&self, cx: &Common, operation: &Operation) -> Result<Value, ApiError> {
        self.client.post(cx, &self.credential, Api::Core, operation).await
    }

    /// A schema that an answer contradicts is forgotten, so that the next call fetches it anew.
    fn learn(&self, cx: &Common, sent: Result<Value, ApiError>) -> Result<Value, ApiError> {
        if matches!(sent, Err(ApiError::Stale(_))) {
            self.workspaces.forget(self.credential.id());
            cx.outdate();
        }
        sent
    }

    /// The record's page in Twenty's own interface.
    #[must_use]
    pub fn link(&self, object: &Object, id: &str) -> String {
        let front = match &self.credential.upstream {
            Upstream::Sandbox => SANDBOX,
            Upstream::Url(base) | Upstream::Public(base) if base.host_str() == Some(CLOUD.0) => CLOUD.1,
            Upstream::Url(base) | Upstream::Public(base) => base.as_str().trim_end_matches('/'),
        };
        format!("{front}/object/{}/{id}", object.singular)
    }
}

fn fields(data: Value) -> Map<String, Value> {
    match data {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
