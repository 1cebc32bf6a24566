//! The calls: jobs cut into launches of a bounded length and memory, their results put together.

use super::device::{Opened, open};
use super::launch::{Written, run_interpreter};
use super::pack::{Ask, Coded, Packed, Part, Places, pack, piece_len};
use super::words::{Results, Words, words};
use crate::cpu::{Cpu, Group};
use crate::exec::{Error, Executor, Gradient, Job, Seeds, broken_output, check, check_outputs, check_seeds};
use crate::program::{Pass, Program};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A GPU as an executor. The varying parts of programs run there, the uniform ones on the CPU. Cloning is cheap.
#[derive(Clone)]
pub struct Gpu<'a> {
    device: Arc<Opened>,
    /// When this becomes true the call ends with [`Error::Cancelled`], after the launch that runs.
    pub cancel: Option<&'a AtomicBool>,
}

impl std::fmt::Debug for Gpu<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu").field("device", &self.device.info).finish()
    }
}

impl Gpu<'_> {
    /// Opens the device of this name: `gpu` for the best there is, a short name of [`devices`](super::devices), or a part
    /// of what its driver calls it.
    ///
    /// # Errors
    /// No such device, or one that cannot be used.
    pub fn open(name: &str) -> Result<Gpu<'static>, Error> {
        Ok(Gpu { device: open(name)?, cancel: None })
    }

    /// The device.
    pub fn info(&self) -> &super::DeviceInfo {
        &self.device.info
    }

    fn cpu(&self) -> Cpu<'_> {
        Cpu { cancel: self.cancel, ..Cpu::default() }
    }
}

impl Executor for Gpu<'_> {
    fn forward(&self, jobs: &[Job<'_>], out: &mut [&mut [f32]]) -> Result<(), Error> {
        check_outputs(jobs, out)?;
        let mut first = Vec::with_capacity(jobs.len());
        let mut columns = 0;
        for job in jobs {
            first.push(columns);
            columns += job.program.tape().outputs.len();
        }
        let groups = self.cpu().uniform(jobs)?;
        let exports = exports(&groups);
        let ask = Ask { jobs, exports: &exports, results: Results::Columns, seeds: &[], inputs: false };
        self.launches(ask, Pass::Forward, |part, wrote| {
            let outputs = jobs[part.job].program.tape().outputs.len();
            for (o, column) in out[first[part.job]..].iter_mut().take(outputs).enumerate() {
                column[part.from..][..part.len].copy_from_slice(wrote.column(o));
            }
        })
    }

    fn sums(&self, jobs: &[Job<'_>]) -> Result<Vec<Vec<f64>>, Error> {
        check(jobs)?;
        let groups = self.cpu().uniform(jobs)?;
        let exports = exports(&groups);
        let ask = Ask { jobs, exports: &exports, results: Results::Sums, seeds: &[], inputs: false };
        let mut sums = zeros(jobs);
        self.launches(ask, Pass::Forward, |part, wrote| wrote.add_sums(0, &mut sums[part.job]))?;
        Ok(sums)
    }

    fn gradient(&self, jobs: &[Job<'_>], seeds: &[Seeds<'_>], inputs: bool) -> Result<Vec<Gradient>, Error> {
        check_seeds(jobs, seeds)?;
        let cpu = self.cpu();
        let groups = cpu.uniform(jobs)?;
        let exports = exports(&groups);
        let ask = Ask { jobs, exports: &exports, results: Results::Sums, seeds, inputs };
        let pass = if inputs { Pass::ReverseInputs } else { Pass::Reverse };
        let mut sums = zeros(jobs);
        let mut by_export: Vec<Vec<f64>> = exports.iter().map(|e| vec![0.0; e.len()]).collect();
        let mut by_input: Vec<Vec<Vec<f32>>> = Vec::new();
        if inputs {
            by_input = jobs.iter().map(|job| vec![vec![0.0; job.points]; job.inputs.len()]).collect();
        }
        let mut raw = Vec::new();
        self.launches(ask, pass, |part, wrote| {
            let code = jobs[part.job].program.code(pass);
            raw.clear();
            raw.resize(code.sums, 0.0);
            wrote.add_sums(0, &mut raw);
            wrote.add_sums(code.sums, &mut sums[part.job]);
            for share in &code.shares {
                by_export[part.job][share.export as usize] +=
                    raw[share.sum as usize] * f64::from(share.factor.value(exports[part.job]));
            }
            if inputs {
                let columns = by_input[part.job].iter_mut().zip(&wrote.words.gradients).enumerate();
                for (c, (column, _)) in columns.filter(|(_, (_, written))| **written) {
                    column[part.from..][..part.len].copy_from_slice(wrote.column(c));
                }
            }
        })?;
        cpu.gradients(jobs, seeds, &groups, &by_export, sums, inputs.then_some(by_input))
    }
}

fn zeros(jobs: &[Job<'_>]) -> Vec<Vec<f64>> {
    jobs.iter().map(|job| vec![0.0; job.program.tape().outputs.len()]).collect()
}

/// By job the results of its uniform part.
fn exports(groups: &[Group]) -> Vec<&[f32]> {
    let rows = |group: &'_ Group| {
        let jobs = group.to - group.from;
        (jobs, group.exports.len() / jobs.max(1))
    };
    groups
        .iter()
        .flat_map(|group| {
            let (jobs, width) = rows(group);
            (0..jobs).map(move |j| &group.exports[j * width..][..width])
        })
        .collect()
}

/// What a launch wrote of a part.
struct Wrote<'a> {
    written: &'a Written,
    places: &'a Places,
    words: &'a Words,
    /// Which part of the launch.
    index: usize,
    len: usize,
}

impl Wrote<'_> {
    /// A column of outputs or of derivatives.
    fn column(&self, which: usize) -> &[f32] {
        &self.written.out[self.places.columns[self.index] as usize + which * self.len..][..self.len]
    }

    /// Adds the sums from one on.
    fn add_sums(&self, from: usize, to: &mut [f64]) {
        for piece in self.places.pieces[self.index].clone() {
            let sums = &self.written.out[self.places.sums[piece] as usize + from..];
            to.iter_mut().zip(sums).for_each(|(to, x)| *to += f64::from(*x));
        }
    }

    /// The first point of the part where an output is not finite.
    fn broken(&self) -> Option<usize> {
        let flags = &self.written.flags[self.places.pieces[self.index].clone()];
        flags.iter().find(|flag| **flag != u32::MAX).map(|flag| *flag as usize)
    }
}

/// Numbers that a launch reads, and as many that it writes.
const ARENA: usize = 1 << 24;
/// Bytes for the frames of cubes that do not fit shared memory.
const SCRATCH: usize = 64 << 20;
/// Cubes of a launch.
const CUBES: usize = 4096;
/// Pieces that a launch is cut into, where they are not too short.
const PIECES: usize = 512;

/// How a program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Interpreted, frames in shared memory.
    Shared,
    /// Interpreted, frames in the memory of all.
    Scratch,
}

/// A job that is not done yet.
struct Waiting {
    job: usize,
    way: Way,
    words: Arc<Words>,
    from: usize,
}

impl Gpu<'_> {
    /// Runs all jobs, launch by launch, and hands on what each wrote.
    fn launches(&self, ask: Ask<'_>, pass: Pass, mut take: impl FnMut(Part, &Wrote<'_>)) -> Result<(), Error> {
        let mut waiting = self.waiting(&ask, pass)?;
        waiting.sort_by_key(|w| std::cmp::Reverse(w.way));
        waiting.reverse();
        let mut broken: Option<(usize, usize)> = None;
        while let Some(way) = waiting.last().map(|w| w.way) {
            if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(Error::Cancelled);
            }
            let (parts, words, work) = self.lot(&ask, pass, way, &mut waiting);
            let points = parts.iter().map(|part| part.len).sum();
            let mut i = 0;
            let coded = |job: usize| {
                i += 1;
                Coded { code: ask.jobs[job].program.code(pass), words: words[i - 1].clone() }
            };
            let (packed, places) = pack(&ask, &parts, coded, |_, sums| piece_len(points, PIECES, sums));
            let start = Instant::now();
            let written = self.launch(way, &packed, places.sums.len())?;
            self.device.took(work, start.elapsed());
            for (index, (part, words)) in parts.iter().zip(&words).enumerate() {
                let wrote = Wrote { written: &written, places: &places, words, index, len: part.len };
                if let Some(point) = wrote.broken() {
                    let found = (part.job, part.from + point);
                    broken = Some(broken.map_or(found, |before| before.min(found)));
                }
                take(*part, &wrote);
            }
        }
        match broken {
            Some((job, point)) => Err(broken_output(job, &ask.jobs[job], point)),
            None => Ok(()),
        }
    }

    /// The jobs that have something to do, with their words.
    fn waiting(&self, ask: &Ask<'_>, pass: Pass) -> Result<Vec<Waiting>, Error> {
        let mut known: HashMap<*const Program, Arc<Words>> = HashMap::new();
        let mut waiting = Vec::new();
        for (job, Job { program, points, .. }) in ask.jobs.iter().enumerate() {
            let outputs = program.tape().outputs.len();
            if *points == 0 || outputs == 0 {
                continue;
            }
            let make = || Arc::new(words(program.code(pass), ask.results, outputs, program.tape().inputs));
            let words = known.entry(std::ptr::from_ref(*program)).or_insert_with(make).clone();
            let way = if words.frame as usize <= self.shared() { Way::Shared } else { Way::Scratch };
            if words.frame as usize * size_of::<f32>() > SCRATCH || ask.exports[job].len() * 4 > ARENA {
                return Err(Error::Device(format!("job {job}: its program of {} operations is too long", program.tape().len())));
            }
            waiting.push(Waiting { job, way, words, from: 0 });
        }
        Ok(waiting)
    }

    /// Numbers of the shared memory that frames may take.
    fn shared(&self) -> usize {
        self.device.limits.shared / size_of::<f32>()
    }

    /// The next parts that fit a launch, with their words and the work that they are.
    fn lot(&self, ask: &Ask<'_>, pass: Pass, way: Way, waiting: &mut Vec<Waiting>) -> (Vec<Part>, Vec<Arc<Words>>, usize) {
        let most = self.device.work.load(Ordering::Relaxed);
        let room = ARENA.min(self.device.limits.buffer as usize / size_of::<f32>());
        let (mut parts, mut words) = (Vec::new(), Vec::new());
        let (mut work, mut read, mut wrote) = (0, 0, 0);
        while let Some(next) = waiting.last_mut().filter(|w| w.way == way) {
            let job = &ask.jobs[next.job];
            let cost = job.program.code(pass).cost() + 1;
            let (reads, writes) = ask.columns(next.job);
            let fixed = job.program.code(pass).scalars.len() + next.words.sums as usize;
            let fitting = [
                most.saturating_sub(work) / cost,
                room.saturating_sub(read + fixed) / reads.max(1),
                room.saturating_sub(wrote + fixed) / (writes + 1),
            ];
            let fitting = fitting.into_iter().min().unwrap_or(0) / BLOCK * BLOCK;
            let fitting = if parts.is_empty() { fitting.max(BLOCK) } else { fitting };
            let len = fitting.min(job.points - next.from);
            if len == 0 {
                break;
            }
            parts.push(Part { job: next.job, from: next.from, len });
            words.push(next.words.clone());
            work += len * cost;
            read += len * reads + fixed;
            wrote += len * (writes + 1) + fixed;
            next.from += len;
            if next.from == job.points {
                waiting.pop();
            }
        }
        (parts, words, work)
    }

    fn launch(&self, way: Way, packed: &Packed, pieces: usize) -> Result<Written, Error> {
        let most = CUBES.min(self.device.limits.cubes as usize);
        match way {
            Way::Shared => run_interpreter(&self.device, packed, pieces, pieces.min(most) as u32, self.shared()),
            Way::Scratch => {
                let frames = SCRATCH / (packed.frame as usize * size_of::<f32>());
                run_interpreter(&self.device, packed, pieces, pieces.min(most).min(frames).max(1) as u32, 0)
            }
        }
    }
}

const BLOCK: usize = super::words::UNITS as usize;
