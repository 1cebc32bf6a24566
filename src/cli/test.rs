//! `nsp test`.

use super::args::TestArgs;
use super::host::{Host, code};
use crate::session::{STDLIB, Session, Test};
use crate::vm::ctx::Out;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// What came of the tests so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// The worst error outside tests.
    worst: u8,
}

/// Runs the tests of programs. What a test prints is shown if it fails.
pub fn run(host: &Host, args: &TestArgs) -> u8 {
    host.catch_interrupts();
    let mut tally = Tally::default();
    if args.stdlib {
        for (name, text) in STDLIB {
            file(host, name, text, &mut tally);
        }
    }
    for path in &args.files {
        match host.read(path) {
            Ok((name, text)) => file(host, &name, &text, &mut tally),
            Err(code) => tally.worst = tally.worst.max(code),
        }
    }
    host.line(&format!("{} passed, {} failed", tally.passed, tally.failed));
    tally.worst.max(if tally.failed > 0 { code::ERROR } else { code::DONE })
}

fn file(host: &Host, name: &str, text: &str, tally: &mut Tally) {
    let mut session = host.session();
    let printed: Arc<Mutex<Vec<u8>>> = Arc::default();
    session.env_mut().out = printed.clone() as Out;
    let tests = match session.step(name, text) {
        Ok(outcome) => outcome.tests,
        Err(errors) => {
            show_printed(host, &printed);
            tally.worst = tally.worst.max(host.report(&errors, session.sources()));
            return;
        }
    };
    for test in tests {
        if host.is_closed() {
            return;
        }
        lock(&printed).clear();
        one(host, &session, &test, &printed, tally);
    }
}

fn one(host: &Host, session: &Session, test: &Test, printed: &Mutex<Vec<u8>>, tally: &mut Tally) {
    match session.run_test(test) {
        Ok(()) => {
            tally.passed += 1;
            host.line(&format!("test {} ... ok", test.name));
        }
        Err(error) => {
            tally.failed += 1;
            host.line(&format!("test {} ... FAILED", test.name));
            show_printed(host, printed);
            let code = host.report(&[error], session.sources());
            // A failing test is counted; an interruption or a deadline says more than that.
            tally.worst = tally.worst.max(if code > code::NOTHING { code } else { code::DONE });
        }
    }
}

fn show_printed(host: &Host, printed: &Mutex<Vec<u8>>) {
    let text = lock(printed);
    if !text.is_empty() {
        let _ = host.out().flush();
        let _ = std::io::stderr().write_all(&text);
    }
}

fn lock(m: &Mutex<Vec<u8>>) -> std::sync::MutexGuard<'_, Vec<u8>> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}
