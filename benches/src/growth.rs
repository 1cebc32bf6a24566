//! How the time of a text search grows: with the number of examples, the length of the texts, and the parts of the
//! program. Printed as JSON lines, and plotted where a file is named.

use nsp::search::Budget;
use nsp::synth::strings::{Columns, Options, synthesize};
use nsp::{Cancel, Session};
use plotters::prelude::*;
use serde_json::json;
use std::time::Duration;

/// One curve: what grows, and milliseconds for each value of it.
struct Curve {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// Prints the curves; plots them to the file that the first word names.
pub fn run(args: &[String]) {
    let session = Session::default();
    let curves = [
        curve("examples", &[1, 2, 3, 5, 10, 20, 35, 50], |n| time(&session, n, 60, 3)),
        curve("length", &[10, 20, 50, 100, 200, 500, 1000], |n| time(&session, 4, n, 2)),
        curve("parts", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], |n| time(&session, 4, 100, n)),
    ];
    for c in &curves {
        for (x, ms) in &c.points {
            println!("{}", json!({ "case": format!("{} {x}", c.name), "ours_ms": ms, "peer": null, "peer_ms": null }));
        }
    }
    if let Some(path) = args.first()
        && let Err(e) = plot(path, &curves)
    {
        eprintln!("nsp-bench: growth: {path}: {e}");
    }
}

fn curve(name: &'static str, values: &[usize], f: impl Fn(usize) -> f64) -> Curve {
    Curve { name, points: values.iter().map(|n| (*n as f64, f(*n))).collect() }
}

/// Letters that look random and are the same each time.
fn word(seed: &mut u64, len: usize) -> String {
    let mut next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as u8
    };
    (0..len.max(1)).map(|_| char::from(b'a' + next() % 26)).collect()
}

/// Median milliseconds for a task of so many examples, characters and parts: every second field of a row with `,` between
/// its fields, joined by `-`.
fn time(session: &Session, examples: usize, length: usize, parts: usize) -> f64 {
    let mut ms: Vec<f64> = (0..5u64)
        .map(|run| {
            let mut seed = 17 + run * 1000;
            let fields = 2 * parts;
            let pairs: Vec<(Columns, String)> = (0..examples)
                .map(|e| {
                    let size = (length / fields).saturating_sub(1).max(1) + (e % 2);
                    let all: Vec<String> = (0..fields).map(|_| word(&mut seed, size)).collect();
                    let wanted: Vec<&str> = all.iter().step_by(2).map(String::as_str).collect();
                    (Columns::One(all.join(",")), wanted.join("-"))
                })
                .collect();
            let mut budget = Budget::new(None, Some(Duration::from_secs(30)), Cancel::default());
            let found = synthesize(&mut session.clone(), &pairs, &[], &Options::default(), &mut budget);
            assert!(found.report.program.is_some(), "{examples} examples, {length} characters, {parts} parts");
            budget.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    ms.sort_by(f64::total_cmp);
    ms[ms.len() / 2]
}

fn plot(path: &str, curves: &[Curve]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (900, 300)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, c) in root.split_evenly((1, curves.len())).iter().zip(curves) {
        let x = c.points.iter().map(|p| p.0).fold(1.0, f64::max);
        let y = c.points.iter().map(|p| p.1).fold(0.1, f64::max) * 1.1;
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .caption(format!("ms by {}", c.name), ("sans-serif", 14))
            .x_label_area_size(24)
            .y_label_area_size(40)
            .build_cartesian_2d(0.0..x, 0.0..y)?;
        chart.configure_mesh().light_line_style(WHITE).x_labels(6).y_labels(6).draw()?;
        chart.draw_series(LineSeries::new(c.points.iter().copied(), &BLUE).point_size(2))?;
    }
    root.present()?;
    Ok(())
}
