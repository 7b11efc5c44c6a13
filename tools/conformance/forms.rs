//! Forms of one field, as the suite expects them: without a description, which the form would show.

use schemars::JsonSchema;
use serde::Deserialize;

/// Somebody's name.
#[derive(Deserialize, JsonSchema)]
pub struct Named {
    pub(super) name: String,
}

/// A colour.
#[derive(Deserialize, JsonSchema)]
pub struct Coloured {
    pub(super) color: String,
}

/// Whether it is right.
#[derive(Deserialize, JsonSchema)]
pub struct Confirmed {
    pub(super) ok: bool,
}

/// Whether it may be done.
#[derive(Deserialize, JsonSchema)]
pub struct Sure {
    pub(super) confirm: bool,
}

/// What a prompt is about.
#[derive(Deserialize, JsonSchema)]
pub struct Background {
    pub(super) context: String,
}
