//! Loop programs as their users see them: from the language, from files, from the command line.

use nsp::Session;
use nsp::vm::ctx::Capabilities;
use std::path::Path;

fn session(dir: &Path) -> Session {
    let mut s = Session::default();
    s.env_mut().caps = Capabilities { files: vec![dir.to_path_buf()], all_files: false };
    s.env_mut().base = dir.to_path_buf();
    s
}

fn run(s: &mut Session, text: &str) -> String {
    match s.step("<test>", text) {
        Ok(found) => nsp::vm::show(&found.value.value, &found.value.ty),
        Err(e) => panic!("{text}: {}", e[0].message),
    }
}

fn error(s: &mut Session, text: &str) -> String {
    match s.step("<test>", text) {
        Ok(_) => panic!("{text}: no error"),
        Err(e) => e[0].message.clone(),
    }
}

/// A wall with windows in every other column and row of a grid of 8 by 6 cells.
const HOUSE: &str = "
    let wall = blank(10, 10, 200, 170, 120)
    let window = paste(wall, blank(6, 7, 60, 80, 120), 2, 2)
    let g = grid(8, 6, 10, 10)
    let house = picture(g, [for i in 1..=8, j in 1..=6 { draw(i, j, wall) }, \
        for i in 1..=4, j in 1..=2 { draw(2 * i, 2 * j + 1, window) }])";

#[test]
fn a_program_is_saved_changed_and_run_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = session(dir.path());
    run(&mut s, HOUSE);
    assert_eq!(run(&mut s, "let f = synth.loops(house, g)\nf() == house"), "true");
    run(&mut s, "save(f, \"house.nsp\")");
    let path = dir.path().join("house.nsp");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("for i in 1..=4, j in 1..=2 { draw(2 * i, 2 * j + 1, tile2) }"), "{text}");
    assert!(dir.path().join("house.tiles.png").is_file());
    // No grant is needed for a program's own tiles.
    let again = |text: &str, then: &str| {
        let mut t = Session::default();
        t.step(&path.display().to_string(), text).unwrap_or_else(|e| panic!("{e:?}"));
        run(&mut t, HOUSE);
        run(&mut t, then)
    };
    assert_eq!(again(&text, "structure() == house"), "true");
    let fewer = text.replace("i in 1..=4, j in 1..=2", "i in 1..=3, j in 1..=1");
    assert_eq!(
        again(&fewer, "let p = structure()\n(tile(p, g, 6, 3) == window, tile(p, g, 8, 3) == window)"),
        "(true, false)"
    );
    assert_eq!(again(&fewer, "len(continuations(structure, blank(80, 60)))"), "0");
}

#[test]
fn the_paper_and_its_range() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = session(dir.path());
    run(&mut s, HOUSE);
    // A loop over the whole wall covers the windows' pairs too: in the paper's objective they add nothing.
    let bare = "picture(g, for i in 1..=8, j in 1..=6 { draw(i, j, wall) })";
    let paper = format!("synth.loops(house, g, method: \"paper\", lambda: 0.5)() == {bare}");
    assert_eq!(run(&mut s, &paper), "true");
    assert_eq!(run(&mut s, "synth.loops(house, g, lambda: 0.5)() == house"), "true");
    let offsets = run(&mut s, "source(synth.loops(house, g, range: \"paper\"))");
    assert!(!offsets.contains(" - "), "a stride begins no earlier than its own width: {offsets}");
    let r = run(&mut s, "synth.try_loops(house, g)");
    assert!(r.contains("found: true") && r.contains("objective: ") && r.contains("source: \"fn structure()"), "{r}");
}

#[test]
fn what_is_hidden_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = session(dir.path());
    run(&mut s, HOUSE);
    run(&mut s, "let mask = paste(blank(80, 60), blank(20, 60, 255, 255, 255), 60, 0)");
    run(&mut s, "let f = synth.loops(paste(house, blank(20, 60), 60, 0), g, mask: mask)");
    assert_eq!(run(&mut s, "extrapolate(f, mask)() == house"), "true");
    let how = run(&mut s, "source(extrapolate(f, mask), comments: true)");
    assert!(how.contains("continued in columns, every 2"), "{how}");
    assert!(error(&mut s, "extrapolate(f, mask, \"learned\")").contains("no method `learned`"));
    assert!(error(&mut s, "fn dot() -> image { blank(1, 1) }\nextrapolate(dot, mask)").contains("no loop program"));
}

#[test]
fn bad_input_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = session(dir.path());
    let white = "blank(20, 20, 255, 255, 255)";
    for (bad, why) in [
        ("synth.loops(blank(20, 20), 21)", "no grid of 21 x 21 cells fits"),
        ("synth.loops(blank(20, 20), grid(3, 3, 8, 8))", "does not fit on a picture of 20 x 20"),
        ("synth.loops(blank(20, 20), 0)", "no grid of 0 x 0"),
        ("synth.loops(blank(999, 999), 65)", "too many"),
        ("synth.loops(blank(20, 20), 4, mask: blank(20, 10))", "the mask is 20 x 10 pixels, the picture 20 x 20"),
        ("synth.loops(blank(20, 20), mask: blank(20, 10))", "the mask is 20 x 10 pixels"),
        (&format!("synth.loops(blank(20, 20), 4, mask: {white})"), "nothing is known"),
        (&format!("synth.loops(blank(20, 20), mask: {white})"), "nothing is known"),
        ("synth.loops(blank(20, 20), 4, k: 0)", "`k` must be"),
        ("synth.loops(blank(20, 20), 4, lambda: -1.0)", "0 or more"),
        ("synth.loops(blank(20, 20), 4, lambda: nan)", "0 or more"),
        ("synth.loops(blank(20, 20), 4, method: \"sen\")", "no method `sen`"),
        ("synth.loops(blank(20, 20), 4, range: \"all\")", "unknown range"),
    ] {
        let said = error(&mut s, bad);
        assert!(said.contains(why), "{bad}: {said}");
    }
    // One colour is one loop; a single pixel too.
    assert_eq!(run(&mut s, "len(continuations(synth.loops(blank(20, 20), 4), blank(20, 20)))"), "0");
    assert_eq!(run(&mut s, "synth.loops(blank(20, 20), 4)() == blank(20, 20)"), "true");
    assert_eq!(run(&mut s, "synth.loops(blank(1, 1))() == blank(1, 1)"), "true");
    assert_eq!(run(&mut s, "synth.loops(blank(1, 1), 1)() == blank(1, 1)"), "true");
    assert_eq!(run(&mut s, "synth.loops(blank(3, 2))() == blank(3, 2)"), "true");
    // Limits hold.
    s.env_mut().limits.memory = Some(1 << 20);
    assert!(error(&mut s, "synth.loops(blank(200, 200), 40)").contains("memory"));
}

#[cfg(feature = "shell")]
mod command {
    use std::path::Path;
    use std::process::{Command, Output};

    fn nsp(dir: &Path, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_nsp")).args(args).current_dir(dir).output().unwrap()
    }

    fn lines(out: &Output) -> Vec<serde_json::Value> {
        String::from_utf8_lossy(&out.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    #[test]
    fn pictures_become_programs() {
        let dir = tempfile::tempdir().unwrap();
        let draw = format!("{}\nsave(house, \"a.png\")\nsave(house, \"b.jpg\")", super::HOUSE);
        assert!(nsp(dir.path(), &["-e", &draw]).status.success());
        let out = nsp(dir.path(), &["synth", "loops", "a.png", "b.jpg", "--grid", "8x6", "--render", "out"]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let found = lines(&out);
        assert_eq!((found.len(), &found[0]["id"], &found[1]["id"]), (2, &"a.png".into(), &"b.jpg".into()));
        assert!(found[0]["objective"].is_number() && found[0]["ms"].is_number());
        assert!(found[0]["program"].as_str().unwrap().contains("draw(2 * i, 2 * j + 1, tile2)"));
        // The program gives the rendering, and for a drawing that is the drawing.
        assert!(nsp(dir.path(), &["render", "out/a.nsp", "-o", "again.png"]).status.success());
        let same = "load_image(\"again.png\") == load_image(\"out/a.png\") and load_image(\"a.png\") == load_image(\"again.png\")";
        assert_eq!(nsp(dir.path(), &["-e", same]).stdout, b"true\n");
        // The rest after an interruption.
        let args = ["synth", "loops", "a.png", "b.jpg", "--grid", "8x6", "--out", "r.jsonl"];
        assert!(nsp(dir.path(), &args).status.success());
        let whole = std::fs::read_to_string(dir.path().join("r.jsonl")).unwrap();
        std::fs::write(dir.path().join("r.jsonl"), whole.lines().next().unwrap().to_string() + "\n{\"id\"").unwrap();
        assert!(nsp(dir.path(), &[&args[..], &["--resume"]].concat()).status.success());
        assert_eq!(std::fs::read_to_string(dir.path().join("r.jsonl")).unwrap().lines().count(), 2);
    }

    #[test]
    fn every_picture_gets_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let draw = "save(blank(8, 8), \"a.png\")\nsave(blank(8, 8, 255, 255, 255), \"white.png\")\nsave(blank(4, 4), \"m.png\")";
        assert!(nsp(dir.path(), &["-e", draw]).status.success());
        let out = nsp(dir.path(), &["synth", "loops", "none.png", "a.png", "--grid", "2"]);
        let found = lines(&out);
        assert_eq!((found.len(), out.status.code()), (2, Some(1)));
        assert!(found[0]["program"].is_null() && found[0]["error"].as_str().unwrap().contains("none.png"));
        assert_eq!(found[1]["loops"], 1);
        let hidden = nsp(dir.path(), &["synth", "loops", "a.png", "--grid", "2", "--mask", "white.png"]);
        assert!(lines(&hidden)[0]["error"].as_str().unwrap().contains("nothing is known"));
        let other = nsp(dir.path(), &["synth", "loops", "a.png", "--grid", "2", "--mask", "m.png"]);
        assert!(lines(&other)[0]["error"].as_str().unwrap().contains("the mask is 4 x 4"));
        assert_eq!(nsp(dir.path(), &["synth", "loops", "a.png", "--method", "papr"]).status.code(), Some(2));
        assert_eq!(nsp(dir.path(), &["synth", "loops", "a.png", "--grid", "0"]).status.code(), Some(2));
    }

    #[test]
    fn digit_grids_are_made_from_idx_files() {
        let dir = tempfile::tempdir().unwrap();
        let mut images = vec![0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 2];
        images.extend((0..20).map(|i| i * 12 + 9));
        std::fs::write(dir.path().join("train-images-idx3-ubyte"), images).unwrap();
        std::fs::write(dir.path().join("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 4]).unwrap();
        let make = |out: &str, seed: &str| {
            let args = ["sample", "grids", "--mnist", ".", "--count", "3", "--out", out, "--seed", seed];
            let made = nsp(dir.path(), &args);
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            let read = |name: &str| std::fs::read(dir.path().join(out).join(name)).unwrap();
            (read("00002.png"), read("grids.jsonl"))
        };
        let first = make("a", "1");
        assert!(first == make("b", "1") && first.0 != make("c", "2").0);
        let text = String::from_utf8(first.1).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((line["loops"].as_array().unwrap().len(), line["cells"].as_array().unwrap().len()), (12, 81));
        let missing = nsp(dir.path(), &["sample", "grids", "--mnist", "a", "--out", "d"]);
        assert_eq!(missing.status.code(), Some(1));
    }
}
