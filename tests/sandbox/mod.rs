//! The embedded Twenty workspace.

mod door;
mod metadata;
mod reading;
mod schema;
mod seed;
mod verdicts;
mod writing;
