//! One tool as the operator wants it served.

use super::{
    Mirrored, RegistryError, arguments,
    made::{Made, Run},
    mirrored, schema,
};
use crate::seam::{
    Approve, BoxFuture, Call, Credentials, Effect, MissingScope, Need, Origin, Principal, Scope, Task,
    ToolError, ToolOptions, ToolOutput,
};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{any::Any, sync::Arc, time::Duration};

/// A tool with its pack, its schemas and the operator's wishes applied.
pub struct ServedTool {
    registered: String,
    origin: Origin,
    effect: Effect,
    task: Task,
    run: Run,
    live: bool,
    name: String,
    definition: Value,
    input: Map<String, Value>,
    validator: Validator,
    mirrored: Vec<Mirrored>,
    fixed: Map<String, Value>,
    defaults: Map<String, Value>,
    timeout: Duration,
    approve: bool,
    /// Whether answers are wrapped for the schema that they fit; none where they are no JSON.
    wrapped: Option<bool>,
    need: Option<Need>,
    pack_key: Option<String>,
    pack: Arc<dyn Any + Send + Sync>,
    credentials: Arc<dyn Credentials>,
}

impl ServedTool {
    pub(super) fn new(
        made: impl Into<Made>,
        options: &ToolOptions,
        pack: Arc<dyn Any + Send + Sync>,
        credentials: Arc<dyn Credentials>,
        timeout: Duration,
    ) -> Result<Self, RegistryError> {
        let made = made.into();
        let (live, registered, origin) = (made.is_live(), made.name, made.origin);
        let name = options.name.clone().unwrap_or_else(|| registered.clone());
        let mut input = made.input.schema;
        for (word, given) in [("fixed", &options.fixed), ("defaults", &options.defaults)] {
            for (argument, value) in given {
                hold(&input, argument, value)
                    .map_err(|message| RegistryError::at(&[word, argument], message))?;
            }
        }
        apply(&mut input, options);
        let (output, wrapped) = made.output.unzip();
        let faulty =
            |fault| RegistryError::new(format_args!("{}: the schema of `{name}`: {fault}", origin.place()));
        let validator = compile(&Value::Object(input.clone())).map_err(faulty)?;
        let mirrored = mirrored::all(&input).map_err(faulty)?;
        let description = options.describe.clone().unwrap_or(made.input.description);
        if description.is_empty() {
            return Err(RegistryError::new(format_args!(
                "{}: `{name}` has no description; write a doc comment on its arguments' struct",
                origin.place()
            )));
        }
        let mut definition = json!({
            "name": name,
            "title": made.title,
            "description": description,
            "inputSchema": schema::shown(&input),
            "annotations": {
                "readOnlyHint": made.effect.reads_only(),
                "destructiveHint": made.effect.is_destructive(),
                "idempotentHint": made.effect.is_idempotent(),
                "openWorldHint": !made.alone,
            },
        });
        if let Some(definition) = definition.as_object_mut() {
            definition.extend(output.map(|output| ("outputSchema".to_owned(), Value::Object(output))));
            definition.extend(named("icons", made.icons));
            definition.extend(named("_meta", made.meta));
        }
        Ok(Self {
            registered,
            origin,
            effect: made.effect,
            task: made.task,
            run: made.run,
            live,
            name,
            definition,
            input,
            validator,
            mirrored,
            fixed: options.fixed.clone(),
            defaults: options.defaults.clone(),
            timeout: options.timeout.map_or(timeout, |own| own.0),
            approve: options.approve == Some(Approve::Ask),
            wrapped,
            need: None,
            pack_key: None,
            pack,
            credentials,
        })
    }

    /// The same tool, for which signed-in callers need so much.
    pub(super) fn needing(self, need: Option<Need>) -> Self {
        Self { need, ..self }
    }

    /// The same tool of the pack with this key.
    pub(super) fn of_pack(self, key: Option<String>) -> Self {
        Self { pack_key: key, ..self }
    }

    /// The key of its pack; none where it stands alone, or a source listed it.
    #[must_use]
    pub fn pack_key(&self) -> Option<&str> {
        self.pack_key.as_deref()
    }

    /// The schema that its arguments are held against, for everybody: what the operator has set them to is not in it.
    #[must_use]
    pub fn described(&self) -> Value {
        schema::held(&self.input, &self.defaults)
    }

    /// The name that clients call it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tool as `tools/list` shows it (MCP 2025-11-25, `Tool`).
    #[must_use]
    pub const fn definition(&self) -> &Value {
        &self.definition
    }

    /// Where it was registered, it or its source.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The strongest thing it may do.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// When its calls become tasks.
    #[must_use]
    pub const fn task(&self) -> Task {
        self.task
    }

    /// Whether a source lists it: it was not there when the server was built, and may go.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.live
    }

    /// The arguments that clients repeat in headers.
    #[must_use]
    pub fn mirrored(&self) -> &[Mirrored] {
        &self.mirrored
    }

    /// The scope that a signed-in caller needs; none where everybody may call it who is let in.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.need.as_ref().map(|need| &need.scope)
    }

    /// What a caller lacks to call it.
    #[must_use]
    pub fn lacking(&self, principal: &Principal) -> Option<MissingScope> {
        let need = self.need.as_ref().filter(|need| !need.is_met_by(principal))?;
        Some(MissingScope { scope: need.scope.clone(), effect: self.effect })
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether the user is asked before it may have an effect.
    pub(super) const fn is_approved(&self) -> bool {
        self.approve
    }

    /// Runs it with arguments that fit its schema.
    pub(super) fn run(
        &self,
        arguments: Map<String, Value>,
        call: Call,
    ) -> BoxFuture<'static, Result<ToolOutput, ToolError>> {
        self.run.with(&self.registered, arguments, self.pack.clone(), call)
    }

    pub(super) const fn pack(&self) -> &Arc<dyn Any + Send + Sync> {
        &self.pack
    }

    pub(super) fn credentials(&self) -> Arc<dyn Credentials> {
        self.credentials.clone()
    }

    /// The arguments that the tool gets for those that the caller gave.
    pub(super) fn complete(&self, mut given: Map<String, Value>) -> Result<Map<String, Value>, String> {
        for (name, value) in &self.defaults {
            given.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let mut given = Value::Object(given);
        arguments::whole(&mut given);
        if let Some(faults) = arguments::faults(&self.validator, &self.input, &given) {
            return Err(faults);
        }
        let Value::Object(mut given) = given else { return Ok(Map::new()) };
        given.extend(self.fixed.clone());
        Ok(given)
    }

    /// The answer as `structuredContent`, which is an object; none where there is no schema for it.
    pub(super) fn structured(&self, value: Value) -> Option<Value> {
        Some(if self.wrapped? { json!({ "result": value }) } else { value })
    }
}

/// Whether the operator's value fits the argument that it is for.
fn hold(input: &Map<String, Value>, argument: &str, value: &Value) -> Result<(), String> {
    let properties = input.get("properties").and_then(Value::as_object);
    if properties.is_none_or(|properties| !properties.contains_key(argument)) {
        let known: Vec<&str> = properties.map(|p| p.keys().map(String::as_str).collect()).unwrap_or_default();
        return Err(match arguments::nearest(argument, &known) {
            Some(near) => format!("the tool has no argument `{argument}`; did you mean `{near}`?"),
            None => format!("the tool has no argument `{argument}`; there are: {}", known.join(", ")),
        });
    }
    // What is required of all arguments together is not asked of one.
    let parts = ["properties", "$defs", "definitions"].into_iter();
    let alone: Map<String, Value> =
        parts.filter_map(|part| Some((part.to_owned(), input.get(part)?.clone()))).collect();
    let validator = compile(&Value::Object(alone.clone()))?;
    arguments::faults(&validator, &alone, &json!({ argument: value })).map_or(Ok(()), Err)
}

/// Takes fixed arguments out of the schema, and makes those with a default optional.
fn apply(input: &mut Map<String, Value>, options: &ToolOptions) {
    if let Some(properties) = input.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !options.fixed.contains_key(name));
        for (name, value) in &options.defaults {
            if let Some(schema) = properties.get_mut(name).and_then(Value::as_object_mut) {
                schema.insert("default".into(), value.clone());
            }
        }
    }
    let optional = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        options.fixed.contains_key(name) || options.defaults.contains_key(name)
    };
    if let Some(required) = input.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !optional(name));
        if required.is_empty() {
            input.remove("required");
        }
    }
}

pub(super) fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| error.to_string())
}

/// A member of a definition; none where it says nothing.
pub(super) fn named(name: &str, value: impl Serialize) -> Option<(String, Value)> {
    let value = serde_json::to_value(value).unwrap_or_default();
    let empty = match &value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        other => other.is_null(),
    };
    (!empty).then(|| (name.to_owned(), value))
}
