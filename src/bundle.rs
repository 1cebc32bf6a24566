//! What a program needs that is not text: pictures, kept beside its file and named in it by `asset("stem#3")`.
//!
//! The bundle of `windows.nsp` is one picture, `windows.tiles.png`: its tiles side by side, and a text of the file that
//! says how many. Pictures of different sizes are a folder instead, `windows.assets`, with one PNG for each. A program may
//! read its own bundle without a file grant; a host can also keep assets in memory.

use crate::raster::image::Image;
use crate::raster::{Watch, check_size, file};
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use image::{RgbaImage, imageops};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// Keyword of the text in a sheet that says how many tiles it holds.
const TILES: &str = "nsp:tiles";

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

    /// Writes the pictures for a program in `folder`. A sheet that an earlier bundle of this name left is replaced or
    /// taken away, for it would be found first.
    pub fn write(&self, folder: &Path, watch: &mut dyn Watch) -> Result<(), Fail> {
        let sheet = folder.join(format!("{}.tiles.png", self.stem));
        let Some(first) = self.images.first() else { return Ok(()) };
        let size = (first.width(), first.height());
        if self.images.iter().all(|i| (i.width(), i.height()) == size) {
            return self.write_sheet(&sheet, size, watch);
        }
        let dir = folder.join(format!("{}.assets", self.stem));
        let failed = |e: std::io::Error| Fail::new("E0603", format!("cannot make the bundle `{}`: {e}", dir.display()));
        std::fs::create_dir_all(&dir).map_err(failed)?;
        for (i, img) in self.images.iter().enumerate() {
            let path = dir.join(format!("{}.png", i + 1));
            file::save(img, &path, &path.display().to_string(), watch)?;
        }
        match std::fs::remove_file(&sheet) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(failed(e)),
            _ => Ok(()),
        }
    }

    fn write_sheet(&self, path: &Path, (w, h): (u32, u32), watch: &mut dyn Watch) -> Result<(), Fail> {
        let n = self.images.len();
        let all = i64::from(w).saturating_mul(n as i64);
        check_size(&[all, i64::from(h)])?;
        let bytes = Image::bytes_for(all as usize, h as usize);
        watch.charge(bytes.saturating_mul(2))?;
        watch.work(bytes)?;
        let mut sheet = RgbaImage::new(all as u32, h);
        for (i, img) in self.images.iter().enumerate() {
            imageops::replace(&mut sheet, img.pixels(), i64::from(w) * i as i64, 0);
        }
        let failed = |e: &dyn std::fmt::Display| Fail::new("E0603", format!("cannot write `{}`: {e}", path.display()));
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, sheet.width(), h);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.add_text_chunk(TILES.into(), n.to_string()).map_err(|e| failed(&e))?;
        let written = encoder.write_header().and_then(|mut w| w.write_image_data(sheet.as_raw()));
        written.map_err(|e| failed(&e))?;
        crate::data::replace(path, &out).map_err(|e| failed(&e))
    }
}

/// How many tiles a sheet holds. One whose text was lost is taken for squares.
fn tiles_in(path: &Path) -> Option<u32> {
    let info = png::Decoder::new(BufReader::new(File::open(path).ok()?)).read_info().ok()?;
    let info = info.info();
    let said = info.uncompressed_latin1_text.iter().find(|t| t.keyword == TILES).and_then(|t| t.text.parse().ok());
    let n = said.unwrap_or(info.width.checked_div(info.height)?);
    (n >= 1 && info.width.is_multiple_of(n)).then_some(n)
}

/// Where the picture of an asset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of its own.
    File(PathBuf),
    /// A tile of a sheet: which, from 0, of how many.
    Tile(PathBuf, u32, u32),
}

impl Place {
    /// The picture.
    pub fn load(&self, name: &str, watch: &mut dyn Watch) -> Result<Image, Fail> {
        match self {
            Place::File(path) => file::load(path, name, watch),
            Place::Tile(path, at, of) => {
                let sheet = file::load(path, name, watch)?;
                let w = sheet.width() / of;
                Ok(imageops::crop_imm(sheet.pixels(), at * w, 0, w, sheet.height()).to_image().into())
            }
        }
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

    /// Where an asset is, if a bundle holds it. Names cannot lead out of a bundle.
    pub fn find(&self, name: &str) -> Option<Place> {
        let (stem, number) = name.rsplit_once('#')?;
        let plain = |s: &str| !s.is_empty() && !s.contains(['/', '\\', '\0']) && s != "." && s != "..";
        if !plain(stem) || number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let folders = self.folders.read().unwrap_or_else(|e| e.into_inner());
        folders.iter().find_map(|f| {
            let sheet = f.join(format!("{stem}.tiles.png"));
            if sheet.is_file() {
                let (at, of) = (number.parse::<u32>().ok()?.checked_sub(1)?, tiles_in(&sheet)?);
                return (at < of).then_some(Place::Tile(sheet, at, of));
            }
            let file = f.join(format!("{stem}.assets")).join(format!("{number}.png"));
            file.is_file().then_some(Place::File(file))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Unwatched;

    #[test]
    fn tiles_are_one_sheet_and_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let tile = |w: u32, v: u8| Image::from_levels(w, 3, |x, y| v + (x * 3 + y) as u8);
        let write = |images: &[Image]| {
            let mut bundle = Bundle::new("a");
            images.iter().for_each(|i| {
                bundle.name(i);
            });
            bundle.write(dir.path(), &mut Unwatched).unwrap();
        };
        let assets = Assets::default();
        assets.add_program(&dir.path().join("a.nsp"));
        let read = |k: usize| Some(assets.find(&format!("a#{k}"))?.load("a", &mut Unwatched).unwrap());
        let equal = [tile(2, 1), tile(2, 50), tile(2, 99)];
        write(&equal);
        assert_eq!(
            [read(1), read(2), read(3), read(4), read(0)],
            [1, 50, 99, 0, 0].map(|v| (v > 0).then(|| tile(2, v)))
        );
        // Pictures of different sizes are files, and the sheet is gone.
        let mixed = [tile(2, 7), tile(5, 7)];
        write(&mixed);
        assert_eq!([read(1), read(2), read(3)], [Some(mixed[0].clone()), Some(mixed[1].clone()), None]);
        write(&equal[1..]);
        assert_eq!(read(1), Some(tile(2, 50)));
        // A sheet that lost its text is taken for squares.
        let strip = Image::from_levels(9, 3, |x, _| x as u8);
        file::save(&strip, &dir.path().join("b.tiles.png"), "b", &mut Unwatched).unwrap();
        let third = assets.find("b#3").unwrap().load("b", &mut Unwatched).unwrap();
        assert_eq!(third, Image::from_levels(3, 3, |x, _| 6 + x as u8));
    }

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
