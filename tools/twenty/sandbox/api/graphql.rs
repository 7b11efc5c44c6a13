//! One GraphQL endpoint: parse, validate, coerce, introspect, execute.

use std::{cell::Cell, sync::Arc};

use apollo_compiler::{
    ExecutableDocument, Schema, ast,
    executable::Operation,
    parser::Parser,
    request::coerce_variable_values,
    resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::{JsonMap, JsonValue},
    schema::ExtendedType,
    validation::Valid,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::{
    engine::{fault::Fault, outcome::Outcome},
    error::SandboxError,
    model::column::number_json,
};

use super::{
    arguments::arguments,
    complexity,
    errors::{self, PARSE_FAILED, VALIDATION_FAILED},
    scalars,
    source::{Asked, Source},
};

/// How deep a document may nest, and of how many tokens it may be.
const DEPTH_MAX: usize = 200;
const TOKENS_MAX: usize = 50_000;
/// Fields that one answer may have: a few nested lists would otherwise make many megabytes.
const RESOLVED_MAX: u32 = 200_000;

/// A schema with what stands behind it.
pub struct Api<S> {
    schema: Valid<Schema>,
    source: S,
}

/// A request, as its JSON body has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The document.
    query: String,
    /// Its variables.
    #[serde(default)]
    variables: Option<Map<String, Json>>,
    /// Which of its operations is meant.
    #[serde(default)]
    operation_name: Option<String>,
}

impl<S: Source> Api<S> {
    /// The endpoint of a schema.
    ///
    /// # Errors
    /// When the schema is none.
    pub fn new(sdl: &str, source: S) -> Result<Api<S>, SandboxError> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql");
        let schema = schema.map_err(|e| SandboxError::Schema { reason: e.errors.to_string() })?;
        Ok(Api { schema, source })
    }

    /// What stands behind the schema.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The answer to a request.
    pub fn execute(&self, request: &Document) -> Json {
        self.run(request).unwrap_or_else(|refusal| refusal)
    }

    fn run(&self, request: &Document) -> Result<Json, Json> {
        let mut parser = Parser::new().recursion_limit(DEPTH_MAX).token_limit(TOKENS_MAX);
        let document = parser.parse_ast(&request.query, "query");
        let document = document.map_err(|e| errors::refused(PARSE_FAILED, errors::diagnostics(&e.errors)))?;
        let document = document.to_executable_validate(&self.schema);
        let document =
            document.map_err(|e| errors::refused(VALIDATION_FAILED, errors::diagnostics(&e.errors)))?;
        let operation = document.operations.get(request.operation_name.as_deref());
        let operation = operation
            .map_err(|e| errors::refused(VALIDATION_FAILED, vec![e.to_graphql_error(&document.sources)]))?;
        complexity::check(&document, operation).map_err(|fault| errors::refusal(&fault))?;
        let unfit = |list: Vec<_>| match list.is_empty() {
            true => Ok(()),
            false => Err(errors::refused(VALIDATION_FAILED, errors::unfit(&document.sources, list))),
        };
        unfit(scalars::literals(&self.schema, &document))?;
        let variables = self.variables(request, &document, operation)?;
        let given =
            operation.variables.iter().filter_map(|one| Some((one, variables.get(one.name.as_str())?)));
        unfit(
            given
                .flat_map(|(one, value)| scalars::variable(&self.schema, &one.name, &one.ty, value))
                .collect(),
        )?;
        self.answer(&document, operation, &variables)
    }

    fn variables(
        &self,
        request: &Document,
        document: &ExecutableDocument,
        operation: &Operation,
    ) -> Result<Valid<JsonMap>, Json> {
        let given = Json::Object(request.variables.clone().unwrap_or_default());
        let given = if let JsonValue::Object(map) = JsonValue::from(given) { map } else { JsonMap::new() };
        coerce_variable_values(&self.schema, operation, &given)
            .map_err(|e| errors::refused(VALIDATION_FAILED, vec![e.to_graphql_error(&document.sources)]))
    }

    fn answer(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &Operation,
        variables: &Valid<JsonMap>,
    ) -> Result<Json, Json> {
        let left = Cell::new(RESOLVED_MAX);
        let run = Run { api: self, variables, left: &left };
        let root = Object { type_name: operation.object_type().as_str(), node: self.source.root(), run };
        let execution = Execution::new(&self.schema, document).operation(operation);
        let execution = execution.coerced_variable_values(variables).enable_schema_introspection(true);
        let response = execution.execute_sync(&root);
        let mut response = response
            .map_err(|e| errors::refused(VALIDATION_FAILED, vec![e.to_graphql_error(&document.sources)]))?;
        // Once there is nothing left, what remains of open lists fails field by field: one error says it.
        if left.get() == 0 {
            return Err(errors::refusal(&exhausted()));
        }
        response.errors.iter_mut().for_each(errors::unpack);
        if let Some(data) = &mut response.data {
            data.values_mut().for_each(whole);
        }
        serde_json::to_value(&response).map_err(|e| errors::refusal(&Fault::internal(e.to_string())))
    }
}

fn exhausted() -> Fault {
    let message = format!("Query too complex - The answer has more than {RESOLVED_MAX} fields");
    Fault::input("TOO_COMPLEX_QUERY", message)
}

/// Numbers without a fraction are written without one, as JavaScript does.
fn whole(value: &mut JsonValue) {
    match value {
        JsonValue::Number(number) if number.is_f64() => {
            if let Json::Number(plain) = number.as_f64().map_or(Json::Null, number_json) {
                *number = plain;
            }
        }
        JsonValue::Array(list) => list.iter_mut().for_each(whole),
        JsonValue::Object(map) => map.values_mut().for_each(whole),
        _ => {}
    }
}

/// One request under way.
struct Run<'a, S> {
    api: &'a Api<S>,
    variables: &'a JsonMap,
    left: &'a Cell<u32>,
}

impl<S> Clone for Run<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Run<'_, S> {}

struct Object<'a, S: Source> {
    type_name: &'a str,
    node: S::Node,
    run: Run<'a, S>,
}

impl<S: Source> ObjectValue for Object<'_, S> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let fault = |fault: &Fault| FieldError { message: errors::packed(fault) };
        self.run.left.set(self.run.left.get().saturating_sub(1));
        if self.run.left.get() == 0 {
            return Err(fault(&exhausted()));
        }
        let field = info.field_selections().first().ok_or_else(|| fault(&Fault::internal("no selection")))?;
        let arguments = arguments(&self.run.api.schema, field, info.arguments(), self.run.variables);
        let (type_name, name) = (self.type_name, info.field_name());
        let asked = Asked { type_name, name, node: &self.node, arguments: &arguments };
        let outcome = self.run.api.source.resolve(asked).map_err(|e| fault(&e))?;
        Ok(self.run.value(outcome, &info.field_definition().ty))
    }
}

impl<'a, S: Source> Run<'a, S> {
    fn value(self, outcome: Outcome<S::Node>, ty: &'a ast::Type) -> ResolvedValue<'a> {
        let type_name = ty.inner_named_type().as_str();
        match outcome {
            Outcome::Null => ResolvedValue::null(),
            Outcome::Leaf(json) => self.leaf(json, ty),
            Outcome::Node(node) => ResolvedValue::object(Object { type_name, node, run: self }),
            Outcome::List(list) => {
                ResolvedValue::List(Box::new(list.into_iter().map(move |one| Ok(self.value(one, ty)))))
            }
        }
    }

    /// Gives JSON the form that its declared type wants: list, object or scalar.
    fn leaf(self, json: Json, ty: &'a ast::Type) -> ResolvedValue<'a> {
        match json {
            Json::Null => ResolvedValue::null(),
            Json::Array(list) if ty.is_list() => ResolvedValue::List(Box::new(
                list.into_iter().map(move |one| Ok(self.leaf(one, ty.item_type()))),
            )),
            json => {
                match (self.api.schema.types.get(ty.inner_named_type()), ty.inner_named_type().as_str()) {
                    (Some(ExtendedType::Object(_)), type_name) => {
                        let node = self.api.source.object(Arc::new(json));
                        ResolvedValue::object(Object { type_name, node, run: self })
                    }
                    // The library refuses a whole number where a Float is declared.
                    (_, "Float") => ResolvedValue::leaf(json.as_f64().map_or(json, Json::from)),
                    _ => ResolvedValue::leaf(json),
                }
            }
        }
    }
}
