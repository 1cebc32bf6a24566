//! A text that may be a date as a short row of items: numbers, names, marks.

/// Longer texts are no dates.
const LONGEST: usize = 40;

/// More items than any date has.
pub const MOST: usize = 24;

/// What a text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Digits: their number and how many they are.
    Num(u64, u8),
    /// The name of a month, from 1.
    Month(u8),
    /// The name of a weekday, from Monday as 1.
    Weekday(i8),
    /// AM or, where true, PM.
    Half(bool),
    /// The T between date and time.
    T,
    /// A name of the zone of zero offset.
    Zone,
    /// The word for a week.
    Week,
    /// A word without meaning: `of`, `the`, `in`.
    Filler,
    /// `at`, `on` or `@`, between date and time.
    At,
    /// The letters after an ordinal number.
    Ordinal,
    /// White space.
    Space,
    /// Any other character.
    Mark(u8),
}

/// The items of a text.
#[derive(Clone, Copy, Debug)]
pub struct Items {
    row: [Item; MOST],
    len: usize,
}

impl Items {
    /// None.
    pub fn new() -> Items {
        Items { row: [Item::Space; MOST], len: 0 }
    }

    /// Adds one; whether there was room.
    pub fn push(&mut self, item: Item) -> Option<()> {
        *self.row.get_mut(self.len)? = item;
        self.len += 1;
        Some(())
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Item] {
        &self.row[..self.len]
    }
}

/// The items of a text without the white space around it; none if it cannot be a date.
pub fn scan(s: &str) -> Option<Items> {
    let s = s.trim();
    if s.len() > LONGEST || !s.bytes().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let b = s.as_bytes();
    let mut out = Items::new();
    let mut i = 0;
    while let Some(&c) = b.get(i) {
        let rest = &b[i..];
        let (item, used) = match c {
            b'0'..=b'9' => number(rest)?,
            b'a'..=b'z' | b'A'..=b'Z' => word(rest)?,
            b' ' | b'\t' => (Item::Space, rest.iter().take_while(|c| matches!(c, b' ' | b'\t')).count()),
            // The two spaces that do not break, which stand before AM and PM in some locales.
            0xC2 if rest.starts_with(b"\xC2\xA0") => (Item::Space, 2),
            0xE2 if rest.starts_with(b"\xE2\x80\xAF") => (Item::Space, 3),
            b'@' => (Item::At, 1),
            b'-' | b'/' | b'.' | b',' | b':' | b'_' | b'\'' | b'#' | b'+' => (Item::Mark(c), 1),
            _ => return None,
        };
        out.push(item)?;
        i += used;
    }
    Some(out)
}

fn number(b: &[u8]) -> Option<(Item, usize)> {
    let n = b.iter().take_while(|c| c.is_ascii_digit()).count();
    // Fourteen digits are a date and a time; a fraction of a second may have nine.
    (n <= 14).then(|| (Item::Num(b[..n].iter().fold(0, |v, c| 10 * v + u64::from(c - b'0')), n as u8), n))
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn word(b: &[u8]) -> Option<(Item, usize)> {
    let n = b.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let mut small = [0; 9];
    let small = small.get_mut(..n)?;
    small.copy_from_slice(&b[..n]);
    small.make_ascii_lowercase();
    let item = match &*small {
        b"am" => Item::Half(false),
        b"pm" => Item::Half(true),
        [half @ (b'a' | b'p')] => return dotted(b, *half == b'p'),
        b"t" => Item::T,
        b"z" | b"utc" | b"gmt" => Item::Zone,
        b"w" | b"wk" | b"week" => Item::Week,
        b"of" | b"the" | b"in" => Item::Filler,
        b"at" | b"on" => Item::At,
        b"st" | b"nd" | b"rd" | b"th" => Item::Ordinal,
        b"sept" => Item::Month(9),
        b"tues" => Item::Weekday(2),
        b"weds" => Item::Weekday(3),
        b"thur" | b"thurs" => Item::Weekday(4),
        name => match position(&MONTHS, name) {
            Some(i) => Item::Month(i as u8 + 1),
            None => Item::Weekday(position(&WEEKDAYS, name)? as i8 + 1),
        },
    };
    Some((item, n))
}

/// Which of the names this is, whole or its first three letters.
fn position(names: &[&str], name: &[u8]) -> Option<usize> {
    names.iter().position(|full| {
        let full = full.as_bytes();
        full == name || name.len() == 3 && full.starts_with(name)
    })
}

/// `a.m.` or `p.m`
fn dotted(b: &[u8], pm: bool) -> Option<(Item, usize)> {
    let used = match b.get(1..)? {
        [b'.', b'm' | b'M', b'.', ..] => 4,
        [b'.', b'm' | b'M', ..] => 3,
        _ => return None,
    };
    Some((Item::Half(pm), used))
}
