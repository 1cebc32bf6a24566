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
                    Err(_) => from_end(rule.matches(s).count(), i64::from(*i))?,
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

/// The i-th match of a pattern, counted from the end when negative.
pub fn match_of<'s>(s: &'s str, r: Regex<'_>, i: i64) -> Option<&'s str> {
    let rule = Rule::of(r);
    let j = if i > 0 { usize::try_from(i - 1).ok()? } else { from_end(rule.matches(s).count(), i)? };
    rule.nth(s, j).and_then(|(a, b)| s.get(a..b))
}

/// The i-th piece of the text between matches of a separator, counted from the end when negative.
pub fn field<'s>(s: &'s str, sep: Regex<'_>, i: i64) -> Option<&'s str> {
    let rule = Rule::of(sep);
    let j = if i > 0 { usize::try_from(i - 1).ok()? } else { from_end(rule.matches(s).count() + 1, i)? };
    let start = if j == 0 { 0 } else { rule.nth(s, j - 1)?.1 };
    let end = rule.nth(s, j).map_or(s.len(), |m| m.0);
    s.get(start..end)
}

/// The position counted from 0 that a negative index names among so many.
fn from_end(count: usize, i: i64) -> Option<usize> {
    if i == 0 { None } else { count.checked_sub(usize::try_from(i.unsigned_abs()).ok()?) }
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

    #[test]
    fn matches_and_fields_count_from_both_ends() {
        let f = |i| field("a, b, c", Regex::Text(", "), i);
        assert_eq!([f(1), f(2), f(3), f(4), f(0)], [Some("a"), Some("b"), Some("c"), None, None]);
        assert_eq!([f(-1), f(-3), f(-4)], [Some("c"), Some("a"), None]);
        assert_eq!(field("abc", Regex::Text(","), -1), Some("abc"));
        assert_eq!(field("", Regex::Token(Token::Space), 1), Some(""));
        let m = |i| match_of("a1b22", Regex::Token(Token::Number), i);
        assert_eq!([m(1), m(2), m(-1), m(3), m(0), m(-3)], [Some("1"), Some("22"), Some("22"), None, None, None]);
    }
}
