//! Seeded randomness: chance is an argument, so that the same call always gives the same value.

use super::Op;
use super::util::{ITEM, arg, count, room, take_list};
use crate::native;
use crate::vm::value::Value;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// Operations that draw numbers.
pub fn ops() -> Vec<Op> {
    vec![
        Op::new(
            "random",
            "(seed: int, n: int) -> [num]",
            "n random nums from 0 to below 1, the same for the same seed.",
            "random(1, 3) == random(1, 3)",
            native!(try |cx; seed: i64, n: i64| -> Vec<f64> {
                let n = count(n, "how many")?;
                room(cx, n.saturating_mul(ITEM))?;
                cx.work(n * ITEM)?;
                let mut rng = generator(seed);
                Ok((0..n).map(|_| rng.random()).collect())
            }),
        ),
        Op::new(
            "random_ints",
            "(seed: int, n: int, lo: int, hi: int) -> [int]",
            "n random ints from lo to below hi, the same for the same seed.",
            "len(random_ints(7, 5, 0, 10)) == 5",
            native!(try |cx; seed: i64, n: i64, lo: i64, hi: i64| -> Vec<i64> {
                let n = count(n, "how many")?;
                if lo >= hi {
                    return Err(format!("there is no int from {lo} to below {hi}").into());
                }
                room(cx, n.saturating_mul(ITEM))?;
                cx.work(n * ITEM)?;
                let mut rng = generator(seed);
                Ok((0..n).map(|_| rng.random_range(lo..hi)).collect())
            }),
        ),
        Op::new(
            "shuffle",
            "(xs: [A], seed: int) -> [A]",
            "The items in a random order, the same for the same seed.",
            "sort(shuffle([3, 1, 2], 5)) == [1, 2, 3]",
            super::native(|cx, args| {
                let mut xs = take_list(cx, args, 0)?;
                let seed: i64 = arg(args, 1)?;
                cx.work(xs.len() * ITEM)?;
                xs.shuffle(&mut generator(seed));
                Ok(Value::list(xs))
            }),
        ),
    ]
}

fn generator(seed: i64) -> StdRng {
    StdRng::seed_from_u64(seed.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::super::util::testing::show;
    use super::*;

    #[test]
    fn randomness_is_seeded_and_bounded() {
        let sig = "(seed: int, n: int) -> [num]";
        let some = |seed, n| show("random", sig, vec![Value::Int(seed), Value::Int(n)]);
        assert_eq!(some(1, 4), some(1, 4));
        assert_ne!(some(1, 4), some(2, 4));
        assert_eq!(some(1, -1), "error: how many cannot be negative, but it is -1");
        assert!(some(1, i64::MAX).starts_with("error: out of memory"));
    }
}
