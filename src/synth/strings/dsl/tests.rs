use super::*;
use crate::vm::limits::Cancel;

fn solve_all(pairs: &[(&str, &str)]) -> Option<Vec<Expr>> {
    let (inputs, outputs): (Vec<&str>, Vec<&str>) = pairs.iter().copied().unzip();
    let mut budget = Budget::new(None, None, Cancel::default());
    let found = solve(&inputs, &outputs, Prefer::Short, &mut budget).unwrap()?;
    for (x, y) in pairs {
        let row = [x.to_string()];
        assert_eq!(found.eval(&row).as_deref(), Some(*y), "{found:?}");
    }
    Some(found.pieces().to_vec())
}

/// The one term that explains the examples.
fn one(pairs: &[(&str, &str)]) -> String {
    match solve_all(pairs).as_deref() {
        Some([Expr::Robust(0, t)]) => t.source("s"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_substring_operator_is_found() {
    let token = one(&[("a 12,345-6", "345"), ("7x89 1", "89"), ("1.2.3", "2"), ("44 55 66 77", "55")]);
    assert_eq!(token, "get_token(s, NUMBER, 2)");
    let upto = one(&[("ab;c;d", "ab;"), ("xyz; ,", "xyz;"), ("1;", "1;"), (", ,;q", ", ,;")]);
    assert_eq!(upto, "get_upto(s, \";\")");
    let from = one(&[("ab;c;d", "c;d"), ("xyz; ,", " ,"), ("1;9", "9"), (", ,;q", "q")]);
    assert_eq!(from, "get_from(s, \";\")");
    let sub = one(&[("abcdefgh", "bcde"), (" ,;. ;..", ",;. "), ("12345678901", "2345"), ("Qq1Qq2Q", "q1Qq")]);
    assert_eq!(sub, "sub_str(s, 2, 5)");
    let span = one(&[("a(b)c(d)", "b"), ("(xy)", "xy"), ("1 (2,3) (4)", "2,3"), ("((?)", "(?")]);
    assert_eq!(span, "get_span(s, \"(\", 1, END, \")\", 1, START)");
}

#[test]
fn each_modification_is_found() {
    let examples = ["Ab-c 12 x. DEf,3", "q1r2  S.t ZZ u,", " 9 Pqr.st-Uv 77", "m,N.o Op44 5 "];
    for term in [
        "to_case(s, LOWER)",
        "to_case(s, PROPER)",
        "replace(s, \".\", \",\")",
        "get_all(s, WORD)",
        "get_first(s, CHAR, 4)",
        "remove_all(s, LOWER)",
        "remove(s, ALPHANUM, 2)",
        "substitute(s, LOWER, -1, \"K\")",
        "substitute_all(s, DIGIT, \"#\")",
    ] {
        let ops = ops::Ops::new(b"K#".to_vec(), b".", b",");
        let t = ops.terms.iter().find(|t| t.source("s") == term).unwrap_or_else(|| panic!("{term}"));
        let outputs: Vec<String> = examples.iter().map(|x| t.eval(x)).collect();
        let pairs: Vec<(&str, &str)> = examples.iter().copied().zip(outputs.iter().map(String::as_str)).collect();
        assert_eq!(one(&pairs), term);
    }
    assert_eq!(one(&[("  a b ", "a b"), ("\tq\n", "q"), ("x ", "x"), (" .", ".")]), "trim(s)");
}

#[test]
fn one_operator_is_applied_to_another() {
    let of_cut = one(&[("ab CDE fg", "cde"), ("x QR 1 s", "qr"), ("1 a Zy K", "zy"), ("? q LMNO.", "lmno")]);
    assert_eq!(of_cut, "to_case(get_token(s, WORD, 2), LOWER)");
}

#[test]
fn a_change_is_changed_again() {
    let examples = ["Ab-c 12 x. DEf,3", "q1r2  S.t ZZ u,", " 9 Pqr.st-Uv 77", "m,N.o Op44 5 "];
    let inner = Term::RemoveAll(crate::text::token::Token::Digit);
    let term = Term::Compose(Box::new(Term::Replace(".".into(), "/".into())), Box::new(inner));
    let outputs: Vec<String> = examples.iter().map(|x| term.eval(x)).collect();
    let pairs: Vec<(&str, &str)> = examples.iter().copied().zip(outputs.iter().map(String::as_str)).collect();
    assert_eq!(one(&pairs).matches('(').count(), 2);
}

#[test]
fn ten_parts_are_the_most() {
    let pairs = |text: &'static str| [("-", text), ("+", text), ("--", text), ("_", text)];
    assert_eq!(solve_all(&pairs("abcdefghij")).map(|p| p.len()), Some(10));
    assert_eq!(solve_all(&pairs("abcdefghijk")), None);
}

#[test]
fn only_the_characters_of_the_language_are_constants() {
    assert!(solve_all(&[("a", "a#"), ("b", "b#")]).is_some());
    for mark in ["-", "_", "+", "\n", "\u{e9}"] {
        let (a, b) = (format!("a{mark}"), format!("b{mark}"));
        assert_eq!(solve_all(&[("a", &a), ("b", &b)]), None, "{mark}");
    }
    // What is no constant may be copied.
    assert!(solve_all(&[("a-", "-a"), ("b-", "-b")]).is_some());
}

#[test]
fn oddities_of_the_published_language_hold() {
    // Equal positions give nothing, so one character in the middle is no SubStr; the last one is.
    let last = one(&[("abc-", "-"), ("12+", "+"), ("_", "_"), ("--=", "=")]);
    assert_eq!(last, "sub_str(s, -1, 0)");
    let middle = [("a\u{e9}-\u{e9}\u{e9}+\u{e9}\u{e9}", "-"), ("a\u{e9}+\u{e9}_\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", "+")];
    assert_eq!(solve_all(&middle), None);
    // An index beyond the matches names a place counted in matches.
    let odd = one(&[("abc,d,", "abc,d"), ("12,,", "12,"), ("-,\u{e9}\u{e9}x,", "-,\u{e9}\u{e9}x")]);
    assert!(odd.starts_with("sub_str") || odd.starts_with("get_span"), "{odd}");
}

#[test]
fn outputs_may_be_empty() {
    assert_eq!(one(&[("a", ""), ("b", "")]), "sub_str(s, 1, 1)");
    assert_eq!(solve(&[], &[], Prefer::Short, &mut Budget::new(None, None, Cancel::default())), Ok(None));
}

#[test]
fn more_examples_than_are_searched_are_checked() {
    let inputs: Vec<String> = (0..12).map(|i| format!("x{} y{}z", i * 7, i * i)).collect();
    let outputs: Vec<String> = (0..12).map(|i| format!("{}:{}", i * i, i * 7)).collect();
    let pairs: Vec<(&str, &str)> = inputs.iter().map(String::as_str).zip(outputs.iter().map(String::as_str)).collect();
    assert!(solve_all(&pairs).is_some());
    let mut wrong = pairs.clone();
    wrong[11].1 = "?";
    assert_eq!(solve_all(&wrong), None);
}

#[test]
fn a_likely_program_may_be_longer() {
    let (inputs, outputs) = (["a1", "bc 22", "d?3", "ef4"], ["amA1", "bcmBC 22", "dmD?3", "efmEF4"]);
    let find = |prefer| {
        let found = solve(&inputs, &outputs, prefer, &mut Budget::new(None, None, Cancel::default())).unwrap().unwrap();
        assert!(inputs.iter().zip(outputs).all(|(x, y)| found.eval(&[x.to_string()]).as_deref() == Some(y)));
        found.pieces().len()
    };
    assert_eq!((find(Prefer::Short), find(Prefer::Likely)), (2, 3));
}
