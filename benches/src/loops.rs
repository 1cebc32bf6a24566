//! `synth.loops`: what each step costs on photographs, and how the cost grows with the grid and the number of loops.
//! Printed as JSON lines, and plotted where a file is named.

use nsp::Cancel;
use nsp::raster::image::{Grid, Image};
use nsp::raster::{Unwatched, file, folder};
use nsp::search::Budget;
use nsp::synth::loops::solve::{Options, synthesize};
use plotters::prelude::*;
use serde_json::json;
use std::path::Path;

/// PS-GM's grid on facades.
const N: i64 = 15;

/// `loops PICTURES [PLOT.svg]`
pub fn run(args: &[String]) {
    let Some(pictures) = args.first() else {
        eprintln!("usage: nsp-bench loops PICTURES [PLOT.svg]");
        return;
    };
    let load = |e: &folder::Entry| file::load(&e.path, &e.name, &mut Unwatched).ok();
    let images: Vec<Image> = match folder::list(Path::new(pictures), pictures) {
        Ok(entries) => entries.iter().filter_map(load).collect(),
        Err(f) => {
            eprintln!("nsp-bench: loops: {}", f.message);
            return;
        }
    };
    let all: Vec<Times> = images.iter().filter_map(|img| times(img, N, 12)).collect();
    println!(
        "{}",
        json!({
            "case": format!("{} pictures, N {N}, k 12", all.len()),
            "choice_ms": median(&all, |t| t.choice), "choice_ms_most": all.iter().map(|t| t.choice).fold(0.0, f64::max),
            "ours_ms": median(&all, |t| t.all), "ours_ms_most": all.iter().map(|t| t.all).fold(0.0, f64::max),
            "peer": null, "peer_ms": null,
        })
    );
    let few: Vec<&Image> = images.iter().step_by(images.len().div_ceil(8).max(1)).collect();
    let curve = |name: &'static str, values: &[i64], of: &dyn Fn(i64) -> (i64, usize)| Curve {
        name,
        points: values
            .iter()
            .map(|v| {
                let (n, k) = of(*v);
                let ts: Vec<Times> = few.iter().filter_map(|img| times(img, n, k)).collect();
                (*v as f64, median(&ts, |t| t.choice), median(&ts, |t| t.all))
            })
            .collect(),
    };
    let curves = [
        curve("N", &[5, 10, 15, 20, 25, 30, 35, 40], &|n| (n, 12)),
        curve("k", &[1, 2, 4, 8, 12, 20, 30], &|k| (N, k as usize)),
    ];
    for c in &curves {
        for (x, choice, all) in &c.points {
            println!(
                "{}",
                json!({ "case": format!("{} {x}", c.name), "choice_ms": choice, "ours_ms": all, "peer": null, "peer_ms": null })
            );
        }
    }
    if let Some(path) = args.get(1)
        && let Err(e) = plot(path, &curves)
    {
        eprintln!("nsp-bench: loops: {path}: {e}");
    }
}

/// Milliseconds for the choice of loops, and for all after decoding.
struct Times {
    choice: f64,
    all: f64,
}

fn times(img: &Image, n: i64, loops: usize) -> Option<Times> {
    let grid = Grid::covering(img.width(), img.height(), n, n).ok()?;
    let mut budget = Budget::new(None, None, Cancel::default());
    let found = synthesize(img, &grid, &[], &Options { loops, ..Options::default() }, &mut budget).ok()?;
    let ms = |d: std::time::Duration| d.as_secs_f64() * 1e3;
    Some(Times { choice: ms(found.choosing), all: ms(found.elapsed) })
}

fn median(all: &[Times], of: impl Fn(&Times) -> f64) -> f64 {
    let mut ms: Vec<f64> = all.iter().map(of).collect();
    ms.sort_by(f64::total_cmp);
    ms.get(ms.len() / 2).map_or(0.0, |m| (m * 1e3).round() / 1e3)
}

/// What grows; its value, the time of the choice and of everything.
struct Curve {
    name: &'static str,
    points: Vec<(f64, f64, f64)>,
}

fn plot(path: &str, curves: &[Curve]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (760, 320)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, c) in root.split_evenly((1, curves.len())).iter().zip(curves) {
        let x = c.points.iter().map(|p| p.0).fold(1.0, f64::max);
        let y = c.points.iter().map(|p| p.2).fold(0.1, f64::max) * 1.1;
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .caption(format!("ms by {}: all (blue), choice of loops (red)", c.name), ("sans-serif", 13))
            .x_label_area_size(24)
            .y_label_area_size(40)
            .build_cartesian_2d(0.0..x, 0.0..y)?;
        chart.configure_mesh().light_line_style(WHITE).x_labels(8).y_labels(6).draw()?;
        chart.draw_series(LineSeries::new(c.points.iter().map(|p| (p.0, p.2)), &BLUE).point_size(2))?;
        chart.draw_series(LineSeries::new(c.points.iter().map(|p| (p.0, p.1)), &RED).point_size(2))?;
    }
    root.present()?;
    Ok(())
}
