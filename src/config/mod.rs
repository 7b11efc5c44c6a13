//! config.yaml: file → tree with places → checked → typed.
//!
//! | step | file |
//! |---|---|
//! | find the file and its `.env` | `find`, `dotenv` |
//! | text → tree, every value with its place | `parse`, `tree`, `place` |
//! | variables and flags over it; rules between keys | `layer`, `rules` |
//! | `${…}` | `expand` |
//! | held against the schema that the plug-ins make | `schema`, `arguments`, `check`, `words` |
//! | tree → types | `read`, `model` |
//! | faults told, secrets masked | `fault`, `mask`, `render` |
//! | effective values told | `show` |

mod address;
mod arguments;
mod check;
pub mod dotenv;
mod expand;
mod fault;
mod find;
mod layer;
mod mask;
mod model;
mod parse;
mod place;
mod plug_ins;
mod read;
mod render;
mod rules;
mod schema;
mod show;
mod tree;
mod words;

pub use fault::Faults;
pub use find::{FindError, Found, find, shipped};
pub use model::{
    AuditSettings, Auth, Config, Ip, Keys, PackSettings, ProviderSettings, Server, StoreSettings, Tools,
};
pub use plug_ins::PlugIns;
pub use schema::schema;
pub use show::show;

use crate::seam::AuthMode;
use check::Check;
use expand::Expander;
use fault::Fault;
use layer::{Chosen, Layers};
use mask::Mask;
use place::{Place, SourceKind, Sources};
use std::{path::PathBuf, sync::Arc};
use tree::{Node, Value};

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// What a configuration is read from; nothing else of the process is looked at but the files that `${file:…}` names.
#[derive(Default)]
pub struct Inputs {
    /// The file's name, as messages show it.
    pub name: String,
    /// The file's text.
    pub text: String,
    /// The folder that `${file:…}` is relative to.
    pub base: Option<PathBuf>,
    /// The process's environment.
    pub env: Vec<(String, String)>,
    /// The variables of `.env`: they count as the file's, and the process's own lie over them.
    pub dotenv: Vec<(String, String)>,
    /// The command line.
    pub flags: Flags,
    /// Whether it is the copy inside the binary, which is cut to the plug-ins that are compiled in.
    pub shipped: bool,
}

/// What of the command line lies over the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--port`: the port of `server.bind`.
    pub port: Option<u16>,
    /// `--auth`: the one provider to use; sign-in is required then.
    pub auth: Option<String>,
    /// `--sandbox`: every pack that brings a sandbox uses it.
    pub sandbox: bool,
    /// `--sandbox-profile`: what the sandbox imitates.
    pub sandbox_profile: Option<String>,
    /// Whether the command works on stored keys: their store is in use then, whether or not callers sign in.
    pub keys: bool,
}

/// A configuration without a fault.
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// What the operator should know all the same.
    pub warnings: Vec<String>,
    /// The file that was read; none for the copy inside the binary.
    pub file: Option<PathBuf>,
    tree: Node,
    sources: Arc<Sources>,
    mask: Arc<Mask>,
    schema: serde_json::Value,
}

/// From whose hand a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    /// Whoever started the process.
    Process,
    /// Whoever wrote the file: `.env` is part of it.
    File,
}

impl Inputs {
    /// What a variable holds, and from whose hand; none where it is unset or empty. One that the process sets to
    /// nothing still hides that of `.env`.
    fn variable(&self, name: &str) -> Option<(&str, Hand)> {
        let find = |all: &'_ [(String, String)]| all.iter().position(|(known, _)| known == name);
        let (pair, hand) = match find(&self.env) {
            Some(at) => (self.env.get(at)?, Hand::Process),
            None => (self.dotenv.get(find(&self.dotenv)?)?, Hand::File),
        };
        (!pair.1.is_empty()).then_some((&pair.1, hand))
    }
}

impl Loaded {
    /// A fault that was found later, at its key's place in the file.
    #[must_use]
    pub fn refuse(&self, path: &[&str], message: impl std::fmt::Display, help: Option<&str>) -> Faults {
        let fault = Fault::new(self.tree.place(path), layer::keys(path), message.to_string());
        let fault = help.into_iter().fold(fault, |fault, help| fault.help(help));
        Faults::new(vec![fault], Arc::clone(&self.sources), Arc::clone(&self.mask))
    }
}

/// Reads a configuration.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(inputs: &Inputs, plug_ins: &PlugIns) -> Result<Loaded, Faults> {
    let schema = schema(plug_ins);
    let mut mask = Mask::new(schema::words(&schema));
    let (mut sources, mut faults) = (Sources::default(), Vec::new());
    let too_large = inputs.text.len() > MOST_BYTES;
    let file = sources.add(SourceKind::File, &inputs.name, if too_large { "" } else { &inputs.text });
    if too_large {
        let message = format!("the file is larger than {} KiB", MOST_BYTES >> 10);
        faults.push(Fault::new(Place::new(file, 0..0), Vec::new(), message));
        return Err(Faults::new(faults, Arc::new(sources), Arc::new(mask)));
    }
    let Some(mut tree) = parse::parse(&sources, file, &mut faults) else {
        return Err(Faults::new(faults, Arc::new(sources), Arc::new(mask)));
    };
    mask.note(&tree);
    if inputs.shipped {
        layer::cut(&mut tree, plug_ins);
    }
    let (warnings, replaced) = (Vec::new(), Vec::new());
    let mut layers = Layers { inputs, plug_ins, sources, tree, faults, warnings, replaced };
    let chosen = layers.lay();
    resolve(&mut layers, file, chosen.as_ref(), &schema);
    let Layers { sources, mut tree, mut faults, warnings, replaced, .. } = layers;

    match Check::new(&schema) {
        Ok(check) => faults.extend(check.faults(&mut tree)),
        Err(error) => {
            let message = format!("the schema of a plug-in is none: {error}");
            faults.push(Fault::new(Place::new(file, 0..0), Vec::new(), message));
        }
    }
    schema::walk(&schema, &tree, &mut |step| {
        let unknown = step.schema.is_null() || *step.schema == serde_json::Value::Bool(false);
        let misplaced = |node: &Node| {
            let scalar = !matches!(node.value, Value::Map(_) | Value::List(_) | Value::Null);
            let holds = |kind: &serde_json::Value| kind == "object" || kind == "array" || kind == "null";
            scalar
                && match step.schema.get("type") {
                    Some(serde_json::Value::Array(kinds)) => kinds.iter().all(holds),
                    Some(kind) => holds(kind),
                    None => false,
                }
        };
        let hidden =
            |node: &&Node| unknown || schema::is_secret(step.schema) || misplaced(node) || node.holds_login();
        if let Some(node) = step.node.filter(hidden) {
            mask.hide(node);
        }
    });
    faults.iter().filter_map(|fault| fault.dropped.as_ref()).for_each(|node| mask.hide(node));
    for (path, node) in &replaced {
        let secret = schema::at(&schema, path).is_none_or(schema::is_secret);
        if secret || node.holds_login() || matches!(node.value, Value::Map(_) | Value::List(_)) {
            mask.hide(node);
        }
    }
    let chosen = chosen.as_ref().map(|chosen| chosen.key.as_str());
    let keeps_keys = keeps_keys(&tree, inputs);
    let data_dir = find::data_folder(&inputs.env);
    let config =
        read::Reader { tree: &tree, plug_ins, chosen, keeps_keys, data_dir, faults: &mut faults }.config();
    let (sources, mask) = (Arc::new(sources), Arc::new(mask));
    match config {
        Some(config) if faults.is_empty() => {
            let file = (!inputs.shipped).then(|| PathBuf::from(&inputs.name));
            Ok(Loaded { config, warnings, file, tree, sources, mask, schema })
        }
        _ => Err(Faults::new(faults, sources, mask)),
    }
}

/// Resolves the references of the sections that are in use, and what the rules between keys say.
fn resolve(layers: &mut Layers<'_>, file: u16, chosen: Option<&Chosen>, schema: &serde_json::Value) {
    let expander = Expander { inputs: layers.inputs, base: layers.inputs.base.as_deref(), file };
    // Whether these are in use is known once the rest is resolved.
    let apart = [["auth", "providers"], ["keys", "store"]];
    let set_aside = apart
        .map(|path| layers.tree.find_mut(&path).map(|node| std::mem::replace(&mut node.value, Value::Null)));
    expander.expand(&mut layers.tree, &mut Vec::new(), &mut layers.faults);
    for (path, value) in apart.into_iter().zip(set_aside) {
        if let (Some(node), Some(value)) = (layers.tree.find_mut(&path), value) {
            node.value = value;
        }
    }
    rules::port(layers);
    let on = layer::mode(&layers.tree) != AuthMode::Off;
    let keeps_keys = keeps_keys(&layers.tree, layers.inputs);
    if on {
        layers.providers(chosen);
    }
    if keeps_keys {
        layers.store(schema);
    }
    let is_used = |[section, _]: [&str; 2], key: &str| match section {
        "auth" => on && chosen.is_none_or(|chosen| chosen.key == key),
        _ => keeps_keys,
    };
    for path in apart {
        let Some(Value::Map(entries)) = layers.tree.find_mut(&path).map(|node| &mut node.value) else {
            continue;
        };
        for (key, node) in entries {
            if is_used(path, &key.name) {
                let [section, plug_ins] = path;
                let mut path = layer::keys(&[section, plug_ins, &key.name]);
                expander.expand(node, &mut path, &mut layers.faults);
            } else {
                expand::leave_open(node);
            }
        }
    }
    rules::url_and_key(layers, &expander);
    expand::drop_empty(&mut layers.tree, schema, schema);
    rules::sign_in(layers, chosen);
    rules::sandbox(layers);
    rules::one_store(layers);
}

/// Whether keys that users leave here are in use: callers sign in, or the command works on them.
fn keeps_keys(tree: &Node, inputs: &Inputs) -> bool {
    inputs.flags.keys || layer::mode(tree) != AuthMode::Off
}
