//! Whom or what a brief is about.

use crate::{
    seam::{Common, ErrorKind, ToolError},
    tools::twenty::{
        records::{
            document::Document,
            engine::Records,
            id::RecordId,
            names::Wanted,
            plain::label,
            reference::{Reference, is_email, spellings},
        },
        workspace::schema::Object,
    },
};
use serde_json::Value;

/// What a brief can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
// Docs of the variants would be told to models, who need none.
#[allow(missing_docs)]
pub enum Kind {
    Person,
    Company,
    Opportunity,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Person, Self::Company, Self::Opportunity];

    /// The object's singular name.
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
            Self::Opportunity => "opportunity",
        }
    }
}

/// A record with what hangs on it.
pub struct Subject<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its object.
    pub object: &'a Object,
    /// Its id.
    pub id: RecordId,
    /// All that people see of it, and under `people` the ids of a company's people.
    pub raw: Value,
}

/// Finds the record in one request, whatever stands for it; without a kind among people, companies and deals.
///
/// # Errors
/// There is none, or there are several, or the workspace does not answer.
pub async fn subject<'a>(
    records: &'a Records<'_>,
    cx: &Common,
    given: &str,
    kind: Option<Kind>,
) -> Result<Subject<'a>, ToolError> {
    let kinds: Vec<Kind> = match kind {
        Some(kind) => vec![kind],
        None if is_email(given.trim()) => vec![Kind::Person],
        None => Kind::ALL.to_vec(),
    };
    let (mut wanted, mut wrong) = (Vec::new(), None);
    for kind in kinds {
        let object = records.object(kind.object())?;
        match Wanted::of("record", object, given) {
            Ok(one) => wanted.push((kind, object, one)),
            // The link of another kind of record.
            Err(error) => wrong = Some(error),
        }
    }
    // A domain stands for a company before anything else is called so.
    if kind.is_none() && spellings(given).is_some() && wanted.iter().any(|(_, _, one)| is_site(one)) {
        wanted.retain(|(_, _, one)| is_site(one));
    }
    let mut document = Document::default();
    let mut lookups = Vec::new();
    for (kind, object, one) in &wanted {
        lookups.push(records.look(&mut document, std::slice::from_ref(one), &[&extra(*kind, object)])?);
    }
    if document.is_empty() {
        return Err(wrong.unwrap_or_else(|| ToolError::input("`record` stands for nothing")));
    }
    let data = records.read(cx, document).await?;
    let (mut found, mut absent, mut several) = (Vec::new(), None, None);
    for ((kind, object, one), lookups) in wanted.into_iter().zip(&lookups) {
        match records.looked(std::slice::from_ref(&one), lookups, &data) {
            Ok(raw) => found.extend(raw.into_iter().map(|raw| (kind, object, raw))),
            Err(error) if error.kind() == ErrorKind::NotFound => absent = Some(error),
            Err(error) if error.kind() == ErrorKind::Ambiguous => several = several.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    let called = |(_, object, raw): &(Kind, &Object, Value)| {
        label(object, raw).is_some_and(|name| name.eq_ignore_ascii_case(given.trim()))
    };
    if found.iter().filter(|one| called(one)).count() == 1 {
        found.retain(called);
    }
    if found.len() > 1 {
        let kinds: Vec<&str> = found.iter().map(|(kind, ..)| kind.object()).collect();
        return Err(ToolError::ambiguous(format_args!("`record`: `{given}` is a {}", kinds.join(" and a ")))
            .hint("say which with `object`"));
    }
    let Some((kind, object, raw)) = found.pop() else {
        // Many of one kind that are called something like it give way to the one of another kind that is meant.
        return Err(several
            .or(absent)
            .or(wrong)
            .unwrap_or_else(|| ToolError::not_found("there is no such record")));
    };
    Ok(Subject { kind, object, id: RecordId::of(&raw)?, raw })
}

fn is_site(wanted: &Wanted) -> bool {
    matches!(wanted.reference, Reference::Unique { .. })
}

/// What is selected beside what people see: a company's people, and how many records of other kinds there are.
fn extra(kind: Kind, object: &Object) -> String {
    let mut extra = String::new();
    if kind == Kind::Company && object.field("people").is_some() {
        extra.push_str("people { edges { node { id } } } ");
    }
    for field in custom(object) {
        extra.push_str(&format!("{field} {{ totalCount }} "));
    }
    extra
}

/// The relations to many records that this workspace has added, or that no section tells of.
pub fn custom(object: &Object) -> impl Iterator<Item = &str> {
    const TOLD: [&str; 15] = [
        "people",
        "opportunities",
        "pointOfContactForOpportunities",
        "taskTargets",
        "noteTargets",
        "timelineActivities",
        "messageParticipants",
        "calendarEventParticipants",
        "messageThreadTargets",
        "calendarEventTargets",
        "attachments",
        "agentChatThreadTargets",
        "favorites",
        "listMemberships",
        "recordShares",
    ];
    object.fields.iter().filter_map(|field| {
        let many = field.active && field.relation.as_ref().is_some_and(|relation| relation.many);
        (many && !TOLD.contains(&field.name.as_str())).then_some(field.name.as_str())
    })
}
