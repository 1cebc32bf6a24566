//! Helper functions in another language, of which a program brings those that it uses.

use std::collections::BTreeSet;

/// The parts of a file, in order: what they define, and their text.
pub struct Helpers {
    parts: Vec<(String, String)>,
}

impl Helpers {
    /// Reads a file whose parts stand between empty lines. What a part defines is its first word that is none of `words`.
    pub fn read(text: &str, words: &[&str]) -> Helpers {
        let mut parts = Vec::new();
        for part in text.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.is_empty()) {
            // A comment, or an attribute, stands before what it is about.
            let line = part.lines().find(|l| !l.starts_with(['#', '/'])).unwrap_or("");
            let name = identifiers(line).find(|w| !words.contains(w)).unwrap_or("").to_string();
            parts.push((name, part.to_string()));
        }
        Helpers { parts }
    }

    /// The texts of the helpers that this text uses, and of those that they use, in the order of the file.
    pub fn used(&self, text: &str) -> Vec<&str> {
        let mut wanted = BTreeSet::new();
        let mut open = vec![text];
        while let Some(text) = open.pop() {
            let words: BTreeSet<&str> = identifiers(text).collect();
            for (i, (name, part)) in self.parts.iter().enumerate() {
                if words.contains(name.as_str()) && wanted.insert(i) {
                    open.push(part);
                }
            }
        }
        wanted.into_iter().map(|i| self.parts[i].1.as_str()).collect()
    }

    /// What the parts define.
    pub fn names(&self) -> Vec<&str> {
        self.parts.iter().map(|(n, _)| n.as_str()).collect()
    }
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_bring_what_they_need() {
        let helpers = Helpers::read("A = 1\n\ndef f(x):\n    return A\n\n# g\ndef g():\n    return f(1)\n", &["def"]);
        assert_eq!(helpers.names(), ["A", "f", "g"]);
        assert_eq!(helpers.used("f(2)"), ["A = 1", "def f(x):\n    return A"]);
        assert_eq!(helpers.used("g() + fa").len(), 3);
        assert!(helpers.used("h()").is_empty());
    }
}
