//! Text to tokens. Total: every text has tokens, and what is wrong with it is said on the side.
//!
//! Comments never reach the parser; they are kept in a table by position, from which the formatter puts them back.
//! A run of `///` lines is remembered under the position of the token that follows it, so that the builder finds it
//! when a statement begins there. Slips with an evident meaning (`&&`, `'text'`, ..) are reported and read as meant,
//! so that one slip is one error.

use super::ast::{Comment, Name};
use super::token::Tok;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use logos::Logos;
use std::collections::HashMap;

/// A token with what the layout filter has to know about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'s> {
    pub tok: Tok<'s>,
    pub start: u32,
    pub end: u32,
    /// Whether it stands on a later line than the token before it.
    pub newline: bool,
}

/// All that a text consists of.
#[derive(Debug, Default)]
pub(crate) struct Lexed<'s> {
    pub toks: Vec<Raw<'s>>,
    pub comments: Vec<Comment>,
    /// Doc comments by the position of the token after them.
    pub docs: HashMap<u32, Name>,
    pub shebang: Option<String>,
    pub errors: Vec<Diagnostic>,
}

/// Reads the tokens of `text`.
pub(crate) fn lex(file: FileId, text: &str) -> Lexed<'_> {
    let mut out = Lexed { toks: Vec::with_capacity(text.len() / 4), ..Lexed::default() };
    let mut lexer = Tok::lexer(text);
    if text.starts_with("#!") {
        let line = text.lines().next().unwrap_or("");
        out.shebang = Some(line.trim_end().to_string());
        lexer.bump(line.len());
    }
    let mut state = State { newlines: 0, code_on_line: false, doc: String::new() };
    while let Some(tok) = lexer.next() {
        let span = lexer.span();
        let at = Span::new(file, span.start, span.end);
        match tok {
            Ok(Tok::Newline) => state.newline(),
            Ok(Tok::Comment) => {
                let text = lexer.slice().trim_end();
                let at = Span::new(file, span.start, span.start + text.len());
                state.comment(text);
                out.comments.push(Comment { span: at, text: text.to_string(), trailing: state.code_on_line });
            }
            Ok(tok) => {
                if let Some(tok) = mend(tok, lexer.slice(), at, &mut out.errors) {
                    state.token(&mut out, tok, at);
                }
            }
            Err(()) => {
                if unknown(text, at, &mut out) {
                    state.token(&mut out, Tok::Bad, at);
                }
            }
        }
    }
    out
}

/// What stands between the last token and here.
struct State {
    newlines: u32,
    code_on_line: bool,
    doc: String,
}

impl State {
    fn newline(&mut self) {
        self.newlines += 1;
        self.code_on_line = false;
        // The newline that ends a doc line is the first after it; a second one makes an empty line.
        if !self.doc.is_empty() && self.doc.ends_with('\n') {
            self.doc.clear();
        } else if !self.doc.is_empty() {
            self.doc.push('\n');
        }
    }

    fn comment(&mut self, text: &str) {
        let doc = text.strip_prefix("///").filter(|rest| !rest.starts_with('/') && !self.code_on_line);
        match doc {
            // A mark before each line keeps an empty doc line apart from no doc at all.
            Some(line) => {
                self.doc.push('\u{1}');
                self.doc.push_str(line.strip_prefix(' ').unwrap_or(line));
            }
            None => self.doc.clear(),
        }
    }

    fn token<'s>(&mut self, out: &mut Lexed<'s>, tok: Tok<'s>, at: Span) {
        if !self.doc.is_empty() {
            let doc = std::mem::take(&mut self.doc).replace('\u{1}', "");
            out.docs.insert(at.start, Name::from(doc.strip_suffix('\n').unwrap_or(&doc)));
        }
        out.toks.push(Raw { tok, start: at.start, end: at.end, newline: self.newlines > 0 });
        self.newlines = 0;
        self.code_on_line = true;
    }
}

/// Reports a slip and returns the token that was meant; `None` drops it.
fn mend<'s>(tok: Tok<'s>, text: &'s str, at: Span, errors: &mut Vec<Diagnostic>) -> Option<Tok<'s>> {
    let (error, meant) = match tok {
        Tok::AndAnd => (foreign(at, "&&", "and"), Some(Tok::And)),
        Tok::OrOr => (foreign(at, "||", "or"), Some(Tok::Or)),
        Tok::Bang => (foreign(at, "!", "not"), Some(Tok::Not)),
        Tok::Hash => {
            (Diagnostic::new("E0005", at, "a comment starts with `//`, not with `#`").help("write `// ..`"), None)
        }
        Tok::Quoted => (
            Diagnostic::new("E0004", at, "text stands in double quotes, not in single ones").help("write `\"..\"`"),
            Some(Tok::Str(text)),
        ),
        Tok::Unclosed => (
            Diagnostic::new("E0004", at, "this text is not closed on its line")
                .help("end it with `\"`; a line break inside text is written `\\n`"),
            Some(Tok::Str(text)),
        ),
        Tok::BadNumber => {
            let error = Diagnostic::new("E0003", at, format!("`{}` is not a number", shorten(text)));
            (
                error.help("numbers look like 42, 1_000, 0x2a, 2.5, 1e-3 or 22.5deg; names begin with a letter"),
                Some(Tok::Bad),
            )
        }
        tok => return Some(tok),
    };
    errors.push(error);
    meant
}

fn foreign(at: Span, written: &str, meant: &str) -> Diagnostic {
    Diagnostic::new("E0005", at, format!("there is no operator `{written}`")).help(format!("write `{meant}`"))
}

/// Reports characters that begin no token; neighbours share one report. Returns whether this one is the first.
fn unknown(text: &str, at: Span, out: &mut Lexed<'_>) -> bool {
    if let (Some(last), Some(error)) = (out.toks.last_mut(), out.errors.last_mut())
        && last.tok == Tok::Bad
        && last.end == at.start
        && error.span().end == at.start
        && let Some(label) = error.labels.first_mut()
    {
        last.end = at.end;
        label.span.end = at.end;
        return false;
    }
    let written = text.get(at.start as usize..at.end as usize).unwrap_or("");
    let error = Diagnostic::new("E0005", at, format!("`{}` means nothing here", shorten(written).escape_debug()));
    out.errors.push(match written {
        "?" => error.help("a hole is written `??`"),
        "\\" => error.help("a function is written `fn(x) { .. }`; a line goes on after an operator or inside brackets"),
        _ if !written.is_ascii() => error.help("names are made of a-z, A-Z, 0-9 and `_`; other letters belong in text"),
        _ => error,
    });
    true
}

/// At most twenty characters, for a message.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(20) {
        Some((cut, _)) => format!("{}..", &text[..cut]),
        None => text.to_string(),
    }
}
