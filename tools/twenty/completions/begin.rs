//! What begins as a person typed.

/// The names that begin so, and then those whose label does, without regard to case.
#[must_use]
pub fn beginning<'a>(typed: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let typed = typed.to_lowercase();
    let begins = |text: &str| text.to_lowercase().starts_with(&typed);
    let (mut by_name, mut by_label) = (Vec::new(), Vec::new());
    for (name, label) in known {
        if begins(name) {
            by_name.push(name.to_owned());
        } else if begins(label) {
            by_label.push(name.to_owned());
        }
    }
    by_name.append(&mut by_label);
    by_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_labels() {
        let known = [("opportunity", "Deal"), ("dealer", "Dealer"), ("person", "Person")];
        assert_eq!(beginning("DEAL", known.into_iter()), ["dealer", "opportunity"]);
        assert_eq!(beginning("", known.into_iter()).len(), 3);
        assert!(beginning("x", known.into_iter()).is_empty());
    }
}
