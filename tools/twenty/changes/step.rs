//! A change of one record, before and after it is known which record that is.

use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{id::RecordId, names::Wanted, plain::label, text::one_line},
        workspace::schema::Workspace,
    },
};
use serde_json::{Map, Value};

/// What happens to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// It is made.
    Create,
    /// Fields of it get other values.
    Update,
    /// It is made, or, where one with the same unique value is there, that one is changed.
    Upsert,
    /// It goes out of sight, and can come back.
    Delete,
    /// It comes back into sight.
    Restore,
    /// It is gone for good.
    Destroy,
    /// It takes up other records.
    Merge,
}

impl Verb {
    /// As people say that it was done.
    #[must_use]
    pub const fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Update => "updated",
            Self::Upsert => "created or updated",
            Self::Delete => "deleted",
            Self::Restore => "restored",
            Self::Destroy => "destroyed",
            Self::Merge => "merged",
        }
    }

    /// As people say that it would be done.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Upsert => "create or update",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Destroy => "destroy",
            Self::Merge => "merge",
        }
    }
}

/// The record that a step is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// One that does not exist yet.
    New(RecordId),
    /// One that must be read first.
    Known(RecordId),
    /// One that must be looked up.
    Named(Wanted),
    /// One that was read just now, with all that people see of it.
    Read(Value),
}

/// A change of one record.
#[derive(Clone, Debug)]
pub struct Step {
    /// What happens.
    pub verb: Verb,
    /// The record's object, in singular.
    pub object: String,
    /// The record.
    pub target: Target,
    /// What it is given, as Twenty takes it; may hold placeholders for records that are looked up.
    pub data: Map<String, Value>,
    /// The records that it takes up in a merge, as they are.
    pub others: Vec<Value>,
    /// What the record must point at beforehand.
    pub expected: Option<Expected>,
}

/// Another record that the record of a step must point at before anything is changed.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The relation, as in `company`.
    pub field: String,
    /// The argument that expects it.
    pub argument: &'static str,
    /// As the caller said it.
    pub given: String,
    /// The id, or a placeholder.
    pub id: Value,
}

impl Expected {
    /// # Errors
    /// The record points at another one, or at none: tells which.
    pub(super) fn hold(&self, workspace: &Workspace, object: &str, record: &Value) -> Result<(), ToolError> {
        let there = record.get(&self.field).unwrap_or(&Value::Null);
        let id = there.get("id").filter(|id| !id.is_null());
        if id == Some(&self.id) {
            return Ok(());
        }
        let Self { field, argument, given, .. } = self;
        let object = workspace.object(object)?;
        let named = || {
            let targets = object.field(field).and_then(|field| field.relation.as_ref());
            let target = targets.and_then(|relation| relation.targets.first());
            target.and_then(|target| label(workspace.object(target).ok()?, there))
        };
        let name = named().map(|name| format!("`{}` ", one_line(&name))).unwrap_or_default();
        let is = match id.and_then(Value::as_str) {
            Some(id) => format!("the {field} of this {} is {name}(id {id})", object.singular),
            None => format!("this {} has no {field}", object.singular),
        };
        Err(ToolError::conflict(format_args!("`{argument}` is `{}`, but {is}", one_line(given)))
            .hint(format_args!("nothing was changed; leave `{argument}` out to change it wherever it is")))
    }
}

/// A step whose record is known.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What happens.
    pub verb: Verb,
    /// The record's object, in singular.
    pub object: String,
    /// The record.
    pub id: RecordId,
    /// What it is given, as Twenty takes it.
    pub data: Map<String, Value>,
    /// The records that it takes up in a merge, as they are.
    pub others: Vec<Value>,
    /// What it was before; null where it was not there.
    pub before: Value,
}

impl Ready {
    /// When the record was last written, where it was there.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        self.before.get("updatedAt").and_then(Value::as_str)
    }
}
