//! The embedded Twenty workspace.

mod door;
mod erasing;
mod metadata;
mod reading;
mod schema;
mod seed;
mod upserting;
mod verdicts;
mod writing;
