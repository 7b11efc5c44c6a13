//! One record of any object.

use super::body::json;
use crate::{
    seam::{Call, Resource, ResourceBody, ToolError},
    tools::twenty::{pack::Twenty, record_api::get::whole},
};
use serde::Deserialize;

/// One record with all of its fields, and how many records of other objects point at it.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Record {
    /// The object's name, in singular or plural.
    object: String,
    /// The record's id; or its name, email or domain, where that is one record's alone.
    id: String,
}
crate::register!(resource Record);

impl Resource for Record {
    const URI: &'static str = "twenty://record/{object}/{id}";
    const NAME: &'static str = "record";
    const MIME: &'static str = "application/json";
    type Pack = Twenty;

    async fn read(self, twenty: &Twenty, cx: Call) -> Result<ResourceBody, ToolError> {
        let records = twenty.records(&cx).await?;
        json(&whole(&records, &cx, records.object(&self.object)?, &self.id).await?)
    }
}

/// The address under which a record is read.
#[must_use]
pub fn address(object: &str, id: &str) -> String {
    format!("twenty://record/{object}/{id}")
}
