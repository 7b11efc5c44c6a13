//! What is sent to `/api/keys`, and what it answers: the TypeScript server's members, and some more.

use crate::{
    keys::{Entered, OwnKey},
    seam::{CallerKeys, Secret},
};
use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, Type},
};
use serde_json::Value;
use std::borrow::Cow;

/// What a user must know whose key goes to the embedded workspace.
const SANDBOX: &str =
    "this server works on its embedded workspace: your key opens that one, and is sent to no address";

/// A key to be stored. Anything else in it is refused: a misspelt `baseUrl` must not send a key elsewhere.
#[derive(Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyEntry {
    /// Your API key, as in Twenty under Settings, API & Webhooks.
    #[oai(write_only)]
    pub(super) api_key: EnteredKey,
    /// Where your workspace is, as in `https://crm.example.com`; unless it is given, where this server's own is. https
    /// alone; a public address, or one that the operator allows.
    pub(super) base_url: Option<String>,
}

/// A key as it came, which nothing shows; empty where there is none.
pub(super) struct EnteredKey(Secret);

impl EnteredKey {
    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Type for EnteredKey {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_password".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: Some(1),
            max_length: Some(CallerKeys::LONGEST),
            ..MetaSchema::new_with_format("string", "password")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(self.as_raw_value().into_iter())
    }
}

impl ParseFromJSON for EnteredKey {
    /// That there is none is told in words of its own.
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self(Secret::new(""))),
            Some(Value::String(text)) => Ok(Self(Secret::new(text))),
            Some(_) => Err(ParseError::custom("a text is expected")),
        }
    }
}

/// Whether a key is stored.
#[derive(Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub(super) struct KeyStatus {
    /// Whether there is one.
    has_key: bool,
    /// When it was stored (RFC 3339, in UTC).
    updated_at: Option<String>,
    /// The address that was stored with it; absent where that is this server's own.
    base_url: Option<String>,
    /// What else there is to know of it.
    note: Option<String>,
}

impl KeyStatus {
    pub(super) fn of(stored: Option<&OwnKey>, sandbox: bool) -> Self {
        Self {
            has_key: stored.is_some(),
            updated_at: stored.map(|own| format!("{:.3}", own.created_at)),
            base_url: stored.and_then(|own| own.base_url.as_ref()).map(ToString::to_string),
            note: stored.filter(|_| sandbox).map(|_| SANDBOX.to_owned()),
        }
    }
}

/// A key was stored.
#[derive(Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub(super) struct KeyStored {
    /// Always true.
    success: bool,
    /// `API key stored successfully`
    message: String,
    /// The name of the workspace that the key opens; absent where it was not tried, or the workspace tells none.
    workspace: Option<String>,
    /// When it was stored (RFC 3339, in UTC).
    updated_at: String,
    /// What else there is to know of it.
    note: Option<String>,
}

impl KeyStored {
    pub(super) fn of(Entered { workspace, sandbox, updated_at }: Entered) -> Self {
        Self {
            success: true,
            message: "API key stored successfully".to_owned(),
            workspace,
            updated_at: format!("{updated_at:.3}"),
            note: sandbox.then(|| SANDBOX.to_owned()),
        }
    }
}

/// There is no stored key any more.
#[derive(Object)]
pub(super) struct KeyDeleted {
    /// Always true.
    success: bool,
    /// `API key deleted successfully`
    message: String,
}

impl KeyDeleted {
    pub(super) fn done() -> Self {
        Self { success: true, message: "API key deleted successfully".to_owned() }
    }
}

/// What went wrong.
#[derive(Object)]
pub(super) struct ErrorBody {
    /// Its code, as in `invalid_request`.
    pub(super) error: String,
    /// What is wrong and what to do.
    pub(super) error_description: String,
    /// What to quote to whoever runs this server.
    pub(super) trace_id: String,
}
