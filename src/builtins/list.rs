//! Lists and ranges. Nothing here takes a function: `map`, `filter` and their kin are written in the language.

use super::util::{ITEM, arg, count, equal, hash, room, take_list};
use super::{Exact, Formula, Inline, Op, Relaxed, native as body};
use crate::native;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// Operations on lists and ranges.
pub fn ops() -> Vec<Op> {
    let mut out = basics();
    out.extend(parts());
    out.extend(orders());
    out.extend(looking());
    out.extend(combining());
    out.extend(numbers());
    for op in &mut out {
        op.relaxed = meaning(&op.name, &op.sig);
    }
    out
}

/// The relaxed meaning of an operation on lists. What looks at items, to compare or sort them, has none.
fn meaning(name: &str, sig: &str) -> Relaxed {
    let fold = |f: Formula| Relaxed::Formula(f);
    let numbers = sig.starts_with("(xs: [num])") || sig.starts_with("(xs: [int])");
    match name {
        "sum" if numbers => fold(|_, xs| xs.iter().copied().reduce(|a, b| a + b).unwrap_or(Sym::Lit(0.0))),
        "product" if numbers => fold(|_, xs| xs.iter().copied().reduce(|a, b| a * b).unwrap_or(Sym::Lit(1.0))),
        "min" if numbers => fold(|_, xs| xs.iter().copied().reduce(Real::min).unwrap_or(Sym::Lit(f64::INFINITY))),
        "max" if numbers => fold(|_, xs| xs.iter().copied().reduce(Real::max).unwrap_or(Sym::Lit(f64::NEG_INFINITY))),
        "mean" if numbers => fold(|_, xs| {
            let sum = xs.iter().copied().reduce(|a, b| a + b).unwrap_or(Sym::Lit(0.0));
            sum / Sym::Lit(xs.len() as f64)
        }),
        "len" | "[]" | "push" | "+" | "repeat_list" | "take" | "drop" | "first" | "last" | "reverse" | "zip"
        | "enumerate" | "flatten" | "transpose" => Relaxed::Structure,
        _ => Relaxed::None,
    }
}

fn basics() -> Vec<Op> {
    vec![
        Op::new(
            "len",
            "(xs: [A]) -> int",
            "How many items a list has.",
            "len([4, 5]) == 2",
            Exact::Inline(Inline::LenList),
        ),
        Op::new(
            "len",
            "(r: range) -> int",
            "How many ints a range has.",
            "len(2..5) == 3",
            native!(try |r: (i64, i64)| -> i64 {
                span(r).try_into().map_err(|_| Fail::from("the length of this range does not fit an int"))
            }),
        ),
        Op::new(
            "list",
            "(r: range) -> [int]",
            "The ints of a range.",
            "list(2..5) == [2, 3, 4]",
            native!(try |cx; r: (i64, i64)| -> Vec<Value> {
                let n = usize::try_from(span(r)).unwrap_or(usize::MAX).saturating_mul(ITEM);
                room(cx, n)?;
                cx.work(n)?;
                Ok((r.0..r.1).map(Value::Int).collect())
            }),
        ),
        Op::new(
            "contains",
            "(r: range, i: int) -> bool",
            "Whether an int lies in a range.",
            "contains(2..5, 4)",
            native!(|r: (i64, i64), i: i64| -> bool { (r.0..r.1).contains(&i) }),
        ),
        Op::new(
            "[]",
            "(xs: [A], i: int) -> A",
            "The item at position i, counted from 0; an error outside the list.",
            "[4, 5, 6][1] == 5",
            Exact::Inline(Inline::IndexList),
        ),
        Op::new(
            "[]",
            "(xs: [A], r: range) -> [A]",
            "The items in a range of positions, which must lie in the list.",
            "[4, 5, 6][0..2] == [4, 5]",
            native!(try |cx; xs: &[Value], r: (i64, i64)| -> Vec<Value> {
                let outside = || Fail::from(format!("the range {}..{} is outside a list of {}", r.0, r.1, items(xs.len())))
                    .help("positions count from 0, and the end is left out");
                let (a, b) = (usize::try_from(r.0).map_err(|_| outside())?, usize::try_from(r.1).map_err(|_| outside())?);
                copy(cx, xs.get(a..b).ok_or_else(outside)?)
            }),
        ),
        Op::new(
            "push",
            "(xs: [A], x: A) -> [A]",
            "The list with one more item at its end.",
            "push([1], 2) == [1, 2]",
            Exact::Inline(Inline::Push),
        ),
        Op::new(
            "+",
            "(xs: [A], ys: [A]) -> [A]",
            "The items of one list, then those of the other.",
            "[1, 2] + [3] == [1, 2, 3]",
            body(|cx, args| {
                let mut xs = take_list(cx, args, 0)?;
                let ys: &[Value] = arg(args, 1)?;
                pay(cx, ys.len())?;
                xs.extend_from_slice(ys);
                Ok(Value::list(xs))
            }),
        ),
        Op::new(
            "repeat_list",
            "(xs: [A], n: int) -> [A]",
            "The items n times over.",
            "repeat_list([0, 1], 2) == [0, 1, 0, 1]",
            native!(try |cx; xs: &[Value], n: i64| -> Vec<Value> {
                let n = count(n, "the number of repetitions")?;
                pay(cx, xs.len().saturating_mul(n))?;
                // n empty lists are one, without counting to n
                let n = if xs.is_empty() { 0 } else { n };
                Ok(std::iter::repeat_n(xs, n).flatten().cloned().collect())
            }),
        ),
    ]
}

/// How many ints a range has.
fn span((lo, hi): (i64, i64)) -> u64 {
    if lo < hi { hi.abs_diff(lo) } else { 0 }
}

fn items(n: usize) -> String {
    if n == 1 { "1 item".into() } else { format!("{n} items") }
}

/// Pays for `n` new items and for the work on them.
fn pay(cx: &mut Ctx<'_>, n: usize) -> Result<(), Fail> {
    let bytes = n.saturating_mul(ITEM);
    room(cx, bytes)?;
    cx.work(bytes)
}

fn copy(cx: &mut Ctx<'_>, xs: &[Value]) -> Result<Vec<Value>, Fail> {
    pay(cx, xs.len())?;
    Ok(xs.to_vec())
}

fn no_items(what: &str) -> Fail {
    format!("an empty list has no {what}").into()
}

fn parts() -> Vec<Op> {
    const N: &str = "(xs: [A], n: int) -> [A]";
    vec![
        Op::new(
            "take",
            N,
            "The first n items, all if there are fewer.",
            "take([1, 2, 3], 2) == [1, 2]",
            native!(try |cx; xs: &[Value], n: i64| -> Vec<Value> {
                copy(cx, &xs[..count(n, "how many to take")?.min(xs.len())])
            }),
        ),
        Op::new(
            "drop",
            N,
            "All but the first n items, none if there are fewer.",
            "drop([1, 2, 3], 2) == [3]",
            native!(try |cx; xs: &[Value], n: i64| -> Vec<Value> {
                copy(cx, &xs[count(n, "how many to drop")?.min(xs.len())..])
            }),
        ),
        Op::new(
            "first",
            "(xs: [A]) -> A",
            "The first item; an error if there is none.",
            "first([4, 5]) == 4",
            native!(try |xs: &[Value]| -> Value { xs.first().cloned().ok_or_else(|| no_items("first item")) }),
        ),
        Op::new(
            "last",
            "(xs: [A]) -> A",
            "The last item; an error if there is none.",
            "last([4, 5]) == 5",
            native!(try |xs: &[Value]| -> Value { xs.last().cloned().ok_or_else(|| no_items("last item")) }),
        ),
        Op::new(
            "reverse",
            "(xs: [A]) -> [A]",
            "The items from last to first.",
            "reverse([1, 2, 3]) == [3, 2, 1]",
            body(|cx, args| {
                let mut xs = take_list(cx, args, 0)?;
                cx.work(xs.len() * ITEM)?;
                xs.reverse();
                Ok(Value::list(xs))
            }),
        ),
    ]
}

/// The order of two ints, nums or strs; nan stands after all other nums.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Num(a), Value::Num(b)) => a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(b).unwrap_or(Ordering::Equal)),
        _ => Ordering::Equal,
    }
}

/// Counts the work of sorting `n` items.
fn sorting(cx: &mut Ctx<'_>, n: usize) -> Result<(), Fail> {
    cx.work(n.saturating_mul(ITEM).saturating_mul(n.max(2).ilog2() as usize))
}

fn orders() -> Vec<Op> {
    let sort = body(|cx, args| {
        let mut xs = take_list(cx, args, 0)?;
        sorting(cx, xs.len())?;
        xs.sort_by(order);
        Ok(Value::list(xs))
    });
    let sort_by_keys = body(|cx, args| {
        let xs = take_list(cx, args, 0)?;
        let keys: &[Value] = arg(args, 1)?;
        if xs.len() != keys.len() {
            return Err(format!("{} and {} keys: every item needs one", items(xs.len()), keys.len()).into());
        }
        pay(cx, xs.len().saturating_mul(2))?;
        sorting(cx, xs.len())?;
        let mut pairs: Vec<(&Value, Value)> = keys.iter().zip(xs).collect();
        pairs.sort_by(|a, b| order(a.0, b.0));
        Ok(Value::list(pairs.into_iter().map(|(_, x)| x).collect()))
    });
    let mut out = Vec::new();
    for (ty, doc, example) in [
        ("int", "The ints from least to greatest.", "sort([3, 1, 2]) == [1, 2, 3]"),
        ("num", "The nums from least to greatest, nan last.", "sort([1.5, 0.5]) == [0.5, 1.5]"),
        ("str", "The texts in the order of their characters' codes.", r#"sort(["b", "a"]) == ["a", "b"]"#),
    ] {
        out.push(Op::new("sort", format!("(xs: [{ty}]) -> [{ty}]"), doc, example, sort.clone()));
    }
    for (key, example) in [
        ("int", r#"sort_by_keys(["b", "c", "a"], [2, 3, 1]) == ["a", "b", "c"]"#),
        ("num", r#"sort_by_keys(["b", "a"], [0.2, 0.1]) == ["a", "b"]"#),
        ("str", r#"sort_by_keys([2, 1], ["b", "a"]) == [1, 2]"#),
    ] {
        let doc = "The items in the order of their keys; equal keys keep their order. An error unless there is a key for \
                   each item.";
        out.push(Op::new(
            "sort_by_keys",
            format!("(xs: [A], keys: [{key}]) -> [A]"),
            doc,
            example,
            sort_by_keys.clone(),
        ));
    }
    out
}

fn looking() -> Vec<Op> {
    vec![
        Op::new(
            "contains",
            "(xs: [A], x: A) -> bool",
            "Whether an item equals x.",
            "contains([1, 2], 2)",
            native!(try |cx; xs: &[Value], x: &Value| -> bool { Ok(position(cx, xs, x)?.is_some()) }),
        ),
        Op::new(
            "index_of",
            "(xs: [A], x: A) -> int",
            "The position, counted from 0, of the first item that equals x; -1 if there is none.",
            "index_of([4, 5, 6], 5) == 1",
            native!(try |cx; xs: &[Value], x: &Value| -> i64 { Ok(position(cx, xs, x)?.map_or(-1, |i| i as i64)) }),
        ),
        Op::new(
            "count",
            "(xs: [A], x: A) -> int",
            "How many items equal x.",
            "count([1, 2, 1], 1) == 2",
            native!(try |cx; xs: &[Value], x: &Value| -> i64 {
                cx.work(xs.len() * ITEM)?;
                let mut n = 0;
                for y in xs {
                    n += i64::from(equal(cx, x, y)?);
                }
                Ok(n)
            }),
        ),
        Op::new(
            "unique",
            "(xs: [A]) -> [A]",
            "The items without those that equal an earlier one.",
            "unique([2, 1, 2]) == [2, 1]",
            native!(try |cx; xs: &[Value]| -> Vec<Value> { unique(cx, xs) }),
        ),
    ]
}

fn position(cx: &mut Ctx<'_>, xs: &[Value], x: &Value) -> Result<Option<usize>, Fail> {
    for (n, y) in xs.iter().enumerate() {
        if equal(cx, x, y)? {
            cx.work(n * ITEM)?;
            return Ok(Some(n));
        }
    }
    cx.work(xs.len() * ITEM)?;
    Ok(None)
}

fn unique(cx: &mut Ctx<'_>, xs: &[Value]) -> Result<Vec<Value>, Fail> {
    pay(cx, xs.len().saturating_mul(4))?;
    let mut kept: Vec<Value> = Vec::new();
    let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
    for x in xs {
        let mut h = DefaultHasher::new();
        hash(cx, x, &mut h)?;
        let alike = by_hash.entry(h.finish()).or_default();
        let mut new = true;
        for &k in alike.iter() {
            if equal(cx, x, &kept[k])? {
                new = false;
                break;
            }
        }
        // Values that hash alike without being equal (objects, nan) make this quadratic: let it be stopped.
        cx.work(alike.len() * ITEM)?;
        if new {
            alike.push(kept.len());
            kept.push(x.clone());
        }
    }
    Ok(kept)
}

fn combining() -> Vec<Op> {
    vec![
        Op::new(
            "zip",
            "(xs: [A], ys: [B]) -> [(A, B)]",
            "Pairs of items at the same position, as many as the shorter list has.",
            r#"zip([1, 2], ["a", "b"]) == [(1, "a"), (2, "b")]"#,
            native!(try |cx; xs: &[Value], ys: &[Value]| -> Vec<Value> {
                pay(cx, xs.len().min(ys.len()).saturating_mul(5))?;
                Ok(xs.iter().zip(ys).map(|(x, y)| Value::tuple(vec![x.clone(), y.clone()])).collect())
            }),
        ),
        Op::new(
            "enumerate",
            "(xs: [A]) -> [(int, A)]",
            "Each item with its position, counted from 0.",
            r#"enumerate(["a", "b"]) == [(0, "a"), (1, "b")]"#,
            native!(try |cx; xs: &[Value]| -> Vec<Value> {
                pay(cx, xs.len().saturating_mul(5))?;
                Ok((0..).zip(xs).map(|(i, x)| Value::tuple(vec![Value::Int(i), x.clone()])).collect())
            }),
        ),
        Op::new(
            "flatten",
            "(xss: [[A]]) -> [A]",
            "The items of all lists, one list after the other.",
            "flatten([[1, 2], [3]]) == [1, 2, 3]",
            native!(try |cx; xss: Vec<&[Value]>| -> Vec<Value> {
                pay(cx, xss.iter().fold(0, |n, xs| n.saturating_add(xs.len())))?;
                Ok(xss.concat())
            }),
        ),
        Op::new(
            "transpose",
            "(xss: [[A]]) -> [[A]]",
            "Columns for rows: item j of list i becomes item i of list j. All lists must have the same length.",
            "transpose([[1, 2], [3, 4]]) == [[1, 3], [2, 4]]",
            native!(try |cx; xss: Vec<&[Value]>| -> Vec<Value> {
                let width = xss.first().map_or(0, |xs| xs.len());
                if let Some((i, xs)) = xss.iter().enumerate().find(|(_, xs)| xs.len() != width) {
                    return Err(format!("row 0 has {} but row {i} has {}", items(width), xs.len()).into());
                }
                pay(cx, width.saturating_mul(xss.len().saturating_add(3)))?;
                Ok((0..width).map(|j| Value::list(xss.iter().map(|xs| xs[j].clone()).collect())).collect())
            }),
        ),
    ]
}

/// An operation that works on `[int]` and `[num]` alike, item by item.
macro_rules! folds {
    ($($name:literal, $ty:ident = $rust:ty, $doc:literal, $example:literal, |$xs:ident| $body:expr;)*) => {
        vec![$(Op::new($name, concat!("(xs: [", stringify!($ty), "]) -> ", stringify!($ty)), $doc, $example,
            native!(try |cx; items: &[Value]| -> $rust {
                cx.work(items.len() * ITEM)?;
                let mut $xs = items.iter().map(|v| <$rust as super::convert::FromArg>::from_arg(v));
                $body
            }))),*]
    };
}

fn numbers() -> Vec<Op> {
    let mut out = folds! {
        "sum", int = i64, "The sum of all items, 0 of none; an error where it does not fit an int.",
            "sum([1, 2, 3]) == 6",
            |xs| xs.try_fold(0i64, |a, x| a.checked_add(x?).ok_or_else(|| Fail::from("the sum does not fit an int")));
        "sum", num = f64, "The sum of all items, 0 of none.", "sum([0.5, 1.5]) == 2.0", |xs| xs.try_fold(0.0, |a, x| Ok(a + x?));
        "product", int = i64, "The product of all items, 1 of none; an error where it does not fit an int.",
            "product([2, 3, 4]) == 24",
            |xs| xs.try_fold(1i64, |a, x| a.checked_mul(x?).ok_or_else(|| Fail::from("the product does not fit an int")));
        "product", num = f64, "The product of all items, 1 of none.", "product([0.5, 4.0]) == 2.0",
            |xs| xs.try_fold(1.0, |a, x| Ok(a * x?));
        "min", int = i64, "The least item; an error if there is none.", "min([3, 1, 2]) == 1",
            |xs| fold_first(&mut xs, "least item", i64::min);
        "min", num = f64, "The least item, nan aside; an error if there is none.", "min([0.5, 1.5]) == 0.5",
            |xs| fold_first(&mut xs, "least item", f64::min);
        "max", int = i64, "The greatest item; an error if there is none.", "max([3, 1, 2]) == 3",
            |xs| fold_first(&mut xs, "greatest item", i64::max);
        "max", num = f64, "The greatest item, nan aside; an error if there is none.", "max([0.5, 1.5]) == 1.5",
            |xs| fold_first(&mut xs, "greatest item", f64::max);
    };
    out.push(Op::new(
        "mean",
        "(xs: [num]) -> num",
        "The sum of all items by their number; an error if there is none.",
        "mean([1.0, 2.0]) == 1.5",
        mean(),
    ));
    out.push(Op::new(
        "mean",
        "(xs: [int]) -> num",
        "The sum of all items by their number; an error if there is none.",
        "mean([1, 2]) == 1.5",
        mean(),
    ));
    out
}

fn mean() -> Exact {
    native!(try |cx; xs: &[Value]| -> f64 {
        if xs.is_empty() {
            return Err(no_items("mean"));
        }
        cx.work(xs.len() * ITEM)?;
        let mut sum = 0.0;
        for x in xs {
            sum += <f64 as super::convert::FromArg>::from_arg(x)?;
        }
        Ok(sum / xs.len() as f64)
    })
}

fn fold_first<T>(xs: &mut impl Iterator<Item = Result<T, Fail>>, what: &str, f: fn(T, T) -> T) -> Result<T, Fail> {
    let first = xs.next().ok_or_else(|| no_items(what))??;
    xs.try_fold(first, |a, x| Ok(f(a, x?)))
}
