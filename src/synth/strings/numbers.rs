//! Numbers in texts: read, changed, written.
use super::edges::Layout;
use super::expr::Names;
use super::pieces::{Pieces, Wanted};
use super::prior::Counts;

/// A number of the input as it stands in the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Number;

impl Number {
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

/// Adds the pieces that are numbers.
pub fn pieces(_w: &Wanted<'_>, _layouts: &[Layout], _out: &mut Pieces) {}
