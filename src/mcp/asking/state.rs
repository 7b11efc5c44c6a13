//! What a caller is given to bring back: the questions that are open and the answers so far, sealed.

use super::{NoAnswer, binding::Binding};
use crate::seam::{Sealer, TooLongToSeal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

const PURPOSE: &str = "mcp/asking";
/// How long there is to answer.
const LIVES: Duration = Duration::from_secs(600);
/// The most times that one call may end with questions.
const ROUNDS: u8 = 16;

/// The state of a call that has asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// When it opens no more, in seconds since 1970.
    #[serde(rename = "x")]
    pub(super) until: u64,
    /// One for all rounds of a call; empty before its first question.
    #[serde(rename = "n")]
    pub(super) nonce: String,
    /// How often the call has ended with questions.
    #[serde(rename = "r")]
    rounds: u8,
    /// The answers of earlier rounds by name, each with the digest of its question.
    #[serde(rename = "a")]
    pub(super) answers: BTreeMap<String, (String, Value)>,
    /// The digests of the questions that are open, by name.
    #[serde(rename = "o")]
    pub(super) open: BTreeMap<String, String>,
}

impl State {
    /// The state in a text that was sealed for this request.
    pub(super) fn open(sealer: &Sealer, binding: &Binding, text: &str) -> Result<Self, NoAnswer> {
        let plain = sealer.open(PURPOSE, &binding.digest(), text).map_err(|_| NoAnswer::State)?;
        let state: Self = serde_json::from_slice(&plain).map_err(|_| NoAnswer::State)?;
        if state.until <= now() {
            return Err(NoAnswer::State);
        }
        if state.rounds >= ROUNDS {
            return Err(NoAnswer::Rounds);
        }
        Ok(state)
    }

    /// The state of the same call after another round.
    pub(super) fn next(
        &self,
        answers: BTreeMap<String, (String, Value)>,
        open: BTreeMap<String, String>,
    ) -> Self {
        let nonce = match self.nonce.as_str() {
            "" => Uuid::new_v4().simple().to_string(),
            nonce => nonce.to_owned(),
        };
        Self { until: now() + LIVES.as_secs(), nonce, rounds: self.rounds + 1, answers, open }
    }

    /// The text that opens for this request alone.
    pub(super) fn seal(&self, sealer: &Sealer, binding: &Binding) -> Result<String, TooLongToSeal> {
        let plain = serde_json::to_vec(self).map_err(|_| TooLongToSeal)?;
        sealer.seal(PURPOSE, &binding.digest(), &plain)
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{CallerKeys, Principal};

    fn binding() -> Binding {
        Binding {
            principal: Principal::Local,
            keys: CallerKeys::default(),
            method: "m",
            name: "n".into(),
            arguments: String::new(),
        }
    }

    #[test]
    fn a_state_opens_until_it_is_too_old_or_was_asked_too_often() {
        let sealer = Sealer::default();
        let opened =
            |state: &State| State::open(&sealer, &binding(), &state.seal(&sealer, &binding()).unwrap());
        let mut state = State::default().next(BTreeMap::new(), BTreeMap::new());
        for _ in 1..ROUNDS {
            let again = opened(&state).unwrap();
            assert_eq!((again.until, &again.nonce), (state.until, &state.nonce));
            state = again.next(BTreeMap::new(), BTreeMap::new());
        }
        assert_eq!(opened(&state).unwrap_err(), NoAnswer::Rounds);
        let old = State { until: now(), ..State::default() };
        assert_eq!(opened(&old).unwrap_err(), NoAnswer::State);
    }

    #[test]
    fn what_was_sealed_for_something_else_is_no_state() {
        let sealer = Sealer::default();
        let text = sealer.seal("mcp/other", &binding().digest(), b"{}").unwrap();
        assert_eq!(State::open(&sealer, &binding(), &text).unwrap_err(), NoAnswer::State);
        let text = sealer.seal(PURPOSE, &binding().digest(), b"[]").unwrap();
        assert_eq!(State::open(&sealer, &binding(), &text).unwrap_err(), NoAnswer::State);
    }
}
