//! Several lists read to their ends side by side, in as few requests as the longest has pages.

use super::{
    document::Document,
    engine::Records,
    find::{Find, PAGE, Page, count, nodes},
    search::newest_first,
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::workspace::schema::Object,
};
use serde_json::Value;

/// A list of records, newest first.
pub struct List<'a> {
    /// Their object.
    pub object: &'a Object,
    /// Twenty's filter.
    pub filter: Value,
    /// Only those that have nothing in this relation to many: no filter of the server finds them, so all are looked at.
    pub without: Option<&'a str>,
    /// What is selected of each.
    pub selection: String,
    /// How many to pass over.
    pub offset: usize,
    /// How many to keep at the most.
    pub limit: usize,
}

/// What was found of one list.
#[derive(Debug, Default)]
pub struct Scanned {
    /// How many there are.
    pub total: usize,
    /// Those that were to be kept.
    pub records: Vec<Value>,
}

struct Reading<'a> {
    list: &'a List<'a>,
    find: Find,
    /// The next page; nothing at the end.
    page: Option<Page>,
    over: usize,
    scanned: Scanned,
}

impl Records<'_> {
    /// Reads lists, at most as many as a document has root fields; what was found, in their order. Keeps no more than
    /// each list's limit in memory.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub async fn scan(&self, cx: &Common, lists: &[List<'_>]) -> Result<Vec<Scanned>, ToolError> {
        let mut readings: Vec<Reading<'_>> =
            lists.iter().map(|list| Reading::of(list, self.skips(list))).collect();
        let (mut seen, mut pages) = (0, 0.0);
        while readings.iter().any(|reading| reading.page.is_some()) {
            let mut document = Document::default();
            let mut asked = Vec::with_capacity(readings.len());
            for reading in &mut readings {
                if let Some(page) = reading.page.take() {
                    let alias = self.page(&mut document, reading.list.object, &reading.find, &page);
                    asked.push((reading, alias));
                }
            }
            let mut data = self.read(cx, document).await?;
            for (reading, alias) in asked {
                seen += reading.take(&data.remove(&alias).unwrap_or_default())?;
            }
            pages += 1.0;
            cx.progress(pages, None, &format!("{seen} records looked at")).await;
        }
        Ok(readings.into_iter().map(|reading| reading.scanned).collect())
    }

    /// Whether the server itself passes over what a list passes over.
    fn skips(&self, list: &List<'_>) -> bool {
        list.without.is_none() && self.workspace().takes(&list.object.plural, "offset")
    }
}

impl<'a> Reading<'a> {
    fn of(list: &'a List<'a>, skips: bool) -> Self {
        let selection = match list.without {
            Some(relation) => format!("{} {relation} {{ totalCount }}", list.selection),
            None => list.selection.clone(),
        };
        let find = Find {
            filter: list.filter.clone(),
            order: newest_first(),
            selection: Some(selection),
            ..Find::default()
        };
        let mut reading = Self {
            list,
            find,
            page: None,
            over: list.offset,
            scanned: Scanned { total: 0, records: vec![] },
        };
        let mut page = reading.next(None);
        if skips {
            (page.skip, reading.over) = (list.offset, 0);
            page.first = list.limit.clamp(1, PAGE);
        }
        reading.page = Some(page);
        reading
    }

    fn next(&self, after: Option<String>) -> Page {
        let missing = self.over + self.list.limit - self.scanned.records.len();
        let first = if self.list.without.is_some() { PAGE } else { missing.clamp(1, PAGE) };
        Page { first, after, skip: 0 }
    }

    /// Takes in a page; how many records it had.
    fn take(&mut self, answer: &Value) -> Result<usize, ToolError> {
        let nodes = nodes(answer.get("edges"));
        let got = nodes.len();
        for mut record in nodes {
            if let Some(relation) = self.list.without {
                let has = record.get(relation).and_then(|list| count(list, "totalCount"));
                let has = has.ok_or_else(|| {
                    ToolError::upstream(format_args!("Twenty does not say how many `{relation}` there are"))
                })?;
                if has > 0 {
                    continue;
                }
                self.scanned.total += 1;
                record.as_object_mut().map(|record| record.shift_remove(relation));
            }
            if self.over > 0 {
                self.over -= 1;
            } else if self.scanned.records.len() < self.list.limit {
                self.scanned.records.push(record);
            }
        }
        if self.list.without.is_none() {
            self.scanned.total = count(answer, "totalCount").unwrap_or(self.scanned.total);
        }
        let wants = self.list.without.is_some() || self.scanned.records.len() < self.list.limit;
        let end = answer.pointer("/pageInfo/endCursor").and_then(Value::as_str).map(str::to_owned);
        let more = answer.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool).unwrap_or(false);
        let after = end.filter(|_| more && wants && got > 0);
        self.page = after.map(|after| self.next(Some(after)));
        Ok(got)
    }
}
