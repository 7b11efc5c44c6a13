//! The stages of the pipeline.

use super::begin::beginning;
use crate::{
    seam::{Arguments, Call, Completed, Completion, ToolError},
    tools::twenty::pack::Twenty,
};

/// Completes the stages of deals.
pub struct Stages;
crate::register!(completion Stages);

impl Completion for Stages {
    const OF: &'static [Completed] = &[Completed::prompt("pipeline_review", "stage")];
    type Pack = Twenty;

    async fn complete(
        typed: &str,
        _: &Arguments,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<Vec<String>, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let options = workspace.object("opportunity")?.field("stage").map(|field| field.options.as_slice());
        let options = options.unwrap_or_default().iter();
        Ok(beginning(typed, options.map(|option| (option.value.as_str(), option.label.as_str()))))
    }
}
