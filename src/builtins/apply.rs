//! An operation applied to values, outside the machine: what searches do millions of times.

use super::{Exact, Inline, Op};
use crate::vm::arith::{floor_div, floor_rem};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use std::sync::Arc;

/// The exact meaning of an operation on these arguments, one per parameter.
pub fn apply(op: &Op, args: &mut [Value], cx: &mut Ctx<'_>) -> Result<Value, Fail> {
    match &op.exact {
        Exact::Const(v) => Ok(v.clone()),
        Exact::Scalar(s) => {
            let mut x = [0.0; 2];
            for (x, a) in x.iter_mut().zip(args.iter()) {
                *x = num(a)?;
            }
            Ok(Value::Num(s.eval(&x)))
        }
        Exact::Inline(i) => inline(*i, args),
        Exact::Native(f) => f(cx, args),
        Exact::Made(f) => f(args),
        Exact::Prim(p) => {
            let x: Vec<f64> = args.iter().map(num).collect::<Result<_, _>>()?;
            crate::shape::prim::prim_value(p, &x)
        }
    }
}

fn num(v: &Value) -> Result<f64, Fail> {
    match v {
        Value::Num(x) => Ok(*x),
        Value::Int(i) => Ok(*i as f64),
        other => Err(format!("expected num, found {}", other.kind()).into()),
    }
}

fn overflow() -> Fail {
    Fail::new("E0401", "integer overflow")
}

fn zero() -> Fail {
    Fail::new("E0402", "division by zero")
}

fn inline(op: Inline, args: &[Value]) -> Result<Value, Fail> {
    use Inline::*;
    let int = |a: Option<i64>| a.map(Value::Int).ok_or_else(overflow);
    Ok(match (op, args) {
        (AddInt, [Value::Int(a), Value::Int(b)]) => int(a.checked_add(*b))?,
        (SubInt, [Value::Int(a), Value::Int(b)]) => int(a.checked_sub(*b))?,
        (MulInt, [Value::Int(a), Value::Int(b)]) => int(a.checked_mul(*b))?,
        (DivInt | RemInt, [Value::Int(_), Value::Int(0)]) => return Err(zero()),
        (DivInt, [Value::Int(a), Value::Int(b)]) => int(floor_div(*a, *b))?,
        (RemInt, [Value::Int(a), Value::Int(b)]) => Value::Int(floor_rem(*a, *b)),
        (NegInt, [Value::Int(a)]) => int(a.checked_neg())?,
        (AddNum, [a, b]) => Value::Num(num(a)? + num(b)?),
        (SubNum, [a, b]) => Value::Num(num(a)? - num(b)?),
        (MulNum, [a, b]) => Value::Num(num(a)? * num(b)?),
        (DivNum, [a, b]) => Value::Num(num(a)? / num(b)?),
        (NegNum, [a]) => Value::Num(-num(a)?),
        (ToNum, [a]) => Value::Num(num(a)?),
        (EqInt | EqBool | EqAny, [a, b]) => Value::Bool(crate::vm::equal(a, b)),
        (NeInt | NeBool | NeAny, [a, b]) => Value::Bool(!crate::vm::equal(a, b)),
        (EqNum, [a, b]) => Value::Bool(num(a)? == num(b)?),
        (NeNum, [a, b]) => Value::Bool(num(a)? != num(b)?),
        (LtInt, [Value::Int(a), Value::Int(b)]) => Value::Bool(a < b),
        (LeInt, [Value::Int(a), Value::Int(b)]) => Value::Bool(a <= b),
        (GtInt, [Value::Int(a), Value::Int(b)]) => Value::Bool(a > b),
        (GeInt, [Value::Int(a), Value::Int(b)]) => Value::Bool(a >= b),
        (LtNum, [a, b]) => Value::Bool(num(a)? < num(b)?),
        (LeNum, [a, b]) => Value::Bool(num(a)? <= num(b)?),
        (GtNum, [a, b]) => Value::Bool(num(a)? > num(b)?),
        (GeNum, [a, b]) => Value::Bool(num(a)? >= num(b)?),
        (Not, [Value::Bool(a)]) => Value::Bool(!a),
        (ConcatStr, [Value::Str(a), Value::Str(b)]) => Value::str(format!("{a}{b}")),
        (IndexList, [Value::List(xs), Value::Int(i)]) => usize::try_from(*i)
            .ok()
            .and_then(|i| xs.get(i))
            .cloned()
            .ok_or_else(|| Fail::new("E0403", format!("index {i} is out of range")))?,
        (LenList, [Value::List(xs)]) => Value::Int(xs.len() as i64),
        (LenStr, [Value::Str(s)]) => Value::Int(s.chars().count() as i64),
        (StrInt, [Value::Int(i)]) => Value::str(i.to_string()),
        (Push, [Value::List(xs), x]) => {
            let mut xs = Arc::clone(xs);
            Arc::make_mut(&mut xs).push(x.clone());
            Value::List(xs)
        }
        (op, _) => return Err(format!("wrong arguments for {op:?}").into()),
    })
}
