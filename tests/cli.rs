//! The `nsp` command from outside: output, errors, exit codes.
#![cfg(feature = "shell")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn nsp() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_nsp"));
    c.stdin(Stdio::null()).env_remove("NO_COLOR");
    c
}

fn run(args: &[&str]) -> Output {
    nsp().args(args).output().unwrap()
}

fn with_input(args: &[&str], input: &str) -> Output {
    let mut child =
        nsp().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(o: &Output) -> String {
    String::from_utf8(o.stdout.clone()).unwrap()
}

fn err(o: &Output) -> String {
    String::from_utf8(o.stderr.clone()).unwrap()
}

fn code(o: &Output) -> i32 {
    o.status.code().unwrap_or(-1)
}

/// A folder with these files.
fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn at(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

#[test]
fn prints_the_value_of_an_expression() {
    let cases =
        [("1", "1\n"), ("\"a\" + \"b\"", "ab\n"), ("(y: 1.0, x: [1])", "(x: [1], y: 1.0)\n"), ("let x = 1", "")];
    for (text, wanted) in cases {
        let o = run(&["-e", text]);
        assert_eq!((code(&o), out(&o).as_str(), err(&o).as_str()), (0, wanted, ""), "{text}");
    }
    let o = run(&["-e", "args()", "a", "--json"]);
    assert_eq!(out(&o), "[\"a\", \"--json\"]\n");
    assert_eq!(out(&run(&["-e", "-1"])), "-1\n");
}

#[test]
fn draws_errors_on_standard_error() {
    let o = run(&["-e", "circel(1)"]);
    assert_eq!((code(&o), out(&o).as_str()), (1, ""));
    for part in ["E0101", "circel", "did you mean `circle`?", "<-e>:1:1"] {
        assert!(err(&o).contains(part), "{}", err(&o));
    }
    // No colour in a pipe.
    assert!(!err(&o).contains('\x1b'));
}

#[test]
fn errors_as_json() {
    let o = run(&["--json", "-e", "let x = 1\nx + nope"]);
    assert_eq!(code(&o), 1);
    let v: serde_json::Value = serde_json::from_str(err(&o).trim()).unwrap();
    assert_eq!((v["code"].as_str(), v["line"].as_u64(), v["column"].as_u64()), (Some("E0101"), Some(2), Some(5)));
    // Of errors without a place too.
    let o = run(&["nowhere.nsp", "--json"]);
    assert_eq!((code(&o), err(&o).starts_with("[E0602]")), (1, true));
    let o = run(&["--json", "nowhere.nsp"]);
    let v: serde_json::Value = serde_json::from_str(err(&o).trim()).unwrap();
    assert!(v["file"].is_null() && v["message"].as_str().unwrap().contains("nowhere.nsp"));
}

#[test]
fn runs_scripts() {
    let dir = files(&[
        ("a.nsp", "#!/usr/bin/env nsp\nimport \"b.nsp\" as b\nprint(b.twice(21))\nprint(len(args()))\n7\n"),
        ("b.nsp", "fn twice(n: int) -> int { n * 2 }\n"),
    ]);
    let o = run(&[&at(dir.path(), "a.nsp"), "x", "-y"]);
    assert_eq!((code(&o), out(&o).as_str(), err(&o).as_str()), (0, "42\n2\n", ""));
    // From standard input, with and without being asked to.
    let o = with_input(&["-", "x"], "print(args())");
    assert_eq!((code(&o), out(&o).as_str()), (0, "[\"x\"]\n"));
    let o = with_input(&[], "print(\"piped\")\n2");
    assert_eq!((code(&o), out(&o).as_str(), err(&o).as_str()), (0, "piped\n", ""));
    let o = with_input(&[], "");
    assert_eq!((code(&o), out(&o).as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn runs_by_its_first_line() {
    use std::os::unix::fs::PermissionsExt;
    let text = format!("#!{}\nprint(args())\n", env!("CARGO_BIN_EXE_nsp"));
    let dir = files(&[("s", &text)]);
    let path = dir.path().join("s");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let o = Command::new(&path).arg("one").output().unwrap();
    assert_eq!(out(&o), "[\"one\"]\n");
}

#[test]
fn wrong_use_ends_with_2() {
    for args in [&["--nope"][..], &["check"], &["fmt"], &["test"], &["-e"], &["-e", "1", "devices"]] {
        let o = run(args);
        assert_eq!((code(&o), out(&o).as_str()), (2, ""), "{args:?} {}", err(&o));
    }
    let o = run(&["chekc"]);
    assert!(code(&o) == 1 && err(&o).contains("did you mean `nsp check`?"));
    assert_eq!(code(&run(&["--help"])), 0);
    assert_eq!(code(&run(&["--version"])), 0);
}

#[test]
fn devices_are_listed() {
    let o = run(&["devices"]);
    assert!(code(&o) == 0 && out(&o).contains("\ncpu "), "{}", out(&o));
    let o = run(&["devices", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&out(&o)).unwrap();
    assert_eq!((&all[0]["device"], all[0]["limits"]["threads"].is_u64()), (&"cpu".into(), true));
    // Each of the rest has limits, or the reason why it cannot be used.
    for device in &all.as_array().unwrap()[1..] {
        assert!(device["limits"].is_object() || device["why"].is_string(), "{device}");
    }
    assert!(all[1].is_object(), "nothing is said of GPUs: {all}");
}

#[test]
fn unreadable_input_ends_with_1() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.nsp"), b"let x = 1\n\xff\xfe").unwrap();
    let o = run(&[&at(dir.path(), "bad.nsp")]);
    assert!(code(&o) == 1 && err(&o).contains("line 2 is not UTF-8"), "{}", err(&o));
    assert_eq!(code(&run(&[&dir.path().display().to_string()])), 1);
}

#[test]
fn output_comes_before_the_error() {
    let o = with_input(&["-"], "print(1)\nlet z = 1 / 0\nprint(div(1, 0))");
    assert_eq!((code(&o), out(&o).as_str()), (1, "1\n"));
}

#[test]
fn limits() {
    let o = run(&["--limits", "untrusted", "-e", "while true {}"]);
    assert!(code(&o) == 1 && err(&o).contains("E0501"), "{}", err(&o));
    let dir = files(&[("t.txt", "secret")]);
    let read = format!("read_text({:?})", at(dir.path(), "t.txt"));
    assert_eq!(out(&run(&["-e", &read])), "secret\n");
    let o = run(&["--limits", "untrusted", "-e", &read]);
    assert!(code(&o) == 1 && err(&o).contains("E0601"), "{}", err(&o));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130() {
    let mut child = nsp().args(["-e", "while true {}"]).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_closed_pipe_is_quiet() {
    let text = "for i in 0..10000000 { print(\"a line that is long enough to fill the pipe\") }";
    let mut child = nsp().args(["-e", text]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    // The reading end is closed here.
    let o = child.wait_with_output().unwrap();
    assert_eq!((code(&o), err(&o).as_str()), (0, ""));
}

#[test]
fn checks() {
    let dir = files(&[
        (
            "good.nsp",
            "fn f(s: str) -> str { let c = 2\n ??part }\nfn g(i: int) -> int { ??{i | 2} + ??k(0..4) }\nprint(1)\n",
        ),
        ("bad.nsp", "let x = nope\nlet y = \"a\" * 2\n"),
    ]);
    let (good, bad) = (at(dir.path(), "good.nsp"), at(dir.path(), "bad.nsp"));
    let o = run(&["check", &good]);
    assert_eq!((code(&o), out(&o).as_str(), err(&o).as_str()), (0, "", ""));
    let o = run(&["check", &bad, &good]);
    assert!(code(&o) == 1 && err(&o).contains("E0101"));
    let o = run(&["check", "--holes", &good]);
    let lines: Vec<String> = out(&o).lines().map(|l| l.replace(&good, "F")).collect();
    assert_eq!(
        lines,
        [
            "F:2:2: ??part: str  (an expression)  in f, over s: str, c: int",
            "F:3:23: ??{i | 2}: int  (a choice)  in g, over i: int",
            "F:3:35: ??k(0..4): int  (a number)  in g, over i: int",
        ]
    );
    let o = run(&["check", "--holes", "--json", &good]);
    let v: serde_json::Value = serde_json::from_str(out(&o).lines().next().unwrap()).unwrap();
    assert_eq!((v["hole"].as_str(), v["type"].as_str()), (Some("??part"), Some("str")));
}

#[test]
fn formats() {
    let dir = files(&[("a.nsp", "let   x=1+2 // why\n"), ("b.nsp", "let y = 1\n"), ("bad.nsp", "let = 3\n")]);
    let (a, b, bad) = (at(dir.path(), "a.nsp"), at(dir.path(), "b.nsp"), at(dir.path(), "bad.nsp"));
    let o = run(&["fmt", "--check", &a, &b]);
    assert_eq!((code(&o), out(&o)), (1, format!("{a}\n")));
    let o = run(&["fmt", &a, &b, &bad]);
    assert!(code(&o) == 1 && err(&o).contains("bad.nsp"), "{}", err(&o));
    assert_eq!(std::fs::read_to_string(&a).unwrap(), "let x = 1 + 2 // why\n");
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), "let = 3\n");
    assert_eq!(code(&run(&["fmt", "--check", &a, &b])), 0);
    let o = with_input(&["fmt", "-"], "let   z=1\n");
    assert_eq!((code(&o), out(&o).as_str()), (0, "let z = 1\n"));
}

#[cfg(unix)]
#[test]
fn formatting_keeps_permissions_and_links() {
    use std::os::unix::fs::PermissionsExt;
    let dir = files(&[("a.nsp", "let   x=1\n")]);
    let (file, link) = (dir.path().join("a.nsp"), dir.path().join("l.nsp"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o750)).unwrap();
    std::os::unix::fs::symlink("a.nsp", &link).unwrap();
    assert_eq!(code(&run(&["fmt", &link.display().to_string()])), 0);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "let x = 1\n");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o750);
}

#[test]
fn tests() {
    let text = "print(\"loud\")\ntest \"sums\" { assert_eq(1 + 1, 2) }\ntest \"slips\" { print(\"seen\")\n assert_eq(1, 2) }\n";
    let dir = files(&[("a.nsp", text), ("b.nsp", "test \"fine\" { assert(true) }\n")]);
    let o = run(&["test", &at(dir.path(), "a.nsp"), &at(dir.path(), "b.nsp")]);
    assert_eq!(code(&o), 1);
    assert_eq!(out(&o), "test sums ... ok\ntest slips ... FAILED\ntest fine ... ok\n2 passed, 1 failed\n");
    assert!(err(&o).contains("seen") && err(&o).contains("E0410") && !err(&o).contains("loud"));
    assert_eq!(code(&run(&["test", &at(dir.path(), "b.nsp")])), 0);
    let o = run(&["test", "--stdlib"]);
    assert_eq!(code(&o), 0, "{}{}", out(&o), err(&o));
}

fn png_size(path: PathBuf) -> (u32, u32) {
    image::image_dimensions(path).unwrap()
}

#[test]
fn renders() {
    let text = "let hole = circle(0, 0, 1)\nlet dot = render(hole, 8)\nrect(0, 0, 4, 2) - hole\n";
    let dir = files(&[("w.nsp", text), ("n.nsp", "3\n"), ("h.nsp", "half_plane(0, 0, 0deg)\n")]);
    let (w, o) = (at(dir.path(), "w.nsp"), at(dir.path(), "o.png"));
    let size = |args: &[&str]| {
        let done = run(&[&["render", &w, "-o", &o], args].concat());
        assert_eq!((code(&done), out(&done).as_str()), (0, ""), "{}", err(&done));
        png_size(dir.path().join("o.png"))
    };
    assert_eq!(size(&[]).0, 256);
    assert_eq!(size(&["--size", "64x32"]), (64, 32));
    assert_eq!(size(&["--size", "40", "--frame", "-2,-2,2,2"]), (40, 40));
    assert_eq!(size(&["--name", "dot"]), (8, 8));
    assert_eq!(size(&["--name", "dot", "--size", "16"]), (16, 16));
    for (file, part) in [("n.nsp", "no picture"), ("h.nsp", "--frame")] {
        let done = run(&["render", &at(dir.path(), file), "-o", &o]);
        assert!(code(&done) == 1 && err(&done).contains(part), "{}", err(&done));
    }
    assert_eq!(code(&run(&["render", &w, "-o", &o, "--size", "0"])), 2);
    assert_eq!(code(&run(&["render", &w, "-o", &at(dir.path(), "o.gif")])), 1);
}

#[test]
fn corpora_keep_their_order_and_resume() {
    let task = |id: &str, out: &str| {
        format!(r#"{{"id": "{id}", "train": [["Ann Lee", "{out}"]], "test": [["Bo Kim", null]]}}"#) + "\n"
    };
    let tasks = task("a", "Ann") + &task("b", "Lee") + "\n" + &task("c", "Ann Lee");
    let dir = files(&[("t.jsonl", &tasks), ("bad.jsonl", "{\"id\": 1}\n")]);
    let (t, o) = (at(dir.path(), "t.jsonl"), at(dir.path(), "o.jsonl"));
    let ids = |text: &str| -> Vec<String> {
        let id = |l: &str| serde_json::from_str::<serde_json::Value>(l).unwrap()["id"].as_str().unwrap().to_string();
        text.lines().map(id).collect()
    };
    let done = run(&["synth", "strings", &t, "--jobs", "2", "--timeout", "5"]);
    assert_eq!((code(&done), ids(&out(&done))), (0, vec!["a".into(), "b".into(), "c".into()]), "{}", err(&done));
    let done = run(&["synth", "strings", &t, "--shard", "2/2"]);
    assert_eq!(ids(&out(&done)), ["b"]);
    // A line that was cut off is done again, others are not.
    std::fs::write(&o, "{\"id\": \"b\", \"kept\": true}\n{\"id\": \"a\", \"sol").unwrap();
    let done = run(&["synth", "strings", &t, "--out", &o, "--resume"]);
    let text = std::fs::read_to_string(&o).unwrap();
    assert_eq!((code(&done), out(&done).as_str(), ids(&text)), (0, "", vec!["a".into(), "b".into(), "c".into()]));
    assert!(text.contains("\"kept\": true"));
    assert_eq!(code(&run(&["synth", "strings", &at(dir.path(), "bad.jsonl")])), 1);
    assert_eq!(code(&run(&["synth", "strings", &t, "--method", "enumerat"])), 2);
}

#[test]
fn sampled_tasks_are_solved() {
    let dir = files(&[]);
    let (t, o) = (at(dir.path(), "t.jsonl"), at(dir.path(), "o.jsonl"));
    let sample = ["sample", "strings", "--count", "5", "--parts", "1..3", "--rows", "2", "--seed", "3"];
    let first = run(&sample);
    assert_eq!((code(&first), out(&first).lines().count()), (0, 5), "{}", err(&first));
    assert_eq!(out(&run(&sample)), out(&first));
    std::fs::write(&t, out(&first)).unwrap();
    assert_eq!(code(&run(&["synth", "strings", &t, "--method", "robustfill", "--out", &o])), 0);
    for line in std::fs::read_to_string(&o).unwrap().lines() {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&answer["solved"], &answer["method"]), (&true.into(), &"robustfill".into()), "{line}");
        assert!(answer["distance"].is_number(), "{line}");
    }
    assert_eq!(code(&run(&["sample", "strings", "--parts", "3..11"])), 2);
    assert_eq!(code(&run(&["sample", "strings", "--parts", "10", "--max-length", "2"])), 3);
}

#[test]
fn exports_to_a_file_or_standard_output() {
    let program = "fn shout(s: str) -> str { upper(s) }\nfn last_one(s: str) -> str { s + \"!\" }\n";
    let dir = files(&[("a.nsp", program)]);
    let (from, to) = (at(dir.path(), "a.nsp"), at(dir.path(), "a.py"));
    let o = run(&["export", &from, "--to", "python", "--name", "shout", "-o", &to]);
    assert_eq!((code(&o), out(&o).as_str(), err(&o).as_str()), (0, "", ""));
    assert!(std::fs::read_to_string(&to).unwrap().contains("def shout(s):\n    return s.upper()\n"));
    let o = run(&["export", &from, "--to", "sql"]);
    assert_eq!((code(&o), out(&o).as_str()), (0, "(\"s\" || '!')\n"));
    let o = run(&["export", &from, "--to", "regex", "--name", "shout"]);
    assert_eq!((code(&o), out(&o).as_str()), (1, ""));
    for part in ["E0801", "`upper(str)` cannot be exported to a regular expression", "a.nsp:1:27"] {
        assert!(err(&o).contains(part), "{}", err(&o));
    }
    assert_eq!(code(&run(&["export", &from, "--to", "cobol"])), 2);
}
