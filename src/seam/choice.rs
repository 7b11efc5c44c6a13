//! What an argument could mean, for the user to choose from.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Several things that one argument could mean. Where the client can show a form the registry asks the user, and runs
/// the tool again with what they chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is chosen, by which the tool finds it again in [`Common::chosen`](super::Common::chosen).
    pub key: String,
    /// What the user is asked.
    pub message: String,
    /// The things by the values that the tool knows them by, each with what the user is shown.
    pub options: Vec<(String, String)>,
}

/// What the user chose in a call so far.
#[derive(Default)]
pub(super) struct Chosen(Mutex<BTreeMap<String, String>>);

impl Chosen {
    pub(super) fn all(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, key: &str, value: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), value);
    }
}
