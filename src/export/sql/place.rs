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
        let a = self.edge(args[1])?;
        let b = self.edge(args[2])?;
        let cut = between(&s.text, &a, &b);
        let Some(or) = or else { return Ok(Sql::may_fail(cut)) };
        let given = format!("coalesce({cut}, {})", or.text);
        let mut guards = Vec::new();
        super::guard(&s, &mut guards);
        super::guard(&or, &mut guards);
        Ok(super::guarded(guards, Sql::sure(given)))
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
        let n = sep.chars().count();
        let start = if i == 0 { "0".into() } else { format!("{} + {}", nth(sep, i, "nsp_0"), n - 1) };
        let end = format!("coalesce({} - 1, length(nsp_0))", nth(sep, i + 1, "nsp_0"));
        Ok(if i == 0 && !s.fails {
            Sql::sure(between(&s.text, &start, &end))
        } else {
            Sql::may_fail(between(&s.text, &start, &end))
        })
    }

    /// An edge of the text `nsp_0`.
    fn edge(&mut self, id: NodeId) -> Result<String, Diagnostic> {
        let func = self.func;
        let Kind::Op { op, args } = &func.node(id).kind else {
            return Err(self.refuse(id, "an edge that is not written in the call"));
        };
        let key = self.program.key(*op);
        match key.as_str() {
            "at(int)" | "at_end(int)" => {
                let Kind::Int(k) = func.node(args[0]).kind else {
                    return Err(self.refuse(args[0], "a distance that is no constant"));
                };
                if k < 0 || u32::try_from(k).is_err() {
                    return Err(self.refuse(args[0], "a distance that no text has"));
                }
                Ok(match (key.as_str(), k) {
                    ("at(int)", 0) => "0".into(),
                    ("at(int)", k) => format!("CASE WHEN length(nsp_0) >= {k} THEN {k} END"),
                    (_, 0) => "length(nsp_0)".into(),
                    (_, k) => format!("CASE WHEN length(nsp_0) >= {k} THEN length(nsp_0) - {k} END"),
                })
            }
            "start_of(str, int)" | "end_of(str, int)" => {
                let Kind::Str(t) = &func.node(args[0]).kind else {
                    return Err(self.refuse(args[0], "a text to look for that is no constant"));
                };
                let i = self.constant(args[1]).filter(|i| *i != 0 && i.abs() <= MOST);
                let Some(i) = i else { return Err(self.refuse(args[1], "this number of a match")) };
                let n = t.chars().count();
                let at = match (i, n) {
                    (_, 0) => return Err(self.refuse(args[0], "an empty text, which marks no edge,")),
                    (1.., _) => nth(t, i as usize, "nsp_0"),
                    (_, 1) => from_end(t, i.unsigned_abs() as usize, "nsp_0"),
                    _ => {
                        let d = self.refuse(id, "a match counted from the end, of more than one character,");
                        return Err(d);
                    }
                };
                Ok(if key.starts_with('s') { format!("{at} - 1") } else { format!("{at} + {}", n - 1) })
            }
            _ => {
                let help = "SQLite has no classes of characters; cuts at texts can be exported";
                Err(self.program.refuse_op(func.node(id).span, *op).help(help))
            }
        }
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

/// The place, from 1, of the i-th occurrence of `t`.
fn nth(t: &str, i: usize, s: &str) -> String {
    let found = text(t);
    if i <= 1 {
        return format!("nullif(instr({s}, {found}), 0)");
    }
    let n = t.chars().count();
    // The last one found is `nsp_9`, and the search goes on behind it.
    format!(
        "(SELECT nsp_9 + {} + nullif(instr(substr({s}, nsp_9 + {n}), {found}), 0) FROM (SELECT {} AS nsp_9))",
        n - 1,
        nth(t, i - 1, s)
    )
}

/// The place, from 1, of the i-th occurrence of a character from the end: what is left once all others are trimmed away.
fn from_end(t: &str, i: usize, s: &str) -> String {
    let c = text(t);
    let rest = if i <= 1 {
        return format!("nullif(length(rtrim({s}, replace({s}, {c}, ''))), 0)");
    } else {
        from_end(t, i - 1, s)
    };
    format!(
        "(SELECT nullif(length(rtrim(nsp_8, replace(nsp_8, {c}, ''))), 0) FROM (SELECT substr({s}, 1, nsp_9 - 1) AS nsp_8 \
         FROM (SELECT {rest} AS nsp_9)))"
    )
}
