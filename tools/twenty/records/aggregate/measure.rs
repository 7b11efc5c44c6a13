//! What is told of each group: how many, how much, from when to when.

use crate::tools::twenty::{
    records::{
        faults::{Faults, shown},
        input::kinds::{Kind, Leaf},
        selection::whole,
    },
    workspace::schema::{Field, Object, Workspace},
};

/// One number, date or amount over the records of a group.
#[derive(Clone, Debug)]
pub struct Measure {
    /// As the caller said it: `sum:amount`.
    pub name: String,
    pub(super) function: Function,
    /// The field, none for the number of records.
    pub(super) field: Option<String>,
    /// Whether it is an amount of money, which is told for each currency.
    pub(super) money: bool,
    /// How its field is selected of a record.
    pub(super) selection: String,
}

/// How a measure is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountUnique,
    CountEmpty,
    CountNotEmpty,
    PercentageEmpty,
    PercentageNotEmpty,
    CountTrue,
    CountFalse,
    Min,
    Max,
    Avg,
    Sum,
}

/// Each with its name, and the beginning of what Twenty calls it.
const ALL: [(Function, &str, &str); 12] = [
    (Function::Count, "count", "totalCount"),
    (Function::CountUnique, "countUnique", "countUniqueValues"),
    (Function::CountEmpty, "countEmpty", "countEmpty"),
    (Function::CountNotEmpty, "countNotEmpty", "countNotEmpty"),
    (Function::PercentageEmpty, "percentageEmpty", "percentageEmpty"),
    (Function::PercentageNotEmpty, "percentageNotEmpty", "percentageNotEmpty"),
    (Function::CountTrue, "countTrue", "countTrue"),
    (Function::CountFalse, "countFalse", "countFalse"),
    (Function::Min, "min", "min"),
    (Function::Max, "max", "max"),
    (Function::Avg, "avg", "avg"),
    (Function::Sum, "sum", "sum"),
];

impl Measure {
    /// Reads one: `count`, `sum:amount`, `avg:probability`, `countUnique:name`.
    pub fn read(
        workspace: &Workspace,
        object: &Object,
        place: &str,
        text: &str,
        faults: &mut Faults,
    ) -> Option<Self> {
        let name = text.trim();
        let (said, of) = match name.split_once(':') {
            Some((function, field)) => (function.trim(), Some(field.trim())),
            None => (name, None),
        };
        let same = |known: &str| known.eq_ignore_ascii_case(said);
        let Some((function, ..)) = ALL.iter().find(|(_, own, twenty)| same(own) || same(twenty)) else {
            let names: Vec<&str> = ALL.iter().map(|(_, name, _)| *name).collect();
            faults.unknown(place, format_args!("`{}` is no measure", shown(said)), said, &names);
            return None;
        };
        let (function, name) = (*function, name.to_owned());
        let of = match (function, of) {
            (Function::Count, None) => {
                return Some(Self { name, function, field: None, money: false, selection: "id".into() });
            }
            (Function::Count, Some(_)) => {
                let hint = "`countNotEmpty:FIELD` counts those that have a value";
                faults.hinted(place, "`count` counts records, and takes no field", hint);
                return None;
            }
            (_, None) => {
                let what = format_args!("`{said}` is taken of a field");
                faults.hinted(place, what, format_args!("as in {said}:{}", example(object, function)));
                return None;
            }
            (_, Some(of)) => of,
        };
        let Some(field) = object.field(of).filter(|field| fits(field, Function::CountEmpty)) else {
            let known = fields(object, function);
            let what = format_args!("`{}` has no field `{}` to measure", object.singular, shown(of));
            faults.unknown(place, what, of, &known);
            return None;
        };
        if !fits(field, function) {
            let known: Vec<&str> =
                ALL.iter().filter(|(one, ..)| fits(field, *one)).map(|(_, name, _)| *name).collect();
            let what = format_args!("`{said}` cannot be taken of `{}` ({})", field.name, field.kind);
            faults.hinted(place, what, format_args!("there are: {}", known.join(", ")));
            return None;
        }
        let money = field.kind == "CURRENCY" && function.amounts();
        let selection = whole(workspace, field).unwrap_or_else(|| field.name.clone());
        Some(Self { name, function, field: Some(field.name.clone()), money, selection })
    }

    /// What Twenty calls it: `sumAmountAmountMicros`.
    pub(super) fn twenty(&self) -> String {
        let begin = ALL.iter().find(|(one, ..)| *one == self.function).map_or("", |(_, _, name)| *name);
        let Some(field) = &self.field else { return begin.to_owned() };
        let mut letters = field.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        let end = if self.money { "AmountMicros" } else { "" };
        format!("{begin}{first}{}{end}", letters.as_str())
    }
}

impl Function {
    /// Whether what it tells is in the field's own unit.
    pub(super) const fn amounts(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::Avg | Self::Sum)
    }
}

fn fits(field: &Field, function: Function) -> bool {
    if field.relation.is_some() || matches!(Kind::of(&field.kind), Kind::One(Leaf::Words) | Kind::Unknown) {
        return false;
    }
    match function {
        Function::Count => false,
        Function::CountTrue | Function::CountFalse => field.kind == "BOOLEAN",
        Function::Min | Function::Max => {
            matches!(field.kind.as_str(), "NUMBER" | "CURRENCY" | "DATE_TIME" | "DATE")
        }
        Function::Avg | Function::Sum => matches!(field.kind.as_str(), "NUMBER" | "CURRENCY"),
        _ => true,
    }
}

fn fields(object: &Object, function: Function) -> Vec<&str> {
    let fitting = object.fields.iter().filter(|field| field.active && fits(field, function));
    fitting.map(|field| field.name.as_str()).collect()
}

fn example(object: &Object, function: Function) -> &str {
    fields(object, function).last().copied().unwrap_or("FIELD")
}
