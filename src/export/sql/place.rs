//! Edges as SQL: how many characters stand before them, or NULL where they are not.

use super::{Done, Frame, Sql, text};
use crate::diag::Diagnostic;
use crate::ir::{Kind, NodeId};

/// Matches further from an end make the expression too long.
const MOST: i64 = 20;

impl Frame<'_, '_> {
    /// The text between two edges.
    pub(super) fn cut(&mut self, args: &[NodeId]) -> Done {
        let s = self.expr(args[0])?;
        let or = args.get(3).map(|o| self.expr(*o)).transpose()?;
        // What makes an edge may fail, which another text does not make up for.
        let mut guards = Vec::new();
        let a = self.edge(args[1], &mut guards)?;
        let b = self.edge(args[2], &mut guards)?;
        let cut = between(&s.text, &a, &b);
        let Some(or) = or else { return Ok(super::guarded(guards, Sql::may_fail(cut))) };
        let given = format!("coalesce({cut}, {})", or.text);
        super::guard(&s, &mut guards);
        super::guard(&or, &mut guards);
        Ok(super::guarded(guards, Sql::sure(given)))
    }

    /// The i-th piece between separators, counted from 1 or, when negative, from the end.
    pub(super) fn field(&mut self, args: &[NodeId]) -> Done {
        let Some(i) = self.constant(args[2]).filter(|i| *i != 0 && i.abs() <= MOST) else {
            return Err(self.refuse(args[2], "this number of a field"));
        };
        let back = i.unsigned_abs() as usize;
        if i > 0 {
            return self.piece(args, back - 1);
        }
        let s = self.expr(args[0])?;
        let sep = match &self.func.node(args[1]).kind {
            Kind::Str(sep) if sep.chars().count() == 1 => sep.clone(),
            _ => return Err(self.refuse(args[1], "a field counted from the end, by more than one character,")),
        };
        let start = format!("coalesce({}, 0)", from_end(&sep, back, "nsp_0"));
        let end = match back {
            1 => "length(nsp_0)".into(),
            _ => format!("{} - 1", from_end(&sep, back - 1, "nsp_0")),
        };
        let found = between(&s.text, &start, &end);
        Ok(if back == 1 && !s.fails { Sql::sure(found) } else { Sql::may_fail(found) })
    }

    /// What a table that is written out gives for a text.
    pub(super) fn lookup(&mut self, key: NodeId, rows: &[NodeId]) -> Done {
        let key = self.expr(key)?;
        let mut cases = String::new();
        for row in rows {
            let func = self.func;
            let pair = match &func.node(*row).kind {
                Kind::Tuple(pair) => pair.iter().map(|id| &func.node(*id).kind).collect::<Vec<_>>(),
                _ => return Err(self.refuse(*row, "a row of a table that is not written out")),
            };
            let [Kind::Str(from), Kind::Str(to)] = pair[..] else {
                return Err(self.refuse(*row, "a row of a table that is no constant"));
            };
            if from.contains('\0') || to.contains('\0') {
                return Err(self.refuse(*row, "a text with the character 0"));
            }
            cases += &format!(" WHEN {} THEN {}", text(from), text(to));
        }
        Ok(Sql::may_fail(if rows.is_empty() { "NULL".into() } else { format!("(CASE {}{cases} END)", key.text) }))
    }

    /// Piece `i` of a text that is split.
    pub(super) fn piece(&mut self, args: &[NodeId], i: usize) -> Done {
        let s = self.expr(args[0])?;
        let Kind::Str(sep) = &self.func.node(args[1]).kind else {
            return Err(self.refuse(args[1], "a separator that is no constant"));
        };
        if sep.is_empty() || i as i64 > MOST {
            return Err(self.refuse(args[1], "this piece of a text"));
        }
        let (n, found) = (sep.chars().count(), text(sep));
        let place = |i: usize| nth(&found, i, "nsp_0", &n.to_string());
        let start = if i == 0 { "0".into() } else { format!("{} + {}", place(i), n - 1) };
        let end = format!("coalesce({} - 1, length(nsp_0))", place(i + 1));
        Ok(if i == 0 && !s.fails {
            Sql::sure(between(&s.text, &start, &end))
        } else {
            Sql::may_fail(between(&s.text, &start, &end))
        })
    }

    /// An edge of the text `nsp_0`. What must hold for there to be an edge at all goes to the guards.
    fn edge(&mut self, id: NodeId, guards: &mut Vec<String>) -> Result<String, Diagnostic> {
        let func = self.func;
        let Kind::Op { op, args } = &func.node(id).kind else {
            return Err(self.refuse(id, "an edge that is not written in the call"));
        };
        let key = self.program.key(*op);
        match key.as_str() {
            "at(int)" | "at_end(int)" => self.distance(args[0], key.starts_with("at_end"), guards),
            "start_of(str, int)" | "end_of(str, int)" => {
                let i = self.constant(args[1]).filter(|i| *i != 0 && i.abs() <= MOST);
                let Some(i) = i else { return Err(self.refuse(args[1], "this number of a match")) };
                let (found, n) = self.sought(args[0], guards)?;
                let at = match i {
                    1.. => nth(&found, i as usize, "nsp_0", &n),
                    _ if n == "1" => from_end_of(&found, i.unsigned_abs() as usize, "nsp_0"),
                    _ => {
                        let d = self.refuse(id, "a match counted from the end, of more than one character,");
                        return Err(d);
                    }
                };
                Ok(if key.starts_with('s') { format!("{at} - 1") } else { format!("{at} + {n} - 1") })
            }
            _ => {
                let help = "SQLite has no classes of characters; cuts at texts can be exported";
                Err(self.program.refuse_op(func.node(id).span, *op).help(help))
            }
        }
    }

    /// So many characters from an end of the text.
    fn distance(&mut self, k: NodeId, end: bool, guards: &mut Vec<String>) -> Result<String, Diagnostic> {
        let place = |k: &str| if end { format!("length(nsp_0) - {k}") } else { k.to_string() };
        match self.constant(k) {
            Some(0) => Ok(if end { "length(nsp_0)".into() } else { "0".into() }),
            Some(k) if u32::try_from(k).is_ok() => {
                Ok(format!("CASE WHEN length(nsp_0) >= {k} THEN {} END", place(&k.to_string())))
            }
            Some(_) => Err(self.refuse(k, "a distance that no text has")),
            None => {
                let k = self.expr(k)?.text;
                guards.push(format!("{k} BETWEEN 0 AND {}", u32::MAX));
                Ok(format!(
                    "(SELECT CASE WHEN length(nsp_0) >= nsp_6 THEN {} END FROM (SELECT {k} AS nsp_6))",
                    place("nsp_6")
                ))
            }
        }
    }

    /// A text to look for and how many characters it has.
    fn sought(&mut self, id: NodeId, guards: &mut Vec<String>) -> Result<(String, String), Diagnostic> {
        if let Kind::Str(t) = &self.func.node(id).kind {
            return match t.chars().count() {
                0 => Err(self.refuse(id, "an empty text, which marks no edge,")),
                n => Ok((text(t), n.to_string())),
            };
        }
        let t = self.expr(id)?.text;
        guards.push(format!("{t} <> ''"));
        Ok((t.clone(), format!("length({t})")))
    }

    /// An int that is written as one.
    fn constant(&self, id: NodeId) -> Option<i64> {
        match &self.func.node(id).kind {
            Kind::Int(i) => Some(*i),
            Kind::Op { op, args } if self.program.key(*op) == "neg(int)" => self.constant(args[0])?.checked_neg(),
            _ => None,
        }
    }
}

fn between(s: &str, a: &str, b: &str) -> String {
    format!(
        "(SELECT CASE WHEN nsp_1 <= nsp_2 THEN substr(nsp_0, nsp_1 + 1, nsp_2 - nsp_1) END \
         FROM (SELECT nsp_0, {a} AS nsp_1, {b} AS nsp_2 FROM (SELECT {s} AS nsp_0)))"
    )
}

/// The place, from 1, of the i-th occurrence of a text of `n` characters.
fn nth(found: &str, i: usize, s: &str, n: &str) -> String {
    if i <= 1 {
        return format!("nullif(instr({s}, {found}), 0)");
    }
    // The last one found is `nsp_9`, and the search goes on behind it.
    format!(
        "(SELECT nsp_9 + {n} - 1 + nullif(instr(substr({s}, nsp_9 + {n}), {found}), 0) FROM (SELECT {} AS nsp_9))",
        nth(found, i - 1, s, n)
    )
}

/// The place, from 1, of the i-th occurrence of a character from the end.
fn from_end(t: &str, i: usize, s: &str) -> String {
    from_end_of(&text(t), i, s)
}

/// What is left once all other characters are trimmed away ends with it.
fn from_end_of(c: &str, i: usize, s: &str) -> String {
    let rest = if i <= 1 {
        return format!("nullif(length(rtrim({s}, replace({s}, {c}, ''))), 0)");
    } else {
        from_end_of(c, i - 1, s)
    };
    format!(
        "(SELECT nullif(length(rtrim(nsp_8, replace(nsp_8, {c}, ''))), 0) FROM (SELECT substr({s}, 1, nsp_9 - 1) AS nsp_8 \
         FROM (SELECT {rest} AS nsp_9)))"
    )
}
