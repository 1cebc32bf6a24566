//! The shell without a terminal.

use super::complete::{complete, hint, incomplete, wants_file};
use super::repl::{Item, Repl};
use crate::diag::render::render;
use crate::session::Session;
use std::sync::{Arc, Mutex};

fn repl() -> Repl {
    let mut session = Session::default();
    session.env_mut().caps.all_files = true;
    Repl::new(session)
}

/// All that a line shows, as text.
fn says(repl: &mut Repl, line: &str) -> String {
    let mut out = Vec::new();
    for item in repl.line(line).items {
        match item {
            Item::Text(t) | Item::Note(t) => out.push(t),
            Item::Errors(errors, sources) => out.extend(errors.iter().map(|d| render(d, &sources, false))),
            Item::Picture(img) => out.push(format!("[picture {}x{}]", img.width(), img.height())),
        }
    }
    out.join("\n")
}

fn all(lines: &[(&str, &str)]) {
    let mut r = repl();
    for (line, wanted) in lines {
        let found = says(&mut r, line);
        assert!(if wanted.is_empty() { found.is_empty() } else { found.contains(wanted) }, "{line}: {found}");
    }
}

#[test]
fn values_and_the_last_value() {
    all(&[
        ("let x = 20", ""),
        ("x + 1", "21"),
        ("_ * 2", "42"),
        ("* 2", "84"),
        ("|> str", "\"84\""),
        ("", ""),
        ("  \n ", ""),
        ("let y = 1", ""),
        ("_", "\"84\""),
        ("(b: 1, a: \"t\")", "(a: \"t\", b: 1)"),
    ]);
}

#[test]
fn errors_keep_the_session() {
    all(&[
        ("var n = 1", ""),
        ("circel(1)", "did you mean `circle`?"),
        ("n / nope", "E0101"),
        ("1 +", "E0001"),
        ("n = 5", ""),
        ("n", "5"),
    ]);
}

#[test]
fn undo_takes_variables_back() {
    all(&[
        (":undo", "nothing to undo"),
        ("var n = 1", ""),
        ("n = 2", ""),
        ("fn f() { 2 }", ""),
        ("f()", "2"),
        (":undo", "undone: f()"),
        (":undo", "undone: fn f() { 2 }"),
        ("f()", "E0101"),
        (":undo", "undone: n = 2"),
        ("n", "1"),
        (":reset", "forgotten"),
        ("n", "E0101"),
        (":undo", "undone: :reset"),
        ("n", "1"),
    ]);
}

#[test]
fn commands_help() {
    all(&[
        (":help", ":undo"),
        (":help map", "fn map(xs: "),
        (":help circle", "e.g. "),
        (":help :undo", "takes the last line back"),
        (":help load", "runs a script"),
        (":help while", "loop"),
        (":help mpa", "did you mean"),
        (":help |>", "first argument"),
        (":hlep", "did you mean `:help`?"),
        (":xyzzy", "`:help` lists them"),
        (":", "no command"),
        (":devices", "cpu"),
        (":type [1, 2]", "[int]"),
        (":type 1 + \"\"", "E02"),
        (":type", "write"),
        (":time 1 + 1", "2\n"),
    ]);
}

#[test]
fn functions_show_their_signature() {
    all(&[
        ("fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }", ""),
        ("hyp", "hyp(a: num, b: num = 0) -> num"),
        (":type hyp", "hyp(a: num"),
        (":help hyp", "fn hyp("),
        ("fn twice(f, v) { f(f(v)) }", ""),
        ("twice", "twice(f: fn(A) -> A, v: A) -> A"),
        ("let add = fn(a: int) -> int { a + 1 }", ""),
        ("add", "add(a: int) -> int"),
        ("sqrt", "sqrt(x: num) -> num"),
    ]);
}

#[test]
fn holes_are_listed() {
    all(&[
        (":holes", "no holes"),
        ("fn f(s: str) -> str { let c = 1\n ??part + \".\" }", ""),
        ("fn g(i: int) -> int { ??{i | 2} + ??k(0..4) }", ""),
        (":holes f", "??part: str  (an expression)  in f, over s: str, c: int"),
        (":holes", "??k(0..4): int  (a number)  in g"),
        (":holes h", "no function `h`"),
        ("f(\"a\")", "not filled"),
    ]);
}

#[test]
fn found_programs_show_their_source() {
    all(&[
        ("fn shout(s: str) -> str { ?? + \"!\" }", ""),
        ("let f = fill(shout, [(\"a b\", \"a!\"), (\"c d\", \"c!\")])", ""),
        ("f", "fn shout(s: str) -> str {"),
        ("f(\"x y\")", "\"x!\""),
        (":type f", "f(str) -> str"),
    ]);
}

#[test]
fn tests_run_at_once() {
    all(&[
        ("test \"sums\" { assert_eq(1 + 1, 2) }", "test sums ... ok"),
        ("test \"slips\" { assert_eq(1 + 1, 3) }", "test slips ... FAILED"),
    ]);
}

#[test]
fn pictures() {
    all(&[
        ("circle(0, 0, 1)", "[picture 256x256]\ncircle("),
        ("circle(0, 0, 1) |> render(32)", "[picture 32x32]\n<image 32x32>"),
        ("half_plane(0, 0, 0deg)", "half_plane("),
        ("sphere(0, 0, 0, 1)", "sphere("),
    ]);
}

#[test]
fn saved_sessions_run_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.nsp").display().to_string();
    let mut r = repl();
    for line in ["let x = 2", "x + 1", "fn f(a) { a + 10 }", "* 2", "let z = f(_)", "nope", "7", "let w = 1"] {
        r.line(line);
    }
    r.line(":undo");
    assert!(says(&mut r, &format!(":save {path}")).starts_with("6 lines saved"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("let it2 = x + 1") && !text.contains("nope") && !text.contains("let w"), "{text}");
    let mut again = repl();
    assert_eq!(says(&mut again, &format!(":load {path}")), "7");
    assert_eq!(says(&mut again, "z"), "16");
    assert!(says(&mut again, ":load /nowhere/x.nsp").contains("cannot read"));
    assert!(says(&mut again, ":save /nowhere/x.nsp").contains("cannot write"));
}

#[test]
fn redefined_functions_are_saved_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.nsp").display().to_string();
    let mut r = repl();
    for line in ["fn f() { 1 }", "fn f() { 2 }", "let a = f()"] {
        r.line(line);
    }
    assert_eq!(says(&mut r, &format!(":save {path}")), format!("3 lines saved to `{path}`"));
}

#[test]
fn interrupted_lines_keep_variables() {
    let mut r = repl();
    r.line("var n = 1");
    let cancel = r.session().env().cancel.clone();
    cancel.cancel();
    assert!(says(&mut r, "while true { n = n + 1 }").contains("interrupted"));
    cancel.reset();
    assert!(says(&mut r, "n >= 1").contains("true"));
}

#[test]
fn quits() {
    assert!(repl().line(":quit").quit && repl().line(":q").quit && !repl().line("1").quit);
}

#[test]
fn prints_go_where_the_session_says() {
    let out: Arc<Mutex<Vec<u8>>> = Arc::default();
    let mut session = Session::default();
    session.env_mut().out = out.clone();
    let mut r = Repl::new(session);
    assert_eq!(says(&mut r, "print(\"hi\")"), "");
    assert_eq!(*out.lock().unwrap(), b"hi\n");
}

#[test]
fn completes_names_members_commands() {
    let mut r = repl();
    r.line("let point = (x: 1, yes: (deep: 2,))");
    r.line("let point = (x: 1, yes: (deep: 2, deeper: 3))");
    let words = |line: &str| {
        let (start, found) = complete(r.session(), line, line.len());
        (start, found.into_iter().map(|c| c.text).collect::<Vec<_>>())
    };
    assert_eq!(words("1 + poin"), (4, vec!["point".into()]));
    assert_eq!(words("point."), (6, vec!["x".into(), "yes".into()]));
    assert_eq!(words("point.yes.de"), (10, vec!["deep".into(), "deeper".into()]));
    assert_eq!(words(":u"), (1, vec!["undo".into()]));
    assert_eq!(words(":type poi"), (6, vec!["point".into()]));
    assert_eq!(words("whi"), (0, vec!["while".into()]));
    assert!(words("get_t").1.contains(&"get_token".to_string()));
    assert!(words("\"poi").1.is_empty() && words("// poi").1.is_empty() && words("").1.is_empty());
    assert!(wants_file(":load a", 7) && wants_file(":save ", 6) && !wants_file(":type a", 7));
}

#[test]
fn hints_show_what_comes_next() {
    let mut r = repl();
    r.line("fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }");
    let after = |line: &str| hint(r.session(), line, line.len());
    assert_eq!(after("hyp").as_deref(), Some("(a: num, b: num = 0) -> num"));
    assert_eq!(after("1 + hyp(").as_deref(), Some("a: num, b: num = 0) -> num"));
    assert_eq!(after("hyp(f(1, 2), ").as_deref(), Some("b: num = 0) -> num"));
    assert_eq!(after("hyp(1,").as_deref(), Some(" b: num = 0) -> num"));
    assert_eq!(after("2 |> hyp(").as_deref(), Some("b: num = 0) -> num"));
    assert_eq!(after("[hyp, (").as_deref(), None);
    assert_eq!(after("hyp(1"), None);
    assert_eq!(after(""), None);
    assert_eq!(after("nope("), None);
}

#[test]
fn knows_when_a_text_goes_on() {
    assert!(incomplete("fn f() {") && incomplete("1 +") && incomplete(":type (1,") && incomplete("let x ="));
    assert!(!incomplete("1") && !incomplete(":load (") && !incomplete(")") && !incomplete(":nope ("));
}

#[test]
fn no_line_is_too_odd() {
    let mut r = repl();
    for line in
        ["\u{0}", ":\u{0} x", ": :", ":help ", ":help \"", "??", "??{", "_", "}", "é", "\"", ":type ??", ":time :"]
    {
        r.line(line);
        for pos in 0..=line.len() {
            complete(r.session(), line, pos);
            hint(r.session(), line, pos);
        }
    }
}
