//! Times of two kinds of work, for each instruction set: one gradient step of a relaxed straight-line program (ROAP,
//! Tang and Ellis 2023: 32 primitives, 20 lines, 16 programs of 4,096 points), and the values of 1,000 different shapes
//! of 30 primitives at 4,096 points.
//!
//! `cargo run --release -p nsp-kernels --example roap_step [runs [avx512|avx2|sse2]]`

use nsp_kernels::cpu::{Cpu, Isa, Job, Program, Seeds};
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::Opcode;
use nsp_kernels::tape::Tape;
use std::time::Instant;

const SIDE: usize = 64;
const PROGRAMS: usize = 16;
const LINES: usize = 20;

fn main() {
    let runs = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut random = Random(1);
    let (x, y) = grid();

    let tape = straight_line();
    let program = Program::new(&tape);
    println!("step: {} nodes, {} parameters", tape.len(), tape.params);
    let params: Vec<Vec<f32>> = (0..PROGRAMS).map(|_| straight_line_params(&mut random)).collect();
    let targets: Vec<Vec<f32>> =
        (0..PROGRAMS).map(|_| x.iter().map(|_| if random.uniform() > 0.5 { 1.0 } else { 0.0 }).collect()).collect();
    let inputs: Vec<[&[f32]; 3]> = targets.iter().map(|t| [&x[..], &y[..], &t[..]]).collect();
    let jobs: Vec<Job<'_>> = (0..PROGRAMS)
        .map(|j| Job { program: &program, inputs: &inputs[j], points: x.len(), params: &params[j] })
        .collect();
    let weight = [1.0 / (x.len() * PROGRAMS) as f32];
    let seeds = vec![Seeds::Weights(&weight); PROGRAMS];
    for (isa, threads) in settings() {
        let cpu = Cpu { threads, isa, cancel: None };
        time(&format!("step, {isa:?}, {threads} threads"), runs, || cpu.gradient(&jobs, &seeds, false).is_ok());
        time(&format!("step forward, {isa:?}, {threads} threads"), runs, || cpu.sums(&jobs).is_ok());
    }

    #[cfg(feature = "gpu")]
    for kernels in [nsp_kernels::gpu::Kernels::Specialised] {
        use nsp_kernels::exec::Executor;
        let gpu = nsp_kernels::gpu::Gpu::open("gpu").unwrap().with(kernels);
        let start = Instant::now();
        gpu.gradient(&jobs, &seeds, false).unwrap();
        println!("first {:?}, {} kernels", start.elapsed(), gpu.compiled());
        time(&format!("step, gpu {kernels:?}"), 5, || gpu.gradient(&jobs, &seeds, false).is_ok());
        time(&format!("step forward, gpu {kernels:?}"), 5, || gpu.sums(&jobs).is_ok());
    }

    let programs: Vec<(Program, Vec<f32>)> = (0..1000).map(|_| shape(&mut random)).collect();
    let nodes: usize = programs.iter().map(|(p, _)| p.tape().len()).sum();
    println!("shapes: {} nodes on average", nodes / programs.len());
    let inputs = [&x[..], &y[..]];
    let jobs: Vec<Job<'_>> =
        programs.iter().map(|(program, params)| Job { program, inputs: &inputs, points: x.len(), params }).collect();
    let mut out = vec![vec![0.0; x.len()]; jobs.len()];
    #[cfg(feature = "gpu")]
    {
        use nsp_kernels::exec::Executor;
        let gpu = nsp_kernels::gpu::Gpu::open("gpu").unwrap();
        let mut columns: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        time("shapes, gpu", 3, || gpu.forward(&jobs[..100], &mut columns[..100]).is_ok());
        let seeds = vec![Seeds::Weights(&[1.0]); 100];
        time("shapes gradient, gpu", 3, || gpu.gradient(&jobs[..100], &seeds, false).is_ok());
        println!("{} kernels", gpu.compiled());
    }
    for (isa, threads) in settings() {
        let cpu = Cpu { threads, isa, cancel: None };
        let mut columns: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        time(&format!("shapes, {isa:?}, {threads} threads"), runs / 4, || cpu.forward(&jobs, &mut columns).is_ok());
    }
}

fn settings() -> impl Iterator<Item = (Isa, usize)> {
    let only = std::env::args().nth(2);
    let wanted = move |isa: &Isa| only.as_ref().is_none_or(|name| format!("{isa:?}").eq_ignore_ascii_case(name));
    let sets = Isa::ALL.into_iter().filter(|isa| isa.available() && *isa != Isa::Portable).filter(wanted);
    sets.flat_map(|isa| [(isa, 1), (isa, 2)])
}

fn time(what: &str, runs: usize, mut work: impl FnMut() -> bool) {
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..runs.max(3) {
        let start = Instant::now();
        assert!(work());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{what:35} {:7.2} ms median {:7.2} least", times[times.len() / 2], times[0]);
}

/// Pixel centres in `[-1, 1]^2`.
fn grid() -> (Vec<f32>, Vec<f32>) {
    let at = |i: usize| (i as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
    (0..SIDE * SIDE).map(|i| (at(i % SIDE), at(i / SIDE))).unzip()
}

/// Parameters in their order.
struct Params<'b> {
    builder: &'b Builder,
    next: usize,
}

impl<'b> Params<'b> {
    fn take<const N: usize>(&mut self) -> [Sym<'b>; N] {
        self.next += N;
        std::array::from_fn(|i| self.builder.param(self.next - N + i))
    }

    fn softmax(&mut self, n: usize) -> Vec<Sym<'b>> {
        let e: Vec<Sym<'b>> = (0..n).map(|_| self.take::<1>()[0].exp()).collect();
        let sum = e.iter().copied().reduce(|a, b| a + b).unwrap_or(Sym::Lit(1.0));
        e.into_iter().map(|e| e / sum).collect()
    }
}

fn circle<'b>(x: Sym<'b>, y: Sym<'b>, [cx, cy, r]: [Sym<'b>; 3]) -> Sym<'b> {
    let (dx, dy) = (x - cx, y - cy);
    (dx * dx + dy * dy + Sym::Lit(1e-8)).sqrt() - r
}

fn rectangle<'b>(x: Sym<'b>, y: Sym<'b>, [cx, cy, w, h, angle]: [Sym<'b>; 5]) -> Sym<'b> {
    let (dx, dy, co, si) = (x - cx, y - cy, angle.cos(), angle.sin());
    let (u, v) = (co * dx + si * dy, co * dy - si * dx);
    (u.abs() - w).max(v.abs() - h)
}

fn occupancy(distance: Sym<'_>) -> Sym<'_> {
    Sym::op(Opcode::sigmoid, &[distance * Sym::Lit(-20.0)])
}

/// Inputs x, y and target; output the squared error.
fn straight_line() -> Tape {
    let selectors: usize = (0..LINES).map(|l| 2 * (32 + l) + 3).sum();
    let b = Builder::new(3, 16 * 3 + 16 * 5 + selectors + 32 + LINES);
    let (x, y, target) = (b.input(0), b.input(1), b.input(2));
    let mut params = Params { builder: &b, next: 0 };
    let mut values: Vec<Sym<'_>> = (0..16).map(|_| occupancy(circle(x, y, params.take()))).collect();
    values.extend((0..16).map(|_| occupancy(rectangle(x, y, params.take()))));
    for _ in 0..LINES {
        let [s, t] = [0, 1].map(|_| select(&b, &params.softmax(values.len()), &values));
        let ops = params.softmax(3);
        values.push(select(&b, &ops, &[s.max(t), s.min(t), (s - t).max(Sym::Lit(0.0))]));
    }
    let error = select(&b, &params.softmax(values.len()), &values) - target;
    b.finish(&[error * error])
}

fn select<'b>(b: &'b Builder, weights: &[Sym<'b>], values: &[Sym<'b>]) -> Sym<'b> {
    b.dot(&weights.iter().copied().zip(values.iter().copied()).collect::<Vec<_>>())
}

fn straight_line_params(random: &mut Random) -> Vec<f32> {
    let mut params = Vec::new();
    for _ in 0..16 {
        params.extend([random.between(-0.8, 0.8), random.between(-0.8, 0.8), random.between(0.1, 0.5)]);
    }
    for _ in 0..16 {
        params.extend(random.rectangle());
    }
    let logits = (0..LINES).map(|l| 2 * (32 + l) + 3).sum::<usize>() + 32 + LINES;
    params.extend((0..logits).map(|_| random.between(-1.5, 1.5)));
    params
}

/// A soft shape of 30 circles and rectangles, joined in random order.
fn shape(random: &mut Random) -> (Program, Vec<f32>) {
    let b = Builder::new(2, 1 + 30 * 5);
    let (x, y, k) = (b.input(0), b.input(1), b.positive_param(0));
    let (mut params, mut numbers) = (Params { builder: &b, next: 1 }, vec![40.0]);
    let mut parts: Vec<Sym<'_>> = Vec::new();
    for i in 0..30 {
        let distance = if i % 2 == 0 {
            numbers.extend([random.between(-0.8, 0.8), random.between(-0.8, 0.8), random.between(0.1, 0.5)]);
            circle(x, y, params.take())
        } else {
            numbers.extend(random.rectangle());
            rectangle(x, y, params.take())
        };
        parts.push(b.op(Opcode::soft_nonnegative, &[-distance, k]));
    }
    while parts.len() > 1 {
        let i = (random.uniform() * (parts.len() - 1) as f32) as usize;
        let second = parts.remove(i + 1);
        parts[i] = match (random.uniform() * 3.0) as usize {
            0 => parts[i].max(second),
            1 => parts[i].min(second),
            _ => (parts[i] - second).max(Sym::Lit(0.0)),
        };
    }
    numbers.resize(1 + 30 * 5, 0.0);
    (Program::new(&b.finish(&parts)), numbers)
}

/// A small generator (xorshift).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    fn rectangle(&mut self) -> [f32; 5] {
        let [cx, cy] = [0, 1].map(|_| self.between(-0.8, 0.8));
        let [w, h] = [0, 1].map(|_| self.between(0.1, 0.5));
        [cx, cy, w, h, self.between(0.0, 3.1)]
    }
}
