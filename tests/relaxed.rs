//! Generated functions, exact and relaxed: the value is that of the tape at its hard limit, the CPU executor agrees with
//! the reference, gradients agree with finite differences.
//!
//! `NSP_PROGRAMS=100000 cargo test --release --test relaxed -- --nocapture` makes the full run; `NSP_SEED` starts
//! elsewhere. Gradients are checked for a fiftieth of the programs.

#[path = "support/gen_numeric.rs"]
mod gen_numeric;
#[path = "support/tapes.rs"]
mod tapes;

use gen_numeric::{Ty, numbered};
use nsp::ir::FuncId;
use nsp::relax::function::flatten;
use nsp::relax::params::{Param, SHARPNESS, TEMPERATURE};
use nsp::relax::{Relaxation, harden};
use nsp::{Session, Value};
use nsp_kernels::cpu::Program;
use nsp_kernels::reference;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tapes::{SINGLE, Slope, function, greatest, relaxed, session, unsteady};

/// Numbers beyond this are left to the tests of what is not finite.
const GREAT: f64 = 1e30;
/// Points a program is looked at.
const POINTS: usize = 3;

/// A program that is ready to run both ways.
struct Ready {
    session: Session,
    id: FuncId,
    relaxation: Relaxation,
    args: Vec<Vec<Value>>,
    points: Vec<Vec<f64>>,
    rng: StdRng,
}

/// `None` if it is too long, or some part of it fails whatever the arguments are: all parts are run when a program is relaxed.
fn ready(p: &gen_numeric::Program, seed: u64) -> Option<Ready> {
    let mut session = session();
    if let Err(e) = session.step("<generated>", &p.text) {
        panic!("does not check: {:?}", e[0]);
    }
    let id = function(&session, "f");
    let mut rng = StdRng::seed_from_u64(!seed);
    let args: Vec<Vec<Value>> = (0..POINTS).map(|_| p.params.iter().map(|ty| value(ty, &mut rng)).collect()).collect();
    let relaxation = match relaxed(&session, id, &args[0]) {
        Ok(r) => r,
        Err(e) if ["E0402", "E0440", "E0501"].contains(&e.code) => return None,
        Err(e) => panic!("is refused: {e:?}"),
    };
    let points = args.iter().map(|args| {
        let mut point = Vec::new();
        args.iter().for_each(|a| flatten(a, &mut point));
        point
    });
    let points = points.collect();
    Some(Ready { session, id, relaxation, args, points, rng })
}

/// A number that single precision holds as well. Some lie where comparisons are even.
fn number(rng: &mut StdRng) -> f64 {
    if rng.random_range(0..4) == 0 {
        f64::from(rng.random_range(-8..12)) / 4.0
    } else {
        f64::from(rng.random_range(-3.0..3.0f32))
    }
}

fn value(ty: &Ty, rng: &mut StdRng) -> Value {
    match ty {
        Ty::Num => Value::Num(number(rng)),
        Ty::Int => Value::Int(rng.random_range(-3..6)),
        Ty::Bool => Value::Bool(rng.random_range(0..2) == 0),
        Ty::Tuple(ts) => Value::tuple(ts.iter().map(|t| value(t, rng)).collect()),
        Ty::Record(fs) => Value::tuple(fs.iter().map(|f| value(&f.1, rng)).collect()),
        Ty::List(t, n) => Value::list((0..*n).map(|_| value(t, rng)).collect()),
        Ty::Shape2 | Ty::Shape3 => unreachable!("no parameter is a shape"),
    }
}

/// Parameters at which choices are made, and numbers have few digits.
fn decided(r: &Relaxation, rng: &mut StdRng) -> Vec<f64> {
    let mut params = r.params.start();
    params[TEMPERATURE] = 1e-3;
    for (x, p) in params.iter_mut().zip(&r.params.all) {
        if let Param::Number { lo, hi, whole, .. } = p {
            *x = if *whole {
                rng.random_range(*lo as i64..=*hi as i64) as f64
            } else {
                lo + (hi - lo) * f64::from(rng.random_range(0..=8)) / 8.0
            };
        }
    }
    for g in &r.params.groups {
        let best = rng.random_range(0..g.len);
        for i in 0..g.len {
            // Which of the others is second does not matter; that they differ does.
            params[g.first + i] = if i == best { g.len as f64 } else { i as f64 };
        }
    }
    params
}

/// Parameters at which everything is soft.
fn soft(r: &Relaxation, rng: &mut StdRng) -> Vec<f64> {
    let mut params = r.params.start();
    params[SHARPNESS] = [1.0, 4.0, 8.0, 20.0][rng.random_range(0..4)];
    params[TEMPERATURE] = 0.75;
    for (x, p) in params.iter_mut().zip(&r.params.all) {
        let single = |x: f32| f64::from(x);
        match p {
            Param::Number { lo, hi, .. } => *x = single(rng.random_range(*lo as f32..*hi as f32)),
            Param::Logit { .. } => *x = single(rng.random_range(-1.0..1.0)),
            Param::Sharpness | Param::Temperature => {}
        }
    }
    params
}

/// Counts of one kind each.
#[derive(Clone, Copy, PartialEq)]
enum Count {
    /// Points whose exact value is that of the tape.
    Exact,
    /// Points where the exact program ends with an error, or a number is not finite.
    Undefined,
    /// Points that lie on a jump within rounding.
    Jump,
    /// Programs of which no point was compared.
    Skipped,
    Sketches,
    /// Programs whose value does not depend on the arguments.
    Constant,
    /// Nodes of all soft tapes.
    Nodes,
    /// Outputs in which executor and reference agree.
    Executed,
    /// Outputs that rounding in single precision spoils.
    Unsteady,
    /// Derivatives that agree with finite differences.
    Slopes,
    Kinks,
    /// Derivatives in which executor and reference agree.
    Derivatives,
    UnsteadyDerivatives,
}

#[derive(Default)]
struct Totals {
    counts: [AtomicU64; 13],
    /// Greatest errors, as the bits of what is not negative: exact value, executor, finite differences, gradients.
    worst: [AtomicU64; 4],
}

impl Totals {
    fn add(&self, c: Count) {
        self.counts[c as usize].fetch_add(1, Ordering::Relaxed);
    }
    fn get(&self, c: Count) -> u64 {
        self.counts[c as usize].load(Ordering::Relaxed)
    }
    fn error(&self, which: usize, error: f64) {
        self.worst[which].fetch_max(error.to_bits(), Ordering::Relaxed);
    }
    fn worst(&self, which: usize) -> f64 {
        f64::from_bits(self.worst[which].load(Ordering::Relaxed))
    }
}

/// The exact values at all points; `None` where there is none.
fn exact(p: &gen_numeric::Program, ready: &Ready, params: &[f64]) -> Vec<Option<Vec<f64>>> {
    let Ready { session, id, relaxation, .. } = ready;
    let (mut session, mut id) = (session.clone(), *id);
    if p.sketch {
        let env = session.env();
        let func = env.library.get(id).expect("a function of this program").func;
        let (func, _) =
            harden(id, &func, &env.ops, &relaxation.params, params).expect("a program that can be hardened");
        let source = nsp::ir::raise::to_source(&func, &env.ops, &env.library);
        if let Err(e) = session.step("<hardened>", &source) {
            panic!("hardened, it does not check: {:?}\n{source}", e[0]);
        }
        id = function(&session, "f");
    }
    let f = session.function(id);
    let call = |args: &Vec<Value>| {
        let value = session.call(&f, args).ok()?;
        let mut out = Vec::new();
        flatten(&value, &mut out);
        out.iter().all(|x| x.is_finite()).then_some(out)
    };
    ready.args.iter().map(call).collect()
}

/// The value of a program is that of its tape at the hard limit; the executor computes both tapes.
fn values(p: &gen_numeric::Program, seed: u64, totals: &Totals) {
    let Some(mut ready) = ready(p, seed) else {
        totals.add(Count::Skipped);
        return;
    };
    let hard = ready.relaxation.tape.hard();
    let params = decided(&ready.relaxation, &mut ready.rng);
    let mut compared = false;
    for (wanted, point) in exact(p, &ready, &params).into_iter().zip(&ready.points) {
        let Some(wanted) = wanted else {
            totals.add(Count::Undefined);
            continue;
        };
        let all = reference::values(&hard, point, &params);
        let got: Vec<f64> = hard.outputs.iter().map(|o| all[*o as usize]).collect();
        assert_eq!(wanted.len(), got.len());
        let (mut infinite, mut jump, mut worst) = (false, false, 0.0f64);
        for (i, (w, g)) in wanted.iter().zip(&got).enumerate() {
            let error = (w - g).abs() / (1.0 + w.abs());
            if error <= 1e-5 {
                worst = worst.max(error);
                continue;
            }
            // An infinite number on the way is no promise: a difference of two is compared with 0, and weights of 0 spoil.
            if !all.iter().all(|x| x.is_finite()) {
                infinite = true;
                break;
            }
            let at = (point.as_slice(), params.as_slice(), [].as_slice());
            jump |= unsteady(&hard, at, 1e-9, 1e-5 * (1.0 + w.abs()), &mut ready.rng, |r| r.0[i]);
            assert!(jump, "output {i} at {point:?}, {params:?} is {w}, and {g} relaxed");
        }
        totals.error(0, worst);
        totals.add(match (infinite, jump) {
            (true, _) => Count::Undefined,
            (_, true) => Count::Jump,
            _ => Count::Exact,
        });
        compared |= !infinite && !jump;
    }
    if p.sketch {
        totals.add(Count::Sketches);
    }
    let tape = &ready.relaxation.tape;
    totals.counts[Count::Nodes as usize].fetch_add(tape.len() as u64, Ordering::Relaxed);
    let varying = tape.varying();
    if !tape.outputs.iter().any(|o| varying[*o as usize]) {
        totals.add(Count::Constant);
    }
    if !compared {
        totals.add(Count::Skipped);
    }
    let soft = soft(&ready.relaxation, &mut ready.rng);
    for (tape, params) in [(&ready.relaxation.tape, &soft), (&hard, &params)] {
        let sane = |point: &&Vec<f64>| {
            let values = reference::values(tape, point, params);
            values.iter().all(|x| x.abs() < GREAT)
        };
        let points: Vec<Vec<f64>> = ready.points.iter().filter(sane).cloned().collect();
        if points.is_empty() {
            continue;
        }
        let got = match tapes::executed(&Program::new(tape), &points, params) {
            Ok(got) => got,
            Err(e) => {
                let unsteady = points.iter().any(|point| {
                    let all = |r: &tapes::Run| r.0.iter().sum();
                    unsteady(tape, (point, params, &[]), SINGLE, 1.0, &mut ready.rng, all)
                });
                assert!(unsteady, "the executor says: {e}");
                totals.add(Count::Unsteady);
                continue;
            }
        };
        for (k, point) in points.iter().enumerate() {
            let values = reference::values(tape, point, params);
            let scale = 1.0 + greatest(&values);
            for (i, (o, column)) in tape.outputs.iter().zip(&got).enumerate() {
                let (want, got) = (values[*o as usize], f64::from(column[k]));
                let error = (want - got).abs() / scale;
                if error <= 1e-5 {
                    totals.error(1, error);
                    totals.add(Count::Executed);
                    continue;
                }
                let at = (point.as_slice(), params.as_slice(), [].as_slice());
                assert!(
                    unsteady(tape, at, SINGLE, 1e-5 * scale, &mut ready.rng, |r| r.0[i]),
                    "output {i} at {point:?}, {params:?} is {want}, and {got} on the CPU"
                );
                totals.add(Count::Unsteady);
            }
        }
    }
}

/// Derivatives agree with finite differences and between the executor and the reference.
fn gradients(p: &gen_numeric::Program, seed: u64, totals: &Totals) {
    let Some(mut ready) = ready(p, seed) else { return };
    let hard = ready.relaxation.tape.hard();
    let soft = soft(&ready.relaxation, &mut ready.rng);
    for tape in [&ready.relaxation.tape, &hard] {
        let point = ready.points[0].clone();
        let seeds: Vec<f64> = tape.outputs.iter().map(|_| f64::from(ready.rng.random_range(0.5..1.5f32))).collect();
        let values = reference::values(tape, &point, &soft);
        let adjoints = reference::adjoints(tape, &values, &seeds);
        if !values.iter().chain(&adjoints).all(|x| x.abs() < GREAT) {
            totals.add(Count::Undefined);
            continue;
        }
        for (what, slope) in tapes::slopes(tape, &point, &soft, &seeds) {
            match slope {
                Slope::Agrees(error) => {
                    totals.error(2, error);
                    totals.add(Count::Slopes);
                }
                Slope::Kink => totals.add(Count::Kinks),
                Slope::Differs(quotient) => {
                    let (i, p) = reference::gradient(tape, &point, &soft, &seeds);
                    panic!("by {what} at {point:?}, {soft:?}: {i:?}, {p:?}, but differences give {quotient}");
                }
            }
        }
        let scale = 1.0 + greatest(&adjoints);
        let at = (point.as_slice(), soft.as_slice(), seeds.as_slice());
        let got = match tapes::executed_gradient(&Program::new(tape), &point, &soft, &seeds) {
            Ok(got) => got,
            Err(e) => {
                let all = |r: &tapes::Run| r.1.iter().chain(&r.2).sum();
                assert!(unsteady(tape, at, SINGLE, scale, &mut ready.rng, all), "the executor says: {e}");
                totals.add(Count::UnsteadyDerivatives);
                continue;
            }
        };
        let (by_input, by_param) = reference::gradient(tape, &point, &soft, &seeds);
        let inputs = got.inputs.expect("derivatives by inputs");
        let got = inputs.iter().map(|column| column[0]).chain(got.params.iter().copied());
        for (i, (want, got)) in by_input.iter().chain(&by_param).zip(got).enumerate() {
            let error = (want - f64::from(got)).abs() / scale;
            if error <= 1e-4 {
                totals.error(3, error);
                totals.add(Count::Derivatives);
                continue;
            }
            let read = |r: &tapes::Run| *r.1.iter().chain(&r.2).nth(i).unwrap();
            assert!(
                unsteady(tape, at, SINGLE, 1e-4 * scale, &mut ready.rng, read),
                "derivative {i} at {point:?}, {soft:?} is {want}, and {got} on the CPU"
            );
            totals.add(Count::UnsteadyDerivatives);
        }
    }
}

fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// Checks the programs of `count` seeds on all cores; the seconds it took.
fn over_programs(count: u64, check: impl Fn(&gen_numeric::Program, u64) + Sync) -> f64 {
    let first = variable("NSP_SEED", 0);
    let threads = variable("NSP_THREADS", std::thread::available_parallelism().map_or(1, |n| n.get() as u64));
    let (start, next, failures) = (Instant::now(), AtomicU64::new(first), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let p = gen_numeric::program(seed);
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&p, seed))) {
                        let text = panic.downcast_ref::<String>().cloned();
                        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
                        failures.lock().unwrap().push((seed, text.unwrap_or_default()));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    for (seed, what) in failures.iter().take(8) {
        println!("---- seed {seed}: {what}\n{}", numbered(&gen_numeric::program(*seed)));
    }
    let seeds: Vec<u64> = failures.iter().map(|f| f.0).take(40).collect();
    assert!(failures.is_empty(), "{} programs fail: {seeds:?}", failures.len());
    start.elapsed().as_secs_f64()
}

#[test]
fn the_hard_limit_is_the_exact_program() {
    let count = variable("NSP_PROGRAMS", if cfg!(debug_assertions) { 600 } else { 5_000 });
    let totals = Totals::default();
    let seconds = over_programs(count, |p, seed| values(p, seed, &totals));
    let of = |c| totals.get(c);
    println!(
        "{count} programs ({} sketches, {} constant, {} nodes in the mean) in {seconds:.1} s, {} skipped; points: {} equal, {} not finite, {} on a \
         jump; executor: {} outputs agree, {} are unsteady; greatest errors {:.1e} and {:.1e}",
        of(Count::Sketches),
        of(Count::Constant),
        of(Count::Nodes) / count.max(1),
        of(Count::Skipped),
        of(Count::Exact),
        of(Count::Undefined),
        of(Count::Jump),
        of(Count::Executed),
        of(Count::Unsteady),
        totals.worst(0),
        totals.worst(1)
    );
    assert!(of(Count::Skipped) * 5 <= count, "more than a fifth was skipped");
    assert!(of(Count::Unsteady) * 20 <= of(Count::Executed));
}

#[test]
fn gradients_agree_with_finite_differences() {
    let count = variable("NSP_PROGRAMS", if cfg!(debug_assertions) { 10_000 } else { 50_000 }) / 50;
    let totals = Totals::default();
    let seconds = over_programs(count, |p, seed| gradients(p, seed, &totals));
    let of = |c| totals.get(c);
    println!(
        "gradients of {count} programs in {seconds:.1} s: {} derivatives agree, {} at kinks; executor: {} agree, {} are \
         unsteady; {} tapes not finite; greatest errors {:.1e} and {:.1e}",
        of(Count::Slopes),
        of(Count::Kinks),
        of(Count::Derivatives),
        of(Count::UnsteadyDerivatives),
        of(Count::Undefined),
        totals.worst(2),
        totals.worst(3)
    );
    assert!(of(Count::Kinks) * 5 <= of(Count::Slopes));
    assert!(of(Count::UnsteadyDerivatives) * 20 <= of(Count::Derivatives));
}

/// `NSP_SHOW=7 cargo test --test relaxed -- --nocapture show` prints a program and its tape.
#[test]
fn show_one() {
    let Ok(seed) = std::env::var("NSP_SHOW") else { return };
    for seed in seed.split(',').filter_map(|s| s.parse().ok()) {
        let p = gen_numeric::program(seed);
        println!("---- {seed}\n{}", numbered(&p));
        println!("{}", ready(&p, seed).map_or(String::new(), |r| r.relaxation.tape.listing()));
    }
}
