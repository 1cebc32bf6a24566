//! Where numbers stop being finite: tapes run plainly in `f32` at one point.

use super::error::{Error, What};
use crate::dispatch::{slopes, value};
use crate::tape::{Id, Node, Tape};

/// The node that makes a value or a derivative infinite or not a number at a point, if one does. `seeds` are the weights
/// of the outputs, where derivatives are asked about.
pub(crate) fn diagnose(
    tape: &Tape,
    inputs: &[f32],
    params: &[f32],
    seeds: Option<&[f32]>,
) -> Option<(Id, &'static str, What)> {
    let values = values(tape, inputs, params);
    let report = |id: Id, what| (id, name(&tape.nodes[id as usize]), what);
    if let Some(output) = tape.outputs.iter().find(|o| !values[**o as usize].is_finite()) {
        return Some(report(source(tape, &values, *output), What::Value));
    }
    let mut d = vec![0.0f32; tape.len()];
    for (o, s) in tape.outputs.iter().zip(seeds?) {
        d[*o as usize] += s;
        if !s.is_finite() {
            return Some(report(*o, What::Derivative));
        }
    }
    for id in (0..tape.len() as Id).rev() {
        let seed = d[id as usize];
        if seed == 0.0 {
            continue;
        }
        let mut broken = None;
        partials(tape, id, &values, |arg, slope| {
            d[arg as usize] += seed * slope;
            if !d[arg as usize].is_finite() {
                broken = Some(arg);
            }
        });
        if broken.is_some() {
            // A value that is not finite may do no harm to the outputs and yet spoil a derivative.
            let mut culprit = None;
            tape.uses(&tape.nodes[id as usize], |arg| {
                if !values[arg as usize].is_finite() {
                    culprit = culprit.or(Some(arg));
                }
            });
            return Some(match culprit {
                Some(arg) => report(source(tape, &values, arg), What::Value),
                None => report(id, What::Derivative),
            });
        }
    }
    // A value that neither the outputs nor derivatives by it feel, but perhaps one by its factor.
    let needed = tape.needed(&tape.outputs);
    let broken = (0..tape.len() as Id).find(|id| needed[*id as usize] && !values[*id as usize].is_finite());
    broken.map(|id| report(id, What::Value))
}

/// What a node is called in a report.
pub(crate) fn name(node: &Node) -> &'static str {
    match node {
        Node::Const(_) => "constant",
        Node::Input(_) => "input",
        Node::Param(_) => "parameter",
        Node::Op(op, _) => op.entry().name,
        Node::Dot { .. } => "dot",
    }
}

/// From a node that is not finite back to one whose operands all are.
fn source(tape: &Tape, values: &[f32], mut id: Id) -> Id {
    loop {
        let mut before = None;
        tape.uses(&tape.nodes[id as usize], |arg| {
            if !values[arg as usize].is_finite() {
                before = before.or(Some(arg));
            }
        });
        match before {
            Some(arg) => id = arg,
            None => return id,
        }
    }
}

fn values(tape: &Tape, inputs: &[f32], params: &[f32]) -> Vec<f32> {
    let mut v: Vec<f32> = Vec::with_capacity(tape.len());
    for node in &tape.nodes {
        let x = match node {
            Node::Const(bits) => f64::from_bits(*bits) as f32,
            Node::Input(i) => inputs.get(*i as usize).copied().unwrap_or(0.0),
            Node::Param(i) => params.get(*i as usize).copied().unwrap_or(0.0),
            Node::Op(op, args) => value(*op, args.map(|a| v.get(a as usize).copied().unwrap_or(0.0))),
            Node::Dot { .. } => tape.terms_of(node).iter().map(|(w, x)| v[*w as usize] * v[*x as usize]).sum(),
        };
        v.push(x);
    }
    v
}

/// Calls `f` with the operands of a node and the derivatives by them.
fn partials(tape: &Tape, id: Id, values: &[f32], mut f: impl FnMut(Id, f32)) {
    match &tape.nodes[id as usize] {
        Node::Op(op, args) => {
            let slopes = slopes(*op, args.map(|a| values[a as usize]), values[id as usize]);
            args[..op.entry().arity()].iter().zip(slopes).for_each(|(a, slope)| f(*a, slope));
        }
        node => tape.terms_of(node).iter().for_each(|(w, v)| {
            f(*w, values[*v as usize]);
            f(*v, values[*w as usize]);
        }),
    }
}

impl Error {
    pub(crate) fn non_finite(job: usize, point: usize, (node, name, what): (Id, &'static str, What)) -> Error {
        Error::NonFinite { job, point, node, name, what }
    }
}
