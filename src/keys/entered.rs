//! What becomes of a key that is entered.

use super::{BadAddress, VaultError};
use crate::seam::{CallerKeys, StoreError, TrialError};
use jiff::Timestamp;

/// How long to wait where others changed the same key, in seconds.
const BUSY: u64 = 1;

/// What became of a key that was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The name of what it opens, where it was tried and the service told one.
    pub workspace: Option<String>,
    /// Whether it opens the embedded workspace, whatever address came with it.
    pub sandbox: bool,
    /// When it was stored.
    pub updated_at: Timestamp,
}

/// Why nothing was stored, deleted or told. The texts are for the person who entered the key; none holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// Keys belong to users.
    #[error("sign in first: keys are stored for signed-in users alone")]
    NotSignedIn,
    /// There is no key in it.
    #[error("API key is required")]
    NoKey,
    /// It is no key.
    #[error(
        "this is no API key: a key has letters, digits and `-._~+/=` alone, at most {} of them",
        CallerKeys::LONGEST
    )]
    BadKey,
    /// No key may be sent to the address.
    #[error(transparent)]
    BadAddress(#[from] BadAddress),
    /// There is neither an address with the key nor one of the operator's.
    #[error("an address is required: this server has none of its own")]
    NoAddress,
    /// The service does not accept the key.
    #[error("{0}")]
    Refused(String),
    /// What is at the address is not the service, or the address leads inside.
    #[error("{0}")]
    NotThere(String),
    /// The service does not answer.
    #[error("the key could not be tried: {0}; try again in a moment")]
    Unreachable(String),
    /// The service has no time for this key.
    #[error(
        "the key could not be tried: the service takes no more requests with it for now; try again in {retry_after} s"
    )]
    Limited {
        /// Seconds after which it is worth to try again.
        retry_after: u64,
    },
    /// This user does this too often.
    #[error("too many requests about your key; try again in {retry_after} s")]
    TooOften {
        /// Seconds after which there is another turn.
        retry_after: u64,
    },
    /// The vault fails.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl EnterError {
    /// Seconds after which it is worth to try again, where that helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Limited { retry_after }
            | Self::TooOften { retry_after }
            | Self::Vault(VaultError::Store(StoreError::Unavailable { retry_after })) => Some(*retry_after),
            Self::Vault(VaultError::Busy) => Some(BUSY),
            _ => None,
        }
    }

    /// What the audit log calls it.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::NoKey | Self::BadKey => "no_key",
            Self::BadAddress(_) | Self::NoAddress => "bad_address",
            Self::Refused(_) => "key_refused",
            Self::NotThere(_) => "not_the_service",
            Self::Unreachable(_) | Self::Limited { .. } => "not_tried",
            Self::TooOften { .. } => "too_often",
            Self::Vault(_) => "not_stored",
        }
    }
}

impl From<TrialError> for EnterError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Refused(why) => Self::Refused(why),
            TrialError::NotThere(why) => Self::NotThere(why),
            TrialError::Unreachable(why) => Self::Unreachable(why),
            TrialError::Limited { retry_after } => Self::Limited { retry_after },
        }
    }
}
