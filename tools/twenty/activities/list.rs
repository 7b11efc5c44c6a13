//! Tasks and notes in one list, and all that happened around one record.

use super::{
    item::{Activities, Activity},
    read::{activity, selected},
    target::named_by,
    timeline::{Asked, Timeline, timeline},
};
use crate::{
    seam::{Call, Common, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            document::Document,
            engine::Records,
            faults::Faults,
            find::Find,
            input::value::{When, option, when, written},
            names::{Linking, Names},
            search::newest_first,
        },
        workspace::schema::Object,
    },
};
use jiff::ToSpan as _;
use serde::Deserialize;
use serde_json::{Value, json};

/// Which activities are listed.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asking {
    #[serde(rename = "type")]
    kinds: Option<Vec<Kind>>,
    /// Inclusive.
    date_from: Option<String>,
    date_to: Option<String>,
    /// Member: note's author, task's assignee.
    author_id: Option<String>,
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 5000))]
    limit: usize,
    #[serde(default)]
    #[schemars(range(max = 10_000))]
    offset: usize,
}

/// A kind of activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Kind {
    Task,
    Note,
}

const fn twenty() -> usize {
    20
}

impl Asking {
    /// The conditions on when activities were made.
    fn dates(&self, faults: &mut Faults) -> Vec<Value> {
        let mut read = |place: &str, given: &Option<String>| when(faults, place, &json!(given.as_ref()?));
        let (from, to) = (read("dateFrom", &self.date_from), read("dateTo", &self.date_to));
        let begin = from.and_then(When::begin);
        // The end of what was given: of a day, or of the millisecond that answers show.
        let end = to.and_then(|to| to.next().or_else(|| to.begin()?.checked_add(1.millisecond()).ok()));
        if begin.zip(end).is_some_and(|(begin, end)| begin >= end) {
            faults.add("dateFrom", "it is after `dateTo`: nothing could be between them");
        }
        let conditions =
            [begin.map(|at| json!({ "gte": written(at) })), end.map(|at| json!({ "lt": written(at) }))];
        conditions.into_iter().flatten().map(|condition| json!({ "createdAt": condition })).collect()
    }

    async fn list(
        &self,
        records: &Records<'_>,
        cx: &Common,
        statuses: Option<&[String]>,
    ) -> Result<Activities, ToolError> {
        let kinds = self.kinds.as_deref().filter(|kinds| !kinds.is_empty());
        let statuses = statuses.filter(|statuses| !statuses.is_empty());
        let asked = |kind: Kind| kinds.is_none_or(|kinds| kinds.contains(&kind));
        let mut faults = Faults::default();
        let dates = self.dates(&mut faults);
        let mut names = Names::new(Linking::Resolve);
        let member = match &self.author_id {
            Some(author) => Some(names.id("authorId", records.object("workspaceMember")?, author)?),
            None => None,
        };
        let mut lists: Vec<(&Object, Vec<Value>)> = Vec::new();
        if asked(Kind::Task) {
            let task = records.object("task")?;
            let mut conditions = dates.clone();
            conditions.extend(member.as_ref().map(|member| json!({ "assigneeId": { "eq": member } })));
            if let Some(statuses) = statuses {
                let field = task.field("status").ok_or_else(|| task.no_field("status"))?;
                let read = statuses.iter().enumerate().filter_map(|(at, status)| {
                    option(&mut faults, &format!("status[{at}]"), &field.options, &json!(status))
                });
                conditions.push(json!({ "status": { "in": read.collect::<Vec<_>>() } }));
            }
            lists.push((task, conditions));
        }
        match statuses {
            None if asked(Kind::Note) => {
                let mut conditions = dates;
                let by = |member| json!({ "createdBy": { "workspaceMemberId": { "eq": member } } });
                conditions.extend(member.as_ref().map(by));
                lists.push((records.object("note")?, conditions));
            }
            Some(_) if lists.is_empty() => {
                faults.add("status", "only tasks have one, and `type` leaves them out")
            }
            _ => {}
        }
        faults.or(())?;
        let ids = records.ids(cx, names.wanted()).await?;
        // One list alone is passed over by the server; of two nobody knows beforehand how many of each.
        let (offset, limit) = match lists.len() {
            1 => (self.offset, self.limit),
            _ => (0, self.offset.saturating_add(self.limit)),
        };
        let finds: Vec<(&Object, Find)> = lists
            .into_iter()
            .map(|(object, conditions)| {
                let mut filter = if conditions.is_empty() { json!({}) } else { json!({ "and": conditions }) };
                names.fill(&mut filter, &ids);
                let selection = Some(selected(records.workspace(), object));
                (object, Find { filter, order: newest_first(), limit, offset, selection, ..Find::default() })
            })
            .collect();
        let asked: Vec<(&Object, &Find)> = finds.iter().map(|(object, find)| (*object, find)).collect();
        let (found, _) = records.find_abreast(cx, &asked, Document::default()).await?;
        let total = found.iter().map(|found| found.total).sum();
        let read = asked.iter().zip(&found).map(|((object, _), found)| {
            found
                .records
                .iter()
                .map(|raw| activity(records, object, raw))
                .collect::<Result<Vec<Activity>, _>>()
        });
        let mut lists = read.collect::<Result<Vec<_>, _>>()?;
        match (lists.pop(), lists.is_empty()) {
            (Some(one), true) => Ok(Activities::listed(one, total, self.offset)),
            (last, _) => {
                lists.extend(last);
                Ok(Activities::page(lists, total, self.offset, self.limit))
            }
        }
    }
}

/// List tasks and notes in one timeline, newest first.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct GetActivities {
    #[serde(flatten)]
    asking: Asking,
}
crate::register!(GetActivities);

impl Tool for GetActivities {
    const NAME: &'static str = "get_activities";
    type Pack = Twenty;
    type Output = Activities;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Activities, ToolError> {
        let records = twenty.records(&cx).await?;
        self.asking.list(&records, &cx, None).await
    }

    fn text(activities: &Activities) -> Option<String> {
        Some(activities.to_string())
    }
}

/// As `get_activities`, by status too; a status leaves only tasks.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct FilterActivities {
    #[serde(flatten)]
    asking: Asking,
    status: Option<Vec<String>>,
}
crate::register!(FilterActivities);

impl Tool for FilterActivities {
    const NAME: &'static str = "filter_activities";
    type Pack = Twenty;
    type Output = Activities;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Activities, ToolError> {
        let records = twenty.records(&cx).await?;
        self.asking.list(&records, &cx, self.status.as_deref()).await
    }

    fn text(activities: &Activities) -> Option<String> {
        Some(activities.to_string())
    }
}

/// Tasks, notes and timeline of one record, newest first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetEntityActivities {
    /// Id, name, email or domain.
    entity_id: String,
    /// person, company, opportunity, …
    entity_type: String,
    #[serde(default = "yes")]
    include_comments: bool,
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 5000))]
    limit: usize,
    #[serde(default)]
    #[schemars(range(max = 10_000))]
    offset: usize,
}
crate::register!(GetEntityActivities);

const fn yes() -> bool {
    true
}

impl Tool for GetEntityActivities {
    const NAME: &'static str = "get_entity_activities";
    type Pack = Twenty;
    type Output = Timeline;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Timeline, ToolError> {
        let records = twenty.records(&cx).await?;
        let asked = Asked {
            object: named_by(&records, "entityType", &self.entity_type)?,
            argument: "entityId",
            given: &self.entity_id,
            comments: self.include_comments,
            limit: self.limit,
            offset: self.offset,
        };
        timeline(&records, &cx, &asked).await
    }

    fn text(timeline: &Timeline) -> Option<String> {
        Some(timeline.to_string())
    }
}
