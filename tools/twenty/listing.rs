//! Lists that are read a piece at a time.

use super::{
    records::{
        document::Document,
        engine::Records,
        find::Find,
        search::newest_first,
        text::{ROWS, rest},
    },
    workspace::schema::Object,
};
use crate::seam::{Common, ToolError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Which piece of a list is wanted.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
pub struct Paging {
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 5000))]
    limit: usize,
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    offset: usize,
}

const fn twenty() -> usize {
    20
}

/// Which piece of a list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// How many match in all.
    pub total: usize,
    /// How many of them were passed over.
    pub offset: usize,
    /// The offset that shows the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<usize>,
}

impl Page {
    /// The piece that begins after `offset` of `total` and shows this many.
    #[must_use]
    pub fn of(total: usize, offset: usize, shown: usize) -> Self {
        let next = offset.saturating_add(shown);
        Self { total, offset, next_offset: (next < total && shown > 0).then_some(next) }
    }

    /// The lines around a table of the first `ROWS` of those that are given.
    ///
    /// # Errors
    /// As the formatter fails.
    pub fn around(
        &self,
        f: &mut fmt::Formatter<'_>,
        given: usize,
        (one, several): (&str, &str),
        table: impl FnOnce() -> String,
    ) -> fmt::Result {
        if given == 0 {
            return write!(f, "No {one} found ({} in all, {} passed over).", self.total, self.offset);
        }
        writeln!(f, "{} of {} {several}, newest first.", given.min(ROWS), self.total)?;
        f.write_str(&table())?;
        f.write_str(&rest(self.offset, given, self.total))
    }
}

impl Paging {
    /// Those of some records, all of which are there, that are wanted.
    pub fn cut<T>(self, all: Vec<T>) -> (Page, Vec<T>) {
        let total = all.len();
        let cut: Vec<T> = all.into_iter().skip(self.offset).take(self.limit).collect();
        (Page::of(total, self.offset, cut.len()), cut)
    }

    /// What to look for, newest first.
    #[must_use]
    pub fn find(self, filter: Value) -> Find {
        Find { filter, order: newest_first(), limit: self.limit, offset: self.offset, ..Find::default() }
    }
}

impl Records<'_> {
    /// A piece of the records that pass a filter, newest first, each as `tell` makes it.
    ///
    /// # Errors
    /// The workspace does not answer, or `tell` fails.
    pub async fn piece<T>(
        &self,
        cx: &Common,
        object: &Object,
        filter: Value,
        paging: Paging,
        tell: impl Fn(&Self, &Object, &Value) -> Result<T, ToolError>,
    ) -> Result<(Page, Vec<T>), ToolError> {
        let beside = Document::default();
        self.piece_beside(cx, object, filter, paging, beside, tell).await.map(|(page, rows, _)| (page, rows))
    }

    /// As `piece`; the first request also carries the root fields that `beside` has, whose answers are given back.
    ///
    /// # Errors
    /// The workspace does not answer, or `tell` fails.
    pub async fn piece_beside<T>(
        &self,
        cx: &Common,
        object: &Object,
        filter: Value,
        paging: Paging,
        beside: Document,
        tell: impl Fn(&Self, &Object, &Value) -> Result<T, ToolError>,
    ) -> Result<(Page, Vec<T>, Map<String, Value>), ToolError> {
        let (found, others) = self.find_beside(cx, object, &paging.find(filter), beside).await?;
        let rows =
            found.records.into_iter().map(|raw| tell(self, object, &raw)).collect::<Result<Vec<_>, _>>()?;
        Ok((Page::of(found.total, paging.offset, rows.len()), rows, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_tells_where_the_next_one_begins() {
        assert_eq!(Page::of(50, 20, 20).next_offset, Some(40));
        assert_eq!(Page::of(50, 40, 10).next_offset, None);
        assert_eq!(Page::of(50, 60, 0).next_offset, None);
        let (page, rows) = Paging { limit: 2, offset: 1 }.cut(vec!['a', 'b', 'c', 'd']);
        assert_eq!((page, rows), (Page { total: 4, offset: 1, next_offset: Some(3) }, vec!['b', 'c']));
    }
}
