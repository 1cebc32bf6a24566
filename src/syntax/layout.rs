//! Newlines and brackets: what stands between the lexer and the grammar.
//!
//! The filter keeps a stack of open brackets. A newline ends a statement at top level and directly inside a block's
//! `{`, and nowhere else; `;` is the same. A line goes on after an operator and before one that cannot begin an
//! expression. The parser sees one [`Tok::Sep`] between two statements, none before the first or after the last, and
//! brackets that always match: what is not closed is closed here and reported, what closes nothing is dropped and
//! reported.

use super::lexer::{Lexed, Raw};
use super::token::{Spanned, Tok};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

/// Deepest nesting of brackets.
const MAX_BRACKETS: usize = 1_000;

/// The tokens that the parser reads.
#[derive(Debug, Default)]
pub(crate) struct Layout<'s> {
    pub toks: Vec<Spanned<'s>>,
    pub errors: Vec<Diagnostic>,
    /// One for each bracket that is open where the text ends.
    pub unclosed: Vec<Diagnostic>,
    /// Whether the text ends after a token that goes on in the next line.
    pub dangling: bool,
}

/// Applies the newline rule and matches the brackets.
pub(crate) fn layout<'s>(file: FileId, lexed: &Lexed<'s>) -> Layout<'s> {
    let mut filter = Filter { file, out: Layout::default(), open: Vec::new(), sep: false, gave_up: false };
    filter.out.toks.reserve(lexed.toks.len() + lexed.toks.len() / 8);
    for (i, raw) in lexed.toks.iter().enumerate() {
        let next = lexed.toks.get(i + 1).filter(|raw| !raw.newline).map(|raw| raw.tok);
        if !filter.token((raw.start, filter.word(raw, next), raw.end), raw.newline, next) {
            filter.gave_up = true;
            break;
        }
    }
    filter.end()
}

struct Filter<'s> {
    file: FileId,
    out: Layout<'s>,
    open: Vec<Spanned<'s>>,
    /// A `;` was read.
    sep: bool,
    /// Brackets were too deep; what follows is not read.
    gave_up: bool,
}

impl<'s> Filter<'s> {
    fn last(&self) -> Option<Tok<'s>> {
        self.out.toks.last().map(|t| t.1)
    }

    fn span(&self, tok: Spanned<'s>) -> Span {
        Span { file: self.file, start: tok.0, end: tok.2 }
    }

    /// Whether statements are separated here.
    fn in_block(&self) -> bool {
        self.open.last().is_none_or(|t| t.1 == Tok::LBrace)
    }

    /// Words that are keywords only beside a string on the same line.
    fn word(&self, raw: &Raw<'s>, next: Option<Tok<'s>>) -> Tok<'s> {
        match raw.tok {
            Tok::Name("import") if matches!(next, Some(Tok::Str(_))) => Tok::Import,
            Tok::Name("test") if matches!(next, Some(Tok::Str(_))) => Tok::Test,
            Tok::Name("as") if !raw.newline => match self.out.toks.as_slice() {
                [.., (_, Tok::Import, _), (_, Tok::Str(_), _)] => Tok::As,
                _ => raw.tok,
            },
            tok => tok,
        }
    }

    /// Takes the next token; `false` gives up on the rest of the text.
    fn token(&mut self, tok: Spanned<'s>, newline: bool, next: Option<Tok<'s>>) -> bool {
        let begins = newline && begins_statement(tok.1, next);
        if begins && !self.in_block() {
            self.close_before(tok);
        }
        let ended = self.sep || (newline && self.ends_line(tok, begins));
        if ended && self.in_block() {
            self.separate(tok.1);
        }
        self.sep = false;
        match tok.1 {
            Tok::Semi if self.in_block() => self.sep = true,
            Tok::Semi => {
                let error = Diagnostic::new("E0001", self.span(tok), "`;` cannot stand inside brackets");
                self.out.errors.push(error.help("elements are separated by `,`"));
                self.out.toks.push((tok.0, Tok::Bad, tok.2));
            }
            t if t.opens() => {
                if self.open.len() >= MAX_BRACKETS {
                    let message = format!("brackets are nested more than {MAX_BRACKETS} deep");
                    self.out.errors.push(Diagnostic::new("E0006", self.span(tok), message));
                    return false;
                }
                self.open.push(tok);
                self.out.toks.push(tok);
            }
            t if t.closes() => self.close(tok, next),
            _ => self.out.toks.push(tok),
        }
        true
    }

    /// Whether the newline before `tok` ends the line before it.
    fn ends_line(&mut self, tok: Spanned<'s>, begins: bool) -> bool {
        if begins {
            return true;
        }
        if tok.1 == Tok::Else && self.in_block() && self.last() == Some(Tok::RBrace) {
            let error = Diagnostic::new("E0008", self.span(tok), "`else` stands on the line of the `}` before it");
            self.out.errors.push(error.help("write `} else {`; a newline after `}` ends the `if`"));
            return false;
        }
        !tok.1.continues_before() && !self.last().is_some_and(Tok::continues_after)
    }

    fn separate(&mut self, next: Tok<'s>) {
        let Some(&(_, last, end)) = self.out.toks.last() else { return };
        if last != Tok::LBrace && last != Tok::Sep && next != Tok::RBrace && next != Tok::Semi {
            self.out.toks.push((end, Tok::Sep, end));
        }
    }

    /// A statement begins inside `(`, `[` or `??{`: the closer was forgotten.
    fn close_before(&mut self, tok: Spanned<'s>) {
        let at = self.span(tok);
        while !self.in_block() {
            let error = self.close_missing();
            self.out.errors.extend(error.map(|e| e.also(at, "a statement begins here")));
        }
    }

    /// Closes the innermost bracket where the last token ends.
    fn close_missing(&mut self) -> Option<Diagnostic> {
        let opener = self.open.pop()?;
        let (written, closer) = match opener.1 {
            Tok::LParen => ("(", Tok::RParen),
            Tok::LBracket => ("[", Tok::RBracket),
            Tok::LBrace => ("{", Tok::RBrace),
            _ => ("??{", Tok::RBrace),
        };
        let end = self.out.toks.last().map_or(opener.2, |t| t.2);
        self.push_closer((end, closer, end));
        Some(Diagnostic::new("E0002", self.span(opener), format!("this `{written}` is never closed")))
    }

    fn close(&mut self, tok: Spanned<'s>, next: Option<Tok<'s>>) {
        let fits = |open: &Spanned<'s>| match tok.1 {
            Tok::RParen => open.1 == Tok::LParen,
            Tok::RBracket => open.1 == Tok::LBracket,
            _ => matches!(open.1, Tok::LBrace | Tok::HoleBrace(_)),
        };
        let Some(depth) = self.open.iter().rposition(fits) else {
            let written = closer_text(tok.1);
            // One closer was written for another, unless the right one follows.
            if let Some(&opener) = self.open.last().filter(|_| !self.in_block() && next.is_none_or(|t| !t.closes())) {
                self.close_missing();
                let error =
                    Diagnostic::new("E0002", self.span(tok), format!("`{written}` does not close this bracket"));
                self.out.errors.push(error.also(self.span(opener), "opened here"));
                return;
            }
            let error = Diagnostic::new("E0002", self.span(tok), format!("this `{written}` closes nothing"));
            self.out.errors.push(error.help("remove it, or write the bracket that it should close"));
            return;
        };
        while self.open.len() > depth + 1 {
            let at = self.span(tok);
            let text = format!("`{}` found instead", closer_text(tok.1));
            let error = self.close_missing();
            self.out.errors.extend(error.map(|e| e.also(at, text)));
        }
        self.open.pop();
        self.push_closer(tok);
    }

    /// No separator stands before a closer, though a stray closer on a line of its own may have left one.
    fn push_closer(&mut self, tok: Spanned<'s>) {
        if self.last() == Some(Tok::Sep) {
            self.out.toks.pop();
        }
        self.out.toks.push(tok);
    }

    fn end(mut self) -> Layout<'s> {
        self.out.dangling = !self.sep && self.last().is_some_and(Tok::continues_after);
        while let Some(error) = self.close_missing() {
            if !self.gave_up {
                self.out.unclosed.push(error.help("write the closing bracket"));
            }
        }
        self.out
    }
}

fn closer_text(tok: Tok<'_>) -> &'static str {
    match tok {
        Tok::RParen => ")",
        Tok::RBracket => "]",
        _ => "}",
    }
}

/// Whether a line that starts so can only be a new statement, even after an open bracket.
fn begins_statement(tok: Tok<'_>, next: Option<Tok<'_>>) -> bool {
    match tok {
        Tok::Let | Tok::Var | Tok::Return | Tok::Import | Tok::Test => true,
        Tok::Fn => matches!(next, Some(Tok::Name(_))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lexer::lex;

    /// The tokens, one letter for each: `;` a separator, `.` anything else but brackets.
    fn shape(text: &str) -> String {
        let laid = layout(FileId(0), &lex(FileId(0), text));
        let letter = |t: &Spanned<'_>| match t.1 {
            Tok::Sep => ';',
            Tok::LParen => '(',
            Tok::RParen => ')',
            Tok::LBracket => '[',
            Tok::RBracket => ']',
            Tok::LBrace | Tok::HoleBrace(_) => '{',
            Tok::RBrace => '}',
            _ => '.',
        };
        laid.toks.iter().map(letter).collect()
    }

    #[test]
    fn separators() {
        assert_eq!(shape("a\nb\n\nc"), ".;.;.");
        assert_eq!(shape("\n;a;;b;\n"), ".;.");
        assert_eq!(shape("{\na\nb\n}"), "{.;.}");
        assert_eq!(shape("(\na\nb\n)"), "(..)");
        assert_eq!(shape("(fn() {\na\nb\n}\n)"), "(.(){.;.})");
        assert_eq!(shape("??{\na\n|\nb\n}"), "{...}");
        assert_eq!(shape("a\n+ b"), ".;..");
        assert_eq!(shape("a +\nb\n* c"), ".....");
    }

    #[test]
    fn brackets_match() {
        assert_eq!(shape("(a"), "(.)");
        assert_eq!(shape("([{"), "([{}])");
        assert_eq!(shape("a)"), ".");
        assert_eq!(shape("{a\n)\n}"), "{.}");
        assert_eq!(shape("{a\n)"), "{.}");
        assert_eq!(shape("{(a}"), "{(.)}");
        assert_eq!(shape("f(1]"), ".(.)");
        assert_eq!(shape("(a\nlet b"), "(.);..");
        assert_eq!(shape("(a\nfn(b) {})"), "(..(.){})");
    }
}
