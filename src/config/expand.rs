//! `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `${file:PATH}` in parsed scalars; `$${` is a literal `${`.

use super::{
    Inputs,
    fault::{Fault, KeyPath},
    schema,
    tree::{Node, Value, scalar},
};
use serde_json::Value as Json;
use std::{fs::File, io::Read, path::Path};

/// The largest file that `${file:…}` reads.
const MOST_BYTES: u64 = 64 << 10;

/// What references are resolved with.
pub(super) struct Expander<'a> {
    /// The variables there are.
    pub inputs: &'a Inputs,
    /// The folder that files are named from.
    pub base: Option<&'a Path>,
    /// The source whose scalars hold references; flags and variables are taken as they are.
    pub file: u16,
}

impl Expander<'_> {
    /// Resolves every reference beneath a node; what cannot be resolved is told, and left open.
    pub fn expand(&self, node: &mut Node, path: &mut KeyPath, faults: &mut Vec<Fault>) {
        each(node, path, &mut |node, path| {
            if node.at.source() == self.file
                && let Value::Text(text) = &node.value
                && text.contains("${")
                && let Err(fault) = self.scalar(&text.clone(), node)
            {
                node.open = true;
                let mut told = Fault::of(node, path.clone(), fault.message);
                told.help.extend(fault.help);
                faults.push(told);
            }
        });
    }

    fn scalar(&self, text: &str, node: &mut Node) -> Result<(), Unresolved> {
        let (mut out, mut rest, mut via) = (String::new(), text, Vec::new());
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                out += before;
                out += "${";
                rest = after;
                continue;
            }
            out += before;
            let Some((reference, after)) = after.split_once('}') else {
                return Err(Unresolved {
                    message: "`${` without its `}`".into(),
                    help: Some("`$${` is a literal `${`".into()),
                });
            };
            let (value, from) = self.resolve(reference)?;
            out += &value;
            if out.len() > super::MOST_BYTES {
                return Err(Unresolved::new("is too long once its references are resolved"));
            }
            via.push(from);
            rest = after;
        }
        out += rest;
        node.value = match scalar(&out) {
            // The schema decides what a resolved scalar is; that it is there has been decided.
            Value::Null if !out.is_empty() => Value::Text(out.clone()),
            Value::Null => Value::Text(String::new()),
            _ if via.is_empty() => Value::Text(out.clone()),
            value => value,
        };
        node.via = via;
        node.text = Some(out);
        Ok(())
    }

    fn resolve(&self, reference: &str) -> Result<(String, String), Unresolved> {
        if let Some(path) = reference.strip_prefix("file:") {
            return Ok((self.file(path)?, path.to_owned()));
        }
        let cut = reference.find([':', '-', '?']).unwrap_or(reference.len());
        let (name, rest) = reference.split_at_checked(cut).unwrap_or((reference, ""));
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        if !name.starts_with(first) || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(Unresolved::new("`${…}` names no variable"));
        }
        if let Some((value, _)) = self.inputs.variable(name) {
            return Ok((value.to_owned(), format!("${name}")));
        }
        if let Some(default) = rest.strip_prefix(":-") {
            return Ok((default.into(), format!("the default of ${name}")));
        }
        if let Some(message) = rest.strip_prefix(":?") {
            return Err(Unresolved::new(format!("environment variable `{name}` is not set: {message}")));
        }
        if rest.is_empty() {
            return Err(Unresolved {
                message: format!("environment variable `{name}` is not set"),
                help: Some(format!("`${{{name}:-}}` lets it be absent")),
            });
        }
        Err(Unresolved::new(format!("after `{name}` in `${{…}}` comes `:-default` or `:?message`")))
    }

    fn file(&self, path: &str) -> Result<String, Unresolved> {
        let named = Path::new(path);
        let full = match self.base {
            _ if named.is_absolute() => named.to_owned(),
            Some(base) => base.join(named),
            None => {
                return Err(Unresolved::new("without a config.yaml of your own a file needs its full path"));
            }
        };
        let cannot = |why: &dyn std::fmt::Display| Unresolved::new(format!("cannot read `{path}`: {why}"));
        if !std::fs::metadata(&full).map_err(|error| cannot(&error))?.is_file() {
            return Err(cannot(&"it is no file"));
        }
        let mut text = String::new();
        let file = File::open(&full).map_err(|error| cannot(&error))?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(|error| cannot(&error))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(cannot(&format_args!("it is larger than {} KiB", MOST_BYTES >> 10)));
        }
        Ok(text.trim_end_matches(['\r', '\n']).into())
    }
}

/// Why a reference has no value.
struct Unresolved {
    message: String,
    help: Option<String>,
}

impl Unresolved {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

/// Calls `f` on every scalar with its path.
pub(super) fn each(node: &mut Node, path: &mut KeyPath, f: &mut impl FnMut(&mut Node, &KeyPath)) {
    match &mut node.value {
        Value::Map(entries) => {
            for (key, child) in entries {
                path.push(key.name.clone());
                each(child, path, f);
                path.pop();
            }
        }
        Value::List(items) => {
            for (i, child) in items.iter_mut().enumerate() {
                path.push(i.to_string());
                each(child, path, f);
                path.pop();
            }
        }
        _ => f(node, path),
    }
}

/// Leaves every reference beneath a node as it is written: its section is not in use.
pub(super) fn leave_open(node: &mut Node) {
    each(node, &mut Vec::new(), &mut |node, _| {
        node.open |= matches!(&node.value, Value::Text(text) if text.contains("${"));
    });
}

/// Takes out what is an empty text: a setting that is one counts as absent. Of values that the schema does not know
/// (arguments of tools, mistyped keys) nothing can be said.
pub(super) fn drop_empty(node: &mut Node, root: &Json, schema: &Json) {
    let empty = |node: &Node| !node.open && matches!(&node.value, Value::Text(text) if text.is_empty());
    let below = |segment: &str| schema::below(root, schema, segment);
    match &mut node.value {
        Value::Map(entries) => entries.retain_mut(|(key, child)| match below(&key.name) {
            Some(schema) if !empty(child) => {
                drop_empty(child, root, schema);
                true
            }
            known => known.is_none(),
        }),
        Value::List(items) => {
            items.retain(|child| !empty(child));
            if let Some(schema) = below("0") {
                items.iter_mut().for_each(|child| drop_empty(child, root, schema));
            }
        }
        _ => {}
    }
}
