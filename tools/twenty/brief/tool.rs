//! A brief: all there is to know of a person, a company or a deal before one talks to them.

use super::{
    budget::{Budget, estimate},
    sections::{Section, others, sections},
    subject::{Kind, custom, subject},
};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            record::Record,
            text::{lines, one_line},
        },
        resources::record::address,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// 360° brief of a person, company or opportunity: record, deals, tasks, notes, emails, meetings, timeline.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Brief {
    /// Id, name, email, domain or link.
    record: String,
    #[serde(default)]
    object: Option<Kind>,
    #[serde(default = "enough")]
    #[schemars(range(min = 200, max = 20_000))]
    max_tokens: usize,
}
crate::register!(Brief);

const fn enough() -> usize {
    1500
}

/// What there is to know.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Briefing {
    /// What kind of record it is.
    object: String,
    record: Record,
    /// What hangs on it, the newest of each kind; `total` says how many there are.
    sections: Vec<Section>,
    /// How many records of other kinds hang on it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    others: Map<String, Value>,
    #[serde(skip)]
    text: String,
}

impl Tool for Brief {
    const NAME: &'static str = "brief";
    type Pack = Twenty;
    type Output = Briefing;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Briefing, ToolError> {
        let records = twenty.records(&cx).await?;
        let subject = subject(&records, &cx, &self.record, self.object).await?;
        let sections = sections(&records, &cx, &subject).await?;
        let mut record = records.record(subject.object, &subject.raw)?;
        let others = others(&subject);
        let counted: Vec<&str> = custom(subject.object).collect();
        record.fields.retain(|name, _| name != "people" && !counted.contains(&name.as_str()));
        let object = subject.object.singular.clone();
        let mut briefing = Briefing { object, record, sections, others, text: String::new() };
        briefing.fit(self.max_tokens);
        Ok(briefing)
    }

    fn text(briefing: &Briefing) -> Option<String> {
        Some(briefing.text.clone())
    }
}

impl Brief {
    /// The brief of what a text stands for, as long as it is unless said otherwise.
    #[must_use]
    pub fn of(record: String) -> Self {
        Self { record, object: None, max_tokens: enough() }
    }
}

impl Briefing {
    /// What the record is called.
    #[must_use]
    pub fn name(&self) -> String {
        self.record.name.as_deref().map_or_else(|| "unnamed".to_owned(), one_line)
    }

    /// The address under which the record is read as a resource.
    #[must_use]
    pub fn uri(&self) -> String {
        address(&self.object, &self.record.id)
    }

    /// Cuts the brief to so many tokens, and writes it: first the record, then of each kind the newest, one each in turn,
    /// so that nothing long keeps the others out.
    fn fit(&mut self, tokens: usize) {
        let mut shown = vec![0; self.sections.len()];
        // The line that says what is not shown must find its place in any case.
        let mut budget = Budget::of(tokens.saturating_sub(estimate(&self.body(&shown))));
        let head = self.head(&mut budget);
        let mut full = false;
        while !full {
            full = true;
            for (section, shown) in self.sections.iter().zip(&mut shown) {
                if section.items.get(*shown).is_some_and(|item| budget.take(&bullet(item))) {
                    *shown += 1;
                    full = false;
                }
            }
        }
        // Headings cost too: what they take is taken from the longest sections.
        let mut text = format!("{head}{}", self.body(&shown));
        while estimate(&text) > tokens
            && let Some(longest) = shown.iter_mut().max().filter(|longest| **longest > 0)
        {
            *longest -= 1;
            text = format!("{head}{}", self.body(&shown));
        }
        self.sections.iter_mut().zip(shown).for_each(|(section, shown)| section.items.truncate(shown));
        self.text = text;
    }

    /// The sections with so many items each; those without any on one line.
    fn body(&self, shown: &[usize]) -> String {
        let (mut body, mut hidden) = (String::new(), Vec::new());
        for (section, shown) in self.sections.iter().zip(shown) {
            // Writing to a String cannot fail.
            let _ = match (*shown, section.total) {
                (0, total) => {
                    hidden.push(format!("{total} {}", section.title));
                    continue;
                }
                (shown, total) if shown == total => writeln!(body, "\n## {} ({total})", section.title),
                (shown, total) => writeln!(body, "\n## {} ({total}, the newest {shown})", section.title),
            };
            section.items.iter().take(*shown).for_each(|item| body.push_str(&bullet(item)));
        }
        if !hidden.is_empty() {
            let _ = writeln!(body, "\nnot shown: {}", hidden.join(", "));
        }
        body
    }

    fn head(&mut self, budget: &mut Budget) -> String {
        let record = &mut self.record;
        let name = record.name.as_deref().map_or_else(|| "unnamed".to_owned(), one_line);
        let mut head = format!("# {name} ({}, id {})\npage: {}\n", self.object, record.id, record.url);
        budget.take(&head);
        let mut kept = Map::new();
        for (field, value) in std::mem::take(&mut record.fields) {
            let mut text = String::new();
            // Writing to a String cannot fail.
            let _ = lines(&mut text, [(field.as_str(), &value)]);
            if budget.take(&text) {
                head.push_str(&text);
                kept.insert(field, value);
            }
        }
        record.fields = kept;
        let others: Vec<String> =
            self.others.iter().map(|(name, number)| format!("{number} {name}")).collect();
        if !others.is_empty() {
            let text = format!("also: {}\n", others.join(", "));
            if budget.take(&text) {
                head.push_str(&text);
            }
        }
        head
    }
}

fn bullet(item: &super::sections::Item) -> String {
    let date = item.date.as_ref().map(|date| format!("{date} ")).unwrap_or_default();
    let id = item.id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default();
    format!("- {date}{}{id}\n", item.text)
}
