//! Synthesis in the published RobustFill language alone (dialect G): a concatenation of at most ten expressions, each a
//! character, a substring, a modification of the input, or a modification of one of these two.
//!
//! [`cuts`](mod@cuts) lists the substrings that can be named on all examples, [`ops`] says what every modification gives
//! on a text as far as it is part of an output, [`pieces`] keeps one term for all with the same values on the examples.
//! A cheapest path through the pieces is the answer: fewest parts first, then the likelier terms. What is costly to
//! list is listed only if fewer parts may come of it.

mod cover;
mod cuts;
mod ops;
mod pieces;
mod suffix;

use super::expr::Expr;
use super::robustfill::Term;
use crate::search::{Budget, Stop};
use crate::synth::report::End;
use cover::{Step, cover};
use pieces::{Alphabet, Pieces};

/// Most examples that are searched at once; others are checked.
const ACTIVE: usize = 6;

/// Something for each active example.
type Vector<T> = [T; ACTIVE];

/// Most parts of a program.
pub const PARTS: usize = 10;

/// Longest text, in bytes.
pub const LONGEST: usize = 1_000;

/// The method's name.
pub const METHOD: &str = "robustfill";

/// Finds a program for rows of one column, and says how the search ended.
pub fn answer(rows: &[Vec<String>], outputs: &[String], budget: &mut Budget) -> (Option<Expr>, End) {
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
    match solve(&inputs, &outputs, budget) {
        Ok(Some(e)) => (Some(e), End::Solved),
        Ok(None) => (None, End::Exhausted),
        Err(stop) => (None, End::Stopped(stop)),
    }
}

/// Finds a program for pairs of inputs and outputs. Time that runs out in a search for fewer parts is no failure.
pub fn solve(inputs: &[&str], outputs: &[&str], budget: &mut Budget) -> Result<Option<Expr>, Stop> {
    let mut pairs: Vec<(&str, &str)> = inputs.iter().copied().zip(outputs.iter().copied()).collect();
    // An example that a program for the active ones gets wrong becomes active.
    for _ in 0..=pairs.len() {
        let active = pairs.len().min(ACTIVE);
        let (inputs, outputs): (Vec<&str>, Vec<&str>) = pairs[..active].iter().copied().unzip();
        let Some(parts) = shortest(&inputs, &outputs, budget)? else { return Ok(None) };
        match pairs.iter().position(|(x, y)| parts.iter().map(|p| value(p, x)).collect::<String>() != *y) {
            None => return Ok(Some(whole(parts))),
            Some(wrong) => pairs[..=wrong].rotate_right(1),
        }
    }
    Ok(None)
}

/// The shortest program for some examples.
fn shortest(inputs: &[&str], outputs: &[&str], budget: &mut Budget) -> Result<Option<Vec<Expr>>, Stop> {
    if outputs.iter().all(|o| o.is_empty()) {
        // Equal positions name nothing.
        return Ok((!outputs.is_empty()).then(|| vec![Expr::Robust(0, Box::new(Term::SubStr(1, 1)))]));
    }
    let mut pieces = Pieces::new(inputs, outputs, Alphabet::Shared);
    let mut best: Option<Vec<Expr>> = None;
    for stage in 0..5 {
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
        let most = best.as_ref().map_or(PARTS, |b| b.len().saturating_sub(1));
        match listed.and_then(|()| cover(&pieces, outputs, most, budget)) {
            Ok(Some(steps)) => best = Some(steps.into_iter().map(|s| part(&pieces, s)).collect()),
            Ok(None) => {}
            Err(stop) if best.is_none() || stop == Stop::Cancelled => return Err(stop),
            Err(_) => break,
        }
        // What a later stage could save at best.
        if best.as_ref().is_some_and(|b| b.len() <= stage + 1 || stage >= 2) {
            break;
        }
    }
    Ok(best)
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
