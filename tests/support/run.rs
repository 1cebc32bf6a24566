//! Runs a script as the command does, with its output kept.

use nsp::diag::Diagnostic;
use nsp::session::Session;
use std::sync::{Arc, Mutex};

/// What a script did.
pub struct Run {
    /// What it printed.
    pub output: String,
    /// Its error, if it ended with one.
    pub error: Option<String>,
    /// How many `test` blocks it has.
    pub tests: usize,
    /// Those that failed, and why.
    pub failed: Vec<String>,
}

/// Runs a text and its tests. All files are granted; an import starts from the folder of `name`.
pub fn run(name: &str, text: &str, args: &[String]) -> Run {
    let out = Arc::new(Mutex::new(Vec::new()));
    let mut session = Session::default();
    let env = session.env_mut();
    env.caps.all_files = true;
    env.out = out.clone();
    env.args = Arc::new(args.to_vec());
    let (error, tests, failed) = match session.step(name, text) {
        Ok(outcome) => {
            let failed = outcome
                .tests
                .iter()
                .filter_map(|t| Some(format!("{}: {}", t.name, describe(&session, &session.run_test(t).err()?))));
            (None, outcome.tests.len(), failed.collect())
        }
        Err(errors) => {
            (Some(errors.iter().map(|d| describe(&session, d)).collect::<Vec<_>>().join("\n")), 0, Vec::new())
        }
    };
    let output = String::from_utf8_lossy(&out.lock().unwrap()).into_owned();
    Run { output, error, tests, failed }
}

/// A message with its place.
pub fn describe(session: &Session, d: &Diagnostic) -> String {
    let file = session.sources().get(d.span().file).map_or("", |s| s.name.as_str());
    let (line, column) = session.sources().line_col(d.span()).unwrap_or_default();
    let help = d.help.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
    format!("{file}:{line}:{column}: {d}{help}")
}
