//! Plug-ins that are configured as the real ones are, and do nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, marker::PhantomData, num::NonZeroU32};
use twenty_mcp::{config::PlugIns, seam::*};

/// A server, or the sandbox.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrmSettings {
    /// The server's address.
    #[serde(deserialize_with = "https")]
    pub base_url: String,
    /// The API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// How many requests one key makes at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// How many records one call may change without a plan.
    pub plan_above: usize,
    /// The objects that get tools of their own.
    pub objects: Vec<String>,
    /// How long the schema is kept.
    pub schema_every: DurationText,
    /// Which operations callers may send themselves.
    pub graphql: Operations,
    /// The workspace that is built in.
    pub sandbox: Sandbox,
}

/// Which operations callers may send themselves.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operations {
    Queries,
    Mutations,
}

impl Default for CrmSettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.twenty.com".into(),
            api_key: None,
            rate: None,
            plan_above: 25,
            objects: Vec::new(),
            schema_every: DurationText(std::time::Duration::from_mins(10)),
            graphql: Operations::Queries,
            sandbox: Sandbox::default(),
        }
    }
}

fn https<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "sandbox" || text.starts_with("https://") {
        return Ok(text);
    }
    Err(serde::de::Error::custom("expected a URL that begins with https://"))
}

/// How many requests a key may make.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// Requests a minute.
    pub per_minute: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Default for Rate {
    fn default() -> Self {
        let hundred = NonZeroU32::MIN.saturating_add(99);
        Self { per_minute: hundred, burst: hundred }
    }
}

/// The workspace that is built in.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// Which server it imitates.
    pub profile: Profile,
    /// How many people it holds.
    #[schemars(range(min = 0, max = 20_000))]
    pub people: u32,
    /// Milliseconds that every answer waits.
    #[schemars(range(min = 0, max = 60_000))]
    pub latency_ms: u64,
    /// How many requests fail.
    pub fail_next: u32,
    /// Requests a minute that one key may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub rate_limit: Option<u32>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self { profile: Profile::Current, people: 800, latency_ms: 0, fail_next: 0, rate_limit: None }
    }
}

/// The age that is imitated.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// New.
    Current,
    /// Old.
    Legacy,
}

pub struct Crm;

impl Pack for Crm {
    type Settings = CrmSettings;
    const ENV: &'static [EnvVar] = &[
        EnvVar { name: "TWENTY_API_KEY", key: "api_key" },
        EnvVar { name: "TWENTY_BASE_URL", key: "base_url" },
    ];
    const URL_AND_KEY: Option<UrlAndKey> = Some(UrlAndKey { url: "base_url", key: "api_key" });
    const SANDBOX: Option<SandboxKeys> =
        Some(SandboxKeys { key: "base_url", value: "sandbox", profile: "sandbox.profile" });

    fn build(_: CrmSettings, _: &Setup) -> Result<Self, SetupError> {
        Ok(Self)
    }
}

macro_rules! tools {
    ($($tool:ident $name:literal $pack:ty),* $(,)?) => {$(
        /// A tool that takes any texts.
        #[derive(Deserialize, JsonSchema)]
        pub struct $tool(BTreeMap<String, String>);

        impl Tool for $tool {
            const NAME: &'static str = $name;
            type Pack = $pack;
            type Output = String;

            async fn call(self, _: &$pack, _: Call) -> Result<String, ToolError> {
                Ok(self.0.into_values().collect())
            }
        }
    )*};
}

/// A tool without a pack.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Whom to greet.
    name: String,
    /// What may be left out.
    #[serde(default)]
    empty: String,
}

impl Tool for Hello {
    const NAME: &'static str = "hello";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
        Ok(self.name + &self.empty)
    }
}

tools! {
    CreateContact "create_contact" Crm,
    SearchContacts "search_contacts" Crm,
}

/// Tokens that the operator gave out.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// The tokens, by the name that logs show.
    #[serde(default)]
    pub tokens: BTreeMap<String, Token>,
}

/// One token.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The token's hash, as `twenty-mcp tokens new` prints it: `sha256:` and 64 hexadecimal digits. The token itself
    /// is the caller's alone.
    pub hash: Secret,
    /// What it allows; everything unless it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

pub struct Tokens;

impl AuthProvider for Tokens {
    type Settings = TokenSettings;

    fn build(_: TokenSettings, _: &Setup) -> Result<Self, SetupError> {
        Ok(Self)
    }

    fn recognises(&self, _: &BearerToken) -> bool {
        false
    }

    async fn verify(&self, _: &BearerToken, _: &ProtectedResource, _: Surface) -> Result<User, AuthError> {
        Err(AuthError::Invalid)
    }
}

/// A gate with an address and a secret.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// Its address.
    #[serde(default)]
    pub url: String,
    /// Its secret.
    pub secret: Secret,
}

pub struct Gate;

impl AuthProvider for Gate {
    type Settings = GateSettings;
    const ENV: &'static [EnvVar] =
        &[EnvVar { name: "GATE_URL", key: "url" }, EnvVar { name: "GATE_SECRET", key: "secret" }];

    fn build(_: GateSettings, _: &Setup) -> Result<Self, SetupError> {
        Ok(Self)
    }

    fn recognises(&self, _: &BearerToken) -> bool {
        false
    }

    async fn verify(&self, _: &BearerToken, _: &ProtectedResource, _: Surface) -> Result<User, AuthError> {
        Err(AuthError::Invalid)
    }
}

static CRM: PackEntry = PackEntry::of::<Crm>("twenty_mcp::tools::twenty::pack", 1);
static HELLO: ToolEntry = ToolEntry::of::<Hello>("twenty_mcp::tools::hello", 1);
static CREATE: ToolEntry = ToolEntry::of::<CreateContact>("twenty_mcp::tools::twenty::people", 1);
static SEARCH: ToolEntry = ToolEntry::of::<SearchContacts>("twenty_mcp::tools::twenty::people", 2);
static TOKENS: AuthProviderEntry =
    AuthProviderEntry::of::<Tokens>("twenty_mcp::auth_providers::static_tokens", 1);

/// Keys in a file.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FileSettings {}

/// Keys in a database.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostSettings {
    /// Where the database is, with its login.
    pub url: Secret,
}

pub struct Keys<S>(PhantomData<S>);

macro_rules! stores {
    ($($settings:ty, $env:expr;)*) => {$(
        impl KeyStore for Keys<$settings> {
            type Settings = $settings;
            const ENV: &'static [EnvVar] = $env;

            fn build(_: $settings, _: &Setup) -> Result<Self, SetupError> {
                Ok(Self(PhantomData))
            }

            async fn get(&self, _: &KeyOwner) -> Result<Option<StoredKey>, StoreError> {
                Ok(None)
            }

            async fn replace(
                &self,
                _: &KeyOwner,
                _: Option<&StoredKey>,
                _: Option<&StoredKey>,
            ) -> Result<bool, StoreError> {
                Ok(false)
            }

            async fn list(&self, _: Option<&KeyOwner>, _: usize) -> Result<Vec<KeyOwner>, StoreError> {
                Ok(Vec::new())
            }
        }
    )*};
}

stores! {
    FileSettings, &[];
    PostSettings, &[EnvVar { name: "POST_URL", key: "url" }];
}

static FILE: KeyStoreEntry = KeyStoreEntry::of::<Keys<FileSettings>>("twenty_mcp::keys::stores::file", 1);
static POST: KeyStoreEntry = KeyStoreEntry::of::<Keys<PostSettings>>("twenty_mcp::keys::stores::post", 1);

static GATE: AuthProviderEntry = AuthProviderEntry::of::<Gate>("twenty_mcp::auth_providers::gate", 1);

/// Tools that the server's objects bring.
struct Objects;

impl LiveTools for Objects {
    type Pack = Crm;

    async fn list(_: &Crm, _: Call) -> Result<Vec<LiveTool>, ToolError> {
        Ok(Vec::new())
    }

    async fn call(
        _: String,
        _: serde_json::Map<String, serde_json::Value>,
        _: &Crm,
        _: Call,
    ) -> Result<ToolOutput, ToolError> {
        Err(ToolError::internal("nothing is called here"))
    }
}

static LIVE: LiveToolsEntry = LiveToolsEntry::of::<Objects>("twenty_mcp::tools::twenty::objects", 1);

/// A pack with a sandbox, a tool without a pack, and a provider.
pub fn plug_ins() -> PlugIns {
    PlugIns {
        packs: vec![&CRM],
        tools: vec![&HELLO, &CREATE, &SEARCH],
        live: vec![&LIVE],
        providers: vec![&TOKENS],
        stores: vec![&FILE, &POST],
    }
}

/// The same with a provider that has variables.
pub fn with_gate() -> PlugIns {
    let plug_ins = plug_ins();
    PlugIns { providers: vec![&TOKENS, &GATE], ..plug_ins }
}
