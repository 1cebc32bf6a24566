//! A checked function run on symbols.

use super::merge;
use super::params::{Param, Params, Place, SHARPNESS, TEMPERATURE};
use super::shape::{Occupancy, SymShape};
use crate::builtins::apply::apply;
use crate::builtins::{Exact, Op, Relaxed};
use crate::ir::{self, Func, FuncId, HoleId, HoleKind, Kind, LocalId, NodeId, OpId, Step};
use crate::source::Span;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Object, Seen, Value};
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::Opcode;
use nsp_kernels::tape::Tape;
use std::any::Any;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The code of a program that has no relaxed meaning.
pub const REFUSED: &str = "E0901";
/// The sharpness of conditions and borders where none is asked for.
pub const DEFAULT_SHARPNESS: f64 = 8.0;
/// Most nodes of a tape.
const MOST_NODES: usize = 1 << 22;
/// Most calls inside each other.
const MOST_DEPTH: usize = 256;

/// What the formulas of the operation table are given beside their arguments.
#[derive(Clone, Copy)]
pub struct Meaning<'b> {
    /// Where nodes are made.
    pub builder: &'b Builder,
    /// The sharpness, a parameter.
    pub sharpness: Sym<'b>,
}

/// A program as a tape.
#[derive(Debug)]
pub struct Relaxation {
    /// The tape. Its inputs are the numbers of the arguments in turn; for a shape, the coordinates of the point follow.
    pub tape: Tape,
    /// Its parameters.
    pub params: Params,
    /// Where nodes come from: spans by [`Tape::origins`].
    pub spans: Vec<Span>,
    /// 2 or 3 where the program's value is a shape, whose occupancy the tape gives.
    pub dim: Option<u8>,
}

/// Relaxes a function. `samples` are arguments like those that it will be called with; they say how long lists are, and
/// what is not a number is taken from them.
pub fn relax(cx: &mut Ctx<'_>, f: &Closure, samples: &[Value]) -> Result<Relaxation, Fail> {
    let b = Builder::new(0, 0);
    let mut lower = Lower::new(cx, &b);
    let value = lower.call_with_inputs(f, samples)?;
    let dim = lower.shape(&value).map(|s| s.dim());
    let outputs = lower.outputs(&value)?;
    let tape = b.finish(&outputs);
    Ok(Relaxation { tape, params: lower.params, spans: lower.spans, dim })
}

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
struct Symbol(usize);

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

/// Why a node gives no value.
pub(super) enum Stop {
    Fail(Fail),
    Return,
    Break,
    Continue,
}

impl From<Fail> for Stop {
    fn from(f: Fail) -> Stop {
        Stop::Fail(f)
    }
}

pub(super) type Outcome = Result<Value, Stop>;

/// The variables of a call.
#[derive(Clone)]
pub(super) struct Frame {
    pub id: FuncId,
    pub locals: Vec<Option<Value>>,
    /// How far the call has returned already: a bool, or a symbol after a `return` under a soft condition.
    pub returned: Value,
    /// What it returned then.
    pub result: Option<Value>,
}

/// Runs functions on symbols.
pub struct Lower<'e, 'c, 'b> {
    cx: &'e mut Ctx<'c>,
    pub(super) b: &'b Builder,
    pub(super) leaves: Vec<Leaf<'b>>,
    /// Parameters made so far.
    pub params: Params,
    /// Where nodes come from.
    pub spans: Vec<Span>,
    /// For each sketch that was met, the length of its program in lines ([`sketch`](super::sketch)).
    pub lengths: Vec<Sym<'b>>,
    sharpness: Sym<'b>,
    /// Bounds of whole numbers that are holes.
    bounds: HashMap<u32, f64>,
    places: HashMap<Span, u32>,
    depth: usize,
    /// The function whose holes are parameters.
    root: Option<FuncId>,
}

impl<'e, 'c, 'b> Lower<'e, 'c, 'b> {
    /// With no inputs yet.
    pub fn new(cx: &'e mut Ctx<'c>, b: &'b Builder) -> Lower<'e, 'c, 'b> {
        let params = Params::new(b);
        Lower {
            cx,
            b,
            leaves: Vec::new(),
            params,
            spans: vec![Span::NOWHERE],
            lengths: Vec::new(),
            sharpness: b.positive_param(SHARPNESS),
            bounds: HashMap::new(),
            places: HashMap::new(),
            depth: 0,
            root: None,
        }
    }

    /// Calls a function whose arguments are new inputs of the tape.
    pub fn call_with_inputs(&mut self, f: &Closure, samples: &[Value]) -> Result<Value, Fail> {
        let func = self.function(f.func)?;
        self.root = Some(f.func);
        let mut args = Vec::new();
        for (i, p) in func.params.iter().enumerate() {
            let arg = self.input_like(&p.ty, samples.get(i), &p.name, func.span)?;
            args.push(arg);
        }
        args.extend(f.captures.iter().cloned());
        self.call(f.func, args, func.span)
    }

    /// The numbers of a result. A shape is its occupancy at a point of two or three further inputs.
    pub fn outputs(&mut self, value: &Value) -> Result<Vec<Sym<'b>>, Fail> {
        if let Some(shape) = self.shape(value) {
            let p =
                std::array::from_fn(|k| if k < usize::from(shape.dim()) { self.b.add_input() } else { Sym::Lit(0.0) });
            return Ok(vec![self.occupancy(&shape, p)?]);
        }
        let mut out = Vec::new();
        self.numbers(value, &mut out)?;
        Ok(out)
    }

    /// The occupancy of a shape at a point.
    pub fn occupancy(&mut self, shape: &Rc<SymShape<'b>>, p: [Sym<'b>; 3]) -> Result<Sym<'b>, Fail> {
        // Keys of the memory are addresses, good as long as the shape lives.
        Occupancy::default().of(self.meaning(), shape, p)
    }

    pub(super) fn meaning(&self) -> Meaning<'b> {
        Meaning { builder: self.b, sharpness: self.sharpness }
    }

    /// An argument of new inputs.
    fn input_like(&mut self, ty: &Type, sample: Option<&Value>, name: &str, span: Span) -> Result<Value, Fail> {
        let part = |v: Option<&Value>, i: usize| match v {
            Some(Value::Tuple(xs) | Value::List(xs)) => xs.get(i).cloned(),
            _ => None,
        };
        Ok(match ty {
            Type::Int | Type::Num | Type::Bool => {
                let input = self.b.add_input();
                self.number(input)
            }
            Type::Tuple(ts) => {
                let mut out = Vec::new();
                for (i, t) in ts.iter().enumerate() {
                    out.push(self.input_like(t, part(sample, i).as_ref(), name, span)?);
                }
                Value::tuple(out)
            }
            Type::Record(fs) => {
                let mut out = Vec::new();
                for (i, (_, t)) in fs.iter().enumerate() {
                    out.push(self.input_like(t, part(sample, i).as_ref(), name, span)?);
                }
                Value::tuple(out)
            }
            Type::List(t) => {
                let Some(Value::List(xs)) = sample else {
                    return Err(refuse(format!("the length of the list `{name}` is not known"), span));
                };
                let mut out = Vec::new();
                for x in xs.iter() {
                    out.push(self.input_like(t, Some(x), name, span)?);
                }
                Value::list(out)
            }
            other => {
                return Err(refuse(
                    format!("the parameter `{name}` is of type {other}, which has no relaxed meaning"),
                    span,
                )
                .help("numbers, bools, and tuples, records and lists of them can be relaxed"));
            }
        })
    }

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
    fn numbers(&self, v: &Value, out: &mut Vec<Sym<'b>>) -> Result<(), Fail> {
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

    fn function(&self, id: FuncId) -> Result<Arc<Func>, Fail> {
        self.cx.env.library.get(id).map(|e| e.func).ok_or_else(|| "this function is no longer known".into())
    }

    /// Calls a function; captured values follow the arguments.
    pub(super) fn call(&mut self, id: FuncId, args: Vec<Value>, span: Span) -> Result<Value, Fail> {
        if self.depth >= MOST_DEPTH {
            return Err(refuse(format!("more than {MOST_DEPTH} calls inside each other"), span)
                .help("recursion that depends on an input does not end when relaxed"));
        }
        let func = self.function(id)?;
        let mut locals: Vec<Option<Value>> = args.into_iter().map(Some).collect();
        locals.resize(func.locals.len(), None);
        let mut frame = Frame { id, locals, returned: Value::Bool(false), result: None };
        self.depth += 1;
        let outcome = self.node(&func, &mut frame, func.body);
        self.depth -= 1;
        let missing = || Fail::from("a function ended without a value");
        match outcome {
            Ok(v) => match (&frame.returned, frame.result) {
                (Value::Bool(false), _) | (_, None) => Ok(v),
                (returned, Some(earlier)) => {
                    let t = self.as_number(returned).ok_or_else(missing)?;
                    self.mix(t, &earlier, &v, func.span)
                }
            },
            Err(Stop::Return) => frame.result.ok_or_else(missing),
            Err(Stop::Fail(f)) => Err(f),
            Err(Stop::Break | Stop::Continue) => Err(missing()),
        }
    }

    pub(super) fn node(&mut self, f: &Func, fr: &mut Frame, id: NodeId) -> Outcome {
        stacker::maybe_grow(256 * 1024, 8 * 1024 * 1024, || self.step(f, fr, id))
    }

    fn all(&mut self, f: &Func, fr: &mut Frame, ids: &[NodeId]) -> Result<Vec<Value>, Stop> {
        ids.iter().map(|n| self.node(f, fr, *n)).collect()
    }

    fn step(&mut self, f: &Func, fr: &mut Frame, id: NodeId) -> Outcome {
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

    /// Holes are parameters where they belong to the function that is relaxed.
    pub(super) fn own(&self, fr: &Frame, span: Span) -> Result<(), Fail> {
        if self.root.is_some_and(|r| r != fr.id) {
            return Err(refuse("this hole belongs to a function that is called", span)
                .help("put the hole into the function that is relaxed, and hand its value over as an argument"));
        }
        Ok(())
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
            (_, Exact::Prim(prim)) => self.make(crate::shape::Operation::Prim(prim.clone()), args, &flat(self)?, span),
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
            (Relaxed::None | Relaxed::Structure | Relaxed::Sketch(_), _) => Err(none()),
        }
    }

    /// A node of a shape.
    fn make(
        &mut self,
        op: crate::shape::Operation,
        args: &[Value],
        numbers: &[Sym<'b>],
        span: Span,
    ) -> Result<Value, Fail> {
        let children: Vec<Rc<SymShape<'b>>> = args.iter().filter_map(|a| self.shape(a)).collect();
        let dim = match &op {
            crate::shape::Operation::Prim(p) => p.dim,
            _ => children.first().map_or(2, |c| c.dim()),
        };
        let mut numbers = numbers.to_vec();
        if matches!(op, crate::shape::Operation::Scale) && numbers.len() == 1 {
            numbers = vec![numbers[0]; usize::from(dim)];
        }
        let most = match (&op, numbers.first()) {
            (crate::shape::Operation::Repeat, Some(Sym::Lit(n))) if *n >= 0.0 => *n as u64,
            (crate::shape::Operation::Repeat, Some(Sym::Node(id, _))) => match self.bounds.get(id) {
                Some(n) => *n as u64,
                None => {
                    return Err(refuse("the count of this `repeat` depends on a number without bounds", span)
                        .help("only an int hole with a range, `??(1..5)`, may stand there"));
                }
            },
            (crate::shape::Operation::Repeat, _) => {
                return Err(refuse("the count of a `repeat` cannot be negative", span));
            }
            _ => 0,
        };
        Ok(self.leaf(Leaf::Shape(Rc::new(SymShape::Node { op, dim, args: numbers, children, most }))))
    }

    /// Nodes made from now on come from here.
    pub(super) fn origin(&mut self, span: Span) {
        let next = self.spans.len() as u32;
        let n = *self.places.entry(span).or_insert(next);
        if n == next {
            self.spans.push(span);
        }
        self.b.set_origin(n);
    }

    pub(super) fn op_table(&self) -> Arc<crate::builtins::OpTable> {
        Arc::clone(&self.cx.env.ops)
    }

    pub(super) fn mix(&mut self, t: Sym<'b>, a: &Value, b: &Value, span: Span) -> Result<Value, Fail> {
        merge::mix(self, t, a, b).ok_or_else(|| {
            refuse(format!("the branches give a {} and a {}, which cannot be mixed", a.kind(), b.kind()), span)
        })
    }
}

/// A program without relaxed meaning: what stands in the way, and where.
pub(super) fn refuse(message: impl Into<String>, span: Span) -> Fail {
    Fail::new(REFUSED, message).at(span, "this has no relaxed meaning")
}

fn at(f: Fail, span: Span, name: &str) -> Fail {
    if f.at.is_some() { f } else { f.at(span, format!("in `{name}`, while the program was relaxed")) }
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

/// A number that was folded to a constant, as what its type says: exact operations may use it next.
fn as_type(v: Value, ty: &Type) -> Value {
    match (&v, ty) {
        (Value::Num(x), Type::Int) if x.fract() == 0.0 => Value::Int(*x as i64),
        (Value::Num(x), Type::Bool) if *x == 0.0 || *x == 1.0 => Value::Bool(*x == 1.0),
        _ => v,
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
