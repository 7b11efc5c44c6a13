//! The place in several lists at once, and how room for rows is shared among them.

use crate::seam::ToolError;
use std::fmt;

/// How many lists there are.
const LISTS: usize = 6;

/// How many records of each list were shown already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offsets([usize; LISTS]);

impl Offsets {
    /// Reads a cursor as an earlier answer gave it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, ToolError> {
        let numbers: Result<Vec<u32>, _> = text.trim().split('-').map(str::parse).collect();
        let numbers: Option<[u32; LISTS]> = numbers.ok().and_then(|numbers| numbers.try_into().ok());
        let numbers = numbers.ok_or_else(|| {
            ToolError::input("`cursor` is none of this tool's")
                .hint("give the cursor of the last answer as it stands, or none to begin")
        })?;
        Ok(Self(numbers.map(|number| usize::try_from(number).unwrap_or(usize::MAX))))
    }

    /// How many of one list.
    #[must_use]
    pub fn at(&self, list: usize) -> usize {
        self.0.get(list).copied().unwrap_or_default()
    }

    /// The same, with more of one list.
    #[must_use]
    pub fn plus(mut self, list: usize, more: usize) -> Self {
        if let Some(offset) = self.0.get_mut(list) {
            *offset = offset.saturating_add(more);
        }
        self
    }
}

impl fmt::Display for Offsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.map(|offset| offset.to_string()).join("-"))
    }
}

/// Shares room for `most` rows among lists that want so many each: what one leaves the others have.
#[must_use]
pub fn shares(wanted: &[usize], most: usize) -> Vec<usize> {
    let mut given = vec![0; wanted.len()];
    let mut left = most;
    loop {
        let open = wanted.iter().zip(&given).filter(|(wanted, given)| given < wanted).count();
        if open == 0 || left == 0 {
            return given;
        }
        let each = (left / open).max(1);
        for (wanted, given) in wanted.iter().zip(&mut given) {
            let more = each.min(wanted - *given).min(left);
            *given += more;
            left -= more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_given() {
        let offsets = Offsets::default().plus(1, 50).plus(5, 7).plus(1, 1);
        assert_eq!(offsets.to_string(), "0-51-0-0-0-7");
        assert_eq!(Offsets::parse(" 0-51-0-0-0-7 ").unwrap(), offsets);
        assert_eq!((offsets.at(1), offsets.at(9)), (51, 0));
        for wrong in ["", "1", "0-0-0-0-0-x", "0-0-0-0-0-0-0", "0-0-0-0-0--1", "99999999999-0-0-0-0-0"] {
            assert!(Offsets::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn room_that_one_list_leaves_the_others_have() {
        assert_eq!(shares(&[500, 3, 0, 10], 50), [37, 3, 0, 10]);
        assert_eq!(shares(&[9, 9, 9], 2), [1, 1, 0]);
        assert_eq!(shares(&[1, 2], 50), [1, 2]);
        assert!(shares(&[], 50).is_empty());
    }
}
