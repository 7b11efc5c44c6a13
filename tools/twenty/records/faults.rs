//! What is wrong with what a caller gave, told all at once.

use crate::{
    seam::ToolError,
    tools::twenty::workspace::schema::{meant, near},
};
use std::fmt::{Display, Write as _};

/// How many faults are told; of the rest, how many there are.
const TOLD: usize = 8;
/// The longest piece of a caller's text that a message repeats, in characters.
const SHOWN: usize = 80;

/// The faults found so far. Places are paths into the arguments, as in `filter.stage.eq`.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    more: usize,
    /// Places, and what the caller calls them.
    called: Vec<(String, &'static str)>,
}

#[derive(Debug)]
struct Fault {
    place: String,
    what: String,
    hint: Hint,
}

#[derive(Debug)]
enum Hint {
    None,
    Text(String),
    /// What was given, and what there is.
    Known(String, Vec<String>),
}

impl Faults {
    /// None yet; these places are told by what the caller calls them.
    #[must_use]
    pub fn called(places: &[(String, &'static str)]) -> Self {
        Self { called: places.to_vec(), ..Self::default() }
    }

    /// A fault that says everything itself.
    pub fn add(&mut self, place: &str, what: impl Display) {
        self.push(place, what, Hint::None);
    }

    /// A fault and what to do about it.
    pub fn hinted(&mut self, place: &str, what: impl Display, hint: impl Display) {
        self.push(place, what, Hint::Text(hint.to_string()));
    }

    /// A name that is none of those that are known: the nearest of them are told, then all.
    pub fn unknown(&mut self, place: &str, what: impl Display, given: &str, known: &[&str]) {
        let known = known.iter().map(ToString::to_string).collect();
        self.push(place, what, Hint::Known(shown(given), known));
    }

    /// An error of a part, at the place of that part; its hint is kept.
    pub fn error(&mut self, place: &str, error: &ToolError) {
        let hint = error.next().map_or(Hint::None, |hint| Hint::Text(hint.to_owned()));
        self.push(place, error.message(), hint);
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was made, where nothing was wrong.
    ///
    /// # Errors
    /// One error for all faults, a line each; one alone keeps its hint apart.
    pub fn or<T>(self, made: T) -> Result<T, ToolError> {
        let Some(first) = self.found.first() else { return Ok(made) };
        if self.found.len() == 1 {
            let error = ToolError::input(first);
            return Err(match &first.hint {
                Hint::None => error,
                Hint::Text(hint) => error.hint(hint),
                Hint::Known(given, known) => error.hint(meant(given, &borrowed(known))),
            });
        }
        let mut text = format!("{} things are wrong:", self.found.len() + self.more);
        // Faults of one object share a list of names; it is told with the first of them.
        let mut listed: Vec<&[String]> = Vec::new();
        for fault in &self.found {
            let hint = match &fault.hint {
                Hint::None => String::new(),
                Hint::Text(hint) => format!("; {hint}"),
                Hint::Known(given, known) if listed.contains(&known.as_slice()) => {
                    match near(given, &borrowed(known)).join(" or ") {
                        near if near.is_empty() => String::new(),
                        near => format!("; did you mean {near}?"),
                    }
                }
                Hint::Known(given, known) => {
                    listed.push(known);
                    format!("; {}", meant(given, &borrowed(known)))
                }
            };
            // Writing to a text cannot fail.
            let _ = write!(text, "\n- {fault}{hint}");
        }
        if self.more > 0 {
            let _ = write!(text, "\n- and {} more", self.more);
        }
        Err(ToolError::input(text))
    }

    fn push(&mut self, place: &str, what: impl Display, hint: Hint) {
        if self.found.len() < TOLD {
            self.found.push(Fault { place: self.name(place), what: what.to_string(), hint });
        } else {
            self.more += 1;
        }
    }

    /// What the caller calls a place, or a part of it.
    fn name(&self, place: &str) -> String {
        let called = self.called.iter().find_map(|(known, name)| {
            let part = place.strip_prefix(known.as_str())?;
            (part.is_empty() || part.starts_with('.')).then(|| format!("{name}{part}"))
        });
        called.unwrap_or_else(|| place.to_owned())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.what);
        }
        write!(f, "`{}`: {}", self.place, self.what)
    }
}

/// A piece of a caller's text as messages repeat it: on one line, and not at any length.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fault_lets_through_and_one_keeps_its_hint_apart() {
        assert_eq!(Faults::default().or(5).unwrap(), 5);
        let mut faults = Faults::default();
        faults.unknown("filter.stge", "no such field", "stge", &["stage", "name"]);
        let error = faults.or(()).unwrap_err();
        assert_eq!(error.message(), "`filter.stge`: no such field");
        assert_eq!(error.next(), Some("did you mean `stage`? There are: stage, name"));
    }

    #[test]
    fn many_are_told_a_line_each_and_the_rest_counted() {
        let mut faults = Faults::default();
        for at in 0..11 {
            faults.unknown(&format!("f{at}"), "no such field", "nane", &["stage", "name"]);
        }
        let error = faults.or(()).unwrap_err();
        let lines: Vec<&str> = error.message().lines().collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[0], "11 things are wrong:");
        assert_eq!(lines[1], "- `f0`: no such field; did you mean `name`? There are: stage, name");
        assert_eq!(lines[2], "- `f1`: no such field; did you mean `name`?");
        assert_eq!(lines[9], "- and 3 more");
    }

    #[test]
    fn a_place_is_told_by_what_the_caller_calls_it() {
        let mut faults =
            Faults::called(&[("emails".into(), "email"), ("name.firstName".into(), "firstName")]);
        for place in ["emails", "emails.primaryEmail", "emailsToo", "name.firstName", "name"] {
            faults.add(place, "wrong");
        }
        let told = faults.or(()).unwrap_err().message().to_owned();
        let places: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
        assert_eq!(places, ["email", "email.primaryEmail", "emailsToo", "firstName", "name"]);
    }

    #[test]
    fn a_text_is_repeated_on_one_line_and_not_at_any_length() {
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"x".repeat(1_000)).chars().count(), SHOWN + 1);
    }
}
