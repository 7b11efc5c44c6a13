//! The log: one line an event on stderr; stdout belongs to the protocol.

use super::writer::{self, Flush};
use serde_json::json;
use std::{
    env,
    io::{self, IsTerminal as _},
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt as _};

/// Keeps the log running; writes what still waits when it is dropped, so hold it to the end of the program.
#[must_use = "the log ends when this is dropped"]
pub struct LogGuard {
    _flush: Option<Flush>,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// For people at a terminal.
    Compact { ansi: bool },
    /// For programs.
    Json,
}

impl Look {
    /// How it is told that lines are missing.
    fn left_out(self) -> fn(usize) -> String {
        match self {
            Self::Compact { .. } => |lines| format!("WARN {lines} lines of the log were left out\n"),
            Self::Json => |lines| {
                let line =
                    json!({ "level": "WARN", "message": "lines of the log were left out", "lines": lines });
                format!("{line}\n")
            },
        }
    }
}

/// Starts the log of this process. `RUST_LOG` says what is in it; without, `verbose` says how much.
pub fn start(verbose: bool) -> LogGuard {
    let said = env::var("RUST_LOG").ok();
    let (filter, fault) = filter(said.as_deref(), verbose);
    let look = look(io::stderr().is_terminal(), env::var("NO_COLOR").ok().as_deref());
    // With no thread to write for it, the log writes for itself.
    let flush = match writer::start("log", io::stderr(), look.left_out()) {
        Ok((lines, flush)) => {
            install(subscriber(filter, look, lines));
            Some(flush)
        }
        Err(_) => {
            install(subscriber(filter, look, io::stderr));
            None
        }
    };
    if let Some(fault) = fault {
        tracing::warn!("RUST_LOG is not used: {fault}");
    }
    LogGuard { _flush: flush }
}

/// A log that already runs in this process stays as it is.
fn install(subscriber: Box<dyn Subscriber + Send + Sync>) {
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn filter(said: Option<&str>, verbose: bool) -> (EnvFilter, Option<String>) {
    let default = if verbose { "debug" } else { "info" };
    match said.filter(|said| !said.trim().is_empty()).map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(fault)) => (EnvFilter::new(default), Some(fault.to_string())),
        None => (EnvFilter::new(default), None),
    }
}

/// Colours unless `NO_COLOR` is set to anything (no-color.org).
fn look(terminal: bool, no_color: Option<&str>) -> Look {
    if terminal { Look::Compact { ansi: no_color.is_none_or(str::is_empty) } } else { Look::Json }
}

/// What may be told at all, whatever `RUST_LOG` asks for: other crates' finer lines hold headers, whole messages and
/// session ids, and rmcp's warnings quote what callers send.
fn is_safe(line: &Metadata<'_>) -> bool {
    match line.target().split("::").next() {
        Some("twenty_mcp") => true,
        Some("rmcp") => *line.level() <= Level::ERROR,
        _ => *line.level() <= Level::INFO,
    }
}

fn subscriber<W>(filter: EnvFilter, look: Look, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let log = fmt().with_env_filter(filter).with_writer(writer);
    match look {
        Look::Compact { ansi } => Box::new(log.compact().with_ansi(ansi).finish().with(filter_fn(is_safe))),
        Look::Json => {
            let log = log.json().flatten_event(true).with_current_span(false).with_span_list(false);
            Box::new(log.finish().with(filter_fn(is_safe)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(said: Option<&str>, verbose: bool, look: Look) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber = subscriber(filter(said, verbose).0, look, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(tool = "hello", ms = 3, "call");
            tracing::debug!("detail");
            tracing::warn!(target: "rmcp::service", "chatter");
            tracing::debug!(target: "hyper::proto", "chatter");
            tracing::info!(target: "hyper::proto", "of hyper");
        });
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn programs_read_one_json_object_a_line() {
        let log = logged(None, false, Look::Json);
        let [line, _] = log.lines().collect::<Vec<_>>()[..] else { panic!("{log}") };
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&"INFO".into(), &"call".into()));
        assert_eq!((&line["tool"], &line["ms"]), (&"hello".into(), &3.into()));
    }

    #[test]
    fn people_read_colours_unless_they_want_none() {
        assert_eq!(look(false, None), Look::Json);
        assert_eq!(look(true, Some("")), Look::Compact { ansi: true });
        assert_eq!(look(true, Some("1")), Look::Compact { ansi: false });
        assert!(logged(None, false, Look::Compact { ansi: true }).contains('\u{1b}'));
        assert!(!logged(None, false, Look::Compact { ansi: false }).contains('\u{1b}'));
    }

    #[test]
    fn other_crates_tell_no_details_whatever_is_asked() {
        for said in ["trace", "rmcp=trace,hyper=trace,twenty_mcp=trace"] {
            let log = logged(Some(said), true, Look::Json);
            assert!(log.contains("detail") && log.contains("of hyper") && !log.contains("chatter"), "{log}");
        }
    }

    #[test]
    fn rust_log_wins_over_verbose_and_a_bad_one_is_told() {
        let plain = Look::Compact { ansi: false };
        assert!(!logged(None, false, plain).contains("detail"));
        assert!(logged(None, true, plain).contains("detail"));
        assert!(!logged(Some("warn"), true, plain).contains("call"));
        assert!(filter(Some("warn,=,x=loud"), false).1.is_some());
        assert!(filter(Some(""), false).1.is_none());
    }
}
