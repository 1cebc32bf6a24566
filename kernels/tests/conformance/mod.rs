//! What every executor of tapes is held to: the plain reference in `f64`. Generic over the executor; `tests/cpu.rs` and
//! its like each name theirs.

mod generate;

use generate::random_tape;
use nsp_kernels::exec::{Executor, Job, Seeds};
use nsp_kernels::program::Program;
use nsp_kernels::real::Real;
use nsp_kernels::reference;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::{Opcode, SCALARS};
use nsp_kernels::tape::{Node, Tape};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// An executor.
pub trait Backend {
    /// The outputs of several tapes: by job, output and point.
    fn forward(&self, jobs: &[Case]) -> Vec<Vec<Vec<f32>>>;
    /// The gradients of the sums over outputs and points of `seed * output`; `seeds` by job, output and point.
    fn gradient(&self, jobs: &[Case], seeds: &[Vec<Vec<f32>>]) -> Vec<Derivatives>;
}

/// An executor that is held to the suite.
pub struct On<E>(pub E);

impl<E: Executor> Backend for On<E> {
    fn forward(&self, cases: &[Case]) -> Vec<Vec<Vec<f32>>> {
        with_jobs(cases, |jobs| {
            let mut out: Vec<Vec<Vec<f32>>> =
                cases.iter().map(|c| vec![vec![f32::NAN; c.points]; c.tape.outputs.len()]).collect();
            let mut columns: Vec<&mut [f32]> = out.iter_mut().flatten().map(Vec::as_mut_slice).collect();
            self.0.forward(jobs, &mut columns).unwrap();
            out
        })
    }

    fn gradient(&self, cases: &[Case], seeds: &[Vec<Vec<f32>>]) -> Vec<Derivatives> {
        let columns: Vec<Vec<&[f32]>> = seeds.iter().map(|s| s.iter().map(Vec::as_slice).collect()).collect();
        let seeds: Vec<Seeds<'_>> = columns.iter().map(|c| Seeds::Columns(c)).collect();
        with_jobs(cases, |jobs| {
            let full = self.0.gradient(jobs, &seeds, true).unwrap();
            let params = self.0.gradient(jobs, &seeds, false).unwrap();
            let sums = self.0.sums(jobs).unwrap();
            for ((full, params), sums) in full.iter().zip(&params).zip(&sums) {
                assert_eq!(params.inputs, None);
                for (a, b) in params.sums.iter().zip(sums) {
                    assert!((a - b).abs() <= 1e-5 * (1.0 + a.abs()), "the sum is {a} with a gradient, {b} without");
                }
                for (a, b) in full.params.iter().zip(&params.params) {
                    assert!((a - b).abs() <= 1e-5 * (1.0 + a.abs()), "{a} with inputs, {b} without");
                }
            }
            full.into_iter()
                .map(|g| Derivatives { sums: g.sums, params: g.params, inputs: g.inputs.unwrap() })
                .collect()
        })
    }
}

fn with_jobs<R>(cases: &[Case], run: impl FnOnce(&[Job<'_>]) -> R) -> R {
    let programs: Vec<Program> = cases.iter().map(|c| Program::new(&c.tape)).collect();
    let inputs: Vec<Vec<&[f32]>> = cases.iter().map(|c| c.inputs.iter().map(Vec::as_slice).collect()).collect();
    let jobs: Vec<Job<'_>> = (0..cases.len())
        .map(|j| Job { program: &programs[j], inputs: &inputs[j], points: cases[j].points, params: &cases[j].params })
        .collect();
    run(&jobs)
}

/// A tape with its data.
pub struct Case {
    /// The tape.
    pub tape: Tape,
    /// Input columns.
    pub inputs: Vec<Vec<f32>>,
    /// How long they are.
    pub points: usize,
    /// Parameters.
    pub params: Vec<f32>,
}

/// What a gradient is.
pub struct Derivatives {
    /// Sums of the outputs.
    pub sums: Vec<f64>,
    /// By parameter.
    pub params: Vec<f32>,
    /// By input and point.
    pub inputs: Vec<Vec<f32>>,
}

/// The whole suite, with so many generated tapes.
pub fn all(backend: &impl Backend, tapes: usize) {
    operations(backend);
    dots(backend);
    mixtures(backend);
    random_tapes(backend, tapes);
    lengths(backend);
    mixed(backend);
    hard(backend);
}

impl Case {
    fn new(tape: Tape, points: usize, rng: &mut StdRng, range: std::ops::Range<f32>) -> Case {
        let mut numbers = |n: usize| (0..n).map(|_| rng.random_range(range.clone())).collect::<Vec<f32>>();
        let inputs = (0..tape.inputs).map(|_| numbers(points)).collect();
        let params = numbers(tape.params);
        Case { tape, inputs, points, params }
    }

    fn at(&self, point: usize) -> Vec<f64> {
        self.inputs.iter().map(|c| f64::from(c[point])).collect()
    }

    fn params64(&self) -> Vec<f64> {
        self.params.iter().map(|x| f64::from(*x)).collect()
    }

    fn seeds(&self, rng: &mut StdRng) -> Vec<Vec<f32>> {
        self.tape.outputs.iter().map(|_| (0..self.points).map(|_| rng.random_range(-1.0..1.0)).collect()).collect()
    }
}

/// Holds the executor to the reference on some cases, within `tolerance`, relative and absolute. What is summed up is
/// compared relative to the sum of its magnitudes.
pub fn agree(backend: &impl Backend, cases: &[Case], tolerance: f64, rng: &mut StdRng) {
    let seeds: Vec<Vec<Vec<f32>>> = cases.iter().map(|c| c.seeds(rng)).collect();
    let values = backend.forward(cases);
    let gradients = backend.gradient(cases, &seeds);
    let near = |got: f64, want: f64, size: f64| (got - want).abs() <= tolerance * (1.0 + size);
    for (j, case) in cases.iter().enumerate() {
        let params = case.params64();
        let mut sums = vec![(0.0, 0.0); case.tape.outputs.len()];
        let mut by_param = vec![(0.0, 0.0); case.params.len()];
        for p in 0..case.points {
            let inputs = case.at(p);
            let fail = |what: &str, got: f64, want: f64| -> ! {
                panic!(
                    "job {j}, point {p} {inputs:?} {params:?}: {what} {got}, expected {want}\n{}",
                    case.tape.listing()
                )
            };
            let want = reference::eval(&case.tape, &inputs, &params);
            for (o, want) in want.iter().enumerate() {
                let got = f64::from(values[j][o][p]);
                if !near(got, *want, want.abs()) {
                    fail(&format!("output {o} is"), got, *want);
                }
                sums[o].0 += want;
                sums[o].1 += want.abs();
            }
            let seed: Vec<f64> = seeds[j].iter().map(|s| f64::from(s[p])).collect();
            let (di, dp) = reference::gradient(&case.tape, &inputs, &params, &seed);
            for (i, want) in di.iter().enumerate() {
                let got = f64::from(gradients[j].inputs[i][p]);
                if !near(got, *want, want.abs()) {
                    fail(&format!("derivative by input {i} is"), got, *want);
                }
            }
            by_param.iter_mut().zip(dp).for_each(|(sum, d)| *sum = (sum.0 + d, sum.1 + d.abs()));
        }
        for (o, (want, size)) in sums.into_iter().enumerate() {
            let got = gradients[j].sums[o];
            assert!(near(got, want, size), "job {j}: sum {o} is {got}, expected {want}\n{}", case.tape.listing());
        }
        for (i, (want, size)) in by_param.into_iter().enumerate() {
            let got = f64::from(gradients[j].params[i]);
            assert!(near(got, want, size), "job {j}: by parameter {i} {got}, not {want}\n{}", case.tape.listing());
        }
    }
}

/// Every operation, its arguments an input, a parameter or a constant in all combinations, between kinks.
fn operations(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(1);
    let mut cases = Vec::new();
    for op in SCALARS {
        for kinds in 0..3usize.pow(op.arity() as u32) {
            let b = Builder::new(3, 3);
            let args: Vec<Sym<'_>> = (0..op.arity())
                .map(|i| match kinds / 3usize.pow(i as u32) % 3 {
                    0 => b.input(i),
                    1 => b.param(i),
                    _ => Sym::Lit(0.37 + 0.2 * i as f64),
                })
                .collect();
            let tape = b.finish(&[b.op(op.code, &args)]);
            let mut case = Case::new(tape, 50, &mut rng, 0.1..0.95);
            let smooth = |case: &Case, p: usize| {
                let mut x = case.at(p);
                (0..3).for_each(|i| match kinds / 3usize.pow(i as u32) % 3 {
                    0 => {}
                    1 => x[i] = f64::from(case.params[i]),
                    _ => x[i] = 0.37 + 0.2 * i as f64,
                });
                let near_kink = match op.code {
                    Opcode::min | Opcode::max => (x[0] - x[1]).abs() < 1e-3,
                    Opcode::rem => (x[0] / x[1] - (x[0] / x[1]).round()).abs() < 1e-2,
                    Opcode::select => (x[0] - 0.5).abs() < 1e-3,
                    _ => false,
                };
                !near_kink
            };
            let keep: Vec<usize> = (0..case.points).filter(|p| smooth(&case, *p)).collect();
            case.inputs.iter_mut().for_each(|c| *c = keep.iter().map(|p| c[*p]).collect());
            case.points = keep.len();
            cases.push(case);
        }
    }
    agree(backend, &cases, 2e-5, &mut rng);
}

/// Dots of 1 to 70 terms: weights the same for all points, or not, or some of each; one, two, three, seven together.
fn dots(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(2);
    let mut cases = Vec::new();
    for terms in 1..=70 {
        for together in [1, 2, 3, 7] {
            let b = Builder::new(8, terms * together);
            let values: Vec<Sym<'_>> = (0..terms).map(|j| (b.input(j % 8) + Sym::Lit(j as f64)).sin()).collect();
            let outputs: Vec<Sym<'_>> = (0..together)
                .map(|k| {
                    let weight = |j: usize| match (terms + j) % 5 {
                        0 if terms % 3 == 0 => b.input((j + k) % 8) * b.param(j),
                        1 => Sym::Lit(0.1 * j as f64 + 0.05),
                        _ => b.param(j * together + k),
                    };
                    let pair = |j: usize| {
                        if j % 7 == 6 { (values[j], weight(j)) } else { (weight(j), values[j]) }
                    };
                    b.dot(&(0..terms).map(pair).collect::<Vec<_>>())
                })
                .collect();
            cases.push(Case::new(b.finish(&outputs), 20, &mut rng, -1.0..1.0));
        }
    }
    agree(backend, &cases, 1e-4, &mut rng);
}

/// Mixtures of set operations on a pair of values, their terms in any order, some used elsewhere, too, some of another
/// pair, weights of all kinds.
fn mixtures(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(7);
    let mut cases = Vec::new();
    for i in 0..240usize {
        let b = Builder::new(4, 6);
        fn sets<'b>(s: Sym<'b>, t: Sym<'b>) -> [Sym<'b>; 3] {
            [s.max(t), s.min(t), (s - t).max(Sym::Lit(0.0))]
        }
        let (s, t) = ((b.input(0) * b.param(0)).sin(), b.input(1) - b.param(1));
        let mut terms = sets(s, if i % 7 == 6 { s } else { t }).to_vec();
        terms.rotate_left(i % 3);
        if i % 2 == 1 {
            terms.swap(0, 1);
        }
        match i % 5 {
            0 => terms[i % 3] = sets(t, s)[i / 5 % 3],
            1 => terms.push(s),
            _ => {}
        }
        let weight = |k: usize| match (i / 8 + k) % 4 {
            0 => Sym::Lit(0.3 + 0.1 * k as f64),
            1 if i % 3 == 0 => b.input(3),
            _ => b.param(2 + k),
        };
        let mixture = b.dot(&terms.iter().enumerate().map(|(k, v)| (weight(k), *v)).collect::<Vec<_>>());
        let mut outputs = vec![mixture * mixture, mixture + t];
        if i % 11 == 10 {
            outputs.push(s.min(t));
        }
        cases.push(Case::new(b.finish(&outputs), 40, &mut rng, -1.0..1.0));
    }
    agree(backend, &cases, 1e-4, &mut rng);
}

/// Generated tapes, compared where the reference itself hardly changes when the data change a little.
pub fn random_tapes(backend: &impl Backend, count: usize) {
    let mut rng = StdRng::seed_from_u64(3);
    let mut cases = Vec::new();
    while cases.len() < count {
        let tape = random_tape(&mut rng);
        let mut case = Case::new(tape, 9, &mut rng, -1.5..1.5);
        let keep: Vec<usize> = (0..case.points).filter(|p| well_conditioned(&case, *p, &mut rng)).collect();
        if keep.is_empty() {
            continue;
        }
        case.inputs.iter_mut().for_each(|c| *c = keep.iter().map(|p| c[*p]).collect());
        case.points = keep.len();
        cases.push(case);
    }
    agree(backend, &cases, 1e-4, &mut rng);
}

/// Whether values and derivatives at a point are of a moderate size and move by less than the tolerance when every value
/// is off by some units in the last place of `f32`.
fn well_conditioned(case: &Case, p: usize, rng: &mut StdRng) -> bool {
    let tape = &case.tape;
    let (inputs, params) = (case.at(p), case.params64());
    // Uneven, so that what is infinite in two outputs does not cancel.
    let seeds: Vec<f64> = (0..tape.outputs.len()).map(|o| 1.0 + 0.37 * o as f64).collect();
    let mut run = |noise: f64| {
        let mut values: Vec<f64> = Vec::with_capacity(tape.len());
        for node in &tape.nodes {
            let exact = match node {
                Node::Const(bits) => f64::from_bits(*bits),
                Node::Input(i) => inputs[*i as usize],
                Node::Param(i) => params[*i as usize],
                Node::Op(op, args) => op.entry().eval(&args.map(|a| values.get(a as usize).copied().unwrap_or(0.0))),
                Node::Dot { .. } => {
                    tape.terms_of(node).iter().map(|(w, v)| values[*w as usize] * values[*v as usize]).sum()
                }
            };
            // The results of steps are exact.
            let step = matches!(
                node,
                Node::Op(Opcode::floor | Opcode::positive | Opcode::nonnegative | Opcode::zero_at | Opcode::gate, _)
            );
            values.push(if step { exact } else { exact * (1.0 + rng.random_range(-noise..=noise)) });
        }
        let adjoints = reference::adjoints(tape, &values, &seeds);
        (values, adjoints)
    };
    let (values, adjoints) = run(0.0);
    let moderate = |x: &f64| x.is_finite() && x.abs() < 1e3;
    if !values.iter().all(moderate) || !adjoints.iter().all(moderate) {
        return false;
    }
    let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs()));
    (0..6).all(|_| {
        let (v, d) = run(1e-6);
        close(&values, &v) && close(&adjoints, &d)
    })
}

/// Batches whose length is no multiple of anything.
pub fn lengths(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(4);
    let mut cases = Vec::new();
    for points in [0, 1, 15, 16, 17, 63, 64, 65, 1000, 3001] {
        let b = Builder::new(2, 2);
        let (x, y) = (b.input(0), b.input(1));
        let r = (x * x + y * y).sqrt() - b.param(0);
        let tape = b.finish(&[b.op(Opcode::soft_positive, &[r, b.param(1)]), r * r, b.param(0) * b.param(1)]);
        cases.push(Case::new(tape, points, &mut rng, 0.2..1.0));
    }
    agree(backend, &cases, 1e-5, &mut rng);
}

/// A million points.
pub fn million(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(7);
    let b = Builder::new(2, 2);
    let (x, y) = (b.input(0), b.input(1));
    let tape = b.finish(&[b.op(Opcode::soft_positive, &[x * x - y * b.param(0), b.param(1)])]);
    agree(backend, &[Case::new(tape, 1_000_000, &mut rng, 0.2..1.0)], 1e-5, &mut rng);
}

/// Lines that select from ever more values: their dots are computed partly together.
pub fn selectors(backend: &impl Backend) {
    lines(backend, 10, 7, &[150, 5000, 777]);
}

/// As many lines as a relaxed straight-line program has.
pub fn sketch(backend: &impl Backend) {
    lines(backend, 32, 20, &[4096]);
}

fn lines(backend: &impl Backend, values: usize, lines: usize, points: &[usize]) {
    let mut rng = StdRng::seed_from_u64(8);
    let count = 2 * values + (0..lines).map(|l| 2 * (values + l) + 3).sum::<usize>() + values + lines;
    let b = Builder::new(2, count);
    let mut next = 0;
    let mut param = || {
        next += 1;
        b.param(next - 1)
    };
    let mut values: Vec<Sym<'_>> = (0..values).map(|i| (b.input(i % 2) * param() - param()).sin()).collect();
    for _ in 0..lines {
        let mut select = || b.dot(&values.iter().map(|v| (param(), *v)).collect::<Vec<_>>());
        let (s, t) = (select(), select());
        values.push(b.dot(&[(param(), s.max(t)), (param(), s.min(t)), (param(), s - t)]));
    }
    let tape = b.finish(&[b.dot(&values.iter().map(|v| (param(), *v)).collect::<Vec<_>>())]);
    let cases: Vec<Case> = points.iter().map(|n| Case::new(tape.clone(), *n, &mut rng, -0.4..0.4)).collect();
    agree(backend, &cases, 1e-4, &mut rng);
}

/// Different tapes of different lengths in one call, without outputs or inputs or parameters, too.
pub fn mixed(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(5);
    let mut cases = Vec::new();
    for i in 0..40usize {
        let b = Builder::new(1 + i % 3, i % 2);
        let x = b.input(i % (1 + i % 3));
        let out = match i % 4 {
            0 => vec![],
            1 => vec![x.sin() * b.param(0), b.param(0), Sym::Lit(2.5)],
            2 => vec![x, x],
            _ => vec![(x + b.param(0)).cos()],
        };
        cases.push(Case::new(b.finish(&out), i * 7, &mut rng, -1.0..1.0));
    }
    agree(backend, &cases, 1e-5, &mut rng);
    agree(backend, &[], 1e-5, &mut rng);
}

/// Tapes at the limit of sharpness.
fn hard(backend: &impl Backend) {
    let mut rng = StdRng::seed_from_u64(6);
    let mut cases = Vec::new();
    for _ in 0..50 {
        let b = Builder::new(3, 1);
        let (x, y) = (b.input(0), b.input(1));
        let inside = b.op(Opcode::soft_positive, &[x - y, b.param(0)]);
        let other = b.op(Opcode::soft_nonnegative, &[b.input(2), Sym::Lit(9.0)]);
        let either = b.op(Opcode::mix, &[inside, x * y, y.abs()]);
        let tape = b.finish(&[inside.max(other), either]).hard();
        cases.push(Case::new(tape, 33, &mut rng, 0.5..2.0));
    }
    agree(backend, &cases, 1e-6, &mut rng);
}
