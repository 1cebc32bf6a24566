//! The answer to examples: a program, what speaks for it, and where it may be wrong.

use super::cond::conditional;
use super::dsl;
use super::expr::{Expr, Names, quoted};
use super::pred::Pred;
use super::prior::Prior;
use super::rank::Evidence;
use super::solve::{Candidate, Effort, Problem, concatenations};
use crate::search::{Budget, Stop};
use crate::synth::report::End;
use crate::vm::value::Doubt;

/// Programs that agree with every example, best first.
pub fn choose(p: &Problem, prior: &Prior, top: usize, budget: &mut Budget) -> Result<Vec<Candidate>, Stop> {
    let effort = Effort { prior, top: top.max(40), below: u32::MAX, loops: 1 };
    let mut found = concatenations(p, effort, budget)?;
    let best = found.first().map_or(u32::MAX, |c| c.cost);
    if p.parts.is_empty() && p.rows.len() > 1 && best > CONDITIONS_FROM {
        let effort = Effort { below: best, ..effort };
        // What was found without conditions stands, whatever time is left for them.
        match conditional(p, effort, budget) {
            Ok(Some(c)) => found.insert(0, c),
            Ok(None) => {}
            Err(stop) if found.is_empty() || stop == Stop::Cancelled => return Err(stop),
            Err(_) => {}
        }
    }
    rank(p, prior, &mut found);
    // Where all that is left is to tell the examples apart, the published language may still have one program for all.
    let apart = found.first().is_none_or(|c| c.cost > LONG && matches!(c.holes[..], [Expr::If(..)]));
    if apart && p.parts.is_empty() && p.rows.len() > 1 {
        match dsl::answer(&p.rows, &p.outputs, dsl::Prefer::Likely, budget) {
            (Some(e), _) => found.insert(0, Candidate { cost: found.first().map_or(LONG, |c| c.cost), holes: vec![e] }),
            (None, End::Stopped(Stop::Cancelled)) => return Err(Stop::Cancelled),
            (None, _) => {}
        }
    }
    Ok(found)
}

/// Conditional programs costlier than this are hardly what was meant.
const LONG: u32 = 2_500;

/// Programs cheaper than this need no conditions.
const CONDITIONS_FROM: u32 = 600;

/// Puts candidates in order by their cost, by what they are as a whole, and by what they do on the rows without outputs.
fn rank(p: &Problem, prior: &Prior, found: &mut [Candidate]) {
    let evidence = Evidence::new(p);
    for c in &mut *found {
        if let [e] = &c.holes[..] {
            c.cost += prior.weigh(&evidence.of(e));
        }
    }
    found.sort_by_key(|c| c.cost);
}

/// What was found, and how the search ended.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Programs that agree with the examples, best first.
    pub candidates: Vec<Candidate>,
    /// How it ended.
    pub end: End,
    /// Examples that were taken for errors.
    pub left_out: Vec<usize>,
}

impl Answer {
    fn ended(end: End) -> Answer {
        Answer { candidates: Vec::new(), end, left_out: Vec::new() }
    }
}

/// Two examples (counted from 0) with one input and different outputs.
pub fn contradiction(p: &Problem) -> Option<(usize, usize)> {
    let pairs = || p.rows.iter().zip(&p.outputs).enumerate();
    pairs().find_map(|(j, (r, o))| {
        let mut before = p.rows.iter().zip(&p.outputs).take(j).enumerate();
        before.find(|(_, (q, u))| *q == r && *u != o).map(|(i, _)| (i, j))
    })
}

/// Most sets of examples that are tried without.
const WITHOUT: usize = 60;

/// What an example that is taken for an error costs.
const ERROR: u32 = 500;

/// Answers examples of which up to `errors` may be wrong.
pub fn answer(p: &Problem, prior: &Prior, top: usize, errors: usize, budget: &mut Budget) -> Answer {
    if p.rows.is_empty() {
        return Answer::ended(End::NotEnoughExamples);
    }
    let conflict = contradiction(p);
    let whole = match conflict {
        Some((i, j)) => Answer::ended(End::Contradiction(i, j)),
        None => agreeing(p, prior, top, budget),
    };
    let mut best = whole;
    let mut least = best.candidates.first().filter(|_| best.end == End::Solved).map_or(u32::MAX, |c| c.cost);
    for n in 1..=errors.min(p.rows.len().saturating_sub(1)) {
        for out in subsets(p.rows.len(), n).into_iter().take(WITHOUT) {
            let kept: Vec<usize> = (0..p.rows.len()).filter(|r| !out.contains(r)).collect();
            let part = p.subset(&kept);
            if contradiction(&part).is_some() {
                continue;
            }
            let mut found = agreeing(&part, prior, top, budget);
            let Some(c) = found.candidates.first().filter(|_| found.end == End::Solved) else { continue };
            let cost = c.cost.saturating_add(ERROR * n as u32);
            if cost < least {
                least = cost;
                found.left_out = out;
                best = found;
            }
        }
    }
    best
}

/// All sets of `k` of the first `n` numbers.
fn subsets(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new()];
    for _ in 0..k {
        out = out
            .into_iter()
            .flat_map(|s: Vec<usize>| {
                let from = s.last().map_or(0, |l| l + 1);
                (from..n).map(move |i| s.iter().copied().chain([i]).collect())
            })
            .collect();
    }
    out
}

fn agreeing(p: &Problem, prior: &Prior, top: usize, budget: &mut Budget) -> Answer {
    match choose(p, prior, top, budget) {
        Err(stop) => Answer::ended(End::Stopped(stop)),
        Ok(candidates) => {
            let end = match candidates.first() {
                None => End::Exhausted,
                Some(c) if p.parts.is_empty() && is_lookup(&c.holes[0], p) => {
                    let table = Candidate { cost: c.cost, holes: vec![lookup(p)] };
                    return Answer { candidates: vec![table], end: End::Lookup, left_out: Vec::new() };
                }
                Some(_) => End::Solved,
            };
            Answer { candidates, end, left_out: Vec::new() }
        }
    }
}

/// Whether a program does no more than tell the examples apart: a text of its own for each.
fn is_lookup(e: &Expr, p: &Problem) -> bool {
    fn leaves<'e>(e: &'e Expr, whole: &mut bool, out: &mut Vec<&'e Expr>) {
        match e {
            Expr::If(pred, a, b) => {
                *whole &= matches!(&**pred, Pred::Equal(_, Expr::Const(_)));
                leaves(a, whole, out);
                leaves(b, whole, out);
            }
            e => out.push(e),
        }
    }
    let (mut out, mut whole) = (Vec::new(), true);
    leaves(e, &mut whole, &mut out);
    let constant = out.iter().all(|e| matches!(e, Expr::Const(_)));
    constant && out.len() > 1 && out.len() == p.rows.len() && (whole || out.len() > 2)
}

fn lookup(p: &Problem) -> Expr {
    let columns = p.rows.iter().map(Vec::len).min().unwrap_or(0);
    let mut key = Vec::new();
    for c in 0..columns {
        if c > 0 {
            key.push(Expr::Const("|".into()));
        }
        key.push(Expr::Column(c));
    }
    let key = if key.len() == 1 { key.remove(0) } else { Expr::Concat(key) };
    let row = |(r, o): (&Vec<String>, &String)| (r.join("|"), o.clone());
    Expr::Lookup(Box::new(key), p.rows.iter().zip(&p.outputs).map(row).collect())
}

/// Programs this much costlier than the best are not thought of.
const DOUBT: u32 = 260;

/// Most alternatives that are named.
const NAMED: usize = 4;

/// A row on which the likeliest programs differ: of the rows without outputs, or, if they say nothing, of rows made from
/// the examples.
pub fn doubt(p: &Problem, candidates: &[Candidate], names: &Names, listed: bool) -> Option<Doubt> {
    let (best, rest) = candidates.split_first()?;
    let [best_expr] = &best.holes[..] else { return None };
    let near: Vec<&Expr> =
        rest.iter().filter(|c| c.cost <= best.cost.saturating_add(DOUBT)).filter_map(|c| c.holes.first()).collect();
    let made = probes(p);
    type Differing<'a> = Vec<(String, &'a Expr)>;
    let mut chosen: Option<(&Vec<String>, Differing<'_>)> = None;
    for rows in [&p.others, &made] {
        for row in rows.iter().take(400) {
            let Some(answer) = best_expr.eval(row) else { continue };
            let mut differ: Differing<'_> = Vec::new();
            for e in &near {
                if let Some(o) = e.eval(row)
                    && o != answer
                    && !differ.iter().any(|(d, _)| *d == o)
                {
                    differ.push((o.into_owned(), e));
                }
            }
            if differ.len() > chosen.as_ref().map_or(0, |c| c.1.len()) {
                chosen = Some((row, differ));
            }
        }
        if chosen.is_some() {
            break;
        }
    }
    let (row, mut differ) = chosen?;
    differ.truncate(NAMED);
    let cells: Vec<String> = row.iter().map(|c| quoted(c)).collect();
    Some(Doubt {
        row: if listed { format!("[{}]", cells.join(", ")) } else { cells.join(", ") },
        answer: quoted(&best_expr.eval(row)?),
        others: differ.into_iter().map(|(o, e)| (quoted(&o), e.source(names))).collect(),
    })
}

/// Rows like those of the examples, with a word more, a word less, or a longer word.
fn probes(p: &Problem) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for row in p.rows.iter().take(6) {
        for (c, text) in row.iter().enumerate() {
            let words: Vec<&str> = text.split(' ').collect();
            let mut changed: Vec<String> = Vec::new();
            for i in 0..words.len().min(6) {
                let mut more = words.clone();
                more.insert(i, words[i]);
                changed.push(more.join(" "));
                let mut longer: Vec<String> = words.iter().map(|w| w.to_string()).collect();
                longer[i].push_str(words[i]);
                changed.push(longer.join(" "));
                if words.len() > 1 {
                    let mut less = words.clone();
                    less.remove(i);
                    changed.push(less.join(" "));
                }
            }
            for text in changed {
                let mut row = row.clone();
                row[c] = text;
                if !p.rows.contains(&row) {
                    out.push(row);
                }
            }
        }
    }
    out
}
