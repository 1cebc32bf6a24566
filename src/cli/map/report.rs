//! Rows that failed, and how a person hears of them.

use crate::cli::host::Host;
use crate::vm::limits::Fail;
use serde_json::json;
use std::fmt::Write;

/// Failures that are told in full.
pub const MOST: usize = 20;

/// A row that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line where the row begins.
    pub line: u64,
    /// Why.
    pub fail: Fail,
}

/// Counts rows and tells of failures.
pub struct Report<'a> {
    host: &'a Host,
    file: String,
    rows: u64,
    failed: u64,
    shown: usize,
}

impl<'a> Report<'a> {
    /// About this file.
    pub fn new(host: &'a Host, file: String) -> Report<'a> {
        Report { host, file, rows: 0, failed: 0, shown: 0 }
    }

    /// Adds the rows of a chunk, with its first failures.
    pub fn add(&mut self, rows: u64, failed: u64, failures: &[Failure]) {
        self.rows += rows;
        self.failed += failed;
        let mut text = String::new();
        for f in failures.iter().take(MOST - self.shown) {
            self.shown += 1;
            let fail = &f.fail;
            // Writing to a string cannot fail.
            let _ = if self.host.json() {
                let place = json!({"code": fail.code, "message": fail.message, "help": fail.help, "file": self.file,
                    "line": f.line, "column": null, "end_line": null, "end_column": null, "labels": []});
                writeln!(text, "{place}")
            } else {
                writeln!(text, "{}:{}: {}: {}", self.file, f.line, fail.code, one_line(&fail.message))
            };
        }
        if !text.is_empty() {
            eprint!("{text}");
        }
    }

    /// Whether a row failed.
    pub fn failed(&self) -> bool {
        self.failed > 0
    }

    /// What there is to say in the end.
    pub fn end(&self, kept: bool) {
        if self.failed == 0 || self.host.json() {
            return;
        }
        let more = self.failed - self.shown as u64;
        if more > 0 {
            eprintln!("{}: and {more} more", self.file);
        }
        let tail = if kept { "; the result is empty there" } else { "" };
        eprintln!("{}: {} of {} rows failed{tail}", self.file, self.failed, self.rows);
    }
}

/// A message that stays on its line.
fn one_line(s: &str) -> String {
    s.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
