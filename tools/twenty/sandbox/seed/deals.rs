//! Opportunities, subscriptions, tickets.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    seeder::{DAY, Deal, Seeder, TODAY},
    words::{CURRENCIES, DEALS, PLANS, TICKETS},
};

// Early stages hold more deals than late ones.
const STAGES: [(&str, i64); 10] = [
    ("NEW", 10),
    ("NEW", 10),
    ("NEW", 15),
    ("SCREENING", 25),
    ("SCREENING", 30),
    ("MEETING", 45),
    ("MEETING", 50),
    ("PROPOSAL", 70),
    ("PROPOSAL", 80),
    ("CUSTOMER", 100),
];

impl Seeder<'_> {
    pub(super) fn opportunities(&mut self) {
        let Some(mut sheet) = self.sheet("opportunity") else { return };
        let count = self.size * 3 / 8;
        for at in 0..count + count / 100 {
            let (contact, created, author) =
                (self.random.below(self.people.len()), self.past(), self.author());
            let (about, currency) = (self.word(DEALS), self.word(CURRENCIES));
            let Some(person) = self.people.get(contact) else { return };
            // A deal belongs to the company of its contact, and sometimes to nobody yet.
            let company = person.company.filter(|_| at % 12 != 7).and_then(|at| self.companies.get(at));

            let name =
                company.map_or_else(|| about.to_owned(), |company| format!("{} - {about}", company.name));
            let (stage, probability) = self.random.pick(&STAGES).copied().unwrap_or_default();
            let entry = sheet.entry(self.random.id(), created).by("MANUAL", &author).text("name", name);
            let mut entry = entry.choice("stage", stage).number("probability", probability as f64);
            entry = entry.maybe("companyId", company.map(|company| company.id));
            if at % 10 != 3 {
                let amount = self.random.range(2, 400) as f64 * 500.0 * 1e6;
                entry = entry.number("amount.amountMicros", amount).text("amount.currencyCode", currency);
            }
            if at % 20 != 11 {
                let (from, to) = if stage == "CUSTOMER" { (-500, -1) } else { (-60, 240) };
                entry = entry.time("closeDate", TODAY + self.random.range(from, to) * DAY);
            }
            if self.random.percent(85) {
                entry = entry.id("pointOfContactId", person.id);
            }
            if self.random.percent(80) {
                entry = entry.id("ownerId", author.0);
            }
            let changed = self.random.range(created.min(TODAY - 1), TODAY - 1);
            entry = entry.time("updatedAt", changed);
            if at >= count {
                entry.deleted(changed).save(&mut self.store);
                continue;
            }
            let id = entry.save(&mut self.store);
            self.deals.push(Deal { id, created });
        }
    }

    pub(super) fn subscriptions(&mut self) {
        let (Some(mut sheet), Some(mut tickets)) = (self.sheet("subscription"), self.sheet("supportTicket"))
        else {
            return;
        };
        let mut bought: Vec<(Uuid, Uuid)> = Vec::new();
        for at in 0..self.companies.len() * 3 / 5 {
            let (created, author, plan) = (self.past(), self.author(), self.word(PLANS));
            let (seats, price) = (self.random.range(1, 250), self.random.range(9, 60));
            let status = self.word("ACTIVE,ACTIVE,ACTIVE,TRIAL,PAST_DUE,CANCELED");
            let (currency, renews) = (self.word(CURRENCIES), self.hour(-20, 360));
            let Some(company) = self.companies.get(at * 5 / 3) else { continue };
            let entry = sheet.entry(self.random.id(), created).by("API", &author);
            let entry = entry.text("name", format!("{} {plan}", company.name)).choice("status", status);
            let entry =
                entry.number("seats", seats as f64).number("mrr.amountMicros", (seats * price) as f64 * 1e6);
            let mut entry = entry.text("mrr.currencyCode", currency).id("companyId", company.id);
            if status != "CANCELED" {
                entry = entry.time("renewsAt", renews);
            }
            bought.push((entry.save(&mut self.store), company.id));
        }
        let subjects: Vec<Arc<str>> = TICKETS.split(',').map(Arc::from).collect();
        for at in 0..self.size / 5 {
            let (opened, author) = (self.past(), self.author());
            let priority = self.word("LOW,NORMAL,NORMAL,NORMAL,HIGH,URGENT");
            let closed = self.since(opened);
            let Some(subject) = subjects.get(at % subjects.len()) else { return };
            let Some(person) = self.people.get(self.random.below(self.people.len())) else { return };
            let company = person.company.and_then(|at| self.companies.get(at));
            let entry =
                tickets.entry(self.random.id(), opened).by("EMAIL", &author).text("name", subject.clone());
            let entry =
                entry.choice("priority", priority).time("openedAt", opened).id("requesterId", person.id);
            let mut entry = entry.maybe("companyId", company.map(|company| company.id));
            entry = entry.text("details.markdown", subject.clone());
            if at % 3 != 0 {
                entry = entry.time("closedAt", closed);
            }
            let plan = bought.iter().find(|(_, owner)| company.is_some_and(|company| company.id == *owner));
            entry.maybe("subscriptionId", plan.map(|(id, _)| *id)).save(&mut self.store);
        }
    }
}
