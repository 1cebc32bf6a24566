//! Tables from operations to templates.

/// A template for an operation: `$0` is its first argument.
pub type Line = (&'static str, &'static str);

/// The template with its arguments in place; `None` if the table has no such operation.
pub fn apply(tables: &[&[Line]], key: &str, args: &[String]) -> Option<String> {
    let template = tables.iter().flat_map(|t| t.iter()).find(|(k, _)| *k == key)?.1;
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let digits = rest[at + 1..].chars().take_while(char::is_ascii_digit).count();
        match rest[at + 1..at + 1 + digits].parse::<usize>().ok().and_then(|i| args.get(i)) {
            Some(arg) => out.push_str(arg),
            None => out.push_str(&rest[at..at + 1 + digits]),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_take_their_places() {
        let table: &[Line] = &[("f(str)", "g($1, $0)")];
        assert_eq!(apply(&[table], "f(str)", &["a".into(), "$0".into()]), Some("g($0, a)".into()));
        assert_eq!(apply(&[table], "f(int)", &[]), None);
    }
}
