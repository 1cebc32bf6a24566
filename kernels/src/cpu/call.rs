//! What a caller sees: jobs in, values, sums and gradients out.

use super::diagnose::{diagnose, name};
use super::dots::totals;
use super::error::{Error, Of, What};
use super::hosts::{Points, Rows, finite};
use super::lanes::Isa;
use super::pieces::{blocks, each};
use super::program::{Pass, Program};
use crate::tape::{Id, Node};
use std::sync::atomic::AtomicBool;

/// A program with its data.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// What to compute.
    pub program: &'a Program,
    /// The input columns; jobs may share them.
    pub inputs: &'a [&'a [f32]],
    /// The length of each column.
    pub points: usize,
    /// The parameters.
    pub params: &'a [f32],
}

/// The weights of a job's outputs in what is differentiated: the sum over outputs and points of `seed * output`.
#[derive(Clone, Copy, Debug)]
pub enum Seeds<'a> {
    /// For each output one weight for all points.
    Weights(&'a [f32]),
    /// For each output a column of weights.
    Columns(&'a [&'a [f32]]),
}

/// The gradient of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient {
    /// For each output its sum over the points, without seeds.
    pub sums: Vec<f64>,
    /// The derivatives by the parameters.
    pub params: Vec<f32>,
    /// The derivatives by the input columns, where they were asked for: `[inputs, points]`.
    pub inputs: Option<Vec<Vec<f32>>>,
}

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

impl Default for Cpu<'_> {
    /// All cores and the widest instructions.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        Cpu { threads, isa: Isa::detect(), cancel: None }
    }
}

impl Cpu<'_> {
    /// Writes the outputs at all points: a column for each job and output, the first job's outputs first.
    ///
    /// # Errors
    /// Numbers or lengths of columns and parameters that do not fit; an output that is not finite; cancellation.
    pub fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error> {
        check(jobs)?;
        let wanted = jobs.iter().map(|j| j.program.tape().outputs.len()).sum();
        count(None, Of::Outputs, wanted, out.len())?;
        let mut columns = out.iter_mut().map(|column| &mut **column);
        let mut pieces = Vec::new();
        for (j, job) in jobs.iter().enumerate() {
            let mut columns: Vec<&mut [f32]> = columns.by_ref().take(job.program.tape().outputs.len()).collect();
            for (column, values) in columns.iter().enumerate() {
                length(j, Of::Outputs, column, job.points, values.len())?;
            }
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
        check(jobs)?;
        count(None, Of::Seeds, jobs.len(), seeds.len())?;
        for (j, (job, seeds)) in jobs.iter().zip(seeds).enumerate() {
            check_seeds(j, job, seeds)?;
        }
        let pass = if inputs { Pass::ReverseInputs } else { Pass::Reverse };
        let mut by_input: Vec<Vec<Vec<f32>>> = if inputs {
            jobs.iter().map(|job| vec![vec![0.0; job.points]; job.inputs.len()]).collect()
        } else {
            vec![Vec::new(); jobs.len()]
        };
        let mut pieces = Vec::new();
        for (j, (job, columns)) in jobs.iter().zip(&mut by_input).enumerate() {
            let mut columns: Vec<&mut [f32]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
            for (from, len) in cut(job, pass) {
                let inputs = heads(&mut columns, len);
                pieces.push((j, Points { inputs, seeds: seeds[j], ..Points::new(job, from) }, len));
            }
        }
        let (groups, done) = self.pieces(jobs, pass, pieces)?;
        let mut gradients: Vec<Gradient> = jobs
            .iter()
            .map(|job| Gradient { sums: vec![0.0; job.program.tape().outputs.len()], ..Gradient::default() })
            .collect();
        let mut by_export: Vec<Vec<f64>> = jobs.iter().map(|job| vec![0.0; job.program.exports()]).collect();
        for piece in done {
            add(&mut gradients[piece.job].sums, &piece.sums);
            add(&mut by_export[piece.job], &piece.exports);
        }
        let mut tasks = Vec::new();
        for group in &groups {
            let seeds: Vec<f32> =
                by_export[group.from..group.to].iter().flat_map(|row| row.iter().map(|x| *x as f32)).collect();
            tasks.push((group.from, &jobs[group.from..group.to], seeds));
        }
        let cost =
            tasks.iter().map(|(_, jobs, _)| jobs[0].program.code(Pass::UniformReverse).cost() * jobs.len()).sum();
        let params = each(self.threads, self.cancel, cost, tasks, |memory, (_, jobs, seeds)| {
            let params = jobs.iter().map(|job| vec![0.0; job.params.len()]).collect();
            let width = jobs[0].program.exports();
            let mut rows = Rows { jobs, width, exports: &mut [], seeds: &seeds, params, at: 0, len: 0 };
            blocks(self.isa, memory, jobs[0].program.code(Pass::UniformReverse), &[], jobs.len(), &mut rows);
            Ok(rows.params)
        })?;
        let rows = params.into_iter().flatten().zip(by_input);
        for (j, (gradient, (params, by_input))) in gradients.iter_mut().zip(rows).enumerate() {
            if !finite(&params) || !by_input.iter().all(|column| finite(column)) {
                return Err(broken_gradient(j, &jobs[j], &seeds[j], &params));
            }
            gradient.params = params;
            gradient.inputs = inputs.then_some(by_input);
        }
        Ok(gradients)
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

    /// The uniform parts of all jobs; neighbours of one program together.
    fn uniform(&self, jobs: &[Job<'_>]) -> Result<Vec<Group>, Error> {
        let mut tasks: Vec<&[Job<'_>]> = Vec::new();
        for group in jobs.chunk_by(|a, b| std::ptr::eq(a.program, b.program)) {
            tasks.extend(group.chunks(ROWS));
        }
        let cost = tasks.iter().map(|jobs| jobs[0].program.code(Pass::Uniform).cost() * jobs.len()).sum();
        let mut from = 0;
        let ranges: Vec<(usize, &[Job<'_>])> = tasks
            .into_iter()
            .map(|jobs| {
                from += jobs.len();
                (from - jobs.len(), jobs)
            })
            .collect();
        each(self.threads, self.cancel, cost, ranges, |memory, (from, jobs)| {
            let width = jobs[0].program.exports();
            let mut exports = vec![0.0; width * jobs.len()];
            let mut rows = Rows { jobs, width, exports: &mut exports, seeds: &[], params: Vec::new(), at: 0, len: 0 };
            blocks(self.isa, memory, jobs[0].program.code(Pass::Uniform), &[], jobs.len(), &mut rows);
            Ok(Group { from, to: from + jobs.len(), exports })
        })
    }
}

/// How many jobs of one program are computed together in the uniform part.
const ROWS: usize = 256;

/// Points of a piece: enough that what a piece costs besides does not matter, and few enough to add up in `f32`.
const PIECE: std::ops::RangeInclusive<usize> = 4096..=16384;
/// How many pieces a job is cut into, where they are not too short or too long.
const PIECES: usize = 64;

/// Neighbouring jobs of one program.
struct Group {
    from: usize,
    to: usize,
    /// `[jobs, exports]`
    exports: Vec<f32>,
}

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

fn count(job: Option<usize>, of: Of, wanted: usize, got: usize) -> Result<(), Error> {
    if wanted == got { Ok(()) } else { Err(Error::Count { job, of, wanted, got }) }
}

fn length(job: usize, of: Of, column: usize, wanted: usize, got: usize) -> Result<(), Error> {
    if wanted == got { Ok(()) } else { Err(Error::Length { job, of, column, wanted, got }) }
}

fn check(jobs: &[Job<'_>]) -> Result<(), Error> {
    for (j, job) in jobs.iter().enumerate() {
        let tape = job.program.tape();
        count(Some(j), Of::Inputs, tape.inputs, job.inputs.len())?;
        count(Some(j), Of::Params, tape.params, job.params.len())?;
        for (column, values) in job.inputs.iter().enumerate() {
            length(j, Of::Inputs, column, job.points, values.len())?;
        }
    }
    Ok(())
}

fn check_seeds(j: usize, job: &Job<'_>, seeds: &Seeds<'_>) -> Result<(), Error> {
    let outputs = job.program.tape().outputs.len();
    match seeds {
        Seeds::Weights(weights) => count(Some(j), Of::Seeds, outputs, weights.len()),
        Seeds::Columns(columns) => {
            count(Some(j), Of::Seeds, outputs, columns.len())?;
            columns.iter().enumerate().try_for_each(|(o, c)| length(j, Of::Seeds, o, job.points, c.len()))
        }
    }
}

/// The report of an output that is not finite at a point.
fn broken_output(j: usize, job: &Job<'_>, point: usize) -> Error {
    let tape = job.program.tape();
    let inputs: Vec<f32> = job.inputs.iter().map(|column| column[point]).collect();
    let found = diagnose(tape, &inputs, job.params, None);
    Error::non_finite(j, point, found.unwrap_or_else(|| some_node(job, |id| tape.outputs.contains(&id), What::Value)))
}

/// The report of a derivative that is not finite at some point.
fn broken_gradient(j: usize, job: &Job<'_>, seeds: &Seeds<'_>, params: &[f32]) -> Error {
    let tape = job.program.tape();
    let (mut inputs, mut at_point) = (vec![0.0; job.inputs.len()], vec![0.0; tape.outputs.len()]);
    for point in 0..job.points {
        inputs.iter_mut().zip(job.inputs).for_each(|(x, column)| *x = column[point]);
        match seeds {
            Seeds::Weights(weights) => at_point.copy_from_slice(weights),
            Seeds::Columns(columns) => at_point.iter_mut().zip(*columns).for_each(|(s, column)| *s = column[point]),
        }
        if let Some(found) = diagnose(tape, &inputs, job.params, Some(&at_point)) {
            return Error::non_finite(j, point, found);
        }
    }
    // Finite at every point, but not their sum.
    let sum = |id: Id| matches!(tape.nodes[id as usize], Node::Param(i) if params.get(i as usize).is_some_and(|d| !d.is_finite()));
    Error::non_finite(j, 0, some_node(job, sum, What::Derivative))
}

fn some_node(job: &Job<'_>, which: impl Fn(Id) -> bool, what: What) -> (Id, &'static str, What) {
    let tape = job.program.tape();
    let id = (0..tape.len() as Id).find(|id| which(*id)).unwrap_or(0);
    (id, tape.nodes.get(id as usize).map_or("constant", name), what)
}
