//! Working through a corpus: a line of results for each task, in the order of the tasks, from several threads; shards,
//! and going on after an interruption.

use super::args::Corpus;
use super::host::{Host, code};
use crate::data::replace;
use nsp_kernels::cpu::cores;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// A task's result.
pub struct Done {
    /// The line, without its newline.
    pub line: String,
    /// Whether it counts as a success in the progress shown.
    pub solved: bool,
}

/// Does the tasks of this command's shard that are not done yet. `work` makes one thread's worker, which does a task by
/// its number; it returns `None` if it was interrupted. `ids` are the tasks' names, as they stand in results.
pub fn run<W>(host: &Host, options: &Corpus, ids: &[String], work: impl Fn() -> W + Sync) -> u8
where
    W: FnMut(usize) -> Option<Done>,
{
    let mut tasks: Vec<usize> = match options.shard {
        Some(s) => (s.index..ids.len()).step_by(s.of).collect(),
        None => (0..ids.len()).collect(),
    };
    let all = tasks.clone();
    if options.resume
        && let Some(path) = &options.out
    {
        match keep_whole_lines(path) {
            Ok(mut done) => tasks.retain(|i| !done.take(&ids[*i])),
            Err(e) => return cannot_write(host, path, &e),
        }
    }
    let mut sink = match Sink::new(host, options) {
        Ok(sink) => sink,
        Err(code) => return code,
    };
    host.catch_interrupts();
    let complete = match spread(host, options, &tasks, work, &mut sink) {
        Ok(complete) => complete,
        Err(code) => return code,
    };
    if let (true, Some(path)) = (options.resume, &options.out) {
        let all: Vec<&str> = all.iter().map(|i| ids[*i].as_str()).collect();
        if let Err(e) = in_order(path, &all) {
            return cannot_write(host, path, &e);
        }
    }
    if complete { code::DONE } else { code::INTERRUPTED }
}

/// Runs the tasks on threads and writes each result as soon as those before it are written. Whether all were done.
fn spread<W>(
    host: &Host,
    options: &Corpus,
    tasks: &[usize],
    work: impl Fn() -> W + Sync,
    sink: &mut Sink<'_>,
) -> Result<bool, u8>
where
    W: FnMut(usize) -> Option<Done>,
{
    let threads = options.jobs.map_or_else(cores, usize::from);
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel::<(usize, Done)>();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(tasks.len()) {
            let (send, next, work) = (send.clone(), &next, &work);
            scope.spawn(move || {
                let mut worker = work();
                while !host.cancel.is_cancelled() {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(at) else { break };
                    let Some(done) = worker(*task) else { break };
                    if send.send((at, done)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut progress = Progress::new(tasks.len());
        let mut waiting = BTreeMap::new();
        let mut written = 0;
        for (at, done) in receive {
            progress.add(done.solved);
            waiting.insert(at, done.line);
            while let Some(line) = waiting.remove(&written) {
                written += 1;
                if let Err(code) = sink.line(&line) {
                    host.cancel.cancel();
                    progress.end();
                    return Err(code);
                }
            }
        }
        progress.end();
        Ok(written == tasks.len())
    })
}

/// Where results go.
enum Sink<'a> {
    Stdout(&'a Host),
    File(&'a Host, BufWriter<File>, &'a Path),
}

impl<'a> Sink<'a> {
    fn new(host: &'a Host, options: &'a Corpus) -> Result<Sink<'a>, u8> {
        let Some(path) = &options.out else { return Ok(Sink::Stdout(host)) };
        let mut how = OpenOptions::new();
        how.create(true).write(true).append(options.resume).truncate(!options.resume);
        match how.open(path) {
            Ok(file) => Ok(Sink::File(host, BufWriter::new(file), path)),
            Err(e) => Err(cannot_write(host, path, &e)),
        }
    }

    /// Writes a line so that it is there whatever happens next.
    fn line(&mut self, line: &str) -> Result<(), u8> {
        match self {
            Sink::Stdout(host) => {
                host.line(line);
                let _ = host.out().flush();
                Ok(())
            }
            Sink::File(host, file, path) => {
                writeln!(file, "{line}").and_then(|()| file.flush()).map_err(|e| cannot_write(host, path, &e))
            }
        }
    }
}

fn cannot_write(host: &Host, path: &Path, e: &std::io::Error) -> u8 {
    host.error("E0603", format!("cannot write `{}`: {e}", path.display()), None)
}

/// How often each task's name stands in the results.
struct Names(HashMap<String, usize>);

impl Names {
    fn take(&mut self, id: &str) -> bool {
        match self.0.get_mut(id) {
            Some(n) if *n > 0 => {
                *n -= 1;
                true
            }
            _ => false,
        }
    }
}

/// The names in an output file, from which the last line is cut if it was not written to its end.
fn keep_whole_lines(path: &Path) -> std::io::Result<Names> {
    let mut names = Names(HashMap::new());
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(names),
        Err(e) => return Err(e),
    };
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if let Some(id) = id_of(line)
            && line.ends_with('\n')
        {
            *names.0.entry(id).or_default() += 1;
            kept.push_str(line);
        }
    }
    if kept != text {
        replace(path, kept.as_bytes())?;
    }
    Ok(names)
}

fn id_of(line: &str) -> Option<String> {
    match serde_json::from_str::<Value>(line).ok()?.get("id")? {
        Value::String(id) => Some(id.clone()),
        _ => None,
    }
}

/// Puts the lines of a file into the order of these names; others stay behind them.
fn in_order(path: &Path, ids: &[&str]) -> std::io::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let mut rank: HashMap<&str, usize> = HashMap::new();
    for (i, id) in ids.iter().enumerate() {
        rank.entry(id).or_insert(i);
    }
    let mut lines: Vec<(usize, &str)> = text
        .lines()
        .map(|l| (id_of(l).and_then(|id| rank.get(id.as_str()).copied()).unwrap_or(usize::MAX), l))
        .collect();
    if lines.is_sorted_by_key(|(r, _)| *r) {
        return Ok(());
    }
    lines.sort_by_key(|(r, _)| *r);
    let sorted: String = lines.iter().flat_map(|(_, l)| [*l, "\n"]).collect();
    replace(path, sorted.as_bytes())
}

/// A line on the terminal, if standard error is one.
struct Progress {
    total: usize,
    done: usize,
    solved: usize,
    shown: bool,
}

impl Progress {
    fn new(total: usize) -> Progress {
        Progress { total, done: 0, solved: 0, shown: std::io::stderr().is_terminal() }
    }

    fn add(&mut self, solved: bool) {
        self.done += 1;
        self.solved += usize::from(solved);
        if self.shown {
            eprint!("\r{}/{} tasks, {} solved ", self.done, self.total, self.solved);
        }
    }

    fn end(&self) {
        if self.shown && self.done > 0 {
            eprintln!();
        }
    }
}
