//! Filling with patches of what is known: each patch that touches an unknown pixel is matched with a known one like it,
//! and the matches vote for the pixels (Wexler, Shechtman and Irani, "Space-Time Completion of Video", PAMI 2007). The
//! matches are found by PatchMatch (Barnes, Shechtman, Finkelstein and Goldman, SIGGRAPH 2009): from random ones, taking
//! over what neighbours found, and trying places ever nearer by. Here they are matched with a guide, which says what is to
//! be seen where; the votes replace it by and by.

use super::field::{Field, squared};
use crate::raster::bits::Bits;
use crate::search::{Budget, Stop};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// How patches are matched.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A patch is `2 reach + 1` pixels wide and high.
    pub reach: usize,
    /// How often matching and voting take turns.
    pub rounds: usize,
    /// Sweeps of PatchMatch in a turn.
    pub sweeps: usize,
    /// The share of the guide in what the next turn matches, the rest being votes.
    pub guide: f32,
    /// Of everything random.
    pub seed: u64,
}

/// What was found.
pub struct Filled {
    /// Votes, on all pixels that a patch with an unknown pixel covers; known pixels elsewhere.
    pub picture: Field,
    /// For each pixel the place that its own patch was matched with, itself where that is known.
    pub source: Vec<(u32, u32)>,
}

/// A place that no patch has.
const NOWHERE: (u32, u32) = (u32::MAX, u32::MAX);

/// Places worth trying for a pixel's patch, beside what PatchMatch tries: `hint(x, y, n)` for any `n`.
pub type Hint<'a> = &'a dyn Fn(usize, usize, u64) -> Option<(usize, usize)>;

/// Fills the unknown pixels. `guide` is the picture with them guessed; `target` the same as patches should look, from
/// which the first turn starts. None where no patch is wholly known.
pub fn fill(
    target: &Field,
    guide: &Field,
    unknown: &Bits,
    options: Options,
    hint: Hint<'_>,
    budget: &Budget,
) -> Result<Option<Filled>, Stop> {
    let Some(mut search) = Search::new(guide, unknown, options, hint) else { return Ok(None) };
    let mut now = target.clone();
    let mut votes = target.clone();
    for _ in 0..options.rounds {
        search.cost_anew(&now);
        for sweep in 0..options.sweeps {
            search.sweep(&now, sweep % 2 == 0, budget)?;
        }
        votes = search.votes();
        now = votes.zip(target, |v, t| v + options.guide * (t - v));
        for i in 0..now.at.len() {
            if !unknown.get(i / now.w, i % now.w) {
                now.at[i] = guide.at[i];
            }
        }
    }
    let own = |i: usize| (u32::try_from(i % guide.w).unwrap_or(0), u32::try_from(i / guide.w).unwrap_or(0));
    let source =
        (0..guide.at.len()).map(|i| if search.found[i] == NOWHERE { own(i) } else { search.found[i] }).collect();
    Ok(Some(Filled { picture: votes, source }))
}

struct Search<'a> {
    known: &'a Field,
    reach: usize,
    /// Centres of patches to be matched.
    targets: Vec<(usize, usize)>,
    /// Whether a patch there is wholly known.
    whole: Vec<bool>,
    /// What each target's patch is matched with.
    found: Vec<(u32, u32)>,
    cost: Vec<f32>,
    random: StdRng,
    hint: Hint<'a>,
}

impl<'a> Search<'a> {
    fn new(known: &'a Field, unknown: &Bits, options: Options, hint: Hint<'a>) -> Option<Search<'a>> {
        let (w, h) = (known.w, known.h);
        // A small picture has room for small patches alone.
        let reach = options.reach.min((w.min(h).saturating_sub(1)) / 2);
        let mut whole = vec![false; w * h];
        let (mut targets, mut sources) = (Vec::new(), Vec::new());
        let counts = unknown_in_patches(unknown, reach);
        for y in reach..h - reach {
            for x in reach..w - reach {
                if counts[y * w + x] == 0 {
                    whole[y * w + x] = true;
                    sources.push((x as u32, y as u32));
                } else {
                    targets.push((x, y));
                }
            }
        }
        if sources.is_empty() {
            // Smaller patches may find room.
            return if reach > 0 {
                Search::new(known, unknown, Options { reach: reach / 2, ..options }, hint)
            } else {
                None
            };
        }
        let mut random = StdRng::seed_from_u64(options.seed);
        let mut found = vec![NOWHERE; w * h];
        for (x, y) in &targets {
            found[y * w + x] = sources[random.random_range(0..sources.len())];
        }
        let cost = vec![f32::MAX; w * h];
        Some(Search { known, reach, targets, whole, found, cost, random, hint })
    }

    /// The difference of the patch of `now` at a place and the known one at another; more than `least` is not computed.
    fn difference(&self, now: &Field, (x, y): (usize, usize), (sx, sy): (usize, usize), least: f32) -> f32 {
        let (r, w) = (self.reach, self.known.w);
        let mut sum = 0.0;
        for dy in 0..=2 * r {
            let a = &now.at[(y + dy - r) * w + x - r..][..2 * r + 1];
            let b = &self.known.at[(sy + dy - r) * w + sx - r..][..2 * r + 1];
            sum += a.iter().zip(b).map(|(a, b)| squared(a, b)).sum::<f32>();
            if sum >= least {
                return sum;
            }
        }
        sum
    }

    fn cost_anew(&mut self, now: &Field) {
        for i in 0..self.targets.len() {
            let (x, y) = self.targets[i];
            let at = y * self.known.w + x;
            let (sx, sy) = self.found[at];
            self.cost[at] = self.difference(now, (x, y), (sx as usize, sy as usize), f32::MAX);
        }
    }

    fn attempt(&mut self, now: &Field, target: (usize, usize), sx: i64, sy: i64) {
        let (w, h) = (self.known.w as i64, self.known.h as i64);
        if !(0..w).contains(&sx) || !(0..h).contains(&sy) || !self.whole[(sy * w + sx) as usize] {
            return;
        }
        let at = target.1 * self.known.w + target.0;
        let source = (sx as u32, sy as u32);
        if self.found[at] == source {
            return;
        }
        let d = self.difference(now, target, (sx as usize, sy as usize), self.cost[at]);
        if d < self.cost[at] {
            (self.cost[at], self.found[at]) = (d, source);
        }
    }

    fn sweep(&mut self, now: &Field, forward: bool, budget: &Budget) -> Result<(), Stop> {
        let (w, h) = (self.known.w as i64, self.known.h as i64);
        let back = if forward { -1i64 } else { 1 };
        for n in 0..self.targets.len() {
            if n % 256 == 0 {
                budget.look()?;
            }
            let (x, y) = self.targets[if forward { n } else { self.targets.len() - 1 - n }];
            for (dx, dy) in [(back, 0), (0, back)] {
                let (nx, ny) = (x as i64 + dx, y as i64 + dy);
                if (0..w).contains(&nx) && (0..h).contains(&ny) {
                    let (sx, sy) = self.found[(ny * w + nx) as usize];
                    if (sx, sy) != NOWHERE {
                        self.attempt(now, (x, y), i64::from(sx) - dx, i64::from(sy) - dy);
                    }
                }
            }
            let mut radius = w.max(h);
            while radius >= 1 {
                let (sx, sy) = self.found[y * w as usize + x];
                let dx = self.random.random_range(-radius..=radius);
                let dy = self.random.random_range(-radius..=radius);
                self.attempt(now, (x, y), i64::from(sx) + dx, i64::from(sy) + dy);
                radius /= 2;
            }
            // What is upright and level repeats along its row and its column.
            let (along, across) = (self.random.random_range(0..w), self.random.random_range(0..h));
            self.attempt(now, (x, y), along, y as i64);
            self.attempt(now, (x, y), x as i64, across);
            if let Some((sx, sy)) = (self.hint)(x, y, self.random.random()) {
                self.attempt(now, (x, y), sx as i64, sy as i64);
            }
        }
        Ok(())
    }

    /// The mean of what the patches over a pixel were matched with, good matches and those in whose middle it lies first.
    fn votes(&self) -> Field {
        let (w, r) = (self.known.w, self.reach);
        let mut costs: Vec<f32> = self.targets.iter().map(|(x, y)| self.cost[y * w + x]).collect();
        costs.sort_by(f32::total_cmp);
        let usual = costs.get(costs.len() * 3 / 4).copied().unwrap_or(1.0).max(1.0);
        let fall = 0.5 * (r * r).max(1) as f32;
        let middle: Vec<f32> = (0..=2 * r)
            .flat_map(|dy| (0..=2 * r).map(move |dx| (dx.abs_diff(r).pow(2) + dy.abs_diff(r).pow(2)) as f32))
            .map(|d| (-d / fall).exp())
            .collect();
        let mut sums = Field::flat(w, self.known.h, [0.0; 3]);
        let mut weights = vec![0.0f32; sums.at.len()];
        for &(x, y) in &self.targets {
            let at = y * w + x;
            let (sx, sy) = self.found[at];
            let good = (-self.cost[at] / (0.3 * usual)).exp() + 1e-6;
            for dy in 0..=2 * r {
                let to = (y + dy - r) * w + x - r;
                let from = (sy as usize + dy - r) * w + sx as usize - r;
                for dx in 0..=2 * r {
                    let weight = good * middle[dy * (2 * r + 1) + dx];
                    (0..3).for_each(|k| sums.at[to + dx][k] += weight * self.known.at[from + dx][k]);
                    weights[to + dx] += weight;
                }
            }
        }
        for ((sum, weight), known) in sums.at.iter_mut().zip(&weights).zip(&self.known.at) {
            *sum = if *weight > 0.0 { sum.map(|s| s / weight) } else { *known };
        }
        sums
    }
}

/// For each pixel how many unknown ones lie in the patch around it, as far as that is inside.
fn unknown_in_patches(unknown: &Bits, reach: usize) -> Vec<u32> {
    let (w, h) = (unknown.row_len(), unknown.rows());
    let mut sums = vec![0u32; (w + 1) * (h + 1)];
    for y in 0..h {
        for x in 0..w {
            sums[(y + 1) * (w + 1) + x + 1] =
                u32::from(unknown.get(y, x)) + sums[y * (w + 1) + x + 1] + sums[(y + 1) * (w + 1) + x]
                    - sums[y * (w + 1) + x];
        }
    }
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            let (x0, x1) = (x.saturating_sub(reach), w.min(x + reach + 1));
            let (y0, y1) = (y.saturating_sub(reach), h.min(y + reach + 1));
            let s = |x: usize, y: usize| sums[y * (w + 1) + x];
            out.push(s(x1, y1) + s(x0, y0) - s(x0, y1) - s(x1, y0));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    const OPTIONS: Options = Options { reach: 3, rounds: 3, sweeps: 4, guide: 0.0, seed: 1 };

    fn stripes(w: usize, h: usize) -> Field {
        let colour = |i: usize| if (i % w + i / w) % 6 < 3 { [220.0, 30.0, 30.0] } else { [20.0, 20.0, 90.0] };
        Field { w, h, at: (0..w * h).map(colour).collect() }
    }

    fn middle(w: usize, h: usize) -> Bits {
        let mut bits = Bits::new(h, w);
        for y in h / 2 - 4..h / 2 + 4 {
            (w / 2 - 4..w / 2 + 4).for_each(|x| bits.set(y, x, true));
        }
        bits
    }

    #[test]
    fn a_texture_is_continued() {
        let (full, unknown) = (stripes(40, 36), middle(40, 36));
        let budget = Budget::new(None, None, Cancel::default());
        let start = super::super::smooth::fill(&full, &unknown, &budget).unwrap();
        let run = || fill(&start, &start, &unknown, OPTIONS, &|_, _, _| None, &budget).unwrap().unwrap();
        let filled = run();
        let wrong = (0..full.at.len()).filter(|i| squared(&filled.picture.at[*i], &full.at[*i]) > 900.0).count();
        assert!(wrong <= 4, "{wrong}");
        assert_eq!(run().picture, filled.picture);
        for (i, (x, y)) in filled.source.iter().enumerate() {
            assert!(!unknown.get(*y as usize, *x as usize), "pixel {i} comes from an unknown one");
        }
    }

    #[test]
    fn small_pictures_have_small_patches() {
        let budget = Budget::new(None, None, Cancel::default());
        let picture = Field { w: 2, h: 1, at: vec![[9.0; 3], [0.0; 3]] };
        let mut unknown = Bits::new(1, 2);
        unknown.set(0, 1, true);
        let filled = fill(&picture, &picture, &unknown, OPTIONS, &|_, _, _| None, &budget).unwrap().unwrap();
        assert_eq!((filled.picture.at[1], filled.source[1]), ([9.0; 3], (0, 0)));
        unknown.set(0, 0, true);
        assert!(fill(&picture, &picture, &unknown, OPTIONS, &|_, _, _| None, &budget).unwrap().is_none());
    }
}
