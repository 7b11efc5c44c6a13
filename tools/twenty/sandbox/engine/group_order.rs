//! The order of groups: by what they have in common, or by numbers over their records.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{model::table::Object, store::rows::Rows};

use super::{
    aggregates::aggregates,
    dimension::{Dimension, single},
    direction::Direction,
    fault::Fault,
    group::{Group, by_values},
    resolver::Aggregate,
};

const SEVERAL: &str = "Please provide orderBy field criteria one by one in orderBy array";

/// By what groups are sorted; those that are equal in all of it follow their values.
pub struct GroupOrder {
    keys: Vec<(By, Direction)>,
}

enum By {
    /// What they have in that dimension.
    Value(usize),
    /// A number over their records.
    Number(Aggregate),
}

impl GroupOrder {
    /// The order of an `orderBy` argument.
    ///
    /// # Errors
    /// When it names what is neither an aggregate nor grouped by.
    pub fn new(
        object: &Object,
        dimensions: &[Dimension],
        argument: Option<&Json>,
    ) -> Result<GroupOrder, Fault> {
        let list = match argument {
            Some(Json::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let mut keys = Vec::new();
        for map in list.iter().filter_map(Json::as_object) {
            let Some((name, value)) = single(map, SEVERAL)? else { continue };
            if name == "aggregate" {
                let Some((name, direction)) =
                    value.as_object().map(|map| single(map, SEVERAL)).transpose()?.flatten()
                else {
                    continue;
                };
                let offer = aggregates(object).into_iter().find(|offer| offer.name == name);
                let offer = offer.ok_or_else(|| Fault::query(format!("Unknown aggregate field: {name}")))?;
                keys.push((By::Number(offer.aggregate), Direction::new(direction)));
                continue;
            }
            let granularity = value.get("granularity").and_then(Json::as_str);
            let (path, direction) = match (value, value.get("orderBy")) {
                (Json::Object(map), None) => match single(map, SEVERAL)? {
                    Some((part, direction)) => (vec![name, part], direction),
                    None => continue,
                },
                (_, direction) => (vec![name], direction.unwrap_or(value)),
            };
            let same = |dimension: &Dimension| {
                dimension.path == path
                    && (granularity.is_none() || dimension.granularity.as_deref() == granularity)
            };
            let place = dimensions.iter().position(same).ok_or_else(|| {
                let what = path.join(".");
                let message = "Cannot order by a field that is not an aggregate nor in groupBy criteria";
                Fault::query(granularity.map_or_else(
                    || format!("{message}: {what}."),
                    |granularity| format!("{message}: {what} ({granularity})."),
                ))
            })?;
            keys.push((By::Value(place), Direction::new(direction)));
        }
        Ok(GroupOrder { keys })
    }

    /// The groups in this order.
    pub fn sorted(&self, object: &Object, rows: &Rows, groups: Vec<Group>) -> Vec<Group> {
        let numbers = |group: &Group| {
            let each = self.keys.iter().map(|(by, _)| match by {
                By::Number(aggregate) => aggregate.of(object, rows, &group.slots),
                By::Value(_) => Json::Null,
            });
            each.collect::<Vec<Json>>()
        };
        let mut keyed: Vec<(Vec<Json>, Group)> =
            groups.into_iter().map(|group| (numbers(&group), group)).collect();
        keyed.sort_by(|a, b| self.compare(a, b));
        keyed.into_iter().map(|(_, group)| group).collect()
    }

    fn compare(&self, a: &(Vec<Json>, Group), b: &(Vec<Json>, Group)) -> Ordering {
        let each = self.keys.iter().zip(a.0.iter().zip(&b.0)).map(|((by, direction), numbers)| match by {
            By::Value(place) => {
                let value =
                    |group: &'_ Group| group.values.get(*place).filter(|value| !value.is_null()).cloned();
                direction.compare(value(&a.1), value(&b.1), |a, b| a.order(&b))
            }
            By::Number(_) => {
                let there = |number: &&Json| !number.is_null();
                direction.compare(Some(numbers.0).filter(there), Some(numbers.1).filter(there), number_order)
            }
        });
        each.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| by_values(&a.1, &b.1))
    }
}

/// Numbers by size; moments, which are text of one form, by time.
fn number_order(a: &Json, b: &Json) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    }
}
