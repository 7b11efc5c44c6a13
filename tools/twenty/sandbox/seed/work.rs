//! Notes, tasks and attachments, with what they hang on.

use std::sync::Arc;

use serde_json::json;

use super::{
    seeder::{Linked, Seeder},
    words::{NOTES, TASKS},
};

impl Seeder<'_> {
    pub(super) fn notes(&mut self) {
        let (Some(mut sheet), Some(mut targets)) = (self.sheet("note"), self.sheet("noteTarget")) else {
            return;
        };
        let texts: Vec<(Arc<str>, Arc<str>)> =
            NOTES.iter().map(|(a, b)| (Arc::from(*a), Arc::from(*b))).collect();
        for at in 0..self.size * 3 / 10 {
            let (created, author) = (self.past(), self.author());
            let (Some((title, body)), Some(person)) =
                (self.random.pick(&texts).cloned(), self.people.get(self.random.below(self.people.len())))
            else {
                return;
            };
            let entry =
                sheet.entry(self.random.id(), created).by("MANUAL", &author).text("title", title.clone());
            let id = entry.text("bodyV2.markdown", body).save(&mut self.store);
            let mut target = |kind: &str, of| {
                let entry = targets.entry(self.random.id(), created).made("MANUAL", &author);
                entry.id("noteId", id).target(kind, of).save(&mut self.store);
            };
            target("Person", person.id);
            if at.is_multiple_of(2)
                && let Some(company) = person.company.and_then(|at| self.companies.get(at))
            {
                target("Company", company.id);
            }
            if at.is_multiple_of(5)
                && let Some(deal) = self.deals.get(at)
            {
                target("Opportunity", deal.id);
            }
            self.notes.push(Linked { id, title, person: person.id, created });
        }
    }

    pub(super) fn tasks(&mut self) {
        let (Some(mut sheet), Some(mut targets)) = (self.sheet("task"), self.sheet("taskTarget")) else {
            return;
        };
        let body: Arc<str> = Arc::from("Please *do it* before the date.");
        for at in 0..self.size * 3 / 10 {
            let (created, author, what) = (self.past(), self.author(), self.word(TASKS));
            let status = self.word("TODO,TODO,IN_PROGRESS,DONE,DONE");
            let (due, assignee) = (self.hour(-90, 60), self.author().0);
            let Some(person) = self.people.get(self.random.below(self.people.len())) else { return };
            let title = format!("{what}: {}", person.name);
            let mut entry = sheet.entry(self.random.id(), created).by("MANUAL", &author).text("title", title);
            entry = entry.choice("status", status).text("bodyV2.markdown", body.clone());
            if at % 8 != 5 {
                entry = entry.time("dueAt", due);
            }
            if at % 7 != 3 {
                entry = entry.id("assigneeId", assignee);
            }
            let id = entry.save(&mut self.store);
            let mut target = |kind: &str, of| {
                let entry = targets.entry(self.random.id(), created).made("MANUAL", &author);
                entry.id("taskId", id).target(kind, of).save(&mut self.store);
            };
            target("Person", person.id);
            if at.is_multiple_of(3)
                && let Some(deal) = self.deals.get(at)
            {
                target("Opportunity", deal.id);
            }
        }
    }

    pub(super) fn attachments(&mut self) {
        const FILES: [(&str, &str, &str); 4] = [
            ("Proposal.pdf", "TEXT_DOCUMENT", ".pdf"),
            ("Pricing.xlsx", "SPREADSHEET", ".xlsx"),
            ("Logo.png", "IMAGE", ".png"),
            ("Deck.pptx", "PRESENTATION", ".pptx"),
        ];
        let Some(mut sheet) = self.sheet("attachment") else { return };
        for at in 0..self.size / 10 {
            let (created, author, file) = (self.past(), self.author(), self.random.id());
            let (Some((name, category, extension)), Some(person)) =
                (FILES.get(at % FILES.len()), self.people.get(self.random.below(self.people.len())))
            else {
                return;
            };
            let entry = sheet.entry(self.random.id(), created).by("MANUAL", &author).text("name", *name);
            let entry = entry
                .choice("fileCategory", category)
                .text("fullPath", format!("attachment/{file}{extension}"));
            let files = json!([{ "fileId": file.to_string(), "label": name, "extension": extension }]);
            entry.json("file", Arc::new(files)).target("Person", person.id).save(&mut self.store);
        }
    }
}
