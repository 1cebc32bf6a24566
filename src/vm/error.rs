//! An error of a running program, with its place.

use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::vm::limits::Fail;
use std::fmt;

/// Why a program stopped, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    /// What happened.
    pub fail: Fail,
    /// The place in the source.
    pub span: Span,
    /// The calls that led there, innermost first: the function called, and where. At most [`RunError::TRACE`].
    pub trace: Vec<(Name, Span)>,
}

impl RunError {
    /// How many calls a trace names.
    pub const TRACE: usize = 20;

    /// An error outside any function.
    pub fn new(fail: Fail) -> RunError {
        RunError { fail, span: Span::default(), trace: Vec::new() }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fail.code, self.fail.message)
    }
}

impl std::error::Error for RunError {}

impl From<RunError> for Diagnostic {
    fn from(e: RunError) -> Diagnostic {
        let mut d = Diagnostic::new(e.fail.code, e.span, e.fail.message);
        d.help = e.fail.help;
        if let Some(at) = e.fail.at {
            let (span, label) = *at;
            d = d.also(span, label);
        }
        for (name, span) in e.trace {
            d = d.also(span, format!("in `{name}`, called here"));
        }
        d
    }
}

/// What an error inside a call of a function value is to the builtin that made the call.
impl From<RunError> for Fail {
    fn from(e: RunError) -> Fail {
        e.fail
    }
}
