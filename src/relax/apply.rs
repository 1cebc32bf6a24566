//! Operations of the table on values among which there are symbols.

use super::lower::{Lower, refuse};
use super::params::{TEMPERATURE, softmax};
use super::shape::SymShape;
use super::symbol::{Leaf, Symbol};
use crate::builtins::apply::apply;
use crate::builtins::{Exact, Op, Relaxed};
use crate::ir::OpId;
use crate::shape::Operation;
use crate::source::Span;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::sym::Sym;
use nsp_kernels::table::Opcode;
use std::rc::Rc;
use std::sync::Arc;

impl<'b> Lower<'_, '_, 'b> {
    /// An operation applied to values among which there may be symbols.
    pub(super) fn apply(
        &mut self,
        id: OpId,
        mut args: Vec<Value>,
        types: &[Type],
        result: &Type,
        span: Span,
    ) -> Result<Value, Fail> {
        let op = Arc::clone(self.cx.env.ops.get(id));
        if !args.iter().any(Self::is_soft) || matches!(op.relaxed, Relaxed::Structure) {
            let cx = &mut *self.cx;
            let mut inner =
                Ctx { types, result, meter: cx.meter, env: cx.env, live: cx.live, globals: cx.globals, held: cx.held };
            let unknown = args.iter().any(|a| matches!(a, Value::Obj(o) if o.as_any().is::<Symbol>()));
            return apply(&op, &mut args, &mut inner).map_err(|f| {
                if unknown && f.code == "E0400" {
                    return refuse(format!("`{}` of a number that is not known has no relaxed meaning", op.name), span);
                }
                at(f, span, &op.name)
            });
        }
        self.origin(span);
        let value = self.relaxed(&op, &args, span)?;
        Ok(as_type(value, result))
    }

    /// The relaxed meaning of an operation.
    fn relaxed(&mut self, op: &Op, args: &[Value], span: Span) -> Result<Value, Fail> {
        let none = || refuse(format!("`{}` has no relaxed meaning", op.name), span);
        let flat = |this: &Self| {
            let mut out = Vec::new();
            for a in args.iter().filter(|a| this.shape(a).is_none()) {
                this.numbers(a, &mut out).map_err(|_| none())?;
            }
            Ok::<_, Fail>(out)
        };
        match (&op.relaxed, &op.exact) {
            (Relaxed::Scalar(code), _) => {
                let xs = flat(self)?;
                let y = self.b.op(*code, &xs);
                Ok(self.number(y))
            }
            (Relaxed::Formula(f), _) => {
                let xs = flat(self)?;
                let y = f(self.meaning(), &xs);
                Ok(self.number(y))
            }
            (Relaxed::Shape(operation), _) => self.make(operation.clone(), args, &flat(self)?, span),
            (_, Exact::Prim(prim)) => self.make(Operation::Prim(prim.clone()), args, &flat(self)?, span),
            (Relaxed::Inside, _) => {
                let (Some(shape), xs) = (args.first().and_then(|a| self.shape(a)), flat(self)?) else {
                    return Err(none());
                };
                let p = std::array::from_fn(|k| xs.get(k).copied().unwrap_or(Sym::Lit(0.0)));
                let o = self.occupancy(&shape, p)?;
                Ok(self.number(o))
            }
            (Relaxed::Gate, _) => {
                let numbers = flat(self)?;
                let (Some(part), [open]) = (args.first().and_then(|a| self.shape(a)), numbers.as_slice()) else {
                    return Err(none());
                };
                // A gate that is shut hands its part no derivative: it is shut by and by, as the temperature falls.
                let steep = Sym::Lit(4.0) / self.b.param(TEMPERATURE);
                let open = self.b.op(Opcode::soft_nonnegative, &[*open, steep]);
                Ok(self.leaf(Leaf::Shape(Rc::new(SymShape::Mixture(vec![(open, part)])))))
            }
            (Relaxed::Retrieve, _) => {
                let [Value::List(rows), query] = args else { return Err(none()) };
                let (query, mut table) = (self.row(query)?, Vec::new());
                for row in rows.iter() {
                    table.push(self.row(row)?);
                }
                if table.is_empty() || table.iter().any(|r| r.len() != query.len()) {
                    return Err(refuse("`retrieve` needs rows as long as its query", span));
                }
                let product = |row: &Vec<Sym<'b>>| {
                    self.b.dot(&row.iter().copied().zip(query.iter().copied()).collect::<Vec<_>>())
                };
                let scores: Vec<Sym<'b>> = table.iter().map(product).collect();
                let weights = softmax(&scores, self.b.param(TEMPERATURE));
                let mut out = Vec::new();
                for k in 0..query.len() {
                    let column: Vec<_> = weights.iter().copied().zip(table.iter().map(|r| r[k])).collect();
                    let mixed = self.b.dot(&column);
                    out.push(self.number(mixed));
                }
                Ok(Value::list(out))
            }
            (Relaxed::None | Relaxed::Structure | Relaxed::Sketch(_), _) => Err(none()),
        }
    }

    /// The numbers of a list.
    fn row(&self, v: &Value) -> Result<Vec<Sym<'b>>, Fail> {
        let mut out = Vec::new();
        self.numbers(v, &mut out)?;
        Ok(out)
    }

    /// A node of a shape.
    fn make(&mut self, op: Operation, args: &[Value], numbers: &[Sym<'b>], span: Span) -> Result<Value, Fail> {
        let children: Vec<Rc<SymShape<'b>>> = args.iter().filter_map(|a| self.shape(a)).collect();
        let dim = match &op {
            Operation::Prim(p) => p.dim,
            _ => children.first().map_or(2, |c| c.dim()),
        };
        let mut numbers = numbers.to_vec();
        if matches!(op, Operation::Scale) && numbers.len() == 1 {
            numbers = vec![numbers[0]; usize::from(dim)];
        }
        let most = match (&op, numbers.first()) {
            (Operation::Repeat, Some(Sym::Lit(n))) if *n >= 0.0 => *n as u64,
            (Operation::Repeat, Some(Sym::Node(id, _))) => match self.bounds.get(id) {
                Some(n) => *n as u64,
                None => {
                    return Err(refuse("the count of this `repeat` depends on a number without bounds", span)
                        .help("only an int hole with a range, `??(1..5)`, may stand there"));
                }
            },
            (Operation::Repeat, _) => {
                return Err(refuse("the count of a `repeat` cannot be negative", span));
            }
            _ => 0,
        };
        Ok(self.leaf(Leaf::Shape(Rc::new(SymShape::Node { op, dim, args: numbers, children, most }))))
    }
}

fn at(f: Fail, span: Span, name: &str) -> Fail {
    if f.at.is_some() { f } else { f.at(span, format!("in `{name}`, while the program was relaxed")) }
}

/// A number that was folded to a constant, as what its type says: exact operations may use it next.
fn as_type(v: Value, ty: &Type) -> Value {
    match (&v, ty) {
        (Value::Num(x), Type::Int) if x.fract() == 0.0 => Value::Int(*x as i64),
        (Value::Num(x), Type::Bool) if *x == 0.0 || *x == 1.0 => Value::Bool(*x == 1.0),
        _ => v,
    }
}
