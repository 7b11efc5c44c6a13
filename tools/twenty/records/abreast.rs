//! Several lists at once: every request carries the next page of all that are not done.

use super::{
    document::Document,
    engine::Records,
    find::{Find, Found, PAGE, Page, count, nodes},
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::workspace::schema::Object,
};
use serde_json::{Map, Value};

impl Records<'_> {
    /// Several lists, each to its own limit, in as few requests as the longest of them takes; at most as many as a
    /// document has root fields. The first request also carries the root fields that `beside` has, whose answers are
    /// given back.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub async fn find_abreast(
        &self,
        cx: &Common,
        lists: &[(&Object, &Find)],
        beside: Document,
    ) -> Result<(Vec<Found>, Map<String, Value>), ToolError> {
        // Where the server cannot pass records over, they are read and let go.
        let skips = |object: &Object| self.workspace().takes(&object.plural, "offset");
        let mut readings: Vec<Reading<'_>> =
            lists.iter().map(|(object, find)| Reading::new(object, find, skips(object))).collect();
        let (mut document, mut others) = (beside, None);
        loop {
            for reading in readings.iter_mut().filter(|reading| !reading.done) {
                reading.alias = self.page(&mut document, reading.object, reading.find, &reading.page());
            }
            let mut data = self.read(cx, std::mem::take(&mut document)).await?;
            for reading in readings.iter_mut().filter(|reading| !reading.done) {
                reading.take(&data.remove(&reading.alias).unwrap_or_default());
            }
            others.get_or_insert(data);
            if readings.iter().all(|reading| reading.done) {
                let found = readings.into_iter().map(|reading| reading.found).collect();
                return Ok((found, others.unwrap_or_default()));
            }
        }
    }
}

/// A list that is being read.
struct Reading<'a> {
    object: &'a Object,
    find: &'a Find,
    found: Found,
    /// How many of those that come are let go, where the server cannot pass them over.
    over: usize,
    skip: usize,
    after: Option<String>,
    alias: String,
    done: bool,
}

impl<'a> Reading<'a> {
    fn new(object: &'a Object, find: &'a Find, skips: bool) -> Self {
        Self {
            object,
            find,
            found: Found::default(),
            over: if skips { 0 } else { find.offset },
            skip: if skips { find.offset } else { 0 },
            after: find.after.clone(),
            alias: String::new(),
            done: false,
        }
    }

    fn wanted(&self) -> usize {
        self.find.limit.saturating_sub(self.found.records.len())
    }

    fn page(&self) -> Page {
        let first = self.over.saturating_add(self.wanted()).min(PAGE);
        Page { first, after: self.after.clone(), skip: self.skip }
    }

    fn take(&mut self, answer: &Value) {
        self.found.total = count(answer, "totalCount").unwrap_or(self.found.total);
        let nodes = nodes(answer.get("edges"));
        let (got, wanted) = (nodes.len(), self.wanted());
        self.found.records.extend(nodes.into_iter().skip(self.over).take(wanted));
        self.over = self.over.saturating_sub(got);
        let more = answer.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool).unwrap_or(false);
        let end = answer.pointer("/pageInfo/endCursor").and_then(Value::as_str).map(str::to_owned);
        (self.after, self.skip) = (end.filter(|_| more), 0);
        if self.after.is_none() || got == 0 || self.wanted() == 0 {
            self.found.next = self.after.take();
            self.done = true;
        }
    }
}
