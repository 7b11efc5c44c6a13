//! Environment variables and flags over the file, each a source of its own.

use super::{
    Hand, Inputs,
    fault::{Fault, KeyPath},
    place::{Place, Sources},
    plug_ins::PlugIns,
    schema::at,
    tree::{Key, Node, Value},
    words::nearest,
};
use crate::seam::{AuthMode, EnvVar, PackEntry};

/// Variables that set a key of their own.
const PLAIN: [(&str, &[&str]); 1] = [("MCP_SERVER_URL", &["server", "public_url"])];
/// Variables that switch something on or off.
const SWITCHES: [(&str, &[&str]); 2] = [
    ("IP_PROTECTION_ENABLED", &["server", "ip", "enabled"]),
    ("IP_BLOCK_UNKNOWN", &["server", "ip", "block_unknown"]),
];
/// Variables that list, with commas.
const LISTS: [(&str, &[&str]); 2] =
    [("IP_ALLOWLIST", &["server", "ip", "allow"]), ("TRUSTED_PROXIES", &["server", "ip", "trusted_proxies"])];
/// What the TypeScript server read for its sign-in; told where nothing in this build reads it.
const SIGN_IN: [&str; 3] = ["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_DOMAIN"];

/// The layers over a file.
pub(super) struct Layers<'a> {
    /// Where the layers come from.
    pub inputs: &'a Inputs,
    /// What there is to be set.
    pub plug_ins: &'a PlugIns,
    /// Each variable and flag becomes one of these.
    pub sources: Sources,
    /// The file's tree.
    pub tree: Node,
    /// What is wrong so far.
    pub faults: Vec<Fault>,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// What was in the file before something was laid over it.
    pub replaced: Vec<(KeyPath, Node)>,
}

/// The provider that is to be used alone.
pub(super) struct Chosen {
    /// Its key.
    pub key: String,
    /// Where it was chosen.
    pub at: Place,
}

/// What a switch says: `true` or `1`, `false` or `0`.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A path of keys from words.
pub(super) fn keys(path: &[&str]) -> KeyPath {
    path.iter().map(ToString::to_string).collect()
}

impl Layers<'_> {
    /// Lays everything but what belongs to providers and the port; tells which provider was chosen.
    pub fn lay(&mut self) -> Option<Chosen> {
        self.core();
        for (entry, key) in self.packs() {
            self.pack(entry, &key);
        }
        self.auth_mode();
        let chosen = self.chosen();
        if let Some(Chosen { at, .. }) = &chosen
            && self.inputs.flags.auth.is_some()
        {
            self.put(&["auth", "mode"], Node::word("required", *at));
        }
        self.unread();
        chosen
    }

    /// Lays the variables of the providers in use, which may make an entry, and gives the chosen one an entry.
    pub fn providers(&mut self, chosen: Option<&Chosen>) {
        if let Some(Chosen { key, at }) = chosen
            && self.tree.find(&["auth", "providers", key]).is_none()
        {
            self.put(&["auth", "providers", key], Node::new(Value::Map(Vec::new()), *at));
        }
        let plug_ins = self.plug_ins;
        for entry in &plug_ins.providers {
            let key = entry.origin.key();
            let in_use = match chosen {
                Some(chosen) => key == chosen.key,
                None => self.named(&["auth", "providers", &key], entry.env),
            };
            for var in entry.env.iter().filter(|_| in_use) {
                self.variable(var.name, &["auth", "providers", &key, var.key]);
            }
        }
    }

    /// Lays the variables of the store that the file names. What it does not set and the auth provider of its name does,
    /// as far as the store has such a setting, is its own.
    pub fn store(&mut self, schema: &serde_json::Value) {
        let plug_ins = self.plug_ins;
        for entry in &plug_ins.stores {
            let key = entry.origin.key();
            let own = ["keys", "store", key.as_str()];
            if self.tree.find(&own).is_none() {
                continue;
            }
            let provider = self.tree.find(&["auth", "providers", &key]);
            let names = provider.into_iter().flat_map(Node::keys).map(|key| key.name.clone());
            for name in names.collect::<Vec<_>>() {
                let path = [own.as_slice(), &[name.as_str()]].concat();
                let has = self.tree.find(&path).is_none() && at(schema, &keys(&path)).is_some();
                let node = self.tree.find(&["auth", "providers", &key, &name]).cloned();
                if let Some(node) = node.filter(|_| has) {
                    self.put(&path, node);
                }
            }
            for var in entry.env {
                self.variable(var.name, &["keys", "store", &key, var.key]);
            }
        }
    }

    /// What a variable holds, and its place; none where it is unset or empty.
    pub fn var(&mut self, name: &str) -> Option<(String, Place)> {
        let (value, hand) = self.inputs.variable(name)?;
        let source = match hand {
            Hand::Process => format!("variable {name}"),
            Hand::File => format!(".env {name}"),
        };
        Some((value.to_owned(), self.sources.add_word(source, value)))
    }

    /// Puts a node over what the tree has at a path.
    pub fn put(&mut self, path: &[&str], node: Node) {
        let path = keys(path);
        if let Some(old) = put(&mut self.tree, &path, node) {
            self.replaced.push((path, old));
        }
    }

    fn variable(&mut self, name: &str, path: &[&str]) {
        if let Some((value, at)) = self.var(name) {
            self.put(path, Node::word(&value, at));
        }
    }

    fn core(&mut self) {
        for (name, path) in PLAIN {
            self.variable(name, path);
        }
        for (name, path) in SWITCHES {
            if let Some((switch, at)) = self.switch(name, path) {
                self.put(path, Node::new(Value::Bool(switch), at));
            }
        }
        for (name, path) in LISTS {
            if let Some((value, at)) = self.var(name) {
                let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
                let items = items.map(|item| Node::new(Value::Text(item.into()), at)).collect();
                self.put(path, Node::new(Value::List(items), at));
            }
        }
        if let Some((value, at)) = self.var("API_KEY_ENCRYPTION_SECRET") {
            let first = Node::word(&value, at);
            match self.tree.find(&["keys", "secrets"]).map(|node| &node.value) {
                Some(Value::List(items)) if !items.is_empty() => self.put(&["keys", "secrets", "0"], first),
                _ => self.put(&["keys", "secrets"], Node::new(Value::List(vec![first]), at)),
            }
        }
    }

    /// The packs that are served: those the file names, those with a variable of their own, and those whose sandbox
    /// is asked for.
    fn packs(&mut self) -> Vec<(&'static PackEntry, String)> {
        let sandbox = self.inputs.flags.sandbox;
        let packs = self.plug_ins.packs.iter().map(|entry| (*entry, entry.origin.key()));
        packs
            .filter(|(entry, key)| {
                sandbox && entry.sandbox.is_some() || self.named(&["tools", key], entry.env)
            })
            .collect()
    }

    /// Whether a plug-in is in use: the file names it, or a variable of its own is set; the latter is told, as the
    /// file may have left it out on purpose.
    fn named(&mut self, path: &[&str], env: &[EnvVar]) -> bool {
        if self.tree.find(path).is_some() {
            return true;
        }
        let Some(var) = env.iter().find(|var| self.inputs.variable(var.name).is_some()) else { return false };
        let path = path.join(".");
        self.warnings
            .push(format!("{} is set: `{path}` is in use, though the file does not name it", var.name));
        true
    }

    fn pack(&mut self, entry: &PackEntry, key: &str) {
        for var in entry.env {
            self.variable(var.name, &["tools", key, var.key]);
        }
        let Some(sandbox) = entry.sandbox else { return };
        if self.inputs.flags.sandbox {
            let at = self.sources.add_word("flag --sandbox", sandbox.value);
            self.put(&["tools", key, sandbox.key], Node::word(sandbox.value, at));
        }
        if let Some(profile) = &self.inputs.flags.sandbox_profile {
            let at = self.sources.add_word("flag --sandbox-profile", profile);
            let path: Vec<&str> = ["tools", key].into_iter().chain(sandbox.profile.split('.')).collect();
            self.put(&path, Node::word(profile, at));
        }
    }

    fn auth_mode(&mut self) {
        let path = ["auth", "mode"];
        let (enabled, require) = (self.switch("AUTH_ENABLED", &path), self.switch("REQUIRE_AUTH", &path));
        let mode = match (enabled, require) {
            (Some((false, at)), _) => Some(("off", at)),
            (Some((true, _)), Some((false, at))) => Some(("optional", at)),
            (_, Some((true, at))) | (Some((true, at)), None) => Some(("required", at)),
            (None, _) => None,
        };
        if let Some((mode, at)) = mode {
            self.put(&["auth", "mode"], Node::new(Value::Text(mode.into()), at));
        }
    }

    fn switch(&mut self, name: &str, path: &[&str]) -> Option<(bool, Place)> {
        let (value, at) = self.var(name)?;
        let Some(switch) = truth(&value) else {
            self.faults.push(Fault::new(at, keys(path), "expected true or false"));
            return None;
        };
        Some((switch, at))
    }

    fn chosen(&mut self) -> Option<Chosen> {
        let flag = self.inputs.flags.auth.clone();
        let (key, at, asked) = match flag {
            Some(name) => {
                let at = self.sources.add_word("flag --auth", &name);
                (name, at, true)
            }
            None => {
                let (name, at) = self.var("AUTH_PROVIDER")?;
                let off = self
                    .inputs
                    .variable("AUTH_ENABLED")
                    .is_some_and(|(value, _)| truth(value) == Some(false));
                (name, at, !off)
            }
        };
        if self.plug_ins.provider(&key).is_some() {
            return Some(Chosen { key, at });
        }
        if !asked {
            let warning = "AUTH_PROVIDER names a provider that this build lacks; auth is off all the same";
            self.warnings.push(warning.into());
            return None;
        }
        let known: Vec<String> = self.plug_ins.providers.iter().map(|entry| entry.origin.key()).collect();
        let fault = Fault::new(at, keys(&["auth", "providers"]), "unknown auth provider");
        let fault = match nearest(&key, &known) {
            Some(near) => fault.label(format!("did you mean `{near}`?")),
            None => fault.label("not known here"),
        };
        self.faults.push(fault.help(format!("there are: {}", self.plug_ins.provider_names())));
        None
    }

    /// Warns of variables that nothing reads.
    fn unread(&mut self) {
        let provided = |name: &str| {
            self.plug_ins.providers.iter().flat_map(|entry| entry.env).any(|var| var.name == name)
        };
        for name in SIGN_IN {
            if self.inputs.variable(name).is_some() && !provided(name) {
                self.warnings.push(format!("{name} is set, and no plug-in of this build reads it"));
            }
        }
    }
}

/// What the tree says of `auth.mode`; what is no mode is told elsewhere.
pub(super) fn mode(tree: &Node) -> AuthMode {
    match tree.find(&["auth", "mode"]).map(|node| &node.value) {
        Some(Value::Text(text)) if text == "required" => AuthMode::Required,
        Some(Value::Text(text)) if text == "optional" => AuthMode::Optional,
        _ => AuthMode::Off,
    }
}

fn put(node: &mut Node, path: &[String], new: Node) -> Option<Node> {
    let Some((first, rest)) = path.split_first() else {
        let old = std::mem::replace(node, new);
        return (!matches!(old.value, Value::Null)).then_some(old);
    };
    if matches!(node.value, Value::Null) {
        node.value = Value::Map(Vec::new());
    }
    if let Value::Map(entries) = &mut node.value
        && !entries.iter().any(|(key, _)| key.name == *first)
    {
        let key = Key { name: first.clone(), at: new.at };
        entries.push((key, Node::new(Value::Null, new.at)));
    }
    put(node.find_mut(&[first])?, rest, new)
}

/// Takes out of the shipped file what belongs to plug-ins that are not compiled in.
pub(super) fn cut(tree: &mut Node, plug_ins: &PlugIns) {
    let mut keep = |path: &[&str], known: &dyn Fn(&str) -> bool| {
        if let Some(Value::Map(entries)) = tree.find_mut(path).map(|node| &mut node.value) {
            entries.retain(|(key, _)| known(&key.name));
        }
    };
    keep(&["auth", "providers"], &|key| plug_ins.provider(key).is_some());
    keep(&["keys", "store"], &|key| plug_ins.store(key).is_some());
    keep(&["tools"], &|key| plug_ins.pack(key).is_some() || plug_ins.alone().any(|tool| tool.name == key));
    for pack in &plug_ins.packs {
        keep(&["tools", &pack.origin.key(), "tools"], &|key| {
            plug_ins.tools_of(pack).any(|tool| tool.name == key)
        });
    }
}
