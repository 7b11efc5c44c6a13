//! Asking on the way: the user, the client's model, the client.

use super::{Call, Choice, Common, Form, Question, Root, Sampled, Sampling, ToolError};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::PoisonError, time::Duration};

/// The most questions of one call.
const MOST: usize = 16;
/// The longest name of a question, in bytes.
const LONGEST: usize = 64;
/// How long a call waits for one answer. A session that says nothing for five minutes is closed.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(240);
/// The question of the registry itself, a name that no tool can use.
const APPROVAL: &str = "twenty-mcp/approve";
/// The beginning of the names of its other questions.
const CHOICE: &str = "twenty-mcp/choose.";

/// What came of a question to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// They answered.
    Accepted(T),
    /// They said no.
    Declined,
    /// They turned away without an answer.
    Cancelled,
}

impl<T> Answer<T> {
    /// The answer, for calls that make no sense without it.
    ///
    /// # Errors
    /// The user declined or turned away.
    pub fn accepted(self) -> Result<T, ToolError> {
        let what = match self {
            Self::Accepted(answer) => return Ok(answer),
            Self::Declined => "the user declined",
            Self::Cancelled => "the user did not answer",
        };
        Err(ToolError::denied(what).hint("nothing was done; do not ask again unless the user wants it"))
    }

    /// The answer, if there is one.
    pub fn ok(self) -> Option<T> {
        match self {
            Self::Accepted(answer) => Some(answer),
            Self::Declined | Self::Cancelled => None,
        }
    }

    fn try_map<U>(self, read: impl FnOnce(T) -> Result<U, ToolError>) -> Result<Answer<U>, ToolError> {
        Ok(match self {
            Self::Accepted(answer) => Answer::Accepted(read(answer)?),
            Self::Declined => Answer::Declined,
            Self::Cancelled => Answer::Cancelled,
        })
    }
}

impl Call {
    /// Asks the user to fill in a form that follows from the answer's type (see [`Form::of`]).
    ///
    /// Callers without a session are asked by replay: the call ends with its questions, and comes again with the
    /// answers. So everything before a question runs again, and a question's `name` and text must be the same then:
    /// no clock and nothing random in them.
    ///
    /// ```
    /// # use twenty_mcp::seam::{Act, Call, ToolError};
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Sure {
    ///     /// Delete them
    ///     #[serde(default)]
    ///     yes: bool,
    /// }
    ///
    /// async fn ask(cx: Call) -> Result<Act, ToolError> {
    ///     let sure: Sure = cx.elicit("sure", "Delete 3 people?").await?.accepted()?;
    ///     if sure.yes { cx.commit().await } else { Err(ToolError::denied("the user said no")) }
    /// }
    /// ```
    ///
    /// # Errors
    /// The client cannot show forms, the name was asked before in this call, or the answer's type makes no form.
    pub async fn elicit<T: DeserializeOwned + JsonSchema>(
        &self,
        name: &str,
        message: impl Into<String>,
    ) -> Result<Answer<T>, ToolError> {
        self.elicit_form(name, message, Form::of::<T>()?).await
    }

    /// Asks the user to fill in a form that is made on the way.
    ///
    /// # Errors
    /// As for [`Call::elicit`]; also, what was filled in cannot be read into `T`.
    pub async fn elicit_form<T: DeserializeOwned>(
        &self,
        name: &str,
        message: impl Into<String>,
        form: Form,
    ) -> Result<Answer<T>, ToolError> {
        let question = Question::Form { message: message.into(), form: form.clone() };
        let answer = self.ask(own(name)?, question).await?;
        filled(&answer, &form).try_map(|filled| {
            serde_json::from_value(Value::Object(filled)).map_err(|error| {
                ToolError::input(format_args!("the answer to `{name}` does not fit: {error}"))
            })
        })
    }

    /// Sends the user to a web page, for what must not go through the client: a sign-in, a key. An answer says that
    /// they went, not what came of it.
    ///
    /// # Errors
    /// As for [`Call::elicit`].
    pub async fn elicit_url(
        &self,
        name: &str,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Answer<()>, ToolError> {
        let question = Question::Url { message: message.into(), url: url.into() };
        Ok(action(&self.ask(own(name)?, question).await?))
    }

    /// Lets the client's model write a text; its user may see it first.
    ///
    /// # Errors
    /// The client lends its model to nobody, its user refused, or the name was asked before in this call.
    pub async fn sample(&self, name: &str, prompt: impl Into<Sampling>) -> Result<Sampled, ToolError> {
        let question = Question::Sample(prompt.into().params());
        Ok(Sampled::read(&self.ask(own(name)?, question).await?))
    }

    /// The folders that the client works in.
    ///
    /// # Errors
    /// The client tells nobody, or the name was asked before in this call.
    pub async fn roots(&self, name: &str) -> Result<Vec<Root>, ToolError> {
        let answer = self.ask(own(name)?, Question::Roots).await?;
        let roots = answer.get("roots").cloned().unwrap_or_default();
        serde_json::from_value(roots)
            .map_err(|error| ToolError::input(format_args!("the client's folders cannot be read: {error}")))
    }

    /// Asks the user whether the call may do what it is about to do.
    pub(super) async fn approve(&self, message: &str) -> Result<(), ToolError> {
        let field = json!({ "type": "boolean", "title": "Allow it" });
        let form = Form::raw(json!({
            "type": "object", "properties": { "allow": field }, "required": ["allow"],
        }))?;
        let question = Question::Form { message: message.to_owned(), form: form.clone() };
        let allowed = filled(&self.ask(APPROVAL, question).await?, &form).ok();
        match allowed.is_some_and(|filled| filled.get("allow") == Some(&json!(true))) {
            true => Ok(()),
            false => {
                Err(ToolError::denied("the user did not allow it").hint("nothing was done; do not repeat it"))
            }
        }
    }

    /// Lets the user choose what an argument means; the tool can be run again when they did.
    pub(crate) async fn choose(&self, number: usize, choice: &Choice) -> bool {
        let form = Form::one_of("which", "Which one is meant", choice.options.iter().cloned());
        let question = Question::Form { message: choice.message.clone(), form: form.clone() };
        let answer = self.ask(&format!("{CHOICE}{number}"), question).await;
        let chosen = answer.ok().and_then(|answer| filled(&answer, &form).ok());
        let chosen = chosen.and_then(|filled| filled.get("which")?.as_str().map(str::to_owned));
        let Some(chosen) = chosen else { return false };
        self.made.note(&choice.key, chosen);
        // The tool asks what it asked before, and gets the answers that it got.
        self.asked.forget();
        true
    }

    async fn ask(&self, name: &str, question: Question) -> Result<Value, ToolError> {
        let common: &Common = self;
        if let Some(missing) = question.missing(common.capabilities) {
            let needs = question.needs();
            return Err(ToolError::requires(
                missing,
                format_args!("the client must be able to {needs}, and cannot"),
            ));
        }
        common.asked.note(name)?;
        let _clock = common.deadline.pause(ANSWER_WITHIN);
        common.caller.ask(name, question).await
    }
}

/// The names that a call has asked under.
#[derive(Default)]
pub(super) struct Asked(std::sync::Mutex<BTreeSet<String>>);

impl Asked {
    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn note(&self, name: &str) -> Result<(), ToolError> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST {
            return Err(ToolError::internal(format_args!(
                "the tool asks more than {MOST} questions in one call"
            )));
        }
        match names.insert(name.to_owned()) {
            true => Ok(()),
            false => Err(ToolError::internal(format_args!("the tool asks `{name}` twice in one call"))),
        }
    }
}

/// A name that a tool may use.
fn own(name: &str) -> Result<&str, ToolError> {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match !name.is_empty() && name.len() <= LONGEST && name.chars().all(letter) {
        true => Ok(name),
        false => Err(ToolError::internal(format_args!(
            "`{name}` is no name of a question: letters, digits, `_`, `-` and `.`, at most {LONGEST} of them"
        ))),
    }
}

fn action(answer: &Value) -> Answer<()> {
    match answer.get("action").and_then(Value::as_str) {
        Some("accept") => Answer::Accepted(()),
        Some("decline") => Answer::Declined,
        _ => Answer::Cancelled,
    }
}

fn filled(answer: &Value, form: &Form) -> Answer<Map<String, Value>> {
    let content = answer.get("content").cloned().unwrap_or_default();
    match action(answer) {
        Answer::Accepted(()) => Answer::Accepted(form.filled(&content)),
        Answer::Declined => Answer::Declined,
        Answer::Cancelled => Answer::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{BoxFuture, Caller, Capabilities, ErrorKind, NoCredentials, Principal, Silent};
    use serde::Deserialize;
    use std::sync::Arc;

    /// A caller who gives every question the same answer.
    struct Says(Value);

    impl Caller for Says {
        fn ask<'a>(&'a self, _: &'a str, _: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
            Box::pin(async { Ok(self.0.clone()) })
        }

        fn notify<'a>(&'a self, _: &'static str, _: Value) -> BoxFuture<'a, ()> {
            Box::pin(async {})
        }
    }

    fn call(caller: impl Caller + 'static, approval: Option<&str>) -> Call {
        let second = Duration::from_secs(1);
        let mut common = Common::new(Principal::Local, second, Arc::new(caller), Arc::new(NoCredentials));
        common.capabilities =
            Capabilities { form: true, url: true, sampling: true, roots: true, tasks: false };
        common.approval = approval.map(str::to_owned);
        Call::new(Arc::new(common))
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Seats {
        /// How many
        seats: u8,
    }

    #[tokio::test]
    async fn an_answer_is_the_form_read_or_a_refusal() {
        let answered = json!({ "action": "accept", "content": { "seats": 3.0, "hidden": true } });
        let answer = call(Says(answered), None).elicit::<Seats>("seats", "How many?").await.unwrap();
        assert_eq!(answer.accepted().unwrap(), Seats { seats: 3 });
        for (action, answer) in [("decline", Answer::Declined), ("cancel", Answer::Cancelled)] {
            let said =
                call(Says(json!({ "action": action })), None).elicit::<Seats>("seats", "?").await.unwrap();
            assert_eq!(said, answer);
            assert_eq!(said.accepted().unwrap_err().kind(), ErrorKind::Denied);
        }
        let url = call(Says(json!({ "action": "accept" })), None);
        assert_eq!(url.elicit_url("go", "Sign in", "https://a.example").await.unwrap(), Answer::Accepted(()));
    }

    #[tokio::test]
    async fn what_a_model_wrote_is_one_text() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let one = json!({ "role": "assistant", "content": text("a"), "model": "m", "stopReason": "endTurn" });
        let said = call(Says(one), None).sample("s", "Write").await.unwrap();
        assert_eq!((said.text.as_str(), said.model.as_deref()), ("a", Some("m")));
        let several = json!({ "role": "assistant", "content": [text("a"), { "type": "image" }, text("b")] });
        assert_eq!(call(Says(several), None).sample("s", String::from("Write")).await.unwrap().text, "a\nb");
    }

    #[tokio::test]
    async fn questions_have_names_of_their_own() {
        let cx = call(Says(json!({ "roots": [] })), None);
        assert_eq!(cx.roots("where").await.unwrap(), []);
        assert!(cx.roots("where").await.unwrap_err().message().contains("`where` twice"));
        for name in ["", "a b", APPROVAL, &"a".repeat(65)] {
            assert!(cx.roots(name).await.unwrap_err().message().contains("no name of a question"), "{name}");
        }
        for at in 1..MOST {
            cx.roots(&format!("where{at}")).await.unwrap();
        }
        assert!(cx.roots("more").await.unwrap_err().message().contains("more than 16"));
    }

    #[tokio::test]
    async fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
        let second = Duration::from_secs(1);
        let common = Common::new(Principal::Local, second, Arc::new(Silent), Arc::new(NoCredentials));
        let error = Call::new(Arc::new(common)).elicit::<Seats>("seats", "How many?").await.unwrap_err();
        assert_eq!(error.required_capabilities(), Some(&json!({ "elicitation": {} })));
        assert!(error.message().contains("show a form to its user, and cannot"), "{error}");
        assert!(call(Silent, None).roots("where").await.unwrap_err().message().contains("nobody here"));
    }

    #[tokio::test]
    async fn a_call_that_needs_approval_commits_with_it_alone() {
        let accept = |allow: bool| json!({ "action": "accept", "content": { "allow": allow } });
        assert!(call(Says(accept(true)), Some("Destroy it?")).commit().await.is_ok());
        for answer in [accept(false), json!({ "action": "decline" }), json!({ "action": "cancel" })] {
            let error = call(Says(answer), Some("Destroy it?")).commit().await.err().unwrap();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Denied, "the user did not allow it"));
        }
    }
}
