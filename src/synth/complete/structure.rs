//! The loop program that explains a picture with unknown pixels.

use crate::raster::bits::Bits;
use crate::raster::image::{Grid, Image};
use crate::search::{Budget, Stop};
use crate::synth::loops::extrapolate::{Continuation, extrapolate};
use crate::synth::loops::period::find_grid;
use crate::synth::loops::program::LoopProgram;
use crate::synth::loops::solve;
use crate::vm::limits::Fail;

/// Cells along each side unless something else is asked for, as PS-GM has on facades. On facades loops on such a grid help
/// as much as on one that is found, which takes longer than all the rest.
pub const CELLS: u32 = 15;

/// What is known of a picture's structure.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The loops of the known cells, continued over the unknown ones.
    pub program: LoopProgram,
    /// How they were continued.
    pub continued: Vec<Continuation>,
    /// Cells with an unknown pixel.
    pub unknown: usize,
    /// How many of them a loop draws.
    pub explained: usize,
}

/// The loops of a picture on a grid (of `cells` by `cells` cells, with [`CELLS`] fewer on a picture of fewer pixels; found
/// where that is none), continued. Nothing where no cell is known or nothing repeats. The mask has the picture's size.
pub fn find(
    img: &Image,
    unknown: &Bits,
    cells: Option<u32>,
    budget: &mut Budget,
    told: &dyn Fn(f64),
) -> Result<Option<Structure>, Fail> {
    let options = solve::Options::default();
    let mask = Image::from_bits(unknown);
    let grid = match cells {
        Some(CELLS) => {
            let n = |side: u32| i64::from(CELLS.min(side));
            Grid::covering(img.width(), img.height(), n(img.width()), n(img.height()))?
        }
        Some(n) => Grid::covering(img.width(), img.height(), n.into(), n.into())?,
        None => find_grid(img, Some(&mask), &options, budget, told)?,
    };
    let hidden = grid.unknown(&mask)?;
    drop(mask);
    if hidden.iter().all(|h| *h) {
        return Ok(None);
    }
    let found = solve::synthesize(img, &grid, &hidden, &options, budget)?;
    if found.stop == Some(Stop::Cancelled) {
        return Err(solve::stopped(Stop::Cancelled, ""));
    }
    if found.program.loops.is_empty() {
        return Ok(None);
    }
    let (program, continued) = extrapolate(&found.program, &hidden);
    let (unknown, explained) = counts(&program, &hidden);
    Ok(Some(Structure { program, continued, unknown, explained }))
}

/// How many cells are unknown, and how many of them a loop draws.
pub fn counts(program: &LoopProgram, hidden: &[bool]) -> (usize, usize) {
    let drawn = program.on_top();
    let explained = drawn.iter().zip(hidden).filter(|(d, h)| d.is_some() && **h).count();
    (hidden.iter().filter(|h| **h).count(), explained)
}
