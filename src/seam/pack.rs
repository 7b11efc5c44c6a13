//! A pack: what tools of one subject share, built once from its settings.

use super::{
    CallerKey, Common, Credential, Opened, Origin, Sealer, ServedScopes, SettingsEntry, SetupError, Trial,
    TrialError, settings::taken,
};
use poem::endpoint::BoxEndpoint;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    any::{Any, TypeId},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What tools share: connections, caches, a workspace. Its key in config.yaml is the name of its folder in `tools/`.
pub trait Pack: Sized + Send + Sync + 'static {
    /// What the operator may set, below `tools.<pack>`. Field docs are the user's documentation.
    type Settings: DeserializeOwned + Serialize + JsonSchema + Send + 'static;
    /// Environment variables that lie over the file.
    const ENV: &'static [EnvVar] = &[];
    /// The address and the key that must come from one hand, where the pack has such a pair.
    const URL_AND_KEY: Option<UrlAndKey> = None;
    /// How callers send a key of their own for the service, where they may.
    const CALLER_KEY: Option<CallerKey> = None;
    /// The settings that `--sandbox` makes, where the pack brings a sandbox.
    const SANDBOX: Option<SandboxKeys> = None;

    /// Builds the pack; starts nothing and reaches for nothing.
    ///
    /// # Errors
    /// The settings fit their schema and still make no pack.
    fn build(settings: Self::Settings, setup: &Setup) -> Result<Self, SetupError>;

    /// The operator's own credential for the service behind the pack.
    fn operator(&self) -> Option<Credential> {
        None
    }

    /// The sandbox as others may reach it, on a port of its own.
    fn sandbox(&self) -> Option<BoxEndpoint<'static>> {
        None
    }

    /// Tries a user's key before it is stored, and changes nothing: what does it open? A pack that cannot tell lets every
    /// key pass.
    ///
    /// # Errors
    /// The service does not accept it, is not at its address, or cannot be asked.
    fn opens(
        &self,
        cx: &Common,
        credential: &Credential,
    ) -> impl Future<Output = Result<Opened, TrialError>> + Send {
        let _ = (cx, credential);
        std::future::ready(Ok(Opened::default()))
    }
}

/// The pack of tools that stand alone.
impl Pack for () {
    type Settings = ();

    fn build((): (), _: &Setup) -> Result<Self, SetupError> {
        Ok(())
    }
}

/// An environment variable and the settings key that it sets.
#[derive(Clone, Copy, Debug)]
pub struct EnvVar {
    /// The variable, as in `TWENTY_API_KEY`.
    pub name: &'static str,
    /// The key below the plug-in's own settings, as in `api_key`.
    pub key: &'static str,
}

/// Two settings of which neither may be replaced alone: a key that was configured together with an address is never
/// sent to another one.
#[derive(Clone, Copy, Debug)]
pub struct UrlAndKey {
    /// The key of the address, as in `base_url`.
    pub url: &'static str,
    /// The key of the secret, as in `api_key`.
    pub key: &'static str,
}

/// What `--sandbox` and `--sandbox-profile` set.
#[derive(Clone, Copy, Debug)]
pub struct SandboxKeys {
    /// The key that `--sandbox` sets, as in `base_url`.
    pub key: &'static str,
    /// What it is set to, as in `sandbox`.
    pub value: &'static str,
    /// The key that `--sandbox-profile` sets, with dots between levels, as in `sandbox.profile`.
    pub profile: &'static str,
}

/// What a plug-in may use of the house when it is built.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    folder: Option<PathBuf>,
    sandbox: bool,
    loopback: bool,
    sandboxed: bool,
    sealer: Sealer,
    scopes: ServedScopes,
}

impl Setup {
    /// `data_dir` is where state lives (none over stdio, which opens no store), `key` the plug-in's own key,
    /// `sandbox` whether a sandbox was asked for, `sealer` the server's.
    #[must_use]
    pub fn new(data_dir: Option<&Path>, key: &str, sandbox: bool, sealer: Sealer) -> Self {
        let (folder, scopes) = (data_dir.map(|dir| dir.join(key)), ServedScopes::default());
        Self { folder, sandbox, loopback: false, sandboxed: false, sealer, scopes }
    }

    /// The same, in a server that listens on a `loopback` address or not, and whose packs all work on their sandbox
    /// (`sandboxed`) or do not: what an auth provider is told.
    #[must_use]
    pub const fn reaching(mut self, loopback: bool, sandboxed: bool) -> Self {
        self.loopback = loopback;
        self.sandboxed = sandboxed;
        self
    }

    /// The same where tools are served that ask for these scopes.
    #[must_use]
    pub fn serving(self, scopes: ServedScopes) -> Self {
        Self { scopes, ..self }
    }

    /// The plug-in's own folder; it may not exist yet. None over stdio: keep state in memory then.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Seals what the plug-in gives out and takes back, such as a handle or the state of a call.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Whether the server listens on a loopback address.
    #[must_use]
    pub const fn loopback(&self) -> bool {
        self.loopback
    }

    /// Whether every credential of the operator is a sandbox: nothing real can be reached with them.
    #[must_use]
    pub const fn sandboxed(&self) -> bool {
        self.sandboxed
    }

    /// The scopes that the served tools ask for. Providers are told: packs are built before anybody knows.
    #[must_use]
    pub const fn scopes(&self) -> &ServedScopes {
        &self.scopes
    }

    /// Whether the server runs on a sandbox.
    #[must_use]
    pub const fn sandbox(&self) -> bool {
        self.sandbox
    }
}

/// A built pack, freed of its type.
pub struct BuiltPack {
    /// The pack itself, for its tools.
    pub pack: Arc<dyn Any + Send + Sync>,
    /// The operator's own credential.
    pub operator: Option<Credential>,
    /// The sandbox's endpoint.
    pub sandbox: Option<BoxEndpoint<'static>>,
    /// How users' keys are tried.
    pub trial: Arc<dyn Trial>,
}

/// A registered pack.
pub struct PackEntry {
    /// Where it was registered.
    pub origin: Origin,
    /// Its type, by which its tools are found.
    pub id: fn() -> TypeId,
    /// Its settings.
    pub settings: SettingsEntry,
    /// Its environment variables.
    pub env: &'static [EnvVar],
    /// The address and the key that belong together.
    pub url_and_key: Option<UrlAndKey>,
    /// How callers send keys of their own.
    pub caller_key: Option<CallerKey>,
    /// What `--sandbox` sets.
    pub sandbox: Option<SandboxKeys>,
    /// Builds it from settings that `settings.read` made.
    pub build: fn(Box<dyn Any + Send>, &Setup) -> Result<BuiltPack, SetupError>,
}

inventory::collect!(PackEntry);

impl PackEntry {
    /// The entry of a pack; `register!` calls it.
    #[must_use]
    pub const fn of<P: Pack>(module: &'static str, line: u32) -> Self {
        Self {
            origin: Origin::new(module, line),
            id: TypeId::of::<P>,
            settings: SettingsEntry::of::<P::Settings>(),
            env: P::ENV,
            url_and_key: P::URL_AND_KEY,
            caller_key: P::CALLER_KEY,
            sandbox: P::SANDBOX,
            build: |settings, setup| {
                let pack = P::build(taken(settings)?, setup)?;
                let (operator, sandbox) = (pack.operator(), pack.sandbox());
                let pack = Arc::new(pack);
                Ok(BuiltPack { trial: pack.clone(), pack, operator, sandbox })
            },
        }
    }

    /// Every pack that is linked in, in the order of their files.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}
