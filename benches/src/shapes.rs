//! Exact shapes on whole grids, beside fidget.

use nsp::raster::Unwatched;
use nsp::raster::sample::{Frame, render_on, voxelise_on};
use nsp::shape::prim::Prim;
use nsp::shape::prims2::{CIRCLE, RECT};
use nsp::shape::prims3::{BOX, CYLINDER, SPHERE};
use nsp::shape::{Operation, Shape};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// Runs all cases. Two files given are a program that measures fidget, and `prospero.vm` for it: it prints lines with
/// `case`, `backend`, `threads` and `wall_med_ms`.
pub fn run(args: &[String]) {
    let peers = args.first().map(|program| peer(program, &args[1..])).unwrap_or_default();
    let flat = scene2(200);
    let many = small(20_000);
    let deep = scene3(50);
    let frame = Frame::pixels(1024, 1024);
    for threads in [1, 2] {
        report("200 rectangles and circles, 1024 x 1024", Some("b "), threads, &peers, || {
            render_on(threads, &flat, frame, 1024, 1024, &mut Unwatched).map_or(0, |bits| bits.count())
        });
        report("20,000 small circles and squares, 1024 x 1024", None, threads, &peers, || {
            render_on(threads, &many, frame, 1024, 1024, &mut Unwatched).map_or(0, |bits| bits.count())
        });
        report("50 solids, 256 x 256 x 256", Some("c2 "), threads, &peers, || {
            voxelise_on(threads, &deep, [256; 3], &mut Unwatched).map_or(0, |v| v.bits().count())
        });
    }
}

/// `name` is how the peer's cases begin; the fastest of its ways counts.
fn report(case: &str, name: Option<&str>, threads: usize, peers: &[Value], mut f: impl FnMut() -> u64) {
    let inside = f();
    let mut times: Vec<f64> = (0..31)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let ours = times[times.len() / 2];
    let same = |p: &&Value| {
        let case = p["case"].as_str().unwrap_or_default();
        name.is_some_and(|name| case.starts_with(name)) && p["backend"] == "jit" && p["threads"] == threads
    };
    let theirs = peers.iter().filter(same).filter_map(|p| p["wall_med_ms"].as_f64()).min_by(f64::total_cmp);
    println!(
        "{}",
        json!({"case": format!("{case}, {threads} threads"), "ours_ms": ours, "peer": "fidget 0.5 (jit)", "peer_ms": theirs,
               "ratio": theirs.map(|t| ours / t), "inside": inside})
    );
}

/// The lines of the program that measures fidget; none where it cannot be run.
fn peer(program: &str, args: &[String]) -> Vec<Value> {
    let Ok(out) = Command::new(program).args(args).output() else { return Vec::new() };
    String::from_utf8_lossy(&out.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The generator of the peer's scenes: the top 24 bits of a linear congruence.
struct Lcg(u64);

impl Lcg {
    fn between(&mut self, a: f64, b: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        a + (b - a) * ((self.0 >> 40) as f64 / (1u64 << 24) as f64)
    }
}

fn prim(p: &Arc<Prim>, args: Vec<f64>) -> Option<Shape> {
    Shape::new(Operation::Prim(p.clone()), args, Vec::new()).ok()
}

/// `parts` one after the other, those for which `cut` holds taken away, the others added.
fn chain(parts: Vec<Shape>, cut: impl Fn(usize) -> bool) -> Shape {
    let mut parts = parts.into_iter().enumerate();
    let (_, first) = parts.next().expect("a scene has parts");
    parts.fold(first, |whole, (k, part)| {
        let op = if cut(k) { Operation::Difference } else { Operation::Union };
        Shape::new(op, Vec::new(), vec![whole, part]).expect("shapes of one dimension")
    })
}

/// The peer's scene from -1 to 1 on 1,024 pixels.
fn scene2(n: usize) -> Shape {
    let mut r = Lcg(1);
    let k = 512.0;
    let parts = (0..n).filter_map(|i| {
        let (x, y) = (r.between(-0.95, 0.95), r.between(-0.95, 0.95));
        if i % 2 == 0 {
            prim(&CIRCLE, vec![(x + 1.0) * k, (y + 1.0) * k, r.between(0.02, 0.12) * k])
        } else {
            let (w, h) = (r.between(0.02, 0.14), r.between(0.02, 0.14));
            let angle = r.between(0.0, std::f64::consts::TAU);
            prim(&RECT, vec![(x + 1.0) * k, (y + 1.0) * k, 2.0 * w * k, 2.0 * h * k, -angle])
        }
    });
    chain(parts.collect(), |k| k % 4 == 3)
}

/// Parts of 20 pixels all over 1,024 pixels.
fn small(n: usize) -> Shape {
    let parts = (0..n).filter_map(|i| {
        let (x, y) = ((i * 97 % 1024) as f64, (i * 331 % 1024) as f64);
        if i % 2 == 0 { prim(&CIRCLE, vec![x, y, 20.0]) } else { prim(&RECT, vec![x, y, 20.0, 20.0, i as f64]) }
    });
    chain(parts.collect(), |k| k % 3 == 0)
}

/// The peer's scene from -1 to 1 on 256 voxels.
fn scene3(n: usize) -> Shape {
    let mut r = Lcg(2);
    let k = 128.0;
    let parts = (0..n).filter_map(|i| {
        let [x, y, z] = std::array::from_fn(|_| (r.between(-0.8, 0.8) + 1.0) * k);
        match i % 3 {
            0 => prim(&SPHERE, vec![x, y, z, r.between(0.08, 0.3) * k]),
            1 => {
                let [w, h, l] = std::array::from_fn(|_| 2.0 * k * r.between(0.06, 0.3));
                let angle = r.between(0.0, std::f64::consts::TAU);
                let cuboid = prim(&BOX, vec![0.0, 0.0, 0.0, w, h, l])?;
                let turned = Shape::new(Operation::RotateZ, vec![angle], vec![cuboid]).ok()?;
                Shape::new(Operation::Translate, vec![x, y, z], vec![turned]).ok()
            }
            _ => {
                let (radius, l) = (r.between(0.06, 0.25) * k, r.between(0.08, 0.4) * k);
                prim(&CYLINDER, vec![x, y, z, radius, 2.0 * l])
            }
        }
    });
    chain(parts.collect(), |k| k % 5 == 4)
}
