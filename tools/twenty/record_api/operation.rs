//! A GraphQL document that a caller wrote, read before it is sent: one operation, of what kind, and not too large.

use crate::{seam::ToolError, tools::twenty::records::faults::shown};
use apollo_compiler::{
    ast::{Definition, Document, FragmentDefinition, OperationType, Selection},
    parser::Parser,
};
use std::collections::HashMap;

/// The longest document, in bytes.
const LONGEST: usize = 20_000;
/// How deep selections may stand in each other; introspection takes about twelve.
const DEPTH: usize = 20;
/// Twenty's limits of fields and of root fields in one document.
const FIELDS: usize = 2_000;
const ROOTS: usize = 20;
/// What the parser reads at most.
const TOKENS: usize = 10_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It changes nothing.
    Query,
    /// It may change anything.
    Mutation,
}

/// The one operation of a document, written anew from what was understood of it: what is sent is what was read.
///
/// # Errors
/// It is no GraphQL, has no operation or several, is a subscription, defines something else, or is too large.
pub fn read(text: &str) -> Result<(Kind, String), ToolError> {
    if text.len() > LONGEST {
        return Err(wrong(format_args!("has {} bytes; at most {LONGEST} are taken", text.len())));
    }
    let mut parser = Parser::new().recursion_limit(DEPTH * 4).token_limit(TOKENS);
    let document: Document = parser.parse_ast(text, "document").map_err(|invalid| {
        let first = invalid.errors.iter().next().map(|error| error.error.to_string());
        wrong(format_args!("is no GraphQL: {}", shown(&first.unwrap_or_default())))
    })?;
    let (mut operations, mut fragments) = (Vec::new(), HashMap::new());
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => operations.push(operation),
            Definition::FragmentDefinition(fragment) => {
                if fragments.insert(fragment.name.as_str(), fragment.as_ref()).is_some() {
                    return Err(wrong(format_args!("has two fragments `{}`", shown(&fragment.name))));
                }
            }
            _ => return Err(wrong("defines types: only an operation and its fragments are taken")),
        }
    }
    let [operation] = operations.as_slice() else {
        return Err(wrong(format_args!("has {} operations: send exactly one", operations.len())));
    };
    let kind = match operation.operation_type {
        OperationType::Query => Kind::Query,
        OperationType::Mutation => Kind::Mutation,
        OperationType::Subscription => return Err(wrong("is a subscription: send a query")),
    };
    let mut size = Size { fragments: &fragments, fields: 0, roots: 0 };
    size.count(&operation.selection_set, 0, true)?;
    if size.roots > ROOTS {
        return Err(wrong(format_args!("has {} root fields; at most {ROOTS} are taken", size.roots)));
    }
    Ok((kind, document.to_string()))
}

/// How much a document asks for, its fragments counted wherever they stand.
struct Size<'a> {
    fragments: &'a HashMap<&'a str, &'a FragmentDefinition>,
    fields: usize,
    roots: usize,
}

impl Size<'_> {
    fn count(&mut self, selections: &[Selection], depth: usize, root: bool) -> Result<(), ToolError> {
        // A fragment that holds itself ends here, too.
        if depth > DEPTH {
            return Err(wrong(format_args!("is more than {DEPTH} levels deep")));
        }
        for selection in selections {
            self.fields += 1;
            if self.fields > FIELDS {
                return Err(wrong(format_args!("asks for more than {FIELDS} fields")));
            }
            match selection {
                Selection::Field(field) => {
                    self.roots += usize::from(root);
                    self.count(&field.selection_set, depth + 1, false)?;
                }
                Selection::InlineFragment(inline) => self.count(&inline.selection_set, depth + 1, root)?,
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(spread.fragment_name.as_str());
                    let fragment = fragment.ok_or_else(|| {
                        wrong(format_args!("has no fragment `{}`", shown(&spread.fragment_name)))
                    })?;
                    self.count(&fragment.selection_set, depth + 1, root)?;
                }
            }
        }
        Ok(())
    }
}

fn wrong(what: impl std::fmt::Display) -> ToolError {
    ToolError::input(format_args!("`document` {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_operation_is_read_and_written_anew() {
        let (kind, text) = read(
            "query A($n: Int) { people(first: $n) { ...f } } fragment f on PersonConnection { totalCount }",
        )
        .unwrap();
        assert_eq!(kind, Kind::Query);
        assert!(text.contains("people(first: $n)") && text.contains("fragment f on"), "{text}");
        assert_eq!(read("{ __schema { types { name } } }").unwrap().0, Kind::Query);
        assert_eq!(read("mutation { deletePerson(id: \"1\") { id } }").unwrap().0, Kind::Mutation);
    }

    #[test]
    fn everything_else_is_refused_with_the_reason() {
        let many = format!("{{ {} }}", "a ".repeat(21));
        let wide = format!("{{ a {{ {} }} }}", "b ".repeat(2_001));
        let deep = format!("{{ {} b {} }}", "a {".repeat(21), "}".repeat(21));
        let bomb = "{ ...a } fragment a on Q { ...b ...b ...b ...b } fragment b on Q { ...c ...c ...c ...c } \
                    fragment c on Q { ...d ...d ...d ...d } fragment d on Q { ...e ...e ...e ...e } \
                    fragment e on Q { ...g ...g ...g ...g } fragment g on Q { h i j k }";
        let long = "a".repeat(20_001);
        for (document, reason) in [
            ("", "is no GraphQL"),
            ("fragment f on Q { a }", "0 operations"),
            ("people", "is no GraphQL"),
            ("{ people { ", "is no GraphQL"),
            ("query A { a } query B { b }", "2 operations"),
            ("query A { a } mutation B { b }", "2 operations"),
            ("subscription { a }", "subscription"),
            ("{ a } type T { b: Int }", "defines types"),
            ("{ ...f }", "no fragment `f`"),
            ("{ ...f } fragment f on Q { ...f }", "levels deep"),
            ("{ ...f } fragment f on Q { a } fragment f on Q { b }", "two fragments"),
            (&many, "21 root fields"),
            (&wide, "more than 2000 fields"),
            (&deep, "levels deep"),
            (bomb, "more than 2000 fields"),
            (&long, "20001 bytes"),
        ] {
            let error = read(document).unwrap_err();
            assert!(error.message().contains(reason), "{document}: {error}");
        }
    }
}
