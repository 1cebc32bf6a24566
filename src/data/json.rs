//! JSON values: immutable trees with shared parts, so that reaching into one copies nothing.

use super::{Pay, code};
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A JSON value.
#[derive(Clone, Debug)]
pub struct Json {
    node: Arc<Node>,
    /// Levels of lists and objects, bounded so that walks may recurse.
    depth: usize,
    /// About the length of its text, bounded so that walks end: sharing makes trees that grow with each step.
    size: usize,
}

/// What a JSON value is.
#[derive(Debug)]
pub enum Node {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as exact as it was written.
    Number(Number),
    /// A text.
    Str(Arc<String>),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Fields),
}

/// The fields of an object, in the order in which they were written. Of equal keys the last one counts.
#[derive(Debug, Default)]
pub struct Fields {
    items: Vec<(Arc<str>, Json)>,
    index: HashMap<Arc<str>, usize>,
}

/// Deepest nesting; readers of JSON give up a little later.
const DEEPEST: usize = 120;

/// Longest text.
const LONGEST: usize = 1 << 30;

/// Bytes of a node beside what it holds.
const NODE: usize = size_of::<Json>() + size_of::<Node>() + 16;

impl Fields {
    /// Sets a field.
    pub fn set(&mut self, key: &str, value: Json) {
        match self.index.get(key) {
            Some(&i) => self.items[i].1 = value,
            None => {
                let key: Arc<str> = key.into();
                self.index.insert(key.clone(), self.items.len());
                self.items.push((key, value));
            }
        }
    }

    /// The value of a field.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.index.get(key).map(|&i| &self.items[i].1)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.items.iter().map(|(k, v)| (&**k, v))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl Json {
    /// A value from its node; an error if it would be nested too deeply.
    pub fn new(node: Node) -> Result<Json, Fail> {
        // Small ones count as 8 bytes, which covers most numbers and, in an object, the marks around a key.
        let add = |(depth, size): (usize, usize), key: usize, x: &Json| {
            (depth.max(x.depth + 1), size.saturating_add(x.size).saturating_add(key + 8))
        };
        let (depth, size) = match &node {
            Node::List(xs) => xs.iter().fold((1, 8), |sum, x| add(sum, 0, x)),
            Node::Object(fs) => fs.iter().fold((1, 8), |sum, (k, x)| add(sum, k.len(), x)),
            Node::Str(s) => (0, s.len() + 8),
            _ => (0, 8),
        };
        if depth > DEEPEST {
            return Err(format!("JSON may not be nested deeper than {DEEPEST} levels").into());
        }
        if size > LONGEST {
            return Err(format!("a JSON value may not have a text longer than {LONGEST} bytes").into());
        }
        Ok(Json { node: Arc::new(node), depth, size })
    }

    /// What it is.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// A word for its kind.
    pub fn kind(&self) -> &'static str {
        match &*self.node {
            Node::Null => "null",
            Node::Bool(_) => "bool",
            Node::Number(_) => "number",
            Node::Str(_) => "string",
            Node::List(_) => "list",
            Node::Object(_) => "object",
        }
    }

    /// Reads JSON. `source` names it in messages, and `line` is the number of its first line.
    pub fn parse(text: &str, source: &str, line: usize, pay: Pay<'_>) -> Result<Json, Fail> {
        // Every value but the first follows one of these, which bounds the memory before any is used.
        let nodes = text.bytes().filter(|b| matches!(b, b',' | b'[' | b'{' | b':')).count() + 1;
        pay(text.len().saturating_add(nodes.saturating_mul(NODE)))?;
        serde_json::from_str(text).map_err(|e| {
            let full = e.to_string();
            // The place is told apart from the reason, which repeats it at its end.
            let what = full.split(" at line ").next().unwrap_or(&full);
            let (line, column) = (line - 1 + e.line().max(1), e.column());
            Fail::new(code::FORMAT, format!("{source} line {line}, column {column}: {what}"))
        })
    }

    /// Writes JSON, on one line or indented.
    pub fn text(&self, pretty: bool) -> Result<String, Fail> {
        let written = if pretty { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        written.map_err(|e| Fail::new(code::FORMAT, format!("cannot write as JSON: {e}")))
    }

    /// About the length of its text, for paying before it is made.
    pub fn text_size(&self, pretty: bool) -> usize {
        if pretty { self.size.saturating_mul(1 + self.depth / 4) } else { self.size }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        if Arc::ptr_eq(&self.node, &other.node) {
            return true;
        }
        match (&*self.node, &*other.node) {
            (Node::Null, Node::Null) => true,
            (Node::Bool(a), Node::Bool(b)) => a == b,
            (Node::Number(a), Node::Number(b)) => a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()),
            (Node::Str(a), Node::Str(b)) => a == b,
            (Node::List(a), Node::List(b)) => a == b,
            (Node::Object(a), Node::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| v == w))
            }
            _ => false,
        }
    }
}

impl Object for Json {
    fn type_name(&self) -> &str {
        "json"
    }

    /// Its text, cut short.
    fn show(&self) -> String {
        let mut out = Start(Vec::new());
        let whole = serde_json::to_writer(&mut out, self).is_ok();
        let text = String::from_utf8_lossy(&out.0);
        if whole { text.into_owned() } else { text.trim_end_matches('\u{fffd}').to_string() + ".." }
    }

    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Json>() == Some(self)
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        if !seen.insert(Arc::as_ptr(&self.node) as usize) {
            return size_of::<Json>();
        }
        NODE + match &*self.node {
            Node::Null | Node::Bool(_) | Node::Number(_) => 0,
            Node::Str(s) => s.len(),
            Node::List(xs) => xs.iter().map(|x| x.bytes(seen)).sum(),
            // The key, its entry in the index, and the value.
            Node::Object(fs) => fs.iter().map(|(k, v)| k.len() + 64 + v.bytes(seen)).sum(),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Takes the first bytes that are written and refuses more.
struct Start(Vec<u8>);

impl std::io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        const MOST: usize = 4000;
        let n = bytes.len().min(MOST - self.0.len());
        self.0.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &*self.node {
            Node::Null => s.serialize_unit(),
            Node::Bool(b) => s.serialize_bool(*b),
            Node::Number(n) => n.serialize(s),
            Node::Str(t) => s.serialize_str(t),
            Node::List(xs) => s.collect_seq(xs),
            Node::Object(fs) => {
                let mut map = s.serialize_map(Some(fs.len()))?;
                for (k, v) in fs.iter() {
                    map.serialize_entry(k, v)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Json, D::Error> {
        d.deserialize_any(Reader)
    }
}

struct Reader;

fn made<E: serde::de::Error>(node: Node) -> Result<Json, E> {
    Json::new(node).map_err(|e| E::custom(e.message))
}

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Json, E> {
        made(Node::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, b: bool) -> Result<Json, E> {
        made(Node::Bool(b))
    }

    fn visit_i64<E: serde::de::Error>(self, x: i64) -> Result<Json, E> {
        made(Node::Number(x.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, x: u64) -> Result<Json, E> {
        made(Node::Number(x.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<Json, E> {
        made(Number::from_f64(x).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E: serde::de::Error>(self, s: &str) -> Result<Json, E> {
        made(Node::Str(Arc::new(s.to_string())))
    }

    fn visit_string<E: serde::de::Error>(self, s: String) -> Result<Json, E> {
        made(Node::Str(Arc::new(s)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(x) = seq.next_element()? {
            items.push(x);
        }
        made(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut fields = Fields::default();
        while let Some((k, v)) = map.next_entry::<String, Json>()? {
            fields.set(&k, v);
        }
        made(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(s: &str) -> Result<Json, Fail> {
        Json::parse(s, "the text", 1, &mut |_| Ok(()))
    }

    #[test]
    fn text_round_trip_keeps_order_and_digits() {
        let s = r#"{"b":1,"a":[true,null,0.5,"é\n"],"n":9007199254740993}"#;
        let j = parse(s).unwrap();
        assert_eq!(j.text(false).unwrap(), s);
        assert_eq!(parse(&j.text(true).unwrap()).unwrap(), j);
    }

    #[test]
    fn equality_looks_at_values() {
        assert_eq!(parse(r#"{"a":1,"b":2}"#).unwrap(), parse(r#"{"b":2,"a":1.0}"#).unwrap());
        assert_ne!(parse("9007199254740993").unwrap(), parse("9007199254740992").unwrap());
        assert_ne!(parse("[1]").unwrap(), parse("[1,1]").unwrap());
    }

    #[test]
    fn mistakes_name_their_place() {
        let e = parse("{\n\"a\": ?}").unwrap_err();
        assert_eq!(e.message, "the text line 2, column 6: expected value");
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        let mut j = parse("1").unwrap();
        let deep = loop {
            match Json::new(Node::List(vec![j.clone()])) {
                Ok(next) => j = next,
                Err(_) => break j.depth,
            }
        };
        assert_eq!(deep, DEEPEST);
        assert_eq!(parse(&j.text(false).unwrap()).unwrap(), j, "the deepest value can be read back");
    }

    #[test]
    fn shared_parts_cannot_explode() {
        let mut j = parse("1").unwrap();
        let steps = (0..100).take_while(|_| match Json::new(Node::List(vec![j.clone(), j.clone()])) {
            Ok(next) => {
                j = next;
                true
            }
            Err(_) => false,
        });
        assert!((20..30).contains(&steps.count()));
        assert!(j.show().len() <= 4002 && j.show().ends_with(".."));
    }

    proptest! {
        #[test]
        fn reading_never_panics(s in "[\\[\\]{}:,\"0-9ea.\\-\\\\ntrufl ]{0,40}") {
            if let Ok(j) = parse(&s) {
                prop_assert_eq!(parse(&j.text(false).unwrap()).unwrap(), j);
            }
        }
    }
}
