//! Forms of one field, as the suite expects them.

use schemars::JsonSchema;
use serde::Deserialize;

/// Somebody's name.
#[derive(Deserialize, JsonSchema)]
pub struct Named {
    #[allow(missing_docs, reason = "docs would be shown in the form")]
    pub name: String,
}

/// A colour.
#[derive(Deserialize, JsonSchema)]
pub struct Coloured {
    #[allow(missing_docs, reason = "docs would be shown in the form")]
    pub color: String,
}

/// Whether it is right.
#[derive(Deserialize, JsonSchema)]
pub struct Confirmed {
    #[allow(missing_docs, reason = "docs would be shown in the form")]
    pub ok: bool,
}

/// Whether it may be done.
#[derive(Deserialize, JsonSchema)]
pub struct Sure {
    #[allow(missing_docs, reason = "docs would be shown in the form")]
    pub confirm: bool,
}

/// What a prompt is about.
#[derive(Deserialize, JsonSchema)]
pub struct Background {
    #[allow(missing_docs, reason = "docs would be shown in the form")]
    pub context: String,
}
