//! Sign-in at a Clerk application: which of its tokens get in, and what happens while Clerk is in trouble.

mod describes;
mod kinds;
mod pages;
mod settings;
mod store;
mod trouble;

use crate::support::{
    clerk::{FakeClerk, SECRET},
    door::configured,
    running::Running,
};

/// The settings of a server that asks this Clerk.
fn yaml(clerk: &FakeClerk, more: &str) -> String {
    let (issuer, api) = (&clerk.front.url, &clerk.api);
    format!(
        "auth:\n  mode: required\n  providers:\n    clerk:\n      issuer: {issuer}\n      api_url: {api}\n      \
         secret_key: {SECRET}\n{more}tools:\n  hello: {{}}\n"
    )
}

/// A server that lets in who signs in at this Clerk, with more settings of `clerk`.
fn server(clerk: &FakeClerk, more: &str) -> (Running, tempfile::TempDir) {
    configured(&yaml(clerk, more))
}
