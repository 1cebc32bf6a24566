//! The library in the language, the examples and the lines in the table of operations hold what they say.

use nsp::builtins::OpTable;
use nsp::session::{STDLIB, Session};
use std::collections::BTreeMap;

/// Checks a text and runs its tests; what went wrong.
fn run_tests(name: &str, text: &str) -> (usize, Vec<String>) {
    let mut session = Session::default();
    let outcome = match session.step(name, text) {
        Ok(outcome) => outcome,
        Err(errors) => return (0, errors.iter().map(|d| complain(&session, d)).collect()),
    };
    let failed = outcome.tests.iter().filter_map(|test| {
        let d = session.run_test(test).err()?;
        Some(format!("test {:?}: {}", test.name, complain(&session, &d)))
    });
    (outcome.tests.len(), failed.collect())
}

fn complain(session: &Session, d: &nsp::diag::Diagnostic) -> String {
    let file = session.sources().get(d.span().file).map_or(String::new(), |s| s.name.to_string());
    let (line, column) = session.sources().line_col(d.span()).unwrap_or_default();
    let place = format!("{file}:{line}:{column}: ");
    format!("{place}{d} {}", d.help.as_deref().unwrap_or(""))
}

#[test]
fn library_tests_hold() {
    let mut wrong = Vec::new();
    for (name, text) in STDLIB {
        let (count, failed) = run_tests(name, text);
        if count == 0 && failed.is_empty() {
            wrong.push(format!("{name} has no tests"));
        }
        wrong.extend(failed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every example in the table of operations is a line that gives `true`; one that touches files is a comment.
#[test]
fn examples_of_operations_hold() {
    let table = OpTable::standard();
    let mut wrong = Vec::new();
    let mut commented = BTreeMap::new();
    for (_, op) in table.iter() {
        assert!(!op.doc.is_empty() && !op.example.is_empty(), "{} has no documentation or example", op.name);
        if op.example.starts_with("//") {
            commented.insert(op.name.to_string(), op.example.to_string());
            continue;
        }
        let mut session = Session::default();
        match session.step("<example>", &op.example) {
            Ok(o) if nsp::vm::show(&o.value.value, &o.value.ty) == "true" => {}
            Ok(o) => wrong.push(format!("{} gives {}", op.example, nsp::vm::show(&o.value.value, &o.value.ty))),
            Err(errors) => wrong.push(format!("{}: {}", op.example, complain(&session, &errors[0]))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: Vec<&str> = commented.keys().map(String::as_str).collect();
    assert_eq!(names, FILES, "operations whose examples are not run here");
}

/// Operations that touch files, or end the program; exercised in `files.rs` and in their own tests.
const FILES: &[&str] = &[
    "asset",
    "error",
    "frechet",
    "load_cifar",
    "load_csv",
    "load_folder",
    "load_idx_images",
    "load_idx_labels",
    "load_image",
    "load_json",
    "load_jsonl",
    "read_text",
    "relaxed_at",
    "save",
    "save_csv",
    "save_json",
    "save_jsonl",
    "write_text",
];
