//! Twenty's field types: what their values are, and the parts of those that have several.

use crate::tools::twenty::workspace::schema::{Choice, Field};

/// What one value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Text as it stands.
    Text,
    /// An email address: kept in lower case.
    Email,
    /// A web address: any of its spellings.
    Link,
    /// A phone number: kept in parts.
    Phone,
    /// First and last name, as people say them.
    Name,
    /// A number.
    Number,
    /// A currency's code: kept in capitals.
    Code,
    /// Money in units, which is kept in millionths.
    Units,
    /// A record, by its id.
    Id,
    /// A moment.
    Moment,
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// One of some options.
    Choice,
    /// Several of some options.
    Choices,
    /// Anything.
    Json,
    /// A list of texts.
    List,
    /// Formatted text, of which only words can be found.
    Rich,
    /// The words of a whole record.
    Words,
}

/// One part of a field that has several.
#[derive(Debug)]
pub struct Part {
    /// As Twenty names it, as in `addressCity`.
    pub name: &'static str,
    /// As people name it, as in `city`.
    pub short: &'static str,
    /// What its value is.
    pub leaf: Leaf,
}

/// A field type with several parts.
#[derive(Debug)]
pub struct Composite {
    /// Its parts.
    pub parts: &'static [Part],
    /// The part that is meant where none is named, and how its value is read there.
    pub main: Option<(&'static str, Leaf)>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One value.
    One(Leaf),
    /// Several parts.
    Several(&'static Composite),
    /// A type that is not known here.
    Unknown,
}

const fn part(name: &'static str, short: &'static str, leaf: Leaf) -> Part {
    Part { name, short, leaf }
}

static FULL_NAME: Composite = Composite {
    parts: &[part("firstName", "first", Leaf::Text), part("lastName", "last", Leaf::Text)],
    main: Some(("", Leaf::Name)),
};
static EMAILS: Composite = Composite {
    parts: &[part("primaryEmail", "email", Leaf::Email), part("additionalEmails", "additional", Leaf::Json)],
    main: Some(("primaryEmail", Leaf::Email)),
};
static PHONES: Composite = Composite {
    parts: &[
        part("primaryPhoneNumber", "number", Leaf::Text),
        part("primaryPhoneCountryCode", "countryCode", Leaf::Text),
        part("primaryPhoneCallingCode", "callingCode", Leaf::Text),
        part("additionalPhones", "additional", Leaf::Json),
    ],
    main: Some(("primaryPhoneNumber", Leaf::Phone)),
};
static LINKS: Composite = Composite {
    parts: &[
        part("primaryLinkUrl", "url", Leaf::Text),
        part("primaryLinkLabel", "label", Leaf::Text),
        part("secondaryLinks", "secondary", Leaf::Json),
    ],
    main: Some(("primaryLinkUrl", Leaf::Link)),
};
static CURRENCY: Composite = Composite {
    parts: &[part("amountMicros", "micros", Leaf::Number), part("currencyCode", "currency", Leaf::Code)],
    main: Some(("amountMicros", Leaf::Units)),
};
static ADDRESS: Composite = Composite {
    parts: &[
        part("addressStreet1", "street", Leaf::Text),
        part("addressStreet2", "street2", Leaf::Text),
        part("addressCity", "city", Leaf::Text),
        part("addressPostcode", "postcode", Leaf::Text),
        part("addressState", "state", Leaf::Text),
        part("addressCountry", "country", Leaf::Text),
        part("addressLat", "lat", Leaf::Number),
        part("addressLng", "lng", Leaf::Number),
    ],
    main: None,
};
static ACTOR: Composite = Composite {
    parts: &[
        part("name", "name", Leaf::Text),
        part("source", "source", Leaf::Choice),
        part("workspaceMemberId", "workspaceMember", Leaf::Id),
        part("context", "context", Leaf::Json),
    ],
    main: Some(("name", Leaf::Text)),
};
static RICH_TEXT: Composite = Composite {
    parts: &[part("markdown", "text", Leaf::Rich), part("blocknote", "blocks", Leaf::Rich)],
    main: Some(("markdown", Leaf::Rich)),
};

/// Where a record may come from.
const SOURCES: [&str; 10] =
    ["EMAIL", "CALENDAR", "WORKFLOW", "AGENT", "API", "IMPORT", "MANUAL", "SYSTEM", "WEBHOOK", "APPLICATION"];

impl Kind {
    /// What a field of this type holds, as metadata name it. Relations are not among them.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self::One(match kind {
            "TEXT" => Leaf::Text,
            "NUMBER" | "NUMERIC" | "POSITION" => Leaf::Number,
            "UUID" => Leaf::Id,
            "DATE_TIME" => Leaf::Moment,
            "DATE" => Leaf::Day,
            "BOOLEAN" => Leaf::Flag,
            "SELECT" | "RATING" => Leaf::Choice,
            "MULTI_SELECT" => Leaf::Choices,
            "RAW_JSON" | "FILES" => Leaf::Json,
            "ARRAY" => Leaf::List,
            "TS_VECTOR" => Leaf::Words,
            "FULL_NAME" => return Self::Several(&FULL_NAME),
            "EMAILS" => return Self::Several(&EMAILS),
            "PHONES" => return Self::Several(&PHONES),
            "LINKS" => return Self::Several(&LINKS),
            "CURRENCY" => return Self::Several(&CURRENCY),
            "ADDRESS" => return Self::Several(&ADDRESS),
            "ACTOR" => return Self::Several(&ACTOR),
            "RICH_TEXT" | "RICH_TEXT_V2" => return Self::Several(&RICH_TEXT),
            _ => return Self::Unknown,
        })
    }
}

impl Composite {
    /// The part of this name, long or short; `street1`, `zip` and their like count too.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static Part> {
        let known = match name {
            "street1" | "addressStreet" => "street",
            "zip" | "zipCode" | "postalCode" => "postcode",
            "latitude" => "lat",
            "longitude" => "lng",
            "currencyCode" => "currency",
            name => name,
        };
        self.parts.iter().find(|part| part.name == name || part.short == known)
    }

    /// The names that people may use of its parts.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.parts.iter().map(|part| part.name).collect()
    }
}

/// The options of a field: its own, or where records come from.
#[must_use]
pub fn options(field: &Field) -> Vec<Choice> {
    if field.kind != "ACTOR" {
        return field.options.clone();
    }
    SOURCES.iter().map(|source| Choice { value: (*source).to_owned(), label: (*source).to_owned() }).collect()
}
