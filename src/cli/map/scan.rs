//! Where records and fields of CSV text begin and end.
//!
//! The rules are those of the `csv` crate, which reads tables elsewhere: a field that begins with a quote ends at the next
//! single quote, other quotes are characters; `\n`, `\r\n` and a lone `\r` end a record. Unlike that crate this says
//! where fields stand, so that those that nobody changes are copied as they are.

use memchr::{memchr, memchr_iter, memchr2, memchr3, memrchr, memrchr_iter};
use std::ops::Range;

const QUOTE: u8 = b'"';

/// A record: its place without the end of line, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place.
    pub text: Range<usize>,
    /// Where the next one begins.
    pub next: usize,
    /// How many fields it has.
    pub count: usize,
    /// Whether its last field has an opening quote and no closing one.
    pub open: bool,
}

/// Goes through the records of a text.
pub struct Records<'t> {
    text: &'t [u8],
    at: usize,
    delimiter: u8,
    /// How many fields must be found, rather than counted.
    needed: usize,
}

impl<'t> Records<'t> {
    /// From the start of a text, which is the start of a record.
    pub fn new(text: &'t [u8], delimiter: u8) -> Records<'t> {
        Records { text, at: 0, delimiter, needed: usize::MAX }
    }

    /// Finds only so many fields of each record for sure, and counts the others, which is faster.
    pub fn needing(mut self, fields: usize) -> Records<'t> {
        self.needed = fields;
        self
    }

    /// Goes on at this record.
    pub fn starting(mut self, at: usize) -> Records<'t> {
        self.at = at;
        self
    }

    /// The next record, with the places of its fields. An empty line is a record without fields.
    pub fn next(&mut self, fields: &mut Vec<Range<usize>>) -> Option<Record> {
        fields.clear();
        let text = self.text;
        let start = self.at;
        if start >= text.len() {
            return None;
        }
        let (mut field, mut open) = (start, false);
        let (mut more, mut counts) = (0, true);
        let (end, next) = loop {
            if counts && fields.len() >= self.needed {
                counts = false;
                let end = memchr2(b'\n', b'\r', &text[field..]).map_or(text.len(), |i| field + i);
                let rest = &text[field..end];
                if memchr(QUOTE, rest).is_none() {
                    more = memchr_iter(self.delimiter, rest).count();
                    let crlf = text[end..].starts_with(b"\r\n");
                    break (end, (end + 1 + usize::from(crlf)).min(text.len()));
                }
            }
            let mut at = field;
            if text.get(at) == Some(&QUOTE) {
                (at, open) = closing(text, at + 1);
            }
            let Some(found) = memchr3(self.delimiter, b'\n', b'\r', &text[at..]) else {
                break (text.len(), text.len());
            };
            let i = at + found;
            match text[i] {
                b'\r' if text.get(i + 1) == Some(&b'\n') => break (i, i + 2),
                b'\r' | b'\n' => break (i, i + 1),
                _ => {
                    fields.push(field..i);
                    field = i + 1;
                }
            }
        };
        // Of those that are counted none has a place.
        if end > start && more == 0 {
            fields.push(field..end);
        }
        let count = fields.len() + if more > 0 { more + 1 } else { 0 };
        self.at = next;
        Some(Record { text: start..end, next, count, open })
    }
}

/// The place behind the quote that closes a field whose inside begins at `at`, and whether there is none.
fn closing(text: &[u8], mut at: usize) -> (usize, bool) {
    loop {
        match memchr(QUOTE, &text[at..]) {
            None => return (text.len(), true),
            Some(i) if text.get(at + i + 1) == Some(&QUOTE) => at += i + 2,
            Some(i) => return (at + i + 1, false),
        }
    }
}

/// The end of the last record that surely ends in this text; 0 if none does.
pub fn last_end(text: &[u8], delimiter: u8) -> usize {
    let gaps = outside_quotes(text, delimiter);
    for gap in gaps.iter().rev() {
        if let Some(i) = memrchr(b'\n', &text[gap.clone()]) {
            return gap.start + i + 1;
        }
    }
    for gap in gaps.iter().rev() {
        for i in memrchr_iter(b'\r', &text[gap.clone()]) {
            // What follows the last one is not known yet.
            if gap.start + i + 1 < text.len() {
                return gap.start + i + 1;
            }
        }
    }
    0
}

/// The places outside quoted fields.
fn outside_quotes(text: &[u8], delimiter: u8) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let (mut gap, mut at) = (0, 0);
    while let Some(i) = memchr(QUOTE, &text[at..]) {
        let quote = at + i;
        let opens = match quote.checked_sub(1).and_then(|b| text.get(b)) {
            None => true,
            Some(b) => *b == delimiter || matches!(b, b'\n' | b'\r'),
        };
        if !opens {
            at = quote + 1;
            continue;
        }
        gaps.push(gap..quote);
        let (end, open) = closing(text, quote + 1);
        if open {
            return gaps;
        }
        (gap, at) = (end, end);
        // A quote right behind would have been doubled, and further ones of this field are characters.
        while let Some(b) = text.get(at) {
            if *b == delimiter || matches!(b, b'\n' | b'\r') {
                break;
            }
            at += 1;
        }
    }
    gaps.push(gap..text.len());
    gaps
}

/// What a field says: itself, or, if it is quoted, what is put into `buffer`.
pub fn decode<'a>(field: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    let Some(mut rest) = field.strip_prefix(&[QUOTE]) else { return field };
    buffer.clear();
    while let Some(i) = memchr(QUOTE, rest) {
        buffer.extend_from_slice(&rest[..i]);
        rest = &rest[i + 1..];
        match rest.strip_prefix(&[QUOTE]) {
            Some(more) => {
                buffer.push(QUOTE);
                rest = more;
            }
            None => break,
        }
    }
    buffer.extend_from_slice(rest);
    buffer
}

/// Appends a field, in quotes where it needs them.
pub fn put(field: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    if memchr3(delimiter, b'\n', b'\r', field).is_none() && memchr(QUOTE, field).is_none() {
        out.extend_from_slice(field);
        return;
    }
    out.push(QUOTE);
    let mut rest = field;
    while let Some(i) = memchr(QUOTE, rest) {
        out.extend_from_slice(&rest[..=i]);
        out.push(QUOTE);
        rest = &rest[i + 1..];
    }
    out.extend_from_slice(rest);
    out.push(QUOTE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let (mut records, mut fields, mut buffer, mut out) =
            (Records::new(text, b','), Vec::new(), Vec::new(), Vec::new());
        while records.next(&mut fields).is_some() {
            if !fields.is_empty() {
                out.push(fields.iter().map(|f| decode(&text[f.clone()], &mut buffer).to_vec()).collect());
            }
        }
        out
    }

    fn theirs(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        reader.byte_records().map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn records_and_lines() {
        let mut fields = Vec::new();
        let text = b"a,\"b\nc\"\r\n\nd";
        let mut records = Records::new(text, b',');
        assert_eq!(records.next(&mut fields), Some(Record { text: 0..7, next: 9, count: 2, open: false }));
        assert_eq!(fields, [0..1, 2..7]);
        assert_eq!(records.next(&mut fields), Some(Record { text: 9..9, next: 10, count: 0, open: false }));
        assert!(fields.is_empty());
        assert_eq!(records.next(&mut fields), Some(Record { text: 10..11, next: 11, count: 1, open: false }));
        assert_eq!(records.next(&mut fields), None);
        assert!(Records::new(b"a,\"b\n", b',').next(&mut fields).unwrap().open);
    }

    #[test]
    fn ends_of_records() {
        assert_eq!(last_end(b"a\nb", b','), 2);
        assert_eq!(last_end(b"a\n\"b\nc", b','), 2);
        assert_eq!(last_end(b"a\n\"b\nc\"\nd", b','), 8);
        assert_eq!(last_end(b"a\"\nb\"\nc", b','), 6);
        assert_eq!(last_end(b"a\rb\r", b','), 2);
        assert_eq!(last_end(b"\"a\n", b','), 0);
        assert_eq!(last_end(b"\"a\"b,\"\n", b','), 0);
    }

    #[test]
    fn fields_are_quoted_where_they_need_it() {
        let quoted = |s: &str| {
            let mut out = Vec::new();
            put(s.as_bytes(), b',', &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(quoted("a b"), "a b");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("a\"b\n"), "\"a\"\"b\n\"");
    }

    proptest! {
        #[test]
        fn reads_as_the_csv_crate(text in "[ab,\"\n\ré]{0,40}") {
            let text = text.as_bytes();
            prop_assert_eq!(ours(text), theirs(text));
            // Counting agrees with finding.
            for n in 0..4 {
                let (mut all, mut some) = (Records::new(text, b','), Records::new(text, b',').needing(n));
                let (mut fields, mut found) = (Vec::new(), Vec::new());
                while let Some(record) = all.next(&mut fields) {
                    prop_assert_eq!(some.next(&mut found), Some(record.clone()));
                    prop_assert_eq!(record.count, fields.len());
                    prop_assert!(found.len() >= n.min(fields.len()) && found[..] == fields[..found.len()]);
                }
                prop_assert_eq!(some.next(&mut found), None);
            }
            // Cut anywhere, the two parts have the same records.
            for n in 0..=text.len() {
                let cut = last_end(&text[..n], b',');
                let mut parts = ours(&text[..cut]);
                parts.extend(ours(&text[cut..]));
                prop_assert_eq!(parts, ours(text));
            }
        }
    }
}
