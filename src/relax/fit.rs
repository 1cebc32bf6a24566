//! Fitting the holes of a program to data by gradient descent on its relaxed meaning.
//!
//! Several restarts run side by side, each with its own Adam. Numbers are moved in units of their range and kept inside
//! it; choices are logits, to which Gumbel noise may be added before the softmax (ROAP 2023, section 3, equation 4), with
//! a temperature that falls and a sharpness that grows. With several samples a step, the one of least loss is followed
//! ("min-sampling"). The length of sketches may be added to the loss from half way on. What counts in the end is the
//! discrete program: it is tried again and again along the way, and the best one is kept.

use super::data::Data;
use super::loss::Loss;
use super::lower::Lower;
use super::params::{Param, Params, TEMPERATURE};
use crate::search::{Budget, Stop};
use crate::source::Span;
use crate::vm::ctx::{Ctx, Progress};
use crate::vm::limits::Fail;
use crate::vm::value::Closure;
use nsp_kernels::exec::{Device, Error, Executor, Job, Seeds};
use nsp_kernels::program::Program;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::tape::{Node, Tape};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::{Duration, Instant};

/// How to fit.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is made small.
    pub loss: Loss,
    /// Steps of each restart.
    pub steps: usize,
    /// Adam's step: for numbers in units of their range, for logits [`LOGIT_STEP`] times it.
    pub lr: f64,
    /// How many starts.
    pub restarts: usize,
    /// Draws of Gumbel noise a step, of which the best is followed.
    pub samples: usize,
    /// Decides everything random.
    pub seed: u64,
    /// Whether Gumbel noise is added to logits.
    pub gumbel: bool,
    /// Temperature at the start and at the end.
    pub temperature: (f64, f64),
    /// Sharpness at the start and at the end.
    pub sharpness: (f64, f64),
    /// What a line of a sketch costs, from half way on.
    pub length: f64,
    /// Where the relaxed program runs.
    pub device: Device,
}

/// What a fit found.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Parameters of the best discrete program.
    pub values: Vec<f64>,
    /// Its loss.
    pub loss: f64,
    /// Least relaxed loss among the restarts, step by step.
    pub curve: Vec<f64>,
    /// Steps that were done.
    pub steps: usize,
    /// Why it stopped early.
    pub stopped: Option<Stop>,
    /// What the parameters are.
    pub params: Params,
    /// How many operations the tape has.
    pub tape: usize,
}

/// A fit is tried as a discrete program this often.
const TRIALS: usize = 20;
/// A logit has further to go than a number has within its range.
pub const LOGIT_STEP: f64 = 4.0;
/// How often progress is told.
const TOLD: Duration = Duration::from_millis(100);
/// The temperature at which discrete programs are tried: softmax weights are 0 and 1 there.
const COLD: f64 = 1e-6;
/// A loss below this is none.
const SOLVED: f64 = 1e-9;
/// How often a restart begins anew when its numbers become infinite.
const MOST_FAILURES: usize = 100;

/// Fits a function to data.
pub fn fit(cx: &mut Ctx<'_>, f: &Closure, data: &Data, o: &Options, budget: &mut Budget) -> Result<Fitted, Fail> {
    check(o, data)?;
    let b = Builder::new(0, 0);
    let mut lower = Lower::new(cx, &b);
    let value = lower.call_with_inputs(f, &data.samples)?;
    let outputs = lower.outputs(&value)?;
    if outputs.len() != data.targets.len() {
        return Err(format!("the function gives {} numbers, the data {}", outputs.len(), data.targets.len()).into());
    }
    let targets: Vec<Sym<'_>> = outputs.iter().map(|_| b.add_input()).collect();
    let mut terms = o.loss.terms(&outputs, &targets);
    let length = lower.lengths.iter().copied().reduce(|a, b| a + b);
    terms.push(length.unwrap_or(Sym::Lit(0.0)));
    let tape = b.finish(&terms);
    let (params, spans) = (lower.params, lower.spans);
    if params.all.len() <= TEMPERATURE + 1 {
        return Err(Fail::from("there is nothing to fit: the function has no holes")
            .help("write `??(lo..hi)` for a number, `??{a | b}` for a choice, or a `straightline` sketch"));
    }
    let columns: Vec<&[f32]> = data.inputs.iter().chain(&data.targets).map(Vec::as_slice).collect();
    let scale = if o.loss == Loss::Mse && data.extent.is_none() { data.variance() } else { 1.0 };
    let n = (data.points() * data.targets.len()) as f64;
    let size = tape.len();
    // Paid for before it begins: what is counted is the same whatever the machine.
    let tracks = o.restarts.max(1) * o.samples.max(1);
    cx.charge(tracks * params.all.len() * 48)?;
    let turns = (o.steps as u64).saturating_mul(tracks as u64);
    cx.meter.work(turns.saturating_mul((size * data.points()) as u64 / 64).saturating_add(turns))?;
    let progress = cx.env.progress.clone();
    let cancel = cx.env.cancel.clone();
    let on = o.device.executor(Some(cancel.flag())).map_err(|e| Fail::from(e.to_string()))?;
    let mut run = Run {
        progress: progress.clone(),
        soft: Program::new(&tape),
        hard: Program::new(&tape.hard()),
        on,
        tape,
        spans: &spans,
        params: &params,
        columns,
        points: data.points(),
        n,
        scale,
        o,
        best: None,
        curve: Vec::new(),
    };
    let descent = run.descend(budget);
    if let Some(p) = progress {
        p("", 1.0);
    }
    let (steps, stopped) = descent?;
    let (best, curve) = (run.best.take(), std::mem::take(&mut run.curve));
    drop(run);
    let (values, loss) = match best {
        Some(b) => (b.values, b.loss),
        None => (params.start(), f64::INFINITY),
    };
    Ok(Fitted { values, loss, curve, steps, stopped, params, tape: size })
}

fn check(o: &Options, data: &Data) -> Result<(), Fail> {
    if data.points() == 0 {
        return Err("there are no examples to fit".into());
    }
    for (name, x) in [
        ("lr", o.lr),
        ("temperature", o.temperature.0),
        ("cold", o.temperature.1),
        ("sharpness", o.sharpness.0),
        ("sharp", o.sharpness.1),
    ] {
        if !(x.is_finite() && x > 0.0) {
            return Err(format!("`{name}` must be above 0, but it is {x}").into());
        }
    }
    if !(o.length.is_finite() && o.length >= 0.0) {
        return Err(format!("`length` must not be negative, but it is {}", o.length).into());
    }
    Ok(())
}

/// A discrete program that was tried.
struct Trial {
    values: Vec<f64>,
    loss: f64,
    score: f64,
}

/// A start with what Adam remembers.
struct Restart {
    rng: StdRng,
    /// Numbers from 0 to 1 within their range, and logits.
    at: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
    failures: usize,
}

struct Run<'a> {
    tape: Tape,
    soft: Program,
    hard: Program,
    on: Box<dyn Executor + 'a>,
    spans: &'a [Span],
    params: &'a Params,
    columns: Vec<&'a [f32]>,
    points: usize,
    n: f64,
    scale: f64,
    o: &'a Options,
    best: Option<Trial>,
    curve: Vec<f64>,
    progress: Option<Progress>,
}

impl Run<'_> {
    fn descend(&mut self, budget: &mut Budget) -> Result<(usize, Option<Stop>), Fail> {
        let mut restarts: Vec<Restart> = (0..self.o.restarts.max(1)).map(|r| self.restart(r as u64)).collect();
        self.try_all(&restarts)?;
        let every = (self.o.steps / TRIALS).max(1);
        let mut told = Instant::now();
        for step in 0..self.o.steps {
            if let (Some(p), true) = (&self.progress, told.elapsed() > TOLD) {
                let loss = self.best.as_ref().map_or(f64::INFINITY, |b| b.loss);
                p(&format!("fit: loss {loss:.2e}"), step as f64 / self.o.steps as f64);
                told = Instant::now();
            }
            if let Err(stop) = budget.spend().and_then(|()| budget.look()) {
                self.try_all(&restarts)?;
                return Ok((step, Some(stop)));
            }
            self.step(&mut restarts, step)?;
            if (step + 1) % every == 0 || step + 1 == self.o.steps {
                self.try_all(&restarts)?;
                let fixed = !self.params.all.iter().any(|p| matches!(p, Param::Number { whole: false, .. }));
                let done = self.best.as_ref().is_some_and(|b| b.loss < SOLVED);
                if done && fixed && self.o.length == 0.0 {
                    return Ok((step + 1, None));
                }
            }
        }
        Ok((self.o.steps, None))
    }

    fn restart(&self, index: u64) -> Restart {
        // Streams of neighbouring seeds and restarts must not meet.
        let mut rng = StdRng::seed_from_u64(self.o.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index));
        let at = self.start(&mut rng, index == 0);
        let zeros = vec![0.0; at.len()];
        Restart { rng, first: zeros.clone(), second: zeros, at, steps: 0, failures: 0 }
    }

    /// Numbers where the program says, or anywhere in their range; logits around 0.
    fn start(&self, rng: &mut StdRng, given: bool) -> Vec<f64> {
        let mut one = |p: &Param| match p {
            Param::Sharpness | Param::Temperature => 0.0,
            Param::Number { lo, hi, start: Some(s), .. } if given => (s - lo) / (hi - lo),
            Param::Number { .. } => rng.random::<f64>(),
            Param::Logit { .. } => normal(rng),
        };
        self.params.all.iter().map(&mut one).collect()
    }

    /// The tape's parameters for a start, with noise on the logits.
    fn values(&self, r: &Restart, noise: Option<&[f64]>, temperature: f64, sharpness: f64) -> Vec<f32> {
        let one = |(i, p): (usize, &Param)| match p {
            Param::Sharpness => sharpness,
            Param::Temperature => temperature,
            Param::Number { lo, hi, .. } => lo + r.at[i] * (hi - lo),
            Param::Logit { .. } => r.at[i] + noise.map_or(0.0, |n| n[i]),
        };
        self.params.all.iter().enumerate().map(one).map(|x| x as f32).collect()
    }

    fn job<'j>(&'j self, program: &'j Program, params: &'j [f32]) -> Job<'j> {
        Job { program, inputs: &self.columns, points: self.points, params }
    }

    fn loss(&self, sums: &[f64]) -> f64 {
        self.o.loss.value(&sums[..sums.len() - 1], self.n, self.scale)
    }

    /// One step of every restart.
    fn step(&mut self, restarts: &mut [Restart], step: usize) -> Result<(), Fail> {
        let part = step as f64 / (self.o.steps.max(2) - 1) as f64;
        let between = |(a, b): (f64, f64)| a * (b / a).powf(part);
        let (temperature, sharpness) = (between(self.o.temperature), between(self.o.sharpness));
        let length = if 2 * step >= self.o.steps { self.o.length } else { 0.0 };
        let noisy = self.o.gumbel && !self.params.groups.is_empty();
        let samples = if noisy { self.o.samples.max(1) } else { 1 };
        loop {
            let mut all = Vec::new();
            for r in restarts.iter_mut() {
                for _ in 0..samples {
                    let noise = noisy.then(|| (0..r.at.len()).map(|_| gumbel(&mut r.rng)).collect::<Vec<f64>>());
                    all.push(self.values(r, noise.as_deref(), temperature, sharpness));
                }
            }
            match self.gradients(&all, samples, length) {
                Ok(found) => {
                    let least = found.iter().map(|f| f.0).fold(f64::INFINITY, f64::min);
                    self.curve.push(least);
                    for (r, (_, gradient)) in restarts.iter_mut().zip(found) {
                        self.adam(r, &gradient);
                    }
                    return Ok(());
                }
                Err(Error::NonFinite { job, node, name, .. }) => {
                    if matches!(self.tape.nodes.get(node as usize), Some(Node::Input(_))) {
                        return Err(Fail::new(
                            super::function::NOT_FINITE,
                            "the data holds a number that is not finite",
                        ));
                    }
                    let r = &mut restarts[job / samples];
                    r.failures += 1;
                    if r.failures > MOST_FAILURES {
                        let fail = Fail::new(
                            super::function::NOT_FINITE,
                            format!("wherever the fit starts, `{name}` gives a number that is not finite"),
                        );
                        let origin = self.tape.origins.get(node as usize).and_then(|o| self.spans.get(*o as usize));
                        return Err(origin.map_or(fail.clone(), |s| fail.clone().at(*s, "computed here")));
                    }
                    r.at = self.start(&mut r.rng, false);
                    r.first.fill(0.0);
                    r.second.fill(0.0);
                    r.steps = 0;
                }
                Err(e) => return Err(failed(&e)),
            }
        }
    }

    /// For each restart the loss and gradient of its best sample.
    fn gradients(&self, all: &[Vec<f32>], samples: usize, length: f64) -> Result<Vec<(f64, Vec<f32>)>, Error> {
        let jobs: Vec<Job<'_>> = all.iter().map(|p| self.job(&self.soft, p)).collect();
        let two_pass = samples > 1 || self.o.loss == Loss::Iou;
        let sums = if two_pass { self.on.sums(&jobs)? } else { Vec::new() };
        let chosen: Vec<usize> = (0..all.len() / samples)
            .map(|r| {
                let of = r * samples..(r + 1) * samples;
                of.min_by(|a, b| {
                    let at = |i: usize| sums.get(i).map_or(0.0, |s| self.loss(s));
                    at(*a).total_cmp(&at(*b))
                })
                .unwrap_or(r * samples)
            })
            .collect();
        let jobs: Vec<Job<'_>> = chosen.iter().map(|i| jobs[*i]).collect();
        let weights: Vec<Vec<f32>> = chosen
            .iter()
            .map(|i| {
                let known: &[f64] = sums.get(*i).map_or(&[], |s| &s[..s.len() - 1]);
                let mut w = self.o.loss.slopes(known, self.n, self.scale);
                w.push((length / self.points as f64) as f32);
                w
            })
            .collect();
        let seeds: Vec<Seeds<'_>> = weights.iter().map(|w| Seeds::Weights(w)).collect();
        let found = self.on.gradient(&jobs, &seeds, false)?;
        Ok(found.into_iter().map(|g| (self.loss(&g.sums), g.params)).collect())
    }

    /// Adam (Kingma and Ba, 2014) with its usual constants.
    fn adam(&self, r: &mut Restart, gradient: &[f32]) {
        const FIRST: f64 = 0.9;
        const SECOND: f64 = 0.999;
        const SMALL: f64 = 1e-8;
        r.steps += 1;
        let (fix1, fix2) = (1.0 - FIRST.powi(r.steps), 1.0 - SECOND.powi(r.steps));
        for (i, p) in self.params.all.iter().enumerate() {
            let (width, lr) = match p {
                Param::Sharpness | Param::Temperature => continue,
                Param::Number { lo, hi, .. } => (hi - lo, self.o.lr),
                Param::Logit { .. } => (1.0, LOGIT_STEP * self.o.lr),
            };
            let g = f64::from(gradient[i]) * width;
            r.first[i] = FIRST * r.first[i] + (1.0 - FIRST) * g;
            r.second[i] = SECOND * r.second[i] + (1.0 - SECOND) * g * g;
            r.at[i] -= lr * (r.first[i] / fix1) / ((r.second[i] / fix2).sqrt() + SMALL);
            if matches!(p, Param::Number { .. }) {
                r.at[i] = r.at[i].clamp(0.0, 1.0);
            }
        }
    }

    /// The discrete program of each restart, tried on the data.
    fn try_all(&mut self, restarts: &[Restart]) -> Result<(), Fail> {
        for r in restarts {
            let values = self.discrete(r);
            let params: Vec<f32> = values.iter().map(|x| *x as f32).collect();
            let found = self.on.sums(&[self.job(&self.hard, &params)]);
            let sums = match found {
                Ok(mut s) => s.remove(0),
                // A discrete program without a value is none.
                Err(Error::NonFinite { .. }) => continue,
                Err(e) => return Err(failed(&e)),
            };
            let loss = self.loss(&sums);
            let length = sums.last().copied().unwrap_or(0.0) / self.points as f64;
            // Of equal programs the shorter.
            let score = loss + (self.o.length + 1e-9) * length;
            if self.best.as_ref().is_none_or(|b| score < b.score) {
                self.best = Some(Trial { values, loss, score });
            }
        }
        Ok(())
    }

    /// Whole numbers are rounded, numbers written as they will be printed, choices made.
    fn discrete(&self, r: &Restart) -> Vec<f64> {
        let one = |(i, p): (usize, &Param)| match p {
            Param::Sharpness => self.o.sharpness.1,
            Param::Temperature => COLD,
            Param::Number { lo, hi, .. } => p.discrete(lo + r.at[i] * (hi - lo)),
            Param::Logit { .. } => 0.0,
        };
        let mut out: Vec<f64> = self.params.all.iter().enumerate().map(one).collect();
        for g in &self.params.groups {
            let logits = &r.at[g.first..g.first + g.len];
            let best = (0..g.len).reduce(|best, i| if logits[i] > logits[best] { i } else { best }).unwrap_or(0);
            for i in 0..g.len {
                // Far enough apart that the others' weights are 0.
                out[g.first + i] = if i == best { 0.0 } else { -1e4 };
            }
        }
        out
    }
}

fn failed(error: &Error) -> Fail {
    match error {
        Error::Cancelled => Fail::new(crate::vm::limits::code::CANCELLED, "interrupted"),
        error => Fail::from(error.to_string()),
    }
}

/// A draw from the standard normal distribution, by Box and Muller.
fn normal(rng: &mut StdRng) -> f64 {
    let u: f64 = 1.0 - rng.random::<f64>();
    let v: f64 = rng.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A draw from the standard Gumbel distribution.
fn gumbel(rng: &mut StdRng) -> f64 {
    let u: f64 = 1.0 - rng.random::<f64>();
    -(-u.ln()).max(1e-300).ln()
}
