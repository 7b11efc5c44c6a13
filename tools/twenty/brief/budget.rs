//! How many tokens a text costs a model at the most, without asking one.

/// An upper estimate of a text's tokens, by how common tokenizers cut texts: words every few letters, numbers every three
/// digits, signs one by one. English prose is told about a third too dear, ids about as they are.
#[must_use]
pub fn estimate(text: &str) -> usize {
    let (mut tokens, mut letters, mut digits, mut space) = (0, 0, 0, false);
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' => {
                if letters % 5 == 0 {
                    tokens += 1;
                }
                (letters, digits) = (letters + 1, 0);
            }
            '0'..='9' => {
                if digits % 3 == 0 {
                    // No space belongs to a number.
                    tokens += if space { 2 } else { 1 };
                }
                (letters, digits) = (0, digits + 1);
            }
            // A space before a word belongs to the word.
            ' ' => (letters, digits) = (0, 0),
            _ => {
                tokens += 1;
                (letters, digits) = (0, 0);
            }
        }
        space = c == ' ';
    }
    tokens
}

/// What may still be said.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    /// So many tokens.
    #[must_use]
    pub const fn of(tokens: usize) -> Self {
        Self { left: tokens }
    }

    /// Takes what a text costs, if that much is left.
    pub fn take(&mut self, text: &str) -> bool {
        let cost = estimate(text) + 1;
        let fits = cost <= self.left;
        if fits {
            self.left -= cost;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_common_tokenizers_count_is_never_more() {
        // What o200k_base counts.
        for (counted, text) in [
            (10, "The quick brown fox jumps over the lazy dog."),
            (7, "EUR 12,000.00"),
            (19, "20202020-0687-4c41-b707-ed1bfca972a7"),
            (8, "Café déjà vu — naïve façade"),
        ] {
            assert!(estimate(text) >= counted, "{text}: {}", estimate(text));
        }
    }

    #[test]
    fn a_budget_is_not_overdrawn() {
        let mut budget = Budget::of(4);
        assert!(budget.take("one two"));
        assert!(!budget.take("three four"), "it would be too much");
        assert!(budget.take(""), "and what is left can still be used");
    }
}
