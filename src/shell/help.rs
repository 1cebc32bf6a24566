//! What the shell knows about names: signatures, documentation, examples.

use super::commands::COMMANDS;
use crate::check::defs::{Def, lock};
use crate::check::scope::Binding;
use crate::session::Session;
use crate::suggest::nearest;
use crate::syntax::ast::Name;
use crate::syntax::{KEYWORDS, print_expr, print_type};
use crate::types::Type;
use std::collections::HashMap;

/// Characters in a line of documentation.
const WIDTH: usize = 88;

/// What is said about an operator, a function, an operation, a value or a command; else what is near it.
pub fn topic(session: &Session, name: &str) -> Result<String, String> {
    let word = name.strip_prefix(':').unwrap_or(name);
    if let Some(command) = COMMANDS.iter().find(|c| c.name == word && (name != word || known(session, word).is_none()))
    {
        return Ok(format!(":{} {}\n  {}", command.name, command.args, command.doc));
    }
    if let Some(text) = known(session, name) {
        return Ok(text);
    }
    if let Some((_, text)) = WORDS.iter().find(|(words, _)| words.split(' ').any(|w| w == name)) {
        return Ok((*text).to_string());
    }
    let names: Vec<String> = names(session).collect();
    let near = nearest(name, names.iter().map(String::as_str).chain(KEYWORDS.iter().copied()));
    // Of a single character any other would be near.
    Err(match near.filter(|_| name.chars().count() > 1) {
        Some(near) => format!("nothing is called `{name}`; did you mean `{near}`?"),
        None => format!("nothing is called `{name}`"),
    })
}

/// What `:help` alone says.
pub fn general() -> String {
    let mut out = String::from(
        "Type an expression to see its value, `let x = ..` to keep one, `fn f(a) { .. }` to define a function.\n\
         `_` is the last value; a line that begins with an operator such as `|>` goes on from it. Ctrl-C stops.\n\n",
    );
    for c in COMMANDS {
        let call = format!(":{} {}", c.name, c.args);
        out.push_str(&format!("  {call:<16} {}\n", c.doc));
    }
    out.push_str("\n`:help name` tells about an operation, e.g. `:help map`; Tab completes names.");
    out
}

/// Words of the language.
const WORDS: &[(&str, &str)] = &[
    ("let var =", "let x = 3      a name for a value; `var n = 0` can be given another: `n = n + 1`"),
    (
        "fn",
        "fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }\n  A function; types may be left out. `fn(x) { x + 1 }` is a function value.",
    ),
    ("if else", "if n > 2 { \"many\" } else { \"few\" }\n  An expression; without `else` a statement."),
    (
        "for in",
        "for x in [1, 2, 3] { x * x }\n  Collects its bodies' values; `for i in 1..=4, j in 1..=3 { .. }` nests.",
    ),
    (
        "while break continue",
        "while n < 10 { n = n + 1 }\n  A loop; `break` leaves it, `continue` goes on with the next turn.",
    ),
    ("return", "return x\n  Leaves a function with a value."),
    ("and or not true false", "a and b, a or b, not a\n  The right side is looked at only if it matters."),
    ("import", "import \"path.nsp\" as m\n  The names of another file, as `m.name`."),
    ("test", "test \"name\" { assert_eq(f(1), 2) }\n  Run by `nsp test`, and at once in the shell."),
    ("|>", "\"Mason Smith\" |> get_token(PROP_CASE, 2)\n  The left side is the first argument."),
    (
        "??",
        "??, ??name, ??(0..16), ??{a | b}, ??f(x)\n  A hole: an expression, number, choice or function to be found. `:holes` lists them.",
    ),
    (".. ..=", "0..4 is 0, 1, 2, 3; 1..=4 is 1, 2, 3, 4"),
];

/// Names that can be asked about.
pub fn names(session: &Session) -> impl Iterator<Item = String> {
    let ops = session.env().ops.names().map(|n| n.to_string());
    ops.chain(session.scope().iter().map(|(n, _)| n.to_string()))
}

fn known(session: &Session, name: &str) -> Option<String> {
    let mut out = String::new();
    match session.scope().get(name) {
        Some(Binding::Def(id)) => {
            let def = session.defs().get(*id);
            out.push_str(&format!("fn {}\n", signature_of(session, name, &def)));
            doc(&mut out, def.doc.as_deref().unwrap_or(""));
        }
        Some(Binding::Global { ty, mutable, .. }) => {
            out.push_str(&format!("{} {name}: {ty}\n", if *mutable { "var" } else { "let" }));
        }
        Some(Binding::Module(scope)) => {
            let mut names: Vec<&str> = scope.iter().map(|(n, _)| &**n).collect();
            names.sort_unstable();
            out.push_str(&format!("module {name}: {}\n", names.join(", ")));
        }
        Some(Binding::Hidden(_)) | None => {}
    }
    let mut last = "";
    let ops = &session.env().ops;
    for id in ops.overloads(name) {
        let op = ops.get(*id);
        // Overloads with one text show it once, below the last of them.
        if !last.is_empty() && last != op.doc {
            doc(&mut out, last);
        }
        out.push_str(&op_signature(&op.name, &op.sig));
        out.push('\n');
        last = &op.doc;
    }
    doc(&mut out, last);
    if let Some(id) = ops.overloads(name).first() {
        let example = ops.get(*id).example.trim();
        if !example.is_empty() {
            out.push_str(&format!("  e.g. {}\n", example.trim_start_matches("// ")));
        }
    }
    out.truncate(out.trim_end().len());
    if out.is_empty() { None } else { Some(out) }
}

/// Adds a text, indented, its lines broken between words where they would be long.
fn doc(out: &mut String, text: &str) {
    for line in text.lines() {
        let mut width = 0;
        for word in line.split_whitespace() {
            let len = word.chars().count();
            let gap = match width {
                0 => "  ",
                w if w + 1 + len > WIDTH => {
                    width = 0;
                    "\n  "
                }
                _ => " ",
            };
            out.push_str(gap);
            out.push_str(word);
            width += len + usize::from(width > 0);
        }
        out.push('\n');
    }
}

fn op_signature(name: &str, sig: &str) -> String {
    match sig.trim().strip_prefix("->") {
        Some(ty) => format!("{name}: {}", ty.trim()),
        None => format!("{name}{}", sig.trim()),
    }
}

/// How the thing called `name` is called, one text for each overload: `len(xs: [A]) -> int`.
pub fn signatures(session: &Session, name: &str) -> Vec<String> {
    match session.scope().get(name) {
        Some(Binding::Def(id)) => return vec![signature_of(session, name, &session.defs().get(*id))],
        Some(Binding::Global { ty: Type::Fn(f), .. }) => {
            let params: Vec<String> = f.params.iter().map(|t| t.to_string()).collect();
            return vec![format!("{name}({}) -> {}", params.join(", "), f.ret)];
        }
        Some(Binding::Global { .. }) => return Vec::new(),
        _ => {}
    }
    let ops = &session.env().ops;
    let of = |id: &crate::ir::OpId| op_signature(&ops.get(*id).name, &ops.get(*id).sig);
    ops.overloads(name).iter().map(of).filter(|s| s.contains('(')).collect()
}

/// A function's signature, with the types that were found for it.
fn signature_of(session: &Session, name: &str, def: &Def) -> String {
    let mut scheme = lock(&def.scheme).clone();
    if scheme.is_none() {
        // Functions of the library are looked at when first used. Using one in a clone leaves no trace here.
        let _ = session.clone().check("<help>", &format!("let f = {name}"));
        scheme = lock(&def.scheme).clone();
    }
    let names: HashMap<u32, u32> =
        scheme.iter().flat_map(|s| s.vars.iter().enumerate()).map(|(i, (var, _))| (*var, i as u32)).collect();
    let ty = |t: &Type| rename(t, &names).to_string();
    let mut params = Vec::new();
    for (i, p) in def.fun.params.iter().enumerate() {
        let mut text = p.name.to_string();
        match scheme.as_ref().and_then(|s| s.params.get(i)) {
            Some(t) => text.push_str(&format!(": {}", ty(t))),
            None => text.extend(p.ty.map(|t| format!(": {}", print_type(&def.ast, t).trim()))),
        }
        text.extend(p.default.map(|d| format!(" = {}", print_expr(&def.ast, d).trim())));
        params.push(text);
    }
    let ret = match &scheme {
        Some(s) => format!(" -> {}", ty(&s.ret)),
        None => def.fun.ret.map(|t| format!(" -> {}", print_type(&def.ast, t).trim())).unwrap_or_default(),
    };
    format!("{name}({}){ret}", params.join(", "))
}

/// Type variables by the letters of their order.
fn rename(t: &Type, names: &HashMap<u32, u32>) -> Type {
    let go = |t: &Type| rename(t, names);
    match t {
        Type::Var(v) => Type::Var(names.get(v).copied().unwrap_or(*v)),
        Type::List(t) => Type::list(go(t)),
        Type::Tuple(ts) => Type::tuple(ts.iter().map(go).collect()),
        Type::Record(fs) => Type::record(fs.iter().map(|(n, t): &(Name, Type)| (n.clone(), go(t))).collect()),
        Type::Fn(f) => Type::func(f.params.iter().map(go).collect(), go(&f.ret)),
        t => t.clone(),
    }
}
