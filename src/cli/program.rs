//! The function of a program that a command is about.

use super::host::Host;
use crate::session::Session;
use crate::source::FileId;
use crate::suggest::nearest;
use crate::syntax::ast::{Name, StmtKind};
use crate::types::{FnType, Type};
use crate::vm::value::Value;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A program that was run, and one of its functions.
pub struct Chosen {
    /// What the program left.
    pub session: Session,
    /// The function's name.
    pub name: Name,
    /// The function.
    pub value: Value,
    /// Its type.
    pub ty: Arc<FnType>,
}

/// Runs a program and takes the function with this name, or its last one. One whose parameter types are open, or that
/// has defaults, is taken as a function of `texts` texts, if that is given. Errors are reported.
pub fn choose(host: &Host, path: &Path, name: Option<&str>, texts: Option<usize>) -> Result<Chosen, u8> {
    let (file, text) = host.read(path)?;
    let mut session = host.session();
    // What the program prints is not to stand between the results.
    session.env_mut().out = Arc::new(Mutex::new(std::io::stderr()));
    if let Err(errors) = session.step(&file, &text) {
        return Err(host.report(&errors, session.sources()));
    }
    let functions = functions(&text);
    let name: Name = match name {
        Some(name) if session.scope().get(name).is_some() => name.into(),
        Some(name) => {
            let near = nearest(name, functions.iter().map(|n| &**n));
            let help = near.map(|n| format!("did you mean `{n}`?"));
            return Err(host.error("E0101", format!("`{file}` has no function `{name}`"), help));
        }
        None => match functions.last() {
            Some(name) => name.clone(),
            None => {
                let help = "write `fn program(s: str) -> str { .. }`, or name a function with --name";
                return Err(host.error("E0101", format!("`{file}` defines no function"), Some(help.into())));
            }
        },
    };
    let as_texts = |texts: usize| {
        let params: Vec<String> = (0..texts).map(|i| format!("a{i}: str")).collect();
        let args: Vec<String> = (0..texts).map(|i| format!("a{i}")).collect();
        format!("fn({}) {{ {name}({}) }}", params.join(", "), args.join(", "))
    };
    let mut found = session.step("<name>", &name);
    if let Some(texts) = texts {
        let fits = |t: &FnType| t.params.len() == texts || matches!(t.params[..], [Type::List(_)]);
        let good = found.as_ref().is_ok_and(|f| matches!(&f.value.ty, Type::Fn(t) if fits(t)));
        if !good && let Ok(other) = session.step("<name>", &as_texts(texts)) {
            found = Ok(other);
        }
    }
    match found {
        Ok(f) => match f.value.ty {
            Type::Fn(ty) => Ok(Chosen { session, name, value: f.value.value, ty }),
            other => Err(host.error("E0201", format!("`{name}` is {other}, not a function"), None)),
        },
        Err(errors) => Err(host.report(&errors, session.sources())),
    }
}

/// The functions of a program's top level, in order.
pub fn functions(text: &str) -> Vec<Name> {
    let ast = crate::syntax::parse(FileId(0), text).ast;
    let name = |s: &StmtKind| if let StmtKind::Fn { name, .. } = s { Some(name.clone()) } else { None };
    ast.root.iter().filter_map(|id| name(&ast.stmt(*id).kind)).collect()
}
