//! How much cells differ, and from where on they count as different.

use super::cells::{ACROSS, BINS, Cell, FEATURES, NUMBERS};
use crate::search::{Budget, Stop};

/// How the parts of the distance are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Of the share of features that have no counterpart.
    pub features: f64,
    /// Least product of two features that correspond.
    pub alike: f32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { features: 0.1, alike: 0.7 }
    }
}

/// Distances of all pairs of cells, row by row: `d[a n + b]`; `nan` where one is unknown.
#[derive(Clone, Debug)]
pub struct Distances {
    n: usize,
    d: Vec<f32>,
}

impl Distances {
    /// Of these cells; `None` for unknown ones. Stops when the budget's time is up.
    pub fn new(cells: &[Option<Cell>], weights: Weights, budget: &Budget) -> Result<Distances, Stop> {
        let n = cells.len();
        let mut d = vec![f32::NAN; n * n];
        for (a, first) in cells.iter().enumerate() {
            budget.look()?;
            let Some(first) = first else { continue };
            d[a * n + a] = 0.0;
            for (b, second) in cells.iter().enumerate().skip(a + 1) {
                let Some(second) = second else { continue };
                let far = distance(first, second, weights);
                d[a * n + b] = far;
                d[b * n + a] = far;
            }
        }
        Ok(Distances { n, d })
    }

    /// Of two cells, by their indices; `None` if one is unknown.
    pub fn get(&self, a: usize, b: usize) -> Option<f32> {
        Some(self.d[a * self.n + b]).filter(|d| !d.is_nan())
    }

    /// From where on cells count as different, from the distances themselves: twice over, the threshold that splits them
    /// into two groups with the least variance within (Otsu, "A Threshold Selection Method from Gray-Level Histograms",
    /// IEEE SMC 1979). The first splits off what has nothing in common, the second, among the rest, what is merely similar.
    pub fn threshold(&self) -> f64 {
        let pairs = (0..self.n).flat_map(|a| (a + 1..self.n).filter_map(move |b| self.get(a, b)));
        let mut all: Vec<f32> = pairs.collect();
        all.sort_unstable_by(f32::total_cmp);
        let first = otsu(&all);
        let second = otsu(&all[..first]);
        match (second.checked_sub(1).and_then(|i| all.get(i)), all.get(second)) {
            // Halfway between two distances, so that rounding does not decide.
            (Some(a), Some(b)) => f64::from(a + b) / 2.0,
            (Some(a), None) => f64::from(*a),
            _ => 0.0,
        }
    }
}

/// How many of these numbers, which ascend, are in the lower of two groups; all of them where there is but one value.
fn otsu(sorted: &[f32]) -> usize {
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().map(|x| f64::from(*x)).sum();
    let (mut sum, mut best) = (0.0, (0.0, sorted.len()));
    for (i, x) in sorted.iter().enumerate() {
        let below = i as f64;
        let apart = if i > 0 { sum / below - (total - sum) / (n - below) } else { 0.0 };
        let between = below * (n - below) * apart * apart;
        // Equal numbers stay together.
        if between > best.0 && sorted[i - 1] < *x {
            best = (between, i);
        }
        sum += f64::from(*x);
    }
    best.1
}

/// `EMD + w (1 - share)`: the earth mover's distance of the colour histograms, from 0 to 1, and the share of features
/// that correspond, weighed by `w`. The paper's sum subtracts a number of correspondences; as a share that is taken from
/// 1, equal cells are at distance 0 whether they have many features or none.
pub fn distance(a: &Cell, b: &Cell, weights: Weights) -> f32 {
    colours(a, b) + weights.features as f32 * (1.0 - share(a, b, weights.alike))
}

/// The earth mover's distance of two histograms on a line is the area between their cumulated shares. It is taken for red,
/// green and blue by themselves; the mean is given, 1 between black and white.
pub fn colours(a: &Cell, b: &Cell) -> f32 {
    let area = |k: usize| a.cumulated[k].iter().zip(&b.cumulated[k]).map(|(x, y)| (x - y).abs()).sum::<f32>();
    (area(0) + area(1) + area(2)) / (3 * (BINS - 1)) as f32
}

/// What a feature in another place must be nearer by.
const MOVED: f32 = 0.02;

/// The share of features that correspond: of those that one cell has, whichever has more. Without any it is 1.
///
/// Two features correspond if each is the other's nearest among those at most one place away, and they are alike. The
/// places stand for SIFT's test that the second nearest be much farther: neighbours overlap, so that they are always near.
/// Along an edge all of them are alike; there the one in the same place is the nearest.
pub fn share(a: &Cell, b: &Cell, alike: f32) -> f32 {
    let most = a.seen().max(b.seen());
    if most == 0 {
        return 1.0;
    }
    let mut nearest = [(alike, usize::MAX); FEATURES];
    let mut back = [(alike, usize::MAX); FEATURES];
    for (i, f) in a.features.iter().enumerate() {
        let Some(f) = f else { continue };
        let (y, x) = (i / ACROSS, i % ACROSS);
        for v in y.saturating_sub(1)..=(y + 1).min(ACROSS - 1) {
            for u in x.saturating_sub(1)..=(x + 1).min(ACROSS - 1) {
                let j = v * ACROSS + u;
                let Some(g) = &b.features[j] else { continue };
                let product = product(f, g) - if i == j { 0.0 } else { MOVED };
                if product > nearest[i].0 {
                    nearest[i] = (product, j);
                }
                if product > back[j].0 {
                    back[j] = (product, i);
                }
            }
        }
    }
    let mutual = nearest.iter().enumerate().filter(|(i, n)| back.get(n.1).is_some_and(|b| b.1 == *i)).count();
    mutual as f32 / most as f32
}

/// Four sums at a time, so that the compiler uses vectors.
#[inline]
fn product(f: &[f32; NUMBERS], g: &[f32; NUMBERS]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (f, g) in f.as_chunks::<8>().0.iter().zip(g.as_chunks::<8>().0) {
        for k in 0..8 {
            sums[k] += f[k] * g[k];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::image::{Grid, Image};
    use crate::vm::limits::Cancel;
    use image::{Rgba, RgbaImage};

    fn cell(pixel: impl Fn(u32, u32) -> [u8; 3]) -> Cell {
        let img: Image = RgbaImage::from_fn(32, 32, |x, y| {
            let [r, g, b] = pixel(x, y);
            Rgba([r, g, b, 255])
        })
        .into();
        Cell::new(&img, &Grid::covering(32, 32, 1, 1).unwrap(), 1, 1)
    }

    #[test]
    fn the_earth_movers_distance() {
        let flat = |v: u8| cell(move |_, _| [v, v, v]);
        assert!((colours(&flat(0), &flat(255)) - 1.0).abs() < 1e-6);
        assert!((colours(&flat(100), &flat(163)) - 16.0 / 63.0).abs() < 0.02);
        assert!((colours(&cell(|_, _| [0, 0, 0]), &cell(|_, _| [255, 0, 0])) - 1.0 / 3.0).abs() < 1e-6);
        // Against the definition on few values: the cheapest way to move all mass.
        let half = cell(|x, _| if x < 16 { [0; 3] } else { [252; 3] });
        let middle = flat(128);
        assert!((colours(&half, &middle) - 31.5 / 63.0).abs() < 0.02);
    }

    #[test]
    fn features_that_correspond() {
        let ring = |cx: f32, cy: f32| {
            cell(move |x, y| {
                let r = ((x as f32 - cx).powi(2) + (y as f32 - cy).powi(2)).sqrt();
                if (r - 9.0).abs() < 2.0 { [255; 3] } else { [0; 3] }
            })
        };
        let cross = cell(|x, y| if x.abs_diff(y) < 3 || x.abs_diff(31 - y) < 3 { [255; 3] } else { [0; 3] });
        let (a, b) = (ring(16.0, 16.0), ring(17.0, 15.0));
        assert_eq!(share(&a, &a, 0.7), 1.0);
        assert!(share(&a, &b, 0.7) > share(&a, &cross, 0.7) + 0.3);
        assert_eq!(share(&a, &cross, 0.7), share(&cross, &a, 0.7));
        let stripes = cell(|x, _| if x % 16 < 6 { [255; 3] } else { [0; 3] });
        assert_eq!(share(&stripes, &stripes, 0.7), 1.0);
        let flat = cell(|_, _| [9; 3]);
        assert_eq!((share(&flat, &flat, 0.7), share(&flat, &a, 0.7)), (1.0, 0.0));
        assert_eq!(distance(&a, &a, Weights::default()), 0.0);
    }

    fn threshold(levels: &[u8]) -> f64 {
        let cells: Vec<Option<Cell>> = levels.iter().map(|v| Some(cell(|_, _| [*v; 3]))).collect();
        let budget = Budget::new(None, None, Cancel::default());
        Distances::new(&cells, Weights::default(), &budget).unwrap().threshold()
    }

    #[test]
    fn the_threshold_splits_the_groups() {
        // Three groups: within 0.03, between them 0.2 and more.
        let t = threshold(&[10, 12, 14, 16, 80, 82, 84, 86, 240, 242, 244, 246]);
        assert!((0.03..0.22).contains(&t), "{t}");
        assert_eq!(threshold(&[7, 7, 7]), 0.0);
        assert_eq!(threshold(&[7]), 0.0);
    }
}
