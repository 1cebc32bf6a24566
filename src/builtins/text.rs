//! Text: concatenation, comparison, searching, splitting, reading and writing of numbers.
//!
//! Positions count characters from 0. The RobustFill operators, which count from 1, are in
//! [`robustfill`](super::robustfill).

use super::util::{count, num_text, quote, room, strs};
use super::{Exact, Grammar, Inline, Op};
use crate::native;
use crate::text::token::{byte_of_char, char_len};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use std::cmp::Ordering;

/// Operations on text.
pub fn ops() -> Vec<Op> {
    let mut out = operators();
    out.extend(looking());
    out.extend(making());
    out.extend(conversions());
    out
}

fn operators() -> Vec<Op> {
    let cmp = |name: &'static str, doc: &'static str, example: &'static str, holds: fn(Ordering) -> bool| {
        Op::new(
            name,
            "(a: str, b: str) -> bool",
            doc,
            example,
            super::native(move |cx, args| {
                let (a, b): (&str, &str) = (super::util::arg(args, 0)?, super::util::arg(args, 1)?);
                cx.work(a.len().min(b.len()))?;
                Ok(Value::Bool(holds(a.cmp(b))))
            }),
        )
    };
    vec![
        Op::new(
            "+",
            "(a: str, b: str) -> str",
            "One text after the other.",
            r#""ab" + "c" == "abc""#,
            Exact::Inline(Inline::ConcatStr),
        )
        .grammars(&[(Grammar::Text, 1)]),
        cmp("==", "Whether two texts are the same.", r#""a" == "a""#, Ordering::is_eq),
        cmp("!=", "Whether two texts differ.", r#""a" != "b""#, Ordering::is_ne),
        cmp(
            "<",
            "Whether a text stands before another, by the codes of their characters.",
            r#""a" < "b""#,
            Ordering::is_lt,
        ),
        cmp("<=", "Whether a text stands before another or is the same.", r#""a" <= "a""#, Ordering::is_le),
        cmp(">", "Whether a text stands after another.", r#""b" > "a""#, Ordering::is_gt),
        cmp(">=", "Whether a text stands after another or is the same.", r#""b" >= "a""#, Ordering::is_ge),
        Op::new(
            "[]",
            "(s: str, i: int) -> str",
            "The character at position i, counted from 0; an error outside the text.",
            r#""abc"[1] == "b""#,
            native!(try |cx; s: &str, i: i64| -> String { char_at(cx, s, i) }),
        ),
        Op::new(
            "[]",
            "(s: str, r: range) -> str",
            "The characters in a range of positions, which must lie in the text.",
            r#""abcdef"[1..3] == "bc""#,
            native!(try |cx; s: &str, r: (i64, i64)| -> String { slice(cx, s, r) }),
        ),
    ]
}

fn char_at(cx: &mut Ctx<'_>, s: &str, i: i64) -> Result<String, Fail> {
    cx.work(s.len())?;
    let found = match usize::try_from(i) {
        Ok(n) if s.is_ascii() => s.get(n..n.saturating_add(1)).and_then(|c| c.chars().next()),
        Ok(n) => s.chars().nth(n),
        Err(_) => None,
    };
    found.map(String::from).ok_or_else(|| {
        Fail::from(format!("position {i} is outside a text of {}", characters(char_len(s))))
            .help("positions count from 0")
    })
}

fn characters(n: usize) -> String {
    if n == 1 { "1 character".into() } else { format!("{n} characters") }
}

fn slice(cx: &mut Ctx<'_>, s: &str, (lo, hi): (i64, i64)) -> Result<String, Fail> {
    cx.work(s.len())?;
    let len = char_len(s);
    let outside = || {
        Fail::from(format!("the range {lo}..{hi} is outside a text of {}", characters(len)))
            .help("positions count from 0, and the end is left out")
    };
    let (a, b) = (usize::try_from(lo).map_err(|_| outside())?, usize::try_from(hi).map_err(|_| outside())?);
    if a > b || b > len {
        return Err(outside());
    }
    let part = s.get(byte_of_char(s, a)..byte_of_char(s, b)).unwrap_or("");
    room(cx, part.len())?;
    Ok(part.to_string())
}

fn looking() -> Vec<Op> {
    vec![
        Op::new(
            "len",
            "(s: str) -> int",
            "How many characters a text has.",
            r#"len("héllo") == 5"#,
            Exact::Inline(Inline::LenStr),
        ),
        Op::new(
            "contains",
            "(s: str, part: str) -> bool",
            "Whether `part` occurs in the text.",
            r#"contains("abc", "bc")"#,
            native!(try |cx; s: &str, part: &str| -> bool { cx.work(s.len())?; Ok(s.contains(part)) }),
        ),
        Op::new(
            "starts_with",
            "(s: str, part: str) -> bool",
            "Whether the text begins with `part`.",
            r#"starts_with("abc", "ab")"#,
            native!(try |cx; s: &str, part: &str| -> bool { cx.work(part.len())?; Ok(s.starts_with(part)) }),
        ),
        Op::new(
            "ends_with",
            "(s: str, part: str) -> bool",
            "Whether the text ends with `part`.",
            r#"ends_with("abc", "bc")"#,
            native!(try |cx; s: &str, part: &str| -> bool { cx.work(part.len())?; Ok(s.ends_with(part)) }),
        ),
        Op::new(
            "index_of",
            "(s: str, part: str) -> int",
            "The position, counted from 0, where `part` first occurs; -1 if it does not.",
            r#"index_of("abcb", "b") == 1"#,
            native!(try |cx; s: &str, part: &str| -> i64 {
                cx.work(s.len())?;
                Ok(s.find(part).map_or(-1, |at| char_len(&s[..at]) as i64))
            }),
        ),
        Op::new(
            "char_code",
            "(c: str) -> int",
            "The Unicode number of a single character.",
            r#"char_code("A") == 65"#,
            native!(try |c: &str| -> i64 { one_char(c, "char_code").map(|c| i64::from(u32::from(c))) }),
        ),
        Op::new(
            "split",
            "(s: str, sep: str) -> [str]",
            "The pieces between separators; an empty separator is an error.",
            r#"split("a,b,,c", ",") == ["a", "b", "", "c"]"#,
            native!(try |cx; s: &str, sep: &str| -> Vec<Value> {
                if sep.is_empty() {
                    return Err(Fail::from("cannot split by an empty text").help("`chars(s)` gives the characters"));
                }
                cx.work(s.len())?;
                // One character is looked for much faster than a text.
                let mut chars = sep.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => strs(cx, s.split(c)),
                    _ => strs(cx, s.split(sep)),
                }
            }),
        ),
        Op::new(
            "lines",
            "(s: str) -> [str]",
            "The lines of a text, without their ends; both `\\n` and `\\r\\n` end a line.",
            r#"lines("a\nb\n") == ["a", "b"]"#,
            native!(try |cx; s: &str| -> Vec<Value> { cx.work(s.len())?; strs(cx, s.lines()) }),
        ),
        Op::new(
            "words",
            "(s: str) -> [str]",
            "The pieces between stretches of white space.",
            r#"words(" a  b ") == ["a", "b"]"#,
            native!(try |cx; s: &str| -> Vec<Value> { cx.work(s.len())?; strs(cx, s.split_whitespace()) }),
        ),
        Op::new(
            "chars",
            "(s: str) -> [str]",
            "The characters of a text, each a text of its own.",
            r#"chars("abc") == ["a", "b", "c"]"#,
            native!(try |cx; s: &str| -> Vec<Value> {
                strs(cx, s.char_indices().map(|(i, c)| &s[i..i + c.len_utf8()]))
            }),
        ),
        Op::new(
            "char_chunks",
            "(s: str, n: int) -> [str]",
            "The text in pieces of n characters; the last may be shorter. An error if n is not 1 or more.",
            r#"char_chunks("abcde", 2) == ["ab", "cd", "e"]"#,
            native!(try |cx; s: &str, n: i64| -> Vec<Value> {
                let n = usize::try_from(n).ok().filter(|n| *n > 0);
                let n = n.ok_or("the pieces of a text have 1 character or more")?;
                let mut rest = s;
                strs(cx, std::iter::from_fn(move || {
                    let (head, tail) = rest.split_at(byte_of_char(rest, n));
                    rest = tail;
                    (!head.is_empty()).then_some(head)
                }))
            }),
        ),
    ]
}

fn one_char(s: &str, who: &str) -> Result<char, Fail> {
    let mut all = s.chars();
    match (all.next(), all.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(format!("`{who}` wants a single character, not {}", quote(s)).into()),
    }
}

fn making() -> Vec<Op> {
    vec![
        Op::new(
            "upper",
            "(s: str) -> str",
            "The text in capitals.",
            r#"upper("aB") == "AB""#,
            native!(try |cx; s: &str| -> String { letters(cx, s)?; Ok(s.to_uppercase()) }),
        ),
        Op::new(
            "lower",
            "(s: str) -> str",
            "The text in small letters.",
            r#"lower("aB") == "ab""#,
            native!(try |cx; s: &str| -> String { letters(cx, s)?; Ok(s.to_lowercase()) }),
        ),
        Op::new(
            "join",
            "(xs: [str], sep: str = \"\") -> str",
            "The texts one after the other, with a separator between them.",
            r#"join(["a", "b"], ", ") == "a, b""#,
            native!(try |cx; xs: Vec<&str>, sep: &str| -> String {
                let bytes = xs.iter().fold(xs.len().saturating_mul(sep.len()), |n, x| n.saturating_add(x.len()));
                cx.work(bytes)?;
                room(cx, bytes)?;
                Ok(xs.join(sep))
            }),
        ),
        Op::new(
            "repeat_str",
            "(s: str, n: int) -> str",
            "The text n times.",
            r#"repeat_str("ab", 3) == "ababab""#,
            native!(try |cx; s: &str, n: i64| -> String {
                let n = count(n, "the number of repetitions")?;
                let bytes = s.len().saturating_mul(n);
                room(cx, bytes)?;
                cx.work(bytes)?;
                Ok(s.repeat(n))
            }),
        ),
        Op::new(
            "pad_left",
            "(s: str, width: int, fill: str = \" \") -> str",
            "The text with a fill character before it, as often as makes `width` characters.",
            r#"pad_left("7", 3, "0") == "007""#,
            native!(try |cx; s: &str, width: i64, fill: &str| -> String {
                let mut out = padding(cx, s, width, fill)?;
                out.push_str(s);
                Ok(out)
            }),
        ),
        Op::new(
            "pad_right",
            "(s: str, width: int, fill: str = \" \") -> str",
            "The text with a fill character after it, as often as makes `width` characters.",
            r#"pad_right("ab", 4, ".") == "ab..""#,
            native!(try |cx; s: &str, width: i64, fill: &str| -> String {
                let pad = padding(cx, s, width, fill)?;
                Ok(s.to_string() + &pad)
            }),
        ),
        Op::new(
            "reverse",
            "(s: str) -> str",
            "The characters from last to first.",
            r#"reverse("abc") == "cba""#,
            native!(try |cx; s: &str| -> String { letters(cx, s)?; Ok(s.chars().rev().collect()) }),
        ),
        Op::new(
            "strip",
            "(s: str) -> str",
            "The text without white space at its ends.",
            r#"strip(" a b\n") == "a b""#,
            native!(try |cx; s: &str| -> String { letters(cx, s)?; Ok(s.trim().to_string()) }),
        ),
        Op::new(
            "from_code",
            "(code: int) -> str",
            "The character with this Unicode number.",
            r#"from_code(65) == "A""#,
            native!(try |code: i64| -> String {
                let c = u32::try_from(code).ok().and_then(char::from_u32);
                c.map(String::from).ok_or_else(|| format!("there is no character with the code {code}").into())
            }),
        ),
    ]
}

/// Counts and pays for a text made from all of `s`.
fn letters(cx: &mut Ctx<'_>, s: &str) -> Result<(), Fail> {
    cx.work(s.len())?;
    room(cx, s.len())
}

/// What makes `s` as wide as `width`.
fn padding(cx: &mut Ctx<'_>, s: &str, width: i64, fill: &str) -> Result<String, Fail> {
    let c = one_char(fill, "fill")?;
    let n = count(width, "the width")?.saturating_sub(char_len(s));
    let bytes = n.saturating_mul(c.len_utf8()).saturating_add(s.len());
    room(cx, bytes)?;
    cx.work(bytes)?;
    let mut out = String::with_capacity(bytes);
    out.extend(std::iter::repeat_n(c, n));
    Ok(out)
}

fn conversions() -> Vec<Op> {
    vec![
        Op::new(
            "str",
            "(x: int) -> str",
            "An int in decimal digits.",
            r#"str(-42) == "-42""#,
            Exact::Inline(Inline::StrInt),
        ),
        Op::new(
            "str",
            "(x: num) -> str",
            "A num in the fewest digits that read back as the same num.",
            r#"str(0.5) == "0.5""#,
            native!(|x: f64| -> String { num_text(x) }),
        ),
        Op::new(
            "str",
            "(x: bool) -> str",
            "`true` or `false`.",
            r#"str(1 < 2) == "true""#,
            native!(|x: bool| -> &str { if x { "true" } else { "false" } }),
        ),
        Op::new(
            "str",
            "(x: str) -> str",
            "The text itself.",
            r#"str("a") == "a""#,
            super::native(|_, args| super::util::take(args, 0)),
        ),
        Op::new(
            "int",
            "(s: str) -> int",
            "The int that a text writes in decimal digits, white space around it aside; an error if it is none.",
            r#"int(" -42 ") == -42"#,
            native!(try |s: &str| -> i64 { read(s, "int") }),
        ),
        Op::new(
            "num",
            "(s: str) -> num",
            "The num that a text writes, white space around it aside; an error if it is none.",
            r#"num("2.5e1") == 25.0"#,
            native!(try |s: &str| -> f64 { read(s, "num") }),
        ),
    ]
}

fn read<T: std::str::FromStr>(s: &str, ty: &str) -> Result<T, Fail> {
    s.trim().parse().map_err(|_| format!("cannot read {} as {ty}", quote(s)).into())
}
