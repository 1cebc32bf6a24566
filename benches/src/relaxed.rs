//! The relaxed mode on the CPU: ROAP's step beside torch, and many programs at once.

use nsp_kernels::cpu::{Cpu, Isa, Job, Program, Seeds};
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::Opcode;
use nsp_kernels::tape::Tape;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Instant;

pub const SIDE: usize = 64;
const BATCH: usize = 16;
const PRIMITIVES: usize = 32;
const LINES: usize = 20;

/// Runs all cases. A file given is the torch version of the step (`--threads N [--compile]`), whose JSON line has
/// `ms_median`.
pub fn run(args: &[String]) {
    step(args.first().map(String::as_str));
    population();
}

pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of wall milliseconds of some runs, after a few to warm up.
fn timed(runs: usize, mut f: impl FnMut()) -> f64 {
    (0..3).for_each(|_| f());
    let one = |f: &mut dyn FnMut()| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64() * 1e3
    };
    median((0..runs).map(|_| one(&mut f)).collect())
}

fn isas() -> Vec<(&'static str, Isa)> {
    let widest = Isa::detect();
    let all = [("sse2", Isa::Sse2), ("avx2", Isa::Avx2), ("avx512", Isa::Avx512)];
    all.into_iter().filter(|(_, isa)| *isa >= widest).collect()
}

/// The points of the unit square around 0, as torch's version has them.
pub fn points() -> (Vec<f32>, Vec<f32>) {
    let at = |i: usize| (i as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
    let xs = (0..SIDE * SIDE).map(|i| at(i % SIDE)).collect();
    let ys = (0..SIDE * SIDE).map(|i| at(i / SIDE)).collect();
    (xs, ys)
}

/// Uniform numbers from 0 to 1, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize % n
    }
}

fn softmax<'b>(b: &'b Builder, n: usize) -> Vec<Sym<'b>> {
    let logits: Vec<Sym<'b>> = (0..n).map(|_| b.add_param()).collect();
    let most = logits.iter().copied().reduce(Real::max).unwrap_or(Sym::Lit(0.0));
    let powers: Vec<Sym<'b>> = logits.iter().map(|x| (*x - most).exp()).collect();
    let sum = powers.iter().copied().reduce(|a, b| a + b).unwrap_or(Sym::Lit(1.0));
    let part = Sym::Lit(1.0) / sum;
    powers.into_iter().map(|p| p * part).collect()
}

fn occupancy<'b>(b: &'b Builder, d: Sym<'b>, k: Sym<'b>) -> Sym<'b> {
    b.op(Opcode::soft_nonnegative, &[-d, k])
}

fn circle<'b>(x: Sym<'b>, y: Sym<'b>, p: [Sym<'b>; 3]) -> Sym<'b> {
    let (dx, dy) = (x - p[0], y - p[1]);
    (dx * dx + dy * dy + Sym::Lit(1e-8)).sqrt() - p[2]
}

fn rectangle<'b>(x: Sym<'b>, y: Sym<'b>, p: [Sym<'b>; 5]) -> Sym<'b> {
    let (dx, dy, c, s) = (x - p[0], y - p[1], p[4].cos(), p[4].sin());
    let (u, v) = (c * dx + s * dy, c * dy - s * dx);
    (u.abs() - p[2]).max(v.abs() - p[3])
}

/// A relaxed straight-line program of 32 primitives and 20 lines (ROAP 2023, figure 9) with some starts and targets.
pub struct Roap {
    pub program: Program,
    pub start: Vec<Vec<f32>>,
    pub targets: Vec<Vec<f32>>,
}

/// The program with so many starts.
pub fn roap(batch: usize) -> Roap {
    let b = Builder::new(3, 0);
    let (x, y, target) = (b.input(0), b.input(1), b.input(2));
    let mut random = Random(7);
    let mut start: Vec<Vec<f32>> = vec![Vec::new(); batch];
    let mut lines: Vec<Sym<'_>> = Vec::new();
    for i in 0..PRIMITIVES {
        let round = i < PRIMITIVES / 2;
        let p: [Sym<'_>; 5] = std::array::from_fn(|k| if round && k > 2 { Sym::Lit(0.0) } else { b.add_param() });
        for row in &mut start {
            let mut within = |a: f64, w: f64| row.push((a + w * random.next()) as f32);
            within(-0.8, 1.6);
            within(-0.8, 1.6);
            within(0.1, 0.4);
            if !round {
                within(0.1, 0.4);
                within(0.0, std::f64::consts::PI);
            }
        }
        let d = if round { circle(x, y, [p[0], p[1], p[2]]) } else { rectangle(x, y, p) };
        lines.push(occupancy(&b, d, Sym::Lit(20.0)));
    }
    for _ in 0..LINES {
        let sides: Vec<Sym<'_>> = (0..2)
            .map(|_| {
                let weights = softmax(&b, lines.len());
                b.dot(&weights.iter().copied().zip(lines.iter().copied()).collect::<Vec<_>>())
            })
            .collect();
        let (l, r) = (sides[0], sides[1]);
        let w = softmax(&b, 3);
        lines.push(b.dot(&[(w[0], l.max(r)), (w[1], l.min(r)), (w[2], (l - r).max(Sym::Lit(0.0)))]));
    }
    let weights = softmax(&b, lines.len());
    let out = b.dot(&weights.iter().copied().zip(lines.iter().copied()).collect::<Vec<_>>());
    let tape = b.finish(&[(out - target) * (out - target)]);
    for row in &mut start {
        while row.len() < tape.params {
            row.push((2.0 * random.next() - 1.0) as f32);
        }
    }
    let program = Program::new(&tape);
    let mut target = || (0..SIDE * SIDE).map(|_| if random.next() > 0.5 { 1.0 } else { 0.0 }).collect();
    let targets = (0..batch).map(|_| target()).collect();
    Roap { program, start, targets }
}

/// ROAP's step: 16 programs at 4,096 points, forward and backward.
fn step(torch: Option<&str>) {
    let Roap { program, start, targets } = roap(BATCH);
    let (xs, ys) = points();
    let columns: Vec<[&[f32]; 3]> = targets.iter().map(|t| [&xs[..], &ys[..], &t[..]]).collect();
    let jobs: Vec<Job<'_>> = columns
        .iter()
        .zip(&start)
        .map(|(inputs, params)| Job { program: &program, inputs, points: SIDE * SIDE, params })
        .collect();
    let weight = [1.0 / (SIDE * SIDE) as f32];
    let seeds = vec![Seeds::Weights(&weight); BATCH];
    for threads in [1, 2] {
        let eager = torch.and_then(|t| peer(t, threads, false));
        let compiled = torch.and_then(|t| peer(t, threads, true));
        for (name, isa) in isas() {
            let cpu = Cpu { threads, isa, cancel: None };
            let ours = timed(31, || {
                let _ = cpu.gradient(&jobs, &seeds, false);
            });
            for (peer, ms) in [("torch", eager), ("torch.compile", compiled)] {
                let case = format!("roap step, {name}, {threads} threads");
                println!(
                    "{}",
                    json!({"case": case, "ours_ms": ours, "peer": peer, "peer_ms": ms, "ratio": ms.map(|m| ours / m)})
                );
            }
        }
    }
}

/// Milliseconds of torch's version; `None` where it is not installed.
fn peer(file: &str, threads: usize, compile: bool) -> Option<f64> {
    let mut command = Command::new("python3");
    command.args([file, "--threads", &threads.to_string()]);
    if compile {
        command.arg("--compile");
    }
    let out = command.output().ok()?;
    let line: Value = serde_json::from_slice(&out.stdout).ok()?;
    line.get("ms_median")?.as_f64()
}

/// Different shapes of 30 primitives each with their parameters.
pub fn shapes(count: usize) -> Vec<(Tape, Vec<f32>)> {
    let mut random = Random(11);
    let mut all = Vec::new();
    for _ in 0..count {
        let b = Builder::new(2, 0);
        let (x, y) = (b.input(0), b.input(1));
        let k = b.positive_param(0);
        b.add_param();
        let mut row = vec![20.0f32];
        let mut whole: Option<Sym<'_>> = None;
        for _ in 0..30 {
            let round = random.below(2) == 0;
            let p: [Sym<'_>; 5] = std::array::from_fn(|i| if round && i > 2 { Sym::Lit(0.0) } else { b.add_param() });
            let mut within = |a: f64, w: f64| row.push((a + w * random.next()) as f32);
            within(-0.8, 1.6);
            within(-0.8, 1.6);
            within(0.1, 0.4);
            if !round {
                within(0.1, 0.4);
                within(0.0, std::f64::consts::PI);
            }
            let d = if round { circle(x, y, [p[0], p[1], p[2]]) } else { rectangle(x, y, p) };
            let part = occupancy(&b, d, k);
            whole = Some(match (whole, random.below(3)) {
                (None, _) => part,
                (Some(w), 0) => w.max(part),
                (Some(w), 1) => w.min(part),
                (Some(w), _) => (w - part).max(Sym::Lit(0.0)),
            });
        }
        let tape = b.finish(&[whole.unwrap_or(Sym::Lit(0.0))]);
        all.push((tape, row));
    }
    all
}

/// 1,000 different programs of 30 primitives at 64 x 64 points, forward. The bound stated is one operation of the widest
/// vectors a cycle at 3 GHz.
fn population() {
    let shapes = shapes(1000);
    let nodes: usize = shapes.iter().map(|(tape, _)| tape.varying().iter().filter(|v| **v).count()).sum();
    let (programs, params): (Vec<Program>, Vec<Vec<f32>>) =
        shapes.into_iter().map(|(tape, params)| (Program::new(&tape), params)).unzip();
    let (xs, ys) = points();
    let inputs = [&xs[..], &ys[..]];
    let jobs: Vec<Job<'_>> = programs
        .iter()
        .zip(&params)
        .map(|(program, params)| Job { program, inputs: &inputs, points: SIDE * SIDE, params })
        .collect();
    let mut out = vec![vec![0.0f32; SIDE * SIDE]; jobs.len()];
    for (name, isa) in isas() {
        for threads in [1, 2] {
            let cpu = Cpu { threads, isa, cancel: None };
            let ours = timed(7, || {
                let mut columns: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
                let _ = cpu.forward(&jobs, &mut columns);
            });
            let lanes =
                [("sse2", 4.0), ("avx2", 8.0), ("avx512", 16.0)].iter().find(|l| l.0 == name).map_or(4.0, |l| l.1);
            let bound = nodes as f64 * (SIDE * SIDE) as f64 / lanes / 3e6 / threads as f64;
            let case = format!("1000 programs of 30 primitives, {name}, {threads} threads");
            println!(
                "{}",
                json!({"case": case, "ours_ms": ours, "peer": "one vector a cycle", "peer_ms": bound, "ratio": ours / bound})
            );
        }
    }
}
