//! Why a stored key cannot be had.

use super::{
    envelope::TooLong,
    masters::{MasterId, NoMaster},
};
use crate::seam::{StoreError, ToolError};

/// The vault's failures. None of them is a reason to use another key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no secret to seal or open with.
    #[error(transparent)]
    NoMaster(#[from] NoMaster),
    /// The key was sealed with a secret that is not in the configuration.
    #[error(
        "the stored key cannot be decrypted: it was sealed with a secret that this server does not have ({0})"
    )]
    UnknownMaster(MasterId),
    /// What is stored is not what was sealed, or was sealed for somebody else.
    #[error("the stored key cannot be decrypted: it was changed after it was stored")]
    Changed,
    /// The TypeScript server's text opens with none of the secrets.
    #[error(
        "the stored key cannot be decrypted: no secret of this server opens what the TypeScript server stored"
    )]
    UnknownLegacy,
    /// The TypeScript server's address is none.
    #[error(
        "the stored key cannot be used: the address that the TypeScript server stored beside it is no web address"
    )]
    LegacyAddress,
    /// The key or its address is too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// Others changed the record again and again.
    #[error("the stored key was changed by others at the same time")]
    Busy,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<VaultError> for ToolError {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::NoMaster(NoMaster::NoSecret) => Self::internal(error)
                .hint("there is a stored key, and whoever runs this server must set the secret to open it with"),
            VaultError::UnknownMaster(_) | VaultError::UnknownLegacy => Self::internal(error).hint(
                "whoever runs this server should put the secret of that time behind the first of `keys.secrets`; or \
                 store the key again",
            ),
            VaultError::Changed | VaultError::LegacyAddress => {
                Self::internal(error).hint("store the key again, or delete it")
            }
            VaultError::TooLong(_) => Self::input(error),
            VaultError::Busy => Self::conflict(error).hint("try again"),
            VaultError::Store(StoreError::Unavailable { retry_after }) => {
                let hint = format!("try again in {retry_after} s; nothing was sent with another key");
                Self::upstream(&error).hint(hint)
            }
            VaultError::NoMaster(NoMaster::BrokenOff) | VaultError::Store(_) => {
                Self::internal(error).hint("whoever runs this server should look at its log")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::ErrorKind;

    #[test]
    fn every_failure_says_what_to_do_and_no_file() {
        let broken = VaultError::Store(StoreError::Broken("/var/lib/keys: denied".into()));
        for error in [
            NoMaster::NoSecret.into(),
            VaultError::UnknownMaster(MasterId([0; 8])),
            VaultError::Changed,
            VaultError::UnknownLegacy,
            VaultError::LegacyAddress,
            VaultError::Busy,
            StoreError::Unavailable { retry_after: 3 }.into(),
            broken,
        ] {
            let told = ToolError::from(error);
            assert!(told.next().is_some(), "{told}");
            assert!(!told.to_string().contains("/var"), "{told}");
            assert_ne!(told.kind(), ErrorKind::Denied, "no key at all is something else");
        }
    }
}
