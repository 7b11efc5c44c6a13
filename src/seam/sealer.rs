//! Sealing what is given out and taken back: nobody without the key can read, change or make it.

use super::ToolError;
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

/// Seals bytes into a text, and opens such texts again.
pub trait Seal: Send + Sync {
    /// As [`Sealer::seal`].
    ///
    /// # Errors
    /// There is more than a text may hold.
    fn seal(&self, purpose: &'static str, context: &[u8], plain: &[u8]) -> Result<String, TooLongToSeal>;

    /// As [`Sealer::open`].
    ///
    /// # Errors
    /// The text is none that was sealed here for this purpose and context.
    fn open(
        &self,
        purpose: &'static str,
        context: &[u8],
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, NotSealedHere>;
}

/// What seals for a plug-in. A text opens only under the purpose and the context that it was sealed for; that it is
/// still in time, and was not used before, is for its owner to check.
#[derive(Clone)]
pub struct Sealer(Arc<dyn Seal>);

impl Sealer {
    /// A sealer on these keys.
    #[must_use]
    pub fn new(keys: impl Seal + 'static) -> Self {
        Self(Arc::new(keys))
    }

    /// Seals bytes into a text of letters, digits, `-` and `_`. `purpose` names the plug-in and the kind of text, as
    /// in `twenty/plan`; `context` is what the text is bound to, such as the caller, and need not be kept with it.
    ///
    /// # Errors
    /// There is more than a text may hold: 48 KiB less 33 bytes.
    pub fn seal(&self, purpose: &'static str, context: &[u8], plain: &[u8]) -> Result<String, TooLongToSeal> {
        self.0.seal(purpose, context, plain)
    }

    /// Opens a text that was sealed for the same purpose and context; the bytes are wiped when they are dropped.
    ///
    /// # Errors
    /// It is no such text.
    pub fn open(
        &self,
        purpose: &'static str,
        context: &[u8],
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, NotSealedHere> {
        self.0.open(purpose, context, text)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// There is more to seal than a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is too much for one sealed text")]
pub struct TooLongToSeal;

impl From<TooLongToSeal> for ToolError {
    fn from(error: TooLongToSeal) -> Self {
        Self::limited(error).hint("ask for less in one call")
    }
}

/// A text that does not open, for whatever reason: telling it apart would help only those who forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this was not given out here, or to somebody else, or for something else")]
pub struct NotSealedHere;
