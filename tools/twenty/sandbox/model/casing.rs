//! How Twenty turns a name into a type name, and a name into a label.

/// `supportTicket` becomes `SupportTicket`.
pub fn pascal(name: &str) -> String {
    first(name, |c| c.to_uppercase().collect())
}

/// `TargetPerson` becomes `targetPerson`.
pub fn camel(name: &str) -> String {
    first(name, |c| c.to_lowercase().collect())
}

/// `pointOfContact` becomes `Point Of Contact`, `IN_PROGRESS` becomes `In progress`.
pub fn label(name: &str) -> String {
    if !name.chars().any(char::is_lowercase) {
        return pascal(&name.to_lowercase().replace('_', " "));
    }
    let mut label = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_uppercase() {
            label.push(' ');
        }
        label.push(c);
    }
    pascal(&label)
}

fn first(name: &str, change: impl Fn(char) -> String) -> String {
    let mut rest = name.chars();
    rest.next().map(|c| change(c) + rest.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_case() {
        assert_eq!(pascal("supportTicket"), "SupportTicket");
        assert_eq!(camel("SupportTicket"), "supportTicket");
        assert_eq!(label("noteTargets"), "Note Targets");
        assert_eq!(label("IN_PROGRESS"), "In progress");
        assert_eq!(pascal(""), "");
    }
}
