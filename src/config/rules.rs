//! What no schema can say: rules between keys, and between the file and what lies over it.

use super::{
    Hand,
    expand::Expander,
    fault::Fault,
    layer::{Chosen, Layers, keys, mode},
    place::SourceKind,
    tree::{Node, Value},
};
use crate::seam::{AuthMode, PackEntry, UrlAndKey};
use std::net::SocketAddr;

/// The address where the file gives none.
const BIND: &str = "127.0.0.1:3000";

/// The port that a flag or a variable gives replaces the one of `server.bind`.
pub(super) fn port(layers: &mut Layers<'_>) {
    let flag = layers.inputs.flags.port.map(|port| port.to_string());
    let (text, at) = match flag {
        Some(text) => {
            let at = layers.sources.add_word("flag --port", &text);
            (text, at)
        }
        None => match layers.var("PORT") {
            Some(var) => var,
            None => return,
        },
    };
    let path = ["server", "bind"];
    let Ok(port) = text.parse::<u16>() else {
        let message = "expected a port: a number from 0 to 65535";
        return layers.faults.push(Fault::new(at, keys(&path), message));
    };
    let bind = match layers.tree.find(&path) {
        None => BIND,
        Some(Node { value: Value::Text(text), open: false, .. }) => text,
        Some(_) => return,
    };
    if let Ok(mut bind) = bind.parse::<SocketAddr>() {
        bind.set_port(port);
        layers.put(
            &path,
            Node { text: Some(bind.to_string()), ..Node::new(Value::Text(bind.to_string()), at) },
        );
    }
}

/// Sign-in that is asked for needs a provider.
pub(super) fn sign_in(layers: &mut Layers<'_>, chosen: Option<&Chosen>) {
    let on = mode(&layers.tree) != AuthMode::Off;
    if !on && chosen.is_some() {
        layers.warnings.push("AUTH_PROVIDER is set while `auth.mode` is off: nobody signs in".into());
    }
    let named = layers.tree.find(&["auth", "providers"]).is_some_and(|node| node.keys().next().is_some());
    let told = layers.faults.iter().any(|fault| fault.path.starts_with(&keys(&["auth", "providers"])));
    if on && !named && !told {
        let path = keys(&["auth", "mode"]);
        let fault =
            Fault::new(layers.tree.place(&path), path, "sign-in is asked for, and no provider is named");
        let there =
            format!("name one under `auth.providers`; there are: {}", layers.plug_ins.provider_names());
        layers.faults.push(fault.help(there));
    }
}

/// A sandbox that is asked for must be there.
pub(super) fn sandbox(layers: &mut Layers<'_>) {
    let asked = layers.inputs.flags.sandbox || layers.inputs.flags.sandbox_profile.is_some();
    if asked && !layers.plug_ins.packs.iter().any(|pack| pack.sandbox.is_some()) {
        let flag = if layers.inputs.flags.sandbox { "--sandbox" } else { "--sandbox-profile" };
        let at = layers.sources.add_word(format!("flag {flag}"), flag);
        layers.faults.push(Fault::new(at, keys(&["tools"]), "no pack of this build has a sandbox"));
    }
}

/// Keys are kept in one place.
pub(super) fn one_store(layers: &mut Layers<'_>) {
    let path = ["keys", "store"];
    let named: Vec<_> = layers.tree.find(&path).into_iter().flat_map(Node::keys).cloned().collect();
    let mut named = named.into_iter();
    let Some(first) = named.next() else { return };
    for other in named {
        let message = "a second place for keys: name one of them";
        let fault = Fault::new(other.at, keys(&["keys", "store", &other.name]), message);
        layers.faults.push(fault.also(first.at, "the first"));
    }
}

/// A key of the file is never sent to an address that a variable alone gives, where the file gives another one.
pub(super) fn url_and_key(layers: &mut Layers<'_>, expander: &Expander<'_>) {
    let packs: Vec<&PackEntry> = layers.plug_ins.packs.clone();
    for (pack, pair) in packs.iter().filter_map(|pack| Some((pack, pack.url_and_key?))) {
        let key = pack.origin.key();
        if let Some(fault) = redirected(layers, expander, &key, pair) {
            layers.faults.push(fault);
        }
    }
}

fn redirected(layers: &Layers<'_>, expander: &Expander<'_>, pack: &str, pair: UrlAndKey) -> Option<Fault> {
    let path = ["tools", pack, pair.url];
    let url = layers.tree.find(&path)?;
    let source = layers.sources.get(url.at.source())?;
    let variable = source.name.strip_prefix("variable ").filter(|_| source.kind == SourceKind::Word)?;
    let secret = layers.tree.find(&["tools", pack, pair.key])?;
    if !is_operators(secret, layers) {
        return None;
    }
    let (_, old) = layers.replaced.iter().find(|(replaced, _)| *replaced == keys(&path)).cloned().unzip();
    let old = old.map(|mut old: Node| {
        expander.expand(&mut old, &mut keys(&path), &mut Vec::new());
        old
    });
    let old = old.filter(|old| is_operators(old, layers) && text(old) != text(url));
    // `.env` goes with the file: what it says of the address was said together with the key.
    let beside = layers.inputs.dotenv.iter().find(|(name, value)| name == variable && !value.is_empty());
    let beside = beside.filter(|(_, value)| Some(value.as_str()) != text(url));
    if old.is_none() && beside.is_none() {
        return None;
    }
    let message = format!("{variable} alone would send the key of the file to another address");
    let fault = Fault::new(url.at, keys(&path), message);
    let fault = match (&old, beside) {
        (Some(old), None) => fault.also(old.at, "the address that the file gives with its key"),
        _ => fault
            .also(secret.at, "the key, given together with another address")
            .help(format!("the other address is {variable} in `.env`")),
    };
    Some(fault.help(format!("set the key by its variable too, or take `{}` out of the file", pair.url)))
}

/// Whether a value is from the hand that wrote the file and its `.env`; not if it is nothing but a variable of whoever
/// started the process.
fn is_operators(node: &Node, layers: &Layers<'_>) -> bool {
    if node.open || text(node).is_none_or(str::is_empty) {
        return false;
    }
    let source = layers.sources.get(node.at.source());
    if source.is_some_and(|source| source.kind == SourceKind::Word) {
        return source.is_some_and(|source| source.name.starts_with(".env "));
    }
    let [via] = node.via.as_slice() else { return true };
    let variable = via.strip_prefix('$').and_then(|name| layers.inputs.variable(name));
    variable.is_none_or(|(value, hand)| hand == Hand::File || text(node) != Some(value))
}

/// A scalar as it is written or resolved.
fn text(node: &Node) -> Option<&str> {
    match (&node.text, &node.value) {
        (Some(text), _) | (None, Value::Text(text)) => Some(text),
        _ => None,
    }
}
