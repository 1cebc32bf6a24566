//! Bytes as the lines of a session, separated by NUL: each is checked and run within limits, its value shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nsp::{Limits, Session};
use std::sync::{Arc, Mutex};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut session = Session::default();
    let env = session.env_mut();
    env.out = Arc::new(Mutex::new(std::io::sink()));
    env.limits = Limits { ops: Some(20_000), memory: Some(16 << 20), depth: 100, time: None };
    for line in text.split('\0') {
        match session.step("<fuzz>", line) {
            Ok(outcome) => {
                nsp::vm::show(&outcome.value.value, &outcome.value.ty);
                for test in &outcome.tests {
                    let _ = session.run_test(test);
                }
            }
            Err(errors) => {
                assert!(!errors.is_empty());
                for e in &errors {
                    e.to_string();
                    session.sources().line_col(e.span());
                }
            }
        }
    }
});
