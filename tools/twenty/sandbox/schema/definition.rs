//! GraphQL type definitions, and how they are written down.

use std::fmt::{self, Display, Formatter};

use crate::tools::twenty::sandbox::engine::resolver::Resolver;

/// One type of a schema.
#[derive(Debug)]
pub enum Definition {
    /// A scalar of that name.
    Scalar(String),
    /// An enum with its values.
    Enum(String, Vec<String>),
    /// An input object with its fields.
    Input(String, Vec<Input>),
    /// An object with its fields.
    Object(String, Vec<Output>),
}

/// A field of an input object, or an argument.
#[derive(Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its type, as GraphQL writes it.
    pub ty: String,
}

/// A field of an object.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its type, as GraphQL writes it.
    pub ty: String,
    /// Its arguments.
    pub arguments: Vec<Input>,
    /// What answers it.
    pub resolver: Resolver,
}

/// An input field or an argument.
pub fn input(name: impl Into<String>, ty: impl Into<String>) -> Input {
    Input { name: name.into(), ty: ty.into() }
}

/// The inputs of a text such as `first: Int, after: String`.
pub fn inputs(text: &str) -> Vec<Input> {
    text.split(", ").filter_map(|one| one.split_once(": ")).map(|(name, ty)| input(name, ty)).collect()
}

/// An output field without arguments.
pub fn output(name: impl Into<String>, ty: impl Into<String>, resolver: Resolver) -> Output {
    Output { name: name.into(), ty: ty.into(), arguments: Vec::new(), resolver }
}

/// The output fields of a text such as `label: String, url: String`, each a property of a JSON object.
pub fn properties(text: &str) -> Vec<Output> {
    inputs(text).into_iter().map(|field| output(field.name, field.ty, Resolver::Property)).collect()
}

/// The schema as text.
pub fn sdl(definitions: &[Definition]) -> String {
    definitions.iter().map(|definition| format!("{definition}\n")).collect()
}

impl Display for Definition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Definition::Scalar(name) => write!(f, "scalar {name}"),
            Definition::Enum(name, values) => write!(f, "enum {name} {{ {} }}", values.join(" ")),
            Definition::Input(name, fields) => write!(f, "input {name} {{ {} }}", joined(fields, " ")),
            Definition::Object(name, fields) => write!(f, "type {name} {{ {} }}", joined(fields, " ")),
        }
    }
}

impl Display for Input {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.ty)
    }
}

impl Display for Output {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.arguments.is_empty() {
            write!(f, "({})", joined(&self.arguments, ", "))?;
        }
        write!(f, ": {}", self.ty)
    }
}

fn joined<T: Display>(parts: &[T], between: &str) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}
