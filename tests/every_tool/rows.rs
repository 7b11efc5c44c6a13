//! What a tool is called with, and the records that the calls name.

use crate::support::crm::Crm;
use serde_json::{Value, json};

/// A name that nothing has.
pub const NOBODY: &str = "Nobody Whatsoever";

/// Calls of one tool, by what becomes of them.
pub struct Row {
    pub tool: &'static str,
    /// Succeeds.
    pub good: Value,
    /// Name something that is not there.
    pub missing: Vec<Value>,
    /// Name one of the twins.
    pub ambiguous: Vec<Value>,
    /// Have wrong arguments; each tool is also given one that it does not have.
    pub wrong: Vec<Value>,
    /// Whether it is answered without Twenty once the schema is known.
    pub schema_alone: bool,
}

impl Row {
    pub fn new(tool: &'static str, good: Value) -> Self {
        Self {
            tool,
            good,
            missing: Vec::new(),
            ambiguous: Vec::new(),
            wrong: Vec::new(),
            schema_alone: false,
        }
    }

    /// Where the argument, or the value that a pointer as in `/records/0/company` points at, is [`NOBODY`] it is not found, and where it is `twin` it is ambiguous.
    pub fn naming(mut self, argument: &str, twin: &str) -> Self {
        self.ambiguous.push(self.with(argument, json!(twin)));
        self.not_found(argument, json!(NOBODY))
    }

    /// The good call with another value, which is not found.
    pub fn not_found(mut self, argument: &str, value: Value) -> Self {
        self.missing.push(self.with(argument, value));
        self
    }

    /// The good call with another value, which is wrong.
    pub fn wrong(mut self, argument: &str, value: Value) -> Self {
        self.wrong.push(self.with(argument, value));
        self
    }

    /// The good call without an argument, which is wrong.
    pub fn needs(mut self, argument: &str) -> Self {
        let mut without = self.good.clone();
        without.as_object_mut().unwrap().remove(argument);
        self.wrong.push(without);
        self
    }

    pub fn schema_alone(mut self) -> Self {
        self.schema_alone = true;
        self
    }

    fn with(&self, argument: &str, value: Value) -> Value {
        let mut changed = self.good.clone();
        match changed.pointer_mut(argument) {
            Some(inner) if argument.starts_with('/') => *inner = value,
            _ => changed[argument] = value,
        }
        changed
    }
}

/// The records that the calls name: one of a kind, and two that are called `Sam Twin`, `Twin` and `Twin deal`.
pub struct Named {
    pub person: Value,
    pub company: Value,
    pub other_company: Value,
    pub deal: Value,
    /// A person that nothing else is about.
    pub passing: Value,
    pub twins: Vec<String>,
}

impl Named {
    /// Made at the sandbox itself.
    pub async fn made(crm: &Crm) -> Self {
        let people = crm
            .ask(
                r#"mutation { createCompanies(data: [{ name: "Sole" }, { name: "Other" }, { name: "Twin" }, { name: "Twin" }]) { id }
                    createPeople(data: [{ name: { firstName: "Una", lastName: "Sole" }, emails: { primaryEmail: "una@sole.example" } },
                        { name: { firstName: "Sam", lastName: "Twin" } }, { name: { firstName: "Sam", lastName: "Twin" } }, { jobTitle: "Guest" }]) { id }
                    createOpportunities(data: [{ name: "Sole deal" }, { name: "Twin deal" }, { name: "Twin deal" }]) { id } }"#,
                json!({}),
            )
            .await;
        let ids = |field: &str| -> Vec<Value> {
            people[field].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
        };
        let (people, companies, deals) =
            (ids("createPeople"), ids("createCompanies"), ids("createOpportunities"));
        let twins = people[1..3].iter().chain(&companies[2..]).chain(&deals[1..]);
        Self {
            twins: twins.map(|id| id.as_str().unwrap().to_owned()).collect(),
            person: people[0].clone(),
            company: companies[0].clone(),
            other_company: companies[1].clone(),
            deal: deals[0].clone(),
            passing: people[3].clone(),
        }
    }
}
