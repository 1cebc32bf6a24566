//! Text transformations by example, as tasks of a corpus: the `nsp synth strings` command and `synth.strings`.

use super::fill::{Example, Task, fill};
use super::report::{End, Report};
use crate::ir::Func;
use crate::search::Budget;
use crate::session::Session;
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
}

/// Methods of `synth strings`.
pub const METHODS: &[&str] = &["auto", "enumerate"];

impl Columns {
    fn value(&self) -> Value {
        match self {
            Columns::One(s) => Value::str(s.clone()),
            Columns::Many(xs) => Value::list(xs.iter().map(|s| Value::str(s.clone())).collect()),
        }
    }
}

/// The sketch of a text transformation: `fn program(s: str) -> str { ?? }`, over a list of columns where there are
/// several.
fn sketch(session: &mut Session, columns: bool) -> Option<Func> {
    let text = if columns { "fn program(row: [str]) -> str { ?? }" } else { "fn program(s: str) -> str { ?? }" };
    let checked = session.check("<synth>", text).ok()?;
    let (_, id) = checked.functions.first()?;
    Some(Func::clone(&session.env().library.get(*id)?.func))
}

/// Finds a program for pairs of inputs and outputs.
pub fn synthesize(session: &mut Session, examples: &[(Columns, String)], budget: &mut Budget) -> Report {
    let columns = examples.iter().any(|(i, _)| matches!(i, Columns::Many(_)));
    let unsupported = |what: &str| Report {
        program: None,
        end: End::Unsupported(what.into()),
        cost: 0,
        nodes: 0,
        elapsed: Duration::ZERO,
        method: "none",
        fillings: Vec::new(),
    };
    if columns && examples.iter().any(|(i, _)| matches!(i, Columns::One(_))) {
        return unsupported("some inputs are texts and some are lists of columns");
    }
    let Some(sketch) = sketch(session, columns) else { return unsupported("the sketch does not check") };
    let examples: Vec<Example> = examples.iter().map(|(i, o)| (vec![i.value()], Value::str(o.clone()))).collect();
    let globals = session.globals();
    fill(&Task { env: session.env(), globals, sketch: &sketch, examples: &examples }, budget)
}

/// Solves one task of a corpus in a session of its own.
pub fn solve_task(session: &Session, task: &StringTask, budget: &mut Budget) -> StringAnswer {
    let mut session = session.clone();
    let examples: Vec<(Columns, String)> =
        task.train.iter().filter_map(|(i, o)| Some((i.clone(), o.clone()?))).collect();
    let report = synthesize(&mut session, &examples, budget);
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
    StringAnswer {
        id: task.id.clone(),
        solved: report.end == End::Solved,
        program,
        outputs,
        ms: budget.elapsed().as_secs_f64() * 1e3,
        method: report.method.to_string(),
    }
}
