//! Running a tape on rows of samples.

use super::Watch;
use super::tape::{Place, Set, Step, Tape};
use crate::shape::affine::Bounds;
use crate::shape::prim::Line;
use crate::vm::limits::Fail;
use std::mem::take;

/// Words of samples times the work on each that are done between two looks at the clock.
const LONG_WORK: usize = 1 << 14;

/// Runs a tape on rows along one axis.
pub struct Scanner<'t> {
    tape: &'t Tape<'t>,
    axis: usize,
    xs: Vec<f64>,
    banks: Vec<Vec<Row>>,
    /// The turn that each loop is in.
    turn: Vec<f64>,
    field: Vec<f64>,
    pending: usize,
}

/// Bits of a row. Words outside `lo..hi` count as 0, whatever they hold.
#[derive(Clone, Debug, Default)]
struct Row {
    words: Vec<u64>,
    lo: usize,
    hi: usize,
}

impl Row {
    fn clear(&mut self) {
        (self.lo, self.hi) = (0, 0);
    }

    /// Makes `lo..hi` the words in use, all 0.
    fn span(&mut self, lo: usize, hi: usize, n: usize) {
        self.words.resize(n, 0);
        (self.lo, self.hi) = (lo, hi);
        self.words[lo..hi].fill(0);
    }

    /// The words in use that lie in `lo..hi`, and where they begin.
    fn within(&self, lo: usize, hi: usize) -> (usize, &[u64]) {
        let (lo, hi) = (self.lo.max(lo), self.hi.min(hi));
        if lo < hi { (lo, &self.words[lo..hi]) } else { (lo, &[]) }
    }

    fn or(&mut self, o: &Row) {
        let (at, words) = o.within(self.lo, self.hi);
        for (d, w) in self.words[at.min(self.hi)..].iter_mut().zip(words) {
            *d |= w;
        }
    }
}

impl<'t> Scanner<'t> {
    /// For rows whose samples have these coordinates on the axis, in rising order.
    pub fn new(tape: &'t Tape<'t>, axis: usize, xs: Vec<f64>, watch: &mut dyn Watch) -> Result<Scanner<'t>, Fail> {
        let registers = tape.blocks.iter().fold(0usize, |n, b| n.saturating_add(b.registers));
        watch.charge(registers.saturating_mul(size_of::<Row>() + xs.len().div_ceil(64) * 8))?;
        Ok(Scanner {
            tape,
            axis,
            banks: tape.blocks.iter().map(|b| vec![Row::default(); b.registers]).collect(),
            turn: vec![0.0; tape.loops],
            field: vec![0.0; xs.len()],
            xs,
            pending: 0,
        })
    }

    /// Fills `out` with the bits of the row through `at`, whose coordinate on the axis does not matter.
    pub fn row(&mut self, mut at: [f64; 3], out: &mut [u64], watch: &mut dyn Watch) -> Result<(), Fail> {
        out.fill(0);
        at[self.axis] = 0.0;
        self.worked(8 * out.len(), watch)?;
        let Some(root) = self.tape.blocks.first() else { return Ok(()) };
        let Some(result) = root.out else { return Ok(()) };
        self.run(0, at, watch)?;
        let row = &self.banks[0][result as usize];
        out[row.lo..row.hi].copy_from_slice(&row.words[row.lo..row.hi]);
        Ok(())
    }

    fn run(&mut self, block: usize, at: [f64; 3], watch: &mut dyn Watch) -> Result<(), Fail> {
        let tape = self.tape;
        // Blocks form a tree, so a block is never entered again while it runs and its registers can be taken out.
        let mut bank = take(&mut self.banks[block]);
        let mut result = Ok(());
        for (to, step) in &tape.blocks[block].steps {
            let mut dst = take(&mut bank[*to as usize]);
            result = match step {
                Step::Prim { prim, args, place, bounds } => {
                    let place = &tape.places[*place as usize];
                    let moved = self.displaced(place, bounds);
                    match self.reach(&moved, at) {
                        None => dst.clear(),
                        Some((lo, hi)) => {
                            let line = self.line(place, at);
                            dst.span(lo, hi, self.words());
                            // A polygon looks at each of its corners for each sample: a row may take long.
                            let each = 1 + args.len() / 16;
                            let most = (LONG_WORK / each).max(1);
                            let mut from = lo;
                            while from < hi && result.is_ok() {
                                let to = hi.min(from + most);
                                self.fill(&mut dst, from, to, |xs, out| (prim.rows)(args, &[line], xs, out));
                                result = self.worked((to - from) * 64 * each, watch);
                                from = to;
                            }
                        }
                    }
                    result.and_then(|()| self.worked(8, watch))
                }
                Step::Set(set, a, b) => {
                    combine(*set, &mut dst, &bank[*a as usize], &bank[*b as usize]);
                    self.worked(8, watch)
                }
                Step::Loop { block, id, count, by, place, bounds } => {
                    let copy = self.displaced(&tape.places[*place as usize], bounds);
                    self.repeat(&mut dst, *block, *id, *count, *by, &copy, at, watch)
                }
            };
            bank[*to as usize] = dst;
            if result.is_err() {
                break;
            }
        }
        self.banks[block] = bank;
        result
    }

    /// The union of the copies that can touch the row.
    #[allow(clippy::too_many_arguments)] // the fields of one step
    fn repeat(
        &mut self,
        dst: &mut Row,
        block: usize,
        id: usize,
        count: u64,
        by: [f64; 3],
        copy: &Bounds,
        at: [f64; 3],
        watch: &mut dyn Watch,
    ) -> Result<(), Fail> {
        dst.clear();
        let Some(result) = self.tape.blocks[block].out else { return Ok(()) };
        let (mut first, mut last) = (0.0f64, count as f64 - 1.0);
        for k in 0..3 {
            let (lo, hi) = if k == self.axis { self.ends() } else { (at[k], at[k]) };
            // Copy c reaches from `copy.lo + c by` to `copy.hi + c by`.
            let (a, b) = ((lo - copy.hi[k]) / by[k], (hi - copy.lo[k]) / by[k]);
            if by[k] == 0.0 {
                if lo > copy.hi[k] || hi < copy.lo[k] {
                    return Ok(());
                }
            } else {
                first = first.max(a.min(b).floor());
                last = last.min(a.max(b).ceil());
            }
        }
        let n = self.words();
        let mut sum = Row::default();
        let mut c = first;
        while c <= last {
            self.turn[id] = c;
            self.run(block, at, watch)?;
            let part = &self.banks[block][result as usize];
            if part.lo < part.hi {
                if sum.words.is_empty() {
                    sum = take(dst);
                    sum.span(0, n, n);
                }
                sum.or(part);
                if self.full(&sum) {
                    break;
                }
            }
            self.worked(8, watch)?;
            c += 1.0;
        }
        if !sum.words.is_empty() {
            *dst = sum;
        }
        Ok(())
    }

    fn words(&self) -> usize {
        self.xs.len().div_ceil(64)
    }

    fn ends(&self) -> (f64, f64) {
        (self.xs.first().copied().unwrap_or(0.0), self.xs.last().copied().unwrap_or(0.0))
    }

    fn full(&self, row: &Row) -> bool {
        let spare = self.words() * 64 - self.xs.len();
        row.words.split_last().is_some_and(|(last, rest)| *last == !0 >> spare && rest.iter().all(|w| *w == !0))
    }

    /// A box moved by the turns of the loops around it.
    fn displaced(&self, place: &Place, b: &Bounds) -> Bounds {
        let mut b = *b;
        for t in &place.turns {
            b = b.moved(t.in_samples.map(|x| x * self.turn[t.id]));
        }
        b
    }

    /// The words whose samples may lie in the box.
    fn reach(&self, b: &Bounds, at: [f64; 3]) -> Option<(usize, usize)> {
        if (0..3).any(|k| k != self.axis && (at[k] < b.lo[k] || at[k] > b.hi[k])) {
            return None;
        }
        let from = self.xs.partition_point(|x| *x < b.lo[self.axis]);
        let to = self.xs.partition_point(|x| *x <= b.hi[self.axis]);
        (from < to).then(|| (from / 64, to.div_ceil(64)))
    }

    /// The row's samples in the coordinates of a part.
    fn line(&self, place: &Place, at: [f64; 3]) -> Line {
        let mut from = place.to_part.apply(at);
        for t in &place.turns {
            for (f, d) in from.iter_mut().zip(t.in_part) {
                *f += d * self.turn[t.id];
            }
        }
        Line { at: from, dir: std::array::from_fn(|k| place.to_part.m[k][self.axis]) }
    }

    /// Sets the bits of the words `lo..hi`, which are in use, whose field is not positive.
    fn fill(&mut self, dst: &mut Row, lo: usize, hi: usize, row: impl Fn(&[f64], &mut [f64])) {
        let (from, to) = (lo * 64, (hi * 64).min(self.xs.len()));
        row(&self.xs[from..to], &mut self.field[from..to]);
        for (word, values) in dst.words[lo..hi].iter_mut().zip(self.field[from..to].chunks(64)) {
            *word = pack(values);
        }
    }

    fn worked(&mut self, n: usize, watch: &mut dyn Watch) -> Result<(), Fail> {
        self.pending += n;
        if self.pending >= 1 << 14 { watch.work(take(&mut self.pending)) } else { Ok(()) }
    }
}

/// A bit for each of up to 64 values: whether it is not positive.
#[inline(always)]
pub(super) fn pack(values: &[f64]) -> u64 {
    let mut marks = [0u8; 64];
    for (m, v) in marks.iter_mut().zip(values) {
        *m = u8::from(*v <= 0.0);
    }
    marks.chunks_exact(8).enumerate().fold(0, |word, (i, eight)| {
        // The factor moves mark k to bit 56 + k; no two products meet, so nothing is carried.
        let bytes = eight.iter().rev().fold(0u64, |b, m| b << 8 | u64::from(*m));
        word | (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i)
    })
}

fn combine(set: Set, dst: &mut Row, a: &Row, b: &Row) {
    let n = a.words.len().max(b.words.len());
    let (lo, hi) = match set {
        Set::Union if a.lo >= a.hi => (b.lo, b.hi),
        Set::Union if b.lo >= b.hi => (a.lo, a.hi),
        Set::Union => (a.lo.min(b.lo), a.hi.max(b.hi)),
        Set::Intersection => (a.lo.max(b.lo), a.hi.min(b.hi)),
        Set::Difference => (a.lo, a.hi),
    };
    if lo >= hi {
        return dst.clear();
    }
    dst.span(lo, hi, n);
    dst.or(a);
    let (at, words) = b.within(lo, hi);
    match set {
        Set::Union => dst.or(b),
        Set::Intersection => dst.words[at..].iter_mut().zip(words).for_each(|(d, w)| *d &= w),
        Set::Difference => dst.words[at.min(hi)..].iter_mut().zip(words).for_each(|(d, w)| *d &= !w),
    }
}
