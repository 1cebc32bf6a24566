//! Tasks of a corpus, and what a search for one gives.

use super::answer::{answer, doubt};
use super::dsl::{self, Prefer};
use super::expr::{Expr, Names};
use super::prior::Prior;
use super::solve::{Candidate, Problem};
use crate::ir::Func;
use crate::search::Budget;
use crate::session::Session;
use crate::source::Span;
use crate::synth::report::{End, Report};
use crate::vm::value::Value;
use crate::vm::{Machine, Options as VmOptions};
use serde::{Deserialize, Serialize};

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

/// Source of a function over a text, or over a list of columns.
pub fn source(e: &Expr, columns: usize, listed: bool) -> String {
    let names = Names::standard(columns, listed);
    let param = if listed { "row: [str]" } else { "s: str" };
    format!("fn program({param}) -> str {{ {} }}", e.source(&names))
}

/// What may be asked of a search.
#[derive(Clone, Debug)]
pub struct Options {
    /// One of [`METHODS`].
    pub method: String,
    /// How many examples may be wrong.
    pub errors: usize,
    /// How many programs are wanted.
    pub top: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { method: "auto".into(), errors: 0, top: 1 }
    }
}

/// What was found: a report on the best program, and the functions of this and others, best first.
#[derive(Debug)]
pub struct Found {
    /// On the best.
    pub report: Report,
    /// Programs, each with its cost.
    pub programs: Vec<(Func, u32)>,
}

/// Finds programs for pairs of inputs and outputs. `others` are rows without outputs, which help to choose.
pub fn synthesize(
    session: &mut Session,
    examples: &[(Columns, String)],
    others: &[Columns],
    options: &Options,
    budget: &mut Budget,
) -> Found {
    let mut report = Report::new("version space");
    let listed = examples.iter().any(|(i, _)| matches!(i, Columns::Many(_)));
    if listed && examples.iter().any(|(i, _)| matches!(i, Columns::One(_))) {
        report.end = End::Unsupported("some inputs are texts and some are lists of columns".into());
        return Found { report, programs: Vec::new() };
    }
    let p = Problem {
        rows: examples.iter().map(|(i, _)| i.row()).collect(),
        outputs: examples.iter().map(|(_, o)| o.clone()).collect(),
        others: others.iter().map(Columns::row).collect(),
        parts: Vec::new(),
    };
    let columns = p.rows.iter().map(Vec::len).min().unwrap_or(0);
    if let Some(prefer) = Prefer::of(&options.method) {
        let (found, end) = dsl::answer(&p.rows, &p.outputs, prefer, budget);
        report.cost = found.as_ref().map_or(0, |e| e.pieces().len() as u32);
        report.program = found.and_then(|e| checked(session, &source(&e, columns, listed)));
        (report.end, report.method) = (end, prefer.method());
        (report.nodes, report.elapsed) = (budget.used(), budget.elapsed());
        let programs = report.program.iter().map(|f| (f.clone(), report.cost)).collect();
        return Found { report, programs };
    }
    let found = answer(&p, Prior::standard(), options.top, options.errors, budget);
    let kept: Vec<usize> = (0..p.rows.len()).filter(|r| !found.left_out.contains(r)).collect();
    let mut programs = Vec::new();
    for c in &found.candidates {
        if programs.len() >= options.top.max(1) {
            break;
        }
        // The found program is checked, compiled and run like any other: what counts is that.
        let text = source(&c.holes[0], columns, listed);
        let Some(func) = checked(session, &text) else { continue };
        if agrees(session, &func, kept.iter().map(|r| &examples[*r])) {
            if programs.is_empty() {
                report.cost = c.cost;
                report.doubt = doubt(&p, &found.candidates, &Names::standard(columns, listed), listed);
            }
            programs.push((func, c.cost));
        }
    }
    report.program = programs.first().map(|(f, _)| f.clone());
    report.end = match (&report.program, found.end) {
        (None, End::Solved) => End::Exhausted,
        // One example that a text explains leaves everything open.
        (Some(_), End::Solved) if p.rows.len() == 1 && found.candidates.first().is_some_and(is_constant) => {
            End::NotEnoughExamples
        }
        (_, end) => end,
    };
    if !found.left_out.is_empty() {
        let rows: Vec<String> = found.left_out.iter().map(|r| (r + 1).to_string()).collect();
        report.fillings.push(("left out as wrong: example".into(), rows.join(", ")));
    }
    report.nodes = budget.used();
    report.elapsed = budget.elapsed();
    Found { report, programs }
}

/// Whether a program does not look at its input.
fn is_constant(c: &Candidate) -> bool {
    c.holes.iter().flat_map(|e| e.pieces()).all(|p| matches!(p, Expr::Const(_)))
}

/// Whether a function gives the outputs of examples.
fn agrees<'e>(session: &Session, func: &Func, mut examples: impl Iterator<Item = &'e (Columns, String)>) -> bool {
    let env = session.env();
    let Ok(code) = crate::vm::compile(func, &env.ops, &env.library, VmOptions::default()) else { return false };
    let mut machine = Machine::new(env, Vec::new());
    examples.all(|(i, o)| matches!(machine.run(&code, &[i.value()]), Ok(Value::Str(s)) if *s == *o))
}

/// The function that a source text defines.
fn checked(session: &mut Session, text: &str) -> Option<Func> {
    let checked = session.check("<synth>", text).ok()?;
    let (_, id) = checked.functions.first()?;
    let mut func = Func::clone(&session.env().library.get(*id)?.func);
    // Its text is in no file that anybody can look into.
    func.span = Span::NOWHERE;
    func.nodes.iter_mut().for_each(|n| n.span = Span::NOWHERE);
    Some(func)
}

/// Solves one task of a corpus in a session of its own.
///
/// With `rows`, the inputs of the task's test rows take part in the choice; their outputs never do.
pub fn solve_task(
    session: &Session,
    task: &StringTask,
    options: &Options,
    rows: bool,
    budget: &mut Budget,
) -> StringAnswer {
    let mut session = session.clone();
    let examples: Vec<(Columns, String)> =
        task.train.iter().filter_map(|(i, o)| Some((i.clone(), o.clone()?))).collect();
    let others: Vec<Columns> = if rows { task.test.iter().map(|(i, _)| i.clone()).collect() } else { Vec::new() };
    let report = synthesize(&mut session, &examples, &others, options, budget).report;
    let env = session.env();
    let mut outputs = vec![None; task.test.len()];
    let mut program = None;
    if let Some(func) = &report.program {
        program = Some(crate::ir::raise::to_source(func, &env.ops, &env.library).trim_end().to_string());
        if let Ok(code) = crate::vm::compile(func, &env.ops, &env.library, VmOptions::default()) {
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
