//! Soft control flow: both branches are run, and what they leave is mixed.

use super::lower::{Frame, Lower, Outcome, Stop, refuse};
use super::shape::SymShape;
use super::symbol::Leaf;
use crate::ir::{Func, NodeId};
use crate::source::Span;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Value};
use nsp_kernels::sym::{Sym, same};
use nsp_kernels::table::Opcode;
use std::rc::Rc;
use std::sync::Arc;

impl<'b> Lower<'_, '_, 'b> {
    /// A conditional whose condition holds as far as `t` says.
    #[allow(clippy::too_many_arguments)] // the parts of a conditional
    pub(super) fn branch(
        &mut self,
        t: Sym<'b>,
        f: &Func,
        fr: &mut Frame,
        then: NodeId,
        otherwise: Option<NodeId>,
        wanted: bool,
        span: Span,
    ) -> Outcome {
        let before = fr.clone();
        let a = self.side(f, fr, Some(then), span)?;
        let mut other = before;
        let b = self.side(f, &mut other, otherwise, span)?;
        match (a, b) {
            (None, None) => {
                self.merge(t, fr, other, span)?;
                Err(Stop::Return)
            }
            (Some(v), None) | (None, Some(v)) => {
                self.merge(t, fr, other, span)?;
                Ok(if wanted { v } else { Value::Unit })
            }
            (Some(a), Some(b)) => {
                self.merge(t, fr, other, span)?;
                if wanted { Ok(self.mix(t, &a, &b, span)?) } else { Ok(Value::Unit) }
            }
        }
    }

    /// The value of a branch; `None` if it returned from the function.
    fn side(&mut self, f: &Func, fr: &mut Frame, node: Option<NodeId>, span: Span) -> Result<Option<Value>, Stop> {
        match node.map_or(Ok(Value::Unit), |n| self.node(f, fr, n)) {
            Ok(v) => Ok(Some(v)),
            Err(Stop::Return) => Ok(None),
            Err(Stop::Break | Stop::Continue) => {
                Err(refuse("`break` and `continue` under a condition that is not known have no relaxed meaning", span)
                    .help("put the rest of the loop's body into an `if` instead")
                    .into())
            }
            Err(e) => Err(e),
        }
    }

    /// Makes `fr` what is left when it is reached as far as `t` says, and `other` for the rest.
    pub(super) fn merge(&mut self, t: Sym<'b>, fr: &mut Frame, other: Frame, span: Span) -> Result<(), Fail> {
        let gone = |v: &Value| matches!(v, Value::Bool(true));
        let (left, right) = (gone(&fr.returned), gone(&other.returned));
        for (mine, theirs) in fr.locals.iter_mut().zip(other.locals) {
            match (&*mine, theirs) {
                // Whoever returned leaves no variables.
                (_, theirs) if left && !right => *mine = theirs,
                _ if right && !left => {}
                (Some(a), Some(b)) => {
                    // A variable that cannot be mixed is one of a block inside a branch: nobody reads it after.
                    *mine = mix(self, t, a, &b);
                }
                _ => *mine = None,
            }
        }
        fr.result = match (fr.result.take(), other.result) {
            (Some(a), Some(b)) => Some(self.mix(t, &a, &b, span)?),
            (a, b) => a.or(b),
        };
        fr.returned = mix(self, t, &fr.returned, &other.returned).unwrap_or(Value::Bool(false));
        Ok(())
    }

    /// The weighted sum of alternatives.
    pub(super) fn mixture(&mut self, weights: &[Sym<'b>], values: &[Value], span: Span) -> Result<Value, Fail> {
        let (Some(first), false) = (values.first(), weights.is_empty()) else {
            return Err(refuse("a choice among nothing has no value", span));
        };
        // Weights sum to 1.
        if values[1..].iter().all(|v| !Self::is_soft(v) && crate::vm::equal(first, v)) {
            return Ok(first.clone());
        }
        if let Some(numbers) = values.iter().map(|v| self.as_number(v)).collect::<Option<Vec<_>>>() {
            let terms: Vec<_> = weights.iter().copied().zip(numbers).collect();
            let sum = self.b.dot(&terms);
            return Ok(self.number(sum));
        }
        if let Some(shapes) = values.iter().map(|v| self.shape(v)).collect::<Option<Vec<_>>>() {
            let parts = weights.iter().copied().zip(shapes).collect();
            return Ok(self.leaf(Leaf::Shape(Rc::new(SymShape::Mixture(parts)))));
        }
        let parts = |v: &Value| match v {
            Value::Tuple(xs) | Value::List(xs) => Some(xs.clone()),
            _ => None,
        };
        if let Some(rows) = values.iter().map(parts).collect::<Option<Vec<_>>>()
            && rows.iter().all(|r| r.len() == rows[0].len())
        {
            let mut out = Vec::new();
            for i in 0..rows[0].len() {
                let column: Vec<Value> = rows.iter().map(|r| r[i].clone()).collect();
                out.push(self.mixture(weights, &column, span)?);
            }
            return Ok(if matches!(first, Value::Tuple(_)) { Value::tuple(out) } else { Value::list(out) });
        }
        Err(refuse(format!("alternatives of kind {} cannot be mixed", first.kind()), span))
    }
}

/// `t a + (1 - t) b` for numbers, shapes, and tuples and lists of them; `None` where there is no such value.
pub(super) fn mix<'b>(l: &mut Lower<'_, '_, 'b>, t: Sym<'b>, a: &Value, b: &Value) -> Option<Value> {
    if let (Some(x), Some(y)) = (l.as_number(a), l.as_number(b)) {
        if same(x, y) {
            return Some(a.clone());
        }
        let m = l.b.op(Opcode::mix, &[t, x, y]);
        return Some(l.number(m));
    }
    if let (Some(x), Some(y)) = (l.shape(a), l.shape(b)) {
        if Rc::ptr_eq(&x, &y) || (!Lower::is_soft(a) && !Lower::is_soft(b) && crate::vm::equal(a, b)) {
            return Some(a.clone());
        }
        let parts = vec![(t, x), (Sym::Lit(1.0) - t, y)];
        return Some(l.leaf(Leaf::Shape(Rc::new(SymShape::Mixture(parts)))));
    }
    match (a, b) {
        (Value::Unit, Value::Unit) => Some(Value::Unit),
        // The same function on both sides, which may have captured different numbers.
        (Value::Fn(x), Value::Fn(y)) if x.func == y.func && x.library == y.library => {
            let captures: Option<Vec<Value>> =
                x.captures.iter().zip(&y.captures).map(|(x, y)| mix(l, t, x, y)).collect();
            let (captures, origin) = (captures?, x.origin.clone());
            Some(Value::Fn(Arc::new(Closure { func: x.func, library: x.library, captures, origin })))
        }
        (Value::Tuple(xs), Value::Tuple(ys)) | (Value::List(xs), Value::List(ys)) if xs.len() == ys.len() => {
            let parts: Option<Vec<Value>> = xs.iter().zip(ys.iter()).map(|(x, y)| mix(l, t, x, y)).collect();
            parts.map(if matches!(a, Value::Tuple(_)) { Value::tuple } else { Value::list })
        }
        _ => crate::vm::equal(a, b).then(|| a.clone()),
    }
}
