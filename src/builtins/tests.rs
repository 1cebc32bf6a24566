//! The table as a whole, and each operation's behaviour at its edges.

use super::util::testing::{call, call_in, env, ints, list, show};
use super::*;
use crate::vm::limits::{Limits, code};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;

/// The names that a signature mentions as types, if its brackets match and it has the shape of one.
fn types_in(sig: &str) -> Option<Vec<&str>> {
    let ret = match sig.strip_prefix("-> ") {
        Some(constant) => constant,
        None => {
            let (params, ret) = sig.strip_prefix('(')?.rsplit_once(") -> ")?;
            for param in params.split(", ").filter(|p| p.contains(':')) {
                let (name, _) = param.trim_start_matches('(').split_once(": ")?;
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_').then_some(())?;
            }
            ret
        }
    };
    let depth = sig.chars().try_fold(0i32, |d, c| match c {
        '(' | '[' => Some(d + 1),
        ')' | ']' => Some(d - 1).filter(|d| *d >= 0),
        _ => Some(d),
    });
    (depth == Some(0) && !ret.is_empty()).then_some(())?;
    let without_defaults = sig.split(" = ").flat_map(|part| part.split(": ").skip(1));
    let words = without_defaults.chain([ret]).flat_map(|t| t.split(|c: char| !c.is_alphanumeric() && c != '_'));
    Some(words.filter(|w| w.starts_with(|c: char| c.is_alphabetic())).collect())
}

#[test]
fn every_operation_is_declared_in_full() {
    let table = OpTable::standard();
    let mut seen = HashSet::new();
    for (_, op) in table.iter() {
        let who = format!("{}{}", op.name, op.sig);
        assert!(!op.name.is_empty() && !op.example.is_empty(), "{who}");
        assert!(op.doc.ends_with('.') && !op.doc.contains("  "), "{who}: {}", op.doc);
        assert!(seen.insert((op.name.clone(), op.sig.clone())), "{who} twice");
        assert!(types_in(&op.sig).is_some(), "{who}");
        assert!(op.sig.starts_with("->") == matches!(op.exact, Exact::Const(_)), "{who}");
        // An operator's name is not in its example, but its symbol is.
        let symbol = match op.name.as_ref() {
            "[]" => "[",
            "neg" => "-",
            name => name,
        };
        assert!(op.example.contains(symbol), "{who}: {}", op.example);
    }
}

#[test]
fn overloads_stand_in_order() {
    let table = OpTable::standard();
    let sigs =
        |name: &str| -> Vec<String> { table.overloads(name).iter().map(|&id| table.get(id).sig.to_string()).collect() };
    let two = |t: &str, r: &str| format!("(a: {t}, b: {t}) -> {r}");
    assert_eq!(sigs("=="), ["int", "num", "bool", "str", "A"].map(|t| two(t, "bool")));
    assert_eq!(sigs("+")[..3], ["int", "num", "str"].map(|t| two(t, t)));
    assert_eq!(sigs("ALL_CAPS"), ["-> token", "-> case"]);
    assert_eq!(sigs("get_span").len(), 4);
    assert_eq!(sigs("/"), [two("num", "num")]);
}

#[test]
fn constants_are_objects_with_their_names() {
    let v = call("NUMBER", "-> token", vec![]).unwrap();
    let Value::Obj(o) = &v else { panic!("{v:?}") };
    assert_eq!((o.type_name(), o.show().as_str()), ("token", "NUMBER"));
    let w = call("WORD", "-> token", vec![]).unwrap();
    let (Value::Obj(a), Value::Obj(b)) = (&call("NUMBER", "-> token", vec![]).unwrap(), &w) else { panic!() };
    assert!(o.same(a.as_ref().as_ref()) && !o.same(b.as_ref().as_ref()));
}

fn int(i: i64) -> Value {
    Value::Int(i)
}

#[test]
fn text_positions_are_characters() {
    let at = |s: &str, i| show("[]", "(s: str, i: int) -> str", vec![Value::str(s), int(i)]);
    assert_eq!(at("aéc", 1), "\"é\"");
    assert_eq!(at("abc", 2), "\"c\"");
    assert_eq!(at("abc", 3), "error: position 3 is outside a text of 3 characters");
    assert_eq!(at("é", -1), "error: position -1 is outside a text of 1 character");
    assert_eq!(at("abc", i64::MAX), "error: position 9223372036854775807 is outside a text of 3 characters");
    let cut =
        |s: &str, a, b| show("[]", "(s: str, r: range) -> str", vec![Value::str(s), Value::Range(Arc::new((a, b)))]);
    assert_eq!(cut("aéc", 1, 3), "\"éc\"");
    assert_eq!(cut("aéc", 3, 3), "\"\"");
    assert_eq!(cut("aéc", 2, 1), "error: the range 2..1 is outside a text of 3 characters");
    assert_eq!(cut("aéc", 0, 4), "error: the range 0..4 is outside a text of 3 characters");
    assert_eq!(show("index_of", "(s: str, part: str) -> int", vec![Value::str("éab"), Value::str("b")]), "2");
    assert_eq!(show("len", "(s: str) -> int", vec![Value::str("éab")]), "3");
}

#[test]
fn text_reads_numbers() {
    let int = |s: &str| show("int", "(s: str) -> int", vec![Value::str(s)]);
    assert_eq!(int(" -42\n"), "-42");
    assert_eq!(int("abc"), "error: cannot read \"abc\" as int");
    assert_eq!(int("9223372036854775808"), "error: cannot read \"9223372036854775808\" as int");
    assert_eq!(int(&"x".repeat(100)), format!("error: cannot read \"{}\".. as int", "x".repeat(40)));
    let num = |s: &str| show("num", "(s: str) -> num", vec![Value::str(s)]);
    assert_eq!(num("2.5e1"), "25.0");
    assert_eq!(num("1,5"), "error: cannot read \"1,5\" as num");
    assert_eq!(show("str", "(x: num) -> str", vec![Value::Num(3.0)]), "\"3.0\"");
    assert_eq!(show("str", "(x: num) -> str", vec![Value::Num(-f64::NAN)]), "\"nan\"");
}

#[test]
fn text_is_padded_and_repeated_within_bounds() {
    let pad = |w, f: &str| {
        show("pad_left", "(s: str, width: int, fill: str = \" \") -> str", vec![Value::str("é"), int(w), Value::str(f)])
    };
    assert_eq!(pad(3, "0"), "\"00é\"");
    assert_eq!(pad(1, "0"), "\"é\"");
    assert_eq!(pad(3, "00"), "error: `fill` wants a single character, not \"00\"");
    assert!(pad(i64::MAX, "ü").starts_with("error: out of memory"));
    let rep = |s: &str, n| show("repeat_str", "(s: str, n: int) -> str", vec![Value::str(s), int(n)]);
    assert_eq!(rep("ab", 2), "\"abab\"");
    assert_eq!(rep("", i64::MAX), "\"\"");
    assert!(rep("x", 1_000_000_000_000).starts_with("error: out of memory"));
    assert!(rep("x", -1).starts_with("error: the number of repetitions cannot be negative"));
    let r = |n| show("repeat_list", "(xs: [A], n: int) -> [A]", vec![ints(&[]), int(n)]);
    assert_eq!(r(i64::MAX), "[]");
    let span = |a, b| show("list", "(r: range) -> [int]", vec![Value::Range(Arc::new((a, b)))]);
    assert!(span(i64::MIN, i64::MAX).starts_with("error: out of memory"));
    assert_eq!(span(2, 1), "[]");
}

/// What a call ends with under a limit.
fn limited(limits: Limits, name: &str, sig: &str, args: Vec<Value>) -> &'static str {
    let env = env(Path::new("/nonexistent"), Arc::new(Mutex::new(Vec::new())), limits);
    call_in(&env, name, sig, args).map_or_else(|e| e.code, |_| "done")
}

#[test]
fn limits_stop_long_work() {
    let ops = Limits { ops: Some(1000), ..Limits::default() };
    let text = Value::str("ab ".repeat(10_000));
    let token = call("PROP_CASE", "-> token", vec![]).unwrap();
    assert_eq!(limited(ops.clone(), "words", "(s: str) -> [str]", vec![text.clone()]), code::OPS);
    let caps = Value::str("Ab ".repeat(10_000));
    let all = "(s: str, t: token, c: str) -> str";
    assert_eq!(limited(ops.clone(), "substitute_all", all, vec![caps, token, Value::str("xyz")]), code::OPS);
    // Lists that share their parts are as long to compare as if they did not.
    let deep = || (0..40).fold(ints(&[1]), |x, _| Value::list(vec![x.clone(), x]));
    assert_eq!(limited(ops, "assert_eq", "(found: A, wanted: A) -> unit", vec![deep(), deep()]), code::OPS);
    let memory = Limits { memory: Some(1 << 16), ..Limits::default() };
    assert_eq!(limited(memory.clone(), "chars", "(s: str) -> [str]", vec![text]), code::MEMORY);
    let args = vec![int(1), int(10_000)];
    assert_eq!(limited(memory, "random", "(seed: int, n: int) -> [num]", args), code::MEMORY);
}

#[test]
fn lists_are_sorted_and_searched() {
    assert_eq!(show("sort", "(xs: [int]) -> [int]", vec![ints(&[3, 1, 2])]), "[1, 2, 3]");
    let nums = Value::list([f64::NAN, 1.0, -1.0, f64::NEG_INFINITY].map(Value::Num).to_vec());
    assert_eq!(show("sort", "(xs: [num]) -> [num]", vec![nums]), "[-inf, -1.0, 1.0, nan]");
    let by = "(xs: [A], keys: [int]) -> [A]";
    assert_eq!(show("sort_by_keys", by, vec![list(&["b", "c", "a"]), ints(&[1, 0, 1])]), r#"["c", "b", "a"]"#);
    assert_eq!(
        show("sort_by_keys", by, vec![list(&["b"]), ints(&[])]),
        "error: 1 item and 0 keys: every item needs one"
    );
    let zeros = Value::list([0.0, -0.0, 1.0].map(Value::Num).to_vec());
    assert_eq!(show("unique", "(xs: [A]) -> [A]", vec![zeros]), "[0.0, 1.0]");
    let nested = Value::list(vec![ints(&[1]), ints(&[2]), ints(&[1])]);
    assert_eq!(show("unique", "(xs: [A]) -> [A]", vec![nested.clone()]), "[[1], [2]]");
    assert_eq!(show("index_of", "(xs: [A], x: A) -> int", vec![nested.clone(), ints(&[2])]), "1");
    assert_eq!(show("index_of", "(xs: [A], x: A) -> int", vec![nested, ints(&[3])]), "-1");
    assert_eq!(show("max", "(xs: [int]) -> int", vec![ints(&[])]), "error: an empty list has no greatest item");
    assert_eq!(show("sum", "(xs: [int]) -> int", vec![ints(&[i64::MAX, 1])]), "error: the sum does not fit an int");
    assert_eq!(show("mean", "(xs: [int]) -> num", vec![ints(&[1, 2])]), "1.5");
}

#[test]
fn lists_are_taken_apart_and_joined() {
    let rows = |rows: &[&[i64]]| vec![Value::list(rows.iter().map(|r| ints(r)).collect())];
    let t = "(xss: [[A]]) -> [[A]]";
    assert_eq!(show("transpose", t, rows(&[&[1, 2], &[3, 4], &[5, 6]])), "[[1, 3, 5], [2, 4, 6]]");
    assert_eq!(show("transpose", t, rows(&[])), "[]");
    assert_eq!(show("transpose", t, rows(&[&[1, 2], &[3]])), "error: row 0 has 2 items but row 1 has 1");
    assert_eq!(show("flatten", "(xss: [[A]]) -> [A]", rows(&[&[1], &[], &[2]])), "[1, 2]");
    assert_eq!(show("enumerate", "(xs: [A]) -> [(int, A)]", vec![list(&["a"])]), r#"[(0, "a")]"#);
    assert_eq!(show("+", "(xs: [A], ys: [A]) -> [A]", vec![ints(&[1]), ints(&[2])]), "[1, 2]");
    assert_eq!(show("take", "(xs: [A], n: int) -> [A]", vec![ints(&[1, 2]), int(9)]), "[1, 2]");
    assert_eq!(show("drop", "(xs: [A], n: int) -> [A]", vec![ints(&[1, 2]), int(9)]), "[]");
    let cut = |a, b| show("[]", "(xs: [A], r: range) -> [A]", vec![ints(&[1, 2]), Value::Range(Arc::new((a, b)))]);
    assert_eq!(cut(0, 2), "[1, 2]");
    assert_eq!(cut(1, 3), "error: the range 1..3 is outside a list of 2 items");
    assert_eq!(cut(-1, 1), "error: the range -1..1 is outside a list of 2 items");
}

#[test]
fn files_need_a_grant() {
    let dir = tempfile::tempdir().unwrap();
    let env = env(dir.path(), Arc::new(Mutex::new(Vec::new())), Limits::default());
    let go = |name, sig, args| call_in(&env, name, sig, args);
    let table =
        go("parse_csv", "(text: str, header: bool = true) -> table", vec![Value::str("a,b\n1,2\n"), Value::Bool(true)]);
    go("save_csv", "(t: table, path: str) -> unit", vec![table.unwrap(), Value::str("t.csv")]).unwrap();
    let back =
        go("load_csv", "(path: str, header: bool = true) -> table", vec![Value::str("t.csv"), Value::Bool(true)])
            .unwrap();
    let column = go("column", "(t: table, name: str) -> [str]", vec![back, Value::str("b")]).unwrap();
    assert_eq!(crate::vm::show(&column, &crate::types::Type::Unit), r#"["2"]"#);
    let j = go("json", "(x: int) -> json", vec![int(1)]).unwrap();
    go("save_jsonl", "(js: [json], path: str) -> unit", vec![Value::list(vec![j.clone(), j]), Value::str("t.jsonl")])
        .unwrap();
    let js = go("load_jsonl", "(path: str) -> [json]", vec![Value::str("t.jsonl")]).unwrap();
    assert_eq!(crate::vm::show(&js, &crate::types::Type::Unit), "[1, 1]");
    go("write_text", "(path: str, text: str) -> unit", vec![Value::str("bad.jsonl"), Value::str("1\n\n{]")]).unwrap();
    let e = go("load_jsonl", "(path: str) -> [json]", vec![Value::str("bad.jsonl")]).unwrap_err();
    assert!(e.message.contains("bad.jsonl` line 3, column 2: key must be a string"), "{}", e.message);
    assert_eq!(go("read_text", "(path: str) -> str", vec![Value::str("../x")]).unwrap_err().code, "E0601");
    assert_eq!(
        go("write_text", "(path: str, text: str) -> unit", vec![Value::str("/x"), Value::str("")]).unwrap_err().code,
        "E0601"
    );
}

#[test]
fn json_tells_what_is_there() {
    let parse = |s: &str| call("parse_json", "(text: str) -> json", vec![Value::str(s)]).unwrap();
    let j = parse(r#"{"address": 1, "xs": [1, 2.5]}"#);
    let get = "(j: json, key: str) -> json";
    assert_eq!(show("get", get, vec![j.clone(), Value::str("xs")]), "[1,2.5]");
    let e = call("get", get, vec![j.clone(), Value::str("adress")]).unwrap_err();
    assert_eq!(e.help.as_deref(), Some("did you mean `address`?"));
    assert_eq!(
        show("as_str", "(j: json) -> str", vec![j.clone()]),
        "error: expected a string, but the JSON value is an object"
    );
    assert_eq!(show("as_int", "(j: json) -> int", vec![parse("2.5")]), "error: the JSON number 2.5 is no int");
    assert_eq!(
        show("at", "(j: json, i: int) -> json", vec![parse("[1]"), int(1)]),
        "error: position 1 is outside a JSON list of length 1"
    );
    assert_eq!(show("keys", "(j: json) -> [str]", vec![j]), r#"["address", "xs"]"#);
    assert_eq!(show("json", "(x: num) -> json", vec![Value::Num(f64::NAN)]), "error: JSON has no number nan");
}

/// Any value of a type that signatures name.
fn value_of(ty: &str, seed: usize) -> Option<Value> {
    let ints = [0, 1, -1, 2, 5, -7, i64::MIN, i64::MAX, 1 << 40];
    let nums = [0.0, -0.0, 0.5, -2.5, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let strs = ["", "a", "Mason Smith", "é-ß, 12", " \n\t", "{\"a\": [1]}", "a,b\n1,2"];
    let pick = |n: usize| seed % n;
    if let Some(inner) = ty.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return (0..pick(4)).map(|i| value_of(inner, seed / 4 + i)).collect::<Option<_>>().map(Value::list);
    }
    let constant = |name, ty| call(name, ty, vec![]).ok();
    Some(match ty {
        "int" | "A" | "B" => int(ints[pick(ints.len())]),
        "num" => Value::Num(nums[pick(nums.len())]),
        "bool" => Value::Bool(pick(2) == 0),
        "str" => Value::str(strs[pick(strs.len())]),
        "range" => Value::Range(Arc::new((ints[pick(ints.len())], ints[(seed / 9) % ints.len()]))),
        "token" => constant(["NUMBER", "WORD", "PROP_CASE", "CHAR"][pick(4)], "-> token")?,
        "case" => constant(["PROPER", "LOWER"][pick(2)], "-> case")?,
        "boundary" => constant(["START", "END"][pick(2)], "-> boundary")?,
        "date" => {
            let sig = "(s: str, order: str = \"mdy\") -> date";
            let text = ["1958-02-09 8:15", "Nov 2036", "9999-12-31", "8:15:57"][pick(4)];
            call("date", sig, vec![Value::str(text), Value::str("mdy")]).ok()?
        }
        "table" => call(
            "parse_csv",
            "(text: str, header: bool = true) -> table",
            vec![Value::str("a,b\n1,2"), Value::Bool(pick(2) == 0)],
        )
        .ok()?,
        "json" => {
            call("parse_json", "(text: str) -> json", vec![Value::str(["{\"a\": [1]}", "[1]", "null", "2.5"][pick(4)])])
                .ok()?
        }
        _ => return None,
    })
}

/// The types of a signature's parameters.
fn params(sig: &str) -> Vec<&str> {
    let inner = sig.strip_prefix('(').and_then(|s| s.rsplit_once(") -> ")).map_or("", |(p, _)| p);
    let typed = inner.split(", ").filter_map(|p| p.split_once(": "));
    typed.map(|(_, t)| t.split(" = ").next().unwrap_or(t)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn natives_never_panic(seeds in prop::collection::vec(any::<u32>(), 8)) {
        let limits = Limits { ops: Some(100_000), memory: Some(1 << 24), ..Limits::default() };
        let env = env(Path::new("/nonexistent"), Arc::new(Mutex::new(Vec::new())), limits);
        for (_, op) in env.ops.clone().iter().filter(|(_, op)| matches!(op.exact, Exact::Native(_) | Exact::Made(_))) {
            let types = params(&op.sig);
            let args = types.iter().zip(&seeds).map(|(t, &s)| value_of(t, s as usize)).collect::<Option<Vec<_>>>();
            // Types of other subjects are tested there.
            let Some(args) = args else { continue };
            prop_assert_eq!(args.len(), types.len());
            let _ = call_in(&env, &op.name, &op.sig, args);
        }
    }
}
