//! The numbers over all records that a connection offers.

use crate::tools::twenty::sandbox::{
    engine::resolver::{Aggregate, Function, Resolver},
    model::{
        casing::pascal,
        table::{Field, Kind, Object, Plain},
    },
};

use super::definition::{Output, output};

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
pub fn aggregates(object: &Object) -> Vec<Output> {
    let total = Aggregate { function: Function::TotalCount, column: 0, width: 0 };
    let mut all = vec![output("totalCount", "Int", Resolver::Aggregate(total))];
    for field in &object.fields {
        if !matches!(field.kind, Kind::ToOne { .. } | Kind::ToMany { .. } | Kind::Plain(Plain::TsVector)) {
            of_field(field, &mut all);
        }
    }
    all
}

fn of_field(field: &Field, all: &mut Vec<Output>) {
    let name = pascal(&field.name);
    let mut add = |name: String, ty: &str, function, width| {
        all.push(output(name, ty, Resolver::Aggregate(Aggregate { function, column: field.column, width })));
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
