//! Bytes as pairs of texts (two lines each): the program that the search finds agrees with them, also when it is
//! printed and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nsp::search::Budget;
use nsp::synth::report::End;
use nsp::synth::strings::{Columns, Options, synthesize};
use nsp::{Cancel, Session};

/// Programs that a search may try.
const NODES: u64 = 3_000;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().take(8).collect();
    let pairs: Vec<(Columns, String)> =
        lines.chunks_exact(2).map(|p| (Columns::One(p[0].to_string()), p[1].to_string())).collect();
    let mut session = Session::default();
    let mut budget = Budget::new(Some(NODES), None, Cancel::default());
    let report = synthesize(&mut session, &pairs, &[], &Options::default(), &mut budget).report;
    assert!(report.nodes <= NODES, "{} nodes", report.nodes);
    report.message();
    let Some(func) = &report.program else {
        assert_ne!(report.end, End::Solved);
        return;
    };
    if report.end != End::Solved {
        return;
    }
    let env = session.env().clone();
    let source = nsp::ir::raise::to_source(func, &env.ops, &env.library);
    if let Err(e) = session.step("<found>", &source) {
        panic!("{source}\n{e:?}");
    }
    for (input, output) in &pairs {
        let Columns::One(input) = input else { continue };
        let mut call = String::from("program(");
        nsp::vm::show::quote(input, &mut call);
        call.push_str(") == ");
        nsp::vm::show::quote(output, &mut call);
        let holds = session.step("<call>", &call).map(|o| nsp::vm::show(&o.value.value, &o.value.ty));
        assert_eq!(holds.as_deref().map_err(|e| format!("{e:?}")), Ok("true"), "{source}\n{call}");
    }
});
