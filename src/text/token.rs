//! Token classes and where they match.
//!
//! A class only ever matches ASCII characters (but for dialect R's CHAR), so matching walks bytes and every match
//! begins and ends at a character of UTF-8 text. Matches are leftmost, greedy and do not overlap.

use std::fmt;

/// A class of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// Digits: `[0-9]+`
    Number,
    /// Letters: `[A-Za-z]+`
    Word,
    /// Letters and digits: `[A-Za-z0-9]+`
    Alphanum,
    /// Capitals: `[A-Z]+`
    AllCaps,
    /// A capital and small letters: `[A-Z][a-z]+`
    PropCase,
    /// Small letters: `[a-z]+`
    Lower,
    /// One digit.
    Digit,
    /// One letter, digit or delimiter.
    Char,
    /// Anything but white space: `[^ \t-\r]+`
    Field,
    /// White space: `[ \t-\r]+`
    Space,
    /// Digits with points or commas between them: `[0-9]+([.,][0-9]+)*`
    Decimal,
    /// Letters of any alphabet: `\p{Alphabetic}+`
    Letters,
    /// One capital: `[A-Z]`
    Capital,
}

impl Token {
    /// All classes, in the order of the papers.
    pub const ALL: [Token; 8] = [
        Token::Number,
        Token::Word,
        Token::Alphanum,
        Token::AllCaps,
        Token::PropCase,
        Token::Lower,
        Token::Digit,
        Token::Char,
    ];

    /// Classes of practical programs, which the papers lack.
    pub const MORE: [Token; 5] = [Token::Field, Token::Space, Token::Decimal, Token::Letters, Token::Capital];

    /// Its name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Token::Number => "NUMBER",
            Token::Word => "WORD",
            Token::Alphanum => "ALPHANUM",
            Token::AllCaps => "ALL_CAPS",
            Token::PropCase => "PROP_CASE",
            Token::Lower => "LOWER",
            Token::Digit => "DIGIT",
            Token::Char => "CHAR",
            Token::Field => "FIELD",
            Token::Space => "SPACE",
            Token::Decimal => "DECIMAL",
            Token::Letters => "LETTERS",
            Token::Capital => "CAPITAL",
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A way to write letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Case {
    /// A capital, then small letters.
    Proper,
    /// Capitals.
    AllCaps,
    /// Small letters.
    Lower,
}

impl Case {
    /// All cases.
    pub const ALL: [Case; 3] = [Case::Proper, Case::AllCaps, Case::Lower];

    /// Its name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Case::Proper => "PROPER",
            Case::AllCaps => "ALL_CAPS",
            Case::Lower => "LOWER",
        }
    }
}

/// An end of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Boundary {
    /// Before its first character.
    Start,
    /// After its last character.
    End,
}

impl Boundary {
    /// Both ends.
    pub const ALL: [Boundary; 2] = [Boundary::Start, Boundary::End];

    /// Its name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Boundary::Start => "START",
            Boundary::End => "END",
        }
    }

    /// This end of a match.
    pub fn of(self, (start, end): Span) -> usize {
        match self {
            Boundary::Start => start,
            Boundary::End => end,
        }
    }
}

/// A match, as byte offsets.
pub type Span = (usize, usize);

/// The delimiters of the papers. Any other text is accepted as a delimiter too; these are what tasks are made of.
pub const DELIMITERS: [char; 21] =
    ['&', ',', '.', '?', '!', '@', '(', ')', '[', ']', '%', '{', '}', '/', ':', ';', '$', '#', '"', '\'', ' '];

/// Delimiters of real data that the papers' default dialect lacks.
pub const MORE_DELIMITERS: [char; 4] = ['-', '+', '_', '\n'];

/// What to look for: a token class or a literal text (a delimiter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Regex<'a> {
    /// Matches of a class.
    Token(Token),
    /// Occurrences of this text. An empty text occurs nowhere.
    Text(&'a str),
}

impl From<Token> for Regex<'_> {
    fn from(t: Token) -> Self {
        Regex::Token(t)
    }
}

impl<'a> From<&'a str> for Regex<'a> {
    fn from(s: &'a str) -> Self {
        Regex::Text(s)
    }
}

const DIGIT: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
const DELIM: u8 = 8;
/// Characters between `A` and `z` that are no letters: part of dialect R's words.
const MIDDLE: u8 = 16;
const SPACE: u8 = 32;
/// Everything else, bytes of other alphabets included.
const SOLID: u8 = 64;

/// The classes of each byte.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut t = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        t[b] |= if c == b' ' || (c >= b'\t' && c <= b'\r') { SPACE } else { SOLID };
        if c.is_ascii_digit() {
            t[b] |= DIGIT;
        } else if c.is_ascii_uppercase() {
            t[b] |= UPPER;
        } else if c.is_ascii_lowercase() {
            t[b] |= LOWER;
        } else if c > b'Z' && c < b'a' {
            t[b] |= MIDDLE;
        }
        b += 1;
    }
    let mut i = 0;
    while i < DELIMITERS.len() {
        t[DELIMITERS[i] as usize] |= DELIM;
        i += 1;
    }
    t
}

/// How a pattern matches; what dialects choose for their classes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule<'a> {
    /// As many bytes of these classes as there are, at least one.
    Run(u8),
    /// One byte of these classes.
    One(u8),
    /// A capital and small letters.
    Proper,
    /// Any one character but a newline.
    AnyChar,
    /// Digits with points or commas between them.
    Decimal,
    /// Letters of any alphabet.
    Letters,
    /// This text.
    Text(&'a str),
}

impl<'a> Rule<'a> {
    /// The rule of the default dialect.
    pub(crate) fn of(r: Regex<'a>) -> Rule<'a> {
        match r {
            Regex::Text(s) => Rule::Text(s),
            Regex::Token(t) => match t {
                Token::Number => Rule::Run(DIGIT),
                Token::Word => Rule::Run(UPPER | LOWER),
                Token::Alphanum => Rule::Run(UPPER | LOWER | DIGIT),
                Token::AllCaps => Rule::Run(UPPER),
                Token::PropCase => Rule::Proper,
                Token::Lower => Rule::Run(LOWER),
                Token::Digit => Rule::One(DIGIT),
                Token::Char => Rule::One(UPPER | LOWER | DIGIT | DELIM),
                Token::Field => Rule::Run(SOLID),
                Token::Space => Rule::Run(SPACE),
                Token::Decimal => Rule::Decimal,
                Token::Letters => Rule::Letters,
                Token::Capital => Rule::One(UPPER),
            },
        }
    }

    /// The rule of dialect R.
    pub(crate) fn of_r(r: Regex<'a>) -> Rule<'a> {
        match r {
            Regex::Text(s) => Rule::Text(s),
            Regex::Token(t) => match t {
                Token::Number => Rule::Run(DIGIT),
                Token::Word => Rule::Run(UPPER | LOWER | MIDDLE),
                Token::Alphanum => Rule::One(UPPER | LOWER | MIDDLE),
                Token::AllCaps => Rule::One(UPPER),
                Token::PropCase => Rule::Proper,
                Token::Lower => Rule::One(LOWER),
                Token::Digit => Rule::One(DIGIT),
                Token::Char => Rule::AnyChar,
                Token::Field | Token::Space | Token::Decimal | Token::Letters | Token::Capital => Rule::of(r),
            },
        }
    }

    /// The first match that begins at byte `from` or after it.
    #[inline]
    fn next(self, s: &str, from: usize) -> Option<Span> {
        let b = s.as_bytes();
        let find = |mask: u8, from: usize| (from..b.len()).find(|&i| CLASS[b[i] as usize] & mask != 0);
        let end_of_run =
            |mask: u8, from: usize| (from..b.len()).find(|&i| CLASS[b[i] as usize] & mask == 0).unwrap_or(b.len());
        match self {
            Rule::Run(mask) => find(mask, from).map(|i| (i, end_of_run(mask, i + 1))),
            Rule::One(mask) => find(mask, from).map(|i| (i, i + 1)),
            Rule::Proper => {
                let mut at = from;
                loop {
                    let i = find(UPPER, at)?;
                    let end = end_of_run(LOWER, i + 1);
                    if end > i + 1 {
                        return Some((i, end));
                    }
                    at = i + 1;
                }
            }
            Rule::AnyChar => {
                let (i, c) = s.get(from..)?.char_indices().find(|&(_, c)| c != '\n')?;
                Some((from + i, from + i + c.len_utf8()))
            }
            Rule::Decimal => {
                let start = find(DIGIT, from)?;
                let mut end = end_of_run(DIGIT, start);
                while matches!(b.get(end), Some(b'.' | b',')) && b.get(end + 1).is_some_and(u8::is_ascii_digit) {
                    end = end_of_run(DIGIT, end + 1);
                }
                Some((start, end))
            }
            Rule::Letters => {
                let rest = s.get(from..)?;
                let (start, _) = rest.char_indices().find(|(_, c)| c.is_alphabetic())?;
                let run = &rest[start..];
                let len = run.char_indices().find(|(_, c)| !c.is_alphabetic()).map_or(run.len(), |(i, _)| i);
                Some((from + start, from + start + len))
            }
            Rule::Text("") => None,
            // Delimiters are nearly always one byte, for which a general search is slow to set up.
            Rule::Text(t) if t.len() == 1 => {
                let i = from + b.get(from..)?.iter().position(|c| *c == t.as_bytes()[0])?;
                Some((i, i + 1))
            }
            Rule::Text(t) => s.get(from..)?.find(t).map(|i| (from + i, from + i + t.len())),
        }
    }

    /// All matches, from left to right.
    #[inline]
    pub(crate) fn matches<'s>(self, s: &'s str) -> Matches<'s, 'a> {
        Matches { rule: self, s, at: 0 }
    }

    /// Match number `j`, counted from 0.
    #[inline]
    pub(crate) fn nth(self, s: &str, j: usize) -> Option<Span> {
        self.matches(s).nth(j)
    }
}

/// Iterates over matches.
#[derive(Clone, Debug)]
pub struct Matches<'s, 'a> {
    rule: Rule<'a>,
    s: &'s str,
    at: usize,
}

impl Iterator for Matches<'_, '_> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        let m = self.rule.next(self.s, self.at)?;
        self.at = m.1;
        Some(m)
    }
}

/// All matches in the default dialect, from left to right.
pub fn matches<'s, 'a>(s: &'s str, r: impl Into<Regex<'a>>) -> Matches<'s, 'a> {
    Rule::of(r.into()).matches(s)
}

/// The byte offset of character `n`, or the length of `s` if it has fewer.
pub(crate) fn byte_of_char(s: &str, n: usize) -> usize {
    if s.is_ascii() {
        return n.min(s.len());
    }
    s.char_indices().nth(n).map_or(s.len(), |(i, _)| i)
}

/// How many characters there are.
pub(crate) fn char_len(s: &str) -> usize {
    if s.is_ascii() { s.len() } else { s.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(s: &str, r: impl Into<Regex<'static>>) -> Vec<&str> {
        matches(s, r).map(|(a, b)| &s[a..b]).collect()
    }

    #[test]
    fn classes_match_as_their_regular_expressions() {
        let s = "McDonald ABc 12-3é";
        assert_eq!(all(s, Token::Number), ["12", "3"]);
        assert_eq!(all(s, Token::Word), ["McDonald", "ABc"]);
        assert_eq!(all(s, Token::Alphanum), ["McDonald", "ABc", "12", "3"]);
        assert_eq!(all("McD", Token::AllCaps), ["M", "D"]);
        assert_eq!(all(s, Token::PropCase), ["Mc", "Donald", "Bc"]);
        assert_eq!(all("A B", Token::PropCase), [""; 0]);
        assert_eq!(all(s, Token::Lower), ["c", "onald", "c"]);
        assert_eq!(all(s, Token::Digit), ["1", "2", "3"]);
        assert_eq!(all("a-+_\n b\t", Token::Char), ["a", " ", "b"]);
        assert_eq!(all(" a-b\t\u{e9}1 ", Token::Field), ["a-b", "\u{e9}1"]);
        assert_eq!(all(" a-b\t\u{e9}1", Token::Space), [" ", "\t"]);
        assert_eq!(all("v1,234.5. 6,x 7", Token::Decimal), ["1,234.5", "6", "7"]);
        assert_eq!(all("\u{c9}mile 1\u{df}x", Token::Letters), ["\u{c9}mile", "\u{df}x"]);
        assert_eq!(all("McDA", Token::Capital), ["M", "D", "A"]);
    }

    #[test]
    fn char_has_83_members() {
        let n = (0u8..=255).filter(|&b| CLASS[b as usize] & (UPPER | LOWER | DIGIT | DELIM) != 0).count();
        assert_eq!(n, 83);
    }

    #[test]
    fn texts_match_without_overlap() {
        assert_eq!(matches("aaaa é", "aa").collect::<Vec<_>>(), [(0, 2), (2, 4)]);
        assert_eq!(all("a é b é", "é"), ["é", "é"]);
        assert_eq!(all("abc", ""), [""; 0]);
    }

    #[test]
    fn dialect_r_has_its_own_classes() {
        let all = |s: &'static str, t: Token| -> Vec<&str> {
            Rule::of_r(t.into()).matches(s).map(|(a, b)| &s[a..b]).collect()
        };
        assert_eq!(all("a_B 1", Token::Word), ["a_B"]);
        assert_eq!(all("aB1", Token::Alphanum), ["a", "B"]);
        assert_eq!(all("ABc", Token::AllCaps), ["A", "B"]);
        assert_eq!(all("abC", Token::Lower), ["a", "b"]);
        assert_eq!(all("é\n-", Token::Char), ["é", "-"]);
    }
}
