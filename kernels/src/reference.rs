//! Tapes run plainly, one point at a time in `f64`: what the executors are held to.

use crate::table::Body;
use crate::tape::{Node, Tape};

/// The value of every node at a point.
pub fn values(tape: &Tape, inputs: &[f64], params: &[f64]) -> Vec<f64> {
    let mut v: Vec<f64> = Vec::with_capacity(tape.len());
    for node in &tape.nodes {
        let x = match node {
            Node::Const(bits) => f64::from_bits(*bits),
            Node::Input(i) => inputs.get(*i as usize).copied().unwrap_or(0.0),
            Node::Param(i) => params.get(*i as usize).copied().unwrap_or(0.0),
            Node::Op(code, args) => {
                let args = args.map(|a| v.get(a as usize).copied().unwrap_or(0.0));
                code.entry().eval(&args)
            }
            Node::Dot { .. } => tape.terms_of(node).iter().map(|(w, x)| v[*w as usize] * v[*x as usize]).sum(),
        };
        v.push(x);
    }
    v
}

/// The outputs at a point.
pub fn eval(tape: &Tape, inputs: &[f64], params: &[f64]) -> Vec<f64> {
    let v = values(tape, inputs, params);
    tape.outputs.iter().map(|o| v[*o as usize]).collect()
}

/// The derivatives of `sum_o seeds_o output_o` at a point, by node; `values` are those of [`values`].
pub fn adjoints(tape: &Tape, values: &[f64], seeds: &[f64]) -> Vec<f64> {
    let mut d = vec![0.0; tape.len()];
    for (o, s) in tape.outputs.iter().zip(seeds) {
        d[*o as usize] += s;
    }
    let at = |id: u32| values.get(id as usize).copied().unwrap_or(0.0);
    for i in (0..tape.len()).rev() {
        let seed = d[i];
        match &tape.nodes[i] {
            _ if seed == 0.0 => {}
            Node::Op(code, args) => {
                let [a, b, c] = args.map(at);
                let y = values[i];
                match code.entry().body {
                    Body::One(_, f) => d[args[0] as usize] += seed * f(a, y),
                    Body::Two(_, f) => {
                        f(a, b, y).iter().zip(args).for_each(|(p, arg)| d[*arg as usize] += seed * p);
                    }
                    Body::Three(_, f) => {
                        f(a, b, c, y).iter().zip(args).for_each(|(p, arg)| d[*arg as usize] += seed * p);
                    }
                }
            }
            node @ Node::Dot { .. } => {
                for (w, x) in tape.terms_of(node) {
                    d[*w as usize] += seed * at(*x);
                    d[*x as usize] += seed * at(*w);
                }
            }
            _ => {}
        }
    }
    d
}

/// The derivatives of `sum_o seeds_o output_o` at a point, by input and by parameter.
pub fn gradient(tape: &Tape, inputs: &[f64], params: &[f64], seeds: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let v = values(tape, inputs, params);
    let d = adjoints(tape, &v, seeds);
    let (mut by_input, mut by_param) = (vec![0.0; tape.inputs], vec![0.0; tape.params]);
    for (node, d) in tape.nodes.iter().zip(d) {
        match node {
            Node::Input(i) => by_input[*i as usize] += d,
            Node::Param(i) => by_param[*i as usize] += d,
            _ => {}
        }
    }
    (by_input, by_param)
}
