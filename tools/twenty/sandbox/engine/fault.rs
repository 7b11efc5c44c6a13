//! Why a field could not be answered, in the words and codes of Twenty.

use std::fmt::{self, Display, Formatter};

/// An error as it is told in `errors[].extensions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub message: String,
    /// The class of the error: `extensions.code`.
    pub code: &'static str,
    /// What exactly: `extensions.subCode`.
    pub sub_code: &'static str,
}

impl Fault {
    /// What the caller has sent is wrong.
    pub fn input(sub_code: &'static str, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), code: "BAD_USER_INPUT", sub_code }
    }

    /// A filter, an order or an argument that makes no sense.
    pub fn query(message: impl Into<String>) -> Fault {
        Fault::input("INVALID_QUERY_INPUT", message)
    }

    /// There is no such record.
    pub fn not_found() -> Fault {
        Fault { message: "Record not found".to_owned(), code: "NOT_FOUND", sub_code: "RECORD_NOT_FOUND" }
    }

    /// Twenty does it, the sandbox does not.
    pub fn absent(what: &str) -> Fault {
        Fault::input("NOT_IN_SANDBOX", format!("{what} is not in the sandbox"))
    }

    /// The sandbox contradicts itself.
    pub fn internal(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), code: "INTERNAL_SERVER_ERROR", sub_code: "INTERNAL_SERVER_ERROR" }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
