//! The fixtures that the official conformance suite calls: served where the configuration names them.

use crate::seam::{Pack, Setup, SetupError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the suite calls; there is nothing to set.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

crate::register!(pack Conformance);

/// What the fixtures share: that they are served together.
pub struct Conformance;

impl Pack for Conformance {
    type Settings = Settings;

    fn build(_: Settings, _: &Setup) -> Result<Self, SetupError> {
        Ok(Self)
    }
}
