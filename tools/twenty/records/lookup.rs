//! The records that a call names, looked up in one request.

use super::{
    document::{Document, ROOTS},
    engine::Records,
    find::{count, nodes},
    id::RecordId,
    names::Wanted,
    plain::label,
    reference::Reference,
    selection::{brief, selection},
    text::one_line,
};
use crate::{
    seam::{Choice, Common, ToolError},
    tools::twenty::workspace::schema::Object,
};
use serde_json::{Map, Value};

/// How many candidates an ambiguous name is told with.
const CANDIDATES: usize = 10;

/// Root fields that look records up, and how their answers are read.
#[derive(Default)]
pub struct Lookups {
    aliases: Vec<Looking>,
}

/// Where the answers for one record stand.
struct Looking {
    /// Those that are called exactly so, where that is another question.
    exact: Option<String>,
    all: String,
}

impl Records<'_> {
    /// One record by what stands for it: one request, whatever that is. `extra` is selected beside what people see.
    ///
    /// # Errors
    /// There is none or more than one, or the workspace does not answer.
    pub async fn one(
        &self,
        cx: &Common,
        object: &Object,
        argument: &str,
        given: &str,
        extra: &str,
    ) -> Result<Value, ToolError> {
        let wanted = Wanted::of(argument, object, given)?;
        let found = self.look_up(cx, std::slice::from_ref(&wanted), &[extra]).await?;
        found.into_iter().next().ok_or_else(|| absent(object, &wanted))
    }

    /// The ids of records that were spoken of by name; no request where there are none.
    ///
    /// # Errors
    /// One of them does not exist or could be several, or the workspace does not answer.
    pub async fn ids(&self, cx: &Common, wanted: &[Wanted]) -> Result<Vec<RecordId>, ToolError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.look_up(cx, wanted, &[]).await?;
        found.iter().map(RecordId::of).collect()
    }

    /// The records themselves, in the order in which they are wanted. Those that `full` has something for come with
    /// all that people see of them and that beside it, the others with id and name.
    ///
    /// # Errors
    /// One of them does not exist or could be several, or the workspace does not answer.
    pub async fn look_up(
        &self,
        cx: &Common,
        wanted: &[Wanted],
        full: &[&str],
    ) -> Result<Vec<Value>, ToolError> {
        let mut found = Vec::with_capacity(wanted.len());
        // A name takes two root fields.
        const CHUNK: usize = ROOTS / 2;
        for (at, part) in wanted.chunks(CHUNK).enumerate() {
            let mut document = Document::default();
            let full = full.get(at * CHUNK..).unwrap_or_default();
            let lookups = self.look(&mut document, part, full)?;
            let data = self.read(cx, document).await?;
            found.extend(self.looked(part, &lookups, &data)?);
        }
        Ok(found)
    }

    /// Puts what looks records up into a document that asks for other things too.
    ///
    /// # Errors
    /// The workspace has no such object.
    pub fn look(
        &self,
        document: &mut Document,
        wanted: &[Wanted],
        full: &[&str],
    ) -> Result<Lookups, ToolError> {
        let mut lookups = Lookups::default();
        for (at, one) in wanted.iter().enumerate() {
            let object = self.workspace().object(&one.object)?;
            let selected = match full.get(at) {
                Some(extra) => format!("{} {extra}", selection(self.workspace(), object)),
                None => brief(self.workspace(), object),
            };
            let kind = format!("{}FilterInput", object.kind());
            let mut root = |first: usize, filter: Value| {
                let filter = document.variable(&kind, filter);
                document.root(&format!(
                    "{}(first: {first}, filter: {filter}) {{ edges {{ node {{ {selected} }} }} totalCount }}",
                    object.plural
                ))
            };
            let (exact, wide) = match &one.reference {
                // What looks like a web address may be a name: `Booking.com`.
                Reference::Unique { part: Some("primaryLinkUrl"), .. } => {
                    (Some(one.reference.filter(object)), Reference::Name(one.given.clone()).filter(object))
                }
                reference => (reference.exactly(object), reference.filter(object)),
            };
            let exact = exact.map(|filter| root(CANDIDATES, filter));
            let first = if exact.is_some() { CANDIDATES } else { 2 };
            lookups.aliases.push(Looking { exact, all: root(first, wide) });
        }
        Ok(lookups)
    }

    /// Reads the answers of what `look` put into a document.
    ///
    /// # Errors
    /// A record does not exist or could be several.
    pub fn looked(
        &self,
        wanted: &[Wanted],
        lookups: &Lookups,
        data: &Map<String, Value>,
    ) -> Result<Vec<Value>, ToolError> {
        let answers = wanted.iter().zip(&lookups.aliases);
        answers.map(|(one, looking)| self.choose(one, looking, data)).collect()
    }

    fn choose(
        &self,
        wanted: &Wanted,
        looking: &Looking,
        data: &Map<String, Value>,
    ) -> Result<Value, ToolError> {
        let object = self.workspace().object(&wanted.object)?;
        let answer = |alias: &String| {
            let answer = data.get(alias).unwrap_or(&Value::Null);
            let found = nodes(answer.get("edges"));
            let total = count(answer, "totalCount").unwrap_or(found.len()).max(found.len());
            (found, total)
        };
        let (mut found, mut total) = looking.exact.as_ref().map(answer).unwrap_or_default();
        if found.is_empty() {
            (found, total) = answer(&looking.all);
        }
        let id = |record: &Value| record.get("id").and_then(Value::as_str).map(str::to_owned);
        let chosen = self.chosen(&key(wanted));
        if let Some(at) =
            chosen.and_then(|chosen| found.iter().position(|one| id(one).as_deref() == Some(chosen)))
        {
            return Ok(found.remove(at));
        }
        match (found.len(), total) {
            (0, _) => Err(absent(object, wanted)),
            (1, 1) => Ok(found.remove(0)),
            _ => Err(self.ambiguous(object, wanted, &found, total)),
        }
    }

    fn ambiguous(&self, object: &Object, wanted: &Wanted, candidates: &[Value], total: usize) -> ToolError {
        let options = candidates.iter().map(|record| {
            let id = record.get("id").and_then(Value::as_str).unwrap_or_default();
            let name = label(object, record);
            (id.to_owned(), format!("{} (id {id})", one_line(name.as_deref().unwrap_or("unnamed"))))
        });
        let options: Vec<(String, String)> = options.collect();
        let lines: Vec<String> = options.iter().map(|(_, shown)| format!("- {shown}")).collect();
        let more = total.saturating_sub(candidates.len());
        let more = if more > 0 { format!("\n- and {more} more") } else { String::new() };
        let what =
            format!("`{}`: `{}` could be any of {total} {}", wanted.argument, wanted.given, object.plural);
        let message = format!("{what}. Which one is meant?");
        ToolError::ambiguous(format_args!("{what}:\n{}{more}", lines.join("\n")))
            .hint(format_args!("call again with the id of the one that is meant as `{}`", wanted.argument))
            .or_choose(Choice { key: key(wanted), message, options })
    }
}

/// What tells a choice between records of one name from others.
fn key(wanted: &Wanted) -> String {
    format!("{}: {}", wanted.object, wanted.given)
}

/// The error for a record that is not there.
fn absent(object: &Object, wanted: &Wanted) -> ToolError {
    let of = match &wanted.reference {
        Reference::Id(id) => format!("with the id {id}"),
        Reference::Unique { .. } => format!("that has `{}`", wanted.given),
        Reference::Name(_) => format!("called `{}`", wanted.given),
    };
    ToolError::not_found(format_args!("`{}`: there is no {} {of}", wanted.argument, object.singular))
        .hint("it may have been deleted or be called otherwise: search for it")
}
