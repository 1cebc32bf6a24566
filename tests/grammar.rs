//! `grammar/nsp.rs` is what lalrpop makes of `grammar/nsp.lalrpop`. `NSP_BLESS=1` writes it anew after a change.

use std::path::Path;

#[test]
fn the_parser_is_that_of_the_grammar() {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar");
    let out = tempfile::tempdir().unwrap();
    std::fs::copy(grammar.join("nsp.lalrpop"), out.path().join("nsp.lalrpop")).unwrap();
    lalrpop::Configuration::new()
        .set_in_dir(out.path())
        .set_out_dir(out.path())
        .emit_rerun_directives(false)
        .process()
        .unwrap();
    let made = std::fs::read_to_string(out.path().join("nsp.rs")).unwrap();
    if std::env::var_os("NSP_BLESS").is_some() {
        std::fs::write(grammar.join("nsp.rs"), &made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(grammar.join("nsp.rs")).unwrap();
    // The features of the build that made it stand in a comment and do not matter.
    let lines =
        |text: &str| text.lines().filter(|l| !l.starts_with("// features")).map(str::to_string).collect::<Vec<_>>();
    assert!(lines(&kept) == lines(&made), "grammar/nsp.rs is stale: NSP_BLESS=1 cargo test --test grammar");
}
