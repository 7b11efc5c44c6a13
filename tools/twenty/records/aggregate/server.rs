//! Groups as the server counts them: root fields of one document. Money is asked for by currency, beside the groups themselves.

use super::{
    dimension::number,
    groups::{Aggregate, GROUPS, Group, too_many},
    measure::{Function, Measure},
};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{document::Document, find::count, plain::micros},
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// One root field: which measures it answers, and for money where among its values the currency is.
struct Asked {
    alias: String,
    measures: Vec<usize>,
    currency: Option<usize>,
}

/// What a document asks for: the root fields of one aggregate.
pub struct Asking(Vec<Asked>);

/// The groups that a document was answered with, in no order.
pub(super) fn told(
    intent: &Aggregate,
    asking: &Asking,
    data: &Map<String, Value>,
) -> Result<Vec<Group>, ToolError> {
    let width = intent.dimensions.iter().map(|dimension| dimension.columns.len()).sum();
    let mut groups = Gathered { intent, width, places: HashMap::new(), groups: Vec::new() };
    for asked in &asking.0 {
        match data.get(&asked.alias) {
            Some(Value::Array(answers)) if answers.len() > GROUPS => return Err(too_many()),
            Some(Value::Array(answers)) => answers.iter().for_each(|answer| groups.add(asked, answer)),
            Some(answer @ Value::Object(_)) => groups.add(asked, answer),
            _ => return Err(ToolError::upstream("Twenty answered without the groups that were asked for")),
        }
    }
    Ok(groups.groups)
}

/// Puts what the server is to count into a document.
pub(super) fn put(document: &mut Document, object: &Object, intent: &Aggregate) -> Asking {
    let columns: Vec<Value> =
        intent.dimensions.iter().flat_map(|dimension| dimension.asked(&intent.zone_name)).collect();
    let all = || intent.measures.iter().enumerate();
    let (mut base, mut asked) = (Vec::new(), Vec::new());
    let mut apart: Vec<&str> = Vec::new();
    for (at, measure) in all() {
        match measure.field.as_deref().filter(|_| measure.money) {
            Some(field) if currency(intent, field).is_none() => {
                if !apart.contains(&field) {
                    apart.push(field);
                }
            }
            _ => base.push(at),
        }
    }
    let filter = (!empty(&intent.filter))
        .then(|| document.variable(&format!("{}FilterInput", object.kind()), intent.filter.clone()));
    let filter = filter.map(|filter| format!("filter: {filter}"));
    let mut root = |columns: Vec<Value>, measures: Vec<usize>, currency: Option<usize>| {
        let names = measures.iter().filter_map(|at| intent.measures.get(*at)).map(Measure::twenty);
        let mut names: Vec<String> = names.chain(["totalCount".to_owned()]).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.join(" ");
        let field = if columns.is_empty() {
            let filter = filter.iter().map(|filter| format!("({filter})")).collect::<String>();
            format!("{}{filter} {{ {names} }}", object.plural)
        } else {
            let kind = format!("[{}GroupByInput]!", object.kind());
            let columns = document.variable(&kind, Value::Array(columns));
            let mut arguments = vec![format!("groupBy: {columns}")];
            arguments.extend(filter.clone());
            arguments.push(format!("limit: {}", GROUPS + 1));
            let arguments = arguments.join(", ");
            format!("{}GroupBy({arguments}) {{ groupByDimensionValues {names} }}", object.plural)
        };
        asked.push(Asked { alias: document.root(&field), measures, currency });
    };
    root(columns.clone(), base, None);
    for field in apart {
        let of = |(at, measure): (usize, &Measure)| {
            (measure.money && measure.field.as_deref() == Some(field)).then_some(at)
        };
        let (mut columns, at) = (columns.clone(), columns.len());
        columns.push(json!({ field: { "currencyCode": true } }));
        root(columns, all().filter_map(of).collect(), Some(at));
    }
    Asking(asked)
}

/// The column that a field's currency has among those that are grouped by anyway.
fn currency(intent: &Aggregate, field: &str) -> Option<usize> {
    let mut at = 0;
    for dimension in &intent.dimensions {
        if dimension.is_currency_of(field) {
            return Some(at);
        }
        at += dimension.columns.len();
    }
    None
}

struct Gathered<'a> {
    intent: &'a Aggregate,
    /// How many columns the groups themselves have.
    width: usize,
    places: HashMap<String, usize>,
    groups: Vec<Group>,
}

impl Gathered<'_> {
    fn add(&mut self, asked: &Asked, answer: &Value) {
        let values = answer.get("groupByDimensionValues").and_then(Value::as_array);
        let values = values.map(Vec::as_slice).unwrap_or_default();
        let at = self.place(values.get(..self.width).unwrap_or(values));
        let Some(group) = self.groups.get_mut(at) else { return };
        if asked.currency.is_none() {
            group.count = count(answer, "totalCount").unwrap_or_default();
        }
        for nth in &asked.measures {
            let Some((measure, slot)) = self.intent.measures.get(*nth).zip(group.measures.get_mut(*nth))
            else {
                continue;
            };
            let value = answer.get(measure.twenty()).cloned().unwrap_or_default();
            let code = asked.currency.or_else(|| currency(self.intent, measure.field.as_deref()?));
            match (measure.money, micros(&value)) {
                (true, Some(amount)) => {
                    let code = code.and_then(|at| values.get(at)).and_then(Value::as_str).unwrap_or_default();
                    let money = json!({ "amount": amount, "currency": code });
                    match slot {
                        Value::Array(all) => all.push(money),
                        slot => *slot = json!([money]),
                    }
                }
                (true, None) => {}
                (false, _) => *slot = shown(measure, value),
            }
        }
    }

    fn place(&mut self, values: &[Value]) -> usize {
        let key = Value::Array(values.to_vec()).to_string();
        if let Some(at) = self.places.get(&key) {
            return *at;
        }
        let mut rest = values;
        let keys = self.intent.dimensions.iter().map(|dimension| {
            let (own, more) = rest.split_at(dimension.columns.len().min(rest.len()));
            rest = more;
            dimension.told(own, &self.intent.zone)
        });
        let keys = keys.collect();
        self.groups.push(Group { keys, count: 0, measures: vec![Value::Null; self.intent.measures.len()] });
        self.places.insert(key, self.groups.len() - 1);
        self.groups.len() - 1
    }
}

/// Shares are told in percent.
fn shown(measure: &Measure, value: Value) -> Value {
    match measure.function {
        Function::PercentageEmpty | Function::PercentageNotEmpty => {
            value.as_f64().map_or(Value::Null, |share| number(share * 100.0))
        }
        _ => value.as_f64().map_or(value, number),
    }
}

fn empty(filter: &Value) -> bool {
    filter.as_object().is_none_or(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    fn document(group_by: &[&str], measures: &[&str]) -> String {
        let deal = CURRENT.object("opportunity").unwrap();
        let intent = Aggregate::read(&CURRENT, deal, group_by, measures, "UTC").unwrap();
        let intent = intent.over(json!({ "name": { "eq": "x" } }));
        let mut document = Document::default();
        put(&mut document, deal, &intent);
        let operation = document.query();
        let at = operation.document.find('{').unwrap();
        format!("{} {}", &operation.document[at..], operation.variables.get("v1").unwrap_or(&Value::Null))
    }

    #[test]
    fn money_is_asked_for_by_currency_beside_the_groups_and_not_twice() {
        assert_eq!(
            document(&["stage"], &["sum:amount", "avg:probability"]),
            "{ r0: opportunitiesGroupBy(groupBy: $v1, filter: $v0, limit: 10001) { groupByDimensionValues avgProbability \
             totalCount } r1: opportunitiesGroupBy(groupBy: $v2, filter: $v0, limit: 10001) { groupByDimensionValues \
             sumAmountAmountMicros totalCount } } [{\"stage\":true}]"
        );
        assert_eq!(
            document(&["amount.currency", "closeDate:month"], &["sum:amount", "max:closeDate"]),
            "{ r0: opportunitiesGroupBy(groupBy: $v1, filter: $v0, limit: 10001) { groupByDimensionValues maxCloseDate \
             sumAmountAmountMicros totalCount } } [{\"amount\":{\"currencyCode\":true}},\
             {\"closeDate\":{\"granularity\":\"MONTH\",\"timeZone\":\"UTC\"}}]"
        );
        assert_eq!(
            document(&[], &["count", "countEmpty:amount"]),
            "{ r0: opportunities(filter: $v0) { countEmptyAmount totalCount } } null"
        );
    }
}
