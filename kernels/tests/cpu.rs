//! The CPU executor: the conformance suite with each instruction set, and what is its own.

mod conformance;

use conformance::{Backend, Case, Derivatives};
use nsp_kernels::cpu::{Cpu, Isa, Job, Program, Seeds};

struct On(Cpu<'static>);

impl Backend for On {
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
                assert_eq!(&params.sums, sums);
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
        conformance::all(&On(Cpu { threads: 2, isa, cancel: None }));
    }
}
