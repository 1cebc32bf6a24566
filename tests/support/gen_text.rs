//! Text programs and texts made at random.

use rand::prelude::*;
use rand::rngs::StdRng;

const TEXTS: &[&str] = &[", ", ",", " ", "-", "a", "ab", "(", "", ".", "Smith", "é", "\\n", "$", "aa"];
const TOKENS: &[&str] = &[
    "NUMBER",
    "WORD",
    "ALPHANUM",
    "ALL_CAPS",
    "PROP_CASE",
    "LOWER",
    "DIGIT",
    "CHAR",
    "FIELD",
    "SPACE",
    "DECIMAL",
    "LETTERS",
    "CAPITAL",
];
const PIECES: &[&str] = &[
    "a", "ab", "Smith", "McDonald", "-7", "+3", " ", ", ", ",", "-", "12", "3.5", "1,234", "(", ")", "é", "É", "ß",
    "日本", "\n", "\t", "aa", "$", "A", "BC", "_", "\u{a0}", "Σ", "ÅΣ", "\r\n", "\u{1c}", "ⅷ",
];

/// A text.
pub fn text(rng: &mut StdRng) -> String {
    (0..rng.random_range(0..7)).map(|_| *PIECES.choose(rng).unwrap()).collect()
}

fn literal(rng: &mut StdRng) -> String {
    format!("\"{}\"", TEXTS.choose(rng).unwrap())
}

fn small(rng: &mut StdRng) -> String {
    match rng.random_range(-3..=3) {
        n if n < 0 => format!("(0 - {})", -n),
        n => n.to_string(),
    }
}

fn number(rng: &mut StdRng) -> String {
    rng.random_range(-3..=3).to_string()
}

fn class(rng: &mut StdRng) -> String {
    TOKENS.choose(rng).unwrap().to_string()
}

fn either(rng: &mut StdRng) -> String {
    if rng.random() { class(rng) } else { literal(rng) }
}

fn edge(rng: &mut StdRng) -> String {
    match rng.random_range(0..8) {
        0 => "at()".into(),
        1 => "at_end()".into(),
        2 if rng.random_bool(0.3) => "at(len(s) - 4)".into(),
        2 => format!("at({})", rng.random_range(0..4)),
        3 => format!("at_end({})", rng.random_range(0..4)),
        4 | 5 => format!("start_of({}, {})", either(rng), number(rng)),
        _ => format!("end_of({}, {})", either(rng), number(rng)),
    }
}

fn boundary(rng: &mut StdRng) -> &'static str {
    if rng.random() { "START" } else { "END" }
}

fn int(rng: &mut StdRng, depth: usize) -> String {
    match rng.random_range(0..8) {
        6 => format!("count_of({}, {})", text_of(rng, depth), either(rng)),
        7 => format!("int({})", text_of(rng, depth)),
        0 => format!("len({})", text_of(rng, depth)),
        1 => format!("index_of({}, {})", text_of(rng, depth), literal(rng)),
        2 => format!("div({}, {})", int_or_small(rng, depth), small(rng)),
        3 => format!("({} % {})", int_or_small(rng, depth), small(rng)),
        4 => format!("min({}, {})", int_or_small(rng, depth), small(rng)),
        _ => small(rng),
    }
}

fn int_or_small(rng: &mut StdRng, depth: usize) -> String {
    if depth == 0 { small(rng) } else { int(rng, depth - 1) }
}

fn truth(rng: &mut StdRng, depth: usize) -> String {
    match rng.random_range(0..7) {
        0 => format!("contains({}, {})", text_of(rng, depth), literal(rng)),
        1 => format!("starts_with({}, {})", text_of(rng, depth), literal(rng)),
        2 => format!("ends_with({}, {})", text_of(rng, depth), literal(rng)),
        3 => format!("({} < {})", text_of(rng, depth), literal(rng)),
        4 => format!("({} >= {})", int(rng, depth), small(rng)),
        5 if depth > 0 => format!("({} and not {})", truth(rng, depth - 1), truth(rng, depth - 1)),
        6 if depth > 0 => format!("({} or {})", truth(rng, depth - 1), truth(rng, depth - 1)),
        _ => format!("({} == {})", text_of(rng, depth), literal(rng)),
    }
}

/// An expression of type str over `s`.
pub fn text_of(rng: &mut StdRng, depth: usize) -> String {
    if depth == 0 {
        return if rng.random_bool(0.7) { "s".into() } else { literal(rng) };
    }
    let d = depth - 1;
    let x = |rng: &mut StdRng| text_of(rng, d);
    match rng.random_range(0..38) {
        30 | 31 => format!("match_of({}, {}, {})", x(rng), either(rng), number(rng)),
        32 | 33 => format!("field({}, {}, {})", x(rng), either(rng), number(rng)),
        34 => format!("lookup({}, [({}, \"1\"), ({}, \"it's\")])", x(rng), literal(rng), literal(rng)),
        35 => format!("swap_case({})", x(rng)),
        36 => format!("join(char_chunks({}, {}), {})", x(rng), small(rng), literal(rng)),
        37 => format!("cut_or({}, end_of({}), at_end(), {})", x(rng), x(rng), x(rng)),
        0..=3 => format!("({} + {})", x(rng), x(rng)),
        4..=7 => format!("cut({}, {}, {})", x(rng), edge(rng), edge(rng)),
        8 => format!("cut_or({}, {}, {}, {})", x(rng), edge(rng), edge(rng), x(rng)),
        9 => format!("get_token({}, {}, {})", x(rng), class(rng), number(rng)),
        10 => format!("get_upto({}, {})", x(rng), either(rng)),
        11 => format!("get_from({}, {})", x(rng), either(rng)),
        12 => format!("sub_str({}, {}, {})", x(rng), small(rng), small(rng)),
        13 => {
            let (name, b1, b2) =
                (if rng.random() { "get_span" } else { "get_span_strict" }, boundary(rng), boundary(rng));
            let (r1, i1, r2, i2) = (either(rng), number(rng), either(rng), number(rng));
            format!("{name}({}, {r1}, {i1}, {b1}, {r2}, {i2}, {b2})", x(rng))
        }
        14 => format!("to_case({}, {})", x(rng), ["PROPER", "ALL_CAPS", "LOWER"].choose(rng).unwrap()),
        15 => format!("replace({}, {}, {})", x(rng), literal(rng), literal(rng)),
        16 => {
            format!("{}({})", ["trim", "strip", "reverse", "upper", "lower", "title_case"].choose(rng).unwrap(), x(rng))
        }
        17 => format!("substitute({}, {}, {}, {})", x(rng), class(rng), number(rng), literal(rng)),
        18 => format!("substitute_all({}, {}, {})", x(rng), class(rng), literal(rng)),
        19 => format!("remove({}, {}, {})", x(rng), class(rng), number(rng)),
        20 => format!("get_first({}, {}, {})", x(rng), class(rng), number(rng)),
        21 => format!("get_all({}, {})", x(rng), class(rng)),
        22 => format!("{}[{}]", x(rng), small(rng)),
        23 => format!("split({}, {})[{}]", x(rng), literal(rng), rng.random_range(0..3)),
        24 => format!("(if {} {{ {} }} else {{ {} }})", truth(rng, d), x(rng), x(rng)),
        25 => format!("str({})", int(rng, d)),
        26 => format!(
            "join(for w in split({}, {}) {{ {}(w) }}, {})",
            x(rng),
            literal(rng),
            ["trim", "upper"].choose(rng).unwrap(),
            literal(rng)
        ),
        27 => format!("pad_left({}, {}, {})", x(rng), rng.random_range(0..9), literal(rng)),
        28 => format!("{}[{}..len(s)]", x(rng), rng.random_range(0..3)),
        _ => format!("substitute_match({}, {}, {}, {})", x(rng), class(rng), number(rng), literal(rng)),
    }
}

/// Cuts at one text or class, tokens of one class, pieces between one text, or counted places, put together.
fn pieces(rng: &mut StdRng) -> String {
    let (pattern, t, kind) = (either(rng), literal(rng), rng.random_range(0..7));
    let class = class(rng);
    let part = |rng: &mut StdRng| -> String {
        let n = rng.random_range(1..4);
        let ends = if rng.random() { ["start_of", "end_of"] } else { ["end_of", "start_of"] };
        let b = rng.random_range(n..4);
        match (kind, rng.random_range(0..4)) {
            (_, 0) => literal(rng),
            (5, _) => format!("field(s, {pattern}, -{n})"),
            (6, 1) => format!("match_of(s, {pattern}, -{n})"),
            (6, _) => format!("cut(s, start_of({pattern}, -{b}), end_of({pattern}, -{n}))"),
            (0, 3) if rng.random() => format!("match_of(s, {pattern}, {n})"),
            (0, 3) if rng.random() => format!("field(s, {pattern}, {n})"),
            (0, 1) => format!("cut(s, at(), start_of({pattern}, {n}))"),
            (0, 2) => format!("cut(s, {}({pattern}, {n}), at_end())", ends[0]),
            (0, _) => format!("cut(s, {}({pattern}, {n}), {}({pattern}, {b}))", ends[0], ends[1]),
            (1, 1) => format!("cut(s, at(), start_of({t}, -{n}))"),
            (1, _) => format!("cut(s, {}({t}, -{b}), {}({t}, -{n}))", ends[0], ends[1]),
            (2, _) => format!("get_token(s, {class}, {n})"),
            (3, _) => format!("split(s, {t})[{}]", n - 1),
            (_, 1) => format!("s[{n}]"),
            (_, 2) => format!("cut(s, at({n}), at_end({b}))"),
            _ => format!("cut(s, at({}), at({n}))", n - 1),
        }
    };
    let parts: Vec<String> = (0..rng.random_range(1..4)).map(|_| part(rng)).collect();
    parts.join(" + ")
}

/// A program.
pub fn program(rng: &mut StdRng) -> String {
    let depth = rng.random_range(1..4);
    if rng.random_bool(0.3) {
        return format!("fn program(s: str) -> str {{ {} }}", pieces(rng));
    }
    if rng.random_bool(0.3) {
        let (a, b) = (text_of(rng, depth), text_of(rng, depth));
        return format!(
            "fn program(s: str) -> str {{\n  let v = {a}\n  if {} {{ return v + \"!\" }}\n  {b}\n}}",
            truth(rng, 1)
        );
    }
    format!("fn program(s: str) -> str {{ {} }}", text_of(rng, depth))
}
