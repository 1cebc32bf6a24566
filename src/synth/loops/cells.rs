//! What is compared of a cell: its colours and its local features.
//!
//! PS-GM compares cells by "a weighted sum of earthmover's distance between the color histograms of I and I', and the
//! number of SIFT correspondences" (section 3). Cells are small (17 pixels on the facades), too small for SIFT's detector
//! of scale-space extrema, and lie in rows and columns, unrotated. So features are described as SIFT does it (Lowe, IJCV
//! 2004), by histograms of gradients over a window, normalised, cut off at 0.2 and normalised again, but at fixed places
//! of the cell, stretched to a common size. Where the gradient is weak there is no feature.

use crate::raster::image::{Grid, Image};

/// Levels of a colour histogram's bin.
pub const BINS: usize = 64;

/// Side of the square that a cell is stretched to.
const SIDE: usize = 32;
/// Side of a block of pixels whose gradients are counted together.
const BLOCK: usize = 4;
const BLOCKS: usize = SIDE / BLOCK;
/// Directions of gradients.
const TURNS: usize = 8;
/// Blocks from one feature to the next.
const STRIDE: usize = 2;
/// Side of a feature's window in blocks.
const WINDOW: usize = 4;
/// Features side by side.
pub const ACROSS: usize = (BLOCKS - WINDOW) / STRIDE + 1;
/// Features of a cell.
pub const FEATURES: usize = ACROSS * ACROSS;
/// Numbers that describe a feature: two by two quarters of its window, the directions in each.
pub const NUMBERS: usize = 4 * TURNS;
/// Mean gradient, per pixel and of 255 levels, below which a window shows nothing.
const FAINT: f32 = 4.0;

/// What is compared of a cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// For red, green and blue, the share of pixels at or below each bin.
    pub cumulated: [[f32; BINS]; 3],
    /// The features, row by row; `None` where there is nothing to see.
    pub features: Vec<Option<[f32; NUMBERS]>>,
}

impl Cell {
    /// Of the cell in this column and row (from 1), which must lie in the picture.
    pub fn new(img: &Image, grid: &Grid, column: u32, row: u32) -> Cell {
        let part = grid.cell(column.into(), row.into()).unwrap_or((0, 0, 1, 1));
        Cell { cumulated: cumulated(img, part), features: features(&stretched(img, part)) }
    }

    /// How many features it has.
    pub fn seen(&self) -> usize {
        self.features.iter().flatten().count()
    }
}

type Part = (u32, u32, u32, u32);

/// A pixel's red, green and blue, on black.
#[inline]
fn rgb(img: &Image, x: u32, y: u32) -> [f32; 3] {
    let [r, g, b, a] = img.pixels().get_pixel(x, y).0;
    let a = f32::from(a) / 255.0;
    [f32::from(r) * a, f32::from(g) * a, f32::from(b) * a]
}

fn cumulated(img: &Image, (x0, y0, w, h): Part) -> [[f32; BINS]; 3] {
    let mut out = [[0.0; BINS]; 3];
    for y in y0..y0 + h {
        for x in x0..x0 + w {
            for (channel, v) in rgb(img, x, y).into_iter().enumerate() {
                out[channel][(v as usize * BINS / 256).min(BINS - 1)] += 1.0;
            }
        }
    }
    for channel in &mut out {
        let mut sum = 0.0;
        for bin in channel {
            sum += *bin / (w * h) as f32;
            *bin = sum;
        }
    }
    out
}

/// The cell stretched to `SIDE` by `SIDE`: where it is larger, means over boxes; where it is smaller, linear between
/// pixels. `[channel, y, x]`
fn stretched(img: &Image, part: Part) -> Vec<f32> {
    let (x0, y0, w, h) = part;
    let (columns, rows) = (spread(w), spread(h));
    // First across, then down.
    let mut between = vec![0.0; 3 * h as usize * SIDE];
    for y in 0..h as usize {
        for (i, taps) in columns.iter().enumerate() {
            let mut sum = [0.0; 3];
            for (x, weight) in taps {
                let p = rgb(img, x0 + *x as u32, y0 + y as u32);
                (0..3).for_each(|k| sum[k] += weight * p[k]);
            }
            (0..3).for_each(|k| between[(k * h as usize + y) * SIDE + i] = sum[k]);
        }
    }
    let mut out = vec![0.0; 3 * SIDE * SIDE];
    for k in 0..3 {
        for (j, taps) in rows.iter().enumerate() {
            let to = &mut out[(k * SIDE + j) * SIDE..][..SIDE];
            for (y, weight) in taps {
                let from = &between[(k * h as usize + y) * SIDE..][..SIDE];
                to.iter_mut().zip(from).for_each(|(t, f)| *t += weight * f);
            }
        }
    }
    out
}

/// For each of `SIDE` places, which of `n` pixels it is the mean of, and their weights.
fn spread(n: u32) -> Vec<Vec<(usize, f32)>> {
    let n = n as usize;
    let scale = n as f32 / SIDE as f32;
    let place = |i: usize| {
        if n > SIDE {
            let (lo, hi) = (i * n / SIDE, ((i + 1) * n / SIDE).max(i * n / SIDE + 1));
            return (lo..hi).map(|x| (x, 1.0 / (hi - lo) as f32)).collect();
        }
        let at = ((i as f32 + 0.5) * scale - 0.5).clamp(0.0, (n - 1) as f32);
        let (lo, part) = (at as usize, at.fract());
        vec![(lo, 1.0 - part), ((lo + 1).min(n - 1), part)]
    };
    (0..SIDE).map(place).collect()
}

/// For each block, how much gradient there is in each direction.
fn gradients(patch: &[f32]) -> Vec<[f32; TURNS]> {
    let mut out = vec![[0.0; TURNS]; BLOCKS * BLOCKS];
    let at = |k: usize, y: usize, x: usize| patch[(k * SIDE + y) * SIDE + x];
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (l, r) = (x.saturating_sub(1), (x + 1).min(SIDE - 1));
            let (u, d) = (y.saturating_sub(1), (y + 1).min(SIDE - 1));
            // Of the channel where it is steepest (Dalal and Triggs, CVPR 2005).
            let mut steepest = (0.0, 0.0, 0.0);
            for k in 0..3 {
                let (dx, dy) = ((at(k, y, r) - at(k, y, l)) / 2.0, (at(k, d, x) - at(k, u, x)) / 2.0);
                let square = dx * dx + dy * dy;
                if square > steepest.0 {
                    steepest = (square, dx, dy);
                }
            }
            let (square, dx, dy) = steepest;
            if square == 0.0 {
                continue;
            }
            let turn = dy.atan2(dx) * (TURNS as f32 / std::f32::consts::TAU);
            let turn = turn.rem_euclid(TURNS as f32);
            let (lo, part) = (turn as usize % TURNS, turn.fract());
            let block = &mut out[y / BLOCK * BLOCKS + x / BLOCK];
            block[lo] += square.sqrt() * (1.0 - part);
            block[(lo + 1) % TURNS] += square.sqrt() * part;
        }
    }
    out
}

fn features(patch: &[f32]) -> Vec<Option<[f32; NUMBERS]>> {
    let blocks = gradients(patch);
    let mut out = Vec::with_capacity(FEATURES);
    for top in (0..=BLOCKS - WINDOW).step_by(STRIDE) {
        for left in (0..=BLOCKS - WINDOW).step_by(STRIDE) {
            let mut numbers = [0.0; NUMBERS];
            for y in 0..WINDOW {
                for x in 0..WINDOW {
                    let quarter = y / (WINDOW / 2) * 2 + x / (WINDOW / 2);
                    let block = &blocks[(top + y) * BLOCKS + left + x];
                    numbers[quarter * TURNS..][..TURNS].iter_mut().zip(block).for_each(|(n, b)| *n += b);
                }
            }
            let pixels = (WINDOW * BLOCK * WINDOW * BLOCK) as f32;
            let seen = numbers.iter().sum::<f32>() / pixels >= FAINT;
            out.push(seen.then(|| {
                normalise(&mut numbers);
                numbers.iter_mut().for_each(|n| *n = n.min(0.2));
                normalise(&mut numbers);
                numbers
            }));
        }
    }
    out
}

fn normalise(numbers: &mut [f32]) {
    let length = numbers.iter().map(|n| n * n).sum::<f32>().sqrt();
    numbers.iter_mut().for_each(|n| *n /= length.max(1e-9));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(w: u32, h: u32, level: impl Fn(u32, u32) -> u8) -> (Image, Grid) {
        (Image::from_levels(w, h, level), Grid::covering(w, h, 1, 1).unwrap())
    }

    #[test]
    fn flat_cells_have_no_features() {
        let (img, grid) = picture(17, 18, |_, _| 90);
        let cell = Cell::new(&img, &grid, 1, 1);
        assert_eq!(cell.seen(), 0);
        assert_eq!((cell.cumulated[0][22 - 1], cell.cumulated[0][22]), (0.0, 1.0));
    }

    #[test]
    fn size_does_not_matter() {
        // An edge, on cells from 6 to 200 pixels.
        let all: Vec<Cell> = [6, 17, 32, 64, 200]
            .map(|n| {
                let (img, grid) = picture(n, n, |x, _| if x < n / 2 { 20 } else { 200 });
                Cell::new(&img, &grid, 1, 1)
            })
            .into();
        for cell in &all {
            let middle = |c: &Cell| c.features[FEATURES / 2].unwrap();
            let product: f32 = middle(cell).iter().zip(middle(&all[2])).map(|(a, b)| a * b).sum();
            assert!(product > 0.9, "{product}");
        }
        let (tiny, grid) = picture(1, 1, |_, _| 5);
        assert_eq!(Cell::new(&tiny, &grid, 1, 1).seen(), 0);
    }
}
