//! JSON values and files.

use super::data::{pay, save};
use super::util::{ITEM, num_text};
use super::{Exact, Op};
use crate::data::json::{Fields, Json, Node};
use crate::data::read_text;
use crate::native;
use crate::suggest::nearest;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use std::sync::Arc;

/// Operations on JSON.
pub fn ops() -> Vec<Op> {
    let mut out = files();
    out.extend(reaching());
    out.extend(reading());
    out.extend(making());
    out
}

/// Pays for the text of a value and writes it.
fn text(cx: &mut Ctx<'_>, j: &Json, pretty: bool) -> Result<String, Fail> {
    pay(cx)(j.text_size(pretty))?;
    j.text(pretty)
}

fn files() -> Vec<Op> {
    vec![
        Op::new(
            "parse_json",
            "(text: str) -> json",
            "The value that a JSON text writes.",
            r#"len(parse_json("[1, 2]")) == 2"#,
            native!(try |cx; text: &str| -> Json { Json::parse(text, "the JSON text", 1, &mut pay(cx)) }),
        ),
        Op::new(
            "load_json",
            "(path: str) -> json",
            "The value in a JSON file.",
            r#"// load_json("task.json")"#,
            native!(try |cx; path: &str| -> Json {
                let file = cx.path(path)?;
                let text = read_text(&file, &mut pay(cx))?;
                Json::parse(&text, &format!("`{}`", file.display()), 1, &mut pay(cx))
            }),
        ),
        Op::new(
            "load_jsonl",
            "(path: str) -> [json]",
            "The values in a file with one JSON text a line; empty lines are left out.",
            r#"// load_jsonl("tasks.jsonl")"#,
            native!(try |cx; path: &str| -> Vec<Json> {
                let file = cx.path(path)?;
                let text = read_text(&file, &mut pay(cx))?;
                let source = format!("`{}`", file.display());
                let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
                lines.map(|(n, line)| Json::parse(line, &source, n, &mut pay(cx))).collect()
            }),
        ),
        Op::new(
            "to_json",
            "(j: json, pretty: bool = false) -> str",
            "The JSON text of a value, on one line or indented.",
            r#"to_json(parse_json("[1, 2]")) == "[1,2]""#,
            native!(try |cx; j: &Json, pretty: bool| -> String { text(cx, j, pretty) }),
        ),
        Op::new(
            "save_json",
            "(j: json, path: str) -> unit",
            "Writes a value to a JSON file, indented.",
            r#"// save_json(json([json(1)]), "out.json")"#,
            native!(try |cx; j: &Json, path: &str| -> () {
                let text = text(cx, j, true)? + "\n";
                save(cx, path, &text)
            }),
        ),
        Op::new(
            "save_jsonl",
            "(js: [json], path: str) -> unit",
            "Writes values to a file, one JSON text a line.",
            r#"// save_jsonl([json(1), json(2)], "out.jsonl")"#,
            native!(try |cx; js: Vec<&Json>, path: &str| -> () {
                let mut all = String::new();
                for j in js {
                    all += &text(cx, j, false)?;
                    all.push('\n');
                }
                save(cx, path, &all)
            }),
        ),
    ]
}

fn wrong(j: &Json, want: &str) -> Fail {
    let a = if want.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let found = match j.kind() {
        "null" => "null".to_string(),
        kind @ "object" => format!("an {kind}"),
        kind => format!("a {kind}"),
    };
    format!("expected {a} {want}, but the JSON value is {found}").into()
}

fn fields(j: &Json) -> Result<&Fields, Fail> {
    if let Node::Object(fs) = j.node() { Ok(fs) } else { Err(wrong(j, "object")) }
}

fn items(j: &Json) -> Result<&[Json], Fail> {
    if let Node::List(xs) = j.node() { Ok(xs) } else { Err(wrong(j, "list")) }
}

fn get(j: &Json, key: &str) -> Result<Json, Fail> {
    let fs = fields(j)?;
    fs.get(key).cloned().ok_or_else(|| {
        let fail = Fail::from(format!("the JSON object has no key `{key}`"));
        match nearest(key, fs.iter().map(|(k, _)| k)) {
            Some(near) => fail.help(format!("did you mean `{near}`?")),
            None => fail,
        }
    })
}

fn at(j: &Json, i: i64) -> Result<Json, Fail> {
    let xs = items(j)?;
    usize::try_from(i)
        .ok()
        .and_then(|i| xs.get(i))
        .cloned()
        .ok_or_else(|| format!("position {i} is outside a JSON list of length {}", xs.len()).into())
}

fn reaching() -> Vec<Op> {
    const KEY: &str = "(j: json, key: str) -> json";
    const INDEX: &str = "(j: json, i: int) -> json";
    let by_key = native!(try |j: &Json, key: &str| -> Json { get(j, key) });
    let by_index = native!(try |j: &Json, i: i64| -> Json { at(j, i) });
    let key = "The value of an object's field; an error if there is none.";
    let index = "The item of a list at position i, counted from 0; an error outside the list.";
    vec![
        Op::new("get", KEY, key, r#"as_int(get(parse_json("{\"a\": 1}"), "a")) == 1"#, by_key.clone()),
        Op::new("at", INDEX, index, r#"as_int(at(parse_json("[4, 5]"), 1)) == 5"#, by_index.clone()),
        Op::new("[]", KEY, key, r#"as_int(parse_json("{\"a\": 1}")["a"]) == 1"#, by_key),
        Op::new("[]", INDEX, index, r#"as_int(parse_json("[4, 5]")[1]) == 5"#, by_index),
        Op::new(
            "has",
            "(j: json, key: str) -> bool",
            "Whether an object has a field.",
            r#"has(parse_json("{\"a\": 1}"), "a")"#,
            native!(try |j: &Json, key: &str| -> bool { Ok(fields(j)?.get(key).is_some()) }),
        ),
        Op::new(
            "len",
            "(j: json) -> int",
            "How many items a list has, or fields an object.",
            r#"len(parse_json("{\"a\": 1}")) == 1"#,
            native!(try |j: &Json| -> i64 {
                match j.node() {
                    Node::List(xs) => Ok(xs.len() as i64),
                    Node::Object(fs) => Ok(fs.len() as i64),
                    _ => Err(wrong(j, "list or object")),
                }
            }),
        ),
        Op::new(
            "keys",
            "(j: json) -> [str]",
            "The keys of an object, in the order in which they were written.",
            r#"keys(parse_json("{\"b\": 1, \"a\": 2}")) == ["b", "a"]"#,
            native!(try |cx; j: &Json| -> Vec<Value> { super::util::strs(cx, fields(j)?.iter().map(|(k, _)| k)) }),
        ),
    ]
}

fn reading() -> Vec<Op> {
    vec![
        Op::new(
            "as_str",
            "(j: json) -> str",
            "The text that a JSON string is; an error for other values.",
            r#"as_str(parse_json("\"a\"")) == "a""#,
            native!(try |j: &Json| -> Value {
                if let Node::Str(s) = j.node() { Ok(Value::Str(s.clone())) } else { Err(wrong(j, "string")) }
            }),
        ),
        Op::new(
            "as_int",
            "(j: json) -> int",
            "The int that a JSON number is; an error for other values and for fractions.",
            r#"as_int(parse_json("42")) == 42"#,
            native!(try |j: &Json| -> i64 {
                let Node::Number(n) = j.node() else { return Err(wrong(j, "int")) };
                n.as_i64().ok_or_else(|| format!("the JSON number {n} is no int").into())
            }),
        ),
        Op::new(
            "as_num",
            "(j: json) -> num",
            "The num that a JSON number is; an error for other values.",
            r#"as_num(parse_json("0.5")) == 0.5"#,
            native!(try |j: &Json| -> f64 {
                let Node::Number(n) = j.node() else { return Err(wrong(j, "number")) };
                n.as_f64().ok_or_else(|| format!("the JSON number {n} is no num").into())
            }),
        ),
        Op::new(
            "as_bool",
            "(j: json) -> bool",
            "The bool that a JSON value is; an error for other values.",
            r#"as_bool(parse_json("true"))"#,
            native!(try |j: &Json| -> bool { if let Node::Bool(b) = j.node() { Ok(*b) } else { Err(wrong(j, "bool")) } }),
        ),
        Op::new(
            "as_list",
            "(j: json) -> [json]",
            "The items of a JSON list; an error for other values.",
            r#"len(as_list(parse_json("[1, 2]"))) == 2"#,
            native!(try |cx; j: &Json| -> Vec<Json> {
                let xs = items(j)?;
                pay(cx)(xs.len().saturating_mul(4 * ITEM))?;
                Ok(xs.to_vec())
            }),
        ),
        Op::new(
            "is_null",
            "(j: json) -> bool",
            "Whether a JSON value is null.",
            r#"is_null(parse_json("null"))"#,
            native!(|j: &Json| -> bool { matches!(j.node(), Node::Null) }),
        ),
        Op::new(
            "json_kind",
            "(j: json) -> str",
            "What a JSON value is: null, bool, number, string, list or object.",
            r#"json_kind(parse_json("[]")) == "list""#,
            native!(|j: &Json| -> &str { j.kind() }),
        ),
    ]
}

fn making() -> Vec<Op> {
    let mut out = vec![
        Op::new(
            "json",
            "(x: int) -> json",
            "The JSON number.",
            r#"to_json(json(1)) == "1""#,
            native!(try |x: i64| -> Json { Json::new(Node::Number(x.into())) }),
        ),
        Op::new(
            "json",
            "(x: num) -> json",
            "The JSON number; an error for nan and inf, which JSON does not have.",
            r#"to_json(json(0.5)) == "0.5""#,
            native!(try |x: f64| -> Json {
                let n = serde_json::Number::from_f64(x);
                Json::new(Node::Number(n.ok_or_else(|| Fail::from(format!("JSON has no number {}", num_text(x))))?))
            }),
        ),
        Op::new(
            "json",
            "(x: bool) -> json",
            "The JSON value `true` or `false`.",
            r#"to_json(json(true)) == "true""#,
            native!(try |x: bool| -> Json { Json::new(Node::Bool(x)) }),
        ),
        Op::new(
            "json",
            "(x: str) -> json",
            "The JSON string.",
            r#"to_json(json("a")) == "\"a\"""#,
            native!(try |x: &Value| -> Json {
                let Value::Str(s) = x else { return Err("expected a str".into()) };
                Json::new(Node::Str(s.clone()))
            }),
        ),
        Op::new(
            "json",
            "(xs: [json]) -> json",
            "The JSON list of these values.",
            r#"to_json(json([json(1), json("a")])) == "[1,\"a\"]""#,
            native!(try |cx; xs: Vec<&Json>| -> Json {
                pay(cx)(xs.len().saturating_mul(ITEM))?;
                Json::new(Node::List(xs.into_iter().cloned().collect()))
            }),
        ),
        Op::new(
            "json_object",
            "(keys: [str], values: [json]) -> json",
            "The JSON object with these keys and values; of equal keys the last one counts.",
            r#"to_json(json_object(["a"], [json(1)])) == "{\"a\":1}""#,
            native!(try |cx; keys: Vec<&str>, values: Vec<&Json>| -> Json {
                if keys.len() != values.len() {
                    return Err(format!("{} keys for {} values", keys.len(), values.len()).into());
                }
                pay(cx)(keys.iter().fold(0, |n, k| n.saturating_add(k.len() + 8 * ITEM)))?;
                let mut fs = Fields::default();
                keys.iter().zip(values).for_each(|(k, v)| fs.set(k, v.clone()));
                Json::new(Node::Object(fs))
            }),
        ),
    ];
    // Null is no deeper than any bound, so that making it cannot fail.
    if let Ok(null) = Json::new(Node::Null) {
        let value = Exact::Const(Value::Obj(Arc::new(Box::new(null))));
        out.push(Op::new("null", "-> json", "The JSON value null.", r#"to_json(null) == "null""#, value));
    }
    out
}
