//! Faults as text: each with its line and a caret, as compilers print theirs.

use super::{
    fault::{Fault, Faults},
    tree::shown,
};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::ops::Range;

/// How many faults are shown; the rest is counted.
const MOST_SHOWN: usize = 50;

impl Faults {
    /// All faults as text, closed by a line that counts them. Secrets are masked.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let texts: Vec<String> =
            (0..).zip(self.sources.iter()).map(|(i, source)| self.mask.apply(i, source)).collect();
        let mut out = String::new();
        for fault in self.all().iter().take(MOST_SHOWN) {
            out += &self.one(fault, &texts, &renderer);
            out += "\n\n";
        }
        let count = self.all().len();
        if count > MOST_SHOWN {
            out += &format!("and {} more\n\n", count - MOST_SHOWN);
        }
        let s = if count == 1 { "" } else { "s" };
        out + &format!("error: {count} fault{s} in the configuration\n")
    }

    fn one(&self, fault: &Fault, texts: &[String], renderer: &Renderer) -> String {
        let source = fault.at.source();
        let text = texts.get(usize::from(source)).map_or("", String::as_str);
        let unparsed = fault.unparsed.then(|| self.mask.apply_unparsed(text));
        let text = unparsed.as_deref().unwrap_or(text);
        let name = self.sources.get(source).map_or("", |source| source.name.as_str());
        let annotation = AnnotationKind::Primary.span(visible(text, fault.at.range())).label(&fault.label);
        let mut snippet = Snippet::source(text).path(name).annotation(annotation);
        let also = fault.also.filter(|(at, _)| at.source() == source);
        if let Some((at, label)) = also {
            snippet =
                snippet.annotation(AnnotationKind::Context.span(visible(text, at.range())).label(label));
        }
        let title = match fault.path.as_slice() {
            [] => fault.message.clone(),
            path => format!("{}: {}", shown(path), fault.message),
        };
        let mut group = Level::ERROR.primary_title(title).element(snippet);
        if let (Some((at, label)), None) = (fault.also, also) {
            let text = texts.get(usize::from(at.source())).map_or("", String::as_str);
            let name = self.sources.get(at.source()).map_or("", |source| source.name.as_str());
            let span = AnnotationKind::Context.span(visible(text, at.range())).label(label);
            group = group.element(Snippet::source(text).path(name).annotation(span));
        }
        for line in &fault.help {
            group = group.element(Level::HELP.message(line));
        }
        renderer.render(&[group])
    }
}

/// A range that lies in the text and covers at least one sign of its line, where there is one.
fn visible(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.start.min(text.len());
    let end = range.end.clamp(start, text.len());
    let covered = text.get(start..end).map_or(0, |covered| covered.trim_end().len());
    if covered > 0 {
        return start..start + covered;
    }
    let next = text.get(start..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n' && *c != '\r');
    start..start + next.map_or(0, char::len_utf8)
}
