//! The kinds of activity that a timeline can show.

use uuid::Uuid;

use super::ident::ident;

/// A kind of activity.
#[derive(Debug)]
pub struct TimelineType {
    /// Its name in the API, and that of an activity in the legacy profile: `linked-note.created`.
    pub name: &'static str,
    /// How people see it.
    pub label: &'static str,
    /// The last word of the name.
    pub action: &'static str,
    /// Its picture.
    pub icon: &'static str,
}

/// All kinds.
pub const TIMELINE_TYPES: [TimelineType; 9] = [
    kind("record.created", "Created", "created", "IconPlus"),
    kind("record.updated", "Updated", "updated", "IconEditCircle"),
    kind("record.deleted", "Deleted", "deleted", "IconTrash"),
    kind("record.restored", "Restored", "restored", "IconRestore"),
    kind("linked-note.created", "Note created", "created", "IconNotes"),
    kind("linked-task.created", "Task created", "created", "IconCheckbox"),
    kind("linked-task.updated", "Task updated", "updated", "IconCheckbox"),
    kind("message.linked", "Email linked", "linked", "IconMail"),
    kind("calendarEvent.linked", "Event linked", "linked", "IconCalendar"),
];

const fn kind(
    name: &'static str,
    label: &'static str,
    action: &'static str,
    icon: &'static str,
) -> TimelineType {
    TimelineType { name, label, action, icon }
}

impl TimelineType {
    /// Its id in this workspace.
    pub fn id(&self) -> Uuid {
        ident(&["timelineActivityType", self.name])
    }

    /// Its id in every workspace.
    pub fn universal(&self) -> Uuid {
        ident(&["universal", "timelineActivityType", self.name])
    }

    /// The kind with that id in this workspace.
    pub fn find(id: Uuid) -> Option<&'static TimelineType> {
        TIMELINE_TYPES.iter().find(|kind| kind.id() == id)
    }

    /// What an activity keeps of its kind.
    pub fn snapshot(&self) -> serde_json::Value {
        serde_json::json!({ "name": self.name, "label": self.label, "action": self.action, "icon": self.icon })
    }
}
