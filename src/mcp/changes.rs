//! Changes as clients are told of them, the same in every revision.

use crate::seam::{Change, CredentialId, Principal};
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

/// The notifications of a change for a client of this caller, with these credentials, that wants such lists, and these
/// resources.
pub(super) fn wanted(
    change: &Change,
    caller: Option<&Principal>,
    credentials: &[CredentialId],
    uris: &BTreeSet<String>,
    list: impl FnOnce(&Change) -> bool,
) -> Vec<Told> {
    match change {
        Change::ToolsOf(of) if !credentials.contains(of) => Vec::new(),
        Change::ToolsOf(_) => list(&Change::Tools).then(|| listed(&Change::Tools)).into_iter().collect(),
        Change::Resource(uri) => uris.get(uri).map(updated).into_iter().collect(),
        Change::ResourcesOf(of, changed) => match caller {
            Some(caller) if caller.is_same(of) => changed.intersection(uris).map(updated).collect(),
            _ => Vec::new(),
        },
        Change::Tools | Change::Prompts | Change::Resources => {
            list(change).then(|| listed(change)).into_iter().collect()
        }
    }
}

/// The notifications of everything in these lists and resources, for whoever has missed some.
pub(super) fn all<'a>(lists: impl IntoIterator<Item = &'a Change>, uris: &BTreeSet<String>) -> Vec<Told> {
    lists.into_iter().map(listed).chain(uris.iter().map(updated)).collect()
}

fn listed(list: &Change) -> Told {
    let method = match list {
        Change::Tools | Change::ToolsOf(_) => "notifications/tools/list_changed",
        Change::Prompts => "notifications/prompts/list_changed",
        Change::Resources | Change::Resource(_) | Change::ResourcesOf(..) => {
            "notifications/resources/list_changed"
        }
    };
    (method, Map::new())
}

fn updated(uri: &String) -> Told {
    ("notifications/resources/updated", Map::from_iter([("uri".to_owned(), json!(uri))]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Credential, Secret, Upstream, Whose};

    #[test]
    fn a_caller_hears_of_what_is_told_to_it_and_of_what_it_wants() {
        let uris = BTreeSet::from(["a://1".to_owned(), "a://2".to_owned()]);
        let told =
            |change: Change, caller: Option<&Principal>| wanted(&change, caller, &[], &uris, |_| false).len();
        let own = || Change::ResourcesOf(Principal::Local, BTreeSet::from(["a://1".into(), "a://3".into()]));
        assert_eq!(told(own(), Some(&Principal::Local)), 1);
        assert_eq!(told(own(), Some(&Principal::Anonymous)), 0);
        assert_eq!(told(own(), None), 0);
        assert_eq!(told(Change::Resource("a://2".into()), None), 1);
        assert_eq!(told(Change::Tools, None), 0);
        assert_eq!(wanted(&Change::Tools, None, &[], &uris, |_| true).len(), 1);
    }

    #[test]
    fn of_tools_that_others_see_nobody_hears() {
        let id = |key: &str| {
            let (upstream, key) = (Upstream::Sandbox, Some(Secret::new(key)));
            Credential { upstream, key, whose: Whose::Caller }.id()
        };
        let told = |of: &str, list: bool| {
            wanted(&Change::ToolsOf(id(of)), None, &[id("mine")], &BTreeSet::new(), |wanted| {
                list && *wanted == Change::Tools
            })
        };
        assert_eq!(told("mine", true), [("notifications/tools/list_changed", Map::new())]);
        assert!(told("mine", false).is_empty() && told("another's", true).is_empty());
    }
}
