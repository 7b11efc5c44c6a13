//! Moments put into days, weeks, months, quarters and years, as Twenty does it, and told as people write them.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

/// How moments are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// `2026-01-31`
    Day,
    /// `2026-01-26`, its Monday
    Week,
    /// `2026-01`
    Month,
    /// `2026-Q1`
    Quarter,
    /// `2026`
    Year,
    /// `Monday`
    Weekday,
    /// `January`
    MonthOfYear,
    /// `Q1`
    QuarterOfYear,
}

/// Each with its name, and what Twenty calls it.
const ALL: [(Granularity, &str, &str); 8] = [
    (Granularity::Day, "day", "DAY"),
    (Granularity::Week, "week", "WEEK"),
    (Granularity::Month, "month", "MONTH"),
    (Granularity::Quarter, "quarter", "QUARTER"),
    (Granularity::Year, "year", "YEAR"),
    (Granularity::Weekday, "dayOfTheWeek", "DAY_OF_THE_WEEK"),
    (Granularity::MonthOfYear, "monthOfTheYear", "MONTH_OF_THE_YEAR"),
    (Granularity::QuarterOfYear, "quarterOfTheYear", "QUARTER_OF_THE_YEAR"),
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];
const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];

impl Granularity {
    /// The granularity of a name, in whatever case, as we or as Twenty write it.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let letters = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
        let wanted = letters(name);
        ALL.iter().find(|(_, own, _)| letters(own) == wanted).map(|(granularity, ..)| *granularity)
    }

    /// The names that there are.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        ALL.iter().map(|(_, name, _)| *name).collect()
    }

    /// What Twenty calls it.
    #[must_use]
    pub fn twenty(self) -> &'static str {
        ALL.iter().find(|(one, ..)| *one == self).map_or("", |(_, _, name)| *name)
    }

    /// The names that come round again and again, in their order; nothing for what does not.
    #[must_use]
    pub const fn cycle(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Weekday => Some(&DAYS),
            Self::MonthOfYear => Some(&MONTHS),
            Self::QuarterOfYear => Some(&QUARTERS),
            _ => None,
        }
    }

    /// The group of a moment or a day as a record has it; what is neither stays as it is.
    #[must_use]
    pub fn group(self, zone: &TimeZone, text: &str) -> String {
        // Twenty does what comes round in the time of its database.
        let zone = if self.cycle().is_some() { &TimeZone::UTC } else { zone };
        date(zone, text).map_or_else(|| text.to_owned(), |date| self.of(date))
    }

    /// A group as the server names it, by its first day or by its name.
    #[must_use]
    pub fn told(self, zone: &TimeZone, text: &str) -> String {
        match self.cycle() {
            Some(_) => text.trim().to_owned(),
            None => date(zone, text).map_or_else(|| text.to_owned(), |date| self.of(date)),
        }
    }

    fn of(self, date: Date) -> String {
        let (month, quarter) = (date.month(), (date.month() - 1) / 3);
        let named = |names: &[&str], at: i8| {
            usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default().to_owned()
        };
        let weekday = date.weekday().to_monday_zero_offset();
        match self {
            Self::Day => date.to_string(),
            Self::Week => date.checked_sub(weekday.days()).unwrap_or(date).to_string(),
            Self::Month => format!("{:04}-{month:02}", date.year()),
            Self::Quarter => format!("{:04}-Q{}", date.year(), quarter + 1),
            Self::Year => format!("{:04}", date.year()),
            Self::Weekday => named(&DAYS, weekday),
            Self::MonthOfYear => named(&MONTHS, month - 1),
            Self::QuarterOfYear => named(&QUARTERS, quarter),
        }
    }
}

fn date(zone: &TimeZone, text: &str) -> Option<Date> {
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(zone.to_datetime(moment).date()),
        Err(_) => text.parse::<Date>().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_in_one_group_of_every_granularity_and_the_servers_word_for_it_is_the_same() {
        for (name, expected, server) in [
            ("day", "2026-05-31", "2026-05-31"),
            ("WEEK", "2026-05-25", "2026-05-25"),
            ("month", "2026-05", "2026-05-01"),
            ("quarter", "2026-Q2", "2026-04-01T00:00:00.000Z"),
            ("Year", "2026", "2026-01-01"),
            ("day_of_the_week", "Sunday", "Sunday   "),
            ("monthOfTheYear", "May", "May"),
            ("QUARTER_OF_THE_YEAR", "Q2", "Q2"),
        ] {
            let granularity = Granularity::read(name).unwrap();
            assert_eq!(granularity.group(&TimeZone::UTC, "2026-05-31T23:30:00.000Z"), expected, "{name}");
            assert_eq!(granularity.told(&TimeZone::UTC, server), expected, "{name}");
        }
        assert_eq!(Granularity::read("fortnight"), None);
    }

    #[test]
    fn a_day_begins_in_its_time_zone_and_a_date_has_none() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(Granularity::Day.group(&paris, "2026-05-31T23:30:00Z"), "2026-06-01");
        assert_eq!(Granularity::Day.group(&paris, "2026-05-31"), "2026-05-31");
        assert_eq!(Granularity::Month.group(&paris, "2026-05-31T23:30:00Z"), "2026-06");
    }
}
