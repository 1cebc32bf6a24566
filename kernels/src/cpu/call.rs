//! The calls: jobs in, values, sums and gradients out.

use super::dots::totals;
use super::hosts::Points;
use super::lanes::Isa;
use super::pieces::{blocks, each};
use super::uniform::Group;
use crate::exec::{Error, Executor, Gradient, Job, Seeds, broken_output, check, check_outputs, check_seeds};
use crate::program::Pass;
use std::sync::atomic::AtomicBool;

/// The CPU as an executor. Results are the same bits for any number of threads.
#[derive(Clone, Copy, Debug)]
pub struct Cpu<'a> {
    /// How many threads may work; small work stays on the caller's.
    pub threads: usize,
    /// The instructions to use; where the machine lacks them, the next narrower.
    pub isa: Isa,
    /// When this becomes true the call ends with [`Error::Cancelled`].
    pub cancel: Option<&'a AtomicBool>,
}

/// How many threads can run at once on this machine; 1 where that is unknown.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Default for Cpu<'_> {
    /// All cores and the widest instructions.
    fn default() -> Self {
        Cpu { threads: cores(), isa: Isa::detect(), cancel: None }
    }
}

impl Executor for Cpu<'_> {
    fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error> {
        Cpu::forward(self, jobs, out)
    }

    fn sums(&self, jobs: &[Job<'_>]) -> Result<Vec<Vec<f64>>, Error> {
        Cpu::sums(self, jobs)
    }

    fn gradient(&self, jobs: &[Job<'_>], seeds: &[Seeds<'_>], inputs: bool) -> Result<Vec<Gradient>, Error> {
        Cpu::gradient(self, jobs, seeds, inputs)
    }
}

impl Cpu<'_> {
    /// Writes the outputs at all points: a column for each job and output, the first job's outputs first.
    ///
    /// # Errors
    /// Numbers or lengths of columns and parameters that do not fit; an output that is not finite; cancellation.
    pub fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error> {
        check_outputs(jobs, out)?;
        let mut columns = out.iter_mut().map(|column| &mut **column);
        let mut pieces = Vec::new();
        for (j, job) in jobs.iter().enumerate() {
            let mut columns: Vec<&mut [f32]> = columns.by_ref().take(job.program.tape().outputs.len()).collect();
            for (from, len) in cut(job, Pass::Forward) {
                pieces.push((j, Points { outputs: heads(&mut columns, len), ..Points::new(job, from) }, len));
            }
        }
        self.pieces(jobs, Pass::Forward, pieces)?;
        Ok(())
    }

    /// For each job and output the sum over the points.
    ///
    /// # Errors
    /// As [`forward`](Cpu::forward).
    pub fn sums(&self, jobs: &[Job<'_>]) -> Result<Vec<Vec<f64>>, Error> {
        check(jobs)?;
        let mut pieces = Vec::new();
        for (j, job) in jobs.iter().enumerate() {
            pieces.extend(cut(job, Pass::Forward).map(|(from, len)| (j, Points::new(job, from), len)));
        }
        let (_, done) = self.pieces(jobs, Pass::Forward, pieces)?;
        let mut sums: Vec<Vec<f64>> = jobs.iter().map(|job| vec![0.0; job.program.tape().outputs.len()]).collect();
        for piece in done {
            add(&mut sums[piece.job], &piece.sums);
        }
        Ok(sums)
    }

    /// For each job the sums of its outputs and the derivatives of the sum over outputs and points of `seed * output`:
    /// by the parameters and, if `inputs`, by the input columns.
    ///
    /// # Errors
    /// As [`forward`](Cpu::forward); seeds that do not fit; a derivative that is not finite.
    pub fn gradient(&self, jobs: &[Job<'_>], seeds: &[Seeds<'_>], inputs: bool) -> Result<Vec<Gradient>, Error> {
        check_seeds(jobs, seeds)?;
        let pass = if inputs { Pass::ReverseInputs } else { Pass::Reverse };
        let mut by_input: Vec<Vec<Vec<f32>>> = jobs.iter().map(|_| Vec::new()).collect();
        if inputs {
            by_input = jobs.iter().map(|job| vec![vec![0.0; job.points]; job.inputs.len()]).collect();
        }
        let mut pieces = Vec::new();
        for (j, (job, columns)) in jobs.iter().zip(&mut by_input).enumerate() {
            let mut columns: Vec<&mut [f32]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
            for (from, len) in cut(job, pass) {
                let inputs = heads(&mut columns, len);
                pieces.push((j, Points { inputs, seeds: seeds[j], ..Points::new(job, from) }, len));
            }
        }
        let (groups, done) = self.pieces(jobs, pass, pieces)?;
        let mut sums: Vec<Vec<f64>> = jobs.iter().map(|job| vec![0.0; job.program.tape().outputs.len()]).collect();
        let mut by_export: Vec<Vec<f64>> = jobs.iter().map(|job| vec![0.0; job.program.exports()]).collect();
        for piece in done {
            add(&mut sums[piece.job], &piece.sums);
            add(&mut by_export[piece.job], &piece.exports);
        }
        self.gradients(jobs, seeds, &groups, &by_export, sums, inputs.then_some(by_input))
    }

    /// The uniform parts, then the pieces `(job, host, points)`.
    fn pieces<'j>(
        &self,
        jobs: &'j [Job<'j>],
        pass: Pass,
        pieces: Vec<(usize, Points<'_>, usize)>,
    ) -> Result<(Vec<Group>, Vec<Done>), Error> {
        let groups = self.uniform(jobs)?;
        let mut group_of = Vec::with_capacity(jobs.len());
        for (g, group) in groups.iter().enumerate() {
            group_of.resize(group.to, g);
        }
        let cost = pieces.iter().map(|(_, host, points)| host.job.program.code(pass).cost() * points).sum();
        let done = each(self.threads, self.cancel, cost, pieces, |memory, (job, mut host, points)| {
            let (program, group) = (host.job.program, &groups[group_of[job]]);
            let (code, width) = (program.code(pass), program.exports());
            let exports = &group.exports[(job - group.from) * width..][..width];
            blocks(self.isa, memory, code, exports, points, &mut host);
            if let Some(point) = host.broken {
                return Err(broken_output(job, host.job, point));
            }
            let mut by_export = Vec::new();
            if !code.shares.is_empty() {
                let sums: Vec<f64> = totals(memory.sums()).collect();
                by_export.resize(width, 0.0);
                for share in &code.shares {
                    by_export[share.export as usize] +=
                        sums[share.sum as usize] * f64::from(share.factor.value(exports));
                }
            }
            Ok(Done { job, sums: host.sums, exports: by_export })
        })?;
        Ok((groups, done))
    }
}

/// Points of a piece: enough that what a piece costs besides does not matter, and few enough to add up in `f32`.
const PIECE: std::ops::RangeInclusive<usize> = 4096..=16384;
/// How many pieces a job is cut into, where they are not too short or too long.
const PIECES: usize = 64;

/// What a piece gave.
struct Done {
    job: usize,
    sums: Vec<f64>,
    /// The derivatives by the exports.
    exports: Vec<f64>,
}

/// The pieces of a job: first point and number of points.
fn cut(job: &Job<'_>, pass: Pass) -> impl Iterator<Item = (usize, usize)> + use<> {
    let points = job.points;
    let block = job.program.code(pass).block(points);
    let len = (points / PIECES).clamp(*PIECE.start(), *PIECE.end()).next_multiple_of(block);
    (0..points).step_by(len).map(move |from| (from, len.min(points - from)))
}

/// The first `len` numbers of each column, which are taken off.
fn heads<'a>(columns: &mut [&'a mut [f32]], len: usize) -> Vec<&'a mut [f32]> {
    let take = |column: &mut &'a mut [f32]| {
        let (head, rest) = std::mem::take(column).split_at_mut(len);
        *column = rest;
        head
    };
    columns.iter_mut().map(take).collect()
}

fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
}
