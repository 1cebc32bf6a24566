//! Synthesis.
use super::Op;
/// Operations that find programs.
pub fn ops() -> Vec<Op> {
    Vec::new()
}
