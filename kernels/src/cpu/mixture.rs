//! Mixtures of set operations on blocks of points, and their derivatives.

use super::dots::WIDTH;
use super::lanes::{Lanes, Task};
use crate::program::code::Reg;
use crate::program::mixture::{slopes, terms};

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
                let [most, least, rest] = terms(L::F::from(a[i]), L::F::from(b[i])).map(Into::into);
                dst[i] = L::mul_add(rest, w, L::mul_add(least, v, most * u));
            }
        }
        all::<L>(self.dst, self.a, self.b, self.weights);
    }
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
                    let [a, b, s] = [a[i], b[i], s[i]].map(L::F::from);
                    [da[i], db[i]] = slopes(a, b, s, w.map(L::F::from)).map(Into::into);
                }
                for i in 0..WIDTH {
                    let terms: [f32; 3] = terms(L::F::from(a[i]), L::F::from(b[i])).map(Into::into);
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
