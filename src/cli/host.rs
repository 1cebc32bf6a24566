//! What the commands share: sessions, output, errors, exit codes.

use super::args::{Common, Preset};
use super::output::Output;
use crate::diag::Diagnostic;
use crate::diag::render::{render, to_json};
use crate::session::Session;
use crate::source::{SourceMap, Span};
use crate::vm::ctx::Out;
use crate::vm::limits::{self, Cancel, Limits};
use std::ffi::OsString;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Exit codes.
pub mod code {
    /// Done.
    pub const DONE: u8 = 0;
    /// An error in the program or its input.
    pub const ERROR: u8 = 1;
    /// Wrong use of the command.
    pub const USAGE: u8 = 2;
    /// A search found nothing.
    pub const NOTHING: u8 = 3;
    /// Out of time.
    pub const DEADLINE: u8 = 124;
    /// Interrupted by Ctrl-C.
    pub const INTERRUPTED: u8 = 130;
}

/// A search that ended without a program.
const NOT_FOUND: &str = "E0703";

/// Signals within this time are one press of Ctrl-C.
const ONE_PRESS: Duration = Duration::from_millis(200);

/// A bar on the terminal, wiped away at the end.
fn show_progress(what: &str, part: f64) {
    if part >= 1.0 {
        eprint!("\r\x1b[K");
        return;
    }
    let full = (part.clamp(0.0, 1.0) * 20.0) as usize;
    eprint!("\r\x1b[K[{}{}] {:3.0} % {what}", "#".repeat(full), ".".repeat(20 - full), part * 100.0);
}

/// What the commands share.
pub struct Host {
    json: bool,
    /// Whether errors are coloured.
    color: bool,
    /// The seed that was asked for.
    pub seed: u64,
    limits: Option<Preset>,
    /// Raised by Ctrl-C.
    pub cancel: Cancel,
    /// How often Ctrl-C was pressed since it was last looked at.
    presses: Arc<AtomicU32>,
    closed: Arc<AtomicBool>,
    out: Arc<Mutex<Output>>,
}

impl Host {
    /// From the options of a command line.
    pub fn new(common: &Common) -> Host {
        let cancel = Cancel::default();
        let closed = Arc::new(AtomicBool::new(false));
        Host {
            json: common.json,
            color: !common.no_color && wants_color(std::io::stderr().is_terminal()),
            seed: common.seed,
            limits: common.limits,
            out: Arc::new(Mutex::new(Output::new(closed.clone(), cancel.clone()))),
            presses: Arc::default(),
            cancel,
            closed,
        }
    }

    /// Whether errors are coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether errors and lists are to be JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// A session with this command line's limits. All files are granted, unless the program is untrusted.
    pub fn session(&self) -> Session {
        let mut session = Session::default();
        let env = session.env_mut();
        env.out = self.out.clone() as Out;
        env.cancel = self.cancel.clone();
        if std::io::stderr().is_terminal() {
            env.progress = Some(Arc::new(show_progress));
        }
        match self.limits {
            Some(Preset::Untrusted) => env.limits = Limits::untrusted(),
            None => env.caps.all_files = true,
        }
        session
    }

    /// Lets Ctrl-C stop an evaluation. The second press says that it was heard, the third ends the process: an operation
    /// that does not look at the flag must not hold a person up.
    pub fn catch_interrupts(&self) {
        let (cancel, presses) = (self.cancel.clone(), self.presses.clone());
        let mut last: Option<Instant> = None;
        // Without a handler Ctrl-C ends the process, which is acceptable.
        let _ = ctrlc::set_handler(move || {
            cancel.cancel();
            // Some tools signal both the process and its group: that is one press.
            if last.replace(Instant::now()).is_some_and(|t| t.elapsed() < ONE_PRESS) {
                return;
            }
            match presses.fetch_add(1, Ordering::Relaxed) {
                0 => {}
                1 => eprintln!("still stopping; once more ends nsp"),
                _ => std::process::exit(code::INTERRUPTED.into()),
            }
        });
    }

    /// Forgets earlier presses of Ctrl-C.
    pub fn reset_interrupts(&self) {
        self.presses.store(0, Ordering::Relaxed);
        self.cancel.reset();
    }

    /// Standard output.
    pub fn out(&self) -> MutexGuard<'_, Output> {
        self.out.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Writes a line to standard output.
    pub fn line(&self, text: &str) {
        let mut out = self.out();
        if let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")) {
            drop(out);
            self.error("E0603", format!("cannot write to standard output: {e}"), None);
        }
    }

    /// Writes errors to standard error and returns the exit code that they mean.
    pub fn report(&self, errors: &[Diagnostic], sources: &SourceMap) -> u8 {
        // What was printed before the error is to be seen before it.
        let _ = self.out().flush();
        if self.is_closed() {
            return code::DONE;
        }
        let mut text = String::new();
        for d in errors {
            if self.json {
                text.push_str(&to_json(d, sources).to_string());
                text.push('\n');
            } else {
                text.push_str(&render(d, sources, self.color));
            }
        }
        // Nobody may be listening there either.
        let _ = std::io::stderr().write_all(text.as_bytes());
        errors.iter().map(exit_code).max().unwrap_or(code::ERROR)
    }

    /// Reports an error that has no place in a program.
    pub fn error(&self, id: &'static str, message: impl Into<String>, help: Option<String>) -> u8 {
        let mut d = Diagnostic::new(id, Span::NOWHERE, message);
        d.help = help;
        self.report(&[d], &SourceMap::default())
    }

    /// Reports wrong use.
    pub fn usage(&self, message: &str) -> u8 {
        self.error("E0001", message, Some("`nsp --help` shows what may be written".into()));
        code::USAGE
    }

    /// Reads a program; `-` is standard input. The error is reported.
    pub fn read(&self, path: &Path) -> Result<(String, String), u8> {
        let name = if path == Path::new("-") { "<stdin>".to_string() } else { path.display().to_string() };
        let bytes = if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        let bytes = bytes.map_err(|e| self.error("E0602", format!("cannot read `{name}`: {e}"), None))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok((name, text)),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
                let message = format!("`{name}` is not a text: line {line} is not UTF-8");
                Err(self.error("E0602", message, None))
            }
        }
    }

    /// Whether the reader of standard output is gone.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Writes out what is left, and settles the exit code.
    pub fn finish(&self, code: u8) -> u8 {
        let flushed = self.out().flush();
        match flushed {
            // The reader has all that it wanted.
            _ if self.is_closed() => code::DONE,
            Err(e) if code == code::DONE => self.error("E0603", format!("cannot write to standard output: {e}"), None),
            _ => code,
        }
    }
}

/// The exit code that an error means.
fn exit_code(d: &Diagnostic) -> u8 {
    match d.code {
        limits::code::CANCELLED => code::INTERRUPTED,
        limits::code::TIME => code::DEADLINE,
        NOT_FOUND => code::NOTHING,
        _ => code::ERROR,
    }
}

/// Whether colours are welcome: on a terminal that has them, unless `NO_COLOR` (no-color.org) says otherwise.
pub fn wants_color(terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Arguments as text; what is not UTF-8 is replaced.
pub fn words(args: Vec<OsString>) -> Arc<Vec<String>> {
    Arc::new(args.into_iter().map(|a| a.to_string_lossy().into_owned()).collect())
}
