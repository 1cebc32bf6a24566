//! What the parser makes of programs, right and wrong.

use nsp::source::FileId;
use nsp::syntax::{self, ast::*, parse, print, print_expr};

/// The printed form of an expression with all its parentheses.
fn grouped(ast: &Ast, id: ExprId) -> String {
    let g = |id: &ExprId| grouped(ast, *id);
    match &ast.expr(id).kind {
        ExprKind::Unary(UnOp::Neg, x) => format!("(-{})", g(x)),
        ExprKind::Unary(UnOp::Not, x) => format!("(not {})", g(x)),
        ExprKind::Binary(op, x, y) => format!("({} {} {})", g(x), op.symbol(), g(y)),
        ExprKind::Pipe(x, y) => format!("({} |> {})", g(x), g(y)),
        ExprKind::Range { lo, hi, inclusive } => format!("({}..{}{})", g(lo), if *inclusive { "=" } else { "" }, g(hi)),
        ExprKind::Index(x, i) => format!("{}[{}]", g(x), g(i)),
        ExprKind::Field(x, n) => format!("{}.{n}", g(x)),
        ExprKind::Call { callee, args } => {
            format!("{}({})", g(callee), args.iter().map(|a| g(&a.value)).collect::<Vec<_>>().join(", "))
        }
        _ => print_expr(ast, id),
    }
}

fn ok(text: &str) -> Ast {
    let parsed = parse(FileId(0), text);
    assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
    parsed.ast
}

fn only_expr(ast: &Ast) -> ExprId {
    match ast.stmt(ast.root[0]).kind {
        StmtKind::Expr(e) if ast.root.len() == 1 => e,
        _ => panic!("not one expression: {}", print(ast)),
    }
}

/// The statements of a text, each printed on its own.
fn stmts(text: &str) -> Vec<String> {
    let ast = ok(text);
    ast.root.iter().map(|s| syntax::print_stmt(&ast, *s)).collect()
}

/// Errors as `line:column code message [help]`.
fn errors(text: &str) -> String {
    let parsed = parse(FileId(0), text);
    assert!(!parsed.errors.is_empty(), "{text}: no error");
    let mut out = String::new();
    for e in &parsed.errors {
        let before = &text[..e.span().start as usize];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        out += &format!("{line}:{column} {} {}", e.code, e.message);
        if let Some(help) = &e.help {
            out += &format!(" [{help}]");
        }
        out.push('\n');
    }
    out
}

#[test]
fn precedence() {
    for (text, expected) in [
        ("a or b and c", "(a or (b and c))"),
        ("not a == b and c", "((not (a == b)) and c)"),
        ("not not a", "(not (not a))"),
        ("a < b |> f", "(a < (b |> f))"),
        ("0..n |> sum", "((0..n) |> sum)"),
        ("a + 1..b * 2", "((a + 1)..(b * 2))"),
        ("a - b - c", "((a - b) - c)"),
        ("a + b * c & d % e / f", "(a + ((((b * c) & d) % e) / f))"),
        ("-x^2", "(-(x ^ 2))"),
        ("2^-x^2", "(2 ^ (-(x ^ 2)))"),
        ("a^b^c", "(a ^ (b ^ c))"),
        ("-a * -b", "((-a) * (-b))"),
        ("-f(x)[0].y", "(-f(x)[0].y)"),
        ("x |> f |> m.g(1)", "((x |> f) |> m.g(1))"),
        ("1..=4", "(1..=4)"),
        ("(a < b) == c", "((a < b) == c)"),
        ("if a { b } else { c } + 1", "(if a { b } else { c } + 1)"),
        ("fn(x) { x }(3)", "fn(x) { x }(3)"),
        ("1.5.sqrt()", "1.5.sqrt()"),
    ] {
        let ast = ok(text);
        assert_eq!(grouped(&ast, only_expr(&ast)), expected, "{text}");
    }
}

#[test]
fn newlines() {
    assert_eq!(stmts("a\nb; c;; d\n\n;\n"), ["a", "b", "c", "d"]);
    assert_eq!(stmts("a\n- b\n(c)\n[d]"), ["a", "-b", "c", "[d]"]);
    assert_eq!(stmts("a +\n\n // more\n b"), ["a + b"]);
    assert_eq!(stmts("x\n |> f\n . y\n and z\n == w\n/ 2"), ["x |> f.y and z == w / 2"]);
    assert_eq!(stmts("let x =\n 1\nfor a in\n b { a }"), ["let x = 1", "for a in b { a }"]);
    assert_eq!(stmts("f(\na\n,\nb\n)\n[1,\n2\n]"), ["f(a, b)", "[1, 2]"]);
    assert_eq!(stmts("f(fn(x) {\n  a\n  b\n})"), ["f(fn(x) {\n    a\n    b\n})"]);
    assert_eq!(stmts("??{\na\n|\nb\n}"), ["??{a | b}"]);
    assert_eq!(stmts("fn f(\n a: int,\n) ->\n int { a }"), ["fn f(a: int) -> int { a }"]);
    assert_eq!(stmts("import\n\"x\"\ntest\n\"y\""), ["import", "\"x\"", "test", "\"y\""]);
    assert_eq!(stmts("import \"x\"\nas"), ["import \"x\"", "as"]);
    assert_eq!(stmts("\u{feff}a\r\nb\r\n"), ["a", "b"]);
    assert_eq!(stmts(""), [""; 0]);
    assert_eq!(stmts("// nothing"), [""; 0]);
}

#[test]
fn holes() {
    let form = |text: &str| {
        let ast = ok(text);
        assert_eq!(print(&ast).trim_end(), text);
        match &ast.expr(only_expr(&ast)).kind {
            ExprKind::Hole(Hole { form: HoleForm::Open, .. }) => "open",
            ExprKind::Hole(Hole { form: HoleForm::Range { start: Some(_), .. }, .. }) => "start",
            ExprKind::Hole(Hole { form: HoleForm::Range { .. }, .. }) => "range",
            ExprKind::Hole(Hole { form: HoleForm::Choice(_), .. }) => "choice",
            ExprKind::Call { .. } => "call",
            _ => "other",
        }
    };
    assert_eq!(form("??"), "open");
    assert_eq!(form("??name"), "open");
    assert_eq!(form("??(0..16)"), "range");
    assert_eq!(form("??w(0..16: 8.0)"), "start");
    assert_eq!(form("??f((0..16))"), "call");
    assert_eq!(form("??f(0..16, 1)"), "call");
    assert_eq!(form("??f(a: 0..16)"), "call");
    assert_eq!(form("??f(x)"), "call");
    assert_eq!(form("??()"), "call");
    assert_eq!(form("??{a | b | 3}"), "choice");
    assert_eq!(form("??op{+ | - | *}(l, r)"), "call");
    assert_eq!(form("??{- | -x | and | < | ^}"), "choice");
    assert_eq!(print(&ok("(??f)(0..16)")), "??f((0..16))\n");
    assert_eq!(stmts("if ??c { 1 }\nwhile ?? { }"), ["if ??c { 1 }", "while ?? {}"]);
}

#[test]
fn forms() {
    for text in [
        "()",
        "(1,)",
        "(1, 2)",
        "(x: 1)",
        "(x: 1.5, y: 2)",
        "[]",
        "[1, 2]",
        "{}",
        "let (a, (b, _)) = t",
        "let (a,) = t",
        "var n: (int, fn(a) -> [T], (x: num), (y,)) = 0",
        "let u: unit = ()",
        "for i in 1..=4, (k, v) in m { draw(3 * i, k, v) }",
        "while x < 3 { x = x + 1 }",
        "fn hyp(a: num, b: num = 0) -> num { sqrt(a * a + b * b) }",
        "import \"p.nsp\" as m",
        "import \"p.nsp\"",
        "test \"name\" { assert_eq(f(1), 2) }",
        "render(wrench, 256, frame: (0, 0, 16, 16))",
        "rect(8, 8, 12, 4, 22.5deg)",
        "1e-7 + 1e16 + 2.5e100 + 0.1",
        "\"a\\n\\t\\r\\0\\\\\\\"é\\u{7f}\"",
        "if a { 1 } else if b { 2 } else { 3 }",
        "xs[0][1].y = 3",
        "return",
    ] {
        assert_eq!(print(&ok(text)).trim_end(), text);
    }
    assert_eq!(stmts("0x1F + 0b101 + 1_000"), ["31 + 5 + 1000"]);
    assert_eq!(
        stmts("x += 1; p.y *= 2; xs[i+1] -= 3; z /= 2"),
        ["x = x + 1", "p.y = p.y * 2", "xs[i + 1] = xs[i + 1] - 3", "z = z / 2"]
    );
    assert_eq!(
        stmts("f(a, b,)[0]; (a, b,); (x: 1,); [a,]; fn(a,) {}"),
        ["f(a, b)[0]", "(a, b)", "(x: 1)", "[a]", "fn(a) {}"]
    );
    assert_eq!(stmts("let x: () = (1)"), ["let x: unit = 1"]);
}

#[test]
fn docs() {
    let ast = ok(
        "/// one\n///  two\n///\nfn f() {\n  /// inner\n  let x = 1\n}\n\n/// not\n\nfn g() {}\nlet a = 1 /// no\nb",
    );
    let docs: Vec<Option<&str>> = ast.root.iter().map(|s| ast.stmt(*s).doc.as_deref()).collect();
    assert_eq!(docs, [Some("one\n two\n"), None, None, None]);
    assert!(ast.stmts.iter().any(|s| s.doc.as_deref() == Some("inner")));
    assert_eq!(ast.comments.len(), 6);
    assert!(ast.comments[5].trailing);
    assert_eq!(ok("#! /bin/nsp\n1").shebang.as_deref(), Some("#! /bin/nsp"));
}

#[test]
fn types_and_signatures() {
    let ty = |text: &str| syntax::parse_type(FileId(0), text).map(|(ast, t)| syntax::print_type(&ast, t));
    for text in ["int", "[T]", "(A, B)", "(A,)", "(x: A, y: [B])", "fn(A, B) -> C", "fn() -> fn(int) -> unit"] {
        assert_eq!(ty(text).as_deref(), Ok(text));
    }
    assert_eq!(ty("()").as_deref(), Ok("unit"));
    assert_eq!(ty("(int)").as_deref(), Ok("int"));
    for text in ["", "1", "int int", "[", "int = 1; let x: int", "fn(A)", "int)", "int = x"] {
        assert!(ty(text).is_err(), "{text}");
    }

    let (ast, params, ret) = syntax::parse_signature("(s: str, t: token, i: int = 1, f) -> [str]").unwrap();
    assert_eq!(syntax::print_type(&ast, ret), "[str]");
    let names: Vec<&str> = params.iter().map(|p| &*p.name).collect();
    assert_eq!(names, ["s", "t", "i", "f"]);
    assert_eq!(print_expr(&ast, params[2].default.unwrap()), "1");
    assert!(params[3].ty.is_none());
    let (ast, params, ret) = syntax::parse_signature("()").unwrap();
    assert_eq!((params.len(), syntax::print_type(&ast, ret).as_str()), (0, "unit"));
    for text in ["", "(", "(a: int", "(a) -> int {} + fn()", "(a) -> int; x", "int", "(a) {} (b)"] {
        assert!(syntax::parse_signature(text).is_err(), "{text}");
    }
}

#[test]
fn incomplete() {
    let incomplete = |text: &str| parse(FileId(0), text).incomplete;
    for text in [
        "f(",
        "[1,",
        "fn f() {",
        "a +",
        "let x =",
        "for a in",
        "??{a |",
        "if a {\n b\n} else {",
        "f(a, {\nb",
        "x |>",
        "not",
        "(1 +",
        "a and // more",
    ] {
        assert!(incomplete(text), "{text}");
    }
    for text in ["a", "", "let x", "f(a b", "f(]", "a + )", "\"abc", "if a", "(1 = ", "f(1; ", "a;", "a + * ("] {
        assert!(!incomplete(text), "{text}");
    }
    assert!(syntax::continues("|> f"));
    assert!(syntax::continues("  .x"));
    assert!(syntax::continues("and b"));
    assert!(!syntax::continues("- b"));
    assert!(!syntax::continues("[1]"));
    assert!(!syntax::continues(""));
}

#[test]
fn highlighting() {
    use syntax::TokenClass::*;
    let classes = |text: &str| syntax::tokens(text).into_iter().map(|t| t.0).collect::<Vec<_>>();
    assert_eq!(
        classes("let x = ??n{1 | \"a\"} // c"),
        [Keyword, Name, Operator, Hole, Number, Operator, Str, Bracket, Comment]
    );
    assert_eq!(classes("import \"a\" as b; test"), [Keyword, Str, Keyword, Name, Operator, Name]);
    assert_eq!(classes("$ \"open"), [Error, Error]);
    assert_eq!(classes("#!x\n22.5deg"), [Comment, Number]);
}

#[test]
fn error_messages() {
    let mut out = String::new();
    for text in [
        "if a { 1 }\nelse { 2 }",
        "let p = {x: 1}",
        "map(xs, |x| x + 1)",
        "a | b",
        "a && b || !c",
        "if x = 1 { y }",
        "a < b < c",
        "f(x = 1)",
        "let y = x = 1",
        "'text'",
        "\"text",
        "\"a\\qb\"",
        "\"\\u{110000}\"",
        "99999999999999999999",
        "1e999",
        "0x",
        "12abc",
        "t.0",
        "t.0.1",
        "a ** b",
        "x++",
        "/* c */",
        "# comment",
        "(x) => x",
        "a === b",
        "a := 1",
        "x: int = 1",
        "def f(x) { x }",
        "function f(x) { x }",
        "let mut x = 1",
        "elif x { 1 }",
        "let if = 1",
        "let x",
        "let x\ny",
        "if a\n{ b }",
        "fn f()\n{ 1 }",
        "fn f() -> int",
        "else { 1 }",
        "x |> f + 1",
        "a == not b",
        "0..1..2",
        "??{a, b}",
        "f(0..1: 2)",
        "f() += 1",
        "f(a b)",
        "a b",
        "if x y { 1 }",
        "f(1; 2)",
        "import foo",
        "let x = $ + 1",
        "let π = 3",
        "a = ? + 1",
        ") a",
        "f(1]",
        "f(1])",
        "f([1)",
        "let = 3",
        "y = 1 + = 2",
        "\"a\\",
        "f(1",
        "let a = (1\nlet b = 2",
        "fn f() {",
        "* 2",
        "f(,)",
        "(a, b: 1)",
        "for x { 1 }",
        "let (1, 2) = x",
        "fn f(1) {}",
        "let x: = 1",
        "\u{7}",
    ] {
        out += &format!("{text}\n");
        for line in errors(text).lines() {
            out += &format!("    {line}\n");
        }
    }
    insta::assert_snapshot!(out, @"");
}

#[test]
fn several_errors() {
    insta::assert_snapshot!(errors("let a = 1 +\nlet b = )\nfn f(x) {\n    x x\n    let ok = 1\n    if y { 1 2 }\n    (3\n}\nlet c = [1, 2\nfn g() { $ }\nlet = 3\n"), @"");
    // The statements around an error stay.
    let parsed = parse(FileId(0), "let a = 1\nfn f() {\n  a a\n  let b = 2\n}\nlet c = 3");
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(print(&parsed.ast), "let a = 1\n\nfn f() {\n    ??\n    let b = 2\n}\n\nlet c = 3\n");
}
