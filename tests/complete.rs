//! Pictures with unknown parts, completed by the command and by programs.
#![cfg(feature = "shell")]

use nsp::Session;
use std::path::Path;
use std::process::{Command, Output};

fn nsp(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nsp")).current_dir(dir).args(args).output().unwrap()
}

fn said(o: &Output) -> (i32, String) {
    (o.status.code().unwrap_or(-1), String::from_utf8_lossy(&o.stderr).into_owned())
}

/// Windows of two colours, a mask over some of them, and the picture with that part transparent.
const PICTURES: &str = r#"
    let pane = blank(8, 8, 40, 60, 90)
    let wall = blank(16, 16, 190, 170, 150)
    let window = paste(wall, pane, 4, 4)
    let house = picture(grid(6, 5, 16, 16), for i in 1..=6, j in 1..=5 { draw(i, j, window) })
    let mask = paste(blank(96, 80), blank(30, 28, 255, 255, 255), 35, 29)
    save(house, "house.png")
    save(mask, "mask.png")
"#;

/// PSNR of a completed picture in the hole, by the language itself.
fn psnr(dir: &Path, name: &str) -> f64 {
    let text = format!("psnr(load_image(\"house.png\"), load_image({name:?}), load_image(\"mask.png\"))");
    let o = nsp(dir, &["-e", &text]);
    String::from_utf8_lossy(&o.stdout).trim().parse().unwrap_or(f64::NAN)
}

#[test]
fn the_command_completes() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    std::fs::write(at.join("make.nsp"), PICTURES).unwrap();
    assert_eq!(said(&nsp(at, &["make.nsp"])), (0, String::new()));
    let (code, text) = said(&nsp(at, &["complete", "house.png", "--mask", "mask.png", "--grid", "6", "-o", "a.png"]));
    assert!(code == 0 && text.contains("840 unknown pixels"), "{code} {text}");
    assert!(psnr(at, "a.png") > 25.0, "{}", psnr(at, "a.png"));
    // The same rectangle, the same picture.
    let rect = ["complete", "house.png", "--rect", "35,29,30,28", "--grid", "6", "-o", "b.png", "--program", "s.nsp"];
    assert_eq!(said(&nsp(at, &rect)).0, 0);
    assert_eq!(std::fs::read(at.join("a.png")).unwrap(), std::fs::read(at.join("b.png")).unwrap());
    // What explains it is a program: it draws, and what it draws can be given in place of a search.
    let text = r#"import "s.nsp" as s
        let again = complete(load_image("house.png"), load_image("mask.png"), s.structure)
        assert(psnr(again, load_image("house.png"), load_image("mask.png")) > 25.0)
        assert(coverage(s.structure) > 0.5)"#;
    std::fs::write(at.join("again.nsp"), text).unwrap();
    assert_eq!(said(&nsp(at, &["again.nsp"])), (0, String::new()));
    for method in ["rows", "separable", "patches", "smooth"] {
        let (code, text) =
            said(&nsp(at, &["complete", "house.png", "--mask", "mask.png", "--method", method, "-o", "c.png"]));
        assert!(code == 0 && psnr(at, "c.png") > 9.0, "{method}: {code} {text} {}", psnr(at, "c.png"));
    }
}

#[test]
fn what_cannot_be_completed_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    std::fs::write(at.join("make.nsp"), PICTURES).unwrap();
    assert_eq!(said(&nsp(at, &["make.nsp"])).0, 0);
    let wrong = |args: &[&str], code: i32, part: &str| {
        let (got, text) = said(&nsp(at, &[&["complete", "house.png", "-o", "o.png"], args].concat()));
        assert!(got == code && text.contains(part), "{args:?}: {got} {text}");
        assert!(!at.join("o.png").exists(), "{args:?} wrote a picture");
    };
    wrong(&["--rect", "0,0,96,80"], 1, "nothing of the picture is known");
    wrong(&["--rect", "96,0,4,4"], 1, "outside the picture of 96 x 80 pixels");
    wrong(&["--rect", "0,0,4"], 2, "left,top,width,height");
    wrong(&["--mask", "none.png"], 1, "none.png");
    wrong(&["--mask", "mask.png", "--method", "patchs"], 1, "did you mean `patches`?");
    wrong(&["--mask", "mask.png", "--strength", "2"], 1, "from 0 to 1");
    wrong(&["--mask", "mask.png", "--grid", "97"], 1, "97 x 97 cells");
    wrong(&["--mask", "mask.png", "--rect", "0,0,1,1"], 2, "--rect");
    let text = "complete(load_image(\"house.png\"), blank(5, 5))";
    let (code, text) = said(&nsp(at, &["-e", text]));
    assert!(code == 1 && text.contains("the mask is 5 x 5 pixels, the picture 96 x 80"), "{text}");
}

#[test]
fn transparent_pixels_are_unknown() {
    let mut session = Session::default();
    let text = r##"
        let window = paste(blank(12, 12, 190, 170, 150), blank(6, 6, 40, 60, 90), 3, 3)
        let house = picture(grid(6, 6, 12, 12), for i in 1..=6, j in 1..=6 { draw(i, j, window) })
        let done = completion(house, (20, 20, 20, 20), grid: 6)
        assert(width(done.image) == 72 and done.cells == 9)
        assert(len(done.structure) == 1 and done.explained > 0)
        assert(psnr(done.image, house) > 30.0)
        // A picture without transparent pixels has nothing unknown.
        complete(house) == house"##;
    let outcome = session.step("<test>", text).unwrap();
    assert_eq!(nsp::vm::show(&outcome.value.value, &outcome.value.ty), "true");
}
