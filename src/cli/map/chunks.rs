//! The input in pieces of whole records.

use super::scan;
use memchr::{memchr_iter, memrchr};
use std::io::{self, Read};

/// No record may be longer: an unclosed quote is to be an error, not a whole file in memory.
const LONGEST: usize = 16 << 20;

/// Where records end.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// At the ends of lines.
    Lines,
    /// At the ends of lines that do not stand in quotes.
    Csv {
        /// Between fields.
        delimiter: u8,
    },
}

impl Ends {
    fn last(self, text: &[u8]) -> usize {
        match self {
            Ends::Lines => memrchr(b'\n', text).map_or(0, |i| i + 1),
            Ends::Csv { delimiter } => scan::last_end(text, delimiter),
        }
    }
}

/// Whole records.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Their text.
    pub bytes: Vec<u8>,
    /// The number of their first line, from 1.
    pub line: u64,
}

/// Why there are no more records.
#[derive(Debug)]
pub enum Broken {
    /// The input cannot be read.
    Read(io::Error),
    /// The record that begins on this line has no end.
    Endless(u64),
}

/// Reads an input in pieces of about the same size.
pub struct Chunks {
    input: Box<dyn Read + Send>,
    ends: Ends,
    size: usize,
    /// Read, but not yet given.
    rest: Vec<u8>,
    line: u64,
    ended: bool,
}

impl Chunks {
    /// An input whose first line is line 1.
    pub fn new(input: Box<dyn Read + Send>, ends: Ends, size: usize) -> Chunks {
        Chunks { input, ends, size, rest: Vec::new(), line: 1, ended: false }
    }

    /// The next records, in a buffer that may have been used before.
    pub fn next(&mut self, mut buffer: Vec<u8>) -> Result<Option<Chunk>, Broken> {
        buffer.clear();
        buffer.append(&mut self.rest);
        let mut wanted = self.size;
        let end = loop {
            if !self.ended && buffer.len() < wanted {
                let more = wanted - buffer.len();
                buffer.reserve(more);
                let n = (&mut self.input).take(more as u64).read_to_end(&mut buffer).map_err(Broken::Read)?;
                self.ended = n < more;
            }
            if self.ended {
                break buffer.len();
            }
            match self.ends.last(&buffer) {
                0 if buffer.len() >= LONGEST => return Err(Broken::Endless(self.line)),
                0 => wanted = buffer.len().saturating_mul(2).min(LONGEST),
                end => break end,
            }
        };
        self.rest.extend_from_slice(&buffer[end..]);
        buffer.truncate(end);
        if buffer.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.line += memchr_iter(b'\n', &buffer).count() as u64;
        Ok(Some(Chunk { bytes: buffer, line }))
    }

    /// Gives back the end of a chunk, to come again with the next one.
    pub fn give_back(&mut self, chunk: &Chunk, from: usize) {
        let back = &chunk.bytes[from.min(chunk.bytes.len())..];
        self.line -= memchr_iter(b'\n', back).count() as u64;
        self.rest.splice(0..0, back.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_whole() {
        let text = "a,\"1\n2\"\nb,3\nc,\"4\n\n5\"\nd,6".repeat(3);
        for size in 1..40 {
            let mut chunks = Chunks::new(Box::new(io::Cursor::new(text.clone())), Ends::Csv { delimiter: b',' }, size);
            let (mut all, mut line) = (Vec::new(), 1);
            while let Some(c) = chunks.next(Vec::new()).unwrap() {
                assert_eq!(c.line, line);
                line += c.bytes.iter().filter(|b| **b == b'\n').count() as u64;
                all.extend(c.bytes);
            }
            assert_eq!(String::from_utf8(all).unwrap(), text);
        }
    }

    #[test]
    fn what_is_given_back_comes_again() {
        let mut chunks = Chunks::new(Box::new(&b"a\nb\nc\nd\n"[..]), Ends::Lines, 6);
        let c = chunks.next(Vec::new()).unwrap().unwrap();
        assert_eq!(c.bytes, b"a\nb\nc\n");
        chunks.give_back(&c, 2);
        let c = chunks.next(Vec::new()).unwrap().unwrap();
        assert_eq!((c.bytes.as_slice(), c.line), (&b"b\nc\nd\n"[..], 2));
    }

    #[test]
    fn a_record_without_end_is_an_error() {
        let text = "a\n\"".to_string() + &"x\n".repeat(LONGEST);
        let mut chunks = Chunks::new(Box::new(io::Cursor::new(text)), Ends::Csv { delimiter: b',' }, 1 << 20);
        assert!(chunks.next(Vec::new()).unwrap().is_some());
        assert!(matches!(chunks.next(Vec::new()), Err(Broken::Endless(2))));
    }
}
