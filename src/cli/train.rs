//! `nsp train`.

use super::args::TrainStringsArgs;
use super::host::{Host, code};
use crate::data::replace;
use crate::synth::strings::StringTask;
use crate::synth::strings::prior::{NAMES, Prior};
use crate::synth::strings::train::{Labelled, Training, fold, right, train};
use nsp_kernels::cpu::cores;
use serde_json::{Map, Value, json};

/// The prior over text programs.
pub fn strings(host: &Host, args: &TrainStringsArgs) -> u8 {
    let mut tasks = Vec::new();
    for path in &args.tasks {
        let (name, text) = match host.read(path) {
            Ok(found) => found,
            Err(code) => return code,
        };
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            match labelled(line) {
                Ok(task) => tasks.push(task),
                Err(e) => return host.error("E0604", format!("{name}:{}: not a task: {e}", i + 1), None),
            }
        }
    }
    let jobs = args.jobs.map_or_else(cores, usize::from);
    let how = Training { rounds: args.rounds, pull: args.pull, jobs, ..Training::default() };
    if args.folds > 1 {
        cross_validate(host, &tasks, how, args.folds);
    }
    let Some(out) = &args.out else { return code::DONE };
    let prior = train(&tasks, how);
    let mut weights = Map::new();
    for (name, w) in NAMES.iter().zip(&prior.weights) {
        weights.insert((*name).into(), json!((f64::from(*w) * 1000.0).round() / 1000.0));
    }
    let files: Vec<String> =
        args.tasks.iter().filter_map(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned()).collect();
    let made = format!("nsp train strings {} --rounds {} --pull {}", files.join(" "), args.rounds, args.pull);
    let text = serde_json::to_string_pretty(&json!({ "made": made, "tasks": tasks.len(), "weights": weights }));
    match text.map_err(std::io::Error::other).and_then(|t| replace(out, format!("{t}\n").as_bytes())) {
        Ok(()) => code::DONE,
        Err(e) => host.error("E0603", format!("cannot write `{}`: {e}", out.display()), None),
    }
}

fn labelled(line: &str) -> Result<Labelled, String> {
    let value: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let family = value.get("family").and_then(Value::as_str).map(str::to_string);
    let task: StringTask = serde_json::from_value(value).map_err(|e| e.to_string())?;
    let suite = task.id.split('/').next().unwrap_or("").to_string();
    let family = format!("{suite}/{}", family.unwrap_or_else(|| task.id.clone()));
    Ok(Labelled { task, family })
}

/// Prints, for each suite and number of examples, the share of tasks that come out right with the plain weights and
/// with those learned from the other folds.
fn cross_validate(host: &Host, tasks: &[Labelled], how: Training, folds: usize) {
    let priors: Vec<Prior> = (0..folds)
        .map(|f| {
            let rest: Vec<Labelled> = tasks.iter().filter(|t| fold(&t.family, folds) != f).cloned().collect();
            train(&rest, how)
        })
        .collect();
    let suite = |t: &Labelled| t.family.split('/').next().unwrap_or("").to_string();
    let mut suites: Vec<String> = tasks.iter().map(suite).collect();
    suites.dedup();
    for name in suites {
        for examples in 1..=4 {
            let mut counts = [0usize; 4];
            let mut of = 0;
            for (f, prior) in priors.iter().enumerate() {
                let part: Vec<Labelled> = tasks
                    .iter()
                    .filter(|t| suite(t) == name && fold(&t.family, folds) == f && t.task.train.len() >= examples)
                    .cloned()
                    .collect();
                of += part.len();
                let plain = Prior::plain();
                for (k, (prior, rows)) in
                    [(&plain, false), (prior, false), (&plain, true), (prior, true)].iter().enumerate()
                {
                    counts[k] += right(&part, prior, examples, *rows, how.jobs).iter().filter(|r| **r).count();
                }
            }
            if of == 0 {
                continue;
            }
            let share = |k: usize| (counts[k] as f64 / of as f64 * 1000.0).round() / 1000.0;
            host.line(
                &json!({
                    "suite": name, "examples": examples, "tasks": of, "plain": share(0), "learned": share(1),
                    "plain_with_rows": share(2), "learned_with_rows": share(3),
                })
                .to_string(),
            );
        }
    }
}
