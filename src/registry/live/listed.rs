//! One list of a source, as it is served: what does not fit is left out and told, and never stops the server.

use super::super::{RegistryError, ServedTool, home::Home, made::Made};
use crate::seam::{Access, Approve, Effect, LiveTool, LiveToolsEntry, Need, Origin, ToolOptions};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

/// The most tools of one list.
const MOST: usize = 200;
/// How large all definitions of one list may be together, in bytes.
const ROOM: usize = 1 << 20;

/// How the tools of a source are served.
pub(super) struct Serving {
    /// Their pack, and whose credentials their calls use.
    pub(super) home: Home,
    /// Whose scopes they ask for.
    pub(super) of: String,
    /// What the operator says of each.
    pub(super) options: BTreeMap<String, ToolOptions>,
    /// The weakest effect that the user is asked before; none where they are not asked.
    pub(super) approve: Option<Effect>,
    /// How long a call may take unless its options say otherwise.
    pub(super) timeout: Duration,
    /// The names that registered tools have, which are theirs.
    pub(super) taken: HashMap<String, Origin>,
}

/// One list of a source.
#[derive(Default)]
pub(super) struct Listed {
    stamp: u64,
    tools: Vec<Arc<ServedTool>>,
    by_name: HashMap<String, Arc<ServedTool>>,
    faults: Vec<String>,
}

impl Listed {
    /// The list that is served for what a source listed.
    pub(super) fn new(stamp: u64, source: &LiveToolsEntry, serving: &Serving, tools: Vec<LiveTool>) -> Self {
        let mut listed = Self { stamp, ..Self::default() };
        let (all, mut room) = (tools.len(), ROOM);
        let known: BTreeSet<String> = tools.iter().map(|tool| tool.name.clone()).collect();
        for tool in tools.into_iter().take(MOST) {
            let name: String = tool.name.chars().take(64).collect();
            match listed.one(source, serving, tool) {
                Ok(Some(tool)) => {
                    let size = tool.definition().to_string().len();
                    let Some(left) = room.checked_sub(size) else {
                        listed.faults.push(format!("`{name}` and what follows is more than a list may hold"));
                        break;
                    };
                    room = left;
                    listed.by_name.insert(tool.name().to_owned(), tool.clone());
                    listed.tools.push(tool);
                }
                Ok(None) => {}
                Err(error) => listed.faults.push(format!("`{name}`: {error}")),
            }
        }
        for name in serving.options.keys().filter(|name| !known.contains(*name)) {
            listed
                .faults
                .push(format!("the configuration speaks of `{name}`, and no tool of that name is listed"));
        }
        if all > MOST {
            listed.faults.push(format!("{all} tools are more than the {MOST} that one list may hold"));
        }
        listed
    }

    /// One tool; none where the operator does not want it.
    fn one(
        &self,
        source: &LiveToolsEntry,
        serving: &Serving,
        tool: LiveTool,
    ) -> Result<Option<Arc<ServedTool>>, RegistryError> {
        let (effect, access) = (tool.effect, Access::of(tool.effect));
        let mut options = serving.options.get(&tool.name).cloned().unwrap_or_default();
        if options.enabled == Some(false) {
            return Ok(None);
        }
        if access > source.access {
            let message = format_args!("it asks for {}, and its source says no such `ACCESS`", access.name());
            return Err(RegistryError::new(message));
        }
        let asks = serving.approve.is_some_and(|least| effect >= least);
        options.approve = options.approve.or_else(|| asks.then_some(Approve::Ask));
        let Home { pack, credentials, .. } = serving.home.clone();
        let made = Made::listed(source, tool)?;
        let served = ServedTool::new(made, &options, pack, credentials, serving.timeout)?;
        if let Some(other) = serving.taken.get(served.name()) {
            return Err(RegistryError::new(format_args!(
                "{} has a tool of that name already, which is served; that of {} can be served under another one \
                 (`tools.<pack>.live.<tool>.name`)",
                other.place(),
                source.origin.place()
            )));
        }
        if self.by_name.contains_key(served.name()) {
            return Err(RegistryError::new("it is listed twice"));
        }
        Ok(Some(Arc::new(served.needing(Need::new(&serving.of, access)))))
    }

    /// The number of the list: another list, another number.
    pub(super) const fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Its tools.
    pub(super) fn tools(&self) -> &[Arc<ServedTool>] {
        &self.tools
    }

    /// Its tool of this name.
    pub(super) fn tool(&self, name: &str) -> Option<&Arc<ServedTool>> {
        self.by_name.get(name)
    }

    /// What was left out, and why.
    pub(super) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Whether clients would see the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.tools.iter().map(|tool| tool.definition()).eq(other.tools.iter().map(|tool| tool.definition()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        registry::home::Homes,
        seam::{Call, LiveTools, ToolError, ToolOutput},
    };
    use serde_json::{Map, Value, json};

    struct Shelves;

    impl LiveTools for Shelves {
        type Pack = ();
        async fn list((): &(), _: Call) -> Result<Vec<LiveTool>, ToolError> {
            Ok(Vec::new())
        }

        async fn call(_: String, _: Map<String, Value>, (): &(), _: Call) -> Result<ToolOutput, ToolError> {
            Err(ToolError::internal("it is not called here"))
        }
    }

    static SHELVES: LiveToolsEntry = LiveToolsEntry::of::<Shelves>("twenty_mcp::tools::shelves", 3);

    fn tool(name: &str) -> LiveTool {
        LiveTool::new(
            name,
            "Look.",
            json!({ "type": "object", "properties": { "n": { "type": "integer" } } }),
        )
    }

    fn listed(options: Value, tools: Vec<LiveTool>) -> Listed {
        let home = Homes::new(&[]).of((SHELVES.pack)()).unwrap();
        let taken = HashMap::from([("hello".to_owned(), Origin::new("twenty_mcp::tools::hello", 9))]);
        let (of, timeout) = ("tools".to_owned(), Duration::from_secs(1));
        let options = serde_json::from_value(options).unwrap();
        Listed::new(1, &SHELVES, &Serving { home, of, options, approve: None, timeout, taken }, tools)
    }

    fn names(listed: &Listed) -> Vec<&str> {
        listed.tools().iter().map(|tool| tool.name()).collect()
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_told() {
        let long = LiveTool::new("long", "Look.", json!({ "type": "object", "x": "x".repeat(40_000) }));
        for (bad, reason) in [
            (tool(""), "its name is not 1 to 64 letters"),
            (tool("two words"), "its name is not"),
            (tool(&"n".repeat(65)), "its name is not"),
            (LiveTool::new("list", "Look.", json!({ "type": "array" })), "is not that of an object"),
            (
                LiveTool::new("broken", "Look.", json!({ "type": "object", "required": 7 })),
                "the schema of `broken`",
            ),
            (long.clone(), "at most 32768"),
            (tool("answer").answering(long.input), "the schema of its answer has"),
            (tool("write").doing(Effect::Update), "it asks for write"),
            (LiveTool::new("mute", "", json!({ "type": "object" })), "has no description"),
            (
                tool("hello"),
                "tools/hello.rs:9 has a tool of that name already, which is served; that of tools/shelves.rs:3 can be",
            ),
            (tool("look"), "it is listed twice"),
        ] {
            let listed = listed(json!({}), vec![tool("look"), bad, tool("see")]);
            assert_eq!(names(&listed), ["look", "see"], "{reason}");
            assert!(
                listed.faults().iter().any(|told| told.contains(reason)),
                "{reason}: {:?}",
                listed.faults()
            );
        }
    }

    #[test]
    fn a_list_is_bounded() {
        let many = |count: usize| (0..count).map(|n| tool(&format!("look_{n}"))).collect();
        let (most, more) = (listed(json!({}), many(MOST)), listed(json!({}), many(MOST + 1)));
        assert_eq!((most.tools().len(), most.faults().len()), (MOST, 0));
        assert_eq!(more.tools().len(), MOST);
        assert!(more.faults()[0].contains("201 tools"), "{:?}", more.faults());
        let large =
            |n| tool(&format!("large_{n}")).answering(json!({ "type": "object", "x": "x".repeat(30_000) }));
        let large = listed(json!({}), (0..MOST).map(large).collect());
        assert!(
            (30..36).contains(&large.tools().len()) && large.faults().len() == 1,
            "{}",
            large.tools().len()
        );
    }

    #[test]
    fn the_operator_says_how_they_are_served() {
        let options = json!({
            "look": { "name": "glance", "describe": "Glance.", "fixed": { "n": 7 } },
            "see": { "enabled": false }, "watch": { "defaults": { "m": 1 } }, "stare": {},
        });
        let listed = listed(options, vec![tool("look"), tool("see"), tool("watch")]);
        assert_eq!(names(&listed), ["glance"]);
        let told = listed.tool("glance").unwrap().definition();
        assert_eq!(
            (&told["description"], &told["inputSchema"]["properties"]),
            (&json!("Glance."), &json!({}))
        );
        assert!(
            listed.faults()[0].contains("`watch`: the tool has no argument `m`")
                && listed.faults()[1].contains("speaks of `stare`"),
            "{:?}",
            listed.faults()
        );
    }

    #[test]
    fn lists_are_alike_that_clients_see_alike() {
        let one = listed(json!({}), vec![tool("look")]);
        assert!(one.is_like(&listed(json!({}), vec![tool("look")])));
        for other in [vec![], vec![tool("see")], vec![tool("look").titled("Another look")]] {
            assert!(!one.is_like(&listed(json!({}), other)));
        }
    }
}
