//! `nsp map`: what comes out is what the function gives for each row, whatever the table looks like.
#![cfg(feature = "shell")]

use nsp::Engine;
use rand::prelude::*;
use rand::rngs::StdRng;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SWAP: &str = "fn helper(s: str) -> str { s }\n\
    fn swap(s: str) -> str { cut(s, end_of(\", \"), at_end()) + \"-\" + cut(s, at(), start_of(\",\")) }\n";

fn nsp(dir: &Path, args: &[&str]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_nsp"));
    c.current_dir(dir).arg("map").args(args).stdin(Stdio::null()).output().unwrap()
}

fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it writes; it must end well and have nothing to say.
fn quiet(dir: &Path, args: &[&str]) -> String {
    let o = nsp(dir, args);
    assert_eq!((o.status.code(), text(&o.stderr)), (Some(0), String::new()), "{args:?}");
    text(&o.stdout)
}

fn rows(csv_text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv_text);
    reader.records().map(|r| r.unwrap().iter().map(str::to_string).collect()).collect()
}

/// A table with everything that may stand in one, and its rows.
fn table(rows: usize, seed: u64) -> (String, Vec<Vec<String>>) {
    const PIECES: &[&str] = &["a", "Smith", ", ", ",", "\"", "\n", "\r\n", "é", "日本", " ", "-", "12", "\t", "'"];
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut out, mut all) = (String::new(), Vec::new());
    for i in 0..=rows {
        // Ragged from time to time.
        let width = if i == 0 || rng.random_bool(0.9) { 4 } else { rng.random_range(1..7) };
        let row: Vec<String> = (0..width)
            .map(|k| match (i, k) {
                (0, k) => ["id", "name", "note, if any", "x"][k].to_string(),
                (_, 0) => i.to_string(),
                _ => (0..rng.random_range(0..5)).map(|_| *PIECES.choose(&mut rng).unwrap()).collect(),
            })
            .collect();
        for (k, field) in row.iter().enumerate() {
            if k > 0 {
                out.push(',');
            }
            if field.contains([',', '"', '\n', '\r']) || rng.random_bool(0.1) {
                out += &format!("\"{}\"", field.replace('"', "\"\""));
            } else {
                out += field;
            }
        }
        out += if rng.random_bool(0.2) { "\r\n" } else { "\n" };
        all.push(row);
    }
    (out, all)
}

/// A row's result by the engine; `None` where it fails.
fn expected(f: &nsp::Function, row: &[String], columns: &[usize]) -> Option<String> {
    let cells: Option<Vec<&String>> = columns.iter().map(|c| row.get(*c)).collect();
    match cells?[..] {
        [a] => f.call(((*a).clone(),)).ok(),
        [a, b] => f.call((a.clone(), b.clone())).ok(),
        _ => None,
    }
}

#[test]
fn every_row_gets_what_the_function_gives() {
    let two = "fn both(a: str, b: str) -> str { upper(a) + \",\" + cut(b, at(), start_of(\" \")) }";
    let cases: &[(&str, &str, &str, &[usize])] =
        &[(SWAP, "swap", "name", &[1]), (two, "both", "name,note, if any", &[1, 2])];
    for (case, (program, name, column, at)) in cases.iter().enumerate() {
        let (csv_text, all) = table(3000, case as u64);
        let dir = files(&[("p.nsp", program), ("d.csv", &csv_text)]);
        let mut engine = Engine::new();
        engine.run(program).unwrap();
        let f = engine.function(name).unwrap();
        // Names with commas are found whole before they are taken for several.
        let columns: &[&str] = if at.len() == 1 { &[column] } else { &["name", "note, if any"] };
        for jobs in ["1", "2", "3"] {
            let mut args = vec!["p.nsp", "d.csv", "-o", "out.csv", "--jobs", jobs];
            columns.iter().for_each(|c| args.extend(["--column", c]));
            let o = nsp(dir.path(), &args);
            assert_eq!(o.status.code(), Some(0));
            let written = rows(&std::fs::read(dir.path().join("out.csv")).unwrap());
            assert_eq!(written.len(), all.len());
            let mut failed = 0;
            for (i, (new, old)) in written.iter().zip(&all).enumerate() {
                let result = if i == 0 { Some(name.to_string()) } else { expected(&f, old, at) };
                failed += usize::from(result.is_none());
                let mut wanted = old.clone();
                wanted.resize(old.len().max(4), String::new());
                wanted.insert(4, result.unwrap_or_default());
                assert_eq!(*new, wanted, "row {i}");
            }
            let err = text(&o.stderr);
            assert!(err.ends_with(&format!("{failed} of 3000 rows failed; the result is empty there\n")), "{err}");
            assert_eq!(err.lines().count(), 22, "20 in full, how many more, and the sum: {err}");
        }
    }
}

#[test]
fn what_is_not_changed_stays_as_it_is_written() {
    let dir = files(&[
        ("p.nsp", SWAP),
        ("d.csv", "\u{feff}id,\"name\"\r\n\n1,\"Smith, Ann\"\r\n\"2\",\"Lee, Bo\""),
        ("d.tsv", "id\tname\n1\tSmith, Ann\n"),
        ("e.csv", "x;Smith, Ann;y\n"),
    ]);
    let at = dir.path();
    assert_eq!(
        quiet(at, &["p.nsp", "d.csv", "-c", "name"]),
        "\u{feff}id,\"name\",swap\r\n\n1,\"Smith, Ann\",Ann-Smith\r\n\"2\",\"Lee, Bo\",Bo-Lee\r\n"
    );
    assert_eq!(
        quiet(at, &["p.nsp", "d.csv", "-c", "2", "--into", "name"]),
        "\u{feff}id,\"name\"\r\n\n1,Ann-Smith\r\n\"2\",Bo-Lee\r\n"
    );
    assert_eq!(quiet(at, &["p.nsp", "d.tsv", "-c", "name"]), "id\tname\tswap\n1\tSmith, Ann\tAnn-Smith\n");
    let plain = ["p.nsp", "e.csv", "-c", "2", "--no-header", "--delimiter", ";"];
    assert_eq!(quiet(at, &plain), "x;Smith, Ann;y;Ann-Smith\n");
    assert_eq!(quiet(at, &[&plain[..], &["--into", "3"]].concat()), "x;Smith, Ann;Ann-Smith\n");
}

#[test]
fn results_of_all_kinds() {
    let program = "fn n(s: str) -> int { len(s) }\nfn x(s: str) -> num { num(s) / 2 }\nfn b(s: str) -> bool { s == \"3\" }\n\
        fn all(row: [str]) -> str { join(row, \"+\") }\nfn open(s, sep: str = \"!\") { s + sep }";
    let dir = files(&[("p.nsp", program), ("d.csv", "a,b\n3,4\n"), ("d.jsonl", "{\"a\": \"3\"}\n")]);
    let get = |more: &[&str]| quiet(dir.path(), &[&["p.nsp", "d.csv", "--into", "r"], more].concat());
    assert_eq!(get(&["-c", "a", "--name", "n"]), "a,b,r\n3,4,1\n");
    assert_eq!(get(&["-c", "a", "--name", "x"]), "a,b,r\n3,4,1.5\n");
    assert_eq!(get(&["-c", "a", "--name", "b"]), "a,b,r\n3,4,true\n");
    assert_eq!(get(&["-c", "a,b", "--name", "all"]), "a,b,r\n3,4,3+4\n");
    assert_eq!(get(&["-c", "b", "-c", "a", "-c", "a", "--name", "all"]), "a,b,r\n3,4,4+3+3\n");
    assert_eq!(get(&["-c", "a"]), "a,b,r\n3,4,3!\n", "open parameter types and defaults");
    for (name, value) in [("n", "1"), ("x", "1.5"), ("b", "true"), ("all", "\"3\"")] {
        let line = quiet(dir.path(), &["p.nsp", "d.jsonl", "-c", "a", "--name", name]);
        assert_eq!(line, format!("{{\"a\": \"3\",\"{name}\":{value}}}\n"));
    }
}

#[test]
fn json_lines_keep_their_fields() {
    let data = "{\"big\": 123456789012345678901234567890, \"name\": \"L\\u00e9, \\\"B\\\"\", \"z\": [1, {}]}\n\n{}\n{\"name\": 1}\n\
        [1]\n {\"swap\" : null, \"name\":\"a, b\"} \r\n";
    let dir = files(&[("p.nsp", SWAP), ("d.ndjson", data)]);
    let o = nsp(dir.path(), &["p.nsp", "d.ndjson", "--column", "name"]);
    assert_eq!(
        text(&o.stdout),
        "{\"big\": 123456789012345678901234567890, \"name\": \"L\\u00e9, \\\"B\\\"\", \"z\": [1, {}],\"swap\":\"\\\"B\\\"-Lé\"}\n\n\
         {\"swap\":null}\n{\"name\": 1,\"swap\":null}\n[1]\n {\"swap\" : \"b-a\", \"name\":\"a, b\"} \r\n"
    );
    let err = text(&o.stderr);
    for part in [
        "d.ndjson:3: E0604: there is no field `name`",
        "d.ndjson:4: E0604: the field `name` is a number, not text",
        "d.ndjson:5: E0604: the line is no JSON object",
        "3 of 5 rows failed",
    ] {
        assert!(err.contains(part), "{err}");
    }
}

#[test]
fn failures_name_their_line() {
    let dir = files(&[("p.nsp", SWAP)]);
    std::fs::write(dir.path().join("d.csv"), b"id,name\n1,\"a,\nb, c\"\n2,none\n3\n4,\"\xff, b\"\n").unwrap();
    let o = nsp(dir.path(), &["p.nsp", "d.csv", "--column", "name"]);
    assert_eq!(o.status.code(), Some(0));
    assert_eq!(
        text(&o.stderr),
        "d.csv:4: E0446: \"none\" has no end_of(\", \")\n\
         d.csv:5: E0604: the row has 1 field, and no column `name`\n\
         d.csv:6: E0604: column `name` is not UTF-8 text\n\
         d.csv: 3 of 4 rows failed; the result is empty there\n"
    );
    // Strictly, the first ends the run, and what was there stays.
    std::fs::write(dir.path().join("out.csv"), "old").unwrap();
    let o = nsp(dir.path(), &["p.nsp", "d.csv", "--column", "name", "--strict", "-o", "out.csv"]);
    assert_eq!(o.status.code(), Some(1));
    assert!(text(&o.stderr).starts_with("d.csv:4: E0446: "), "{}", text(&o.stderr));
    assert_eq!(std::fs::read_to_string(dir.path().join("out.csv")).unwrap(), "old");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "no temporary file stays behind");
}

#[test]
fn mistakes_are_told() {
    let dir = files(&[
        ("p.nsp", SWAP),
        ("hole.nsp", "fn f(s: str) -> str { s + ?? }"),
        ("two.nsp", "fn f(a: str, b: str) -> str { a + b }"),
        ("list.nsp", "fn f(a: str) -> [str] { [a] }"),
        ("none.nsp", "let x = 1"),
        ("d.csv", "id,name\n1,x\n"),
        ("empty.csv", ""),
        ("endless.csv", &("a\n\"".to_string() + &"x".repeat(20 << 20))),
    ]);
    for (args, parts) in [
        (&["p.nsp", "d.csv", "-c", "nmae"][..], &["no column `nmae`", "did you mean `name`?"][..]),
        (&["p.nsp", "d.csv", "-c", "3"], &["no column 3", "2 columns"]),
        (&["p.nsp", "d.csv", "-c", "name", "--no-header"], &["give its number"]),
        (&["p.nsp", "d.csv", "-c", "name", "--name", "swpa"], &["did you mean `swap`?"]),
        (&["hole.nsp", "d.csv", "-c", "name"], &["E0404", "hole"]),
        (&["two.nsp", "d.csv", "-c", "name"], &["it takes 2 texts"]),
        (&["list.nsp", "d.csv", "-c", "name"], &["[str]", "it must give a str"]),
        (&["none.nsp", "d.csv", "-c", "name"], &["defines no function"]),
        (&["p.nsp", "empty.csv", "-c", "name"], &["is empty"]),
        (&["p.nsp", "nowhere.csv", "-c", "name"], &["no such file"]),
        (&["p.nsp", "endless.csv", "-c", "a"], &["line 2", "is a quote not closed?"]),
    ] {
        let o = nsp(dir.path(), args);
        let err = text(&o.stderr);
        assert_eq!(o.status.code(), Some(1), "{args:?}: {err}");
        parts.iter().for_each(|p| assert!(err.contains(p), "{args:?}: {err}"));
    }
    assert_eq!(nsp(dir.path(), &["p.nsp", "d.csv"]).status.code(), Some(2));
    assert_eq!(nsp(dir.path(), &["p.nsp", "d.csv", "-c", "1", "--delimiter", "ab"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    let dir = files(&[("p.nsp", "fn f(s: str) -> str { while true {}\ns }"), ("d.csv", "name\nx\n")]);
    for data in ["d.csv", "-"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nsp"))
            .current_dir(dir.path())
            .args(["map", "p.nsp", data, "-c", "1", "--no-header", "-o", "out.csv"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // Open until the end, so that there is something to wait for.
        let _input = child.stdin.take();
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{data}");
        let mut left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["d.csv", "p.nsp"]);
    }
}
