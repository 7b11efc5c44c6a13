//! The field types that are made of several columns.

use std::sync::Arc;

use crate::tools::twenty::sandbox::settings::Profile;

use super::column::Shape;

/// A field type with parts, such as `FULL_NAME`.
#[derive(Debug)]
pub struct Composite {
    /// Its name in the metadata API.
    pub kind: &'static str,
    /// Its GraphQL type.
    pub type_name: &'static str,
    /// Its columns, in order.
    pub parts: Vec<Part>,
}

/// One column of a composite field.
#[derive(Debug)]
pub struct Part {
    /// The name of the sub-field.
    pub name: &'static str,
    /// The GraphQL type it is given out as.
    pub output: &'static str,
    /// Whether a unique field is unique by this part.
    pub key: bool,
    /// Whether a client may write it.
    pub writable: bool,
    /// What the column holds.
    pub shape: Shape,
}

impl Composite {
    /// The part that makes a unique field unique.
    pub fn key(&self) -> Option<(usize, &Part)> {
        self.parts.iter().enumerate().find(|(_, part)| part.key)
    }

    /// The part of that name, with its place.
    pub fn part(&self, name: &str) -> Option<(usize, &Part)> {
        self.parts.iter().enumerate().find(|(_, part)| part.name == name)
    }
}

// `!` marks the key of a unique field, `-` a part that clients cannot write.
// Lists and ActorContext are the JSON scalar on a legacy server.
const COMPOSITES: &[(&str, &str, &str)] = &[
    ("FULL_NAME", "FullName", "firstName:String lastName:String"),
    ("EMAILS", "Emails", "primaryEmail!:String additionalEmails:[String!]"),
    (
        "PHONES",
        "Phones",
        "primaryPhoneNumber:String primaryPhoneCountryCode:String primaryPhoneCallingCode:String \
         additionalPhones:[AdditionalPhone!]",
    ),
    ("LINKS", "Links", "primaryLinkLabel:String primaryLinkUrl!:String secondaryLinks:[SecondaryLink!]"),
    ("CURRENCY", "Currency", "amountMicros:BigFloat currencyCode:String"),
    (
        "ADDRESS",
        "Address",
        "addressStreet1:String addressStreet2:String addressCity:String addressPostcode:String addressState:String \
         addressCountry:String addressLat:BigFloat addressLng:BigFloat",
    ),
    ("ACTOR", "Actor", "source:ActorSourceEnum workspaceMemberId-:UUID name-:String context:ActorContext"),
    ("RICH_TEXT", "RichTextV2", "blocknote:String markdown:String"),
];

/// Where a record may come from, as `createdBy.source` says it.
pub const ACTOR_SOURCES: &str = "EMAIL CALENDAR WORKFLOW AGENT API IMPORT MANUAL SYSTEM WEBHOOK APPLICATION";

/// The composite types of a profile.
pub fn composites(profile: Profile) -> Vec<Arc<Composite>> {
    let read = |&(kind, type_name, parts): &(&'static str, &'static str, &'static str)| {
        let parts = parts
            .split_whitespace()
            .filter_map(|part| part.split_once(':'))
            .map(|part| self::part(part, profile));
        Arc::new(Composite { kind, type_name, parts: parts.collect() })
    };
    COMPOSITES.iter().map(read).collect()
}

fn part((name, output): (&'static str, &'static str), profile: Profile) -> Part {
    let shape = match (name, output) {
        ("primaryEmail!", _) => Shape::Email,
        ("primaryLinkUrl!", _) => Shape::Url,
        (_, "String") => Shape::Text,
        (_, "BigFloat") => Shape::Number,
        (_, "UUID") => Shape::Id,
        (_, "ActorSourceEnum") => Shape::Choice(ACTOR_SOURCES.split(' ').map(Arc::from).collect()),
        _ => Shape::Json,
    };
    Part {
        name: name.trim_end_matches(['!', '-']),
        output: if profile == Profile::Legacy && shape == Shape::Json { "JSON" } else { output },
        key: name.ends_with('!'),
        writable: !name.ends_with('-'),
        shape,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_json_on_a_legacy_server() {
        let output = |profile| composites(profile)[1].part("additionalEmails").unwrap().1.output;
        assert_eq!((output(Profile::Current), output(Profile::Legacy)), ("[String!]", "JSON"));
    }

    #[test]
    fn a_key_is_the_marked_part() {
        let all = composites(Profile::Current);
        assert_eq!(all[3].key().map(|(at, part)| (at, part.name)), Some((1, "primaryLinkUrl")));
        assert!(all[0].key().is_none());
    }
}
