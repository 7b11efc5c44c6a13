//! map
#![forbid(unsafe_code)]
pub mod seam;
