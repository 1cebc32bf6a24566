//! Searches, written once over [`Domain`](crate::domain::Domain): they know no particular domain.

pub mod budget;
pub mod enumerate;
pub mod paths;

pub use budget::{Budget, Stop};
pub use enumerate::{Enumerator, TermId};
