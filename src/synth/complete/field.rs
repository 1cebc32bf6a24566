//! Pictures of real numbers, in which completion computes.

use crate::raster::bits::Bits;

/// Red, green and blue, 0 to 255 (and beyond, in between).
pub type Colour = [f32; 3];

/// A picture of `[height, width]` colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Pixels in a row.
    pub w: usize,
    /// Rows.
    pub h: usize,
    /// Row by row.
    pub at: Vec<Colour>,
}

impl Field {
    /// A picture of one colour.
    pub fn flat(w: usize, h: usize, colour: Colour) -> Field {
        Field { w, h, at: vec![colour; w * h] }
    }

    /// The colour of a pixel.
    pub fn get(&self, x: usize, y: usize) -> Colour {
        self.at[y * self.w + x]
    }

    /// Columns as rows.
    pub fn transposed(&self) -> Field {
        let mut out = Field::flat(self.h, self.w, [0.0; 3]);
        for y in 0..self.h {
            for x in 0..self.w {
                out.at[x * self.h + y] = self.at[y * self.w + x];
            }
        }
        out
    }

    /// The mean colour of the pixels that `mask` leaves black; of none of them, black.
    pub fn mean_outside(&self, mask: &Bits) -> Colour {
        let mut sum = [0.0f64; 3];
        let mut n = 0.0;
        for y in 0..self.h {
            for x in (0..self.w).filter(|x| !mask.get(y, *x)) {
                let c = self.get(x, y);
                (0..3).for_each(|k| sum[k] += f64::from(c[k]));
                n += 1.0;
            }
        }
        sum.map(|s| (s / f64::max(n, 1.0)) as f32)
    }

    /// Applies `f` to each pixel of this and of another picture of the same size.
    pub fn zip(&self, other: &Field, f: impl Fn(f32, f32) -> f32) -> Field {
        let pair = |(a, b): (&Colour, &Colour)| std::array::from_fn(|k| f(a[k], b[k]));
        Field { w: self.w, h: self.h, at: self.at.iter().zip(&other.at).map(pair).collect() }
    }

    /// The mean of the `2 reach + 1` pixels on each side and above and below, twice over; at the edge, of those inside.
    pub fn blurred(&self, reach: usize) -> Field {
        let once = |f: &Field| f.rows_blurred(reach).transposed().rows_blurred(reach).transposed();
        once(&once(self))
    }

    fn rows_blurred(&self, reach: usize) -> Field {
        let mut out = self.clone();
        // Sums up to each pixel, in f64: differences of long sums must stay exact.
        let mut sums = vec![[0.0f64; 3]; self.w + 1];
        for y in 0..self.h {
            for x in 0..self.w {
                let c = self.get(x, y);
                sums[x + 1] = std::array::from_fn(|k| sums[x][k] + f64::from(c[k]));
            }
            for x in 0..self.w {
                let (low, high) = (x.saturating_sub(reach), self.w.min(x + reach + 1));
                let n = (high - low) as f64;
                out.at[y * self.w + x] = std::array::from_fn(|k| ((sums[high][k] - sums[low][k]) / n) as f32);
            }
        }
        out
    }

    /// Between pixel centres, linearly; beyond the edge, the edge. `(0.5, 0.5)` is the centre of the first pixel.
    pub fn between(&self, x: f32, y: f32) -> Colour {
        let place = |v: f32, n: usize| {
            let v = (v - 0.5).clamp(0.0, (n - 1) as f32);
            let low = v as usize;
            (low, (low + 1).min(n - 1), v - low as f32)
        };
        let ((x0, x1, tx), (y0, y1, ty)) = (place(x, self.w), place(y, self.h));
        let (a, b, c, d) = (self.get(x0, y0), self.get(x1, y0), self.get(x0, y1), self.get(x1, y1));
        std::array::from_fn(|k| (a[k] * (1.0 - tx) + b[k] * tx) * (1.0 - ty) + (c[k] * (1.0 - tx) + d[k] * tx) * ty)
    }
}

/// The sum of squared differences of two colours.
#[inline]
pub fn squared(a: &Colour, b: &Colour) -> f32 {
    let d: Colour = std::array::from_fn(|k| a[k] - b[k]);
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurring_keeps_what_is_flat_and_spreads_what_is_not() {
        let flat = Field::flat(5, 4, [7.0, 8.0, 9.0]);
        assert_eq!(flat.blurred(2), flat);
        let mut dot = Field::flat(9, 9, [0.0; 3]);
        dot.at[4 * 9 + 4] = [81.0; 3];
        let soft = dot.blurred(1);
        assert_eq!(soft.get(4, 4)[0], 9.0);
        assert_eq!((soft.get(2, 4)[0], soft.get(1, 4)[0]), (3.0, 0.0));
    }

    #[test]
    fn colours_between_pixels() {
        let ramp = Field { w: 2, h: 1, at: vec![[0.0; 3], [10.0; 3]] };
        assert_eq!(ramp.between(1.0, 0.5)[0], 5.0);
        assert_eq!((ramp.between(0.0, 3.0)[0], ramp.between(9.0, 0.0)[0]), (0.0, 10.0));
    }
}
