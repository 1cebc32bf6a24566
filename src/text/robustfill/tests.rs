use super::super::token::{Boundary::*, Token::*};
use super::*;
use proptest::prelude::*;

fn made(f: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    f(&mut out);
    out
}

#[test]
fn sub_str_keeps_its_quirks() {
    let s = "abcdefghijklmnopqrst"; // 20 characters
    assert_eq!(sub_str(s, 1, 3), "abc");
    assert_eq!(sub_str(s, 3, 3), "", "equal positions are empty");
    assert_eq!(sub_str(s, -1, 0), "t", "0 is the end");
    assert_eq!(sub_str(s, -3, -1), "rst");
    assert_eq!(sub_str(s, -3, 0), "rst");
    assert_eq!(sub_str(s, -100, 3), "abc", "a start far left clips");
    assert_eq!(sub_str(s, 18, 100), "rst", "an end far right clips");
    assert_eq!(sub_str(s, 20, 100), "t", "one character by clipping");
    assert_eq!(sub_str(s, 5, 2), "");
    assert_eq!(sub_str(s, 50, 100), "");
    assert_eq!(sub_str(s, -25, 3), "", "a start just left of the text counts from the end again");
    assert_eq!(sub_str(s, -25, 18), "pqr");
    assert_eq!(sub_str(s, 2, -2), "bcdefghijklmnopqrs");
    assert_eq!(sub_str("", 1, 2), "");
    assert_eq!(sub_str("äöüß", 2, 3), "öü", "characters, not bytes");
    assert_eq!(sub_str("äöüß", i64::MIN, i64::MAX), "äöüß");
}

#[test]
fn indices_count_from_either_end() {
    let s = "Ann Bob Cy";
    assert_eq!(get_token(s, Word, 1), "Ann");
    assert_eq!(get_token(s, Word, -1), "Cy");
    assert_eq!(get_token(s, Word, -3), "Ann");
    assert_eq!(get_token(s, Word, 4), "");
    assert_eq!(get_token(s, Word, -4), "");
    assert_eq!(get_token(s, Word, 0), "");
    assert_eq!(get_token(s, Number, 1), "");
    assert_eq!(get_token("McDonald", PropCase, 2), "Donald");
    assert_eq!(get_token("a-b-c", "-", 2), "-");
}

#[test]
fn get_span_keeps_its_quirks() {
    let w = |i, b| (Regex::Token(Word), i, b);
    let d = |t: &'static str, i, b| (Regex::Text(t), i, b);
    let s = "(ab) cd";
    assert_eq!(get_span(s, d("(", 1, End), d(")", 1, Start)), "ab");
    assert_eq!(get_span(s, w(1, Start), w(2, End)), "ab) cd");
    assert_eq!(get_span(s, w(-1, Start), w(-1, End)), "cd");
    assert_eq!(get_span(s, w(2, Start), w(1, End)), "", "crossed edges");
    assert_eq!(get_span(s, w(1, Start), w(1, Start)), "");
    assert_eq!(get_span(s, d("?", 1, Start), w(1, End)), "", "no match of the first");
    assert_eq!(get_span(s, w(1, Start), d("?", 1, Start)), "", "no match of the second");
    // two words: an index above the range is position 1, one below is position 0
    assert_eq!(get_span(s, w(5, Start), w(2, End)), "ab) cd");
    assert_eq!(get_span(s, w(-5, End), w(2, End)), "(ab) cd");
    assert_eq!(get_span(s, w(-5, End), w(5, End)), "(");
    // the position is one of characters
    assert_eq!(get_span("é1 2", (Number.into(), 5, Start), (Number.into(), -1, End)), "1 2");
}

#[test]
fn upto_and_from_use_the_first_match() {
    assert_eq!(get_upto("a,b,c", ","), "a,");
    assert_eq!(get_from("a,b,c", ","), "b,c");
    assert_eq!(get_upto("ab12", Number), "ab12");
    assert_eq!(get_from("ab12", Number), "");
    assert_eq!(get_upto("abc", Number), "");
    assert_eq!(get_from("abc", Number), "");
}

#[test]
fn first_and_all_join_without_separator() {
    let first = |s: &str, i| made(|o| get_first(s, Word, i, o));
    assert_eq!(first("ab cd ef", 2), "abcd");
    assert_eq!(first("ab cd ef", 5), "abcdef");
    assert_eq!(first("ab cd ef", -1), "abcd");
    assert_eq!(first("ab cd ef", -3), "");
    assert_eq!(first("ab cd ef", -5), "");
    assert_eq!(first("ab cd ef", i64::MIN), "");
    assert_eq!(first("12", 1), "");
    assert_eq!(made(|o| get_all("a1b22", Number, o)), "122");
    assert_eq!(made(|o| get_all("abc", Number, o)), "");
}

#[test]
fn case_is_for_the_whole_text() {
    let case = |s: &str, c| made(|o| to_case(s, c, o));
    assert_eq!(case("mason SMITH", Case::Proper), "Mason smith");
    assert_eq!(case("1ABC", Case::Proper), "1abc");
    assert_eq!(case("Ab c", Case::AllCaps), "AB C");
    assert_eq!(case("Ab C", Case::Lower), "ab c");
    assert_eq!(case("éA", Case::Proper), "Éa");
    assert_eq!(case("ß", Case::AllCaps), "SS");
    assert_eq!(case("", Case::Proper), "");
}

#[test]
fn replace_and_trim() {
    assert_eq!(made(|o| replace("a b c", " ", ",", o)), "a,b,c");
    assert_eq!(made(|o| replace("abc", " ", ",", o)), "abc");
    assert_eq!(made(|o| replace("a b", " ", " ", o)), "a b");
    assert_eq!(made(|o| replace("ab", "", "x", o)), "ab");
    assert_eq!(trim(" \t\r\n\u{b}\u{c}a b "), "a b");
    assert_eq!(trim("   "), "");
}

#[test]
fn substitute_rewrites_the_first_place_of_the_text() {
    let sub = |s: &str, t, i, c: &str| made(|o| substitute(s, t, i, c, o));
    assert_eq!(sub("a1 11", Digit, 2, "x"), "ax 11");
    assert_eq!(sub("ab cd", Word, 2, "x"), "ab x");
    assert_eq!(sub("ab cd", Word, -1, "x"), "ab x");
    assert_eq!(sub("ab cd", Word, 3, "x"), "ab cd");
    assert_eq!(sub("ab cd", Number, 1, "x"), "ab cd");
    assert_eq!(made(|o| remove("ab1cd2", Number, 2, o)), "ab1cd");
    assert_eq!(made(|o| remove("ab", Number, 1, o)), "ab");
}

#[test]
fn substitute_all_rewrites_in_order() {
    let all = |s: &str, t, c: &str| made(|o| substitute_all(s, t, c, o));
    assert_eq!(all("AXy Ab", PropCase, "b"), "b Ab");
    assert_eq!(all("a1b22", Number, "x"), "axbx");
    assert_eq!(all("ab b", Word, "b"), "b b");
    assert_eq!(all("abc", Number, "x"), "abc");
    assert_eq!(all("12 3", Number, "no"), "no no");
    assert_eq!(made(|o| remove_all("Ab cD Ef", PropCase, o)), " cD ");
    assert_eq!(made(|o| remove_all("ab", Number, o)), "ab");
}

#[test]
fn nested_and_joined_as_programs_do() {
    // GetToken(PROP_CASE, 2) | Const(' ') | SubStr(1, 1)-like initial by GetToken(CHAR, 1)
    let s = "Mason Smith";
    assert_eq!(format!("{} {}", get_token(s, PropCase, 2), get_token(s, Char, 1)), "Smith M");
    // Compose(ToCase(LOWER), GetToken(WORD, 1))
    assert_eq!(made(|o| to_case(get_token(s, Word, 1), Case::Lower, o)), "mason");
}

/// The sequential definition, without short cuts.
fn slow_substitute_all(s: &str, t: Token, c: &str) -> String {
    let mut now = s.to_string();
    for (a, b) in Rule::of(t.into()).matches(s) {
        now = now.replacen(&s[a..b], c, 1);
    }
    now
}

proptest! {
    #[test]
    fn the_short_cut_is_exact(s in "[aAbB12 ,é]{0,14}", t in prop::sample::select(&Token::ALL[..]), c in "[aAbB12 ,]{0,2}") {
        prop_assert_eq!(made(|o| substitute_all(&s, t, &c, o)), slow_substitute_all(&s, t, &c));
    }

    #[test]
    fn operators_are_total(
        s in "\\PC{0,24}|[aAzZ09 ,.\\-éß\\n]{0,24}",
        t in prop::sample::select(&Token::ALL[..]),
        u in prop::sample::select(&Token::ALL[..]),
        text in "\\PC{0,2}",
        i in prop_oneof![-6i64..=6, any::<i64>()],
        j in prop_oneof![-110i64..=110, any::<i64>()],
        b in prop::sample::select(&Boundary::ALL[..]),
        case in prop::sample::select(&Case::ALL[..]),
    ) {
        for piece in [
            sub_str(&s, i, j), sub_str(&s, j, i), get_token(&s, t, i), get_token(&s, text.as_str(), i),
            get_upto(&s, t), get_from(&s, t), get_upto(&s, text.as_str()), get_from(&s, text.as_str()), trim(&s),
            get_span(&s, (t.into(), i, b), (u.into(), j, b)),
            get_span(&s, (text.as_str().into(), i, b), (u.into(), j, b)),
        ] {
            prop_assert!(s.contains(piece));
        }
        let whole = format!("{}{}", get_upto(&s, t), get_from(&s, t));
        prop_assert!(whole.is_empty() || whole == s);
        made(|o| get_first(&s, t, i, o));
        made(|o| to_case(&s, case, o));
        made(|o| replace(&s, &text, "x", o));
        made(|o| substitute(&s, t, i, &text, o));
        made(|o| remove(&s, t, i, o));
        prop_assert_eq!(made(|o| remove_all(&s, t, o)), slow_substitute_all(&s, t, ""));
    }
}
