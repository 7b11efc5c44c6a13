//! The smallest tools that come and go, one for each file of a folder: copy this file to begin your own.
use crate::seam::{Call, LiveTool, LiveTools, Output, ToolError, ToolOutput};
use serde_json::{Map, Value, json};
use std::{fs, path::Path, time::Duration};

/// The letters in the folder `letters`.
pub struct Letters;
crate::register!(live-tools Letters);

impl LiveTools for Letters {
    type Pack = ();

    fn every((): &()) -> Option<Duration> {
        Some(Duration::from_secs(1)) // how soon a new letter is seen
    }

    async fn list((): &(), _: Call) -> Result<Vec<LiveTool>, ToolError> {
        let Ok(files) = fs::read_dir("letters") else { return Ok(Vec::new()) };
        let mut names: Vec<_> = files.flatten().map(|file| file.file_name()).collect();
        names.sort();
        let names = names.iter().filter_map(|name| name.to_str()?.strip_suffix(".txt"));
        let nothing = json!({ "type": "object" });
        let tool = |name| LiveTool::new(format!("read_{name}"), "Read a letter.", nothing.clone());
        Ok(names.map(tool).collect())
    }

    async fn call(name: String, _: Map<String, Value>, (): &(), _: Call) -> Result<ToolOutput, ToolError> {
        let file = Path::new("letters").join(format!("{}.txt", name.replacen("read_", "", 1)));
        let letter = fs::read_to_string(file).map_err(|_| ToolError::not_found("the letter is gone"))?;
        letter.told(None, Vec::new())
    }
}
