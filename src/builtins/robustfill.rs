//! The RobustFill operators: the default dialect under their own names, dialect R under `r.`, and the strict forms.
//!
//! Positions and indices of the default dialect count from 1, or from the end when negative; those of dialect R from 0.

use super::convert::FromArg;
use super::util::room;
use super::{Exact, Grammar, Op};
use crate::native;
use crate::text::token::{Boundary, Case, Regex, Token, matches};
use crate::text::{dialect_r, robustfill as g, superset};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen, Value};
use std::any::Any;

/// A type whose values are a few named constants.
macro_rules! constants {
    ($($t:ty, $name:literal;)*) => {$(
        impl Object for $t {
            fn type_name(&self) -> &str {
                $name
            }
            fn show(&self) -> String {
                self.name().to_string()
            }
            fn same(&self, other: &dyn Object) -> bool {
                other.as_any().downcast_ref::<$t>() == Some(self)
            }
            fn bytes(&self, _seen: &mut Seen) -> usize {
                size_of::<$t>()
            }
            fn as_any(&self) -> &dyn Any {
                self
            }
        }
    )*};
}
constants! { Token, "token"; Case, "case"; Boundary, "boundary"; }

impl<'a> FromArg<'a> for Regex<'a> {
    fn from_arg(v: &'a Value) -> Result<Regex<'a>, Fail> {
        match v {
            Value::Str(s) => Ok(Regex::Text(s)),
            _ => <&Token>::from_arg(v).map(|t| Regex::Token(*t)),
        }
    }
}

const ONE: &[(Grammar, u32)] = &[(Grammar::Text, 1)];
const TWO: &[(Grammar, u32)] = &[(Grammar::Text, 2)];

/// The operators and their constants.
pub fn ops() -> Vec<Op> {
    let mut out = constant_ops();
    out.extend(substrings());
    out.extend(modifications());
    out.extend(dialect_r_ops());
    out
}

fn constant_ops() -> Vec<Op> {
    let token = |t: Token| {
        let (doc, example) = match t {
            Token::Number => ("One or more digits.", r#"get_token("a 12", NUMBER, 1) == "12""#),
            Token::Word => ("One or more letters A-Z, a-z.", r#"get_token("a1 bc", WORD, 2) == "bc""#),
            Token::Alphanum => ("One or more letters or digits.", r#"get_token("-a1-", ALPHANUM, 1) == "a1""#),
            Token::AllCaps => ("One or more capitals.", r#"get_token("McD", ALL_CAPS, 2) == "D""#),
            Token::PropCase => {
                ("A capital followed by small letters.", r#"get_token("McDonald", PROP_CASE, 2) == "Donald""#)
            }
            Token::Lower => ("One or more small letters.", r#"get_token("ABcd", LOWER, 1) == "cd""#),
            Token::Digit => ("One digit.", r#"get_token("a12", DIGIT, 2) == "2""#),
            Token::Char => (
                "One letter, digit or delimiter; `-`, `+`, `_` and newlines are none.",
                r#"get_token("-a", CHAR, 1) == "a""#,
            ),
            Token::Field => {
                ("Anything but white space, as much as there is.", r#"get_token("a-1 b", FIELD, 1) == "a-1""#)
            }
            Token::Space => ("White space, as much as there is.", r#"cut("a \t b", end_of(SPACE), at_end()) == "b""#),
            Token::Decimal => (
                "Digits, with points or commas between them.",
                r#"get_token("from 1,234.5.", DECIMAL, 1) == "1,234.5""#,
            ),
            Token::Letters => ("Letters of any alphabet.", r#"get_token("1 \u{c9}va", LETTERS, 1) == "\u{c9}va""#),
            Token::Capital => ("One capital.", r#"cut("abCDe", end_of(CAPITAL), at_end()) == "De""#),
        };
        let op = Op::new(t.name(), "-> token", doc, example, Exact::Const(Value::obj(t)));
        // The papers' grammar has the papers' classes.
        if Token::ALL.contains(&t) { op.grammars(ONE) } else { op }
    };
    let case = |c: Case| {
        let (doc, example) = match c {
            Case::Proper => ("A capital, then small letters.", r#"to_case("aB", PROPER) == "Ab""#),
            Case::AllCaps => ("Capitals.", r#"to_case("aB", ALL_CAPS) == "AB""#),
            Case::Lower => ("Small letters.", r#"to_case("aB", LOWER) == "ab""#),
        };
        Op::new(c.name(), "-> case", doc, example, Exact::Const(Value::obj(c))).grammars(ONE)
    };
    let boundary = |b: Boundary| {
        let doc = match b {
            Boundary::Start => "Where a match begins.",
            Boundary::End => "Where a match ends.",
        };
        let example = r#"get_span("(ab)", "(", 1, END, ")", 1, START) == "ab""#;
        Op::new(b.name(), "-> boundary", doc, example, Exact::Const(Value::obj(b))).grammars(ONE)
    };
    let tokens = Token::ALL.into_iter().chain(Token::MORE).map(token);
    tokens.chain(Case::ALL.into_iter().map(case)).chain(Boundary::ALL.into_iter().map(boundary)).collect()
}

/// The piece of a text that an operator selects, with the work counted.
fn piece(cx: &mut Ctx<'_>, s: &str, part: &str) -> Result<String, Fail> {
    cx.work(s.len())?;
    super::util::piece(cx, part)
}

/// The text that an operator writes, of about `bytes` at most.
fn made(cx: &mut Ctx<'_>, s: &str, bytes: usize, write: impl FnOnce(&mut String)) -> Result<String, Fail> {
    cx.work(s.len())?;
    room(cx, bytes)?;
    let mut out = String::new();
    write(&mut out);
    Ok(out)
}

fn substrings() -> Vec<Op> {
    let mut out = vec![
        Op::new(
            "const_str",
            "(c: str) -> str",
            "The text itself, whatever the input (ConstStr). The papers allow one character.",
            r#"const_str(",") == ",""#,
            native!(|c: &str| -> &str { c }),
        )
        .grammars(ONE),
        Op::new(
            "sub_str",
            "(s: str, k1: int, k2: int) -> str",
            "Characters k1 to k2, both included, counted from 1 or, when negative, from the end; 0 is the place after the \
             last character. As published, k1 equal to k2 gives the empty text; positions outside are clipped.",
            r#"sub_str("abcdef", 2, 4) == "bcd""#,
            native!(try |cx; s: &str, k1: i64, k2: i64| -> String { piece(cx, s, g::sub_str(s, k1, k2)) }),
        )
        .grammars(TWO),
        Op::new(
            "get_token",
            "(s: str, t: token, i: int = 1) -> str",
            "The i-th match of a token class, from the end when i is negative; empty if there is none.",
            r#"get_token("Mason Smith", PROP_CASE, 2) == "Smith""#,
            native!(try |cx; s: &str, t: &Token, i: i64| -> String { piece(cx, s, g::get_token(s, *t, i)) }),
        )
        .grammars(ONE),
    ];
    for r in ["token", "str"] {
        let examples = if r == "token" {
            [r#"get_upto("ab 12 cd", NUMBER) == "ab 12""#, r#"get_from("ab 12 cd", NUMBER) == " cd""#]
        } else {
            [r#"get_upto("a,b,c", ",") == "a,""#, r#"get_from("a,b,c", ",") == "b,c""#]
        };
        out.push(
            Op::new(
                "get_upto",
                format!("(s: str, r: {r}) -> str"),
                "The text up to the end of the first match of a token class or delimiter; empty if there is none.",
                examples[0],
                native!(try |cx; s: &str, r: Regex| -> String { piece(cx, s, g::get_upto(s, r)) }),
            )
            .grammars(ONE),
        );
        out.push(
            Op::new(
                "get_from",
                format!("(s: str, r: {r}) -> str"),
                "The text after the first match of a token class or delimiter; empty if there is none.",
                examples[1],
                native!(try |cx; s: &str, r: Regex| -> String { piece(cx, s, g::get_from(s, r)) }),
            )
            .grammars(ONE),
        );
    }
    spans(
        &mut out,
        "get_span",
        "The text from one boundary to another: the start or end of the i-th match of each pattern. Empty if a pattern \
         has no match or the boundaries cross. As published, an index below the range stands for the start of the text, \
         one above it for the position `number of matches - 1`; see `get_span_strict`.",
        TWO,
        native!(try |cx; s: &str, r1: Regex, i1: i64, b1: &Boundary, r2: Regex, i2: i64, b2: &Boundary| -> String {
            piece(cx, s, g::get_span(s, (r1, i1, *b1), (r2, i2, *b2)))
        }),
    );
    spans(
        &mut out,
        "get_span_strict",
        "As `get_span`, but empty whenever an index is out of range.",
        &[],
        native!(try |cx; s: &str, r1: Regex, i1: i64, b1: &Boundary, r2: Regex, i2: i64, b2: &Boundary| -> String {
            piece(cx, s, superset::get_span_strict(s, (r1, i1, *b1), (r2, i2, *b2)))
        }),
    );
    out
}

/// The four overloads of a span operator.
fn spans(out: &mut Vec<Op>, name: &'static str, doc: &'static str, g: &'static [(Grammar, u32)], exact: Exact) {
    // Dialect R counts matches from 0.
    let first = if name.starts_with("r.") { 0 } else { 1 };
    for (a, from) in [("token", "WORD"), ("str", "\"(\"")] {
        for (b, to) in [("token", "WORD"), ("str", "\")\"")] {
            let (start, end) = (if a == "token" { "START" } else { "END" }, if b == "token" { "END" } else { "START" });
            let example = format!("{name}(\"(ab)\", {from}, {first}, {start}, {to}, {first}, {end}) == \"ab\"");
            let sig = format!("(s: str, r1: {a}, i1: int, b1: boundary, r2: {b}, i2: int, b2: boundary) -> str");
            out.push(Op::new(name, sig, doc, example, exact.clone()).grammars(g));
        }
    }
}

fn modifications() -> Vec<Op> {
    vec![
        Op::new(
            "get_first",
            "(s: str, t: token, i: int) -> str",
            "The first i matches joined without separator, all if there are fewer; a negative i leaves out that many of \
             the last.",
            r#"get_first("ab cd ef", WORD, 2) == "abcd""#,
            native!(try |cx; s: &str, t: &Token, i: i64| -> String { made(cx, s, s.len(), |o| g::get_first(s, *t, i, o)) }),
        )
        .grammars(ONE),
        Op::new(
            "get_all",
            "(s: str, t: token) -> str",
            "All matches joined without separator.",
            r#"get_all("a1b22", NUMBER) == "122""#,
            native!(try |cx; s: &str, t: &Token| -> String { made(cx, s, s.len(), |o| g::get_all(s, *t, o)) }),
        )
        .grammars(ONE),
        Op::new(
            "to_case",
            "(s: str, c: case) -> str",
            "The text in another case. PROPER makes the first character of the whole text a capital and all others \
             small; `title_case` does so for each word.",
            r#"to_case("mason SMITH", PROPER) == "Mason smith""#,
            native!(try |cx; s: &str, c: &Case| -> String {
                made(cx, s, s.len().saturating_mul(3), |o| g::to_case(s, *c, o))
            }),
        )
        .grammars(ONE),
        Op::new(
            "replace",
            "(s: str, d1: str, d2: str) -> str",
            "Every d1 becomes d2. The papers allow delimiters; any texts will do. An empty d1 changes nothing.",
            r#"replace("a b c", " ", ", ") == "a, b, c""#,
            native!(try |cx; s: &str, d1: &str, d2: &str| -> String {
                let n = matches(s, d1).count();
                made(cx, s, s.len().saturating_add(n.saturating_mul(d2.len())), |o| g::replace(s, d1, d2, o))
            }),
        )
        .grammars(ONE),
        Op::new(
            "trim",
            "(s: str) -> str",
            "The text without spaces, tabs, line ends, vertical tabs and form feeds at its ends; `strip` knows all of \
             Unicode's white space.",
            r#"trim("  a b ") == "a b""#,
            native!(try |cx; s: &str| -> String { piece(cx, s, g::trim(s)) }),
        )
        .grammars(ONE),
        Op::new(
            "substitute",
            "(s: str, t: token, i: int, c: str) -> str",
            "The text of the i-th match becomes c; unchanged if there is none. As published, the first place where that \
             text occurs is replaced, which may be earlier; see `substitute_match`.",
            r#"substitute("a1 11", DIGIT, 2, "x") == "ax 11""#,
            native!(try |cx; s: &str, t: &Token, i: i64, c: &str| -> String {
                made(cx, s, s.len().saturating_add(c.len()), |o| g::substitute(s, *t, i, c, o))
            }),
        )
        .grammars(TWO),
        Op::new(
            "substitute_all",
            "(s: str, t: token, c: str) -> str",
            "Every match becomes c. As published, the matches are taken once, and for each in turn the first place where \
             its text then occurs is replaced.",
            r#"substitute_all("a1b22", NUMBER, "-") == "a-b-""#,
            native!(try |cx; s: &str, t: &Token, c: &str| -> String { substitute_all(cx, s, *t, c) }),
        )
        .grammars(TWO),
        Op::new(
            "remove",
            "(s: str, t: token, i: int) -> str",
            "The text without its i-th match; as published, the first place where the text of that match occurs goes.",
            r#"remove("ab12cd3", NUMBER, 2) == "ab12cd""#,
            native!(try |cx; s: &str, t: &Token, i: i64| -> String { made(cx, s, s.len(), |o| g::remove(s, *t, i, o)) }),
        )
        .grammars(TWO),
        Op::new(
            "remove_all",
            "(s: str, t: token) -> str",
            "The text without all matches.",
            r#"remove_all("a1b22", NUMBER) == "ab""#,
            native!(try |cx; s: &str, t: &Token| -> String { substitute_all(cx, s, *t, "") }),
        )
        .grammars(TWO),
        Op::new(
            "substitute_match",
            "(s: str, t: token, i: int, c: str) -> str",
            "As `substitute`, but the i-th match itself becomes c.",
            r#"substitute_match("a1 11", DIGIT, 2, "x") == "a1 x1""#,
            native!(try |cx; s: &str, t: &Token, i: i64, c: &str| -> String {
                made(cx, s, s.len().saturating_add(c.len()), |o| superset::substitute_match(s, *t, i, c, o))
            }),
        ),
        Op::new(
            "swap_case",
            "(s: str) -> str",
            "Capitals made small and small letters made capital.",
            r#"swap_case("iPad") == "IpAD""#,
            native!(try |cx; s: &str| -> String {
                made(cx, s, s.len().saturating_mul(3), |o| superset::swap_case(s, o))
            }),
        ),
        Op::new(
            "title_case",
            "(s: str) -> str",
            "Each word with a capital and small letters; a word begins at a letter that follows anything but a letter.",
            r#"title_case("mason o'neil") == "Mason O'Neil""#,
            native!(try |cx; s: &str| -> String {
                made(cx, s, s.len().saturating_mul(3), |o| superset::title_case(s, o))
            }),
        )
        .grammars(TWO),
    ]
}

fn substitute_all(cx: &mut Ctx<'_>, s: &str, t: Token, c: &str) -> Result<String, Fail> {
    let n = matches(s, t).count();
    room(cx, s.len().saturating_add(n.saturating_mul(c.len())))?;
    let mut out = String::new();
    g::substitute_all_with(s, t, c, &mut out, |bytes| cx.work(bytes))?;
    Ok(out)
}

fn miss(m: dialect_r::Miss) -> Fail {
    m.to_string().into()
}

fn dialect_r_ops() -> Vec<Op> {
    let mut out = vec![
        Op::new(
            "r.sub_str",
            "(s: str, k1: int, k2: int) -> str",
            "Characters k1 to k2 without the latter, counted from 0 or, when negative, from the end.",
            r#"r.sub_str("abcdef", 1, 3) == "bc""#,
            native!(try |cx; s: &str, k1: i64, k2: i64| -> String { piece(cx, s, dialect_r::sub_str(s, k1, k2)) }),
        ),
        Op::new(
            "r.get_token",
            "(s: str, t: token, i: int = 0) -> str",
            "The i-th match, counted from 0, from the end when negative; an error if there is none. In this dialect \
             ALPHANUM, ALL_CAPS and LOWER match one character, CHAR any but a newline, and WORD and ALPHANUM all from `A` \
             to `z`.",
            r#"r.get_token("ab cd", WORD, 1) == "cd""#,
            native!(try |cx; s: &str, t: &Token, i: i64| -> String {
                piece(cx, s, dialect_r::get_token(s, *t, i).map_err(miss)?)
            }),
        ),
    ];
    for (r, upto, from) in [
        ("token", r#"r.get_upto("ab 12 cd", NUMBER) == "ab 12""#, r#"r.get_from("ab 12 cd 3 e", NUMBER) == " e""#),
        ("str", r#"r.get_upto("a,b,c", ",") == "a,""#, r#"r.get_from("a,b,c", ",") == "c""#),
    ] {
        out.push(Op::new(
            "r.get_upto",
            format!("(s: str, r: {r}) -> str"),
            "The text up to the end of the first match; an error if there is none.",
            upto,
            native!(try |cx; s: &str, r: Regex| -> String { piece(cx, s, dialect_r::get_upto(s, r).map_err(miss)?) }),
        ));
        out.push(Op::new(
            "r.get_from",
            format!("(s: str, r: {r}) -> str"),
            "The text after the last match; an error if there is none.",
            from,
            native!(try |cx; s: &str, r: Regex| -> String { piece(cx, s, dialect_r::get_from(s, r).map_err(miss)?) }),
        ));
    }
    spans(
        &mut out,
        "r.get_span",
        "The text between two boundaries, matches counted from 0; an error where an index is out of range.",
        &[],
        native!(try |cx; s: &str, r1: Regex, i1: i64, b1: &Boundary, r2: Regex, i2: i64, b2: &Boundary| -> String {
            piece(cx, s, dialect_r::get_span(s, (r1, i1, *b1), (r2, i2, *b2)).map_err(miss)?)
        }),
    );
    out.extend([
        Op::new(
            "r.get_first",
            "(s: str, t: token, i: int) -> str",
            "Matches 0 to i joined without separator: 0 gives one match, -1 none, -2 all but the last.",
            r#"r.get_first("ab cd ef", WORD, 1) == "abcd""#,
            native!(try |cx; s: &str, t: &Token, i: i64| -> String {
                made(cx, s, s.len(), |o| dialect_r::get_first(s, *t, i, o))
            }),
        ),
        Op::new(
            "r.get_all",
            "(s: str, t: token) -> str",
            "All matches joined without separator.",
            r#"r.get_all("a1b22", NUMBER) == "122""#,
            native!(try |cx; s: &str, t: &Token| -> String { made(cx, s, s.len(), |o| dialect_r::get_all(s, *t, o)) }),
        ),
        Op::new(
            "r.to_case",
            "(s: str, c: case) -> str",
            "The text in another case; PROPER is for each word, as `title_case`.",
            r#"r.to_case("mason SMITH", PROPER) == "Mason Smith""#,
            native!(try |cx; s: &str, c: &Case| -> String {
                made(cx, s, s.len().saturating_mul(3), |o| dialect_r::to_case(s, *c, o))
            }),
        ),
        Op::new(
            "r.replace",
            "(s: str, d1: str, d2: str) -> str",
            "Every d1 becomes d2.",
            r#"r.replace("a b", " ", "-") == "a-b""#,
            native!(try |cx; s: &str, d1: &str, d2: &str| -> String {
                let n = matches(s, d1).count();
                made(cx, s, s.len().saturating_add(n.saturating_mul(d2.len())), |o| g::replace(s, d1, d2, o))
            }),
        ),
    ]);
    out
}
