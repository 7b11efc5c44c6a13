//! The embedded Twenty workspace.

mod door;
mod duplicates;
mod erasing;
mod grouping;
mod merging;
mod metadata;
mod reading;
mod schema;
mod seed;
mod upserting;
mod verdicts;
mod writing;
