//! Errors as GraphQL gives them out.

use apollo_compiler::{
    diagnostic::Diagnostic,
    parser::SourceMap,
    response::GraphQLError,
    validation::{DiagnosticData, DiagnosticList},
};
use serde_json::{Value as Json, json};

use crate::tools::twenty::sandbox::engine::fault::Fault;

use super::scalars::Unfit;

/// The document is no GraphQL.
pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document or its variables do not fit the schema.
pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";

// The library's field errors carry nothing but a message, so that the codes travel inside it.
const BETWEEN: char = '\u{1}';

/// An answer that is nothing but an error.
pub fn refusal(fault: &Fault) -> Json {
    json!({ "errors": [{ "message": fault.message, "extensions": extensions(fault.code, fault.sub_code, &fault.message) }] })
}

/// An answer that is nothing but errors of one code.
pub fn refused(code: &str, errors: Vec<GraphQLError>) -> Json {
    let errors = errors.into_iter().map(|mut error| {
        error.extensions.insert("code", code.into());
        json!(error)
    });
    json!({ "errors": errors.collect::<Vec<_>>() })
}

/// What the library found wrong with a document, in the words of graphql-js.
pub fn diagnostics(list: &DiagnosticList) -> Vec<GraphQLError> {
    let one = |diagnostic: Diagnostic<'_, DiagnosticData>| {
        let mut error = diagnostic.to_json();
        // Not part of the library's promise, which is why its version is pinned.
        if let Some(message) = diagnostic.error.unstable_compat_message() {
            error.message = message;
        }
        error
    };
    list.iter().map(one).collect()
}

/// Values that their scalars cannot hold.
pub fn unfit(sources: &SourceMap, unfit: Vec<Unfit>) -> Vec<GraphQLError> {
    unfit.into_iter().map(|one| GraphQLError::new(one.message, one.location, sources)).collect()
}

/// A fault as the message of a field error.
pub fn packed(fault: &Fault) -> String {
    format!("{}{BETWEEN}{}{BETWEEN}{}", fault.code, fault.sub_code, fault.message)
}

/// Gives a field error its codes back.
pub fn unpack(error: &mut GraphQLError) {
    let text = error.message.trim_start_matches("resolver error: ").to_owned();
    let mut parts = text.splitn(3, BETWEEN);
    let (code, sub_code, message) = match (parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(sub_code), Some(message)) => (code, sub_code, message),
        _ => ("INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR", text.as_str()),
    };
    error.message = message.to_owned();
    for (key, value) in [("code", code), ("subCode", sub_code), ("userFriendlyMessage", message)] {
        error.extensions.insert(key, value.into());
    }
}

fn extensions(code: &str, sub_code: &str, message: &str) -> Json {
    json!({ "code": code, "subCode": sub_code, "userFriendlyMessage": message })
}
