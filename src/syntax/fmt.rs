//! The formatter: a text in the normal form of its tree, with its comments.

use super::comments::place;
use super::parse::parse;
use super::print::Printer;
use crate::diag::Diagnostic;
use crate::source::FileId;

/// Formats a program. Comments, the `#!` line and single empty lines between statements stay; a comment inside a
/// statement moves to the line before it. Formatting twice changes nothing more.
pub fn fmt(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(FileId::default(), text);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let placed = place(&parsed.ast, text);
    let mut printer = Printer::new(&parsed.ast, Some(&placed));
    if let Some(line) = &parsed.ast.shebang {
        printer.out.push_str(line);
        printer.out.push('\n');
        if placed.root.first().is_some_and(|item| item.blank) {
            printer.out.push('\n');
        }
    }
    printer.root();
    Ok(printer.out)
}
