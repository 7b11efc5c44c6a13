//! When a call goes on after its answer.

/// When a call becomes a task (SEP-2663), where its client knows tasks: the answer is then a handle, by which the client
/// asks for the result later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Task {
    /// Never: the client waits.
    #[default]
    Never,
    /// From the start, for clients that know tasks; others wait.
    Offer,
    /// From the start; clients that do not know tasks are refused.
    Require,
    /// From [`Call::commit`](super::Call::commit) on, for clients that know tasks: questions are asked before, and what
    /// takes long after. What is done within half a second is answered as it is.
    OnCommit,
}
