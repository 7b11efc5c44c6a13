//! The numbers over all records that a connection offers.

use crate::tools::twenty::sandbox::model::{
    casing::pascal,
    table::{Field, Kind, Object, Plain},
};

use super::resolver::{Aggregate, Function};

/// An aggregate as it is offered.
#[derive(Debug)]
pub struct Offer {
    /// Its name: `sumAmountAmountMicros`.
    pub name: String,
    /// Its GraphQL type.
    pub ty: &'static str,
    /// What it computes.
    pub aggregate: Aggregate,
}

const COUNTS: [(&str, &str, Function); 5] = [
    ("countUniqueValues", "Int", Function::CountUniqueValues),
    ("countEmpty", "Int", Function::CountEmpty),
    ("countNotEmpty", "Int", Function::CountNotEmpty),
    ("percentageEmpty", "Float", Function::PercentageEmpty),
    ("percentageNotEmpty", "Float", Function::PercentageNotEmpty),
];
const RANGE: [(&str, Function); 2] = [("min", Function::Min), ("max", Function::Max)];
const SUMS: [(&str, Function); 4] =
    [("min", Function::Min), ("max", Function::Max), ("avg", Function::Avg), ("sum", Function::Sum)];
const ANSWERS: [(&str, Function); 2] =
    [("countTrue", Function::CountTrue), ("countFalse", Function::CountFalse)];

/// The aggregates of an object.
pub fn aggregates(object: &Object) -> Vec<Offer> {
    let aggregate = Aggregate { function: Function::TotalCount, column: 0, width: 0 };
    let mut all = vec![Offer { name: "totalCount".to_owned(), ty: "Int", aggregate }];
    for field in &object.fields {
        if !matches!(field.kind, Kind::ToOne { .. } | Kind::ToMany { .. } | Kind::Plain(Plain::TsVector)) {
            of_field(field, &mut all);
        }
    }
    all
}

fn of_field(field: &Field, all: &mut Vec<Offer>) {
    let name = pascal(&field.name);
    let mut add = |name: String, ty, function, width| {
        all.push(Offer { name, ty, aggregate: Aggregate { function, column: field.column, width } });
    };
    for (prefix, ty, function) in COUNTS {
        add(format!("{prefix}{name}"), ty, function, field.width);
    }
    let (more, ty, suffix): (&[_], _, _) = match &field.kind {
        Kind::Plain(Plain::DateTime) => (&RANGE, "DateTime", ""),
        Kind::Plain(Plain::Number) => (&SUMS, "Float", ""),
        Kind::Plain(Plain::Boolean) => (&ANSWERS, "Int", ""),
        Kind::Composite(composite) if composite.kind == "CURRENCY" => (&SUMS, "Float", "AmountMicros"),
        _ => (&[], "", ""),
    };
    for (prefix, function) in more {
        add(format!("{prefix}{name}{suffix}"), ty, *function, 1);
    }
}
