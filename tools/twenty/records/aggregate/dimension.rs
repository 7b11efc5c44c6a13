//! By what records are grouped: a field, a part of one, a date in months, or a field of the record that is pointed at.

use super::calendar::Granularity;
use crate::tools::twenty::{
    records::{
        faults::{Faults, shown},
        input::{
            kinds::{Composite, Kind, Leaf},
            relations::{other_side, target},
        },
    },
    workspace::schema::{Field, Object, Workspace},
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// One thing that records are grouped by.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// As the caller said it.
    pub name: String,
    /// The columns that are grouped by: one, or those that make one name, or tell one record.
    pub(super) columns: Vec<Vec<String>>,
    shape: Shape,
}

/// What its values are.
#[derive(Clone, Debug)]
enum Shape {
    Text,
    Number,
    Flag,
    Choice(Vec<String>),
    Date(Granularity),
    /// First and last name.
    Name,
    /// An id, and then what makes the name.
    Record,
}

impl Dimension {
    /// Reads one: `stage`, `closeDate:month`, `amount.currencyCode`, `company`, `company.name`.
    pub fn read(
        workspace: &Workspace,
        object: &Object,
        place: &str,
        text: &str,
        faults: &mut Faults,
    ) -> Option<Self> {
        let (path, granularity) = match text.split_once(':') {
            Some((path, granularity)) => (path.trim(), Some(granularity.trim())),
            None => (text.trim(), None),
        };
        let granularity = match granularity {
            None => None,
            Some(name) => match Granularity::read(name) {
                Some(granularity) => Some(granularity),
                None => {
                    let what = format_args!("`{}` is no granularity of a date", shown(name));
                    faults.unknown(place, what, name, &Granularity::names());
                    return None;
                }
            },
        };
        let segments: Vec<&str> = path.split('.').collect();
        let mut reading = Reading { workspace, place, granularity, faults };
        let (columns, shape) = reading.own(object, &segments)?;
        Some(Self { name: text.trim().to_owned(), columns, shape })
    }

    /// Its columns as Twenty's `groupBy` takes them.
    pub(super) fn asked(&self, zone: &str) -> Vec<Value> {
        let leaf = match self.shape {
            Shape::Date(granularity) if granularity.cycle().is_none() => {
                json!({ "granularity": granularity.twenty(), "timeZone": zone })
            }
            Shape::Date(granularity) => json!({ "granularity": granularity.twenty() }),
            _ => json!(true),
        };
        let nested =
            |path: &Vec<String>| path.iter().rev().fold(leaf.clone(), |inner, name| json!({ name: inner }));
        self.columns.iter().map(nested).collect()
    }

    /// The value of a group, from what the server says of its columns.
    pub(super) fn told(&self, values: &[Value], zone: &TimeZone) -> Value {
        self.value(values, |granularity, text| granularity.told(zone, text))
    }

    /// The value of a record, from what it has in the columns.
    pub(super) fn group(&self, values: &[Value], zone: &TimeZone) -> Value {
        self.value(values, |granularity, text| granularity.group(zone, text))
    }

    fn value(&self, values: &[Value], date: impl Fn(Granularity, &str) -> String) -> Value {
        let first = values.first().unwrap_or(&Value::Null);
        let words = |values: &[Value]| {
            let words: Vec<&str> =
                values.iter().filter_map(Value::as_str).filter(|word| !word.is_empty()).collect();
            if words.is_empty() { Value::Null } else { json!(words.join(" ")) }
        };
        match (&self.shape, first) {
            (Shape::Name, _) => words(values),
            (_, Value::Null) => Value::Null,
            (Shape::Record, id) => json!({ "id": id, "name": words(values.get(1..).unwrap_or_default()) }),
            (Shape::Date(granularity), Value::String(text)) => json!(date(*granularity, text)),
            (Shape::Number, Value::String(text)) => text.parse::<f64>().map_or(json!(text), number),
            (Shape::Number, Value::Number(given)) => given.as_f64().map_or(Value::Null, number),
            (Shape::Flag, Value::String(text)) => json!(text == "true" || text == "t"),
            (_, value) => value.clone(),
        }
    }

    /// Whether its values have an order of their own, other than that of letters.
    pub(super) const fn ordered(&self) -> bool {
        !matches!(self.shape, Shape::Text | Shape::Name | Shape::Record)
    }

    /// The order of two values; nothing comes last.
    pub(super) fn order(&self, a: &Value, b: &Value) -> Ordering {
        let place = |names: &[String], value: &Value| names.iter().position(|name| value == name.as_str());
        let text = |value: &Value| {
            let value = value.get("name").unwrap_or(value);
            value.as_str().unwrap_or_default().to_lowercase()
        };
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let id = |value: &Value| value.get("id").map(Value::to_string);
        a.is_null().cmp(&b.is_null()).then_with(|| match &self.shape {
            Shape::Choice(options) => place(options, a).cmp(&place(options, b)),
            Shape::Date(granularity) => match granularity.cycle() {
                Some(names) => {
                    let at = |value: &Value| names.iter().position(|name| value == *name);
                    at(a).cmp(&at(b))
                }
                None => text(a).cmp(&text(b)),
            },
            Shape::Number => number(a).total_cmp(&number(b)),
            Shape::Flag => a.as_bool().cmp(&b.as_bool()),
            Shape::Text | Shape::Name => text(a).cmp(&text(b)),
            // Two of one name keep their places from one answer to the next.
            Shape::Record => text(a).cmp(&text(b)).then_with(|| id(a).cmp(&id(b))),
        })
    }

    /// Where among all columns the currency of a field is, if this is it.
    pub(super) fn is_currency_of(&self, field: &str) -> bool {
        matches!(self.columns.as_slice(), [path] if matches!(path.as_slice(), [own, part] if own == field && part == "currencyCode"))
    }
}

/// A number without a fraction that says nothing.
pub(super) fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}

type Read = (Vec<Vec<String>>, Shape);

struct Reading<'a> {
    workspace: &'a Workspace,
    place: &'a str,
    granularity: Option<Granularity>,
    faults: &'a mut Faults,
}

impl Reading<'_> {
    fn own(&mut self, object: &Object, segments: &[&str]) -> Option<Read> {
        let (name, rest) = segments.split_first()?;
        let field = self.field(object, name)?;
        let Some(relation) = &field.relation else { return self.plain(field, rest) };
        if relation.many {
            let hint = other_side(self.workspace, object, relation);
            self.faults.hinted(self.place, format_args!("`{}` holds many records", field.name), hint);
            return None;
        }
        let Some(to) = target(self.workspace, field, relation) else {
            self.faults.add(self.place, format_args!("`{}` may point at several objects", field.name));
            return None;
        };
        let (mut columns, shape) = match rest.split_first() {
            None => self.record(to)?,
            Some((name, rest)) => {
                let of = self.field(to, name)?;
                if of.relation.is_some() {
                    let what = format_args!("`{}` is one relation too far: one can be gone through", of.name);
                    self.faults.add(self.place, what);
                    return None;
                }
                self.plain(of, rest)?
            }
        };
        columns.iter_mut().for_each(|path| path.insert(0, field.name.clone()));
        Some((columns, shape))
    }

    fn field<'o>(&mut self, object: &'o Object, name: &str) -> Option<&'o Field> {
        let found = object.field(name).or_else(|| object.joined_by(name));
        if found.is_none() {
            let fits = |field: &&Field| {
                let many = field.relation.as_ref().is_some_and(|relation| relation.many);
                field.active && !many && (field.relation.is_some() || groups(field))
            };
            let known: Vec<&str> =
                object.fields.iter().filter(fits).map(|field| field.name.as_str()).collect();
            let what = format_args!("`{}` has no field `{}` in this workspace", object.singular, shown(name));
            self.faults.unknown(self.place, what, name, &known);
        }
        found
    }

    /// The record that is pointed at: by its id, so that two of one name stay two.
    fn record(&mut self, to: &Object) -> Option<Read> {
        let mut columns = vec![vec!["id".to_owned()]];
        let label = to.label_field.as_ref().and_then(|name| to.field(name)).filter(|field| groups(field));
        if let Some(label) = label {
            let before = self.granularity.take();
            let named = self.plain(label, &[]);
            self.granularity = before;
            columns.extend(named?.0);
        }
        match self.granularity {
            None => Some((columns, Shape::Record)),
            Some(_) => self.no_date(&to.singular),
        }
    }

    fn plain(&mut self, field: &Field, rest: &[&str]) -> Option<Read> {
        if !groups(field) {
            let what = format_args!("records cannot be grouped by `{}` ({})", field.name, field.kind);
            self.faults.add(self.place, what);
            return None;
        }
        let own = || vec![field.name.clone()];
        let (columns, shape) = match (Kind::of(&field.kind), rest) {
            (Kind::Several(_), []) if field.kind == "FULL_NAME" => {
                let part = |part: &str| vec![field.name.clone(), part.to_owned()];
                (vec![part("firstName"), part("lastName")], Shape::Name)
            }
            (Kind::Several(composite), rest) => return self.part(field, composite, rest),
            (Kind::One(leaf), []) => match leaf {
                Leaf::Moment | Leaf::Day => {
                    let granularity = self.granularity.unwrap_or(Granularity::Day);
                    return Some((vec![own()], Shape::Date(granularity)));
                }
                Leaf::Choice => {
                    let options = field.options.iter().map(|option| option.value.clone()).collect();
                    (vec![own()], Shape::Choice(options))
                }
                Leaf::Flag => (vec![own()], Shape::Flag),
                Leaf::Number => (vec![own()], Shape::Number),
                _ => (vec![own()], Shape::Text),
            },
            (_, rest) => {
                let what = format_args!("`{}` has no part `{}`", field.name, shown(&rest.join(".")));
                self.faults.add(self.place, what);
                return None;
            }
        };
        if self.granularity.is_some() {
            return self.no_date(&field.name);
        }
        Some((columns, shape))
    }

    fn part(&mut self, field: &Field, composite: &'static Composite, rest: &[&str]) -> Option<Read> {
        let simple = matches!(field.kind.as_str(), "EMAILS" | "LINKS" | "PHONES" | "ACTOR");
        let main = composite.main.map(|(part, _)| part).filter(|_| simple);
        let wanted = match (rest, main) {
            ([part], _) => *part,
            ([], Some(main)) => main,
            (rest, _) => {
                let what = match rest {
                    [] => format!("`{}` has several parts: say which", field.name),
                    rest => format!("`{}` has no part `{}`", field.name, shown(&rest.join("."))),
                };
                let hint =
                    format!("as in {}.{}", field.name, composite.names().last().copied().unwrap_or_default());
                self.faults.hinted(self.place, what, hint);
                return None;
            }
        };
        let Some(part) = composite.part(wanted).filter(|part| part.leaf != Leaf::Json) else {
            let what = format_args!("`{}` has no part `{}`", field.name, shown(wanted));
            self.faults.unknown(self.place, what, wanted, &composite.names());
            return None;
        };
        if self.granularity.is_some() {
            return self.no_date(part.name);
        }
        let shape = if part.leaf == Leaf::Number { Shape::Number } else { Shape::Text };
        Some((vec![vec![field.name.clone(), part.name.to_owned()]], shape))
    }

    fn no_date(&mut self, name: &str) -> Option<Read> {
        self.faults.add(self.place, format_args!("`{name}` is no date, and has no granularity"));
        None
    }
}

/// Whether records can be grouped by what a field holds.
fn groups(field: &Field) -> bool {
    let single = match Kind::of(&field.kind) {
        Kind::One(leaf) => !matches!(leaf, Leaf::Json | Leaf::List | Leaf::Choices | Leaf::Words),
        Kind::Several(_) => !field.kind.starts_with("RICH_TEXT"),
        Kind::Unknown => false,
    };
    single && field.kind != "POSITION"
}
