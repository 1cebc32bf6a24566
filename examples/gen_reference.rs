//! Writes `docs/src/reference.md` from the table of operations and the library in the language.
//!
//! `cargo run --example gen_reference`

use nsp::builtins::OpTable;
use nsp::session::STDLIB;
use nsp::source::FileId;
use nsp::syntax::ast::{Ast, FnExpr, StmtKind};
use nsp::syntax::{parse, print_expr, print_type};
use std::collections::BTreeMap;
use std::fmt::Write;

fn main() -> std::io::Result<()> {
    std::fs::write("docs/src/reference.md", reference(&OpTable::standard()))
}

/// The chapter.
pub fn reference(table: &OpTable) -> String {
    let mut out = String::from(
        "# Operations\n\n\
         Made from the table of operations and the library; `cargo run --example gen_reference` writes it anew.\n\n\
         A call `f(x, a)` may be written `x.f(a)` or `x |> f(a)`. Capital letters in signatures stand for any type. \
         Where `num` is wanted, an `int` will do. A parameter with `=` may be left out.\n\n\
         ## Built in\n\n",
    );
    let mut names: BTreeMap<(bool, String), Vec<_>> = BTreeMap::new();
    for (_, op) in table.iter() {
        let symbol = !op.name.starts_with(|c: char| c.is_alphabetic());
        names.entry((!symbol, op.name.to_string())).or_default().push(op);
    }
    for ((_, name), ops) in &names {
        let _ = writeln!(out, "### `{name}`\n");
        let mut last = "";
        for (i, op) in ops.iter().enumerate() {
            if op.doc != last && i > 0 {
                let _ = writeln!(out, "{last}\n");
            }
            let sig = if op.sig.starts_with("->") { format!("{name} {}", op.sig) } else { format!("{name}{}", op.sig) };
            let _ = writeln!(out, "```text\n{sig}\n{}\n```\n", op.example.trim_start_matches("// "));
            last = &op.doc;
        }
        let _ = writeln!(out, "{last}\n");
    }
    for (name, text) in STDLIB {
        let file = name.trim_start_matches("<stdlib>/");
        let ast = parse(FileId(0), text).ast;
        let _ = writeln!(out, "## Library: `stdlib/{file}`\n");
        for id in &ast.root {
            let stmt = ast.stmt(*id);
            let StmtKind::Fn { name, def, .. } = &stmt.kind else { continue };
            let doc = stmt.doc.as_deref().unwrap_or("").replace('\n', " ");
            let _ = writeln!(out, "### `{name}`\n\n```text\n{name}{}\n```\n\n{doc}\n", signature(&ast, def));
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn signature(ast: &Ast, def: &FnExpr) -> String {
    let param = |p: &nsp::syntax::ast::Param| {
        let ty = p.ty.map(|t| format!(": {}", print_type(ast, t))).unwrap_or_default();
        let default = p.default.map(|d| format!(" = {}", print_expr(ast, d))).unwrap_or_default();
        format!("{}{ty}{default}", p.name)
    };
    let params: Vec<String> = def.params.iter().map(param).collect();
    let ret = def.ret.map(|t| format!(" -> {}", print_type(ast, t))).unwrap_or_default();
    format!("({}){ret}", params.join(", "))
}
