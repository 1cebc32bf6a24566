//! Generated programs through every stage, within limits: no panic, nothing lost by printing, and a function that is
//! raised from its IR and read again does the same.
//!
//! `NSP_PROGRAMS=1000000 cargo test --release --test generated -- --nocapture` makes the full run; `NSP_SEED` starts
//! elsewhere.

mod support;

use nsp::builtins::OpTable;
use nsp::check::scope::Binding;
use nsp::ir::FuncId;
use nsp::source::FileId;
use nsp::syntax;
use nsp::types::Type;
use nsp::vm::limits::code;
use nsp::{Limits, Session, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};
use support::gen_program;

static OPS: LazyLock<Arc<OpTable>> = LazyLock::new(|| Arc::new(OpTable::standard()));

/// What was seen of one program.
#[derive(Default)]
struct Seen {
    typed: bool,
    finished: bool,
    functions: u64,
    /// Functions that ran, as written and as raised, to a value.
    compared: u64,
}

fn session() -> Session {
    let mut session = Session::new(OPS.clone());
    let env = session.env_mut();
    env.out = Arc::new(Mutex::new(std::io::sink()));
    env.limits = Limits { ops: Some(20_000), memory: Some(16 << 20), depth: 100, time: None };
    session
}

/// Whether an error came before anything ran.
fn is_static(code: &str) -> bool {
    ["E00", "E01", "E02", "E03"].iter().any(|c| code.starts_with(c)) && code != "E0302"
}

fn text_of(seed: u64) -> String {
    if seed % 4 == 3 { gen_program::mutated(seed) } else { gen_program::program(seed) }
}

/// One program through all stages.
fn run(seed: u64) -> Seen {
    let text = text_of(seed);
    let mut seen = Seen::default();
    let mut s = session();
    match s.step("<generated>", &text) {
        Ok(outcome) => {
            nsp::vm::show(&outcome.value.value, &outcome.value.ty);
            outcome.tests.iter().for_each(|t| drop(s.run_test(t)));
            (seen.typed, seen.finished) = (true, true);
            for name in &outcome.bound {
                if let Some(id) = plain_function(&s, name) {
                    seen.functions += 1;
                    seen.compared += u64::from(raised_does_the_same(&s, name, id, seed));
                }
            }
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for e in &errors {
                nsp::diag::render::render(e, s.sources(), false);
            }
            seen.typed = !errors.iter().any(|e| is_static(e.code));
        }
    }
    if seen.typed {
        let parsed = syntax::parse(FileId(0), &text);
        let printed = syntax::print(&parsed.ast);
        let again = syntax::parse(FileId(0), &printed);
        assert!(again.errors.is_empty() && syntax::same(&parsed.ast, &again.ast), "printed: {printed}");
    }
    seen
}

/// The only specialisation of a function that is not generic.
fn plain_function(s: &Session, name: &str) -> Option<FuncId> {
    let Some(Binding::Def(def)) = s.scope().get(name) else { return None };
    let def = s.defs().get(*def);
    let scheme = nsp::check::defs::lock(&def.scheme).clone()?;
    if !scheme.vars.is_empty() {
        return None;
    }
    nsp::check::defs::lock(&def.instances).values().next().copied()
}

/// Raises a function, reads it again over the same scope, and runs both; whether they ran to a value.
fn raised_does_the_same(s: &Session, name: &str, id: FuncId, seed: u64) -> bool {
    let env = s.env();
    let func = env.library.get(id).expect("a function of this program").func;
    let source = nsp::ir::raise::to_source(&func, &env.ops, &env.library);
    let mut other = s.clone();
    if let Err(errors) = other.step("<raised>", &source) {
        // What settled the type of a hole outside a `let` may be a written type that is not kept.
        if errors[0].code == "E0301" {
            return false;
        }
        panic!("raised `{name}` does not check: {:?}\n{source}", errors[0]);
    }
    let again = plain_function(&other, name).unwrap_or_else(|| panic!("raised `{name}` became generic\n{source}"));
    let mut rng = StdRng::seed_from_u64(seed);
    let mut compared = false;
    for _ in 0..3 {
        let Some(args) = func.params.iter().map(|p| value(&p.ty, &mut rng)).collect::<Option<Vec<_>>>() else { break };
        let (a, b) = (s.call(&s.function(id), &args), other.call(&other.function(again), &args));
        match (&a, &b) {
            (Ok(x), Ok(y)) => {
                let (x, y) = (nsp::vm::show(x, &func.ret), nsp::vm::show(y, &func.ret));
                assert_eq!(x, y, "{name} of {args:?}, raised:\n{source}");
                compared = true;
            }
            // What is used may differ by the last operation.
            (Err(e), _) | (_, Err(e)) if is_limit(e.fail.code) => {}
            // Where they point differs: the texts do.
            (Err(x), Err(y)) => {
                let said = |e: &nsp::vm::RunError| (e.fail.code, e.fail.message.clone(), e.fail.help.clone());
                assert_eq!(said(x), said(y), "{name} of {args:?}, raised:\n{source}");
            }
            _ => panic!("{name} of {args:?} gives {a:?}, raised {b:?}\n{source}"),
        }
    }
    compared
}

fn is_limit(c: &str) -> bool {
    [code::OPS, code::MEMORY, code::DEPTH, code::TIME, code::CANCELLED].contains(&c)
}

/// A value of a type, if it is easily made.
fn value(ty: &Type, rng: &mut StdRng) -> Option<Value> {
    Some(match ty {
        Type::Unit => Value::Unit,
        Type::Int => Value::Int(rng.random_range(-3..9)),
        Type::Num => Value::Num(f64::from(rng.random_range(-8..20)) / 4.0),
        Type::Bool => Value::Bool(rng.random_range(0..2) == 0),
        Type::Str => Value::str(["", "a b", "Mia Sam", "12-3"][rng.random_range(0..4)]),
        Type::Range => Value::Range(Arc::new((rng.random_range(0..3), rng.random_range(0..6)))),
        Type::List(t) => {
            let n = rng.random_range(0..4);
            Value::list((0..n).map(|_| value(t, rng)).collect::<Option<_>>()?)
        }
        Type::Tuple(ts) => Value::tuple(ts.iter().map(|t| value(t, rng)).collect::<Option<_>>()?),
        Type::Record(fs) => Value::tuple(fs.iter().map(|f| value(&f.1, rng)).collect::<Option<_>>()?),
        Type::Fn(_) | Type::Con(_) | Type::Var(_) => return None,
    })
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn programs_survive_every_stage() {
    let count = number("NSP_PROGRAMS", if cfg!(debug_assertions) { 3_000 } else { 20_000 });
    let first = number("NSP_SEED", 0);
    let threads = number("NSP_THREADS", std::thread::available_parallelism().map_or(1, |n| n.get() as u64));
    let start = Instant::now();
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let [typed, whole, whole_typed, finished, functions, compared] = [const { AtomicU64::new(0) }; 6];
    let slowest = Mutex::new((Duration::ZERO, 0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let began = Instant::now();
                    match catch_unwind(AssertUnwindSafe(|| run(seed))) {
                        Ok(seen) => {
                            let add = |a: &AtomicU64, n: u64| a.fetch_add(n, Ordering::Relaxed);
                            let is_whole = seed % 4 != 3;
                            add(&typed, u64::from(seen.typed));
                            add(&whole, u64::from(is_whole));
                            add(&whole_typed, u64::from(is_whole && seen.typed));
                            add(&finished, u64::from(seen.finished));
                            add(&functions, seen.functions);
                            add(&compared, seen.compared);
                        }
                        Err(panic) => {
                            let what = panic
                                .downcast_ref::<String>()
                                .cloned()
                                .or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()))
                                .unwrap_or_default();
                            failures.lock().unwrap().push((seed, what));
                        }
                    }
                    let took = began.elapsed();
                    let mut slow = slowest.lock().unwrap();
                    if took > slow.0 {
                        *slow = (took, seed);
                    }
                }
            });
        }
    });
    let [typed, whole, whole_typed, finished, functions, compared] =
        [typed, whole, whole_typed, finished, functions, compared].map(AtomicU64::into_inner);
    let (slow, seed) = slowest.into_inner().unwrap();
    println!(
        "{count} programs in {:.1} s: {typed} check ({whole_typed} of the {whole} unmutated), {finished} run to a value; \
         {functions} functions raised, {compared} of them compared by running; slowest {slow:.1?} (seed {seed})",
        start.elapsed().as_secs_f64()
    );
    let failures = failures.into_inner().unwrap();
    for (seed, what) in failures.iter().take(5) {
        println!("---- seed {seed}: {what}\n{}", text_of(*seed));
    }
    assert!(
        failures.is_empty(),
        "{} programs fail: {:?}",
        failures.len(),
        failures.iter().map(|f| f.0).take(50).collect::<Vec<_>>()
    );
    assert!(typed * 2 > count, "only {typed} of {count} check");
}

/// What is hard to write back.
#[test]
fn functions_raised_by_hand() {
    let functions = [
        "fn f(a: int) { let x = 1; { let x = 2; print(x) }; x + a }",
        "fn f(a: int) { var x = 1; { var x = 2; x = 3 }; x += a; x }",
        "fn f(a: int) { let x = a; if a > 0 { let x = 5; print(x) }; x }",
        "fn f(a: int) { let x: num = a; str(x) }",
        "fn f(a: int) { let xs: [num] = [a, 1]; str(xs) }",
        "fn f(a: int) { let t: (num, int) = (a, a); str(t) }",
        "fn f(a: int) { var x: num = a; x = a; x += 1; str(x) }",
        "fn f(a: int) -> (num, str) { (a, str(a)) }",
        "fn f(a: int) -> [num] { for i in 0..a { i } }",
        "fn f(a: int) { str([a, 1.5]) }",
        "fn f(a: int) { str(if a > 1 { a } else { 1.5 }) }",
        "fn f(a: int) { fn(x: num) { str(x) }(a) }",
        "fn f(a: int) { let g = fn(x: num) { str(x) }; g(a) }",
        "fn f(a: int) { let a = a + 1; let a = a * 2; a }",
        "fn f(a: int) { let g = fn() { a }; let a = 7; g() + a }",
        "fn f(a: int) { for a in 0..a { a } }",
        "fn f(a: int) { let (x, y) = (a, a + 1); let (y, x) = (x, y); x * 10 + y }",
        "fn f(a: int) { var r = (x: [(1, 2)], y: a); r.x[0][1] = a; r.y += 1; r }",
        "fn f(a: int) { var n = 0; while true { n += 1; if n > a { break }; if n == 1 { continue } }; n }",
        "fn f(a: int) { if a > 1 { return 5 }; a }",
        "fn f(a: int) { let x = { let y = a; y + 1 }; x }",
        "fn f(a: int) { let x = if a > 0 { let y = a; y } else { 0 }; x }",
        "fn f(a: int) { let xs: [str] = []; len(xs) + a }",
        "fn f(a: int) { len(push([], a)) }",
        "fn f(a: int) -> int { -a - -1 - (-9223372036854775807 - 1) }",
        "fn f(a: int) { (-a) ^ 2 + -a ^ 2 }",
        "fn f(a: num) { str(-0.0) + str(a) + str(1e300) + str(nan) + str(-inf) + str(22.5deg) }",
        "fn f(a: int) { a |> fn(x: int) { x + 1 } }",
        "fn f(a: int) { map([a], fn(x) { x + a }) |> sum }",
        "fn f(a: int) { ??{a | a + 1} }",
        "fn f(a: int) -> int { 1 + ??(0..5) }",
        "fn f(a: int) { ??op{+ | -}(a, 1) }",
        "fn f(a: int) { for i in 0..a, j in i..a { (i, j) } }",
        "fn f(a: int) { for c in \"abc\" { c + str(a) } }",
        "fn f(a: int) { let s = \"x\"; s.upper() + \"\\u{1f600}\\n\\\"\" }",
        "fn f(a: bool, b: int) -> bool { a and b > 1 or not a }",
        "fn f(a: int) { rect(a, 1, 2, 3) == rect(a, 1, 2, 3, 0deg) }",
        "fn f(a: int) { let sum = a; let len = 2; sum + len }",
        "fn f(a: int) { print(a) }",
        "fn f(a: int) { let _ = a; _1(a) }\nfn _1(x: int) { x }",
        "fn f(a: int) { let (_, y) = (a, 2); let _1 = 5; y + _1 }",
        "/// One.\n///\n/// Three.\nfn f(a: int) { a }",
        "fn f(f: int) { f }",
        "fn f(a: int) { let f = 1; f + a }",
        "fn g(x) { (x, x) }\nfn f(a: int) { g(a)[0] + len(g(\"a\")[1]) }",
        "fn f(a: int) -> int { if a <= 0 { 0 } else { f(a - 1) + 1 } }",
    ];
    let mut wrong = Vec::new();
    for text in functions {
        let mut s = session();
        if let Err(e) = s.step("<hand>", text) {
            wrong.push(format!("{text}: {:?}", e[0]));
            continue;
        }
        let id = plain_function(&s, "f").expect(text);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| raised_does_the_same(&s, "f", id, 1))) {
            wrong.push(format!("{text}: {}", panic.downcast_ref::<String>().map_or("?", |s| s)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// `NSP_SHOW=7 cargo test --test generated -- --nocapture show` prints a program and what comes of it.
#[test]
fn show_one() {
    let Ok(seed) = std::env::var("NSP_SHOW") else { return };
    for seed in seed.split(',').filter_map(|s| s.parse().ok()) {
        let text = text_of(seed);
        println!("---- {seed}\n{text}");
        match session().step("<generated>", &text) {
            Ok(o) => println!("=> {}", nsp::vm::show(&o.value.value, &o.value.ty)),
            Err(e) => println!("=> {e:?}"),
        }
    }
}
