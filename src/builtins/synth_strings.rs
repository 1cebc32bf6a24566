//! `synth.strings`: text programs from examples, as function values.

use super::synth::{budget, failure, found_program, origin};
use super::{Op, native as body};
use crate::session::Session;
use crate::synth::report::End;
use crate::synth::strings::task::Found;
use crate::synth::strings::{Columns, METHODS, Options, synthesize};
use crate::vm::ctx::Ctx;
use crate::vm::limits::{Fail, code};
use crate::vm::value::Value;

const DOC: &str = "A program that gives the outputs of all examples: pieces of the inputs, changed and joined, under \
     conditions where one way will not do. `rows` are inputs without outputs: the rest of the column helps to choose. \
     `method` is \"auto\" or \"robustfill\" (the published language alone). Up to `errors` examples may be wrong. \
     `seconds` and `nodes` (0 is no bound) limit the search. An error says why nothing was found; `why` says what the \
     answer is unsure of.";

/// The searches.
pub fn ops() -> Vec<Op> {
    let options = "method: str = \"auto\", errors: int = 0, seconds: num = 5.0, nodes: int = 0";
    let mut out = Vec::new();
    for (input, call) in [("str", "\"Ann Lee\""), ("[str]", "[\"Ann\", \"Lee\"]")] {
        let examples = match input {
            "str" => r#"[("Mia Sam", "Sam M."), ("Jo Ek", "Ek J.")]"#,
            _ => r#"[(["Mia", "Sam"], "Sam M."), (["Jo", "Ek"], "Ek J.")]"#,
        };
        out.push(Op::new(
            "synth.strings",
            format!("(examples: [({input}, str)], rows: [{input}] = [], {options}) -> fn({input}) -> str"),
            DOC,
            format!("synth.strings({examples})({call}) == \"Lee A.\""),
            body(|cx, args| {
                let (examples, found) = search(cx, args, 1)?;
                first(cx, &found, examples)
            }),
        ));
        out.push(Op::new(
            "synth.strings_top",
            format!("(examples: [({input}, str)], top: int, rows: [{input}] = [], {options}) -> [fn({input}) -> str]"),
            "The best `top` programs that give the outputs of all examples, best first; as `synth.strings`.",
            format!("synth.strings_top({examples}, 3)[0]({call}) == \"Lee A.\""),
            body(|cx, args| {
                let top = match args.get(1) {
                    Some(Value::Int(n @ 1..=100)) => *n as usize,
                    _ => return Err("synth.strings_top: `top` must be from 1 to 100".into()),
                };
                let mut rest = args.to_vec();
                rest.remove(1);
                let (examples, found) = search(cx, &rest, top)?;
                let mut out = vec![first(cx, &found, examples)?];
                for (func, cost) in found.programs.iter().skip(1) {
                    let mut origin = origin(&found.report, examples);
                    origin.made = format!("also agrees with the {examples} examples: cost {cost}");
                    origin.doubt = None;
                    out.push(found_program(cx, func, origin)?);
                }
                Ok(Value::list(out))
            }),
        ));
    }
    out.push(Op::new(
        "why",
        "(f: A) -> (alternatives: [(output: str, program: str)], answer: str, made: str, question: str, row: str)",
        "What a synthesizer says of a program that it found: what made it; and where it is unsure, a row on which other \
         programs that agree with the examples differ, its answer there, theirs, and the question to ask. These are empty \
         where nothing was found that differs.",
        r#"len(why(synth.strings([("a-b", "a")])).question) > 0"#,
        body(|_, args| {
            let Some(Value::Fn(f)) = args.first() else { return Err("`why` asks about a program that was found".into()) };
            let Some(origin) = &f.origin else {
                return Err(Fail::from("this function was written, not found").help("`why` asks about what `fill` and `synth.strings` give"));
            };
            let doubt = origin.doubt.clone().unwrap_or_default();
            let question = origin.doubt.as_ref().map(|d| d.question()).unwrap_or_default();
            let pair = |(output, program): &(String, String)| {
                Value::tuple(vec![Value::str(output.clone()), Value::str(program.clone())])
            };
            // Fields in the order of their names.
            Ok(Value::tuple(vec![
                Value::list(doubt.others.iter().map(pair).collect()),
                Value::str(doubt.answer),
                Value::str(origin.made.clone()),
                Value::str(question),
                Value::str(doubt.row),
            ]))
        }),
    ));
    out
}

fn columns(v: &Value) -> Option<Columns> {
    let text = |v: &Value| match v {
        Value::Str(s) => Some(s.to_string()),
        _ => None,
    };
    match v {
        Value::List(xs) => xs.iter().map(text).collect::<Option<_>>().map(Columns::Many),
        one => text(one).map(Columns::One),
    }
}

/// The number of examples, and what was found for them.
fn search(cx: &mut Ctx<'_>, args: &[Value], top: usize) -> Result<(usize, Found), Fail> {
    const NAME: &str = "synth.strings";
    let [
        Value::List(examples),
        Value::List(rows),
        Value::Str(method),
        Value::Int(errors),
        Value::Num(seconds),
        Value::Int(nodes),
    ] = args
    else {
        return Err(format!("{NAME}: wrong arguments").into());
    };
    if !METHODS.contains(&method.as_str()) {
        let near = crate::suggest::nearest(method, METHODS.iter().copied());
        let fail = Fail::from(format!("{NAME}: there is no method `{method}`"));
        return Err(
            fail.help(near.map_or(format!("methods are {}", METHODS.join(", ")), |m| format!("did you mean `{m}`?")))
        );
    }
    let errors = usize::try_from(*errors).map_err(|_| Fail::from("`errors` cannot be negative"))?;
    let pair = |v: &Value| match v {
        Value::Tuple(pair) => match pair.as_slice() {
            [input, Value::Str(output)] => Some((columns(input)?, output.to_string())),
            _ => None,
        },
        _ => None,
    };
    let examples: Vec<(Columns, String)> = examples.iter().filter_map(pair).collect();
    let rows: Vec<Columns> = rows.iter().filter_map(columns).collect();
    let bytes = examples.len() + rows.len();
    cx.work(bytes)?;
    let mut budget = budget(cx, NAME, *seconds, *nodes)?;
    let mut session = Session::new(cx.env.ops.clone());
    let options = Options { method: method.to_string(), errors, top };
    let found = synthesize(&mut session, &examples, &rows, &options, &mut budget);
    // What the search did counts as work of the program that asked for it.
    cx.meter.work(found.report.nodes)?;
    match found.report.end {
        End::Stopped(crate::search::Stop::Cancelled) => Err(Fail::new(code::CANCELLED, "interrupted")),
        _ => Ok((examples.len(), found)),
    }
}

fn first(cx: &mut Ctx<'_>, found: &Found, examples: usize) -> Result<Value, Fail> {
    match &found.report.program {
        Some(func) if found.report.end != End::NotEnoughExamples => {
            found_program(cx, func, origin(&found.report, examples))
        }
        _ => Err(failure("synth.strings", &found.report)),
    }
}
