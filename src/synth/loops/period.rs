//! A grid for a picture that comes without one: cells as large as what repeats, or a whole part of it, and laid where
//! loops explain most.
//!
//! What repeats is seen in the autocorrelation of the picture's gradients, across and down. Its best peaks and their
//! halves, thirds and quarters are the sizes that are tried, at several offsets, each by the objective of the loops found
//! there. All of it happens on a picture made small.

use super::distance::Distances;
use super::greedy::{Rules, greedy};
use super::solve::{Options, cells, pairs, stopped, unknown_cells};
use crate::raster::bits::Bits;
use crate::raster::image::{Grid, Image, luma};
use crate::search::Budget;
use crate::vm::limits::Fail;
use image::imageops::{FilterType, resize};

/// Longer side, in pixels, of the picture that is looked at.
const SIDE: u32 = 256;
/// Least side of a cell there, in pixels.
const LEAST: usize = 8;
/// Cells along a side, at least and at most.
const CELLS: (usize, usize) = (3, 32);
/// Cells along a side of the grid that settles which distances count as alike, and of the one that is given where nothing
/// repeats: PS-GM's on facades.
const PLAIN: u32 = 15;
/// Peaks of the autocorrelation that are tried.
const PEAKS: usize = 2;
/// Into how many parts a period is divided.
const PARTS: usize = 4;
/// Offsets that are tried in a cell's width.
const PHASES: u32 = 4;

/// The grid of a picture, of which nothing is known where the mask (of its size) is white. `told` hears which share of
/// the work is done.
pub fn find_grid(
    img: &Image,
    mask: Option<&Image>,
    options: &Options,
    budget: &Budget,
    told: &dyn Fn(f64),
) -> Result<Grid, Fail> {
    let (w, h) = (img.width(), img.height());
    let plain = |img: &Image| {
        let n = |side: u32| i64::from((side / LEAST as u32).clamp(1, PLAIN));
        Grid::covering(img.width(), img.height(), n(img.width()), n(img.height()))
    };
    let scale = (f64::from(SIDE) / f64::from(w.max(h))).min(1.0);
    let size = |n: u32| ((f64::from(n) * scale).round() as u32).max(1);
    let shrink = |img: &Image| -> Image {
        if scale < 1.0 { resize(img.pixels(), size(w), size(h), FilterType::Triangle).into() } else { img.clone() }
    };
    let (small, mask) = (shrink(img), mask.map(shrink));
    let hidden = mask.as_ref().map(Image::to_bits);
    let (across, down) = (sizes(&small, hidden.as_ref(), true), sizes(&small, hidden.as_ref(), false));
    let start = plain(&small)?;
    if across.is_empty() || down.is_empty() {
        return plain(img);
    }
    let unknown = unknown_cells(&small, &start, mask.as_ref())?;
    let compared = cells(&small, &start, &unknown, budget)
        .and_then(|c| Distances::new(&c, options.weights, budget))
        .map_err(|s| stopped(s, "while a grid was looked for"))?;
    let epsilon = options.epsilon.unwrap_or_else(|| compared.threshold());
    let mut search = Search {
        img: &small,
        mask: mask.as_ref(),
        options,
        epsilon,
        budget: budget.clone(),
        best: None,
        phases: (0, 0),
    };
    let all = across.len() * down.len();
    let steps = (all + 2 * PHASES as usize - 2) as f64;
    for (i, cell_w) in across.iter().enumerate() {
        for (j, cell_h) in down.iter().enumerate() {
            told((i * down.len() + j) as f64 / steps);
            search.weigh(*cell_w, *cell_h, 0, 0)?;
        }
    }
    for across in [true, false] {
        let Some((_, from)) = search.best else { break };
        let at = search.phases;
        for p in 1..PHASES {
            let (px, py) = if across { (p, 0) } else { (at.0, p) };
            told((all as f64 + f64::from(p) + if across { 0.0 } else { f64::from(PHASES - 1) }) / steps);
            search.weigh(from.cell_w, from.cell_h, px, py)?;
        }
    }
    told(1.0);
    let Some((_, g)) = search.best else { return plain(img) };
    let (sx, sy) = (f64::from(w) / f64::from(small.width()), f64::from(h) / f64::from(small.height()));
    // Scaled back, rounding must not push the last cell over the edge.
    let fit = |cell: f64, at: f64, n: u32, side: u32| cell.min((f64::from(side) - at) / f64::from(n));
    let (x, y) = (g.x * sx, g.y * sy);
    let (cell_w, cell_h) = (fit(g.cell_w * sx, x, g.columns, w), fit(g.cell_h * sy, y, g.rows, h));
    Grid::new(g.columns.into(), g.rows.into(), cell_w, cell_h, x, y)
}

struct Search<'a> {
    img: &'a Image,
    mask: Option<&'a Image>,
    options: &'a Options,
    epsilon: f64,
    budget: Budget,
    best: Option<(f64, Grid)>,
    phases: (u32, u32),
}

impl Search<'_> {
    /// Tries a grid: keeps it if its loops explain more.
    fn weigh(&mut self, cell_w: f64, cell_h: f64, px: u32, py: u32) -> Result<(), Fail> {
        let part = |cell: f64, p: u32| cell * f64::from(p) / f64::from(PHASES);
        let (x, y) = (part(cell_w, px), part(cell_h, py));
        // A cell that reaches over the edge by less than a pixel is there.
        let count = |side: u32, cell: f64, at: f64| ((f64::from(side) - at + 0.9) / cell).floor();
        let (columns, rows) = (count(self.img.width(), cell_w, x), count(self.img.height(), cell_h, y));
        if columns < CELLS.0 as f64 - 1.0 || rows < CELLS.0 as f64 - 1.0 {
            return Ok(());
        }
        let fit = |cell: f64, at: f64, n: f64, side: u32| cell.min((f64::from(side) - at) / n);
        let cell_w = fit(cell_w, x, columns, self.img.width());
        let cell_h = fit(cell_h, y, rows, self.img.height());
        let grid = Grid::new(columns as i64, rows as i64, cell_w, cell_h, x, y)?;
        let Ok(unknown) = unknown_cells(self.img, &grid, self.mask) else { return Ok(()) };
        let distances = cells(self.img, &grid, &unknown, &self.budget)
            .and_then(|c| Distances::new(&c, self.options.weights, &self.budget))
            .map_err(|s| stopped(s, "while a grid was looked for"))?;
        let rules = Rules { lambda: self.options.lambda, paper: self.options.paper, most: usize::MAX };
        let found = greedy(
            pairs(&grid, &distances, self.epsilon, self.options.overlap),
            self.options.loops,
            rules,
            &mut self.budget,
        );
        if let Some(stop) = found.1 {
            return Err(stopped(stop, "while a grid was looked for"));
        }
        // A cell is like itself on any grid: such pairs say nothing. What is left over at the edges is explained by none.
        let gain: f64 = found.0.iter().map(|c| c.gain).sum();
        let n = unknown.iter().filter(|u| !**u).count().max(2) as f64;
        let size = grid.size();
        let inside = f64::from(size.0 - x.round() as u32) * f64::from(size.1 - y.round() as u32);
        let area = inside / (f64::from(self.img.width()) * f64::from(self.img.height()));
        let score = (gain - n) / (n * (n - 1.0)) * area * area;
        if self.best.is_none_or(|b| score > b.0) {
            self.best = Some((score, grid));
            self.phases = (px, py);
        }
        Ok(())
    }
}

/// The widths (or heights) of cells that are worth trying, in pixels.
fn sizes(img: &Image, hidden: Option<&Bits>, across: bool) -> Vec<f64> {
    let side = if across { img.width() } else { img.height() } as usize;
    let mut out: Vec<f64> = Vec::new();
    for period in peaks(&correlation(img, hidden, across)) {
        for parts in 1..=PARTS {
            let size = period / parts as f64;
            let count = side as f64 / size;
            let known = out.iter().any(|s| (s - size).abs() < 0.03 * size);
            if size >= LEAST as f64 && count >= CELLS.0 as f64 && count <= CELLS.1 as f64 && !known {
                out.push(size);
            }
        }
    }
    out
}

/// The correlation of the brightness's gradient with itself, moved by each number of pixels up to half the picture; from -1
/// to 1. Where the picture is hidden there is no gradient.
fn correlation(img: &Image, hidden: Option<&Bits>, across: bool) -> Vec<f64> {
    let (w, h) = (img.width() as usize, img.height() as usize);
    let (lines, n) = if across { (h, w) } else { (w, h) };
    let level = |line: usize, i: usize| {
        let (x, y) = if across { (i, line) } else { (line, i) };
        f32::from(luma(img.pixels().get_pixel(x as u32, y as u32)))
    };
    let most = n / 2;
    let (mut products, mut before, mut after) = (vec![0.0f64; most], vec![0.0f64; most], vec![0.0f64; most]);
    for line in 0..lines {
        let levels: Vec<f32> = (0..n).map(|i| level(line, i)).collect();
        let mut steps: Vec<f32> = levels.windows(2).map(|p| p[1] - p[0]).collect();
        if let Some(bits) = hidden {
            let seen = |i: usize| !if across { bits.get(line, i) } else { bits.get(i, line) };
            steps.iter_mut().enumerate().filter(|(i, _)| !seen(*i) || !seen(i + 1)).for_each(|(_, s)| *s = 0.0);
        }
        let squares: Vec<f64> = std::iter::once(0.0)
            .chain(steps.iter().scan(0.0, |sum, s| {
                *sum += f64::from(s * s);
                Some(*sum)
            }))
            .collect();
        for d in 1..most.min(steps.len()) {
            let product: f32 = steps[d..].iter().zip(&steps).map(|(a, b)| a * b).sum();
            products[d] += f64::from(product);
            before[d] += squares[steps.len() - d];
            after[d] += squares[steps.len()] - squares[d];
        }
    }
    (0..most).map(|d| products[d] / (before[d] * after[d]).sqrt().max(1e-9)).collect()
}

/// The best peaks, best first, each to a part of a pixel. Of a peak and its multiples the least counts, unless a multiple
/// is clearly better.
fn peaks(correlation: &[f64]) -> Vec<f64> {
    let at = |d: usize| correlation[d];
    let mut found: Vec<(f64, f64)> = (LEAST..correlation.len().saturating_sub(1))
        .filter(|d| at(*d) > 0.05 && at(*d) >= at(d - 1) && at(*d) > at(d + 1))
        .map(|d| {
            // The top of the parabola through three values.
            let bend = at(d - 1) - 2.0 * at(d) + at(d + 1);
            let shift = if bend < 0.0 { (at(d - 1) - at(d + 1)) / (2.0 * bend) } else { 0.0 };
            (d as f64 + shift.clamp(-0.5, 0.5), at(d))
        })
        .collect();
    // Longer shifts are compared on less of the picture, and so by chance more alike.
    found.sort_by(|a, b| {
        (b.1 - 0.1 * b.0 / correlation.len() as f64).total_cmp(&(a.1 - 0.1 * a.0 / correlation.len() as f64))
    });
    found.truncate(PEAKS);
    found.into_iter().map(|p| p.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    fn found(img: &Image) -> Grid {
        find_grid(img, None, &Options::default(), &Budget::new(None, None, Cancel::default()), &|_| {}).unwrap()
    }

    /// Whether a cell goes a whole number of times into a period.
    fn whole(period: f64, cell: f64) -> bool {
        ((period / cell).round() - period / cell).abs() < 0.05
    }

    #[test]
    fn windows_on_a_wall() {
        // Windows 12 by 10 pixels, every 24 across and 20 down.
        let img = Image::from_levels(96, 80, |x, y| if x % 24 < 12 && y % 20 < 10 { 30 } else { 200 });
        let g = found(&img);
        assert!(whole(24.0, g.cell_w) && whole(20.0, g.cell_h), "{g:?}");
    }

    #[test]
    fn a_large_picture_is_made_small() {
        let img = Image::from_levels(900, 450, |x, y| if x % 225 < 100 && y % 150 < 80 { 30 } else { 200 });
        let g = found(&img);
        assert!(whole(225.0, g.cell_w) && whole(150.0, g.cell_h) && g.fits(900, 450), "{g:?}");
    }

    #[test]
    fn what_is_hidden_does_not_count() {
        let wall = |x: u32, y: u32| if x % 24 < 12 && y % 20 < 10 { 30 } else { 200 };
        let hole = |x: u32, y: u32| x > 50 && y > 30;
        let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761).wrapping_add(y * y * 977) >> 7) as u8;
        let img = Image::from_levels(120, 100, |x, y| if hole(x, y) { noise(x, y) } else { wall(x, y) });
        let mask = Image::from_levels(120, 100, |x, y| if hole(x, y) { 255 } else { 0 });
        let budget = Budget::new(None, None, Cancel::default());
        let g = find_grid(&img, Some(&mask), &Options::default(), &budget, &|_| {}).unwrap();
        assert!(whole(24.0, g.cell_w) && whole(20.0, g.cell_h), "{g:?}");
    }

    #[test]
    fn without_a_period_the_grid_is_plain() {
        assert_eq!(found(&Image::from_levels(300, 150, |_, _| 9)), Grid::covering(300, 150, 15, 15).unwrap());
        assert_eq!(found(&Image::from_levels(1, 1, |_, _| 9)), Grid::covering(1, 1, 1, 1).unwrap());
        assert_eq!(found(&Image::from_levels(20, 3, |_, _| 9)), Grid::covering(20, 3, 2, 1).unwrap());
    }
}
