//! The operators of the default dialect. All are total: one that cannot apply gives the empty text or its input.
//!
//! Operators that cut a piece out of the input return it as a slice; those that make new text append it to `out`, so
//! that a search may reuse one buffer for millions of evaluations. Positions and indices count from 1, or from the
//! end when negative. Oddities that published tasks contain are kept and say so; [`superset`](super::superset) has
//! the plain meanings.

use super::token::{Boundary, Case, Regex, Rule, Span, Token, byte_of_char, char_len};
use std::convert::Infallible;

/// The `i`-th match.
fn find(s: &str, rule: Rule<'_>, i: i64) -> Option<Span> {
    if i > 0 {
        return rule.nth(s, usize::try_from(i - 1).ok()?);
    }
    // 0 names no match: counted from the end it stands right behind the last one.
    let j = (rule.matches(s).count() as i64).saturating_add(i);
    rule.nth(s, usize::try_from(j).ok()?)
}

/// Characters `k1` to `k2`, both included. 0 stands for the position after the last character.
///
/// As published: equal positions give nothing, though both ends are included, unless the end is the last
/// character's successor; a start beyond the left end counts once more from the right.
pub fn sub_str(s: &str, k1: i64, k2: i64) -> &str {
    let len = char_len(s) as i64;
    let place = |k: i64| if k > 0 { k - 1 } else { len.saturating_add(k) };
    let (p1, p2) = (place(k1), place(k2));
    if p1 >= p2 {
        return "";
    }
    // A negative offset counts from the end again, then stops at the left end.
    let clip = |p: i64| if p < 0 { p.saturating_add(len).max(0) } else { p.min(len) };
    let start = clip(p1);
    let end = if p2 == len { len } else { clip(p2.saturating_add(1)) };
    slice_chars(s, start, end)
}

/// Characters `start..end` counted from 0; nothing where they cross.
pub(crate) fn slice_chars(s: &str, start: i64, end: i64) -> &str {
    let (Ok(a), Ok(b)) = (usize::try_from(start), usize::try_from(end)) else { return "" };
    if a >= b {
        return "";
    }
    let from = byte_of_char(s, a);
    let rest = s.get(from..).unwrap_or("");
    rest.get(..byte_of_char(rest, b - a)).unwrap_or("")
}

/// One end of a span: a pattern, which of its matches, which end of that.
pub type Edge<'a> = (Regex<'a>, i64, Boundary);

/// The text between two edges.
///
/// As published: nothing if either pattern has no match; an index below the range stands for the start of the text,
/// and one above it for the position that equals the number of matches minus one.
pub fn get_span<'s>(s: &'s str, from: Edge<'_>, to: Edge<'_>) -> &'s str {
    let edge = |(r, i, b): Edge<'_>| -> Option<usize> {
        let rule = Rule::of(r);
        if let Some(m) = find(s, rule, i) {
            return Some(b.of(m));
        }
        let count = rule.matches(s).count();
        if count == 0 {
            return None;
        }
        Some(if i < 0 { 0 } else { byte_of_char(s, count - 1) })
    };
    match (edge(from), edge(to)) {
        (Some(a), Some(b)) if a < b => s.get(a..b).unwrap_or(""),
        _ => "",
    }
}

/// The `i`-th match of `t`; nothing if there is none.
pub fn get_token<'s, 'a>(s: &'s str, t: impl Into<Regex<'a>>, i: i64) -> &'s str {
    find(s, Rule::of(t.into()), i).and_then(|(a, b)| s.get(a..b)).unwrap_or("")
}

/// The text up to the end of the first match; nothing if there is none.
pub fn get_upto<'s, 'a>(s: &'s str, r: impl Into<Regex<'a>>) -> &'s str {
    Rule::of(r.into()).nth(s, 0).and_then(|(_, b)| s.get(..b)).unwrap_or("")
}

/// The text after the first match; nothing if there is none.
pub fn get_from<'s, 'a>(s: &'s str, r: impl Into<Regex<'a>>) -> &'s str {
    Rule::of(r.into()).nth(s, 0).and_then(|(_, b)| s.get(b..)).unwrap_or("")
}

/// Appends the first `i` matches, without separators. A negative `i` leaves out that many of the last.
pub fn get_first(s: &str, t: Token, i: i64, out: &mut String) {
    let rule = Rule::of(t.into());
    let n = match usize::try_from(i) {
        Ok(n) => n,
        Err(_) => rule.matches(s).count().saturating_sub(usize::try_from(i.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    rule.matches(s).take(n).for_each(|(a, b)| out.push_str(&s[a..b]));
}

/// Appends all matches, without separators.
pub fn get_all(s: &str, t: Token, out: &mut String) {
    Rule::of(t.into()).matches(s).for_each(|(a, b)| out.push_str(&s[a..b]));
}

/// Appends the text in another case. PROPER is for the text as a whole: its first character becomes a capital and
/// all others small.
pub fn to_case(s: &str, case: Case, out: &mut String) {
    match case {
        Case::AllCaps => upper(s, out),
        Case::Lower => lower(s, out),
        Case::Proper => {
            let Some(c) = s.chars().next() else { return };
            out.extend(c.to_uppercase());
            lower(&s[c.len_utf8()..], out);
        }
    }
}

/// Appends the text in capitals.
fn upper(s: &str, out: &mut String) {
    if s.is_ascii() {
        out.extend(s.bytes().map(|b| char::from(b.to_ascii_uppercase())));
    } else {
        out.push_str(&s.to_uppercase());
    }
}

/// Appends the text in small letters.
fn lower(s: &str, out: &mut String) {
    if s.is_ascii() {
        out.extend(s.bytes().map(|b| char::from(b.to_ascii_lowercase())));
    } else {
        out.push_str(&s.to_lowercase());
    }
}

/// Appends the text with every `from` become `to`. An empty `from` changes nothing.
pub fn replace(s: &str, from: &str, to: &str, out: &mut String) {
    replace_matches(s, Rule::Text(from), to, out);
}

/// Appends the text with every match become `to`.
fn replace_matches(s: &str, rule: Rule<'_>, to: &str, out: &mut String) {
    let mut at = 0;
    for (a, b) in rule.matches(s) {
        out.push_str(&s[at..a]);
        out.push_str(to);
        at = b;
    }
    out.push_str(&s[at..]);
}

/// The text without ASCII white space (space, tab, newline, carriage return, vertical tab, form feed) at its ends.
pub fn trim(s: &str) -> &str {
    s.trim_matches(|c| matches!(c, ' ' | '\t'..='\r'))
}

/// Appends the text with one match become `c`; unchanged if there is no such match.
///
/// As published: what is replaced is the first place where the text of the `i`-th match occurs, which may be earlier:
/// the second DIGIT of `a1 11` is a `1`, so the first `1` is replaced.
pub fn substitute(s: &str, t: Token, i: i64, c: &str, out: &mut String) {
    let place = find(s, Rule::of(t.into()), i).and_then(|(a, b)| Some((s.find(&s[a..b])?, b - a)));
    match place {
        Some((at, len)) => {
            out.push_str(&s[..at]);
            out.push_str(c);
            out.push_str(&s[at + len..]);
        }
        None => out.push_str(s),
    }
}

/// Appends the text with all matches become `c`.
///
/// As published: the matches are taken once, and for each in turn the first place where its text now occurs is
/// replaced. That is a plain replacement of all matches, unless new text makes such a place further left: `AXy Ab`
/// with PROP_CASE become `b` gives `b Ab`.
pub fn substitute_all(s: &str, t: Token, c: &str, out: &mut String) {
    match substitute_all_with(s, t, c, out, |_| Ok::<(), Infallible>(())) {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// [`substitute_all`] that reports its work in bytes to `tick`, which may stop it: long replacements are quadratic
/// in the length of the text.
pub fn substitute_all_with<E>(
    s: &str,
    t: Token,
    c: &str,
    out: &mut String,
    mut tick: impl FnMut(usize) -> Result<(), E>,
) -> Result<(), E> {
    let rule = Rule::of(t.into());
    // One character can neither join nor split matches of any other class, so the short cut is exact there.
    if t != Token::PropCase && c.len() <= 1 {
        tick(s.len())?;
        replace_matches(s, rule, c, out);
        return Ok(());
    }
    let mut now = s.to_string();
    for (a, b) in rule.matches(s) {
        tick(now.len())?;
        let text = &s[a..b];
        if let Some(at) = now.find(text) {
            now.replace_range(at..at + text.len(), c);
        }
    }
    out.push_str(&now);
    Ok(())
}

/// Appends the text without one match, chosen as in [`substitute`].
pub fn remove(s: &str, t: Token, i: i64, out: &mut String) {
    substitute(s, t, i, "", out);
}

/// Appends the text without any match, as in [`substitute_all`].
pub fn remove_all(s: &str, t: Token, out: &mut String) {
    substitute_all(s, t, "", out);
}

#[cfg(test)]
mod tests;
