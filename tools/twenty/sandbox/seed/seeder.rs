//! Fills the workspace: the same records for the same settings, in every run.

use std::sync::Arc;

use uuid::Uuid;

use crate::tools::twenty::sandbox::{model::table::Table, store::tables::Store};

use super::{random::Random, sheet::Sheet};

/// The day that all seeded dates lie around: 2026-11-01T09:00:00Z.
pub const TODAY: i64 = 1_793_523_600_000;
/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;
const SEED: u64 = 0x7477_656e_7479;

/// The state of the filling.
pub struct Seeder<'a> {
    pub(super) table: &'a Table,
    pub(super) store: Store,
    pub(super) random: Random,
    /// How many people there are to be; everything else follows.
    pub(super) size: usize,
    pub(super) members: Vec<Member>,
    pub(super) companies: Vec<Company>,
    pub(super) people: Vec<Person>,
    pub(super) deals: Vec<Deal>,
    pub(super) notes: Vec<Linked>,
}

/// A workspace member.
pub(super) struct Member {
    pub author: (Uuid, Arc<str>),
    pub email: Arc<str>,
}

/// A company.
#[derive(Clone)]
pub(super) struct Company {
    pub id: Uuid,
    pub name: Arc<str>,
    pub domain: Arc<str>,
    pub place: usize,
}

/// A person.
pub(super) struct Person {
    pub id: Uuid,
    pub name: Arc<str>,
    pub email: Option<Arc<str>>,
    pub company: Option<usize>,
    pub created: i64,
}

/// An opportunity.
pub(super) struct Deal {
    pub id: Uuid,
    pub created: i64,
}

/// A note that hangs on a person.
pub(super) struct Linked {
    pub id: Uuid,
    pub title: Arc<str>,
    pub person: Uuid,
    pub created: i64,
}

/// The records of a workspace with that many people.
pub fn fill(table: &Table, people: u32) -> Store {
    let mut seeder = Seeder {
        table,
        store: Store::new(table),
        random: Random::new(SEED),
        size: usize::try_from(people).unwrap_or(0),
        members: Vec::new(),
        companies: Vec::new(),
        people: Vec::new(),
        deals: Vec::new(),
        notes: Vec::new(),
    };
    seeder.members();
    seeder.companies();
    seeder.people();
    seeder.opportunities();
    seeder.subscriptions();
    seeder.notes();
    seeder.tasks();
    seeder.attachments();
    seeder.messages();
    seeder.events();
    seeder.timeline();
    seeder.pages();
    seeder.store
}

impl<'a> Seeder<'a> {
    /// The sheet of an object, where the profile has it.
    pub(super) fn sheet(&self, object: &str) -> Option<Sheet<'a>> {
        Sheet::new(self.table, object)
    }

    /// A moment of the last two years, by day and by hour of work.
    pub(super) fn past(&mut self) -> i64 {
        self.since(TODAY - 730 * DAY)
    }

    /// A moment between another and today.
    pub(super) fn since(&mut self, from: i64) -> i64 {
        self.random.range(from.min(TODAY - 1), TODAY - 1)
    }

    /// The full hour so many days from today.
    pub(super) fn hour(&mut self, from_days: i64, to_days: i64) -> i64 {
        TODAY + self.random.range(from_days * 24, to_days * 24) * (DAY / 24)
    }

    /// Who wrote something.
    pub(super) fn author(&mut self) -> (Uuid, Arc<str>) {
        let member = self.random.pick(&self.members);
        member.map_or_else(|| (Uuid::nil(), Arc::from("System")), |member| member.author.clone())
    }

    /// A word of a list.
    pub(super) fn word(&mut self, words: &'static str) -> &'static str {
        let at = self.random.below(words.split(',').count());
        words.split(',').nth(at).unwrap_or_default()
    }
}
