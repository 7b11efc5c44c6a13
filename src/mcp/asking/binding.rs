//! The request that a state belongs to.

use crate::seam::{CallerKeys, Principal, Question, canonical};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Who asks for what. A state is sealed for it, so that another caller, key, method, name or argument opens none.
pub(in crate::mcp) struct Binding {
    /// Who calls.
    pub(in crate::mcp) principal: Principal,
    /// The keys that came with the request.
    pub(in crate::mcp) keys: CallerKeys,
    /// The protocol's method.
    pub(in crate::mcp) method: &'static str,
    /// The tool's or prompt's name, or the resource's URI.
    pub(in crate::mcp) name: String,
    /// The arguments, as JSON.
    pub(in crate::mcp) arguments: String,
}

impl Binding {
    /// What stands for it, whatever the order and the spacing of its arguments.
    pub(super) fn digest(&self) -> [u8; 32] {
        let arguments = canonical(&serde_json::from_str(&self.arguments).unwrap_or_default());
        let (kind, issuer, subject) = match &self.principal {
            Principal::Local => ("local", "", ""),
            Principal::Anonymous => ("anonymous", "", ""),
            Principal::User(user) => ("user", user.issuer.as_str(), user.subject.as_str()),
        };
        let mut hash = Sha256::new();
        hash.update(self.keys.digest());
        for part in [kind, issuer, subject, self.method, &self.name, &arguments] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// What stands for a question: an answer to one is none to a question that says anything else.
pub(super) fn digest(question: &Question) -> String {
    let text = format!("{}\0{}", question.method(), canonical(&question.params()));
    let hash: [u8; 32] = Sha256::digest(text).into();
    let [first, ..] = hash.as_chunks::<12>().0 else { unreachable!("32 bytes hold 12") };
    URL_SAFE_NO_PAD.encode(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Issuer, Scopes, Secret, Subject, User};
    use std::collections::HashSet;

    fn user(issuer: &str, subject: &str) -> Principal {
        let (issuer, subject) = (Issuer::new(issuer), Subject::new(subject));
        Principal::User(User { issuer, subject, client: None, scopes: Scopes::new() })
    }

    fn of(principal: Principal, method: &'static str, name: &str, arguments: &str) -> [u8; 32] {
        with(CallerKeys::default(), principal, method, name, arguments)
    }

    fn with(
        keys: CallerKeys,
        principal: Principal,
        method: &'static str,
        name: &str,
        arguments: &str,
    ) -> [u8; 32] {
        Binding { principal, keys, method, name: name.into(), arguments: arguments.into() }.digest()
    }

    #[test]
    fn requests_that_differ_in_anything_are_bound_apart() {
        let call = "tools/call";
        let key = |key| CallerKeys::new(vec![("X-Key", Secret::new(key))]);
        let all = [
            of(Principal::Local, call, "a", "{}"),
            of(Principal::Anonymous, call, "a", "{}"),
            with(key("k"), Principal::Anonymous, call, "a", "{}"),
            with(key("l"), Principal::Anonymous, call, "a", "{}"),
            of(user("i", "ab"), call, "a", "{}"),
            of(user("ia", "b"), call, "a", "{}"),
            of(Principal::Local, "prompts/get", "a", "{}"),
            of(Principal::Local, call, "b", "{}"),
            of(Principal::Local, call, "a", r#"{"x":1}"#),
            of(Principal::Local, call, "a", r#"{"x":"1"}"#),
            of(Principal::Local, call, "a", r#"{"x":[{"y":1}]}"#),
        ];
        assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 11);
    }

    #[test]
    fn the_order_of_names_and_the_spacing_do_not_matter() {
        let one = of(Principal::Local, "tools/call", "a", r#"{"x":{"a":1,"b":[2,3]},"y":"z"}"#);
        let other =
            of(Principal::Local, "tools/call", "a", r#" { "y": "z", "x": { "b": [2, 3], "a": 1 } } "#);
        assert_eq!(one, other);
    }
}
