//! Showing, comparing and hashing.

use crate::types::Type;
use crate::vm::value::Value;
use crate::vm::{equal, hash_value, show};
use std::hash::{DefaultHasher, Hasher};

fn hash(v: &Value) -> u64 {
    let mut h = DefaultHasher::new();
    hash_value(v, &mut h);
    h.finish()
}

#[test]
fn shown_as_source() {
    for (x, want) in [
        (5.0, "5.0"),
        (1e21, "1e21"),
        (-0.5, "-0.5"),
        (f64::NAN, "nan"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        assert_eq!(show(&Value::Num(x), &Type::Num), want);
    }
    assert_eq!(show(&Value::str("a\"\\\n\u{1}é"), &Type::Str), "\"a\\\"\\\\\\n\\u{1}é\"");
    assert_eq!(show(&Value::tuple(vec![Value::Int(1)]), &Type::tuple(vec![Type::Int])), "(1,)");
    let rec = Type::record(vec![("x".into(), Type::Int)]);
    assert_eq!(show(&Value::list(vec![Value::tuple(vec![Value::Int(1)])]), &Type::list(rec)), "[(x: 1)]");
}

#[test]
fn deep_values_are_shown_and_compared() {
    let deep = || (0..100_000).fold(Value::Int(1), |v, _| Value::list(vec![v]));
    let (a, b) = (deep(), deep());
    assert!(equal(&a, &b));
    assert_eq!(hash(&a), hash(&b));
    assert_eq!(show(&a, &Type::Int).len(), 200_001);
    // Only function values nest without bound in programs, so only their drop is made for it.
    std::mem::forget((a, b));
}

#[test]
fn equality() {
    let l = |xs: &[f64]| Value::list(xs.iter().map(|x| Value::Num(*x)).collect());
    assert!(equal(&l(&[1.0, 0.0]), &l(&[1.0, -0.0])));
    assert_eq!(hash(&l(&[0.0])), hash(&l(&[-0.0])));
    assert!(!equal(&l(&[f64::NAN]), &l(&[f64::NAN])));
    assert!(!equal(&l(&[1.0]), &l(&[1.0, 2.0])));
    assert_ne!(hash(&l(&[1.0])), hash(&l(&[2.0])));
}
