//! Drawing diagnostics, with ariadne, or as JSON.
//!
//! Total: a span that is empty, out of range, inside a character or of an unknown text is mended or left out.

use super::{Diagnostic, Label};
use crate::source::{FileId, SourceMap, Span};
use ariadne::{Cache, Color, Config, IndexType, Report, ReportKind, Source};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// A line longer than this is shown in part.
const LONG_LINE: usize = 300;

/// Places drawn beside the main one. An error deep in a recursion has many that say the same.
const MOST_PLACES: usize = 6;

/// The diagnostic as a person reads it, ending with a newline.
pub fn render(d: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let labels = places(d, sources);
    let Some((first, _)) = labels.first() else { return plain(d, None, color) };
    if labels.iter().any(|(p, _)| line_around(sources, p).len() > LONG_LINE) {
        return plain(d, Some((first, sources)), color);
    }
    let config = Config::new().with_color(color).with_index_type(IndexType::Char);
    let mut report = Report::build(ReportKind::Error, Drawn::new(first, sources))
        .with_config(config)
        .with_code(d.code)
        .with_message(one_line(&d.message));
    for (i, (place, text)) in labels.iter().enumerate() {
        let tint = if i == 0 { Color::Red } else { Color::Fixed(147) };
        let mut label = ariadne::Label::new(Drawn::new(place, sources)).with_color(tint).with_order(i as i32);
        // Without a remark ariadne would draw nothing under the main place.
        if i == 0 && text.is_empty() {
            label = label.with_message("here");
        } else {
            label = label.with_message(text);
        }
        report = report.with_label(label);
    }
    if let Some(help) = &d.help {
        report = report.with_help(help);
    }
    let mut out = Vec::new();
    match report.finish().write(Texts { sources, read: HashMap::new() }, &mut out) {
        Ok(()) => trim_lines(&String::from_utf8_lossy(&out)),
        Err(_) => plain(d, Some((first, sources)), color),
    }
}

/// The diagnostic as data: `{code, message, file, line, column, end_line, end_column, labels, help}`. Lines and columns
/// count from 1, columns in characters; they are null where there is no place.
pub fn to_json(d: &Diagnostic, sources: &SourceMap) -> Value {
    let mut out = place_json(d.span(), sources);
    out["code"] = json!(d.code);
    out["message"] = json!(d.message);
    out["help"] = json!(d.help);
    let label = |l: &Label| {
        let mut place = place_json(l.span, sources);
        place["text"] = json!(l.text);
        place
    };
    out["labels"] = d.labels.iter().map(label).collect();
    out
}

fn place_json(span: Span, sources: &SourceMap) -> Value {
    let Some(p) = place(span, sources) else {
        return json!({"file": null, "line": null, "column": null, "end_line": null, "end_column": null});
    };
    let name = sources.get(p.file).map(|s| s.name.as_str());
    let at = |byte: usize| sources.line_col(Span::new(p.file, byte, byte)).unwrap_or((1, 1));
    let empty = span.start >= span.end;
    let ((line, column), (end_line, end_column)) =
        (at(p.range.start), at(if empty { p.range.start } else { p.range.end }));
    json!({"file": name, "line": line, "column": column, "end_line": end_line, "end_column": end_column})
}

/// A part of a known text, at least one character where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    file: FileId,
    range: Range<usize>,
}

/// A place counted in characters. In bytes ariadne would cut a character in two where a message has places in several
/// texts: it takes the start of a label, which it has made a number of characters by then, for one of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn(Place);

impl Drawn {
    fn new(p: &Place, sources: &SourceMap) -> Drawn {
        let text = sources.get(p.file).map_or("", |s| s.text.as_str());
        let start = text[..p.range.start].chars().count();
        let end = start + text[p.range.clone()].chars().count();
        Drawn(Place { file: p.file, range: start..end })
    }
}

impl ariadne::Span for Drawn {
    type SourceId = FileId;

    fn source(&self) -> &FileId {
        &self.0.file
    }

    fn start(&self) -> usize {
        self.0.range.start
    }

    fn end(&self) -> usize {
        self.0.range.end
    }
}

/// A span brought inside its text; `None` if the text is unknown or empty.
fn place(span: Span, sources: &SourceMap) -> Option<Place> {
    let text = &sources.get(span.file)?.text;
    // The end of a text is shown at the last character that can be seen.
    let seen = text.trim_end().len();
    let last = text[..seen].char_indices().next_back()?.0;
    let start = text.floor_char_boundary((span.start as usize).min(last));
    let end = text.ceil_char_boundary((span.end as usize).min(text.len()));
    let next = start + text[start..].chars().next().map_or(0, char::len_utf8);
    Some(Place { file: span.file, range: start..end.max(next) })
}

/// What is drawn: the main place, then others, each once.
fn places(d: &Diagnostic, sources: &SourceMap) -> Vec<(Place, String)> {
    let mut out: Vec<(Place, String)> = Vec::new();
    let mut left_out = 0;
    for l in &d.labels {
        let Some(p) = place(l.span, sources) else { continue };
        let text = one_line(&l.text);
        let repeated = out.iter().any(|(q, t)| *q == p && (*t == text || text.is_empty()));
        if repeated || out.len() > MOST_PLACES {
            left_out += 1;
        } else {
            out.push((p, text));
        }
    }
    if left_out > 0
        && out.len() > 1
        && let Some((_, text)) = out.last_mut()
    {
        text.push_str(&format!(" (and {left_out} more)"));
    }
    out
}

/// The text of the longest line that a place begins or ends in.
fn line_around<'s>(sources: &'s SourceMap, p: &Place) -> &'s str {
    let Some(source) = sources.get(p.file) else { return "" };
    let text = source.text.as_str();
    let line = |at: usize| {
        let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        &text[start..end]
    };
    let (first, last) = (line(p.range.start), line(p.range.end));
    if first.len() >= last.len() { first } else { last }
}

/// Without ariadne: for messages that have no place, and for lines too long to be drawn whole.
fn plain(d: &Diagnostic, at: Option<(&Place, &SourceMap)>, color: bool) -> String {
    let (red, bold, end) = if color { ("\x1b[31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
    let mut out = format!("{red}[{}] Error:{end} {bold}{}{end}\n", d.code, one_line(&d.message));
    if let Some((p, sources)) = at
        && let Some(source) = sources.get(p.file)
    {
        let (line, col) = sources.line_col(Span::new(p.file, p.range.start, p.range.end)).unwrap_or((1, 1));
        out.push_str(&format!("  at {}:{line}:{col}\n", source.name));
        let text = source.text.as_str();
        let lo = text.floor_char_boundary(p.range.start.saturating_sub(40));
        let lo = text[lo..p.range.start].rfind('\n').map_or(lo, |i| lo + i + 1);
        let hi = text.floor_char_boundary(p.range.start + 40);
        let before = visible(&text[lo..p.range.start]);
        let after = visible(text[p.range.start..hi].lines().next().unwrap_or(""));
        let (dots, space) = if lo > 0 && !text[..lo].ends_with('\n') { (".. ", 3) } else { ("", 0) };
        out.push_str(&format!("  | {dots}{before}{after}\n"));
        out.push_str(&format!("  | {}{red}^{end} here\n", " ".repeat(space + before.chars().count())));
    }
    if let Some(help) = &d.help {
        out.push_str(&format!("  Help: {help}\n"));
    }
    out
}

/// Control characters would move the cursor.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn trim_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The session's texts for ariadne, each split into lines when first asked for.
struct Texts<'a> {
    sources: &'a SourceMap,
    read: HashMap<FileId, Source<&'a str>>,
}

impl<'a> Cache<FileId> for Texts<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<&'a str>, impl fmt::Debug> {
        let Some(source) = self.sources.get(*id) else { return Err("unknown text") };
        Ok(self.read.entry(*id).or_insert_with(|| Source::from(source.text.as_str())))
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl fmt::Display + 'b> {
        self.sources.get(*id).map(|s| s.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (SourceMap, FileId) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.nsp", text);
        (sources, file)
    }

    #[test]
    fn draws_code_message_place_and_help() {
        let (sources, file) = one("let x = circel(1)\nlet y = x\n");
        let d = Diagnostic::new("E0101", Span::new(file, 8, 14), "unknown name `circel`")
            .also(Span::new(file, 26, 27), "used here")
            .help("did you mean `circle`?");
        let text = render(&d, &sources, false);
        for part in ["E0101", "unknown name `circel`", "a.nsp:1:9", "circel(1)", "used here", "did you mean"] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
        assert!(!text.contains('\x1b'));
        assert!(render(&d, &sources, true).contains('\x1b'));
    }

    #[test]
    fn survives_any_span() {
        for text in ["", "\n\n", "x", "é\nü", "a\u{1F600}b\r\nc\td", "let x =\n"] {
            let (sources, file) = one(text);
            for start in 0..12 {
                for end in 0..12 {
                    for file in [file, FileId(7)] {
                        let span = Span { file, start, end };
                        let d = Diagnostic::new("E0001", span, "m").also(span, "again").help("h");
                        assert!(render(&d, &sources, false).contains("E0001"));
                        assert_eq!(to_json(&d, &sources)["code"], "E0001");
                    }
                }
            }
        }
        let d = Diagnostic { code: "E0001", message: "m\nn".into(), labels: vec![], help: None };
        assert_eq!(render(&d, &SourceMap::default(), false), "[E0001] Error: m n\n");
    }

    #[test]
    fn shows_a_part_of_a_long_line() {
        let text = format!("{}(oops){}", "x + ".repeat(250_000), " + x".repeat(1000));
        let (sources, file) = one(&text);
        let drawn = render(&Diagnostic::new("E0001", Span::new(file, 1_000_001, 1_000_005), "m"), &sources, false);
        assert!(drawn.len() < 400 && drawn.contains("oops"), "{drawn}");
    }

    #[test]
    fn repeated_places_are_counted() {
        let (sources, file) = one("fn f(n) { f(n + 1) }\nf(0)\n");
        let mut d = Diagnostic::new("E0503", Span::new(file, 10, 18), "calls too deep");
        for _ in 0..20 {
            d = d.also(Span::new(file, 10, 18), "in `f`, called here");
        }
        let text = render(&d, &sources, false);
        assert!(text.lines().count() < 12 && text.contains("and 19 more"), "{text}");
    }

    #[test]
    fn as_data() {
        let (sources, file) = one("ab\ncdé f\n");
        let d = Diagnostic::new("E0001", Span::new(file, 3, 7), "m").here("t");
        let v = to_json(&d, &sources);
        assert_eq!(v["file"], "a.nsp");
        assert_eq!([&v["line"], &v["column"], &v["end_line"], &v["end_column"]], [2, 1, 2, 4]);
        assert_eq!(v["labels"][0]["text"], "t");
        assert!(v["help"].is_null());
    }
}
