//! A tape made ready to run.

use super::code::Code;
use super::forward::forward;
use super::reverse::reverse;
use super::split::{Part, Split};
use crate::table::Opcode;
use crate::tape::{Node, Tape};
use std::sync::OnceLock;

/// A tape made ready to run: made once, used from many threads.
///
/// What does not differ from point to point (the *uniform* part) is computed once per job, for many jobs at a time.
#[derive(Debug)]
pub struct Program {
    tape: Tape,
    /// The same, with operations that take fewer instructions; nodes keep their places.
    compact: Tape,
    split: Split,
    codes: [OnceLock<Code>; 5],
}

/// What code computes.
#[derive(Clone, Copy)]
pub(super) enum Pass {
    /// The uniform part's exports.
    Uniform,
    /// The derivatives by parameters from those by the exports.
    UniformReverse,
    /// The outputs.
    Forward,
    /// The outputs and the derivatives by the exports.
    Reverse,
    /// The same, and the derivatives by the inputs.
    ReverseInputs,
}

impl Program {
    /// Prepares a tape. Code for gradients is made when it is first asked for.
    pub fn new(tape: &Tape) -> Program {
        let compact = compact(tape);
        Program { tape: tape.clone(), split: Split::new(&compact), compact, codes: Default::default() }
    }

    /// The tape.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// How many results the uniform part hands to the varying one.
    pub(super) fn exports(&self) -> usize {
        self.split.exports.len()
    }

    pub(super) fn code(&self, pass: Pass) -> &Code {
        let part = |uniform| Part { tape: &self.compact, split: &self.split, uniform };
        self.codes[pass as usize].get_or_init(|| match pass {
            Pass::Uniform => forward(part(true)),
            Pass::UniformReverse => reverse(part(true), true),
            Pass::Forward => forward(part(false)),
            Pass::Reverse => reverse(part(false), false),
            Pass::ReverseInputs => reverse(part(false), true),
        })
    }
}

/// `sigmoid(d k)` as one operation, and the sign in `sigmoid(-d k)` as that of `k`, which is the same for all points.
fn compact(tape: &Tape) -> Tape {
    let mut tape = tape.clone();
    for i in 0..tape.len() {
        if let Node::Op(Opcode::sigmoid, [x, ..]) = tape.nodes[i]
            && let Node::Op(Opcode::mul, [a, b, _]) = tape.nodes[x as usize]
        {
            tape.nodes[i] = Node::Op(Opcode::soft_positive, [a, b, 0]);
        }
    }
    let (varying, mut uses) = (tape.varying(), vec![0; tape.len()]);
    tape.outputs.iter().for_each(|id| uses[*id as usize] += 1);
    tape.nodes.iter().for_each(|node| tape.uses(node, |id| uses[id as usize] += 1));
    for i in 0..tape.len() {
        // The node of the sign, which nothing else uses, becomes that of the sharpness with its sign turned.
        if let Node::Op(op @ (Opcode::soft_positive | Opcode::soft_nonnegative), [x, k, _]) = tape.nodes[i]
            && let Node::Op(Opcode::neg, [d, ..]) = tape.nodes[x as usize]
            && varying[x as usize]
            && !varying[k as usize]
            && uses[x as usize] == 1
            && k < x
        {
            tape.nodes[x as usize] = Node::Op(Opcode::neg, [k, 0, 0]);
            tape.nodes[i] = Node::Op(op, [d, x, 0]);
        }
    }
    tape
}
