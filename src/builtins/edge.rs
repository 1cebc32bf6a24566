//! Edges: places in a text named by what stands there, and the text between two of them.

use super::util::{piece, quote};
use super::{Grammar, Op, made};
use crate::native;
use crate::text::edge::{Edge, Pattern, cut, field, match_of};
use crate::text::token::{Boundary, Regex, matches};
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen, Value};
use std::any::Any;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A text in which an edge is not there.
pub const NO_EDGE: &str = "E0446";

impl Object for Edge {
    fn type_name(&self) -> &str {
        "edge"
    }
    fn show(&self) -> String {
        edge_source(self)
    }
    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Edge>() == Some(self)
    }
    fn bytes(&self, _seen: &mut Seen) -> usize {
        size_of::<Edge>()
            + match self {
                Edge::Match(Pattern::Text(s), ..) => s.capacity(),
                _ => 0,
            }
    }
    fn fingerprint(&self) -> u64 {
        let mut h = DefaultHasher::new();
        self.hash(&mut h);
        h.finish()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An edge as programs write it.
pub fn edge_source(e: &Edge) -> String {
    let mut out = String::new();
    let (name, k) = match e {
        Edge::FromStart(k) => ("at", *k),
        Edge::FromEnd(k) => ("at_end", *k),
        Edge::Match(p, i, b) => {
            out.push_str(if *b == Boundary::Start { "start_of(" } else { "end_of(" });
            match p {
                Pattern::Token(t) => out.push_str(t.name()),
                Pattern::Text(s) => crate::vm::show::quote(s, &mut out),
            }
            if *i != 1 {
                let _ = write!(out, ", {i}");
            }
            out.push(')');
            return out;
        }
    };
    if k == 0 { format!("{name}()") } else { format!("{name}({k})") }
}

/// A boundary of a match, from the arguments of the operation that makes it.
fn match_edge(args: &[Value], b: Boundary) -> Result<Value, Fail> {
    let pattern = match super::util::arg::<Regex>(args, 0)? {
        Regex::Token(t) => Pattern::Token(t),
        Regex::Text("") => return Err("an empty text is everywhere and marks no edge".into()),
        Regex::Text(s) => Pattern::Text(s.to_string()),
    };
    let i = super::util::arg::<i64>(args, 1)?;
    let i = i32::try_from(i).ok().filter(|i| *i != 0 && *i != i32::MIN);
    let i = i.ok_or_else(|| Fail::from("matches count from 1, or from the end when negative"))?;
    Ok(Value::obj(Edge::Match(pattern, i, b)))
}

/// A number of characters from an end of the text.
fn distance(args: &[Value]) -> Result<u32, Fail> {
    let k = super::util::arg::<i64>(args, 0)?;
    u32::try_from(k).map_err(|_| format!("a distance from an end of the text cannot be {k}").into())
}

/// The error of a text that has not so many matches or fields.
fn missing(s: &str, what: &str, r: Regex<'_>, i: i64) -> Fail {
    let pattern = match r {
        Regex::Token(t) => t.name().to_string(),
        Regex::Text(t) => quote(t),
    };
    Fail::new(NO_EDGE, format!("{} has no {what} {pattern} number {i}", quote(s)))
}

/// Edges and cutting.
pub fn ops() -> Vec<Op> {
    let mut out = vec![
        Op::new(
            "at",
            "(k: int = 0) -> edge",
            "The place k characters after the start of a text.",
            r#"cut("abcdef", at(2), at_end(1)) == "cde""#,
            made(|args| Ok(Value::obj(Edge::FromStart(distance(args)?)))),
        ),
        Op::new(
            "at_end",
            "(k: int = 0) -> edge",
            "The place k characters before the end of a text.",
            r#"cut("abcdef", at_end(2), at_end()) == "ef""#,
            made(|args| Ok(Value::obj(Edge::FromEnd(distance(args)?)))),
        ),
    ];
    for (r, a, b) in [
        (
            "token",
            r#"cut("ab 12 cd", start_of(NUMBER), at_end()) == "12 cd""#,
            r#"cut("ab 12 cd", at(), end_of(NUMBER)) == "ab 12""#,
        ),
        (
            "str",
            r#"cut("a, b, c", at(), start_of(",", -1)) == "a, b""#,
            r#"cut("a, b, c", end_of(", "), at_end()) == "b, c""#,
        ),
    ] {
        out.push(Op::new(
            "start_of",
            format!("(r: {r}, i: int = 1) -> edge"),
            "The place where the i-th match of a token class or text begins, counted from the end when i is negative.",
            a,
            made(|args| match_edge(args, Boundary::Start)),
        ));
        out.push(Op::new(
            "end_of",
            format!("(r: {r}, i: int = 1) -> edge"),
            "The place where the i-th match of a token class or text ends, counted from the end when i is negative.",
            b,
            made(|args| match_edge(args, Boundary::End)),
        ));
    }
    out.push(
        Op::new(
            "cut",
            "(s: str, from: edge, to: edge) -> str",
            "The text between two edges; an error if one of them is not there, or they cross.",
            r#"cut("f(x, y)", end_of("("), start_of(")")) == "x, y""#,
            native!(try |cx; s: &str, from: &Edge, to: &Edge| -> String {
                cx.work(s.len())?;
                let part = cut(s, from, to).map_err(|e| {
                    Fail::new(NO_EDGE, format!("{} has no {}", quote(s), edge_source(e)))
                        .help("`cut_or` gives another text then")
                })?;
                piece(cx, part)
            }),
        )
        .grammars(&[(Grammar::Text, 1)]),
    );
    for (r, a, b) in [
        ("token", r#"match_of("a 12 b 34", NUMBER, 2) == "34""#, r#"field("a  b c", SPACE, 2) == "b""#),
        ("str", r#"match_of("a-b", "-") == "-""#, r#"field("a/b/c", "/", -1) == "c""#),
    ] {
        out.push(Op::new(
            "match_of",
            format!("(s: str, r: {r}, i: int = 1) -> str"),
            "The i-th match of a token class or text, counted from the end when i is negative; an error if there is none.",
            a,
            native!(try |cx; s: &str, r: Regex, i: i64| -> String {
                cx.work(s.len())?;
                let part = match_of(s, r, i).ok_or_else(|| missing(s, "match", r, i))?;
                piece(cx, part)
            }),
        ));
        out.push(Op::new(
            "count_of",
            format!("(s: str, r: {r}) -> int"),
            "How many matches of a token class or text there are, from left to right without overlap.",
            if r == "token" { r#"count_of("a 12 b 34", NUMBER) == 2"# } else { r#"count_of("a-b-c", "-") == 2"# },
            native!(try |cx; s: &str, r: Regex| -> i64 {
                cx.work(s.len())?;
                Ok(matches(s, r).count() as i64)
            }),
        ));
        out.push(Op::new(
            "field",
            format!("(s: str, sep: {r}, i: int) -> str"),
            "The i-th piece of the text between separators, counted from the end when i is negative; an error if there \
             are fewer.",
            b,
            native!(try |cx; s: &str, sep: Regex, i: i64| -> String {
                cx.work(s.len())?;
                let part = field(s, sep, i).ok_or_else(|| missing(s, "field by", sep, i))?;
                piece(cx, part)
            }),
        ));
    }
    out.push(Op::new(
        "lookup",
        "(s: str, table: [(str, str)]) -> str",
        "What a table gives for a text: the second part of the first pair whose first part is the text. An error if there \
         is none.",
        r#"lookup("b", [("a", "1"), ("b", "2")]) == "2""#,
        native!(try |cx; s: &str, table: &[Value]| -> Value {
            for row in table {
                let Value::Tuple(pair) = row else { continue };
                let [Value::Str(key), value] = &pair[..] else { continue };
                cx.work(key.len())?;
                if key.as_str() == s {
                    return Ok(value.clone());
                }
            }
            Err(Fail::new(NO_EDGE, format!("the table has nothing for {}", quote(s))))
        }),
    ));
    out.push(Op::new(
        "cut_or",
        "(s: str, from: edge, to: edge, other: str = \"\") -> str",
        "The text between two edges, or another one if an edge is not there or they cross.",
        r#"cut_or("f", end_of("("), start_of(")"), "none") == "none""#,
        native!(try |cx; s: &str, from: &Edge, to: &Edge, other: &str| -> String {
            cx.work(s.len())?;
            let part = cut(s, from, to).unwrap_or(other);
            piece(cx, part)
        }),
    ));
    out
}
