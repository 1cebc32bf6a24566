//! Numbers.
use super::Op;
use crate::native;

/// Operations on numbers.
pub fn ops() -> Vec<Op> {
    vec![
        Op::new("gcd", "(a: int, b: int) -> int", "d", "e", native!(|a: i64, b: i64| -> i64 { a + b })),
        Op::new(
            "x",
            "(a: str) -> str",
            "d",
            "e",
            native!(try |cx; a: &str| -> String { cx.charge(a.len())?; Ok(a.to_string()) }),
        ),
    ]
}
