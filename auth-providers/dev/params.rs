//! What a form or a query says.

use super::answer::Fault;
use url::form_urlencoded;

/// The most parameters that are looked at.
const MOST: usize = 64;

/// Parameters in their order.
#[derive(Debug)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query or a form.
    ///
    /// # Errors
    /// There are too many.
    pub fn read(text: &[u8]) -> Result<Self, Fault> {
        let all: Vec<(String, String)> = form_urlencoded::parse(text)
            .take(MOST + 1)
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        if all.len() > MOST {
            return Err(Fault::malformed(format!("more than {MOST} parameters")));
        }
        Ok(Self(all))
    }

    /// A parameter that may stand once; one without a value counts as absent (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// It stands there more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Fault> {
        let mut all = self.0.iter().filter(|(known, _)| known == name);
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(Fault::malformed(format!("`{name}` stands there more than once"))),
            (Some((_, value)), None) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            (None, None) => Ok(None),
        }
    }

    /// A parameter that must be there, once.
    ///
    /// # Errors
    /// It is missing, or stands there more than once.
    pub fn needed(&self, name: &str) -> Result<&str, Fault> {
        self.one(name)?.ok_or_else(|| Fault::malformed(format!("`{name}` is missing")))
    }

    /// All values of a parameter that may stand more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_once_and_says_something() {
        let params = Params::read(b"a=1&b=&c=x%20y+z&d=1&d=2").unwrap();
        assert_eq!(params.one("a"), Ok(Some("1")));
        assert_eq!((params.one("b"), params.one("e")), (Ok(None), Ok(None)));
        assert_eq!(params.needed("c"), Ok("x y z"));
        assert_eq!(params.needed("b").unwrap_err().code, "invalid_request");
        assert!(params.one("d").unwrap_err().description.contains("more than once"));
        assert_eq!(params.all("d").collect::<Vec<_>>(), ["1", "2"]);
        assert!(Params::read("a=1&".repeat(MOST + 1).as_bytes()).is_err());
    }
}
