//! Which programs get a kernel of their own on a GPU. Alone, because kernels are counted by process.
#![cfg(feature = "gpu")]

mod device;

use device::gpu;
use nsp_kernels::exec::{Executor, Job};
use nsp_kernels::program::Program;
use nsp_kernels::real::Real;
use nsp_kernels::sym::{Builder, Sym};

/// A search runs many programs a little: no kernel is made for any. A fit runs one often: that gets one.
#[test]
fn only_hot_programs_are_compiled() {
    let Some(gpu) = gpu() else { return };
    let x: Vec<f32> = (0..64).map(|i| i as f32 / 64.0).collect();
    let inputs = [&x[..]];
    let program = |i: usize, length: usize| {
        let b = Builder::new(1, 0);
        let start = b.input(0) * Sym::Lit(1.0 + i as f64);
        Program::new(&b.finish(&[(0..length).fold(start, |y, _| (y + Sym::Lit(0.5)).sin())]))
    };
    let before = gpu.compiled();
    let programs: Vec<Program> = (0..10_000).map(|i| program(i, 3)).collect();
    let job = |program| Job { program, inputs: &inputs, points: x.len(), params: &[] };
    let (alone, together) = programs.split_at(400);
    for batch in alone.chunks(2).chain(together.chunks(500)) {
        let jobs: Vec<Job<'_>> = batch.iter().map(job).collect();
        gpu.sums(&jobs).unwrap();
        gpu.sums(&jobs).unwrap();
    }
    assert_eq!(gpu.compiled(), before);
    let hot = program(0, 30);
    let jobs = vec![Job { program: &hot, inputs: &inputs, points: x.len(), params: &[] }; 1000];
    let first = gpu.sums(&jobs).unwrap();
    let mut last = Vec::new();
    for _ in 0..10_000 {
        last = gpu.sums(&jobs).unwrap();
        if gpu.compiled() > before {
            break;
        }
    }
    assert_eq!(gpu.compiled(), before + 1);
    let off = first.iter().flatten().zip(last.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off < 1e-4, "{off}");
}
