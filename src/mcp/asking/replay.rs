//! Runs a call until it is done or cannot go on without an answer.

use super::{
    Asking, NoAnswer,
    binding::{Binding, digest},
    outcome::{InputRequired, Outcome},
    state::{State, now},
};
use crate::seam::{Halt, Question, TooLongToSeal, ToolError};
use futures_util::task::AtomicWaker;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    future::{pending, poll_fn},
    pin::Pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

/// One run of a call that asks by ending.
pub(in crate::mcp) struct Replay {
    asking: Asking,
    binding: Binding,
    state: State,
    given: Map<String, Value>,
    book: Mutex<Book>,
    waker: AtomicWaker,
    waits: AtomicBool,
    leaves: AtomicBool,
}

#[derive(Default)]
struct Book {
    /// The questions that have no answer.
    open: BTreeMap<String, Question>,
    /// Those whose answer was used without a proof that they were asked.
    unproved: BTreeMap<String, Question>,
    /// Whether any answer was used.
    used: bool,
    /// Why the answers cannot be used.
    refused: Option<NoAnswer>,
}

impl Replay {
    pub(super) fn new(asking: Asking, binding: Binding, state: State, given: Map<String, Value>) -> Self {
        let (book, waker) = (Mutex::default(), AtomicWaker::new());
        let (waits, leaves) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { asking, binding, state, given, book, waker, waits, leaves }
    }

    /// Runs the call until it is done, or stands still with a question open. It can be dropped then: nothing in it
    /// can take the stop for an error and go on.
    pub(in crate::mcp) async fn drive<F: Future + Unpin>(&self, run: &mut F) -> Outcome<F::Output> {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            match Pin::new(&mut *run).poll(cx) {
                Poll::Ready(done) => Poll::Ready(Outcome::Done(done)),
                Poll::Pending if self.waits.load(Ordering::Acquire) => Poll::Ready(self.asked()),
                Poll::Pending if self.leaves.swap(false, Ordering::AcqRel) => Poll::Ready(Outcome::Left),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// The answer to a question, or no end at all: whoever drives the call sees that it stands still.
    pub(super) async fn ask(&self, name: &str, question: Question) -> Result<Value, ToolError> {
        if let Some((answer, proved)) = self.answer(name, &question) {
            let mut book = self.book();
            book.used = true;
            if !proved {
                book.unproved.insert(name.to_owned(), question);
            }
            return Ok(answer);
        }
        self.book().open.insert(name.to_owned(), question);
        self.wait().await
    }

    /// The answer to exactly this question, and whether it is proved that it was asked.
    fn answer(&self, name: &str, question: &Question) -> Option<(Value, bool)> {
        let asked = digest(question);
        if let Some((of, answer)) = self.state.answers.get(name) {
            return (*of == asked && question.accepts(answer)).then(|| (answer.clone(), true));
        }
        let answer = self.given.get(name).filter(|answer| question.accepts(answer))?;
        match self.state.open.get(name) {
            Some(open) => (*open == asked).then(|| (answer.clone(), true)),
            None => Some((answer.clone(), false)),
        }
    }

    /// Holds the call where it is until every answer that it used was given to a question of ours, and lets these
    /// answers lead to an effect once.
    pub(super) async fn commit(&self) {
        let may = {
            let mut book = self.book();
            let unproved = std::mem::take(&mut book.unproved);
            book.open.extend(unproved);
            if book.open.is_empty() && book.used {
                let (state, spent) = (&self.state, &self.asking.0.spent);
                book.refused = spent.spend(&state.nonce, state.until, now()).err();
            }
            book.open.is_empty() && book.refused.is_none()
        };
        if !may {
            self.wait().await
        }
    }

    /// Lets whoever drives the call leave it where it stands, to be driven on by somebody else.
    pub(in crate::mcp) async fn leave(&self) {
        self.leaves.store(true, Ordering::Release);
        self.waker.wake();
        tokio::task::yield_now().await;
    }

    /// Why the call was given up, if it was.
    pub(super) fn halt(&self) -> Option<Halt> {
        let refused = self.book().refused.is_some();
        self.waits.load(Ordering::Acquire).then_some(if refused { Halt::Refused } else { Halt::Asking })
    }

    /// What came under this name.
    pub(super) fn given(&self, name: &str) -> Option<&Value> {
        self.given.get(name)
    }

    /// Ends a call with one more question, of ours.
    pub(super) fn also<T>(&self, name: &str, question: Question) -> Outcome<T> {
        self.book().open.insert(name.to_owned(), question);
        self.asked()
    }

    async fn wait<T>(&self) -> T {
        self.waits.store(true, Ordering::Release);
        self.waker.wake();
        pending().await
    }

    fn asked<T>(&self) -> Outcome<T> {
        let book = self.book();
        if let Some(refused) = book.refused {
            return Outcome::Refused(refused);
        }
        let mut answers = self.state.answers.clone();
        for (name, digest) in &self.state.open {
            if let Some(answer) = self.given.get(name) {
                answers.insert(name.clone(), (digest.clone(), answer.clone()));
            }
        }
        answers.retain(|name, _| !book.open.contains_key(name));
        let open = book.open.iter().map(|(name, question)| (name.clone(), digest(question)));
        let state = self.state.next(answers, open.collect());
        let requests = book.open.iter().map(|(name, question)| {
            (name.clone(), json!({ "method": question.method(), "params": question.params() }))
        });
        match state.seal(&self.asking.0.sealer, &self.binding) {
            Ok(state) => Outcome::Ask(InputRequired { requests: requests.collect(), state }),
            Err(TooLongToSeal) => Outcome::Refused(NoAnswer::TooLong),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::asking::Replayed;
    use crate::seam::{Call, CallerKeys, Capabilities, Common, NoCredentials, Principal, Sealer, Silent};
    use serde::Deserialize;
    use std::{
        pin::pin,
        sync::{Arc, atomic::AtomicU32},
        time::{Duration, SystemTime},
    };

    #[derive(Debug, Deserialize, schemars::JsonSchema)]
    struct Sure {
        yes: bool,
    }

    /// A caller who brings back what it was asked, with its answers.
    struct Client {
        asking: Asking,
        state: Option<String>,
        responses: Option<Value>,
        effects: AtomicU32,
    }

    impl Client {
        fn new() -> Self {
            let asking = Asking::new(Sealer::default());
            Self { asking, state: None, responses: None, effects: AtomicU32::new(0) }
        }

        /// One request; what is asked is kept for the next one.
        async fn call<T>(
            &mut self,
            tool: impl AsyncFnOnce(Call, &AtomicU32) -> Result<T, ToolError>,
        ) -> Outcome<T> {
            let binding = Binding {
                principal: Principal::Local,
                keys: CallerKeys::default(),
                method: "tools/call",
                name: "t".into(),
                arguments: String::new(),
            };
            let replay = self.asking.replay(binding, self.responses.take(), self.state.as_deref());
            let replay = match replay {
                Ok(replay) => Arc::new(replay),
                Err(refused) => return Outcome::Refused(refused),
            };
            let (caller, minute) = (Replayed(replay.clone(), Arc::new(Silent)), Duration::from_secs(60));
            let mut common = Common::new(Principal::Local, minute, Arc::new(caller), Arc::new(NoCredentials));
            common.capabilities =
                Capabilities { form: true, url: true, sampling: true, roots: true, tasks: false };
            let mut run = pin!(tool(Call::new(Arc::new(common)), &self.effects));
            match replay.drive(&mut run).await {
                Outcome::Done(Ok(done)) => Outcome::Done(done),
                Outcome::Done(Err(error)) => panic!("{error}"),
                Outcome::Ask(input) => {
                    self.state = Some(input.state.clone());
                    Outcome::Ask(input)
                }
                Outcome::Refused(refused) => Outcome::Refused(refused),
                Outcome::Left => Outcome::Left,
            }
        }

        fn answer(&mut self, responses: Value) {
            self.responses = Some(responses);
        }
    }

    fn names<T>(outcome: &Outcome<T>) -> Vec<&str> {
        let Outcome::Ask(input) = outcome else { panic!("nothing was asked") };
        input.requests.keys().map(String::as_str).collect()
    }

    fn yes() -> Value {
        json!({ "action": "accept", "content": { "yes": true } })
    }

    async fn deletes(cx: Call, effects: &AtomicU32) -> Result<bool, ToolError> {
        let sure: Sure = cx.elicit("sure", "Delete 3 people?").await?.accepted()?;
        let _act = cx.commit().await?;
        effects.fetch_add(1, Ordering::Relaxed);
        Ok(sure.yes)
    }

    #[tokio::test]
    async fn a_question_is_asked_and_its_answer_leads_to_one_effect() {
        let mut client = Client::new();
        let Outcome::Ask(input) = client.call(deletes).await else { panic!("nothing was asked") };
        assert_eq!(input.requests["sure"]["method"], "elicitation/create");
        assert_eq!(input.requests["sure"]["params"]["message"], "Delete 3 people?");
        assert_eq!(input.requests["sure"]["params"]["requestedSchema"]["required"], json!(["yes"]));
        client.answer(json!({ "sure": yes(), "else": 5 }));
        assert!(matches!(client.call(deletes).await, Outcome::Done(true)));
        client.answer(json!({ "sure": yes() }));
        assert!(matches!(client.call(deletes).await, Outcome::Refused(NoAnswer::Used)));
        assert_eq!(client.effects.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_is_no_answer_is_asked_again() {
        for wrong in [
            json!({}),
            json!({ "other": yes() }),
            json!({ "sure": 12345 }),
            json!({ "sure": { "action": "accept", "content": { "yes": "true" } } }),
        ] {
            let mut client = Client::new();
            names(&client.call(deletes).await);
            client.answer(wrong);
            assert_eq!(names(&client.call(deletes).await), ["sure"]);
            client.answer(json!({ "sure": yes() }));
            assert!(matches!(client.call(deletes).await, Outcome::Done(true)));
        }
        let mut client = Client::new();
        client.answer(json!([]));
        assert!(matches!(client.call(deletes).await, Outcome::Refused(NoAnswer::Shape)));
    }

    #[tokio::test]
    async fn an_answer_that_nobody_asked_for_serves_those_who_read_and_leads_to_no_effect() {
        let mut client = Client::new();
        client.answer(json!({ "sure": yes() }));
        assert_eq!(names(&client.call(deletes).await), ["sure"]);
        assert_eq!(client.effects.load(Ordering::Relaxed), 0);
        client.answer(json!({ "sure": yes() }));
        assert!(matches!(client.call(deletes).await, Outcome::Done(true)));

        let reads = async |cx: Call, _: &AtomicU32| {
            let sure: Sure = cx.elicit("sure", "Read?").await?.accepted()?;
            Ok(sure.yes)
        };
        let mut client = Client::new();
        client.answer(json!({ "sure": yes() }));
        assert!(matches!(client.call(reads).await, Outcome::Done(true)));
    }

    #[tokio::test]
    async fn a_yes_to_one_question_is_none_to_another() {
        let ask = async |text: &'static str, cx: Call| {
            let sure: Sure = cx.elicit("sure", text).await?.accepted()?;
            cx.commit().await.map(|_| sure.yes)
        };
        let mut client = Client::new();
        names(&client.call(async |cx, _| ask("Delete 3 people?", cx).await).await);
        client.answer(json!({ "sure": yes() }));
        let again = client.call(async |cx, _| ask("Delete 5 people?", cx).await).await;
        assert_eq!(names(&again), ["sure"]);
        client.answer(json!({ "sure": yes() }));
        assert!(matches!(
            client.call(async |cx, _| ask("Delete 5 people?", cx).await).await,
            Outcome::Done(true)
        ));
    }

    #[tokio::test]
    async fn several_at_once_are_one_round_and_one_after_the_other_are_two() {
        let tool = async |cx: Call, _: &AtomicU32| {
            let first = cx.elicit::<Sure>("first", "First?");
            let (_, said, roots) = tokio::try_join!(first, cx.sample("hello", "Greet"), cx.roots("where"))?;
            let last: Sure = cx.elicit("last", format!("Last, after {}?", said.text)).await?.accepted()?;
            Ok((roots.len(), last.yes))
        };
        let mut client = Client::new();
        assert_eq!(names(&client.call(tool).await), ["first", "hello", "where"]);
        let said = json!({ "role": "assistant", "content": { "type": "text", "text": "Hi" }, "model": "m" });
        client.answer(json!({ "first": yes(), "hello": said }));
        assert_eq!(names(&client.call(tool).await), ["where"], "answers are kept");
        client.answer(json!({ "where": { "roots": [{ "uri": "file:///a", "name": "A" }] } }));
        let asked = client.call(tool).await;
        assert_eq!(names(&asked), ["last"]);
        client.answer(json!({ "last": yes() }));
        assert!(matches!(client.call(tool).await, Outcome::Done((1, true))));
    }

    #[tokio::test]
    async fn no_tool_takes_the_stop_for_an_error_and_goes_on() {
        let careless = async |cx: Call, effects: &AtomicU32| {
            let sure = cx.elicit::<Sure>("sure", "Sure?").await.ok().and_then(|answer| answer.ok());
            let soon = Duration::from_millis(20);
            let _ = tokio::time::timeout(soon, cx.elicit::<Sure>("soon", "Soon?")).await;
            let _act = cx.commit().await?;
            effects.fetch_add(1, Ordering::Relaxed);
            Ok(sure.is_some())
        };
        let mut client = Client::new();
        assert_eq!(names(&client.call(careless).await), ["sure"]);
        client.answer(json!({ "sure": yes() }));
        assert_eq!(names(&client.call(careless).await), ["soon"]);
        assert_eq!(client.effects.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_question_that_is_never_twice_the_same_ends_after_some_rounds() {
        let restless = async |cx: Call, _: &AtomicU32| {
            let now = SystemTime::now();
            cx.elicit::<Sure>("sure", format!("It is {now:?}, sure?")).await?.accepted()
        };
        let mut client = Client::new();
        for _ in 0..16 {
            assert_eq!(names(&client.call(restless).await), ["sure"]);
            client.answer(json!({ "sure": yes() }));
        }
        assert!(matches!(client.call(restless).await, Outcome::Refused(NoAnswer::Rounds)));
    }

    #[tokio::test]
    async fn answers_that_are_too_long_to_keep_end_the_call() {
        let tool = async |cx: Call, _: &AtomicU32| {
            let said = cx.sample("long", "Write").await?;
            cx.elicit::<Sure>("sure", "Sure?").await?.accepted().map(|_| said.text.len())
        };
        let mut client = Client::new();
        names(&client.call(tool).await);
        let content = json!({ "type": "text", "text": "a".repeat(60_000) });
        client.answer(json!({ "long": { "role": "assistant", "content": content } }));
        assert!(matches!(client.call(tool).await, Outcome::Refused(NoAnswer::TooLong)));
    }
}
