//! `nsp check`.

use super::args::CheckArgs;
use super::host::{Host, code};
use crate::shell::holes;
use crate::source::Span;
use serde_json::json;

/// Checks programs; lists their holes if asked to. The worst file decides the exit code.
pub fn run(host: &Host, args: &CheckArgs) -> u8 {
    let mut worst = code::DONE;
    for path in &args.files {
        let (name, text) = match host.read(path) {
            Ok(read) => read,
            Err(code) => {
                worst = worst.max(code);
                continue;
            }
        };
        let mut session = host.session();
        let before = session.env().library.len();
        if let Err(errors) = session.check(&name, &text) {
            worst = worst.max(host.report(&errors, session.sources()));
        } else if args.holes {
            for hole in holes::since(&session, before) {
                let (line, column) = session.sources().line_col(hole.span).unwrap_or((0, 0));
                let file = file_name(&session, hole.span);
                if host.json() {
                    host.line(
                        &json!({"file": file, "line": line, "column": column, "hole": hole.text, "kind": hole.kind,
                            "type": hole.ty.to_string(), "function": hole.function, "scope": hole.scope_json()})
                        .to_string(),
                    );
                } else {
                    host.line(&format!("{file}:{line}:{column}: {hole}"));
                }
            }
        }
    }
    worst
}

fn file_name(session: &crate::session::Session, span: Span) -> String {
    session.sources().get(span.file).map(|s| s.name.clone()).unwrap_or_default()
}
