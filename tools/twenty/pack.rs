//! Twenty CRM: the workspace that its tools work on, a real one or the embedded sandbox.

use super::{
    api::{client::Client, limiter::Rate, trial::opens},
    base_url::BaseUrl,
    changes::{
        journal::Journal,
        plan::Planning,
        writer::{Changes, Writer},
    },
    records::engine::Records,
    sandbox::{endpoint::endpoint, settings::SandboxSettings, workspace::Sandbox},
    workspace::{cache::Workspaces, schema::Workspace},
};
use crate::seam::{
    CallerKey, Common, Credential, DurationText, EnvVar, Opened, Pack, SandboxKeys, Secret, Setup,
    SetupError, ToolError, TrialError, UrlAndKey, Whose,
};
use poem::endpoint::BoxEndpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// A Twenty CRM workspace.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the workspace is: an https address (http on this machine alone), or `sandbox` for the embedded one.
    base_url: BaseUrl,
    /// The operator's API key (Twenty: Settings, API & Webhooks). The sandbox needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<Secret>,
    /// How many requests may be made with one key; by default 100 a minute, and no limit on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<Rate>,
    /// How many records one call may change without showing its plan first.
    #[schemars(range(max = 10_000))]
    plan_above: usize,
    /// The objects that get tools of their own, with their fields as arguments: standard or custom ones, as in
    /// `subscription`.
    #[schemars(length(max = 40), inner(length(min = 1, max = 100)))]
    objects: Vec<String>,
    /// How long the workspace's schema is kept before it is read anew.
    #[schemars(extend("format" = "above-zero"))]
    schema_every: DurationText,
    /// What `run_graphql` may send: queries alone, or mutations too, which nothing checks, plans or takes back.
    graphql: Graphql,
    /// The embedded workspace, used where `base_url` is `sandbox`.
    sandbox: SandboxSettings,
}

/// What callers may send as GraphQL of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Graphql {
    /// Only what changes nothing.
    #[default]
    Queries,
    /// Anything that records can be asked for or changed by.
    Mutations,
}

/// What one may change at once without a second look.
const PLAN_ABOVE: usize = 25;
/// How long a schema is kept.
const SCHEMA_EVERY: Duration = Duration::from_mins(10);

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: BaseUrl::cloud(),
            api_key: None,
            rate: None,
            plan_above: PLAN_ABOVE,
            objects: Vec::new(),
            schema_every: DurationText(SCHEMA_EVERY),
            graphql: Graphql::default(),
            sandbox: SandboxSettings::default(),
        }
    }
}

crate::register!(pack Twenty);

/// What the Twenty tools share: the connection, the schemas of the workspaces, the record engine.
pub struct Twenty {
    client: Client,
    workspaces: Workspaces,
    changes: Changes,
    objects: Vec<String>,
    graphql: Graphql,
    operator: Credential,
    sandbox: Option<Arc<Sandbox>>,
}

impl Pack for Twenty {
    type Settings = Settings;

    const ENV: &'static [EnvVar] = &[
        EnvVar { name: "TWENTY_API_KEY", key: "api_key" },
        EnvVar { name: "TWENTY_BASE_URL", key: "base_url" },
    ];
    const URL_AND_KEY: Option<UrlAndKey> = Some(UrlAndKey { url: "base_url", key: "api_key" });
    const CALLER_KEY: Option<CallerKey> =
        Some(CallerKey { header: "X-Twenty-Api-Key", parameter: Some("apiKey"), address: Some("baseUrl") });
    const SANDBOX: Option<SandboxKeys> =
        Some(SandboxKeys { key: "base_url", value: "sandbox", profile: "sandbox.profile" });

    fn build(settings: Settings, setup: &Setup) -> Result<Self, SetupError> {
        let sandbox = match settings.base_url {
            BaseUrl::Sandbox => Some(Arc::new(
                Sandbox::new(&settings.sandbox).map_err(|error| SetupError::at(&["sandbox"], error))?,
            )),
            BaseUrl::At(_) => None,
        };
        let rate = settings.base_url.rate(settings.rate);
        let client = Client::new(rate, sandbox.clone()).map_err(|error| SetupError::at(&[], error))?;
        let operator = Credential {
            upstream: settings.base_url.upstream(),
            key: settings.api_key,
            whose: Whose::Operator,
        };
        // What was changed in an embedded workspace ends with it.
        let folder = setup.folder().filter(|_| sandbox.is_none());
        let changes = Changes {
            journal: Journal::new(folder.map(Into::into)),
            sealer: setup.sealer().clone(),
            plan_above: settings.plan_above,
        };
        let (objects, graphql) = (settings.objects, settings.graphql);
        let workspaces = Workspaces::new(settings.schema_every.0);
        Ok(Self { client, workspaces, changes, objects, graphql, operator, sandbox })
    }

    fn operator(&self) -> Option<Credential> {
        Some(self.operator.clone())
    }

    fn sandbox(&self) -> Option<BoxEndpoint<'static>> {
        self.sandbox.clone().map(endpoint)
    }

    async fn opens(&self, cx: &Common, credential: &Credential) -> Result<Opened, TrialError> {
        opens(&self.client, cx, credential).await
    }
}

impl Twenty {
    /// The schema of the workspace that this call works on.
    ///
    /// # Errors
    /// There is no credential, or the workspace does not answer.
    pub async fn workspace(&self, cx: &Common) -> Result<Arc<Workspace>, ToolError> {
        self.workspaces.of(&self.client, cx).await
    }

    /// The record engine on the workspace of this call.
    ///
    /// # Errors
    /// There is no credential, or the workspace does not answer.
    pub async fn records<'a>(&'a self, cx: &Common) -> Result<Records<'a>, ToolError> {
        let credential = cx.credential().await?;
        let workspace = self.workspace(cx).await?;
        Ok(Records::new(&self.client, &self.workspaces, workspace, credential, cx.chosen()))
    }

    /// A change by this call of a tool.
    ///
    /// # Errors
    /// There is no credential, the workspace does not answer, or the plan token does not hold.
    pub async fn writer<'a>(
        &'a self,
        cx: &Common,
        tool: &'a str,
        planning: &Planning,
    ) -> Result<Writer<'a>, ToolError> {
        let records = self.records(cx).await?;
        self.changes.writer(cx, records, tool, planning)
    }

    /// The objects that get tools of their own.
    #[must_use]
    pub fn objects(&self) -> &[String] {
        &self.objects
    }

    /// How long a schema is kept before it is read anew.
    #[must_use]
    pub const fn schema_every(&self) -> Duration {
        self.workspaces.fresh()
    }

    /// What callers may send as GraphQL of their own.
    #[must_use]
    pub const fn graphql(&self) -> Graphql {
        self.graphql
    }

    /// What callers changed.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.changes.journal
    }
}
