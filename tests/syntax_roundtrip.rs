//! `parse(print(p)) == p`, and formatting changes nothing but the form.

mod support;

use nsp::source::FileId;
use nsp::syntax::{ast::Ast, fmt, parse, print, same};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use support::gen_ast;

fn reparse(text: &str) -> Ast {
    let parsed = parse(FileId(0), text);
    assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
    assert!(!parsed.incomplete, "{text}");
    parsed.ast
}

fn check_print(ast: &Ast) {
    let text = print(ast);
    let again = reparse(&text);
    assert!(same(ast, &again), "printed:\n{text}\nreparsed:\n{}", print(&again));
    assert_eq!(text, print(&again), "printing is not stable");
}

/// Comments without their slashes and blanks, sorted: formatting may move one, and may take a slash off.
fn comments(ast: &Ast) -> Vec<String> {
    let mut all: Vec<String> = ast.comments.iter().map(|c| c.text.trim_start_matches('/').trim().to_string()).collect();
    all.sort();
    all
}

fn check_fmt(text: &str) {
    let ast = reparse(text);
    let once = fmt(text).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    let again = reparse(&once);
    assert!(same(&ast, &again), "formatting changed the program\n{text}\n----\n{once}");
    assert_eq!(comments(&ast), comments(&again), "formatting lost a comment\n{text}\n----\n{once}");
    let twice = fmt(&once).unwrap_or_else(|e| panic!("{e:?}\n{once}"));
    assert_eq!(once, twice, "formatting is not idempotent\n{text}");
}

/// `NSP_PROGRAMS=1000000` tries a million of them.
#[test]
fn many_programs() {
    let n = std::env::var("NSP_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    for seed in 0..n {
        check_print(&gen_ast::program(seed));
    }
}

#[test]
fn many_commented_programs() {
    for seed in 0..5_000 {
        check_fmt(&gen_ast::commented(seed));
    }
}

proptest! {
    #[test]
    fn any_program(seed in any::<u64>()) {
        check_print(&gen_ast::program(seed));
        check_fmt(&gen_ast::commented(seed));
    }

    #[test]
    fn any_text(text in r#"([a-z0-9 \n(){}\[\]|,:=+.?"/-]|let |fn |if |else |for |in |\?\?|"a"|//){0,60}"#) {
        let parsed = parse(FileId(0), &text);
        if parsed.errors.is_empty() {
            check_fmt(&text);
            check_print(&parsed.ast);
        }
    }

    #[test]
    fn any_string(text in ".{0,80}") {
        let parsed = parse(FileId(0), &text);
        for e in &parsed.errors {
            for label in &e.labels {
                prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
            }
        }
        nsp::syntax::tokens(&text);
    }
}

fn nsp_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if path.is_dir() && !hidden && entry.file_name() != "target" {
            nsp_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "nsp") {
            out.push(path);
        }
    }
}

/// Every program in the tree that parses survives printing and formatting.
#[test]
fn every_program_in_the_tree() {
    let mut files = Vec::new();
    nsp_files(Path::new(env!("CARGO_MANIFEST_DIR")), &mut files);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = parse(FileId(0), &text);
        if parsed.errors.is_empty() {
            println!("{}", path.display());
            check_print(&parsed.ast);
            check_fmt(&text);
        } else {
            // Programs about errors stand under tests/; all others must parse.
            assert!(path.components().any(|c| c.as_os_str() == "tests"), "{}: {:?}", path.display(), parsed.errors);
        }
    }
}
