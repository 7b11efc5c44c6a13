//! The schema that MCP publishes of each revision, and what it says to a message.

use super::messages::{REVISIONS, STATELESS, Sent};
use jsonschema::Validator;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};

/// Where the schemas are: a folder with `REVISION/schema.json`.
pub const FOLDER: &str = "TWENTY_MCP_TEST_SCHEMAS";

/// SHA-256 of each schema, as it was when its revision was published.
const DIGESTS: [&str; 5] = [
    "56d9e706cc8b0daf690a483960aa4ba62217c863d36ff1d7f8bbb83ab049903d",
    "dd1619bf96fcd8c50fe46f0dd05b4b9bb9356010040ae985fa595fee226ff4ed",
    "05020a692319467847cdb1794b1306567f52860353b5ff2f2bc2b0140819305b",
    "1ffe4c5577974012f5fa02af14ea88df4b7146679df1abaaad497c8d9230ca8a",
    "ef70b61f99b6d2e5e3b46863822eab08dff6a45bedc7a08914e0e5b133f40203",
];

static SCHEMAS: LazyLock<Option<Vec<Schema>>> = LazyLock::new(|| {
    let folder = std::env::var_os(FOLDER)?;
    let revisions = REVISIONS.into_iter().zip(DIGESTS);
    Some(revisions.map(|(revision, digest)| Schema::read(Path::new(&folder), revision, digest)).collect())
});

/// The schema of a revision; none where they are not installed.
pub fn of(revision: &str) -> Option<&'static Schema> {
    SCHEMAS.as_ref()?.iter().find(|schema| schema.revision == revision)
}

/// The schema of a revision.
pub struct Schema {
    revision: &'static str,
    dialect: Value,
    /// `definitions` or `$defs`.
    place: &'static str,
    definitions: Value,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Schema {
    fn read(folder: &Path, revision: &'static str, digest: &str) -> Self {
        let file = folder.join(revision).join("schema.json");
        let bytes = std::fs::read(&file).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, digest, "{} is not the schema that was published", file.display());
        let mut schema: Value = serde_json::from_slice(&bytes).unwrap();
        let place = if schema.get("$defs").is_some() { "$defs" } else { "definitions" };
        let (dialect, mut definitions) = (schema["$schema"].take(), schema[place].take());
        mend(&mut definitions);
        Self { revision, dialect, place, definitions, compiled: Mutex::default() }
    }

    /// What is wrong with a message.
    pub fn faults(&self, sent: &Sent) -> Vec<String> {
        let message = &sent.message;
        let has = |name: &str| message.get(name).is_some();
        match (has("method"), has("result"), has("error")) {
            (true, false, false) if has("id") => self.told(message, "Request", &["id", "method", "params"]),
            (true, false, false) if self.is_of_tasks(sent) => {
                self.envelope(message, "JSONRPCNotification", &["method", "params"])
            }
            (true, false, false) => self.told(message, "Notification", &["method", "params"]),
            (false, true, false) => self.result(sent),
            (false, false, true) => self.error(message),
            _ => vec!["neither a request, a notification, a result nor an error".to_owned()],
        }
    }

    /// Whether it is a message of the extension for tasks, which has a schema of its own.
    pub fn is_of_tasks(&self, sent: &Sent) -> bool {
        let by_method = sent.answers().is_some_and(|method| method.starts_with("tasks/"));
        let by_type = sent.answers() == Some("tools/call") && sent.message["result"]["resultType"] == "task";
        let told = sent.message["method"] == "notifications/tasks";
        self.revision == STATELESS && (by_method || by_type || told) && sent.message.get("error").is_none()
    }

    /// A request or notification: one that servers of this revision send.
    fn told(&self, message: &Value, kind: &str, members: &[&str]) -> Vec<String> {
        let mut faults = self.envelope(message, &format!("JSONRPC{kind}"), members);
        match self.named(kind, &message["method"]) {
            Some(name) if self.is_among(name, &format!("Server{kind}")) => {
                faults.extend(self.holds(name, message));
            }
            _ => faults.push(format!("no {kind} that servers send")),
        }
        faults
    }

    fn result(&self, sent: &Sent) -> Vec<String> {
        let envelope = if self.has("JSONRPCResponse") { "JSONRPCResponse" } else { "JSONRPCResultResponse" };
        let mut faults = self.envelope(&sent.message, envelope, &["id", "result"]);
        let Some(asked) = &sent.asked else {
            faults.push("a result of nothing that was asked".to_owned());
            return faults;
        };
        let result = &sent.message["result"];
        if self.is_of_tasks(sent) {
            return faults;
        }
        let Some(request) = self.named("Request", &asked["method"]) else {
            faults.push("a result of a method that the revision does not have".to_owned());
            return faults;
        };
        let own = format!("{}Result", request.trim_end_matches("Request"));
        let name = match result["resultType"].as_str() {
            Some("input_required") if self.revision == STATELESS => "InputRequiredResult",
            // A server that has no tasks answers as if nothing had been said of them.
            _ if asked["params"].get("task").is_some()
                && result.get("task").is_some()
                && self.has("Task") =>
            {
                "CreateTaskResult"
            }
            // Calls alone become tasks.
            _ if request == "GetTaskPayloadRequest" => "CallToolResult",
            _ if self.has(&own) => &own,
            _ => "EmptyResult",
        };
        if self.revision == STATELESS && name == own && result["resultType"] != "complete" {
            faults.push("a result that is not complete".to_owned());
        }
        faults.extend(self.holds(name, result));
        faults
    }

    fn error(&self, message: &Value) -> Vec<String> {
        let envelope = if self.has("JSONRPCError") { "JSONRPCError" } else { "JSONRPCErrorResponse" };
        let mut faults = self.envelope(message, envelope, &["id", "error"]);
        let code = &message["error"]["code"];
        for (name, definition) in self.definitions.as_object().into_iter().flatten() {
            let own = |code: &Value| code.get("const").cloned();
            let whole = definition["properties"]["error"]["allOf"].as_array().into_iter().flatten();
            if whole.filter_map(|part| own(&part["properties"]["code"])).any(|own| own == *code) {
                faults.extend(self.holds(name, message));
            } else if own(&definition["properties"]["code"]).is_some_and(|own| own == *code) {
                faults.extend(self.holds(name, &message["error"]));
            }
        }
        faults
    }

    fn envelope(&self, message: &Value, name: &str, members: &[&str]) -> Vec<String> {
        let mut faults = self.holds(name, message);
        let names = message.as_object().into_iter().flat_map(|message| message.keys());
        let others = names.filter(|name| *name != "jsonrpc" && !members.contains(&name.as_str()));
        faults.extend(others.map(|name| format!("`{name}` beside {members:?}")));
        faults
    }

    fn has(&self, name: &str) -> bool {
        self.definitions.get(name).is_some()
    }

    /// The definition of the request or notification with this method.
    fn named(&self, kind: &str, method: &Value) -> Option<&str> {
        let definitions = self.definitions.as_object()?;
        let mut of_kind = definitions.iter().filter(|(name, _)| name.ends_with(kind));
        of_kind
            .find(|(_, known)| known["properties"]["method"]["const"] == *method)
            .map(|(name, _)| name.as_str())
    }

    fn is_among(&self, name: &str, several: &str) -> bool {
        let wanted = format!("#/{}/{name}", self.place);
        let mut all = self.definitions[several]["anyOf"].as_array().into_iter().flatten();
        all.any(|one| one["$ref"] == wanted)
    }

    fn holds(&self, name: &str, value: &Value) -> Vec<String> {
        let validator = self.compiled(name);
        validator
            .iter_errors(value)
            .map(|fault| format!("{name}: {}: {fault}", fault.instance_path()))
            .collect()
    }

    fn compiled(&self, name: &str) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().unwrap();
        let validator = compiled.entry(name.to_owned()).or_insert_with(|| {
            let within = format!("#/{}/{name}", self.place);
            let schema = json!({
                "$schema": self.dialect, "allOf": [{ "$ref": within }], (self.place): self.definitions,
            });
            Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
        });
        Arc::clone(validator)
    }
}

/// What MCP has corrected in its schemas since: bounds and defaults of a form's numbers are numbers, of whichever kind, and
/// a task may be kept for ever.
fn mend(definitions: &mut Value) {
    if let Some(members) = definitions.pointer_mut("/NumberSchema/properties").and_then(Value::as_object_mut)
    {
        for name in ["minimum", "maximum", "default"] {
            if let Some(member) = members.get_mut(name) {
                member["type"] = json!("number");
            }
        }
    }
    if let Some(ttl) = definitions.pointer_mut("/Task/properties/ttl/type") {
        *ttl = json!(["integer", "null"]);
    }
}
