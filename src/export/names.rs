//! Names that the other language allows, each used once.

use std::collections::HashSet;

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// With words that may not be names.
    pub fn new(reserved: &[&str]) -> Names {
        Names { taken: reserved.iter().map(|s| s.to_string()).collect() }
    }

    /// A name like this one that is not taken, and takes it.
    pub fn take(&mut self, like: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        // A leading underscore is for helpers, and other alphabets are spelt differently everywhere.
        let base = match like.chars().next() {
            Some(c) if c.is_ascii_alphabetic() && like.chars().all(plain) => like,
            _ => "x",
        };
        let mut name = base.to_string();
        let mut n = 1;
        while !self.taken.insert(name.clone()) {
            n += 1;
            name = format!("{base}_{n}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_used_once() {
        let mut names = Names::new(&["def"]);
        assert_eq!(["a", "a", "def", "_", "é"].map(|n| names.take(n)), ["a", "a_2", "def_2", "x", "x_2"]);
    }
}
