//! A text as a row of atoms.

/// A place in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Edge {
    /// So many characters after the start.
    Start(u32),
    /// So many before the end.
    End(u32),
    /// The start or (true) the end of the i-th match, counted from 1 or, when negative, from the end.
    Match(Pattern, i64, bool),
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    Text(String),
    /// Characters: a class of these, a class of all others, and whether a match is as many as there are.
    Class(&'static str, &'static str, bool),
}

impl Pattern {
    /// The class with this key in the table of operations, if it is one of single characters.
    pub(super) fn class(key: &str) -> Option<Pattern> {
        let (these, others, run) = match key {
            "NUMBER -> token" => ("[0-9]", "[^0-9]", true),
            "WORD -> token" => ("[A-Za-z]", "[^A-Za-z]", true),
            "ALPHANUM -> token" => ("[A-Za-z0-9]", "[^A-Za-z0-9]", true),
            "ALL_CAPS -> token" => ("[A-Z]", "[^A-Z]", true),
            "LOWER -> token" => ("[a-z]", "[^a-z]", true),
            "DIGIT -> token" => ("[0-9]", "[^0-9]", false),
            "CAPITAL -> token" => ("[A-Z]", "[^A-Z]", false),
            "CHAR -> token" => {
                ("[A-Za-z0-9\\&,.?!@()\\[\\]%{}/:;$\\#\"' ]", "[^A-Za-z0-9\\&,.?!@()\\[\\]%{}/:;$\\#\"' ]", false)
            }
            "SPACE -> token" => ("[ \\t-\\r]", "[^ \\t-\\r]", true),
            "FIELD -> token" => ("[^ \\t-\\r]", "[ \\t-\\r]", true),
            _ => return None,
        };
        Some(Pattern::Class(these, others, run))
    }
}

/// The atoms under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Atoms {
    /// The pattern of each.
    pub(super) all: Vec<String>,
    /// What all edges that are matches look for.
    pattern: Option<Pattern>,
    /// Greatest number of a match from the start and from the end.
    first: usize,
    last: usize,
    /// Whether the text is split at it.
    splits: bool,
    /// Greatest number of a piece counted from the end.
    back: usize,
    /// Number of tokens that may be missing.
    tokens: usize,
    starts: Vec<u32>,
    ends: Vec<u32>,
    cuts: Vec<(Edge, Edge)>,
}

type Why = Result<(), String>;

impl Atoms {
    fn look_for(&mut self, p: &Pattern) -> Why {
        match &self.pattern {
            Some(known) if known != p => Err("a program with edges at different texts or classes".into()),
            _ => {
                self.pattern = Some(p.clone());
                Ok(())
            }
        }
    }

    /// Takes note of a cut.
    pub(super) fn cut(&mut self, a: &Edge, b: &Edge) -> Why {
        for e in [a, b] {
            match e {
                Edge::Start(k) => self.starts.push(*k),
                Edge::End(k) => self.ends.push(*k),
                Edge::Match(p, i, _) => {
                    self.look_for(p)?;
                    let n = i.unsigned_abs() as usize;
                    let most = if *i > 0 { &mut self.first } else { &mut self.last };
                    *most = n.max(*most);
                }
            }
        }
        self.cuts.push((a.clone(), b.clone()));
        Ok(())
    }

    /// Takes note of a piece of the text split at these, counted from 0.
    pub(super) fn piece(&mut self, p: &Pattern, k: usize) -> Why {
        self.look_for(p)?;
        self.first = self.first.max(k);
        self.splits = true;
        Ok(())
    }

    /// Takes note of a piece counted from the end, from 1.
    pub(super) fn piece_from_end(&mut self, p: &Pattern, k: usize) -> Why {
        self.look_for(p)?;
        self.back = self.back.max(k);
        Ok(())
    }

    /// Takes note of a token.
    pub(super) fn token(&mut self, p: &Pattern, i: usize) -> Why {
        self.look_for(p)?;
        self.tokens = self.tokens.max(i);
        Ok(())
    }

    /// Writes the atoms.
    pub(super) fn settle(&mut self) -> Why {
        let far = self.starts.iter().chain(&self.ends).any(|k| *k > 0);
        let kinds = [far, self.first > 0 || self.splits, self.last > 0, self.back > 0, self.tokens > 0];
        if kinds.iter().filter(|k| **k).count() > 1 {
            return Err(
                "a program with places of different kinds (counted, matches from the start, from the end, tokens)"
                    .into(),
            );
        }
        match self.pattern.clone() {
            None => self.counted(),
            Some(Pattern::Class(these, rest, run)) if self.tokens > 0 => {
                let many = if run { "*" } else { "?" };
                for _ in 0..self.tokens {
                    self.all.extend([format!("{rest}*"), format!("{these}{many}")]);
                }
                self.all.push(".*".into());
                Ok(())
            }
            Some(p) if self.last > 0 => self.backwards(&p),
            Some(p) if self.back > 0 => self.pieces_backwards(&p),
            Some(p) => self.forwards(&p),
        }
    }

    fn counted(&mut self) -> Why {
        for list in [&mut self.starts, &mut self.ends] {
            list.push(0);
            list.sort_unstable();
            list.dedup();
        }
        let (k, m) = (self.starts[self.starts.len() - 1], self.ends[self.ends.len() - 1]);
        // In a short text both kinds of places may be there and cross: only a cut between them rules that out.
        if k > 0 && m > 0 && !self.cuts.contains(&(Edge::Start(k), Edge::End(m))) {
            return Err("a program with places counted from both ends".into());
        }
        let dots = |n: u32| format!(".{{{n}}}");
        self.all.extend(self.starts.windows(2).map(|w| dots(w[1] - w[0])));
        self.all.push(".*".into());
        self.all.extend(self.ends.windows(2).rev().map(|w| dots(w[1] - w[0])));
        Ok(())
    }

    fn forwards(&mut self, p: &Pattern) -> Why {
        let (other, between, found) = match p {
            Pattern::Text(t) => (others(t, "*?"), others(t, "*?"), escape(t)),
            Pattern::Class(c, o, true) => (format!("{o}*"), format!("{o}+"), format!("{c}+")),
            Pattern::Class(c, o, false) => (format!("{o}*"), format!("{o}*"), c.to_string()),
        };
        for i in 0..self.first {
            self.all.extend([if i == 0 { other.clone() } else { between.clone() }, found.clone()]);
        }
        if self.splits {
            self.all.extend([other, format!("(?:{found}.*)?")]);
        } else {
            self.all.push(".*".into());
        }
        Ok(())
    }

    fn backwards(&mut self, p: &Pattern) -> Why {
        let t = match p {
            Pattern::Text(t) => t,
            Pattern::Class(c, o, run) => {
                // The shortest text before that many matches ends where the first of them begins.
                self.all.push(".*?".into());
                let (many, between) = if *run { ("+", "+") } else { ("", "*") };
                for i in 1..=self.last {
                    self.all
                        .extend([format!("{c}{many}"), format!("{o}{}", if i < self.last { between } else { "*" })]);
                }
                return Ok(());
            }
        };
        whole_only(t)?;
        self.all.push(".*".into());
        for _ in 0..self.last {
            self.all.extend([escape(t), others(t, "*")]);
        }
        Ok(())
    }

    /// What stands before the separator before the first of the pieces may be missing; else it is as long as it can be.
    fn pieces_backwards(&mut self, p: &Pattern) -> Why {
        let (found, between) = match p {
            Pattern::Text(t) => {
                whole_only(t)?;
                (escape(t), others(t, "*"))
            }
            // Two separators in a row are one, which a piece between them cannot tell.
            Pattern::Class(_, _, true) if self.back > 1 => {
                return Err("a field by a class counted from the end, other than the last,".into());
            }
            Pattern::Class(c, o, _) => (c.to_string(), format!("{o}*")),
        };
        self.all.push(format!("(?:.*{found})?"));
        for i in 0..self.back {
            if i > 0 {
                self.all.push(found.clone());
            }
            self.all.push(between.clone());
        }
        Ok(())
    }

    /// The atom that is piece `k` from the end.
    pub(super) fn at_piece_from_end(&self, k: usize) -> usize {
        1 + 2 * (self.back - k)
    }

    /// Where an edge lies among the atoms.
    fn at(&self, e: &Edge) -> usize {
        match e {
            Edge::Start(k) => self.starts.iter().filter(|s| *s < k).count(),
            Edge::End(k) => self.all.len() - self.ends.iter().filter(|s| *s < k).count(),
            Edge::Match(_, i, end) if *i > 0 => 2 * *i as usize - usize::from(!end),
            Edge::Match(_, i, end) => 1 + 2 * (self.last - i.unsigned_abs() as usize) + usize::from(*end),
        }
    }

    /// The atoms of a cut.
    pub(super) fn run(&self, a: &Edge, b: &Edge) -> Result<(usize, usize), String> {
        let (from, to) = (self.at(a), self.at(b));
        let sure = !matches!((a, b), (Edge::End(k), Edge::Start(n)) if *k > 0 || *n > 0 || a != b);
        if from <= to && sure { Ok((from, to)) } else { Err("a cut whose edges may cross".into()) }
    }
}

/// A text whose occurrences from the end are those from the start.
fn whole_only(t: &str) -> Why {
    if (1..t.len()).any(|k| t.is_char_boundary(k) && t.ends_with(&t[..k])) {
        return Err("a match counted from the end, of a text that may overlap itself,".into());
    }
    Ok(())
}

/// Characters up to a text; exact for one character, for more the shortest or longest that works.
fn others(t: &str, many: &str) -> String {
    let mut chars = t.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => format!("[^{}]*", escape_inside(c)),
        _ => format!(".{many}"),
    }
}

fn escape_inside(c: char) -> String {
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>' | '_' | '"' | '\'' | ',' | '/' | ':' | ';' | '=' | '@' | '`')
    {
        format!("\\{c}")
    } else {
        escape(&c.to_string())
    }
}

/// A text as a pattern that both flavours read alike.
fn escape(t: &str) -> String {
    let mut out = String::new();
    for c in t.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if "\\.+*?()|[]{}^$#&-~".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
