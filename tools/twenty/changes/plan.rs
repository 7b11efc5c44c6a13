//! A change that is shown before it is made, and the token that makes just that change and no other.

use super::{
    draft::Seed,
    owner::Owner,
    step::{Ready, Verb},
};
use crate::{
    seam::{Common, Sealer, ToolError},
    tools::twenty::{
        records::{engine::Records, plain::plain},
        workspace::schema::Object,
    },
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What plan tokens are sealed for.
const PURPOSE: &str = "twenty/plan";
/// How long a plan can be applied.
const LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How many changes a plan shows one by one; the others it counts.
const SHOWN: usize = 50;

/// What every tool that writes takes beside its own arguments.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Planning {
    plan: Option<bool>,
    plan_token: Option<String>,
}

/// What a call does with the change that it describes.
pub(super) enum Mode {
    /// Makes it.
    Now(Seed),
    /// Shows it.
    Show(Seed),
    /// Makes it if it is still the one that was shown.
    Apply(Token),
}

impl Mode {
    pub(super) fn of(planning: &Planning, sealer: &Sealer, context: &[u8]) -> Result<Self, ToolError> {
        match (planning.plan.unwrap_or(false), &planning.plan_token) {
            (true, Some(_)) => Err(ToolError::input("`plan` and `planToken` were both given")
                .hint("`plan: true` shows the change; `planToken` makes it")),
            (true, None) => Ok(Self::Show(Seed::random())),
            (false, None) => Ok(Self::Now(Seed::random())),
            (false, Some(text)) => Token::open(sealer, context, text).map(Self::Apply),
        }
    }

    pub(super) const fn seed(&self) -> Seed {
        match self {
            Self::Now(seed) | Self::Show(seed) => *seed,
            Self::Apply(token) => token.seed,
        }
    }
}

/// What a plan token says: which change, and until when.
pub(super) struct Token {
    pub(super) seed: Seed,
    pub(super) until: Timestamp,
    digest: [u8; 32],
}

impl Token {
    fn seal(&self, sealer: &Sealer, context: &[u8]) -> Result<String, ToolError> {
        let until = self.until.as_second().to_be_bytes();
        Ok(sealer.seal(PURPOSE, context, &[&self.seed.0[..], &until, &self.digest].concat())?)
    }

    fn open(sealer: &Sealer, context: &[u8], text: &str) -> Result<Self, ToolError> {
        let wrong = || {
            ToolError::input("`planToken` belongs to no plan of yours for this tool")
                .hint("call with `plan: true` and hand over the token of that answer as it stands")
        };
        let plain = sealer.open(PURPOSE, context, text.trim()).map_err(|_| wrong())?;
        let (seed, rest) = plain.split_first_chunk::<16>().ok_or_else(wrong)?;
        let (until, rest) = rest.split_first_chunk::<8>().ok_or_else(wrong)?;
        let digest = rest.try_into().map_err(|_| wrong())?;
        let until = Timestamp::from_second(i64::from_be_bytes(*until)).map_err(|_| wrong())?;
        if until < Timestamp::now() {
            return Err(stale("the plan is too old"));
        }
        Ok(Self { seed: Seed(*seed), until, digest })
    }

    /// # Errors
    /// The change is not the one that was shown.
    pub(super) fn hold(&self, steps: &[Ready]) -> Result<(), ToolError> {
        if self.digest == digest(steps) {
            return Ok(());
        }
        Err(stale("the records, or the arguments, are not those that the plan was made for"))
    }
}

pub(super) fn stale(what: &str) -> ToolError {
    ToolError::conflict(what)
        .hint("nothing was changed; call with `plan: true` to see the change as it would be now")
}

/// What two equal changes have in common: the steps, their values and the state of their records.
fn digest(steps: &[Ready]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for step in steps {
        add(step.verb.word());
        add(&step.object);
        add(&step.id.to_string());
        add(step.written().unwrap_or_default());
        add(&sorted(&Value::Object(step.data.clone())).to_string());
        step.others.iter().for_each(|other| add(&sorted(other).to_string()));
    }
    hash.finalize().into()
}

/// The same value with its keys in one order, whatever order the caller gave them in.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<&String, Value> =
                fields.iter().map(|(key, value)| (key, sorted(value))).collect();
            ordered.into_iter().map(|(key, value)| (key.clone(), value)).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// A change as it would be made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Hand this over as `planToken`, with the same arguments, to make the change.
    pub plan_token: String,
    /// When the token ends.
    pub expires_at: String,
    /// How many records would be changed, by what would happen to them.
    pub counts: BTreeMap<&'static str, usize>,
    /// What to know before it is made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The first 50 changes one by one.
    pub changes: Vec<Planned>,
}

/// A change of one record, before and after.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Planned {
    /// What would happen.
    pub verb: Verb,
    /// The record's object.
    pub object: String,
    /// Its id.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The fields that would change, as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub before: Map<String, Value>,
    /// The same fields as they would be.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub after: Map<String, Value>,
}

/// Shows a change.
///
/// # Errors
/// The token cannot be sealed, or the workspace lost an object.
pub(super) fn plan(
    records: &Records<'_>,
    sealer: &Sealer,
    context: &[u8],
    seed: Seed,
    steps: &[Ready],
) -> Result<Plan, ToolError> {
    let token = Token { seed, until: Timestamp::now() + LIFE, digest: digest(steps) };
    let (mut counts, mut warnings, mut changes) = (BTreeMap::new(), Vec::new(), Vec::new());
    for step in steps {
        *counts.entry(step.verb.word()).or_insert(0) += 1;
        if changes.len() < SHOWN {
            changes.push(planned(records.object(&step.object)?, step));
        }
    }
    if steps.len() > SHOWN {
        warnings.push(format!("{} of {} changes are shown", SHOWN, steps.len()));
    }
    let same = changes.iter().filter(|one| one.verb == Verb::Update && one.before == one.after).count();
    if same > 0 {
        warnings.push(format!("{same} of the records shown already are as they would be"));
    }
    if steps.iter().any(|step| matches!(step.verb, Verb::Destroy | Verb::Merge)) {
        warnings.push("this cannot be taken back".into());
    }
    if steps.is_empty() {
        warnings.push("no record would be changed".into());
    }
    Ok(Plan {
        plan_token: token.seal(sealer, context)?,
        expires_at: token.until.to_string(),
        counts,
        warnings,
        changes,
    })
}

fn planned(object: &Object, step: &Ready) -> Planned {
    let mut after = step.before.clone();
    if after.is_null() {
        after = json!({});
    }
    if let Value::Object(record) = &mut after {
        step.data.iter().for_each(|(name, value)| put(record, name, value));
    }
    let name = crate::tools::twenty::records::plain::label(
        object,
        if step.before.is_null() { &after } else { &step.before },
    );
    let touched = |record: &Value| {
        let mut shown = plain(object, record);
        for (name, value) in record.as_object().into_iter().flatten() {
            if object.joined_by(name).is_some() {
                shown.insert(name.clone(), value.clone());
            }
        }
        shown.retain(|name, _| name != "id" && step.data.contains_key(name));
        shown
    };
    let (before, after) = match step.verb {
        Verb::Create | Verb::Update | Verb::Upsert => (touched(&step.before), touched(&after)),
        _ => (Map::new(), Map::new()),
    };
    Planned { verb: step.verb, object: step.object.clone(), id: step.id.to_string(), name, before, after }
}

/// A value put over what is there: of a composite only the parts that are given.
fn put(record: &mut Map<String, Value>, name: &str, value: &Value) {
    match (record.get_mut(name), value) {
        (Some(Value::Object(there)), Value::Object(parts)) => there.extend(parts.clone()),
        _ => {
            record.insert(name.to_owned(), value.clone());
        }
    }
}

/// Whom and what a token is bound to: caller, credential and tool.
pub(super) fn context(cx: &Common, records: &Records<'_>, tool: &str) -> Vec<u8> {
    let owner = Owner::of(&cx.principal, records.credential());
    [&owner.bytes()[..], tool.as_bytes()].concat()
}
