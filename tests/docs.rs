//! The code in the guide and the README runs, and gives what it says it gives. The reference is what the table says.

#[path = "support/sections.rs"]
mod support;

use nsp::builtins::OpTable;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::{Section, check};

#[path = "../examples/gen_reference.rs"]
#[allow(dead_code)]
mod gen_reference;

fn pages() -> Vec<PathBuf> {
    let chapters = std::fs::read_dir("docs/src").unwrap().map(|e| e.unwrap().path());
    let mut out: Vec<PathBuf> = chapters.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    out.push("README.md".into());
    out.sort();
    out
}

/// The blocks of a page that are marked `nsp`.
fn blocks(page: &Path) -> Vec<Section> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut out: Vec<Section> = Vec::new();
    let mut open = false;
    for (i, line) in text.lines().enumerate() {
        if line == "```nsp" {
            out.push(Section { name: format!("block at {}", i + 1), files: vec![], first: i + 1, text: String::new() });
            open = true;
        } else if line.starts_with("```") {
            open = false;
        } else if let (true, Some(block)) = (open, out.last_mut()) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    out
}

#[test]
fn blocks_run() {
    let mut complaints = String::new();
    let mut count = 0;
    for page in pages() {
        let mut here = String::new();
        let mut open = Vec::new();
        for block in blocks(&page) {
            count += 1;
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("examples/data")).unwrap();
            for file in ["digits.png", "zone.csv"] {
                let path = Path::new("examples/data").join(file);
                std::fs::copy(&path, folder.path().join(&path)).unwrap();
            }
            check(&block, folder.path(), &mut here, &mut open);
        }
        for (line, answer) in open {
            let _ = writeln!(here, "  line {}: open: {answer}", line + 1);
        }
        if !here.is_empty() {
            let _ = write!(complaints, "{}\n{here}", page.display());
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
    assert!(count >= 20, "only {count} blocks were found");
}

/// `cargo run --example gen_reference` writes it anew.
#[test]
fn the_reference_is_up_to_date() {
    let found = std::fs::read_to_string("docs/src/reference.md").unwrap_or_default();
    let wanted = gen_reference::reference(&OpTable::standard());
    assert!(found == wanted, "docs/src/reference.md is old; `cargo run --example gen_reference` writes it anew");
}

#[test]
fn every_chapter_is_in_the_summary() {
    let summary = std::fs::read_to_string("docs/src/SUMMARY.md").unwrap();
    for page in pages() {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "SUMMARY.md" || name == "README.md" || summary.contains(&format!("({name})")), "{name}");
    }
}
