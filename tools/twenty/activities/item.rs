//! What people did and what happened: tasks, notes and the entries of a timeline in one form, for lists of them.

use crate::tools::twenty::{
    listing::Page,
    records::text::{ROWS, one_line},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{cmp::Reverse, fmt};

/// The longest text that an activity shows of what was written, in characters.
const PREVIEW: usize = 200;

/// What an activity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A task.
    Task,
    /// A note, or a comment: a note that is titled so.
    Note,
    /// An entry of a record's timeline.
    Timeline,
}

/// Something that was done, or is to be done.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// What it is called, or what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The beginning of what was written, or what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was made, or happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Whether a note was made as a comment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comment: bool,
    /// How far a task is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When a task is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// Who is to do a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Who>,
    /// Who made it, or did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Who>,
    /// Its page in Twenty, or that of the record it tells of.
    pub url: String,
}

/// Somebody, or something, that acts in the workspace.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Who {
    /// The workspace member's id, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A name, or else where the record came from, as in `API`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Some activities, newest first, and how many there are in all.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Activities {
    /// Which piece of the list it is.
    #[serde(flatten)]
    pub page: Page,
    /// These.
    pub activities: Vec<Activity>,
}

impl Activities {
    /// A page of several lists. Each is the newest first and holds as many as the page may take of it; `total` is how
    /// many there are of all.
    #[must_use]
    pub fn page(lists: Vec<Vec<Activity>>, total: usize, offset: usize, limit: usize) -> Self {
        let mut all: Vec<Activity> = lists.into_iter().flatten().collect();
        // Stable: what a list has in an order of its own at one moment stays so, whatever the page.
        all.sort_by_cached_key(|activity| {
            let date = activity.date.as_ref();
            Reverse(date.and_then(|date| date.parse::<Timestamp>().ok()))
        });
        Self::listed(all.into_iter().skip(offset).take(limit).collect(), total, offset)
    }

    /// A page as it is.
    #[must_use]
    pub fn listed(activities: Vec<Activity>, total: usize, offset: usize) -> Self {
        Self { page: Page::of(total, offset, activities.len()), activities }
    }
}

/// The beginning of a text.
#[must_use]
pub fn preview(text: &str) -> String {
    match text.char_indices().nth(PREVIEW) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.id) {
            (Some(name), _) => f.write_str(&one_line(name)),
            (None, Some(id)) => write!(f, "id {id}"),
            (None, None) => f.write_str("somebody"),
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Task => "TASK",
            Kind::Note if self.comment => "COMMENT",
            Kind::Note => "NOTE",
            Kind::Timeline => "TIMELINE",
        };
        write!(f, "[{kind}] {}", one_line(self.title.as_deref().unwrap_or("Untitled")))?;
        let day = |date: &str| date.get(..16).unwrap_or(date).replace('T', " ");
        if let Some(date) = &self.date {
            write!(f, " ({})", day(date))?;
        }
        if let Some(status) = &self.status {
            write!(f, "; {status}")?;
        }
        if let Some(due) = &self.due_at {
            write!(f, "; due {}", day(due))?;
        }
        if let Some(assignee) = &self.assignee {
            write!(f, "; assigned to {assignee}")?;
        }
        if let Some(author) = &self.author {
            write!(f, "; by {author}")?;
        }
        if let Some(text) = &self.text {
            write!(f, ": {}", one_line(text))?;
        }
        write!(f, " (id {}, {})", self.id, self.url)
    }
}

impl fmt::Display for Activities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = || self.activities.iter().take(ROWS).map(|activity| format!("- {activity}\n")).collect();
        self.page.around(f, self.activities.len(), ("activity", "activities"), shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(kind: Kind, id: &str, date: Option<&str>) -> Activity {
        Activity {
            kind,
            id: id.to_owned(),
            title: None,
            text: Some("a\n- b".to_owned()),
            date: date.map(str::to_owned),
            comment: false,
            status: None,
            due_at: None,
            assignee: None,
            author: None,
            url: String::new(),
        }
    }

    #[test]
    fn lists_are_merged_newest_first_and_equal_moments_keep_their_order() {
        let tasks =
            [("t1", Some("2026-03-01T00:00:00Z")), ("t2", Some("2026-01-01T00:00:00.5Z")), ("t3", None)];
        let notes = [("n1", Some("2026-03-01T01:00:00+01:00")), ("n2", Some("2026-01-01T00:00:00.700Z"))];
        let tasks = tasks.map(|(id, date)| activity(Kind::Task, id, date)).to_vec();
        let notes = notes.map(|(id, date)| activity(Kind::Note, id, date)).to_vec();
        let ids = |offset, limit| {
            let page = Activities::page(vec![tasks.clone(), notes.clone()], 5, offset, limit);
            (page.activities.into_iter().map(|one| one.id).collect::<Vec<_>>(), page.page.next_offset)
        };
        assert_eq!(ids(0, 9).0, ["t1", "n1", "n2", "t2", "t3"]);
        assert_eq!(ids(1, 2), (vec!["n1".to_owned(), "n2".to_owned()], Some(3)));
        assert_eq!(ids(3, 2).1, None);
    }

    #[test]
    fn what_people_wrote_stays_on_its_line() {
        let text = activity(Kind::Note, "n", None).to_string();
        assert_eq!(text, "[NOTE] Untitled: a - b (id n, )");
        assert_eq!(preview(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
