//! Moments put into days, weeks, months, quarters and years.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{model::column::Shape, store::value::Value};

use super::fault::Fault;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];

/// How moments are put together.
#[derive(Debug)]
pub struct Calendar {
    granularity: Granularity,
    zone: TimeZone,
    /// Days from Monday back to the first day of the week.
    early: i8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Granularity {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    DayOfTheWeek,
    MonthOfTheYear,
    QuarterOfTheYear,
}

impl Calendar {
    /// The calendar of a granularity, a time zone and a first day of the week; nothing where moments stay as they are.
    ///
    /// # Errors
    /// When a granularity that needs a time zone has none, or one that is not known.
    pub fn new(definition: &Json) -> Result<Option<Calendar>, Fault> {
        let text = |name: &str| definition.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let granularity = match text("granularity") {
            Some("DAY") => Granularity::Day,
            Some("WEEK") => Granularity::Week,
            Some("MONTH") => Granularity::Month,
            Some("QUARTER") => Granularity::Quarter,
            Some("YEAR") => Granularity::Year,
            Some("DAY_OF_THE_WEEK") => Granularity::DayOfTheWeek,
            Some("MONTH_OF_THE_YEAR") => Granularity::MonthOfTheYear,
            Some("QUARTER_OF_THE_YEAR") => Granularity::QuarterOfTheYear,
            _ => return Ok(None),
        };
        let early = match text("weekStartDay") {
            Some("SUNDAY") => 1,
            Some("SATURDAY") => 2,
            _ => 0,
        };
        let zone = match (granularity.cycle(), text("timeZone")) {
            // Twenty does these in the time of its database.
            (Some(_), _) => TimeZone::UTC,
            (None, Some(name)) => TimeZone::get(name)
                .map_err(|_| Fault::input("INVALID_TIMEZONE", format!("Invalid timezone: {name}")))?,
            (None, None) => {
                let message =
                    "Time zone should be specified for a group by date on Day, Week, Month, Quarter or Year";
                return Err(Fault::input("MISSING_TIMEZONE_FOR_DATE_GROUP_BY", message));
            }
        };
        Ok(Some(Calendar { granularity, zone, early }))
    }

    /// What the groups hold: an option of a cycle, in its order, or the first day as text.
    pub fn shape(&self) -> Shape {
        let Some(cycle) = self.granularity.cycle() else { return Shape::Text };
        let first = if cycle.len() == DAYS.len() {
            (DAYS.len() - self.early.unsigned_abs() as usize) % DAYS.len()
        } else {
            0
        };
        let options = cycle.iter().cycle().skip(first).take(cycle.len());
        Shape::Choice(options.map(|name| Arc::from(*name)).collect())
    }

    /// The group of a moment, in milliseconds since 1970; nothing for one that no calendar has.
    pub fn group(&self, millis: i64) -> Value {
        let Ok(moment) = Timestamp::from_millisecond(millis) else { return Value::Null };
        let date = self.zone.to_datetime(moment).date();
        let weekday = (date.weekday().to_monday_zero_offset() + self.early) % 7;
        let month = date.month() - 1;
        let quarter = month / 3;
        let first = |month: i8| date.first_of_year().checked_add(month.months());
        let day = match self.granularity {
            Granularity::Day => Ok(date),
            Granularity::Week => date.checked_sub(weekday.days()),
            Granularity::Month => Ok(date.first_of_month()),
            Granularity::Quarter => first(quarter * 3),
            Granularity::Year => Ok(date.first_of_year()),
            Granularity::DayOfTheWeek => return choice(weekday),
            Granularity::MonthOfTheYear => return choice(month),
            Granularity::QuarterOfTheYear => return choice(quarter),
        };
        day.map_or(Value::Null, |day: Date| Value::text(day.to_string()))
    }
}

impl Granularity {
    /// The names that come round again and again.
    fn cycle(self) -> Option<&'static [&'static str]> {
        match self {
            Granularity::DayOfTheWeek => Some(&DAYS),
            Granularity::MonthOfTheYear => Some(&MONTHS),
            Granularity::QuarterOfTheYear => Some(&QUARTERS),
            _ => None,
        }
    }
}

fn choice(place: i8) -> Value {
    u16::try_from(place).map_or(Value::Null, Value::Choice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::twenty::sandbox::model::column::moment;

    fn group(definition: Json, at: &str) -> Json {
        let calendar = Calendar::new(&definition).unwrap().unwrap();
        calendar.shape().write(&calendar.group(moment(at).unwrap()))
    }

    #[test]
    fn a_moment_is_in_one_group_of_every_granularity() {
        for (granularity, expected) in [
            ("DAY", "2026-05-31"),
            ("WEEK", "2026-05-25"),
            ("MONTH", "2026-05-01"),
            ("QUARTER", "2026-04-01"),
            ("YEAR", "2026-01-01"),
            ("DAY_OF_THE_WEEK", "Sunday"),
            ("MONTH_OF_THE_YEAR", "May"),
            ("QUARTER_OF_THE_YEAR", "Q2"),
        ] {
            let definition = json!({ "granularity": granularity, "timeZone": "UTC" });
            assert_eq!(group(definition, "2026-05-31T23:30:00Z"), expected, "{granularity}");
        }
        assert!(Calendar::new(&json!({ "granularity": "NONE" })).unwrap().is_none());
    }

    #[test]
    fn time_zones_and_weeks_begin_where_they_are_told() {
        let day =
            |zone: &str| group(json!({ "granularity": "DAY", "timeZone": zone }), "2026-05-31T23:30:00Z");
        assert_eq!(
            (day("Europe/Berlin"), day("America/New_York")),
            (json!("2026-06-01"), json!("2026-05-31"))
        );
        let week = |first: &str, at: &str| {
            group(json!({ "granularity": "WEEK", "timeZone": "UTC", "weekStartDay": first }), at)
        };
        assert_eq!(week("SUNDAY", "2026-05-31"), "2026-05-31");
        assert_eq!(
            (week("SATURDAY", "2026-05-29"), week("SATURDAY", "2026-05-30")),
            (json!("2026-05-23"), json!("2026-05-30"))
        );
        let sunday = json!({ "granularity": "DAY_OF_THE_WEEK", "weekStartDay": "SUNDAY" });
        assert_eq!(group(sunday.clone(), "2026-05-31"), "Sunday");
        let calendar = Calendar::new(&sunday).unwrap().unwrap();
        assert_eq!(calendar.group(moment("2026-05-31").unwrap()), Value::Choice(0));
    }

    #[test]
    fn a_time_zone_is_needed_and_must_be_one() {
        let fault = |definition| Calendar::new(&definition).unwrap_err().sub_code;
        assert_eq!(fault(json!({ "granularity": "MONTH" })), "MISSING_TIMEZONE_FOR_DATE_GROUP_BY");
        assert_eq!(fault(json!({ "granularity": "DAY", "timeZone": "Mars/Base" })), "INVALID_TIMEZONE");
    }
}
