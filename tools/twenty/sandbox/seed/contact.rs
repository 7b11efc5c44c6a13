//! Messages in threads, and calendar events, with those who took part.

use std::sync::Arc;

use super::{
    seeder::{DAY, Seeder},
    words::{MEETINGS, MESSAGES},
};

impl Seeder<'_> {
    pub(super) fn messages(&mut self) {
        let sheets = (self.sheet("messageThread"), self.sheet("message"), self.sheet("messageParticipant"));
        let (Some(mut threads), Some(mut messages), Some(mut participants)) = sheets else { return };
        let mut targets = self.sheet("messageThreadTarget");
        let texts: Vec<(Arc<str>, Arc<str>)> =
            MESSAGES.iter().map(|(a, b)| (Arc::from(*a), Arc::from(*b))).collect();
        for at in 0..self.size / 4 {
            let (begun, author) = (self.past(), self.author());
            let (Some((subject, text)), Some(person), Some(member)) = (
                self.random.pick(&texts).cloned(),
                self.people.get(self.random.below(self.people.len())),
                self.members.get(at % self.members.len().max(1)),
            ) else {
                return;
            };
            let handle: Arc<str> = person.email.clone().unwrap_or_else(|| Arc::from("unknown@mail.example"));
            let entry = threads
                .entry(self.random.id(), begun)
                .made("EMAIL", &author)
                .text("subject", subject.clone());
            let thread = entry.save(&mut self.store);
            for nth in 0..self.random.range(1, 3) {
                let received = begun + nth * DAY / 3;
                let title: Arc<str> =
                    if nth == 0 { subject.clone() } else { format!("Re: {subject}").into() };
                let entry =
                    messages.entry(self.random.id(), received).made("EMAIL", &author).text("subject", title);
                let entry =
                    entry.text("text", text.clone()).time("receivedAt", received).flag("isDraft", false);
                let entry = entry.text("headerMessageId", format!("<{thread}.{nth}@mail.example>"));
                let message = entry.id("messageThreadId", thread).save(&mut self.store);
                // The two write in turn.
                let roles = if nth % 2 == 0 { ("FROM", "TO") } else { ("TO", "FROM") };
                let entry = participants
                    .entry(self.random.id(), received)
                    .made("EMAIL", &author)
                    .choice("role", roles.0);
                let entry = entry.text("handle", handle.clone()).text("displayName", person.name.clone());
                entry.id("messageId", message).id("personId", person.id).save(&mut self.store);
                let entry = participants
                    .entry(self.random.id(), received)
                    .made("EMAIL", &author)
                    .choice("role", roles.1);
                let entry =
                    entry.text("handle", member.email.clone()).text("displayName", member.author.1.clone());
                entry.id("messageId", message).id("workspaceMemberId", member.author.0).save(&mut self.store);
            }
            if let Some(targets) = &mut targets {
                let company = person
                    .company
                    .and_then(|at| self.companies.get(at))
                    .map(|company| ("Company", company.id));
                for (kind, of) in [Some(("Person", person.id)), company].into_iter().flatten() {
                    let entry = targets
                        .entry(self.random.id(), begun)
                        .made("EMAIL", &author)
                        .id("messageThreadId", thread);
                    let entry = entry.flag("isAutomaticallyAssigned", true).flag("isManuallyAssigned", false);
                    entry.target(kind, of).save(&mut self.store);
                }
            }
        }
    }

    pub(super) fn events(&mut self) {
        let sheets = (self.sheet("calendarEvent"), self.sheet("calendarEventParticipant"));
        let (Some(mut events), Some(mut participants)) = sheets else { return };
        let mut targets = self.sheet("calendarEventTarget");
        for at in 0..self.size / 4 {
            let (starts, author, what) = (self.hour(-300, 45), self.author(), self.word(MEETINGS));
            let answer = self.word("ACCEPTED,ACCEPTED,NEEDS_ACTION,TENTATIVE,DECLINED");
            let (Some(person), Some(member)) = (
                self.people.get(self.random.below(self.people.len())),
                self.members.get(at % self.members.len().max(1)),
            ) else {
                return;
            };
            let created = starts - self.random.range(1, 20) * DAY;
            let id = self.random.id();
            let entry = events
                .entry(id, created)
                .made("CALENDAR", &author)
                .text("title", format!("{what} with {}", person.name));
            let entry = entry
                .time("startsAt", starts)
                .time("endsAt", starts + DAY / 24 * (1 + i64::from(at.is_multiple_of(4))));
            let entry = entry.flag("isCanceled", at % 15 == 9).flag("isFullDay", false);
            let entry = entry.time("externalCreatedAt", created).time("externalUpdatedAt", created);
            let mut entry = entry.text("iCalUid", format!("{id}@calendar.example"));
            if at.is_multiple_of(2) {
                entry = entry.text("conferenceSolution", "Meet");
                entry = entry.text("conferenceLink.primaryLinkUrl", format!("https://meet.example/{at}"));
            } else {
                entry = entry.text("location", "Office");
            }
            entry.save(&mut self.store);
            let entry = participants
                .entry(self.random.id(), created)
                .made("CALENDAR", &author)
                .id("calendarEventId", id);
            let entry =
                entry.text("handle", member.email.clone()).text("displayName", member.author.1.clone());
            let entry = entry.flag("isOrganizer", true).choice("responseStatus", "ACCEPTED");
            entry.id("workspaceMemberId", member.author.0).save(&mut self.store);
            let entry = participants
                .entry(self.random.id(), created)
                .made("CALENDAR", &author)
                .id("calendarEventId", id);
            let entry = entry
                .text("handle", person.email.clone().unwrap_or_default())
                .text("displayName", person.name.clone());
            let entry = entry.flag("isOrganizer", false).choice("responseStatus", answer);
            entry.id("personId", person.id).save(&mut self.store);
            if let Some(targets) = &mut targets {
                let entry = targets
                    .entry(self.random.id(), created)
                    .made("CALENDAR", &author)
                    .id("calendarEventId", id);
                let entry = entry.flag("isAutomaticallyAssigned", true).flag("isManuallyAssigned", false);
                entry.target("Person", person.id).save(&mut self.store);
            }
        }
    }
}
