//! Programs as values: found, printed, saved with their bundle, loaded again.

use nsp::session::Session;
use nsp::vm::show;

fn session() -> Session {
    let mut s = Session::default();
    s.env_mut().caps.all_files = true;
    s
}

/// The shown value of the last line.
fn run(s: &mut Session, lines: &[&str]) -> String {
    let mut last = String::new();
    for l in lines {
        let v = s.step("<test>", l).unwrap_or_else(|e| panic!("{l}: {e:?}")).value;
        last = show(&v.value, &v.ty);
    }
    last
}

fn error(s: &mut Session, line: &str) -> String {
    match s.step("<test>", line) {
        Ok(v) => panic!("{line} gave {:?}", v.value),
        Err(e) => format!("{} {}", e[0], e[0].help.clone().unwrap_or_default()),
    }
}

const INITIALS: &str = r#"fn initials(s: str) -> str { ?? + "." + ?? + "." }"#;
const EXAMPLES: &str = r#"[("Jacob Ethan", "J.E."), ("Mia Sam", "M.S.")]"#;

#[test]
fn a_filled_sketch_prints_runs_saves_and_reloads_equal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("initials.nsp");
    let mut s = session();
    run(&mut s, &[INITIALS, &format!("let f = fill(initials, {EXAMPLES})")]);
    assert_eq!(run(&mut s, &[r#"f("Ada Lovelace")"#]), r#""A.L.""#);
    let source = run(&mut s, &["source(f)"]);
    assert!(!source.contains("??"), "{source}");
    assert!(run(&mut s, &["source(f, comments: true)"]).contains("filled from 2 examples"));
    run(&mut s, &[&format!("save(f, {:?})", path.display().to_string())]);

    let mut t = session();
    run(&mut t, &[&format!("import {:?} as m", path.display().to_string())]);
    assert_eq!(run(&mut t, &["source(m.initials)"]), source);
    assert_eq!(run(&mut t, &[r#"m.initials("Ada Lovelace")"#]), r#""A.L.""#);
}

#[test]
fn every_kind_of_hole_that_can_be_filled() {
    let mut s = session();
    let filled = |s: &mut Session, sketch: &str, call: &str| run(s, &[sketch, &format!("source({call})")]);
    assert_eq!(
        filled(&mut s, "fn line(x: num) -> num { ??(0..10) * x + ??(0..10) }", "fill(line, [(1, 5), (2, 8)])"),
        r#""fn line(x: num) -> num { 3.0 * x + 2.0 }""#
    );
    assert_eq!(
        filled(
            &mut s,
            "fn pick(x: int, y: int) -> int { ??op{+ | - | *}(x, y) }",
            "fill(pick, [((2, 3), 6), ((4, 5), 20)])"
        ),
        r#""fn pick(x: int, y: int) -> int { x * y }""#
    );
    assert_eq!(
        filled(&mut s, "fn which(x: int) -> int { ??{x + 1 | x * 2} }", "fill(which, [(5, 10)])"),
        r#""fn which(x: int) -> int { x * 2 }""#
    );
    assert_eq!(
        filled(&mut s, "fn square(x: int) -> int { ?? }", "fill(square, [(2, 5), (3, 10), (4, 17)])"),
        r#""fn square(x: int) -> int { 1 + x * x }""#
    );
    assert_eq!(
        filled(
            &mut s,
            "fn small(x: int) -> bool { ?? }",
            "fill(small, [(1, true), (5, false), (2, true), (-3, true), (3, false)])"
        ),
        r#""fn small(x: int) -> bool { x <= 2 }""#
    );
    assert_eq!(
        filled(
            &mut s,
            "fn loud(s: str) -> str { upper(??) }",
            r#"fill(loud, [("mason smith", "SMITH"), ("jo bloggs", "BLOGGS")])"#
        ),
        r#""fn loud(s: str) -> str { upper(get_from(s, \" \")) }""#
    );
    // One name, one filling.
    assert_eq!(
        filled(&mut s, "fn both(x: int) -> int { ??k(1..9) * x + ??k(1..9) }", "fill(both, [(1, 8), (2, 12)])"),
        r#""fn both(x: int) -> int { 4 * x + 4 }""#
    );
    // An angle stays one.
    assert_eq!(
        filled(
            &mut s,
            "fn turned(n: int) -> shape2 { rotate(rect(8, 8, 4, 2), ??(0..90)) }",
            "fill(turned, [(1, rotate(rect(8, 8, 4, 2), 0deg))])"
        ),
        r#""fn turned(n: int) -> shape2 { rotate(rect(8.0, 8.0, 4.0, 2.0), 0deg) }""#
    );
}

#[test]
fn a_search_that_fails_says_why() {
    let mut s = session();
    run(&mut s, &[INITIALS, "fn seen(img: image) -> int { ??digit(img) }", "fn f(x: int) -> int { ??g(x) }"]);
    run(&mut s, &["fn near(x: int) -> int { ??(0..3) + x }", "fn plain(x: int) -> int { x }"]);
    assert!(error(&mut s, "fill(initials, [])").starts_with("E0701: fill: not enough examples"));
    let contradiction = error(&mut s, r#"fill(initials, [("a b", "A.B."), ("a b", "C.D.")])"#);
    assert!(contradiction.contains("examples 1 and 2 have the same input"), "{contradiction}");
    assert!(error(&mut s, "fill(near, [(1, 9)])").contains("all were tried"));
    assert!(error(&mut s, "fill(f, [(1, 9)])").contains("`??g`"));
    assert!(error(&mut s, "fill(plain, [(1, 9)])").contains("has no holes"));
    let image = "fill(seen, [(blank(2, 2), 1)])";
    assert!(error(&mut s, image).contains("learned by a model"));
    let out = error(&mut s, r#"fill(initials, [("a b", "zq.wx."), ("c d", "mn.op.")])"#);
    assert!(out.starts_with("E0703: fill: no program of this form agrees"), "{out}");
    run(&mut s, &["fn hard(x: int) -> int { ?? * ?? + ?? }"]);
    let out = error(&mut s, "fill(hard, [(3, 7919), (4, 104729), (5, -17)], nodes: 500)");
    assert!(out.starts_with("E0703: fill: no program within the budget (tried 500 programs"), "{out}");
    // The same as data.
    let r = run(&mut s, &[r#"try_fill(initials, [("a b", "zq.wx."), ("c d", "mn.op.")]).found"#]);
    assert_eq!(r, "false");
    assert!(error(&mut s, "fn open() { ?? }").contains("E0301"));
    assert!(error(&mut s, r#"initials("a b")"#).contains("E0404"));
}

#[test]
fn the_same_budget_gives_the_same_program() {
    let find = || {
        let mut s = session();
        run(&mut s, &[INITIALS, &format!("source(fill(initials, {EXAMPLES}, nodes: 20000), comments: true)")])
    };
    assert_eq!(find(), find());
}

#[test]
fn pictures_go_into_the_bundle() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiles.nsp");
    let mut s = session();
    run(
        &mut s,
        &[
            "let tile = render(circle(4, 4, 3), 8, 8)",
            "let same = render(circle(4, 4, 3), 8, 8)",
            "fn row(n: int) -> [placement] { for i in 1..=n { draw(i, 1, if i % 2 == 0 { tile } else { same }) } }",
            &format!("save(row, {:?})", path.display().to_string()),
        ],
    );
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#"let tile: image = asset("tiles#1")"#), "{text}");
    assert!(text.contains(r#"let same: image = asset("tiles#1")"#), "equal pictures are one: {text}");
    assert!(dir.path().join("tiles.tiles.png").is_file() && !dir.path().join("tiles.assets").exists());

    // The bundle is the program's own: no grant is needed.
    let mut t = Session::default();
    t.step(&path.display().to_string(), &text).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(run(&mut t, &["len(row(4))", "tile == render(circle(4, 4, 3), 8, 8)"]), "true");
    assert!(error(&mut t, r#"asset("tiles#2")"#).contains("no asset"));
    assert!(error(&mut t, r#"asset("../tiles#1")"#).contains("no asset"));
}

#[test]
fn function_values_show_what_they_copied() {
    let mut s = session();
    run(&mut s, &["fn adder(n: int, p: (x: num, y: num)) { fn(v: num) { v + n + p.x } }"]);
    assert_eq!(
        run(&mut s, &["source(adder(3, (x: 1, y: 2)))"]),
        r#""fn(v: num) -> num { v + 3 + (x: 1.0, y: 2.0).x }""#
    );
}

#[test]
fn saving_takes_along_what_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("even.nsp");
    let mut s = session();
    run(
        &mut s,
        &[
            "fn is_even(n: int) -> bool { if n == 0 { true } else { is_odd(n - 1) } }\n\
             fn is_odd(n: int) -> bool { if n == 0 { false } else { is_even(n - 1) } }\n\
             let scale = 2\n\
             fn check(n: int) -> bool { is_even(scale * n) and all([n], fn(k) { k < 100 }) }",
            &format!("save(check, {:?})", path.display().to_string()),
        ],
    );
    let mut t = session();
    run(&mut t, &[&format!("import {:?}", path.display().to_string())]);
    assert_eq!(run(&mut t, &["even.check(7)"]), "true");
    assert_eq!(run(&mut t, &["even.check(700)"]), "false");
}

/// Shared parts are written out at each place: 40 doublings would be a text of terabytes.
#[test]
fn the_text_of_a_value_is_bounded() {
    let mut s = session();
    let mut lines = vec!["let a0 = [\"some text\"]".to_string()];
    lines.extend((1..40).map(|i| format!("let a{i} = [a{0}, a{0}]", i - 1)));
    run(&mut s, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(error(&mut s, "str(a39)").starts_with("E0502"));
    assert!(error(&mut s, "print(a39)").starts_with("E0502"));
    assert_eq!(
        run(&mut s, &["str(a2)"]),
        r#""[[[\"some text\"], [\"some text\"]], [[\"some text\"], [\"some text\"]]]""#
    );
}
