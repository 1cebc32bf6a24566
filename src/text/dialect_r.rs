//! The operators of dialect R, after Ellis et al., "Write, Execute, Assess" (2019).
//!
//! Indices and positions count from 0, negative ones from the end, and slices leave their end out. An operator that
//! cannot apply fails, which ends an episode of that paper's search: here it gives [`Miss`].

use super::robustfill::{self, Edge, slice_chars};
use super::superset::title_case;
use super::token::{Case, Regex, Rule, Span, Token, char_len};
use std::fmt;

/// No such match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The index asked for.
    pub index: i64,
    /// How many matches there are.
    pub count: usize,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.count == 1 { "" } else { "es" };
        write!(f, "match {} does not exist: there are {} match{s}, counted from 0", self.index, self.count)
    }
}

/// The `i`-th match.
fn find(s: &str, rule: Rule<'_>, i: i64) -> Result<Span, Miss> {
    let count = rule.matches(s).count();
    let j = if i < 0 { (count as i64).saturating_add(i) } else { i };
    usize::try_from(j).ok().and_then(|j| rule.nth(s, j)).ok_or(Miss { index: i, count })
}

/// Characters `k1..k2`, the end left out; negative positions count from the end; clipped to the text.
pub fn sub_str(s: &str, k1: i64, k2: i64) -> &str {
    let len = char_len(s) as i64;
    let clip = |k: i64| if k < 0 { len.saturating_add(k).max(0) } else { k.min(len) };
    slice_chars(s, clip(k1), clip(k2))
}

/// The text between two edges; nothing where they cross.
pub fn get_span<'s>(s: &'s str, from: Edge<'_>, to: Edge<'_>) -> Result<&'s str, Miss> {
    let edge = |(r, i, b): Edge<'_>| find(s, Rule::of_r(r), i).map(|m| b.of(m));
    let (a, b) = (edge(from)?, edge(to)?);
    Ok(s.get(a..b).unwrap_or(""))
}

/// The `i`-th match.
pub fn get_token<'s, 'a>(s: &'s str, t: impl Into<Regex<'a>>, i: i64) -> Result<&'s str, Miss> {
    find(s, Rule::of_r(t.into()), i).map(|(a, b)| s.get(a..b).unwrap_or(""))
}

/// The text up to the end of the first match.
pub fn get_upto<'s, 'a>(s: &'s str, r: impl Into<Regex<'a>>) -> Result<&'s str, Miss> {
    find(s, Rule::of_r(r.into()), 0).map(|(_, b)| s.get(..b).unwrap_or(""))
}

/// The text after the **last** match.
pub fn get_from<'s, 'a>(s: &'s str, r: impl Into<Regex<'a>>) -> Result<&'s str, Miss> {
    find(s, Rule::of_r(r.into()), -1).map(|(_, b)| s.get(b..).unwrap_or(""))
}

/// Appends matches 0 to `i`, both included: 0 gives one match, -1 none, -2 all but the last.
pub fn get_first(s: &str, t: Token, i: i64, out: &mut String) {
    let rule = Rule::of_r(t.into());
    let n = i.saturating_add(1);
    let n = if i < -1 { (rule.matches(s).count() as i64).saturating_add(n).max(0) } else { n };
    rule.matches(s).take(usize::try_from(n).unwrap_or(0)).for_each(|(a, b)| out.push_str(&s[a..b]));
}

/// Appends all matches, without separators.
pub fn get_all(s: &str, t: Token, out: &mut String) {
    Rule::of_r(t.into()).matches(s).for_each(|(a, b)| out.push_str(&s[a..b]));
}

/// Appends the text in another case. PROPER is for each word: a letter after anything but a letter is a capital.
pub fn to_case(s: &str, case: Case, out: &mut String) {
    match case {
        Case::Proper => title_case(s, out),
        _ => robustfill::to_case(s, case, out),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::Boundary::*;
    use super::super::token::Token::*;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_from_zero() {
        assert_eq!(sub_str("abcdef", 1, 3), "bc");
        assert_eq!(sub_str("abcdef", -2, 6), "ef");
        assert_eq!(sub_str("abcdef", -100, -4), "ab");
        assert_eq!(sub_str("abcdef", 3, 3), "");
        assert_eq!(get_token("ab cd", Word, 0), Ok("ab"));
        assert_eq!(get_token("ab cd", Word, -1), Ok("cd"));
        assert_eq!(get_token("ab cd", Word, 2), Err(Miss { index: 2, count: 2 }));
        assert_eq!(get_token("ab cd", Word, -3), Err(Miss { index: -3, count: 2 }));
    }

    #[test]
    fn from_is_after_the_last_match() {
        assert_eq!(get_from("a,b,c", ","), Ok("c"));
        assert_eq!(get_upto("a,b,c", ","), Ok("a,"));
        assert!(get_from("abc", ",").is_err());
        assert!(get_upto("abc", "-").is_err());
    }

    #[test]
    fn first_includes_its_index() {
        let first = |i| {
            let mut out = String::new();
            get_first("ab cd ef", Word, i, &mut out);
            out
        };
        assert_eq!(first(0), "ab");
        assert_eq!(first(1), "abcd");
        assert_eq!(first(9), "abcdef");
        assert_eq!(first(-1), "");
        assert_eq!(first(-2), "abcd");
        assert_eq!(first(-9), "");
    }

    #[test]
    fn proper_is_per_word() {
        let mut out = String::new();
        to_case("o'neil mcDONALD 3rd", Case::Proper, &mut out);
        assert_eq!(out, "O'Neil Mcdonald 3Rd");
    }

    #[test]
    fn spans_fail_out_of_range() {
        let e = |i, b| (Regex::Text("-"), i, b);
        assert_eq!(get_span("a-b-c", e(0, End), e(1, Start)), Ok("b"));
        assert_eq!(get_span("a-b-c", e(1, End), e(0, Start)), Ok(""));
        assert!(get_span("a-b-c", e(2, End), e(0, Start)).is_err());
    }

    proptest! {
        #[test]
        fn operators_never_panic(s in "\\PC{0,20}", t in prop::sample::select(&Token::ALL[..]), i in any::<i64>(), j in -8i64..8) {
            let mut out = String::new();
            sub_str(&s, i, j);
            sub_str(&s, j, i);
            let _ = (get_token(&s, t, j), get_token(&s, t, i), get_upto(&s, t), get_from(&s, t));
            let _ = get_span(&s, (t.into(), j, Start), (t.into(), i, End));
            get_first(&s, t, i, &mut out);
            get_first(&s, t, j, &mut out);
            to_case(&s, Case::Proper, &mut out);
        }
    }
}
