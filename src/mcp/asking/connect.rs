//! Sending a caller to the page on which they store a key.

use super::{InputRequired, NoAnswer, Outcome, Replay};
use crate::seam::{CONNECT, Connect, Question};
use serde_json::Value;

impl Replay {
    /// The question that sends the caller to a page, again where the call has come back and there is still no key; none
    /// where they said that they will not go.
    ///
    /// # Errors
    /// They were sent too often in one call, or the answers so far are too long to keep.
    pub(in crate::mcp) fn connect(&self, connect: &Connect) -> Result<Option<InputRequired>, NoAnswer> {
        let said = self.given(CONNECT).and_then(|answer| answer.get("action")).and_then(Value::as_str);
        if matches!(said, Some("decline" | "cancel")) {
            return Ok(None);
        }
        let question = Question::Url { message: connect.message.clone(), url: connect.url.clone() };
        match self.also::<()>(CONNECT, question) {
            Outcome::Ask(input) => Ok(Some(input)),
            Outcome::Refused(refused) => Err(refused),
            Outcome::Done(()) | Outcome::Left => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mcp::asking::{Asking, Binding},
        seam::{CallerKeys, Principal, Sealer},
    };
    use serde_json::json;

    fn link(number: usize) -> Connect {
        let url = format!("https://mcp.example/connect?e={number}");
        Connect { id: number.to_string(), url, message: "Leave your key".into() }
    }

    fn came(asking: &Asking, responses: Option<Value>, state: Option<&str>) -> Result<Replay, NoAnswer> {
        let binding = Binding {
            principal: Principal::Anonymous,
            keys: CallerKeys::default(),
            method: "tools/call",
            name: "t".into(),
            arguments: "{}".into(),
        };
        asking.replay(binding, responses, state)
    }

    #[test]
    fn a_caller_is_sent_again_with_a_new_link_until_they_say_no_or_were_sent_too_often() {
        let asking = Asking::new(Sealer::default());
        let mut input = came(&asking, None, None).unwrap().connect(&link(0)).unwrap().unwrap();
        for number in 1..16 {
            let asked = &input.requests[CONNECT];
            assert_eq!(asked["method"], "elicitation/create");
            assert_eq!(
                asked["params"],
                json!({ "mode": "url", "message": "Leave your key", "url": link(number - 1).url })
            );
            for no in ["decline", "cancel"] {
                let answers = json!({ CONNECT: { "action": no } });
                let replay = came(&asking, Some(answers), Some(&input.state)).unwrap();
                assert!(replay.connect(&link(number)).unwrap().is_none(), "{no}");
            }
            // Who says that they went, and stored nothing, is asked again.
            let answers = json!({ CONNECT: { "action": "accept" } });
            let replay = came(&asking, Some(answers), Some(&input.state)).unwrap();
            input = replay.connect(&link(number)).unwrap().unwrap();
        }
        assert_eq!(came(&asking, None, Some(&input.state)).err(), Some(NoAnswer::Rounds));
    }
}
