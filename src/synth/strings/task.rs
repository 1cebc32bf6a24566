//! Tasks of a corpus, and what a search for one gives.

use super::dsl::{self, Prefer};
use super::expr::{Expr, Names};
use super::prior::Prior;
use super::rank::Evidence;
use super::solve::{Candidate, Effort, Problem, concatenations};
use crate::ir::Func;
use crate::search::{Budget, Stop};
use crate::session::Session;
use crate::synth::report::{End, Report};
use crate::vm::value::Value;
use crate::vm::{Machine, Options};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An input: one text, or one for each column.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(untagged)]
pub enum Columns {
    /// One column.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A line of a task file.
#[derive(Clone, Debug, Deserialize)]
pub struct StringTask {
    /// Its name.
    pub id: String,
    /// Examples.
    pub train: Vec<(Columns, Option<String>)>,
    /// Rows to apply the program to; outputs may be unknown.
    #[serde(default)]
    pub test: Vec<(Columns, Option<String>)>,
}

/// A line of results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StringAnswer {
    /// The task's name.
    pub id: String,
    /// Whether the program agrees with every example.
    pub solved: bool,
    /// The program as source.
    pub program: Option<String>,
    /// Its output for each test row; null where it fails.
    pub outputs: Vec<Option<String>>,
    /// Wall time in milliseconds.
    pub ms: f64,
    /// How it was found.
    pub method: String,
    /// Mean edit distance between its outputs and those of the test rows that are known; a row on which it fails counts
    /// as the empty text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
}

/// Methods of `synth strings`.
pub const METHODS: &[&str] = &["auto", Prefer::Short.method(), Prefer::Likely.method()];

impl Columns {
    fn value(&self) -> Value {
        match self {
            Columns::One(s) => Value::str(s.clone()),
            Columns::Many(xs) => Value::list(xs.iter().map(|s| Value::str(s.clone())).collect()),
        }
    }

    /// The row of its columns.
    pub fn row(&self) -> Vec<String> {
        match self {
            Columns::One(s) => vec![s.clone()],
            Columns::Many(xs) => xs.clone(),
        }
    }
}

/// The answer to a problem: programs that agree with every example, best first.
pub fn choose(p: &Problem, prior: &Prior, top: usize, budget: &mut Budget) -> Result<Vec<Candidate>, Stop> {
    let effort = Effort { prior, top: top.max(40), below: u32::MAX, loops: 1 };
    let mut found = concatenations(p, effort, budget)?;
    let best = found.first().map_or(u32::MAX, |c| c.cost);
    if p.parts.is_empty() && p.rows.len() > 1 && best > 600 {
        let effort = Effort { below: best, ..effort };
        if let Some(c) = super::cond::conditional(p, effort, budget)? {
            found.insert(0, c);
        }
    }
    rank(p, prior, &mut found);
    Ok(found)
}

/// Puts candidates in order by their cost and by what they do on the rows without outputs.
fn rank(p: &Problem, prior: &Prior, found: &mut [Candidate]) {
    let Some(evidence) = Evidence::new(p) else { return };
    for c in &mut *found {
        if let [e] = &c.holes[..] {
            c.cost += prior.weigh(&evidence.of(e));
        }
    }
    found.sort_by_key(|c| c.cost);
}

/// Source of a function over a text, or over a list of columns.
pub fn source(e: &Expr, columns: usize, listed: bool) -> String {
    let names = Names::standard(columns, listed);
    let param = if listed { "row: [str]" } else { "s: str" };
    format!("fn program({param}) -> str {{ {} }}", e.source(&names))
}

/// Finds a program for pairs of inputs and outputs.
pub fn synthesize(
    session: &mut Session,
    examples: &[(Columns, String)],
    others: &[Columns],
    method: &str,
    budget: &mut Budget,
) -> Report {
    let mut report = Report {
        program: None,
        end: End::Exhausted,
        cost: 0,
        nodes: 0,
        elapsed: Duration::ZERO,
        method: "version space",
        fillings: Vec::new(),
    };
    let listed = examples.iter().any(|(i, _)| matches!(i, Columns::Many(_)));
    if listed && examples.iter().any(|(i, _)| matches!(i, Columns::One(_))) {
        report.end = End::Unsupported("some inputs are texts and some are lists of columns".into());
        return report;
    }
    let p = Problem {
        rows: examples.iter().map(|(i, _)| i.row()).collect(),
        outputs: examples.iter().map(|(_, o)| o.clone()).collect(),
        others: others.iter().map(Columns::row).collect(),
        parts: Vec::new(),
    };
    let columns = p.rows.iter().map(Vec::len).min().unwrap_or(0);
    if let Some(prefer) = Prefer::of(method) {
        let (found, end) = dsl::answer(&p.rows, &p.outputs, prefer, budget);
        let program = found.and_then(|e| checked(session, &source(&e, columns, listed)));
        let (nodes, elapsed) = (budget.used(), budget.elapsed());
        return Report { program, end, nodes, elapsed, method: prefer.method(), ..report };
    }
    match choose(&p, Prior::standard(), 12, budget) {
        Ok(found) => {
            if let Some(c) = found.first() {
                report.cost = c.cost;
                report.program = checked(session, &source(&c.holes[0], columns, listed));
                if report.program.is_some() {
                    report.end = End::Solved;
                }
            }
        }
        Err(stop) => report.end = End::Stopped(stop),
    }
    report.nodes = budget.used();
    report.elapsed = budget.elapsed();
    report
}

/// The function that a source text defines.
fn checked(session: &mut Session, text: &str) -> Option<Func> {
    let checked = session.check("<synth>", text).map_err(|e| eprintln!("{text}\n{e:?}")).ok()?;
    let (_, id) = checked.functions.first()?;
    Some(Func::clone(&session.env().library.get(*id)?.func))
}

/// Solves one task of a corpus in a session of its own.
pub fn solve_task(session: &Session, task: &StringTask, method: &str, budget: &mut Budget) -> StringAnswer {
    let mut session = session.clone();
    let examples: Vec<(Columns, String)> =
        task.train.iter().filter_map(|(i, o)| Some((i.clone(), o.clone()?))).collect();
    let others: Vec<Columns> = task.test.iter().map(|(i, _)| i.clone()).collect();
    let report = synthesize(&mut session, &examples, &others, method, budget);
    let env = session.env();
    let mut outputs = vec![None; task.test.len()];
    let mut program = None;
    if let Some(func) = &report.program {
        program = Some(crate::ir::raise::to_source(func, &env.ops, &env.library).trim_end().to_string());
        if let Ok(code) = crate::vm::compile(func, &env.ops, &env.library, Options::default()) {
            let mut machine = Machine::new(env, Vec::new());
            for (row, out) in task.test.iter().zip(&mut outputs) {
                if let Ok(Value::Str(s)) = machine.run(&code, &[row.0.value()]) {
                    *out = Some(s.to_string());
                }
            }
        }
    }
    let wanted = task.test.iter().map(|(_, o)| o.as_deref());
    let distance = distance(wanted.zip(outputs.iter().map(Option::as_deref)));
    StringAnswer {
        id: task.id.clone(),
        solved: report.end == End::Solved,
        program,
        outputs,
        ms: budget.elapsed().as_secs_f64() * 1e3,
        method: report.method.to_string(),
        distance,
    }
}

/// The mean edit distance between wanted texts and outputs, if any are wanted.
fn distance<'a>(rows: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Option<f64> {
    let known: Vec<usize> =
        rows.filter_map(|(wanted, output)| Some(strsim::levenshtein(wanted?, output.unwrap_or_default()))).collect();
    (!known.is_empty()).then(|| known.iter().sum::<usize>() as f64 / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_are_of_known_outputs() {
        let rows = [(Some("kitten"), Some("sitting")), (Some("abc"), None), (None, Some("x"))];
        assert_eq!(distance(rows.into_iter()), Some(3.0));
        assert_eq!(distance([(None, Some("x"))].into_iter()), None);
    }
}
