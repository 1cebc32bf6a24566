//! What a loop program draws in unknown cells: for each, the known cell that the same loop draws and that fits best,
//! moved by a fraction of a pixel and matched in colour.

use super::field::{Field, squared};
use crate::raster::bits::Bits;
use crate::search::{Budget, Stop};

/// A rectangle that need not begin at a whole pixel: left, top, width, height.
pub type Cell = [f32; 4];

/// Cells that are drawn alike: those with an unknown pixel, and those without.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// To be drawn.
    pub unknown: Vec<Cell>,
    /// To be copied.
    pub known: Vec<Cell>,
}

/// How far a copy may be moved, as a share of the cell.
const SLACK: f32 = 0.2;
/// How many known cells are compared at most.
const MOST: usize = 16;
/// About how many pixels are compared.
const COMPARED: usize = 256;

/// Draws the unknown pixels of unknown cells. `target` is the picture with them guessed, as far as `sure` (0 to 1): that
/// much its unknown pixels count in the comparison, beside 1 for known ones. Beside the picture, which pixels were drawn,
/// each with how well its cell agrees with the target: the share of the target's variance there that the copy explains.
pub fn draw(
    target: &Field,
    unknown: &Bits,
    classes: &[Alike],
    sure: f32,
    budget: &Budget,
) -> Result<(Field, Vec<Option<f32>>), Stop> {
    let mut out = target.clone();
    let mut drawn = vec![None; target.at.len()];
    for class in classes {
        for cell in &class.unknown {
            budget.look()?;
            let near = nearest(cell, &class.known);
            let moves = near.iter().map(|from| aligned(target, unknown, cell, from, sure));
            let Some(best) = moves.min_by(|a, b| a.cost.total_cmp(&b.cost)) else { continue };
            if best.cost.is_finite() {
                copy(target, unknown, cell, &best, &mut out, &mut drawn);
            }
        }
    }
    Ok((out, drawn))
}

/// Where a cell is copied from.
struct Move {
    /// The mean squared difference, colours matched.
    cost: f32,
    /// The share of the variance there that the copy explains.
    agrees: f32,
    /// The way from a pixel to its source.
    by: (f32, f32),
}

/// The nearest of the cells, at most [`MOST`].
fn nearest(cell: &Cell, all: &[Cell]) -> Vec<Cell> {
    let mut out = all.to_vec();
    let far = |c: &Cell| (c[0] - cell[0]).powi(2) + (c[1] - cell[1]).powi(2);
    out.sort_by(|a, b| far(a).total_cmp(&far(b)));
    out.truncate(MOST);
    out
}

/// The pixels of a cell, grown by a margin, as left, top, right, bottom.
fn pixels(cell: &Cell, margin: f32, f: &Field) -> [usize; 4] {
    let clip = |v: f32, most: usize| (v.round().max(0.0) as usize).min(most);
    [
        clip(cell[0] - margin, f.w),
        clip(cell[1] - margin, f.h),
        clip(cell[0] + cell[2] + margin, f.w),
        clip(cell[1] + cell[3] + margin, f.h),
    ]
}

/// The best move of one cell onto another.
fn aligned(target: &Field, unknown: &Bits, cell: &Cell, from: &Cell, sure: f32) -> Move {
    let base = ((from[0] - cell[0]).round() as i64, (from[1] - cell[1]).round() as i64);
    let slack = ((SLACK * cell[2].min(cell[3])) as i64).clamp(0, 4);
    // The surroundings say where the cell's edges are.
    let area = pixels(cell, (0.5 * cell[2].min(cell[3])).max(2.0), target);
    let cost = |dx: i64, dy: i64| difference(target, unknown, area, (base.0 + dx, base.1 + dy), sure);
    let mut best = ((f32::INFINITY, 0.0), 0, 0);
    for dy in -slack..=slack {
        for dx in -slack..=slack {
            let c = cost(dx, dy);
            // Among equals the move that the grid says.
            if c.0 < best.0.0 || c.0 == best.0.0 && (dx.abs() + dy.abs()) < best.1 + best.2 {
                best = (c, dx, dy);
            }
        }
    }
    let ((least, variance), dx, dy) = best;
    // The lowest point of the parabola through three costs.
    let between = |low: f32, high: f32| {
        let bend = low + high - 2.0 * least;
        if bend.is_finite() && bend > 1e-6 { ((low - high) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
    };
    let sub_x = between(cost(dx - 1, dy).0, cost(dx + 1, dy).0);
    let sub_y = between(cost(dx, dy - 1).0, cost(dx, dy + 1).0);
    let agrees = if variance > 0.0 { (1.0 - least / variance).clamp(0.0, 1.0) } else { 1.0 };
    Move { cost: least, agrees, by: ((base.0 + dx) as f32 + sub_x, (base.1 + dy) as f32 + sub_y) }
}

/// The mean squared difference of an area and what lies a whole number of pixels away, after matching their mean colours;
/// and the variance of the area, as far as it is compared.
fn difference(target: &Field, unknown: &Bits, area: [usize; 4], (dx, dy): (i64, i64), sure: f32) -> (f32, f32) {
    let (mut sum, mut own, mut n, mut all) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let (mut shift, mut mean) = ([0.0f32; 3], [0.0f32; 3]);
    // Of a large area every second or third pixel is enough.
    let size = (area[2] - area[0]) * (area[3] - area[1]);
    let stride = ((size as f32 / COMPARED as f32).sqrt() as usize).max(1);
    for y in (area[1]..area[3]).step_by(stride) {
        for x in (area[0]..area[2]).step_by(stride) {
            all += 1.0;
            let (sx, sy) = (x as i64 + dx, y as i64 + dy);
            let inside = (0..target.w as i64).contains(&sx) && (0..target.h as i64).contains(&sy);
            if !inside || unknown.get(sy as usize, sx as usize) {
                continue;
            }
            let weight = if unknown.get(y, x) { sure } else { 1.0 };
            let (a, b) = (target.get(x, y), target.get(sx as usize, sy as usize));
            sum += weight * squared(&a, &b);
            own += weight * squared(&a, &[0.0; 3]);
            for k in 0..3 {
                shift[k] += weight * (a[k] - b[k]);
                mean[k] += weight * a[k];
            }
            n += weight;
        }
    }
    // Too little in common decides nothing.
    if n < 0.1 * all {
        return (f32::INFINITY, 0.0);
    }
    let squares = |v: [f32; 3]| v.iter().map(|s| (s / n).powi(2)).sum::<f32>();
    (sum / n - squares(shift), own / n - squares(mean))
}

/// Copies the unknown pixels of a cell from where they are moved to, as bright as the target on the mean.
fn copy(target: &Field, unknown: &Bits, cell: &Cell, best: &Move, out: &mut Field, drawn: &mut [Option<f32>]) {
    let (dx, dy) = best.by;
    let [x0, y0, x1, y1] = pixels(cell, 0.0, target);
    let mut found = Vec::new();
    let mut shift = [0.0f32; 3];
    for y in y0..y1 {
        for x in (x0..x1).filter(|x| unknown.get(y, *x)) {
            let (sx, sy) = (x as f32 + dx, y as f32 + dy);
            let inside = (0.0..target.w as f32).contains(&sx) && (0.0..target.h as f32).contains(&sy);
            if !inside || unknown.get(sy as usize, sx as usize) {
                continue;
            }
            let colour = target.between(sx + 0.5, sy + 0.5);
            let old = target.get(x, y);
            (0..3).for_each(|k| shift[k] += old[k] - colour[k]);
            found.push((x, y, colour));
        }
    }
    let n = found.len().max(1) as f32;
    for (x, y, colour) in found {
        out.at[y * target.w + x] = std::array::from_fn(|k| colour[k] + shift[k] / n);
        drawn[y * target.w + x] = Some(best.agrees);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    #[test]
    fn the_best_cell_is_moved_into_place() {
        // Two kinds of rings, off their cells by a pixel; the hole's rim shows which kind it is.
        let ring = |x: usize, y: usize, cx: usize, cy: usize| {
            let d = (x.abs_diff(cx).pow(2) + y.abs_diff(cy).pow(2)) as f32;
            (9.0..30.0).contains(&d)
        };
        let colour = |i: usize| {
            let (x, y) = (i % 48, i / 48);
            if ring(x, y, 8, 8) || ring(x, y, 25, 7) { [200.0, 60.0, 10.0] } else { [30.0, 40.0, 50.0] }
        };
        let full = Field { w: 48, h: 16, at: (0..48 * 16).map(colour).collect() };
        let mut unknown = Bits::new(16, 48);
        let mut holed = full.clone();
        for y in 5..12 {
            for x in 22..27 {
                unknown.set(y, x, true);
                holed.at[y * 48 + x] = [90.0; 3];
            }
        }
        let cell = |k: usize| [16.0 * k as f32, 0.0, 16.0, 16.0];
        let class = Alike { unknown: vec![cell(1)], known: vec![cell(0), cell(2)] };
        let budget = Budget::new(None, None, Cancel::default());
        let (out, drawn) = draw(&holed, &unknown, &[class], 0.0, &budget).unwrap();
        let shape = |f: &Field, x: usize, y: usize| f.get(x, y)[0] - f.get(x, y)[2] > 60.0;
        for y in 5..12 {
            for x in 22..27 {
                assert!(drawn[y * 48 + x].is_some_and(|a| a > 0.5));
                assert_eq!(shape(&out, x, y), shape(&full, x, y), "({x}, {y})");
            }
        }
        assert!(drawn[4 * 48 + 24].is_none() && out.get(24, 4) == full.get(24, 4));
    }
}
