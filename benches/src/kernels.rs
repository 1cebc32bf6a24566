//! Kernels on every device: one program, a population, ROAP's step, shapes against a target.
//!
//! The bound of a row is arithmetic: an operation for each node that differs from point to point and for each term of a
//! dot, three for derivatives, at one vector operation a cycle of 3 GHz on all cores; of a GPU at the rate that
//! `NSP_GFLOPS` states. A device that is not there has rows that say so.

use crate::relaxed::{Roap, SIDE, median, points, roap, shapes};
use nsp_kernels::cpu::{Cpu, Isa};
use nsp_kernels::exec::{Executor, Job, Seeds};
use nsp_kernels::program::Program;
use nsp_kernels::tape::{Node, Tape};
use serde_json::json;
use std::time::Instant;

/// Where kernels run, and how many operations a millisecond bound them.
struct On {
    name: String,
    executor: Result<Box<dyn Executor>, String>,
    rate: Option<f64>,
}

/// Runs all cases, or those (first, a, b, c, d) that are named; a number bounds the seconds of a row.
pub fn run(args: &[String]) {
    let seconds = args.iter().find_map(|a| a.parse().ok()).unwrap_or(20.0);
    let named = |case: &str| args.iter().all(|a| a.parse::<f64>().is_ok()) || args.iter().any(|a| a == case);
    if named("first") {
        first();
    }
    for on in devices() {
        for (case, run) in [("a", single as fn(&On, f64)), ("b", population), ("c", step), ("d", overlap)] {
            if named(case) {
                run(&on, seconds);
            }
        }
    }
}

fn devices() -> Vec<On> {
    let lanes = match Isa::detect() {
        Isa::Avx512 => 16.0,
        Isa::Avx2 => 8.0,
        _ => 4.0,
    };
    let threads = nsp_kernels::cpu::cores();
    let cpu =
        On { name: "cpu".into(), executor: Ok(Box::new(Cpu::default())), rate: Some(lanes * threads as f64 * 3e6) };
    let mut all = vec![cpu];
    all.extend(gpus(threads));
    all
}

#[cfg(feature = "gpu")]
fn gpus(threads: usize) -> Vec<On> {
    use nsp_kernels::gpu::{DeviceKind, Gpu, devices};
    let stated = std::env::var("NSP_GFLOPS").ok().and_then(|x| x.parse::<f64>().ok()).map(|x| x * 1e6);
    let found = devices();
    let mut all: Vec<On> = found
        .iter()
        .map(|d| On {
            name: format!("{} ({})", d.id, d.name),
            executor: Gpu::open(&d.id).map(|gpu| Box::new(gpu) as Box<dyn Executor>).map_err(|e| e.to_string()),
            // llvmpipe says how wide its vectors are; of 256 bits if it does not.
            rate: if d.kind == DeviceKind::Software { Some(8.0 * threads as f64 * 3e6) } else { stated },
        })
        .collect();
    if found.iter().all(|d| d.kind == DeviceKind::Software) {
        all.push(On { name: "gpu".into(), executor: Err("there is none".into()), rate: None });
    }
    all
}

#[cfg(not(feature = "gpu"))]
fn gpus(_: usize) -> Vec<On> {
    vec![On { name: "gpu".into(), executor: Err("built without the feature `gpu`".into()), rate: None }]
}

/// What comes once: opening a device with the interpreter's first launch, and a kernel for a new program of 30
/// primitives.
#[cfg(feature = "gpu")]
fn first() {
    use nsp_kernels::gpu::{Gpu, Kernels, devices};
    let (xs, ys) = points();
    let once = |gpu: &Gpu<'_>, (tape, params): &(Tape, Vec<f32>), gradient: bool| {
        let program = Program::new(tape);
        let job = Job { program: &program, inputs: &[&xs, &ys], points: xs.len(), params };
        let start = Instant::now();
        told(if gradient {
            gpu.gradient(&[job], &[Seeds::Weights(&[1.0])], false).map(|_| ())
        } else {
            gpu.sums(&[job]).map(|_| ())
        });
        start.elapsed().as_secs_f64() * 1e3
    };
    let say = |case: String, ms: f64| {
        println!("{}", json!({"case": case, "ours_ms": ms, "peer": null, "peer_ms": null, "ratio": null}));
    };
    let all = shapes(12);
    let start = Instant::now();
    let found = devices();
    say("listing and opening devices".into(), start.elapsed().as_secs_f64() * 1e3);
    for device in found {
        let Ok(gpu) = Gpu::open(&device.id) else { continue };
        say(format!("{}: first call", device.id), once(&gpu, &all[0], false));
        say(format!("{}: second call", device.id), once(&gpu, &all[0], false));
        for gradient in [false, true] {
            let gpu = gpu.clone().with(Kernels::Specialised);
            let times = all[1..].iter().map(|shape| once(&gpu, shape, gradient)).collect();
            let what = if gradient { "derivatives" } else { "sums" };
            say(format!("{}: a kernel for a new program, {what}", device.id), median(times));
        }
    }
}

#[cfg(not(feature = "gpu"))]
fn first() {}

/// Operations at a point.
fn operations(tape: &Tape) -> f64 {
    let varying = tape.varying();
    let nodes = tape.nodes.iter().zip(varying).filter(|(_, v)| *v);
    nodes.map(|(node, _)| if let Node::Dot { len, .. } = node { f64::from(*len) } else { 1.0 }).sum()
}

/// Times work of a size after size, until a row would take longer than `seconds`; a row's first run is said apart: it may
/// compile.
fn rows(on: &On, seconds: f64, sizes: &[usize], mut row: impl FnMut(&dyn Executor, usize) -> (String, f64, f64, f64)) {
    let mut before: Option<(usize, f64)> = None;
    for size in sizes {
        let executor = match &on.executor {
            Ok(executor) => &**executor,
            Err(why) => {
                let (case, why) = (format!("{}, size {size}", on.name), format!("not run: {why}"));
                println!("{}", json!({"case": case, "ours_ms": null, "peer": why, "peer_ms": null, "ratio": null}));
                continue;
            }
        };
        if let Some((last, ms)) = before
            && ms * *size as f64 / last as f64 > seconds * 1e3
        {
            let case = format!("{}, size {size}", on.name);
            println!(
                "{}",
                json!({"case": case, "ours_ms": null, "peer": "not run: too long", "peer_ms": null, "ratio": null})
            );
            continue;
        }
        let (case, first, ms, operations) = row(executor, *size);
        before = Some((*size, ms));
        let bound = on.rate.map(|rate| operations / rate);
        println!(
            "{}",
            json!({
                "case": format!("{}: {case}", on.name), "ours_ms": ms, "first_ms": first, "peer": "bound",
                "peer_ms": bound, "ratio": bound.map(|b| ms / b)
            })
        );
    }
}

/// The milliseconds of the first run, and the median of those that follow.
fn time(mut f: impl FnMut()) -> (f64, f64) {
    let mut once = || {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64() * 1e3
    };
    let first = once();
    // A program that is hot gets its kernel in the runs that are not counted.
    let (mut second, begun) = (once(), Instant::now());
    for _ in 0..10 {
        if begun.elapsed().as_secs_f64() > 5.0 {
            break;
        }
        second = once();
    }
    let runs = (2000.0 / second.max(1.0)).clamp(1.0, 31.0) as usize;
    (first, median((0..runs).map(|_| once()).collect()))
}

fn told(result: Result<(), nsp_kernels::exec::Error>) {
    if let Err(e) = result {
        eprintln!("{e}");
    }
}

/// (a) One program of 30 primitives: its own kernel once it is hot.
fn single(on: &On, seconds: f64) {
    let (tape, params) = shapes(1).remove(0);
    let program = Program::new(&tape);
    for gradient in [false, true] {
        rows(on, seconds, &[1 << 12, 1 << 16, 1 << 20], |executor, n| {
            let (xs, ys): (Vec<f32>, Vec<f32>) =
                (0..n).map(|i| ((i as f32 * 0.618_034).fract() * 2.0 - 1.0, i as f32 / n as f32)).unzip();
            let job = Job { program: &program, inputs: &[&xs, &ys], points: n, params: &params };
            let mut out = vec![0.0; n];
            let (first, ms) = time(|| {
                told(if gradient {
                    executor.gradient(&[job], &[Seeds::Weights(&[1.0])], false).map(|_| ())
                } else {
                    executor.forward(&[job], &mut [&mut out])
                });
            });
            let case = format!("(a) one program, {}, {n} points", if gradient { "derivatives" } else { "values" });
            (case, first, ms, operations(&tape) * n as f64 * if gradient { 3.0 } else { 1.0 })
        });
    }
}

/// (b) Different programs of 30 primitives at 64 x 64 points.
fn population(on: &On, seconds: f64) {
    let (xs, ys) = points();
    for gradient in [false, true] {
        rows(on, seconds, &[10, 100, 1000, 10_000, 100_000], |executor, n| {
            let all = shapes(n);
            let work: f64 = all.iter().map(|(tape, _)| operations(tape) * (SIDE * SIDE) as f64).sum();
            let programs: Vec<Program> = all.iter().map(|(tape, _)| Program::new(tape)).collect();
            let inputs = [&xs[..], &ys[..]];
            let job = |(program, (_, params)): (_, &'_ (Tape, Vec<f32>))| (program, params.clone());
            let data: Vec<(&Program, Vec<f32>)> = programs.iter().zip(&all).map(job).collect();
            let jobs: Vec<Job<'_>> = data
                .iter()
                .map(|(program, params)| Job { program, inputs: &inputs, points: SIDE * SIDE, params })
                .collect();
            let seeds = vec![Seeds::Weights(&[1.0]); n];
            let (first, ms) = time(|| {
                told(if gradient {
                    executor.gradient(&jobs, &seeds, false).map(|_| ())
                } else {
                    executor.sums(&jobs).map(|_| ())
                });
            });
            let case = format!("(b) {n} programs, {}", if gradient { "derivatives" } else { "sums" });
            (case, first, ms, work * if gradient { 3.0 } else { 1.0 })
        });
    }
}

/// (c) ROAP's step.
fn step(on: &On, seconds: f64) {
    rows(on, seconds, &[16, 256, 4096], |executor, batch| {
        let Roap { program, start, targets } = roap(batch);
        let (xs, ys) = points();
        let columns: Vec<[&[f32]; 3]> = targets.iter().map(|t| [&xs[..], &ys[..], &t[..]]).collect();
        let jobs: Vec<Job<'_>> = columns
            .iter()
            .zip(&start)
            .map(|(inputs, params)| Job { program: &program, inputs, points: SIDE * SIDE, params })
            .collect();
        let weight = [1.0 / (SIDE * SIDE) as f32];
        let seeds = vec![Seeds::Weights(&weight); batch];
        let (first, ms) = time(|| told(executor.gradient(&jobs, &seeds, false).map(|_| ())));
        let work = 3.0 * operations(program.tape()) * (SIDE * SIDE * batch) as f64;
        (format!("(c) roap step, batch {batch}"), first, ms, work)
    });
}

/// (d) Different shapes against a target: counts of the intersection and the union come back, not pictures.
fn overlap(on: &On, seconds: f64) {
    for (name, n) in [("64 x 64", SIDE * SIDE), ("32^3", 32 * 32 * 32)] {
        let (xs, ys): (Vec<f32>, Vec<f32>) =
            (0..n).map(|i| ((i as f32 * 0.618_034).fract() * 2.0 - 1.0, i as f32 / n as f32 * 2.0 - 1.0)).unzip();
        let target: Vec<f32> = xs.iter().zip(&ys).map(|(x, y)| f32::from(u8::from(x * x + y * y < 0.3))).collect();
        rows(on, seconds, &[10, 100, 1000, 10_000, 100_000], |executor, count| {
            let all: Vec<(Tape, Vec<f32>)> = shapes(count).into_iter().map(|(tape, p)| (tape.overlap(), p)).collect();
            let work: f64 = all.iter().map(|(tape, _)| operations(tape) * n as f64).sum();
            let programs: Vec<Program> = all.iter().map(|(tape, _)| Program::new(tape)).collect();
            let inputs = [&xs[..], &ys[..], &target[..]];
            let jobs: Vec<Job<'_>> = programs
                .iter()
                .zip(&all)
                .map(|(program, (_, params))| Job { program, inputs: &inputs, points: n, params })
                .collect();
            let (first, ms) = time(|| told(executor.sums(&jobs).map(|_| ())));
            (format!("(d) {count} shapes against a target, {name}"), first, ms, work)
        });
    }
}
