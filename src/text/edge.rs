//! Places in a text, named by what stands there, and the text between two of them.
//!
//! An [`Edge`] is the start or the end of the i-th match of a pattern, or so many characters from an end of the text.
//! Unlike the RobustFill operators, which give the empty text, [`cut`] says when an edge is not there: a row that a
//! program was not made for is to be noticed.

use super::token::{Boundary, Regex, Rule, Token, byte_of_char, char_len};

/// What an edge looks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// A class of tokens.
    Token(Token),
    /// This text.
    Text(String),
}

impl Pattern {
    /// For the functions that match.
    pub fn regex(&self) -> Regex<'_> {
        match self {
            Pattern::Token(t) => Regex::Token(*t),
            Pattern::Text(s) => Regex::Text(s),
        }
    }
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// So many characters after the start.
    FromStart(u32),
    /// So many characters before the end.
    FromEnd(u32),
    /// A boundary of the i-th match of a pattern, counted from 1, or from the end when negative.
    Match(Pattern, i32, Boundary),
}

impl Edge {
    /// Its byte offset in a text, if it is there.
    pub fn find(&self, s: &str) -> Option<usize> {
        match self {
            Edge::FromStart(0) => Some(0),
            Edge::FromEnd(0) => Some(s.len()),
            Edge::FromStart(k) => (*k as usize <= char_len(s)).then(|| byte_of_char(s, *k as usize)),
            Edge::FromEnd(k) => char_len(s).checked_sub(*k as usize).map(|n| byte_of_char(s, n)),
            Edge::Match(p, i, b) => {
                let rule = Rule::of(p.regex());
                let j = match usize::try_from(*i) {
                    Ok(0) => return None,
                    Ok(i) => i - 1,
                    Err(_) => rule.matches(s).count().checked_sub(i.unsigned_abs() as usize)?,
                };
                rule.nth(s, j).map(|m| b.of(m))
            }
        }
    }
}

/// The text between two edges, or the one that is not there. Edges that cross are the second one's fault.
pub fn cut<'s, 'e>(s: &'s str, from: &'e Edge, to: &'e Edge) -> Result<&'s str, &'e Edge> {
    let a = from.find(s).ok_or(from)?;
    let b = to.find(s).ok_or(to)?;
    s.get(a..b).ok_or(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str, i: i32, b: Boundary) -> Edge {
        Edge::Match(Pattern::Text(s.into()), i, b)
    }

    #[test]
    fn edges_are_found() {
        let s = "Älice Smith, 12";
        let find = |e: Edge| e.find(s).map(|at| &s[at..]);
        assert_eq!(find(Edge::FromStart(1)), Some("lice Smith, 12"));
        assert_eq!(find(Edge::FromEnd(2)), Some("12"));
        assert_eq!(find(Edge::FromStart(15)), Some(""));
        assert_eq!(find(Edge::FromStart(16)), None);
        assert_eq!(find(Edge::FromEnd(16)), None);
        assert_eq!(find(text(" ", 1, Boundary::End)), Some("Smith, 12"));
        assert_eq!(find(text(" ", -1, Boundary::Start)), Some(" 12"));
        assert_eq!(find(text(" ", 3, Boundary::Start)), None);
        assert_eq!(find(text(" ", -3, Boundary::Start)), None);
        assert_eq!(find(text(" ", 0, Boundary::Start)), None);
        assert_eq!(find(text("", 1, Boundary::Start)), None);
    }

    #[test]
    fn a_cut_says_what_is_missing() {
        let (start, comma, end) = (Edge::FromStart(0), text(",", 1, Boundary::Start), Edge::FromEnd(0));
        assert_eq!(cut("a,b", &start, &comma), Ok("a"));
        assert_eq!(cut("ab", &start, &comma), Err(&comma));
        assert_eq!(cut("a,b", &end, &comma), Err(&comma));
        assert_eq!(cut("", &start, &end), Ok(""));
    }
}
