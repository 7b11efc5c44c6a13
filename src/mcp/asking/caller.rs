//! The way back to a caller who is asked by replay.

use super::replay::Replay;
use crate::seam::{BoxFuture, Caller, Halt, Question, ToolError};
use serde_json::Value;
use std::sync::Arc;

/// A caller who is asked by replay, and told by another way what happens in between.
pub(in crate::mcp) struct Replayed(pub(in crate::mcp) Arc<Replay>, pub(in crate::mcp) Arc<dyn Caller>);

impl Caller for Replayed {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(self.0.ask(name, question))
    }

    fn commit(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        Box::pin(async {
            self.0.commit().await;
            Ok(())
        })
    }

    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        self.1.notify(method, params)
    }

    fn halt(&self) -> Option<Halt> {
        self.0.halt()
    }
}
