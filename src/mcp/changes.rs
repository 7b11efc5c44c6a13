//! Changes as clients are told of them, the same in every revision.

use crate::seam::Change;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A notification: its method and its parameters.
pub(super) type Told = (&'static str, Map<String, Value>);

/// The changes of lists, each with the member by which a stateless client asks for it.
pub(super) const LISTS: [(&str, Change); 3] = [
    ("toolsListChanged", Change::Tools),
    ("promptsListChanged", Change::Prompts),
    ("resourcesListChanged", Change::Resources),
];

/// The notification of a change.
pub(super) fn told(change: &Change) -> Told {
    let mut params = Map::new();
    let method = match change {
        Change::Tools => "notifications/tools/list_changed",
        Change::Prompts => "notifications/prompts/list_changed",
        Change::Resources => "notifications/resources/list_changed",
        Change::Resource(uri) => {
            params.insert("uri".into(), json!(uri));
            "notifications/resources/updated"
        }
    };
    (method, params)
}

/// The notifications of everything in these lists and resources, for whoever has missed some.
pub(super) fn all<'a>(lists: impl IntoIterator<Item = &'a Change>, uris: &BTreeSet<String>) -> Vec<Told> {
    let uris = uris.iter().map(|uri| told(&Change::Resource(uri.clone())));
    lists.into_iter().map(told).chain(uris).collect()
}
