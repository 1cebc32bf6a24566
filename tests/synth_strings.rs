//! Text programs by example, as a user meets them: in the language, from a host, on rows that were not given.

use nsp::{Engine, ErrorKind, SynthOptions};

/// What the program found for some examples gives for other texts.
fn found(examples: &[(&str, &str)], texts: &[&str]) -> (String, Vec<String>) {
    let mut nsp = Engine::new();
    let program = nsp.synth_strings(examples, SynthOptions::default()).unwrap();
    for (input, output) in examples {
        assert_eq!(program.call(input).unwrap(), *output, "{}", program.source());
    }
    let outputs = texts.iter().map(|t| program.call(t).unwrap_or_else(|e| format!("error: {}", e.message())));
    (program.source().to_string(), outputs.collect())
}

/// Expects these outputs on rows that were not given.
fn expect(examples: &[(&str, &str)], rows: &[(&str, &str)]) {
    let (source, outputs) = found(examples, &rows.iter().map(|r| r.0).collect::<Vec<_>>());
    let wanted: Vec<&str> = rows.iter().map(|r| r.1).collect();
    assert_eq!(outputs, wanted, "{source}");
}

#[test]
fn pieces_are_cut_and_joined() {
    expect(&[("Curie, Marie", "Marie Curie"), ("Bohr, Niels", "Niels Bohr")], &[("Noether, Emmy", "Emmy Noether")]);
    expect(
        &[("reports/2021/may.txt", "may"), ("notes/a/b/todo.md", "todo"), ("x/readme.rst", "readme")],
        &[("a/b/c/d/e.html", "e")],
    );
    expect(
        &[("order 17 (paid)", "17: paid"), ("order 4 (open)", "4: open"), ("order 230 (void)", "230: void")],
        &[("order 99 (late)", "99: late")],
    );
}

#[test]
fn letters_change_their_case() {
    expect(&[("anna KARENINA", "Anna"), ("levin", "Levin"), ("KITTY s", "Kitty")], &[("dolly oblonsky", "Dolly")]);
    expect(&[("iPad", "IpAD"), ("ebAy", "EBaY"), ("NeXT", "nExt")], &[("GitHub", "gIThUB")]);
}

#[test]
fn numbers_are_read_changed_and_written() {
    expect(&[("7", "007"), ("42", "042"), ("123", "123")], &[("9", "009"), ("88", "088")]);
    expect(&[("1234.5", "1,234.50"), ("99", "99.00"), ("1000000", "1,000,000.00")], &[("54321.987", "54,321.99")]);
    expect(&[("37", "30-39"), ("52", "50-59"), ("88", "80-89")], &[("61", "60-69"), ("9", "0-9")]);
}

#[test]
fn dates_are_read_in_any_form() {
    expect(
        &[("3 Mar 1998", "1998-03-03"), ("July 14, 2003", "2003-07-14"), ("2011/10/05", "2011-10-05")],
        &[("21-Dec-2020", "2020-12-21")],
    );
    expect(&[("7:20 PM", "19:20"), ("11:05 AM", "11:05"), ("12:45 AM", "00:45")], &[("3:59 PM", "15:59")]);
    expect(&[("9:44", "9:30-10:00"), ("14:12", "14:00-14:30"), ("7:31", "7:30-8:00")], &[("16:59", "16:30-17:00")]);
}

#[test]
fn one_example_may_be_an_exception() {
    let examples = [
        ("Mon 3 May: tea with Ada", "Ada on 3 May"),
        ("Tue 14 June: lunch with Grace", "Grace on 14 June"),
        ("Sun 9 July: talk with Alan", "Alan on 8 July"),
        ("Fri 22 March: walk with Emmy", "Emmy on 22 March"),
    ];
    let rows =
        [("Sat 17 April: call with Kurt", "Kurt on 17 April"), ("Mon 31 July: dinner with Rosa", "Rosa on 31 July")];
    expect(&examples, &rows);
}

#[test]
fn lists_inside_a_text_are_looped_over() {
    expect(
        &[("ann lee, bo ek", "A. Lee, B. Ek"), ("cy fox, di gee, ed hay", "C. Fox, D. Gee, E. Hay")],
        &[("flo ives, gus jay, hal kim, ida low", "F. Ives, G. Jay, H. Kim, I. Low")],
    );
    expect(
        &[("north atlantic treaty", "NAT"), ("very large array of dishes", "VLAOD")],
        &[("as soon as possible", "ASAP")],
    );
    expect(&[("aabbcc", "abc"), ("xxyy", "xy"), ("mmnnoopp", "mnop")], &[("qqrrss", "qrs")]);
}

#[test]
fn conditions_part_the_rows() {
    expect(&[("-12", "(12)"), ("7", "7"), ("-3", "(3)"), ("150", "150")], &[("-99", "(99)"), ("1", "1")]);
    expect(
        &[("a@b.org", "mail"), ("+47 123", "phone"), ("c.d@e.net", "mail"), ("+1 555 9", "phone")],
        &[("x@y.zz", "mail"), ("+33 4 5", "phone")],
    );
}

#[test]
fn several_columns() {
    let mut nsp = Engine::new();
    let ask = r#"
        let f = synth.strings([(["Ada", "Lovelace", "1815"], "Lovelace, A. (1815)"), (["Alan", "Turing", "1912"], "Turing, A. (1912)"),
            (["Grace", "Hopper", "1906"], "Hopper, G. (1906)")])
        let g = synth.strings([(["overcoat", "over"], "coat"), (["midday", "mid"], "day"), (["upset", "up"], "set")])
        let h = synth.strings([(["left", "6"], "  left"), (["to", "4"], "  to"), (["wide", "5"], " wide")])
        [f(["Kurt", "Godel", "1906"]), g(["unhappy", "un"]), h(["x", "3"])]
    "#;
    assert_eq!(nsp.eval::<Vec<String>>(ask).unwrap(), ["Godel, K. (1906)", "happy", "  x"]);
}

#[test]
fn rows_without_outputs_help_to_choose() {
    let mut nsp = Engine::new();
    // A program that fails on the rest of the column is not the answer if another does not.
    let rows = ["Solo", "Cher", "Ann Bo"].map(String::from).to_vec();
    let examples = [("Ada Lovelace", "Ada"), ("Alan Turing", "Alan")];
    let with = nsp.synth_strings(&examples, SynthOptions { rows, ..SynthOptions::default() }).unwrap();
    assert_eq!(with.call("Solo").unwrap(), "Solo", "{}", with.source());
}

#[test]
fn it_says_what_it_is_unsure_of() {
    let mut nsp = Engine::new();
    let rows = vec!["x y z".to_string()];
    let f = nsp.synth_strings(&[("a b", "b"), ("c d", "d")], SynthOptions { rows, ..SynthOptions::default() }).unwrap();
    let doubt = f.why().expect("the last word and the second are both possible");
    assert_eq!(doubt.row, "\"x y z\"");
    assert!(!doubt.others.is_empty() && doubt.others.iter().all(|(o, _)| *o != doubt.answer), "{doubt:?}");
    assert!(doubt.question().starts_with("what should \"x y z\" become: "));
    let text = r#"why(synth.strings([("a b", "b"), ("c d", "d")], rows: ["x y z"])).question"#;
    assert_eq!(nsp.eval::<String>(text).unwrap(), doubt.question());
    let error = nsp.eval::<String>("why(fn(s: str) { s }).question").unwrap_err();
    assert!(error.message().contains("was written, not found"), "{error}");
}

#[test]
fn the_best_few_all_agree_with_the_examples() {
    let mut nsp = Engine::new();
    let text =
        r#"for f in synth.strings_top([("a-b c", "b"), ("d-e f", "e")], 8) { (f("a-b c"), f("d-e f"), source(f)) }"#;
    let all: Vec<(String, String, String)> = nsp.eval(text).unwrap();
    assert_eq!(all.len(), 8);
    assert!(all.iter().all(|(a, b, _)| a == "b" && b == "e"), "{all:?}");
    let mut sources: Vec<&String> = all.iter().map(|f| &f.2).collect();
    sources.sort();
    sources.dedup();
    assert_eq!(sources.len(), 8);
}

#[test]
fn wrong_examples_are_named_or_left_out() {
    let mut nsp = Engine::new();
    let mut message = |text: &str| nsp.eval::<String>(text).unwrap_err().message().to_string();
    let m = message(r#"synth.strings([("a-1", "a"), ("b-2", "b"), ("a-1", "1")])("x")"#);
    assert!(m.contains("examples 1 and 3 have the same input and different outputs"), "{m}");
    assert!(message(r#"synth.strings([("x", "y")], method: "magic")("x")"#).contains("no method `magic`"));
    assert!(message(r#"synth.strings([(["a"], "a"), (["b"], "b")], errors: -1)(["x"])"#).contains("negative"));
    let one = r#"synth.strings([("a-1", "a"), ("b-2", "b"), ("c-3", "x"), ("d-4", "d")], errors: 1)"#;
    assert_eq!(nsp.eval::<String>(&format!("{one}(\"ef-5\")")).unwrap(), "ef");
    assert!(nsp.eval::<String>(&format!("source({one}, comments: true)")).unwrap().contains("example = 3"));
    let one = nsp.eval::<String>(r#"synth.strings([("x", "y")])("x")"#).unwrap_err();
    assert!(one.message().contains("not enough examples"), "{one}");
    let none = nsp.synth_strings(&[], SynthOptions::default()).unwrap_err();
    assert!(none.message().contains("not enough examples"), "{none}");
}

#[test]
fn what_no_rule_explains_is_looked_up_and_said_so() {
    let (source, outputs) = found(&[("FR", "Paris"), ("IT", "Rome"), ("ES", "Madrid")], &["IT", "PT"]);
    assert!(source.contains("only looks them up") && source.contains("lookup(s,"), "{source}");
    assert_eq!(outputs, ["Rome", "error: the table has nothing for \"PT\""]);
}

#[test]
fn a_row_that_a_program_is_not_made_for_is_an_error() {
    let (_, outputs) = found(&[("Curie, Marie", "Marie Curie"), ("Bohr, Niels", "Niels Bohr")], &["Plato"]);
    assert_eq!(outputs, ["error: \"Plato\" has no end_of(\", \", -1)"]);
}

#[test]
fn any_text_will_do() {
    expect(&[("👍🏽 José", "José"), ("🎉 Zoë", "Zoë")], &[("🙂 Ünal", "Ünal")]);
    expect(&[("e\u{301}a x", "X"), ("n\u{303}o y", "Y")], &[("a z", "Z")]);
    expect(&[("שלום, עולם", "עולם"), ("אבא, אמא", "אמא")], &[("א, ב", "ב")]);
    expect(&[("a\0b", "b"), ("c\0d", "d")], &[("e\0f", "f")]);
    expect(&[("", "x"), ("a", "x"), ("bc", "x")], &[("d", "x")]);
    let long = "lorem ipsum, ".repeat(8_000);
    let long = long.as_str();
    let (source, _) = found(&[(long, long), ("ab, c", "ab, c")], &[]);
    assert!(source.ends_with("{ s }"), "{source}");
}

#[test]
fn holes_of_a_sketch_are_filled_the_same_way() {
    let mut nsp = Engine::new();
    nsp.run("fn label(s: str, n: int) -> str { \"[\" + ??code + \"] \" + ??rest }").unwrap();
    let examples = r#"[(("ab-cd", 7), "[AB7] cd"), (("e-fgh", 12), "[E12] fgh")]"#;
    nsp.run(&format!("let f = fill(label, {examples})")).unwrap();
    assert_eq!(nsp.eval::<String>("f(\"xyz-w\", 3)").unwrap(), "[XYZ3] w");
    let source: String = nsp.eval("source(f)").unwrap();
    assert!(source.starts_with("fn label(s: str, n: int) -> str"), "{source}");
    // What is printed is the program.
    let mut fresh = Engine::new();
    fresh.run(&source).unwrap();
    assert_eq!(fresh.eval::<String>("label(\"xyz-w\", 3)").unwrap(), "[XYZ3] w");
}

#[test]
fn the_same_examples_give_the_same_program_within_limits() {
    let examples = [("k1 = v1; k2 = v2", "k1:v1|k2:v2"), ("a = b", "a:b"), ("x = y; p = q; r = s", "x:y|p:q|r:s")];
    let (first, outputs) = found(&examples, &["m = n; o = p"]);
    assert_eq!(found(&examples, &[]).0, first);
    assert_eq!(outputs, ["m:n|o:p"], "{first}");
    let mut nsp = Engine::new();
    nsp.set_limits(nsp::Limits::untrusted());
    let noise = r#"synth.strings([("qwe rty", "zxcvb"), ("asd fgh", "poiuy"), ("jkl", "mnb")], seconds: 60.0)("x")"#;
    match nsp.eval::<String>(noise) {
        Ok(_) => {}
        Err(e) => assert!(matches!(e.kind(), ErrorKind::Limit(_) | ErrorKind::Runtime), "{e}"),
    }
}
