//! Where a piece of program text stands: [`Span`]s into the texts of a [`SourceMap`].

use std::sync::Arc;

/// Number of a text in a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u32);

/// A range of bytes `start..end` of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// No place in particular: what was not written by anybody.
    pub const NOWHERE: Span = Span { file: FileId(u32::MAX), start: 0, end: 0 };

    /// Bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        Span { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One text: a file, or a line typed into a shell.
#[derive(Debug)]
pub struct Source {
    /// A path, or a name in angle brackets such as `<shell>`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// The texts that spans point into. Cloning is cheap, texts are shared.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: imbl::Vector<Arc<Source>>,
}

impl SourceMap {
    /// Adds a text and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push_back(Arc::new(Source { name: name.into(), text: text.into() }));
        id
    }

    /// The text with this number, if it is one of this map's.
    pub fn get(&self, id: FileId) -> Option<&Arc<Source>> {
        self.files.get(id.0 as usize)
    }

    /// Line and column of a span's start, both from 1; the column counts characters.
    pub fn line_col(&self, span: Span) -> Option<(usize, usize)> {
        let text = &self.get(span.file)?.text;
        let upto = text.get(..span.start as usize)?;
        let line = upto.matches('\n').count() + 1;
        let col = upto.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Some((line, col))
    }
}
