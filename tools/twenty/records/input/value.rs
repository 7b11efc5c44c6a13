//! One value as a caller gives it, read as what Twenty takes. What does not fit becomes a fault at its place.

use crate::tools::twenty::{
    records::faults::{Faults, shown},
    workspace::schema::Choice,
};
use jiff::{Timestamp, ToSpan as _, civil, tz::Offset};
use serde_json::{Value, json};
use uuid::Uuid;

/// The largest sum that a number holds to the millionth.
const MICROS_MOST: f64 = 9e15;

/// What a value is, in words.
#[must_use]
pub fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn other(faults: &mut Faults, place: &str, wanted: &str, given: &Value) {
    faults.add(place, format_args!("{wanted} is wanted, not {}", named(given)));
}

/// A text.
pub fn text(faults: &mut Faults, place: &str, given: &Value) -> Option<String> {
    match given {
        Value::String(text) if !text.contains('\0') => return Some(text.clone()),
        Value::String(_) => faults.add(place, "a text cannot hold the character NUL"),
        Value::Number(number) => {
            faults.hinted(place, "a text is wanted, not a number", format_args!("write \"{number}\""));
        }
        given => other(faults, place, "a text", given),
    }
    None
}

/// A number.
pub fn number(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    match given {
        Value::Number(_) => return Some(given.clone()),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => {
                faults.hinted(
                    place,
                    "a number is wanted, not a text",
                    format_args!("write {}, without quotes", shown(text.trim())),
                );
            }
            _ => other(faults, place, "a number", given),
        },
        given => other(faults, place, "a number", given),
    }
    None
}

/// Money in units, as millionths.
pub fn micros(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    let units = number(faults, place, given)?;
    if let Some(exact) = units.as_i64().and_then(|units| units.checked_mul(1_000_000))
        && exact.unsigned_abs() <= MICROS_MOST as u64
    {
        return Some(json!(exact));
    }
    let micros =
        units.as_f64().map(|units| (units * 1e6).round()).filter(|micros| micros.abs() <= MICROS_MOST);
    // Within the bound every whole number is exact, in either form.
    let micros = micros.map(|micros| json!(micros as i64));
    if micros.is_none() {
        faults.add(place, "at most 9 billion units can be kept");
    }
    micros
}

/// A currency's code.
pub fn currency(faults: &mut Faults, place: &str, given: &Value) -> Option<String> {
    let code = text(faults, place, given)?.trim().to_uppercase();
    if code.len() == 3 && code.chars().all(|c| c.is_ascii_alphabetic()) {
        return Some(code);
    }
    faults.add(place, format_args!("`{}` is no currency code, as in EUR", shown(&code)));
    None
}

/// True or false.
pub fn flag(faults: &mut Faults, place: &str, given: &Value) -> Option<bool> {
    if given.as_bool().is_none() {
        other(faults, place, "true or false", given);
    }
    given.as_bool()
}

/// An id that no name stands for.
pub fn uuid(faults: &mut Faults, place: &str, given: &Value) -> Option<Value> {
    let text = text(faults, place, given)?;
    let id = Uuid::try_parse(text.trim()).ok();
    if id.is_none() {
        faults.add(
            place,
            format_args!("`{}` is no id, as in 20202020-0687-4c41-b707-ed1bfca972a7", shown(&text)),
        );
    }
    id.map(|id| json!(id.hyphenated().to_string()))
}

/// A day, or a moment.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// The whole day, in UTC.
    Day(civil::Date),
    /// A moment.
    At(Timestamp),
}

impl When {
    /// When it begins.
    #[must_use]
    pub fn begin(self) -> Option<Timestamp> {
        match self {
            Self::Day(day) => Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok(),
            Self::At(at) => Some(at),
        }
    }

    /// When the next day begins; nothing for a moment.
    #[must_use]
    pub fn next(self) -> Option<Timestamp> {
        let Self::Day(day) = self else { return None };
        Self::Day(day.checked_add(1.day()).ok()?).begin()
    }
}

/// A day or a moment, from an RFC 3339 text, a date, or a date with a time, which then counts as UTC.
pub fn when(faults: &mut Faults, place: &str, given: &Value) -> Option<When> {
    let text = text(faults, place, given)?;
    let trimmed = text.trim();
    let read = trimmed
        .parse::<Timestamp>()
        .ok()
        .or_else(|| {
            let at = trimmed.contains(':').then(|| trimmed.parse::<civil::DateTime>().ok()).flatten()?;
            Offset::UTC.to_timestamp(at).ok()
        })
        .map(When::At)
        .or_else(|| trimmed.parse::<civil::Date>().ok().map(When::Day))
        .filter(|when| (1..=9998).contains(&date(*when).year()));
    if read.is_none() {
        faults.hinted(
            place,
            format_args!("`{}` is no date or time", shown(&text)),
            "write 2026-01-31 or 2026-01-31T09:30:00Z",
        );
    }
    read
}

/// The day of it, in UTC.
#[must_use]
pub fn date(when: When) -> civil::Date {
    match when {
        When::Day(day) => day,
        When::At(at) => Offset::UTC.to_datetime(at).date(),
    }
}

/// A moment as Twenty takes it: UTC with milliseconds.
#[must_use]
pub fn written(at: Timestamp) -> Value {
    json!(format!("{at:.3}"))
}

/// One of the options of a field, by its value or by its label, whatever the case; ratings by their number too.
pub fn option(faults: &mut Faults, place: &str, options: &[Choice], given: &Value) -> Option<Value> {
    let text = match given {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if options.iter().any(|option| option.value.starts_with("RATING_")) => {
            format!("RATING_{number}")
        }
        given => {
            other(faults, place, "one of the options", given);
            return None;
        }
    };
    let same = |option: &&Choice| {
        option.value.eq_ignore_ascii_case(&text) || option.label.to_lowercase() == text.to_lowercase()
    };
    let found = options.iter().find(|option| option.value == text).or_else(|| options.iter().find(same));
    if found.is_none() {
        let known: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
        faults.unknown(place, format_args!("`{}` is none of the options", shown(&text)), &text, &known);
    }
    found.map(|option| json!(option.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T>(read: impl FnOnce(&mut Faults) -> Option<T>) -> T {
        let mut faults = Faults::default();
        let made = read(&mut faults);
        faults.or(made).unwrap().unwrap()
    }

    fn fault<T: std::fmt::Debug>(read: impl FnOnce(&mut Faults) -> Option<T>) -> String {
        let mut faults = Faults::default();
        let made = read(&mut faults);
        let error = faults.or(made).unwrap_err();
        format!("{error}; {}", error.next().unwrap_or_default())
    }

    #[test]
    fn money_is_kept_to_the_millionth() {
        for (units, micros_) in
            [(json!(5), 5_000_000_i64), (json!(0.1), 100_000), (json!(-19.99), -19_990_000), (json!(0), 0)]
        {
            assert_eq!(ok(|faults| micros(faults, "amount", &units)), json!(micros_));
        }
        assert!(fault(|faults| micros(faults, "amount", &json!(1e300))).contains("at most"));
        assert_eq!(
            fault(|faults| micros(faults, "amount", &json!("5"))),
            "`amount`: a number is wanted, not a text; write 5, without quotes"
        );
    }

    #[test]
    fn moments_are_read_in_several_forms() {
        for text in ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01 00:00"] {
            let at = ok(|faults| when(faults, "at", &json!(text)));
            assert_eq!(written(at.begin().unwrap()), json!("2026-01-01T00:00:00.000Z"), "{text}");
        }
        for text in ["tomorrow", "2026-13-01", "", "-005000-01-01"] {
            assert!(
                fault(|faults| when(faults, "at", &json!(text))).contains("is no date or time"),
                "{text}"
            );
        }
    }

    #[test]
    fn an_option_is_known_by_value_label_or_stars() {
        let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
        let options = [choice("IN_PROGRESS", "In progress"), choice("RATING_3", "3")];
        for given in [json!("IN_PROGRESS"), json!("in_progress"), json!("In Progress")] {
            assert_eq!(ok(|faults| option(faults, "status", &options, &given)), json!("IN_PROGRESS"));
        }
        assert_eq!(ok(|faults| option(faults, "rating", &options, &json!(3))), json!("RATING_3"));
        assert_eq!(
            fault(|faults| option(faults, "status", &options, &json!("IN_PROGRES"))),
            "`status`: `IN_PROGRES` is none of the options; did you mean `IN_PROGRESS`? There are: IN_PROGRESS, RATING_3"
        );
    }
}
