//! The parts of a tape: what is constant, what is the same for all points (uniform), what differs from point to point
//! (varying). What the varying part uses of the uniform one is *exported*.

use super::code::Scalar;
use crate::tape::{Id, Node, Tape};

/// What a node depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Nothing: its value.
    Constant(f64),
    /// Parameters.
    Uniform,
    /// Inputs, and perhaps parameters.
    Varying,
}

/// The parts of a tape.
#[derive(Debug)]
pub(crate) struct Split {
    pub kinds: Vec<Kind>,
    /// Uniform nodes that the varying part or the outputs use.
    pub exports: Vec<Id>,
    /// Their position among the exports, by node.
    exported: Vec<Option<u32>>,
}

impl Split {
    pub(crate) fn new(tape: &Tape) -> Split {
        let mut kinds: Vec<Kind> = Vec::with_capacity(tape.len());
        for node in &tape.nodes {
            kinds.push(kind(tape, node, &kinds));
        }
        let mut split = Split { kinds, exports: Vec::new(), exported: vec![None; tape.len()] };
        let needed = tape.needed(&tape.outputs);
        for (i, node) in tape.nodes.iter().enumerate() {
            if needed[i] && split.kinds[i] == Kind::Varying {
                tape.uses(node, |id| split.export(id));
            }
        }
        tape.outputs.iter().for_each(|id| split.export(*id));
        split
    }

    fn export(&mut self, id: Id) {
        let at = id as usize;
        if self.kinds[at] == Kind::Uniform && self.exported[at].is_none() {
            self.exported[at] = Some(self.exports.len() as u32);
            self.exports.push(id);
        }
    }
}

/// Inputs and parameters that the tape does not declare are 0, as in the reference.
fn kind(tape: &Tape, node: &Node, kinds: &[Kind]) -> Kind {
    match node {
        Node::Const(bits) => return Kind::Constant(f64::from_bits(*bits)),
        Node::Input(i) => return if (*i as usize) < tape.inputs { Kind::Varying } else { Kind::Constant(0.0) },
        Node::Param(i) => return if (*i as usize) < tape.params { Kind::Uniform } else { Kind::Constant(0.0) },
        Node::Op(..) | Node::Dot { .. } => {}
    }
    let (mut varying, mut uniform) = (false, false);
    tape.uses(node, |id| match kinds[id as usize] {
        Kind::Constant(_) => {}
        Kind::Uniform => uniform = true,
        Kind::Varying => varying = true,
    });
    if varying {
        return Kind::Varying;
    }
    if uniform {
        return Kind::Uniform;
    }
    let value = |id: Id| if let Kind::Constant(x) = kinds[id as usize] { x } else { 0.0 };
    Kind::Constant(match node {
        Node::Op(code, args) => {
            let args = args.map(value);
            code.entry().eval(&args[..code.entry().arity()])
        }
        node => tape.terms_of(node).iter().map(|(w, v)| value(*w) * value(*v)).sum(),
    })
}

/// One part of a tape, which becomes code: the uniform one, whose columns are the parameters and whose outputs are the
/// exports; or the varying one, whose columns are the inputs and whose outputs are the tape's.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub tape: &'a Tape,
    pub split: &'a Split,
    pub uniform: bool,
}

impl<'a> Part<'a> {
    /// Whether the node is computed in this part; else it is a scalar here.
    pub(crate) fn owns(&self, id: Id) -> bool {
        self.split.kinds[id as usize] == if self.uniform { Kind::Uniform } else { Kind::Varying }
    }

    /// What the node is in this part, where it is not computed here.
    pub(crate) fn scalar(&self, id: Id) -> Scalar {
        match (self.split.kinds[id as usize], self.split.exported[id as usize]) {
            (Kind::Constant(x), _) => Scalar::constant(x as f32),
            (_, Some(export)) => Scalar::Export(export),
            (_, None) => unreachable!("a node of another part that is not exported"),
        }
    }

    /// The nodes whose values are results.
    pub(crate) fn outputs(&self) -> &'a [Id] {
        if self.uniform { &self.split.exports } else { &self.tape.outputs }
    }
}

impl Tape {
    /// For each node whether some of `roots` need it.
    pub(crate) fn needed(&self, roots: &[Id]) -> Vec<bool> {
        let mut needed = vec![false; self.len()];
        roots.iter().for_each(|id| needed[*id as usize] = true);
        for i in (0..self.len()).rev() {
            if needed[i] {
                self.uses(&self.nodes[i], |id| needed[id as usize] = true);
            }
        }
        needed
    }
}
