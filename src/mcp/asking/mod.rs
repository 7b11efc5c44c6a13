//! Asking callers who keep no session: a call ends with its questions, and comes again with the answers.
//!
//! | file | its one concern |
//! |---|---|
//! | `binding` | the request that a state belongs to, and that no other can use |
//! | `state` | what is sealed: the questions that were asked and the answers so far |
//! | `spent` | that answers lead to an effect once |
//! | `replay` | runs a call until it is done or cannot go on without an answer |
//! | `outcome` | how such a run ended |
//! | `connect` | that its caller is sent to a page to store a key |
//! | `caller` | the way back to a caller who is asked so |

mod binding;
mod caller;
mod connect;
mod outcome;
mod replay;
mod spent;
mod state;

pub(in crate::mcp) use binding::Binding;
pub(in crate::mcp) use caller::Replayed;
pub(in crate::mcp) use outcome::{InputRequired, Outcome};
pub(in crate::mcp) use replay::Replay;

use crate::seam::Sealer;
use serde_json::{Map, Value};
use spent::Spent;
use state::State;
use std::sync::Arc;

/// What replays have in common: the keys that seal their states, and which of them were used. Clones are one.
#[derive(Clone)]
pub struct Asking(Arc<Shared>);

struct Shared {
    sealer: Sealer,
    spent: Spent,
}

/// A request that cannot be taken as the answer to what was asked: `-32602` in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::mcp) enum NoAnswer {
    /// The answers are no object.
    #[error("`inputResponses` must be an object: the answers by the names of their questions")]
    Shape,
    /// The state was changed or made up, is too old, or belongs to another request.
    #[error(
        "`requestState` does not belong to this request, was changed, or is too old; make the request again without it"
    )]
    State,
    /// The user was asked too often in one call.
    #[error("this has been asked too often in one call; make the request again without `requestState`")]
    Rounds,
    /// The answers led to an effect before.
    #[error(
        "these answers were used already; make the request again without `requestState`, to be asked again"
    )]
    Used,
    /// There is no room to remember which answers were used.
    #[error("too many answers were used lately; make the request again in some minutes")]
    Busy,
    /// The answers are more than a state can hold.
    #[error("the answers are too long to be kept from one round to the next")]
    TooLong,
}

impl Asking {
    /// Asks with states that this seals. Servers that share its secrets open each other's states.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self(Arc::new(Shared { sealer, spent: Spent::default() }))
    }

    /// A request that may ask, or answer what it asked before.
    pub(in crate::mcp) fn replay(
        &self,
        binding: Binding,
        responses: Option<Value>,
        state: Option<&str>,
    ) -> Result<Replay, NoAnswer> {
        let given = match responses {
            None => Map::new(),
            Some(Value::Object(given)) => given,
            Some(_) => return Err(NoAnswer::Shape),
        };
        let state = match state {
            None => State::default(),
            Some(text) => State::open(&self.0.sealer, &binding, text)?,
        };
        Ok(Replay::new(self.clone(), binding, state, given))
    }
}
