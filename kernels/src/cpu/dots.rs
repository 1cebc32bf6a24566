//! Sums of products: over many values at each point (dots), and over the points of a block (derivatives by weights).
//!
//! Both walk over tiles of points whose accumulators fit the vector registers. A sum over points stays spread over the
//! lanes of [`WIDTH`] partial sums until a piece of points is done: adding lanes up for every weight of every block
//! would cost as much as the products.

use super::lanes::{Lanes, Task};
use crate::program::code::Reg;

/// How many partial sums a sum over points has; every vector's length divides it.
pub(super) const WIDTH: usize = 16;

/// `regs[results_k] = sum_j weights[j K + k] regs[values_j]`; blocks of `len` points.
pub(super) struct Dots<'a, const K: usize> {
    pub regs: &'a mut [f32],
    pub len: usize,
    pub results: &'a [Reg],
    pub values: &'a [Reg],
    pub weights: &'a [f32],
}

impl<L: Lanes, const K: usize> Task<L> for Dots<'_, K> {
    #[inline(always)]
    fn run(mut self, lanes: L) {
        let mut at = 0;
        // As many vectors as accumulators allow, then fewer.
        let most = L::ACCUMULATORS / K;
        if most >= 8 {
            self.tiles::<L, 8>(lanes, &mut at);
        }
        if most >= 4 {
            self.tiles::<L, 4>(lanes, &mut at);
        }
        if most >= 2 {
            self.tiles::<L, 2>(lanes, &mut at);
        }
        self.tiles::<L, 1>(lanes, &mut at);
    }
}

impl<const K: usize> Dots<'_, K> {
    #[inline(always)]
    fn tiles<L: Lanes, const T: usize>(&mut self, lanes: L, at: &mut usize) {
        while *at + T * L::N <= self.len {
            let mut sums = [[lanes.splat(0.0); T]; K];
            for (v, w) in self.values.iter().zip(self.weights.as_chunks::<K>().0) {
                let start = *v as usize * self.len + *at;
                let tile = &self.regs[start..start + T * L::N];
                for t in 0..T {
                    let x = lanes.load(&tile[t * L::N..]);
                    for k in 0..K {
                        sums[k][t] = lanes.fma(lanes.splat(w[k]), x, sums[k][t]);
                    }
                }
            }
            for (k, result) in self.results.iter().enumerate().take(K) {
                let start = *result as usize * self.len + *at;
                let tile = &mut self.regs[start..start + T * L::N];
                for t in 0..T {
                    lanes.store(sums[k][t], &mut tile[t * L::N..]);
                }
            }
            *at += T * L::N;
        }
    }
}

/// `regs[result] = sum_j regs[pairs_2j] regs[pairs_2j+1]`
pub(super) struct Products<'a> {
    pub regs: &'a mut [f32],
    pub len: usize,
    pub result: Reg,
    pub pairs: &'a [Reg],
}

impl<L: Lanes> Task<L> for Products<'_> {
    #[inline(always)]
    fn run(self, lanes: L) {
        for at in (0..self.len).step_by(L::N) {
            let mut sum = lanes.splat(0.0);
            for [a, b] in self.pairs.as_chunks().0 {
                let a = lanes.load(&self.regs[*a as usize * self.len + at..]);
                let b = lanes.load(&self.regs[*b as usize * self.len + at..]);
                sum = lanes.fma(a, b, sum);
            }
            lanes.store(sum, &mut self.regs[self.result as usize * self.len + at..]);
        }
    }
}

/// `sums[j K + k] += sum over points of regs[factors_k] regs[values_j]`, each sum in [`WIDTH`] parts.
pub(super) struct WeightSums<'a, const K: usize> {
    pub regs: &'a [f32],
    pub len: usize,
    pub factors: &'a [Reg],
    pub values: &'a [Reg],
    pub sums: &'a mut [f32],
}

impl<L: Lanes, const K: usize> Task<L> for WeightSums<'_, K> {
    #[inline(always)]
    fn run(mut self, lanes: L) {
        // As many values at a time as accumulators allow, then one by one.
        match L::ACCUMULATORS / K {
            8.. => self.tiles::<L, 8>(lanes),
            4.. => self.tiles::<L, 4>(lanes),
            3 => self.tiles::<L, 3>(lanes),
            2 => self.tiles::<L, 2>(lanes),
            _ => {}
        }
        self.tiles::<L, 1>(lanes);
    }
}

impl<const K: usize> WeightSums<'_, K> {
    /// The sums of the first values, `J` at a time, which are taken off.
    #[inline(always)]
    fn tiles<L: Lanes, const J: usize>(&mut self, lanes: L) {
        let block = |reg: Reg| &self.regs[reg as usize * self.len..][..self.len];
        let mut factors: [&[f32]; K] = [&[]; K];
        for (to, factor) in factors.iter_mut().zip(self.factors) {
            *to = block(*factor);
        }
        let (groups, rest) = self.values.as_chunks::<J>();
        let (sums, rest_sums) = std::mem::take(&mut self.sums).split_at_mut(groups.len() * J * K * WIDTH);
        for (group, to) in groups.iter().zip(sums.chunks_exact_mut(J * K * WIDTH)) {
            let values: [&[f32]; J] = std::array::from_fn(|j| block(group[j]));
            let mut sums = [[lanes.splat(0.0); K]; J];
            for j in 0..J {
                for k in 0..K {
                    sums[j][k] = lanes.load(&to[(j * K + k) * WIDTH..]);
                }
            }
            for at in (0..self.len / L::N).map(|i| i * L::N) {
                let mut x = [lanes.splat(0.0); J];
                for j in 0..J {
                    x[j] = lanes.load(&values[j][at..]);
                }
                for k in 0..K {
                    let factor = lanes.load(&factors[k][at..]);
                    for j in 0..J {
                        sums[j][k] = lanes.fma(factor, x[j], sums[j][k]);
                    }
                }
            }
            for j in 0..J {
                for k in 0..K {
                    lanes.store(sums[j][k], &mut to[(j * K + k) * WIDTH..]);
                }
            }
        }
        (self.values, self.sums) = (rest, rest_sums);
    }
}

/// `sum += sum over points of a`, the sum in [`WIDTH`] parts.
pub(super) struct Sum<'a> {
    pub a: &'a [f32],
    pub sum: &'a mut [f32],
}

impl<L: Lanes> Task<L> for Sum<'_> {
    #[inline(always)]
    fn run(self, lanes: L) {
        // Four sums, so that no addition waits for the one before.
        let mut sums = [lanes.splat(0.0); 4];
        let (tiles, rest) = split(self.a, 4 * L::N);
        for tile in tiles {
            for (t, sum) in sums.iter_mut().enumerate() {
                *sum = lanes.add(*sum, lanes.load(&tile[t * L::N..]));
            }
        }
        for x in rest.chunks_exact(L::N) {
            sums[0] = lanes.add(sums[0], lanes.load(x));
        }
        let [a, b, c, d] = sums;
        let sum = lanes.add(lanes.add(a, b), lanes.add(c, d));
        lanes.store(lanes.add(sum, lanes.load(self.sum)), self.sum);
    }
}

/// `sums[j] += sum over points of factor * regs[values_j]` for few values, each sum in [`WIDTH`] parts.
pub(super) struct FewSums<'a> {
    pub regs: &'a [f32],
    pub len: usize,
    pub factor: Reg,
    pub values: &'a [Reg],
    pub sums: &'a mut [f32],
}

impl<L: Lanes> Task<L> for FewSums<'_> {
    #[inline(always)]
    fn run(self, lanes: L) {
        let factor = &self.regs[self.factor as usize * self.len..][..self.len];
        for (v, to) in self.values.iter().zip(self.sums.chunks_exact_mut(WIDTH)) {
            let values = &self.regs[*v as usize * self.len..][..self.len];
            let mut sums = [lanes.splat(0.0); 4];
            let (tiles, rest) = split(values, 4 * L::N);
            let (factors, factor_rest) = split(factor, 4 * L::N);
            for (tile, factors) in tiles.zip(factors) {
                for (t, sum) in sums.iter_mut().enumerate() {
                    *sum = lanes.fma(lanes.load(&tile[t * L::N..]), lanes.load(&factors[t * L::N..]), *sum);
                }
            }
            for (x, f) in rest.chunks_exact(L::N).zip(factor_rest.chunks_exact(L::N)) {
                sums[0] = lanes.fma(lanes.load(x), lanes.load(f), sums[0]);
            }
            let [a, b, c, d] = sums;
            let sum = lanes.add(lanes.add(a, b), lanes.add(c, d));
            lanes.store(lanes.add(sum, lanes.load(to)), to);
        }
    }
}

/// Tiles of `n` numbers, and the rest.
#[inline(always)]
fn split(x: &[f32], n: usize) -> (std::slice::ChunksExact<'_, f32>, &[f32]) {
    let tiles = x.chunks_exact(n);
    let rest = tiles.remainder();
    (tiles, rest)
}

/// The whole of each sum.
pub(super) fn totals(sums: &[f32]) -> impl Iterator<Item = f64> {
    sums.as_chunks::<WIDTH>().0.iter().map(|parts| {
        let mut parts = *parts;
        let mut n = WIDTH / 2;
        while n > 0 {
            for i in 0..n {
                parts[i] += parts[i + n];
            }
            n /= 2;
        }
        f64::from(parts[0])
    })
}
