//! The classes of tokens, for a shell that colours what is typed.

use super::token::{KEYWORDS, Tok, fixed};
use logos::Logos;
use std::ops::Range;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenClass {
    /// A word of the language.
    Keyword,
    /// A name.
    Name,
    /// A number or an angle.
    Number,
    /// A text in quotes.
    Str,
    /// A comment, or the `#!` line.
    Comment,
    /// `??`, `??name` or the opening of a choice.
    Hole,
    /// An operator or a separator.
    Operator,
    /// A bracket.
    Bracket,
    /// What is not nsp.
    Error,
}

/// The tokens of a text with their bytes; between them stand only blanks. Total.
pub fn tokens(text: &str) -> Vec<(TokenClass, Range<usize>)> {
    let mut out: Vec<(TokenClass, Range<usize>)> = Vec::new();
    let mut lexer = Tok::lexer(text);
    if text.starts_with("#!") {
        let len = text.lines().next().unwrap_or("").len();
        out.push((TokenClass::Comment, 0..len));
        lexer.bump(len);
    }
    let mut path = false;
    while let Some(tok) = lexer.next() {
        if tok == Ok(Tok::Newline) {
            continue;
        }
        let word = lexer.slice();
        let class = tok.map_or(TokenClass::Error, class);
        if class == TokenClass::Str
            && let Some((last, range)) = out.last_mut()
            && matches!(text.get(range.clone()), Some("import" | "test"))
        {
            // Words of the language before a string only.
            *last = TokenClass::Keyword;
            path = true;
        } else if path && word == "as" {
            out.push((TokenClass::Keyword, lexer.span()));
            path = false;
            continue;
        } else {
            path = false;
        }
        out.push((class, lexer.span()));
    }
    out
}

fn class(tok: Tok<'_>) -> TokenClass {
    match tok {
        Tok::Comment => TokenClass::Comment,
        Tok::Hash | Tok::Quoted | Tok::Unclosed | Tok::BadNumber | Tok::Bad | Tok::BadStmt => TokenClass::Error,
        Tok::AndAnd | Tok::OrOr | Tok::Bang => TokenClass::Error,
        Tok::Int(_) | Tok::Float(_) | Tok::Angle(_) => TokenClass::Number,
        Tok::Str(_) => TokenClass::Str,
        Tok::Name(_) => TokenClass::Name,
        Tok::Hole(_) | Tok::HoleBrace(_) => TokenClass::Hole,
        tok if tok.opens() || tok.closes() => TokenClass::Bracket,
        tok if KEYWORDS.contains(&fixed(tok)) => TokenClass::Keyword,
        _ => TokenClass::Operator,
    }
}
