//! What executors of programs have in common: the calls, what goes in and comes out, what may be wrong.

mod device;
mod diagnose;
mod error;

pub use device::Device;
pub use error::{Error, Of, What};

use crate::program::Program;
use crate::tape::{Id, Node};
use diagnose::{diagnose, name};

/// What runs programs: the CPU, a GPU.
pub trait Executor: Send + Sync {
    /// Writes the outputs at all points: a column for each job and output, the first job's outputs first.
    ///
    /// # Errors
    /// Numbers or lengths of columns and parameters that do not fit; an output that is not finite; cancellation.
    fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error>;

    /// For each job and output the sum over the points.
    ///
    /// # Errors
    /// As [`forward`](Executor::forward).
    fn sums(&self, jobs: &[Job<'_>]) -> Result<Vec<Vec<f64>>, Error>;

    /// For each job the sums of its outputs and the derivatives of the sum over outputs and points of `seed * output`:
    /// by the parameters and, if `inputs`, by the input columns.
    ///
    /// # Errors
    /// As [`forward`](Executor::forward); seeds that do not fit; a derivative that is not finite.
    fn gradient(&self, jobs: &[Job<'_>], seeds: &[Seeds<'_>], inputs: bool) -> Result<Vec<Gradient>, Error>;
}

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

fn count(job: Option<usize>, of: Of, wanted: usize, got: usize) -> Result<(), Error> {
    if wanted == got { Ok(()) } else { Err(Error::Count { job, of, wanted, got }) }
}

fn length(job: usize, of: Of, column: usize, wanted: usize, got: usize) -> Result<(), Error> {
    if wanted == got { Ok(()) } else { Err(Error::Length { job, of, column, wanted, got }) }
}

/// Checks the jobs.
pub(crate) fn check(jobs: &[Job<'_>]) -> Result<(), Error> {
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

/// Checks the jobs and the columns for their outputs.
pub(crate) fn check_outputs(jobs: &[Job<'_>], out: &[&mut [f32]]) -> Result<(), Error> {
    check(jobs)?;
    let wanted = jobs.iter().map(|j| j.program.tape().outputs.len()).sum();
    count(None, Of::Outputs, wanted, out.len())?;
    let mut columns = out.iter();
    for (j, job) in jobs.iter().enumerate() {
        for (column, values) in columns.by_ref().take(job.program.tape().outputs.len()).enumerate() {
            length(j, Of::Outputs, column, job.points, values.len())?;
        }
    }
    Ok(())
}

/// Checks the jobs and their seeds.
pub(crate) fn check_seeds(jobs: &[Job<'_>], seeds: &[Seeds<'_>]) -> Result<(), Error> {
    check(jobs)?;
    count(None, Of::Seeds, jobs.len(), seeds.len())?;
    jobs.iter().zip(seeds).enumerate().try_for_each(|(j, (job, seeds))| seeds_of(j, job, seeds))
}

fn seeds_of(j: usize, job: &Job<'_>, seeds: &Seeds<'_>) -> Result<(), Error> {
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
pub(crate) fn broken_output(j: usize, job: &Job<'_>, point: usize) -> Error {
    let tape = job.program.tape();
    let inputs: Vec<f32> = job.inputs.iter().map(|column| column[point]).collect();
    let found = diagnose(tape, &inputs, job.params, None);
    Error::non_finite(j, point, found.unwrap_or_else(|| some_node(job, |id| tape.outputs.contains(&id), What::Value)))
}

/// The report of a derivative that is not finite at some point.
pub(crate) fn broken_gradient(j: usize, job: &Job<'_>, seeds: &Seeds<'_>, params: &[f32]) -> Error {
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
