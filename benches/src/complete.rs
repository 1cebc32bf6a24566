//! `complete IMAGES [--labels DIR] [--list FILE] [--methods A,B] [--grid N] [--hole quarter|half] [--render DIR]`: pictures of a folder with a centred
//! square hole of a quarter and of half their side, completed by each method.
//!
//! A line a picture: PSNR and SSIM inside the hole, milliseconds (wall, after decoding), and how much a loop explains;
//! then the medians. With label maps (pixel values are classes, 2 is a window) also the window cells: of the cells of a
//! 15 x 15 grid inside the hole, `windows` are at least half window; of these, `found` come back as such when the label
//! map is completed from the same places as the picture; `false` are those that come back as windows and are none.

use nsp::Cancel;
use nsp::raster::Unwatched;
use nsp::raster::bits::Bits;
use nsp::raster::image::Image;
use nsp::raster::{file, measure};
use nsp::search::Budget;
use nsp::synth::complete::{self, Completed, Method, Options, structure};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Cells along a side in which windows are counted, as many as PS-GM has on facades.
const CELLS: usize = structure::CELLS as usize;

/// What was asked for.
#[derive(Default)]
struct Ask {
    images: PathBuf,
    labels: Option<PathBuf>,
    render: Option<PathBuf>,
    names: Option<Vec<String>>,
    methods: Vec<String>,
    grid: u32,
    hole: Option<String>,
}

/// Prints the lines.
pub fn run(words: &[String]) {
    let ask = match read(words) {
        Ok(ask) => ask,
        Err(e) => return eprintln!("nsp-bench: complete: {e}"),
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&ask.images).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.retain(|f| ask.names.as_ref().is_none_or(|n| n.contains(&stem(f))));
    files.sort();
    let holes = [("quarter", 4), ("half", 2)].into_iter();
    for (share, hole) in holes.filter(|(name, _)| ask.hole.as_ref().is_none_or(|h| h == name)) {
        for name in &ask.methods {
            let rows: Vec<Row> = files.iter().filter_map(|f| one(&ask, f, share, hole, name)).collect();
            summary(share, name, &rows);
        }
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(words: &[String]) -> Result<Ask, String> {
    let mut ask = Ask { grid: structure::CELLS, ..Ask::default() };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().cloned().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--hole" => ask.hole = Some(value()?),
            "--grid" => ask.grid = value()?.parse().map_err(|_| "--grid needs a number")?,
            "--labels" => ask.labels = Some(value()?.into()),
            "--render" => ask.render = Some(value()?.into()),
            "--methods" => ask.methods = value()?.split(',').map(String::from).collect(),
            "--list" => {
                let text = std::fs::read_to_string(value()?).map_err(|e| e.to_string())?;
                ask.names = Some(text.lines().filter(|l| !l.starts_with('#')).map(String::from).collect());
            }
            folder => ask.images = folder.into(),
        }
    }
    if ask.methods.is_empty() {
        ask.methods = ["auto", "rows", "separable", "patches", "smooth"].map(String::from).to_vec();
    }
    for m in &ask.methods {
        complete::method(m).map_err(|e| e.message)?;
    }
    if ask.images.is_dir() { Ok(ask) } else { Err("a folder of pictures is needed".into()) }
}

/// The measures of one completion.
struct Row {
    psnr: f64,
    ssim: f64,
    ms: f64,
    windows: [usize; 3],
}

fn one(ask: &Ask, path: &Path, share: &str, hole: u32, name: &str) -> Option<Row> {
    let img = match file::load(path, &path.display().to_string(), &mut Unwatched) {
        Ok(img) => img,
        Err(e) => {
            eprintln!("nsp-bench: complete: {}", e.message);
            return None;
        }
    };
    let (w, h) = (img.width(), img.height());
    let mut unknown = Bits::new(h as usize, w as usize);
    let (hw, hh) = (w / hole, h / hole);
    for y in (h - hh) / 2..(h - hh) / 2 + hh {
        ((w - hw) / 2..(w - hw) / 2 + hw).for_each(|x| unknown.set(y as usize, x as usize, true));
    }
    // What is hidden is not there: nothing can look at it.
    let mut pixels = img.pixels().clone();
    for (x, y, p) in pixels.enumerate_pixels_mut() {
        if unknown.get(y as usize, x as usize) {
            p.0 = [0, 0, 0, 0];
        }
    }
    let holed = Image::from(pixels);
    let started = Instant::now();
    let (done, cells) = solve(&holed, &unknown, name, ask.grid)?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    let psnr = measure::psnr(&img, &done.image, Some(&unknown), &mut Unwatched).ok()?;
    let ssim = measure::ssim(&img, &done.image, Some(&unknown), &mut Unwatched).ok()?;
    let id = stem(path);
    let windows = ask
        .labels
        .as_ref()
        .and_then(|dir| labels(&dir.join(format!("{id}.png"))))
        .map_or([0; 3], |l| if (l.len()) == (w * h) as usize { windows(&l, &done, &unknown) } else { [0; 3] });
    if let Some(dir) = &ask.render {
        let to = dir.join(format!("{id}_{share}_{name}.png"));
        if let Err(e) = file::save(&done.image, &to, &to.display().to_string(), &mut Unwatched) {
            eprintln!("nsp-bench: complete: {}", e.message);
        }
    }
    let line = json!({"case": format!("complete {share} {id}"), "method": name, "psnr": psnr, "ssim": ssim, "ours_ms": ms,
        "peer": null, "peer_ms": null, "ratio": null, "cells": cells.0, "explained": cells.1, "windows": windows[0], "found": windows[1], "false": windows[2]});
    println!("{line}");
    Some(Row { psnr, ssim, ms, windows })
}

/// The completion, and how many cells of the hole there are and are explained.
fn solve(holed: &Image, unknown: &Bits, name: &str, grid: u32) -> Option<(Completed, (usize, usize))> {
    let mut budget = Budget::new(None, None, Cancel::default());
    let method = complete::method(name).ok()?;
    let found = if method == Method::Loops {
        structure::find(holed, unknown, (grid > 0).then_some(grid), &mut budget, &|_| {}).ok()?
    } else {
        None
    };
    let options = Options { method, strength: 1.0, keep: true, seed: 0, trace: true };
    let done =
        complete::complete(holed, unknown, found.as_ref().map(|f| &f.program), options, &budget, &mut |_| {}).ok()?;
    Some((done, found.map_or((0, 0), |f| (f.unknown, f.explained))))
}

/// Classes of pixels.
fn labels(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    // The palette's indices are the classes.
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().ok()?;
    let mut out = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut out).ok()?;
    let per_row = info.width as usize;
    if info.bit_depth == png::BitDepth::Eight {
        return Some(out);
    }
    // Small palettes are packed, the first pixel in the highest bits.
    let bits = info.bit_depth as usize;
    let unpacked =
        |y: usize, x: usize| out[y * info.line_size + x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
    Some(
        (0..info.height as usize)
            .flat_map(|y| (0..per_row).map(move |x| (y, x)))
            .map(|(y, x)| unpacked(y, x))
            .collect(),
    )
}

/// Window cells in the hole, those found, and false ones.
fn windows(labels: &[u8], done: &Completed, unknown: &Bits) -> [usize; 3] {
    const WINDOW: u8 = 2;
    let (w, h) = (unknown.row_len(), unknown.rows());
    let at = |(x, y): (u32, u32)| labels[y as usize * w + x as usize];
    let copied: HashMap<(u32, u32), u8> = done.sources.iter().map(|(to, from)| (*to, at(*from))).collect();
    let mut out = [0; 3];
    for cell in 0..CELLS * CELLS {
        let (column, row) = (cell % CELLS, cell / CELLS);
        let edge = |k: usize, n: usize| (k * n) / CELLS;
        let (mut n, mut truly, mut found) = (0, 0, 0);
        for y in edge(row, h)..edge(row + 1, h) {
            for x in edge(column, w)..edge(column + 1, w) {
                if unknown.get(y, x) {
                    n += 1;
                    truly += usize::from(labels[y * w + x] == WINDOW);
                    found += usize::from(copied.get(&(x as u32, y as u32)) == Some(&WINDOW));
                }
            }
        }
        // Cells that are mostly known are no question.
        if 2 * n < (h / CELLS) * (w / CELLS) {
            continue;
        }
        let (is, was) = (2 * truly >= n, 2 * found >= n);
        out[0] += usize::from(is);
        out[1] += usize::from(is && was);
        out[2] += usize::from(!is && was);
    }
    out
}

fn summary(share: &str, name: &str, rows: &[Row]) {
    let median = |f: fn(&Row) -> f64| {
        let mut all: Vec<f64> = rows.iter().map(f).collect();
        all.sort_by(f64::total_cmp);
        let n = all.len();
        if n == 0 { f64::NAN } else { (all[(n - 1) / 2] + all[n / 2]) / 2.0 }
    };
    let sum = |k: usize| rows.iter().map(|r| r.windows[k]).sum::<usize>();
    let slowest = rows.iter().map(|r| r.ms).fold(0.0, f64::max);
    let line = json!({"case": format!("complete {share}"), "method": name, "pictures": rows.len(), "psnr": median(|r| r.psnr),
        "ssim": median(|r| r.ssim), "ours_ms": median(|r| r.ms), "slowest_ms": slowest, "peer": null, "peer_ms": null, "ratio": null,
        "windows": sum(0), "found": sum(1), "false": sum(2)});
    println!("{line}");
}
