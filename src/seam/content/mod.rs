//! What a plug-in shows: text, pictures, sound, resources and links to them.

mod annotations;
mod block;
mod body;
mod contents;
mod icon;
mod link;

pub use annotations::{Annotations, Role};
pub use block::Content;
pub use body::ResourceBody;
pub use contents::Contents;
pub use icon::{Icon, Theme};
pub use link::ResourceLink;
