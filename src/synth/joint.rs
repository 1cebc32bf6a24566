//! Fillings of all holes together, cheapest first, each tried by running the sketch.

use super::build::Builder;
use super::fill::{MAX_COST, Task, inputs, machine};
use super::report::{End, Report};
use crate::domain::Sort;
use crate::domain::terms::{TermDomain, close};
use crate::ir::{Func, HoleId, HoleKind, Kind};
use crate::search::{Budget, Enumerator, Stop, TermId};
use crate::types::Type;
use crate::vm::code::Code;
use crate::vm::value::Value;
use crate::vm::{Machine, Options};

/// Most values of a number hole that are tried.
const MAX_VALUES: i64 = 100_000;

/// What may fill one hole, by cost.
struct Stream<'d> {
    /// Fillings of each cost that has been made.
    levels: Vec<Vec<Filling>>,
    source: Source<'d>,
}

enum Source<'d> {
    /// All fillings were made at once.
    Listed,
    /// Terms are made level by level.
    Terms(Box<Enumerator<'d, TermDomain>>, &'static [Sort]),
}

#[derive(Clone)]
enum Filling {
    Number(f64),
    Choice(usize),
    Term(TermId),
}

/// Searches for fillings of every hole.
pub(super) fn search(task: &Task<'_>, budget: &mut Budget, report: &mut Report) -> End {
    report.method = "joint enumeration of fillings";
    let options = Options { holes_as_inputs: true };
    let code = match crate::vm::compile(task.sketch, &task.env.ops, &task.env.library, options) {
        Ok(code) => code,
        Err(d) => return End::Unsupported(d.message),
    };
    let wanted: Vec<Value> = task.examples.iter().map(|(_, o)| o.clone()).collect();
    let domains: Vec<Option<TermDomain>> = task
        .sketch
        .holes
        .iter()
        .map(|h| {
            let open = matches!(h.kind, HoleKind::Open);
            open.then(|| TermDomain::new(task.env, inputs(task, h), wanted.clone(), h.ty.clone(), task.examples.len()))
        })
        .collect();
    let mut streams: Vec<Stream<'_>> = task
        .sketch
        .holes
        .iter()
        .zip(&domains)
        .enumerate()
        .map(|(i, (_, d))| match d {
            Some(d) => {
                Stream { levels: Vec::new(), source: Source::Terms(Box::new(Enumerator::new(d)), d.goal_sorts()) }
            }
            None => Stream { levels: listed(task.sketch, HoleId(i as u32)), source: Source::Listed },
        })
        .collect();
    let finite = streams.iter().all(|s| matches!(s.source, Source::Listed));
    let most = streams
        .iter()
        .map(|s| match s.source {
            Source::Listed => s.levels.len().saturating_sub(1) as u32,
            Source::Terms(..) => MAX_COST,
        })
        .sum::<u32>();
    let mut trial = Trial { task, code, machine: machine(task), args: Vec::new() };
    for total in 0..=most {
        for s in &mut streams {
            if let Err(stop) = s.extend(total, budget) {
                return End::Stopped(stop);
            }
        }
        let mut picked = Vec::new();
        match pick(&streams, total, &mut picked, &mut trial, budget) {
            Err(stop) => return End::Stopped(stop),
            Ok(false) => {}
            Ok(true) => {
                report.cost = total;
                complete(task, &streams, &domains, &picked, report);
                return End::Solved;
            }
        }
    }
    if finite { End::Exhausted } else { End::UpToCost(most) }
}

impl Stream<'_> {
    /// Makes all fillings up to a cost.
    fn extend(&mut self, cost: u32, budget: &mut Budget) -> Result<(), Stop> {
        let Source::Terms(en, sorts) = &mut self.source else { return Ok(()) };
        while self.levels.len() <= cost as usize && en.next_cost() <= MAX_COST {
            let new = en.level(budget)?;
            let fits = new.into_iter().filter(|t| sorts.contains(&en.term(*t).sort));
            self.levels.push(fits.map(Filling::Term).collect());
        }
        Ok(())
    }
}

/// The values of a number hole or choice, simplest first.
fn listed(sketch: &Func, id: HoleId) -> Vec<Vec<Filling>> {
    let h = &sketch.holes[id.0 as usize];
    match &h.kind {
        HoleKind::Choice { ops } => {
            let of_node = sketch.nodes.iter().find_map(|n| match &n.kind {
                Kind::Hole { hole, args } if *hole == id => Some(args.len()),
                _ => None,
            });
            let count = if ops.is_empty() { of_node.unwrap_or(0) } else { ops.len() };
            vec![(0..count).map(Filling::Choice).collect()]
        }
        HoleKind::Range { lo, hi, start, .. } => {
            let mut values: Vec<f64> = Vec::new();
            if h.ty == Type::Int {
                let (a, b) = (*lo as i64, *hi as i64);
                values.extend((a..=b).take(MAX_VALUES as usize).map(|i| i as f64));
            } else {
                // Ends and middle, whole numbers, halves, then tenths or hundredths of the range.
                values.extend([*lo, *hi, (lo + hi) / 2.0]);
                let (a, b) = ((lo * 2.0).ceil() as i64, (hi * 2.0).floor() as i64);
                values.extend((a..=b).take(2_000).map(|i| i as f64 / 2.0));
                let steps = if hi - lo <= 100.0 { ((hi - lo) * 10.0).round() } else { 1_000.0 };
                values.extend((0..=steps as i64).map(|i| lo + (hi - lo) * i as f64 / steps.max(1.0)));
                let mut seen = std::collections::HashSet::new();
                values.retain(|v| seen.insert(((v - lo) * 1e6).round() as i64));
            }
            // Near the starting point, or near zero, is simplest. The sort is stable.
            let from = start.unwrap_or(0.0_f64.clamp(*lo, *hi));
            values.sort_by(|a, b| (a - from).abs().total_cmp(&(b - from).abs()));
            let mut levels: Vec<Vec<Filling>> = Vec::new();
            for (i, v) in values.into_iter().enumerate() {
                // Twice as many at each cost.
                let cost = (i + 1).ilog2() as usize;
                if levels.len() <= cost {
                    levels.resize(cost + 1, Vec::new());
                }
                levels[cost].push(Filling::Number(v));
            }
            levels
        }
        _ => Vec::new(),
    }
}

/// The sketch with fillings, run on the examples.
struct Trial<'t> {
    task: &'t Task<'t>,
    code: Code,
    machine: Machine,
    args: Vec<Value>,
}

impl Trial<'_> {
    fn agrees(&mut self, streams: &[Stream<'_>], picked: &[Filling]) -> bool {
        let holes = &self.task.sketch.holes;
        for (e, (inputs, wanted)) in self.task.examples.iter().enumerate() {
            self.args.clear();
            self.args.extend(inputs.iter().cloned());
            for ((f, s), h) in picked.iter().zip(streams).zip(holes) {
                self.args.push(match (f, &s.source) {
                    (Filling::Number(x), _) if h.ty == Type::Int => Value::Int(*x as i64),
                    (Filling::Number(x), _) => Value::Num(*x),
                    (Filling::Choice(i), _) => Value::Int(*i as i64),
                    (Filling::Term(t), Source::Terms(en, _)) => en.term(*t).value.0[e].clone(),
                    (Filling::Term(_), Source::Listed) => Value::Unit,
                });
            }
            match self.machine.run(&self.code, &self.args) {
                Ok(v) if close(&v, wanted) => {}
                _ => return false,
            }
        }
        true
    }
}

/// Tries all fillings whose costs add up to `left`; true when one agrees, which is then in `picked`.
fn pick(
    streams: &[Stream<'_>],
    left: u32,
    picked: &mut Vec<Filling>,
    trial: &mut Trial<'_>,
    budget: &mut Budget,
) -> Result<bool, Stop> {
    let Some(stream) = streams.get(picked.len()) else {
        if left > 0 {
            return Ok(false);
        }
        budget.spend()?;
        return Ok(trial.agrees(streams, picked));
    };
    let last = picked.len() + 1 == streams.len();
    let costs = if last { left..=left } else { 0..=left };
    for cost in costs {
        let Some(level) = stream.levels.get(cost as usize) else { continue };
        for f in level {
            picked.push(f.clone());
            if pick(streams, left - cost, picked, trial, budget)? {
                return Ok(true);
            }
            picked.pop();
        }
    }
    Ok(false)
}

/// Writes the fillings into the sketch.
fn complete(
    task: &Task<'_>,
    streams: &[Stream<'_>],
    domains: &[Option<TermDomain>],
    picked: &[Filling],
    report: &mut Report,
) {
    let mut builder = Builder { func: task.sketch.clone(), ops: &task.env.ops };
    for (i, ((f, s), h)) in picked.iter().zip(streams).zip(&task.sketch.holes).enumerate() {
        let id = HoleId(i as u32);
        let text = match (f, &s.source, &domains[i]) {
            (Filling::Number(x), _, _) => {
                let angle = matches!(h.kind, HoleKind::Range { angle: true, .. });
                let value = if h.ty == Type::Int { Value::Int(*x as i64) } else { Value::Num(*x) };
                let node = if angle { builder.angle(*x, h.span) } else { builder.literal(&value, &h.ty, h.span) };
                builder.put(id, node);
                if angle { format!("{}deg", x.to_degrees()) } else { crate::vm::show(&value, &h.ty) }
            }
            (Filling::Choice(k), _, _) => {
                builder.choose(id, *k);
                format!("alternative {}", k + 1)
            }
            (Filling::Term(t), Source::Terms(en, _), Some(domain)) => {
                let node = builder.term(en, domain, *t, h.span);
                builder.put(id, node);
                en.to_line(*t)
            }
            _ => continue,
        };
        report.fillings.push((format!("??{}", h.name.as_deref().unwrap_or("")), text));
    }
    report.program = Some(builder.finish());
}
