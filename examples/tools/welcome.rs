//! The smallest prompt: copy this file to begin your own.
use crate::seam::{Call, Messages, Prompt, ToolError};

/// Welcome somebody who is new.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Welcome {
    /// Who is new.
    name: String,
    /// What they will work on.
    team: Option<String>,
}
crate::register!(prompt Welcome);

impl Prompt for Welcome {
    const NAME: &'static str = "welcome";
    type Pack = ();

    async fn get(self, (): &(), _: Call) -> Result<Messages, ToolError> {
        let team = self.team.map(|team| format!(" of team {team}")).unwrap_or_default();
        let asked = format!("Write a short welcome for {}, a new member{team}.", self.name);
        Ok(Messages::new().user(asked))
    }
}
