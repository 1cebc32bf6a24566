//! Standard output, which may be closed before all is said.

use crate::vm::limits::Cancel;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Standard output: line by line to a terminal, in large pieces to a pipe or file. When the reader goes away it stops
/// the program quietly, as other tools do in `nsp .. | head`.
pub struct Output {
    inner: Inner,
    closed: Arc<AtomicBool>,
    cancel: Cancel,
}

enum Inner {
    Lines(Stdout),
    Pieces(BufWriter<Stdout>),
}

impl Output {
    /// Standard output. `closed` is raised when its reader is gone, and `cancel` with it.
    pub fn new(closed: Arc<AtomicBool>, cancel: Cancel) -> Output {
        let stdout = io::stdout();
        let inner = if stdout.is_terminal() {
            Inner::Lines(stdout)
        } else {
            Inner::Pieces(BufWriter::with_capacity(1 << 16, stdout))
        };
        Output { inner, closed, cancel }
    }

    fn settle<T>(&self, result: io::Result<T>, done: T) -> io::Result<T> {
        match result {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                self.cancel.cancel();
                Ok(done)
            }
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        let result = match &mut self.inner {
            Inner::Lines(out) => out.write(bytes),
            Inner::Pieces(out) => out.write(bytes),
        };
        self.settle(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let result = match &mut self.inner {
            Inner::Lines(out) => out.flush(),
            Inner::Pieces(out) => out.flush(),
        };
        self.settle(result, ())
    }
}
