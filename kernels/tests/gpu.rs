//! The conformance suite on a GPU, with each kind of kernel, and what is the GPU's own.
//!
//! Where there is none the tests say so and pass; with `NSP_REQUIRE_GPU=1` they fail.
#![cfg(feature = "gpu")]

mod conformance;
mod device;

use conformance::On;
use device::gpu;
use nsp_kernels::cpu::Cpu;
use nsp_kernels::exec::{Error, Executor, Job, Seeds, What};
use nsp_kernels::gpu::{Gpu, Kernels};
use nsp_kernels::program::Program;
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::Opcode;
use std::sync::atomic::AtomicBool;

#[test]
fn the_interpreter_conforms() {
    let Some(gpu) = gpu() else { return };
    let backend = On(gpu.with(Kernels::Interpreter));
    conformance::all(&backend, 2000);
    conformance::selectors(&backend);
    conformance::sketch(&backend);
    conformance::million(&backend);
}

#[test]
fn specialised_kernels_conform() {
    let Some(gpu) = gpu() else { return };
    let gpu = gpu.with(Kernels::Specialised);
    let before = gpu.compiled();
    conformance::random_tapes(&On(gpu.clone()), 50);
    // Of each program values, sums, and derivatives with and without those by inputs.
    assert!(gpu.compiled() >= before + 200, "{} kernels", gpu.compiled());
    conformance::lengths(&On(gpu.clone()));
    conformance::selectors(&On(gpu.clone()));
    conformance::million(&On(gpu));
}
/// Runs one job of a tape with one output, its gradient too.
fn report(gpu: &Gpu<'_>, build: impl Fn(&Builder) -> Sym<'_>, x: &[f32], params: &[f32]) -> Error {
    let b = Builder::new(1, params.len());
    let program = Program::new(&b.finish(&[build(&b)]));
    let job = Job { program: &program, inputs: &[x], points: x.len(), params };
    gpu.gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap_err()
}

#[test]
fn what_is_not_finite_is_named() {
    let Some(gpu) = gpu() else { return };
    for kernels in [Kernels::Interpreter, Kernels::Specialised] {
        let gpu = gpu.clone().with(kernels);
        let mut x = vec![0.5; 5000];
        (x[4321], x[4700]) = (-1.0, -1.0);
        let named = |error| match error {
            Error::NonFinite { job: 0, point, name, what, .. } => (point, name, what),
            error => panic!("{error}"),
        };
        let root = report(&gpu, |b| (b.input(0).sqrt() + b.param(0)).sin(), &x, &[1.0]);
        assert_eq!(named(root), (4321, "sqrt", What::Value));
        (x[4321], x[4700]) = (0.0, 0.0);
        let slope = report(&gpu, |b| b.input(0).sqrt(), &x, &[]);
        assert_eq!(named(slope), (4321, "sqrt", What::Derivative));
        (x[4321], x[4700]) = (f32::NAN, f32::NAN);
        let data = report(&gpu, |b| b.input(0).sin() * b.param(0), &x, &[1.0]);
        assert_eq!(named(data), (4321, "input", What::Value));
        let uniform = report(&gpu, |b| b.input(0) + b.param(0).exp(), &[0.5; 10], &[100.0]);
        assert_eq!(named(uniform), (0, "exp", What::Value));
        // A root of 0 that the result does not depend on does no harm.
        let b = Builder::new(1, 0);
        let program = Program::new(&b.finish(&[b.input(0).sqrt().max(Sym::Lit(1.0))]));
        let job = Job { program: &program, inputs: &[&[0.0]], points: 1, params: &[] };
        assert_eq!(gpu.gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap()[0].sums, [1.0]);
    }
}

#[test]
fn calls_that_do_not_fit_are_refused() {
    let Some(gpu) = gpu() else { return };
    let b = Builder::new(2, 1);
    let program = Program::new(&b.finish(&[b.input(0) * b.input(1) * b.param(0)]));
    let x = [0.5f32; 4];
    let (columns, short) = ([&x[..], &x[..]], [&x[..], &x[..3]]);
    let job = Job { program: &program, inputs: &columns, points: 4, params: &[1.0] };
    let text = |job: Job<'_>| gpu.sums(&[job]).unwrap_err().to_string();
    assert_eq!(text(Job { inputs: &columns[..1], ..job }), "job 0: 1 input columns, expected 2");
    assert_eq!(text(Job { inputs: &short, ..job }), "job 0: number 1 of the input columns has 3 points, expected 4");
    assert_eq!(text(Job { params: &[], ..job }), "job 0: 0 parameters, expected 1");
    assert_eq!(gpu.gradient(&[job], &[], false).unwrap_err().to_string(), "0 seeds, expected 1");
    let stop = AtomicBool::new(true);
    assert_eq!(gpu.cancelled_by(&stop).sums(&[job]).unwrap_err(), Error::Cancelled);
    let unknown = Gpu::open("no such device").unwrap_err().to_string();
    assert!(unknown.starts_with("device: there is no device `no such device`; there are "), "{unknown}");
}

/// Long work is many launches, between which the flag is looked at.
#[test]
fn long_work_can_be_cancelled() {
    let Some(gpu) = gpu() else { return };
    let b = Builder::new(1, 0);
    let y = (0..100).fold(b.input(0), |y, i| (y * Sym::Lit(1.0 + 0.01 * f64::from(i))).sin());
    let program = Program::new(&b.finish(&[y]));
    let x = vec![0.5; 1 << 22];
    let job = Job { program: &program, inputs: &[&x], points: x.len(), params: &[] };
    let stop = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let jobs = vec![job; 1000];
        gpu.with(Kernels::Interpreter).cancelled_by(&stop).sums(&jobs)
    });
    assert_eq!(result.unwrap_err(), Error::Cancelled);
}

/// Shapes against a target: two counts a shape come back.
#[test]
fn overlaps_are_counted() {
    let Some(gpu) = gpu() else { return };
    const N: usize = 64 * 64;
    let (x, y): (Vec<f32>, Vec<f32>) = (0..N).map(|i| ((i % 64) as f32 - 31.5, (i / 64) as f32 - 31.5)).unzip();
    let target: Vec<f32> = x.iter().zip(&y).map(|(x, y)| f32::from(u8::from(x * x + y * y < 200.0))).collect();
    let programs: Vec<Program> = (0..500)
        .map(|i| {
            let b = Builder::new(2, 0);
            let (dx, dy) = (b.input(0) - Sym::Lit(f64::from(i % 20)), b.input(1) - Sym::Lit(f64::from(i / 20)));
            let inside = Sym::Lit(100.3 + f64::from(i)) - dx * dx - dy * dy;
            Program::new(&b.finish(&[b.op(Opcode::soft_positive, &[inside, Sym::Lit(0.1)])]).overlap())
        })
        .collect();
    let inputs = [&x[..], &y[..], &target[..]];
    let jobs: Vec<Job<'_>> =
        programs.iter().map(|program| Job { program, inputs: &inputs, points: N, params: &[] }).collect();
    // Distances are whole numbers and a quarter: none is so near a border that rounding moves it.
    assert_eq!(gpu.sums(&jobs).unwrap(), Cpu::default().sums(&jobs).unwrap());
}

/// A tape of 100,000 nodes: it runs, or the device is said to be too small for it.
#[test]
fn long_tapes_run_or_are_refused() {
    let Some(gpu) = gpu() else { return };
    let b = Builder::new(1, 1);
    let (x, p) = (b.input(0), b.param(0));
    let y = (0..25_000).fold(x, |y, _| (y * p + x).sin() * p);
    let program = Program::new(&b.finish(&[y]));
    let x: Vec<f32> = (0..100).map(|i| i as f32 / 100.0).collect();
    let job = Job { program: &program, inputs: &[&x], points: 100, params: &[0.9] };
    match gpu.gradient(&[job], &[Seeds::Weights(&[1.0])], true) {
        Ok(found) => {
            let want = &Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0])], true).unwrap()[0];
            assert!((found[0].sums[0] - want.sums[0]).abs() < 1e-2, "{} {}", found[0].sums[0], want.sums[0]);
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("device: job 0: its program of ") && text.ends_with(" too long for it"), "{text}");
        }
    }
}
