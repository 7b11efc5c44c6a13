//! A caller's own GraphQL, for what no other tool does.

use super::operation::{Kind, read};
use crate::{
    seam::{Access, Call, Effect, Tool, ToolError},
    tools::twenty::{
        api::{client::Operation, errors::ApiError},
        pack::{Graphql, Twenty},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest answer that is handed on, in bytes.
const ANSWER: usize = 1 << 20;

/// Run one GraphQL query on the records API, where no other tool will do.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunGraphql {
    document: String,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
}
crate::register!(RunGraphql);

/// The answer as Twenty gave it.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Answered {
    /// By the names of the root fields.
    data: Value,
}

impl Tool for RunGraphql {
    const NAME: &'static str = "run_graphql";
    // The strongest thing that an operator may let it do: whoever may only read does not get it.
    const EFFECT: Effect = Effect::Destroy;
    // It reaches what no other tool shows, also where it may only ask.
    const ACCESS: Access = Access::Admin;
    type Pack = Twenty;
    type Output = Answered;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Answered, ToolError> {
        let (kind, document) = read(&self.document)?;
        let variables = self.variables.unwrap_or_default();
        let records = twenty.records(&cx).await?;
        let sent = match (kind, twenty.graphql()) {
            (Kind::Query, _) => records.send(&cx, &Operation::query(document, variables)).await,
            (Kind::Mutation, Graphql::Mutations) => {
                let act = cx.commit().await?;
                records.send(&act, &Operation::mutation(document, variables)).await
            }
            (Kind::Mutation, Graphql::Queries) => {
                return Err(ToolError::denied("mutations are not let through here: only queries are")
                    .hint("use create_records, update_records and their like; the operator can set `tools.twenty.graphql`"));
            }
        };
        let data = sent.map_err(told)?;
        let length = data.to_string().len();
        if length > ANSWER {
            return Err(ToolError::limited(format_args!(
                "the answer has {length} bytes; at most {ANSWER} are handed on"
            ))
            .hint("ask for fewer fields, or for fewer records with `first`"));
        }
        Ok(Answered { data })
    }

    fn text(answer: &Answered) -> Option<String> {
        Some(answer.data.to_string())
    }
}

/// What is wrong with a document is its writer's to mend.
fn told(error: ApiError) -> ToolError {
    match error {
        ApiError::Stale(message) => {
            ToolError::input(format_args!("the workspace does not take the document: {message}"))
                .hint("get_object_schema tells an object's fields; an introspection query tells all")
        }
        error => error.into(),
    }
}
