//! Which digit and colour a cell of PS-GM's synthetic pictures shows: nearest neighbours among MNIST's training digits.

use nsp::raster::Unwatched;
use nsp::raster::idx;
use nsp::raster::image::Image;
use nsp::synth::loops::sample::COLOURS;
use std::path::Path;

/// Side of the pictures that are compared.
const SIDE: usize = 14;
/// Digits of each class that are compared with.
const EACH: usize = 1500;
/// Digits that the pictures show.
const DIGITS: i64 = nsp::synth::loops::sample::DIGITS as i64;

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// A flat colour.
    Flat([u8; 3]),
    /// A digit, and the number of its colour in [`COLOURS`].
    Digit(u8, u8),
}

/// Digits with their labels.
pub struct Nearest {
    digits: Vec<([f32; SIDE * SIDE], u8)>,
}

impl Nearest {
    /// From the training digits of an MNIST folder.
    pub fn new(folder: &Path) -> Result<Nearest, String> {
        let read = |name: &str| {
            let packed = folder.join(format!("{name}.gz"));
            if packed.exists() { packed } else { folder.join(name) }
        };
        let fail = |f: nsp::vm::limits::Fail| f.message;
        let images = idx::images(&read("train-images-idx3-ubyte"), "images", &mut Unwatched).map_err(fail)?;
        let labels = idx::labels(&read("train-labels-idx1-ubyte"), "labels", &mut Unwatched).map_err(fail)?;
        let mut counts = [0; DIGITS as usize];
        let mut digits = Vec::new();
        for (img, label) in images.iter().zip(labels) {
            if label < DIGITS && counts[label as usize] < EACH {
                counts[label as usize] += 1;
                digits.push((ink(img), label as u8));
            }
        }
        Ok(Nearest { digits })
    }

    /// What a cell shows.
    pub fn class(&self, cell: &Image) -> Class {
        let inner: Vec<[u8; 4]> = cell
            .pixels()
            .enumerate_pixels()
            .filter(|(x, y, _)| (2..cell.width() - 2).contains(x) && (2..cell.height() - 2).contains(y))
            .map(|(_, _, p)| p.0)
            .collect();
        let brightest = |p: &[u8; 4]| p[0].max(p[1]).max(p[2]);
        let n = inner.len().max(1) as u32;
        let mean: [u8; 3] = std::array::from_fn(|k| (inner.iter().map(|p| u32::from(p[k])).sum::<u32>() / n) as u8);
        let dark = inner.iter().filter(|p| brightest(p) < 48).count();
        if dark * 4 < inner.len() {
            return Class::Flat(mean);
        }
        let mut sums = [0u32; 3];
        let strokes: Vec<&[u8; 4]> = inner.iter().filter(|p| brightest(p) > 128).collect();
        strokes.iter().for_each(|p| (0..3).for_each(|k| sums[k] += u32::from(p[k])));
        let most = sums.iter().max().copied().unwrap_or(0).max(1);
        let colour = (0..COLOURS.len())
            .min_by_key(|c| {
                let want = COLOURS[*c].1;
                (0..3).map(|k| (i64::from(sums[k] * 255 / most) - i64::from(want[k])).pow(2)).sum::<i64>()
            })
            .unwrap_or(0);
        Class::Digit(self.digit(&ink(cell)), colour as u8)
    }

    fn digit(&self, ink: &[f32; SIDE * SIDE]) -> u8 {
        let mut near = [(f32::MAX, 0u8); 5];
        for (other, label) in &self.digits {
            let mut d = [0.0f32; 4];
            for (a, b) in ink.as_chunks::<4>().0.iter().zip(other.as_chunks::<4>().0) {
                (0..4).for_each(|k| d[k] += (a[k] - b[k]) * (a[k] - b[k]));
            }
            let d: f32 = d.iter().sum();
            if d < near[4].0 {
                near[4] = (d, *label);
                near.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
        }
        let mut votes = [0; DIGITS as usize];
        near.iter().for_each(|n| votes[n.1 as usize] += 1);
        let most = votes.iter().max().copied().unwrap_or(0);
        near.iter().find(|n| votes[n.1 as usize] == most).map_or(0, |n| n.1)
    }
}

/// How much ink there is in each part of a picture, of length 1.
fn ink(img: &Image) -> [f32; SIDE * SIDE] {
    let small = image::imageops::resize(img.pixels(), SIDE as u32, SIDE as u32, image::imageops::FilterType::Triangle);
    let mut out = [0.0; SIDE * SIDE];
    for (o, p) in out.iter_mut().zip(small.pixels()) {
        *o = f32::from(p.0[0].max(p.0[1]).max(p.0[2])) / 255.0;
    }
    let length = out.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    out.iter_mut().for_each(|v| *v /= length);
    out
}
