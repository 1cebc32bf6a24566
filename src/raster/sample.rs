//! Shapes sampled on grids: pictures, coverage, volumes, single points.

use super::bits::{Bits, Voxels};
use super::scan::Scanner;
use super::tape::compile;
use super::{Watch, check_size};
use crate::shape::Shape;
use crate::shape::affine::Bounds;
use crate::vm::limits::Fail;

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
    check_size(&[w as i64, h as i64])?;
    let f = frame.check()?;
    watch.charge(Bits::bytes_for(h, w) + 16 * w)?;
    let window = Bounds { lo: [f.x0, f.y0, 0.0], hi: [f.x1, f.y1, 0.0] };
    let (xs, ys) = (centres(f.x0, f.x1, w), centres(f.y0, f.y1, h));
    let mut bits = Bits::new(h, w);
    let mut r = 0;
    for band in ys.chunks(band(shape, &window, h, 1, watch)?) {
        let window = Bounds { lo: [f.x0, band[0], 0.0], hi: [f.x1, band[band.len() - 1], 0.0] };
        let tape = compile(shape, &window, watch)?;
        let mut scanner = Scanner::new(&tape, 0, xs.clone(), watch)?;
        for y in band {
            scanner.row([0.0, *y, 0.0], bits.row_mut(r), watch)?;
            r += 1;
        }
    }
    Ok(bits)
}

/// How many of `n` layers of `rows` rows to sample with one tape. A shape of many parts is flattened anew for each
/// band, so that its rows pass over the parts that are elsewhere; flattening costs about as much as a dozen rows.
fn band(shape: &Shape, window: &Bounds, n: usize, rows: usize, watch: &mut dyn Watch) -> Result<usize, Fail> {
    let least = 32usize.div_ceil(rows);
    let many = n > least && compile(shape, window, watch)?.len() > 256;
    Ok(if many { n.div_ceil(32).max(least) } else { n })
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
    let window = Bounds { lo: [f.x0, f.y0, 0.0], hi: [f.x1, f.y1, 0.0] };
    let tape = compile(shape, &window, watch)?;
    let mut scanner = Scanner::new(&tape, 0, centres(f.x0, f.x1, fine), watch)?;
    let mut row = Bits::new(1, fine);
    let mut out = Vec::with_capacity(w * h);
    let most = (samples * samples) as f64;
    let step = (f.y1 - f.y0) / (h * samples) as f64;
    let mut counts = vec![0u32; w];
    for r in 0..h {
        counts.fill(0);
        for s in 0..samples {
            let y = f.y0 + ((r * samples + s) as f64 + 0.5) * step;
            scanner.row([0.0, y, 0.0], row.row_mut(0), watch)?;
            for (i, n) in counts.iter_mut().enumerate() {
                *n += (0..samples).filter(|k| row.get(0, i * samples + k)).count() as u32;
            }
        }
        out.extend(counts.iter().map(|n| (f64::from(*n) / most * 255.0).round() as u8));
    }
    Ok(out)
}

/// A bit for each voxel: whether its centre lies in the shape. Voxel `(i, j, k)` is the unit cube from there.
pub fn voxelise(shape: &Shape, dims: [usize; 3], watch: &mut dyn Watch) -> Result<Voxels, Fail> {
    check_size(&dims.map(|n| n as i64))?;
    let [nx, ny, nz] = dims;
    let bytes = Bits::bytes_for(nx * ny, nz);
    if bytes > 1 << 29 {
        return Err(Fail::new("E0442", format!("a volume of {nx} x {ny} x {nz} is too large: it takes {bytes} bytes")));
    }
    watch.charge(bytes)?;
    let (lo, hi) = ([0.0; 3], dims.map(|n| n as f64));
    let zs = centres(0.0, nz as f64, nz);
    let mut bits = Bits::new(nx * ny, nz);
    let band = band(shape, &Bounds { lo, hi }, nx, ny, watch)?;
    for first in (0..nx).step_by(band) {
        let last = (first + band).min(nx);
        let window = Bounds { lo: [first as f64, 0.0, 0.0], hi: [last as f64, hi[1], hi[2]] };
        let tape = compile(shape, &window, watch)?;
        let mut scanner = Scanner::new(&tape, 2, zs.clone(), watch)?;
        for (x, y) in (first..last).flat_map(|x| (0..ny).map(move |y| (x, y))) {
            let at = [x as f64 + 0.5, y as f64 + 0.5, 0.0];
            scanner.row(at, bits.row_mut(x * ny + y), watch)?;
        }
    }
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
