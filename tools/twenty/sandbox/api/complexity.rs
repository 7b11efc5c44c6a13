//! How much a document may ask for.

use std::collections::HashMap;

use apollo_compiler::executable::{ExecutableDocument, Operation, Selection, SelectionSet};

use crate::tools::twenty::sandbox::engine::fault::Fault;

/// Fields of one document, fragments counted wherever they are used.
pub const FIELDS_MAX: usize = 2_000;
/// Root fields of one document.
pub const ROOTS_MAX: usize = 20;

/// Refuses an operation that asks for too much.
///
/// # Errors
/// The refusal of the real server.
pub fn check(document: &ExecutableDocument, operation: &Operation) -> Result<(), Fault> {
    // Introspection asks for many fields of few types, and costs no records.
    let roots = operation.root_fields(document).filter(|field| !field.name.starts_with("__")).count();
    if roots > ROOTS_MAX {
        return Err(complex("root resolvers", roots, ROOTS_MAX));
    }
    let mut count = Count { document, fragments: HashMap::new() };
    let fields = count.set(&operation.selection_set);
    if fields > FIELDS_MAX { Err(complex("fields", fields, FIELDS_MAX)) } else { Ok(()) }
}

fn complex(what: &str, number: usize, most: usize) -> Fault {
    let message =
        format!("Query too complex - Too many {what} requested: {number} - Maximum allowed {what}: {most}");
    Fault::input("TOO_COMPLEX_QUERY", message)
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    /// Counted once each: fragments inside fragments would otherwise cost time that doubles with every level.
    fragments: HashMap<&'a str, usize>,
}

impl<'a> Count<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> usize {
        set.selections.iter().fold(0, |sum: usize, selection| sum.saturating_add(self.selection(selection)))
    }

    fn selection(&mut self, selection: &'a Selection) -> usize {
        match selection {
            Selection::Field(field) => self.set(&field.selection_set).saturating_add(1),
            Selection::InlineFragment(fragment) => self.set(&fragment.selection_set),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                if let Some(count) = self.fragments.get(name) {
                    return *count;
                }
                let fragment = self.document.fragments.get(&spread.fragment_name);
                let count = fragment.map_or(0, |fragment| self.set(&fragment.selection_set));
                self.fragments.insert(name, count);
                count
            }
        }
    }
}
