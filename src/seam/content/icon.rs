//! A picture beside a name.

use serde::Serialize;

/// On which ground an icon is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// On a light one.
    Light,
    /// On a dark one.
    Dark,
}

/// A picture that clients may show beside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Icon {
    src: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sizes: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<Theme>,
}

impl Icon {
    /// The picture at an `https:` or `data:` address.
    #[must_use]
    pub const fn new(src: &'static str) -> Self {
        Self { src, mime_type: None, sizes: &[], theme: None }
    }

    /// Its kind, as in `image/png`.
    #[must_use]
    pub const fn mime(mut self, mime: &'static str) -> Self {
        self.mime_type = Some(mime);
        self
    }

    /// Its sizes in pixels, as in `48x48`, or `any`.
    #[must_use]
    pub const fn sizes(mut self, sizes: &'static [&'static str]) -> Self {
        self.sizes = sizes;
        self
    }

    /// The ground that it is made for.
    #[must_use]
    pub const fn theme(mut self, theme: Theme) -> Self {
        self.theme = Some(theme);
        self
    }
}
