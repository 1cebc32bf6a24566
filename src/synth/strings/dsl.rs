//! Synthesis in the published RobustFill language alone (dialect G): a concatenation of at most ten expressions, each a
//! character, a substring, a modification of the input, or a modification of one of these two.
//!
//! `cuts` lists the substrings that can be named on all examples, `ops` says what every modification gives
//! on a text as far as it is part of an output, `pieces` keeps one term for all with the same values on the examples.
//! A cheapest path through the pieces is the answer (`cover`): fewest parts first, then the likelier terms,
//! or the likelier terms alone. What is costly to list is listed only if fewer parts may come of it.

mod cover;
mod cuts;
mod ops;
mod pieces;
mod suffix;

use super::expr::Expr;
use super::robustfill::Term;
use crate::search::{Budget, Stop};
use crate::synth::report::End;
use cover::{Bounds, Step, cover};
use pieces::{Alphabet, Pieces};

/// Most examples that are searched at once; others are checked.
const ACTIVE: usize = 6;

/// Something for each active example.
type Vector<T> = [T; ACTIVE];

/// Most parts of a program.
pub const PARTS: usize = 10;

/// Longest text, in bytes.
pub const LONGEST: usize = 1_000;

/// Which of the programs that agree with the examples is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// One with fewest parts, and of these the likeliest.
    Short,
    /// The likeliest when programs are drawn by the grammar: a few bits for a character, more for other terms.
    Likely,
}

impl Prefer {
    /// What a method's name stands for.
    pub fn of(method: &str) -> Option<Prefer> {
        [Prefer::Short, Prefer::Likely].into_iter().find(|p| p.method() == method)
    }

    /// The method's name.
    pub const fn method(self) -> &'static str {
        match self {
            Prefer::Short => "robustfill",
            Prefer::Likely => "robustfill-likely",
        }
    }
}

/// Cost of a part that counts more than all terms together.
const PART: u32 = 1_000;

/// Cost of a part among likely ones, in bits: at most ten parts are written, so a further one is a little unlikely.
const LIKELY_PART: u32 = 5;

/// Most states of a search, by what was listed. A long search with few pieces is better done with more.
const STATES: [usize; 5] = [50_000, 100_000, 2_000_000, 2_000_000, 2_000_000];

/// Most states of a search for a likelier program than that found.
const LIKELY_STATES: usize = 40_000;

/// Finds a program for rows of one column, and says how the search ended.
pub fn answer(rows: &[Vec<String>], outputs: &[String], prefer: Prefer, budget: &mut Budget) -> (Option<Expr>, End) {
    if rows.is_empty() {
        return (None, End::NotEnoughExamples);
    }
    if rows.iter().any(|r| r.len() != 1) {
        return (None, End::Unsupported("the RobustFill language has one column".into()));
    }
    let inputs: Vec<&str> = rows.iter().flatten().map(String::as_str).collect();
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    if inputs.iter().chain(&outputs).any(|s| s.len() > LONGEST) {
        return (None, End::Unsupported(format!("texts may be {LONGEST} bytes long")));
    }
    match solve(&inputs, &outputs, prefer, budget) {
        Ok(Some(e)) => (Some(e), End::Solved),
        Ok(None) => (None, End::Exhausted),
        Err(stop) => (None, End::Stopped(stop)),
    }
}

/// Finds a program for pairs of inputs and outputs. Time that runs out in a search for fewer parts is no failure.
pub fn solve(inputs: &[&str], outputs: &[&str], prefer: Prefer, budget: &mut Budget) -> Result<Option<Expr>, Stop> {
    let mut pairs: Vec<(&str, &str)> = inputs.iter().copied().zip(outputs.iter().copied()).collect();
    // An example that a program for the active ones gets wrong becomes active.
    for _ in 0..=pairs.len() {
        let active = pairs.len().min(ACTIVE);
        let (inputs, outputs): (Vec<&str>, Vec<&str>) = pairs[..active].iter().copied().unzip();
        let Some(parts) = best_parts(&inputs, &outputs, prefer, budget)? else { return Ok(None) };
        match pairs.iter().position(|(x, y)| parts.iter().map(|p| value(p, x)).collect::<String>() != *y) {
            None => return Ok(Some(whole(parts))),
            Some(wrong) => pairs[..=wrong].rotate_right(1),
        }
    }
    Ok(None)
}

/// The best program for some examples.
fn best_parts(
    inputs: &[&str],
    outputs: &[&str],
    prefer: Prefer,
    budget: &mut Budget,
) -> Result<Option<Vec<Expr>>, Stop> {
    if outputs.iter().all(|o| o.is_empty()) {
        // Equal positions name nothing.
        return Ok((!outputs.is_empty()).then(|| vec![Expr::Robust(0, Box::new(Term::SubStr(1, 1)))]));
    }
    let mut pieces = Pieces::new(inputs, outputs, Alphabet::Shared);
    let mut best: Option<Vec<Step>> = None;
    let mut stopped = None;
    for (stage, states) in STATES.into_iter().enumerate() {
        let listed = match stage {
            0 => pieces.list_simple(budget),
            1 => pieces.list_changed_cuts(budget),
            2 => pieces.list_changed_twice(budget),
            3 => {
                pieces = Pieces::new(inputs, outputs, Alphabet::Any);
                pieces.list_simple(budget).and_then(|()| pieces.list_changed_cuts(budget))
            }
            _ => pieces.list_changed_twice(budget),
        };
        let parts = best.as_ref().map_or(PARTS, |b| b.len().saturating_sub(1));
        let bounds = Bounds { parts, part: PART, below: PART * (parts as u32 + 1), states };
        match listed.and_then(|()| cover(&pieces, outputs, bounds, budget)) {
            Ok(Some(steps)) => best = Some(steps),
            Ok(None) => {}
            // There may be a shorter way with more pieces.
            Err(Stop::Nodes) if best.is_none() => stopped = Some(Stop::Nodes),
            Err(stop) if best.is_none() || stop == Stop::Cancelled => return Err(stop),
            Err(_) => break,
        }
        // What a later stage could save at best.
        let short = prefer == Prefer::Short && best.as_ref().is_some_and(|b| b.len() <= stage + 1);
        if short || stage >= 2 && best.is_some() {
            break;
        }
    }
    if let (Prefer::Likely, Some(steps)) = (prefer, &best) {
        let below = steps.iter().map(|s| LIKELY_PART + pieces.cost(*s)).sum();
        let bounds = Bounds { parts: PARTS, part: LIKELY_PART, below, states: LIKELY_STATES };
        match cover(&pieces, outputs, bounds, budget) {
            Ok(Some(steps)) => best = Some(steps),
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            Ok(None) | Err(_) => {}
        }
    }
    match (best, stopped) {
        (None, Some(stop)) => Err(stop),
        (best, _) => Ok(best.map(|steps| steps.into_iter().map(|s| part(&pieces, s)).collect())),
    }
}

fn whole(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::Concat(parts) }
}

fn part(pieces: &Pieces<'_>, step: Step) -> Expr {
    match step {
        Step::Char(b) => Expr::Const(ops::one(b)),
        Step::Piece(p) => Expr::Robust(0, Box::new(pieces.term(p))),
    }
}

fn value(part: &Expr, x: &str) -> String {
    match part {
        Expr::Const(s) => s.clone(),
        Expr::Robust(_, t) => t.eval(x),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
