//! A GraphQL document of several root fields, each under an alias of its own, with everything that varies in variables.

use crate::tools::twenty::api::client::Operation;
use serde_json::{Map, Value};

/// Twenty's limit of root fields in one document.
pub const ROOTS: usize = 20;

/// A document being put together.
#[derive(Debug, Default)]
pub struct Document {
    declared: Vec<String>,
    variables: Map<String, Value>,
    roots: Vec<String>,
}

impl Document {
    /// A variable of a type, as in `PersonFilterInput`; what stands for it in the document.
    pub fn variable(&mut self, kind: &str, value: Value) -> String {
        let name = format!("v{}", self.declared.len());
        self.declared.push(format!("${name}: {kind}"));
        self.variables.insert(name.clone(), value);
        format!("${name}")
    }

    /// A root field with its arguments and selection; the alias that its answer has.
    pub fn root(&mut self, field: &str) -> String {
        let alias = format!("r{}", self.roots.len());
        self.roots.push(format!("{alias}: {field}"));
        alias
    }

    /// How many root fields it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// The document as a query.
    #[must_use]
    pub fn query(self) -> Operation {
        let document = self.text("query");
        Operation::query(document, self.variables)
    }

    /// The document as a mutation: the server makes its changes in the order of the root fields.
    #[must_use]
    pub fn mutation(self) -> Operation {
        let document = self.text("mutation");
        Operation::mutation(document, self.variables)
    }

    fn text(&self, kind: &str) -> String {
        let declared = match self.declared.as_slice() {
            [] => String::new(),
            declared => format!("({})", declared.join(", ")),
        };
        format!("{kind}{declared} {{ {} }}", self.roots.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_varies_is_in_variables() {
        let mut document = Document::default();
        let filter = document.variable("PersonFilterInput", json!({ "id": { "eq": "x" } }));
        let first = document.root(&format!("people(filter: {filter}) {{ totalCount }}"));
        let second = document.root("companies { totalCount }");
        assert_eq!((first.as_str(), second.as_str(), document.len()), ("r0", "r1", 2));
        let operation = document.query();
        assert_eq!(
            operation.document,
            "query($v0: PersonFilterInput) { r0: people(filter: $v0) { totalCount } r1: companies { totalCount } }"
        );
        assert_eq!(operation.variables["v0"], json!({ "id": { "eq": "x" } }));
        assert!(operation.repeatable);
    }
}
