//! What an evaluation may use, and how it stops.

use crate::source::Span;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Bounds of one evaluation. `None` is no bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Operations: one for each loop turn and call, and one for each 64 bytes or so that a builtin works through.
    pub ops: Option<u64>,
    /// Bytes of live data.
    pub memory: Option<usize>,
    /// Calls inside calls.
    pub depth: usize,
    /// Wall time.
    pub time: Option<Duration>,
}

impl Default for Limits {
    /// No bounds but a depth of 10,000 calls.
    fn default() -> Limits {
        Limits { ops: None, memory: None, depth: 10_000, time: None }
    }
}

impl Limits {
    /// For programs from strangers: 10 million operations, 64 MiB, 200 calls deep, 1 second.
    pub fn untrusted() -> Limits {
        Limits { ops: Some(10_000_000), memory: Some(64 << 20), depth: 200, time: Some(Duration::from_secs(1)) }
    }
}

/// A flag that another thread raises to stop an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks every evaluation that holds this flag to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Lowers the flag.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// The flag itself.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }

    /// Whether the flag is up.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why an operation failed; the machine adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fail {
    /// The code of the diagnostic, `E04..` and up.
    pub code: &'static str,
    /// One line, lower case.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// A place elsewhere in the program that has to do with it, and how.
    pub at: Option<Box<(Span, String)>>,
}

impl Fail {
    /// A failure with its code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Fail {
        Fail { code, message: message.into(), help: None, at: None }
    }

    /// Points to a place elsewhere in the program.
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Fail {
        if span != Span::NOWHERE {
            self.at = Some(Box::new((span, label.into())));
        }
        self
    }

    /// Sets the suggestion.
    pub fn help(mut self, text: impl Into<String>) -> Fail {
        self.help = Some(text.into());
        self
    }
}

impl From<String> for Fail {
    fn from(message: String) -> Fail {
        Fail::new("E0400", message)
    }
}

impl From<&str> for Fail {
    fn from(message: &str) -> Fail {
        Fail::new("E0400", message)
    }
}

/// Codes of failures by a limit.
pub mod code {
    /// Cancelled by Ctrl-C or a host.
    pub const CANCELLED: &str = "E0500";
    /// Out of operations.
    pub const OPS: &str = "E0501";
    /// Out of memory.
    pub const MEMORY: &str = "E0502";
    /// Calls too deep.
    pub const DEPTH: &str = "E0503";
    /// Out of time.
    pub const TIME: &str = "E0504";
}

/// Counts what an evaluation uses.
///
/// Memory is bounded without a counter in each object: allocations are added up, and when the sum since the last look
/// together with what was live then would pass the bound, the live data is walked and counted anew.
#[derive(Debug)]
pub struct Meter {
    /// Operations that may still be done before [`Meter::slow`] looks again; counted down by the machine.
    pub fuel: u32,
    ops_left: Option<u64>,
    deadline: Option<Instant>,
    time: Option<Duration>,
    cancel: Cancel,
    memory: Option<usize>,
    live: usize,
    charged: usize,
    /// Deepest nesting of calls.
    pub depth: usize,
}

const CHUNK: u64 = 4096;

impl Meter {
    /// A meter that starts now.
    pub fn new(limits: &Limits, cancel: Cancel) -> Meter {
        let mut m = Meter {
            fuel: 0,
            ops_left: limits.ops,
            deadline: limits.time.and_then(|t| Instant::now().checked_add(t)),
            time: limits.time,
            cancel,
            memory: limits.memory,
            live: 0,
            charged: 0,
            depth: limits.depth,
        };
        m.refill();
        m
    }

    /// Starts anew, with the same cancel flag.
    pub fn restart(&mut self, limits: &Limits) {
        self.ops_left = limits.ops;
        self.deadline = limits.time.and_then(|t| Instant::now().checked_add(t));
        self.time = limits.time;
        self.memory = limits.memory;
        (self.live, self.charged) = (0, 0);
        self.depth = limits.depth;
        self.refill();
    }

    fn refill(&mut self) {
        let n = self.ops_left.map_or(CHUNK, |left| left.min(CHUNK));
        if let Some(left) = &mut self.ops_left {
            *left -= n;
        }
        self.fuel = n as u32;
    }

    /// Looks at all bounds and allows some more operations. The machine calls it when `fuel` is 0.
    #[cold]
    pub fn slow(&mut self) -> Result<(), Fail> {
        self.poll()?;
        self.refill();
        if self.fuel == 0 {
            return Err(Fail::new(code::OPS, "out of operations").help("the limit on operations was reached"));
        }
        Ok(())
    }

    /// Looks at the cancel flag and the clock.
    pub fn poll(&self) -> Result<(), Fail> {
        if self.cancel.is_cancelled() {
            return Err(Fail::new(code::CANCELLED, "interrupted"));
        }
        if self.deadline.is_some_and(|d| Instant::now() >= d) {
            let t = self.time.unwrap_or_default();
            return Err(Fail::new(code::TIME, format!("out of time: the limit is {t:?}")));
        }
        Ok(())
    }

    /// Counts `n` operations of work done inside a builtin.
    pub fn work(&mut self, n: u64) -> Result<(), Fail> {
        let mut n = n;
        while n > self.fuel as u64 {
            n -= self.fuel as u64;
            self.fuel = 0;
            self.slow()?;
        }
        self.fuel -= n as u32;
        Ok(())
    }

    /// Whether `bytes` more may be allocated without a new count of the live data.
    #[inline]
    pub fn fits(&mut self, bytes: usize) -> bool {
        self.charged = self.charged.saturating_add(bytes);
        self.memory.is_none_or(|m| self.live.saturating_add(self.charged) <= m)
    }

    /// Takes a new count of the live data, with `bytes` about to be added; an error if it passes the bound.
    pub fn recount(&mut self, live: usize, bytes: usize) -> Result<(), Fail> {
        self.live = live;
        self.charged = bytes;
        // Close to the bound a count may come with every allocation: counting is work.
        self.poll()?;
        self.work(live as u64 / 1024)?;
        match self.memory {
            Some(m) if live.saturating_add(bytes) > m => {
                Err(Fail::new(code::MEMORY, format!("out of memory: the limit is {m} bytes")))
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a bound on memory.
    pub fn bounds_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// When the evaluation must end, if there is a bound.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The flag that stops this evaluation.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}
