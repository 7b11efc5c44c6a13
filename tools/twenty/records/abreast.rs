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

/// The most pages of a list that are read: a server's list may have no end.
const PAGES: usize = 10_000;

impl Records<'_> {
    /// Several lists, each to its own limit, in as few requests as the longest of them takes; at most as many as a
    /// document has root fields. The first request also carries the root fields that `beside` has, whose answers are
    /// given back.
    ///
    /// # Errors
    /// The workspace does not answer, or gives a list without an end.
    pub async fn find_abreast(
        &self,
        cx: &Common,
        lists: &[(&Object, &Find)],
        beside: Document,
    ) -> Result<(Vec<Found>, Map<String, Value>), ToolError> {
        if lists.is_empty() && beside.is_empty() {
            return Ok((Vec::new(), Map::new()));
        }
        // Where the server cannot pass records over, they are read and let go.
        let skips = |object: &Object, find: &Find| {
            find.without.is_none() && self.workspace().takes(&object.plural, "offset")
        };
        let mut readings: Vec<Reading<'_>> =
            lists.iter().map(|(object, find)| Reading::new(object, find, skips(object, find))).collect();
        let whole = lists.iter().any(|(_, find)| find.without.is_some());
        let (mut document, mut others, mut seen) = (beside, None, 0);
        for page in 1..=PAGES {
            for reading in readings.iter_mut().filter(|reading| !reading.done) {
                reading.alias = self.page(&mut document, reading.object, reading.find, &reading.page());
            }
            let mut data = self.read(cx, std::mem::take(&mut document)).await?;
            for reading in readings.iter_mut().filter(|reading| !reading.done) {
                seen += reading.take(&data.remove(&reading.alias).unwrap_or_default())?;
            }
            others.get_or_insert(data);
            if readings.iter().all(|reading| reading.done) {
                let found = readings.into_iter().map(|reading| reading.found).collect();
                return Ok((found, others.unwrap_or_default()));
            }
            if whole {
                cx.progress(page as f64, None, &format!("{seen} records looked at")).await;
            }
        }
        Err(endless(&format!("{PAGES} pages were read")))
    }
}

/// The error for a list that a server never ends.
fn endless(why: &str) -> ToolError {
    ToolError::upstream(format_args!("a list of Twenty's has no end: {why}"))
        .hint("ask for less at once, or with a filter")
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
        let first = match self.find.without {
            Some(_) => PAGE,
            None => self.over.saturating_add(self.wanted()).min(PAGE),
        };
        Page { first, after: self.after.clone(), skip: self.skip }
    }

    /// Takes in a page; how many records it had.
    fn take(&mut self, answer: &Value) -> Result<usize, ToolError> {
        let mut nodes = nodes(answer.get("edges"));
        let got = nodes.len();
        match &self.find.without {
            Some(relation) => {
                nodes = lonely(nodes, relation)?;
                self.found.total += nodes.len();
            }
            None => self.found.total = count(answer, "totalCount").unwrap_or(self.found.total),
        }
        let (fit, wanted) = (nodes.len(), self.wanted());
        self.found.records.extend(nodes.into_iter().skip(self.over).take(wanted));
        self.over = self.over.saturating_sub(fit);
        let more = answer.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool).unwrap_or(false);
        let end = answer.pointer("/pageInfo/endCursor").and_then(Value::as_str).map(str::to_owned);
        let end = end.filter(|_| more);
        let enough = self.find.without.is_none() && self.wanted() == 0;
        if end.is_none() || got == 0 || enough {
            // Behind a page of nothing there is nothing.
            (self.found.next, self.after, self.done) = (end.filter(|_| got > 0), None, true);
            return Ok(got);
        }
        if end == self.after {
            return Err(endless("the same page came twice"));
        }
        (self.after, self.skip) = (end, 0);
        Ok(got)
    }
}

/// Those of some records that have nothing in a relation to many.
fn lonely(records: Vec<Value>, relation: &str) -> Result<Vec<Value>, ToolError> {
    let mut lonely = Vec::new();
    for mut record in records {
        let has = record.get(relation).and_then(|list| count(list, "totalCount")).ok_or_else(|| {
            ToolError::upstream(format_args!("Twenty does not say how many `{relation}` there are"))
        })?;
        if has == 0 {
            record.as_object_mut().map(|record| record.shift_remove(relation));
            lonely.push(record);
        }
    }
    Ok(lonely)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;
    use serde_json::json;

    fn page(people: &[usize], more: bool, end: &str) -> Value {
        let node = |has: &usize| json!({ "node": { "id": end, "people": { "totalCount": has } } });
        let nodes: Vec<Value> = people.iter().map(node).collect();
        json!({ "totalCount": 9, "edges": nodes, "pageInfo": { "hasNextPage": more, "endCursor": end } })
    }

    #[test]
    fn what_no_filter_finds_is_counted_over_all_pages() {
        let company = CURRENT.object("company").unwrap();
        let find = Find { limit: 1, offset: 1, without: Some("people".into()), ..Find::default() };
        let mut reading = Reading::new(company, &find, false);
        assert_eq!(reading.page().first, PAGE);
        assert_eq!(reading.take(&page(&[0, 3], true, "a")).unwrap(), 2);
        assert!(!reading.done && reading.found.records.is_empty(), "the first is passed over");
        reading.take(&page(&[0, 0], true, "b")).unwrap();
        assert!(!reading.done, "there is enough, and the rest is still counted");
        reading.take(&page(&[1, 0], false, "c")).unwrap();
        assert!(reading.done);
        assert_eq!((reading.found.total, &reading.found.records), (4, &vec![json!({ "id": "b" })]));
        assert!(
            reading.take(&json!({ "edges": [{ "node": { "id": "x" } }] })).is_err(),
            "nothing is counted"
        );
    }

    #[test]
    fn a_server_that_gives_one_page_again_and_again_is_not_believed() {
        let company = CURRENT.object("company").unwrap();
        let find = Find { limit: 50, ..Find::default() };
        let mut reading = Reading::new(company, &find, true);
        reading.take(&page(&[0], true, "a")).unwrap();
        assert!(reading.take(&page(&[0], true, "a")).unwrap_err().to_string().contains("no end"));
    }
}
