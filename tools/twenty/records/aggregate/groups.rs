//! Records in groups with numbers over each: counted by the server where it can, otherwise read and counted here.

use super::{
    dimension::Dimension,
    measure::{Function, Measure},
    rows,
    server::{self, Asking},
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{document::Document, engine::Records, faults::Faults},
        workspace::schema::{Object, Workspace},
    },
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// The most groups of one answer.
pub(super) const GROUPS: usize = 10_000;
/// The most that records are grouped by at once.
const DIMENSIONS: usize = 4;
/// The most measures at once.
const MEASURES: usize = 12;

/// What is to be counted, and how.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// By what records are grouped; nothing for one group of all.
    pub dimensions: Vec<Dimension>,
    /// What is told of each group beside the number of its records.
    pub measures: Vec<Measure>,
    /// Twenty's filter; empty for all records.
    pub filter: Value,
    pub(super) zone: TimeZone,
    pub(super) zone_name: String,
}

/// Groups, in the order of their dates, options and numbers; the largest first where there are names among them.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// All of them.
    pub groups: Vec<Group>,
    /// The records in them.
    pub records: usize,
}

/// Records that have the same in all dimensions.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// What they have, in the order of the dimensions: a text, a number, a flag, a date as in `2026-01`, `{ id, name }`
    /// for a record that they point at, null for nothing.
    pub keys: Vec<Value>,
    /// How many they are.
    pub count: usize,
    /// In the order of the measures: a number, a date, a list of `{ amount, currency }` for money, null for nothing.
    pub measures: Vec<Value>,
}

impl Aggregate {
    /// Reads what callers say: `closeDate:month`, `company.name`; `count`, `sum:amount`. Days begin in the time zone.
    ///
    /// # Errors
    /// Tells everything that is wrong, each with its place.
    pub fn read(
        workspace: &Workspace,
        object: &Object,
        group_by: &[impl AsRef<str>],
        measures: &[impl AsRef<str>],
        zone: &str,
    ) -> Result<Self, ToolError> {
        let mut faults = Faults::default();
        if group_by.len() > DIMENSIONS {
            faults.add("groupBy", format_args!("records are grouped by at most {DIMENSIONS} things at once"));
        }
        if measures.len() > MEASURES {
            faults.add("measures", format_args!("at most {MEASURES} can be asked for at once"));
        }
        let mut dimensions: Vec<Dimension> = Vec::new();
        for (at, text) in group_by.iter().enumerate().take(DIMENSIONS) {
            let place = format!("groupBy[{at}]");
            dimensions.extend(Dimension::read(workspace, object, &place, text.as_ref(), &mut faults));
        }
        let mut known: Vec<Measure> = Vec::new();
        for (at, text) in measures.iter().enumerate().take(MEASURES) {
            let place = format!("measures[{at}]");
            known.extend(Measure::read(workspace, object, &place, text.as_ref(), &mut faults));
        }
        let time_zone = TimeZone::get(zone).unwrap_or_else(|_| {
            faults.hinted("timeZone", "there is no such time zone", "as in UTC or Europe/Paris");
            TimeZone::UTC
        });
        let filter = Value::Null;
        faults.or(Self { dimensions, measures: known, filter, zone: time_zone, zone_name: zone.to_owned() })
    }

    /// The same over the records of a filter, as Twenty takes it.
    #[must_use]
    pub fn over(mut self, filter: Value) -> Self {
        self.filter = filter;
        self
    }

    /// The groups that the server answers to what `ask_groups` asked.
    ///
    /// # Errors
    /// There are more than 10,000 groups, or they are not in the answer.
    pub fn told(&self, asking: &Asking, data: &Map<String, Value>) -> Result<Groups, ToolError> {
        server::told(self, asking, data).map(|groups| self.sorted(groups))
    }

    /// The groups of records that are here already, with what `selection` selects.
    #[must_use]
    pub fn counted(&self, records: &[Value]) -> Groups {
        self.sorted(rows::counted(self, records))
    }

    /// What must be selected of records to count them here.
    #[must_use]
    pub fn selection(&self) -> String {
        rows::selection(self)
    }

    fn sorted(&self, mut groups: Vec<Group>) -> Groups {
        groups.sort_by(|a, b| self.order(a, b));
        Groups { records: groups.iter().map(|group| group.count).sum(), groups }
    }

    fn order(&self, a: &Group, b: &Group) -> Ordering {
        let each = self.dimensions.iter().zip(a.keys.iter().zip(&b.keys));
        let values = each.map(|(dimension, (a, b))| dimension.order(a, b)).find(|order| order.is_ne());
        let values = values.unwrap_or(Ordering::Equal);
        match self.dimensions.iter().all(Dimension::ordered) {
            true => values,
            false => b.count.cmp(&a.count).then(values),
        }
    }

    /// Whether any server can count it: no groups, no currencies, nothing that only some have.
    fn simple(&self) -> bool {
        let simple = |measure: &Measure| {
            !measure.money && !matches!(measure.function, Function::CountTrue | Function::CountFalse)
        };
        self.dimensions.is_empty() && self.measures.iter().all(simple)
    }
}

impl Records<'_> {
    /// Records in groups, all of them: one request, and on servers that cannot group one for each 200 records.
    ///
    /// # Errors
    /// There are more than 10,000 groups, too many records to be read, or the workspace does not answer.
    pub async fn aggregate(
        &self,
        cx: &Common,
        object: &Object,
        intent: &Aggregate,
    ) -> Result<Groups, ToolError> {
        let mut document = Document::default();
        match self.ask_groups(&mut document, object, intent) {
            Some(asking) => intent.told(&asking, &self.read(cx, document).await?),
            None => Ok(intent.sorted(rows::count(self, cx, object, intent).await?)),
        }
    }

    /// Puts an aggregate into a document that asks for other things too; nothing where the server cannot count it, and
    /// the records must be read.
    pub fn ask_groups(&self, document: &mut Document, object: &Object, intent: &Aggregate) -> Option<Asking> {
        let root = format!("{}GroupBy", object.plural);
        // Where it cannot be said how many groups are wanted, some would be left out.
        let groups = self.workspace().takes(&root, "limit");
        (groups || intent.simple()).then(|| server::put(document, object, intent))
    }
}

/// The error for more groups than an answer has.
pub(super) fn too_many() -> ToolError {
    ToolError::limited(format_args!("there are more than {GROUPS} groups"))
        .hint("group by something coarser, or filter first")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    #[test]
    fn every_wrong_name_is_told_with_the_nearest() {
        let deal = CURRENT.object("opportunity").unwrap();
        let group_by = ["stge", "closeDate:fortnight", "amount", "stage:month"];
        let measures = ["sum:stage", "average:amount", "sum", "count:name"];
        let error = Aggregate::read(&CURRENT, deal, &group_by, &measures, "Mars/Base").unwrap_err();
        let told = error.to_string();
        for line in [
            "9 things are wrong:",
            "`groupBy[0]`: `opportunity` has no field `stge` in this workspace; did you mean `stage`",
            "`groupBy[1]`: `fortnight` is no granularity of a date; there are: day, week, month",
            "`groupBy[2]`: `amount` has several parts: say which; as in amount.currencyCode",
            "`groupBy[3]`: `stage` is no date, and has no granularity",
            "`measures[0]`: `sum` cannot be taken of `stage` (SELECT); there are: countUnique",
            "`measures[1]`: `average` is no measure; ",
            "`measures[2]`: `sum` is taken of a field; as in sum:",
            "`measures[3]`: `count` counts records",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }

    #[test]
    fn groups_follow_their_options_and_dates_and_names_come_largest_first() {
        let deal = CURRENT.object("opportunity").unwrap();
        let sorted = |group_by: &str, keys: &[(Value, usize)]| {
            let intent = Aggregate::read(&CURRENT, deal, &[group_by], &["count"], "UTC").unwrap();
            let group = |(key, count): &(Value, usize)| Group {
                keys: vec![key.clone()],
                count: *count,
                measures: Vec::new(),
            };
            let mut groups: Vec<Group> = keys.iter().map(group).collect();
            groups.sort_by(|a, b| intent.order(a, b));
            groups.iter().map(|group| group.keys[0].clone()).collect::<Vec<_>>()
        };
        let text = |text: &str| serde_json::json!(text);
        let stages = [(Value::Null, 9), (text("CUSTOMER"), 5), (text("NEW"), 1)];
        assert_eq!(sorted("stage", &stages), [text("NEW"), text("CUSTOMER"), Value::Null]);
        let names = [(text("a"), 1), (text("b"), 2)];
        assert_eq!(sorted("company.name", &names), [text("b"), text("a")]);
        let days = [(text("Sunday"), 9), (text("Monday"), 1)];
        assert_eq!(sorted("closeDate:dayOfTheWeek", &days), [text("Monday"), text("Sunday")]);
    }
}
