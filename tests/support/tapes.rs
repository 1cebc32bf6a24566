//! What the tests of the relaxed mode ask of a tape.
#![allow(dead_code)] // each test program uses a part

use nsp::builtins::OpTable;
use nsp::check::scope::Binding;
use nsp::ir::FuncId;
use nsp::relax::{Relaxation, relax};
use nsp::vm::ctx::detached;
use nsp::vm::limits::{Fail, Meter};
use nsp::{Limits, Session, Value};
use nsp_kernels::cpu::{Cpu, Gradient, Job, Program, Seeds};
use nsp_kernels::reference;
use nsp_kernels::tape::{Node, Tape};
use rand::RngExt;
use rand::rngs::StdRng;
use std::sync::{Arc, LazyLock, Mutex};

static OPS: LazyLock<Arc<OpTable>> = LazyLock::new(|| Arc::new(OpTable::standard()));

/// A session with bounds.
pub fn session() -> Session {
    let mut session = Session::new(OPS.clone());
    let env = session.env_mut();
    env.out = Arc::new(Mutex::new(std::io::sink()));
    env.limits = Limits { ops: Some(2_000_000), memory: Some(64 << 20), depth: 100, time: None };
    session
}

/// The function of a name, which is not generic.
pub fn function(s: &Session, name: &str) -> FuncId {
    let Some(Binding::Def(def)) = s.scope().get(name) else { panic!("no function `{name}`") };
    let instances = &s.defs().get(*def).instances;
    *nsp::check::defs::lock(instances).values().next().expect("a function that is not generic")
}

/// Its relaxed meaning for arguments like these.
pub fn relaxed(s: &Session, id: FuncId, samples: &[Value]) -> Result<Relaxation, Fail> {
    let Value::Fn(closure) = s.function(id) else { panic!("no closure") };
    let mut meter = Meter::new(&s.env().limits, s.env().cancel.clone());
    detached(s.env(), &mut meter, |cx| relax(cx, &closure, samples))
}

/// Whether a number has so few digits that arithmetic on numbers like it is exact.
fn is_short(x: f64) -> bool {
    x.to_bits().trailing_zeros() >= 34
}

/// Outputs, derivatives by inputs and derivatives by parameters.
pub type Run = (Vec<f64>, Vec<f64>, Vec<f64>);

/// Rounding of the executors, with room for functions that are off by some units.
pub const SINGLE: f64 = 2.4e-7;

/// Runs a tape with every number that is not short moved by up to `eps` of itself, and rounded to single precision where
/// `eps` is [`SINGLE`]; of a zero the sign is changed. Where that moves a result, rounding may.
pub fn noisy(tape: &Tape, inputs: &[f64], params: &[f64], seeds: &[f64], eps: f64, rng: &mut StdRng) -> Run {
    let mut noise = |x: f64| {
        if eps == 0.0 || (is_short(x) && x != 0.0) {
            return x;
        }
        if x == 0.0 {
            return if rng.random_range(0..2) == 0 { -x } else { x };
        }
        let x = x * (1.0 + eps * rng.random_range(-1.0..1.0));
        if eps == SINGLE { f64::from(x as f32) } else { x }
    };
    let mut v: Vec<f64> = Vec::with_capacity(tape.len());
    for node in &tape.nodes {
        let x = match node {
            Node::Const(bits) => f64::from_bits(*bits),
            Node::Input(i) => inputs[*i as usize],
            Node::Param(i) => params[*i as usize],
            Node::Op(code, args) => {
                code.entry().eval(&args.map(|a| v.get(a as usize).copied().unwrap_or(0.0))[..code.entry().arity()])
            }
            Node::Dot { .. } => tape.terms_of(node).iter().map(|(w, x)| v[*w as usize] * v[*x as usize]).sum(),
        };
        v.push(noise(x));
    }
    let outputs = tape.outputs.iter().map(|o| v[*o as usize]).collect();
    let mut d = vec![0.0; tape.len()];
    for (o, s) in tape.outputs.iter().zip(seeds) {
        d[*o as usize] += s;
    }
    let (mut by_input, mut by_param) = (vec![0.0; tape.inputs], vec![0.0; tape.params]);
    for i in (0..tape.len()).rev() {
        let seed = d[i];
        match &tape.nodes[i] {
            _ if seed == 0.0 => {}
            Node::Op(code, args) => {
                let arity = code.entry().arity();
                let x = args.map(|a| v.get(a as usize).copied().unwrap_or(0.0));
                let partials = code.entry().partials(&x[..arity]);
                for (a, p) in args[..arity].iter().zip(partials) {
                    d[*a as usize] += noise(seed * p);
                }
            }
            node @ Node::Dot { .. } => {
                for (w, x) in tape.terms_of(node) {
                    d[*w as usize] += noise(seed * v[*x as usize]);
                    d[*x as usize] += noise(seed * v[*w as usize]);
                }
            }
            Node::Input(k) => by_input[*k as usize] += seed,
            Node::Param(k) => by_param[*k as usize] += seed,
            Node::Const(_) => {}
        }
    }
    (outputs, by_input, by_param)
}

/// Whether rounding by `eps` anywhere moves what `of` reads by more than a third of `tolerance`.
pub fn unsteady(
    tape: &Tape,
    at: (&[f64], &[f64], &[f64]),
    eps: f64,
    tolerance: f64,
    rng: &mut StdRng,
    of: impl Fn(&Run) -> f64,
) -> bool {
    let (inputs, params, seeds) = at;
    let plain = of(&noisy(tape, inputs, params, seeds, 0.0, rng));
    (0..100).any(|_| {
        let moved = of(&noisy(tape, inputs, params, seeds, eps, rng));
        let off = (moved - plain).abs();
        off.is_nan() || off > tolerance / 3.0
    })
}

/// The greatest magnitude among the values of all nodes.
pub fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |a, x| a.max(x.abs()))
}

/// What a comparison with finite differences found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slope {
    /// They agree; by how much they differ, relative and absolute.
    Agrees(f64),
    /// The one-sided differences disagree at every distance.
    Kink,
    /// They do not agree: the difference quotient.
    Differs(f64),
}

/// Compares a derivative with central differences of `f` about `x`.
pub fn slope(derivative: f64, x: f64, f: impl Fn(f64) -> f64) -> Slope {
    const TOLERANCE: f64 = 1e-4;
    let mut smooth: Vec<f64> = Vec::new();
    let here = f(x);
    for h in [1e-4, 1e-5, 1e-6, 1e-3, 1e-7] {
        let h = h * (1.0 + x.abs());
        let (up, down) = (f(x + h), f(x - h));
        let central = (up - down) / (2.0 * h);
        let error = (central - derivative).abs() / (1.0 + derivative.abs());
        if error <= TOLERANCE {
            return Slope::Agrees(error);
        }
        let (right, left) = ((up - here) / h, (here - down) / h);
        // Differences below what the subtraction keeps say nothing.
        let noise = 4.0 * f64::EPSILON * (up.abs() + down.abs()) / h;
        if (right - left).abs() <= 0.3 * TOLERANCE * (1.0 + central.abs()) && noise < TOLERANCE {
            smooth.push(central);
        }
    }
    // About the middle of a jump both sides agree, but not at two distances.
    let settled = |w: &&[f64]| (w[0] - w[1]).abs() <= 10.0 * TOLERANCE * (1.0 + w[0].abs());
    smooth.windows(2).find(settled).map_or(Slope::Kink, |w| Slope::Differs(w[0]))
}

/// The gradient of a tape against finite differences, by every input and parameter that it uses: what was found, and of
/// what.
pub fn slopes(tape: &Tape, inputs: &[f64], params: &[f64], seeds: &[f64]) -> Vec<(String, Slope)> {
    let weighted = |inputs: &[f64], params: &[f64]| -> f64 {
        reference::eval(tape, inputs, params).iter().zip(seeds).map(|(y, s)| y * s).sum()
    };
    let (by_input, by_param) = reference::gradient(tape, inputs, params, seeds);
    let mut out = Vec::new();
    for (i, d) in by_input.iter().enumerate() {
        let f = |x: f64| {
            let mut moved = inputs.to_vec();
            moved[i] = x;
            weighted(&moved, params)
        };
        out.push((format!("input {i}"), slope(*d, inputs[i], f)));
    }
    for (i, d) in by_param.iter().enumerate() {
        let f = |x: f64| {
            let mut moved = params.to_vec();
            moved[i] = x;
            weighted(inputs, &moved)
        };
        out.push((format!("parameter {i}"), slope(*d, params[i], f)));
    }
    out
}

/// Points as the executor takes them: a column for each input.
pub fn columns(points: &[Vec<f64>], inputs: usize) -> Vec<Vec<f32>> {
    (0..inputs).map(|i| points.iter().map(|p| p[i] as f32).collect()).collect()
}

/// The outputs of the CPU executor at points: `[outputs][points]`.
pub fn executed(
    program: &Program,
    points: &[Vec<f64>],
    params: &[f64],
) -> Result<Vec<Vec<f32>>, nsp_kernels::cpu::Error> {
    let columns = columns(points, program.tape().inputs);
    let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
    let params: Vec<f32> = params.iter().map(|x| *x as f32).collect();
    let job = Job { program, inputs: &columns, points: points.len(), params: &params };
    let mut out = vec![vec![0.0f32; points.len()]; program.tape().outputs.len()];
    let mut rows: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
    Cpu { threads: 1, ..Cpu::default() }.forward(&[job], &mut rows)?;
    Ok(out)
}

/// The gradient of the CPU executor at a point.
pub fn executed_gradient(
    program: &Program,
    point: &[f64],
    params: &[f64],
    seeds: &[f64],
) -> Result<Gradient, nsp_kernels::cpu::Error> {
    let columns = columns(&[point.to_vec()], program.tape().inputs);
    let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
    let params: Vec<f32> = params.iter().map(|x| *x as f32).collect();
    let seeds: Vec<f32> = seeds.iter().map(|x| *x as f32).collect();
    let job = Job { program, inputs: &columns, points: 1, params: &params };
    let mut all = Cpu { threads: 1, ..Cpu::default() }.gradient(&[job], &[Seeds::Weights(&seeds)], true)?;
    Ok(all.remove(0))
}
