//! A mixture of the three set operations on one pair of occupancies, which is a line of a relaxed straight-line program
//! (Tang and Ellis 2023, section 3): `u max(a, b) + v min(a, b) + w max(a - b, 0)` with weights that are the same for all
//! points. One instruction in the place of five, and its derivatives one in the place of ten, so that operands are read
//! once.

use super::split::Part;
use crate::ops;
use crate::real::Real;
use crate::table::Opcode;
use crate::tape::{Id, Node};

/// A dot that is such a mixture.
#[derive(Clone, Debug)]
pub(crate) struct Mixture {
    /// The pair.
    pub of: [Id; 2],
    /// Weights of `max(a, b)`, `min(a, b)` and `max(a - b, 0)`.
    pub weights: [Id; 3],
    /// The nodes that it computes along with itself.
    pub inner: [Id; 4],
    /// Other terms, weight and value, which are added one by one.
    pub more: Vec<(Id, Id)>,
}

impl Mixture {
    /// The node as a mixture whose terms have no other use; `uses` counts uses by node.
    pub(crate) fn find(part: Part<'_>, id: Id, uses: &[u32]) -> Option<Mixture> {
        let tape = part.tape;
        let once = |id: Id| part.owns(id) && uses[id as usize] == 1;
        // What `max(a, b)`, `min(a, b)` and `max(a - b, 0)` there are: the pair, the weight, the nodes.
        let (mut found, mut more) = ([const { None }; 3], Vec::new());
        for &(w, v) in tape.terms_of(&tape.nodes[id as usize]) {
            let (w, v) = if part.owns(v) { (w, v) } else { (v, w) };
            if part.owns(w) {
                return None;
            }
            let term = match tape.nodes[v as usize] {
                _ if !once(v) => None,
                Node::Op(Opcode::min, [a, b, _]) => Some((1, [a, b], v)),
                Node::Op(Opcode::max, [d, zero, _]) if tape.nodes[zero as usize] == Node::constant(0.0) => {
                    match tape.nodes[d as usize] {
                        Node::Op(Opcode::sub, [a, b, _]) if once(d) => Some((2, [a, b], d)),
                        _ => None,
                    }
                }
                Node::Op(Opcode::max, [a, b, _]) => Some((0, [a, b], v)),
                _ => None,
            };
            match term {
                Some((which, of, inner)) if found[which].is_none() => found[which] = Some((of, w, v, inner)),
                _ => more.push((w, v)),
            }
        }
        let [Some((of, u, most, _)), Some((of_least, v, least, _)), Some((of_rest, w, rest, difference))] = found
        else {
            return None;
        };
        let alike = of_least == of && of_rest == of && of[0] != of[1] && of.into_iter().all(|id| part.owns(id));
        let inner = [most, least, difference, rest];
        (alike && more.len() <= MORE).then_some(Mixture { of, weights: [u, v, w], inner, more })
    }
}

/// How many other terms a dot with a mixture may have.
const MORE: usize = 3;

/// `max(a, b)`, `min(a, b)` and `max(a - b, 0)`.
#[inline(always)]
pub(crate) fn terms<R: Real>(a: R, b: R) -> [R; 3] {
    [ops::max::value(a, b), ops::min::value(a, b), ops::max::value(ops::sub::value(a, b), R::lit(0.0))]
}

/// The derivatives by `a` and `b`, times `s`.
#[inline(always)]
pub(crate) fn slopes<R: Real>(a: R, b: R, s: R, weights: [R; 3]) -> [R; 2] {
    let [u, v, w] = weights.map(|weight| weight * s);
    let none = R::lit(0.0);
    let difference = ops::sub::value(a, b);
    let [most, other_most] = ops::max::partial(a, b, none);
    let [least, other_least] = ops::min::partial(a, b, none);
    let [rest, _] = ops::max::partial(difference, none, none);
    let [by_a, by_b] = ops::sub::partial(a, b, none);
    [u * most + v * least + w * rest * by_a, u * other_most + v * other_least + w * rest * by_b]
}
