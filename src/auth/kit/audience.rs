//! For whom a token was given out.

use crate::seam::{AuthError, ProtectedResource};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};

/// What becomes of a token that was not given out for this server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AudienceCheck {
    /// It is refused.
    #[default]
    Required,
    /// It is let in, and the log says so: for finding out what a provider puts into its tokens, and for nothing else.
    Observe,
}

/// Audiences that mean this server, beside its own: one text or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Audiences(pub Vec<String>);

impl Audiences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Audiences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> de::Visitor<'de> for OneOrMore {
            type Value = Audiences;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an audience or a list of them")
            }

            fn visit_str<E: de::Error>(self, one: &str) -> Result<Audiences, E> {
                Ok(Audiences(vec![one.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Audiences, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(Audiences(all))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

impl JsonSchema for Audiences {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Audiences".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "minLength": 1,
            "items": { "type": "string", "minLength": 1 },
            "examples": ["https://mcp.example.com/mcp"],
        })
    }
}

/// Which audiences mean this server.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// Beside the server's own, compared letter for letter.
    pub also: Audiences,
    /// What becomes of a token for another one.
    pub check: AudienceCheck,
}

impl Audience {
    /// Whether any of a token's audiences means this server.
    #[must_use]
    pub fn is_met(&self, said: &[&str], here: &ProtectedResource) -> bool {
        said.iter().any(|one| here.is(one) || self.also.0.iter().any(|own| own == one))
    }

    /// Judges a token of `issuer` by its audiences; the log is told of those for others.
    ///
    /// # Errors
    /// It was given out for others, and that counts.
    pub fn judge(&self, said: &[&str], here: &ProtectedResource, issuer: &str) -> Result<(), AuthError> {
        if self.is_met(said, here) {
            return Ok(());
        }
        match self.check {
            AudienceCheck::Required => {
                let shown: String = said.join(" ").chars().filter(|c| !c.is_control()).take(200).collect();
                tracing::info!(audience = shown, "a token for another server came");
                Err(AuthError::WrongAudience)
            }
            AudienceCheck::Observe => {
                tracing::warn!(
                    issuer,
                    "a token that was not given out for this server is let in, as `audience_check: observe` says"
                );
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_and_a_list_are_read_alike() {
        let read = |json| serde_json::from_str::<Audiences>(json);
        assert_eq!(read(r#""a""#).unwrap(), read(r#"["a"]"#).unwrap());
        assert!(read("7").is_err() && read("[7]").is_err());
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn a_token_for_nobody_is_for_nobody() {
        let here = ProtectedResource::new(vec!["https://mcp.example".into()]);
        let audience = Audience { also: Audiences(vec!["api://crm".into()]), ..Audience::default() };
        assert!(audience.is_met(&["x", "https://mcp.example/mcp/"], &here));
        assert!(audience.is_met(&["api://crm"], &here));
        for bad in [&[][..], &[""], &["https://mcp.example"], &["api://crm/"], &["API://crm"]] {
            assert!(!audience.is_met(bad, &here), "{bad:?}");
        }
    }
}
