//! Building tapes by computing with symbols: a [`Sym`] is a number of a tape, and the operators and functions of
//! [`Real`] on it add nodes. A formula written over any `Real` gives its value for `f64` and its tape for `Sym`.
//!
//! ```
//! use nsp_kernels::{real::Real, reference, sym::Builder};
//!
//! fn length<R: Real>(x: R, y: R) -> R {
//!     (x * x + y * y).sqrt()
//! }
//!
//! assert_eq!(length(3.0, 4.0), 5.0);
//! let b = Builder::new(2, 0);
//! let tape = b.finish(&[length(b.input(0), b.input(1))]);
//! assert_eq!(reference::eval(&tape, &[3.0, 4.0], &[]), [5.0]);
//! ```

use crate::real::Real;
use crate::table::Opcode;
use crate::tape::{Id, Node, Tape};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number of a tape that is being built: a constant, or a node.
#[derive(Clone, Copy)]
pub enum Sym<'b> {
    /// A constant.
    Lit(f64),
    /// A node of a builder's tape.
    Node(Id, &'b Builder),
}

/// Collects the nodes of a tape. Equal nodes are made once; operations on constants are carried out.
pub struct Builder {
    inner: RefCell<Inner>,
    origin: Cell<u32>,
    inputs: Cell<usize>,
    params: Cell<usize>,
}

#[derive(Default)]
struct Inner {
    tape: Tape,
    known: HashMap<Node, Id>,
    dots: HashMap<Vec<(Id, Id)>, Id>,
    /// Parameters that are never negative.
    positive: HashSet<u32>,
}

impl fmt::Debug for Sym<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sym::Lit(x) => write!(f, "{x}"),
            Sym::Node(id, _) => write!(f, "%{id}"),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.borrow().tape.listing())
    }
}

impl Builder {
    /// For a tape with so many input columns and parameters.
    pub fn new(inputs: usize, params: usize) -> Builder {
        Builder {
            inner: RefCell::default(),
            origin: Cell::new(0),
            inputs: Cell::new(inputs),
            params: Cell::new(params),
        }
    }

    /// One more input column.
    pub fn add_input(&self) -> Sym<'_> {
        self.inputs.set(self.inputs.get() + 1);
        self.input(self.inputs.get() - 1)
    }

    /// One more parameter.
    pub fn add_param(&self) -> Sym<'_> {
        self.params.set(self.params.get() + 1);
        self.param(self.params.get() - 1)
    }

    /// Nodes made from now on come from here.
    pub fn set_origin(&self, origin: u32) {
        self.origin.set(origin);
    }

    /// Where nodes that are made now come from.
    pub fn origin(&self) -> u32 {
        self.origin.get()
    }

    /// How many nodes there are so far.
    pub fn len(&self) -> usize {
        self.inner.borrow().tape.len()
    }

    /// Whether there is no node yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An input column.
    pub fn input(&self, i: usize) -> Sym<'_> {
        self.node(Node::Input(i as u32))
    }

    /// A parameter.
    pub fn param(&self, i: usize) -> Sym<'_> {
        self.node(Node::Param(i as u32))
    }

    /// A parameter that is never negative, such as a sharpness.
    pub fn positive_param(&self, i: usize) -> Sym<'_> {
        self.inner.borrow_mut().positive.insert(i as u32);
        self.param(i)
    }

    /// A scalar operation.
    pub fn op<'b>(&'b self, code: Opcode, args: &[Sym<'b>]) -> Sym<'b> {
        let lits: Vec<f64> = args.iter().filter_map(|a| if let Sym::Lit(x) = a { Some(*x) } else { None }).collect();
        if lits.len() == args.len() {
            return Sym::Lit(code.entry().eval(&lits));
        }
        if let Some(simple) = self.simplified(code, args) {
            return simple;
        }
        let mut ids = [0; 3];
        for (id, a) in ids.iter_mut().zip(args) {
            *id = self.id(*a);
        }
        if matches!(code, Opcode::add | Opcode::mul) && ids[0] > ids[1] {
            ids.swap(0, 1);
        }
        self.node(Node::Op(code, ids))
    }

    /// `sum_j weight_j value_j`; 0 without terms.
    pub fn dot<'b>(&'b self, terms: &[(Sym<'b>, Sym<'b>)]) -> Sym<'b> {
        let zero = |s: &Sym<'_>| matches!(s, Sym::Lit(0.0));
        let terms: Vec<_> = terms.iter().filter(|(w, v)| !zero(w) && !zero(v)).copied().collect();
        if terms.len() < 3 || terms.iter().all(|(w, v)| matches!((w, v), (Sym::Lit(_), Sym::Lit(_)))) {
            return terms.iter().map(|(w, v)| *w * *v).reduce(|a, b| a + b).unwrap_or(Sym::Lit(0.0));
        }
        let ids: Vec<(Id, Id)> = terms.iter().map(|(w, v)| (self.id(*w), self.id(*v))).collect();
        let mut inner = self.inner.borrow_mut();
        if let Some(id) = inner.dots.get(&ids) {
            return Sym::Node(*id, self);
        }
        let (start, len) = (inner.tape.terms.len() as u32, ids.len() as u32);
        inner.tape.terms.extend(&ids);
        let id = inner.push(Node::Dot { start, len }, self.origin.get());
        inner.dots.insert(ids, id);
        Sym::Node(id, self)
    }

    /// The tape with these outputs; nodes that no output needs are dropped.
    pub fn finish(&self, outputs: &[Sym<'_>]) -> Tape {
        let ids: Vec<Id> = outputs.iter().map(|o| self.id(*o)).collect();
        let inner = self.inner.borrow();
        let all = &inner.tape;
        let mut used = vec![false; all.len()];
        ids.iter().for_each(|id| used[*id as usize] = true);
        for i in (0..all.len()).rev() {
            if used[i] {
                all.uses(&all.nodes[i], |id| used[id as usize] = true);
            }
        }
        let mut out = Tape { inputs: self.inputs.get(), params: self.params.get(), ..Tape::default() };
        let mut place = vec![0; all.len()];
        for (i, node) in all.nodes.iter().enumerate().filter(|(i, _)| used[*i]) {
            let moved = |id: Id| place[id as usize];
            let node = match *node {
                Node::Op(code, mut args) => {
                    args[..code.entry().arity()].iter_mut().for_each(|a| *a = moved(*a));
                    Node::Op(code, args)
                }
                Node::Dot { len, .. } => {
                    let start = out.terms.len() as u32;
                    out.terms.extend(all.terms_of(node).iter().map(|(w, v)| (moved(*w), moved(*v))));
                    Node::Dot { start, len }
                }
                other => other,
            };
            place[i] = out.nodes.len() as u32;
            out.nodes.push(node);
            out.origins.push(all.origins[i]);
        }
        out.outputs = ids.iter().map(|id| place[*id as usize]).collect();
        out
    }

    fn node(&self, node: Node) -> Sym<'_> {
        let mut inner = self.inner.borrow_mut();
        if let Some(id) = inner.known.get(&node) {
            return Sym::Node(*id, self);
        }
        let id = inner.push(node, self.origin.get());
        inner.known.insert(node, id);
        Sym::Node(id, self)
    }

    fn id(&self, s: Sym<'_>) -> Id {
        match s {
            Sym::Lit(x) => match self.node(Node::constant(x)) {
                Sym::Node(id, _) => id,
                Sym::Lit(_) => 0,
            },
            Sym::Node(id, b) => {
                debug_assert!(std::ptr::eq(b, self), "a symbol of another builder");
                id
            }
        }
    }

    /// The operation that a symbol is, with its arguments.
    fn as_op<'b>(&'b self, s: Sym<'b>) -> Option<(Opcode, [Sym<'b>; 3])> {
        let Sym::Node(id, _) = s else { return None };
        let inner = self.inner.borrow();
        let Node::Op(code, args) = inner.tape.nodes[id as usize] else { return None };
        let sym = |id: Id| match inner.tape.nodes[id as usize] {
            Node::Const(bits) => Sym::Lit(f64::from_bits(bits)),
            _ => Sym::Node(id, self),
        };
        Some((code, args.map(sym)))
    }

    fn is_positive(&self, s: Sym<'_>) -> bool {
        match s {
            Sym::Lit(x) => x > 0.0,
            Sym::Node(id, _) => {
                let inner = self.inner.borrow();
                matches!(inner.tape.nodes[id as usize], Node::Param(i) if inner.positive.contains(&i))
            }
        }
    }

    /// Rewritings that hold for every finite number.
    fn simplified<'b>(&'b self, code: Opcode, args: &[Sym<'b>]) -> Option<Sym<'b>> {
        use Sym::Lit;
        Some(match (code, args) {
            (Opcode::add, [Lit(0.0), x] | [x, Lit(0.0)]) => *x,
            (Opcode::sub, [x, Lit(0.0)]) => *x,
            (Opcode::sub, [Lit(0.0), x]) => -*x,
            (Opcode::mul, [Lit(1.0), x] | [x, Lit(1.0)]) => *x,
            (Opcode::mul, [Lit(-1.0), x] | [x, Lit(-1.0)]) => -*x,
            (Opcode::mul, [Lit(0.0), _] | [_, Lit(0.0)]) => Lit(0.0),
            (Opcode::div, [x, Lit(1.0)]) => *x,
            (Opcode::neg, [x]) => match self.as_op(*x) {
                Some((Opcode::neg, [y, ..])) => y,
                Some((Opcode::sub, [a, b, _])) => b - a,
                _ => return None,
            },
            (Opcode::add, [x, y]) => match (self.as_op(*x), self.as_op(*y)) {
                (_, Some((Opcode::neg, [z, ..]))) => *x - z,
                (Some((Opcode::neg, [z, ..])), _) => *y - z,
                _ => return None,
            },
            (Opcode::sub, [x, y]) => match self.as_op(*y) {
                Some((Opcode::neg, [z, ..])) => *x + z,
                _ => return None,
            },
            (Opcode::min | Opcode::max, [a, b]) if same(*a, *b) => *a,
            // The soft step rises: the greater of two steps is the step of the greater. A union of many primitives then
            // needs one exponential, not many.
            (Opcode::min | Opcode::max, [a, b]) => match (self.as_op(*a), self.as_op(*b)) {
                (Some((f, [d, k, _])), Some((g, [e, l, _])))
                    if f == g
                        && same(k, l)
                        && matches!(f, Opcode::soft_positive | Opcode::soft_nonnegative)
                        && self.is_positive(k) =>
                {
                    self.op(f, &[self.op(code, &[d, e]), k])
                }
                _ => return None,
            },
            (Opcode::mix | Opcode::select, [Lit(1.0), a, _]) => *a,
            (Opcode::mix | Opcode::select, [Lit(0.0), _, b]) => *b,
            (Opcode::mix | Opcode::select, [_, a, b]) if same(*a, *b) => *a,
            _ => return None,
        })
    }
}

impl Inner {
    fn push(&mut self, node: Node, origin: u32) -> Id {
        self.tape.nodes.push(node);
        self.tape.origins.push(origin);
        self.tape.nodes.len() as Id - 1
    }
}

/// Whether two symbols are one number.
pub fn same(a: Sym<'_>, b: Sym<'_>) -> bool {
    match (a, b) {
        (Sym::Lit(x), Sym::Lit(y)) => x.to_bits() == y.to_bits(),
        (Sym::Node(i, _), Sym::Node(j, _)) => i == j,
        _ => false,
    }
}

impl<'b> Sym<'b> {
    /// An operation on symbols.
    pub fn op(code: Opcode, args: &[Sym<'b>]) -> Sym<'b> {
        let builder = args.iter().find_map(|a| if let Sym::Node(_, b) = a { Some(*b) } else { None });
        match builder {
            Some(b) => b.op(code, args),
            None => {
                let lits: Vec<f64> = args.iter().map(|a| if let Sym::Lit(x) = a { *x } else { 0.0 }).collect();
                Sym::Lit(code.entry().eval(&lits))
            }
        }
    }

    /// Its value where it is a constant.
    pub fn constant(&self) -> Option<f64> {
        match self {
            Sym::Lit(x) => Some(*x),
            Sym::Node(..) => None,
        }
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident $code:ident)*) => {$(
        impl<'b> $trait for Sym<'b> {
            type Output = Sym<'b>;
            fn $method(self, o: Sym<'b>) -> Sym<'b> {
                Sym::op(Opcode::$code, &[self, o])
            }
        }
    )*};
}
operator!(Add add add Sub sub sub Mul mul mul Div div div);

impl<'b> Neg for Sym<'b> {
    type Output = Sym<'b>;
    fn neg(self) -> Sym<'b> {
        Sym::op(Opcode::neg, &[self])
    }
}

macro_rules! functions {
    ([$($one:ident)*] [$($two:ident)*]) => {
        $(fn $one(self) -> Self { Sym::op(Opcode::$one, &[self]) })*
        $(fn $two(self, o: Self) -> Self { Sym::op(Opcode::$two, &[self, o]) })*
    };
}

impl Real for Sym<'_> {
    fn lit(x: f64) -> Self {
        Sym::Lit(x)
    }
    functions! {
        [sqrt abs floor exp ln sin cos tan tanh asin acos atan] [min max atan2 hypot pow]
    }
    fn above(self, o: Self) -> Self {
        Sym::op(Opcode::positive, &[self - o])
    }
    fn at_least(self, o: Self) -> Self {
        Sym::op(Opcode::nonnegative, &[self - o])
    }
    fn select(self, a: Self, b: Self) -> Self {
        Sym::op(Opcode::select, &[self, a, b])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn equal_nodes_are_shared_and_dead_ones_dropped() {
        let b = Builder::new(2, 0);
        let (x, y) = (b.input(0), b.input(1));
        let twice = (x * y).sin() + (y * x).sin();
        let _dead = x.exp();
        let tape = b.finish(&[twice]);
        assert_eq!(tape.listing(), "%0 = input 0\n%1 = input 1\n%2 = mul %0 %1\n%3 = sin %2\n%4 = add %3 %3\n-> %4\n");
    }

    #[test]
    fn constants_are_folded() {
        let b = Builder::new(1, 0);
        let two = (Sym::Lit(4.0)).sqrt();
        let tape = b.finish(&[b.input(0) * (two - Sym::Lit(1.0)) + Sym::Lit(0.0)]);
        assert_eq!(tape.listing(), "%0 = input 0\n-> %0\n");
    }

    #[test]
    fn a_union_of_steps_needs_one_step() {
        let b = Builder::new(3, 1);
        let k = b.positive_param(0);
        let steps = [0, 1, 2].map(|i| b.op(Opcode::soft_nonnegative, &[b.input(i), k]));
        let tape = b.finish(&[steps[0].max(steps[1]).max(steps[2])]);
        let count = |code| tape.nodes.iter().filter(|n| matches!(n, Node::Op(c, _) if *c == code)).count();
        assert_eq!((count(Opcode::soft_nonnegative), count(Opcode::max)), (1, 2));
        let got = reference::eval(&tape, &[-1.0, 0.5, 0.25], &[2.0]);
        assert!((got[0] - 1.0 / (1.0 + (-1.0f64).exp())).abs() < 1e-12);
        // A parameter that may be negative is left alone.
        let b = Builder::new(2, 1);
        let steps = [0, 1].map(|i| b.op(Opcode::soft_positive, &[b.input(i), b.param(0)]));
        assert_eq!(b.finish(&[steps[0].max(steps[1])]).len(), 6);
    }

    #[test]
    fn known_parameters_become_constants() {
        let b = Builder::new(1, 2);
        let tape = b.finish(&[b.input(0) * b.param(0) + b.param(1)]);
        let fixed = tape.with_params(|i| (i == 0).then_some(3.0));
        assert_eq!(reference::eval(&fixed, &[2.0], &[99.0, 1.0]), [7.0]);
        assert!(!fixed.nodes.contains(&Node::Param(0)));
    }
}
