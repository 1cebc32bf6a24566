//! `nsp complete`: one call of `completion`, and its parts written to files.

use super::args::CompleteArgs;
use super::host::{Host, code};
use crate::vm::show::quote;
use crate::vm::value::Value;
use std::fmt::Write;
use std::path::Path;

/// Completes a picture and writes it.
pub fn run(host: &Host, args: &CompleteArgs) -> u8 {
    if crate::raster::file::ending(&args.output).is_none() {
        let m = format!("cannot tell what kind of picture `{}` is to be", args.output.display());
        return host.error("E0443", m, Some("the name should end in .png, .jpg or .jpeg".into()));
    }
    let mut session = host.session();
    host.catch_interrupts();
    let mut fails = |text: &str| match session.step("<complete>", text) {
        Ok(_) => None,
        // The place in this text would say nothing to anyone.
        Err(errors) => {
            let (id, message, help) =
                errors.first().map_or(("E0001", String::new(), None), |d| (d.code, d.message.clone(), d.help.clone()));
            Some(host.error(id, message, help))
        }
    };
    if let Some(failed) = fails(&call(host, args)) {
        return failed;
    }
    if let Some(program) = &args.program {
        let nothing = "assert(len(done.structure) > 0, \"no loops were found: there is no program to write\")";
        let save = format!("{nothing}\nsave(done.structure[0], {})", text(program));
        if let Some(failed) = fails(&save) {
            return failed;
        }
    }
    if let Some(failed) = fails(&format!("save(done.image, {})", text(&args.output))) {
        return failed;
    }
    if let (false, Some(Value::Tuple(fields))) = (host.json(), session.get("done").map(|d| d.value))
        && let Some(Value::Str(message)) = fields.get(3)
    {
        eprintln!("{message}");
    }
    code::DONE
}

fn text(path: &Path) -> String {
    let mut out = String::new();
    quote(&path.display().to_string(), &mut out);
    out
}

/// The call, in the language.
fn call(host: &Host, args: &CompleteArgs) -> String {
    let mut out = format!("let done = completion(load_image({})", text(&args.image));
    if let Some(mask) = &args.mask {
        let _ = write!(out, ", load_image({})", text(mask));
    } else if let Some([x, y, w, h]) = args.rect {
        let _ = write!(out, ", ({x}, {y}, {w}, {h})");
    }
    let _ = write!(out, ", grid: {}", args.grid);
    let mut method = String::new();
    quote(&args.method, &mut method);
    let _ = write!(
        out,
        ", method: {method}, keep: {}, strength: {:?}, seed: {}, seconds: {:?})",
        !args.soft, args.strength, host.seed as i64, args.timeout
    );
    out
}
