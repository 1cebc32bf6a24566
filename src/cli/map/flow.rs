//! Chunks through threads: one reads, several work, and the caller's own writes what they made in the order of the input.
//!
//! Chunk k goes to worker k modulo their number and comes back from it, so that order needs no bookkeeping. All queues
//! are short: whoever is ahead waits, and memory does not grow with the input.

use super::chunks::{Broken, Chunk, Chunks};
use super::report::Failure;
use crate::vm::limits::Cancel;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Chunks that may wait on each side of a worker: enough that threads seldom wake each other, which costs more than a chunk.
const WAITING: usize = 8;

/// How often Ctrl-C is looked at while nothing comes.
const TICK: Duration = Duration::from_millis(50);

/// What a worker makes of a chunk.
#[derive(Debug, Default)]
pub struct Done {
    /// Output.
    pub bytes: Vec<u8>,
    /// How many rows there were.
    pub rows: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The first failures.
    pub failures: Vec<Failure>,
}

/// Does the work on chunks. Each thread has one.
pub trait Work: Send + 'static {
    /// Fills `out`, which is empty. False: interrupted.
    fn chunk(&mut self, chunk: &Chunk, out: &mut Done) -> bool;
}

/// Why it ended early.
#[derive(Debug)]
pub enum End {
    /// Interrupted.
    Cancelled,
    /// The input.
    Broken(Broken),
    /// What the writer said.
    Code(u8),
}

/// The writer's side of a worker.
struct Lane {
    done: Receiver<(Result<Done, Broken>, Vec<u8>)>,
    used: Sender<Vec<u8>>,
}

/// The first chunk, which is empty if the input is. It is read by a thread: an input may keep one waiting, and Ctrl-C is
/// not to wait with it.
pub fn first(mut chunks: Chunks, cancel: &Cancel) -> Result<(Chunks, Chunk), End> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let chunk = chunks.next(Vec::new());
        // Nobody listens after Ctrl-C.
        let _ = send.send((chunks, chunk));
    });
    loop {
        match receive.recv_timeout(TICK) {
            Ok((chunks, chunk)) => return Ok((chunks, chunk.map_err(End::Broken)?.unwrap_or_default())),
            Err(RecvTimeoutError::Timeout) if !cancel.is_cancelled() => {}
            Err(_) => return Err(End::Cancelled),
        }
    }
}

/// Works through all chunks; `write` is given the results in order.
pub fn run<W: Work>(
    mut chunks: Chunks,
    workers: Vec<W>,
    cancel: &Cancel,
    mut write: impl FnMut(&mut Done) -> Result<(), u8>,
) -> Result<(), End> {
    let (free, freed) = channel::<Vec<u8>>();
    let (mut inputs, mut lanes) = (Vec::new(), Vec::new());
    // The threads are not joined: one that waits for a terminal or a pipe would keep Ctrl-C waiting with it.
    for worker in workers {
        let (input, work) = sync_channel::<Result<Chunk, Broken>>(WAITING);
        let (done, results) = sync_channel(WAITING);
        let (used, buffers) = channel::<Vec<u8>>();
        thread::spawn(move || labour(worker, &work, &done, &buffers));
        inputs.push(input);
        lanes.push(Lane { done: results, used });
    }
    let stop = cancel.clone();
    thread::spawn(move || {
        for input in inputs.iter().cycle() {
            let message = match chunks.next(freed.try_recv().unwrap_or_default()) {
                Ok(Some(chunk)) => Ok(chunk),
                Ok(None) => return,
                Err(e) => Err(e),
            };
            let last = message.is_err();
            if input.send(message).is_err() || last || stop.is_cancelled() {
                return;
            }
        }
    });
    for lane in lanes.iter().cycle() {
        let (result, input) = loop {
            if cancel.is_cancelled() {
                return Err(End::Cancelled);
            }
            match lane.done.recv_timeout(TICK) {
                Ok(done) => break done,
                Err(RecvTimeoutError::Timeout) => {}
                // No more chunks, unless it was stopped.
                Err(RecvTimeoutError::Disconnected) if cancel.is_cancelled() => return Err(End::Cancelled),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        };
        let mut done = result.map_err(End::Broken)?;
        write(&mut done).map_err(End::Code)?;
        // Nobody may be left to use them again.
        let _ = free.send(input);
        let _ = lane.used.send(done.bytes);
    }
    Ok(())
}

fn labour<W: Work>(
    mut worker: W,
    work: &Receiver<Result<Chunk, Broken>>,
    done: &SyncSender<(Result<Done, Broken>, Vec<u8>)>,
    buffers: &Receiver<Vec<u8>>,
) {
    for message in work {
        let message = match message {
            Err(e) => (Err(e), Vec::new()),
            Ok(chunk) => {
                let mut out = Done { bytes: buffers.try_recv().unwrap_or_default(), ..Done::default() };
                out.bytes.clear();
                if !worker.chunk(&chunk, &mut out) {
                    return;
                }
                (Ok(out), chunk.bytes)
            }
        };
        if done.send(message).is_err() {
            return;
        }
    }
}
