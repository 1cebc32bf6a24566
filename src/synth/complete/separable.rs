//! What a regular picture shows where it is hidden, from the rows and columns that cross there.
//!
//! A loop `for i, j { draw(a i + b, a' j + b', tile) }` draws the product of a pattern of columns and a pattern of rows. A
//! picture of a few such loops over any background of the same kind is, as a matrix, of low rank: each of its rows is a
//! combination of the other rows, with weights that can be read off wherever both are known. So for a hole with rows `H`
//! and columns `V`, weights `W` are fitted beside the hole and used in it,
//!
//! `I[H, not V] = W I[not H, not V]`, `I[H, V] = W I[not H, V]`,
//!
//! and the same with columns for rows; the two predictions are averaged. Without the penalties below this is the
//! pseudo-skeleton `C A^+ R` of a matrix (Goreinov, Tyrtyshnikov and Zamarashkin, 1997). The fit is a ridge regression in
//! which near columns count more (what is far is less alike), rows far away cost more, and columns that fit badly (trees,
//! neighbouring houses) lose weight and the fit is repeated.

use super::field::{Colour, Field};
use crate::raster::bits::Bits;
use crate::search::{Budget, Stop};

/// Ridge penalty, as a share of the rows' mean square.
const RIDGE: f64 = 0.05;
/// How much more a row costs that is the picture's height away from the hole.
const FAR_ROWS: f64 = 40.0;
/// How much less a column counts that is the picture's width away.
const FAR_COLUMNS: f64 = 40.0;
/// How often the fit is repeated with columns weighted by how well they fit.
const ROUNDS: usize = 2;
/// Fewer known rows or columns than this say nothing.
const FEWEST: usize = 4;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Left.
    pub x0: usize,
    /// Top.
    pub y0: usize,
    /// Right, outside.
    pub x1: usize,
    /// Bottom, outside.
    pub y1: usize,
}

impl Block {
    fn transposed(self) -> Block {
        Block { x0: self.y0, y0: self.x0, x1: self.y1, y1: self.x1 }
    }
}

/// The picture with its unknown pixels predicted from the rows and columns that cross them, and whether any were. `start`
/// is the picture with those pixels filled somehow; it stays where nothing crosses.
pub fn predict(start: &Field, unknown: &Bits, budget: &Budget) -> Result<(Field, bool), Stop> {
    let mut out = start.clone();
    let mut any = false;
    for block in blocks(unknown) {
        budget.look()?;
        let rows = by_rows(&out, block, budget)?;
        let columns = by_rows(&out.transposed(), block.transposed(), budget)?;
        let from_columns =
            |x: usize, y: usize| columns.as_ref().map(|c| c[(x - block.x0) * (block.y1 - block.y0) + y - block.y0]);
        let mut predicted = out.clone();
        for y in block.y0..block.y1 {
            for x in (block.x0..block.x1).filter(|x| unknown.get(y, *x)) {
                let row = rows.as_ref().map(|r| r[(y - block.y0) * (block.x1 - block.x0) + x - block.x0]);
                let colour = match (row, from_columns(x, y)) {
                    (Some(a), Some(b)) => std::array::from_fn(|k| (a[k] + b[k]) / 2.0),
                    (Some(a), None) | (None, Some(a)) => a,
                    (None, None) => continue,
                };
                any = true;
                predicted.at[y * out.w + x] = colour.map(|v| v.clamp(-64.0, 319.0));
            }
        }
        out = predicted;
    }
    Ok((out, any))
}

/// Predictions for the pixels of a block, row by row; none where too few rows or columns are known.
fn by_rows(picture: &Field, block: Block, budget: &Budget) -> Result<Option<Vec<Colour>>, Stop> {
    let outside = |n: usize, from: usize, to: usize| (0..n).filter(|v| *v < from || *v >= to).collect::<Vec<_>>();
    let rows = outside(picture.h, block.y0, block.y1);
    let columns = outside(picture.w, block.x0, block.x1);
    if rows.len() < FEWEST || columns.len() < FEWEST {
        return Ok(None);
    }
    let away = |v: usize, from: usize, to: usize, n: usize| {
        let d = if v < from { from - v } else { v + 1 - to.min(v + 1) };
        d as f64 / n as f64
    };
    let near: Vec<f64> =
        columns.iter().map(|x| 1.0 / (1.0 + FAR_COLUMNS * away(*x, block.x0, block.x1, picture.w))).collect();
    let cost: Vec<f64> = rows.iter().map(|y| 1.0 + FAR_ROWS * away(*y, block.y0, block.y1, picture.h)).collect();
    let mean = mean_of(picture, &rows, &columns);
    let beside = |y: usize| -> Vec<f64> {
        let values = |x: &usize| std::array::from_fn::<f64, 3, _>(|k| f64::from(picture.get(*x, y)[k]) - mean[k]);
        columns.iter().flat_map(values).collect()
    };
    let known: Vec<Vec<f64>> = rows.iter().map(|y| beside(*y)).collect();
    let wanted: Vec<Vec<f64>> = (block.y0..block.y1).map(beside).collect();

    let mut weights = near.clone();
    let mut fit = Vec::new();
    for round in 0..=ROUNDS {
        budget.look()?;
        fit = ridge(&known, &wanted, &weights, &cost);
        if round < ROUNDS {
            let errors = errors(&known, &wanted, &fit, columns.len());
            let mut sorted = errors.clone();
            sorted.sort_by(f64::total_cmp);
            let usual = sorted[sorted.len() / 2].max(1e-9);
            for ((w, near), e) in weights.iter_mut().zip(&near).zip(&errors) {
                *w = near / (1.0 + e / usual);
            }
        }
    }
    let mut out = Vec::with_capacity((block.y1 - block.y0) * (block.x1 - block.x0));
    for coefficients in &fit {
        for x in block.x0..block.x1 {
            let mut sum = mean;
            for (y, c) in rows.iter().zip(coefficients) {
                let p = picture.get(x, *y);
                (0..3).for_each(|k| sum[k] += c * (f64::from(p[k]) - mean[k]));
            }
            out.push(sum.map(|v| v as f32));
        }
    }
    Ok(Some(out))
}

/// The mean of what takes part.
fn mean_of(picture: &Field, rows: &[usize], columns: &[usize]) -> [f64; 3] {
    let mut sum = [0.0f64; 3];
    for y in rows {
        for x in columns {
            let c = picture.get(*x, *y);
            (0..3).for_each(|k| sum[k] += f64::from(c[k]));
        }
    }
    sum.map(|s| s / (rows.len() * columns.len()) as f64)
}

/// For each wanted row the weights of the known ones: `argmin |weights (wanted - c known)|^2 + RIDGE cost c^2`, by the
/// normal equations.
fn ridge(known: &[Vec<f64>], wanted: &[Vec<f64>], weights: &[f64], cost: &[f64]) -> Vec<Vec<f64>> {
    let n = known.len();
    let weighted: Vec<Vec<f64>> =
        known.iter().map(|v| v.iter().enumerate().map(|(i, x)| x * weights[i / 3]).collect()).collect();
    let mut gram = vec![0.0; n * n];
    let mut trace = 0.0;
    for i in 0..n {
        for j in 0..=i {
            gram[i * n + j] = dot(&weighted[i], &known[j]);
        }
        trace += gram[i * n + i];
    }
    // A picture of one colour has no products at all: the penalty still makes the equations solvable.
    let scale = (RIDGE * trace / n as f64).max(1e-6);
    (0..n).for_each(|i| gram[i * n + i] += scale * cost[i]);
    cholesky(&mut gram, n);
    wanted.iter().map(|row| solve(&gram, n, weighted.iter().map(|k| dot(k, row)).collect())).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums at a time, which the processor adds beside each other.
    let mut sums = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a4.zip(b4) {
        (0..4).for_each(|k| sums[k] += x[k] * y[k]);
    }
    sums.iter().sum::<f64>() + rest
}

/// The lower factor of a positive definite matrix `[n, n]`, in place of its lower half.
fn cholesky(a: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..=i {
            let (before, rest) = a.split_at_mut(i * n);
            let s = rest[j] - if i == j { dot(&rest[..j], &rest[..j]) } else { dot(&rest[..j], &before[j * n..][..j]) };
            rest[j] = if i == j { s.max(1e-12).sqrt() } else { s / before[j * n + j] };
        }
    }
}

/// The solution of `L L^T x = b`.
fn solve(l: &[f64], n: usize, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..n {
        b[i] = (b[i] - dot(&l[i * n..][..i], &b[..i])) / l[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] /= l[i * n + i];
        let v = b[i];
        for (x, l) in b[..i].iter_mut().zip(&l[i * n..][..i]) {
            *x -= l * v;
        }
    }
    b
}

/// For each column the sum of squared differences of what is wanted and what the fit gives.
fn errors(known: &[Vec<f64>], wanted: &[Vec<f64>], fit: &[Vec<f64>], columns: usize) -> Vec<f64> {
    let mut out = vec![0.0; columns];
    let mut rest = Vec::new();
    for (row, coefficients) in wanted.iter().zip(fit) {
        rest.clone_from(row);
        for (k, c) in known.iter().zip(coefficients) {
            rest.iter_mut().zip(k).for_each(|(r, v)| *r -= c * v);
        }
        rest.iter().enumerate().for_each(|(i, r)| out[i / 3] += r * r);
    }
    out
}

/// Blocks that together hold all unknown pixels. A block that is mostly known is cut in two across its longer side, as
/// long as it is larger than `SMALL`: a scratch across a picture must not leave it without known rows and columns.
pub fn blocks(unknown: &Bits) -> Vec<Block> {
    let mut out = Vec::new();
    let mut open: Vec<Block> = components(unknown);
    while let Some(block) = open.pop() {
        let Some((block, n)) = shrunk_to(unknown, block) else { continue };
        let (w, h) = (block.x1 - block.x0, block.y1 - block.y0);
        const SMALL: usize = 12;
        if 2 * n >= w * h || w.max(h) <= SMALL {
            out.push(block);
        } else if w >= h {
            let mid = block.x0 + w / 2;
            open.extend([Block { x0: mid, ..block }, Block { x1: mid, ..block }]);
        } else {
            let mid = block.y0 + h / 2;
            open.extend([Block { y0: mid, ..block }, Block { y1: mid, ..block }]);
        }
    }
    out.sort_by_key(|b| (b.y0, b.x0));
    out
}

/// The least block around the unknown pixels of a block, and how many they are.
fn shrunk_to(unknown: &Bits, block: Block) -> Option<(Block, usize)> {
    let mut least: Option<Block> = None;
    let mut n = 0;
    for y in block.y0..block.y1 {
        for x in (block.x0..block.x1).filter(|x| unknown.get(y, *x)) {
            n += 1;
            let l = least.get_or_insert(Block { x0: x, y0: y, x1: x + 1, y1: y + 1 });
            *l = Block { x0: l.x0.min(x), y0: l.y0, x1: l.x1.max(x + 1), y1: y + 1 };
        }
    }
    least.map(|l| (l, n))
}

/// Blocks around the connected parts of what is unknown; blocks that overlap are made one.
pub fn components(unknown: &Bits) -> Vec<Block> {
    let (w, h) = (unknown.row_len(), unknown.rows());
    let mut seen = Bits::new(h, w);
    let mut out: Vec<Block> = Vec::new();
    let mut stack = Vec::new();
    for y in 0..h {
        for x in 0..w {
            if !unknown.get(y, x) || seen.get(y, x) {
                continue;
            }
            let mut block = Block { x0: x, y0: y, x1: x + 1, y1: y + 1 };
            seen.set(y, x, true);
            stack.push((x, y));
            while let Some((x, y)) = stack.pop() {
                block = Block {
                    x0: block.x0.min(x),
                    y0: block.y0.min(y),
                    x1: block.x1.max(x + 1),
                    y1: block.y1.max(y + 1),
                };
                for yy in y.saturating_sub(1)..h.min(y + 2) {
                    for xx in x.saturating_sub(1)..w.min(x + 2) {
                        if unknown.get(yy, xx) && !seen.get(yy, xx) {
                            seen.set(yy, xx, true);
                            stack.push((xx, yy));
                        }
                    }
                }
            }
            out.push(block);
        }
    }
    merged(out, 0)
}

/// Blocks that overlap once they are grown by `margin` made one, until none do.
pub fn merged(mut blocks: Vec<Block>, margin: usize) -> Vec<Block> {
    let mut i = 0;
    while i < blocks.len() {
        let a = blocks[i];
        let hit = (i + 1..blocks.len()).find(|j| {
            let b = blocks[*j];
            a.x0 < b.x1 + margin && b.x0 < a.x1 + margin && a.y0 < b.y1 + margin && b.y0 < a.y1 + margin
        });
        match hit {
            Some(j) => {
                let b = blocks.swap_remove(j);
                blocks[i] = Block { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) };
                // A larger block may now meet those passed before.
                i = 0;
            }
            None => i += 1,
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    /// Windows at uneven places: the product of a pattern of columns and one of rows, over a wall.
    fn house(x: usize, y: usize) -> Colour {
        let column = [3, 4, 5, 11, 12, 13, 19, 20, 21, 30, 31, 32, 41, 42, 43].contains(&x);
        let row = [4, 5, 6, 7, 15, 16, 17, 18, 26, 27, 28, 29, 38, 39, 40, 41].contains(&y);
        let wall = 180.0 - y as f32;
        if column && row { [40.0, 60.0, 90.0] } else { [wall, wall - 20.0, wall - 40.0] }
    }

    #[test]
    fn products_come_back() {
        let (w, h) = (48, 46);
        let full = Field { w, h, at: (0..w * h).map(|i| house(i % w, i / w)).collect() };
        let mut unknown = Bits::new(h, w);
        let mut start = full.clone();
        for y in 14..32 {
            for x in 10..34 {
                unknown.set(y, x, true);
                start.at[y * w + x] = [128.0; 3];
            }
        }
        let budget = Budget::new(None, None, Cancel::default());
        let (found, any) = predict(&start, &unknown, &budget).unwrap();
        assert!(any);
        let wrong = |f: &Field| {
            (0..w * h).filter(|i| super::super::field::squared(&f.at[*i], &full.at[*i]) > 40.0 * 40.0).count()
        };
        assert!(wrong(&start) > 60);
        assert!(wrong(&found) < 10, "{} pixels are wrong", wrong(&found));
    }

    #[test]
    fn equations_are_solved() {
        let mut a = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        cholesky(&mut a, 3);
        let x = solve(&a, 3, vec![4.0 + 2.0 * 2.0 + 3.0, 2.0 + 5.0 * 2.0 + 3.0 * 3.0, 1.0 + 3.0 * 2.0 + 6.0 * 3.0]);
        assert!(x.iter().zip([1.0, 2.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{x:?}");
    }

    #[test]
    fn a_scratch_is_cut_into_blocks() {
        let mut unknown = Bits::new(64, 64);
        (0..64).for_each(|i| unknown.set(i, i, true));
        let found = blocks(&unknown);
        assert!(found.len() >= 4 && found.iter().all(|b| b.x1 - b.x0 <= 12));
        for i in 0..64 {
            assert_eq!(found.iter().filter(|b| b.x0 <= i && i < b.x1 && b.y0 <= i && i < b.y1).count(), 1, "{i}");
        }
    }
}
