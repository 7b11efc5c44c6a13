//! Addresses of resources, with variables in them (RFC 6570, level 1).

use serde_json::{Map, Value};

/// The longest address that is looked at, in bytes.
const LONGEST: usize = 2048;

/// An address, taken apart. Two variables never touch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Literal(&'static str),
    Variable(&'static str),
}

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    /// It is none, in words for its author.
    pub(super) fn parse(text: &'static str) -> Result<Self, String> {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
        let fits = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
        if !fits {
            return Err("an address begins with a scheme in lower case, as in `notes://`".into());
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a `{` is not closed")?;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(format!("`{{{name}}}` must be letters, digits and `_`"));
            }
            if literal.is_empty() || parts.contains(&Part::Variable(name)) {
                return Err(format!("`{{{name}}}` touches another variable, or stands twice"));
            }
            parts.extend([Part::Literal(literal), Part::Variable(name)]);
            rest = after;
        }
        parts.extend((!rest.is_empty()).then_some(Part::Literal(rest)));
        Ok(Self(parts))
    }

    /// The variables in their order.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(*name),
            Part::Literal(_) => None,
        })
    }

    /// The same for two addresses that differ in the names of variables alone.
    pub(super) fn form(&self) -> String {
        self.0.iter().map(|part| if let Part::Literal(text) = part { text } else { "{}" }).collect()
    }

    /// The variables' values in a client's address; none where it is no such address. A value is never empty, and holds
    /// no `/`, `?` or `#` unless percent-encoded.
    pub(super) fn read(&self, uri: &str) -> Option<Map<String, Value>> {
        let (mut values, mut rest) = (Map::new(), Some(uri).filter(|uri| uri.len() <= LONGEST)?);
        let mut parts = self.0.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal(text) => rest = rest.strip_prefix(text)?,
                Part::Variable(name) => {
                    let end = match parts.peek() {
                        Some(Part::Literal(text)) => rest.find(text)?,
                        _ => rest.len(),
                    };
                    let (value, after) = rest.split_at_checked(end)?;
                    values.insert((*name).to_owned(), decoded(value)?.into());
                    rest = after;
                }
            }
        }
        rest.is_empty().then_some(values)
    }
}

/// A value as it was before it was put into an address.
fn decoded(value: &str) -> Option<String> {
    if value.is_empty() || value.contains(['/', '?', '#']) || value.contains(char::is_control) {
        return None;
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(value.len()), value.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let byte = if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            rest = after;
            let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
            u8::from_str_radix(digits, 16).ok()?
        } else {
            *first
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn read(address: &'static str, uri: &str) -> Option<Value> {
        Address::parse(address).unwrap().read(uri).map(Value::Object)
    }

    #[test]
    fn the_variables_of_an_address_are_read() {
        let record = "crm://record/{object}/{id}";
        assert_eq!(read(record, "crm://record/person/1"), Some(json!({ "object": "person", "id": "1" })));
        assert_eq!(read(record, "crm://record/p%2Fq/%C3%A9"), Some(json!({ "object": "p/q", "id": "é" })));
        for other in [
            "",
            "crm://record/person",
            "crm://record/person/",
            "crm://record//1",
            "crm://record/person/1/2",
            "crm://record/person/1?x",
            "CRM://record/person/1",
            "crm://record/person/%",
            "crm://record/person/%+1",
            "crm://record/person/%FF",
            "crm://record/person/a\nb",
        ] {
            assert_eq!(read(record, other), None, "{other}");
        }
        assert_eq!(read("a://{b}/c", "a://x/c"), Some(json!({ "b": "x" })));
        assert_eq!(read("a://b", "a://b"), Some(json!({})));
        assert_eq!(read("a://{b}", &format!("a://{}", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn what_is_no_address_is_told() {
        for bad in ["", "x", "X://a", "://a", "a://{b", "a://{}", "a://{+b}", "a://{b}{c}", "a://{b}/{b}"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        let form = |text| Address::parse(text).unwrap().form();
        assert_eq!(form("a://{b}/{c}"), form("a://{x}/{y}"));
        assert_ne!(form("a://{b}/{c}"), form("a://{b}"));
        let address = Address::parse("a://{b}/{c}/d").unwrap();
        assert_eq!(address.variables().collect::<Vec<_>>(), ["b", "c"]);
    }
}
