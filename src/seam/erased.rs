//! From what a call brings to what a plug-in's function takes.

use super::{Pack, ToolError};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::any::Any;

/// The type that is a call's arguments.
pub(super) fn given<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, ToolError> {
    // A unit struct takes no arguments, and to serde is no object.
    if arguments.is_empty()
        && size_of::<T>() == 0
        && let Ok(unit) = serde_json::from_value(Value::Null)
    {
        return Ok(unit);
    }
    let arguments = Value::Object(arguments);
    // The way to a fault is kept only where there is one.
    if let Ok(given) = T::deserialize(&arguments) {
        return Ok(given);
    }
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        ToolError::input(if path == "." { inner.to_string() } else { format!("`{path}`: {inner}") })
    })
}

/// The pack that a plug-in works with.
pub(super) fn pack<P: Pack>(pack: &(dyn Any + Send + Sync)) -> Result<&P, ToolError> {
    pack.downcast_ref().ok_or_else(|| ToolError::internal("called with another pack"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Unit;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Empty {}

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct One {
        a: u8,
    }

    #[test]
    fn every_form_of_struct_is_arguments() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        assert_eq!(given::<Unit>(Map::new()).unwrap(), Unit);
        assert_eq!(given::<Empty>(Map::new()).unwrap(), Empty {});
        assert_eq!(given::<One>(object(json!({ "a": 7 }))).unwrap(), One { a: 7 });
        let fault = given::<One>(object(json!({ "a": "x" }))).unwrap_err();
        assert!(fault.message().starts_with("`a`: "), "{fault}");
    }
}
