//! Tools that say something before they answer.

use super::pack::Conformance;
use crate::seam::{Call, Contents, LogLevel, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::sleep;

/// The time between two things that are said.
const BETWEEN: Duration = Duration::from_millis(50);
/// The time in which a client whose stream is gone comes back.
const AWAY: Duration = Duration::from_millis(100);

/// Tell three messages of a log.
#[derive(Deserialize, JsonSchema)]
pub struct Logging;
crate::register!(Logging);

impl Tool for Logging {
    const NAME: &'static str = "test_tool_with_logging";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.log(LogLevel::Info, "Tool execution started").await;
        sleep(BETWEEN).await;
        cx.log(LogLevel::Info, "Tool processing data").await;
        sleep(BETWEEN).await;
        cx.log(LogLevel::Info, "Tool execution completed").await;
        Ok("Tool with logging executed successfully".into())
    }
}

/// Tell a message of a log to whoever asked for it.
#[derive(Deserialize, JsonSchema)]
pub struct LoggingTool;
crate::register!(LoggingTool);

impl Tool for LoggingTool {
    const NAME: &'static str = "test_logging_tool";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.log(LogLevel::Info, "This is a log message from test_logging_tool").await;
        Ok("Logging tool executed successfully".into())
    }
}

/// Report progress three times.
#[derive(Deserialize, JsonSchema)]
pub struct Progress;
crate::register!(Progress);

impl Tool for Progress {
    const NAME: &'static str = "test_tool_with_progress";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.progress(0.0, Some(100.0), "Completed step 0 of 100").await;
        sleep(BETWEEN).await;
        cx.progress(50.0, Some(100.0), "Completed step 50 of 100").await;
        sleep(BETWEEN).await;
        cx.progress(100.0, Some(100.0), "Completed step 100 of 100").await;
        Ok("Tool with progress executed successfully".into())
    }
}

/// Close the stream of the call and answer after a while, for clients that come back.
#[derive(Deserialize, JsonSchema)]
pub struct Reconnection;
crate::register!(Reconnection);

impl Tool for Reconnection {
    const NAME: &'static str = "test_reconnection";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.hang_up(AWAY);
        sleep(AWAY).await;
        Ok("Reconnection test completed successfully".into())
    }
}
