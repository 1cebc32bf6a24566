//! The examples print what `examples/expected` says, and their tests hold. `NSP_BLESS=1` writes the expectations anew.

#[path = "support/run.rs"]
mod run;

use run::{Run, run};
use std::path::{Path, PathBuf};

fn examples() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "nsp") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn expectation(example: &Path) -> PathBuf {
    let name =
        example.strip_prefix("examples").unwrap().with_extension("").display().to_string().replace(['/', '\\'], "_");
    Path::new("examples/expected").join(name).with_extension("txt")
}

/// How much a search tried is no promise.
fn without_counts(output: &str) -> String {
    let line = |l: &str| match l.split_once(": cost ") {
        Some((before, _)) if l.contains("programs tried") => format!("{before}: ..\n"),
        _ => format!("{l}\n"),
    };
    output.lines().map(line).collect()
}

#[test]
fn examples_print_what_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("tour.png").display().to_string();
    let bless = std::env::var_os("NSP_BLESS").is_some();
    for path in examples() {
        let tour = path.ends_with("tour.nsp");
        let args = if tour { vec!["-o".to_string(), picture.clone()] } else { Vec::new() };
        let text = std::fs::read_to_string(&path).unwrap();
        let Run { output, error, tests, failed } = run(&path.display().to_string(), &text, &args);
        assert!(error.is_none(), "{}: {}", path.display(), error.unwrap());
        assert!(failed.is_empty(), "{}: {failed:?} of {tests}", path.display());
        let output = without_counts(&output.replace(&picture, "tour.png"));
        let expected = expectation(&path);
        if bless {
            std::fs::write(&expected, &output).unwrap();
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(output, wanted, "{} prints something else than {}", path.display(), expected.display());
    }
    let drawn = image::open(&picture).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (252, 252));
}

/// The tour, given other inputs: a table, a table with wanted rows, tasks, a photograph.
#[test]
fn the_tour_takes_other_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("people.csv"), "name,age\nAda Lovelace,36\nAlan Turing,41\nGrace Hopper,85\nKurt Gödel,71\n")
        .unwrap();
    let task = r#"{"train": [["a-b", "b"], ["c-d", "d"], ["ef-gh", "gh"]], "test": [["x-yz", "yz"]]}"#;
    std::fs::write(at("task.jsonl"), format!("{task}\n")).unwrap();
    let photo = image::RgbImage::from_fn(100, 80, |x, y| image::Rgb([(2 * x) as u8, (3 * y) as u8, (x ^ y) as u8]));
    photo.save(at("photo.png")).unwrap();
    let text = std::fs::read_to_string("examples/tour.nsp").unwrap();
    let cases = [
        (vec![at("people.csv"), "name".into()], "Kurt Gödel    ->  Gödel (Kurt)"),
        (
            vec![at("people.csv"), "name".into(), "Lovelace, A".into(), "Turing, A".into(), "Hopper, G".into()],
            "Hopper, G",
        ),
        (vec![at("task.jsonl")], "x-yz  ->  yz"),
        (vec![at("photo.png")], "208 x 81 pixels"),
    ];
    for (mut args, wanted) in cases {
        args.extend(["-o".into(), at("out.png")]);
        let Run { output, error, .. } = run("examples/tour.nsp", &text, &args);
        assert!(error.is_none(), "{args:?}: {error:?}");
        assert!(output.contains(wanted), "{args:?}:\n{output}");
    }
}

#[test]
fn examples_and_library_are_formatted() {
    let library = std::fs::read_dir("stdlib").unwrap().map(|e| e.unwrap().path());
    for path in examples().into_iter().chain(library) {
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = nsp::syntax::fmt(&text).unwrap();
        assert!(text == formatted, "`nsp fmt {}` changes it", path.display());
    }
}
