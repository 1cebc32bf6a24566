//! What a host lets programs do: files, limits, being stopped.

use nsp::{Bound, Engine, Error, ErrorKind, Limits};
use std::time::{Duration, Instant};

fn untrusted() -> Engine {
    let mut nsp = Engine::new();
    nsp.set_limits(Limits::untrusted());
    nsp
}

#[track_caller]
fn fails(nsp: &mut Engine, text: &str) -> Error {
    match nsp.run(text) {
        Ok(v) => panic!("`{text}` gave a value: {:?}", v.value),
        Err(e) => e,
    }
}

// ---- capabilities

#[test]
fn files_must_be_granted() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
    std::fs::create_dir_all(&inside).unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(inside.join("a.nsp"), "fn one() { 1 }").unwrap();
    std::fs::write(outside.join("secret.nsp"), "fn two() { 2 }").unwrap();
    let mut nsp = Engine::new();
    nsp.set_base(&inside);
    let e = fails(&mut nsp, "import \"a.nsp\" as a");
    assert_eq!(e.kind(), ErrorKind::Io, "{e}");
    nsp.allow_files(&inside);
    assert_eq!(nsp.eval::<i64>("import \"a.nsp\" as a\na.one()").unwrap(), 1);
    assert_eq!(nsp.call::<i64>("a.one", ()).unwrap(), 1);
    assert_eq!(fails(&mut nsp, "import \"../out/secret.nsp\" as s").kind(), ErrorKind::Io);
    assert_eq!(fails(&mut nsp, "import \"missing.nsp\" as s").kind(), ErrorKind::Io);
    std::fs::write(inside.join("t.txt"), "hello").unwrap();
    std::fs::write(outside.join("t.txt"), "secret").unwrap();
    assert_eq!(nsp.eval::<String>("read_text(\"t.txt\")").unwrap(), "hello");
    let absolute = format!("read_text({:?})", outside.join("t.txt").display().to_string());
    assert_eq!(fails(&mut nsp, &absolute).kind(), ErrorKind::Io);
    assert_eq!(fails(&mut nsp, "read_text(\"../out/t.txt\")").kind(), ErrorKind::Io);
    nsp.run("save(circle(4, 4, 2) |> render(8, frame: (0, 0, 8, 8)), \"c.png\")").unwrap();
    assert!(inside.join("c.png").exists());
    let e = fails(&mut nsp, "save(circle(4, 4, 2) |> render(8, frame: (0, 0, 8, 8)), \"../out/c.png\")");
    assert_eq!(e.kind(), ErrorKind::Io, "{e}");
    assert!(!outside.join("c.png").exists());
    assert_eq!(fails(&mut Engine::new(), &absolute).kind(), ErrorKind::Io);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        std::os::unix::fs::symlink(outside.join("secret.nsp"), inside.join("s.nsp")).unwrap();
        assert_eq!(fails(&mut nsp, "import \"link/secret.nsp\" as s").kind(), ErrorKind::Io);
        assert_eq!(fails(&mut nsp, "import \"s.nsp\" as s").kind(), ErrorKind::Io);
        assert_eq!(fails(&mut nsp, "read_text(\"link/t.txt\")").kind(), ErrorKind::Io);
    }
}

// ---- limits

#[test]
fn a_flag_stops_an_endless_loop() {
    let mut nsp = Engine::new();
    nsp.run("var n = 0").unwrap();
    let cancel = nsp.cancel_handle();
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        let raised = Instant::now();
        cancel.cancel();
        raised
    });
    let e = fails(&mut nsp, "while true { n = n + 1 }");
    let raised = other.join().unwrap();
    assert!(raised.elapsed() < Duration::from_millis(200));
    assert_eq!(e.kind(), ErrorKind::Cancelled);
    assert_eq!(fails(&mut nsp, "1 + 1\nwhile true { }").kind(), ErrorKind::Cancelled);
    nsp.cancel_handle().reset();
    assert_eq!(nsp.eval::<i64>("1 + 1").unwrap(), 2);
    assert!(nsp.get::<i64>("n").is_ok());
}

/// Runs under `Limits::untrusted()` in a thread with a small stack; must end in 3 seconds, in an unoptimised build too.
#[track_caller]
fn bounded(text: &'static str) -> ErrorKind {
    let start = Instant::now();
    let run = move || fails(&mut untrusted(), text).kind();
    let kind = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(3), "`{text}` took {:?}", start.elapsed());
    kind
}

#[test]
fn an_endless_loop_ends() {
    assert!(matches!(bounded("while true { }"), ErrorKind::Limit(Bound::Ops | Bound::Time)));
}

#[test]
fn endless_recursion_ends() {
    assert_eq!(bounded("fn f(n: int) -> int { 1 + f(n + 1) }\nf(0)"), ErrorKind::Limit(Bound::Depth));
}

#[test]
fn a_doubling_string_ends() {
    assert_eq!(bounded("var s = \"ab\"\nwhile true { s = s + s }"), ErrorKind::Limit(Bound::Memory));
}

#[test]
fn a_growing_list_ends() {
    let kind = bounded("var xs = [1.5]\nwhile true { xs = xs + xs }");
    assert_eq!(kind, ErrorKind::Limit(Bound::Memory));
}

#[test]
fn many_medium_strings_end() {
    let text = "var s = \"0123456789\"\nfor i in 0..12 { s = s + s }\nvar all = [s]\nvar i = 0\n\
                while true { i = i + 1\n all = push(all, s + \"x\") }";
    assert_eq!(bounded(text), ErrorKind::Limit(Bound::Memory));
}

#[test]
fn a_huge_picture_ends() {
    for text in ["blank(1000000, 1000000)", "render(circle(0, 0, 1), 1000000)"] {
        let e = fails(&mut untrusted(), text);
        // Larger than any picture may be, whatever the limits.
        assert_eq!((e.kind(), e.code()), (ErrorKind::Runtime, "E0442"), "{e}");
    }
    for text in ["blank(16000, 16000)", "render(circle(0, 0, 1), 16000)"] {
        assert_eq!(bounded(text), ErrorKind::Limit(Bound::Memory));
    }
}

#[test]
fn each_limit_has_its_own_kind() {
    let mut nsp = Engine::new();
    nsp.set_limits(Limits { ops: Some(1000), ..Limits::default() });
    assert_eq!(fails(&mut nsp, "while true { }").kind(), ErrorKind::Limit(Bound::Ops));
    nsp.set_limits(Limits { time: Some(Duration::from_millis(20)), ..Limits::default() });
    assert_eq!(fails(&mut nsp, "while true { }").kind(), ErrorKind::Limit(Bound::Time));
    nsp.set_limits(Limits { memory: Some(1 << 20), ..Limits::default() });
    assert_eq!(fails(&mut nsp, "var s = \"a\"\nwhile true { s = s + s }").kind(), ErrorKind::Limit(Bound::Memory));
    nsp.set_limits(Limits { depth: 50, ..Limits::default() });
    assert_eq!(fails(&mut nsp, "fn f(n: int) -> int { f(n) + 1 }\nf(1)").kind(), ErrorKind::Limit(Bound::Depth));
    assert_eq!(nsp.eval::<i64>("1").unwrap(), 1);
    // Limits hold for handles too.
    let slow = nsp.compile("while true { }").unwrap();
    let limits = Limits { ops: Some(10), ..Limits::default() };
    assert_eq!(slow.with_limits(limits).run::<()>().unwrap_err().kind(), ErrorKind::Limit(Bound::Ops));
}

#[test]
fn deep_calls_need_no_deep_stack() {
    let run = || {
        let mut nsp = Engine::new();
        let text = "fn f(n: int) -> int { if n == 0 { 0 } else { 1 + f(n - 1) } }\nf(9000)";
        assert_eq!(nsp.eval::<i64>(text).unwrap(), 9000);
        let deep = format!("{}1{}", "(".repeat(900), ")".repeat(900));
        let _ = nsp.run(&deep);
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap();
}
