//! Text by example beside BlinkFill (Singh, VLDB 2016; crate `synox`): the same tasks, in one run, on one thread.
//!
//! *Right*: a program found from the `train` rows gives every `test` row. Both searches are asked twice: from the examples
//! alone, and with the inputs of the test rows as rows without outputs.

use nsp::search::Budget;
use nsp::synth::strings::{Columns, Options, StringTask, solve_task};
use nsp::{Cancel, Session};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use synox::StringProgram;

/// Seconds for one task.
const TIME: u64 = 10;

/// Prints a line for each file.
pub fn run(files: &[String]) {
    // What the peer panics about is its own affair; the task counts as not right.
    std::panic::set_hook(Box::new(|_| {}));
    for file in files {
        match std::fs::read_to_string(file) {
            Ok(text) => measure(file, &text),
            Err(e) => eprintln!("nsp-bench: strings: {file}: {e}"),
        }
    }
    let _ = std::panic::take_hook();
}

/// Results of one search over a suite.
#[derive(Default)]
struct Score {
    right: usize,
    fits: usize,
    ms: Vec<f64>,
}

impl Score {
    fn quantile(&mut self, q: f64) -> f64 {
        self.ms.sort_by(f64::total_cmp);
        let at = (self.ms.len() as f64 * q) as usize;
        self.ms.get(at.min(self.ms.len().saturating_sub(1))).copied().unwrap_or(0.0)
    }
}

fn measure(file: &str, text: &str) {
    let session = Session::default();
    let well_posed = |l: &&str| !l.contains("\"ill_posed\": true") && !l.contains("\"ill_posed\":true");
    let tasks: Vec<StringTask> = text.lines().filter(well_posed).filter_map(|l| serde_json::from_str(l).ok()).collect();
    let mut scores: [Score; 4] = Default::default();
    for task in &tasks {
        for (rows, score) in [(false, 0), (true, 1)] {
            let mut budget = Budget::new(None, Some(Duration::from_secs(TIME)), Cancel::default());
            let answer = solve_task(&session, task, &Options::default(), rows, &mut budget);
            let s = &mut scores[score];
            s.ms.push(answer.ms);
            s.fits += usize::from(answer.solved);
            s.right += usize::from(answer.outputs.iter().zip(&task.test).all(|(got, (_, want))| got == want));
        }
        for (rows, score) in [(false, 2), (true, 3)] {
            let start = Instant::now();
            let (fits, right) = catch_unwind(AssertUnwindSafe(|| peer(task, rows))).unwrap_or((false, false));
            let s = &mut scores[score];
            s.ms.push(start.elapsed().as_secs_f64() * 1e3);
            s.fits += usize::from(fits);
            s.right += usize::from(right);
        }
    }
    let of = tasks.len().max(1) as f64;
    let share = |n: usize| (n as f64 / of * 1000.0).round() / 1000.0;
    let name = std::path::Path::new(file).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let [alone, with, peer_alone, peer_with] = &mut scores;
    let (ours, peer) = (with.quantile(0.5), peer_with.quantile(0.5));
    let line = json!({
        "case": name, "tasks": tasks.len(), "fits": share(with.fits),
        "right": share(alone.right), "right_with_rows": share(with.right),
        "ours_ms": ours, "ours_p95_ms": with.quantile(0.95),
        "peer": "synox", "peer_right": share(peer_alone.right), "peer_right_with_rows": share(peer_with.right),
        "peer_ms": peer, "peer_p95_ms": peer_with.quantile(0.95), "ratio": ours / peer,
    });
    println!("{line}");
}

fn row(c: &Columns) -> Vec<String> {
    c.row()
}

/// Whether the peer finds a program, and whether that is right.
fn peer(task: &StringTask, rows: bool) -> (bool, bool) {
    let unpaired: Vec<Vec<String>> = if rows { task.test.iter().map(|(i, _)| row(i)).collect() } else { Vec::new() };
    let examples: Vec<(Vec<String>, String)> =
        task.train.iter().filter_map(|(i, o)| Some((row(i), o.clone()?))).collect();
    let Some(program) = synox::blinkfill::learn(&unpaired, &examples) else { return (false, false) };
    let gives = |(i, o): &(Columns, Option<String>)| {
        let row = row(i);
        let columns: Vec<&str> = row.iter().map(String::as_str).collect();
        program.run(&columns) == *o
    };
    (task.train.iter().all(gives), task.test.iter().all(gives))
}
