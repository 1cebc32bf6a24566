//! Shapes to pixels and voxels, and pictures as values.
//!
//! A shape is first flattened to a [`tape::Tape`], in which every part appears once for each way it is moved about;
//! `region` runs the tape on whole grids by tiles, [`scan::Scanner`] on rows of samples where there are too many copies of
//! parts to write out. [`sample`] makes pictures and volumes of it.
//! A sample is in or out: it lies in the pixel's centre, and it is in where the shape's field there is not positive.

pub mod bits;
pub mod cifar;
pub mod file;
mod flat;
pub mod folder;
pub mod idx;
pub mod image;
pub mod measure;
mod region;
pub mod sample;
pub mod scan;
pub mod show;
pub mod tape;

use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;

/// What watches over long work: counts it, and may stop it.
pub trait Watch {
    /// To be called before allocating `bytes`.
    fn charge(&mut self, bytes: usize) -> Result<(), Fail>;
    /// To be called for work on `n` items.
    fn work(&mut self, n: usize) -> Result<(), Fail>;
}

impl Watch for Ctx<'_> {
    fn charge(&mut self, bytes: usize) -> Result<(), Fail> {
        Ctx::charge(self, bytes)
    }

    fn work(&mut self, n: usize) -> Result<(), Fail> {
        Ctx::work(self, n)
    }
}

/// Allows everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn charge(&mut self, _bytes: usize) -> Result<(), Fail> {
        Ok(())
    }

    fn work(&mut self, _n: usize) -> Result<(), Fail> {
        Ok(())
    }
}

/// Most pixels of a picture and most voxels of a volume.
pub const MOST_CELLS: u64 = 1 << 28;

/// Checks the extents of a picture (2) or volume (3).
pub fn check_size(extents: &[i64]) -> Result<(), Fail> {
    let text = || extents.iter().map(i64::to_string).collect::<Vec<_>>().join(" x ");
    if extents.iter().any(|n| *n < 1) {
        return Err(Fail::new("E0442", format!("a size must be at least 1 on each side, found {}", text())));
    }
    let cells = extents.iter().try_fold(1u64, |n, e| n.checked_mul(*e as u64));
    if cells.is_none_or(|n| n > MOST_CELLS) {
        return Err(Fail::new("E0442", format!("{} is too large: at most {MOST_CELLS} cells", text())));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
