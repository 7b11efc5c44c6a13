//! SQL's `LIKE`: `%` stands for any text, `_` for one character, `\` takes their meaning away.

/// A pattern, read once and then held against many texts.
#[derive(Clone, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
    caseless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Pattern {
    /// `LIKE`, or `ILIKE` where case does not count.
    pub fn new(pattern: &str, caseless: bool) -> Pattern {
        let (mut parts, mut escaped) = (Vec::new(), false);
        for c in pattern.chars() {
            match c {
                '\\' if !escaped => {
                    escaped = true;
                    continue;
                }
                '%' if !escaped => {
                    if parts.last() != Some(&Part::Any) {
                        parts.push(Part::Any);
                    }
                }
                '_' if !escaped => parts.push(Part::One),
                c if caseless => parts.extend(c.to_lowercase().map(Part::Char)),
                c => parts.push(Part::Char(c)),
            }
            escaped = false;
        }
        Pattern { parts, caseless }
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        if self.caseless {
            let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
            return self.walk(&text);
        }
        self.walk(&text.chars().collect::<Vec<_>>())
    }

    /// Goes along both; on a mismatch lets the last `%` take one character more. At most |text| x |pattern| steps.
    fn walk(&self, text: &[char]) -> bool {
        let (mut at, mut part) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while let Some(c) = text.get(at) {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    back = Some((part + 1, at));
                    part += 1;
                }
                Some(Part::One) => (at, part) = (at + 1, part + 1),
                Some(Part::Char(p)) if p == c => (at, part) = (at + 1, part + 1),
                _ => match back {
                    Some((after, from)) => {
                        back = Some((after, from + 1));
                        (at, part) = (from + 1, after);
                    }
                    None => return false,
                },
            }
        }
        self.parts.iter().skip(part).all(|rest| *rest == Part::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_sql() {
        for (pattern, caseless, text, fits) in [
            ("%da%", false, "Ada L", true),
            ("a%", false, "Ada", false),
            ("a%", true, "Ada", true),
            ("%Ü%", true, "günther ünal", true),
            ("A_a", false, "Ada", true),
            ("A_", false, "Ada", false),
            ("100\\%", false, "100%", true),
            ("100\\%", false, "1000", false),
            ("%a%b%c", false, "xaybzc", true),
            ("%a%b%c", false, "xaybzcd", false),
            ("", false, "", true),
            ("%", false, "", true),
            ("", false, "x", false),
        ] {
            assert_eq!(Pattern::new(pattern, caseless).fits(text), fits, "{pattern} {text}");
        }
    }
}
