//! Numbers in texts: read, changed, written another way.
//!
//! Found top-down: a number of every output is taken as wanted, its texts say how it is written, and each number of the
//! inputs is asked what change makes it that one.

use super::edges::Layout;
use super::expr::{Expr, Names, quoted};
use super::pieces::{Pieces, Wanted};
use super::prior::{Counts, Feature, inner};
use crate::text::edge::{Edge, Pattern};
use crate::text::number::{Decimal, Format, Mode, from_f64, parse, round_to, to_f64, write};
use crate::text::token::{Rule, Token};
use std::sync::LazyLock;

/// A number of the input as it stands in the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Where it comes from.
    pub of: Source,
    /// What is done to it, in order.
    pub changes: Vec<Change>,
    /// How it is written.
    pub style: Style,
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A text that writes it.
    Text(Expr),
    /// The characters of a text.
    Len(Expr),
    /// The matches of a class in a text.
    Count(Expr, Pattern),
    /// How often the second text is in the first.
    Occurrences(Expr, Expr),
}

/// A change of a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// To a multiple.
    Round(Decimal, Mode),
    /// By a factor.
    Times(Decimal),
    /// By a divisor.
    Over(Decimal),
    /// By a difference.
    Plus(Decimal),
}

/// How a number is written, as in [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Style {
    /// Digits after the point; `None`: as many as there are.
    pub decimals: Option<u8>,
    /// At least so many digits after the point.
    pub least: u8,
    /// At least so many before it.
    pub width: u8,
    /// Between groups of three.
    pub group: &'static str,
    /// The point.
    pub point: &'static str,
}

impl Style {
    fn format(&self) -> Format<'static> {
        Format {
            decimals: self.decimals,
            min_decimals: self.least,
            width: self.width,
            group: self.group,
            point: self.point,
        }
    }

    fn write(&self, x: Decimal) -> String {
        let mut out = String::new();
        write(x, &self.format(), &mut out);
        out
    }

    /// The styles that some texts may be written in.
    fn of(texts: &[&str]) -> Vec<Style> {
        let any = |c: char| texts.iter().any(|t| t.contains(c));
        let mut marks = vec![("", ".")];
        match (any(','), any('.')) {
            (true, _) => marks.extend([(",", "."), (".", ","), ("", ",")]),
            (false, true) => marks.push((".", ",")),
            _ => {}
        }
        if any(' ') {
            marks.push((" ", "."));
        }
        if any('\'') {
            marks.push(("'", "."));
        }
        let mut out = Vec::new();
        for (group, point) in marks {
            let decimals = |t: &&str| t.rsplit_once(point).map_or(0, |(_, d)| d.len()).min(20) as u8;
            let digits = |t: &&str| {
                let whole = t.split(point).next().unwrap_or("");
                whole.bytes().filter(u8::is_ascii_digit).count().min(30) as u8
            };
            let (least, most) = (texts.iter().map(decimals).min(), texts.iter().map(decimals).max());
            let (least, most) = (least.unwrap_or(0), most.unwrap_or(0));
            let leading = texts.iter().any(|t| {
                let t = t.trim_start_matches('-');
                t.len() > 1 && t.starts_with('0') && !t[1..].starts_with(point)
            });
            let width = if leading { texts.iter().map(digits).min().unwrap_or(0) } else { 0 };
            let fixed = (least == most).then_some(least);
            for decimals in [None, fixed] {
                if decimals.is_none() && fixed.is_some_and(|f| f > 0) && texts.iter().all(|t| t.ends_with('0')) {
                    continue;
                }
                let least = if decimals.is_none() { least } else { 0 };
                for least in [0, least] {
                    let style = Style { decimals, least, width, group, point };
                    if !out.contains(&style) {
                        out.push(style);
                    }
                }
            }
        }
        out
    }
}

impl Source {
    fn value(&self, row: &[String]) -> Option<Decimal> {
        let count = |n: usize| Some(Decimal::from(n as u64));
        match self {
            Source::Text(e) => parse(&e.eval(row)?),
            Source::Len(e) => count(e.eval(row)?.chars().count()),
            Source::Count(e, p) => count(Rule::of(p.regex()).matches(&e.eval(row)?).count()),
            Source::Occurrences(e, p) => count(Rule::of((&*p.eval(row)?).into()).matches(&e.eval(row)?).count()),
        }
    }

    fn source(&self, names: &Names) -> String {
        match self {
            Source::Text(e) => format!("read_num({})", e.source(names)),
            Source::Len(e) => format!("len({})", e.source(names)),
            Source::Count(e, Pattern::Token(t)) => format!("count_of({}, {t})", e.source(names)),
            Source::Count(e, Pattern::Text(t)) => format!("count_of({}, {})", e.source(names), quoted(t)),
            Source::Occurrences(e, p) => format!("count_of({}, {})", e.source(names), p.source(names)),
        }
    }
}

impl Change {
    fn apply(&self, x: Decimal) -> Option<Decimal> {
        match self {
            Change::Round(step, mode) => round_to(x, *step, *mode),
            // The language's numbers are binary, and so is their arithmetic.
            Change::Times(f) => from_f64(to_f64(x) * to_f64(*f)),
            Change::Over(f) => from_f64(to_f64(x) / to_f64(*f)),
            Change::Plus(d) => from_f64(to_f64(x) + to_f64(*d)),
        }
    }
}

impl Number {
    fn value(&self, row: &[String]) -> Option<Decimal> {
        let x = self.of.value(row)?;
        self.changes.iter().try_fold(x, |x, c| c.apply(x))
    }

    /// Its text on a row.
    pub fn eval(&self, row: &[String]) -> Option<String> {
        self.value(row).map(|x| self.style.write(x))
    }

    /// As an expression of the language.
    pub fn source(&self, names: &Names) -> String {
        let mut x = self.of.source(names);
        let ints = !matches!(self.of, Source::Text(_));
        for (i, c) in self.changes.iter().enumerate() {
            x = match c {
                Change::Round(s, mode) => {
                    let name = match mode {
                        Mode::Nearest => "round_to",
                        Mode::Down => "floor_to",
                        Mode::Up => "ceil_to",
                    };
                    format!("{name}({x}, {})", num(*s))
                }
                Change::Times(f) => format!("{x} * {}", num(*f)),
                Change::Over(f) => format!("{x} / {}", num(*f)),
                Change::Plus(d) if d.is_sign_negative() => format!("{x} - {}", num(-*d)),
                Change::Plus(d) => format!("{x} + {}", num(*d)),
            };
            if i + 1 < self.changes.len() && !matches!(c, Change::Round(..)) {
                x = format!("({x})");
            }
        }
        let Style { decimals, least, width, group, point } = self.style;
        if ints && self.changes.is_empty() && self.style == (Style { point: ".", ..Style::default() }) {
            return format!("str({x})");
        }
        let mut args = String::new();
        let mut add = |text: String| args.push_str(&text);
        if let Some(d) = decimals {
            add(format!(", decimals: {d}"));
        }
        if least > 0 {
            add(format!(", least: {least}"));
        }
        if width > 0 {
            add(format!(", width: {width}"));
        }
        if !group.is_empty() {
            add(format!(", group: {}", quoted(group)));
        }
        if point != "." {
            add(format!(", point: {}", quoted(point)));
        }
        format!("format_num({x}{args})")
    }

    /// The roundings in it: what, and to what.
    pub fn roundings(&self) -> impl Iterator<Item = (u8, Decimal)> {
        self.changes.iter().filter_map(|c| match c {
            Change::Round(s, Mode::Down) => Some((0, s.normalize())),
            Change::Round(s, Mode::Up) => Some((1, s.normalize())),
            Change::Round(s, Mode::Nearest) => Some((2, s.normalize())),
            _ => None,
        })
    }

    /// Adds its features.
    pub fn features(&self, c: &mut Counts) {
        c.add(Feature::Number, 1.0);
        match &self.of {
            Source::Text(e) => inner(e, c),
            Source::Len(e) => {
                inner(e, c);
                c.add(Feature::NumberCount, 1.0);
            }
            Source::Count(e, _) => {
                inner(e, c);
                c.add(Feature::NumberCount, 2.0);
            }
            Source::Occurrences(a, b) => {
                inner(a, c);
                inner(b, c);
                c.add(Feature::NumberCount, 1.0);
            }
        }
        // A range begins at the multiple below.
        let range = self.changes.len() > 1;
        for change in &self.changes {
            c.add(Feature::NumberChange, 1.0);
            let round = |d: &Decimal| {
                let digits = d.normalize().mantissa().unsigned_abs();
                digits == 1 || digits == 5 || digits.is_multiple_of(10)
            };
            match change {
                Change::Round(s, Mode::Nearest) if round(s) && !range => {}
                Change::Round(s, Mode::Down) if round(s) && range => {}
                Change::Plus(_) if range => {}
                Change::Times(f) | Change::Over(f) if round(f) => {}
                _ => {
                    c.add(Feature::NumberOdd, 1.0);
                }
            }
        }
        let s = &self.style;
        let set = [s.decimals.is_some(), s.least > 0, s.width > 0, !s.group.is_empty(), s.point == ","];
        c.add(Feature::NumberFormat, set.iter().filter(|b| **b).count() as f32);
    }
}

/// A decimal as a literal of the language.
fn num(d: Decimal) -> String {
    let s = d.normalize().to_string();
    if s.contains('.') { s } else { format!("{s}.0") }
}

/// A number in the outputs: its text, and its value, in each.
struct Target<'a> {
    texts: Vec<&'a str>,
}

/// Texts in the outputs that may be numbers: the whole output, and the i-th stretch of digits and marks.
fn targets<'a>(outputs: &[&'a str]) -> Vec<Target<'a>> {
    let mut out: Vec<Target<'a>> = Vec::new();
    let mut add = |texts: Option<Vec<&'a str>>| {
        if let Some(texts) = texts
            && texts.iter().all(|t| t.len() <= 40 && t.bytes().any(|b| b.is_ascii_digit()))
            && !out.iter().any(|o| o.texts == texts)
        {
            out.push(Target { texts });
        }
    };
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || b".,-' ".contains(&b));
    if outputs.iter().all(|o| plain(o)) {
        add(Some(outputs.to_vec()));
    }
    for t in [Token::Decimal, Token::Number] {
        let spans: Vec<Vec<(usize, usize)>> =
            outputs.iter().map(|o| Rule::of(t.into()).matches(o).take(6).collect()).collect();
        for i in 0..4 {
            for minus in [false, true] {
                let nth = |(o, s): (&&'a str, &Vec<(usize, usize)>)| {
                    let (a, b) = *s.get(i)?;
                    let a = if minus && o[..a].ends_with('-') { a - 1 } else { a };
                    o.get(a..b)
                };
                add(outputs.iter().zip(&spans).map(nth).collect());
            }
        }
    }
    out
}

/// Where numbers of the inputs come from, with their values.
fn sources(w: &Wanted<'_>, layouts: &[Layout]) -> Vec<(Source, Vec<Decimal>, u32)> {
    // Sources are few on purpose: three ways to name a number are enough.
    let mut out: Vec<(Source, Vec<Decimal>, u32)> = Vec::new();
    let mut add = |s: Source, extra: u32| {
        let Some(values) = w.rows.iter().map(|r| s.value(r)).collect::<Option<Vec<Decimal>>>() else { return };
        if out.iter().filter(|o| o.1 == values).count() < 3 && out.len() < 60 {
            out.push((s, values, extra));
        }
    };
    for (c, layout) in layouts.iter().enumerate() {
        let col = || Expr::Column(c);
        add(Source::Text(col()), 0);
        for p in &layout.pieces {
            let number = matches!(p.pattern, Pattern::Token(Token::Decimal | Token::Number | Token::Field));
            if number && !p.field {
                let e = Expr::Match(Box::new(col()), p.pattern.clone(), p.index);
                add(Source::Text(e), super::edges::misses(w.prior, p.missing));
            } else if p.field {
                let e = Expr::Field(Box::new(col()), p.pattern.clone(), p.index);
                add(Source::Text(e), super::edges::misses(w.prior, p.missing));
            }
        }
        // A mark before the number: a currency.
        for k in 1..=1 {
            add(Source::Text(Expr::Cut(Box::new(col()), Edge::FromStart(k), Edge::FromEnd(0))), 0);
            add(Source::Text(Expr::Cut(Box::new(col()), Edge::FromStart(0), Edge::FromEnd(k))), 0);
        }
    }
    for c in 0..layouts.len() {
        let col = || Expr::Column(c);
        add(Source::Len(col()), 0);
        for t in [Token::Field, Token::Word, Token::Number, Token::AllCaps, Token::Lower] {
            add(Source::Count(col(), Pattern::Token(t)), 0);
        }
        let mut seen = Vec::new();
        for m in w.rows.iter().flat_map(|r| r[c].chars()).filter(|m| !m.is_alphanumeric()) {
            if !seen.contains(&m) && seen.len() < 8 {
                seen.push(m);
                add(Source::Count(col(), Pattern::Text(m.to_string())), 0);
            }
        }
        for d in (0..layouts.len()).filter(|d| *d != c) {
            add(Source::Occurrences(col(), Expr::Column(d)), 0);
        }
    }
    out
}

/// Steps that numbers are rounded to.
static STEPS: LazyLock<Vec<(Decimal, f64)>> = LazyLock::new(|| {
    let steps = [
        "1", "10", "100", "1000", "0.1", "0.01", "0.001", "0.5", "5", "50", "0.05", "25", "20", "0.25", "15", "500",
        "2", "30", "60",
    ];
    steps.iter().filter_map(|s| Some((s.parse().ok()?, s.parse().ok()?))).collect()
});

/// Factors between units.
const FACTORS: &[i64] = &[10, 100, 1_000, 10_000, 1_000_000, 60, 24, 3_600, 7, 12, 2, 3, 4, 5];

fn all(from: &[Decimal], to: &[Decimal], f: impl Fn(Decimal) -> Option<Decimal>) -> bool {
    from.iter().zip(to).all(|(a, b)| f(*a) == Some(*b))
}

/// Changes that make the numbers `from` the numbers `to`, simplest first.
fn changes(from: &[Decimal], to: &[Decimal], fixed: Option<u8>) -> Vec<Vec<Change>> {
    let mut out: Vec<Vec<Change>> = Vec::new();
    let shown = |x: Decimal| match fixed {
        Some(n) => round_to(x, Decimal::new(1, u32::from(n)), Mode::Nearest),
        None => Some(x.normalize()),
    };
    if all(from, to, shown) {
        out.push(Vec::new());
    }
    let mut add = |change: Vec<Change>| {
        let f = |x| change.iter().try_fold(x, |x, c: &Change| c.apply(x)).and_then(shown);
        if all(from, to, f) {
            out.push(change.clone());
        }
    };
    let several = from.iter().zip(to).filter(|(a, b)| a != b).count() > 0;
    if !several {
        return out;
    }
    let different = from.iter().any(|a| *a != from[0]);
    // A look at the first example in plain floats spares most of the exact arithmetic.
    let (from0, to0) = (to_f64(from[0]), to_f64(to[0]));
    let near = |x: f64, slack: f64| (x - to0).abs() <= slack + 1e-9 * to0.abs();
    for (step, size) in STEPS.iter() {
        if !near(from0, 2.0 * size + 1.0) {
            continue;
        }
        // Outputs that are no multiples of it were not rounded to it.
        let multiples = to.iter().all(|t| t.checked_rem(*step).is_some_and(|r| r.is_zero()));
        for mode in [Mode::Nearest, Mode::Down, Mode::Up] {
            if multiples {
                add(vec![Change::Round(*step, mode)]);
            }
            // The end of a range that begins at a multiple.
            let ends = [*step, *step - Decimal::ONE, Decimal::ONE];
            for by in ends.iter().filter(|b| **b > Decimal::ZERO) {
                if to.iter().all(|t| (*t - *by).checked_rem(*step).is_some_and(|r| r.is_zero())) {
                    add(vec![Change::Round(*step, mode), Change::Plus(*by)]);
                }
            }
            // Ranges that end at a multiple begin one above the last.
            for by in [Decimal::ONE, *step - Decimal::ONE] {
                if mode == Mode::Up && to.iter().all(|t| (*t + by).checked_rem(*step).is_some_and(|r| r.is_zero())) {
                    add(vec![Change::Round(*step, mode), Change::Plus(-by)]);
                }
            }
        }
    }
    let slack = fixed.map_or(0.0, |n| 0.1f64.powi(i32::from(n)));
    for f in FACTORS {
        for (change, x) in [
            (Change::Times(Decimal::from(*f)), from0 * *f as f64),
            (Change::Over(Decimal::from(*f)), from0 / *f as f64),
        ] {
            if near(x, slack) {
                add(vec![change.clone()]);
            }
            if near(x, 1.0) && x != x.floor() {
                add(vec![change, Change::Round(Decimal::ONE, Mode::Down)]);
            }
        }
    }
    if different && from.len() > 1 {
        add(vec![Change::Plus(to[0] - from[0])]);
        if let Some(f) = to[0].checked_div(from[0]).filter(|f| !f.is_zero() && f.scale() < 6) {
            add(vec![Change::Times(f)]);
        }
    }
    out
}

/// Adds the pieces that are numbers.
pub fn pieces(w: &Wanted<'_>, layouts: &[Layout], out: &mut Pieces) {
    let targets = targets(&w.outputs);
    if targets.is_empty() {
        return;
    }
    let sources = sources(w, layouts);
    for t in &targets {
        for style in Style::of(&t.texts) {
            let plain = |s: &&str| {
                let s: String = s.chars().filter(|c| style.group.is_empty() || !style.group.contains(*c)).collect();
                parse(&s.replace(style.point, "."))
            };
            let Some(values) = t.texts.iter().map(plain).collect::<Option<Vec<Decimal>>>() else { continue };
            let written = values.iter().zip(&t.texts).all(|(v, t)| style.write(*v) == **t);
            if !written {
                continue;
            }
            let values: Vec<Decimal> = values.iter().map(Decimal::normalize).collect();
            for (source, from, extra) in &sources {
                for changes in changes(from, &values, style.decimals) {
                    // A number that stands there as it is was copied, not read and written.
                    let bare = changes.is_empty() && matches!(source, Source::Text(_));
                    let same = |(e, row): (usize, &&[String])| match source {
                        Source::Text(x) => x.eval(row).is_some_and(|s| s == t.texts[e]),
                        _ => false,
                    };
                    if bare && w.rows.iter().enumerate().all(same) {
                        continue;
                    }
                    // Digits that were never cut off may be as many as there are.
                    let exact =
                        |(x, v): (&Decimal, &Decimal)| changes.iter().try_fold(*x, |x, c| c.apply(x)) == Some(*v);
                    let lossless = style.decimals.is_some_and(|d| d > 0) && from.iter().zip(&values).all(exact);
                    let extra = extra + if lossless { 60 } else { 0 };
                    let n = Number { of: source.clone(), changes, style };
                    let texts = t.texts.iter().map(|t| t.to_string()).collect();
                    out.offer(w, texts, extra, || Expr::Number(Box::new(n)));
                }
            }
        }
    }
}
