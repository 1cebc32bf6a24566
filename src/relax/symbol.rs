//! Symbols among values: what an operation that moves values about carries along.

use super::lower::{Lower, REFUSED};
use super::shape::SymShape;
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen, Value};
use nsp_kernels::sym::Sym;
use std::any::Any;
use std::rc::Rc;

/// What a symbol among the values stands for.
#[derive(Clone)]
pub(super) enum Leaf<'b> {
    /// A number, or a truth from 0 to 1.
    Num(Sym<'b>),
    /// A shape.
    Shape(Rc<SymShape<'b>>),
    /// Ints from a known one up to a symbol, which is at most the last number.
    Range(i64, Sym<'b>, i64),
}

/// A symbol among values: a number of [`Lower`]'s leaves. Operations that move values about carry it along.
#[derive(Debug)]
pub(super) struct Symbol(usize);

impl Object for Symbol {
    fn type_name(&self) -> &str {
        "symbol"
    }
    fn show(&self) -> String {
        format!("<symbol {}>", self.0)
    }
    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Symbol>().is_some_and(|o| o.0 == self.0)
    }
    fn bytes(&self, _: &mut Seen) -> usize {
        size_of::<Symbol>()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<'b> Lower<'_, '_, 'b> {
    /// A value for a symbol. Constants become plain numbers.
    pub(super) fn number(&mut self, s: Sym<'b>) -> Value {
        match s {
            Sym::Lit(x) => Value::Num(x),
            s => self.leaf(Leaf::Num(s)),
        }
    }

    pub(super) fn leaf(&mut self, leaf: Leaf<'b>) -> Value {
        self.leaves.push(leaf);
        Value::obj(Symbol(self.leaves.len() - 1))
    }

    pub(super) fn as_leaf(&self, v: &Value) -> Option<&Leaf<'b>> {
        v.downcast::<Symbol>().and_then(|s| self.leaves.get(s.0))
    }

    /// The number that a value is.
    pub(super) fn as_number(&self, v: &Value) -> Option<Sym<'b>> {
        match v {
            Value::Int(i) => Some(Sym::Lit(*i as f64)),
            Value::Num(x) => Some(Sym::Lit(*x)),
            Value::Bool(t) => Some(Sym::Lit(f64::from(u8::from(*t)))),
            v => match self.as_leaf(v) {
                Some(Leaf::Num(s)) => Some(*s),
                _ => None,
            },
        }
    }

    /// The shape that a value is.
    pub fn shape(&self, v: &Value) -> Option<Rc<SymShape<'b>>> {
        if let Some(s) = v.downcast::<crate::shape::Shape>() {
            return Some(Rc::new(SymShape::Known(s.clone())));
        }
        match self.as_leaf(v) {
            Some(Leaf::Shape(s)) => Some(s.clone()),
            _ => None,
        }
    }

    /// All numbers in a value, in order.
    pub(super) fn numbers(&self, v: &Value, out: &mut Vec<Sym<'b>>) -> Result<(), Fail> {
        match v {
            Value::Tuple(xs) | Value::List(xs) => xs.iter().try_for_each(|x| self.numbers(x, out)),
            Value::Range(r) => {
                out.extend((r.0..r.1).map(|i| Sym::Lit(i as f64)));
                Ok(())
            }
            v => match self.as_number(v) {
                Some(s) => {
                    out.push(s);
                    Ok(())
                }
                None => Err(Fail::new(REFUSED, format!("a {} has no relaxed meaning", v.kind()))),
            },
        }
    }

    /// Whether some part is a symbol.
    pub(super) fn is_soft(v: &Value) -> bool {
        match v {
            Value::Tuple(xs) | Value::List(xs) => xs.iter().any(Self::is_soft),
            Value::Fn(c) => c.captures.iter().any(Self::is_soft),
            Value::Obj(o) => o.as_any().is::<Symbol>(),
            _ => false,
        }
    }
}
