//! Tools that ask the user or the client's model, of clients that are asked while the call waits.

use super::pack::Conformance;
use crate::seam::{Answer, Call, Contents, Form, Sampling, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

type Filled = Answer<Map<String, Value>>;

/// What came of a question, in the words that the suite looks for.
fn told(begin: &str, answer: &Filled) -> Contents {
    let (action, content) = match answer {
        Answer::Accepted(content) => ("accept", json!(content)),
        Answer::Declined => ("decline", json!({})),
        Answer::Cancelled => ("cancel", json!({})),
    };
    format!("{begin}: action={action}, content={content}").into()
}

/// Let the client's model answer.
#[derive(Deserialize, JsonSchema)]
pub struct AskModel {
    /// What the model is asked.
    prompt: String,
}
crate::register!(AskModel);

impl Tool for AskModel {
    const NAME: &'static str = "test_sampling";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let asked = Sampling::new(self.prompt).max_tokens(100);
        Ok(format!("LLM response: {}", cx.sample("answer", asked).await?.text).into())
    }
}

/// Who answers.
#[derive(Deserialize, JsonSchema)]
struct Person {
    /// User's response
    #[expect(dead_code, reason = "told as it was filled in")]
    username: String,
    /// User's email address
    #[expect(dead_code, reason = "told as it was filled in")]
    email: String,
}

/// Let the user fill in a form.
#[derive(Deserialize, JsonSchema)]
pub struct AskUser {
    /// What the user reads.
    message: String,
}
crate::register!(AskUser);

impl Tool for AskUser {
    const NAME: &'static str = "test_elicitation";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let answer: Filled = cx.elicit_form("user", self.message, Form::of::<Person>()?).await?;
        Ok(told("User response", &answer))
    }
}

/// Let the user fill in a form in which every kind of field has a default.
#[derive(Deserialize, JsonSchema)]
pub struct AskWithDefaults;
crate::register!(AskWithDefaults);

impl Tool for AskWithDefaults {
    const NAME: &'static str = "test_elicitation_sep1034_defaults";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let form = Form::raw(json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "User name", "default": "John Doe" },
                "age": { "type": "integer", "description": "User age", "default": 30 },
                "score": { "type": "number", "description": "User score", "default": 95.5 },
                "status": {
                    "type": "string", "description": "User status", "default": "active",
                    "enum": ["active", "inactive", "pending"],
                },
                "verified": { "type": "boolean", "description": "Verification status", "default": true },
            },
            "required": [],
        }))?;
        let answer: Filled =
            cx.elicit_form("defaults", "Please review and update the form fields", form).await?;
        Ok(told("Elicitation completed", &answer))
    }
}

/// Let the user fill in a form with choices of every kind.
#[derive(Deserialize, JsonSchema)]
pub struct AskWithEnums;
crate::register!(AskWithEnums);

impl Tool for AskWithEnums {
    const NAME: &'static str = "test_elicitation_sep1330_enums";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let named = |values: [&str; 3], titles: [&str; 3]| -> Vec<Value> {
            values
                .iter()
                .zip(titles)
                .map(|(value, title)| json!({ "const": value, "title": title }))
                .collect()
        };
        let (options, values) = (["option1", "option2", "option3"], ["value1", "value2", "value3"]);
        let form = Form::raw(json!({
            "type": "object",
            "properties": {
                "untitledSingle": { "type": "string", "enum": options },
                "titledSingle": {
                    "type": "string",
                    "oneOf": named(values, ["First Option", "Second Option", "Third Option"]),
                },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
                "titledMulti": {
                    "type": "array",
                    "items": { "anyOf": named(values, ["First Choice", "Second Choice", "Third Choice"]) },
                },
            },
            "required": [],
        }))?;
        let answer: Filled = cx.elicit_form("choices", "Please select options", form).await?;
        Ok(told("Elicitation completed", &answer))
    }
}
