//! `nsp synth strings`.

use crate::cli::args::StringsArgs;
use crate::cli::corpus::{self, Done};
use crate::cli::host::{Host, code};
use crate::search::Budget;
use crate::synth::strings::{METHODS, Options, StringTask, solve_task};
use std::time::Duration;

/// Text transformations.
pub fn run(host: &Host, args: &StringsArgs) -> u8 {
    let options = &args.corpus;
    if let Err(code) = super::method(host, &options.method, METHODS) {
        return code;
    }
    let (tasks, bad) = match read(host, args) {
        Ok(read) => read,
        Err(code) => return code,
    };
    let asked = Options { method: options.method.clone(), errors: args.errors, top: 1 };
    let ids: Vec<String> = tasks.iter().map(|t| t.id.clone()).collect();
    let time = Duration::from_secs_f64(options.timeout);
    let end = corpus::run(host, options, &ids, || {
        let session = host.session();
        let (tasks, asked) = (&tasks, &asked);
        move |i: usize| {
            let mut budget = Budget::new(options.nodes, Some(time), host.cancel.clone());
            let answer = solve_task(&session, &tasks[i], asked, !args.examples_only, &mut budget);
            if host.cancel.is_cancelled() {
                return None;
            }
            let solved = answer.solved;
            Some(Done { line: serde_json::to_string(&answer).ok()?, solved })
        }
    });
    end.max(bad)
}

/// The tasks of a file, and the exit code that lines which are none mean: they are reported, and the others go on.
fn read(host: &Host, args: &StringsArgs) -> Result<(Vec<StringTask>, u8), u8> {
    let (name, text) = host.read(&args.tasks)?;
    let mut tasks = Vec::new();
    let mut bad = code::DONE;
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(task) => tasks.push(task),
            Err(e) => {
                let help = r#"a task is {"id": "..", "train": [["input", "output"], ..], "test": [..]}"#;
                bad = host.error("E0604", format!("{name}:{}: not a task: {e}", i + 1), Some(help.into()));
            }
        }
    }
    Ok((tasks, bad))
}
