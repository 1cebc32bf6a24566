//! The walk over a function's nodes: what each kind of node gives when numbers may be symbols.

use super::lower::{Frame, Lower, Outcome, Stop, refuse};
use super::params::{Param, Place};
use super::symbol::Leaf;
use crate::builtins::Relaxed;
use crate::ir::{self, Func, HoleId, HoleKind, Kind, LocalId, NodeId, Step};
use crate::source::Span;
use crate::types::Type;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Value};
use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;
use std::sync::Arc;

/// Most nodes of a tape.
const MOST_NODES: usize = 1 << 22;

impl<'b> Lower<'_, '_, 'b> {
    fn all(&mut self, f: &Func, fr: &mut Frame, ids: &[NodeId]) -> Result<Vec<Value>, Stop> {
        ids.iter().map(|n| self.node(f, fr, *n)).collect()
    }

    pub(super) fn step(&mut self, f: &Func, fr: &mut Frame, id: NodeId) -> Outcome {
        self.cx.meter.work(1)?;
        let node = f.node(id);
        let span = node.span;
        Ok(match &node.kind {
            Kind::Unit => Value::Unit,
            Kind::Int(i) => Value::Int(*i),
            Kind::Num(x) => Value::Num(*x),
            Kind::Angle(d) => Value::Num(d.to_radians()),
            Kind::Bool(t) => Value::Bool(*t),
            Kind::Str(s) => Value::str(s.to_string()),
            Kind::Const(v) => v.clone(),
            Kind::Local(l) => match &fr.locals[l.0 as usize] {
                Some(v) => v.clone(),
                None => {
                    let name = &f.local(*l).name;
                    return Err(refuse(format!("`{name}` was given values that cannot be mixed"), span)
                        .help("give it lists of one length, or numbers, in both branches of the `if` before")
                        .into());
                }
            },
            Kind::Global(g) => self.cx.globals.borrow().get(g.0 as usize).cloned().unwrap_or_default(),
            Kind::Let(l, v) => {
                let v = self.node(f, fr, *v)?;
                fr.locals[l.0 as usize] = Some(v);
                Value::Unit
            }
            Kind::LetGlobal(..) => return Err(refuse("a top-level `let` has no relaxed meaning", span).into()),
            Kind::Assign { place, path, value } => {
                let ir::Place::Local(l) = place else {
                    return Err(refuse(
                        "an assignment to a variable outside the function has no relaxed meaning",
                        span,
                    )
                    .into());
                };
                let steps = self.steps(f, fr, path, span)?;
                let value = self.node(f, fr, *value)?;
                let mut whole = fr.locals[l.0 as usize].take().unwrap_or_default();
                put(&mut whole, &steps, value, span)?;
                fr.locals[l.0 as usize] = Some(whole);
                Value::Unit
            }
            Kind::Op { op, args } => match self.cx.env.ops.get(*op).relaxed.clone() {
                Relaxed::Sketch(kind) => self.sketch(kind, f, fr, id, args)?,
                _ => {
                    let values = self.all(f, fr, args)?;
                    let types: Vec<Type> = args.iter().map(|a| f.node(*a).ty.clone()).collect();
                    self.apply(*op, values, &types, &node.ty, span)?
                }
            },
            Kind::And(a, b) | Kind::Or(a, b) => {
                let and = matches!(node.kind, Kind::And(..));
                let left = self.node(f, fr, *a)?;
                if let Value::Bool(t) = left {
                    return if t == and { self.node(f, fr, *b) } else { Ok(Value::Bool(t)) };
                }
                let right = self.node(f, fr, *b)?;
                let (Some(l), Some(r)) = (self.as_number(&left), self.as_number(&right)) else {
                    return Err(refuse("this condition has no relaxed meaning", span).into());
                };
                self.number(if and { l.min(r) } else { l.max(r) })
            }
            Kind::Call { func, args } => {
                let args = self.all(f, fr, args)?;
                self.call(*func, args, span)?
            }
            Kind::CallValue { callee, args } => {
                let callee = self.node(f, fr, *callee)?;
                let mut args = self.all(f, fr, args)?;
                let Value::Fn(c) = callee else { return Err(refuse("this is no function", span).into()) };
                if c.library != self.cx.env.library.id() {
                    return Err(refuse("this function belongs to another engine", span).into());
                }
                args.extend(c.captures.iter().cloned());
                self.call(c.func, args, span)?
            }
            Kind::Closure { func, captures } => {
                let captures = self.all(f, fr, captures)?;
                Value::Fn(Arc::new(Closure { func: *func, library: self.cx.env.library.id(), captures, origin: None }))
            }
            Kind::If { cond, then, otherwise } => {
                let c = self.node(f, fr, *cond)?;
                if let Value::Bool(t) = c {
                    return match (t, otherwise) {
                        (true, _) => {
                            let v = self.node(f, fr, *then)?;
                            Ok(if otherwise.is_some() { v } else { Value::Unit })
                        }
                        (false, Some(o)) => self.node(f, fr, *o),
                        (false, None) => Ok(Value::Unit),
                    };
                }
                let Some(t) = self.as_number(&c) else {
                    return Err(refuse("this condition has no relaxed meaning", f.node(*cond).span).into());
                };
                let wanted = otherwise.is_some() && node.ty != Type::Unit;
                self.branch(t, f, fr, *then, *otherwise, wanted, span)?
            }
            Kind::For { binders, body, collect } => {
                let mut out = Vec::new();
                match self.turns(f, fr, binders, *body, *collect, &mut out, span) {
                    Ok(()) | Err(Stop::Break) => {}
                    Err(e) => return Err(e),
                }
                if *collect { Value::list(out) } else { Value::Unit }
            }
            Kind::While { cond, body } => {
                loop {
                    match self.node(f, fr, *cond)? {
                        Value::Bool(true) => {}
                        Value::Bool(false) => break,
                        _ => {
                            return Err(refuse(
                                "this loop runs as long as a number that is not known says",
                                f.node(*cond).span,
                            )
                            .help("use `for` over a range, and `if` inside it")
                            .into());
                        }
                    }
                    match self.node(f, fr, *body) {
                        Ok(_) | Err(Stop::Continue) => {}
                        Err(Stop::Break) => break,
                        Err(e) => return Err(e),
                    }
                    self.room(span)?;
                }
                Value::Unit
            }
            Kind::Block(xs) => {
                let mut last = Value::Unit;
                for x in xs {
                    last = self.node(f, fr, *x)?;
                }
                if node.ty == Type::Unit { Value::Unit } else { last }
            }
            Kind::Return(v) => {
                let v = v.map_or(Ok(Value::Unit), |v| self.node(f, fr, v))?;
                let v = match (&fr.returned, fr.result.take()) {
                    (Value::Bool(_), _) | (_, None) => v,
                    (returned, Some(earlier)) => {
                        let t = self.as_number(returned).unwrap_or(Sym::Lit(1.0));
                        self.mix(t, &earlier, &v, span)?
                    }
                };
                fr.result = Some(v);
                fr.returned = Value::Bool(true);
                return Err(Stop::Return);
            }
            Kind::Break => return Err(Stop::Break),
            Kind::Continue => return Err(Stop::Continue),
            Kind::List(xs) => Value::list(self.all(f, fr, xs)?),
            Kind::Tuple(xs) => Value::tuple(self.all(f, fr, xs)?),
            Kind::Field(v, i) => match self.node(f, fr, *v)? {
                Value::Tuple(xs) => xs.get(*i as usize).cloned().unwrap_or_default(),
                _ => return Err(refuse("this has no fields when relaxed", span).into()),
            },
            Kind::Range { lo, hi, inclusive } => {
                let (lo, hi) = (self.node(f, fr, *lo)?, self.node(f, fr, *hi)?);
                match (&lo, &hi) {
                    (Value::Int(a), Value::Int(b)) => {
                        Value::Range(Arc::new((*a, if *inclusive { b.saturating_add(1) } else { *b })))
                    }
                    (Value::Int(a), h) => {
                        let Some((n, most)) = self.bounded(h) else {
                            return Err(refuse("the end of this range depends on a number without bounds", span)
                                .help("only an int hole with a range, `??(1..5)`, may stand there")
                                .into());
                        };
                        let one = i64::from(*inclusive);
                        self.leaf(Leaf::Range(*a, n + Sym::Lit(one as f64), most as i64 + one))
                    }
                    _ => return Err(refuse("the start of a range must be known when relaxed", span).into()),
                }
            }
            Kind::Widen(v) => {
                let v = self.node(f, fr, *v)?;
                widen(v)
            }
            Kind::Hole { hole, args } => self.hole(f, fr, *hole, args, span)?,
        })
    }

    /// A tape that grows without end is refused while there is memory left.
    fn room(&mut self, span: Span) -> Result<(), Fail> {
        if self.b.len() > MOST_NODES {
            return Err(refuse(format!("unrolled, this is more than {MOST_NODES} operations"), span));
        }
        Ok(())
    }

    /// A number that is a hole, and its greatest value.
    fn bounded(&self, v: &Value) -> Option<(Sym<'b>, f64)> {
        match self.as_leaf(v)? {
            Leaf::Num(s @ Sym::Node(id, _)) => Some((*s, *self.bounds.get(id)?)),
            _ => None,
        }
    }

    fn steps(&mut self, f: &Func, fr: &mut Frame, path: &[Step], span: Span) -> Result<Vec<usize>, Stop> {
        let mut out = Vec::new();
        for s in path {
            out.push(match s {
                Step::Field(i) => *i as usize,
                Step::Index(n) => match self.node(f, fr, *n)? {
                    Value::Int(i) => {
                        usize::try_from(i).map_err(|_| refuse(format!("index {i} is out of range"), span))?
                    }
                    _ => return Err(refuse("an index must be known when relaxed", span).into()),
                },
            });
        }
        Ok(out)
    }

    #[allow(clippy::too_many_arguments)] // the state of a walk
    fn turns(
        &mut self,
        f: &Func,
        fr: &mut Frame,
        binders: &[(LocalId, NodeId)],
        body: NodeId,
        collect: bool,
        out: &mut Vec<Value>,
        span: Span,
    ) -> Result<(), Stop> {
        let Some(((local, over), rest)) = binders.split_first() else {
            self.room(span)?;
            return match self.node(f, fr, body) {
                Ok(v) => {
                    if collect {
                        out.push(v);
                    }
                    Ok(())
                }
                Err(Stop::Continue) => Ok(()),
                Err(e) => Err(e),
            };
        };
        let over = self.node(f, fr, *over)?;
        if let Some(Leaf::Range(lo, end, most)) = self.as_leaf(&over).cloned() {
            if collect {
                return Err(refuse("the length of this list depends on a hole", span)
                    .help("add to a variable inside the loop instead, or use `repeat`")
                    .into());
            }
            for i in lo..most {
                fr.locals[local.0 as usize] = Some(Value::Int(i));
                let there = self.meaning().above_zero(end - Sym::Lit(i as f64 + 0.5));
                let saved = fr.clone();
                let left = match self.turns(f, fr, rest, body, false, out, span) {
                    // Whether it returned depends on whether this turn is made.
                    Ok(()) | Err(Stop::Return) => Ok(()),
                    Err(Stop::Fail(e)) => return Err(e.into()),
                    left => left,
                };
                self.merge(there, fr, saved, span)?;
                left?;
            }
            return Ok(());
        }
        let items: Vec<Value> = match &over {
            Value::Range(r) => {
                if r.1.saturating_sub(r.0) > MOST_NODES as i64 {
                    return Err(refuse("this loop is too long to be unrolled", span).into());
                }
                (r.0..r.1).map(Value::Int).collect()
            }
            Value::List(xs) => xs.to_vec(),
            Value::Str(s) => s.chars().map(|c| Value::str(c.to_string())).collect(),
            _ => return Err(refuse("what this loop runs over has no relaxed meaning", span).into()),
        };
        for item in items {
            fr.locals[local.0 as usize] = Some(item);
            self.turns(f, fr, rest, body, collect, out, span)?;
        }
        Ok(())
    }

    fn hole(&mut self, f: &Func, fr: &mut Frame, hole: HoleId, args: &[NodeId], span: Span) -> Outcome {
        self.own(fr, span)?;
        let h = &f.holes[hole.0 as usize];
        let place = Place::Hole(fr.id, hole.0);
        let name = format!("??{}", h.name.as_deref().unwrap_or(""));
        match &h.kind {
            HoleKind::Range { lo, hi, start, angle } => {
                let whole = h.ty == Type::Int;
                let (lo, hi, start, angle) = (*lo, *hi, *start, *angle);
                if lo == hi {
                    return Ok(if whole { Value::Int(lo as i64) } else { Value::Num(lo) });
                }
                let p =
                    self.params.number(self.b, place, h.span, || Param::Number { place, lo, hi, start, whole, angle });
                if let (true, Sym::Node(id, _)) = (whole, p) {
                    self.bounds.insert(id, hi);
                }
                Ok(self.leaf(Leaf::Num(p)))
            }
            HoleKind::Choice { ops } => {
                let values = self.all(f, fr, args)?;
                let alternatives = if ops.is_empty() {
                    values
                } else {
                    let types: Vec<Type> = args.iter().map(|a| f.node(*a).ty.clone()).collect();
                    let mut out = Vec::new();
                    for op in ops {
                        out.push(self.apply(*op, values.clone(), &types, &h.ty, span)?);
                    }
                    out
                };
                let weights = self.params.weights(self.b, place, 0, alternatives.len(), h.span);
                Ok(self.mixture(&weights, &alternatives, span)?)
            }
            HoleKind::Open => {
                Err(refuse(format!("the hole `{name}` has no range, so it has no relaxed meaning"), span)
                    .help("write `??(lo..hi)` for a number, or `??{a | b}` for a choice")
                    .into())
            }
            HoleKind::Call | HoleKind::Perceptual => {
                Err(refuse(format!("the called hole `{name}(..)` has no relaxed meaning"), span)
                    .help("a choice of operations, `??op{+ | *}(a, b)`, has one")
                    .into())
            }
        }
    }
}

/// Replaces a part of a value.
fn put(whole: &mut Value, path: &[usize], value: Value, span: Span) -> Result<(), Fail> {
    let Some((first, rest)) = path.split_first() else {
        *whole = value;
        return Ok(());
    };
    match whole {
        Value::List(xs) | Value::Tuple(xs) => match Arc::make_mut(xs).get_mut(*first) {
            Some(x) => put(x, rest, value, span),
            None => Err(Fail::new("E0403", format!("index {first} is out of range")).at(span, "here")),
        },
        _ => Err(refuse("this has no parts when relaxed", span)),
    }
}

/// Every int a num. Symbols are numbers of either kind.
fn widen(v: Value) -> Value {
    match v {
        Value::Int(i) => Value::Num(i as f64),
        Value::List(xs) => Value::list(xs.iter().cloned().map(widen).collect()),
        Value::Tuple(xs) => Value::tuple(xs.iter().cloned().map(widen).collect()),
        v => v,
    }
}
