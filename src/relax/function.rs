//! Relaxed functions as values: `relax(f)` and `grad(f)`.

use super::lower::{Relaxation, relax};
use super::params::{SHARPNESS, TEMPERATURE};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Object, Seen, Value};
use nsp_kernels::reference;
use nsp_kernels::table::Opcode;
use nsp_kernels::tape::{Node, Tape};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The code of a number that is not finite.
pub const NOT_FINITE: &str = "E0902";

/// A function's relaxed meaning, or its gradient. Tapes are made when it is first called with lists of some lengths.
#[derive(Debug)]
pub struct RelaxedFn {
    /// The function.
    pub closure: Arc<Closure>,
    /// Above 0.
    pub sharpness: f64,
    /// Above 0.
    pub temperature: f64,
    /// Whether it gives the derivatives by the arguments, in their form.
    pub gradient: bool,
    made: Mutex<HashMap<Vec<usize>, Arc<Relaxation>>>,
}

impl RelaxedFn {
    /// Of a function, at a sharpness and a temperature above 0.
    pub fn new(closure: Arc<Closure>, sharpness: f64, temperature: f64, gradient: bool) -> Result<RelaxedFn, Fail> {
        for (name, x) in [("sharpness", sharpness), ("temperature", temperature)] {
            if !(x.is_finite() && x > 0.0) {
                return Err(format!("`{name}` must be above 0, but it is {x}").into());
            }
        }
        Ok(RelaxedFn { closure, sharpness, temperature, gradient, made: Mutex::default() })
    }

    /// The tape for arguments like these.
    pub fn relaxation(&self, cx: &mut Ctx<'_>, args: &[Value]) -> Result<Arc<Relaxation>, Fail> {
        let mut lengths = Vec::new();
        args.iter().for_each(|a| form(a, &mut lengths));
        let made =
            |m: &Mutex<HashMap<_, Arc<Relaxation>>>| m.lock().unwrap_or_else(|e| e.into_inner()).get(&lengths).cloned();
        if let Some(r) = made(&self.made) {
            return Ok(r);
        }
        let r = Arc::new(relax(cx, &self.closure, args)?);
        self.made.lock().unwrap_or_else(|e| e.into_inner()).insert(lengths, r.clone());
        Ok(r)
    }

    /// Values of all parameters: holes as they start.
    pub fn params(&self, r: &Relaxation) -> Vec<f64> {
        let mut params = r.params.start();
        params[SHARPNESS] = self.sharpness;
        params[TEMPERATURE] = self.temperature;
        params
    }

    /// Calls it. For a shape the arguments are the coordinates of a point.
    pub fn call(&self, cx: &mut Ctx<'_>, args: &[Value]) -> Result<Value, Fail> {
        let takes = cx.env.library.get(self.closure.func).map_or(0, |e| e.func.params.len());
        let r = self.relaxation(cx, &args[..takes.min(args.len())])?;
        let mut inputs = Vec::new();
        args.iter().for_each(|a| flatten(a, &mut inputs));
        let params = self.params(&r);
        cx.work(r.tape.len() * 8)?;
        let values = reference::values(&r.tape, &inputs, &params);
        check(&r, &values, "value")?;
        if !self.gradient {
            let outputs: Vec<f64> = r.tape.outputs.iter().map(|o| values[*o as usize]).collect();
            return Ok(match outputs.as_slice() {
                [one] => Value::Num(*one),
                many => Value::tuple(many.iter().map(|x| Value::Num(*x)).collect()),
            });
        }
        let adjoints = reference::adjoints(&r.tape, &values, &[1.0]);
        let mut by_input = vec![0.0; r.tape.inputs];
        for (node, d) in r.tape.nodes.iter().zip(&adjoints) {
            if let Node::Input(i) = node {
                by_input[*i as usize] += d;
            }
        }
        if by_input.iter().any(|x| !x.is_finite()) {
            return Err(match first_bad_derivative(&r.tape, &values, &adjoints) {
                Some(node) => not_finite(&r, node, "derivative"),
                None => Fail::new(NOT_FINITE, "a derivative is not finite"),
            });
        }
        let mut next = by_input.into_iter();
        let mut out: Vec<Value> = args.iter().map(|a| like(a, &mut next)).collect();
        Ok(if out.len() == 1 { out.remove(0) } else { Value::tuple(out) })
    }
}

impl Object for RelaxedFn {
    fn type_name(&self) -> &str {
        "relaxed"
    }
    fn show(&self) -> String {
        let what = if self.gradient { "gradient" } else { "relaxed function" };
        format!("<{what} at sharpness {}>", self.sharpness)
    }
    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<RelaxedFn>().is_some_and(|o| {
            Arc::ptr_eq(&self.closure, &o.closure)
                && (self.sharpness, self.temperature, self.gradient) == (o.sharpness, o.temperature, o.gradient)
        })
    }
    fn bytes(&self, _: &mut Seen) -> usize {
        let made = self.made.lock().unwrap_or_else(|e| e.into_inner());
        size_of::<RelaxedFn>() + made.values().map(|r| r.tape.len() * (size_of::<Node>() + 4)).sum::<usize>()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What of a value decides its tape: how long its lists are.
fn form(v: &Value, out: &mut Vec<usize>) {
    match v {
        Value::List(xs) => {
            out.push(xs.len());
            xs.iter().for_each(|x| form(x, out));
        }
        Value::Tuple(xs) => xs.iter().for_each(|x| form(x, out)),
        _ => {}
    }
}

/// The numbers of a value, in turn.
pub fn flatten(v: &Value, out: &mut Vec<f64>) {
    match v {
        Value::Int(i) => out.push(*i as f64),
        Value::Num(x) => out.push(*x),
        Value::Bool(t) => out.push(f64::from(u8::from(*t))),
        Value::List(xs) | Value::Tuple(xs) => xs.iter().for_each(|x| flatten(x, out)),
        _ => {}
    }
}

/// A value of the same form with other numbers.
fn like(v: &Value, next: &mut impl Iterator<Item = f64>) -> Value {
    match v {
        Value::List(xs) => Value::list(xs.iter().map(|x| like(x, next)).collect()),
        Value::Tuple(xs) => Value::tuple(xs.iter().map(|x| like(x, next)).collect()),
        _ => Value::Num(next.next().unwrap_or(0.0)),
    }
}

/// An error if an output is not finite, which names the operation where that begins.
pub fn check(r: &Relaxation, values: &[f64], what: &str) -> Result<(), Fail> {
    if r.tape.outputs.iter().all(|o| values[*o as usize].is_finite()) {
        return Ok(());
    }
    match first_bad(&r.tape, values) {
        Some(node) => Err(not_finite(r, node, what)),
        None => Ok(()),
    }
}

/// The first node whose value is not finite.
fn first_bad(tape: &Tape, values: &[f64]) -> Option<usize> {
    (0..tape.len()).find(|i| !values[*i].is_finite() && !matches!(tape.nodes[*i], Node::Const(_)))
}

/// The first node, from the outputs backwards, that hands on a derivative which is not finite.
fn first_bad_derivative(tape: &Tape, values: &[f64], adjoints: &[f64]) -> Option<usize> {
    (0..tape.len()).rev().find(|i| {
        let mut bad = false;
        tape.uses(&tape.nodes[*i], |id| bad |= !adjoints[id as usize].is_finite());
        bad && adjoints[*i].is_finite() && values[*i].is_finite()
    })
}

/// What a program writes for an operation of the tape.
fn spelled(code: Opcode) -> Option<&'static str> {
    Some(match code {
        Opcode::add => "+",
        Opcode::sub => "-",
        Opcode::mul => "*",
        Opcode::div => "/",
        Opcode::rem => "%",
        Opcode::pow => "^",
        Opcode::mix | Opcode::select => "if",
        Opcode::soft_positive | Opcode::soft_nonnegative | Opcode::soft_zero => return None,
        other => other.entry().name,
    })
}

/// The error of a number that is not finite, at a node.
pub fn not_finite(r: &Relaxation, node: usize, what: &str) -> Fail {
    let name = match r.tape.nodes[node] {
        Node::Op(code, _) => match spelled(code) {
            Some(name) => format!("of `{name}`"),
            None => "of a comparison".into(),
        },
        Node::Input(i) => format!("of input {}", i + 1),
        Node::Param(_) => "of a parameter".into(),
        Node::Dot { .. } => "of a mixture".into(),
        Node::Const(_) => "of a constant".into(),
    };
    let fail = Fail::new(NOT_FINITE, format!("the {what} {name} is not finite"));
    match r.spans.get(r.tape.origins[node] as usize) {
        Some(span) => fail.at(*span, "computed here"),
        None => fail,
    }
}
