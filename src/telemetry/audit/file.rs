//! The file of events: JSON lines, added at its end by a thread of its own.

use super::now;
use crate::telemetry::writer::{self, Flush, Lines};
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Writes the events that still wait when it is dropped, so hold it to the end of the program.
#[must_use = "events are written until this is dropped"]
pub struct AuditGuard {
    _flush: Flush,
}

/// The file of events cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot be opened for writing: {0}")]
pub struct Opening(#[from] io::Error);

pub(super) fn open(path: &Path) -> Result<(Lines, AuditGuard), Opening> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close_to_others(&file)?;
    let (lines, flush) = writer::start("audit", Events { file, failed: false }, left_out)?;
    Ok((lines, AuditGuard { _flush: flush }))
}

/// A file that was there before may have been open to others; a pipe or a device is not ours to change.
#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata()?;
    if found.is_file() && found.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
const fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

fn left_out(lines: usize) -> String {
    format!("{}\n", json!({ "time": now(), "event": "left_out", "lines": lines }))
}

/// Tells the log once when events can no longer be written.
struct Events {
    file: File,
    failed: bool,
}

impl Write for Events {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.file.write(line);
        match &written {
            Err(error) if !self.failed => {
                tracing::error!(%error, "audit events cannot be written to their file")
            }
            _ => {}
        }
        self.failed = written.is_err();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
