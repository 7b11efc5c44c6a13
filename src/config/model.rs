//! What a configuration says, once it is read.

use super::address;
use crate::seam::{
    AuthMode, AuthProviderEntry, ByteSize, DurationText, Effect, KeyStoreEntry, OperatorKey, PackEntry,
    Secret, ToolOptions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{any::Any, collections::BTreeMap, net::SocketAddr, path::PathBuf};
use url::Url;

/// A whole configuration, checked.
pub struct Config {
    /// How the server listens, and what it lets in.
    pub server: Server,
    /// Who may call.
    pub auth: Auth,
    /// What protects the keys that users leave here, and where they are kept.
    pub keys: Keys,
    /// What is served.
    pub tools: Tools,
}

/// How the server listens, and what it lets in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen on.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub bind: SocketAddr,
    /// The address under which clients reach the server; unless it is set, the address that it listens on.
    #[serde(deserialize_with = "public_url", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Url>,
    /// Origins of web pages that may call, beside the server's own, as in `https://app.example.com`.
    #[schemars(schema_with = "address::origins")]
    pub allowed_origins: Vec<String>,
    /// Host names under which the server may be called, beside its own.
    #[schemars(schema_with = "address::hosts")]
    pub allowed_hosts: Vec<String>,
    /// What this server is called among several that serve one address, as in `a`: letters, digits, `-` and `_`. The ids
    /// of its sessions and tasks begin with it, for a proxy to lead them back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "replica-name"))]
    pub replica: Option<String>,
    /// The folder for what must outlive a restart; unless it is set, `twenty-mcp` in the user's data folder
    /// (`$XDG_DATA_HOME`, else `~/.local/share`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// The largest request body that is read.
    #[schemars(extend("format" = "above-zero"))]
    pub max_body: ByteSize,
    /// How long a call may take.
    #[schemars(extend("format" = "above-zero"))]
    pub timeout: DurationText,
    /// Which addresses may connect.
    pub ip: Ip,
    /// Who did what, for those who must be able to tell.
    pub audit: AuditSettings,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: None,
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            replica: None,
            data_dir: None,
            max_body: ByteSize(4 << 20),
            timeout: DurationText::seconds(60),
            ip: Ip::default(),
            audit: AuditSettings::default(),
        }
    }
}

/// Which addresses may connect.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ip {
    /// Whether addresses are looked at.
    pub enabled: bool,
    /// Addresses and networks that may connect, as in `10.0.0.0/8`; beside them this machine, by no proxy.
    #[schemars(schema_with = "address::ip_ranges")]
    pub allow: Vec<String>,
    /// Proxies whose word on the client's address (`X-Forwarded-For`, `Forwarded`) is taken.
    #[schemars(schema_with = "address::ip_ranges")]
    pub trusted_proxies: Vec<String>,
    /// Whether callers whose address a trusted proxy does not tell are kept out.
    pub block_unknown: bool,
}

impl Default for Ip {
    fn default() -> Self {
        Self { enabled: false, allow: Vec::new(), trusted_proxies: Vec::new(), block_unknown: true }
    }
}

/// Who did what, for those who must be able to tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditSettings {
    /// A file to add events to, as JSON lines, for its owner alone (mode 0600); the log has them in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

/// Who may call.
pub struct Auth {
    /// Whether callers sign in.
    pub mode: AuthMode,
    /// Who may use the operator's own key; the default depends on the pack.
    pub operator_key: Option<OperatorKey>,
    /// Whether callers may send a key of their own in the query.
    pub query_api_key: bool,
    /// The providers in use, in the order of the file; none with auth off.
    pub providers: Vec<ProviderSettings>,
}

/// An auth provider's settings, for its `build`.
pub struct ProviderSettings {
    /// Its key in the file.
    pub key: String,
    /// The provider.
    pub entry: &'static AuthProviderEntry,
    /// What `entry.settings.read` made.
    pub settings: Box<dyn Any + Send>,
}

/// What protects the keys that users leave here, and where they are kept.
pub struct Keys {
    /// The first seals, all of them open.
    pub secrets: Vec<Secret>,
    /// Whether a key is tried before it is stored.
    pub trial: bool,
    /// Hosts that users' keys may be sent to although they are not public.
    pub hosts: Vec<String>,
    /// The store in use; none where callers do not sign in, or there is no folder for the default.
    pub store: Option<StoreSettings>,
}

/// A key store's settings, for its `build`.
pub struct StoreSettings {
    /// Its key in the file.
    pub key: String,
    /// The store.
    pub entry: &'static KeyStoreEntry,
    /// What `entry.settings.read` made.
    pub settings: Box<dyn Any + Send>,
}

/// The keys of `keys` beside the store.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KeysKeys {
    /// Secrets that stored keys, and what is given out to be taken back, are sealed with: the first seals, all of them
    /// open. Each of 32 characters or more, as `openssl rand -base64 32` makes them.
    pub secrets: Vec<Secret>,
    /// Whether a key that a user enters is tried before it is stored.
    pub trial: bool,
    /// Hosts that users' keys may be sent to although they are inside of this server's network, as in
    /// `crm.internal.example` or `crm.internal.example:8443`; without a port, 443 alone. The host of a pack's own address
    /// is one of them.
    #[schemars(schema_with = "address::hosts")]
    pub hosts: Vec<String>,
}

impl Default for KeysKeys {
    fn default() -> Self {
        Self { secrets: Vec::new(), trial: true, hosts: Vec::new() }
    }
}

/// What is served.
#[derive(Default)]
pub struct Tools {
    /// The packs that are named, in the order of the file.
    pub packs: Vec<PackSettings>,
    /// What is said of tools that stand alone, by name.
    pub alone: BTreeMap<String, ToolOptions>,
}

/// A pack's settings, for its `build`.
pub struct PackSettings {
    /// Its key in the file.
    pub key: String,
    /// The pack.
    pub entry: &'static PackEntry,
    /// What `entry.settings.read` made.
    pub settings: Box<dyn Any + Send>,
    /// The weakest effect of its tools that the user is asked before.
    pub approve: Option<Effect>,
    /// What is said of its tools, by name.
    pub tools: BTreeMap<String, ToolOptions>,
    /// What is said of its tools that come and go.
    pub live: BTreeMap<String, ToolOptions>,
}

/// The keys of a pack that are not its own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PackKeys {
    /// The user is asked, by their client, before tools of this effect or a stronger one do anything: `create`,
    /// `update`, `delete` or `destroy`. Unless it is set, nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<Effect>,
    /// How single tools are served that come and go, by the name under which they are listed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub live: BTreeMap<String, ToolOptions>,
}

/// The key of a pack that counts only where it has tools that come and go.
pub(super) const LIVE: &str = "live";

/// The keys of `auth` beside the providers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AuthKeys {
    /// Whether callers over HTTP sign in: `off`, `optional` or `required`.
    pub mode: AuthMode,
    /// Who may use the operator's own key for the service behind a pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator_key: Option<OperatorKey>,
    /// Whether callers who need not sign in may send a key of their own in the query, as in `/mcp?apiKey=…`, where a pack
    /// takes one. Its header does the same and keeps the key out of histories and logs.
    pub query_api_key: bool,
}

impl Default for AuthKeys {
    fn default() -> Self {
        Self { mode: AuthMode::default(), operator_key: None, query_api_key: true }
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom("expected an address and a port, as in `127.0.0.1:3000`"))
}

fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| D::Error::custom("expected a URL, as in `https://mcp.example.com`"))?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(Some(url)) } else { Err(D::Error::custom("leave out user, password, query and fragment")) }
}
