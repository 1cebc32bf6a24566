//! Where the numbers of blocks come from and go to: points of a job, or jobs of a program.

use super::block::Host;
use crate::exec::{Job, Seeds};

/// A piece of the points of a job.
pub(super) struct Points<'a> {
    pub job: &'a Job<'a>,
    /// The piece's first point.
    pub from: usize,
    /// Where the outputs go, the piece's part of each column; empty where they are not wanted.
    pub outputs: Vec<&'a mut [f32]>,
    /// Where the derivatives by inputs go, the piece's part of each column; empty where they are not wanted.
    pub inputs: Vec<&'a mut [f32]>,
    pub seeds: Seeds<'a>,
    /// Sums over the piece's points, by output.
    pub sums: Vec<f64>,
    /// The first point where an output is not finite.
    pub broken: Option<usize>,
    /// The block's first point, from that of the piece.
    pub at: usize,
    /// The block's points.
    pub len: usize,
}

impl<'a> Points<'a> {
    pub(super) fn new(job: &'a Job<'a>, from: usize) -> Points<'a> {
        Points {
            job,
            from,
            outputs: Vec::new(),
            inputs: Vec::new(),
            seeds: Seeds::Weights(&[]),
            sums: vec![0.0; job.program.tape().outputs.len()],
            broken: None,
            at: 0,
            len: 0,
        }
    }
}

impl Host for Points<'_> {
    fn begin(&mut self, at: usize, points: usize) -> bool {
        (self.at, self.len) = (at, points);
        self.broken.is_none()
    }

    fn load(&mut self, column: usize, to: &mut [f32]) {
        let from = &self.job.inputs[column][self.from + self.at..][..self.len];
        let (values, rest) = to.split_at_mut(self.len);
        values.copy_from_slice(from);
        rest.fill(from[self.len - 1]);
    }

    fn seed(&mut self, output: usize, to: &mut [f32]) {
        let (values, rest) = to.split_at_mut(self.len);
        match self.seeds {
            Seeds::Weights(weights) => values.fill(weights[output]),
            Seeds::Columns(columns) => values.copy_from_slice(&columns[output][self.from + self.at..][..self.len]),
        }
        rest.fill(0.0);
    }

    fn output(&mut self, output: usize, values: &[f32]) {
        let values = &values[..self.len];
        if !finite(values) {
            let first = values.iter().position(|x| !x.is_finite()).unwrap_or(0) + self.from + self.at;
            self.broken = Some(self.broken.map_or(first, |before| before.min(first)));
        }
        match self.outputs.get_mut(output) {
            Some(to) => to[self.at..][..self.len].copy_from_slice(values),
            None => self.sums[output] += sum(values),
        }
    }

    fn uniform_output(&mut self, output: usize, value: f32) {
        if !value.is_finite() {
            self.broken = Some(self.broken.unwrap_or(self.from + self.at));
        }
        match self.outputs.get_mut(output) {
            Some(to) => to[self.at..][..self.len].fill(value),
            None => self.sums[output] += f64::from(value) * self.len as f64,
        }
    }

    fn input_gradient(&mut self, column: usize, values: &[f32]) {
        self.inputs[column][self.at..][..self.len].iter_mut().zip(values).for_each(|(d, x)| *d += x);
    }
}

/// Whether all numbers are finite; without a branch for each, so that it is vector code.
pub(super) fn finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, x| all & x.is_finite())
}

/// The sum, in eight parts at a time.
fn sum(values: &[f32]) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut parts = [0.0f64; 8];
    for chunk in chunks {
        for (part, x) in parts.iter_mut().zip(chunk) {
            *part += f64::from(*x);
        }
    }
    parts.iter().sum::<f64>() + rest.iter().map(|x| f64::from(*x)).sum::<f64>()
}

/// Consecutive jobs of one program, in the place of points: rows of numbers, one for each job.
pub(super) struct Rows<'a> {
    pub jobs: &'a [Job<'a>],
    /// How many exports the program has.
    pub width: usize,
    /// `[jobs, exports]`: where the exports go; empty where they are not wanted.
    pub exports: &'a mut [f32],
    /// `[jobs, exports]`: the derivatives by the exports.
    pub seeds: &'a [f32],
    /// `[jobs, parameters]`: where the derivatives by the parameters go.
    pub params: Vec<Vec<f32>>,
    /// The block's first job.
    pub at: usize,
    /// The block's jobs.
    pub len: usize,
}

impl Host for Rows<'_> {
    fn begin(&mut self, at: usize, points: usize) -> bool {
        (self.at, self.len) = (at, points);
        true
    }

    fn load(&mut self, column: usize, to: &mut [f32]) {
        let jobs = &self.jobs[self.at..][..self.len];
        let (values, rest) = to.split_at_mut(self.len);
        values.iter_mut().zip(jobs).for_each(|(x, job)| *x = job.params[column]);
        rest.fill(values[self.len - 1]);
    }

    fn seed(&mut self, output: usize, to: &mut [f32]) {
        let (values, rest) = to.split_at_mut(self.len);
        for (i, x) in values.iter_mut().enumerate() {
            *x = self.seeds[(self.at + i) * self.width + output];
        }
        rest.fill(0.0);
    }

    fn output(&mut self, output: usize, values: &[f32]) {
        if self.exports.is_empty() {
            return;
        }
        for (i, x) in values[..self.len].iter().enumerate() {
            self.exports[(self.at + i) * self.width + output] = *x;
        }
    }

    fn uniform_output(&mut self, output: usize, value: f32) {
        debug_assert!(false, "export {output} = {value} is a constant");
    }

    fn input_gradient(&mut self, column: usize, values: &[f32]) {
        for (i, d) in values[..self.len].iter().enumerate() {
            self.params[self.at + i][column] += d;
        }
    }
}
