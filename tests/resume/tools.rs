//! A tool that says what it is told to, and waits where a test holds it.

use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};
use tokio::sync::Semaphore;
use twenty_mcp::seam::{Call, Tool, ToolEntry, ToolError};

static GATES: LazyLock<Mutex<HashMap<String, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

fn gate(name: &str) -> Arc<Semaphore> {
    let closed = || Arc::new(Semaphore::new(0));
    GATES.lock().unwrap().entry(name.to_owned()).or_insert_with(closed).clone()
}

/// Lets a call on that waits at this gate.
pub fn open(name: &str) {
    gate(name).add_permits(1);
}

/// Talk.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Talk {
    /// How many notes before the gate.
    before: u32,
    /// How many behind it.
    #[serde(default)]
    after: u32,
    /// For how many milliseconds the connection is let go, in front of the gate.
    parts_for: Option<u64>,
    /// Where it waits.
    gate: Option<String>,
    /// How long the answer is.
    size: Option<usize>,
}

pub static TALK: ToolEntry = ToolEntry::of::<Talk>("tests::resume", 1);

impl Tool for Talk {
    const NAME: &'static str = "talk";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        for n in 1..=self.before {
            cx.progress(n.into(), None, "before").await;
        }
        if let Some(parts_for) = self.parts_for {
            cx.hang_up(Duration::from_millis(parts_for));
        }
        if let Some(name) = &self.gate {
            gate(name).acquire().await.unwrap().forget();
        }
        for n in 1..=self.after {
            cx.progress((self.before + n).into(), None, "after").await;
        }
        Ok(self.size.map_or("done".to_owned(), |size| "a".repeat(size)))
    }
}
