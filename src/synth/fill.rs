//! `fill`: the cheapest completion of a sketch that agrees with the examples.
//!
//! Two ways, by the sketch's form. A text that is joined from holes and known parts is found by the search of
//! [`strings`](super::strings); any other sketch by trying fillings of all its holes
//! together, cheapest first ([`joint`](super::joint)).

use super::build::Builder;
use super::report::{End, Report};
use super::strings::answer::{answer, doubt};
use super::strings::cover::Part;
use super::strings::expr::{Expr, Names};
use super::strings::prior::Prior;
use super::strings::solve::Problem;
use crate::domain::terms::{Column, Input};
use crate::ir::{Func, Hole, HoleId, HoleKind, Kind, LocalId, NodeId};
use crate::search::Budget;
use crate::session::Session;
use crate::types::Type;
use crate::vm::ctx::Env;
use crate::vm::limits::Limits;
use crate::vm::value::Value;
use crate::vm::{Machine, Options};

/// Arguments and the result wanted for them.
pub type Example = (Vec<Value>, Value);

/// No term costlier than this is tried.
pub(super) const MAX_COST: u32 = 14;

/// Operations that one candidate may use on one example.
const CANDIDATE_OPS: u64 = 1_000_000;

/// What a search reads.
pub struct Task<'a> {
    /// Operations, functions, files.
    pub env: &'a Env,
    /// Values of globals that the sketch sees.
    pub globals: Vec<Value>,
    /// The sketch; it captures nothing.
    pub sketch: &'a Func,
    /// Examples.
    pub examples: &'a [Example],
}

/// Completes a sketch.
pub fn fill(task: &Task<'_>, budget: &mut Budget) -> Report {
    let mut report = Report::new("bottom-up enumeration");
    report.end = match refuse(task) {
        Some(end) => end,
        None => match concatenation(task) {
            Some(parts) => joined_text(task, parts, budget, &mut report),
            None => super::joint::search(task, budget, &mut report),
        },
    };
    report.nodes = budget.used();
    report.elapsed = budget.elapsed();
    report
}

/// What can be said without a search.
fn refuse(task: &Task<'_>) -> Option<End> {
    let unsupported = |text: String| Some(End::Unsupported(text));
    let sketch = task.sketch;
    if sketch.holes.is_empty() {
        return unsupported(format!("`{}` has no holes", sketch.name));
    }
    if sketch.captures > 0 {
        return unsupported(
            "a function value that copies variables cannot be filled; declare it with `fn name(..)`".into(),
        );
    }
    for h in &sketch.holes {
        if let Some(why) = unfillable(h) {
            return unsupported(format!("the hole `??{}` {why}", h.name.as_deref().unwrap_or("")));
        }
    }
    for (i, a) in task.examples.iter().enumerate() {
        for (j, b) in task.examples.iter().enumerate().skip(i + 1) {
            let same = a.0.iter().zip(&b.0).all(|(x, y)| crate::vm::equal(x, y));
            if same && !crate::vm::equal(&a.1, &b.1) {
                return Some(End::Contradiction(i, j));
            }
        }
    }
    task.examples.is_empty().then_some(End::NotEnoughExamples)
}

/// Why no search of today fills this hole, if that is so.
pub fn unfillable(h: &Hole) -> Option<String> {
    match &h.kind {
        HoleKind::Range { .. } | HoleKind::Choice { .. } => None,
        HoleKind::Open if matches!(h.ty, Type::Str | Type::Int | Type::Num | Type::Bool) => None,
        HoleKind::Open => Some(format!("is of type {}: only text, numbers and bools are found so far", h.ty)),
        HoleKind::Call => Some("is a function to be found: that is not built yet".into()),
        HoleKind::Perceptual => Some("looks at an image: it is learned by a model, which is not built yet".into()),
    }
}

/// The sketch as a row of texts, if it is one: holes of type str and parts without holes, joined by `+`.
fn concatenation(task: &Task<'_>) -> Option<Vec<(Part, Option<HoleId>)>> {
    let f = task.sketch;
    if f.ret != Type::Str {
        return None;
    }
    let mut leaves = Vec::new();
    flatten(task, f.body, &mut leaves)?;
    let mut parts = Vec::new();
    let mut seen = Vec::new();
    for leaf in leaves {
        match &f.node(leaf).kind {
            Kind::Hole { hole, .. } => {
                let h = &f.holes[hole.0 as usize];
                // One hole at two places must be one filling: that is not a row of independent pieces.
                if !matches!(h.kind, HoleKind::Open) || h.ty != Type::Str || seen.contains(hole) {
                    return None;
                }
                seen.push(*hole);
                parts.push((Part::Hole, Some(*hole)));
            }
            _ => parts.push((Part::Fixed(evaluate(task, leaf)?), None)),
        }
    }
    (seen.len() == f.holes.len()).then_some(parts)
}

fn flatten(task: &Task<'_>, id: NodeId, out: &mut Vec<NodeId>) -> Option<()> {
    let f = task.sketch;
    match &f.node(id).kind {
        Kind::Block(items) if items.len() == 1 => flatten(task, items[0], out),
        Kind::Op { op, args } if task.env.ops.get(*op).name == "+" => {
            args.iter().try_for_each(|a| flatten(task, *a, out))
        }
        // Blocks with statements, loops and the like are left to the joint search.
        Kind::Block(_) | Kind::Return(_) => None,
        _ => {
            out.push(id);
            Some(())
        }
    }
}

/// The texts that a part without holes has in the examples.
fn evaluate(task: &Task<'_>, id: NodeId) -> Option<Vec<String>> {
    let mut part = task.sketch.clone();
    part.body = id;
    part.ret = Type::Str;
    let code = crate::vm::compile(&part, &task.env.ops, &task.env.library, Options::default()).ok()?;
    let mut machine = machine(task);
    let text = |e: &Example| match machine.run(&code, &e.0) {
        Ok(Value::Str(s)) => Some(s.to_string()),
        _ => None,
    };
    task.examples.iter().map(text).collect()
}

/// A machine for candidates.
pub(super) fn machine(task: &Task<'_>) -> Machine {
    let mut env = task.env.clone();
    env.limits = Limits { ops: Some(CANDIDATE_OPS), memory: Some(64 << 20), depth: 200, time: None };
    Machine::new(&env, task.globals.clone())
}

/// The variables that a hole may use: parameters of simple types; a list of texts counts as columns.
pub(super) fn inputs(task: &Task<'_>, hole: &Hole) -> Vec<Input> {
    let f = task.sketch;
    let mut out = Vec::new();
    for (i, p) in f.params.iter().enumerate() {
        let local = LocalId(i as u32);
        if !hole.scope.contains(&local) {
            continue;
        }
        let column = |get: &dyn Fn(&Value) -> Option<Value>| -> Option<Column> {
            task.examples.iter().map(|e| e.0.get(i).and_then(get)).collect::<Option<Vec<_>>>().map(|v| Column(v.into()))
        };
        match &p.ty {
            Type::Str | Type::Int | Type::Num | Type::Bool => {
                if let Some(values) = column(&|v| Some(v.clone())) {
                    out.push(Input { text: p.name.to_string(), ty: p.ty.clone(), values, source: (local, None) });
                }
            }
            Type::List(t) if **t == Type::Str => {
                let item = |v: &Value, k: usize| match v {
                    Value::List(xs) => xs.get(k).cloned(),
                    _ => None,
                };
                for k in 0.. {
                    let Some(values) = column(&|v| item(v, k)) else { break };
                    if task.examples.is_empty() {
                        break;
                    }
                    let text = format!("{}[{k}]", p.name);
                    out.push(Input { text, ty: Type::Str, values, source: (local, Some(k)) });
                }
            }
            _ => {}
        }
    }
    out
}

/// Finds the texts by the search of [`strings`](super::strings), whose columns are the text inputs, and the others as
/// texts.
fn joined_text(task: &Task<'_>, parts: Vec<(Part, Option<HoleId>)>, budget: &mut Budget, report: &mut Report) -> End {
    report.method = "version space";
    let holes: Vec<HoleId> = parts.iter().filter_map(|(_, h)| *h).collect();
    // Holes of one row see the same variables unless they are under different scopes, which a row has not.
    let Some(first) = holes.first() else { return End::Exhausted };
    let inputs = inputs(task, &task.sketch.holes[first.0 as usize]);
    let text = |v: &Value| match v {
        Value::Str(s) => s.to_string(),
        other => crate::vm::show(other, &Type::Unit),
    };
    let name = |i: &Input| if i.ty == Type::Str { i.text.clone() } else { format!("str({})", i.text) };
    let names = Names(inputs.iter().map(name).collect());
    let row = |e: usize| inputs.iter().map(|i| text(&i.values.0[e])).collect();
    let whole = matches!(parts[..], [(Part::Hole, _)]);
    let problem = Problem {
        rows: (0..task.examples.len()).map(row).collect(),
        outputs: task.examples.iter().map(|(_, o)| text(o)).collect(),
        others: Vec::new(),
        parts: if whole { Vec::new() } else { parts.into_iter().map(|(p, _)| p).collect() },
    };
    let found = answer(&problem, Prior::standard(), 1, 0, budget);
    for c in &found.candidates {
        // One example that a text explains leaves everything open.
        let constant = c.holes.iter().flat_map(|e| e.pieces()).all(|p| matches!(p, Expr::Const(_)));
        if constant && task.examples.len() < 2 && !inputs.is_empty() {
            return End::NotEnoughExamples;
        }
        let mut builder = Builder { func: task.sketch.clone(), ops: &task.env.ops };
        let mut fillings = Vec::new();
        let mut done = true;
        for (hole, e) in holes.iter().zip(&c.holes) {
            let text = e.source(&names);
            match filling(task, &text) {
                Some(f) => {
                    let node = builder.graft(&f, task.sketch.holes[hole.0 as usize].span);
                    builder.put(*hole, node);
                }
                None => done = false,
            }
            let name = task.sketch.holes[hole.0 as usize].name.as_deref().unwrap_or("");
            fillings.push((format!("??{name}"), text));
        }
        let func = builder.finish();
        // The program is run like any other before it is an answer.
        if done && right(task, &func) {
            report.cost = c.cost;
            report.fillings = fillings;
            report.program = Some(func);
            report.doubt = doubt(&problem, &found.candidates, &names, inputs.len() > 1);
            return found.end;
        }
    }
    match found.end {
        End::Solved | End::Lookup => End::Exhausted,
        end => end,
    }
}

/// A filling as a function of the sketch's parameters. It is checked where nothing but the library is in scope.
fn filling(task: &Task<'_>, text: &str) -> Option<Func> {
    let params: Vec<String> = task.sketch.params.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect();
    let mut session = Session::new(task.env.ops.clone());
    let source = format!("fn filling({}) -> str {{ {text} }}", params.join(", "));
    let checked = session.check("<filling>", &source).ok()?;
    let (_, id) = checked.functions.first()?;
    Some(Func::clone(&session.env().library.get(*id)?.func))
}

/// Whether a completed sketch gives the output of every example.
fn right(task: &Task<'_>, func: &Func) -> bool {
    let Ok(code) = crate::vm::compile(func, &task.env.ops, &task.env.library, Options::default()) else { return false };
    let mut machine = machine(task);
    task.examples.iter().all(|(inputs, wanted)| machine.run(&code, inputs).is_ok_and(|v| crate::vm::equal(&v, wanted)))
}
