//! Ids that follow from names, so that they are the same in every run.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// The id of a path of names.
pub fn ident(path: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in path {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash.finalize()) {
        *byte = from;
    }
    Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_lead_to_the_same_id() {
        assert_eq!(ident(&["person", "name"]), ident(&["person", "name"]));
        assert_ne!(ident(&["person", "name"]), ident(&["personname"]));
        assert_eq!(ident(&["x"]).get_version_num(), 4);
    }
}
