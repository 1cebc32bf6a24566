//! The loop program that explains a picture with unknown pixels.

use crate::raster::bits::Bits;
use crate::raster::image::{Grid, Image};
use crate::search::{Budget, Stop};
use crate::synth::loops::extrapolate::{Continuation, extrapolate};
use crate::synth::loops::program::LoopProgram;
use crate::synth::loops::solve;
use crate::vm::limits::Fail;

/// Cells in a row and in a column unless something else is asked for, as PS-GM has on facades.
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

/// The loops of a picture on a grid, continued; none where no cell is known or nothing repeats. The mask fits the picture.
pub fn find(img: &Image, unknown: &Bits, grid: &Grid, budget: &mut Budget) -> Result<Option<Structure>, Fail> {
    let hidden = grid.unknown(&Image::from_bits(unknown))?;
    if hidden.iter().all(|h| *h) {
        return Ok(None);
    }
    let found = solve::synthesize(img, grid, &hidden, &solve::Options::default(), budget)?;
    if found.stop == Some(Stop::Cancelled) {
        return Err(solve::stopped(Stop::Cancelled, ""));
    }
    if found.program.loops.is_empty() {
        return Ok(None);
    }
    let (program, continued) = extrapolate(&found.program, &hidden);
    let drawn = program.on_top();
    let explained = drawn.iter().zip(&hidden).filter(|(d, h)| d.is_some() && **h).count();
    Ok(Some(Structure { program, continued, unknown: hidden.iter().filter(|h| **h).count(), explained }))
}

/// The grid of `n` by `n` cells that covers a picture; of fewer where it has not so many pixels.
pub fn grid(img: &Image, n: u32) -> Result<Grid, Fail> {
    let most = |side: u32| i64::from(n.min(side));
    Grid::covering(img.width(), img.height(), most(img.width()), most(img.height()))
}
