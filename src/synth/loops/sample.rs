//! PS-GM's synthetic pictures (appendix A.1): loops of handwritten digits on a grid, each digit drawn anew at each place.
//!
//! The properties of a loop are the digit and the colour that it draws. A *world* is what correlates them: each of the 25
//! properties has a distribution over the properties of later loops, and a mean and a deviation for each number of its
//! sketch. Pictures of one world are samples of one distribution, whatever their seeds.
//!
//! The paper says no more of two things, which are chosen here. A later loop's property follows the mean of the
//! distributions of all loops before it. The background of a cell without a digit is flat: between the colours of the
//! first two loops, from the one at the lower left to the other at the upper right.

use super::program::{Loop, LoopProgram};
use super::sketch::{Axis, Sketch};
use crate::raster::image::{Grid, Image, Placement};
use crate::vm::limits::Fail;
use image::imageops::{FilterType, resize};
use image::{Rgba, RgbaImage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Digits that loops draw: 0 to 4.
pub const DIGITS: usize = 5;

/// Colours that they are drawn in.
pub const COLOURS: [(&str, [u8; 3]); 5] = [
    ("red", [255, 0, 0]),
    ("blue", [0, 0, 255]),
    ("orange", [255, 165, 0]),
    ("green", [0, 255, 0]),
    ("yellow", [255, 255, 0]),
];

const PROPERTIES: usize = DIGITS * COLOURS.len();

/// Sizes of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Cells along a side; 9 in PS-GM.
    pub cells: u32,
    /// Pixels along a cell's side; 16 in PS-GM.
    pub cell: u32,
    /// Loops; 12 in PS-GM.
    pub loops: usize,
    /// What correlates the loops.
    pub world: u64,
}

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling { cells: 9, cell: 16, loops: 12, world: 0 }
    }
}

/// Handwritten digits by what they are, as ink on nothing.
pub struct Digits {
    of: [Vec<Image>; DIGITS],
}

impl Digits {
    /// From pictures (white on black) and their labels; digits above 4 are left out. There must be one of each other.
    pub fn new(images: impl IntoIterator<Item = (Image, i64)>) -> Result<Digits, Fail> {
        let mut of: [Vec<Image>; DIGITS] = Default::default();
        for (img, label) in images {
            if let Some(list) = usize::try_from(label).ok().and_then(|l| of.get_mut(l)) {
                list.push(img);
            }
        }
        match of.iter().position(Vec::is_empty) {
            Some(d) => Err(Fail::new("E0445", format!("there is no picture of the digit {d}"))),
            None => Ok(Digits { of }),
        }
    }
}

/// What a loop draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// The digit.
    pub digit: usize,
    /// The number of its colour in [`COLOURS`].
    pub colour: usize,
}

impl Property {
    fn of(index: usize) -> Property {
        Property { digit: index / COLOURS.len(), colour: index % COLOURS.len() }
    }

    fn index(self) -> usize {
        self.digit * COLOURS.len() + self.colour
    }
}

/// A sampled picture.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What is seen.
    pub image: Image,
    /// What drew it, each loop with one of the digits that it drew.
    pub program: LoopProgram,
    /// What each loop draws.
    pub properties: Vec<Property>,
    /// What each cell shows, row by row; `None` where it is flat.
    pub cells: Vec<Option<Property>>,
}

/// Correlations: see the module.
#[derive(Clone, Debug)]
pub struct World {
    next: Vec<[f64; PROPERTIES]>,
    /// For each property, mean and deviation of step, first and count, across and down.
    sketches: Vec<[[(f64, f64); 3]; 2]>,
}

impl World {
    /// The world of a seed, for a grid of so many cells along a side.
    pub fn new(seed: u64, cells: u32) -> World {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed_0f77_0b1d);
        let mut next = Vec::with_capacity(PROPERTIES);
        let mut sketches = Vec::with_capacity(PROPERTIES);
        for _ in 0..PROPERTIES {
            // Few properties are likely, so that pictures have a few kinds of digits.
            let mut weights: [f64; PROPERTIES] = std::array::from_fn(|_| rng.random::<f64>().powi(6));
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|w| *w /= sum);
            next.push(weights);
            let n = f64::from(cells);
            sketches.push(std::array::from_fn(|_| {
                let step = rng.random_range(1.0..n / 2.5);
                let first = rng.random_range(1.0..n / 2.0);
                let count = rng.random_range(1.5..n / step + 1.0);
                [step, first, count].map(|mean| (mean, rng.random_range(0.2..0.8)))
            }));
        }
        World { next, sketches }
    }

    fn property(&self, before: &[Property], rng: &mut StdRng) -> Property {
        if before.is_empty() {
            return Property::of(rng.random_range(0..PROPERTIES));
        }
        let from = &self.next[before[rng.random_range(0..before.len())].index()];
        let mut left: f64 = rng.random();
        let found = from.iter().position(|w| {
            left -= w;
            left < 0.0
        });
        Property::of(found.unwrap_or(PROPERTIES - 1))
    }

    fn sketch(&self, p: Property, cells: u32, rng: &mut StdRng) -> Sketch {
        let mut axis = |numbers: &[(f64, f64); 3]| {
            let mut at = |k: usize| {
                let (mean, deviation) = numbers[k];
                // The sum of twelve: close to normal, and bounded.
                let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                (mean + deviation * normal).round().clamp(1.0, f64::from(cells)) as u32
            };
            let (step, first) = (at(0), at(1));
            let count = at(2).min((cells - first) / step + 1);
            if count == 1 { Axis::one(first) } else { Axis { first, step, count } }
        };
        let numbers = &self.sketches[p.index()];
        Sketch { columns: axis(&numbers[0]), rows: axis(&numbers[1]) }
    }
}

/// Picture `number` of a seed.
pub fn sample(how: &Sampling, world: &World, digits: &Digits, seed: u64, number: u64) -> Result<Sample, Fail> {
    let n = how.cells;
    let grid = Grid::new(n.into(), n.into(), how.cell.into(), how.cell.into(), 0.0, 0.0)?;
    let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    let mut properties: Vec<Property> = Vec::with_capacity(how.loops);
    let mut program = LoopProgram { grid, loops: Vec::with_capacity(how.loops) };
    let mut cells = vec![None; grid.cells()];
    let mut tiles: Vec<Option<Image>> = vec![None; grid.cells()];
    for _ in 0..how.loops {
        let p = world.property(&properties, &mut rng);
        properties.push(p);
        let sketch = world.sketch(p, n, &mut rng);
        let mut last = None;
        for (c, r) in sketch.cells() {
            let at = ((r - 1) * n + c - 1) as usize;
            let own = &digits.of[p.digit];
            let tile = coloured(&own[rng.random_range(0..own.len())], COLOURS[p.colour].1, how.cell);
            cells[at] = Some(p);
            tiles[at] = Some(tile.clone());
            last = Some(tile);
        }
        program.loops.extend(last.map(|tile| Loop { sketch, tile }));
    }
    let (from, to) = match properties.as_slice() {
        [a, b, ..] => (COLOURS[a.colour].1, COLOURS[b.colour].1),
        [a] => (COLOURS[a.colour].1, [128; 3]),
        [] => ([128; 3], [128; 3]),
    };
    let mut canvas = RgbaImage::new(grid.size().0, grid.size().1);
    let mut placements = Vec::with_capacity(tiles.len());
    for (at, tile) in tiles.into_iter().enumerate() {
        let (column, row) = (at as u32 % n + 1, at as u32 / n + 1);
        let part = f64::from(column - 1 + n - row) / f64::from((2 * n - 2).max(1));
        let flat = std::array::from_fn(|k| (f64::from(from[k]) * (1.0 - part) + f64::from(to[k]) * part) as u8);
        let [r, g, b] = flat;
        let tile = tile.unwrap_or_else(|| RgbaImage::from_pixel(how.cell, how.cell, Rgba([r, g, b, 255])).into());
        placements.push(Placement { column: column.into(), row: row.into(), tile });
    }
    grid.draw(&mut canvas, placements.iter())?;
    Ok(Sample { image: canvas.into(), program, properties, cells })
}

/// A digit in a colour, of a cell's size.
fn coloured(digit: &Image, colour: [u8; 3], side: u32) -> Image {
    let mut small = resize(digit.pixels(), side, side, FilterType::Triangle);
    for p in small.pixels_mut() {
        let ink = u32::from(p.0[0]);
        let part = |c: u8| (u32::from(c) * ink / 255) as u8;
        p.0 = [part(colour[0]), part(colour[1]), part(colour[2]), 255];
    }
    small.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits() -> Digits {
        Digits::new((0..10).map(|d| (Image::from_levels(28, 28, |x, y| if x + y > 5 * d as u32 { 255 } else { 0 }), d)))
            .unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_picture() {
        let how = Sampling::default();
        let (world, digits) = (World::new(3, 9), digits());
        let draw = |seed, number| sample(&how, &world, &digits, seed, number).unwrap();
        let (a, b) = (draw(1, 5), draw(1, 5));
        assert_eq!((a.image.clone(), a.program.clone()), (b.image, b.program));
        assert_ne!(a.image, draw(2, 5).image);
        assert_eq!((a.image.width(), a.image.height(), a.properties.len()), (144, 144, 12));
    }

    #[test]
    fn cells_say_what_is_seen() {
        let how = Sampling { cells: 5, cell: 8, loops: 4, world: 1 };
        let (world, digits) = (World::new(1, 5), digits());
        for number in 0..20 {
            let s = sample(&how, &world, &digits, 0, number).unwrap();
            let top = s.program.on_top();
            for (at, cell) in s.cells.iter().enumerate() {
                assert_eq!(*cell, top[at].map(|k| s.properties[k]));
                let tile = s.program.grid.tile(&s.image, at as i64 % 5 + 1, at as i64 / 5 + 1).unwrap();
                let flat = tile.pixels().pixels().all(|p| p == tile.pixels().get_pixel(0, 0));
                assert_eq!(flat, cell.is_none());
            }
            assert!(s.program.loops.iter().all(|l| l.sketch.columns.last() <= 5 && l.sketch.rows.last() <= 5));
        }
    }

    #[test]
    fn loops_are_correlated() {
        // What follows a property is not uniform: it is the same few in one world.
        let world = World::new(0, 9);
        let most: f64 = world.next.iter().map(|w| w.iter().copied().fold(0.0, f64::max)).sum::<f64>() / 25.0;
        assert!(most > 2.0 / 25.0, "{most}");
        assert!(Digits::new([(Image::from_levels(2, 2, |_, _| 1), 0)]).is_err());
    }
}
