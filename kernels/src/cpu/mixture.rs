//! A mixture of the three set operations on one pair of occupancies, which is a line of a relaxed straight-line program
//! (Tang and Ellis 2023, section 3): `u max(a, b) + v min(a, b) + w max(a - b, 0)` with weights that are the same for all
//! points. One instruction in the place of five, and its derivatives one in the place of ten, so that operands are read
//! once.

use super::code::Reg;
use super::dots::WIDTH;
use super::lanes::{Lanes, Task};
use super::split::Part;
use crate::ops;
use crate::table::Opcode;
use crate::tape::{Id, Node};

/// A dot that is such a mixture.
#[derive(Clone, Debug)]
pub(super) struct Mixture {
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
    pub(super) fn find(part: Part<'_>, id: Id, uses: &[u32]) -> Option<Mixture> {
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

/// `dst = u max(a, b) + v min(a, b) + w max(a - b, 0)`; the slices have one length.
pub(super) struct Mix<'a> {
    pub dst: &'a mut [f32],
    pub a: &'a [f32],
    pub b: &'a [f32],
    pub weights: [f32; 3],
}

impl<L: Lanes> Task<L> for Mix<'_> {
    #[inline(always)]
    fn run(self, _: L) {
        // References as parameters: the compiler then knows that the result lies apart from the operands.
        #[inline(always)]
        fn all<L: Lanes>(dst: &mut [f32], a: &[f32], b: &[f32], [u, v, w]: [f32; 3]) {
            let n = dst.len() / WIDTH * WIDTH;
            let (dst, a, b) = (&mut dst[..n], &a[..n], &b[..n]);
            for i in 0..n {
                let [most, least, rest] = terms::<L>(a[i], b[i]);
                dst[i] = L::mul_add(rest, w, L::mul_add(least, v, most * u));
            }
        }
        all::<L>(self.dst, self.a, self.b, self.weights);
    }
}

/// `max(a, b)`, `min(a, b)` and `max(a - b, 0)`.
#[inline(always)]
fn terms<L: Lanes>(a: f32, b: f32) -> [f32; 3] {
    let (a, b) = (L::F::from(a), L::F::from(b));
    let difference = ops::sub::value(a, b);
    [ops::max::value(a, b), ops::min::value(a, b), ops::max::value(difference, L::F::from(0.0))].map(Into::into)
}

/// The derivatives of a mixture: `da` and `db` from the adjoint `s`, and the sums over points of the products of the
/// adjoint and the three terms, each in [`WIDTH`] parts.
pub(super) struct MixBack<'a> {
    pub regs: &'a mut [f32],
    pub len: usize,
    /// `da`, `db`, `s`, `a`, `b`.
    pub list: [Reg; 5],
    pub weights: [f32; 3],
    pub sums: &'a mut [f32],
}

impl<L: Lanes> Task<L> for MixBack<'_> {
    #[inline(always)]
    fn run(self, _: L) {
        let Ok(blocks) =
            self.regs.get_disjoint_mut(self.list.map(|r| r as usize * self.len..(r as usize + 1) * self.len))
        else {
            return debug_assert!(false, "registers of one instruction that are not apart");
        };
        let [da, db, s, a, b] = blocks;
        all::<L>([da, db], s, a, b, self.weights, self.sums);

        #[inline(always)]
        fn all<L: Lanes>([da, db]: [&mut [f32]; 2], s: &[f32], a: &[f32], b: &[f32], w: [f32; 3], to: &mut [f32]) {
            let mut sums = [[0.0f32; WIDTH]; 3];
            for (sums, to) in sums.iter_mut().zip(to.as_chunks().0) {
                *sums = *to;
            }
            let chunks = da.as_chunks_mut::<WIDTH>().0.iter_mut().zip(db.as_chunks_mut::<WIDTH>().0);
            let operands = s.as_chunks::<WIDTH>().0.iter().zip(a.as_chunks::<WIDTH>().0).zip(b.as_chunks::<WIDTH>().0);
            for ((da, db), ((s, a), b)) in chunks.zip(operands) {
                for i in 0..WIDTH {
                    [da[i], db[i]] = partials::<L>(a[i], b[i], s[i], w);
                }
                for i in 0..WIDTH {
                    let terms = terms::<L>(a[i], b[i]);
                    for k in 0..3 {
                        sums[k][i] = L::mul_add(s[i], terms[k], sums[k][i]);
                    }
                }
            }
            for (sums, to) in sums.iter().zip(to.as_chunks_mut().0) {
                *to = *sums;
            }
        }
    }
}

/// The derivatives by `a` and `b`, times `s`.
#[inline(always)]
fn partials<L: Lanes>(a: f32, b: f32, s: f32, [u, v, w]: [f32; 3]) -> [f32; 2] {
    let [a, b, u, v, w] = [a, b, u * s, v * s, w * s].map(L::F::from);
    let none = L::F::from(0.0);
    let difference = ops::sub::value(a, b);
    let [most, other_most] = ops::max::partial(a, b, none);
    let [least, other_least] = ops::min::partial(a, b, none);
    let [rest, _] = ops::max::partial(difference, none, none);
    let [by_a, by_b] = ops::sub::partial(a, b, none);
    [u * most + v * least + w * rest * by_a, u * other_most + v * other_least + w * rest * by_b].map(Into::into)
}
