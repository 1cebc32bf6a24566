//! Text to tree.
//!
//! The statements of a file are parsed one by one. Where one has an error, the innermost statement around it is cut
//! out and the rest is parsed again, so that a file gives several errors, at most one a statement, and every other
//! statement stands in the tree.

use super::ast::*;
use super::build::Builder;
use super::explain::explain;
use super::layout::{Layout, layout};
use super::lexer::lex;
use super::token::{Spanned, Tok};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use lalrpop_util::ParseError;
use std::convert::Infallible;
use std::ops::Range;

/// The parser that lalrpop makes of `grammar/nsp.lalrpop`. It is kept beside the grammar, so that a build does not need
/// lalrpop; `tests/grammar.rs` sees to it that they agree and writes it anew.
#[allow(missing_docs, unreachable_pub, clippy::all, unused)]
mod grammar {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/nsp.rs"));
}

/// After this many errors the rest of a text is only looked through for brackets.
const MAX_ERRORS: usize = 100;

/// How many tokens may be read again to find further errors, beyond the length of the text.
const MAX_REREAD: usize = 2_000_000;

/// What came of a text.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; where `errors` are, it has [`ExprKind::Error`] and [`StmtKind::Error`].
    pub ast: Ast,
    /// What is wrong, in order of position.
    pub errors: Vec<Diagnostic>,
    /// Whether the text could go on: it ends inside a bracket or after an operator, and nothing else is wrong.
    pub incomplete: bool,
}

/// Parses a whole text. Total: it returns on every input, with errors on what is not nsp.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if u32::try_from(text.len()).is_err() {
        let error = Diagnostic::new("E0006", Span::new(file, 0, 0), "a program may have at most 4 GiB of text");
        return Parsed { ast: Ast::default(), errors: vec![error], incomplete: false };
    }
    let mut lexed = lex(file, text);
    let mut laid = layout(file, &lexed);
    let mut parser = Parser::new(file, &laid, Builder::new(file, std::mem::take(&mut lexed.docs)));
    let root = parser.file();
    let Parser { builder, at_end, errors, .. } = parser;
    let mut ast = builder.ast;
    ast.root = root;
    ast.comments = lexed.comments;
    ast.shebang = lexed.shebang;

    let mut rest = lexed.errors;
    rest.append(&mut laid.errors);
    rest.extend(errors);
    rest.extend(builder.errors);
    let open = !laid.unclosed.is_empty() || laid.dangling;
    let incomplete = open && rest.is_empty();
    // An unclosed bracket says enough about a text that ends too early.
    rest.extend(if laid.unclosed.is_empty() { at_end } else { laid.unclosed });
    rest.sort_by_key(|e| (e.span().start, e.span().end));
    rest.truncate(MAX_ERRORS);
    Parsed { ast, errors: rest, incomplete }
}

/// Parses a type, such as `[(str, int)]`.
pub fn parse_type(file: FileId, text: &str) -> Result<(Ast, TypeId), Diagnostic> {
    let before = [Tok::Let, Tok::Name("_"), Tok::Colon];
    let after = [Tok::Assign, Tok::LParen, Tok::RParen];
    let (ast, stmt) = parse_inside(file, text, &before, &after)?;
    match ast.stmt(stmt).kind {
        StmtKind::Let { ty: Some(ty), .. } => Ok((ast, ty)),
        _ => Err(Diagnostic::new("E0001", Span::new(file, 0, text.len()), "this is not a type")),
    }
}

/// Parses a signature, such as `(s: str, i: int = 1) -> str`: its parameters and result. A signature without `->` has
/// the result `unit`.
pub fn parse_signature(text: &str) -> Result<(Ast, Vec<Param>, TypeId), Diagnostic> {
    let file = FileId::default();
    let (mut ast, stmt) = parse_inside(file, text, &[Tok::Fn], &[Tok::LBrace, Tok::RBrace])?;
    if let StmtKind::Expr(e) = ast.stmt(stmt).kind
        && let ExprKind::Fn(def) = &ast.expr(e).kind
    {
        let (params, ret) = (def.params.clone(), def.ret);
        let ret = ret.unwrap_or_else(|| {
            let kind = TypeKind::Name(Name::from("unit"));
            ast.types.push(TypeExpr { kind, span: Span::new(file, text.len(), text.len()) });
            TypeId(ast.types.len() as u32 - 1)
        });
        return Ok((ast, params, ret));
    }
    Err(Diagnostic::new("E0001", Span::new(file, 0, text.len()), "this is not a signature"))
}

/// Whether a line begins with an operator that cannot begin an expression, and so continues the line before it; in a
/// shell, the last value.
pub fn continues(text: &str) -> bool {
    lex(FileId::default(), text).toks.first().is_some_and(|raw| raw.tok.continues_before())
}

/// Parses a part of a statement by putting the rest of one around it.
fn parse_inside<'s>(
    file: FileId,
    text: &'s str,
    before: &[Tok<'s>],
    after: &[Tok<'s>],
) -> Result<(Ast, StmtId), Diagnostic> {
    let lexed = lex(file, text);
    let mut laid = layout(file, &lexed);
    let end = text.len() as u32;
    laid.toks.splice(0..0, before.iter().map(|t| (0, *t, 0)));
    laid.toks.extend(after.iter().map(|t| (end, *t, end)));
    let mut parser = Parser::new(file, &laid, Builder::new(file, Default::default()));
    let root = parser.file();
    let errors = lexed.errors.iter().chain(&laid.errors).chain(&laid.unclosed);
    let errors = errors.chain(&parser.errors).chain(&parser.at_end).chain(&parser.builder.errors);
    match (errors.min_by_key(|e| e.span().start), root.as_slice()) {
        (None, [stmt]) => Ok((parser.builder.ast, *stmt)),
        (Some(error), _) => Err(error.clone()),
        (None, _) => Err(Diagnostic::new("E0001", Span::new(file, 0, text.len()), "one line is wanted here")),
    }
}

struct Parser<'l, 's> {
    file: FileId,
    toks: &'l [Spanned<'s>],
    builder: Builder<'s>,
    errors: Vec<Diagnostic>,
    /// Errors that say no more than that the text ends too early.
    at_end: Vec<Diagnostic>,
    reread: usize,
}

impl<'l, 's> Parser<'l, 's> {
    fn new(file: FileId, laid: &'l Layout<'s>, builder: Builder<'s>) -> Parser<'l, 's> {
        Parser { file, toks: &laid.toks, builder, errors: Vec::new(), at_end: Vec::new(), reread: 0 }
    }

    fn file(&mut self) -> Vec<StmtId> {
        let mut root = Vec::new();
        let mut start = 0;
        let mut depth = 0usize;
        for (i, (_, tok, _)) in self.toks.iter().enumerate() {
            match tok {
                Tok::Sep if depth == 0 => {
                    root.push(self.statement(start..i));
                    start = i + 1;
                }
                t if t.opens() => depth += 1,
                t if t.closes() => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if start < self.toks.len() {
            root.push(self.statement(start..self.toks.len()));
        }
        root
    }

    /// Parses the tokens `seg`, one statement.
    fn statement(&mut self, seg: Range<usize>) -> StmtId {
        let mark = self.builder.mark();
        let mut cuts: Vec<Range<usize>> = Vec::new();
        loop {
            if self.errors.len() >= MAX_ERRORS {
                return self.wrong(seg);
            }
            let toks = Cut { toks: self.toks, next: seg.start, end: seg.end, cuts: &cuts };
            let at = match grammar::StmtParser::new().parse(&mut self.builder, toks) {
                Ok(id) => return id,
                Err(error) => self.failed(&seg, error),
            };
            self.builder.rewind(mark);
            let cut = innermost(self.toks, &seg, at);
            self.reread += seg.len();
            // A cut that cuts nothing new would be made for ever.
            if cut == seg || self.reread > MAX_REREAD || cuts.contains(&cut) {
                return self.wrong(seg);
            }
            cuts.retain(|c| c.end <= cut.start || cut.end <= c.start);
            let place = cuts.partition_point(|c| c.start < cut.start);
            cuts.insert(place, cut);
        }
    }

    fn wrong(&mut self, seg: Range<usize>) -> StmtId {
        let (l, r) = match self.toks.get(seg) {
            Some([first, .., last]) => (first.0, last.2),
            Some([only]) => (only.0, only.2),
            _ => (0, 0),
        };
        self.builder.stmt(StmtKind::Error, l, r)
    }

    /// Reports an error and returns the index of the token where it was found.
    fn failed(&mut self, seg: &Range<usize>, error: ParseError<u32, Tok<'s>, Infallible>) -> usize {
        let (at, expected) = match error {
            ParseError::UnrecognizedToken { token, expected } => {
                let mut at = self.toks.partition_point(|t| t.0 < token.0).clamp(seg.start, seg.end - 1);
                while at + 1 < seg.end && self.toks[at] != token && self.toks[at].0 == token.0 {
                    at += 1;
                }
                (at, expected)
            }
            ParseError::UnrecognizedEof { expected, .. } => (seg.end, expected),
            ParseError::InvalidToken { .. } | ParseError::ExtraToken { .. } => (seg.end, Vec::new()),
            ParseError::User { error } => match error {},
        };
        match self.toks.get(at) {
            // The text ends here.
            None => self.at_end.push(explain(self.file, self.toks, at, &expected)),
            // Made up for a missing closer, or not understood by the lexer: reported already.
            Some((l, t, r)) if (t.closes() && l == r) || *t == Tok::Bad => {}
            Some(_) => self.errors.push(explain(self.file, self.toks, at, &expected)),
        }
        at
    }
}

/// The innermost statement around token `at` of the statement `seg`.
fn innermost(toks: &[Spanned<'_>], seg: &Range<usize>, at: usize) -> Range<usize> {
    let mut start = at.min(seg.end);
    // Closers to the left that have not met their openers.
    let mut closed = 0usize;
    loop {
        if start == seg.start {
            return seg.clone();
        }
        // A closer right after its opener leaves no statement to cut.
        let empty = start == at && toks.get(at).is_none_or(|t| t.1.closes());
        match toks[start - 1].1 {
            // Separators stand in blocks only, so this one is of the block around the error.
            Tok::Sep | Tok::LBrace if closed == 0 && !empty => break,
            t if t.opens() => closed = closed.saturating_sub(1),
            t if t.closes() => closed += 1,
            _ => {}
        }
        start -= 1;
    }
    let mut open = 0usize;
    let mut end = start;
    while end < seg.end {
        match toks[end].1 {
            Tok::Sep if open == 0 => break,
            t if t.opens() => open += 1,
            t if t.closes() && open == 0 => break,
            t if t.closes() => open -= 1,
            _ => {}
        }
        end += 1;
    }
    start..end
}

/// The tokens of a statement, each cut replaced by [`Tok::BadStmt`].
struct Cut<'c, 's> {
    toks: &'c [Spanned<'s>],
    next: usize,
    end: usize,
    cuts: &'c [Range<usize>],
}

impl<'s> Iterator for Cut<'_, 's> {
    type Item = Result<Spanned<'s>, Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        if let Some((cut, rest)) = self.cuts.split_first()
            && cut.start == self.next
        {
            self.cuts = rest;
            self.next = cut.end;
            let (first, last) = (self.toks.get(cut.start)?, self.toks.get(cut.end - 1)?);
            return Some(Ok((first.0, Tok::BadStmt, last.2)));
        }
        let tok = self.toks.get(self.next)?;
        self.next += 1;
        Some(Ok(*tok))
    }
}
