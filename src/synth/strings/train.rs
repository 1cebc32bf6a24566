//! Learning the prior: weights under which programs that are right on rows not given are cheaper than those that are
//! not.
//!
//! From the given examples of each task alone: some are given to the search, the others judge. Test rows are never
//! looked at, but for measuring. A log-linear model over the candidates of each case is fitted by gradient descent, with
//! a pull towards the weights before; families of tasks weigh the same.

use super::answer::choose;
use super::prior::{COUNT, Counts, Feature, NAMES, PAIRS, PLAIN, Prior, ROWS, UNIT, program};
use super::rank::Evidence;
use super::solve::{Effort, Problem, concatenations};
use super::task::StringTask;
use crate::search::{Budget, Stop};
use crate::vm::limits::Cancel;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A task with what groups it.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The task.
    pub task: StringTask,
    /// Tasks of a family share a function or examples; they are never on both sides of a split.
    pub family: String,
}

/// How the prior is learned.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// How often candidates are made anew with the weights so far.
    pub rounds: usize,
    /// Steps of gradient descent in each round.
    pub steps: usize,
    /// Pull towards the plain weights.
    pub pull: f32,
    /// Threads.
    pub jobs: usize,
}

impl Default for Training {
    fn default() -> Training {
        Training { rounds: 3, steps: 400, pull: 0.2, jobs: 1 }
    }
}

/// One choice: candidates with their features, and which are right.
struct Case {
    family: String,
    /// Features, cost apart from them, rightness.
    options: Vec<(Counts, f32, bool)>,
}

/// Temperature of the model, in weight units.
const TEMPERATURE: f32 = 0.6;

/// A problem with some of a task's examples given and the inputs of others known.
fn problem(task: &StringTask, given: &[usize], others: &[usize]) -> Option<Problem> {
    let row = |i: &usize| task.train[*i].0.row();
    Some(Problem {
        rows: given.iter().map(row).collect(),
        outputs: given.iter().map(|i| task.train[*i].1.clone()).collect::<Option<Vec<String>>>()?,
        others: others.iter().map(row).collect(),
        parts: Vec::new(),
    })
}

fn budget() -> Budget {
    Budget::new(None, Some(Duration::from_secs(3)), Cancel::default())
}

/// The choices that a task gives.
fn cases(t: &Labelled, prior: &Prior) -> Vec<Case> {
    let n = t.task.train.len();
    let mut splits: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for out in 0..n {
        splits.push(((0..n).filter(|i| *i != out).collect(), vec![out]));
    }
    for k in 1..n.saturating_sub(1) {
        splits.push(((0..k).collect(), (k..n).collect()));
    }
    let mut cases = Vec::new();
    for (given, held) in splits.into_iter().filter(|(g, h)| !g.is_empty() && !h.is_empty()) {
        let Some(p) = problem(&t.task, &given, &held) else { continue };
        let effort = Effort { prior, top: 60, below: u32::MAX, loops: 1 };
        let Ok(found) = concatenations(&p, effort, &mut budget()) else { continue };
        let evidence = Evidence::new(&p);
        let options: Vec<(Counts, f32, bool)> = found
            .iter()
            .map(|c| {
                let mut counts = program(&c.holes[0]);
                let dot: f32 = counts.0.iter().zip(&prior.weights).map(|(n, w)| n * w).sum();
                counts.0.iter_mut().zip(evidence.of(&c.holes[0]).0).for_each(|(n, e)| *n += e);
                let right = held.iter().all(|i| {
                    let (input, output) = &t.task.train[*i];
                    c.holes[0].eval(&input.row()).as_deref() == output.as_deref()
                });
                (counts, c.cost as f32 / UNIT - dot, right)
            })
            .collect();
        if options.iter().any(|o| o.2) && options.iter().any(|o| !o.2) {
            // Once as seen with the rows' inputs, once without, so that neither way leans on the other's features.
            let blind = |(c, rest, right): &(Counts, f32, bool)| {
                let mut c = c.clone();
                ROWS.iter().for_each(|f| c.0[*f as usize] = 0.0);
                (c, *rest, *right)
            };
            let without = options.iter().map(blind).collect();
            cases.push(Case { family: t.family.clone(), options });
            cases.push(Case { family: t.family.clone(), options: without });
        }
    }
    cases
}

/// Does something for each item on several threads; results in order.
fn spread<T: Sync, R: Send>(items: &[T], jobs: usize, f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let mut out: Vec<(usize, R)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                match items.get(i) {
                    Some(item) => done.push((i, f(item))),
                    None => return done,
                }
            }
        };
        let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|t| t.join().unwrap_or_default()).collect()
    });
    out.sort_by_key(|(i, _)| *i);
    out.into_iter().map(|(_, r)| r).collect()
}

/// Fits the weights to tasks.
pub fn train(tasks: &[Labelled], how: Training) -> Prior {
    let mut prior = Prior::plain();
    let mut all: Vec<Case> = Vec::new();
    for _ in 0..how.rounds {
        all.extend(spread(tasks, how.jobs, |t| cases(t, &prior)).into_iter().flatten());
        fit(&mut prior.weights, &all, how);
        rescale(&mut prior.weights, &all);
    }
    prior
}

/// Makes the right candidates cost on average what they cost before: what a condition costs is not learned, and is to
/// stay in proportion.
fn rescale(weights: &mut [f32], cases: &[Case]) {
    let cheapest = |weights: &[f32]| -> f32 {
        let cost = |f: &Counts| f.0.iter().zip(weights).map(|(n, w)| n * w).sum::<f32>();
        let right = |c: &Case| c.options.iter().filter(|o| o.2).map(|o| cost(&o.0)).fold(f32::MAX, f32::min);
        cases.iter().map(right).sum()
    };
    let (before, after) = (cheapest(PLAIN), cheapest(weights));
    if before > 0.0 && after > 0.0 {
        let kept = [Feature::Branch, Feature::Misses].map(|f| f as usize);
        // What rows without outputs say is added to the end, not along the way.
        weights.iter_mut().enumerate().filter(|(i, _)| !kept.contains(i)).for_each(|(_, w)| *w *= before / after);
    }
}

/// The least weight of a pair of edges: a cut still costs something.
const LEAST_PAIR: f32 = -1.0;

/// Gradient descent (Adam) on the log-likelihood of the right candidates.
fn fit(weights: &mut [f32], cases: &[Case], how: Training) {
    let mut per_family: BTreeMap<&str, f32> = BTreeMap::new();
    for c in cases {
        *per_family.entry(&c.family).or_default() += 1.0;
    }
    let families = per_family.len().max(1) as f32;
    let (mut m, mut v) = ([0.0f32; COUNT], [0.0f32; COUNT]);
    for step in 1..=how.steps {
        let mut gradient = [0.0f32; COUNT];
        for c in cases {
            let share = 1.0 / (per_family[c.family.as_str()] * families);
            let scores: Vec<f32> = c
                .options
                .iter()
                .map(|(f, rest, _)| -(f.0.iter().zip(&*weights).map(|(n, w)| n * w).sum::<f32>() + rest) / TEMPERATURE)
                .collect();
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            let mass: Vec<f32> = scores.iter().map(|s| (s - most).exp()).collect();
            let total: f32 = mass.iter().sum();
            let right: f32 = mass.iter().zip(&c.options).filter(|(_, o)| o.2).map(|(m, _)| m).sum();
            for (mass, (f, _, ok)) in mass.iter().zip(&c.options) {
                // Of the loss, by the score: what the model gives it less what it should have.
                let by = mass / total - if *ok { mass / right.max(1e-20) } else { 0.0 };
                for (g, n) in gradient.iter_mut().zip(f.0) {
                    *g -= share * by * n / TEMPERATURE;
                }
            }
        }
        let rate = 0.03 * (1.0 - step as f32 / (how.steps as f32 + 1.0));
        for i in 0..COUNT {
            let g = gradient[i] + how.pull * (weights[i] - PLAIN[i]) / families.sqrt();
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            let (mh, vh) = (m[i] / (1.0 - 0.9f32.powi(step as i32)), v[i] / (1.0 - 0.99f32.powi(step as i32)));
            weights[i] -= rate * mh / (vh.sqrt() + 1e-6);
            // A part that cost nothing would be free to repeat.
            let floor = match NAMES[i] {
                "Piece" => 0.3,
                _ if PAIRS.iter().any(|f| *f as usize == i) => LEAST_PAIR,
                _ => 0.0,
            };
            weights[i] = weights[i].max(floor);
        }
    }
}

/// How many of the tasks come out right on every test row, from the first `examples` of each.
pub fn right(tasks: &[Labelled], prior: &Prior, examples: usize, rows: bool, jobs: usize) -> Vec<bool> {
    spread(tasks, jobs, |t| {
        let given: Vec<usize> = (0..t.task.train.len().min(examples)).collect();
        let Some(mut p) = problem(&t.task, &given, &[]) else { return false };
        if rows {
            p.others = t.task.test.iter().map(|(i, _)| i.row()).collect();
        }
        let found: Result<_, Stop> = choose(&p, prior, 12, &mut budget());
        let Some(best) = found.ok().and_then(|f| f.into_iter().next()) else { return false };
        t.task.test.iter().all(|(i, o)| best.holes[0].eval(&i.row()).as_deref() == o.as_deref())
    })
}

/// The fold of a family.
pub fn fold(family: &str, folds: usize) -> usize {
    // A hash that stays the same from one version to the next.
    let h = family.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    (h >> 20) as usize % folds.max(1)
}
