//! A checked function run on symbols.

use super::merge;
use super::params::{Params, SHARPNESS};
use super::shape::{Occupancy, SymShape};
use super::symbol::Leaf;
use crate::ir::{Func, FuncId, NodeId};
use crate::source::Span;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Value};
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::tape::Tape;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The code of a program that has no relaxed meaning.
pub const REFUSED: &str = "E0901";
/// The sharpness of conditions and borders where none is asked for.
pub const DEFAULT_SHARPNESS: f64 = 8.0;
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
    pub(super) cx: &'e mut Ctx<'c>,
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
    pub(super) bounds: HashMap<u32, f64>,
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

    /// Holes are parameters where they belong to the function that is relaxed.
    pub(super) fn own(&self, fr: &Frame, span: Span) -> Result<(), Fail> {
        if self.root.is_some_and(|r| r != fr.id) {
            return Err(refuse("this hole belongs to a function that is called", span)
                .help("put the hole into the function that is relaxed, and hand its value over as an argument"));
        }
        Ok(())
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
