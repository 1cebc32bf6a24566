//! Tables of text: named columns of equal length, from and to CSV.

use super::{Pay, code};
use crate::suggest::nearest;
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen, Value};
use std::any::Any;
use std::sync::Arc;

/// A table. Columns are shared, so that taking or adding one is cheap.
#[derive(Clone, Debug, Default)]
pub struct Table {
    names: Vec<Arc<String>>,
    columns: Vec<Arc<Vec<Value>>>,
    rows: usize,
}

/// Bytes of a cell beside its text.
const CELL: usize = size_of::<Value>() + 16 + size_of::<String>();

impl Table {
    /// Reads CSV. Without a header row, columns are named `1`, `2`, .. . `source` names it in messages.
    pub fn parse(bytes: &[u8], header: bool, source: &str, pay: Pay<'_>) -> Result<Table, Fail> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut record = csv::StringRecord::new();
        let mut names: Vec<Arc<String>> = Vec::new();
        let mut columns: Vec<Vec<Value>> = Vec::new();
        let mut first = true;
        let bad = |line: u64, what: String| Fail::new(code::FORMAT, format!("{source} line {line}: {what}"));
        loop {
            let more = reader.read_record(&mut record).map_err(|e| {
                let line = e.position().map_or(0, csv::Position::line);
                bad(
                    line,
                    match e.kind() {
                        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text".into(),
                        _ => e.to_string(),
                    },
                )
            })?;
            if !more {
                break;
            }
            pay(record.as_slice().len().saturating_add(record.len().saturating_mul(CELL)))?;
            if first {
                columns.resize_with(record.len(), Vec::new);
                first = false;
                if header {
                    names.extend(record.iter().map(|n| Arc::new(n.to_string())));
                    continue;
                }
                names.extend((1..=record.len()).map(|i| Arc::new(i.to_string())));
            }
            if record.len() != columns.len() {
                let line = record.position().map_or(0, csv::Position::line);
                let (n, of) = (record.len(), if header { "header" } else { "first row" });
                let s = if n == 1 { "" } else { "s" };
                return Err(bad(line, format!("{n} field{s}, but the {of} has {}", columns.len())));
            }
            columns.iter_mut().zip(&record).for_each(|(c, field)| c.push(Value::str(field)));
        }
        let rows = columns.first().map_or(0, Vec::len);
        Ok(Table { names, columns: columns.into_iter().map(Arc::new).collect(), rows })
    }

    /// A table with these columns, from rows of cells (lists of strs).
    pub fn from_rows(names: &[&str], rows: &[Value], pay: Pay<'_>) -> Result<Table, Fail> {
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); names.len()];
        for (i, row) in rows.iter().enumerate() {
            let Value::List(cells) = row else { return Err(format!("expected list, found {}", row.kind()).into()) };
            if cells.len() != names.len() {
                return Err(format!("row {i} has {} cells for {} columns", cells.len(), names.len()).into());
            }
            pay(cells.len().saturating_mul(size_of::<Value>()))?;
            columns.iter_mut().zip(cells.iter()).for_each(|(c, cell)| c.push(cell.clone()));
        }
        let names = names.iter().map(|n| Arc::new(n.to_string())).collect();
        Ok(Table { names, columns: columns.into_iter().map(Arc::new).collect(), rows: rows.len() })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|n| n.as_str())
    }

    /// The first column with this name.
    pub fn column(&self, name: &str) -> Result<&Arc<Vec<Value>>, Fail> {
        self.names.iter().position(|n| n.as_str() == name).and_then(|i| self.columns.get(i)).ok_or_else(|| {
            let fail = Fail::from(format!("the table has no column `{name}`"));
            match nearest(name, self.names()) {
                Some(near) => fail.help(format!("did you mean `{near}`?")),
                None => fail.help(format!("its columns are {}", listed(self.names()))),
            }
        })
    }

    /// Row `i` as its cells.
    pub fn row(&self, i: usize) -> impl Iterator<Item = &Value> {
        self.columns.iter().filter_map(move |c| c.get(i))
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The table with a column of this name, new or in place of an old one.
    pub fn with_column(&self, name: &str, values: Arc<Vec<Value>>) -> Result<Table, Fail> {
        if !self.columns.is_empty() && values.len() != self.rows {
            return Err(format!("{} values for a table of {} rows", values.len(), self.rows).into());
        }
        let mut new = self.clone();
        new.rows = values.len();
        match self.names.iter().position(|n| n.as_str() == name) {
            Some(i) => new.columns[i] = values,
            None => {
                new.names.push(Arc::new(name.to_string()));
                new.columns.push(values);
            }
        }
        Ok(new)
    }

    /// Writes CSV with a header row.
    pub fn to_csv(&self, pay: Pay<'_>) -> Result<String, Fail> {
        let failed = |e: String| Fail::new(code::FORMAT, format!("cannot write as CSV: {e}"));
        let mut out = csv::Writer::from_writer(Vec::new());
        if self.width() > 0 {
            out.write_record(self.names()).map_err(|e| failed(e.to_string()))?;
        }
        for i in 0..self.rows {
            // Quotes may double a text.
            pay(self.row(i).map(|c| text(c).len() * 2 + 3).sum())?;
            out.write_record(self.row(i).map(text)).map_err(|e| failed(e.to_string()))?;
        }
        let bytes = out.into_inner().map_err(|e| failed(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
    }
}

/// The text of a cell.
fn text(cell: &Value) -> &str {
    if let Value::Str(s) = cell { s } else { "" }
}

/// Some names for a message.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<String> = names.take(9).map(|n| format!("`{n}`")).collect();
    if all.len() == 9 {
        all[8] = "..".into();
    }
    all.join(", ")
}

/// A text cut to some characters.
fn cut(s: &str, most: usize) -> String {
    let short: String = s.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if s.chars().nth(most).is_some() { short + ".." } else { short }
}

impl Object for Table {
    fn type_name(&self) -> &str {
        "table"
    }

    /// The first rows, in aligned columns.
    fn show(&self) -> String {
        const ROWS: usize = 10;
        const COLUMNS: usize = 8;
        let mut grid: Vec<Vec<String>> = vec![self.names().take(COLUMNS).map(|n| cut(n, 24)).collect()];
        let rows = (0..self.rows.min(ROWS)).map(|i| self.row(i).take(COLUMNS).map(|c| cut(text(c), 24)).collect());
        grid.extend(rows);
        let width = |j: usize| grid.iter().filter_map(|r: &Vec<String>| r.get(j)).map(|c| c.chars().count()).max();
        let widths: Vec<usize> = (0..self.width().min(COLUMNS)).map(|j| width(j).unwrap_or(0)).collect();
        let line = |r: &Vec<String>| {
            let cells: Vec<String> = r.iter().zip(&widths).map(|(c, &w)| format!("{c:w$}")).collect();
            cells.join("  ").trim_end().to_string()
        };
        let mut out = grid.iter().map(line).collect::<Vec<_>>().join("\n");
        if self.rows > ROWS || self.width() > COLUMNS {
            out += &format!("\n.. {} rows, {} columns", self.rows, self.width());
        }
        out
    }

    fn same(&self, other: &dyn Object) -> bool {
        let Some(other) = other.as_any().downcast_ref::<Table>() else { return false };
        let equal =
            |a: &Arc<Vec<Value>>, b: &Arc<Vec<Value>>| Arc::ptr_eq(a, b) || a.iter().map(text).eq(b.iter().map(text));
        self.names == other.names
            && self.rows == other.rows
            && self.columns.iter().zip(&other.columns).all(|(a, b)| equal(a, b))
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        let names: usize = self.names.iter().map(|n| CELL + n.len()).sum();
        let mut sum = size_of::<Table>() + names;
        for c in &self.columns {
            if seen.insert(Arc::as_ptr(c) as usize) {
                sum += c.iter().map(|v| CELL + text(v).len()).sum::<usize>();
            }
        }
        sum
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(s: &str, header: bool) -> Result<Table, Fail> {
        Table::parse(s.as_bytes(), header, "`t.csv`", &mut |_| Ok(()))
    }

    fn csv(t: &Table) -> String {
        t.to_csv(&mut |_| Ok(())).unwrap()
    }

    #[test]
    fn csv_round_trip() {
        let s = "name,\"a \"\"b\"\"\"\nx,\"1,2\"\n\"two\nlines\",é\n";
        let t = parse(s, true).unwrap();
        assert_eq!(t.names().collect::<Vec<_>>(), ["name", "a \"b\""]);
        assert_eq!(t.len(), 2);
        assert_eq!(csv(&t), s);
        assert!(parse(&csv(&t), true).unwrap().same(&t));
    }

    #[test]
    fn header_is_optional() {
        let t = parse("1,2\n3,4", false).unwrap();
        assert_eq!((t.names().collect::<Vec<_>>(), t.len()), (vec!["1", "2"], 2));
        assert_eq!(parse("", true).unwrap().width(), 0);
        assert_eq!(csv(&parse("", true).unwrap()), "");
        assert_eq!(parse("a,b\n", true).unwrap().len(), 0);
    }

    #[test]
    fn mistakes_name_their_line() {
        assert_eq!(parse("a,b\n1,2\n3\n", true).unwrap_err().message, "`t.csv` line 3: 1 field, but the header has 2");
        let bad = Table::parse(b"a\nb\xff\n", true, "`t.csv`", &mut |_| Ok(()));
        assert_eq!(bad.unwrap_err().message, "`t.csv` line 2: not UTF-8 text");
    }

    #[test]
    fn unknown_columns_are_guessed() {
        let t = parse("name,address\n", true).unwrap();
        let e = t.column("adress").unwrap_err();
        assert_eq!(e.help.as_deref(), Some("did you mean `address`?"));
        assert_eq!(t.column("zip").unwrap_err().help.as_deref(), Some("its columns are `name`, `address`"));
    }

    #[test]
    fn columns_are_added_and_replaced() {
        let t = parse("a\n1\n2\n", true).unwrap();
        let values = Arc::new(vec![Value::str("x"), Value::str("y")]);
        assert_eq!(csv(&t.with_column("b", values.clone()).unwrap()), "a,b\n1,x\n2,y\n");
        assert_eq!(csv(&t.with_column("a", values).unwrap()), "a\nx\ny\n");
        assert!(t.with_column("b", Arc::default()).is_err());
        assert_eq!(t.show(), "a\n1\n2");
    }
}
