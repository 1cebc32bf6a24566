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
        "a ~ b",
    ] {
        out += &format!("{text}\n");
        for line in errors(text).lines() {
            out += &format!("    {line}\n");
        }
    }
    insta::assert_snapshot!(out, @r##"
if a { 1 }
else { 2 }
    2:1 E0008 `else` stands on the line of the `}` before it [write `} else {`; a newline after `}` ends the `if`]
let p = {x: 1}
    1:11 E0010 braces hold statements, not fields [a record is written `(x: 1, y: 2)`]
map(xs, |x| x + 1)
    1:9 E0010 a function does not begin with `|` [write `fn(x) { .. }`]
a | b
    1:3 E0010 there is no operator `|` [conditions are joined by `or`; a choice is written `??{a | b}`]
a && b || !c
    1:3 E0005 there is no operator `&&` [write `and`]
    1:8 E0005 there is no operator `||` [write `or`]
    1:11 E0005 there is no operator `!` [write `not`]
if x = 1 { y }
    1:6 E0009 `=` assigns, and a condition compares [write `==`]
a < b < c
    1:1 E0007 comparisons do not chain [join two comparisons with `and`: `a < b and b < c`; or put one of them in parentheses]
f(x = 1)
    1:5 E0009 `=` cannot stand inside brackets [an argument or field is named with `:`, as in `f(x: 1)`; `==` compares]
let y = x = 1
    1:11 E0001 `=` cannot stand here
'text'
    1:1 E0004 text stands in double quotes, not in single ones [write `".."`]
"text
    1:1 E0004 this text is not closed on its line [end it with `"`; a line break inside text is written `\n`]
"a\qb"
    1:3 E0004 `\q` is no escape [escapes are \n \t \r \0 \\ \" and \u{1F600}; a backslash is written `\\`]
"\u{110000}"
    1:2 E0004 `\u` wants the number of a character, as in `\u{1F600}` [escapes are \n \t \r \0 \\ \" and \u{1F600}; a backslash is written `\\`]
99999999999999999999
    1:1 E0003 `99999999999999999999` is too large for an int [the largest int is 9223372036854775807; a num is written with a dot]
1e999
    1:1 E0003 `1e999` is too large for a num [the largest num is about 1.8e308]
0x
    1:1 E0003 `0x` is not a number [numbers look like 42, 1_000, 0x2a, 2.5, 1e-3 or 22.5deg; names begin with a letter]
12abc
    1:1 E0003 `12abc` is not a number [numbers look like 42, 1_000, 0x2a, 2.5, 1e-3 or 22.5deg; names begin with a letter]
t.0
    1:3 E0010 elements of a tuple are indexed with brackets [write `[0]`]
t.0.1
    1:3 E0010 elements of a tuple are indexed with brackets [write `t[0][1]`]
a ** b
    1:4 E0005 there is no operator `**` [a power is written `^`]
x++
    1:3 E0005 there is no operator `++` [write `x += 1`, or `+` for joining text and lists]
/* c */
    1:1 E0005 a comment starts with `//` and goes to the end of its line
# comment
    1:1 E0005 a comment starts with `//`, not with `#` [write `// ..`]
(x) => x
    1:6 E0005 there is no operator `=>` [a result's type is written `->`; `>=` compares]
a === b
    1:5 E0005 there is no operator `===` [write `==`]
a := 1
    1:3 E0005 there is no operator `:=` [write `let x = ..`, or `x = ..` for a `var`]
x: int = 1
    1:2 E0010 `:` cannot stand here [a name with a type is bound by `let x: num = ..`]
def f(x) { x }
    1:1 E0010 `def` is not a word of the language [a function is written `fn name(x) { .. }`]
function f(x) { x }
    1:1 E0010 `function` is not a word of the language [a function is written `fn name(x) { .. }`]
let mut x = 1
    1:5 E0010 `mut` is not a word of the language [a variable that changes is written `var x = ..`]
elif x { 1 }
    1:1 E0010 `elif` is not a word of the language [write `else if`]
let if = 1
    1:5 E0001 `if` is a word of the language and cannot be a name
let x
    1:5 E0001 the statement ends after this, where `:` or `=` is wanted
let x
y
    1:5 E0001 the statement ends after this, where `:` or `=` is wanted
if a
{ b }
    1:4 E0001 the statement ends here, before its `{` [`{` stands on the line of its `if`, `else`, `for`, `while` or `fn`]
fn f()
{ 1 }
    1:6 E0001 the statement ends here, before its `{` [`{` stands on the line of its `if`, `else`, `for`, `while` or `fn`]
fn f() -> int
    1:11 E0001 the statement ends after this, where `{` is wanted
else { 1 }
    1:1 E0008 this `else` has no `if` before it [write `if c { .. } else { .. }`]
x |> f + 1
    1:8 E0001 on the right of `|>` stands a call and nothing more [put the pipe in parentheses to go on: `(x |> f) + 1`]
a == not b
    1:6 E0001 `not` is looser than a comparison [put it in parentheses: `a == (not b)`]
0..1..2
    1:5 E0001 a range has two ends [put one range in parentheses]
??{a, b}
    1:5 E0001 the alternatives of a choice are separated by `|` [write `??{a | b}`]
f(0..1: 2)
    1:1 E0011 only a hole `??(lo..hi: start)` has a starting point [an argument is named so: `f(frame: 0..8)`]
f() += 1
    1:1 E0012 `+=` changes a name, a field or an element [write the assignment in full: `x = x + ..`]
f(a b)
    1:5 E0001 a `,` is missing before `b`
a b
    1:3 E0001 an operator is missing before `b` [statements are separated by a newline or `;`; a call is written `f(x)`]
if x y { 1 }
    1:6 E0001 found `y` where the block `{ .. }` is wanted
f(1; 2)
    1:4 E0001 `;` cannot stand inside brackets [elements are separated by `,`]
import foo
    1:1 E0010 `import` is not a word of the language [the path of an import stands in quotes: `import "path.nsp" as m`]
let x = $ + 1
    1:9 E0005 `$` means nothing here
let π = 3
    1:5 E0005 `π` means nothing here [names are made of a-z, A-Z, 0-9 and `_`; other letters belong in text]
a = ? + 1
    1:5 E0005 `?` means nothing here [a hole is written `??`]
) a
    1:1 E0002 this `)` closes nothing [remove it, or write the bracket that it should close]
f(1]
    1:4 E0002 `]` does not close this bracket
f(1])
    1:4 E0002 this `]` closes nothing [remove it, or write the bracket that it should close]
f([1)
    1:3 E0002 this `[` is never closed
let = 3
    1:5 E0001 `=` cannot stand here [a name or `(` is wanted]
y = 1 + = 2
    1:9 E0001 `=` cannot stand here [an expression is wanted]
"a\
    1:1 E0004 this text is not closed on its line [end it with `"`; a line break inside text is written `\n`]
    1:3 E0004 a `\` ends the line [escapes are \n \t \r \0 \\ \" and \u{1F600}; a backslash is written `\\`]
f(1
    1:2 E0002 this `(` is never closed [write the closing bracket]
let a = (1
let b = 2
    1:9 E0002 this `(` is never closed
fn f() {
    1:8 E0002 this `{` is never closed [write the closing bracket]
* 2
    1:1 E0001 `*` cannot stand here [an expression is wanted]
f(,)
    1:3 E0001 `,` cannot stand here [an expression is wanted]
(a, b: 1)
    1:6 E0010 the elements of a tuple have no names [a record names each of its fields: `(x: 1, y: 2)`]
for x { 1 }
    1:7 E0001 `{` cannot stand here [`in` is wanted]
let (1, 2) = x
    1:6 E0001 `1` cannot stand here [a name or `(` is wanted]
fn f(1) {}
    1:6 E0001 `1` cannot stand here [a name or `)` is wanted]
let x: = 1
    1:8 E0001 `=` cannot stand here [a name, `fn`, `(` or `[` is wanted]
a ~ b
    1:3 E0005 `~` means nothing here
"##);
}

#[test]
fn several_errors() {
    let several = errors(
        "let a = 1 +\nlet b = )\nfn f(x) {\n    x x\n    let ok = 1\n    if y { 1 2 }\n    (3\n}\nlet c = [1, 2\nfn g() { $ }\nlet = 3\n",
    );
    insta::assert_snapshot!(several, @r##"
1:11 E0001 the statement ends after this, where an expression is wanted
2:7 E0001 the statement ends after this, where an expression is wanted
2:9 E0002 this `)` closes nothing [remove it, or write the bracket that it should close]
4:7 E0001 an operator is missing before `x` [statements are separated by a newline or `;`; a call is written `f(x)`]
6:14 E0001 an operator is missing before `2` [statements are separated by a newline or `;`; a call is written `f(x)`]
7:5 E0002 this `(` is never closed
9:9 E0002 this `[` is never closed
10:10 E0005 `$` means nothing here
11:5 E0001 `=` cannot stand here [a name or `(` is wanted]
"##);

    // The statements around an error stay.
    let parsed = parse(FileId(0), "let a = 1\nfn f() {\n  a a\n  let b = 2\n}\nlet c = 3");
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(print(&parsed.ast), "let a = 1\n\nfn f() {\n    ??\n    let b = 2\n}\n\nlet c = 3\n");
}
