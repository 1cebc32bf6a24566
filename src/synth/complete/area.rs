//! The part of a picture in which completion works: the surroundings of a hole, made smaller where they are large, and the
//! way back to full size.

use super::Place;
use super::field::{Colour, Field};
use super::separable::Block;
use super::smooth;
use crate::raster::bits::Bits;
use crate::raster::image::Image;
use image::{Rgba, RgbaImage};

/// Most pixels of an area, and of what is unknown there, at the size at which it is worked on.
const MOST: usize = 1 << 18;
const MOST_UNKNOWN: usize = 1 << 16;

/// The surroundings of a hole.
pub struct Area {
    /// Which pixels of the picture.
    pub block: Block,
    /// How many of the picture's pixels in a row make one here.
    pub factor: usize,
    /// The picture here. Unknown pixels are the mean of known ones among those that they stand for, else black.
    pub known: Field,
    /// Where one of the pixels stood for is unknown.
    pub unknown: Bits,
}

impl Area {
    /// The surroundings of a block: as far again on each side, and no less than 96 pixels.
    pub fn around(img: &Image, unknown: &Bits, hole: Block) -> Area {
        let margin = (hole.x1 - hole.x0).max(hole.y1 - hole.y0).max(96);
        let (w, h) = (img.width() as usize, img.height() as usize);
        let block = Block {
            x0: hole.x0.saturating_sub(margin),
            y0: hole.y0.saturating_sub(margin),
            x1: w.min(hole.x1 + margin),
            y1: h.min(hole.y1 + margin),
        };
        let (w, h) = (block.x1 - block.x0, block.y1 - block.y0);
        let holes =
            (block.y0..block.y1).map(|y| (block.x0..block.x1).filter(|x| unknown.get(y, *x)).count()).sum::<usize>();
        let times = |n: usize, most: usize| (n as f64 / most as f64).sqrt().ceil() as usize;
        let factor = times(w * h, MOST).max(times(holes, MOST_UNKNOWN)).max(1);
        let (mut known, mut small) = shrunk(img, unknown, block, factor, false);
        if small.count() as usize == known.at.len() {
            // Nothing is wholly known; then a pixel counts as known where a part of it is.
            (known, small) = shrunk(img, unknown, block, factor, true);
        }
        Area { block, factor, known, unknown: small }
    }

    /// Writes the unknown pixels. At the size of the picture these are the completed ones; where the area is smaller,
    /// they are the picture's own pixels from where `source` says, as bright as the completed ones.
    pub fn write(&self, done: &Field, source: &[(u32, u32)], original: &Image, unknown: &Bits, out: &mut RgbaImage) {
        let put = |c: Colour| {
            let [r, g, b] = c.map(|v| v.round().clamp(0.0, 255.0) as u8);
            Rgba([r, g, b, 255])
        };
        let f = self.factor;
        let mean = if f > 1 { Some(self.copied(source)) } else { None };
        for y in self.block.y0..self.block.y1 {
            for x in (self.block.x0..self.block.x1).filter(|x| unknown.get(y, *x)) {
                let (ax, ay) = ((x - self.block.x0) / f, (y - self.block.y0) / f);
                let colour = match &mean {
                    None => done.get(ax, ay),
                    Some(mean) => {
                        let at = |v: usize, from: usize| ((v - from) as f32 + 0.5) / f as f32;
                        let (px, py) = (at(x, self.block.x0), at(y, self.block.y0));
                        let low = done.between(px, py);
                        let from = self.origin((x, y), source);
                        if let Some((fx, fy)) = from.filter(|(fx, fy)| !unknown.get(*fy as usize, *fx as usize)) {
                            let p = original.pixels().get_pixel(fx, fy);
                            let base = mean.between(px, py);
                            std::array::from_fn(|k| f32::from(p.0[k]) + low[k] - base[k])
                        } else {
                            low
                        }
                    }
                };
                out.put_pixel(x as u32, y as u32, put(colour));
            }
        }
    }

    /// The picture's unknown pixels here that were copied, each with the known pixel that it was copied from.
    pub fn sources(&self, source: &[(u32, u32)], unknown: &Bits) -> Vec<(Place, Place)> {
        let mut out = Vec::new();
        for y in self.block.y0..self.block.y1 {
            for x in (self.block.x0..self.block.x1).filter(|x| unknown.get(y, *x)) {
                if let Some(from) = self.origin((x, y), source)
                    && !unknown.get(from.1 as usize, from.0 as usize)
                {
                    out.push(((x as u32, y as u32), from));
                }
            }
        }
        out
    }

    /// Where a pixel of the picture is copied from.
    fn origin(&self, (x, y): (usize, usize), source: &[(u32, u32)]) -> Option<Place> {
        let f = self.factor;
        let (ax, ay) = ((x - self.block.x0) / f, (y - self.block.y0) / f);
        let (sx, sy) = source[ay * self.known.w + ax];
        let from = |v: usize, s: u32, a: usize, low: usize, high: usize| {
            let v = v as i64 + (i64::from(s) - a as i64) * f as i64;
            usize::try_from(v).ok().filter(|v| (low..high).contains(v)).map(|v| v as u32)
        };
        Some((from(x, sx, ax, self.block.x0, self.block.x1)?, from(y, sy, ay, self.block.y0, self.block.y1)?))
    }

    /// What the pixels are copied from, at this size.
    fn copied(&self, source: &[(u32, u32)]) -> Field {
        let at = source.iter().map(|(x, y)| self.known.get(*x as usize, *y as usize)).collect();
        Field { w: self.known.w, h: self.known.h, at }
    }
}

/// A block of a picture, `factor` times smaller; `all` as for [`smooth::shrunk`].
fn shrunk(img: &Image, unknown: &Bits, block: Block, factor: usize, all: bool) -> (Field, Bits) {
    // In strips: at no time is a large picture held as reals.
    let (w, h) = (block.x1 - block.x0, block.y1 - block.y0);
    let mut out = Field { w: w.div_ceil(factor), h: 0, at: Vec::new() };
    let mut bits = Bits::new(h.div_ceil(factor), out.w);
    for top in (block.y0..block.y1).step_by(factor) {
        let rows = factor.min(block.y1 - top);
        let mut strip = Field::flat(w, rows, [0.0; 3]);
        let mut holes = Bits::new(rows, w);
        for y in 0..rows {
            for x in 0..w {
                let p = img.pixels().get_pixel((block.x0 + x) as u32, (top + y) as u32);
                strip.at[y * w + x] = [p.0[0], p.0[1], p.0[2]].map(f32::from);
                holes.set(y, x, unknown.get(top + y, block.x0 + x));
            }
        }
        let (small, small_holes) = smooth::shrunk(&strip, &holes, factor, all);
        (0..out.w).for_each(|x| bits.set(out.h, x, small_holes.get(0, x)));
        out.at.extend(small.at);
        out.h += 1;
    }
    (out, bits)
}

/// Holes that are worked on together: blocks around unknown pixels whose surroundings meet.
pub fn holes(unknown: &Bits) -> Vec<Block> {
    // Looked for among squares of pixels: the many specks of a dusty scan are one hole.
    const SQUARE: usize = 16;
    let (w, h) = (unknown.row_len(), unknown.rows());
    let mut coarse = Bits::new(h.div_ceil(SQUARE), w.div_ceil(SQUARE));
    for y in 0..h {
        for (word, bits) in unknown.row(y).iter().enumerate().filter(|(_, b)| **b != 0) {
            for bit in (0..64).filter(|b| bits >> b & 1 == 1) {
                coarse.set(y / SQUARE, (word * 64 + bit) / SQUARE, true);
            }
        }
    }
    let found = super::separable::components(&coarse);
    let full =
        |b: &Block| Block { x0: b.x0 * SQUARE, y0: b.y0 * SQUARE, x1: w.min(b.x1 * SQUARE), y1: h.min(b.y1 * SQUARE) };
    super::separable::merged(found.iter().map(full).collect(), 96)
}
