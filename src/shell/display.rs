//! Values as a shell shows them: as source text, long ones shortened.

use crate::types::Type;
use crate::vm::value::Value;
use std::sync::Arc;

/// Characters of a value that are shown.
const MOST: usize = 1000;

/// Items of one list that are looked at: each takes three characters at least.
const MOST_ITEMS: usize = MOST / 3;

/// A value as text of about a thousand characters at most.
pub fn shown(value: &Value, ty: &Type) -> String {
    let mut budget = MOST_ITEMS;
    let text = crate::vm::show(&pruned(value, &mut budget, 0), ty);
    match text.char_indices().nth(MOST) {
        None if budget > 0 => text,
        None => format!("{text}{}", total(value)),
        Some((cut, _)) => format!("{} ..{}", &text[..cut], total(value)),
    }
}

/// What a shortened value is.
fn total(value: &Value) -> String {
    match value {
        Value::List(items) => format!("  ({} items in all)", items.len()),
        Value::Str(s) => format!("  ({} characters in all)", s.chars().count()),
        _ => "  (shortened)".into(),
    }
}

/// A copy without the items that would not be shown, so that a list of millions costs no more than a short one.
fn pruned(value: &Value, budget: &mut usize, depth: usize) -> Value {
    match value {
        Value::List(items) if depth < 20 => {
            let mut out = Vec::new();
            for item in items.iter() {
                if *budget == 0 {
                    break;
                }
                *budget -= 1;
                out.push(pruned(item, budget, depth + 1));
            }
            Value::List(Arc::new(out))
        }
        Value::Str(s) => match s.char_indices().nth(MOST) {
            Some((cut, _)) => {
                *budget = 0;
                Value::str(&s[..cut])
            }
            None => value.clone(),
        },
        Value::Tuple(items) if depth < 20 => {
            Value::Tuple(Arc::new(items.iter().map(|v| pruned(v, budget, depth + 1)).collect()))
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_whole() {
        let v = Value::list(vec![Value::Int(1), Value::Int(2)]);
        assert_eq!(shown(&v, &Type::list(Type::Int)), "[1, 2]");
        assert_eq!(shown(&Value::str("a\"b"), &Type::Str), r#""a\"b""#);
    }

    #[test]
    fn long_values_say_how_long() {
        let v = Value::list((0..100_000).map(Value::Int).collect());
        let text = shown(&v, &Type::list(Type::Int));
        assert!(text.len() < 1200 && text.ends_with("(100000 items in all)"), "{text}");
        let nested = Value::list(vec![v.clone(), v]);
        let text = shown(&nested, &Type::list(Type::list(Type::Int)));
        assert!(text.len() < 2000 && text.contains("2 items in all"), "{text}");
        let text = shown(&Value::str("x".repeat(5000)), &Type::Str);
        assert!(text.len() < 1200 && text.contains("5000 characters"), "{text}");
    }
}
