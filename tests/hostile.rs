//! Programs made to break the language: each ends with a value or an error that has a place, in a moment, also on a
//! small stack; each way of using too much ends in its own error.

use nsp::{Limits, Session};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How a program ends: its value as shown, or the code of its first error.
#[derive(Debug, PartialEq)]
enum End {
    Value(String),
    Error(&'static str),
}

fn session(limits: Limits) -> Session {
    let mut s = Session::default();
    s.env_mut().out = Arc::new(Mutex::new(std::io::sink()));
    s.env_mut().limits = limits;
    s
}

fn limits() -> Limits {
    // A debug build needs more time; each test says how long it took.
    Limits { time: None, ..Limits::untrusted() }
}

/// Steps through a text, shows what it gives, drops all of it.
fn end_of(s: &mut Session, text: &str) -> End {
    match s.step("<hostile>", text) {
        Ok(o) => {
            o.tests.iter().for_each(|t| drop(s.run_test(t)));
            End::Value(nsp::vm::show(&o.value.value, &o.value.ty))
        }
        Err(errors) => {
            let e = &errors[0];
            assert!(!e.labels.is_empty() && s.sources().get(e.span().file).is_some(), "{e:?} has no place");
            for e in &errors {
                nsp::diag::render::render(e, s.sources(), false);
            }
            End::Error(e.code)
        }
    }
}

/// Runs a text on a usual stack and on one of 512 KB.
fn run_within(name: &str, text: &str, limits: Limits) -> End {
    let on_stack = |size: usize| {
        let (name, text, limits) = (name.to_string(), text.to_string(), limits.clone());
        let work = move || {
            let start = Instant::now();
            let mut s = session(limits);
            let end = end_of(&mut s, &text);
            drop(s);
            let took = start.elapsed();
            let shown = match &end {
                End::Value(v) => v.chars().take(60).collect(),
                End::Error(c) => c.to_string(),
            };
            println!("{name}: {took:.1?} {shown}");
            // Loose: the machine may be busy. The times printed are those of interest.
            let bound = if cfg!(debug_assertions) { 60 } else { 5 };
            assert!(took < Duration::from_secs(bound), "{name} took {took:?}");
            end
        };
        std::thread::Builder::new().stack_size(size).spawn(work).unwrap().join().unwrap()
    };
    let (small, usual) = (on_stack(512 * 1024), on_stack(2 << 20));
    assert_eq!(small, usual, "{name}: the stack's size matters");
    small
}

#[track_caller]
fn ends(name: &str, text: &str) -> End {
    run_within(name, text, limits())
}

#[track_caller]
fn fails(name: &str, text: &str, code: &str) {
    match ends(name, text) {
        End::Error(c) if c == code => {}
        other => panic!("{name}: expected {code}, found {other:.300?}"),
    }
}

/// As it is for strangers, the clock included.
#[track_caller]
fn soon(name: &str, text: &str) {
    let mut s = session(Limits::untrusted());
    let start = Instant::now();
    let end = end_of(&mut s, text);
    let took = start.elapsed();
    println!("{name}: {took:.1?} {}", if let End::Error(c) = end { c } else { "value" });
    let bound = if cfg!(debug_assertions) { 60 } else { 5 };
    assert!(took < Duration::from_secs(bound), "{name} took {took:?}");
}

/// Ends by a bound on operations, memory or sizes: which one comes first does not matter.
#[track_caller]
fn stops(name: &str, text: &str) {
    match ends(name, text) {
        End::Error("E0501" | "E0502" | "E0442") => {}
        other => panic!("{name}: {other:.300?}"),
    }
}

#[track_caller]
fn error(name: &str, text: &str) {
    let end = ends(name, text);
    assert!(matches!(end, End::Error(_)), "{name}: {end:.300?}");
}

#[track_caller]
fn value(name: &str, text: &str, shown: &str) {
    match ends(name, text) {
        End::Value(v) if v == shown => {}
        other => panic!("{name}: expected {shown}, found {other:.300?}"),
    }
}

const N: usize = 100_000;

// ---- deep and long texts

#[test]
fn deep_texts() {
    error("parentheses", &("(".repeat(N) + "1" + &")".repeat(N)));
    error("lists", &("[".repeat(N) + &"]".repeat(N)));
    error("blocks", &("{".repeat(N) + "1" + &"}".repeat(N)));
    error("minuses", &("-".repeat(N) + "1"));
    error("ifs", &("if true { ".repeat(N) + "1" + &" } else { 2 }".repeat(N)));
    error("open ifs", &"if ".repeat(N));
    error("else ifs", &("if false { 1 }".to_string() + &" else if false { 1 }".repeat(N) + " else { 2 }"));
    error("sum", &("1".to_string() + &" + 1".repeat(N)));
    error("lambdas", &("fn() { ".repeat(N) + "1" + &" }".repeat(N)));
    error("calls", &("abs(".repeat(N) + "1" + &")".repeat(N)));
    error("pipes", &("1".to_string() + &" |> abs".repeat(N)));
    error("types", &("let x: ".to_string() + &"[".repeat(N) + "int" + &"]".repeat(N) + " = []"));
    error("choices", &("??{".repeat(N) + "1" + &"}".repeat(N)));
}

#[test]
fn just_within_the_depth() {
    value("parentheses", &("(".repeat(900) + "1" + &")".repeat(900)), "1");
    value("minuses", &("-".repeat(1_800) + "1"), "1");
    value("sum", &("1".to_string() + &" + 1".repeat(1_800)), "1801");
    ends("blocks", &("{".repeat(900) + "1" + &"}".repeat(900)));
    ends("ifs", &("if true { ".repeat(450) + "1" + &" } else { 2 }".repeat(450)));
    ends("else ifs", &("if false { 1 }".to_string() + &" else if false { 1 }".repeat(900) + " else { 2 }"));
    ends("lists", &("[".repeat(900) + "1" + &"]".repeat(900)));
    ends("list of 90", &("[".repeat(90) + "1" + &"]".repeat(90)));
    ends("tuples", &("(".repeat(900) + "1" + &",)".repeat(900)));
    ends("records", &("(x: ".repeat(900) + "1" + &")".repeat(900)));
    ends("calls", &("abs(".repeat(900) + "1" + &")".repeat(900)));
    ends("pipes", &("1".to_string() + &" |> abs".repeat(1_800)));
    ends("methods", &("1".to_string() + &".abs()".repeat(900)));
    ends("lambdas", &("fn() { ".repeat(900) + "1" + &" }".repeat(900)));
    ends("lambdas of one variable", &("let x = 1; ".to_string() + &"fn() { ".repeat(400) + "x" + &" }".repeat(400)));
    ends("lambdas with parameters", &("fn(x) { ".repeat(400) + "x" + &" }".repeat(400)));
    ends("called lambdas", &("(fn() { ".repeat(400) + "1" + &" })()".repeat(400)));
    ends("strings", &("\"\"".to_string() + &" + \"a\"".repeat(1_800)));
    ends("ands", &("true".to_string() + &" and true".repeat(1_800)));
    ends("loops", &("for i in 0..1 { ".repeat(400) + "1" + &" }".repeat(400)));
    ends("whiles", &("while false { ".repeat(900) + "1" + &" }".repeat(900)));
    ends("choices", &("??{".repeat(900) + "1 | 2" + &"}".repeat(900)));
    ends("holes", &("??f(".repeat(900) + "1" + &")".repeat(900)));
    ends("named choices", &("??f{+ | -}(1, ".repeat(900) + "1" + &")".repeat(900)));
    ends("powers", &("1".to_string() + &" ^ 1".repeat(900)));
    ends("indices", &("x".to_string() + &"[0]".repeat(1_800)));
    ends("fields", &("x".to_string() + &".x".repeat(1_800)));
}

#[test]
fn long_lines() {
    let n = 1_000_000;
    error("name", &"a".repeat(n));
    ends("text", &format!("\"{}\"", "a".repeat(n)));
    ends("comment", &format!("//{}", "a".repeat(n)));
    error("digits", &"9".repeat(n));
    ends("fraction", &format!("0.{}", "3".repeat(n)));
    ends("300,000 ints", &format!("[{}1]", "1, ".repeat(300_000)));
    ends("100,000 texts", &format!("[{}\"\"]", "\"ab\", ".repeat(100_000)));
    ends("100,000 statements", &"1; ".repeat(N));
    ends("30,000 additions", &("var x = 0; ".to_string() + &"x += 1; ".repeat(30_000) + "x"));
    ends("100,000 lets of one name", &"let x = 1; ".repeat(N));
    ends("30,000 lets", &(0..30_000).map(|i| format!("let x{i} = {i}; ")).collect::<String>());
    ends("100,000 unknown names", &(0..N).map(|i| format!("x{i}; ")).collect::<String>());
    ends("20,000 functions", &(0..20_000).map(|i| format!("fn f{i}() {{ {i} }}\n")).collect::<String>());
    ends("100,000 arguments", &format!("max({}1)", "1, ".repeat(N)));
    ends("10,000 parameters", &format!("fn f({}) {{ 1 }}", (0..10_000).map(|i| format!("p{i}, ")).collect::<String>()));
    ends("10,000 fields", &format!("({})", (0..10_000).map(|i| format!("p{i}: 1, ")).collect::<String>()));
    ends("100,000 parts", &format!("({}1)", "1, ".repeat(N)));
    ends("100,000 choices", &format!("??{{{}1}}", "1 | ".repeat(N)));
    ends(
        "10,000 binders",
        &format!("for {}z in 0..1 {{ 1 }}", (0..10_000).map(|i| format!("b{i} in 0..1, ")).collect::<String>()),
    );
}

#[test]
fn many_locals() {
    let lets = |n: usize| (0..n).map(|i| format!("let v{i} = {i} + a\n")).collect::<String>();
    let sum = |n: usize| (0..n).map(|i| format!("v{i}")).collect::<Vec<_>>().join(" + ");
    value("100 locals", &format!("fn f(a: int) {{\n{}{}\n}}\nf(1)", lets(100), sum(100)), "5050");
    ends("300 locals", &format!("fn f(a: int) {{\n{}{}\n}}\nf(1)", lets(300), sum(300)));
    let texts = (0..300).map(|i| format!("let v{i} = a + \"{i}\"\n")).collect::<String>();
    ends("300 texts", &format!("fn f(a: str) {{\n{texts}{}\n}}\nlen(f(\"1\"))", sum(300)));
    value("a top level of 1,000", &format!("let a = 1\n{}v999 + v0", lets(1_000)), "1001");
    ends("300 parameters", &format!("fn f({}) {{ p0 }}", (0..300).map(|i| format!("p{i}: int, ")).collect::<String>()));
    ends(
        "a call with 300 arguments",
        &format!(
            "fn f({}) {{ p0 }}\nf({})",
            (0..300).map(|i| format!("p{i}: int, ")).collect::<String>(),
            (0..300).map(|i| format!("{i}, ")).collect::<String>()
        ),
    );
    ends(
        "300 captures",
        &format!(
            "{}let f = fn() {{ {} }}\nf()",
            (0..300).map(|i| format!("var v{i} = {i}\n")).collect::<String>(),
            sum(300)
        ),
    );
    ends("a tuple of 300", &format!("let t = ({})\nt[299]", (0..300).map(|i| format!("{i}, ")).collect::<String>()));
}

// ---- types

#[test]
fn large_types() {
    let doubling = |make: &str| {
        let mut text = String::from("let a0 = (1, 1)\n");
        for i in 1..100 {
            text += &format!("let a{i} = {}\n", make.replace('@', &format!("a{}", i - 1)));
        }
        text
    };
    fails("pairs of pairs", &doubling("(@, @)"), "E0207");
    fails("records of records", &doubling("(x: @, y: @)"), "E0207");
    fails("functions of functions", &doubling("fn(x) { if true { (@, @) } else { x } }"), "E0207");
    error("nested pairs", &("fn pair(x) { (x, x) }\n".to_string() + &"pair(".repeat(100) + "1" + &")".repeat(100)));
    let mut chain = String::from("fn f0(x) { (x, x) }\n");
    for i in 1..60 {
        chain += &format!("fn f{i}(x) {{ f{0}(f{0}(x)) }}\n", i - 1);
    }
    ends("a chain of generic functions", &chain);
    ends("and its use", &(chain.clone() + "f59(1)"));
    ends("a chain of lambdas", &{
        let mut text = String::from("let f0 = fn(x) { (x, x) }\n");
        for i in 1..30 {
            text += &format!("let f{i} = fn(x) {{ f{0}(f{0}(x)) }}\n", i - 1);
        }
        text + "f29"
    });
    error("a list of itself", "var xs = []; xs = [xs]; xs");
    error("applied to itself", "fn f(x) { x(x) }\nf(f)");
    error("polymorphic recursion", "fn f(x, n) { if n == 0 { 0 } else { f((x, x), n - 1) } }\nf(1, 3)");
    ends(
        "written polymorphic recursion",
        "fn f(x: A, n: int) -> int { if n == 0 { 0 } else { f((x, x), n - 1) } }\nf(1, 3)",
    );
    ends("growing list types", "fn f(x: A, n: int) -> int { if n == 0 { 0 } else { f([x], n - 1) } }\nf(1, 3)");
    ends("many overloads", &("fn f(a, b) { ".to_string() + &"a + b; ".repeat(2_000) + "a }\nf(1, 2)"));
    ends(
        "open overloads",
        &format!("fn f(a) {{ {}a }}", (0..300).map(|i| format!("let v{i} = a + a; ")).collect::<String>()),
    );
    ends("a chain of open overloads", &{
        let mut text = String::from("fn f(a) {\nlet v0 = a + a\n");
        for i in 1..80 {
            text += &format!("let v{i} = v{0} + v{0}\n", i - 1);
        }
        text + "v79 }\nf(1)"
    });
    ends("a sum of unknowns", &format!("fn f(a) {{ a{} }}\nf(1)", " + a".repeat(800)));
    ends("unknown fields", &format!("fn f(a) {{ a{} }}", ".x".repeat(300)));
    let depth = 90;
    ends("a deep type", &format!("fn f(x: {}int{}) {{ x }}", "[".repeat(depth), "]".repeat(depth)));
    let wide = format!("({})", "int, ".repeat(4_000));
    ends("a wide type", &format!("fn f(x: {wide}, y: {wide}) {{ (x, y) }}"));
}

#[test]
fn many_instances() {
    let mut text = String::from("fn pair(x, y) { (x, y) }\n");
    for i in 0..2_000 {
        text += &format!("pair((a{i}: 1), 1)\n");
    }
    ends("2,000 specialisations", &text);
    let mut each = String::from("fn f0(x) { x }\n");
    for i in 1..300 {
        each += &format!("fn f{i}(x) {{ f{}(x) }}\n", i - 1);
    }
    for (i, ty) in ["1", "1.5", "\"\"", "true", "[1]", "(1, 2)"].iter().enumerate() {
        each += &format!("let r{i} = f299({ty})\n");
    }
    ends("a tower at six types", &each);
}

#[test]
fn recursion() {
    fails("endless", "fn f(n: int) -> int { 1 + f(n) }\nf(0)", "E0503");
    fails("mutual", "fn f(n: int) -> int { g(n) + 1 }\nfn g(n: int) -> int { f(n) + 1 }\nf(0)", "E0503");
    fails("through a builtin", "fn f(n: int) -> [int] { map([n], fn(x) { f(x)[0] }) }\nf(0)", "E0503");
    error("inferred", "fn f(n) { g(n) }\nfn g(n) { f(n) }\nf(0)");
    let deep = Limits { depth: 1_000_000, ..limits() };
    let end =
        run_within("a million deep", "fn f(n: int) -> int { if n == 0 { 0 } else { 1 + f(n - 1) } }\nf(900000)", deep);
    assert_eq!(end, End::Value("900000".into()));
    // The checker of a debug build is some thirty times slower.
    let (around, along) = if cfg!(debug_assertions) { (150, 400) } else { (1_000, 3_000) };
    let mut ring = String::new();
    for i in 0..around {
        ring += &format!("fn f{i}(n) {{ if n == 0 {{ 0 }} else {{ f{}(n - 1) }} }}\n", (i + 1) % around);
    }
    ends("a ring", &(ring + "f0(50)"));
    let mut line = String::from("fn f0(n) { n }\n");
    for i in 1..along {
        line += &format!("fn f{i}(n) {{ f{}(n) }}\n", i - 1);
    }
    ends("a line", &(line.clone() + "f100(1)"));
    let backwards: Vec<&str> = line.lines().rev().collect();
    ends("a line, the last first", &(backwards.join("\n") + "\nf100(1)"));
}

// ---- odd texts

#[test]
fn odd_texts() {
    ends("nothing", "");
    ends("NUL", "\0");
    ends("NULs", &"\0".repeat(10_000));
    ends("NUL in a text", "\"a\0b\"");
    ends("byte order mark", "\u{feff}1");
    ends("controls", "\u{1}\u{7f}\u{85}\u{2028}");
    ends("emoji", "let 😀 = 1");
    ends("combining", "\"e\u{301}\"[0]");
    error("a huge int", "9223372036854775808");
    error("a huger int", "99999999999999999999999999999999999999");
    value("the least int", "-9223372036854775807 - 1", "-9223372036854775808");
    fails("overflow", "9223372036854775807 + 1", "E0401");
    error("overflow of minus", "let a = -9223372036854775807 - 1; -a");
    error("overflow of abs", "abs(-9223372036854775807 - 1)");
    error("overflow of div", "div(-9223372036854775807 - 1, -1)");
    ends("rest of the least int", "(-9223372036854775807 - 1) % -1");
    error("division by zero", "1 % 0");
    ends("1e999", "1e999");
    ends("int of inf", "int(inf)");
    ends("round", "round(1.5, 400)");
    ends("round down", "round(1.5, -400)");
    ends("power", "2 ^ 9223372036854775807");
    ends("negative power", "2 ^ -1");
    ends("lcm", "lcm(9223372036854775807, 9223372036854775806)");
    ends("gcd of the least int", "gcd(-9223372036854775807 - 1, -9223372036854775807 - 1)");
    ends("clamp", "clamp(1, 5, 2)");
    ends("clamp nan", "clamp(1.0, nan, 2.0)");
    ends("a code", "from_code(-1)");
    ends("a surrogate", "from_code(55296)");
    ends("range of all", "len(-9223372036854775807..9223372036854775807)");
    ends("a range to the end", "for i in 9223372036854775805..=9223372036854775807 { i }");
    ends("sum of a range to the end", "var s = 0; for i in 9223372036854775806..=9223372036854775807 { s = i }; s");
    ends("a slice backwards", "[1, 2, 3][2..1]");
    ends("a slice of text", "\"añb\"[1..9223372036854775807]");
    ends("pads", "pad_left(\"a\", 9223372036854775807)");
    ends("negative pads", "pad_left(\"a\", -5)");
    ends("empty pad", "pad_left(\"a\", 5, \"\")");
    ends("random", "random_ints(1, 5, 3, 3)");
    ends("random range", "random_ints(1, 5, -9223372036854775807, 9223372036854775807)");
    ends("negative random", "random(1, -5)");
    ends("substring", "sub_str(\"abc\", -9223372036854775807, 9223372036854775807)");
    ends("token", "get_token(\"a b\", WORD, -9223372036854775807 - 1)");
    ends("crop", "crop(blank(2, 2), -9223372036854775807, 9223372036854775807, 1, 1)");
    ends("paste", "paste(blank(2, 2), blank(2, 2), 9223372036854775807, -9223372036854775807)");
    ends("pixel", "pixel(blank(2, 2), 9223372036854775807, 0)");
    ends("histogram", "histogram(blank(2, 2), 9223372036854775807)");
    ends("ascii", "ascii(blank(2, 2), 9223372036854775807)");
    ends("a grid", "grid(9223372036854775807, 9223372036854775807, 9223372036854775807, 2, 9223372036854775807, 1)");
    ends("a tile", "tile(blank(4, 4), grid_of(blank(4, 4), 2), 9223372036854775807, -9223372036854775807)");
    ends("draw", "picture(grid(2, 2, 2, 2), [draw(9223372036854775807, -9223372036854775807 - 1, blank(1, 1))])");
    ends("voxel", "voxel(voxels(sphere(1, 1, 1, 1), 2), 9223372036854775807, 0, 0)");
    ends(
        "nan shapes",
        "render(circle(nan, inf, -inf) + rect(nan, 0, inf, nan) + polygon([(nan, inf), (inf, nan), (0, 0)]), 8)",
    );
    ends("tiny shapes", "render(scale(circle(1e300, -1e300, 1e-300), 1e300), 8)");
    ends("a scale of zero", "render(scale(circle(1, 1, 1), 0), 8)");
    ends("a nan frame", "render(circle(1, 1, 1), 8, frame: (nan, inf, -inf, 0))");
    ends("an empty frame", "render(circle(1, 1, 1), 8, frame: (1, 1, 1, 1))");
    ends("json", "parse_json(\"1e999\")");
    ends("a json number", "as_int(parse_json(\"9223372036854775808\"))");
    ends("csv", "parse_csv(\"a,b\\n1\\n1,2,3\\n\\\"\")");
    ends("transpose", "transpose([[1], [2, 3], []])");
    ends("chunks", "chunks([1, 2, 3], 0)");
    ends("hole", "??");
    ends("fill", "fn f(s: str) -> str { ?? }\nfill(f, [(\"a\", \"a\")], seconds: 0.1)");
    ends("fill for ever", "fn f(s: str) -> str { ?? }\nfill(f, [(\"a\", \"zq\"), (\"b\", \"zzq\")], seconds: inf)");
    ends("source", "source(map)");
    ends("printing itself", "let f = fn(x: int) { x }; print(f); str(f)");
}

// ---- deep data

#[test]
fn deep_data() {
    let generous = Limits { ops: Some(50_000_000), memory: Some(512 << 20), ..limits() };
    let deep = |name: &str, text: &str| run_within(name, text, generous.clone());
    deep("closures", "var f = fn() { 0 }; for i in 0..100000 { let g = f; f = fn() { 1 + g() } }; f");
    deep("closures in lists", "var f = fn() { 0 }; for i in 0..100000 { let g = [f]; f = fn() { g[0]() } }; f");
    deep(
        "closures in tuples",
        "var f = (fn() { 0 }, 1); for i in 0..100000 { let g = f; f = (fn() { g[0]() }, 2) }; f",
    );
    deep("closures called", "var f = fn() { 0 }; for i in 0..100000 { let g = f; f = fn() { 1 + g() } }; f()");
    deep("composed", "var f = fn(x: int) { x }; for i in 0..100000 { f = compose(f, fn(x: int) { x + 1 }) }; f");
    deep("unions", "var s = circle(0, 0, 1); for i in 0..100000 { s = s + circle(i, 0, 1) }; s");
    deep("unions to the right", "var s = circle(0, 0, 1); for i in 0..100000 { s = circle(i, 0, 1) + s }; s");
    deep("unions drawn", "var s = circle(0, 0, 1); for i in 0..100000 { s = s + circle(i, 0, 1) }; render(s, 8)");
    deep(
        "differences compared",
        "var s = circle(0, 0, 1); var t = circle(0, 0, 1); for i in 0..100000 { s = s - circle(i, 0, 1); t = t - circle(i, 0, 1) }; s == t",
    );
    deep("moves", "var s = circle(0, 0, 1); for i in 0..100000 { s = translate(s, 1, 0) }; s");
    deep("moves drawn", "var s = circle(0, 0, 1); for i in 0..100000 { s = translate(s, 1, 0) }; render(s, 8)");
    deep("moves bounded", "var s = circle(0, 0, 1); for i in 0..100000 { s = translate(s, 1, 0) }; bounds(s)");
    deep("doubled shapes", "var s = circle(0, 0, 1); for i in 0..60 { s = s + s }; s");
    deep("doubled shapes drawn", "var s = circle(0, 0, 1); for i in 0..60 { s = s + s }; render(s, 8)");
    deep("doubled shapes bounded", "var s = circle(0, 0, 1); for i in 0..60 { s = translate(s, 1, 1) + s }; bounds(s)");
    deep(
        "doubled shapes compared",
        "var s = circle(0, 0, 1); var t = circle(0, 0, 1); for i in 0..60 { s = s + s; t = t + t }; s == t",
    );
    deep("doubled shapes in a list", "var s = circle(0, 0, 1); for i in 0..60 { s = s + s }; unique([s, s])");
    deep("doubled lists", "var xs = [[1]]; for i in 0..60 { xs = xs + xs }; len(xs)");
    deep("repeated repeats", "var s = circle(0, 0, 1); for i in 0..40 { s = repeat(s, 1000, 1, 0) }; inside(s, 1, 1)");
    deep("repeats", "render(repeat(circle(0, 0, 1), 1000000000, 1, 0), 16)");
    deep("repeats shown", "repeat(repeat(circle(0, 0, 1), 1000000000, 1, 0), 1000000000, 0, 1)");
    deep("repeats in space", "voxels(repeat(repeat(sphere(0, 0, 0, 1), 1000000000, 1, 0, 0), 1000000000, 0, 1, 0), 8)");
    deep("flips", "var s = circle(0, 0, 1); for i in 0..100 { s = flip_union(s, i, 0, 30deg) }; render(s, 16)");
    deep("solids", "var s = sphere(0, 0, 0, 1); for i in 0..100000 { s = s + sphere(i, 0, 0, 1) }; s");
    deep("solids filled", "var s = sphere(0, 0, 0, 1); for i in 0..60 { s = s + s }; volume(voxels(s, 8))");
    deep("json", "var j = json(1); for i in 0..100000 { j = json([j]) }; j");
    deep("json written", "var j = json(1); for i in 0..100000 { j = json([j]) }; len(to_json(j))");
    deep("json written prettily", "var j = json(1); for i in 0..100000 { j = json([j]) }; len(to_json(j, true))");
    deep(
        "json compared",
        "var j = json(1); var k = json(1); for i in 0..100000 { j = json([j]); k = json([k]) }; j == k",
    );
    deep("json objects", "var j = json(1); for i in 0..100000 { j = json_object([\"k\"], [j]) }; j");
    deep("doubled json", "var j = json(1); for i in 0..60 { j = json([j, j]) }; j == j");
    deep("doubled json written", "var j = json(1); for i in 0..60 { j = json([j, j]) }; to_json(j)");
    deep("json read", "parse_json(repeat_str(\"[\", 100000) + repeat_str(\"]\", 100000))");
    deep("json objects read", "parse_json(repeat_str(\"{\\\"a\\\":\", 100000))");
    deep("a long list", "list(0..100000)");
    deep("lists compared", "list(0..100000) == list(0..100000)");
    deep("a long text", "repeat_str(\"a\\n\", 100000)");
}

/// A value too large to be written out is not.
#[test]
fn values_that_are_shown() {
    let end = ends("doubled shapes", "var s = circle(0, 0, 1); for i in 0..60 { s = s + s }; s");
    assert!(matches!(&end, End::Value(v) if v.len() < 10_000_000), "shown at length");
}

// ---- limits

#[test]
fn each_limit_has_its_own_error() {
    fails("endless loop", "while true { }", "E0501");
    fails("endless for", "for i in 0..9223372036854775807 { }", "E0501");
    fails("endless recursion", "fn f(n: int) -> int { f(n) + 1 }\nf(0)", "E0503");
    fails("doubling text", "var s = \"ab\"; while true { s = s + s }", "E0502");
    fails("doubling list", "var xs = [1]; while true { xs = xs + xs }", "E0502");
    fails("growing list", "var xs = [0]; while true { xs = push(xs, 1) }", "E0502");
    fails("many texts", "var xs = [\"\"]; while true { xs = push(xs, repeat_str(\"x\", 1000)) }", "E0502");
    stops("a huge image", "blank(100000, 100000)");
    stops("a large image", "var xs = [blank(1, 1)]; for i in 0..100 { xs = push(xs, blank(4000, 4000)) }");
    stops("images", "var xs = [blank(1, 1)]; while true { xs = push(xs, blank(1000, 1000)) }");
    stops("a range as a list", "list(0..9223372036854775807)");
    stops("a collecting loop", "for i in 0..9223372036854775807 { i }");
    stops("repeat_str", "repeat_str(\"ab\", 9223372036854775807)");
    stops("repeat_list", "repeat_list([1, 2], 9223372036854775807)");
    stops("join", "let s = repeat_str(\"x\", 1000000); join(repeat_list([s], 1000000), s)");
    stops("replace", "let s = repeat_str(\"x\", 1000000); replace(s, \"x\", s)");
    stops("pad", "pad_left(\"\", 1000000000000)");
    stops("random", "random(1, 1000000000000)");
    stops("split", "let s = repeat_str(\"x,\", 10000000); split(s, \",\")");
    stops("chars", "chars(repeat_str(\"x\", 50000000))");
    stops("voxels", "voxels(sphere(0, 0, 0, 1), 100000)");
    stops("a picture", "picture(grid(100000, 100000, 100, 100), [draw(1, 1, blank(1, 1))])");
    stops("resize", "resize(blank(1, 1), 1000000, 1000000)");
    stops("flatten", "let xs = list(0..100000); flatten(repeat_list([xs], 1000000))");
    fails("closures", "var f = fn() { 0 }; while true { let g = f; f = fn() { g() } }", "E0502");
    fails("shapes", "var s = circle(0, 0, 1); while true { s = s + circle(1, 2, 3) }", "E0502");
    fails("deep json", "var j = json(1); while true { j = json([j]) }", "E0400");
    ends("json", "var js = [json(1)]; while true { js = push(js, json(js)) }");
    fails("nested loops", "for a in 0..1000, b in 0..1000, c in 0..1000 { }", "E0501");
}

/// What takes long inside one builtin counts as operations, or looks at the clock, or is quick.
#[test]
fn work_inside_builtins() {
    soon("a large sort", "let xs = random(1, 1000000); len(sort(xs))");
    soon("sorts", "let xs = random(1, 100000); while true { sort(xs) }");
    soon("comparing", "let xs = list(0..1000000); let ys = xs + [1]; let zs = xs + [1]; while true { ys == zs }");
    soon("unique texts", "let s = repeat_str(\"x\", 10000); len(unique(repeat_list([s], 100000)))");
    soon("index_of", "let xs = list(0..1000000); while true { index_of(xs, -1) }");
    soon("contains", "let s = repeat_str(\"a\", 1000000); contains(s, repeat_str(\"a\", 500000) + \"b\")");
    soon("replace of nothing", "let s = repeat_str(\"a\", 1000000); replace(s, \"\", \"b\")");
    soon("tokens", "let s = repeat_str(\"a 1 \", 1000000); get_token(s, WORD, 900000)");
    soon("tokens for ever", "let s = repeat_str(\"a 1 \", 100000); while true { get_all(s, NUMBER) }");
    soon("substitute", "let s = repeat_str(\"a 1 \", 100000); substitute_all(s, WORD, s)");
    soon("rendering", "let s = circle(0, 0, 1); while true { render(s, 1000) }");
    soon("rendering much", "render(repeat(repeat(circle(0, 0, 1), 1000000000, 1, 0), 1000000000, 0, 1), 1000)");
    soon("rendering smoothly", "render_smooth(circle(500, 500, 300), 1000, 1000, (0, 0, 1000, 1000), 1000000)");
    soon("unions", "var s = circle(0, 0, 1); for i in 0..1000 { s = s + circle(i, i, 3) }; render(s, 1000)");
    soon("polygons", "let p = for i in 0..100000 { (num(i), num(i % 7)) }; render(polygon(p), 1000)");
    ends(
        "volumes",
        "var s = sphere(0, 0, 0, 1); for i in 0..1000 { s = s + sphere(i, i, i, 3) }; volume(voxels(s, 200))",
    );
    soon("resizes", "let i = blank(1000, 1000); while true { resize(i, 999, 999) }");
    soon("comparing pictures", "let i = blank(1000, 1000); while true { iou(i, i) }");
    soon("powers", "var x = 3; while true { x = 3 ^ 39 }");
    soon("formats", "while true { str(1e300) }");
    soon("prints", "while true { print(\"x\") }");
    soon("large prints", "let s = repeat_str(\"x\", 1000000); while true { print(s) }");
    soon("json", "let s = \"[\" + repeat_str(\"1,\", 1000000) + \"1]\"; while true { parse_json(s) }");
    soon("csv", "let s = repeat_str(\"1,2,3\\n\", 1000000); while true { parse_csv(s) }");
    soon("transpose", "let xs = repeat_list([list(0..1000)], 1000); while true { transpose(xs) }");
    soon("sort_by_keys", "let xs = list(0..1000000); len(sort_by_keys(xs, xs))");
    soon("random ints", "while true { random_ints(1, 100000, 0, 5) }");
    soon("lines", "let s = repeat_str(\"\\n\", 1000000); while true { lines(s) }");
    soon("title case", "let s = repeat_str(\"a b \", 1000000); while true { title_case(s) }");
    ends(
        "counting",
        "let xs = repeat_list([repeat_str(\"x\", 100000)], 1000); let ys = xs + [\"\"]; while true { count(ys, \"x\") }",
    );
    soon("a library loop", "let xs = list(0..100000); while true { map(xs, fn(x) { x + 1 }) }");
    soon("windows", "windows(list(0..10000), 5000)");
    soon("group_by", "group_by(list(0..100000), fn(x) { x % 1000 })");
    soon("tally", "tally(list(0..100000))");
    soon(
        "fills",
        "fn f(s: str) -> str { ?? }\nwhile true { try_fill(f, [(\"a b\", \"b\"), (\"c d\", \"d\")], seconds: 0.01) }",
    );
    soon("sources", "let f = fn(x: int) { x + 1 }; while true { source(f) }");
}

#[test]
fn time_ends_what_operations_do_not() {
    let time = Limits { ops: None, time: Some(Duration::from_millis(200)), ..limits() };
    for (name, text) in [
        ("loop", "while true { }"),
        ("sorts", "let xs = random(1, 100000); while true { sort(xs) }"),
        ("renders", "let s = circle(50, 50, 30); while true { render(s, 1000) }"),
        ("polygons", "let p = for i in 0..100000 { (num(i), num(i % 7)) }; render(polygon(p), 1000)"),
        ("prints", "while true { print(1) }"),
        ("texts", "let s = repeat_str(\"a 1 \", 100000); while true { get_all(s, NUMBER) }"),
    ] {
        let end = run_within(name, text, time.clone());
        assert!(matches!(end, End::Error("E0504")), "{name}: {end:?}");
    }
}

// ---- imports

#[test]
fn imports() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).unwrap();
    file("self.nsp", b"import \"self.nsp\"\nlet x = 1");
    file("a.nsp", b"import \"b.nsp\"\nlet x = 1");
    file("b.nsp", b"import \"a.nsp\"\nlet y = 1");
    file("binary.nsp", &[0xff, 0xfe, 0x00, 0xc3, 0x28]);
    file("wrong.nsp", b"let = (\n");
    file("mistyped.nsp", b"let x: int = \"a\"");
    file("fails.nsp", b"let x = 1 % 0");
    file("good.nsp", b"let x = 1\nfn f(y) { (x, y) }");
    for i in 0..200 {
        file(&format!("c{i}.nsp"), format!("import \"c{}.nsp\" as next\nlet x = 1", i + 1).as_bytes());
    }
    std::fs::create_dir(dir.path().join("folder.nsp")).unwrap();
    let mut s = session(limits());
    s.env_mut().base = dir.path().to_path_buf();
    assert!(matches!(end_of(&mut s, "import \"good.nsp\""), End::Error("E0601")), "nothing is granted");
    s.env_mut().caps.files.push(dir.path().to_path_buf());
    let bad = [
        "self.nsp",
        "a.nsp",
        "binary.nsp",
        "wrong.nsp",
        "mistyped.nsp",
        "fails.nsp",
        "folder.nsp",
        "none.nsp",
        "",
        "/etc/passwd",
        "../../../../etc/passwd",
        "\\0",
        "c0.nsp",
    ];
    for path in bad {
        let end = end_of(&mut s, &format!("import \"{path}\" as m\nm.x"));
        assert!(matches!(end, End::Error(_)), "{path}: {end:?}");
    }
    assert_eq!(end_of(&mut s, "import \"good.nsp\" as m\nm.f(\"a\")"), End::Value("(1, \"a\")".into()));
    assert_eq!(end_of(&mut s, "import \"c190.nsp\" as m\nm.x"), End::Error("E0602"));
}

// ---- a session forgets what a line made only if nothing can use it again

#[test]
fn nothing_in_use_is_forgotten() {
    let mut s = session(Limits::default());
    let mut value = |text: &str| match end_of(&mut s, text) {
        End::Value(v) => v,
        End::Error(e) => panic!("{text}: {e}"),
    };
    value("fn twice(f, v) { f(f(v)) }");
    value("fn pair(x) { (x, x) }");
    // A closure in `_`, in a list, in a tuple.
    value("fn(x: int) { x + 1 }");
    value("1 + 1; 2");
    value("fn(x: int) { x + 10 }");
    assert_eq!(value("_(1)"), "11");
    value("[fn(x: int) { x + 2 }, fn(x: int) { x + 3 }]");
    assert_eq!(value("(_[0](1), _[1](1))"), "(3, 4)");
    value("(f: fn(x: int) { x * 7 }, n: 1)");
    assert_eq!(value("_.f(_.n)"), "7");
    // A generic function first used inside a line that binds nothing, then again.
    for _ in 0..3 {
        assert_eq!(value("pair(1)"), "(1, 1)");
        assert_eq!(value("twice(fn(x) { x * 2 }, 3)"), "12");
        assert_eq!(value("pair(\"a\")[0]"), "\"a\"");
        assert_eq!(value("map([1, 2], fn(x) { pair(x) })"), "[(1, 1), (2, 2)]");
    }
    let kept = value("let g = fn(x: int) { pair(x) }");
    assert_eq!(kept, "()");
    value("pair(true)");
    assert_eq!(value("g(5)"), "(5, 5)");
    // A variable that takes a function made by a later line.
    value("var h = fn(x: int) { x }");
    value("h = fn(x: int) { x + 100 }");
    value("pair(2.5)");
    value("pair([2.5])");
    assert_eq!(value("h(1)"), "101");
    value("var hs = [h]");
    value("hs[0] = fn(x: int) { x + 200 }");
    value("hs = push(hs, fn(x: int) { pair(x)[0] + 300 })");
    value("twice(fn(x) { x + 1.5 }, 1.5)");
    assert_eq!(value("(hs[0](1), hs[1](1))"), "(201, 301)");
    // Programs that searches make.
    value("fn shout(s: str) -> str { ?? + \"!\" }");
    value("fill(shout, [(\"a b\", \"a!\"), (\"c d\", \"c!\")])");
    assert_eq!(value("_(\"e f\")"), "\"e!\"");
    value("let done = fill(shout, [(\"a b\", \"b!\"), (\"c d\", \"d!\")])");
    for _ in 0..3 {
        assert_eq!(value("try_fill(shout, [(\"a b\", \"a!\"), (\"c d\", \"c!\")]).found"), "true");
        assert_eq!(value("fill(shout, [(\"a b\", \"a!\"), (\"c d\", \"c!\")])(\"x y\")"), "\"x!\"");
    }
    assert_eq!(value("done(\"x y\")"), "\"y!\"");
    // An error after functions were made.
    let mut s2 = s.clone();
    assert!(matches!(end_of(&mut s, "let k = fn(x: int) { x }; k(1 % 0)"), End::Error(_)));
    assert!(matches!(end_of(&mut s, "h = fn(x: int) { x + 7 }; 1 % 0"), End::Error(_)));
    assert_eq!(end_of(&mut s, "pair(pair(1)); h(1)"), End::Value("8".into()));
    // A clone goes its own way.
    assert_eq!(end_of(&mut s2, "pair((1, \"b\"))[0]"), End::Value("(1, \"b\")".into()));

    drop(s2);
    assert_eq!(end_of(&mut s, "let z = pair((1, \"b\")); z[1]"), End::Value("(1, \"b\")".into()));
}

/// A host that keeps a function while later lines are forgotten.
#[test]
fn what_a_host_holds_is_not_forgotten() {
    let mut s = session(Limits::default());
    let f = s.step("a", "fn(x: int) { x + 1 }").unwrap().value;
    let test = s.step("b", "test \"t\" { assert(map([1], fn(x) { x + 1 }) == [2]) }").unwrap().tests.remove(0);
    let program = s.compile("c", "map([1, 2], fn(x) { x * 3 })").unwrap();
    for i in 0..20 {
        s.step("d", &format!("map([{i}], fn(x) {{ x + {i} }})")).unwrap();
        s.step("e", "map([\"a\"], fn(x) { x + x })").unwrap();
        let _ = s.step("f", "map([1], fn(x) { x % 0 })");
        let _ = s.step("g", "let a = 1 +");
    }
    assert!(matches!(s.call(&f.value, &[nsp::Value::Int(1)]), Ok(nsp::Value::Int(2))));
    s.run_test(&test).unwrap();
    let v = program.run().unwrap();
    assert_eq!(nsp::vm::show(&v.value, &v.ty), "[3, 6]");
}

/// Lines that bind nothing leave nothing behind.
#[test]
fn a_session_does_not_grow() {
    let mut s = session(Limits::default());
    for _ in 0..3 {
        s.step("a", "map([1], fn(x) { x + 1 })").unwrap();
    }
    let before = (s.env().library.len(), s.defs().len(), s.globals().len());
    for _ in 0..100 {
        s.step("a", "map([1], fn(x) { x + 1 })").unwrap();
        let _ = s.step("a", "map([1], fn(x) { x % 0 })");
        let _ = s.step("a", "map([1], fn(x) { x + \"\" })");
    }
    assert_eq!(before, (s.env().library.len(), s.defs().len(), s.globals().len()));
}
