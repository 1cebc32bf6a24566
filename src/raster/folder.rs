//! Folders of pictures: PNG and JPEG files, by themselves or in one folder for each class.

use crate::data::reason;
use crate::vm::limits::Fail;
use std::path::{Path, PathBuf};

/// A picture file in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name of the folder that it is in, empty for the folder itself.
    pub label: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The picture files of a folder and of the folders in it (but not deeper), sorted by label and name. Other files and
/// hidden ones are passed over.
pub fn list(path: &Path, name: &str) -> Result<Vec<Entry>, Fail> {
    let mut out = Vec::new();
    for (entry, is_dir) in inside(path, name)? {
        let folder = entry.file_name().and_then(|n| n.to_str()).unwrap_or("").to_string();
        if is_dir {
            let files = inside(&entry, &format!("{name}/{folder}"))?;
            out.extend(files.into_iter().filter(|f| !f.1).filter_map(|f| picture(f.0, &folder)));
        } else {
            out.extend(picture(entry, ""));
        }
    }
    out.sort();
    Ok(out)
}

/// What is in a folder, and whether it is a folder itself.
fn inside(path: &Path, name: &str) -> Result<Vec<(PathBuf, bool)>, Fail> {
    let bad = |e: std::io::Error| Fail::new("E0602", format!("cannot read the folder `{name}`: {}", reason(&e)));
    let mut out = Vec::new();
    for entry in std::fs::read_dir(path).map_err(bad)? {
        let path = entry.map_err(bad)?.path();
        let hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|n| n.starts_with('.'));
        if !hidden {
            let is_dir = path.is_dir();
            out.push((path, is_dir));
        }
    }
    Ok(out)
}

fn picture(path: PathBuf, label: &str) -> Option<Entry> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let name = path.file_name()?.to_str()?.to_string();
    matches!(&ending[..], "png" | "jpg" | "jpeg").then(|| Entry { label: label.into(), name, path })
}
