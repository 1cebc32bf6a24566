//! sql
use super::Program;
use crate::diag::Diagnostic;
use crate::ir::Func;
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    Err(program.refuse(func.span, "x"))
}
