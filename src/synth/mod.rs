//! Synthesizers: each joins a [`Domain`](crate::domain::Domain) to a search and is exposed as a builtin.
//!
//! [`fill`] completes any sketch whose holes are expressions, numbers or choices; [`strings`] is the corpus command
//! over it. All take a [`Budget`](crate::search::Budget) and return a [`Report`](report::Report), also when they fail.

pub mod build;
pub mod complete;
pub mod fill;
pub mod joint;
pub mod loops;
pub mod report;
pub mod strings;
