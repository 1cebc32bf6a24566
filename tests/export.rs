//! Exported programs give what the programs give, failures included.

#[path = "support/gen_text.rs"]
mod gen_text;

use nsp::export::{Target, export};
use nsp::vm::Machine;
use nsp::{Session, Value};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Programs, and what they can be exported to beside Python and Rust: `s` SQL, `r` a regular expression.
const PROGRAMS: &[(&str, &str)] = &[
    ("s", "fn program(s: str) -> str { cut(s, end_of(\", \"), at_end()) + \"-\" + cut(s, at(), start_of(\",\")) }"),
    ("sr", "fn program(s: str) -> str { cut(s, end_of(\", \"), at_end()) + \" \" + cut(s, at(), start_of(\", \")) }"),
    (
        "sr",
        "fn program(s: str) -> str { \"<\" + cut(s, start_of(\"-\", 2), at_end()) + \"$1\\\\g\" + cut(s, end_of(\"-\"), start_of(\"-\", 2)) }",
    ),
    (
        "sr",
        "fn program(s: str) -> str { cut(s, end_of(\" \", -2), start_of(\" \", -1)) + cut(s, end_of(\" \", -1), at_end()) }",
    ),
    ("sr", "fn program(s: str) -> str { split(s, \", \")[1] + \"/\" + split(s, \", \")[0] }"),
    ("sr", "fn program(s: str) -> str { cut(s, at(1), at_end(1)) + cut(s, at(), at(1)) }"),
    ("sr", "fn program(s: str) -> str { s[0] + s[2] + \".\" }"),
    ("r", "fn program(s: str) -> str { get_token(s, NUMBER, 1) + \"-\" + get_token(s, NUMBER, 2) }"),
    ("r", "fn program(s: str) -> str { get_token(s, DIGIT, 2) + \"|\" + get_token(s, DIGIT, 1) }"),
    (
        "r",
        "fn program(s: str) -> str { cut(s, at(), start_of(NUMBER, 2)) + \"[\" + cut(s, start_of(NUMBER), end_of(NUMBER)) + \"]\" }",
    ),
    (
        "s",
        "fn program(s: str) -> str { to_case(cut(s, end_of(\", \"), at_end()), PROPER) + \" \" + upper(cut(s, at(), start_of(\",\"))) }",
    ),
    ("", "fn program(s: str) -> str { join(for w in split(s, \" \") { upper(w[0]) }) }"),
    (
        "s",
        "fn program(s: str) -> str { if contains(s, \",\") { before(s, \",\") } else { cut_or(s, end_of(\" \"), at_end(), \"none\") } }",
    ),
    (
        "s",
        "fn program(s: str) -> str {\n  if len(s) > 12 or starts_with(s, \"(\") { return after(s, \" \") + \"..\" }\n  let t = trim(s)\n  if t == \"\" { return \"empty\" }\n  pad_left(t, 5, \"*\") + str(len(t) - 3)\n}",
    ),
    (
        "s",
        "fn program(s: str) -> str { sub_str(s, 2, -2) + \"/\" + get_upto(s, \" \") + \"/\" + get_from(s, \",\") + replace(s, \" \", \"_\") }",
    ),
    (
        "",
        "fn program(s: str) -> str { get_span(s, WORD, 1, START, NUMBER, -1, END) + get_span(s, \"(\", 1, END, CHAR, 40, START) + get_span_strict(s, WORD, 1, END, \" \", -1, START) }",
    ),
    (
        "",
        "fn program(s: str) -> str { substitute(s, DIGIT, 2, \"x\") + substitute_all(s, PROP_CASE, \"Xy\") + substitute_match(s, NUMBER, -1, \"\") }",
    ),
    (
        "",
        "fn program(s: str) -> str { remove(s, WORD, 1) + remove_all(s, SPACE) + get_first(s, LETTERS, 2) + get_first(s, FIELD, -1) + get_all(s, ALL_CAPS) }",
    ),
    ("", "fn program(s: str) -> str { title_case(s) + word(s, -1) + initials(s) + snake_case(s) + camel_case(s) }"),
    (
        "",
        "fn program(s: str) -> str { get_token(s, DECIMAL, 1) + get_token(s, LOWER, -1) + get_token(s, ALPHANUM, 3) + capitalize(strip(s)) }",
    ),
    (
        "",
        "fn program(s: str) -> str {\n  var out = \"\"\n  var n = 0\n  for c in s {\n    if c == \" \" { continue }\n    if n == 6 { break }\n    out = c + out\n    n = n + 1\n  }\n  while n < 4 {\n    out = out + \"-\"\n    n = n + 1\n  }\n  out + str(n * 2) + str(div(n, 3)) + str(-n % 4)\n}",
    ),
    (
        "",
        "fn program(s: str) -> str {\n  let n = int(get_token(s, NUMBER, 1))\n  let x = num(n) / 4 + 0.5\n  str(n * 1000000000000) + \":\" + str(x) + \":\" + str(round(x)) + str(floor(-x)) + str(min(n, 3)) + str(x > 1)\n}",
    ),
    (
        "",
        "fn program(s: str) -> str { join(for w in words(s), i in 0..=1 { str(i) + reverse(w) }, \"|\") + comma_list(lines(s)) + plural(len(words(s)), \"row\") }",
    ),
    (
        "s",
        "fn program(s: str) -> str { let unused = cut(s, end_of(\"-\"), at_end())\n  s[0..2] + join([s, \"!\"], \"?\") + repeat_str(\"ab\", index_of(s, \"-\")) }",
    ),
    (
        "",
        "fn first_word(s: str) -> str { words(s)[0] }\nfn program(s: str) -> str { let w = first_word(s)\n  if w < \"N\" and ends_with(s, w[len(w) - 1]) { w + from_code(char_code(w[0]) + 1) } else { last(sort(unique(chars(s)))) + truncate(s, 4) } }",
    ),
    (
        "",
        "fn program(s: str) -> str {\n  var seen = [\"\"]\n  for w in words(s) {\n    if contains(seen, w) { continue }\n    seen = push(seen, w)\n  }\n  let pairs = for (i, w) in enumerate(seen) { (w, i) }\n  let both = for (a, b) in zip(seen, seen[1..len(seen)]) { a + \"<\" + b }\n  join(both, \";\") + str(index_of(seen, \"an\")) + str(count(words(s), \"x\")) + pairs[len(pairs) - 1][0] + str(seen == [\"\"]) + join(take(drop(flatten([seen, seen]), 1), 2))\n}",
    ),
    ("s", "fn program(s: str) -> str { cut(s, start_of(\",\", -1), at_end()) + cut(s, at(), end_of(\"a\", 2)) }"),
];

const INPUTS: &[&str] = &[
    "",
    " ",
    "Smith, Ann",
    "smith,  bob, jr",
    "García, Zoë-Ü",
    "a-b-c-d",
    "12 Main St 345, Apt 6",
    "(555) 123-4567 x",
    "one two  three\u{3000}four",
    "aaa, bAnana, AAB ABc",
    "McDonald's 1,234.50\nnext line\r\n",
    "日本 ΑΣ ß ﬁ 7",
    "x\"y'z\\ $1 {9}\t-",
    "9223372036854775807 99999999",
];

struct Case {
    session: Session,
    f: Value,
    func: std::sync::Arc<nsp::ir::Func>,
}

fn case(text: &str) -> Case {
    let mut session = Session::default();
    session.step("<case>", text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    let f = session.step("<name>", "program").unwrap().value.value;
    let Value::Fn(closure) = &f else { panic!("{text}") };
    let func = session.env().library.get(closure.func).unwrap().func;
    Case { session, f, func }
}

impl Case {
    fn export(&self, target: Target) -> Result<String, nsp::diag::Diagnostic> {
        export(&self.func, &self.session.env().ops, &self.session.env().library, target)
    }

    fn call(&self, input: &str) -> Option<String> {
        let mut machine = Machine::new(self.session.env(), self.session.globals());
        match machine.call(&self.f, &[Value::str(input)]) {
            Ok(Value::Str(s)) => Some(s.to_string()),
            _ => None,
        }
    }
}

/// What Python gives for each module and input; `None` without Python.
fn python(dir: &Path, modules: &[String], inputs: &[String]) -> Option<Vec<Vec<Option<String>>>> {
    const DRIVER: &str = "import importlib, json, sys\n\
        sys.stdin.reconfigure(encoding='utf-8')\n\
        n, inputs = json.load(sys.stdin)\n\
        def run(f, s):\n    try:\n        return f(s)\n    except Exception as e:\n        \
        return None if type(e).__name__ == 'Fail' else repr(e)\n\
        out = [[run(importlib.import_module('p%d' % i).program, s) for s in inputs] for i in range(n)]\n\
        print(json.dumps(out))\n";
    for (i, text) in modules.iter().enumerate() {
        std::fs::write(dir.join(format!("p{i}.py")), text).unwrap();
    }
    std::fs::write(dir.join("driver.py"), DRIVER).unwrap();
    let spawned =
        Command::new("python3").arg("driver.py").current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        eprintln!("python3 is not there: exports to Python were not run");
        return None;
    };
    child.stdin.take().unwrap().write_all(json!([modules.len(), inputs]).to_string().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

fn inputs() -> Vec<String> {
    INPUTS.iter().map(|s| s.to_string()).collect()
}

#[test]
fn python_agrees() {
    let cases: Vec<Case> = PROGRAMS.iter().map(|(_, text)| case(text)).collect();
    let modules: Vec<String> = cases.iter().map(|c| c.export(Target::Python).unwrap()).collect();
    let dir = tempfile::tempdir().unwrap();
    let Some(got) = python(dir.path(), &modules, &inputs()) else { return };
    let mut failures = 0;
    for (i, c) in cases.iter().enumerate() {
        for (input, got) in INPUTS.iter().zip(&got[i]) {
            let wanted = c.call(input);
            failures += usize::from(wanted.is_none());
            assert_eq!(*got, wanted, "{}\n{input:?}\n{}", PROGRAMS[i].1, modules[i]);
        }
    }
    assert!(failures > 20, "failures are to be seen too");
}

/// What Rust gives for each input and file, as `{:?}` of an option.
fn rust(dir: &Path, files: &[String], inputs: &[String]) -> Vec<Vec<String>> {
    let mut all = String::new();
    for (i, text) in files.iter().enumerate() {
        all += &format!("mod p{i} {{\n{text}\n}}\n");
    }
    all += &format!("const INPUTS: &[&str] = &{inputs:?};\nfn main() {{\n    for s in INPUTS {{\n");
    for i in 0..files.len() {
        all += &format!("        println!(\"{{:?}}\", p{i}::program(s).ok());\n");
    }
    all += "    }\n}\n";
    std::fs::write(dir.join("all.rs"), &all).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built =
        Command::new(rustc).args(["--edition", "2024", "-D", "warnings", "all.rs"]).current_dir(dir).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let out = Command::new(dir.join("all")).output().unwrap();
    let lines: Vec<String> = String::from_utf8(out.stdout).unwrap().lines().map(str::to_string).collect();
    assert_eq!(lines.len(), files.len() * inputs.len());
    lines.chunks(files.len()).map(<[String]>::to_vec).collect()
}

/// What SQLite gives for an expression over `s`.
fn sqlite(db: &rusqlite::Connection, sql: &str, input: &str) -> Option<String> {
    let query = format!("SELECT {sql} FROM (SELECT ?1 AS \"s\")");
    db.query_row(&query, [input], |r| r.get(0)).unwrap_or_else(|e| panic!("{e}\n{sql}"))
}

/// What an exported pattern gives, and the same as a module of Python.
fn pattern(found: &str) -> (impl Fn(&str) -> Option<String> + use<>, String) {
    let found: serde_json::Value = serde_json::from_str(found).unwrap();
    let get = |flavour: &str, part: &str| found[flavour][part].as_str().unwrap().to_string();
    let module = format!(
        "import re\nP, R = {}, {}\ndef program(s):\n    m = re.match(P, s)\n    return m and m.expand(R)\n",
        json!(get("python", "pattern")),
        json!(get("python", "replacement"))
    );
    let re = regex::Regex::new(&get("rust", "pattern")).unwrap();
    let replacement = get("rust", "replacement");
    let run = move |input: &str| {
        let mut out = String::new();
        re.captures(input)?.expand(&replacement, &mut out);
        Some(out)
    };
    (run, module)
}

#[test]
fn rust_agrees() {
    let cases: Vec<Case> = PROGRAMS.iter().map(|(_, text)| case(text)).collect();
    let files: Vec<String> = cases.iter().map(|c| c.export(Target::Rust).unwrap()).collect();
    let dir = tempfile::tempdir().unwrap();
    for (got, input) in rust(dir.path(), &files, &inputs()).iter().zip(INPUTS) {
        for (i, c) in cases.iter().enumerate() {
            assert_eq!(got[i], format!("{:?}", c.call(input)), "{}\n{input:?}", PROGRAMS[i].1);
        }
    }
}

#[test]
fn generated_programs_agree() {
    let mut rng = StdRng::seed_from_u64(seed());
    let texts: Vec<String> = (0..200).map(|_| gen_text::program(&mut rng)).collect();
    let inputs: Vec<String> = (0..60).map(|_| gen_text::text(&mut rng)).collect();
    let cases: Vec<Case> = texts.iter().map(|t| case(t)).collect();
    let wanted: Vec<Vec<Option<String>>> = cases.iter().map(|c| inputs.iter().map(|s| c.call(s)).collect()).collect();
    let dir = tempfile::tempdir().unwrap();
    let mut modules: Vec<String> = cases.iter().map(|c| c.export(Target::Python).unwrap()).collect();
    let mut of: Vec<usize> = (0..cases.len()).collect();
    let files: Vec<String> = cases.iter().map(|c| c.export(Target::Rust).unwrap()).collect();
    for (k, got) in rust(dir.path(), &files, &inputs).iter().enumerate() {
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(got[i], format!("{:?}", wanted[i][k]), "{text}\n{:?}", inputs[k]);
        }
    }
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let mut sqls = 0;
    for (i, c) in cases.iter().enumerate() {
        if let Ok(sql) = c.export(Target::Sql) {
            sqls += 1;
            for (input, wanted) in inputs.iter().zip(&wanted[i]) {
                let got = sqlite(&db, &sql, input);
                let left_out = got.is_none() && sql.contains("AS BLOB");
                assert!(got == *wanted || left_out, "{}\n{input:?}: {got:?}, not {wanted:?}\n{sql}", texts[i]);
            }
        }
        if let Ok(found) = c.export(Target::Regex) {
            let (run, module) = pattern(&found);
            for (input, wanted) in inputs.iter().zip(&wanted[i]) {
                assert_eq!(run(input), *wanted, "{}\n{input:?}\n{found}", texts[i]);
            }
            modules.push(module);
            of.push(i);
        }
    }
    eprintln!("{sqls} to SQL, {} to regular expressions", modules.len() - cases.len());
    assert!(sqls > 20 && modules.len() > cases.len() + 12, "{sqls} {}", modules.len());
    let Some(got) = python(dir.path(), &modules, &inputs) else { return };
    for (k, got) in got.iter().enumerate() {
        for (input, (got, wanted)) in inputs.iter().zip(got.iter().zip(&wanted[of[k]])) {
            assert_eq!(got, wanted, "{}\n{input:?}\n{}", texts[of[k]], modules[k]);
        }
    }
}

/// The seed of what is generated; another one by `NSP_EXPORT_SEED`.
fn seed() -> u64 {
    std::env::var("NSP_EXPORT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1)
}

#[test]
fn sqlite_agrees() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    for (targets, text) in PROGRAMS {
        let c = case(text);
        let sql = match (c.export(Target::Sql), targets.contains('s')) {
            (Ok(sql), true) => sql,
            (Err(e), false) => {
                assert_eq!(e.code, "E0801");
                continue;
            }
            (Ok(sql), false) => panic!("{text} can be exported to SQL: {sql}"),
            (Err(e), true) => panic!("{text}: {e}"),
        };
        for input in INPUTS {
            let got = sqlite(&db, &sql, input);
            // The case of letters beyond ASCII is left to others.
            let changes_case = ["upper", "lower", "to_case"].iter().any(|w| text.contains(w));
            if got.is_none() && changes_case && !input.is_ascii() {
                continue;
            }
            assert_eq!(got, c.call(input), "{text}\n{input:?}\n{sql}");
        }
    }
}

#[test]
fn regular_expressions_agree() {
    let mut modules = Vec::new();
    let mut cases = Vec::new();
    for (targets, text) in PROGRAMS {
        let c = case(text);
        let found = match (c.export(Target::Regex), targets.contains('r')) {
            (Ok(found), true) => found,
            (Err(e), false) => {
                assert_eq!(e.code, "E0801");
                continue;
            }
            (Ok(found), false) => panic!("{text} can be exported: {found}"),
            (Err(e), true) => panic!("{text}: {e}"),
        };
        let (run, module) = pattern(&found);
        for input in INPUTS {
            assert_eq!(run(input), c.call(input), "{text}\n{input:?}\n{found}");
        }
        modules.push(module);
        cases.push(c);
    }
    let dir = tempfile::tempdir().unwrap();
    let Some(got) = python(dir.path(), &modules, &inputs()) else { return };
    for (i, c) in cases.iter().enumerate() {
        for (input, got) in INPUTS.iter().zip(&got[i]) {
            assert_eq!(*got, c.call(input), "{input:?}\n{}", modules[i]);
        }
    }
}

#[test]
fn the_tree_is_json() {
    for (_, text) in PROGRAMS {
        let tree: serde_json::Value = serde_json::from_str(&case(text).export(Target::Json).unwrap()).unwrap();
        assert_eq!((&tree["nsp"], &tree["main"]), (&json!(1), &json!("program")));
        assert_eq!(tree["functions"][0]["params"], json!([{"name": "s#0", "type": "str"}]));
    }
    let tree = case("fn program(s: str) -> str { upper(s) + \"!\" }").export(Target::Json).unwrap();
    let tree: serde_json::Value = serde_json::from_str(&tree).unwrap();
    assert_eq!(
        tree["functions"][0]["body"],
        json!({"block": [{"op": "+", "signature": "(a: str, b: str) -> str", "args": [
            {"op": "upper", "signature": "(s: str) -> str", "args": [{"local": "s#0"}]}, {"str": "!"}]}], "gives": true})
    );
}

#[test]
fn what_cannot_be_exported_is_named() {
    let said = |text: &str, target| {
        let c = case(text);
        let e = c.export(target).unwrap_err();
        assert_eq!(e.code, "E0801");
        let span = e.span();
        (e.message.clone(), text[span.start as usize..span.end as usize].to_string())
    };
    let (message, place) = said("fn program(s: str) -> str { s + read_text(s) }", Target::Python);
    assert_eq!((message.as_str(), place.as_str()), ("`read_text(str)` cannot be exported to Python", "read_text(s)"));
    let (message, place) = said("fn program(s: str) -> str { \"a\" + get_token(s, NUMBER, 1) }", Target::Sql);
    assert!(message.contains("get_token(str, token, int)"), "{message}");
    assert_eq!(place, "get_token(s, NUMBER, 1)");
    let (message, place) = said("fn program(s: str) -> str { upper(s) }", Target::Regex);
    assert_eq!(
        (message.as_str(), place.as_str()),
        ("`upper(str)` cannot be exported to a regular expression", "upper(s)")
    );
    let (message, _) = said("let k = \"x\"\nfn program(s: str) -> str { s + k }", Target::Rust);
    assert_eq!(message, "a value from outside the function cannot be exported to Rust");
}
