//! Terms of the RobustFill language (dialect G): single operators, and one applied to another.

use super::expr::{pattern, quoted};
use crate::text::edge::Pattern;
use crate::text::robustfill as g;
use crate::text::token::{Boundary, Case, Token};
use std::borrow::Cow;

/// An expression of the language over the input, but for constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // named as the operators
pub enum Term {
    SubStr(i32, i32),
    GetSpan(Pattern, i32, Boundary, Pattern, i32, Boundary),
    GetToken(Token, i32),
    GetUpto(Pattern),
    GetFrom(Pattern),
    ToCase(Case),
    Replace(String, String),
    Trim,
    GetFirst(Token, i32),
    GetAll(Token),
    Substitute(Token, i32, String),
    SubstituteAll(Token, String),
    Remove(Token, i32),
    RemoveAll(Token),
    /// The first applied to what the second gives.
    Compose(Box<Term>, Box<Term>),
}

impl Term {
    /// Its value.
    pub fn eval(&self, s: &str) -> String {
        self.value(s).into_owned()
    }

    fn value<'s>(&self, s: &'s str) -> Cow<'s, str> {
        let mut out = String::new();
        match self {
            Term::SubStr(a, b) => return Cow::Borrowed(g::sub_str(s, i64::from(*a), i64::from(*b))),
            Term::GetSpan(r1, i1, b1, r2, i2, b2) => {
                let from = (r1.regex(), i64::from(*i1), *b1);
                return Cow::Borrowed(g::get_span(s, from, (r2.regex(), i64::from(*i2), *b2)));
            }
            Term::GetToken(t, i) => return Cow::Borrowed(g::get_token(s, *t, i64::from(*i))),
            Term::GetUpto(p) => return Cow::Borrowed(g::get_upto(s, p.regex())),
            Term::GetFrom(p) => return Cow::Borrowed(g::get_from(s, p.regex())),
            Term::Trim => return Cow::Borrowed(g::trim(s)),
            Term::ToCase(c) => g::to_case(s, *c, &mut out),
            Term::Replace(a, b) => g::replace(s, a, b, &mut out),
            Term::GetFirst(t, i) => g::get_first(s, *t, i64::from(*i), &mut out),
            Term::GetAll(t) => g::get_all(s, *t, &mut out),
            Term::Substitute(t, i, c) => g::substitute(s, *t, i64::from(*i), c, &mut out),
            Term::SubstituteAll(t, c) => g::substitute_all(s, *t, c, &mut out),
            Term::Remove(t, i) => g::remove(s, *t, i64::from(*i), &mut out),
            Term::RemoveAll(t) => g::remove_all(s, *t, &mut out),
            Term::Compose(f, x) => out = f.eval(&x.value(s)),
        }
        Cow::Owned(out)
    }

    /// How many operators it has.
    pub fn size(&self) -> usize {
        match self {
            Term::Compose(f, x) => f.size() + x.size(),
            _ => 1,
        }
    }

    /// As an expression of the language over a text given as source.
    pub fn source(&self, x: &str) -> String {
        match self {
            Term::SubStr(a, b) => format!("sub_str({x}, {a}, {b})"),
            Term::GetSpan(r1, i1, b1, r2, i2, b2) => {
                let (r1, r2, b1, b2) = (pattern(r1), pattern(r2), b1.name(), b2.name());
                format!("get_span({x}, {r1}, {i1}, {b1}, {r2}, {i2}, {b2})")
            }
            Term::GetToken(t, i) => format!("get_token({x}, {t}, {i})"),
            Term::GetUpto(p) => format!("get_upto({x}, {})", pattern(p)),
            Term::GetFrom(p) => format!("get_from({x}, {})", pattern(p)),
            Term::ToCase(c) => format!("to_case({x}, {})", c.name()),
            Term::Replace(a, b) => format!("replace({x}, {}, {})", quoted(a), quoted(b)),
            Term::Trim => format!("trim({x})"),
            Term::GetFirst(t, i) => format!("get_first({x}, {t}, {i})"),
            Term::GetAll(t) => format!("get_all({x}, {t})"),
            Term::Substitute(t, i, c) => format!("substitute({x}, {t}, {i}, {})", quoted(c)),
            Term::SubstituteAll(t, c) => format!("substitute_all({x}, {t}, {})", quoted(c)),
            Term::Remove(t, i) => format!("remove({x}, {t}, {i})"),
            Term::RemoveAll(t) => format!("remove_all({x}, {t})"),
            Term::Compose(f, y) => f.source(&y.source(x)),
        }
    }
}
