//! A key is tried before it is stored: what does it open?

use super::{BoxFuture, Common, Credential, Pack};

/// What a credential opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// What people call it, as in the name of a workspace; none where the service does not say.
    pub name: Option<String>,
}

/// A key that was tried and is not known to be good. The texts are for the person who entered it; they hold no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// The service does not accept the key.
    #[error("{0}")]
    Refused(String),
    /// What is at the address is not the service, or may not be asked.
    #[error("{0}")]
    NotThere(String),
    /// The service does not answer.
    #[error("{0}")]
    Unreachable(String),
    /// The service has no time for this key just now.
    #[error("the service takes no more requests with this key for now")]
    Limited {
        /// Seconds after which it is worth to ask again.
        retry_after: u64,
    },
}

/// [`Pack::opens`], freed of the pack's type.
pub trait Trial: Send + Sync {
    /// See [`Pack::opens`].
    fn opens<'a>(
        &'a self,
        cx: &'a Common,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Opened, TrialError>>;
}

impl<P: Pack> Trial for P {
    fn opens<'a>(
        &'a self,
        cx: &'a Common,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Opened, TrialError>> {
        Box::pin(Pack::opens(self, cx, credential))
    }
}
