//! The entries for shapes, pictures and grids, called as the machine calls them.

use super::{Exact, Op, OpTable, grid, image, render, shape2, shape3};
use crate::raster::image::Image;
use crate::raster::show::ascii;
use crate::shape::prim::prim_value;
use crate::vm::ctx::{Capabilities, Env, detached};
use crate::vm::library::Library;
use crate::vm::limits::{Cancel, Fail, Limits, Meter};
use crate::vm::value::Value;
use std::sync::{Arc, Mutex};

fn all() -> Vec<Op> {
    [shape2::ops(), shape3::ops(), render::ops(), image::ops(), grid::ops()].concat()
}

fn env(folder: Option<&std::path::Path>, limits: Limits) -> Env {
    Env {
        ops: Arc::new(OpTable::default()),
        library: Arc::new(Library::default()),
        caps: Capabilities { files: folder.map(Into::into).into_iter().collect(), all_files: false },
        out: Arc::new(Mutex::new(Vec::new())),
        cancel: Cancel::default(),
        limits,
        base: folder.map(Into::into).unwrap_or_default(),
        args: Arc::default(),
        assets: Default::default(),
        progress: None,
    }
}

/// Calls the first overload that takes these arguments without an error of their kind.
fn call_in(env: &Env, name: &str, args: &[Value]) -> Result<Value, Fail> {
    let mut meter = Meter::new(&env.limits, env.cancel.clone());
    let mut last = Fail::from("no such operation");
    for op in all().into_iter().filter(|op| op.name == name && op.sig.matches(':').count() == args.len()) {
        let result = detached(env, &mut meter, |cx| match &op.exact {
            Exact::Native(f) => f(cx, &mut args.to_vec()),
            Exact::Prim(p) => prim_value(p, &args.iter().map(number).collect::<Vec<_>>()),
            _ => unreachable!("no other kinds here"),
        });
        match result {
            Err(e) if e.code == "E0400" => last = e,
            other => return other,
        }
    }
    Err(last)
}

fn number(v: &Value) -> f64 {
    match v {
        Value::Int(i) => *i as f64,
        Value::Num(x) => *x,
        _ => f64::NAN,
    }
}

fn call(name: &str, args: &[Value]) -> Result<Value, Fail> {
    call_in(&env(None, Limits::default()), name, args)
}

fn ints(xs: &[i64]) -> Vec<Value> {
    xs.iter().map(|x| Value::Int(*x)).collect()
}

fn list(rows: &[&str]) -> Value {
    Value::list(rows.iter().map(|r| Value::str(*r)).collect())
}

fn picture(v: &Value) -> String {
    ascii(v.downcast::<Image>().unwrap(), 64)
}

fn of(name: &str, first: Value, rest: &[i64]) -> Result<Value, Fail> {
    call(name, &[vec![first], ints(rest)].concat())
}

#[test]
fn every_entry_is_complete() {
    for op in all() {
        assert!(!op.doc.is_empty() && !op.example.is_empty() && op.sig.contains("->"), "{}", op.name);
        if let Exact::Prim(p) = &op.exact {
            let names: Vec<_> = p.params.iter().map(|(n, _)| *n).collect();
            let in_sig: Vec<_> = op.sig.split(['(', ',']).filter_map(|s| Some(s.split_once(": ")?.0.trim())).collect();
            assert_eq!(names, in_sig, "{}", op.name);
            assert_eq!(op.sig.ends_with("shape2"), p.dim == 2);
        }
        if let Exact::Native(f) = &op.exact {
            let env = env(None, Limits::default());
            let mut meter = Meter::new(&env.limits, Cancel::default());
            let refused = detached(&env, &mut meter, |cx| f(cx, &mut []).is_err());
            assert!(refused, "{} without arguments", op.name);
        }
    }
}

#[test]
fn shapes_from_the_table() {
    let rect = call("rect", &ints(&[8, 8, 12, 4, 0])).unwrap();
    let c = |r: f64| call("circle", &[Value::Num(2.0), Value::Num(8.0), Value::Num(r)]).unwrap();
    let wrench = call("-", &[call("+", &[rect, c(3.0)]).unwrap(), c(1.5)]).unwrap();
    let Value::Obj(o) = &wrench else { panic!("a shape") };
    assert_eq!(o.show(), "rect(8.0, 8.0, 12.0, 4.0, 0deg) + circle(2.0, 8.0, 3.0) - circle(2.0, 8.0, 1.5)");
    assert!(matches!(of("inside", wrench.clone(), &[12, 8]), Ok(Value::Bool(true))));
    assert_eq!(picture(&of("render", wrench.clone(), &[16]).unwrap()).lines().nth(7), Some("#..###########.."));
    let frame = Value::tuple(ints(&[0, 4, 16, 12]));
    let wide = call("render", &[wrench.clone(), Value::Int(32), frame]).unwrap();
    let wide = wide.downcast::<Image>().unwrap();
    assert_eq!((wide.width(), wide.height()), (32, 16));
    let e = of("render", wrench.clone(), &[1_000_000]).unwrap_err();
    assert_eq!(e.code, "E0442");
    assert!(call("circle", &ints(&[0, 0, -1])).is_err());
    let turned = of("rotate_x", call("sphere", &ints(&[0, 5, 0, 1])).unwrap(), &[0]).unwrap();
    assert!(matches!(of("inside", turned, &[0, 5, 0]), Ok(Value::Bool(true))));
}

#[test]
fn limits_stop_long_work() {
    let s = call("circle", &ints(&[5, 5, 4])).unwrap();
    let args = [vec![s], ints(&[4096])].concat();
    let few = Limits { ops: Some(1000), ..Limits::default() };
    assert_eq!(call_in(&env(None, few), "render", &args).unwrap_err().code, "E0501");
    let small = Limits { memory: Some(1 << 20), ..Limits::default() };
    assert_eq!(call_in(&env(None, small), "render", &args).unwrap_err().code, "E0502");
    let stopped = env(None, Limits::default());
    stopped.cancel.cancel();
    assert_eq!(call_in(&stopped, "render", &args).unwrap_err().code, "E0500");
}

#[test]
fn later_tiles_lie_on_top() {
    let image = |rows: &[&str]| call("image_from_rows", &[list(rows)]).unwrap();
    let g = call("grid", &ints(&[3, 2, 2, 2, 0, 0])).unwrap();
    let put = |column: i64, row: i64, rows: &[&str]| {
        call("draw", &[Value::Int(column), Value::Int(row), image(rows)]).unwrap()
    };
    let placed = vec![put(1, 1, &["##", "##"]), put(3, 2, &["#.", ".#"]), put(1, 1, &["..", ".#"])];
    let flat = call("picture", &[g.clone(), Value::list(placed.clone())]).unwrap();
    assert_eq!(picture(&flat), "......\n.#....\n....#.\n.....#\n");
    let nested = Value::list(placed.into_iter().map(|p| Value::list(vec![p])).collect());
    assert_eq!(picture(&call("picture", &[g.clone(), nested]).unwrap()), picture(&flat));
    let tile = call("tile", &[flat.clone(), g.clone(), Value::Int(3), Value::Int(2)]).unwrap();
    assert_eq!(picture(&tile), "#.\n.#\n");
    let out = |p: Value| call("picture", &[g.clone(), Value::list(vec![p])]).unwrap_err().message;
    assert_eq!(out(put(4, 1, &["##", "##"])), "draw (4, 1) is outside the grid of 3 x 2");
    assert_eq!(out(put(1, 0, &["##", "##"])), "draw (1, 0) is outside the grid of 3 x 2");
    assert_eq!(out(put(1, 1, &["#"])), "draw (1, 1): the tile is 1 x 1 pixels, a cell 2 x 2");
    let pasted = call("paste", &[flat, image(&["##"]), Value::Int(5), Value::Int(0)]).unwrap();
    assert_eq!(picture(&pasted).lines().next(), Some(".....#"));
    for far in [i64::MIN, i64::MAX] {
        call("paste", &[image(&["#"]), image(&["#"]), Value::Int(far), Value::Int(far)]).unwrap();
    }
}

#[test]
fn extreme_numbers_are_errors_not_panics() {
    let img = call("blank", &ints(&[3, 2, 1, 2, 3])).unwrap();
    for v in [i64::MIN, -1, 0, i64::MAX, 1 << 31, 1 << 32] {
        assert!(of("crop", img.clone(), &[v, v, v, v]).is_err());
        assert!(call("blank", &ints(&[v, v, 0, 0, 0])).is_err());
        assert!(call("grid", &ints(&[v, v, v, v, v, v])).is_err());
        assert!(of("grid_of", img.clone(), &[v]).is_err());
        assert!(of("histogram", img.clone(), &[v]).is_err());
        assert!(of("ascii", img.clone(), &[v]).is_ok());
        assert!(v == 0 || of("pixel", img.clone(), &[v, v]).is_err());
        let smooth = [vec![img.clone()], ints(&[v, v]), vec![Value::str("smooth")]].concat();
        assert!(call("resize", &smooth).is_err());
        let s = call("circle", &ints(&[1, 1, 1])).unwrap();
        assert!(of("render", s.clone(), &[v]).is_err() && of("render", s, &[v, v]).is_err());
        let ball = call("sphere", &ints(&[1, 1, 1, 1])).unwrap();
        assert!(of("voxels", ball.clone(), &[v]).is_err());
        let cube = of("voxels", ball, &[2]).unwrap();
        assert!(v == 0 || matches!(of("voxel", cube, &[v, v, v]), Ok(Value::Bool(false))));
    }
}

#[test]
fn files_need_a_grant() {
    let dir = tempfile::tempdir().unwrap();
    let img = call("image_from_rows", &[list(&[".#", "#."])]).unwrap();
    let args = [img.clone(), Value::str("a.png")];
    assert_eq!(call("save", &args).unwrap_err().code, "E0601");
    let granted = env(Some(dir.path()), Limits::default());
    call_in(&granted, "save", &args).unwrap();
    let back = call_in(&granted, "load_image", &[Value::str("a.png")]).unwrap();
    assert_eq!(picture(&back), picture(&img));
    assert_eq!(call_in(&granted, "load_image", &[Value::str("../a.png")]).unwrap_err().code, "E0601");
}
