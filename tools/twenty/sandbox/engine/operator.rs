//! One operator of a filter, such as `ilike: "%ada%"`, held against one value.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{model::column::Shape, store::value::Value};

use super::{fault::Fault, pattern::Pattern, words};

/// An operator with what it compares to.
#[derive(Clone, Debug)]
pub enum Operator {
    /// The same value.
    Is(Value),
    /// Another value.
    IsNot(Value),
    /// One of these values.
    In(Vec<Value>),
    /// On this side of a value.
    Side(Side, Value),
    /// Nothing there, or something there.
    Null(bool),
    /// Text of this form.
    Like(Pattern),
    /// Text with this beginning.
    Starts(String),
    /// Text with this ending.
    Ends(String),
    /// Text that this expression finds something in.
    Regex(Regex),
    /// Text with words that begin like these.
    Words(Vec<String>),
    /// An empty list, or a list that is not.
    EmptyArray(bool),
    /// A list with one of these members, or one of these values.
    Any(Vec<Json>),
}

/// Where a value must lie.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// Above.
    Above,
    /// Above or at.
    From,
    /// Below.
    Below,
    /// Below or at.
    To,
}

impl Operator {
    /// The operator of that name, such as `ilike: "%ada%"`.
    ///
    /// # Errors
    /// When the operator or what it compares to makes no sense.
    pub fn new(operator: &str, to: &Json, shape: &Shape) -> Result<Operator, Fault> {
        let value = |json: &Json| {
            shape
                .read(json)
                .ok_or_else(|| Fault::query(format!("Invalid value for operator {operator}: {json}")))
        };
        let text = || to.as_str().unwrap_or_default();
        Ok(match operator {
            "eq" => Operator::Is(value(to)?),
            "neq" => Operator::IsNot(value(to)?),
            "in" => Operator::In(list(operator, to)?.iter().map(value).collect::<Result<_, _>>()?),
            "gt" => Operator::Side(Side::Above, value(to)?),
            "gte" => Operator::Side(Side::From, value(to)?),
            "lt" => Operator::Side(Side::Below, value(to)?),
            "lte" => Operator::Side(Side::To, value(to)?),
            "is" => Operator::Null(to == "NULL"),
            "like" => Operator::Like(Pattern::new(text(), false)),
            "ilike" => Operator::Like(Pattern::new(text(), true)),
            "containsIlike" => Operator::Like(Pattern::new(&format!("%{}%", text().trim_matches('%')), true)),
            "startsWith" => Operator::Starts(text().to_owned()),
            "endsWith" => Operator::Ends(text().to_owned()),
            "regex" | "iregex" => {
                let mut expression = RegexBuilder::new(text());
                expression.case_insensitive(operator == "iregex").size_limit(1 << 20);
                Operator::Regex(
                    expression
                        .build()
                        .map_err(|e| Fault::query(format!("Invalid regular expression: {e}")))?,
                )
            }
            "search" => Operator::Words(words::words(text())),
            "isEmptyArray" => Operator::EmptyArray(to == true),
            "containsAny" => Operator::Any(list(operator, to)?.clone()),
            _ => return Err(Fault::query(format!("Operator \"{operator}\" is not supported"))),
        })
    }

    /// Whether a value passes; as in SQL, comparing with nothing is neither true nor false.
    pub fn passes(&self, value: &Value, shape: &Shape) -> Option<bool> {
        if let Operator::Null(null) = self {
            return Some(value.is_null() == *null);
        }
        if value.is_null() {
            return None;
        }
        let known = |to: &Value| !to.is_null();
        match self {
            Operator::Is(to) => known(to).then(|| value == to),
            Operator::IsNot(to) => known(to).then(|| value != to),
            Operator::In(options) => Some(options.contains(value)),
            Operator::Side(side, to) => known(to).then(|| side.holds(value.order(to))),
            Operator::Like(pattern) => Some(pattern.fits(&written(value, shape))),
            Operator::Starts(start) => Some(written(value, shape).starts_with(start)),
            Operator::Ends(end) => Some(written(value, shape).ends_with(end)),
            Operator::Regex(expression) => Some(expression.is_match(&written(value, shape))),
            Operator::Words(wanted) => {
                Some(value.as_text().is_some_and(|held| words::count(held, wanted) == wanted.len()))
            }
            Operator::EmptyArray(empty) => Some(value.is_empty() == *empty),
            Operator::Any(wanted) => Some(match shape.write(value) {
                Json::Array(held) => wanted.iter().any(|one| held.contains(one)),
                held => wanted.contains(&held),
            }),
            Operator::Null(null) => Some(value.is_null() == *null),
        }
    }
}

impl Side {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Side::Above => order.is_gt(),
            Side::From => order.is_ge(),
            Side::Below => order.is_lt(),
            Side::To => order.is_le(),
        }
    }
}

fn list<'a>(operator: &str, json: &'a Json) -> Result<&'a Vec<Json>, Fault> {
    json.as_array().filter(|list| !list.is_empty()).ok_or_else(|| {
        Fault::query(format!("Invalid filter value for operator {operator}. Expected non-empty array"))
    })
}

fn written<'a>(value: &'a Value, shape: &Shape) -> std::borrow::Cow<'a, str> {
    match value.as_text() {
        Some(text) => text.into(),
        None => match shape.write(value) {
            Json::String(text) => text.into(),
            json => json.to_string().into(),
        },
    }
}
