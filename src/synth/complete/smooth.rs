//! Smooth filling: what is unknown becomes the mean of its neighbours everywhere (the discrete Laplace equation), from
//! coarse to fine.

use super::field::{Colour, Field};
use crate::raster::bits::Bits;
use crate::search::{Budget, Stop};

/// Passes at each size. The start from half the size is good to within a few levels, which these even out.
const PASSES: usize = 40;
/// Over-relaxation; below 2.
const OVER: f32 = 1.7;

/// The picture with its unknown pixels filled. At least one pixel must be known.
pub fn fill(known: &Field, unknown: &Bits, budget: &Budget) -> Result<Field, Stop> {
    let (w, h) = (known.w, known.h);
    let places: Vec<usize> = (0..w * h).filter(|i| unknown.get(i / w, i % w)).collect();
    if places.is_empty() {
        return Ok(known.clone());
    }
    let mut out = if w.min(h) < 2 { start(known, unknown) } else { from_half(known, unknown, budget)? };
    // A start without neighbours to differ from is a start without error.
    for _ in 0..PASSES {
        budget.look()?;
        for &i in &places {
            let (x, y) = (i % w, i / w);
            let mut sum = [0.0f32; 3];
            let mut n = 0.0;
            let mut add = |j: usize| {
                (0..3).for_each(|k| sum[k] += out.at[j][k]);
                n += 1.0;
            };
            if x > 0 {
                add(i - 1);
            }
            if x + 1 < w {
                add(i + 1);
            }
            if y > 0 {
                add(i - w);
            }
            if y + 1 < h {
                add(i + w);
            }
            if n > 0.0 {
                (0..3).for_each(|k| out.at[i][k] += OVER * (sum[k] / n - out.at[i][k]));
            }
        }
    }
    Ok(out)
}

/// The mean of what is known, everywhere it is not.
fn start(known: &Field, unknown: &Bits) -> Field {
    let mean = known.mean_outside(unknown);
    let mut out = known.clone();
    for y in 0..out.h {
        for x in (0..out.w).filter(|x| unknown.get(y, *x)) {
            out.at[y * known.w + x] = mean;
        }
    }
    out
}

fn from_half(known: &Field, unknown: &Bits, budget: &Budget) -> Result<Field, Stop> {
    let (half, half_unknown) = shrunk(known, unknown, 2, true);
    let filled = fill(&half, &half_unknown, budget)?;
    let mut out = known.clone();
    for y in 0..out.h {
        for x in (0..out.w).filter(|x| unknown.get(y, *x)) {
            out.at[y * known.w + x] = filled.between((x as f32 + 0.5) / 2.0, (y as f32 + 0.5) / 2.0);
        }
    }
    Ok(out)
}

/// A picture `factor` times smaller: each pixel the mean of those known in its square. It is unknown where all of them
/// are, or (not `all`) where one is.
pub fn shrunk(known: &Field, unknown: &Bits, factor: usize, all: bool) -> (Field, Bits) {
    let (w, h) = (known.w.div_ceil(factor), known.h.div_ceil(factor));
    let mut out = Field::flat(w, h, [0.0; 3]);
    let mut bits = Bits::new(h, w);
    for y in 0..h {
        for x in 0..w {
            let mut sum: Colour = [0.0; 3];
            let (mut n, mut cells) = (0.0, 0.0);
            for yy in y * factor..known.h.min((y + 1) * factor) {
                for xx in x * factor..known.w.min((x + 1) * factor) {
                    cells += 1.0;
                    if !unknown.get(yy, xx) {
                        let c = known.get(xx, yy);
                        (0..3).for_each(|k| sum[k] += c[k]);
                        n += 1.0;
                    }
                }
            }
            bits.set(y, x, if all { n == 0.0 } else { n < cells });
            out.at[y * w + x] = sum.map(|s| s / f32::max(n, 1.0));
        }
    }
    (out, bits)
}

/// What `guide` shows in the unknown pixels, shifted smoothly so that it meets the known ones: its gradient stays, the
/// border is the picture's (Perez, Gangnet and Blake, "Poisson Image Editing", SIGGRAPH 2003, equation 8). `guide` must
/// be defined on the known pixels next to the unknown ones too.
pub fn blend(known: &Field, unknown: &Bits, guide: &Field, budget: &Budget) -> Result<Field, Stop> {
    let shift = fill(&known.zip(guide, |a, b| a - b), unknown, budget)?;
    Ok(guide.zip(&shift, |a, b| a + b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    fn forever() -> Budget {
        Budget::new(None, None, Cancel::default())
    }

    fn hole(w: usize, h: usize) -> Bits {
        let mut bits = Bits::new(h, w);
        for y in h / 4..h * 3 / 4 {
            (w / 4..w * 3 / 4).for_each(|x| bits.set(y, x, true));
        }
        bits
    }

    #[test]
    fn a_slope_is_filled_exactly() {
        let mut slope = Field::flat(40, 30, [0.0; 3]);
        (0..40 * 30).for_each(|i| slope.at[i] = [(i % 40) as f32, (i / 40) as f32, 5.0]);
        let bits = hole(40, 30);
        let mut holed = slope.clone();
        for y in 0..30 {
            (0..40).filter(|x| bits.get(y, *x)).for_each(|x| holed.at[y * 40 + x] = [-999.0; 3]);
        }
        let filled = fill(&holed, &bits, &forever()).unwrap();
        let worst = filled.at.iter().zip(&slope.at).map(|(a, b)| squared_root(a, b)).fold(0.0, f32::max);
        assert!(worst < 0.05, "{worst}");
    }

    fn squared_root(a: &Colour, b: &Colour) -> f32 {
        super::super::field::squared(a, b).sqrt()
    }

    #[test]
    fn blending_keeps_the_guides_detail() {
        let mut known = Field::flat(24, 24, [50.0; 3]);
        let bits = hole(24, 24);
        let mut guide = Field::flat(24, 24, [90.0; 3]);
        guide.at[12 * 24 + 12] = [190.0; 3];
        known.at[12 * 24 + 12] = [0.0; 3];
        let out = blend(&known, &bits, &guide, &forever()).unwrap();
        assert!((out.get(12, 12)[0] - 150.0).abs() < 0.1 && (out.get(9, 9)[1] - 50.0).abs() < 0.1);
    }

    #[test]
    fn thin_pictures() {
        let line = Field { w: 3, h: 1, at: vec![[10.0; 3], [0.0; 3], [20.0; 3]] };
        let mut bits = Bits::new(1, 3);
        bits.set(0, 1, true);
        assert!((fill(&line, &bits, &forever()).unwrap().get(1, 0)[0] - 15.0).abs() < 0.01);
    }
}
