//! The text programs that the synthesizer writes: what they mean on a row, and how they are written in the language.
//!
//! The meaning is that of the operations of the table that [`Expr::source`] names; both call the functions of
//! [`crate::text`]. A program that cannot give a result on a row gives `None`, where the language has an error.

use super::pred::Pred;
use super::robustfill::Term;
use crate::builtins::edge::edge_source;
use crate::text::edge::{Edge, Pattern, cut, field, match_of};
use crate::text::token::{Case, Token};
use crate::text::{robustfill, superset};
use std::borrow::Cow;

/// A text program over a row of columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A text.
    Const(String),
    /// A column.
    Column(usize),
    /// The i-th match of a pattern.
    Match(Box<Expr>, Pattern, i32),
    /// The i-th field between separators.
    Field(Box<Expr>, Pattern, i32),
    /// The text between two edges.
    Cut(Box<Expr>, Edge, Edge),
    /// A function of one text.
    Fn(Fun, Box<Expr>),
    /// Pieces of a text, each changed, joined again.
    Loop(Box<Expr>, Split, Each, String),
    /// The first text with something done to it by the second.
    By(By, Box<Expr>, Box<Expr>),
    /// A number read, changed and written.
    Number(Box<super::numbers::Number>),
    /// A date or time read, changed and written.
    Date(Box<super::dates::Date>),
    /// A term of the RobustFill language over a column.
    Robust(usize, Box<Term>),
    /// What a table gives for a text.
    Lookup(Box<Expr>, Vec<(String, String)>),
    /// Texts one after the other.
    Concat(Vec<Expr>),
    /// One program or another.
    If(Box<Pred>, Box<Expr>, Box<Expr>),
}

/// Functions of one text, with their constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // named as the operations they are
pub enum Fun {
    Lower,
    Upper,
    /// A capital, then small letters.
    Proper,
    Title,
    Strip,
    /// Capitals small and small letters capital.
    Swap,
    /// One space between words.
    Squeeze,
    GetAll(Token),
    RemoveAll(Token),
    Replace(String, String),
    PadLeft(u32, char),
    PadRight(u32, char),
}

/// How a loop parts a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// At white space.
    Words,
    /// At a text.
    At(String),
    /// Into pieces of so many characters.
    Chunks(usize),
}

/// What a second text does to a first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The second, wherever it stands, is taken out.
    Without,
    /// What stands before the second; all of it if that is nowhere.
    Before,
    /// What stands after the second, which has to be there.
    After,
    /// All but the first so many characters.
    Drop,
    /// The first so many characters.
    Take,
    /// The last so many characters.
    TakeLast,
    /// All but the last so many.
    DropLast,
    /// The field of that number, between these.
    Field(String),
    /// The match of that number.
    Match(Token),
    /// Filled up to that width from the left.
    PadLeft(char),
    /// Filled up to that width from the right.
    PadRight(char),
}

/// What a loop does to each piece.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Each {
    Same,
    First,
    FirstUpper,
    FirstLower,
    Last,
    Proper,
    Upper,
    Lower,
    Strip,
    DropFirst,
    DropLast,
    Twice,
    Reverse,
    /// A program over the piece as its one column.
    Do(Box<Expr>),
}

impl Fun {
    /// The function's value.
    pub fn apply(&self, s: &str) -> String {
        let mut out = String::new();
        match self {
            Fun::Lower => return s.to_lowercase(),
            Fun::Upper => return s.to_uppercase(),
            Fun::Proper => robustfill::to_case(s, Case::Proper, &mut out),
            Fun::Title => superset::title_case(s, &mut out),
            Fun::Swap => superset::swap_case(s, &mut out),
            Fun::Strip => out.push_str(s.trim()),
            Fun::Squeeze => {
                for (i, w) in s.split_whitespace().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    out.push_str(w);
                }
            }
            Fun::GetAll(t) => robustfill::get_all(s, *t, &mut out),
            Fun::RemoveAll(t) => robustfill::remove_all(s, *t, &mut out),
            Fun::Replace(a, b) => robustfill::replace(s, a, b, &mut out),
            Fun::PadLeft(w, c) => {
                let n = (*w as usize).saturating_sub(s.chars().count());
                out.extend(std::iter::repeat_n(*c, n));
                out.push_str(s);
            }
            Fun::PadRight(w, c) => {
                let n = (*w as usize).saturating_sub(s.chars().count());
                out.push_str(s);
                out.extend(std::iter::repeat_n(*c, n));
            }
        }
        out
    }

    fn source(&self, x: &str) -> String {
        match self {
            Fun::Lower => format!("lower({x})"),
            Fun::Upper => format!("upper({x})"),
            Fun::Proper => format!("to_case({x}, PROPER)"),
            Fun::Title => format!("title_case({x})"),
            Fun::Swap => format!("swap_case({x})"),
            Fun::Strip => format!("strip({x})"),
            Fun::Squeeze => format!("join(words({x}), \" \")"),
            Fun::GetAll(t) => format!("get_all({x}, {t})"),
            Fun::RemoveAll(t) => format!("remove_all({x}, {t})"),
            Fun::Replace(a, b) => format!("replace({x}, {}, {})", quoted(a), quoted(b)),
            Fun::PadLeft(w, c) => format!("pad_left({x}, {w}, {})", quoted(&c.to_string())),
            Fun::PadRight(w, c) => format!("pad_right({x}, {w}, {})", quoted(&c.to_string())),
        }
    }
}

impl Each {
    /// All but programs.
    pub const ALL: [Each; 13] = [
        Each::Same,
        Each::First,
        Each::FirstUpper,
        Each::FirstLower,
        Each::Last,
        Each::Proper,
        Each::Upper,
        Each::Lower,
        Each::Strip,
        Each::DropFirst,
        Each::DropLast,
        Each::Twice,
        Each::Reverse,
    ];

    fn apply(&self, piece: &str, out: &mut String) -> Option<()> {
        match self {
            Each::Same => out.push_str(piece),
            Each::First => out.extend(piece.chars().next()),
            Each::FirstUpper => piece.chars().take(1).for_each(|c| out.extend(c.to_uppercase())),
            Each::FirstLower => piece.chars().take(1).for_each(|c| out.extend(c.to_lowercase())),
            Each::Last => out.extend(piece.chars().last()),
            Each::Proper => robustfill::to_case(piece, Case::Proper, out),
            Each::Upper => out.push_str(&piece.to_uppercase()),
            Each::Lower => out.push_str(&piece.to_lowercase()),
            Each::Strip => out.push_str(piece.trim()),
            Each::DropFirst => out.extend(piece.chars().skip(1)),
            Each::DropLast => {
                let n = piece.chars().count();
                out.extend(piece.chars().take(n.saturating_sub(1)));
            }
            Each::Twice => {
                out.push_str(piece);
                out.push_str(piece);
            }
            Each::Reverse => out.extend(piece.chars().rev()),
            Each::Do(e) => out.push_str(&e.eval(&[piece.to_string()])?),
        }
        Some(())
    }

    fn source(&self) -> String {
        let text = match self {
            Each::Do(e) => return e.source(&Names(vec!["w".into()])),
            Each::Same => "w",
            Each::First => "cut_or(w, at(), at(1))",
            Each::FirstUpper => "upper(cut_or(w, at(), at(1)))",
            Each::FirstLower => "lower(cut_or(w, at(), at(1)))",
            Each::Last => "cut_or(w, at_end(1), at_end())",
            Each::Proper => "to_case(w, PROPER)",
            Each::Upper => "upper(w)",
            Each::Lower => "lower(w)",
            Each::Strip => "strip(w)",
            Each::DropFirst => "cut_or(w, at(1), at_end())",
            Each::DropLast => "cut_or(w, at(), at_end(1))",
            Each::Twice => "w + w",
            Each::Reverse => "reverse(w)",
        };
        text.to_string()
    }
}

/// How the columns of a row are written.
#[derive(Clone, Debug)]
pub struct Names(pub Vec<String>);

impl Names {
    /// The columns of the standing sketches: a text `s`, or a list `row`.
    pub fn standard(columns: usize, listed: bool) -> Names {
        if listed { Names((0..columns).map(|c| format!("row[{c}]")).collect()) } else { Names(vec!["s".into()]) }
    }

    fn column(&self, c: usize) -> &str {
        self.0.get(c).map_or("s", String::as_str)
    }
}

/// A text in quotes.
pub fn quoted(s: &str) -> String {
    let mut out = String::new();
    crate::vm::show::quote(s, &mut out);
    out
}

/// A pattern as the language writes it.
pub(super) fn pattern(p: &Pattern) -> String {
    match p {
        Pattern::Token(t) => t.name().to_string(),
        Pattern::Text(s) => quoted(s),
    }
}

impl Expr {
    /// Its value on a row.
    pub fn eval<'a>(&'a self, row: &'a [String]) -> Option<Cow<'a, str>> {
        Some(match self {
            Expr::Const(s) => Cow::Borrowed(s),
            Expr::Column(c) => Cow::Borrowed(row.get(*c)?),
            Expr::Match(x, p, i) => part(x.eval(row)?, |s| match_of(s, p.regex(), i64::from(*i)))?,
            Expr::Field(x, p, i) => part(x.eval(row)?, |s| field(s, p.regex(), i64::from(*i)))?,
            Expr::Cut(x, a, b) => part(x.eval(row)?, |s| cut(s, a, b).ok())?,
            Expr::Fn(f, x) => Cow::Owned(f.apply(&x.eval(row)?)),
            Expr::Loop(x, split, each, join) => Cow::Owned(run_loop(&x.eval(row)?, split, each, join)?),
            Expr::By(by, a, b) => Cow::Owned(by.apply(&a.eval(row)?, &b.eval(row)?)?),
            Expr::Number(n) => Cow::Owned(n.eval(row)?),
            Expr::Date(d) => Cow::Owned(d.eval(row)?),
            Expr::Robust(c, t) => Cow::Owned(t.eval(row.get(*c)?)),
            Expr::Lookup(key, table) => {
                let key = key.eval(row)?;
                Cow::Borrowed(&table.iter().find(|(k, _)| *k == key)?.1)
            }
            Expr::Concat(parts) => {
                let mut out = String::new();
                for p in parts {
                    out.push_str(&p.eval(row)?);
                }
                Cow::Owned(out)
            }
            Expr::If(p, a, b) => {
                if p.holds(row)? {
                    a.eval(row)?
                } else {
                    b.eval(row)?
                }
            }
        })
    }

    /// The column from which it takes a text as it stands there, and where that begins and ends.
    pub fn place(&self, row: &[String]) -> Option<(usize, usize, usize)> {
        fn column(e: &Expr) -> Option<usize> {
            match e {
                Expr::Column(c) => Some(*c),
                Expr::Match(x, ..) | Expr::Field(x, ..) | Expr::Cut(x, ..) => column(x),
                _ => None,
            }
        }
        if let Expr::Fn(Fun::Lower | Fun::Upper | Fun::Proper | Fun::Title | Fun::Swap | Fun::Strip, x) = self {
            return x.place(row);
        }
        let c = column(self)?;
        let Cow::Borrowed(text) = self.eval(row)? else { return None };
        let from = (text.as_ptr() as usize).checked_sub(row[c].as_ptr() as usize)?;
        (from + text.len() <= row[c].len()).then_some((c, from, from + text.len()))
    }

    /// What it comes down to on a row, without conditions.
    pub fn branch(&self, row: &[String]) -> Option<&Expr> {
        match self {
            Expr::If(p, a, b) => if p.holds(row)? { a } else { b }.branch(row),
            e => Some(e),
        }
    }

    /// As an expression of the language.
    pub fn source(&self, names: &Names) -> String {
        match self {
            Expr::Const(s) => quoted(s),
            Expr::Column(c) => names.column(*c).to_string(),
            Expr::Match(x, p, 1) => format!("match_of({}, {})", x.source(names), pattern(p)),
            Expr::Match(x, p, i) => format!("match_of({}, {}, {i})", x.source(names), pattern(p)),
            Expr::Field(x, p, i) => format!("field({}, {}, {i})", x.source(names), pattern(p)),
            Expr::Cut(x, a, b) => format!("cut({}, {}, {})", x.source(names), edge_source(a), edge_source(b)),
            Expr::Fn(f, x) => f.source(&x.source(names)),
            Expr::Loop(x, split, each, join) => {
                let x = x.source(names);
                let pieces = match split {
                    Split::At(sep) => format!("split({x}, {})", quoted(sep)),
                    Split::Words => format!("words({x})"),
                    Split::Chunks(1) => format!("chars({x})"),
                    Split::Chunks(n) => format!("char_chunks({x}, {n})"),
                };
                let texts =
                    if *each == Each::Same { pieces } else { format!("for w in {pieces} {{ {} }}", each.source()) };
                if join.is_empty() { format!("join({texts})") } else { format!("join({texts}, {})", quoted(join)) }
            }
            Expr::By(by, a, b) => by.source(&a.source(names), &b.source(names)),
            Expr::Number(n) => n.source(names),
            Expr::Date(d) => d.source(names),
            Expr::Robust(c, t) => t.source(names.column(*c)),
            Expr::Lookup(key, table) => {
                let rows: Vec<String> = table.iter().map(|(k, v)| format!("({}, {})", quoted(k), quoted(v))).collect();
                format!("lookup({}, [{}])", key.source(names), rows.join(", "))
            }
            Expr::Concat(parts) if parts.is_empty() => "\"\"".into(),
            Expr::Concat(parts) => {
                let texts: Vec<String> = parts
                    .iter()
                    .map(|p| match p {
                        Expr::If(..) => format!("({})", p.source(names)),
                        _ => p.source(names),
                    })
                    .collect();
                texts.join(" + ")
            }
            Expr::If(p, a, b) => {
                let otherwise = match &**b {
                    Expr::If(..) => b.source(names),
                    b => format!("{{ {} }}", b.source(names)),
                };
                format!("if {} {{ {} }} else {otherwise}", p.source(names), a.source(names))
            }
        }
    }

    /// The pieces of a concatenation; itself otherwise.
    pub fn pieces(&self) -> &[Expr] {
        match self {
            Expr::Concat(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }
}

/// Part of a text that may be borrowed.
fn part<'a>(s: Cow<'a, str>, f: impl FnOnce(&str) -> Option<&str>) -> Option<Cow<'a, str>> {
    match s {
        Cow::Borrowed(s) => f(s).map(Cow::Borrowed),
        Cow::Owned(s) => f(&s).map(|p| Cow::Owned(p.to_string())),
    }
}

impl By {
    fn apply(&self, a: &str, b: &str) -> Option<String> {
        let n = || b.trim().parse::<i64>().ok();
        let edges = |from: Edge, to: Edge| cut(a, &from, &to).ok().map(str::to_string);
        let width = || n().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 1_000);
        let (start, end) = (Edge::FromStart(0), Edge::FromEnd(0));
        match self {
            By::Without => Some(a.replace(if b.is_empty() { return Some(a.to_string()) } else { b }, "")),
            By::Before | By::After if b.is_empty() => None,
            By::Before => Some(a.find(b).map_or(a, |at| &a[..at]).to_string()),
            By::After => a.find(b).map(|at| a[at + b.len()..].to_string()),
            By::Drop => edges(Edge::FromStart(width()?), end),
            By::Take => edges(start, Edge::FromStart(width()?)),
            By::TakeLast => edges(Edge::FromEnd(width()?), end),
            By::DropLast => edges(start, Edge::FromEnd(width()?)),
            By::Field(sep) => field(a, sep.as_str().into(), n()?).map(str::to_string),
            By::Match(t) => match_of(a, (*t).into(), n()?).map(str::to_string),
            By::PadLeft(c) => Some(Fun::PadLeft(width()?, *c).apply(a)),
            By::PadRight(c) => Some(Fun::PadRight(width()?, *c).apply(a)),
        }
    }

    fn source(&self, a: &str, b: &str) -> String {
        match self {
            By::Without => format!("replace({a}, {b}, \"\")"),
            By::Before => format!("cut_or({a}, at(), start_of({b}), {a})"),
            By::After => format!("cut({a}, end_of({b}), at_end())"),
            By::Drop => format!("cut({a}, at(int({b})), at_end())"),
            By::Take => format!("cut({a}, at(), at(int({b})))"),
            By::TakeLast => format!("cut({a}, at_end(int({b})), at_end())"),
            By::DropLast => format!("cut({a}, at(), at_end(int({b})))"),
            By::Field(sep) => format!("field({a}, {}, int({b}))", quoted(sep)),
            By::Match(t) => format!("match_of({a}, {t}, int({b}))"),
            By::PadLeft(' ') => format!("pad_left({a}, int({b}))"),
            By::PadRight(' ') => format!("pad_right({a}, int({b}))"),
            By::PadLeft(c) => format!("pad_left({a}, int({b}), {})", quoted(&c.to_string())),
            By::PadRight(c) => format!("pad_right({a}, int({b}), {})", quoted(&c.to_string())),
        }
    }
}

impl Split {
    /// The pieces of a text.
    pub fn pieces<'s>(&self, s: &'s str) -> Vec<&'s str> {
        match self {
            Split::Words => s.split_whitespace().collect(),
            Split::At(sep) => s.split(sep.as_str()).collect(),
            Split::Chunks(n) => {
                let mut out = Vec::new();
                let mut rest = s;
                while !rest.is_empty() {
                    let (head, tail) = rest.split_at(crate::text::token::byte_of_char(rest, *n));
                    out.push(head);
                    rest = tail;
                }
                out
            }
        }
    }
}

/// The pieces of a text, each changed, joined again.
pub fn run_loop(s: &str, split: &Split, each: &Each, join: &str) -> Option<String> {
    let mut out = String::new();
    for (i, piece) in split.pieces(s).into_iter().enumerate() {
        if i > 0 {
            out.push_str(join);
        }
        each.apply(piece, &mut out)?;
    }
    Some(out)
}
