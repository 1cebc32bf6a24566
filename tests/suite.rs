//! `tests/suite/<feature>/*.nsp`: sections in the language, each statement with what is expected of it.
//!
//! A section begins with `--- name`; `--- file PATH` before it makes a file that it can import. On a statement's last
//! line `// => value` (or `// => value : type`) is what it gives; on the line an error points at, `// error E0101: part
//! of the message | part of the help`, with `error@5` where the column matters. A statement that is expected to give
//! nothing says nothing. Every section runs twice: as written, and printed and parsed again.
//!
//! `NSP_BLESS=1` puts what comes out in place of every `// ?`.

#[path = "support/sections.rs"]
mod support;

use std::fmt::Write;
use std::path::PathBuf;
use support::{Section, check};

fn sections(text: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let mut files: Vec<(String, String)> = Vec::new();
    let mut in_file = false;
    for (i, line) in text.lines().enumerate() {
        if let Some(path) = line.strip_prefix("--- file ") {
            files.push((path.trim().into(), String::new()));
            in_file = true;
        } else if let Some(name) = line.strip_prefix("--- ") {
            out.push(Section {
                name: name.into(),
                files: std::mem::take(&mut files),
                first: i + 1,
                text: String::new(),
            });
            in_file = false;
        } else {
            let into = match (in_file, files.last_mut(), out.last_mut()) {
                (true, Some((_, text)), _) | (_, _, Some(Section { text, .. })) => text,
                _ => panic!("text before the first section: {line}"),
            };
            into.push_str(line);
            into.push('\n');
        }
    }
    out
}

fn files() -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![PathBuf::from("tests/suite")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out.retain(|p| p.extension().is_some_and(|e| e == "nsp"));
    out.sort();
    out
}

#[test]
fn sections_mean_what_they_say() {
    let mut complaints = String::new();
    let mut count = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut answers = Vec::new();
        let mut here = String::new();
        for section in sections(&text) {
            count += 1;
            let folder = tempfile::tempdir().unwrap();
            check(&section, folder.path(), &mut here, &mut answers);
        }
        if !here.is_empty() {
            let _ = write!(complaints, "{}\n{here}", path.display());
        }
        if std::env::var_os("NSP_BLESS").is_some() {
            let mut lines: Vec<String> = text.lines().map(String::from).collect();
            for (line, answer) in answers {
                lines[line] = lines[line].replace("// ?", &format!("// {answer}"));
            }
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        } else if let Some((line, answer)) = answers.first() {
            let _ = writeln!(complaints, "{}:{}: open: {answer}", path.display(), line + 1);
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
    assert!(count >= 80, "only {count} sections were found");
}
