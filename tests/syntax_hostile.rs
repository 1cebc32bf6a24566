//! Texts made to break a parser: each gives an answer in a moment, on a small stack.

use nsp::source::FileId;
use nsp::syntax;
use std::time::{Duration, Instant};

/// Parses, prints, formats and highlights on a stack of 512 KB. A debug build is given ten times as long.
fn survives(name: &'static str, text: String, wrong: bool) {
    let work = move || {
        let start = Instant::now();
        let parsed = syntax::parse(FileId(0), &text);
        let parse_time = start.elapsed();
        let printed = syntax::print(&parsed.ast);
        assert!(syntax::same(&parsed.ast, &parsed.ast.clone()));
        assert_eq!(syntax::fmt(&text).is_err(), !parsed.errors.is_empty());
        syntax::tokens(&text);
        let all = start.elapsed();
        println!(
            "{name}: {parse_time:?} to parse, {all:?} in all, {} errors, {} printed",
            parsed.errors.len(),
            printed.len()
        );
        assert_eq!(!parsed.errors.is_empty(), wrong, "{name}: {:?}", parsed.errors.first());
        let limit = if cfg!(debug_assertions) { 10 } else { 1 };
        assert!(parse_time < Duration::from_secs(limit), "{name} took {parse_time:?}");
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap();
}

const N: usize = 100_000;

#[test]
fn brackets() {
    survives("parentheses", "(".repeat(N) + &")".repeat(N), true);
    survives("open parentheses", "(".repeat(N), true);
    survives("closing parentheses", ")".repeat(N), true);
    survives("lists", "[".repeat(N) + &"]".repeat(N), true);
    survives("blocks", "{".repeat(N) + &"}".repeat(N), true);
    survives("choices", "??{".repeat(N), true);
    survives("mixed", "([{??{".repeat(N), true);
    survives("mismatched", "([)]".repeat(N), true);
    survives("999 parentheses", "(".repeat(999) + "1" + &")".repeat(999), false);
    survives("999 lists", "[".repeat(999) + &"]".repeat(999), false);
    survives("999 blocks", "{".repeat(999) + &"}".repeat(999), false);
    survives("900 calls", "f(".repeat(900) + &")".repeat(900), false);
    survives("900 lambdas", "f(fn() {".repeat(450) + &"})".repeat(450), false);
}

#[test]
fn operators() {
    survives("minuses", "-".repeat(N) + "1", true);
    survives("nots", "not ".repeat(N) + "a", true);
    survives("1900 minuses", "-".repeat(1900) + "1", false);
    survives("sum", "1".to_string() + &" + 1".repeat(N), true);
    survives("1900 terms", "1".to_string() + &" + 1".repeat(1900), false);
    survives("powers", "1".to_string() + &"^1".repeat(N), true);
    survives("pipes", "1".to_string() + &" |> f".repeat(N), true);
    survives("comparisons", "1".to_string() + &" < 1".repeat(N), true);
    survives("fields", "x".to_string() + &".x".repeat(N), true);
    survives("calls", "x".to_string() + &"()".repeat(N), true);
    survives("1900 calls", "x".to_string() + &"()".repeat(1900), false);
    survives("indices", "x".to_string() + &"[0]".repeat(N), true);
    survives("assignments", "x = ".repeat(N), true);
    survives("dots", ".".repeat(N), true);
    survives("adding to itself", "x += 1; ".repeat(N), false);
    survives("adding in blocks", "{".repeat(900) + "x" + &" += 1}[0]".repeat(900), true);
}

#[test]
fn statements() {
    survives("ifs", "if ".repeat(N), true);
    survives("else ifs", "if a {}".to_string() + &" else if a {}".repeat(N), true);
    survives("1900 else ifs", "if a {}".to_string() + &" else if a {}".repeat(1900), false);
    survives("fors", "for x in ".repeat(N), true);
    survives("lets", "let ".repeat(N), true);
    survives("many errors", "a b\n".repeat(N), true);
    survives("errors in a block", "{".to_string() + &"a b\n".repeat(N) + "}", true);
    survives("errors deep in blocks", "{".repeat(999) + &"a b\n".repeat(N) + &"}".repeat(999), true);
    survives("a long wrong line deep in blocks", "{".repeat(999) + &"a ".repeat(N) + &"}".repeat(999), true);
    survives("unclosed before statements", "f(\nlet x = [\n".repeat(N), true);
    survives("statements", "let x = f(1, [2, 3])\n".repeat(N), false);
    survives("separators", ";\n".repeat(N), false);
    survives("comments", "f( // a\n) // b\n".repeat(N), false);
    survives("comments in blocks", "{ // a\n".repeat(900) + &"} // b\n".repeat(900), false);
}

#[test]
fn types_and_patterns() {
    survives("function types", "let x: ".to_string() + &"fn(".repeat(N), true);
    survives("results", "let x: ".to_string() + &"fn() -> ".repeat(N) + "a = 1", true);
    survives("1900 results", "let x: ".to_string() + &"fn() -> ".repeat(1900) + "a = 1", false);
    survives("list types", "let x: ".to_string() + &"[".repeat(N) + "a" + &"]".repeat(N) + " = 1", true);
    survives("patterns", "let ".to_string() + &"(".repeat(N), true);
    survives("900 patterns", "let ".to_string() + &"(".repeat(900) + "a" + &",)".repeat(900) + " = x", false);
    let signature = "(a: ".to_string() + &"fn(".repeat(N);
    assert!(syntax::parse_signature(&signature).is_err());
    assert!(syntax::parse_type(FileId(0), &"(".repeat(N)).is_err());
}

#[test]
fn long_tokens() {
    let n = 1_000_000;
    survives("name", "a".repeat(n), false);
    survives("number", "1".repeat(n), true);
    survives("fraction", "1.".to_string() + &"1".repeat(n), false);
    survives("text", format!("\"{}\"", "a".repeat(n)), false);
    survives("escapes", format!("\"{}\"", "\\n".repeat(n)), false);
    survives("bad escapes", format!("\"{}\"", "\\q".repeat(n)), true);
    survives("bad unicode escapes", format!("\"{}\"", "\\u{".repeat(n)), true);
    survives("unclosed text", "\"".to_string() + &"a".repeat(n), true);
    survives("comment", "//".to_string() + &"a".repeat(n), false);
    survives("line", "a, ".repeat(n / 3), true);
    survives("list", "[".to_string() + &"1, ".repeat(n / 3) + "]", false);
    survives("unknown", "$".repeat(n), true);
    survives("separate unknowns", "$ ".repeat(n / 2), true);
    survives("quotes", "'".repeat(n), true);
    survives("question marks", "?".repeat(n), true);
    survives("blanks", " ".repeat(n), false);
    survives("nothing", "\0".repeat(n), true);
    survives("bars", "|".repeat(n), true);
}
