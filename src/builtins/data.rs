//! Text files and CSV tables.

use super::util::{ITEM, arg, room};
use super::{Op, native as body};
use crate::data::table::Table;
use crate::data::{read_text, read_whole, write_whole};
use crate::native;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;

/// Operations on text files and tables.
pub fn ops() -> Vec<Op> {
    let mut out = files();
    out.extend(reading());
    out.extend(using());
    out
}

/// Pays for bytes and the work on them.
pub(super) fn pay(cx: &mut Ctx<'_>) -> impl FnMut(usize) -> Result<(), Fail> {
    |n| {
        room(cx, n)?;
        cx.work(n)
    }
}

/// Writes a file that the program may touch.
pub(super) fn save(cx: &mut Ctx<'_>, path: &str, text: &str) -> Result<(), Fail> {
    let path = cx.path(path)?;
    cx.work(text.len())?;
    write_whole(&path, text.as_bytes())
}

fn files() -> Vec<Op> {
    vec![
        Op::new(
            "read_text",
            "(path: str) -> str",
            "The contents of a text file.",
            r#"// read_text("notes.txt")"#,
            native!(try |cx; path: &str| -> String { read_text(&cx.path(path)?, &mut pay(cx)) }),
        ),
        Op::new(
            "write_text",
            "(path: str, text: str) -> unit",
            "Writes a text file whole, in place of what was there.",
            r#"// write_text("notes.txt", "hello\n")"#,
            native!(try |cx; path: &str, text: &str| -> () { save(cx, path, text) }),
        ),
    ]
}

fn reading() -> Vec<Op> {
    vec![
        Op::new(
            "load_csv",
            "(path: str, header: bool = true) -> table",
            "A table from a CSV file. Without a header row its columns are named `1`, `2` and so on.",
            r#"// load_csv("data.csv")"#,
            native!(try |cx; path: &str, header: bool| -> Table {
                let file = cx.path(path)?;
                let bytes = read_whole(&file, &mut pay(cx))?;
                Table::parse(&bytes, header, &format!("`{}`", file.display()), &mut pay(cx))
            }),
        ),
        Op::new(
            "parse_csv",
            "(text: str, header: bool = true) -> table",
            "A table from CSV text. Without a header row its columns are named `1`, `2` and so on.",
            r#"len(columns(parse_csv("a,b\n1,2"))) == 2"#,
            native!(try |cx; text: &str, header: bool| -> Table {
                Table::parse(text.as_bytes(), header, "the CSV text", &mut pay(cx))
            }),
        ),
        Op::new(
            "table",
            "(columns: [str], rows: [[str]]) -> table",
            "A table from the names of its columns and its rows.",
            r#"to_csv(table(["a", "b"], [["1", "2"]])) == "a,b\n1,2\n""#,
            native!(try |cx; columns: Vec<&str>, rows: &[Value]| -> Table { Table::from_rows(&columns, rows, &mut pay(cx)) }),
        ),
    ]
}

fn using() -> Vec<Op> {
    vec![
        Op::new(
            "len",
            "(t: table) -> int",
            "How many rows a table has.",
            r#"len(parse_csv("a\n1\n2")) == 2"#,
            native!(|t: &Table| -> i64 { t.len() as i64 }),
        ),
        Op::new(
            "columns",
            "(t: table) -> [str]",
            "The names of a table's columns.",
            r#"columns(parse_csv("a,b\n1,2")) == ["a", "b"]"#,
            native!(|t: &Table| -> Vec<&str> { t.names().collect() }),
        ),
        Op::new(
            "column",
            "(t: table, name: str) -> [str]",
            "The cells of the column with this name; an error if there is none.",
            r#"column(parse_csv("a,b\n1,2\n3,4"), "b") == ["2", "4"]"#,
            native!(try |t: &Table, name: &str| -> Value { Ok(Value::List(t.column(name)?.clone())) }),
        ),
        Op::new(
            "rows",
            "(t: table) -> [[str]]",
            "The rows of a table, each a list of its cells.",
            r#"rows(parse_csv("a,b\n1,2")) == [["1", "2"]]"#,
            native!(try |cx; t: &Table| -> Vec<Value> {
                let bytes = t.len().saturating_mul(t.width().saturating_add(3)).saturating_mul(ITEM);
                room(cx, bytes)?;
                cx.work(bytes)?;
                Ok((0..t.len()).map(|i| Value::list(t.row(i).cloned().collect())).collect())
            }),
        ),
        Op::new(
            "with_column",
            "(t: table, name: str, values: [str]) -> table",
            "The table with a column more, or with other cells in the column of this name. There must be a value for each \
             row.",
            r#"columns(with_column(parse_csv("a\n1"), "b", ["2"])) == ["a", "b"]"#,
            body(|cx, args| {
                let t: &Table = arg(args, 0)?;
                let name: &str = arg(args, 1)?;
                let Some(Value::List(values)) = args.get(2) else { return Err("expected a list of strs".into()) };
                cx.work(t.width() * ITEM)?;
                Ok(Value::obj(t.with_column(name, values.clone())?))
            }),
        ),
        Op::new(
            "to_csv",
            "(t: table) -> str",
            "The table as CSV text with a header row.",
            r#"to_csv(parse_csv("a,b\n1,2")) == "a,b\n1,2\n""#,
            native!(try |cx; t: &Table| -> String { t.to_csv(&mut pay(cx)) }),
        ),
        Op::new(
            "save_csv",
            "(t: table, path: str) -> unit",
            "Writes the table to a CSV file with a header row.",
            r#"// save_csv(load_csv("in.csv"), "out.csv")"#,
            native!(try |cx; t: &Table, path: &str| -> () {
                let text = t.to_csv(&mut pay(cx))?;
                save(cx, path, &text)
            }),
        ),
    ]
}
