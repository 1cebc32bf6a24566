//! All substrings of a text, as its suffix automaton (Blumer et al., "The smallest automaton recognizing the subwords
//! of a text", 1985): whether made text occurs in an output is asked letter by letter, and mostly answered by the
//! second one.

/// No state.
pub const NONE: u32 = u32::MAX;

/// The automaton of a text. State 0 is the empty text.
#[derive(Debug)]
pub struct Suffixes {
    class: [u8; 256],
    width: usize,
    /// The states that follow, `width` for each; 0 for none.
    next: Vec<u32>,
    /// Where the text of a state ends for the first time.
    first_end: Vec<u32>,
}

impl Suffixes {
    /// The automaton of a text of fewer than 65,536 bytes.
    pub fn new(text: &[u8]) -> Suffixes {
        let mut class = [0u8; 256];
        let mut width = 1;
        for b in text {
            if class[usize::from(*b)] == 0 && width < 256 {
                class[usize::from(*b)] = width as u8;
                width += 1;
            }
        }
        let mut s = Suffixes { class, width, next: vec![0; width], first_end: vec![0] };
        let (mut len, mut link, mut last) = (vec![0u32], vec![NONE], 0u32);
        for (i, b) in text.iter().enumerate() {
            let c = usize::from(class[usize::from(*b)]);
            let now = s.add(i as u32 + 1);
            len.push(len[last as usize] + 1);
            link.push(0);
            let mut p = last;
            while p != NONE && s.next[p as usize * width + c] == 0 {
                s.next[p as usize * width + c] = now;
                p = link[p as usize];
            }
            if p != NONE {
                let q = s.next[p as usize * width + c];
                if len[p as usize] + 1 == len[q as usize] {
                    link[now as usize] = q;
                } else {
                    let copy = s.add(s.first_end[q as usize]);
                    len.push(len[p as usize] + 1);
                    link.push(link[q as usize]);
                    s.next.copy_within(q as usize * width..(q as usize + 1) * width, copy as usize * width);
                    while p != NONE && s.next[p as usize * width + c] == q {
                        s.next[p as usize * width + c] = copy;
                        p = link[p as usize];
                    }
                    link[q as usize] = copy;
                    link[now as usize] = copy;
                }
            }
            last = now;
        }
        s
    }

    fn add(&mut self, end: u32) -> u32 {
        self.next.resize(self.next.len() + self.width, 0);
        self.first_end.push(end);
        self.first_end.len() as u32 - 1
    }

    /// The state after one byte more.
    #[inline]
    pub fn step(&self, state: u32, b: u8) -> u32 {
        match self.class[usize::from(b)] {
            0 => NONE,
            c => match self.next.get(state as usize * self.width + usize::from(c)) {
                Some(&to) if to > 0 => to,
                _ => NONE,
            },
        }
    }

    /// The state after more text.
    #[inline]
    pub fn walk(&self, mut state: u32, text: &[u8]) -> u32 {
        for b in text {
            if state == NONE {
                break;
            }
            state = self.step(state, *b);
        }
        state
    }

    /// The text of a state, of this length, as a number: where it stands first, and its length. 0 where it is empty
    /// or occurs nowhere.
    #[inline]
    pub fn value(&self, state: u32, len: usize) -> u32 {
        match self.first_end.get(state as usize) {
            Some(end) if len > 0 => ((end - len as u32) << 16) | len as u32,
            _ => 0,
        }
    }

    /// [`Suffixes::value`] of a text.
    pub fn find(&self, text: &[u8]) -> u32 {
        self.value(self.walk(0, text), text.len())
    }
}

/// Where a value stands, and how long it is.
#[inline]
pub fn place(value: u32) -> (usize, usize) {
    ((value >> 16) as usize, (value & 0xFFFF) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn knows_all_substrings_and_no_others(text in "[ab\u{e9}]{0,20}", other in "[ab\u{e9}]{0,5}") {
            let s = Suffixes::new(text.as_bytes());
            let expected = text.find(&other).map_or(0, |at| (at as u32) << 16 | other.len() as u32);
            prop_assert_eq!(s.find(other.as_bytes()), if other.is_empty() { 0 } else { expected });
        }
    }
}
