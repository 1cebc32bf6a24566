//! Bytes as a text: parse, print, parse again, format twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nsp::source::FileId;
use nsp::syntax;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let parsed = syntax::parse(FileId(0), &text);
    syntax::tokens(&text);
    syntax::continues(&text);
    for e in &parsed.errors {
        assert!(e.span().end as usize <= text.len() && e.span().start <= e.span().end, "{e:?}");
    }
    let printed = syntax::print(&parsed.ast);
    let formatted = syntax::fmt(&text);
    assert_eq!(formatted.is_err(), !parsed.errors.is_empty());
    let Ok(formatted) = formatted else { return };

    let again = syntax::parse(FileId(0), &printed);
    assert!(again.errors.is_empty(), "{printed}\n{:?}", again.errors);
    assert!(syntax::same(&parsed.ast, &again.ast), "{printed}");

    let of_formatted = syntax::parse(FileId(0), &formatted);
    assert!(of_formatted.errors.is_empty(), "{formatted}\n{:?}", of_formatted.errors);
    assert!(syntax::same(&parsed.ast, &of_formatted.ast), "{formatted}");
    assert_eq!(syntax::fmt(&formatted).as_deref(), Ok(&*formatted), "fmt is not idempotent");
});
