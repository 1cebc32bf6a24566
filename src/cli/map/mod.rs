//! `nsp map`: a function applied to each row of a table, as a stream.
//!
//! `chunks` reads whole records, `flow` carries them through threads, [`csv`] and [`jsonl`] write them anew with what
//! [`apply`] gives, and `report` tells of rows that failed.

mod apply;
mod chunks;
mod csv;
mod flow;
mod jsonl;
mod report;
mod scan;

use super::args::{Format, MapArgs};
use super::host::{Host, code};
use super::program::{Chosen, choose};
use crate::data::whole::Whole;
use crate::data::{code as data_code, reason};
use crate::diag::Diagnostic;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use apply::Apply;
use chunks::{Broken, Chunks, Ends};
use flow::{End, Work};
use nsp_kernels::cpu::cores;
use report::Report;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// Bytes of a chunk, where there are few workers.
const CHUNK: usize = 256 << 10;

/// What all chunks on their way may have together.
const IN_FLIGHT: usize = 32 << 20;

/// UTF-8's mark at the start of a file.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Applies the function.
pub fn run(host: &Host, args: &MapArgs) -> u8 {
    host.catch_interrupts();
    match Job::new(host, args).and_then(|job| job.run()) {
        Ok(code) | Err(code) => code,
    }
}

/// A command line that makes sense so far.
struct Job<'a> {
    host: &'a Host,
    args: &'a MapArgs,
    chosen: Chosen,
    /// The name of the input.
    file: String,
    format: Format,
    into: String,
    jobs: usize,
}

impl<'a> Job<'a> {
    fn new(host: &'a Host, args: &'a MapArgs) -> Result<Job<'a>, u8> {
        let stdin = args.data == Path::new("-");
        if stdin && args.program == Path::new("-") {
            return Err(host.usage("the program and the data cannot both be standard input"));
        }
        let file = if stdin { "<stdin>".into() } else { args.data.display().to_string() };
        let extension = args.data.extension().map(|e| e.to_ascii_lowercase());
        let format = args.format.unwrap_or(match extension.as_ref().and_then(|e| e.to_str()) {
            Some("jsonl" | "ndjson") => Format::Jsonl,
            _ => Format::Csv,
        });
        // Columns are known once the header is read: a name may have commas.
        let texts = args.columns.iter().map(|c| c.split(',').count()).sum();
        let chosen = choose(host, &args.program, args.name.as_deref(), Some(texts))?;
        if let Value::Fn(c) = &chosen.value
            && let Some(entry) = chosen.session.env().library.get(c.func)
            && let Some(hole) = entry.func.holes.first()
        {
            let d = Diagnostic::new("E0404", hole.span, "the function has a hole that is not filled")
                .help("`fill` finds programs for holes");
            return Err(host.report(&[d], chosen.session.sources()));
        }
        let into = args.into.clone().unwrap_or_else(|| chosen.name.to_string());
        let jobs = args.jobs.map_or_else(cores, usize::from);
        Ok(Job { host, args, chosen, file, format, into, jobs })
    }

    fn fail(&self, fail: Fail) -> u8 {
        self.host.error(fail.code, fail.message, fail.help)
    }

    fn delimiter(&self) -> u8 {
        let tabs = self.args.data.extension().is_some_and(|e| e == "tsv" || e == "tab");
        self.args.delimiter.unwrap_or(if tabs { b'\t' } else { b',' })
    }

    fn run(self) -> Result<u8, u8> {
        let input: Box<dyn Read + Send> = if self.args.data == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            match File::open(&self.args.data) {
                Ok(file) => Box::new(file),
                Err(e) => return Err(self.cannot_read(&e)),
            }
        };
        let size = (IN_FLIGHT / (self.jobs * 20)).clamp(16 << 10, CHUNK);
        match self.format {
            Format::Csv => {
                let chunks = Chunks::new(input, Ends::Csv { delimiter: self.delimiter() }, size);
                self.csv(chunks)
            }
            Format::Jsonl => self.jsonl(Chunks::new(input, Ends::Lines, size)),
        }
    }

    fn cannot_read(&self, e: &std::io::Error) -> u8 {
        self.host.error(data_code::READ, format!("cannot read `{}`: {}", self.file, reason(e)), None)
    }

    /// Says why it ended early.
    fn ended(&self, end: End) -> u8 {
        match end {
            End::Cancelled => code::INTERRUPTED,
            End::Code(code) => code,
            End::Broken(Broken::Read(e)) => self.cannot_read(&e),
            End::Broken(Broken::Endless(line)) => {
                let message = format!("`{}` line {line}: the record that begins here does not end", self.file);
                self.host.error(data_code::FORMAT, message, Some("is a quote not closed?".into()))
            }
        }
    }

    /// Workers that apply the function to so many columns.
    fn workers<W>(&self, columns: usize, make: impl Fn(Apply) -> W) -> Result<Vec<W>, u8> {
        if let Some(fail) = apply::misfit(&self.chosen.ty, columns) {
            return Err(self.fail(fail));
        }
        let Chosen { session, value, ty, .. } = &self.chosen;
        Ok((0..self.jobs).map(|_| make(Apply::new(session, value, ty, columns))).collect())
    }

    fn csv(self, chunks: Chunks) -> Result<u8, u8> {
        let delimiter = self.delimiter();
        let (mut chunks, first) = flow::first(chunks, &self.host.cancel).map_err(|e| self.ended(e))?;
        let bom = if first.bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let text = &first.bytes[bom..];
        let mut head = first.bytes[..bom].to_vec();
        let (mut records, mut fields) = (scan::Records::new(text, delimiter), Vec::new());
        let mut record = records.next(&mut fields);
        while fields.is_empty() && record.is_some() {
            record = records.next(&mut fields);
        }
        let names: Option<Vec<String>> = (!self.args.no_header).then(|| {
            let mut buffer = Vec::new();
            let name = |f: &std::ops::Range<usize>| {
                String::from_utf8_lossy(scan::decode(&text[f.clone()], &mut buffer)).into()
            };
            fields.iter().map(name).collect()
        });
        let Some(record) = record else {
            if names.is_none() {
                return self.finish(chunks, Vec::<csv::CsvWork>::new(), head);
            }
            let help = "its first line should name the columns";
            return Err(self.host.error(data_code::FORMAT, format!("`{}` is empty", self.file), Some(help.into())));
        };
        let width = fields.len();
        let mut columns = Vec::new();
        for wanted in &self.args.columns {
            // A name with a comma in it is one column, if there is such a column.
            match csv::column(names.as_deref(), width, wanted) {
                Ok(c) => columns.push(c),
                Err(fail) if !wanted.contains(',') => return Err(self.fail(fail)),
                Err(_) => {
                    for part in wanted.split(',') {
                        columns.push(csv::column(names.as_deref(), width, part).map_err(|f| self.fail(f))?);
                    }
                }
            }
        }
        let there = match &names {
            Some(names) => names.iter().position(|n| *n == self.into),
            None => self.args.into.as_ref().and_then(|n| csv::column(None, width, n).ok()),
        };
        let label = |c: &usize| match names.as_ref().and_then(|ns| ns.get(*c)) {
            Some(name) => format!("`{name}`"),
            None => (c + 1).to_string(),
        };
        let plan = csv::Plan {
            delimiter,
            names: columns.iter().map(label).collect(),
            columns,
            target: there.unwrap_or(width),
            replaces: there.is_some(),
            eol: if text[record.text.end..record.next] == *b"\r\n" { b"\r\n" } else { b"\n" },
        };
        let mut from = bom;
        if names.is_some() {
            head.extend_from_slice(&text[..record.text.start]);
            if plan.replaces {
                head.extend_from_slice(&text[record.text.start..record.next]);
            } else {
                plan.record(text, &fields, &record, self.into.as_bytes(), &mut head);
            }
            from += record.next;
        }
        let workers = self.workers(plan.columns.len(), |apply| csv::CsvWork::new(plan.clone(), apply))?;
        chunks.give_back(&first, from);
        self.finish(chunks, workers, head)
    }

    fn jsonl(self, chunks: Chunks) -> Result<u8, u8> {
        let columns: Vec<String> = self.args.columns.iter().flat_map(|c| c.split(',')).map(str::to_string).collect();
        let plan = jsonl::Plan::new(&columns, &self.into);
        let (mut chunks, first) = flow::first(chunks, &self.host.cancel).map_err(|e| self.ended(e))?;
        let bom = if first.bytes.starts_with(BOM) { BOM.len() } else { 0 };
        let head = first.bytes[..bom].to_vec();
        let workers = self.workers(columns.len(), |apply| jsonl::JsonWork::new(plan.clone(), apply))?;
        chunks.give_back(&first, bom);
        self.finish(chunks, workers, head)
    }

    /// Runs the threads and writes what they make behind `head`.
    fn finish<W: Work>(self, chunks: Chunks, workers: Vec<W>, head: Vec<u8>) -> Result<u8, u8> {
        let mut sink = Sink::new(self.host, self.args.output.as_deref())?;
        sink.write(&head)?;
        let mut report = Report::new(self.host, self.file.clone());
        let strict = self.args.strict;
        let end = flow::run(chunks, workers, &self.host.cancel, |done| {
            let shown = if strict { done.failures.len().min(1) } else { done.failures.len() };
            report.add(done.rows, done.failed, &done.failures[..shown]);
            if strict && report.failed() { Err(code::ERROR) } else { sink.write(&done.bytes) }
        });
        match end {
            Ok(()) => {
                sink.finish()?;
                report.end(true);
                Ok(code::DONE)
            }
            Err(end) => Err(self.ended(end)),
        }
    }
}

/// Where results go.
enum Sink<'a> {
    Stdout(&'a Host),
    File(&'a Host, Whole, &'a Path),
}

impl<'a> Sink<'a> {
    fn new(host: &'a Host, path: Option<&'a Path>) -> Result<Sink<'a>, u8> {
        match path {
            None => Ok(Sink::Stdout(host)),
            Some(path) if path == Path::new("-") => Ok(Sink::Stdout(host)),
            Some(path) => match Whole::create(path) {
                Ok(file) => Ok(Sink::File(host, file, path)),
                Err(e) => Err(cannot_write(host, path, &e)),
            },
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), u8> {
        match self {
            Sink::Stdout(host) => {
                let written = host.out().write_all(bytes);
                written.map_err(|e| {
                    host.error(data_code::WRITE, format!("cannot write to standard output: {}", reason(&e)), None)
                })
            }
            Sink::File(host, file, path) => file.write_all(bytes).map_err(|e| cannot_write(host, path, &e)),
        }
    }

    fn finish(self) -> Result<(), u8> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(host, file, path) => file.finish().map_err(|e| cannot_write(host, path, &e)),
        }
    }
}

fn cannot_write(host: &Host, path: &Path, e: &std::io::Error) -> u8 {
    host.error(data_code::WRITE, format!("cannot write `{}`: {}", path.display(), reason(e)), None)
}
