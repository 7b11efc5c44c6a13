//! What is said of the opportunities that a search is for: asked of the server, or held against records that are there.

use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            faults::Faults,
            input::value::{When, micros, option, when, written},
            search::every_word,
        },
        workspace::schema::Object,
    },
};
use jiff::Timestamp;
use serde_json::{Number, Value, json};

/// The conditions as a caller gives them.
#[derive(Default)]
pub struct Said<'a> {
    /// Words of the name.
    pub query: Option<&'a str>,
    /// A stage, by value or label.
    pub stage: Option<&'a str>,
    /// The smallest amount, in units.
    pub min_amount: Option<&'a Number>,
    /// The largest amount, in units.
    pub max_amount: Option<&'a Number>,
    /// The first close date.
    pub start_date: Option<&'a str>,
    /// The last close date; a day counts whole.
    pub end_date: Option<&'a str>,
}

/// The conditions, read.
pub struct Conditions {
    query: String,
    stage: Option<Value>,
    least: Option<Value>,
    most: Option<Value>,
    from: Option<Timestamp>,
    /// The last moment, or the first one after the last day.
    to: Option<(Timestamp, &'static str)>,
}

impl Conditions {
    /// Reads them for an object's fields.
    ///
    /// # Errors
    /// Tells everything that is wrong, each with its argument.
    pub fn read(deal: &Object, said: &Said<'_>) -> Result<Self, ToolError> {
        let mut faults = Faults::default();
        for (argument, field, given) in [
            ("query", "name", said.query.is_some()),
            ("stage", "stage", said.stage.is_some()),
            ("minAmount", "amount", said.min_amount.is_some()),
            ("maxAmount", "amount", said.max_amount.is_some()),
            ("startDate", "closeDate", said.start_date.is_some()),
            ("endDate", "closeDate", said.end_date.is_some()),
        ] {
            if given && deal.field(field).is_none() {
                faults.error(argument, &deal.no_field(field));
            }
        }
        let stages = deal.field("stage").map(|field| field.options.as_slice()).unwrap_or_default();
        let stage = said.stage.and_then(|stage| option(&mut faults, "stage", stages, &json!(stage)));
        let least = said.min_amount.and_then(|units| micros(&mut faults, "minAmount", &json!(units)));
        let most = said.max_amount.and_then(|units| micros(&mut faults, "maxAmount", &json!(units)));
        let start = said.start_date.and_then(|date| when(&mut faults, "startDate", &json!(date)));
        let end = said.end_date.and_then(|date| when(&mut faults, "endDate", &json!(date)));
        let to = end.and_then(|end| match end {
            When::Day(_) => end.next().map(|next| (next, "lt")),
            When::At(at) => Some((at, "lte")),
        });
        let from = start.and_then(When::begin);
        let query = said.query.unwrap_or_default().to_owned();
        faults.or(Self { query, stage, least, most, from, to })
    }

    /// As the server's filter, which also wants a company where one is given.
    #[must_use]
    pub fn filter(&self, company: Option<&str>) -> Value {
        let mut all = vec![every_word(&self.query, &[&["name"]])];
        all.extend(self.stage.as_ref().map(|stage| json!({ "stage": { "eq": stage } })));
        let amount =
            |operator: &str, micros: &Value| json!({ "amount": { "amountMicros": { operator: micros } } });
        all.extend(self.least.as_ref().map(|micros| amount("gte", micros)));
        all.extend(self.most.as_ref().map(|micros| amount("lte", micros)));
        let closes = |operator: &str, at: Timestamp| json!({ "closeDate": { operator: written(at) } });
        all.extend(self.from.map(|at| closes("gte", at)));
        all.extend(self.to.map(|(at, operator)| closes(operator, at)));
        all.extend(company.map(|id| json!({ "companyId": { "eq": id } })));
        all.retain(|one| one.as_object().is_some_and(|one| !one.is_empty()));
        if all.is_empty() { json!({}) } else { json!({ "and": all }) }
    }

    /// Whether a record that is there passes, as the server would say.
    #[must_use]
    pub fn pass(&self, record: &Value) -> bool {
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let name = text("name").unwrap_or_default().to_lowercase();
        let named = self.query.split_whitespace().all(|word| name.contains(&word.to_lowercase()));
        let staged = self.stage.as_ref().is_none_or(|stage| record.get("stage") == Some(stage));
        let amount = record.pointer("/amount/amountMicros").and_then(number);
        let bound = |bound: &Option<Value>, holds: fn(f64, f64) -> bool| {
            let Some(bound) = bound.as_ref().and_then(number) else { return true };
            amount.is_some_and(|amount| holds(amount, bound))
        };
        let worth = bound(&self.least, |a, b| a >= b) && bound(&self.most, |a, b| a <= b);
        let closes = text("closeDate").and_then(|at| at.parse::<Timestamp>().ok());
        let after = self.from.is_none_or(|from| closes.is_some_and(|at| at >= from));
        let before = self
            .to
            .is_none_or(|(to, operator)| closes.is_some_and(|at| at < to || (operator == "lte" && at == to)));
        named && staged && worth && after && before
    }
}

/// A number, which some servers write as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    fn read(said: &Said<'_>) -> Result<Conditions, ToolError> {
        Conditions::read(CURRENT.object("opportunity").unwrap(), said)
    }

    #[test]
    fn a_day_counts_whole_and_zero_is_a_bound() {
        let zero = Number::from(0);
        let said = Said {
            query: Some("50% Licence"),
            stage: Some("proposal"),
            min_amount: Some(&zero),
            end_date: Some("2026-01-31"),
            start_date: Some("2026-01-31T10:00:00+02:00"),
            ..Said::default()
        };
        let conditions = read(&said).unwrap();
        let filter = conditions.filter(Some("C")).to_string();
        for part in [
            r#"{"name":{"ilike":"%50\\%%"}}"#,
            r#"{"stage":{"eq":"PROPOSAL"}}"#,
            r#"{"amount":{"amountMicros":{"gte":0}}}"#,
            r#"{"closeDate":{"gte":"2026-01-31T08:00:00.000Z"}}"#,
            r#"{"closeDate":{"lt":"2026-02-01T00:00:00.000Z"}}"#,
            r#"{"companyId":{"eq":"C"}}"#,
        ] {
            assert!(filter.contains(part), "{part}: {filter}");
        }
        let record = |amount: Value, date: &str| json!({ "name": "Acme licence 50%", "stage": "PROPOSAL", "closeDate": date, "amount": { "amountMicros": amount } });
        assert!(conditions.pass(&record(json!(0), "2026-01-31T23:59:59.999Z")));
        assert!(conditions.pass(&record(json!("5"), "2026-01-31T08:00:00.000Z")));
        assert!(!conditions.pass(&record(json!(null), "2026-01-31T09:00:00.000Z")));
        assert!(!conditions.pass(&record(json!(-1), "2026-01-31T09:00:00.000Z")));
        assert!(!conditions.pass(&record(json!(1), "2026-02-01T00:00:00.000Z")));
        assert_eq!(read(&Said::default()).unwrap().filter(None), json!({}));
    }

    #[test]
    fn all_that_is_wrong_is_told_by_argument() {
        let said = Said { stage: Some("WON"), start_date: Some("soon"), ..Said::default() };
        let told = read(&said).err().unwrap().to_string();
        assert!(told.contains("`stage`: `WON`") && told.contains("`startDate`: `soon`"), "{told}");
        assert!(told.contains("PROPOSAL"), "{told}");
    }
}
