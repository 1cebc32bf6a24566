//! Loops whose body is a program of its own: where inputs and outputs have the same number of pieces, each piece of an
//! input and that of its output are an example for the body.

use super::expr::{Each, Expr, Split};
use super::pieces::{Pieces, Wanted};
use super::solve::{Effort, Problem, concatenations};
use crate::search::{Budget, Stop};

/// Most examples that a body is made from.
const MOST: usize = 24;

/// Rows longer than this together are no lists that a loop is made for.
const LONG: usize = 20_000;

/// Marks that lists are written with.
const MARKS: &[&str] = &[", ", ",", "; ", ";", " ", "\n", "|", "/", "-", " and ", " & ", "."];

/// Adds loops over the columns.
pub fn pieces(w: &Wanted<'_>, effort: Effort<'_>, budget: &mut Budget, out: &mut Pieces) -> Result<(), Stop> {
    let bytes: usize = w.rows.iter().flat_map(|r| r.iter()).map(String::len).sum();
    if effort.loops == 0 || bytes > LONG {
        return Ok(());
    }
    let columns = w.rows.iter().map(|r| r.len()).min().unwrap_or(0);
    for c in 0..columns {
        for sep in MARKS {
            let split = Split::At(sep.to_string());
            let parts: Vec<Vec<&str>> = w.rows.iter().map(|r| split.pieces(&r[c])).collect();
            // Once in every row would be a field, and lists of different lengths say that it is a list.
            let varies = parts.iter().any(|p| p.len() != parts[0].len());
            if parts.iter().filter(|p| p.len() > 1).count() == 0 || !(varies || parts[0].len() > 2) {
                continue;
            }
            for join in MARKS {
                let made: Vec<Vec<&str>> = w.outputs.iter().map(|o| o.split(join).collect()).collect();
                if !made.iter().zip(&parts).all(|(m, p)| m.len() == p.len()) {
                    continue;
                }
                let pairs: Vec<(&str, &str)> =
                    parts.iter().flatten().copied().zip(made.iter().flatten().copied()).collect();
                // The same pieces with other marks between them are a simpler loop.
                if pairs.iter().all(|(a, b)| a == b) || pairs.len() > 400 {
                    continue;
                }
                let mut p = Problem::default();
                for (a, b) in &pairs {
                    if p.rows.len() < MOST && !p.rows.iter().any(|r| r[0] == *a) {
                        p.rows.push(vec![a.to_string()]);
                        p.outputs.push(b.to_string());
                    }
                }
                let inside = Effort { top: 3, loops: effort.loops - 1, ..effort };
                let Some(body) = concatenations(&p, inside, budget)?.into_iter().next() else { continue };
                let Some(body) = body.holes.into_iter().next() else { continue };
                if p.rows.len() < 2 || matches!(body, Expr::Const(_)) {
                    continue;
                }
                let values: Vec<String> = w.outputs.iter().map(|o| o.to_string()).collect();
                let each = Each::Do(Box::new(body));
                out.offer(w, values, 0, || {
                    Expr::Loop(Box::new(Expr::Column(c)), split.clone(), each, join.to_string())
                });
            }
        }
    }
    Ok(())
}
