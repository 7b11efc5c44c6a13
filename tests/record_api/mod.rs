//! The record API: every object of the workspace, the custom ones too.

mod counting;
mod graphql;
mod reading;
mod removing;
mod writing;
