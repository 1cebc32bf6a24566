//! Random tapes.

use nsp_kernels::sym::{Builder, Sym};
use nsp_kernels::table::{Opcode, SCALARS};
use nsp_kernels::tape::Tape;
use rand::RngExt;
use rand::rngs::StdRng;

/// A tape of 3 inputs, 4 parameters, 5 to 40 operations and 1 to 3 outputs.
pub fn random_tape(rng: &mut StdRng) -> Tape {
    let b = Builder::new(3, 4);
    let mut made: Vec<Sym<'_>> = (0..3).map(|i| b.input(i)).chain((0..4).map(|i| b.param(i))).collect();
    for _ in 0..rng.random_range(5..40) {
        let pick = |rng: &mut StdRng, made: &[Sym<'_>]| {
            // Later ones more often, so that tapes are deep.
            let n = made.len();
            let back = rng.random_range(0..n).min(rng.random_range(0..n));
            n - 1 - back
        };
        let next = match rng.random_range(0..12) {
            0 => Sym::Lit(rng.random_range(-2.0..2.0)),
            1 => {
                let terms: Vec<_> =
                    (0..rng.random_range(3..9)).map(|_| (made[pick(rng, &made)], made[pick(rng, &made)])).collect();
                b.dot(&terms)
            }
            _ => {
                let op = &SCALARS[rng.random_range(0..SCALARS.len())];
                // What is too small for an `f32` is 0 there and not in the reference; it has tests of its own.
                if op.code == Opcode::zero_at {
                    continue;
                }
                let args: Vec<Sym<'_>> = (0..op.arity()).map(|_| made[pick(rng, &made)]).collect();
                b.op(op.code, &args)
            }
        };
        made.push(next);
    }
    let outputs: Vec<Sym<'_>> = made.iter().rev().take(rng.random_range(1..=3)).copied().collect();
    b.finish(&outputs)
}
