//! The steps of one call as a tool puts them together.

use super::step::{Expected, Step, Target, Verb};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            id::RecordId,
            input::data::{Input, Purpose, data},
            names::{Names, Wanted},
            reference::Reference,
        },
        workspace::schema::{Object, Workspace},
    },
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What ids of new records are made from: the same seed makes the same ids, so that a change that was planned and is then
/// made, or is made again after a crash, is one and the same.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 16]);

impl Seed {
    /// A seed that nobody can guess.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    fn id(self, nth: usize) -> RecordId {
        let hash = Sha256::new().chain_update(self.0).chain_update(nth.to_le_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hash).for_each(|(byte, from)| *byte = from);
        RecordId::from_random(bytes)
    }
}

/// Steps being put together, in the order in which they are made.
pub struct Draft<'a> {
    workspace: &'a Workspace,
    seed: Seed,
    made: usize,
    pub(super) names: Names,
    pub(super) steps: Vec<Step>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(workspace: &'a Workspace, seed: Seed, names: Names) -> Self {
        Self { workspace, seed, made: 0, names, steps: Vec::new() }
    }

    /// The workspace that the change is for.
    #[must_use]
    pub const fn workspace(&self) -> &'a Workspace {
        self.workspace
    }

    /// The object of this name.
    ///
    /// # Errors
    /// There is none; tells the nearest names.
    pub fn object(&self, name: &str) -> Result<&'a Object, ToolError> {
        self.workspace.object(name)
    }

    /// The records that the call speaks of by name, for what is not a step.
    pub fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    /// A new record with these values, as people or Twenty write them; its id. An `id` among the values is taken.
    ///
    /// # Errors
    /// The workspace has no such field, or a value does not fit.
    pub fn create<'v>(
        &mut self,
        object: &Object,
        given: impl Into<Input<'v>>,
    ) -> Result<RecordId, ToolError> {
        self.add(Verb::Create, object, given.into())
    }

    /// A new record, or a change of the one that has the same id or unique value; the id that it has if it is new.
    ///
    /// # Errors
    /// The workspace has no such field, or a value does not fit.
    pub fn upsert<'v>(
        &mut self,
        object: &Object,
        given: impl Into<Input<'v>>,
    ) -> Result<RecordId, ToolError> {
        self.add(Verb::Upsert, object, given.into())
    }

    fn add(&mut self, verb: Verb, object: &Object, given: Input<'_>) -> Result<RecordId, ToolError> {
        let mut data = data(self.workspace, object, given, Purpose::Create, &mut self.names)?;
        if data.is_empty() {
            return Err(ToolError::input(format_args!("nothing was given for the new {}", object.singular)));
        }
        let id = match data.get("id").and_then(Value::as_str) {
            Some(id) => RecordId::parse("id", id)?,
            None => self.seed.id(self.made),
        };
        self.made += 1;
        if verb == Verb::Create {
            data.insert("id".into(), Value::String(id.to_string()));
        }
        self.push(verb, object, Target::New(id), data);
        Ok(id)
    }

    /// Other values for the record that `given_as` stands for; `argument` names it in messages.
    ///
    /// # Errors
    /// The workspace has no such field, a value does not fit, or nothing was given.
    pub fn update<'v>(
        &mut self,
        object: &Object,
        argument: &str,
        given_as: &str,
        given: impl Into<Input<'v>>,
    ) -> Result<(), ToolError> {
        let target = Self::target(object, argument, given_as)?;
        self.change(object, target, given)
    }

    /// Other values for a record that is known.
    ///
    /// # Errors
    /// The workspace has no such field, a value does not fit, or nothing was given.
    pub fn change<'v>(
        &mut self,
        object: &Object,
        target: Target,
        given: impl Into<Input<'v>>,
    ) -> Result<(), ToolError> {
        let data = data(self.workspace, object, given, Purpose::Update, &mut self.names)?;
        if data.is_empty() {
            return Err(ToolError::input("nothing to change was given")
                .hint(format_args!("give a field of the {} and its new value", object.singular)));
        }
        self.push(Verb::Update, object, target, data);
        Ok(())
    }

    /// The record of the last step must point at the one that `given` stands for, or nothing is changed.
    ///
    /// # Errors
    /// The object has no such relation, or `given` stands for no record of its target.
    pub fn expect(
        &mut self,
        object: &Object,
        field: &str,
        argument: &'static str,
        given: &str,
    ) -> Result<(), ToolError> {
        let targets = object.field(field).and_then(|field| field.relation.as_ref());
        let target = targets.and_then(|relation| relation.targets.first());
        let target = self.workspace.object(target.ok_or_else(|| object.no_field(field))?)?;
        let id = self.names.id(argument, target, given)?;
        let (field, given) = (field.to_owned(), given.trim().to_owned());
        if let Some(step) = self.steps.last_mut() {
            step.expected = Some(Expected { field, argument, given, id });
        }
        Ok(())
    }

    /// A step without values: delete, restore, destroy.
    pub fn push(&mut self, verb: Verb, object: &Object, target: Target, data: Map<String, Value>) {
        let object = object.singular.clone();
        self.steps.push(Step { verb, object, target, data, others: Vec::new(), expected: None });
    }

    /// Steps that are put together already.
    ///
    /// # Errors
    /// None: it ends a draft as other steps do.
    pub fn extend(&mut self, steps: &[Step]) -> Result<(), ToolError> {
        self.steps.extend_from_slice(steps);
        Ok(())
    }

    /// Other records are taken up by one.
    pub fn merge(&mut self, object: &Object, winner: Value, others: Vec<Value>) {
        let (object, target) = (object.singular.clone(), Target::Read(winner));
        self.steps.push(Step { verb: Verb::Merge, object, target, data: Map::new(), others, expected: None });
    }

    /// The record that a text stands for.
    ///
    /// # Errors
    /// It stands for none of this object.
    pub fn target(object: &Object, argument: &str, given: &str) -> Result<Target, ToolError> {
        Ok(match Reference::parse(argument, object, given)? {
            Reference::Id(id) => Target::Known(id),
            reference => Target::Named(Wanted {
                argument: argument.to_owned(),
                object: object.singular.clone(),
                given: given.trim().to_owned(),
                reference,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_ids_again_and_each_another() {
        let seed = Seed([7; 16]);
        assert_eq!(seed.id(0), Seed([7; 16]).id(0));
        assert_ne!(seed.id(0), seed.id(1));
        assert_ne!(seed.id(0), Seed([8; 16]).id(0));
        assert_eq!(seed.id(0).uuid().get_version_num(), 4);
    }
}
