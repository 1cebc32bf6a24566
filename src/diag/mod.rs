//! What went wrong, for people and for programs: one [`Diagnostic`] type for all stages.
//!
//! A stage's own error becomes a `Diagnostic` in one place; [`render`] alone knows how it is drawn.

pub mod render;

use crate::source::Span;

/// A message about a place in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code, such as `E0101`. `E00..` syntax, `E01..` names, `E02..` types, `E03..` holes, `E04..` run time,
    /// `E05..` limits, `E06..` files, `E07..` synthesis,
    /// `E08..` export.
    pub code: &'static str,
    /// One line, lower case, naming the thing.
    pub message: String,
    /// Places, the first is the one to look at.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is said there; may be empty.
    pub text: String,
}

impl Diagnostic {
    /// A message at `span`.
    pub fn new(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), labels: vec![Label { span, text: String::new() }], help: None }
    }

    /// Sets the remark at the main place.
    pub fn here(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds another place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Sets the suggestion.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// The main place.
    pub fn span(&self) -> Span {
        self.labels.first().map(|l| l.span).unwrap_or_default()
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
