//! Arguments that are texts: those of prompts, and the variables of resources.

use super::{RegistryError, arguments, schema, served::compile};
use crate::seam::Origin;
use jsonschema::Validator;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// What a type that holds nothing but texts takes.
pub(super) struct Texts {
    /// The type's doc comment.
    pub(super) description: String,
    schema: Map<String, Value>,
    validator: Validator,
}

impl Texts {
    /// Reads a type's schema.
    ///
    /// # Errors
    /// It has no doc comment, or a field that is no text.
    pub(super) fn of(
        make: fn(&mut SchemaGenerator) -> Schema,
        what: &str,
        origin: Origin,
    ) -> Result<Self, RegistryError> {
        let fault =
            |message: String| RegistryError::new(format_args!("{}: {what} {message}", origin.place()));
        let described = schema::input(make);
        if described.description.is_empty() {
            return Err(fault("has no description; write a doc comment on its struct".into()));
        }
        let schema = described.schema;
        let validator = compile(&Value::Object(schema.clone()))
            .map_err(|error| fault(format!("has a schema that is none: {error}")))?;
        let texts = Self { description: described.description, schema, validator };
        if let Some((name, _)) = texts.properties().find(|(_, property)| !is_text(property)) {
            return Err(fault(format!("has a field `{name}` that is no text; make it a `String`")));
        }
        Ok(texts)
    }

    fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        let properties = self.schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, property)| (name.as_str(), property))
    }

    /// The names in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties().map(|(name, _)| name)
    }

    fn needs(&self, name: &str) -> bool {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|one| one == name))
    }

    /// The arguments as `prompts/list` shows them (MCP 2025-11-25, `PromptArgument`).
    pub(super) fn shown(&self) -> Vec<Value> {
        let shown = self.properties().map(|(name, property)| {
            let mut argument = json!({ "name": name, "required": self.needs(name) });
            if let (Some(description), Some(argument)) =
                (property.get("description"), argument.as_object_mut())
            {
                argument.insert("description".into(), description.clone());
            }
            argument
        });
        shown.collect()
    }

    /// The values that are all that an argument may have, where its schema says so.
    pub(super) fn choices(&self, name: &str) -> Vec<String> {
        let Some((_, property)) = self.properties().find(|(own, _)| *own == name) else { return Vec::new() };
        let mut choices = Vec::new();
        gather(&self.schema, property, 0, &mut choices);
        choices
    }

    /// Whether there is an argument that may have certain values alone.
    pub(super) fn has_choices(&self) -> bool {
        self.names().any(|name| !self.choices(name).is_empty())
    }

    /// What is wrong with the arguments, in words; none where they fit. One that may be left out and is empty is: there
    /// are clients that send their empty fields.
    pub(super) fn complete(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>, String> {
        given.retain(|name, value| self.needs(name) || value.as_str().is_none_or(|text| !text.is_empty()));
        let given = Value::Object(given);
        match (arguments::faults(&self.validator, &self.schema, &given), given) {
            (Some(faults), _) => Err(faults),
            (None, Value::Object(given)) => Ok(given),
            (None, _) => Ok(Map::new()),
        }
    }
}

/// Whether a schema says that its value is a text, or says nothing of it here.
fn is_text(property: &Value) -> bool {
    let text = |one: &Value| one == "string" || one == "null";
    match property.get("type") {
        Some(Value::Array(types)) => types.iter().all(text),
        Some(one) => text(one),
        None => true,
    }
}

/// The constants of a schema, whichever of its forms has them.
fn gather(root: &Map<String, Value>, schema: &Value, depth: usize, out: &mut Vec<String>) {
    const DEEPEST: usize = 8;
    if depth > DEEPEST {
        return;
    }
    let constants = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    out.extend(constants.chain(schema.get("const")).filter_map(Value::as_str).map(str::to_owned));
    for forms in ["oneOf", "anyOf"].into_iter().filter_map(|word| schema.get(word)?.as_array()) {
        forms.iter().for_each(|form| gather(root, form, depth + 1, out));
    }
    let definition = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
    if let Some(found) = definition.and_then(|name| root.get("$defs")?.get(name)) {
        gather(root, found, depth + 1, out);
    }
}
