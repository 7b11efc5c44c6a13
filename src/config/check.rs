//! Holds a tree against the JSON Schema: every fault at once, each with its place.

use super::{
    address::FORMATS,
    fault::{Fault, KeyPath},
    schema::{KEYS, resolve},
    tree::{Node, Value},
    words::{found, nearest, types, wanted},
};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind, paths::LocationSegment};
use serde_json::Value as Json;

/// How often a tree is mended: once for each level that only a mended level shows.
const MOST_MENDED: usize = 32;

/// A schema, ready to be held against.
pub(super) struct Check<'a> {
    schema: &'a Json,
    validator: Validator,
}

impl<'a> Check<'a> {
    /// Compiles a schema; the error is a plug-in's whose own schema is none.
    pub fn new(schema: &'a Json) -> Result<Self, String> {
        let mut options = jsonschema::draft202012::options().should_validate_formats(true);
        for format in &FORMATS {
            options = options.with_format(format.name, format.fits);
        }
        let validator = options.build(schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Every fault of a tree. A scalar becomes text, and nothing an empty map, where that is wanted.
    pub fn faults(&self, root: &mut Node) -> Vec<Fault> {
        for _ in 0..MOST_MENDED {
            let json = root.json();
            let mut mends = Vec::new();
            self.validator.iter_errors(&json).for_each(|error| gather(&error, &mut mends));
            let mended = mends.iter().filter(|(path, wanted)| mend(root, path, wanted)).count();
            if mended == 0 {
                break;
            }
        }
        let (json, mut faults) = (root.json(), Vec::new());
        for error in self.validator.iter_errors(&json) {
            self.tell(&error, root, &mut faults);
        }
        faults
    }

    fn tell(&self, error: &ValidationError<'_>, root: &Node, faults: &mut Vec<Fault>) {
        let path = segments(error);
        let Some(node) = root.find(&path) else { return };
        if node.open {
            return;
        }
        let say = |message: String| Fault::of(node, path.clone(), message);
        let fault = match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                faults.extend(unexpected.iter().map(|name| self.unknown(error, node, &path, name)));
                return;
            }
            // A section in which nothing can be set.
            Kind::FalseSchema => {
                faults.extend(node.keys().map(|key| self.unknown(error, node, &path, &key.name)));
                return;
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let fault = Fault::new(root.place(&path), path.clone(), format!("`{name}` is missing"));
                let schema = self.beside(error, "properties").and_then(|all| all.get(name));
                let about = schema.and_then(|schema| {
                    schema.get("description").or_else(|| resolve(self.schema, schema).get("description"))
                });
                match about.and_then(Json::as_str) {
                    Some(text) => fault.help(format!("`{name}`: {}", sentence(text))),
                    None => fault,
                }
                .label("in here")
            }
            Kind::Type { kind } => say(format!("expected {}, found {}", wanted(&types(kind)), found(node))),
            Kind::Enum { options } => choice(node, &path, &texts(options)),
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                return self.forms(context, node, &path, root, faults);
            }
            Kind::Minimum { limit } => say(format!("must be at least {limit}")),
            Kind::Maximum { limit } => say(format!("must be at most {limit}")),
            Kind::ExclusiveMinimum { limit } => say(format!("must be above {limit}")),
            Kind::ExclusiveMaximum { limit } => say(format!("must be below {limit}")),
            Kind::MinLength { limit: 1 } => say("is empty".into()),
            Kind::MinLength { limit } => say(format!("must have at least {limit} characters")),
            Kind::MaxLength { limit } => say(format!("must have at most {limit} characters")),
            Kind::MinItems { limit } => say(format!("must list at least {limit}")),
            Kind::MaxItems { limit } => say(format!("must list at most {limit}")),
            Kind::UniqueItems => say("lists an item twice".into()),
            Kind::Format { format } => {
                let known = FORMATS.iter().find(|known| known.name == format);
                say(known.map_or_else(
                    || format!("is no valid {format}"),
                    |known| format!("expected {}", known.wanted),
                ))
            }
            Kind::Pattern { pattern } => {
                let example = self.beside(error, "examples").and_then(|all| all.get(0)?.as_str());
                say(match example {
                    Some(example) => format!("has not the form of `{example}`"),
                    None => format!("does not match `{pattern}`"),
                })
            }
            kind => say(format!("breaks the schema's `{}`", kind.keyword())),
        };
        faults.push(fault);
    }

    /// A value that fits none of several forms: the faults of the one that was meant, where that can be told.
    fn forms(
        &self,
        context: &[Vec<ValidationError<'static>>],
        node: &Node,
        path: &[String],
        root: &Node,
        faults: &mut Vec<Fault>,
    ) {
        let mut open = false;
        node.scalars(&mut |scalar| open |= scalar.open);
        if open {
            return;
        }
        let here = |error: &ValidationError<'_>| segments(error).as_slice() == path;
        let other = |error: &ValidationError<'_>| {
            matches!(error.kind(), Kind::Type { .. }) && here(error)
                || matches!(error.kind(), Kind::Constant { .. })
        };
        let lacks = |error: &ValidationError<'_>| match error.kind() {
            Kind::Required { property } if here(error) => property.as_str().map(str::to_owned),
            _ => None,
        };
        let typed: Vec<_> = context.iter().filter(|form| !form.iter().any(other)).collect();
        let keyed: Vec<_> = typed.iter().filter(|form| !form.iter().any(|e| lacks(e).is_some())).collect();
        let meant = match (typed.as_slice(), keyed.as_slice()) {
            ([one], _) => Some(*one),
            (_, [one]) => Some(**one),
            _ => None,
        };
        let constants: Vec<String> = context.iter().flatten().flat_map(constants).collect();
        let names: Vec<String> = context.iter().flatten().filter_map(lacks).collect();
        if let Some(form) = meant {
            form.iter().for_each(|error| self.tell(error, root, faults));
        } else if !constants.is_empty() && !matches!(node.value, Value::Map(_) | Value::List(_)) {
            faults.push(choice(node, path, &constants));
        } else if !names.is_empty() {
            let wrong = node.keys().find(|key| !names.contains(&key.name));
            let at = wrong.map_or(node.at, |key| key.at);
            let message = format!("expected one key of {}", names.join(", "));
            let fault = Fault::new(at, path.to_vec(), message);
            faults.push(match wrong.and_then(|key| nearest(&key.name, &names)) {
                Some(near) => fault.label(format!("did you mean `{near}`?")),
                None => fault,
            });
        } else {
            let kinds = context.iter().flatten().filter(|error| here(error));
            let mut all: Vec<String> = kinds
                .filter_map(|error| match error.kind() {
                    Kind::Type { kind } => Some(types(kind)),
                    _ => None,
                })
                .flatten()
                .collect();
            all.dedup();
            let message = if all.is_empty() {
                "fits none of the forms it may have".into()
            } else {
                format!("expected {}, found {}", wanted(&all), found(node))
            };
            faults.push(Fault::of(node, path.to_vec(), message));
        }
    }

    fn unknown(&self, error: &ValidationError<'_>, node: &Node, path: &[String], name: &str) -> Fault {
        let what = self.beside(error, KEYS).and_then(Json::as_str).unwrap_or("key");
        let known = self.beside(error, "properties").and_then(Json::as_object);
        let mut known: Vec<String> = known.map(|all| all.keys().cloned().collect()).unwrap_or_default();
        known.sort_unstable();
        let at = node.key(name).map_or(node.at, |key| key.at);
        let mut full = path.to_vec();
        full.push(name.into());
        let fault = Fault::new(at, full, format!("unknown {what}"));
        let fault = match nearest(name, &known) {
            Some(near) => fault.label(format!("did you mean `{near}`?")),
            None => fault.label("not known here"),
        };
        if let ["tools"] = path.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
            && let Some(pack) = self.pack_with(name)
        {
            return fault.help(format!("it is a tool of `{pack}`: tools.{pack}.tools.{name}"));
        }
        match known.as_slice() {
            [] => fault.help(format!("there is no {what} to be set here")),
            known => fault.help(format!("there are: {}", known.join(", "))),
        }
    }

    fn pack_with(&self, tool: &str) -> Option<&str> {
        let packs = self.schema.pointer("/properties/tools/properties")?.as_object()?;
        let has =
            |pack: &Json| pack.pointer("/properties/tools/properties").is_some_and(|t| t.get(tool).is_some());
        packs.iter().find(|(_, pack)| has(pack)).map(|(name, _)| name.as_str())
    }

    /// What stands beside an error's keyword in the schema.
    fn beside(&self, error: &ValidationError<'_>, word: &str) -> Option<&Json> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(parent)?.get(word)
    }
}

/// A description's first sentence, on one line.
fn sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    paragraph.split_once(". ").map_or_else(|| paragraph.clone(), |(first, _)| format!("{first}."))
}

/// A value that is none of the choices.
fn choice(node: &Node, path: &[String], options: &[String]) -> Fault {
    let message = format!("expected one of {}", options.join(", "));
    let fault = Fault::of(node, path.to_vec(), message);
    match &node.value {
        Value::Text(text) => match nearest(text, options) {
            Some(near) => fault.label(format!("did you mean `{near}`?")),
            None => fault.label("none of these"),
        },
        _ => fault,
    }
}

/// The types that were wanted somewhere, within every form of a value too.
fn gather(error: &ValidationError<'_>, out: &mut Vec<(KeyPath, Vec<String>)>) {
    match error.kind() {
        Kind::Type { kind } => out.push((segments(error), types(kind))),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().flatten().for_each(|error| gather(error, out));
        }
        _ => {}
    }
}

fn mend(root: &mut Node, path: &[String], wanted: &[String]) -> bool {
    let Some(node) = root.find_mut(path) else { return false };
    let wants = |name: &str| wanted.iter().any(|one| one == name);
    node.value = match (&node.value, &node.text) {
        (Value::Null, None) if wants("object") => Value::Map(Vec::new()),
        (Value::Bool(_) | Value::Number(_), Some(text)) if wants("string") => Value::Text(text.clone()),
        _ => return false,
    };
    true
}

fn segments(error: &ValidationError<'_>) -> KeyPath {
    let segment = |segment| match segment {
        LocationSegment::Property(name) => name.into_owned(),
        LocationSegment::Index(index) => index.to_string(),
    };
    error.instance_path().into_iter().map(segment).collect()
}

fn constants(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        Kind::Constant { expected_value } => expected_value.as_str().map(str::to_owned).into_iter().collect(),
        Kind::Enum { options } => texts(options),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().flatten().flat_map(constants).collect()
        }
        _ => Vec::new(),
    }
}

fn texts(options: &Json) -> Vec<String> {
    options.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}
