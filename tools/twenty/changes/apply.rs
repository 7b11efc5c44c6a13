//! Making a change: noted in the journal first, then sent, in order, with progress.

use super::{
    entry::{Batch, BatchState, ChangeId, ChangeState, Effect, Item},
    error::JournalError,
    journal::Journal,
    owner::Owner,
    roots::{Root, answered, documents, touched},
    step::{Ready, Verb},
};
use crate::{
    seam::{Act, Change, ErrorKind, ToolError},
    tools::twenty::{
        api::errors::ApiError,
        records::{document::Document, engine::Records, id::RecordId},
        resources::record::address,
    },
};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A change that broke off.
pub(super) struct Broken {
    /// What the caller is told.
    pub(super) error: ToolError,
    /// Whether the workspace surely is as it was.
    pub(super) nothing_made: bool,
}

impl From<ToolError> for Broken {
    /// Before anything was sent.
    fn from(error: ToolError) -> Self {
        Self { error, nothing_made: true }
    }
}

impl From<JournalError> for Broken {
    /// Nothing is sent that is not noted.
    fn from(error: JournalError) -> Self {
        ToolError::from(error).into()
    }
}

/// Makes changes and keeps account of them.
pub(super) struct Apply<'a> {
    pub(super) records: &'a Records<'a>,
    pub(super) journal: &'a Journal,
    pub(super) owner: Owner,
    pub(super) tool: &'a str,
}

impl Apply<'_> {
    /// Makes all steps; the records as they are then, in the order of the steps, null for one that was not found any
    /// more.
    ///
    /// # Errors
    /// The journal cannot be written (nothing is changed then), or the workspace refuses; the error says how far the
    /// change got.
    pub(super) async fn run(&self, act: &Act, steps: Vec<Ready>) -> Result<Vec<Value>, Broken> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let order: Vec<RecordId> = steps.iter().map(|step| step.id).collect();
        let documents = documents(steps);
        let batches = documents.iter().flatten().map(|root| Batch::pending(items(root))).collect();
        let change = self.journal.begin(self.owner, self.tool, batches).await?;
        let (mut made, mut nth) = (HashMap::with_capacity(order.len()), 0);
        for roots in &documents {
            let sent = self.send(act, roots, change, nth, &mut made).await;
            nth += roots.len();
            if let Err(error) = sent {
                self.note(self.journal.finish(self.owner, change, ChangeState::Failed).await);
                let nothing_made = made.is_empty() && !matches!(error, ApiError::Unsure(_));
                return Err(Broken { error: told(error, made.len(), order.len(), change), nothing_made });
            }
            if documents.len() > 1 {
                let (done, all) = (made.len() as f64, order.len() as f64);
                act.progress(done, Some(all), &format!("{done} of {all} records")).await;
            }
        }
        self.note(self.journal.finish(self.owner, change, ChangeState::Done).await);
        Ok(order.iter().map(|id| made.remove(id).unwrap_or_default()).collect())
    }

    async fn send(
        &self,
        act: &Act,
        roots: &[Root],
        change: ChangeId,
        first: usize,
        made: &mut HashMap<RecordId, Value>,
    ) -> Result<(), ApiError> {
        let mut document = Document::default();
        let put = roots.iter().map(|root| root.put(self.records, &mut document));
        let aliases = put.collect::<Result<Vec<_>, _>>().map_err(ApiError::Refused)?;
        let (mut data, error) = match self.records.write(act, document).await {
            Ok(data) => (data, None),
            Err(ApiError::Partly { data, error }) => {
                let unclear = error.kind() == ErrorKind::Upstream;
                let error = if unclear { ApiError::Unsure(*error) } else { ApiError::Refused(*error) };
                (data.as_object().cloned().unwrap_or_default(), Some(error))
            }
            // Nothing is known of it: the journal says so already.
            Err(error @ ApiError::Unsure(_)) => return Err(error),
            Err(error) => (Map::new(), Some(error)),
        };
        for (nth, alias) in aliases.iter().enumerate() {
            let answer = data.remove(alias).unwrap_or_default();
            let found_none = answer.as_array().is_some_and(Vec::is_empty);
            let records = answered(Some(answer));
            let state = match &error {
                _ if !records.is_empty() => BatchState::Applied,
                None | Some(ApiError::Unsure(_)) if !found_none => continue,
                _ => BatchState::Refused,
            };
            let after = records
                .iter()
                .filter_map(|(id, record)| Some((id.uuid(), record.get("updatedAt")?.as_str()?.to_owned())));
            let after: Vec<(Uuid, String)> = after.collect();
            self.note(self.journal.settle(self.owner, change, first + nth, state, after).await);
            let changed = roots.get(nth).map(addresses).unwrap_or_default();
            if matches!(state, BatchState::Applied) && !changed.is_empty() {
                act.changed(Change::ResourcesOf(act.principal.clone(), changed));
            }
            made.extend(records);
        }
        error.map_or(Ok(()), Err)
    }

    /// The change is made; that the journal could not say so is for the operator.
    fn note(&self, kept: Result<(), JournalError>) {
        if let Err(error) = kept {
            tracing::warn!(%error, tool = self.tool, "a change was made and could not be noted in the journal");
        }
    }
}

fn told(error: ApiError, made: usize, all: usize, change: ChangeId) -> ToolError {
    let unsure = matches!(error, ApiError::Unsure(_));
    let error = ToolError::from(error);
    if made == 0 && !unsure {
        return error;
    }
    let hint = match (made, unsure) {
        (0, _) => "it may have been made all the same: look before you repeat it, or call `undo`".to_owned(),
        (made, unsure) => format!(
            "{made} of {all} records were changed before that{}; `undo` takes change {change} back",
            if unsure { ", and some may have been" } else { "" }
        ),
    };
    let hint = error.next().map_or_else(|| hint.clone(), |next| format!("{next}\n{hint}"));
    error.hint(hint)
}

/// The addresses under which the records of a root field are read, where they were there before.
fn addresses(root: &Root) -> BTreeSet<String> {
    let there = root.steps.iter().filter(|step| step.verb != Verb::Create);
    there.map(|step| address(&step.object, &step.id.to_string())).collect()
}

fn items(root: &Root) -> Vec<Item> {
    root.steps.iter().flat_map(effects).collect()
}

fn effects(step: &Ready) -> Vec<Item> {
    let item =
        |id: RecordId, effect| Item { object: step.object.clone(), id: id.uuid(), effect, after: None };
    let whole = |record: &Value| record.as_object().cloned().unwrap_or_default();
    match step.verb {
        Verb::Create | Verb::Upsert => vec![item(step.id, Effect::Created)],
        Verb::Update => {
            let (before, sent) = (touched(&step.before, &step.data), step.data.clone());
            vec![item(step.id, Effect::Updated { before, sent })]
        }
        Verb::Delete => vec![item(step.id, Effect::Deleted)],
        Verb::Restore => vec![item(step.id, Effect::Restored)],
        Verb::Destroy => vec![item(step.id, Effect::Destroyed { before: whole(&step.before) })],
        Verb::Merge => {
            let others = step.others.iter().filter_map(|other| {
                let id = RecordId::of(other).ok()?;
                Some(item(id, Effect::Merged { into: step.id.uuid(), before: whole(other) }))
            });
            others.collect()
        }
    }
}
