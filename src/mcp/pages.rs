//! Lists in pages. A cursor names the last item that was told: it means the same on every replica, and still does when
//! other items come and go.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The most items of a page.
pub(super) const PAGE: usize = 200;

/// A cursor that no page of this list ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`cursor` is none that this list gave, or its item is gone: begin without one")]
pub(super) struct NoCursor;

/// The items of a page of at most `most`, and the cursor of the next.
///
/// # Errors
/// The cursor is none of this list.
pub(super) fn page<'a, T>(
    items: &'a [T],
    name: impl Fn(&T) -> &str,
    cursor: Option<&str>,
    most: usize,
) -> Result<(&'a [T], Option<String>), NoCursor> {
    let begin = match cursor {
        None => 0,
        Some(cursor) => {
            let last = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| NoCursor)?;
            items.iter().position(|item| name(item).as_bytes() == last).ok_or(NoCursor)? + 1
        }
    };
    let rest = items.get(begin..).unwrap_or_default();
    let (page, after) = rest.split_at_checked(most).unwrap_or((rest, &[]));
    let next = page.last().filter(|_| !after.is_empty()).map(|last| URL_SAFE_NO_PAD.encode(name(last)));
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let items: Vec<String> = (0..7).map(|n| format!("tool_{n}")).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let (page, next) = page(&items, |name| name, cursor.as_deref(), 3).unwrap();
            seen.push(page.len());
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, [3, 3, 1]);
        assert_eq!(page(&items, |name| name, None, 7).unwrap().1, None);
        assert_eq!(page(&[] as &[String], |name| name, None, 3).unwrap(), (&[][..], None));
    }

    #[test]
    fn a_cursor_holds_while_items_come_and_go_and_others_are_refused() {
        let items: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let cursor = page(&items, |name| name, None, 2).unwrap().1.unwrap();
        let (rest, _) = page(&items[1..], |name| name, Some(&cursor), 2).unwrap();
        assert_eq!(rest, ["c", "d"]);
        for bad in ["", "2", "!!", "Yg==", &URL_SAFE_NO_PAD.encode("e")] {
            assert_eq!(page(&items, |name| name, Some(bad), 2), Err(NoCursor), "{bad}");
        }
    }
}
