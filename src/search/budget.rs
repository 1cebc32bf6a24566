//! How long a search may go on.

use crate::vm::limits::Cancel;
use std::time::{Duration, Instant};

/// What a search may use. The same seed and number of nodes give the same result; time only cuts it short.
#[derive(Clone, Debug)]
pub struct Budget {
    nodes: u64,
    used: u64,
    started: Instant,
    deadline: Option<Instant>,
    cancel: Cancel,
}

/// Why a search stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All nodes were used.
    Nodes,
    /// The time was up.
    Time,
    /// Ctrl-C, or the host.
    Cancelled,
}

/// The clock is read once in so many nodes.
const STRIDE: u64 = 256;

impl Budget {
    /// At most `nodes` nodes and `time`; starts now.
    pub fn new(nodes: Option<u64>, time: Option<Duration>, cancel: Cancel) -> Budget {
        let started = Instant::now();
        let deadline = time.and_then(|t| started.checked_add(t));
        Budget { nodes: nodes.unwrap_or(u64::MAX), used: 0, started, deadline, cancel }
    }

    /// The same, ending no later than `deadline`.
    pub fn until(mut self, deadline: Option<Instant>) -> Budget {
        self.deadline = match (self.deadline, deadline) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self
    }

    /// Counts one node: a program, or a part of one, that is executed.
    #[inline]
    pub fn spend(&mut self) -> Result<(), Stop> {
        if self.used >= self.nodes {
            return Err(Stop::Nodes);
        }
        self.used += 1;
        if self.used.is_multiple_of(STRIDE) { self.look() } else { Ok(()) }
    }

    /// Looks at the clock and the cancel flag.
    pub fn look(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        match self.deadline {
            Some(d) if Instant::now() >= d => Err(Stop::Time),
            _ => Ok(()),
        }
    }

    /// Nodes used so far.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Time since it was made.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
