//! What stands for a record where an id is wanted: the id, a link, an email address, a domain, or a name.

use super::{
    faults::shown,
    id::RecordId,
    search::{escaped, every_word},
};
use crate::{
    seam::ToolError,
    tools::twenty::workspace::schema::{Field, Object},
};
use serde_json::{Value, json};
use url::{Host, Url};

/// The longest reference, in bytes.
const LONGEST: usize = 500;

/// The most words of a name that are taken apart into first and last name.
const SPLIT: usize = 8;

/// What a caller means by a text that stands for one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The record's id.
    Id(RecordId),
    /// A value that only one record has.
    Unique {
        /// The field, as in `emails`.
        field: String,
        /// Its sub-field, as in `primaryEmail`; none for a field of one value.
        part: Option<&'static str>,
        /// All the ways in which the value may be stored, the usual one first.
        values: Vec<String>,
    },
    /// What people call it.
    Name(String),
}

impl Reference {
    /// Reads a reference to a record of an object; `argument` names it in messages.
    ///
    /// # Errors
    /// It is empty or too long, is the link of a record of another object, or is a name where records have none.
    pub fn parse(argument: &str, object: &Object, text: &str) -> Result<Self, ToolError> {
        let text = text.trim();
        let singular = &object.singular;
        if text.is_empty() {
            return Err(ToolError::input(format_args!("`{argument}` is empty"))
                .hint(format_args!("give the id or the name of a {singular}, or null for none")));
        }
        if text.len() > LONGEST {
            return Err(ToolError::input(format_args!(
                "`{argument}` is too long for the id or the name of a {singular}"
            )));
        }
        if let Ok(id) = RecordId::parse(argument, text) {
            return Ok(Self::Id(id));
        }
        if let Some((of, id)) = link(text) {
            return if of == *singular {
                Ok(Self::Id(id))
            } else {
                Err(ToolError::input(format_args!(
                    "`{argument}` is the link of a {}, and a {singular} is wanted",
                    shown(&of)
                )))
            };
        }
        if let Some(found) = email(object, text).or_else(|| website(object, text)) {
            return Ok(found);
        }
        if places(object).is_empty() {
            return Err(ToolError::input(format_args!(
                "`{argument}`: `{}` is no record id, and records of `{singular}` have no name",
                shown(text)
            ))
            .hint("give the id; search for the record first"));
        }
        Ok(Self::Name(text.to_owned()))
    }

    /// The filter that finds the records that may be meant.
    #[must_use]
    pub fn filter(&self, object: &Object) -> Value {
        match self {
            Self::Id(id) => json!({ "id": { "eq": id.to_string() } }),
            Self::Unique { field, part: Some(part), values } => json!({ field: { *part: { "in": values } } }),
            Self::Unique { field, part: None, values } => json!({ field: { "in": values } }),
            Self::Name(name) => {
                let places = places(object);
                let places: Vec<&[&str]> = places.iter().map(Vec::as_slice).collect();
                match every_word(name, &places) {
                    // Records without a name are never meant by one.
                    _ if places.is_empty() => json!({ "id": { "is": "NULL" } }),
                    filter => filter,
                }
            }
        }
    }

    /// The filter that finds the records that are called exactly so, in whatever case; none but for names.
    #[must_use]
    pub fn exactly(&self, object: &Object) -> Option<Value> {
        let Self::Name(name) = self else { return None };
        let like = |path: &[&str], text: &str| {
            path.iter().rev().fold(json!({ "ilike": escaped(text) }), |inner, name| json!({ *name: inner }))
        };
        let words: Vec<&str> = name.split_whitespace().take(SPLIT).collect();
        match places(object).as_slice() {
            [one] => Some(like(one, name.trim())),
            [first, last] => {
                let ways = (0..=words.len()).map(|at| {
                    let (before, after) = words.split_at(at);
                    let parts = [(first, before), (last, after)];
                    let parts = parts.iter().filter(|(_, words)| !words.is_empty());
                    json!({ "and": parts.map(|(path, words)| like(path, &words.join(" "))).collect::<Vec<_>>() })
                });
                Some(json!({ "or": ways.collect::<Vec<_>>() }))
            }
            _ => None,
        }
    }
}

/// Where the name of a record is kept.
fn places(object: &Object) -> Vec<Vec<&str>> {
    let Some(field) = object.label_field.as_ref().and_then(|name| object.field(name)) else {
        return Vec::new();
    };
    let name = field.name.as_str();
    match field.kind.as_str() {
        "TEXT" => vec![vec![name]],
        "FULL_NAME" => vec![vec![name, "firstName"], vec![name, "lastName"]],
        "EMAILS" => vec![vec![name, "primaryEmail"]],
        "LINKS" => vec![vec![name, "primaryLinkUrl"]],
        "PHONES" => vec![vec![name, "primaryPhoneNumber"]],
        _ => Vec::new(),
    }
}

/// The object and the id of a record's page in Twenty: `https://…/object/person/<id>`.
fn link(text: &str) -> Option<(String, RecordId)> {
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let segments: Vec<&str> = url.path_segments()?.collect();
    segments.windows(3).find_map(|three| match three {
        ["object", of, id] => Some(((*of).to_owned(), RecordId::parse("", id).ok()?)),
        _ => None,
    })
}

/// An email address, where records of the object are known by theirs.
fn email(object: &Object, text: &str) -> Option<Reference> {
    let bare = text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    if !is_email(bare) {
        return None;
    }
    let emails = |unique: bool| {
        object.fields.iter().find(|field| field.active && field.kind == "EMAILS" && (field.unique || !unique))
    };
    let lower = bare.to_lowercase();
    if let Some(field) = emails(true).or_else(|| emails(false)) {
        let (field, part) = (field.name.clone(), Some("primaryEmail"));
        return Some(Reference::Unique { field, part, values: vec![lower] });
    }
    let text = |field: &&Field| {
        field.active && field.unique && field.kind == "TEXT" && field.name.to_lowercase().ends_with("email")
    };
    let field = object.fields.iter().find(text)?;
    let mut values = vec![lower];
    if values.iter().all(|lower| lower != bare) {
        values.push(bare.to_owned());
    }
    Some(Reference::Unique { field: field.name.clone(), part: None, values })
}

/// Whether a text looks like an email address.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
        && domain.contains('.')
        && !domain.contains('@')
        && domain.split('.').all(|label| !label.is_empty())
}

/// A web address, where records of the object are known by theirs.
fn website(object: &Object, text: &str) -> Option<Reference> {
    let field = object.fields.iter().find(|field| field.active && field.unique && field.kind == "LINKS")?;
    let values = spellings(text)?;
    Some(Reference::Unique { field: field.name.clone(), part: Some("primaryLinkUrl"), values })
}

/// The ways in which a web address or a domain may be stored, the usual one first; nothing where a text is none.
#[must_use]
pub fn spellings(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let Some(Host::Domain(host)) = url.host() else { return None };
    let top = host.rsplit_once('.').map(|(_, top)| top)?;
    let domain = (top.len() > 1 && top.chars().all(|c| c.is_ascii_alphabetic())) || top.starts_with("xn--");
    // A sentence is no address, though a browser would make one of `Acme, formerly.known`.
    if !domain || text.contains(char::is_whitespace) || !url.username().is_empty() {
        return None;
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host =
        format!("{}{port}", host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host));
    let path = url.path().trim_end_matches('/');
    let mut ways: Vec<String> = if path.is_empty() {
        let with = ["https://", "http://", "https://www.", "http://www."];
        let plain = with.iter().map(|with| format!("{with}{host}"));
        let slashed = with.iter().map(|with| format!("{with}{host}/"));
        plain.chain([host.clone(), format!("www.{host}")]).chain(slashed).collect()
    } else {
        // The page itself, and the site that it belongs to.
        let page = ["https://", "https://www.", "http://", ""].map(|with| format!("{with}{host}{path}"));
        let site = ["https://", "https://www.", "http://", "http://www.", "", "www."];
        page.into_iter().chain(site.map(|with| format!("{with}{host}"))).collect()
    };
    ways.truncate(10);
    Some(ways)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    const ID: &str = "20202020-0687-4c41-b707-ed1bfca972a7";

    fn parse(object: &str, text: &str) -> Result<Reference, ToolError> {
        Reference::parse("company", CURRENT.object(object).unwrap(), text)
    }

    fn unique(object: &str, text: &str) -> (String, Option<&'static str>, Vec<String>) {
        match parse(object, text).unwrap() {
            Reference::Unique { field, part, values } => (field, part, values),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_id_and_the_link_of_a_record_are_ids() {
        let id = Reference::Id(RecordId::parse("", ID).unwrap());
        for text in [
            ID.to_owned(),
            format!(" {ID} "),
            format!("https://app.twenty.com/object/company/{ID}"),
            format!("http://localhost:3000/object/company/{ID}?viewId=5#tab"),
            format!("crm.example.com/object/company/{ID}/"),
        ] {
            assert_eq!(parse("company", &text).unwrap(), id, "{text}");
        }
        let error = parse("person", &format!("https://app.twenty.com/object/company/{ID}")).unwrap_err();
        assert_eq!(error.message(), "`company` is the link of a company, and a person is wanted");
    }

    #[test]
    fn an_email_address_is_unique_where_records_have_one() {
        let ada = ("emails".to_owned(), Some("primaryEmail"), vec!["ada@acme.com".to_owned()]);
        for text in ["Ada@Acme.com", "mailto:ada@acme.com", "Ada Lovelace <ada@acme.com>"] {
            assert_eq!(unique("person", text), ada);
        }
        let (field, part, values) = unique("workspaceMember", "Tim@Apple.dev");
        assert_eq!((field.as_str(), part), ("userEmail", None));
        assert_eq!(values, ["tim@apple.dev", "Tim@Apple.dev"]);
        assert_eq!(parse("opportunity", "ada@acme.com").unwrap(), Reference::Name("ada@acme.com".into()));
    }

    #[test]
    fn a_domain_is_looked_for_in_all_its_spellings() {
        for text in ["acme.com", "https://ACME.com/", "http://www.acme.com", "www.acme.com"] {
            let (field, part, values) = unique("company", text);
            assert_eq!((field.as_str(), part), ("domainName", Some("primaryLinkUrl")));
            assert_eq!(values.len(), 10);
            assert_eq!(values[0], "https://acme.com");
            for way in
                ["http://acme.com", "https://www.acme.com", "acme.com", "www.acme.com", "https://acme.com/"]
            {
                assert!(values.iter().any(|value| value == way), "{way}");
            }
        }
        let (_, _, values) = unique("company", "https://acme.com/about/us");
        assert_eq!(values[0], "https://acme.com/about/us");
        assert!(values.contains(&"https://acme.com".to_owned()) && values.len() == 10);
    }

    #[test]
    fn anything_else_is_a_name() {
        for text in
            ["Acme", "Acme Inc.", "J.P", "Acme, formerly.known", "5.5", "a@b", "127.0.0.1", "ftp://acme.com"]
        {
            assert_eq!(parse("company", text).unwrap(), Reference::Name(text.into()));
        }
        assert_eq!(parse("person", "acme.com").unwrap(), Reference::Name("acme.com".into()));
        assert!(parse("company", "  ").unwrap_err().message().contains("is empty"));
        assert!(parse("company", &"x".repeat(501)).is_err());
        assert!(parse("noteTarget", "Acme").unwrap_err().message().contains("no name"));
    }

    #[test]
    fn a_name_is_found_by_its_words_and_exact_whatever_the_case() {
        let person = CURRENT.object("person").unwrap();
        let name = parse("person", "ada  LOVE%").unwrap();
        assert_eq!(
            name.filter(person),
            json!({ "and": [
                { "or": [{ "name": { "firstName": { "ilike": "%ada%" } } }, { "name": { "lastName": { "ilike": "%ada%" } } }] },
                { "or": [{ "name": { "firstName": { "ilike": "%LOVE\\%%" } } }, { "name": { "lastName": { "ilike": "%LOVE\\%%" } } }] },
            ] })
        );
        let (first, last) = (
            |text: &str| json!({ "name": { "firstName": { "ilike": text } } }),
            |text: &str| json!({ "name": { "lastName": { "ilike": text } } }),
        );
        assert_eq!(
            name.exactly(person).unwrap(),
            json!({ "or": [
                { "and": [last("ada LOVE\\%")] },
                { "and": [first("ada"), last("LOVE\\%")] },
                { "and": [first("ada LOVE\\%")] },
            ] })
        );
        let company = CURRENT.object("company").unwrap();
        let acme = parse("company", "ACME").unwrap();
        assert_eq!(acme.exactly(company).unwrap(), json!({ "name": { "ilike": "ACME" } }));
        assert_eq!(parse("person", "ada@acme.com").unwrap().exactly(person), None);
        assert_eq!(
            parse("person", "ada@acme.com").unwrap().filter(person),
            json!({ "emails": { "primaryEmail": { "in": ["ada@acme.com"] } } })
        );
    }
}
