//! What a host is told when something goes wrong.

use super::convert::ConvertError;
use crate::diag::Diagnostic;
use crate::source::{SourceMap, Span};
use crate::vm::limits::code;
use std::fmt;

/// Why an evaluation, a call or a conversion failed.
///
/// It owns all it needs to be shown: `Display` gives plain text with line and column.
///
/// ```
/// let error = nsp::Engine::new().eval::<i64>("1 +\n  nothing_here").unwrap_err();
/// assert_eq!(error.kind(), nsp::ErrorKind::Check);
/// assert!(error.to_string().starts_with("<eval>:2:3: "));
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text is not a program.
    Syntax,
    /// Names, types or holes are wrong; nothing was run.
    Check,
    /// The program failed while running, or a host function did.
    Runtime,
    /// A bound of [`Limits`](crate::Limits) was reached.
    Limit(Bound),
    /// The [`Cancel`](crate::Cancel) flag was raised.
    Cancelled,
    /// A value does not fit the Rust type, or the other way round.
    Convert,
    /// A file could not be read or written, or was not granted.
    Io,
}

/// The bounds of [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Operations.
    Ops,
    /// Bytes of live data.
    Memory,
    /// Calls inside calls.
    Depth,
    /// Wall time.
    Time,
}

/// The code of conversion errors.
pub(super) const CONVERT: &str = "E0800";
/// The code of what a host asks for in vain: a name that is not bound, a signature that cannot be read.
pub(super) const HOST: &str = "E0801";

impl Error {
    /// An error from diagnostics and the texts that they point into.
    pub fn new(diagnostics: Vec<Diagnostic>, sources: SourceMap) -> Error {
        Error(Box::new(Inner { diagnostics, sources }))
    }

    /// A conversion that failed, outside any text.
    pub(super) fn convert(e: ConvertError) -> Error {
        let mut d = Diagnostic::new(CONVERT, Span::default(), e.to_string());
        d.labels.clear();
        d.help = e.help.map(str::to_string);
        Error::new(vec![d], SourceMap::default())
    }

    /// A request of the host that cannot be met.
    pub(super) fn host(message: impl Into<String>) -> Error {
        let mut d = Diagnostic::new(HOST, Span::default(), message);
        d.labels.clear();
        Error::new(vec![d], SourceMap::default())
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Error {
        if let Some(d) = self.0.diagnostics.first_mut() {
            d.help = Some(text.into());
        }
        self
    }

    /// All that was found, at least one.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// The texts that the diagnostics point into.
    pub fn sources(&self) -> &SourceMap {
        &self.0.sources
    }

    /// Drawn for a person, with the lines of source that it is about; in colour for a terminal.
    ///
    /// ```
    /// let error = nsp::Engine::new().run("1 + nothing_here").unwrap_err();
    /// assert!(error.render(false).contains("1 + nothing_here"));
    /// ```
    pub fn render(&self, color: bool) -> String {
        self.diagnostics().iter().map(|d| crate::diag::render::render(d, &self.0.sources, color)).collect()
    }

    /// The code of the first diagnostic, such as `E0402`.
    pub fn code(&self) -> &'static str {
        self.0.diagnostics.first().map_or(HOST, |d| d.code)
    }

    /// The first message, without its place.
    pub fn message(&self) -> &str {
        self.0.diagnostics.first().map_or("", |d| &d.message)
    }

    /// Line and column of the first diagnostic, both from 1, if it has a place.
    pub fn line_col(&self) -> Option<(usize, usize)> {
        let label = self.0.diagnostics.first()?.labels.first()?;
        self.0.sources.line_col(label.span)
    }

    /// What kind of error the first diagnostic is.
    pub fn kind(&self) -> ErrorKind {
        match self.code() {
            code::CANCELLED => ErrorKind::Cancelled,
            code::OPS => ErrorKind::Limit(Bound::Ops),
            code::MEMORY => ErrorKind::Limit(Bound::Memory),
            code::DEPTH => ErrorKind::Limit(Bound::Depth),
            code::TIME => ErrorKind::Limit(Bound::Time),
            CONVERT => ErrorKind::Convert,
            HOST => ErrorKind::Check,
            c if c.starts_with("E00") => ErrorKind::Syntax,
            c if c.starts_with("E06") => ErrorKind::Io,
            c if c.starts_with("E01") || c.starts_with("E02") || c.starts_with("E03") => ErrorKind::Check,
            _ => ErrorKind::Runtime,
        }
    }

    fn line(&self, d: &Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |span: Span| {
            let name = &self.0.sources.get(span.file)?.name;
            let (line, col) = self.0.sources.line_col(span)?;
            Some(format!("{name}:{line}:{col}: "))
        };
        let place = d.labels.first().and_then(|l| at(l.span)).unwrap_or_default();
        write!(f, "{place}{} [{}]", d.message, d.code)?;
        for (i, l) in d.labels.iter().enumerate().filter(|(_, l)| !l.text.is_empty()) {
            let place = if i == 0 { String::new() } else { at(l.span).unwrap_or_default() };
            write!(f, "\n  {place}{}", l.text)?;
        }
        if let Some(help) = &d.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    /// A line for each diagnostic with its place; remarks and help indented below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, d) in self.0.diagnostics.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            self.line(d, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// As shown to a person, so that `unwrap` and `main` returning it say what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
