//! PS-GM's synthetic pictures: whether cells that a loop program puts together show the same digit and colour, as a
//! classifier trained on MNIST sees them; and how many hidden cells come back from the first three columns.

use crate::digits::{Class, Nearest};
use nsp::Cancel;
use nsp::raster::image::{Grid, Image};
use nsp::raster::{Unwatched, file, folder};
use nsp::search::Budget;
use nsp::synth::loops::extrapolate::extrapolate;
use nsp::synth::loops::greedy::Overlap;
use nsp::synth::loops::solve::{Options, overlap, synthesize};
use serde_json::json;
use std::path::Path;

/// Cells along a side.
const N: u32 = 9;
/// Columns that are known in the task of completion.
const KNOWN: u32 = 3;

/// A picture and what its cells show.
struct Seen {
    img: Image,
    grid: Grid,
    classes: Vec<Class>,
}

/// `digitgrids MNIST PICTURES [LAMBDA..]`
pub fn run(args: &[String]) {
    let [mnist, pictures, lambdas @ ..] = args else {
        eprintln!("usage: nsp-bench digitgrids MNIST PICTURES [LAMBDA..]");
        return;
    };
    let (nearest, seen) = match read(mnist, pictures) {
        Ok(read) => read,
        Err(e) => {
            eprintln!("nsp-bench: digitgrids: {e}");
            return;
        }
    };
    let digits = seen.iter().flat_map(|s| &s.classes).filter(|c| is_digit(c)).count();
    println!("{}", json!({ "case": "digitgrids", "pictures": seen.len(), "digits": digits }));
    let default = Options::default().lambda;
    let lambdas: Vec<f64> = lambdas.iter().filter_map(|l| l.parse().ok()).collect();
    for lambda in if lambdas.is_empty() { vec![default] } else { lambdas } {
        for method in ["seen", "paper"] {
            let options = Options { lambda, overlap: overlap(method).unwrap_or(Overlap::Seen), ..Options::default() };
            together(method, &seen, &options);
            completed(method, &nearest, &seen, &options);
        }
    }
}

fn read(mnist: &str, pictures: &str) -> Result<(Nearest, Vec<Seen>), String> {
    let nearest = Nearest::new(Path::new(mnist))?;
    let mut seen = Vec::new();
    for e in folder::list(Path::new(pictures), pictures).map_err(|f| f.message)? {
        let img = file::load(&e.path, &e.name, &mut Unwatched).map_err(|f| f.message)?;
        let grid = Grid::covering(img.width(), img.height(), N.into(), N.into()).map_err(|f| f.message)?;
        let class = |i: u32| grid.tile(&img, (i % N + 1).into(), (i / N + 1).into()).map(|t| nearest.class(&t));
        let classes = (0..N * N).map(class).collect::<Result<_, _>>().map_err(|f| f.message)?;
        seen.push(Seen { img, grid, classes });
    }
    Ok((nearest, seen))
}

fn is_digit(c: &Class) -> bool {
    matches!(c, Class::Digit(..))
}

/// Whether two cells show the same. Flat colours are the same up to an eighth of the range.
fn alike(a: &Class, b: &Class) -> bool {
    match (a, b) {
        (Class::Flat(p), Class::Flat(q)) => (0..3).all(|k| p[k].abs_diff(q[k]) <= 32),
        _ => a == b,
    }
}

fn budget() -> Budget {
    Budget::new(None, None, Cancel::default())
}

fn share(part: usize, all: usize) -> f64 {
    (part as f64 / all.max(1) as f64 * 1e4).round() / 1e4
}

/// Of the pairs of cells, one of them a digit, that are drawn by one loop: how many are of one class; and of those of one
/// class, how many are drawn by one loop.
fn together(method: &str, seen: &[Seen], options: &Options) {
    let (mut both, mut drawn, mut same) = (0, 0, 0);
    let (mut right, mut covered) = (0, 0);
    for s in seen {
        let Ok(found) = synthesize(&s.img, &s.grid, &[], options, &mut budget()) else { continue };
        let top = found.program.on_top();
        for a in 0..top.len() {
            for b in a + 1..top.len() {
                let (x, y) = (&s.classes[a], &s.classes[b]);
                if !is_digit(x) && !is_digit(y) {
                    continue;
                }
                let (together, alike) = (top[a].is_some() && top[a] == top[b], alike(x, y));
                both += usize::from(together && alike);
                drawn += usize::from(together);
                same += usize::from(alike);
            }
        }
        // Each digit beside the class that most cells of its loop have.
        for k in 0..found.program.loops.len() {
            let members: Vec<&Class> = (0..top.len()).filter(|i| top[*i] == Some(k)).map(|i| &s.classes[i]).collect();
            let most = members.iter().map(|m| members.iter().filter(|n| alike(m, n)).count()).max().unwrap_or(0);
            right += most;
            covered += members.len();
        }
    }
    println!(
        "{}",
        json!({
            "case": format!("same class, {method}, lambda {}", options.lambda), "agreement": share(right, covered),
            "cells": covered, "pairs_precision": share(both, drawn), "pairs_recall": share(both, same),
        })
    );
}

/// The columns after the third hidden and continued.
fn completed(method: &str, nearest: &Nearest, seen: &[Seen], options: &Options) {
    let (mut digits, mut right_digits, mut right_classes) = (0, 0, 0);
    let (mut cells, mut right, mut constant, mut constant_digits) = (0, 0, 0, 0);
    for s in seen {
        let unknown: Vec<bool> = (0..N * N).map(|i| i % N >= KNOWN).collect();
        let Ok(found) = synthesize(&s.img, &s.grid, &unknown, options, &mut budget()) else { continue };
        let (program, _) = extrapolate(&found.program, &unknown);
        let shown: Vec<Class> = program.loops.iter().map(|l| nearest.class(&l.tile)).collect();
        let hidden: Vec<usize> = (0..unknown.len()).filter(|i| unknown[*i]).collect();
        let top = program.on_top();
        for i in &hidden {
            let (want, got) = (&s.classes[*i], top[*i].map(|k| &shown[k]));
            cells += 1;
            let hit = got.is_some_and(|g| alike(g, want));
            right += usize::from(hit);
            if is_digit(want) {
                digits += 1;
                right_digits += usize::from(hit);
                let kind = |c: &Class| if let Class::Digit(_, colour) = c { Some(*colour) } else { None };
                right_classes += usize::from(got.is_some_and(|g| kind(g) == kind(want)));
            }
        }
        // The constant that is best for the hidden cells, which nobody who completes knows.
        let count = |c: &Class, only: bool| {
            hidden.iter().filter(|i| (!only || is_digit(&s.classes[**i])) && alike(c, &s.classes[**i])).count()
        };
        constant += hidden.iter().map(|i| count(&s.classes[*i], false)).max().unwrap_or(0);
        constant_digits += hidden.iter().map(|i| count(&s.classes[*i], true)).max().unwrap_or(0);
    }
    println!(
        "{}",
        json!({
            "case": format!("from {KNOWN} columns, {method}, lambda {}", options.lambda),
            "digits": digits, "digits_recovered": share(right_digits, digits), "colour_recovered": share(right_classes, digits),
            "digits_best_constant": share(constant_digits, digits),
            "cells": cells, "cells_recovered": share(right, cells), "cells_best_constant": share(constant, cells),
        })
    );
}
