//! Shapes sampled on grids: pictures, coverage, volumes, single points.

use super::bits::{Bits, Voxels};
use super::region::{Grid, fill};
use super::scan::Scanner;
use super::tape::compile;
use super::{Watch, check_size};
use crate::shape::Shape;
use crate::shape::affine::Bounds;
use crate::vm::limits::Fail;
use nsp_kernels::cpu::cores;

/// The part of the plane that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x0: f64,
    /// Upper edge.
    pub y0: f64,
    /// Right edge.
    pub x1: f64,
    /// Lower edge.
    pub y1: f64,
}

impl Frame {
    /// One unit for each pixel, from the origin.
    pub fn pixels(w: usize, h: usize) -> Frame {
        Frame { x0: 0.0, y0: 0.0, x1: w as f64, y1: h as f64 }
    }

    /// Checks that it has an inside.
    pub fn check(self) -> Result<Frame, Fail> {
        let finite = [self.x0, self.y0, self.x1, self.y1].iter().all(|x| x.abs() <= 1e15);
        if finite && self.x0 < self.x1 && self.y0 < self.y1 {
            return Ok(self);
        }
        let Frame { x0, y0, x1, y1 } = self;
        Err(Fail::new("E0442", format!("({x0}, {y0}, {x1}, {y1}) is no frame"))
            .help("a frame is (left, top, right, bottom) with left < right and top < bottom"))
    }
}

/// The `n` centres of equal parts of `lo..hi`.
fn centres(lo: f64, hi: f64, n: usize) -> Vec<f64> {
    let step = (hi - lo) / n as f64;
    (0..n).map(|i| lo + (i as f64 + 0.5) * step).collect()
}

/// A bit for each pixel: whether its centre lies in the shape. `h` rows of `w`.
pub fn render(shape: &Shape, frame: Frame, w: usize, h: usize, watch: &mut dyn Watch) -> Result<Bits, Fail> {
    render_on(cores(), shape, frame, w, h, watch)
}

/// [`render`] on so many threads.
pub fn render_on(
    threads: usize,
    shape: &Shape,
    frame: Frame,
    w: usize,
    h: usize,
    watch: &mut dyn Watch,
) -> Result<Bits, Fail> {
    check_size(&[w as i64, h as i64])?;
    let f = frame.check()?;
    watch.charge(Bits::bytes_for(h, w) + 16 * w)?;
    let window = Bounds { lo: [f.x0, f.y0, 0.0], hi: [f.x1, f.y1, 0.0] };
    let (xs, ys) = (centres(f.x0, f.x1, w), centres(f.y0, f.y1, h));
    let grid = Grid { axes: [0, 1, 2], at: [&xs, &ys, &[0.0]], threads };
    let mut bits = Bits::new(h, w);
    sampled(shape, &window, &grid, &mut bits, watch)?;
    Ok(bits)
}

/// Sets the bits of the samples that lie in the shape; all of them lie in the window.
fn sampled(
    shape: &Shape,
    window: &Bounds,
    grid: &Grid<'_>,
    bits: &mut Bits,
    watch: &mut dyn Watch,
) -> Result<(), Fail> {
    let tape = compile(shape, window, watch)?;
    if fill(&tape, grid, bits, watch)? {
        return Ok(());
    }
    let [fast, mid, slow] = grid.axes;
    let mut scanner = Scanner::new(&tape, fast, grid.at[0].to_vec(), watch)?;
    for r in 0..bits.rows() {
        let n = grid.at[1].len();
        let mut p = [0.0; 3];
        p[mid] = grid.at[1][r % n];
        p[slow] = grid.at[2][r / n];
        scanner.row(p, bits.row_mut(r), watch)?;
    }
    Ok(())
}

/// The share of each pixel that the shape covers, 0 to 255, row by row, from `samples * samples` points in each.
pub fn coverage(
    shape: &Shape,
    frame: Frame,
    w: usize,
    h: usize,
    samples: usize,
    watch: &mut dyn Watch,
) -> Result<Vec<u8>, Fail> {
    check_size(&[w as i64, h as i64])?;
    if !(1..=64).contains(&samples) {
        return Err(Fail::new("E0442", format!("samples must be from 1 to 64, found {samples}")));
    }
    let f = frame.check()?;
    let fine = w * samples;
    watch.charge(w * h + 24 * fine)?;
    let (xs, ys) = (centres(f.x0, f.x1, fine), centres(f.y0, f.y1, h * samples));
    let mut out = Vec::with_capacity(w * h);
    let most = (samples * samples) as f64;
    let mut counts = vec![0u32; w];
    // Bands of pixels of so many samples that they fill memory no more than the picture does.
    let rows = (64 / samples).max(1);
    for ys in ys.chunks(rows * samples) {
        let window = Bounds { lo: [f.x0, ys[0], 0.0], hi: [f.x1, ys[ys.len() - 1], 0.0] };
        let mut bits = Bits::new(ys.len(), fine);
        sampled(shape, &window, &Grid { axes: [0, 1, 2], at: [&xs, ys, &[0.0]], threads: cores() }, &mut bits, watch)?;
        for first in (0..ys.len()).step_by(samples) {
            counts.fill(0);
            for r in first..first + samples {
                for (i, n) in counts.iter_mut().enumerate() {
                    *n += (0..samples).filter(|k| bits.get(r, i * samples + k)).count() as u32;
                }
            }
            out.extend(counts.iter().map(|n| (f64::from(*n) / most * 255.0).round() as u8));
        }
    }
    Ok(out)
}

/// A bit for each voxel: whether its centre lies in the shape. Voxel `(i, j, k)` is the unit cube from there.
pub fn voxelise(shape: &Shape, dims: [usize; 3], watch: &mut dyn Watch) -> Result<Voxels, Fail> {
    voxelise_on(cores(), shape, dims, watch)
}

/// [`voxelise`] on so many threads.
pub fn voxelise_on(threads: usize, shape: &Shape, dims: [usize; 3], watch: &mut dyn Watch) -> Result<Voxels, Fail> {
    check_size(&dims.map(|n| n as i64))?;
    let [nx, ny, nz] = dims;
    let bytes = Bits::bytes_for(nx * ny, nz);
    if bytes > 1 << 29 {
        return Err(Fail::new("E0442", format!("a volume of {nx} x {ny} x {nz} is too large: it takes {bytes} bytes")));
    }
    watch.charge(bytes)?;
    let (lo, hi) = ([0.0; 3], dims.map(|n| n as f64));
    let [xs, ys, zs] = dims.map(|n| centres(0.0, n as f64, n));
    let mut bits = Bits::new(nx * ny, nz);
    sampled(shape, &Bounds { lo, hi }, &Grid { axes: [2, 1, 0], at: [&zs, &ys, &xs], threads }, &mut bits, watch)?;
    Voxels::new(dims, bits)
}

/// Whether a point lies in the shape; the border counts as inside.
pub fn inside(shape: &Shape, p: [f64; 3], watch: &mut dyn Watch) -> Result<bool, Fail> {
    if p.iter().any(|x| !x.is_finite()) {
        return Ok(false);
    }
    let tape = compile(shape, &Bounds { lo: p, hi: p }, watch)?;
    let mut word = [0];
    Scanner::new(&tape, 0, vec![p[0]], watch)?.row(p, &mut word, watch)?;
    Ok(word[0] & 1 == 1)
}
