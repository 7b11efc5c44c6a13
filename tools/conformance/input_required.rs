//! Tools and a prompt that ask, of clients that make the call again with the answers.

use super::{
    forms::{Background, Coloured, Confirmed, Named},
    pack::Conformance,
};
use crate::seam::{Call, Contents, Messages, Prompt, Sampling, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::try_join;

/// Ask the user for a name.
#[derive(Deserialize, JsonSchema)]
pub struct AskName;
crate::register!(AskName);

impl Tool for AskName {
    const NAME: &'static str = "test_input_required_result_elicitation";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let named: Named = cx.elicit("user_name", "What is your name?").await?.accepted()?;
        Ok(format!("Hello, {}!", named.name).into())
    }
}

/// Ask the client's model for a capital.
#[derive(Deserialize, JsonSchema)]
pub struct AskCapital;
crate::register!(AskCapital);

impl Tool for AskCapital {
    const NAME: &'static str = "test_input_required_result_sampling";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let asked = Sampling::new("What is the capital of France?").max_tokens(100);
        Ok(cx.sample("capital_question", asked).await?.text.into())
    }
}

/// Ask the client for its folders.
#[derive(Deserialize, JsonSchema)]
pub struct AskRoots;
crate::register!(AskRoots);

impl Tool for AskRoots {
    const NAME: &'static str = "test_input_required_result_list_roots";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let roots = cx.roots("client_roots").await?;
        let roots: Vec<String> = roots.into_iter().map(|root| root.uri).collect();
        Ok(format!("The client has {} roots: {}", roots.len(), roots.join(", ")).into())
    }
}

/// Ask the user to confirm, and rely on what the client carries back.
#[derive(Deserialize, JsonSchema)]
pub struct AskConfirmed;
crate::register!(AskConfirmed);

impl Tool for AskConfirmed {
    const NAME: &'static str = "test_input_required_result_request_state";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let confirmed: Confirmed = cx.elicit("confirm", "Please confirm").await?.accepted()?;
        Ok(format!("state-ok: {}", confirmed.ok).into())
    }
}

/// Ask the user, the client's model and the client at once.
#[derive(Deserialize, JsonSchema)]
pub struct AskThree;
crate::register!(AskThree);

impl Tool for AskThree {
    const NAME: &'static str = "test_input_required_result_multiple_inputs";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let named = cx.elicit::<Named>("user_name", "What is your name?");
        let greeting = cx.sample("greeting", Sampling::new("Generate a greeting").max_tokens(50));
        let (named, greeting, roots) = try_join!(named, greeting, cx.roots("client_roots"))?;
        let name = named.accepted()?.name;
        Ok(format!("{} {name} has {} roots.", greeting.text, roots.len()).into())
    }
}

/// Ask the user one thing after the other.
#[derive(Deserialize, JsonSchema)]
pub struct AskTwice;
crate::register!(AskTwice);

impl Tool for AskTwice {
    const NAME: &'static str = "test_input_required_result_multi_round";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let Named { name } = cx.elicit("step1", "Step 1: What is your name?").await?.accepted()?;
        let Coloured { color } =
            cx.elicit("step2", "Step 2: What is your favorite color?").await?.accepted()?;
        Ok(format!("{name} likes {color}.").into())
    }
}

/// Ask the user to confirm, and refuse what the client changed.
#[derive(Deserialize, JsonSchema)]
pub struct AskTampered;
crate::register!(AskTampered);

impl Tool for AskTampered {
    const NAME: &'static str = "test_input_required_result_tampered_state";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let confirmed: Confirmed = cx.elicit("confirm", "Please confirm").await?.accepted()?;
        Ok(format!("Confirmed: {}", confirmed.ok).into())
    }
}

/// Ask only what the client can answer.
#[derive(Deserialize, JsonSchema)]
pub struct AskWhatCan;
crate::register!(AskWhatCan);

impl Tool for AskWhatCan {
    const NAME: &'static str = "test_input_required_result_capabilities";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let mut heard = Vec::new();
        if cx.capabilities.sampling {
            let asked = Sampling::new("What is the capital of France?").max_tokens(100);
            heard.push(cx.sample("capital_question", asked).await?.text);
        }
        if cx.capabilities.form {
            heard.push(cx.elicit::<Named>("user_name", "What is your name?").await?.accepted()?.name);
        }
        Ok(heard.join(", ").into())
    }
}

/// Write with the background that the user tells.
#[derive(Deserialize, JsonSchema)]
pub struct AskBackground;
crate::register!(prompt AskBackground);

impl Prompt for AskBackground {
    const NAME: &'static str = "test_input_required_result_prompt";
    type Pack = Conformance;

    async fn get(self, _: &Conformance, cx: Call) -> Result<Messages, ToolError> {
        let told = cx.elicit("user_context", "What context should the prompt use?").await?;
        let Background { context } = told.accepted()?;
        Ok(Messages::new().user(format!("Prompt with context: {context}")))
    }
}
