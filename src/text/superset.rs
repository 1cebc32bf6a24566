//! What practical programs need beyond the papers: plain meanings of the odd operators, and case by words.

use super::robustfill::Edge;
use super::token::{Rule, Span};

/// Appends the text with a capital at the start of each word and small letters after it. A word starts at a letter
/// that follows anything but a letter.
pub fn title_case(s: &str, out: &mut String) {
    let mut inside = false;
    for c in s.chars() {
        match (c.is_alphabetic(), inside) {
            (true, false) => out.extend(c.to_uppercase()),
            (true, true) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
        inside = c.is_alphabetic();
    }
}

/// Appends the text with its capitals small and its small letters capital.
pub fn swap_case(s: &str, out: &mut String) {
    for c in s.chars() {
        if c.is_uppercase() { out.extend(c.to_lowercase()) } else { out.extend(c.to_uppercase()) }
    }
}

/// The text between two edges; nothing where a pattern has no such match, or the edges cross.
pub fn get_span_strict<'s>(s: &'s str, from: Edge<'_>, to: Edge<'_>) -> &'s str {
    let edge = |(r, i, b): Edge<'_>| nth(s, Rule::of(r), i).map(|m| b.of(m));
    match (edge(from), edge(to)) {
        (Some(a), Some(b)) if a < b => s.get(a..b).unwrap_or(""),
        _ => "",
    }
}

/// Appends the text with exactly the `i`-th match become `to`; unchanged if there is none.
pub fn substitute_match<'a>(s: &str, r: impl Into<super::token::Regex<'a>>, i: i64, to: &str, out: &mut String) {
    match nth(s, Rule::of(r.into()), i) {
        Some((a, b)) => {
            out.push_str(&s[..a]);
            out.push_str(to);
            out.push_str(&s[b..]);
        }
        None => out.push_str(s),
    }
}

/// The `i`-th match, counted from 1 or, when negative, from the end.
fn nth(s: &str, rule: Rule<'_>, i: i64) -> Option<Span> {
    let j = if i > 0 { i - 1 } else { (rule.matches(s).count() as i64).saturating_add(i) };
    if i == 0 { None } else { rule.nth(s, usize::try_from(j).ok()?) }
}

#[cfg(test)]
mod tests {
    use super::super::token::{Boundary::*, Regex, Token::*};
    use super::*;

    #[test]
    fn title_case_is_per_word() {
        let mut out = String::new();
        title_case("jean-luc éMILE o'neil 3d", &mut out);
        assert_eq!(out, "Jean-Luc Émile O'Neil 3D");
    }

    #[test]
    fn strict_spans_want_their_matches() {
        let w = |i, b| (Regex::Token(Word), i, b);
        assert_eq!(get_span_strict("(ab) cd", w(1, Start), w(2, End)), "ab) cd");
        assert_eq!(get_span_strict("(ab) cd", w(5, Start), w(2, End)), "");
        assert_eq!(get_span_strict("(ab) cd", w(-5, Start), w(2, End)), "");
        assert_eq!(get_span_strict("(ab) cd", w(0, Start), w(2, End)), "");
        assert_eq!(get_span_strict("a-b-c", ("-".into(), 1, End), ("-".into(), -1, Start)), "b");
    }

    #[test]
    fn a_match_is_replaced_where_it_stands() {
        let sub = |i| {
            let mut out = String::new();
            substitute_match("a1 11", Digit, i, "x", &mut out);
            out
        };
        assert_eq!(sub(2), "a1 x1");
        assert_eq!(sub(-1), "a1 1x");
        assert_eq!(sub(4), "a1 11");
        assert_eq!(sub(0), "a1 11");
    }
}
