//! Rows of JSONL: an object a line. What is not changed is copied as it is written, numbers of any size and order of fields
//! included.

use super::apply::Apply;
use super::chunks::Chunk;
use super::flow::{Done, Work};
use super::report::{Failure, MOST};
use crate::data::code;
use crate::suggest::nearest;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::io::Write;

/// What is done to each line.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The names of all fields that matter, each once.
    names: Vec<String>,
    /// The fields that go in, by position in `names`.
    columns: Vec<usize>,
    /// Where the result goes, by position in `names`.
    target: usize,
    /// The key of the result as JSON, with its colon.
    key: Vec<u8>,
}

impl Plan {
    /// These fields go in, and the result goes to this one.
    pub fn new(columns: &[String], into: &str) -> Plan {
        let mut names: Vec<String> = Vec::new();
        let mut place = |name: &str| {
            names.iter().position(|n| n == name).unwrap_or_else(|| {
                names.push(name.into());
                names.len() - 1
            })
        };
        let columns = columns.iter().map(|c| place(c)).collect();
        let target = place(into);
        let mut key = serde_json::to_vec(into).unwrap_or_default();
        key.push(b':');
        Plan { names, columns, target, key }
    }
}

/// The fields of an object that matter, as they are written. Of equal keys the last one counts.
#[derive(Default)]
struct Fields<'l> {
    values: Vec<Option<&'l str>>,
    /// Whether the object has no fields at all.
    empty: bool,
}

/// Reads an object into [`Fields`].
struct Reading<'n, 'f, 'l>(&'n [String], &'f mut Fields<'l>);

/// The position of a key among the names that matter.
struct Key<'n>(&'n [String]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<usize>, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|n| n == key))
    }
}

impl<'l> DeserializeSeed<'l> for Reading<'_, '_, 'l> {
    type Value = ();
    fn deserialize<D: Deserializer<'l>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for Reading<'_, '_, 'l> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<M: MapAccess<'l>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key_seed(Key(self.0))? {
            let value: &RawValue = map.next_value()?;
            self.1.empty = false;
            if let Some(slot) = key.and_then(|i| self.1.values.get_mut(i)) {
                *slot = Some(value.get());
            }
        }
        Ok(())
    }
}

fn wrong(message: String) -> Fail {
    Fail::new(code::FORMAT, message)
}

/// A field's text.
fn text<'l>(raw: Option<&'l str>, name: &str, line: &str) -> Result<Cow<'l, str>, Fail> {
    let Some(raw) = raw else {
        let fail = wrong(format!("there is no field `{name}`"));
        return Err(match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
            Ok(all) => match nearest(name, all.keys().map(String::as_str)) {
                Some(near) => fail.help(format!("did you mean `{near}`?")),
                None => fail,
            },
            Err(_) => fail,
        });
    };
    let kind = match raw.as_bytes().first() {
        Some(b'"') if memchr(b'\\', raw.as_bytes()).is_none() => {
            return Ok(Cow::Borrowed(raw.get(1..raw.len().saturating_sub(1)).unwrap_or("")));
        }
        Some(b'"') => {
            let read = serde_json::from_str::<String>(raw).map(Cow::Owned);
            return read.map_err(|e| wrong(format!("the field `{name}` is no text: {e}")));
        }
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a bool",
        Some(b'n') => "null",
        _ => "a number",
    };
    Err(wrong(format!("the field `{name}` is {kind}, not text")))
}

/// A worker.
pub struct JsonWork {
    plan: Plan,
    apply: Apply,
    cell: Vec<u8>,
}

impl JsonWork {
    /// A worker with a machine of its own.
    pub fn new(plan: Plan, apply: Apply) -> JsonWork {
        JsonWork { plan, apply, cell: Vec::new() }
    }

    /// Writes a line with its result. `None`: interrupted.
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<Result<(), Fail>> {
        let JsonWork { plan, apply, cell } = self;
        let Ok(line) = std::str::from_utf8(line) else {
            out.extend_from_slice(line);
            return Some(Err(wrong("the line is not UTF-8 text".into())));
        };
        let mut fields = Fields { values: vec![None; plan.names.len()], empty: true };
        let mut reader = serde_json::Deserializer::from_str(line);
        if let Err(e) = Reading(&plan.names, &mut fields).deserialize(&mut reader).and_then(|()| reader.end()) {
            out.extend_from_slice(line.as_bytes());
            return Some(Err(wrong(format!("the line is no JSON object: {e}"))));
        }
        let texts: Result<Vec<Cow<'_, str>>, Fail> =
            plan.columns.iter().map(|&c| text(fields.values[c], &plan.names[c], line)).collect();
        let result = texts.and_then(|texts| apply.call(|i| Ok(&texts[i])));
        cell.clear();
        let done = match result {
            Ok(Some(value)) => put_value(&value, cell),
            Ok(None) => return None,
            Err(fail) => Err(fail),
        };
        if done.is_err() {
            cell.clear();
            cell.extend_from_slice(b"null");
        }
        match fields.values[plan.target] {
            Some(old) => {
                // The old value is a part of the line.
                let at = (old.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize).min(line.len());
                out.extend_from_slice(&line.as_bytes()[..at]);
                out.extend_from_slice(cell);
                out.extend_from_slice(&line.as_bytes()[(at + old.len()).min(line.len())..]);
            }
            None => {
                let end = line.rfind('}').unwrap_or(line.len());
                out.extend_from_slice(&line.as_bytes()[..end]);
                if !fields.empty {
                    out.push(b',');
                }
                out.extend_from_slice(&plan.key);
                out.extend_from_slice(cell);
                out.extend_from_slice(&line.as_bytes()[end..]);
            }
        }
        Some(done)
    }
}

impl Work for JsonWork {
    fn chunk(&mut self, chunk: &Chunk, out: &mut Done) -> bool {
        let mut rest = chunk.bytes.as_slice();
        let mut number = chunk.line;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            if line.trim_ascii().is_empty() {
                out.bytes.extend_from_slice(line);
            } else {
                out.rows += 1;
                match self.line(line, &mut out.bytes) {
                    Some(Ok(())) => {}
                    Some(Err(fail)) => {
                        out.failed += 1;
                        if out.failures.len() < MOST {
                            out.failures.push(Failure { line: number, fail });
                        }
                    }
                    None => return false,
                }
            }
            out.bytes.push(b'\n');
            number += 1;
            rest = rest.get(end + 1..).unwrap_or(&[]);
        }
        true
    }
}

/// A result as JSON.
fn put_value(value: &Value, out: &mut Vec<u8>) -> Result<(), Fail> {
    let written = match value {
        Value::Str(s) => serde_json::to_writer(out, s.as_str()),
        // Writing to a vector cannot fail.
        Value::Int(i) => {
            let _ = write!(out, "{i}");
            Ok(())
        }
        Value::Num(x) if !x.is_finite() => return Err(wrong(format!("JSON has no number for the result {x}"))),
        Value::Num(x) => serde_json::to_writer(out, x),
        Value::Bool(b) => serde_json::to_writer(out, b),
        _ => Ok(()),
    };
    written.map_err(|e| wrong(e.to_string()))
}
