//! The uniform parts of jobs, and what comes after the sums over points: derivatives by parameters.

use super::call::Cpu;
use super::hosts::{Rows, finite};
use super::pieces::{blocks, each};
use crate::exec::{Error, Gradient, Job, Seeds, broken_gradient};
use crate::program::Pass;

/// Neighbouring jobs of one program.
pub(crate) struct Group {
    pub from: usize,
    pub to: usize,
    /// `[jobs, exports]`
    pub exports: Vec<f32>,
}

/// How many jobs of one program are computed together in the uniform part.
const ROWS: usize = 256;

impl Cpu<'_> {
    /// The uniform parts of all jobs; neighbours of one program together.
    pub(crate) fn uniform(&self, jobs: &[Job<'_>]) -> Result<Vec<Group>, Error> {
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

    /// The gradients of jobs, from the derivatives by their exports.
    pub(crate) fn gradients(
        &self,
        jobs: &[Job<'_>],
        seeds: &[Seeds<'_>],
        groups: &[Group],
        by_export: &[Vec<f64>],
        sums: Vec<Vec<f64>>,
        by_input: Option<Vec<Vec<Vec<f32>>>>,
    ) -> Result<Vec<Gradient>, Error> {
        let mut tasks = Vec::new();
        for group in groups {
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
        let mut by_input = by_input.map(Vec::into_iter);
        let mut gradients = Vec::with_capacity(jobs.len());
        for (j, (params, sums)) in params.into_iter().flatten().zip(sums).enumerate() {
            let inputs = by_input.as_mut().and_then(Iterator::next);
            if !finite(&params) || !inputs.iter().flatten().all(|column| finite(column)) {
                return Err(broken_gradient(j, &jobs[j], &seeds[j], &params));
            }
            gradients.push(Gradient { sums, params, inputs });
        }
        Ok(gradients)
    }
}
