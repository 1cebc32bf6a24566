//! Work in pieces, spread over threads. The pieces do not depend on the number of threads and their results come back
//! in order, so that what is computed does not depend on it either.

use super::block::{Host, Memory};
use super::dots::WIDTH;
use super::lanes::{Isa, Lanes, WithLanes};
use crate::exec::Error;
use crate::program::code::Code;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Work below this (in operations on one point) is not worth another thread.
const WORTH_A_THREAD: usize = 1 << 22;

/// Does `run` for every piece, in any order, and gives the results in the order of the pieces. Of several failures the
/// one of the first piece counts.
pub(super) fn each<P: Send, R: Send>(
    threads: usize,
    cancel: Option<&AtomicBool>,
    cost: usize,
    pieces: Vec<P>,
    run: impl Fn(&mut Memory, P) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let count = pieces.len();
    let threads = threads.min(count).min(1 + cost / WORTH_A_THREAD).max(1);
    let queue = Mutex::new(pieces.into_iter().enumerate());
    let failed = AtomicBool::new(false);
    let work = || {
        let (mut memory, mut done) = (Memory::default(), Vec::new());
        while !failed.load(Ordering::Relaxed) {
            let Some((i, piece)) = queue.lock().ok().and_then(|mut queue| queue.next()) else { break };
            let result = match cancel {
                Some(flag) if flag.load(Ordering::Relaxed) => Err(Error::Cancelled),
                _ => run(&mut memory, piece),
            };
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.push((i, result));
        }
        done
    };
    let mut results = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Runs code on `points` points, block by block.
pub(super) fn blocks(isa: Isa, memory: &mut Memory, code: &Code, exports: &[f32], points: usize, host: &mut dyn Host) {
    let len = code.block(points);
    memory.begin(code, len, exports);
    isa.with(Blocks { memory, code, len, points, host });
}

struct Blocks<'a> {
    memory: &'a mut Memory,
    code: &'a Code,
    len: usize,
    points: usize,
    host: &'a mut dyn Host,
}

impl WithLanes for Blocks<'_> {
    type Out = ();
    fn run<L: Lanes>(self, lanes: L) {
        for at in (0..self.points).step_by(self.len) {
            let points = self.len.min(self.points - at);
            if !self.host.begin(at, points) {
                break;
            }
            self.memory.run(lanes, self.code, points.next_multiple_of(WIDTH), self.host);
        }
    }
}

/// What the registers of a block should fit into: a part of the second-level cache. Longer blocks than the first level
/// would hold pay, because every instruction has its fixed cost.
const FOOTPRINT: usize = 320 << 10;
/// What registers so few that long blocks of them fit the first-level cache may take: no longer then.
const FIRST: usize = 40 << 10;
/// The length of which that is said.
const LONG: usize = 512;
/// What they may take so that blocks are not shorter than [`SHORT`].
const LARGE: usize = 480 << 10;
/// Shorter blocks cost more by the fixed cost of instructions than they gain by fitting better.
const SHORT: usize = 320;
/// What they may take with blocks of the least length that keeps vectors busy.
const LARGEST: usize = 8 << 20;

impl Code {
    /// The length of blocks for so many points: a multiple of [`WIDTH`], and of 64 where there are as many points.
    pub(super) fn block(&self, points: usize) -> usize {
        let bytes = self.registers.max(1) * size_of::<f32>();
        let footprint = if FIRST / bytes >= LONG { FIRST } else { FOOTPRINT };
        let fitting = (footprint / bytes).max(SHORT.min(LARGE / bytes)).clamp(64, 4096) / 64 * 64;
        let len = if bytes * 64 > LARGEST { WIDTH } else { fitting };
        (len.min(points) / WIDTH * WIDTH).max(WIDTH)
    }

    /// How many operations it takes at one point.
    pub(crate) fn cost(&self) -> usize {
        self.instrs.len() + self.lists.len()
    }
}
