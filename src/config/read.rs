//! Reads a checked tree into types; what only the types know is told with its place.

use super::{
    fault::{Fault, KeyPath},
    layer::{keys, mode},
    model::{
        Auth, AuthKeys, Config, Keys, KeysKeys, LIVE, PackKeys, PackSettings, ProviderSettings, Server,
        StoreSettings, Tools,
    },
    plug_ins::PlugIns,
    tree::{Node, Value},
};
use crate::seam::{AuthMode, ReadError, SettingsEntry, ToolOptions};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use std::{collections::BTreeMap, path::PathBuf};

/// The store in use unless one is named.
const DEFAULT_STORE: &str = "file";

/// Reads a tree. What is at fault already is left out, so that the rest is read and told in the same go.
pub(super) struct Reader<'a> {
    /// The whole tree.
    pub tree: &'a Node,
    /// What there is to be read.
    pub plug_ins: &'a PlugIns,
    /// The one provider that is used, where one was chosen.
    pub chosen: Option<&'a str>,
    /// Whether keys that users leave here are in use.
    pub keeps_keys: bool,
    /// Where state lives unless the file says otherwise.
    pub data_dir: Option<PathBuf>,
    /// What is wrong so far.
    pub faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    /// The whole configuration; none where anything is wrong with it.
    pub fn config(mut self) -> Option<Config> {
        let server = self.section(&["server"], &[], typed::<Server>);
        let data_dir = self.data_dir.take();
        let server = server.map(|server| Server { data_dir: server.data_dir.or(data_dir), ..server });
        let auth = self.auth();
        let has_folder = server.as_ref().is_none_or(|server| server.data_dir.is_some());
        let keys = self.keys(has_folder);
        let tools = self.tools();
        Some(Config { server: server?, auth: auth?, keys: keys?, tools: tools? })
            .filter(|_| self.faults.is_empty())
    }

    fn auth(&mut self) -> Option<Auth> {
        let own = self.section(&["auth"], &["providers"], typed::<AuthKeys>);
        let mut providers = Vec::new();
        let mut whole = true;
        if mode(self.tree) != AuthMode::Off {
            for key in self.names(&["auth", "providers"]) {
                if self.chosen.is_some_and(|chosen| chosen != key) {
                    continue;
                }
                let Some(entry) = self.plug_ins.provider(&key) else { continue };
                match self.section(&["auth", "providers", &key], &[], entry.settings.read) {
                    Some(settings) => providers.push(ProviderSettings { key, entry, settings }),
                    None => whole = false,
                }
            }
        }
        let AuthKeys { mode, operator_key, query_api_key } = own?;
        whole.then_some(Auth { mode, operator_key, query_api_key, providers })
    }

    fn keys(&mut self, has_folder: bool) -> Option<Keys> {
        let own = self.section(&["keys"], &["store"], typed::<KeysKeys>);
        let named = self.names(&["keys", "store"]).into_iter().next();
        let key = named.or_else(|| has_folder.then(|| DEFAULT_STORE.to_owned()));
        let entry = key.filter(|_| self.keeps_keys).and_then(|key| Some((self.plug_ins.store(&key)?, key)));
        let store = match entry {
            Some((entry, key)) => {
                let settings = self.section(&["keys", "store", &key], &[], entry.settings.read)?;
                Some(StoreSettings { key, entry, settings })
            }
            None => None,
        };
        own.map(|KeysKeys { secrets, trial, hosts }| Keys { secrets, trial, hosts, store })
    }

    fn tools(&mut self) -> Option<Tools> {
        let (mut tools, mut whole) = (Tools::default(), true);
        for key in self.names(&["tools"]) {
            if let Some(entry) = self.plug_ins.pack(&key) {
                let common =
                    if self.plug_ins.has_live(entry) { &["approve", LIVE][..] } else { &["approve"] };
                let others = [common, &["tools"]].concat();
                let settings = self.section(&["tools", &key], &others, entry.settings.read);
                let own = self.names(&["tools", &key]);
                let own: Vec<&str> =
                    own.iter().map(String::as_str).filter(|name| !common.contains(name)).collect();
                let common = self.section(&["tools", &key], &own, typed::<PackKeys>);
                let each =
                    self.section(&["tools", &key, "tools"], &[], typed::<BTreeMap<String, ToolOptions>>);
                match (settings, common, each) {
                    (Some(settings), Some(PackKeys { approve, live }), Some(tools_by_name)) => {
                        let pack = PackSettings { key, entry, settings, approve, tools: tools_by_name, live };
                        tools.packs.push(pack);
                    }
                    _ => whole = false,
                }
            } else if self.plug_ins.alone().any(|tool| tool.name == key) {
                match self.section(&["tools", &key], &[], typed::<ToolOptions>) {
                    Some(options) => drop(tools.alone.insert(key, options)),
                    None => whole = false,
                }
            }
        }
        whole.then_some(tools)
    }

    fn names(&self, path: &[&str]) -> Vec<String> {
        self.tree.find(path).into_iter().flat_map(Node::keys).map(|key| key.name.clone()).collect()
    }

    /// One section without the keys that others read. Each thing that its type refuses is told and taken out, until
    /// the rest fits; what is missing only because of that is not told.
    fn section<T>(
        &mut self,
        path: &[&str],
        others: &[&str],
        read: impl Fn(Json) -> Result<T, ReadError>,
    ) -> Option<T> {
        let mut node = self.tree.find(path).cloned().unwrap_or_else(|| Node::new(Value::Null, self.tree.at));
        if matches!(node.value, Value::Null) {
            node.value = Value::Map(Vec::new());
        }
        for other in others {
            node.remove(&[other]);
        }
        let base = keys(path);
        let told = self.faults.iter().filter(|fault| fault.dropped.is_none());
        let mut gone: Vec<KeyPath> =
            told.filter_map(|fault| fault.path.strip_prefix(base.as_slice()).map(<[_]>::to_vec)).collect();
        open(&node, &mut Vec::new(), &mut gone);
        gone.sort_by_key(in_order);
        gone.dedup();
        for path in gone.iter().rev() {
            node.remove(path);
        }
        let mut whole = gone.is_empty();
        loop {
            let ReadError { key, message } = match read(node.json()) {
                Ok(value) => return whole.then_some(value),
                Err(error) => error,
            };
            whole = false;
            let known = original(&node, &key, &gone);
            if !gone.iter().any(|gone| gone.starts_with(&known)) {
                let found = node.find(&key);
                // Our own sections, one level deep, quote nothing.
                let message = match found {
                    Some(found) if path.len() > 1 => scrub(&message, found),
                    _ => message,
                };
                let full: KeyPath = base.iter().chain(&known).cloned().collect();
                let fault = match found {
                    Some(found)
                        if !key.is_empty() && !matches!(found.value, Value::Map(_) | Value::List(_)) =>
                    {
                        Fault::of(found, full, message)
                    }
                    Some(_) if !key.is_empty() => Fault::new(node.place(&key), full, message),
                    _ => Fault::new(self.tree.place(&full), full, message),
                };
                self.faults.push(fault);
            }
            if !node.remove(&key) {
                return None;
            }
            gone.push(known);
        }
    }
}

/// Paths in the order of the file, the items of a list by number.
fn in_order(path: &KeyPath) -> Vec<(usize, String)> {
    path.iter().map(|segment| (segment.parse().unwrap_or(0), segment.clone())).collect()
}

/// A key as it was before anything was taken out: the items of a list that stood behind have moved up.
fn original(node: &Node, key: &[String], gone: &[KeyPath]) -> KeyPath {
    let (mut now, mut before): (KeyPath, KeyPath) = (Vec::new(), Vec::new());
    for segment in key {
        let in_list = node.find(&now).is_some_and(|node| matches!(node.value, Value::List(_)));
        let index = segment.parse::<usize>().ok().filter(|_| in_list);
        let taken = |gone: &KeyPath| match gone.strip_prefix(before.as_slice())? {
            [item] => item.parse::<usize>().ok(),
            _ => None,
        };
        let mut taken: Vec<usize> = gone.iter().filter_map(taken).collect();
        taken.sort_unstable();
        let index = index.map(|index| taken.iter().fold(index, |at, gone| at + usize::from(*gone <= at)));
        now.push(segment.clone());
        before.push(index.map_or_else(|| segment.clone(), |index| index.to_string()));
    }
    before
}

/// Reads a type of ours as plug-ins' settings are read.
fn typed<T>(value: Json) -> Result<T, ReadError>
where
    T: DeserializeOwned + Serialize + JsonSchema + Send + 'static,
{
    let lost = |_| ReadError { key: Vec::new(), message: "cannot be read".into() };
    (SettingsEntry::of::<T>().read)(value)?.downcast::<T>().map(|value| *value).map_err(lost)
}

/// The paths of values that nothing can be said of.
fn open(node: &Node, path: &mut KeyPath, out: &mut Vec<KeyPath>) {
    let mut below = |segment: String, child: &Node| {
        path.push(segment);
        open(child, path, out);
        path.pop();
    };
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|(key, child)| below(key.name.clone(), child)),
        Value::List(items) => items.iter().enumerate().for_each(|(i, child)| below(i.to_string(), child)),
        _ if node.open => out.push(path.clone()),
        _ => {}
    }
}

/// A plug-in's message without the values that it quotes. Very short ones are parts of words, and are left.
fn scrub(message: &str, node: &Node) -> String {
    const LEAST: usize = 4;
    let mut message = message.to_owned();
    node.scalars(&mut |scalar| {
        let value = if let Value::Text(text) = &scalar.value { Some(text) } else { None };
        for text in [scalar.text.as_ref(), value].into_iter().flatten().filter(|text| text.len() >= LEAST) {
            message = message.replace(text.as_str(), "***");
        }
    });
    message
}
