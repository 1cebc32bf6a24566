//! Programs of numbers as flat lists of operations in single-assignment form.
//!
//! A [`Tape`] has *inputs*, which differ from point to point (coordinates, symbols, targets), *parameters*, which are the
//! same for all points of one program (what a fit changes, and the sharpness), and *outputs*. Nodes stand after what they
//! use. Tapes are made by a [`Builder`], which folds constants and shares equal nodes, and run by
//! [`reference`](crate::reference) (one point, `f64`, plain).

use crate::real::Real;
use crate::sym::{Builder, Sym};
use crate::table::Opcode;
use std::fmt::Write;

/// Position of a node in its tape.
pub type Id = u32;

/// A node: one number for each point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A constant, by the bits of its `f64`.
    Const(u64),
    /// An input column.
    Input(u32),
    /// A parameter.
    Param(u32),
    /// A scalar operation; arguments beyond its arity are 0.
    Op(Opcode, [Id; 3]),
    /// `sum_j weight_j value_j` over `len` terms from `start` in [`Tape::terms`].
    Dot {
        /// First term.
        start: u32,
        /// How many terms.
        len: u32,
    },
}

impl Node {
    /// A constant.
    pub fn constant(x: f64) -> Node {
        Node::Const(x.to_bits())
    }
}

/// A program of numbers.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Nodes, arguments before their uses.
    pub nodes: Vec<Node>,
    /// Pairs (weight, value) of the [`Node::Dot`]s.
    pub terms: Vec<(Id, Id)>,
    /// What the caller said of each node when it was made: where it comes from.
    pub origins: Vec<u32>,
    /// The results.
    pub outputs: Vec<Id>,
    /// How many input columns there are; not all need be used.
    pub inputs: usize,
    /// How many parameters there are; not all need be used.
    pub params: usize,
}

impl Tape {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Calls `f` with the nodes that a node uses, a weight before its value.
    pub fn uses(&self, node: &Node, mut f: impl FnMut(Id)) {
        match node {
            Node::Op(code, args) => args[..code.entry().arity()].iter().for_each(|a| f(*a)),
            Node::Dot { .. } => self.terms_of(node).iter().for_each(|(w, v)| {
                f(*w);
                f(*v);
            }),
            Node::Const(_) | Node::Input(_) | Node::Param(_) => {}
        }
    }

    /// The terms of a [`Node::Dot`]; of another node, none.
    pub fn terms_of(&self, node: &Node) -> &[(Id, Id)] {
        match *node {
            Node::Dot { start, len } => &self.terms[start as usize..(start + len) as usize],
            _ => &[],
        }
    }

    /// For each node whether it differs from point to point.
    pub fn varying(&self) -> Vec<bool> {
        let mut varying: Vec<bool> = Vec::with_capacity(self.len());
        for node in &self.nodes {
            let v = match node {
                Node::Input(_) => true,
                node => {
                    let mut any = false;
                    self.uses(node, |id| any |= varying[id as usize]);
                    any
                }
            };
            varying.push(v);
        }
        varying
    }

    /// The tape that this one approaches as sharpness grows without bound: every soft operation is its limit.
    ///
    /// ```
    /// use nsp_kernels::{reference, sym::{Builder, Sym}, table::Opcode};
    /// let b = Builder::new(1, 0);
    /// let tape = b.finish(&[b.op(Opcode::soft_positive, &[b.input(0), Sym::Lit(4.0)])]);
    /// assert!((reference::eval(&tape, &[1.0], &[])[0] - 0.982).abs() < 1e-3);
    /// assert_eq!(reference::eval(&tape.hard(), &[1.0], &[])[0], 1.0);
    /// ```
    pub fn hard(&self) -> Tape {
        self.rewrite(|_| None, true, &|_, outputs| outputs)
    }

    /// The same tape with parameters replaced by constants where `known` gives one.
    pub fn with_params(&self, known: impl Fn(u32) -> Option<f64>) -> Tape {
        self.rewrite(known, false, &|_, outputs| outputs)
    }

    /// The tape against a target: with one more input column, and two outputs whose sums over points are the sizes of the
    /// intersection and of the union of where the first output is above 1/2 and where the column is. So an executor
    /// reduces the pictures of many shapes to two numbers each.
    ///
    /// ```
    /// use nsp_kernels::{cpu::{Cpu, Job, Program}, sym::Builder};
    /// let b = Builder::new(1, 0);
    /// let program = Program::new(&b.finish(&[b.input(0)]).overlap());
    /// let (shape, target) = ([1.0, 1.0, 0.0], [1.0, 0.0, 0.0]);
    /// let job = Job { program: &program, inputs: &[&shape, &target], points: 3, params: &[] };
    /// assert_eq!(Cpu::default().sums(&[job])?, [[1.0, 2.0]]);
    /// # Ok::<(), nsp_kernels::cpu::Error>(())
    /// ```
    pub fn overlap(&self) -> Tape {
        self.rewrite(|_| None, false, &|b, outputs| {
            let above = |x| b.op(Opcode::positive, &[x - Sym::Lit(0.5)]);
            let (shape, target) = (outputs.first().map_or(Sym::Lit(0.0), |o| above(*o)), above(b.add_input()));
            vec![shape * target, shape.max(target)]
        })
    }

    /// Builds the tape anew, so that constants are folded and what is no longer used is dropped.
    fn rewrite(
        &self,
        known: impl Fn(u32) -> Option<f64>,
        hard: bool,
        end: &dyn for<'b> Fn(&'b Builder, Vec<Sym<'b>>) -> Vec<Sym<'b>>,
    ) -> Tape {
        let builder = Builder::new(self.inputs, self.params);
        let mut made: Vec<Sym<'_>> = Vec::with_capacity(self.len());
        for (node, origin) in self.nodes.iter().zip(&self.origins) {
            builder.set_origin(*origin);
            let at = |id: Id| made[id as usize];
            made.push(match node {
                Node::Const(bits) => Sym::Lit(f64::from_bits(*bits)),
                Node::Input(i) => builder.input(*i as usize),
                Node::Param(i) => known(*i).map_or_else(|| builder.param(*i as usize), Sym::Lit),
                Node::Op(code, args) => {
                    let code = if hard { code.entry().limit() } else { *code };
                    let args = args.map(at);
                    builder.op(code, &args[..code.entry().arity()])
                }
                Node::Dot { .. } => {
                    let terms: Vec<_> = self.terms_of(node).iter().map(|(w, v)| (at(*w), at(*v))).collect();
                    builder.dot(&terms)
                }
            });
        }
        let outputs: Vec<Sym<'_>> = self.outputs.iter().map(|o| made[*o as usize]).collect();
        builder.finish(&end(&builder, outputs))
    }

    /// The tape as text, a node a line, for people.
    pub fn listing(&self) -> String {
        let mut out = String::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let _ = match node {
                Node::Const(bits) => writeln!(out, "%{i} = {}", f64::from_bits(*bits)),
                Node::Input(k) => writeln!(out, "%{i} = input {k}"),
                Node::Param(k) => writeln!(out, "%{i} = param {k}"),
                Node::Op(code, args) => {
                    let args: Vec<String> = args[..code.entry().arity()].iter().map(|a| format!("%{a}")).collect();
                    writeln!(out, "%{i} = {} {}", code.entry().name, args.join(" "))
                }
                Node::Dot { .. } => {
                    let terms: Vec<String> = self.terms_of(node).iter().map(|(w, v)| format!("%{w}*%{v}")).collect();
                    writeln!(out, "%{i} = dot {}", terms.join(" + "))
                }
            };
        }
        let outputs: Vec<String> = self.outputs.iter().map(|o| format!("%{o}")).collect();
        let _ = writeln!(out, "-> {}", outputs.join(" "));
        out
    }
}
