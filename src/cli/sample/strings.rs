//! `nsp sample strings`.

use crate::cli::args::SampleStringsArgs;
use crate::cli::host::{Host, code};
use crate::synth::strings::sample::{Sample, Sampling, sample};
use crate::synth::strings::task::source;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};

/// A task as it is written.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    family: String,
    parts: usize,
    program: String,
    train: &'a [(String, String)],
    test: &'a [(String, String)],
}

/// Text transformations.
pub fn run(host: &Host, args: &SampleStringsArgs) -> u8 {
    let how = Sampling {
        parts: args.parts.0..=args.parts.1,
        rows: usize::from(args.examples) + usize::from(args.rows),
        max_length: args.max_length.into(),
    };
    let mut file = match args.out.as_ref().map(|path| (path, File::create(path))) {
        None => None,
        Some((_, Ok(f))) => Some(BufWriter::new(f)),
        Some((path, Err(e))) => return host.error("E0603", format!("cannot write `{}`: {e}", path.display()), None),
    };
    for i in 0..args.count {
        let Some(s) = sample(&how, host.seed, i) else {
            let help = "allow longer texts, or fewer parts".to_string();
            host.error("E0703", format!("no task with texts of {} characters was found", args.max_length), Some(help));
            return code::NOTHING;
        };
        let written = match serde_json::to_string(&line(&s, host.seed, i, args.examples.into())) {
            Ok(text) => match &mut file {
                Some(f) => writeln!(f, "{text}"),
                None => {
                    host.line(&text);
                    Ok(())
                }
            },
            Err(e) => Err(e.into()),
        };
        if let Err(e) = written {
            return host.error("E0603", format!("cannot write the tasks: {e}"), None);
        }
        if host.cancel.is_cancelled() {
            break;
        }
    }
    match file.map(|mut f| f.flush()) {
        Some(Err(e)) => host.error("E0603", format!("cannot write the tasks: {e}"), None),
        _ => code::DONE,
    }
}

fn line(s: &Sample, seed: u64, number: u64, examples: usize) -> Line<'_> {
    let (train, test) = s.rows.split_at(examples.min(s.rows.len()));
    Line {
        id: format!("robustfill/{seed}/{number:04}"),
        family: format!("parts-{}", s.parts),
        parts: s.parts,
        program: source(&s.program, 1, false),
        train,
        test,
    }
}
