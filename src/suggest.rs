//! "Did you mean".

/// The candidate nearest to a misspelt name, if one is near enough: at most a third of its letters wrong.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // One letter is not a slip of another.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    let is_word = |s: &str| s.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut best: Option<(usize, &str)> = None;
    for c in candidates {
        let d = distance(name, c);
        // Ties go to the alphabetically first, so that messages do not depend on the order of a map.
        if c != name && d <= limit && is_word(c) == is_word(name) && best.is_none_or(|(bd, b)| (d, c) < (bd, b)) {
            best = Some((d, c));
        }
    }
    best.map(|(_, c)| c)
}

/// Edit distance with swaps of neighbours counted once, letter case ignored.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut d = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                d = d.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = d;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips() {
        let names = ["circle", "rect", "rotate", "len"];
        assert_eq!(nearest("circel", names), Some("circle"));
        assert_eq!(nearest("Rect", names), Some("rect"));
        assert_eq!(nearest("banana", names), None);
        assert_eq!(nearest("x", ["%", "f"]), None);
    }
}
