//! From a configuration to what is served: packs and providers built, tools registered, unsafe settings refused.

use super::Doorman;
use crate::{
    auth::Guard,
    config::{Config, Keys},
    keys::{Addresses, Intake, Links, Masters, Vault, Whose},
    mcp::{Asking, OwnKeys},
    registry::{Registry, RegistryError, ServedPack},
    seal::Keyring,
    seam::{AuthMode, Credential, Sealer, Setup, SetupError, Upstream, Verifier},
    telemetry::audit::Audit,
};
use poem::endpoint::BoxEndpoint;
use std::{path::Path, sync::Arc};

/// Everything that a way in needs.
pub struct House {
    /// The tools.
    pub registry: Arc<Registry>,
    /// How callers without a session are asked.
    pub asking: Asking,
    /// Which keys callers may send over HTTP.
    pub own_keys: Arc<OwnKeys>,
    /// The keys that signed-in callers store; none over stdio, with auth off, or without a place for them.
    pub vault: Option<Vault>,
    /// Where they enter them; none as before, and where no pack takes keys of theirs.
    pub intake: Option<Intake>,
    /// Links to the page on which they do that in a browser.
    pub links: Links,
    /// The bearer guard of HTTP.
    pub guard: Guard,
    /// Which addresses may ask over HTTP.
    pub doorman: Arc<Doorman>,
    /// The packs' sandboxes, by pack, as others may reach them.
    pub sandboxes: Vec<(String, BoxEndpoint<'static>)>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// A configuration that is well-formed and still cannot be served.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Misfit {
    /// The key at fault, outermost first; empty where no key is.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Misfit {
    /// What is wrong at a key.
    pub fn at(path: &[&str], message: impl Into<String>) -> Self {
        Self { path: path.iter().map(ToString::to_string).collect(), message: message.into() }
    }

    fn setup(path: &[&str], error: SetupError) -> Self {
        let mut misfit = Self::at(path, error.message);
        misfit.path.extend(error.key);
        misfit
    }
}

impl From<RegistryError> for Misfit {
    fn from(error: RegistryError) -> Self {
        Self { path: error.path, message: error.message }
    }
}

/// Which door the house is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// Standard input and output: the local user, no store, no sign-in.
    Stdio,
    /// HTTP; state lives in this folder.
    Http(Option<&'a Path>),
}

/// Builds everything; takes the plug-ins' settings out of the configuration. What happens is told to `audit`.
///
/// # Errors
/// A plug-in cannot be built from its settings, tools clash, or the settings together are unsafe.
pub fn assemble(config: &mut Config, door: Door<'_>, sandbox: bool, audit: &Audit) -> Result<House, Misfit> {
    let data_dir = match door {
        Door::Stdio => None,
        Door::Http(folder) => folder,
    };
    let sealer = sealer(&config.keys)?;
    let signs_in = matches!(door, Door::Http(_)) && config.auth.mode != AuthMode::Off;
    let vault = if signs_in { vault(&mut config.keys, data_dir)? } else { None };
    let (mut packs, mut sandboxes, mut operators) = (Vec::new(), Vec::new(), Vec::new());
    let (mut declared, mut intake, links) = (Vec::new(), None, Links::new(sealer.clone()));
    for named in std::mem::take(&mut config.tools.packs) {
        let setup = Setup::new(data_dir, &named.key, sandbox, sealer.clone());
        let built = (named.entry.build)(named.settings, &setup)
            .map_err(|error| Misfit::setup(&["tools", &named.key], error))?;
        operators.extend(built.operator.clone());
        declared.extend(named.entry.caller_key);
        let own = named.entry.caller_key.filter(|_| config.auth.mode != AuthMode::Required);
        let upstream = built.operator.as_ref().map(|operator| operator.upstream.clone());
        let mut whose = Whose::new(config.auth.operator_key, built.operator, own);
        if let Some(vault) = vault.clone().filter(|_| named.entry.caller_key.is_some()) {
            let addresses = Addresses::new(upstream, &config.keys.hosts);
            whose = whose.keeping(vault.clone(), &named.key, addresses.clone());
            let here = Intake::new(vault, &named.key, addresses).audited(audit.clone());
            let here = if config.keys.trial { here.trying(built.trial) } else { here };
            // Of several packs the first: another would have a way in of its own, named after it.
            if intake.is_none() {
                whose = whose.linking(links.clone());
                intake = Some(here);
            }
        }
        sandboxes.extend(built.sandbox.map(|endpoint| (named.key, endpoint)));
        packs.push(ServedPack {
            entry: named.entry,
            pack: built.pack,
            credentials: Arc::new(whose),
            approve: named.approve,
            tools: named.tools,
            live: named.live,
        });
    }
    let sandboxed = operators.iter().all(|credential| credential.upstream == Upstream::Sandbox);
    let doorman = doorman(config)?.audited(audit.clone());
    let mut warnings = Vec::new();
    if matches!(door, Door::Http(_)) {
        warnings.extend(open_to_others(config, &operators)?);
        if !declared.is_empty() && !sandboxed {
            warnings.extend(vault.as_ref().and_then(unready));
        }
        warnings.extend(doorman.warnings(config.server.bind.ip().is_loopback()));
    }
    let own_keys = Arc::new(OwnKeys::new(declared, config.auth.mode, config.auth.query_api_key));
    let registry = Registry::new(packs, &config.tools.alone, config.server.timeout.0)?;
    let registry = registry.audited(audit.clone());
    let loopback = config.server.bind.ip().is_loopback();
    let setup = |key: &str| {
        let setup = Setup::new(data_dir, key, false, sealer.clone()).reaching(loopback, sandboxed);
        setup.serving(registry.scopes().clone())
    };
    let guard = guard(config, door, setup)?.audited(audit.clone());
    let (registry, asking, doorman) = (Arc::new(registry), Asking::new(sealer), Arc::new(doorman));
    Ok(House { registry, asking, own_keys, vault, intake, links, guard, doorman, sandboxes, warnings })
}

fn sealer(keys: &Keys) -> Result<Sealer, Misfit> {
    let keyring = Keyring::new(&keys.secrets);
    keyring
        .map(Sealer::new)
        .map_err(|weak| Misfit::at(&["keys", "secrets", &weak.index.to_string()], weak.to_string()))
}

/// The vault of the store in use, in a folder of its own; none where no store is in use.
///
/// # Errors
/// A secret is too short, or the store cannot be built from its settings.
pub fn vault(keys: &mut Keys, data_dir: Option<&Path>) -> Result<Option<Vault>, Misfit> {
    let Some(named) = keys.store.take() else { return Ok(None) };
    let setup = Setup::new(data_dir, "keys", false, sealer(keys)?);
    let shelf = (named.entry.build)(named.settings, &setup)
        .map_err(|error| Misfit::setup(&["keys", "store", &named.key], error))?;
    Ok(Some(Vault::new(shelf, Masters::new(&keys.secrets))))
}

fn doorman(config: &Config) -> Result<Doorman, Misfit> {
    Doorman::new(&config.server.ip).map_err(|(key, index)| {
        Misfit::at(&["server", "ip", key, &index.to_string()], "expected an IP address or network")
    })
}

fn guard(config: &mut Config, door: Door<'_>, setup: impl Fn(&str) -> Setup) -> Result<Guard, Misfit> {
    if door == Door::Stdio || config.auth.mode == AuthMode::Off {
        return Ok(Guard::new(AuthMode::Off, Vec::new()));
    }
    let mut providers: Vec<Arc<dyn Verifier>> = Vec::new();
    for named in std::mem::take(&mut config.auth.providers) {
        let path = ["auth", "providers", &named.key];
        let provider = (named.entry.build)(named.settings, &setup(&named.key))
            .map_err(|error| Misfit::setup(&path, error))?;
        // Clients look for the metadata document of an authorization server at its own address, which is ours.
        let others = |other: &Arc<dyn Verifier>| !other.authorization_servers("").is_empty();
        if provider.endpoint().is_some() && providers.iter().any(others) {
            let message = "its authorization server lives in this server, whose metadata document is that of the first \
                           provider that has one: name it before the others, or alone";
            return Err(Misfit::at(&path, message));
        }
        providers.push(provider);
    }
    if providers.is_empty() {
        return Err(Misfit::at(&["auth", "mode"], "sign-in is asked for and no provider is configured"));
    }
    Ok(Guard::new(config.auth.mode, providers))
}

/// Whether users cannot store a key of their own.
fn unready(vault: &Vault) -> Option<String> {
    let error = vault.ready().err()?;
    Some(format!("signed-in callers cannot store keys of their own: {error}"))
}

/// Whether strangers could use the operator's key: refused unless the operator says so in words.
fn open_to_others(config: &Config, operators: &[Credential]) -> Result<Option<String>, Misfit> {
    let real = |credential: &Credential| credential.upstream != Upstream::Sandbox && credential.key.is_some();
    let bind = config.server.bind;
    if config.auth.mode == AuthMode::Required || bind.ip().is_loopback() || !operators.iter().any(real) {
        return Ok(None);
    }
    if config.auth.operator_key.is_none() {
        return Err(Misfit::at(
            &["server", "bind"],
            format!(
                "anybody who reaches {bind} could use the operator's key without signing in; set `auth.mode: \
                 required`, bind a loopback address, or say `auth.operator_key` in words"
            ),
        ));
    }
    let plain = config.server.public_url.as_ref().is_some_and(|url| url.scheme() == "http");
    Ok(plain.then(|| "`server.public_url` is http: tokens and answers can be read on the way".to_owned()))
}
