//! How well loop programs and pictures made of cells agree.

use super::cells::Cell;
use super::distance::{Distances, Weights, distance};
use super::greedy::Overlap;
use super::program::LoopProgram;
use super::solve::{Options, cells, check_grid, stopped};
use crate::raster::image::{Grid, Image};
use crate::search::Budget;
use crate::vm::limits::Fail;

/// The objective of a program on a picture (equation 3 of PS-GM), and what it would be if every pair were right.
pub fn objective(
    program: &LoopProgram,
    img: &Image,
    unknown: &[bool],
    options: &Options,
    budget: &Budget,
) -> Result<(f64, f64), Fail> {
    let grid = &program.grid;
    check_grid(img, grid)?;
    let compared = cells(img, grid, unknown, budget)
        .and_then(|cells| Distances::new(&cells, options.weights, budget))
        .map_err(|stop| stopped(stop, "while cells were compared"))?;
    let epsilon = options.epsilon.unwrap_or_else(|| compared.threshold());
    let columns = grid.columns as usize;
    let place = |at: usize| ((at % columns) as u32 + 1, (at / columns) as u32 + 1);
    let top = program.on_top();
    let equal = |a: usize, b: usize| match options.overlap {
        Overlap::Seen => top[a].is_some() && top[a] == top[b],
        Overlap::Union => {
            let (p, q) = (place(a), place(b));
            program.loops.iter().any(|l| l.sketch.covers(p.0, p.1) && l.sketch.covers(q.0, q.1))
        }
    };
    let (mut objective, mut perfect) = (0.0, 0.0);
    for a in 0..grid.cells() {
        for b in 0..grid.cells() {
            let Some(d) = compared.get(a, b) else { continue };
            let (alike, counts) = if f64::from(d) <= epsilon { (true, 1.0) } else { (false, options.lambda) };
            perfect += counts;
            objective += if equal(a, b) == alike { counts } else { 0.0 };
        }
    }
    Ok((objective, perfect))
}

/// The share of a grid's cells on which a loop draws.
pub fn coverage(program: &LoopProgram) -> f64 {
    let drawn = program.on_top();
    drawn.iter().flatten().count() as f64 / drawn.len().max(1) as f64
}

/// The share of cells in which two pictures of one size are alike: at most `epsilon` apart, as [`distance`] has it.
pub fn accuracy(a: &Image, b: &Image, grid: &Grid, epsilon: f64) -> Result<f64, Fail> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        let (w, h) = (b.width(), b.height());
        return Err(Fail::new(
            "E0445",
            format!("the pictures differ in size: {} x {} and {w} x {h}", a.width(), a.height()),
        ));
    }
    check_grid(a, grid)?;
    let alike = |row, column| {
        let far = distance(&Cell::new(a, grid, column, row), &Cell::new(b, grid, column, row), Weights::default());
        f64::from(far) <= epsilon
    };
    let n = (1..=grid.rows).map(|row| (1..=grid.columns).filter(|column| alike(row, *column)).count()).sum::<usize>();
    Ok(n as f64 / grid.cells() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Budget;
    use crate::synth::loops::solve::synthesize;
    use crate::vm::limits::Cancel;

    fn board(wrong: bool) -> Image {
        let dark = |x: u32, y: u32| (x / 6 + y / 6).is_multiple_of(2) ^ (wrong && x < 6 && y < 12);
        Image::from_levels(36, 36, |x, y| if dark(x, y) { 20 } else { 230 })
    }

    #[test]
    fn what_a_search_says_is_what_is_judged() {
        let (img, grid) = (board(false), Grid::covering(36, 36, 6, 6).unwrap());
        let mut budget = Budget::new(None, None, Cancel::default());
        for (loops, overlap) in [(1, Overlap::Seen), (2, Overlap::Union), (4, Overlap::Seen), (4, Overlap::Union)] {
            let options = Options { loops, overlap, ..Options::default() };
            let found = synthesize(&img, &grid, &[false; 36], &options, &mut budget).unwrap();
            let (objective, perfect) = objective(&found.program, &img, &[false; 36], &options, &budget).unwrap();
            assert_eq!((objective, perfect), (found.objective, found.perfect));
            let cells: std::collections::HashSet<_> =
                found.program.loops.iter().flat_map(|l| l.sketch.cells()).collect();
            assert_eq!(coverage(&found.program), cells.len() as f64 / 36.0);
        }
    }

    #[test]
    fn cells_that_differ_are_counted() {
        let grid = Grid::covering(36, 36, 6, 6).unwrap();
        assert_eq!(accuracy(&board(false), &board(false), &grid, 0.05).unwrap(), 1.0);
        assert_eq!(accuracy(&board(false), &board(true), &grid, 0.05).unwrap(), 34.0 / 36.0);
        assert_eq!(accuracy(&board(false), &board(true), &grid, 2.0).unwrap(), 1.0);
    }
}
