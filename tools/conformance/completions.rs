//! Proposals for the arguments of a prompt.

use super::pack::Conformance;
use crate::seam::{Arguments, Call, Completed, Completion, ToolError};

const PROPOSED: [&str; 3] = ["test", "test-value", "testing"];

/// Completes what a prompt says.
pub struct Proposals;
crate::register!(completion Proposals);

impl Completion for Proposals {
    const OF: &'static [Completed] = &[
        Completed::prompt("test_prompt_with_arguments", "arg1"),
        Completed::prompt("test_prompt_with_arguments", "arg2"),
    ];
    type Pack = Conformance;

    async fn complete(
        typed: &str,
        _: &Arguments,
        _: &Conformance,
        _: Call,
    ) -> Result<Vec<String>, ToolError> {
        let fits = PROPOSED.into_iter().filter(|proposed| proposed.starts_with(typed));
        Ok(fits.map(str::to_owned).collect())
    }
}
