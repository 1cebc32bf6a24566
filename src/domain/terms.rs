//! Expressions over variables and constants, with the operations of the table that a grammar may use: the domain of
//! `fill` for text, numbers and truth values.

use super::{Assessment, Domain, Production, Sort};
use crate::builtins::apply::apply;
use crate::builtins::{Grammar, OpTable};
use crate::ir::{LocalId, OpId};
use crate::types::Type;
use crate::vm::ctx::{Env, detached};
use crate::vm::limits::{Cancel, Limits, Meter};
use crate::vm::value::Value;
use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A term's value on every example.
#[derive(Clone, Debug)]
pub struct Column(pub Arc<[Value]>);

impl PartialEq for Column {
    fn eq(&self, other: &Column) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(other.0.iter()).all(|(a, b)| crate::vm::equal(a, b))
    }
}

impl Eq for Column {}

impl Hash for Column {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|v| crate::vm::hash_value(v, state));
    }
}

/// What a term is at its top.
#[derive(Clone, Debug)]
pub enum TermOp {
    /// A variable: its position in [`TermDomain::inputs`].
    Var(usize),
    /// A literal.
    Lit(Value, Type),
    /// A constant of the table.
    Const(OpId),
    /// An int as a num.
    Widen,
    /// An operation of the table.
    Op(OpId),
}

/// A variable that terms may use.
#[derive(Clone, Debug)]
pub struct Input {
    /// As written in source: `s`, or `xs[0]` for an item of a list.
    pub text: String,
    /// Its type.
    pub ty: Type,
    /// Its value on every example.
    pub values: Column,
    /// The local it is, and the position in it where the local is a list of columns.
    pub source: (LocalId, Option<usize>),
}

/// The domain. Literals and constants are chosen by looking at the examples.
pub struct TermDomain {
    ops: Arc<OpTable>,
    env: Env,
    /// Variables.
    pub inputs: Vec<Input>,
    /// The value wanted on every example, or of the whole sketch where the hole is a part of it.
    pub wanted: Vec<Value>,
    /// The type wanted.
    pub ty: Type,
    grammar: Grammar,
    examples: usize,
    meter: RefCell<Meter>,
}

/// Sorts of the text grammar: an input; a piece made by one operation from it; a piece made by two (RobustFill nests
/// at most two); constants by what they stand for.
const RAW: Sort = Sort(0);
/// The sort of texts made by one operation from an input.
pub const PIECE: Sort = Sort(1);
/// The sort of texts made by two.
pub const NESTED: Sort = Sort(2);
const TOKEN: Sort = Sort(3);
const CASE: Sort = Sort(4);
const BOUNDARY: Sort = Sort(5);
const INDEX: Sort = Sort(6);
const POSITION: Sort = Sort(7);
const FOUND: Sort = Sort(8);
const WRITTEN: Sort = Sort(9);
/// Sorts of the arithmetic grammar.
const INT: Sort = Sort(10);
const NUM: Sort = Sort(11);
const BOOL: Sort = Sort(12);
const STR: Sort = Sort(13);

/// Longest text that a term may make.
const MAX_TEXT: usize = 1_000;

impl TermDomain {
    /// Terms of type `ty` over `inputs`. With `wanted` given, it is what [`Domain::assess`] compares with.
    pub fn new(env: &Env, inputs: Vec<Input>, wanted: Vec<Value>, ty: Type, examples: usize) -> TermDomain {
        let grammar = if ty == Type::Str { Grammar::Text } else { Grammar::Num };
        let limits = Limits { memory: Some(256 << 20), ..Limits::default() };
        let meter = RefCell::new(Meter::new(&limits, Cancel::default()));
        TermDomain { ops: env.ops.clone(), env: env.clone(), inputs, wanted, ty, grammar, examples, meter }
    }

    /// The sorts whose terms can fill a hole of the wanted type.
    pub fn goal_sorts(&self) -> &'static [Sort] {
        match self.ty {
            Type::Str => &[RAW, PIECE, NESTED],
            Type::Int => &[INT],
            Type::Num => &[NUM],
            _ => &[BOOL],
        }
    }

    fn texts<'a>(&'a self, of: impl Iterator<Item = &'a Value> + 'a) -> impl Iterator<Item = &'a str> + 'a {
        of.filter_map(|v| match v {
            Value::Str(s) => Some(s.as_str()),
            _ => None,
        })
    }

    fn input_texts(&self) -> Vec<&str> {
        self.texts(self.inputs.iter().flat_map(|i| i.values.0.iter())).collect()
    }

    /// Constants of the text grammar, with their sorts and costs.
    fn text_constants(&self, out: &mut Vec<Production<TermOp>>) {
        let inputs = self.input_texts();
        for (id, op) in self.ops.iter() {
            let Some((_, cost)) = op.domains.iter().find(|(g, _)| *g == self.grammar) else { continue };
            let Ok(sig) = self.ops.sig(id) else { continue };
            if !sig.constant {
                continue;
            }
            let Some(sort) = constant_sort(&sig.ret) else { continue };
            // A class that matches nothing in the inputs selects nothing.
            if let crate::builtins::Exact::Const(v) = &op.exact
                && let Some(t) = v.downcast::<crate::text::token::Token>()
                && !inputs.iter().any(|s| crate::text::token::matches(s, *t).next().is_some())
            {
                continue;
            }
            // Boundaries say little; classes are chosen among several.
            let cost = if sort == BOUNDARY { 0 } else { *cost };
            out.push(Production { op: TermOp::Const(id), args: vec![], ret: sort, cost });
        }
        for i in 1..=5i64 {
            for i in [i, -i] {
                let cost = i.unsigned_abs() as u32;
                out.push(Production { op: TermOp::Lit(Value::Int(i), Type::Int), args: vec![], ret: INDEX, cost });
            }
        }
        let longest = inputs.iter().map(|s| s.chars().count()).max().unwrap_or(0).min(40) as i64;
        for k in -longest..=longest {
            let cost = 1 + k.unsigned_abs() as u32 / 4;
            out.push(Production { op: TermOp::Lit(Value::Int(k), Type::Int), args: vec![], ret: POSITION, cost });
        }
        let mut text = |s: String, sort: Sort, cost: u32| {
            let op = TermOp::Lit(Value::str(s), Type::Str);
            out.push(Production { op, args: vec![], ret: sort, cost });
        };
        for c in characters(inputs.iter().copied(), |c| !c.is_alphanumeric()) {
            text(c.to_string(), FOUND, 1);
        }
        let wanted: Vec<&str> = self.texts(self.wanted.iter()).collect();
        for c in characters(wanted.into_iter(), |c| !c.is_alphanumeric()) {
            text(c.to_string(), WRITTEN, 1);
        }
        text(String::new(), WRITTEN, 1);
    }

    fn text_productions(&self) -> Vec<Production<TermOp>> {
        let mut out = Vec::new();
        for (i, input) in self.inputs.iter().enumerate() {
            if input.ty == Type::Str {
                out.push(Production { op: TermOp::Var(i), args: vec![], ret: RAW, cost: 1 });
            }
        }
        self.text_constants(&mut out);
        for (id, op) in self.ops.iter() {
            let Some((_, cost)) = op.domains.iter().find(|(g, _)| *g == self.grammar) else { continue };
            let Ok(sig) = self.ops.sig(id) else { continue };
            // A text is made from a text; joining is done by whoever asks for pieces.
            let [first, rest @ ..] = sig.params.as_slice() else { continue };
            if sig.ret != Type::Str || first.ty != Type::Str || matches!(&*op.name, "+" | "const_str") {
                continue;
            }
            let Some(rest) = rest.iter().map(|p| literal_sort(&p.name, &p.ty)).collect::<Option<Vec<Sort>>>() else {
                continue;
            };
            let mut production = |from: Sort, to: Sort| {
                let args = [vec![from], rest.clone()].concat();
                out.push(Production { op: TermOp::Op(id), args, ret: to, cost: *cost });
            };
            production(RAW, PIECE);
            // Operations with many parameters only on inputs: nested they would outnumber all others.
            if rest.len() <= 2 && !rest.contains(&POSITION) {
                production(PIECE, NESTED);
            }
        }
        out
    }

    fn number_productions(&self) -> Vec<Production<TermOp>> {
        let mut out = Vec::new();
        for (i, input) in self.inputs.iter().enumerate() {
            if let Some(sort) = value_sort(&input.ty) {
                out.push(Production { op: TermOp::Var(i), args: vec![], ret: sort, cost: 1 });
            }
        }
        let lit = |v: Value, ty: Type, sort: Sort, cost: u32| Production {
            op: TermOp::Lit(v, ty),
            args: vec![],
            ret: sort,
            cost,
        };
        for (i, cost) in [(0, 1), (1, 1), (2, 1), (-1, 2), (3, 2), (10, 2), (4, 3), (5, 3), (100, 3)] {
            out.push(lit(Value::Int(i), Type::Int, INT, cost));
        }
        for v in &self.wanted {
            match v {
                Value::Int(i) => out.push(lit(Value::Int(*i), Type::Int, INT, 4)),
                Value::Num(x) => out.push(lit(Value::Num(*x), Type::Num, NUM, 4)),
                _ => {}
            }
        }
        out.push(lit(Value::Num(0.5), Type::Num, NUM, 2));
        for b in [false, true] {
            out.push(lit(Value::Bool(b), Type::Bool, BOOL, 1));
        }
        // Ints first, then their widening, then the rest: a free production sees what stands before it.
        out.push(Production { op: TermOp::Widen, args: vec![INT], ret: NUM, cost: 0 });
        for (id, op) in self.ops.iter() {
            let Some((_, cost)) = op.domains.iter().find(|(g, _)| *g == self.grammar) else { continue };
            let Ok(sig) = self.ops.sig(id) else { continue };
            if sig.constant {
                continue;
            }
            let args: Option<Vec<Sort>> = sig.params.iter().map(|p| value_sort(&p.ty)).collect();
            if let (Some(args), Some(ret)) = (args, value_sort(&sig.ret)) {
                out.push(Production { op: TermOp::Op(id), args, ret, cost: *cost });
            }
        }
        out
    }
}

fn constant_sort(ty: &Type) -> Option<Sort> {
    match ty {
        Type::Con(n) => match &**n {
            "token" => Some(TOKEN),
            "case" => Some(CASE),
            "boundary" => Some(BOUNDARY),
            _ => None,
        },
        _ => None,
    }
}

/// The sort of constants for a parameter of a text operation.
fn literal_sort(name: &str, ty: &Type) -> Option<Sort> {
    match ty {
        Type::Int if name.starts_with('k') => Some(POSITION),
        Type::Int => Some(INDEX),
        // What an operation looks for is in the input, what it writes is in the output.
        Type::Str if matches!(name, "c" | "d2") => Some(WRITTEN),
        Type::Str => Some(FOUND),
        other => constant_sort(other),
    }
}

fn value_sort(ty: &Type) -> Option<Sort> {
    match ty {
        Type::Int => Some(INT),
        Type::Num => Some(NUM),
        Type::Bool => Some(BOOL),
        Type::Str => Some(STR),
        _ => None,
    }
}

/// Different characters of some texts that satisfy a condition, in order of first appearance.
fn characters<'a>(texts: impl Iterator<Item = &'a str>, keep: impl Fn(char) -> bool) -> Vec<char> {
    let mut out = Vec::new();
    for c in texts.flat_map(str::chars).filter(|c| keep(*c)) {
        if !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

impl Domain for TermDomain {
    type Value = Column;
    type Op = TermOp;

    fn productions(&self) -> Vec<Production<TermOp>> {
        match self.grammar {
            Grammar::Text => self.text_productions(),
            _ => self.number_productions(),
        }
    }

    fn apply(&self, op: &TermOp, args: &[&Column]) -> Option<Column> {
        let id = match op {
            TermOp::Var(i) => return Some(self.inputs[*i].values.clone()),
            TermOp::Lit(v, _) => return Some(Column(vec![v.clone(); self.examples].into())),
            TermOp::Widen => {
                let widen = |v: &Value| match v {
                    Value::Int(i) => Value::Num(*i as f64),
                    other => other.clone(),
                };
                return Some(Column(args.first()?.0.iter().map(widen).collect()));
            }
            TermOp::Const(id) | TermOp::Op(id) => *id,
        };
        let op = self.ops.get(id);
        let mut meter = self.meter.borrow_mut();
        let mut out = Vec::with_capacity(self.examples);
        let mut scratch: Vec<Value> = Vec::with_capacity(args.len());
        let mut some_text = false;
        for e in 0..self.examples {
            scratch.clear();
            scratch.extend(args.iter().map(|a| a.0[e].clone()));
            let v = detached(&self.env, &mut meter, |cx| apply(op, &mut scratch, cx)).ok()?;
            match &v {
                Value::Num(x) if !x.is_finite() => return None,
                Value::Str(s) if s.len() > MAX_TEXT => return None,
                Value::Str(s) => some_text |= !s.is_empty(),
                _ => some_text = true,
            }
            out.push(v);
        }
        // A text that is empty everywhere says nothing.
        some_text.then(|| Column(out.into()))
    }

    fn assess(&self, value: &Column) -> Assessment {
        let right = value.0.iter().zip(&self.wanted).filter(|(a, b)| close(a, b)).count();
        let score = if self.wanted.is_empty() { 0.0 } else { right as f64 / self.wanted.len() as f64 };
        Assessment { score, solved: right == self.wanted.len() && !self.wanted.is_empty() }
    }

    fn to_line(&self, op: &TermOp, args: &[String]) -> String {
        match op {
            TermOp::Var(i) => self.inputs[*i].text.clone(),
            TermOp::Lit(v, ty) => crate::vm::show(v, ty),
            TermOp::Const(id) => self.ops.get(*id).name.to_string(),
            TermOp::Widen => args.first().cloned().unwrap_or_default(),
            TermOp::Op(id) => {
                let name = &self.ops.get(*id).name;
                match (args, name.starts_with(|c: char| c.is_alphabetic())) {
                    ([a], _) if name == "neg" => format!("(-{a})"),
                    ([a, b], false) => format!("({a} {name} {b})"),
                    _ => format!("{name}({})", args.join(", ")),
                }
            }
        }
    }
}

/// Equal, nums up to rounding.
pub fn close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Num(x), Value::Num(y)) => x == y || (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0),
        _ => crate::vm::equal(a, b),
    }
}
