//! What Twenty says went wrong, in our kinds (its `graphql-errors.util.ts`: `extensions.code`, `subCode`).

use crate::{seam::ToolError, tools::twenty::records::text::one_line};
use http::StatusCode;
use serde::Deserialize;

/// One request's failure.
#[derive(Debug)]
pub enum ApiError {
    /// The request does not fit the schema that the workspace has now.
    Stale(String),
    /// The workspace answers nothing for so long, where it said how long (seconds).
    Limited(Option<u64>),
    /// It was surely not processed and may be sent again.
    Unsent(ToolError),
    /// It may have been processed.
    Unsure(ToolError),
    /// It was judged and refused.
    Refused(ToolError),
    /// What is at the address is not Twenty, or may not be asked.
    Elsewhere(ToolError),
    /// Of several changes in one document some were made and some refused.
    Partly {
        /// The answer: null under each alias whose change was refused.
        data: Box<serde_json::Value>,
        /// Why the first of them was refused.
        error: Box<ToolError>,
    },
}

impl From<ApiError> for ToolError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Stale(message) => {
                Self::upstream(format_args!("the workspace did not accept the request: {message}"))
                    .hint("its schema may have changed just now: call again")
            }
            ApiError::Limited(wait) => {
                let seconds = wait.unwrap_or_default().max(60);
                let wait = if seconds == 60 { "a minute".to_owned() } else { format!("{seconds} seconds") };
                Self::limited("Twenty refuses further requests for now")
                    .hint(format_args!("wait {wait} and call again"))
                    .again_in(seconds)
            }
            ApiError::Unsent(error)
            | ApiError::Unsure(error)
            | ApiError::Refused(error)
            | ApiError::Elsewhere(error) => error,
            ApiError::Partly { error, .. } => *error,
        }
    }
}

/// A GraphQL error as Twenty writes it.
#[derive(Debug, Deserialize)]
pub struct GraphqlError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Extensions {
    code: String,
    sub_code: String,
    user_friendly_message: Option<serde_json::Value>,
}

impl GraphqlError {
    /// On one line, as it may repeat what people wrote.
    fn words(&self) -> String {
        let friendly = self.extensions.user_friendly_message.as_ref().and_then(serde_json::Value::as_str);
        one_line(friendly.filter(|text| !text.is_empty()).unwrap_or(&self.message))
    }

    /// Takes a secret out of what is told: whatever stands in front of Twenty may repeat a request's headers.
    pub(super) fn hide(&mut self, secret: &str) {
        let hide = |text: &mut String| {
            if !secret.is_empty() && text.contains(secret) {
                *text = text.replace(secret, "…");
            }
        };
        hide(&mut self.message);
        if let Some(serde_json::Value::String(text)) = &mut self.extensions.user_friendly_message {
            hide(text);
        }
        hide(&mut self.extensions.code);
    }

    fn is_limit(&self) -> bool {
        let said = self.message.to_lowercase();
        ["LIMIT_REACHED", "TOO_MANY_REQUESTS", "RATE_LIMITED"]
            .iter()
            .any(|code| self.extensions.code == *code || self.extensions.sub_code == *code)
            || said.contains("limit reached")
            || said.contains("too many requests")
    }
}

/// The kind of a failure that came as GraphQL errors.
#[must_use]
pub fn from_graphql(errors: &[GraphqlError], retry_after: Option<u64>) -> ApiError {
    let Some(error) = errors.first() else {
        return ApiError::Refused(ToolError::upstream("Twenty answered with an empty list of errors"));
    };
    if errors.iter().any(GraphqlError::is_limit) {
        return ApiError::Limited(retry_after);
    }
    let words = error.words();
    let sub_code = error.extensions.sub_code.as_str();
    ApiError::Refused(match error.extensions.code.as_str() {
        "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED" => {
            return ApiError::Stale(one_line(&error.message));
        }
        "UNAUTHENTICATED" => denied_key(),
        "FORBIDDEN" | "EMAIL_NOT_VERIFIED" => ToolError::denied(format_args!("Twenty forbids it: {words}"))
            .hint("the role of the API key must allow it (Twenty: Settings, Roles)"),
        "NOT_FOUND" => ToolError::not_found(words),
        "CONFLICT" => ToolError::conflict(words),
        "BAD_USER_INPUT" if sub_code.contains("DUPLICATE") => ToolError::conflict(words),
        "BAD_USER_INPUT" if sub_code.contains("CURSOR") => {
            ToolError::input("`cursor` is none that this list gave")
                .hint("give the cursor of the last answer as it stands, or none to begin")
        }
        "BAD_USER_INPUT" => ToolError::input(words),
        "TIMEOUT" | "INTERNAL_SERVER_ERROR" | "" => {
            ToolError::upstream(format_args!("Twenty failed: {words}"))
        }
        code => ToolError::upstream(format_args!("Twenty refused ({code}): {words}")),
    })
}

/// The kind of a failure that came as a status without GraphQL in it.
#[must_use]
pub fn from_status(status: StatusCode, retry_after: Option<u64>) -> ApiError {
    match status {
        StatusCode::TOO_MANY_REQUESTS => ApiError::Limited(retry_after),
        StatusCode::UNAUTHORIZED => ApiError::Refused(denied_key()),
        StatusCode::FORBIDDEN => ApiError::Refused(ToolError::denied("Twenty forbids it (403)")),
        // Whatever stands in front of Twenty says so, and may have handed the request on before.
        status if status.is_server_error() => ApiError::Unsure(ToolError::upstream(format_args!(
            "Twenty is not available ({})",
            status.as_u16()
        ))),
        status if status.is_redirection() => ApiError::Elsewhere(
            ToolError::upstream(format_args!(
                "the address redirects ({}), and a key is not sent on",
                status.as_u16()
            ))
            .hint("set `tools.twenty.base_url` to the address it redirects to"),
        ),
        status => ApiError::Elsewhere(
            ToolError::upstream(format_args!("no GraphQL is at this address (status {})", status.as_u16()))
                .hint("check `tools.twenty.base_url`"),
        ),
    }
}

fn denied_key() -> ToolError {
    ToolError::denied("Twenty does not accept the API key").hint(
        "make a new one in Twenty (Settings, API & Webhooks) and put it where this one comes from: \
         `tools.twenty.api_key`, TWENTY_API_KEY, the caller's header `X-Twenty-Api-Key`, or the keys that users store",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::ErrorKind;

    fn kind(json: serde_json::Value) -> ErrorKind {
        let errors: Vec<GraphqlError> = serde_json::from_value(json).unwrap();
        ToolError::from(from_graphql(&errors, None)).kind()
    }

    #[test]
    fn codes_become_kinds() {
        let of = |code: &str, sub: &str| {
            kind(serde_json::json!([{ "message": "m", "extensions": { "code": code, "subCode": sub } }]))
        };
        assert_eq!(of("NOT_FOUND", "RECORD_NOT_FOUND"), ErrorKind::NotFound);
        assert_eq!(of("BAD_USER_INPUT", "INVALID_QUERY_INPUT"), ErrorKind::Input);
        assert_eq!(of("BAD_USER_INPUT", "INVALID_CURSOR"), ErrorKind::Input);
        assert_eq!(of("BAD_USER_INPUT", "DUPLICATE_ENTRY_DETECTED"), ErrorKind::Conflict);
        assert_eq!(of("UNAUTHENTICATED", ""), ErrorKind::Denied);
        assert_eq!(of("FORBIDDEN", ""), ErrorKind::Denied);
        assert_eq!(of("BAD_USER_INPUT", "LIMIT_REACHED"), ErrorKind::Limited);
        assert_eq!(of("INTERNAL_SERVER_ERROR", ""), ErrorKind::Upstream);
        assert_eq!(kind(serde_json::json!([{ "message": "Limit reached" }])), ErrorKind::Limited);
    }
}
