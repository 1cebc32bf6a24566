//! A gradient keeps no intermediate of more than a block of points. Alone in its process, which it measures.
#![cfg(target_os = "linux")]

use nsp_kernels::cpu::{Cpu, Job, Program, Seeds};
use nsp_kernels::real::Real;
use nsp_kernels::sym::Builder;

/// The most memory that the process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn a_million_points_of_fifty_operations_add_less_than_64_mb() {
    const POINTS: usize = 1_000_000;
    let b = Builder::new(2, 2);
    let mut v = b.input(0) * b.param(0);
    for i in 0..24 {
        v = if i % 2 == 0 { (v + b.input(1)).sin() } else { (v * b.param(1)).tanh() };
    }
    let tape = b.finish(&[v * v]);
    assert!(tape.len() >= 50);
    let program = Program::new(&tape);
    let xs: Vec<f32> = (0..POINTS).map(|i| (i % 1000) as f32 / 500.0 - 1.0).collect();
    let ys: Vec<f32> = (0..POINTS).map(|i| (i / 1000) as f32 / 500.0 - 1.0).collect();
    let job = Job { program: &program, inputs: &[&xs, &ys], points: POINTS, params: &[0.7, 1.3] };
    let before = peak();
    let found = Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0])], false).unwrap();
    let added = peak() - before;
    assert!(found[0].params.iter().all(|d| d.is_finite() && *d != 0.0));
    assert!(added < 64 << 20, "{added} bytes");
    println!("added {:.1} MB", added as f64 / 1e6);
}
