//! The shell in a terminal.
#![cfg(all(feature = "shell", unix))]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A shell on a pseudo-terminal of its own.
struct Shell {
    seen: Arc<Mutex<Vec<u8>>>,
    /// Up to where [`Shell::expect`] has read.
    read: usize,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    data: tempfile::TempDir,
}

impl Shell {
    fn start() -> Shell {
        Shell::start_in(tempfile::tempdir().unwrap())
    }

    fn start_in(data: tempfile::TempDir) -> Shell {
        let size = PtySize { rows: 40, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nsp"));
        for name in ["NO_COLOR", "TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "LC_TERMINAL", "KONSOLE_VERSION"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("XDG_DATA_HOME", data.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let sink = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let mut shell = Shell { seen, read: 0, keys, child, _master: pair.master, data };
        shell.expect("nsp> ");
        shell
    }

    fn keys(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until this is on the screen, after what was expected before; returns what came up to it.
    fn expect(&mut self, text: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let seen = String::from_utf8_lossy(&self.seen.lock().unwrap()[self.read..]).into_owned();
            if let Some(i) = seen.find(text) {
                self.read += i + text.len();
                return seen[..i].to_string();
            }
            assert!(Instant::now() < end, "waited for {text:?}, saw {seen:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types a line and waits for its output, then for the prompt.
    fn line(&mut self, line: &str, wanted: &str) {
        self.keys(&format!("{line}\r"));
        // The end of the echoed line.
        self.expect("\n");
        self.expect(wanted);
        self.expect("nsp> ");
    }

    fn ends(&mut self) -> u32 {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the shell does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn typing_errors_pictures_undo_quit() {
    let mut s = Shell::start();
    s.line("let x = 20", "");
    s.line("x + 1", "21");
    s.line("* 2", "42");
    // Drawn, in colour.
    s.line("circel(1)", "\x1b[31m");
    s.line("circel(1)", "did you mean `circle`?");
    // A picture in half-blocks, then the value.
    s.line("circle(0, 0, 1)", "▄");
    s.line("circle(0, 0, 1)", "circle(");
    s.line("let x = 7", "");
    s.line(":undo", "undone: let x = 7");
    s.line("x", "20");
    s.keys(":quit\r");
    assert_eq!(s.ends(), 0);
}

#[test]
fn ctrl_c_stops_a_loop_and_keeps_variables() {
    let mut s = Shell::start();
    s.line("var n = 41", "");
    for text in ["while true {}", "while true { n = n + 0 }", "for i in 0..1000000000000 { 1 }"] {
        s.keys(&format!("{text}\r"));
        s.expect("\n");
        std::thread::sleep(Duration::from_millis(300));
        let pressed = Instant::now();
        s.keys("\x03");
        s.expect("interrupted");
        s.expect("nsp> ");
        // 200 ms are the aim; a busy machine gets some more.
        assert!(pressed.elapsed() < Duration::from_secs(1), "{text}: {:?}", pressed.elapsed());
    }
    s.line("n + 1", "42");
    // At the prompt it clears the line.
    s.keys("nonsense(");
    s.expect("nonsense");
    s.keys("\x03");
    s.expect("nsp> ");
    s.line("1 + 1", "2");
    s.keys("\x04");
    assert_eq!(s.ends(), 0);
}

#[test]
fn lines_go_on_and_names_complete() {
    let mut s = Shell::start();
    s.keys("fn hyp(a: num, b: num = 0) -> num {\r");
    s.keys("sqrt(a*a + b*b) }\r");
    s.expect("nsp> ");
    s.line("hyp(3, b: 4)", "5.0");
    // Tab completes, and the signature is shown behind the cursor.
    s.keys("get_tok\t");
    s.expect("get_token");
    s.expect("(s: str, t: token, i: int = 1) -> str");
    s.keys("(\"a b\", WORD, 2)\r");
    s.expect("\"b\"");
    s.expect("nsp> ");
    // Keys typed ahead are not lost.
    s.keys("1 + 1\r10 + 1\r100 + 1\r");
    for wanted in ["2\r\n", "11\r\n", "101\r\n"] {
        s.expect(wanted);
    }
    s.keys(":q\r");
    assert_eq!(s.ends(), 0);
}

#[test]
fn history_outlives_the_shell() {
    let mut s = Shell::start();
    s.line("let remembered = 12345", "");
    s.keys("\x04");
    s.ends();
    let data = std::mem::replace(&mut s.data, tempfile::tempdir().unwrap());
    let mut s = Shell::start_in(data);
    s.keys("\x12");
    s.keys("rememb");
    s.expect("12345");
    s.keys("\r");
    s.expect("nsp> ");
    s.line("remembered", "12345");
}
