//! What has happened to people and deals, and the few records of the rest.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::tools::twenty::sandbox::model::{
    ident::ident,
    timeline::{TIMELINE_TYPES, TimelineType},
};

use super::{
    seeder::{DAY, Seeder, TODAY},
    sheet::Entry,
};

impl Seeder<'_> {
    pub(super) fn timeline(&mut self) {
        let Some(mut sheet) = self.sheet("timelineActivity") else { return };
        let kinds = Kind::all();
        let find = |name: &str| kinds.iter().find(|kind| kind.of.name == name);
        let (Some(created), Some(updated), Some(noted)) =
            (find("record.created"), find("record.updated"), find("linked-note.created"))
        else {
            return;
        };
        let diff =
            Arc::new(json!({ "diff": { "jobTitle": { "before": "Consultant", "after": "Founder" } } }));
        let nothing = Arc::new(json!({}));
        for at in 0..self.people.len() {
            let author = self.author();
            let Some(person) = self.people.get(at) else { return };
            let (kind, properties) =
                if at.is_multiple_of(3) { (updated, &diff) } else { (created, &nothing) };
            let entry = sheet.entry(self.random.id(), person.created).made("SYSTEM", &author);
            let entry = entry.json("properties", Arc::clone(properties)).id("workspaceMemberId", author.0);
            kind.on(entry, "person", person.created).target("Person", person.id).save(&mut self.store);
        }
        for at in 0..self.deals.len() {
            let author = self.author();
            let Some(deal) = self.deals.get(at) else { return };
            let entry = sheet.entry(self.random.id(), deal.created).made("SYSTEM", &author);
            let entry = entry.json("properties", Arc::clone(&nothing)).id("workspaceMemberId", author.0);
            created
                .on(entry, "opportunity", deal.created)
                .target("Opportunity", deal.id)
                .save(&mut self.store);
        }
        for at in (0..self.notes.len()).step_by(2) {
            let author = self.author();
            let Some(note) = self.notes.get(at) else { return };
            let entry = sheet.entry(self.random.id(), note.created).made("SYSTEM", &author);
            let entry = entry.json("properties", Arc::clone(&nothing)).id("workspaceMemberId", author.0);
            let entry =
                entry.id("linkedRecordId", note.id).text("linkedRecordCachedName", note.title.clone());
            let entry = entry.id("linkedObjectMetadataId", ident(&["object", "note"]));
            noted.on(entry, "note", note.created).target("Person", note.person).save(&mut self.store);
        }
    }

    /// Dashboards and workflows; in the legacy profile a few favorites.
    pub(super) fn pages(&mut self) {
        let (begun, author) = (TODAY - 700 * DAY, self.author());
        if let Some(mut sheet) = self.sheet("dashboard") {
            for title in ["Sales overview", "Support load"] {
                let entry = sheet.entry(self.random.id(), begun).by("MANUAL", &author).text("title", title);
                entry.id("pageLayoutId", self.random.id()).save(&mut self.store);
            }
        }
        if let Some(mut sheet) = self.sheet("workflow") {
            for (name, status) in
                [("Quick lead", "ACTIVE"), ("Welcome mail", "DRAFT"), ("Renewal reminder", "ACTIVE")]
            {
                let entry = sheet.entry(self.random.id(), begun).by("MANUAL", &author).text("name", name);
                entry.json("statuses", Arc::new(json!([status]))).save(&mut self.store);
            }
        }
        if let Some(mut sheet) = self.sheet("favorite") {
            for person in self.people.iter().take(5) {
                let entry =
                    sheet.entry(self.random.id(), begun).by("MANUAL", &author).id("personId", person.id);
                entry.id("forWorkspaceMemberId", author.0).save(&mut self.store);
            }
        }
    }
}

struct Kind {
    of: &'static TimelineType,
    snapshot: Arc<Json>,
}

impl Kind {
    fn all() -> Vec<Kind> {
        TIMELINE_TYPES.iter().map(|of| Kind { of, snapshot: Arc::new(of.snapshot()) }).collect()
    }

    /// Says of an activity what it was; the legacy profile knows it by a name such as `person.created`.
    fn on<'s, 'a>(&self, entry: Entry<'s, 'a>, object: &str, at: i64) -> Entry<'s, 'a> {
        let entry = entry.time("happensAt", at).id("timelineActivityTypeId", self.of.id());
        let entry = entry.json("timelineActivityTypeSnapshot", Arc::clone(&self.snapshot));
        entry.text("name", self.of.name.replace("record.", &format!("{object}.")))
    }
}
