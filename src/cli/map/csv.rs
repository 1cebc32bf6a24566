//! Rows of CSV: which columns go in, where the result goes, and the records written anew.

use super::apply::Apply;
use super::chunks::Chunk;
use super::flow::{Done, Work};
use super::report::{Failure, MOST};
use super::scan::{Record, Records, decode, put};
use crate::builtins::util::num_text;
use crate::data::code;
use crate::suggest::nearest;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use memchr::memchr_iter;
use std::io::Write;
use std::ops::Range;

/// What is done to each record.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Between fields.
    pub delimiter: u8,
    /// The columns that go in, by position.
    pub columns: Vec<usize>,
    /// Their names, for messages.
    pub names: Vec<String>,
    /// Where the result goes; the width of the table if it is a new column.
    pub target: usize,
    /// Whether it takes the place of a column.
    pub replaces: bool,
    /// For records that have no end of line.
    pub eol: &'static [u8],
}

/// The column that a name or a number from 1 means. Names go before numbers.
pub fn column(names: Option<&[String]>, width: usize, wanted: &str) -> Result<usize, Fail> {
    if let Some(i) = names.and_then(|ns| ns.iter().position(|n| n == wanted)) {
        return Ok(i);
    }
    let columns = if width == 1 { "1 column".to_string() } else { format!("{width} columns") };
    match (wanted.parse::<usize>(), names) {
        (Ok(n), _) if (1..=width).contains(&n) => Ok(n - 1),
        (Ok(n), _) => Err(Fail::new(code::FORMAT, format!("there is no column {n}: the table has {columns}"))
            .help("columns count from 1")),
        (Err(_), None) => Err(Fail::new(code::FORMAT, format!("without a header there is no column `{wanted}`"))
            .help("give its number, counted from 1")),
        (Err(_), Some(names)) => {
            let fail = Fail::new(code::FORMAT, format!("the table has no column `{wanted}`"));
            Err(match nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) => fail.help(format!("did you mean `{near}`?")),
                None => fail.help(format!("its columns are {}", listed(names))),
            })
        }
    }
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut out: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.len() > SHOWN {
        out.push("..".into());
    }
    out.join(", ")
}

impl Plan {
    /// How many fields of a record must be found.
    fn needed(&self) -> usize {
        let last = self.columns.iter().max().map_or(0, |c| c + 1);
        if self.replaces { last.max(self.target + 1) } else { last }
    }

    /// Writes a record with this in the place of the result. If it has a field at that place, `fields` must reach it.
    pub fn record(&self, text: &[u8], fields: &[Range<usize>], record: &Record, cell: &[u8], out: &mut Vec<u8>) {
        let Range { start, end } = record.text;
        let began = out.len();
        match fields.get(self.target) {
            Some(f) => {
                out.extend_from_slice(&text[start..f.start]);
                put(cell, self.delimiter, out);
                if !self.replaces {
                    // More fields than the table has columns: they stay behind the new one.
                    out.push(self.delimiter);
                    out.extend_from_slice(&text[f.start..end]);
                } else if record.count == self.target + 1 {
                    // The quote that was open, if there was one, is gone with its field.
                    self.finish(text, record, began, false, out);
                    return;
                } else {
                    out.extend_from_slice(&text[f.end..end]);
                }
                self.finish(text, record, began, record.open, out);
            }
            None => {
                out.extend_from_slice(&text[start..end]);
                if record.open {
                    out.push(b'"');
                }
                out.extend(std::iter::repeat_n(self.delimiter, self.target + 1 - record.count));
                put(cell, self.delimiter, out);
                self.finish(text, record, began, false, out);
            }
        }
    }

    fn finish(&self, text: &[u8], record: &Record, began: usize, open: bool, out: &mut Vec<u8>) {
        if open {
            out.push(b'"');
        }
        if out.len() == began {
            // A lone empty field would be an empty line, which is no record.
            out.extend_from_slice(b"\"\"");
        }
        let eol = &text[record.text.end..record.next];
        out.extend_from_slice(if eol.is_empty() { self.eol } else { eol });
    }
}

/// A worker.
pub struct CsvWork {
    /// What is done.
    pub plan: Plan,
    /// The function.
    pub apply: Apply,
    fields: Vec<Range<usize>>,
    buffers: Vec<Vec<u8>>,
    cell: Vec<u8>,
}

impl CsvWork {
    /// A worker with a machine of its own.
    pub fn new(plan: Plan, apply: Apply) -> CsvWork {
        let buffers = vec![Vec::new(); plan.columns.len()];
        CsvWork { plan, apply, fields: Vec::new(), buffers, cell: Vec::new() }
    }
}

impl Work for CsvWork {
    fn chunk(&mut self, chunk: &Chunk, out: &mut Done) -> bool {
        let CsvWork { plan, apply, fields, buffers, cell } = self;
        let text = chunk.bytes.as_slice();
        let mut records = Records::new(text, plan.delimiter).needing(plan.needed());
        let (mut line, mut counted) = (chunk.line, 0);
        while let Some(record) = records.next(fields) {
            if record.count == 0 {
                out.bytes.extend_from_slice(&text[record.text.start..record.next]);
                continue;
            }
            out.rows += 1;
            cell.clear();
            let mut buffer = buffers.iter_mut();
            let result = apply.call(|i| {
                let field = plan.columns.get(i).and_then(|c| fields.get(*c)).ok_or_else(|| {
                    let n = record.count;
                    let s = if n == 1 { "" } else { "s" };
                    Fail::new(code::FORMAT, format!("the row has {n} field{s}, and no column {}", plan.names[i]))
                })?;
                let bytes = match buffer.next() {
                    Some(b) => decode(&text[field.clone()], b),
                    None => &text[field.clone()],
                };
                std::str::from_utf8(bytes)
                    .map_err(|_| Fail::new(code::FORMAT, format!("column {} is not UTF-8 text", plan.names[i])))
            });
            match result {
                Ok(Some(value)) => put_cell(&value, cell),
                Ok(None) => return false,
                Err(fail) => {
                    out.failed += 1;
                    if out.failures.len() < MOST {
                        line += memchr_iter(b'\n', &text[counted..record.text.start]).count() as u64;
                        counted = record.text.start;
                        out.failures.push(Failure { line, fail });
                    }
                }
            }
            if record.count > plan.target && fields.len() <= plan.target {
                Records::new(text, plan.delimiter).starting(record.text.start).next(fields);
            }
            plan.record(text, fields, &record, cell, &mut out.bytes);
        }
        true
    }
}

/// A result as the text of a cell.
fn put_cell(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Str(s) => out.extend_from_slice(s.as_bytes()),
        // Writing to a vector cannot fail.
        Value::Int(i) => drop(write!(out, "{i}")),
        Value::Num(x) => out.extend_from_slice(num_text(*x).as_bytes()),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, target: usize, replaces: bool, cell: &str) -> String {
        let plan = Plan { delimiter: b',', columns: vec![], names: vec![], target, replaces, eol: b"\n" };
        let (mut records, mut fields, mut out) = (Records::new(text.as_bytes(), b','), Vec::new(), Vec::new());
        while let Some(r) = records.next(&mut fields) {
            plan.record(text.as_bytes(), &fields, &r, cell.as_bytes(), &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn results_go_to_their_column() {
        assert_eq!(written("a,\"b\"\r\nc,d", 2, false, "x"), "a,\"b\",x\r\nc,d,x\n");
        assert_eq!(written("a\nb,c,d\n", 2, false, "x,"), "a,,\"x,\"\nb,c,\"x,\",d\n");
        assert_eq!(written("a,b,c\n\"d", 0, true, "x"), "x,b,c\nx\n");
        assert_eq!(written("a\n", 1, true, "x"), "a,x\n");
        assert_eq!(written("a\n", 0, true, ""), "\"\"\n");
        assert_eq!(written("a,\"b", 2, false, "x"), "a,\"b\",x\n");
        assert_eq!(written("a,\"b", 0, true, "x"), "x,\"b\"\n");
    }

    #[test]
    fn columns_by_name_and_number() {
        let names = ["id".to_string(), "address".into(), "1".into()];
        let col = |w| column(Some(&names), 3, w).map_err(|e| e.help.unwrap());
        assert_eq!((col("address"), col("1"), col("2")), (Ok(1), Ok(2), Ok(1)));
        assert_eq!(col("adress"), Err("did you mean `address`?".into()));
        assert_eq!(col("zip"), Err("its columns are `id`, `address`, `1`".into()));
        assert_eq!(col("4"), Err("columns count from 1".into()));
        assert_eq!(column(None, 3, "id").unwrap_err().help.unwrap(), "give its number, counted from 1");
    }
}
