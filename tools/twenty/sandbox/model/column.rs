//! One column of a table: what it holds, and how that looks as JSON.

use std::sync::Arc;

use jiff::{Timestamp, civil, tz::Offset};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::tools::twenty::sandbox::store::value::Value;

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Field, or field and sub-field: `jobTitle`, `emails.primaryEmail`, `companyId`.
    pub name: String,
    /// What it holds.
    pub shape: Shape,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Text as it stands.
    Text,
    /// Text kept in lower case.
    Email,
    /// An address, its host in lower case and without a slash at the end.
    Url,
    /// An id.
    Id,
    /// A number.
    Number,
    /// Yes or no.
    Bool,
    /// A moment.
    Time,
    /// One of these options.
    Choice(Arc<[Arc<str>]>),
    /// A list, an object, or anything.
    Json,
}

impl Shape {
    /// The value of a piece of JSON, or nothing when it does not fit.
    pub fn read(&self, json: &Json) -> Option<Value> {
        if json.is_null() {
            return Some(Value::Null);
        }
        match self {
            Shape::Text => json.as_str().map(Value::text),
            Shape::Email => json.as_str().map(|text| Value::text(text.trim().to_lowercase())),
            Shape::Url => json.as_str().map(|text| Value::text(normal_url(text))),
            Shape::Id => json.as_str().and_then(|text| Uuid::try_parse(text).ok()).map(Value::Id),
            Shape::Number => number(json).map(Value::Number),
            Shape::Bool => json.as_bool().map(Value::Bool),
            Shape::Time => json.as_str().and_then(moment).map(Value::Time),
            Shape::Choice(options) => {
                let place = options.iter().position(|option| json.as_str() == Some(option.as_ref()))?;
                u16::try_from(place).ok().map(Value::Choice)
            }
            Shape::Json => Some(Value::Json(Arc::new(json.clone()))),
        }
    }

    /// A value of this column as JSON.
    pub fn write(&self, value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(yes) => Json::Bool(*yes),
            Value::Number(number) => number_json(*number),
            Value::Time(millis) => Json::String(time_text(*millis)),
            Value::Id(id) => Json::String(id.to_string()),
            Value::Choice(place) => match self {
                Shape::Choice(options) => {
                    options.get(usize::from(*place)).map_or(Json::Null, |o| Json::from(o.as_ref()))
                }
                _ => Json::Null,
            },
            Value::Text(text) => Json::from(text.as_ref()),
            Value::Json(json) => json.as_ref().clone(),
        }
    }
}

/// A number without a fraction where it has none, as JavaScript writes it.
pub fn number_json(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    // Every whole number below 2^53 fits an i64 exactly.
    if number.fract() == 0.0 && number.abs() < EXACT { Json::from(number as i64) } else { Json::from(number) }
}

/// A moment in the form that Twenty gives out: UTC with milliseconds.
pub fn time_text(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// The milliseconds of an RFC 3339 text, or of a date, or of a date with a time, which then count as UTC.
pub fn moment(text: &str) -> Option<i64> {
    let utc = |at: civil::DateTime| Offset::UTC.to_timestamp(at).ok();
    let stamp = text.parse::<Timestamp>().ok();
    let stamp = stamp.or_else(|| text.parse::<civil::DateTime>().ok().and_then(utc));
    stamp
        .or_else(|| text.parse::<civil::Date>().ok().and_then(|day| utc(day.at(0, 0, 0, 0))))
        .map(Timestamp::as_millisecond)
}

fn number(json: &Json) -> Option<f64> {
    let number = json.as_f64().or_else(|| json.as_str().and_then(|text| text.trim().parse().ok()));
    number.filter(|number| number.is_finite())
}

fn normal_url(text: &str) -> String {
    let text = text.trim().trim_end_matches('/');
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let host = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(host).unwrap_or((rest, ""));
    format!("{}://{}{path}", scheme.to_lowercase(), host.to_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_survives_the_way_out_and_in() {
        let options: Arc<[Arc<str>]> = ["NEW", "MEETING"].map(Arc::from).into();
        for (shape, json) in [
            (Shape::Text, json!("Ünal")),
            (Shape::Id, json!("20202020-e674-48e5-a542-72570eee7213")),
            (Shape::Number, json!(5_000_000_000_i64)),
            (Shape::Number, json!(0.5)),
            (Shape::Time, json!("2026-01-31T23:59:59.250Z")),
            (Shape::Choice(options), json!("MEETING")),
            (Shape::Json, json!([{ "label": "x" }])),
            (Shape::Bool, Json::Null),
        ] {
            assert_eq!(shape.write(&shape.read(&json).unwrap()), json);
        }
    }

    #[test]
    fn moments_are_read_in_several_forms() {
        let at = Some(1_767_225_600_000);
        for text in ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00", "2026-01-01"]
        {
            assert_eq!(moment(text), at, "{text}");
        }
        assert_eq!(moment("tomorrow"), None);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        assert_eq!(Shape::Number.read(&json!("abc")), None);
        assert_eq!(Shape::Number.read(&json!("7000000")), Some(Value::Number(7e6)));
        assert_eq!(Shape::Text.read(&json!(5)), None);
        assert_eq!(
            Shape::Url.read(&json!("HTTPS://Acme.COM/About/")),
            Some(Value::text("https://acme.com/About"))
        );
    }
}
