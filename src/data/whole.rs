//! Files that are written piece by piece, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file being written. Until [`Whole::finish`] the path keeps what it had; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct Whole {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A temporary file in the same folder, the path that it gets, and the permissions of what was there.
    Beside(NamedTempFile, PathBuf, Option<fs::Permissions>),
    /// What is no plain file (a pipe, a device) cannot be replaced.
    Direct(File),
}

impl Whole {
    /// Begins to write a file. It keeps its permissions; a link is written through; what is no plain file is written
    /// directly.
    pub fn create(path: &Path) -> io::Result<Whole> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let old = fs::metadata(&target).ok();
        if old.as_ref().is_some_and(|m| m.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if old.as_ref().is_some_and(|m| !m.is_file()) {
            return Ok(Whole { kind: Kind::Direct(File::options().write(true).open(&target)?) });
        }
        let folder = match target.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // What an ordinary new file gets, less the umask, instead of a temporary file's owner-only mode.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder)?;
        Ok(Whole { kind: Kind::Beside(file, target, old.map(|m| m.permissions())) })
    }

    /// Puts the file in its place.
    pub fn finish(self) -> io::Result<()> {
        match self.kind {
            Kind::Direct(mut file) => file.flush(),
            Kind::Beside(file, target, permissions) => {
                if let Some(p) = permissions {
                    file.as_file().set_permissions(p)?;
                }
                file.persist(&target)?;
                Ok(())
            }
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Beside(file, ..) => file.write(bytes),
            Kind::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Beside(file, ..) => file.flush(),
            Kind::Direct(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        let mut file = Whole::create(&path).unwrap();
        file.write_all(b"one").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let mut file = Whole::create(&path).unwrap();
        file.write_all(b"two").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
