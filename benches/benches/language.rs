//! Parts of the language: parsing, checking, running, filling. `cargo bench -p nsp-bench`.
#![allow(missing_docs)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use nsp::session::Session;
use nsp::source::FileId;
use nsp::vm::value::Value;
use std::hint::black_box;

fn parse(c: &mut Criterion) {
    let text = include_str!("../../stdlib/prelude.nsp").repeat(50);
    let mut g = c.benchmark_group("syntax");
    g.throughput(Throughput::Bytes(text.len() as u64));
    g.bench_function("parse", |b| b.iter(|| nsp::syntax::parse(FileId(0), black_box(&text))));
    let ast = nsp::syntax::parse(FileId(0), &text).ast;
    g.bench_function("print", |b| b.iter(|| nsp::syntax::print(black_box(&ast))));
    g.finish();
}

fn session(c: &mut Criterion) {
    let mut g = c.benchmark_group("session");
    g.bench_function("new", |b| b.iter(Session::default));
    let base = Session::default();
    g.bench_function("clone", |b| b.iter(|| black_box(&base).clone()));
    g.bench_function("step 1 + 2", |b| {
        b.iter_batched_ref(|| base.clone(), |s| s.step("<bench>", "1 + 2"), BatchSize::SmallInput)
    });
    g.finish();
}

fn run(c: &mut Criterion) {
    let mut s = Session::default();
    let mut g = c.benchmark_group("vm");
    g.sample_size(20);
    let fib = "fn fib(n: int) -> int { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }";
    let checked = s.check("<bench>", fib).expect("checks");
    let f = s.function(checked.functions[0].1);
    g.bench_function("fib(27)", |b| b.iter(|| s.call(&f, &[Value::Int(27)])));
    let program =
        s.compile("<bench>", "var t = 0\nfor i in 0..3000, j in 0..3000 { t = t + i * j }\nt").expect("checks");
    g.bench_function("9M loop steps", |b| b.iter(|| program.run()));
    g.finish();
}

criterion_group!(benches, parse, session, run);
criterion_main!(benches);
