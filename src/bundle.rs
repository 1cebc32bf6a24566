//! What a program needs that is not text: pictures, kept beside its file and named in it by `asset("stem#3")`.
//!
//! The bundle of `windows.nsp` is the folder `windows.assets`, with one PNG for each different picture. A program may
//! read its own bundle without a file grant; a host can also keep assets in memory.

use crate::raster::image::Image;
use crate::vm::value::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// Pictures of a program that is being written out.
#[derive(Debug)]
pub struct Bundle {
    stem: String,
    images: Vec<Image>,
}

impl Bundle {
    /// An empty bundle for a program file with this name, without its folder and ending.
    pub fn new(stem: impl Into<String>) -> Bundle {
        Bundle { stem: stem.into(), images: Vec::new() }
    }

    /// The name of a picture in the program. Equal pictures have one name.
    pub fn name(&mut self, img: &Image) -> String {
        let known = self.images.iter().position(|i| i.pixels() == img.pixels());
        let at = known.unwrap_or_else(|| {
            self.images.push(img.clone());
            self.images.len() - 1
        });
        format!("{}#{}", self.stem, at + 1)
    }

    /// The pictures and where each goes, for a program in `folder`.
    pub fn files(&self, folder: &Path) -> Vec<(PathBuf, &Image)> {
        let dir = folder.join(format!("{}.assets", self.stem));
        self.images.iter().enumerate().map(|(i, img)| (dir.join(format!("{}.png", i + 1)), img)).collect()
    }
}

/// Where a session looks for assets.
#[derive(Clone, Default)]
pub struct Assets {
    folders: Arc<RwLock<Vec<PathBuf>>>,
    memory: Arc<RwLock<HashMap<String, Value>>>,
}

impl Assets {
    /// Looks for bundles in the folder of a program file too.
    pub fn add_program(&self, file: &Path) {
        let folder = match file.parent() {
            Some(p) if !p.as_os_str().is_empty() => p.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let mut folders = self.folders.write().unwrap_or_else(|e| e.into_inner());
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }

    /// Keeps an asset in memory.
    pub fn insert(&self, name: &str, value: Value) {
        self.memory.write().unwrap_or_else(|e| e.into_inner()).insert(name.to_string(), value);
    }

    /// An asset kept in memory.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.memory.read().unwrap_or_else(|e| e.into_inner()).get(name).cloned()
    }

    /// The file of an asset, if a bundle holds it. Names cannot lead out of a bundle.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let (stem, number) = name.rsplit_once('#')?;
        let plain = |s: &str| !s.is_empty() && !s.contains(['/', '\\', '\0']) && s != "." && s != "..";
        if !plain(stem) || number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let folders = self.folders.read().unwrap_or_else(|e| e.into_inner());
        folders.iter().map(|f| f.join(format!("{stem}.assets")).join(format!("{number}.png"))).find(|p| p.is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let assets = Assets::default();
        assets.add_program(&dir.path().join("a.nsp"));
        std::fs::create_dir(dir.path().join("a.assets")).unwrap();
        std::fs::write(dir.path().join("a.assets/1.png"), b"x").unwrap();
        assert!(assets.find("a#1").is_some());
        for bad in ["a#2", "../a#1", "a#../1", "a", "#1", "..#1", "a#"] {
            assert!(assets.find(bad).is_none(), "{bad}");
        }
    }
}
