//! The CPU executor: the conformance suite with each instruction set, and what is its own.

mod conformance;

use conformance::On;
use nsp_kernels::cpu::{Cpu, Error, Isa, Job, Program, Seeds, What};
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::tape::{Node, Tape};
use std::sync::atomic::AtomicBool;

#[test]
fn conforms_with_avx512() {
    conformance_with(Isa::Avx512);
}

#[test]
fn conforms_with_avx2() {
    conformance_with(Isa::Avx2);
}

#[test]
fn conforms_with_sse2() {
    conformance_with(Isa::Sse2);
}

#[test]
fn conforms_portably() {
    conformance_with(Isa::Portable);
}

fn conformance_with(isa: Isa) {
    if isa.available() {
        let tapes = if isa == Isa::detect() { 2000 } else { 300 };
        conformance::all(&On(Cpu { threads: 2, isa, cancel: None }), tapes);
    }
}

/// A sketch with selectors, as ROAP's lines are.
fn sketch() -> Tape {
    let b = Builder::new(2, 9);
    let values = [0, 1, 2].map(|i| (b.input(i % 2) - b.param(i)).sin());
    let e = [3, 4, 5].map(|i| b.param(i).exp());
    let sum = e[0] + e[1] + e[2];
    let s = b.dot(&[0, 1, 2].map(|i| (e[i] / sum, values[i])));
    let t = b.dot(&[0, 1, 2].map(|i| (b.param(6 + i), values[i])));
    b.finish(&[s.max(t) * s, t])
}

#[test]
fn lines_of_selectors_conform() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        conformance::selectors(&On(Cpu { threads: 2, isa, cancel: None }));
        conformance::sketch(&On(Cpu { threads: 2, isa, cancel: None }));
    }
}

#[test]
fn a_million_points_conform() {
    conformance::million(&On(Cpu::default()));
}

fn numbers(n: usize, seed: f32) -> Vec<f32> {
    (0..n).map(|i| ((i as f32 + seed) * 0.618_034).fract() * 2.0 - 1.0).collect()
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let program = Program::new(&sketch());
    let n = 20_000;
    let (x, y) = (numbers(n, 0.0), numbers(n, 0.3));
    let params: Vec<Vec<f32>> = (0..7).map(|j| numbers(9, j as f32)).collect();
    let inputs = [&x[..], &y[..]];
    let jobs: Vec<Job<'_>> =
        params.iter().map(|params| Job { program: &program, inputs: &inputs, points: n, params }).collect();
    let seeds = vec![Seeds::Weights(&[1.0, -0.5]); jobs.len()];
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let results = [1, 2, 3, 8].map(|threads| {
            let cpu = Cpu { threads, isa, cancel: None };
            let mut out = vec![vec![0.0; n]; 2 * jobs.len()];
            let mut columns: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
            cpu.forward(&jobs, &mut columns).unwrap();
            (cpu.gradient(&jobs, &seeds, true).unwrap(), cpu.sums(&jobs).unwrap(), out)
        });
        // The results are finite, so equal means the same bits but for the sign of 0.
        assert!(results[1..].iter().all(|r| *r == results[0]), "{isa:?}");
    }
}

/// Runs one job of a tape with one output on these inputs.
fn report(build: impl Fn(&Builder) -> Sym<'_>, x: &[f32], params: &[f32]) -> (Error, Tape) {
    let b = Builder::new(1, params.len());
    let tape = b.finish(&[build(&b)]);
    let program = Program::new(&tape);
    let job = Job { program: &program, inputs: &[x], points: x.len(), params };
    let cpu = Cpu::default();
    let error = cpu.gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap_err();
    (error, tape)
}

#[test]
fn what_is_not_finite_is_named() {
    let points = |bad: f32| {
        let mut x = vec![0.5; 5000];
        x[4321] = bad;
        x[4700] = bad;
        x
    };
    let named = |(error, tape): (Error, Tape)| {
        let Error::NonFinite { job: 0, point, node, name, what } = error else { panic!("{error}") };
        (point, name, what, tape.nodes[node as usize])
    };
    // A root of a negative number, somewhere inside.
    let (point, name, what, _) = named(report(|b| (b.input(0).sqrt() + b.param(0)).sin(), &points(-1.0), &[1.0]));
    assert_eq!((point, name, what), (4321, "sqrt", What::Value));
    // The derivative of a root at 0.
    let (point, name, what, _) = named(report(|b| b.input(0).sqrt(), &points(0.0), &[]));
    assert_eq!((point, name, what), (4321, "sqrt", What::Derivative));
    // Bad data.
    let (point, _, what, node) = named(report(|b| b.input(0).sin() * b.param(0), &points(f32::NAN), &[1.0]));
    assert_eq!((point, what, node), (4321, What::Value, Node::Input(0)));
    let (point, _, what, node) = named(report(|b| b.input(0) * b.param(1), &points(1.0), &[1.0, f32::INFINITY]));
    assert_eq!((point, what, node), (0, What::Value, Node::Param(1)));
    // Too great for `f32`, in the uniform part.
    let (_, name, what, _) = named(report(|b| b.input(0) + b.param(0).exp(), &points(1.0), &[100.0]));
    assert_eq!((name, what), ("exp", What::Value));
    // The derivative of a root at 0 in the uniform part.
    let (_, name, what, _) = named(report(|b| b.input(0) * b.param(0).sqrt(), &points(1.0), &[0.0]));
    assert_eq!((name, what), ("sqrt", What::Derivative));
    // A root of 0 that the result does not depend on does no harm.
    let b = Builder::new(1, 0);
    let program = Program::new(&b.finish(&[b.input(0).sqrt().max(Sym::Lit(1.0))]));
    let job = Job { program: &program, inputs: &[&[0.0]], points: 1, params: &[] };
    assert_eq!(Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap()[0].sums, [1.0]);
}

#[test]
fn calls_that_do_not_fit_are_refused() {
    let program = Program::new(&sketch());
    let (x, params) = ([0.0f32; 4], [0.1f32; 9]);
    let (columns, short) = ([&x[..], &x[..]], [&x[..], &x[..3]]);
    let job = Job { program: &program, inputs: &columns, points: 4, params: &params };
    let cpu = Cpu::default();
    let text = |error: Error| error.to_string();
    let sums = |job: Job<'_>| text(cpu.sums(&[job]).unwrap_err());
    assert_eq!(sums(Job { inputs: &columns[..1], ..job }), "job 0: 1 input columns, expected 2");
    assert_eq!(sums(Job { params: &params[..8], ..job }), "job 0: 8 parameters, expected 9");
    assert_eq!(sums(Job { inputs: &short, ..job }), "job 0: number 1 of the input columns has 3 points, expected 4");
    assert_eq!(text(cpu.forward(&[job], &mut []).unwrap_err()), "0 output columns, expected 2");
    let gradient = |seeds: &[Seeds<'_>]| text(cpu.gradient(&[job], seeds, false).unwrap_err());
    assert_eq!(gradient(&[]), "0 seeds, expected 1");
    assert_eq!(gradient(&[Seeds::Weights(&[1.0])]), "job 0: 1 seeds, expected 2");
    assert_eq!(gradient(&[Seeds::Columns(&short)]), "job 0: number 1 of the seeds has 3 points, expected 4");
    let stop = AtomicBool::new(true);
    let cancelled = Cpu { cancel: Some(&stop), ..cpu };
    assert_eq!(cancelled.sums(&[job]).unwrap_err(), Error::Cancelled);
}

/// A tape of 100,000 nodes, all of whose values the reverse pass needs.
#[test]
fn long_tapes_run() {
    let b = Builder::new(1, 1);
    let (x, p) = (b.input(0), b.param(0));
    let mut y = x;
    for _ in 0..25_000 {
        y = (y * p + x).sin() * p;
    }
    let program = Program::new(&b.finish(&[y]));
    assert!(program.tape().len() >= 100_000);
    let x = numbers(100, 0.0);
    let job = Job { program: &program, inputs: &[&x], points: 100, params: &[0.9] };
    let gradient = &Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap()[0];
    let want: f64 =
        x.iter().map(|x| nsp_kernels::reference::eval(program.tape(), &[f64::from(*x)], &[0.9f32.into()])[0]).sum();
    assert!((gradient.sums[0] - want).abs() < 1e-3, "{} {want}", gradient.sums[0]);
}
