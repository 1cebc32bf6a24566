//! Tapes made ready to run, for any executor.
//!
//! A [`Program`] is a [`Tape`] that is split (`split`) into what is the same for all points and what differs. Each part
//! becomes code (`code`) for `forward` and `reverse` passes: a list of instructions over registers, which an executor
//! runs on blocks of points or compiles.

pub(crate) mod code;
mod forward;
pub(crate) mod mixture;
mod reads;
mod reverse;
pub(crate) mod split;
mod weights;

use crate::table::Opcode;
use crate::tape::{Node, Tape};
use code::Code;
use forward::forward;
use reverse::reverse;
use split::{Part, Split};
#[cfg(feature = "gpu")]
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A tape made ready to run: made once, used from many threads.
///
/// What does not differ from point to point (the *uniform* part) is computed once per job, for many jobs at a time.
#[derive(Debug)]
pub struct Program {
    tape: Tape,
    /// The same, with operations that take fewer instructions; nodes keep their places.
    compact: Tape,
    split: Split,
    codes: [OnceLock<Arc<Code>>; 5],
    #[cfg(feature = "gpu")]
    hash: OnceLock<u64>,
}

/// What code computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pass {
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
        Program {
            tape: tape.clone(),
            split: Split::new(&compact),
            compact,
            codes: Default::default(),
            #[cfg(feature = "gpu")]
            hash: OnceLock::new(),
        }
    }

    /// The tape.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// A hash of what it computes: equal programs have equal ones, within a process.
    #[cfg(feature = "gpu")]
    pub(crate) fn hash(&self) -> u64 {
        *self.hash.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            (&self.compact.nodes, &self.compact.terms, &self.compact.outputs).hash(&mut hasher);
            (self.compact.inputs, self.compact.params).hash(&mut hasher);
            hasher.finish()
        })
    }

    /// How many results the uniform part hands to the varying one.
    pub(crate) fn exports(&self) -> usize {
        self.split.exports.len()
    }

    pub(crate) fn code(&self, pass: Pass) -> &Arc<Code> {
        let part = |uniform| Part { tape: &self.compact, split: &self.split, uniform };
        self.codes[pass as usize].get_or_init(|| {
            Arc::new(match pass {
                Pass::Uniform => forward(part(true)),
                Pass::UniformReverse => reverse(part(true), true),
                Pass::Forward => forward(part(false)),
                Pass::Reverse => reverse(part(false), false),
                Pass::ReverseInputs => reverse(part(false), true),
            })
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
