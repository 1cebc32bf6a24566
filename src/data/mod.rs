//! Data in and out: whole files, CSV tables ([`table`]), JSON ([`json`]).
//!
//! What is read is paid for while it is read, so that a file of any size, or one without end, meets the memory bound
//! of the program rather than that of the computer.

pub mod json;
pub mod packed;
pub mod table;
pub mod whole;

use crate::vm::limits::Fail;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use whole::Whole;

/// Codes of failures with files and their contents.
pub mod code {
    /// A file cannot be read.
    pub const READ: &str = "E0602";
    /// A file cannot be written.
    pub const WRITE: &str = "E0603";
    /// A file or text is not in the format that it should be in.
    pub const FORMAT: &str = "E0604";
}

/// Asks whether so many more bytes may be used; counts them as work too.
pub type Pay<'a> = &'a mut dyn FnMut(usize) -> Result<(), Fail>;

/// The contents of a file.
pub fn read_whole(path: &Path, pay: Pay<'_>) -> Result<Vec<u8>, Fail> {
    let failed = |e: io::Error| Fail::new(code::READ, format!("cannot read `{}`: {}", path.display(), reason(&e)));
    let file = File::open(path).map_err(failed)?;
    drain(file, pay, failed)
}

/// All that comes out of a reader, paid for piece by piece.
fn drain(mut reader: impl Read, pay: Pay<'_>, failed: impl Fn(io::Error) -> Fail) -> Result<Vec<u8>, Fail> {
    let mut out = Vec::new();
    let mut piece = 64 << 10;
    loop {
        pay(piece)?;
        let n = (&mut reader).take(piece as u64).read_to_end(&mut out).map_err(&failed)?;
        if n < piece {
            return Ok(out);
        }
        piece = (piece * 2).min(16 << 20);
    }
}

/// The contents of a file that must be UTF-8 text.
pub fn read_text(path: &Path, pay: Pay<'_>) -> Result<String, Fail> {
    String::from_utf8(read_whole(path, pay)?).map_err(|e| {
        let bytes = e.as_bytes().iter().take(e.utf8_error().valid_up_to());
        let line = 1 + bytes.filter(|&&b| b == b'\n').count();
        Fail::new(code::FORMAT, format!("`{}` line {line}: not UTF-8 text", path.display()))
    })
}

/// Writes a file whole or not at all: readers see the old contents or the new, whatever happens in between. The file
/// keeps its permissions; a link is written through; what is no plain file (a pipe, a device) is written directly.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Fail> {
    replace(path, bytes)
        .map_err(|e| Fail::new(code::WRITE, format!("cannot write `{}`: {}", path.display(), reason(&e))))
}

/// As [`write_whole`], with the system's error.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Whole::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Why, in a few words.
pub fn reason(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => e.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn free(_: usize) -> Result<(), Fail> {
        Ok(())
    }

    #[test]
    fn files_are_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(read_text(&path, &mut free).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays behind");
    }

    #[test]
    fn failures_name_the_path() {
        let dir = tempfile::tempdir().unwrap();
        let e = write_whole(&dir.path().join("no/such/a.txt"), b"").unwrap_err();
        assert!(e.message.ends_with("no/such/a.txt`: no such file or folder"), "{}", e.message);
        let e = write_whole(dir.path(), b"").unwrap_err();
        assert!(e.message.ends_with("it is a folder"), "{}", e.message);
        let e = read_text(&dir.path().join("b"), &mut free).unwrap_err();
        assert!(e.message.ends_with("/b`: no such file or folder"), "{}", e.message);
        let bad = dir.path().join("bad.txt");
        write_whole(&bad, b"a\nb\xff").unwrap();
        assert!(read_text(&bad, &mut free).unwrap_err().message.ends_with("bad.txt` line 2: not UTF-8 text"));
    }

    #[test]
    fn a_bound_stops_the_reading() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big");
        write_whole(&path, &vec![b'x'; 300 << 10]).unwrap();
        let mut left = 100 << 10;
        let e = read_whole(&path, &mut |n| {
            left -= n as i64;
            if left < 0 { Err("full".into()) } else { Ok(()) }
        });
        assert_eq!(e, Err("full".into()));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_survive() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("f"), dir.path().join("l"));
        write_whole(&file, b"1").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        write_whole(&link, b"2").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"2");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
