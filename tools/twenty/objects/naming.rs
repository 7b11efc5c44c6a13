//! What the typed tools of an object are called.

use crate::{
    seam::Effect,
    tools::twenty::workspace::schema::{Object, Workspace},
};

/// What a typed tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Finds records.
    Find,
    /// Tells one record.
    Get,
    /// Makes a record.
    Create,
    /// Changes a record.
    Update,
    /// Takes a record out of sight.
    Delete,
}

impl Verb {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 5] = [Self::Find, Self::Get, Self::Create, Self::Update, Self::Delete];

    /// The tool's name for an object: `find_support_tickets`, `create_support_ticket`.
    #[must_use]
    pub fn tool(self, object: &Object) -> String {
        let (verb, of) = match self {
            Self::Find => ("find", &object.plural),
            Self::Get => ("get", &object.singular),
            Self::Create => ("create", &object.singular),
            Self::Update => ("update", &object.singular),
            Self::Delete => ("delete", &object.singular),
        };
        format!("{verb}_{}", snake(of))
    }

    /// The strongest thing that the tool may do.
    #[must_use]
    pub const fn effect(self) -> Effect {
        match self {
            Self::Find | Self::Get => Effect::Read,
            Self::Create => Effect::Create,
            Self::Update => Effect::Update,
            Self::Delete => Effect::Delete,
        }
    }

    /// Whether the server does this for an object at all.
    #[must_use]
    pub fn is_offered(self, workspace: &Workspace, object: &Object) -> bool {
        let one_or_many = |verb: &str| {
            workspace.has(&format!("{verb}{}", object.kind()))
                || workspace.has(&format!("{verb}{}", object.kinds()))
        };
        match self {
            Self::Find | Self::Get => workspace.has(&object.plural),
            Self::Create => one_or_many("create"),
            Self::Update => one_or_many("update"),
            Self::Delete => one_or_many("delete"),
        }
    }
}

/// What a tool of this name does, and to which of these objects.
#[must_use]
pub fn meant<'a>(workspace: &'a Workspace, objects: &[String], name: &str) -> Option<(Verb, &'a Object)> {
    let known = objects.iter().filter_map(|object| workspace.object(object).ok());
    let mut tools = known.flat_map(|object| Verb::ALL.map(|verb| (verb, object)));
    tools.find(|(verb, object)| verb.tool(object) == name)
}

/// `supportTicket` as `support_ticket`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    #[test]
    fn names_are_twentys_own_and_lead_back() {
        let objects = ["person", "supportTickets", "nothing"].map(str::to_owned);
        for (name, verb, singular) in [
            ("find_people", Verb::Find, "person"),
            ("get_person", Verb::Get, "person"),
            ("find_support_tickets", Verb::Find, "supportTicket"),
            ("delete_support_ticket", Verb::Delete, "supportTicket"),
        ] {
            let (found, object) = meant(&CURRENT, &objects, name).unwrap();
            assert_eq!((found, object.singular.as_str()), (verb, singular), "{name}");
        }
        for other in ["find_companies", "find_person", "create_people", "find_"] {
            assert!(meant(&CURRENT, &objects, other).is_none(), "{other}");
        }
    }
}
