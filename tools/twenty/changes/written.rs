//! What a tool that writes answers: the record as it is now, or the change as it would be.

use super::plan::Plan;
use crate::tools::twenty::records::text::one_line;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::fmt::{self, Display, Write as _};

/// The record as it is now, or the plan that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Written<T> {
    /// What was written.
    #[serde(flatten)]
    pub record: Option<T>,
    /// What would be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

impl<T> Written<T> {
    /// What was written, told in another way.
    ///
    /// # Errors
    /// As `tell` fails.
    pub fn map<U, E>(self, tell: impl FnOnce(T) -> Result<U, E>) -> Result<Written<U>, E> {
        Ok(Written { record: self.record.map(tell).transpose()?, plan: self.plan })
    }
}

impl<T: Display> Written<T> {
    /// As a model reads it, with what was done where it was done.
    #[must_use]
    pub fn told(&self, done: &str) -> String {
        if self.plan.is_some() { self.to_string() } else { format!("{done}.\n{self}") }
    }
}

impl<T: Display> Display for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.iter().try_for_each(|record| record.fmt(f))?;
        self.plan.iter().try_for_each(|plan| plan.fmt(f))
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> =
            self.counts.iter().map(|(verb, number)| format!("{verb} {number}")).collect();
        let counts = if counts.is_empty() { "no record".to_owned() } else { counts.join(", ") };
        writeln!(f, "Planned, nothing is changed yet: {counts}.")?;
        for warning in &self.warnings {
            writeln!(f, "Note: {warning}.")?;
        }
        for change in &self.changes {
            let name = one_line(change.name.as_deref().unwrap_or("unnamed"));
            let shown = |value: &Value| one_line(&value.to_string());
            let mut line = format!("- {} {} {name} (id {})", change.verb.word(), change.object, change.id);
            for (field, after) in &change.after {
                let before = change.before.get(field);
                // Writing to a String cannot fail.
                let _ = match before {
                    Some(before) => write!(line, "; {field}: {} → {}", shown(before), shown(after)),
                    None => write!(line, "; {field}: {}", shown(after)),
                };
            }
            for field in change.before.keys().filter(|field| !change.after.contains_key(*field)) {
                let _ = write!(line, "; {field}: cleared");
            }
            writeln!(f, "{line}")?;
        }
        writeln!(f, "To make it, call again with the same arguments and planToken: {}", self.plan_token)?;
        write!(f, "The token ends at {}.", self.expires_at)
    }
}
