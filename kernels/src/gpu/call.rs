//! The calls: jobs cut into launches of a bounded length and memory, their results put together.

use super::device::{Opened, open};
use super::launch::{Written, run_interpreter, run_special};
use super::pack::{Ask, Coded, Packed, Part, Places, pack, piece_len};
use super::plan::Plan;
use super::words::{Results, UNITS, Words, words};
use crate::cpu::{Cpu, Group};
use crate::exec::{Error, Executor, Gradient, Job, Seeds, broken_output, check, check_outputs, check_seeds};
use crate::program::{Pass, Program};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// A GPU as an executor. The varying parts of programs run there, the uniform ones on the CPU. Cloning is cheap.
#[derive(Clone)]
pub struct Gpu<'a> {
    device: Arc<Opened>,
    cancel: Option<&'a AtomicBool>,
    kernels: Kernels,
}

/// Which kernels run programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kernels {
    /// The interpreter, until a program has been run so much that a kernel of its own pays.
    #[default]
    Auto,
    /// The interpreter.
    Interpreter,
    /// A kernel for each program, where it is fit for one: not of thousands of operations.
    Specialised,
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
        Ok(Gpu { device: open(name)?, cancel: None, kernels: Kernels::Auto })
    }

    /// The same device, whose calls end with [`Error::Cancelled`] when this becomes true: after the launch that runs, of
    /// about a tenth of a second.
    pub fn cancelled_by(self, cancel: &AtomicBool) -> Gpu<'_> {
        Gpu { device: self.device, cancel: Some(cancel), kernels: self.kernels }
    }

    /// The same device, with these kernels.
    pub fn with(self, kernels: Kernels) -> Self {
        Gpu { kernels, ..self }
    }

    /// The device.
    pub fn info(&self) -> &super::DeviceInfo {
        &self.device.info
    }

    /// How many programs have got a kernel of their own on this device, in this process.
    pub fn compiled(&self) -> usize {
        self.device.heat.lock().unwrap_or_else(PoisonError::into_inner).compiled()
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
/// The most pieces of a launch; a cube takes several.
const MOST_PIECES: usize = 1 << 20;
/// Pieces that a launch is cut into, where they are not too short.
const PIECES: usize = 512;

/// A program gets its own kernel when interpreting it has taken so many full launches, about the time of compiling.
const HOT: usize = 4;

/// Of more programs in a call none gets a kernel: they are interpreted together, in few launches.
const FEW: usize = 4;

/// How a program is run.
#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// Interpreted, frames in shared memory.
    Shared,
    /// Interpreted, frames in the memory of all.
    Scratch,
    /// By its own kernel.
    Special(Plan),
}

/// A job that is not done yet.
struct Waiting {
    job: usize,
    way: Way,
    /// Jobs that are run together have one number.
    order: usize,
    words: Arc<Words>,
    /// Points of a piece.
    piece: usize,
    from: usize,
}

/// What a launch does.
struct Lot {
    parts: Vec<Part>,
    /// The code of each part, and the points of its pieces.
    runs: Vec<(Arc<Words>, usize)>,
    /// Operations at points.
    work: usize,
}

impl Gpu<'_> {
    /// Runs all jobs, launch by launch, and hands on what each wrote.
    fn launches(&self, ask: Ask<'_>, pass: Pass, mut take: impl FnMut(Part, &Wrote<'_>)) -> Result<(), Error> {
        let mut waiting = self.waiting(&ask, pass)?;
        waiting.sort_by_key(|w| w.order);
        waiting.reverse();
        let mut broken: Option<(usize, usize)> = None;
        while let Some(way) = waiting.last().map(|w| w.way.clone()) {
            if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(Error::Cancelled);
            }
            let Lot { parts, runs, work } = self.lot(&ask, pass, &way, &mut waiting);
            let mut next = runs.iter();
            let coded = |job: usize| {
                let (words, piece) = next.next().cloned().unwrap_or_else(|| unreachable!("a part without its code"));
                Coded { code: ask.jobs[job].program.code(pass), words, piece }
            };
            let (packed, places) = pack(&ask, &parts, coded);
            let start = Instant::now();
            let written = self.launch(&way, &packed, places.sums.len())?;
            self.device.took(work, start.elapsed());
            for (index, (part, (words, _))) in parts.iter().zip(&runs).enumerate() {
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
        let mut known: HashMap<*const Program, (Way, usize, Arc<Words>)> = HashMap::new();
        let mut work: HashMap<u64, usize> = HashMap::new();
        for job in ask.jobs {
            *work.entry(job.program.hash()).or_default() += job.points * job.program.code(pass).cost();
        }
        let few = work.len() <= FEW || self.kernels == Kernels::Specialised;
        let total: usize = ask.jobs.iter().map(|job| job.points).sum();
        let mut waiting = Vec::new();
        for (job, Job { program, points, .. }) in ask.jobs.iter().enumerate() {
            let outputs = program.tape().outputs.len();
            if *points == 0 || outputs == 0 {
                continue;
            }
            let next = known.len() + 2;
            let make = || {
                let words = words(program.code(pass), ask.results, outputs, program.tape().inputs);
                let plan = || self.plan(program, pass, ask.results, work[&program.hash()]);
                let (way, words) = match few.then(plan).flatten() {
                    Some(plan) => (Way::Special(plan.clone()), plan.words(words.gradients)),
                    None if words.frame as usize <= self.shared() => (Way::Shared, words),
                    None => (Way::Scratch, words),
                };
                let order = match way {
                    Way::Shared => 0,
                    Way::Scratch => 1,
                    Way::Special(_) => next,
                };
                (way, order, Arc::new(words))
            };
            let (way, order, words) = known.entry(std::ptr::from_ref(*program)).or_insert_with(make).clone();
            let too_long = || {
                let nodes = program.tape().len();
                Error::Device(format!("job {job}: its program of {nodes} operations is too long for it"))
            };
            if words.frame as usize * size_of::<f32>() > SCRATCH || ask.exports[job].len() * 4 > ARENA {
                return Err(too_long());
            }
            let piece = piece_len(total, PIECES, words.sums).min(self.turns(&words).ok_or_else(too_long)? * BLOCK);
            waiting.push(Waiting { job, way, order, words, piece, from: 0 });
        }
        Ok(waiting)
    }

    /// The program's own kernel, if it is time for one.
    fn plan(&self, program: &Program, pass: Pass, results: Results, work: usize) -> Option<Plan> {
        let hot = match self.kernels {
            Kernels::Interpreter => return None,
            Kernels::Specialised => 0,
            Kernels::Auto => HOT * self.device.work.load(Ordering::Relaxed),
        };
        let mut heat = self.device.heat.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = program.tape().outputs.len();
        let make = || Plan::new(program.code(pass), results, outputs, self.shared());
        heat.plan((program.hash(), pass, results), work, hot, make)
    }

    /// How many blocks of points a unit may go through in a launch, if any.
    fn turns(&self, words: &Words) -> Option<usize> {
        // The loops before and after the blocks: over scalars and sums.
        let besides = 2 * words.sums as usize + (words.sums_at / UNITS) as usize + 1000;
        let blocks = self.device.turns.saturating_sub(besides) / (words.turns + 4);
        (blocks > 0).then_some(blocks)
    }

    /// How many pieces a launch may have.
    fn pieces(&self, way: &Way, frame: u32) -> usize {
        let cubes = CUBES.min(self.device.limits.cubes as usize);
        match way {
            _ if self.device.turns == usize::MAX => MOST_PIECES,
            // Each cube takes one, so that its turns are bounded.
            Way::Scratch => cubes.min(self.frames(frame)),
            Way::Shared | Way::Special(_) => cubes,
        }
    }

    /// How many frames there is memory for.
    fn frames(&self, frame: u32) -> usize {
        (SCRATCH / (frame as usize * size_of::<f32>()).max(1)).max(1)
    }

    /// Numbers of the shared memory that frames may take.
    fn shared(&self) -> usize {
        self.device.limits.shared / size_of::<f32>()
    }

    /// The next parts that fit a launch, with their words and the work that they are.
    fn lot(&self, ask: &Ask<'_>, pass: Pass, way: &Way, waiting: &mut Vec<Waiting>) -> Lot {
        let most = self.device.work.load(Ordering::Relaxed);
        let room = ARENA.min(self.device.limits.buffer as usize / size_of::<f32>());
        let (mut parts, mut runs) = (Vec::new(), Vec::new());
        let (mut work, mut read, mut wrote, mut pieces, mut frame) = (0, 0, 0, 0, 0);
        while let Some(next) = waiting.last_mut().filter(|w| w.way == *way) {
            let job = &ask.jobs[next.job];
            let cost = job.program.code(pass).cost() + 1;
            let (reads, writes) = ask.columns(next.job);
            let fixed = job.program.code(pass).scalars.len() + next.words.sums as usize;
            frame = next.words.frame.max(frame);
            let fitting = [
                self.pieces(way, frame).saturating_sub(pieces) * next.piece,
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
            runs.push((next.words.clone(), next.piece));
            pieces += len.div_ceil(next.piece);
            work += len * cost;
            read += len * reads + fixed;
            wrote += len * (writes + 1) + fixed;
            next.from += len;
            if next.from == job.points {
                waiting.pop();
            }
        }
        Lot { parts, runs, work }
    }

    fn launch(&self, way: &Way, packed: &Packed, pieces: usize) -> Result<Written, Error> {
        let most = CUBES.min(self.device.limits.cubes as usize);
        match way {
            Way::Shared => run_interpreter(&self.device, packed, pieces, pieces.min(most) as u32, self.shared()),
            Way::Special(plan) => run_special(&self.device, packed, pieces, pieces.min(most) as u32, plan),
            Way::Scratch => {
                let cubes = pieces.min(most).min(self.frames(packed.frame));
                run_interpreter(&self.device, packed, pieces, cubes as u32, 0)
            }
        }
    }
}

const BLOCK: usize = UNITS as usize;
