//! `.env`: variables beside a config.yaml.

/// The variables of a `.env` text, in its order: `NAME=value`, `export NAME=value`, values in quotes or plain, `#` for
/// comments. A line that is none of these is left out; nothing is substituted.
#[must_use]
pub fn parse(text: &str) -> Vec<(String, String)> {
    const MOST: usize = 1000;
    text.lines().filter_map(line).take(MOST).collect()
}

fn line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(fits);
    good.then(|| (name.to_owned(), unquoted(value)))
}

fn unquoted(value: &str) -> String {
    if let Some(inner) = value.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
        return inner.0.to_owned();
    }
    if let Some(inner) = value.strip_prefix('"').and_then(quoted) {
        return inner;
    }
    let comment = value.find(" #").unwrap_or(value.len());
    let value = if value.starts_with('#') { "" } else { value.get(..comment).unwrap_or(value) };
    value.trim_end().to_owned()
}

/// The text up to a closing `"`; `\n`, `\"` and `\\` stand for what they do in a shell.
fn quoted(text: &str) -> Option<String> {
    let (mut out, mut signs) = (String::new(), text.chars());
    loop {
        match signs.next()? {
            '"' => return Some(out),
            '\\' => match signs.next()? {
                'n' => out.push('\n'),
                sign @ ('"' | '\\') => out.push(sign),
                sign => out.extend(['\\', sign]),
            },
            sign => out.push(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_lines_are_read_and_others_left_out() {
        let text = "# c\nA=1\nexport B=\"x # \\\"y\\\\\" # c\nC='a\\n'\nD=p#q # c\nE=\n F = spaced \nno line\n9X=1\n=2\n";
        let read = parse(text);
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let wanted =
            [("A", "1"), ("B", "x # \"y\\"), ("C", "a\\n"), ("D", "p#q"), ("E", ""), ("F", "spaced")];
        assert_eq!(read, wanted);
    }
}
