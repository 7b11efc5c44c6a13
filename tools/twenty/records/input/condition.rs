//! What a filter says of one value: its operators, and what they compare with.

use super::{
    conjunction::Conjunction,
    filter::Reading,
    kinds::Leaf,
    operators::Target,
    value::{date, flag, micros, named, number, option, text, uuid, when, written},
};
use crate::tools::twenty::{
    phone,
    records::{
        faults::shown,
        reference::spellings,
        search::{escaped, every_word},
    },
};
use serde_json::{Map, Value, json};

/// The most values of one list.
const LISTED: usize = 500;

/// What an equal value is like.
enum Equal {
    /// This value.
    To(Value),
    /// Whatever passes this filter.
    By(Value),
}

impl Reading<'_> {
    /// The conditions that were given for one value.
    pub(super) fn conditions(
        &mut self,
        place: &str,
        target: &Target<'_>,
        given: &Value,
        all: &mut Conjunction,
    ) {
        let Value::Object(operators) = given else {
            let operator = target.usual(given);
            if target.operators().contains(&operator) {
                return self.operator(place, target, operator, given, all);
            }
            return self.faults.hinted(
                place,
                format_args!("{} says nothing here", named(given)),
                format_args!("give one of: {}", target.operators().join(", ")),
            );
        };
        if operators.is_empty() {
            self.faults.add(place, "nothing is said of it");
        }
        self.operators(place, target, operators, all);
    }

    fn operators(
        &mut self,
        place: &str,
        target: &Target<'_>,
        given: &Map<String, Value>,
        all: &mut Conjunction,
    ) {
        for (operator, value) in given {
            let place = format!("{place}.{}", shown(operator));
            if target.operators().contains(&operator.as_str()) {
                self.operator(&place, target, operator, value, all);
                continue;
            }
            let what = match target.to {
                Some(to) => {
                    format!("it stands for one `{}`, by id or name, and has no such operator", to.singular)
                }
                None => "no such operator here".to_owned(),
            };
            self.faults.unknown(&place, what, operator, target.operators());
        }
    }

    fn operator(
        &mut self,
        place: &str,
        target: &Target<'_>,
        operator: &str,
        given: &Value,
        all: &mut Conjunction,
    ) {
        if !self.count(place) {
            return;
        }
        let made = match operator {
            "is" => self.nothing(place, target, given),
            "eq" if given.is_null() => self.nothing(place, target, &json!("NULL")),
            "neq" if given.is_null() => self.nothing(place, target, &json!("NOT_NULL")),
            "isEmptyArray" => {
                flag(&mut self.faults, place, given).map(|yes| target.operate(operator, json!(yes)))
            }
            "eq" | "neq" | "in" | "containsAny" => self.equal(place, target, operator, given),
            "gt" | "gte" | "lt" | "lte" => self.compared(place, target, operator, given),
            operator => self.matching(place, target, operator, given),
        };
        if let Some(made) = made {
            all.push(made);
        }
    }

    fn nothing(&mut self, place: &str, target: &Target<'_>, given: &Value) -> Option<Value> {
        let word = match given {
            Value::Null => "NULL".to_owned(),
            given => given.as_str().unwrap_or_default().trim().to_uppercase().replace(' ', "_"),
        };
        if word != "NULL" && word != "NOT_NULL" {
            self.faults.add(place, "it is NULL or NOT_NULL");
            return None;
        }
        let name = target.path.first().filter(|_| target.leaf == Leaf::Name);
        Some(match name {
            // A person without any name has neither of the two.
            Some(name) if word == "NULL" => {
                json!({ *name: { "firstName": { "is": "NULL" }, "lastName": { "is": "NULL" } } })
            }
            _ => target.operate("is", json!(word)),
        })
    }

    fn equal(&mut self, place: &str, target: &Target<'_>, operator: &str, given: &Value) -> Option<Value> {
        let listed = matches!(operator, "in" | "containsAny");
        let values = match given {
            Value::Array(values) if listed => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        if values.is_empty() || values.len() > LISTED {
            self.faults.add(place, format_args!("a list of 1 to {LISTED} values is wanted"));
            return None;
        }
        let mut equals = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let place = if given.is_array() && listed { format!("{place}[{at}]") } else { place.to_owned() };
            equals.push(self.same(&place, target, value));
        }
        let equals: Vec<Equal> = equals.into_iter().collect::<Option<_>>()?;
        let mut plain: Vec<Value> = Vec::new();
        let mut made: Vec<Value> = Vec::new();
        for equal in equals {
            match equal {
                Equal::To(value) => plain.push(value),
                // Each of them is a condition of its own.
                Equal::By(filter) if self.count(place) => made.push(filter),
                Equal::By(_) => return None,
            }
        }
        if target.leaf == Leaf::Choices {
            let any = target.operate("containsAny", json!(plain));
            return Some(if operator == "neq" { json!({ "not": any }) } else { any });
        }
        match (operator, plain.as_slice()) {
            (_, []) => {}
            ("neq", [Value::Bool(yes)]) => return Some(target.operate("eq", json!(!yes))),
            ("eq" | "neq", [one]) => return Some(target.operate(operator, one.clone())),
            (_, several) => made.push(target.operate("in", json!(several))),
        }
        let one = if made.len() > 1 { json!({ "or": made }) } else { made.pop()? };
        Some(if operator == "neq" { json!({ "not": one }) } else { one })
    }

    fn same(&mut self, place: &str, target: &Target<'_>, given: &Value) -> Option<Equal> {
        let faults = &mut self.faults;
        Some(Equal::To(match target.leaf {
            Leaf::Number => number(faults, place, given)?,
            Leaf::Units => micros(faults, place, given)?,
            Leaf::Flag => json!(flag(faults, place, given)?),
            Leaf::Choice | Leaf::Choices => option(faults, place, target.options, given)?,
            Leaf::Id => match target.to {
                Some(to) => {
                    let text = text(faults, place, given)?;
                    match self.names.id(place, to, &text) {
                        Ok(id) => id,
                        Err(error) => {
                            self.faults.error(place, &error);
                            return None;
                        }
                    }
                }
                None => uuid(faults, place, given)?,
            },
            Leaf::Day => json!(date(when(faults, place, given)?).to_string()),
            Leaf::Moment => {
                let when = when(faults, place, given)?;
                let begin = written(when.begin()?);
                match when.next() {
                    Some(next) => {
                        return Some(Equal::By(target.wrap(json!({ "gte": begin, "lt": written(next) }))));
                    }
                    None => begin,
                }
            }
            Leaf::Code => json!(text(faults, place, given)?.trim().to_uppercase()),
            Leaf::Email => json!(text(faults, place, given)?.trim().to_lowercase()),
            Leaf::Link => {
                let text = text(faults, place, given)?;
                match spellings(&text) {
                    Some(ways) => return Some(Equal::By(target.operate("in", json!(ways)))),
                    None => json!(text),
                }
            }
            Leaf::Phone => {
                let parts = phone::parts(&text(faults, place, given)?);
                let field = target.path.first()?;
                let parts = parts.as_object()?.iter().filter(|(name, _)| *name != "primaryPhoneCountryCode");
                let parts: Map<String, Value> =
                    parts.map(|(name, value)| (name.clone(), json!({ "eq": value }))).collect();
                return Some(Equal::By(json!({ *field: parts })));
            }
            Leaf::Name => return self.called(place, target, given).map(Equal::By),
            _ => json!(text(faults, place, given)?),
        }))
    }

    /// A whole name: its words shared out between first and last name in any way; one word is either.
    fn called(&mut self, place: &str, target: &Target<'_>, given: &Value) -> Option<Value> {
        let text = text(&mut self.faults, place, given)?;
        let words: Vec<&str> = text.split_whitespace().take(8).collect();
        if words.len() < 2 {
            return Some(target.operate("eq", json!(text.trim())));
        }
        let field = target.path.first()?;
        let mut ways: Vec<Value> = (1..words.len())
            .filter_map(|at| words.split_at_checked(at))
            .map(|(first, last)| {
                json!({ *field: { "firstName": { "eq": first.join(" ") }, "lastName": { "eq": last.join(" ") } } })
            })
            .collect();
        if ways.len() == 1 { ways.pop() } else { Some(json!({ "or": ways })) }
    }

    fn compared(&mut self, place: &str, target: &Target<'_>, operator: &str, given: &Value) -> Option<Value> {
        let faults = &mut self.faults;
        let to = match target.leaf {
            Leaf::Number => number(faults, place, given)?,
            Leaf::Units => micros(faults, place, given)?,
            Leaf::Day => json!(date(when(faults, place, given)?).to_string()),
            Leaf::Moment => {
                let when = when(faults, place, given)?;
                match when.next().filter(|_| operator == "lte") {
                    // Up to a day is up to its end; its last moment would miss what is between milliseconds.
                    Some(next) => return Some(target.operate("lt", written(next))),
                    None => written(when.begin()?),
                }
            }
            _ => json!(text(faults, place, given)?),
        };
        Some(target.operate(operator, to))
    }

    fn matching(&mut self, place: &str, target: &Target<'_>, operator: &str, given: &Value) -> Option<Value> {
        let text = text(&mut self.faults, place, given)?;
        if text.trim().is_empty() && matches!(operator, "contains" | "startsWith" | "endsWith" | "search") {
            self.faults.add(place, "an empty text is in everything: leave it out");
            return None;
        }
        let anywhere = |text: &str| json!(format!("%{}%", escaped(text)));
        Some(match (operator, target.leaf) {
            ("contains", Leaf::List) => target.operate("containsIlike", json!(text)),
            ("contains", Leaf::Json) => target.operate("like", anywhere(&text)),
            ("contains", Leaf::Name) => {
                let field = target.path.first()?;
                every_word(&text, &[&[field, "firstName"], &[field, "lastName"]])
            }
            ("contains", Leaf::Phone) if text.trim_start().starts_with('+') => {
                let parts = phone::parts(&text);
                target.operate("ilike", anywhere(parts.get("primaryPhoneNumber")?.as_str()?))
            }
            ("contains", _) => target.operate("ilike", anywhere(&text)),
            // Older servers have no operator for it.
            ("endsWith", _) => target.operate("like", json!(format!("%{}", escaped(&text)))),
            (operator, _) => target.operate(operator, json!(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::{
        records::{
            input::filter::filter,
            names::{Linking, Names},
        },
        workspace::fixture::CURRENT,
    };

    fn made(object: &str, given: Value) -> Value {
        filter(&CURRENT, CURRENT.object(object).unwrap(), &given, &mut Names::new(Linking::Resolve)).unwrap()
    }

    #[test]
    fn a_value_a_list_and_null_say_what_they_mean() {
        assert_eq!(
            made(
                "opportunity",
                json!({ "stage": "customer", "name": ["a", "b"], "probability": 0, "closeDate": null })
            ),
            json!({
                "stage": { "eq": "CUSTOMER" }, "name": { "in": ["a", "b"] },
                "probability": { "eq": 0 }, "closeDate": { "is": "NULL" },
            })
        );
        assert_eq!(
            made("person", json!({ "newsletter": { "neq": true } })),
            json!({ "newsletter": { "eq": false } })
        );
        assert_eq!(
            made("task", json!({ "bodyV2": "50%" })),
            json!({ "bodyV2": { "markdown": { "ilike": "%50\\%%" } } })
        );
        assert_eq!(
            made("workflow", json!({ "statuses": "ACTIVE" })),
            json!({ "statuses": { "containsIlike": "ACTIVE" } })
        );
        assert_eq!(
            made("company", json!({ "name": { "endsWith": "_x" } })),
            json!({ "name": { "like": "%\\_x" } })
        );
    }

    #[test]
    fn operators_on_a_field_with_parts_mean_its_main_one() {
        assert_eq!(
            made("opportunity", json!({ "amount": { "gte": 1500.5, "currency": "eur" } })),
            json!({ "amount": { "currencyCode": { "eq": "EUR" }, "amountMicros": { "gte": 1_500_500_000 } } })
        );
        assert_eq!(
            made("person", json!({ "emails": "Ada@Acme.com", "phones": "+33 6 12" })),
            json!({
                "emails": { "primaryEmail": { "eq": "ada@acme.com" } },
                "phones": { "primaryPhoneNumber": { "eq": "612" }, "primaryPhoneCallingCode": { "eq": "+33" } },
            })
        );
        assert_eq!(
            made("company", json!({ "address": { "city": { "contains": "Ly" } } })),
            json!({ "address": { "addressCity": { "ilike": "%Ly%" } } })
        );
        let domain = made("company", json!({ "domainName": "acme.com" }));
        assert_eq!(domain["domainName"]["primaryLinkUrl"]["in"][0], "https://acme.com");
    }

    #[test]
    fn a_whole_name_is_found_by_its_parts() {
        assert_eq!(
            made("person", json!({ "name": "Ada Lovelace" })),
            json!({ "name": { "firstName": { "eq": "Ada" }, "lastName": { "eq": "Lovelace" } } })
        );
        let either = |operator: &str, to: &str| json!({ "or": [{ "name": { "firstName": { operator: to } } }, { "name": { "lastName": { operator: to } } }] });
        assert_eq!(made("person", json!({ "name": { "ilike": "A%" } })), either("ilike", "A%"));
        assert_eq!(
            made("person", json!({ "name": { "neq": "Ada" } })),
            json!({ "not": either("eq", "Ada") })
        );
        assert_eq!(
            made("person", json!({ "name": { "contains": "a b" } })),
            json!({ "and": [either("ilike", "%a%"), either("ilike", "%b%")] })
        );
    }

    #[test]
    fn days_are_whole_days_in_utc() {
        let at = |from: &str| format!("2026-01-{from}T00:00:00.000Z");
        for (given, wanted) in [
            (json!("2026-01-30"), json!({ "gte": at("30"), "lt": at("31") })),
            (json!({ "gte": "2026-01-01", "lte": "2026-01-30" }), json!({ "gte": at("01"), "lt": at("31") })),
            (json!({ "gt": "2026-01-01" }), json!({ "gt": at("01") })),
            (json!("2026-01-01T01:00:00+01:00"), json!({ "eq": at("01") })),
        ] {
            assert_eq!(made("opportunity", json!({ "closeDate": given })), json!({ "closeDate": wanted }));
        }
        assert_eq!(
            made("opportunity", json!({ "closeDate": { "neq": "2026-01-30" } })),
            json!({ "not": { "closeDate": { "gte": at("30"), "lt": at("31") } } })
        );
    }
}
