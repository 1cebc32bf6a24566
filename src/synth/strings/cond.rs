//! Conditionals: rows that want different programs, told apart by a condition.

use super::expr::Expr;
use super::pred::{Pred, candidates};
use super::solve::{Candidate, Effort, Problem, concatenations};
use crate::search::{Budget, Stop};
use rustc_hash::FxHashMap;

/// Most conditions that are tried at one level.
const SPLITS: usize = 24;

/// Most conditions inside each other.
const DEPTH: usize = 4;

/// The cost of a condition; that of a branch comes on top.
pub fn pred_cost(p: &Pred) -> u32 {
    match p {
        Pred::And(a, b) | Pred::Or(a, b) => 50 + pred_cost(a) + pred_cost(b),
        Pred::Not(p) => pred_cost(p),
        _ => 250,
    }
}

/// The cost of a text that several rows share, but for its length.
const KIND: u32 = 230;

/// What one row costs that does not go with the others: less than a program that is made up for it, more than a rule that
/// is hard to see.
const EXCEPTION: u32 = 1_600;

/// It takes so many other rows for one to be an exception, and no more than so many are tried.
const OTHERS: std::ops::RangeInclusive<usize> = 3..=11;

struct Search<'p, 'a, 'b> {
    problem: &'p Problem,
    effort: Effort<'a>,
    budget: &'b mut Budget,
    /// The cheapest concatenation for a set of rows.
    known: FxHashMap<Vec<usize>, Option<Candidate>>,
}

/// The cheapest conditional program cheaper than `effort.below`, with one hole.
pub fn conditional(p: &Problem, effort: Effort<'_>, budget: &mut Budget) -> Result<Option<Candidate>, Stop> {
    let mut s = Search { problem: p, effort, budget, known: FxHashMap::default() };
    let all: Vec<usize> = (0..p.rows.len()).collect();
    s.known.insert(all.clone(), None);
    let split = s.split(&all, DEPTH, effort.below)?;
    let below = split.as_ref().map_or(effort.below, |c| c.cost);
    let found = match s.exception(&all, below) {
        Ok(c) => c.or(split),
        Err(stop) if split.is_none() || stop == Stop::Cancelled => return Err(stop),
        Err(_) => split,
    };
    Ok(found.filter(|c| (0..p.rows.len()).all(|r| p.agrees(c, r))))
}

impl Search<'_, '_, '_> {
    fn plain(&mut self, rows: &[usize]) -> Result<Option<Candidate>, Stop> {
        if let Some(known) = self.known.get(rows) {
            return Ok(known.clone());
        }
        if let Some(kind) = self.kind(rows) {
            self.known.insert(rows.to_vec(), Some(kind.clone()));
            return Ok(Some(kind));
        }
        let part = self.problem.subset(rows);
        let effort = Effort { top: 4, below: u32::MAX, ..self.effort };
        let found = concatenations(&part, effort, self.budget)?.into_iter().next();
        self.known.insert(rows.to_vec(), found.clone());
        Ok(found)
    }

    /// The one text of several rows: the name of what kind of row it is, which is cheaper than a text within another.
    fn kind(&self, rows: &[usize]) -> Option<Candidate> {
        let text = &self.problem.outputs[*rows.first()?];
        let same = rows.len() > 1 && rows.iter().all(|r| self.problem.outputs[*r] == *text);
        let cost = KIND + 12 * text.chars().count().min(25) as u32;
        same.then(|| Candidate { cost, holes: vec![Expr::Const(text.clone())] })
    }

    /// The cheapest program for all rows but one, whose output is written down.
    fn exception(&mut self, rows: &[usize], mut below: u32) -> Result<Option<Candidate>, Stop> {
        let mut best = None;
        if !OTHERS.contains(&rows.len().saturating_sub(1)) || below <= EXCEPTION {
            return Ok(None);
        }
        for r in rows {
            let row = &self.problem.rows[*r];
            let rest: Vec<usize> = rows.iter().copied().filter(|q| q != r).collect();
            let unlike = |c: &usize| rest.iter().all(|q| self.problem.rows[*q].get(*c) != Some(&row[*c]));
            let Some(column) = (0..row.len()).find(unlike) else { continue };
            let Some(c) = self.plain(&rest)?.filter(|c| EXCEPTION + c.cost < below) else { continue };
            below = EXCEPTION + c.cost;
            let pred = Pred::Equal(Expr::Column(column), Expr::Const(row[column].clone()));
            let text = Expr::Const(self.problem.outputs[*r].clone());
            let e = Expr::If(Box::new(pred), Box::new(text), Box::new(c.holes[0].clone()));
            best = Some(Candidate { cost: below, holes: vec![e] });
        }
        Ok(best)
    }

    /// The cheapest program for some rows.
    fn best(&mut self, rows: &[usize], depth: usize, below: u32) -> Result<Option<Candidate>, Stop> {
        let plain = self.plain(rows)?;
        let below = plain.as_ref().map_or(below, |c| c.cost.min(below));
        // A condition and two branches cost at least this.
        let floor = self.effort.prior.branch(150) + 200;
        if depth == 0 || rows.len() < 2 || below <= floor {
            return Ok(plain);
        }
        Ok(self.split(rows, depth, below)?.or(plain))
    }

    fn split(&mut self, rows: &[usize], depth: usize, mut below: u32) -> Result<Option<Candidate>, Stop> {
        let inputs: Vec<&[String]> = rows.iter().map(|r| self.problem.rows[*r].as_slice()).collect();
        let mut conditions = candidates(&inputs);
        conditions.truncate(SPLITS);
        let mut best = None;
        for (pred, cost, holds) in conditions {
            let cost = self.effort.prior.branch(cost);
            if cost >= below {
                continue;
            }
            let side = |want: bool| -> Vec<usize> {
                rows.iter().zip(&holds).filter(|(_, h)| **h == want).map(|(r, _)| *r).collect()
            };
            let (yes, no) = (side(true), side(false));
            // The smaller side is the special case: it has to be one program.
            let (small, large) = if yes.len() <= no.len() { (&yes, &no) } else { (&no, &yes) };
            let Some(a) = self.plain(small)? else { continue };
            if cost + a.cost >= below {
                continue;
            }
            let Some(b) = self.best(large, depth - 1, below - cost - a.cost)? else { continue };
            let total = cost + a.cost + b.cost;
            if total >= below {
                continue;
            }
            below = total;
            let (mut then, mut otherwise) = if yes.len() <= no.len() { (a, b) } else { (b, a) };
            let mut pred = pred;
            // A branch that is a condition itself goes last, so that the program reads as a list of cases.
            if matches!(then.holes[0], Expr::If(..)) {
                std::mem::swap(&mut then, &mut otherwise);
                pred = match pred {
                    Pred::Not(p) => *p,
                    p => Pred::Not(Box::new(p)),
                };
            }
            let e = Expr::If(Box::new(pred), Box::new(then.holes.remove(0)), Box::new(otherwise.holes.remove(0)));
            best = Some(Candidate { cost: total, holes: vec![e] });
        }
        Ok(best)
    }
}
