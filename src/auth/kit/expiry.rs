//! Until when something is good, as people write it.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;

/// `2027-01-31`, to the end of that day in UTC, or a moment as in `2027-01-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry(Timestamp);

impl Expiry {
    /// Reads a text; none where it is neither day nor moment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(['T', 't', ' ']) {
            return text.parse().ok().map(Self);
        }
        let after = text.parse::<Date>().ok()?.checked_add(1.day()).ok()?;
        TimeZone::UTC.to_timestamp(after.at(0, 0, 0, 0)).ok().map(Self)
    }

    /// Whether it is over at this moment.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        now >= self.0
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom("expected a day, as in `2027-01-31`, or a moment, as in `2027-01-31T12:00:00Z`")
        })
    }
}

impl JsonSchema for Expiry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Expiry".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2}))?$",
            "examples": ["2027-01-31"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_to_its_end_in_utc() {
        let day = Expiry::parse("2027-01-31").unwrap();
        assert!(!day.is_over("2027-01-31T23:59:59.999Z".parse().unwrap()));
        assert!(day.is_over("2027-02-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_moment_ends_then_wherever_it_was_written() {
        let moment = Expiry::parse("2027-01-31T12:00:00+02:00").unwrap();
        assert!(!moment.is_over("2027-01-31T09:59:59Z".parse().unwrap()));
        assert!(moment.is_over("2027-01-31T10:00:00Z".parse().unwrap()));
        let written = serde_json::to_string(&moment).unwrap();
        assert_eq!(serde_json::from_str::<Expiry>(&written).unwrap(), moment);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in ["", "soon", "2027-13-01", "2027-02-30", "2027-01-31T12:00:00", "9999-12-31T99:00:00Z"] {
            assert_eq!(Expiry::parse(bad), None, "{bad}");
        }
    }
}
