/// What to look for.
#[derive(Clone)]
enum Pattern {
    Run(fn(char) -> bool),
    One(fn(char) -> bool),
    Proper,
    Decimal,
    Text(String),
}

/// A place in a text.
#[derive(Clone)]
enum Edge {
    Start(usize),
    End(usize),
    Match(Pattern, i64, usize),
}

fn fail<T>(message: &str) -> Result<T, String> {
    Err(message.to_string())
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic()
}

fn is_alphanum(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_capital(c: char) -> bool {
    c.is_ascii_uppercase()
}

fn is_small(c: char) -> bool {
    c.is_ascii_lowercase()
}

fn is_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "&,.?!@()[]%{}/:;$#\"' ".contains(c)
}

fn is_space(c: char) -> bool {
    c == ' ' || ('\t'..='\r').contains(&c)
}

fn is_field(c: char) -> bool {
    !is_space(c)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}

fn whole(x: f64) -> Result<i64, String> {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if (-EDGE..EDGE).contains(&x) { Ok(x as i64) } else { fail("the number does not fit an int") }
}

fn idiv(a: i64, b: i64) -> Result<i64, String> {
    if b == 0 {
        return fail("division by zero");
    }
    let q = a.checked_div(b).ok_or("integer overflow")?;
    Ok(if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
}

fn imod(a: i64, b: i64) -> Result<i64, String> {
    if b == 0 {
        return fail("division by zero");
    }
    let r = a.wrapping_rem(b);
    Ok(if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
}

fn ipow(a: i64, b: i64) -> Result<i64, String> {
    let power = match (a, u32::try_from(b)) {
        _ if b < 0 => None,
        (0 | 1, _) => Some(if b == 0 { 1 } else { a }),
        (-1, _) => Some(if b % 2 == 0 { 1 } else { -1 }),
        (_, Ok(b)) => a.checked_pow(b),
        _ => None,
    };
    power.ok_or("the power does not fit an int".to_string())
}

fn nmod(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
}

fn clamp(x: i64, lo: i64, hi: i64) -> Result<i64, String> {
    if lo > hi { fail("the bounds are crossed") } else { Ok(x.clamp(lo, hi)) }
}

fn nclamp(x: f64, lo: f64, hi: f64) -> Result<f64, String> {
    if lo > hi { fail("the bounds are crossed") } else { Ok(x.max(lo).min(hi)) }
}

fn num_text(x: f64) -> String {
    if x.is_nan() { "nan".to_string() } else { format!("{x:?}") }
}

fn read_int(s: &str) -> Result<i64, String> {
    s.trim().parse().map_err(|_| format!("cannot read {s:?} as int"))
}

fn read_num(s: &str) -> Result<f64, String> {
    s.trim().parse().map_err(|_| format!("cannot read {s:?} as num"))
}

fn assert_that(holds: bool, message: &str) -> Result<(), String> {
    if holds { Ok(()) } else { fail(message) }
}

fn char_at(s: &str, i: i64) -> Result<String, String> {
    let found = usize::try_from(i).ok().and_then(|i| s.chars().nth(i));
    found.map(String::from).ok_or("the position is out of range".to_string())
}

fn chars_of(s: &str) -> Vec<String> {
    s.chars().map(String::from).collect()
}

fn slice_str(s: &str, r: (i64, i64)) -> Result<String, String> {
    let all = chars_of(s);
    Ok(slice(&all, r)?.concat())
}

fn slice<T: Clone>(xs: &[T], r: (i64, i64)) -> Result<Vec<T>, String> {
    let (a, b) = (usize::try_from(r.0).unwrap_or(usize::MAX), usize::try_from(r.1).unwrap_or(usize::MAX));
    xs.get(a..b).map(<[T]>::to_vec).ok_or("the range is out of range".to_string())
}

fn item<T: Clone>(xs: &[T], i: i64) -> Result<T, String> {
    let found = usize::try_from(i).ok().and_then(|i| xs.get(i));
    found.cloned().ok_or("the index is out of range".to_string())
}

fn count_of(n: i64) -> Result<usize, String> {
    usize::try_from(n).map_err(|_| "a number of things cannot be negative".to_string())
}

fn one_char(s: &str) -> Result<char, String> {
    let mut all = s.chars();
    match (all.next(), all.next()) {
        (Some(c), None) => Ok(c),
        _ => fail("a single character is wanted"),
    }
}

fn split(s: &str, sep: &str) -> Result<Vec<String>, String> {
    if sep.is_empty() { fail("cannot split by an empty text") } else { Ok(s.split(sep).map(String::from).collect()) }
}

fn padding(s: &str, width: i64, fill: &str) -> Result<String, String> {
    let c = one_char(fill)?;
    Ok(std::iter::repeat_n(c, count_of(width)?.saturating_sub(s.chars().count())).collect())
}

fn from_code(code: i64) -> Result<String, String> {
    let c = u32::try_from(code).ok().and_then(char::from_u32);
    c.map(String::from).ok_or("there is no character with this code".to_string())
}

fn appended<T: Clone>(xs: &[T], more: &[T]) -> Vec<T> {
    xs.iter().chain(more).cloned().collect()
}

fn pushed<T: Clone>(xs: &[T], x: T) -> Vec<T> {
    let mut all = xs.to_vec();
    all.push(x);
    all
}

fn position_of<T: PartialEq>(xs: &[T], x: &T) -> i64 {
    xs.iter().position(|y| y == x).map_or(-1, |i| i as i64)
}

fn occurrences<T: PartialEq>(xs: &[T], x: &T) -> i64 {
    xs.iter().filter(|y| *y == x).count() as i64
}

fn reversed<T: Clone>(xs: &[T]) -> Vec<T> {
    xs.iter().rev().cloned().collect()
}

fn sorted<T: Clone + Ord>(xs: &[T]) -> Vec<T> {
    let mut all = xs.to_vec();
    all.sort();
    all
}

fn unique<T: Clone + PartialEq>(xs: &[T]) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for x in xs {
        if !kept.contains(x) {
            kept.push(x.clone());
        }
    }
    kept
}

fn enumerated<T: Clone>(xs: &[T]) -> Vec<(i64, T)> {
    (0..).zip(xs.iter().cloned()).collect()
}

fn zipped<A: Clone, B: Clone>(xs: &[A], ys: &[B]) -> Vec<(A, B)> {
    xs.iter().cloned().zip(ys.iter().cloned()).collect()
}

fn run(s: &str, is: fn(char) -> bool) -> usize {
    s.find(|c| !is(c)).unwrap_or(s.len())
}

/// The first match in a text.
fn first_match(s: &str, p: &Pattern) -> Option<(usize, usize)> {
    match p {
        Pattern::Run(is) => s.find(*is).map(|a| (a, a + run(&s[a..], *is))),
        Pattern::One(is) => s.find(*is).map(|a| (a, a + s[a..].chars().next().map_or(0, char::len_utf8))),
        Pattern::Proper => {
            let starts = s.match_indices(is_capital).map(|(a, _)| (a, a + 1 + run(&s[a + 1..], is_small)));
            starts.into_iter().find(|(a, b)| *b > a + 1)
        }
        Pattern::Decimal => {
            let a = s.find(is_digit)?;
            let mut b = a + run(&s[a..], is_digit);
            while s[b..].starts_with(['.', ',']) && s[b + 1..].starts_with(is_digit) {
                b += 1 + run(&s[b + 1..], is_digit);
            }
            Some((a, b))
        }
        Pattern::Text(t) if t.is_empty() => None,
        Pattern::Text(t) => s.find(t.as_str()).map(|a| (a, a + t.len())),
    }
}

/// All matches, from left to right.
fn spans(s: &str, p: &Pattern) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((a, b)) = first_match(&s[at..], p) {
        found.push((at + a, at + b));
        at += b;
    }
    found
}

fn nth(found: &[(usize, usize)], i: i64) -> Option<(usize, usize)> {
    let j = if i > 0 { i - 1 } else { (found.len() as i64).saturating_add(i) };
    usize::try_from(j).ok().and_then(|j| found.get(j)).copied()
}

fn sub_str(s: &str, k1: i64, k2: i64) -> String {
    let all = chars_of(s);
    let n = all.len() as i64;
    let place = |k: i64| if k > 0 { k - 1 } else { n.saturating_add(k) };
    let (p1, p2) = (place(k1), place(k2));
    if p1 >= p2 {
        return String::new();
    }
    let clip = |p: i64| if p < 0 { p.saturating_add(n).max(0) } else { p.min(n) };
    let end = if p2 == n { n } else { clip(p2.saturating_add(1)) };
    slice(&all, (clip(p1), end)).map(|part| part.concat()).unwrap_or_default()
}

fn get_token(s: &str, t: &Pattern, i: i64) -> String {
    nth(&spans(s, t), i).map(|(a, b)| s[a..b].to_string()).unwrap_or_default()
}

fn get_upto(s: &str, r: &Pattern) -> String {
    first_match(s, r).map(|(_, b)| s[..b].to_string()).unwrap_or_default()
}

fn get_from(s: &str, r: &Pattern) -> String {
    first_match(s, r).map(|(_, b)| s[b..].to_string()).unwrap_or_default()
}

fn get_span(s: &str, r1: &Pattern, i1: i64, b1: usize, r2: &Pattern, i2: i64, b2: usize) -> String {
    let edge = |r: &Pattern, i: i64, b: usize| {
        let found = spans(s, r);
        if let Some(m) = nth(&found, i) {
            return Some(if b == 0 { m.0 } else { m.1 });
        }
        match found.len() {
            0 => None,
            _ if i < 0 => Some(0),
            n => Some(s.char_indices().nth(n - 1).map_or(s.len(), |(at, _)| at)),
        }
    };
    match (edge(r1, i1, b1), edge(r2, i2, b2)) {
        (Some(a), Some(b)) if a < b => s[a..b].to_string(),
        _ => String::new(),
    }
}

fn get_span_strict(s: &str, r1: &Pattern, i1: i64, b1: usize, r2: &Pattern, i2: i64, b2: usize) -> String {
    let edge = |r: &Pattern, i: i64, b: usize| {
        let m = if i == 0 { None } else { nth(&spans(s, r), i) };
        m.map(|m| if b == 0 { m.0 } else { m.1 })
    };
    match (edge(r1, i1, b1), edge(r2, i2, b2)) {
        (Some(a), Some(b)) if a < b => s[a..b].to_string(),
        _ => String::new(),
    }
}

fn get_first(s: &str, t: &Pattern, i: i64) -> String {
    let found = spans(s, t);
    let n = usize::try_from(i).unwrap_or(found.len().saturating_sub(i.unsigned_abs() as usize));
    found.iter().take(n).map(|(a, b)| &s[*a..*b]).collect()
}

fn get_all(s: &str, t: &Pattern) -> String {
    spans(s, t).into_iter().map(|(a, b)| &s[a..b]).collect()
}

fn to_proper(s: &str) -> String {
    let mut all = s.chars();
    let first: String = all.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &all.as_str().to_lowercase()
}

fn to_upper(s: &str) -> String {
    s.to_uppercase()
}

fn to_lower(s: &str) -> String {
    s.to_lowercase()
}

fn replace(s: &str, from: &str, to: &str) -> String {
    if from.is_empty() { s.to_string() } else { s.replace(from, to) }
}

fn substitute(s: &str, t: &Pattern, i: i64, c: &str) -> String {
    nth(&spans(s, t), i).map_or(s.to_string(), |(a, b)| s.replacen(&s[a..b], c, 1))
}

fn substitute_all(s: &str, t: &Pattern, c: &str) -> String {
    spans(s, t).into_iter().fold(s.to_string(), |now, (a, b)| now.replacen(&s[a..b], c, 1))
}

fn substitute_match(s: &str, t: &Pattern, i: i64, c: &str) -> String {
    let m = if i == 0 { None } else { nth(&spans(s, t), i) };
    m.map_or(s.to_string(), |(a, b)| format!("{}{c}{}", &s[..a], &s[b..]))
}

fn title_case(s: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in s.chars() {
        match (c.is_alphabetic(), inside) {
            (true, false) => out.extend(c.to_uppercase()),
            (true, true) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
        inside = c.is_alphabetic();
    }
    out
}

fn distance(k: i64) -> Result<usize, String> {
    u32::try_from(k).map(|k| k as usize).map_err(|_| "a distance from an end of the text cannot be this".to_string())
}

fn match_edge(p: Pattern, i: i64, b: usize) -> Result<Edge, String> {
    match p {
        Pattern::Text(t) if t.is_empty() => fail("an empty text is everywhere and marks no edge"),
        _ if i == 0 || i <= -(1 << 31) || i >= 1 << 31 => fail("matches count from 1, or from the end when negative"),
        p => Ok(Edge::Match(p, i, b)),
    }
}

fn find_edge(s: &str, e: &Edge) -> Option<usize> {
    let n = s.chars().count();
    let place = |k: usize| s.char_indices().nth(k).map_or(s.len(), |(at, _)| at);
    match e {
        Edge::Start(k) => (*k <= n).then(|| place(*k)),
        Edge::End(k) => n.checked_sub(*k).map(place),
        Edge::Match(p, i, b) => nth(&spans(s, p), *i).map(|m| if *b == 0 { m.0 } else { m.1 }),
    }
}

fn cut(s: &str, from: &Edge, to: &Edge) -> Result<String, String> {
    let places = find_edge(s, from).zip(find_edge(s, to));
    let part = places.filter(|(a, b)| a <= b).map(|(a, b)| s[a..b].to_string());
    part.ok_or(format!("{s:?} has not the edges that are wanted"))
}
