//! Dates and times in texts: read, changed, written.
use super::edges::Layout;
use super::expr::Names;
use super::pieces::{Pieces, Wanted};
use super::prior::Counts;

/// A date of the input as it stands in the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Date;

impl Date {
    /// Its text on a row.
    pub fn eval(&self, _row: &[String]) -> Option<String> {
        None
    }
    /// As an expression of the language.
    pub fn source(&self, _names: &Names) -> String {
        String::new()
    }
    /// Adds its features.
    pub fn features(&self, _c: &mut Counts) {}
}

/// Adds the pieces that are dates.
pub fn pieces(_w: &Wanted<'_>, _layouts: &[Layout], _out: &mut Pieces) {}
