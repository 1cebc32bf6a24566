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
    /// The text between two edges; with `true`, empty where one is missing.
    Cut(Box<Expr>, Edge, Edge, bool),
    /// A function of one text.
    Fn(Fun, Box<Expr>),
    /// Pieces of a text, each changed, joined again.
    Loop(Box<Expr>, Option<String>, Each, String),
    /// A number read, changed and written.
    Number(Box<super::numbers::Number>),
    /// A date or time read, changed and written.
    Date(Box<super::dates::Date>),
    /// A term of the RobustFill language over a column.
    Robust(usize, Box<Term>),
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
    /// One space between words.
    Squeeze,
    GetAll(Token),
    RemoveAll(Token),
    Replace(String, String),
    PadLeft(u32, char),
    PadRight(u32, char),
}

/// What a loop does to each piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// All of them.
    pub const ALL: [Each; 9] = [
        Each::Same,
        Each::First,
        Each::FirstUpper,
        Each::FirstLower,
        Each::Last,
        Each::Proper,
        Each::Upper,
        Each::Lower,
        Each::Strip,
    ];

    fn apply(self, piece: &str, out: &mut String) {
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
        }
    }

    fn source(self) -> &'static str {
        match self {
            Each::Same => "w",
            Each::First => "take_chars(w, 1)",
            Each::FirstUpper => "upper(take_chars(w, 1))",
            Each::FirstLower => "lower(take_chars(w, 1))",
            Each::Last => "drop_chars(w, len(w) - 1)",
            Each::Proper => "to_case(w, PROPER)",
            Each::Upper => "upper(w)",
            Each::Lower => "lower(w)",
            Each::Strip => "strip(w)",
        }
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

fn pattern(p: &Pattern) -> String {
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
            Expr::Cut(x, a, b, lenient) => match part(x.eval(row)?, |s| cut(s, a, b).ok()) {
                Some(s) => s,
                None if *lenient => Cow::Borrowed(""),
                None => return None,
            },
            Expr::Fn(f, x) => Cow::Owned(f.apply(&x.eval(row)?)),
            Expr::Loop(x, sep, each, join) => Cow::Owned(run_loop(&x.eval(row)?, sep.as_deref(), *each, join)),
            Expr::Number(n) => Cow::Owned(n.eval(row)?),
            Expr::Date(d) => Cow::Owned(d.eval(row)?),
            Expr::Robust(c, t) => Cow::Owned(t.eval(row.get(*c)?)),
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

    /// As an expression of the language.
    pub fn source(&self, names: &Names) -> String {
        match self {
            Expr::Const(s) => quoted(s),
            Expr::Column(c) => names.column(*c).to_string(),
            Expr::Match(x, p, 1) => format!("match_of({}, {})", x.source(names), pattern(p)),
            Expr::Match(x, p, i) => format!("match_of({}, {}, {i})", x.source(names), pattern(p)),
            Expr::Field(x, p, i) => format!("field({}, {}, {i})", x.source(names), pattern(p)),
            Expr::Cut(x, a, b, lenient) => {
                let name = if *lenient { "cut_or" } else { "cut" };
                format!("{name}({}, {}, {})", x.source(names), edge_source(a), edge_source(b))
            }
            Expr::Fn(f, x) => f.source(&x.source(names)),
            Expr::Loop(x, sep, each, join) => {
                let pieces = match sep {
                    Some(sep) => format!("split({}, {})", x.source(names), quoted(sep)),
                    None => format!("words({})", x.source(names)),
                };
                let texts =
                    if *each == Each::Same { pieces } else { format!("for w in {pieces} {{ {} }}", each.source()) };
                if join.is_empty() { format!("join({texts})") } else { format!("join({texts}, {})", quoted(join)) }
            }
            Expr::Number(n) => n.source(names),
            Expr::Date(d) => d.source(names),
            Expr::Robust(c, t) => t.source(names.column(*c)),
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

/// The pieces of a text, each changed, joined again. Without a separator the pieces are words.
pub fn run_loop(s: &str, sep: Option<&str>, each: Each, join: &str) -> String {
    let mut out = String::new();
    let mut add = |(i, piece): (usize, &str)| {
        if i > 0 {
            out.push_str(join);
        }
        each.apply(piece, &mut out);
    };
    match sep {
        Some(sep) => s.split(sep).enumerate().for_each(&mut add),
        None => s.split_whitespace().enumerate().for_each(&mut add),
    }
    out
}
