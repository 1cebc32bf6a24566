//! Picture files.

use super::image::Image;
use super::{MOST_CELLS, Watch, check_size};
use crate::vm::limits::Fail;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::path::Path;

/// Reads a PNG or JPEG file, known by its content. `name` is the path as the program wrote it.
pub fn load(path: &Path, name: &str, watch: &mut dyn Watch) -> Result<Image, Fail> {
    let bad = |e: &dyn std::fmt::Display| Fail::new("E0443", format!("cannot read the picture `{name}`: {e}"));
    let mut reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(|e| bad(&e))?;
    // A small file can claim to be a huge picture.
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_CELLS * 8);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|e| bad(&e))?;
    let (w, h) = decoder.dimensions();
    check_size(&[i64::from(w), i64::from(h)]).map_err(|e| bad(&e.message))?;
    let decoded = usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX);
    watch.charge(decoded.saturating_add(Image::bytes_for(w as usize, h as usize)))?;
    watch.work(decoded)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| bad(&e))?;
    Ok(picture.into_rgba8().into())
}

/// Writes a PNG or JPEG file, as the name ends.
pub fn save(img: &Image, path: &Path, name: &str, watch: &mut dyn Watch) -> Result<(), Fail> {
    let bad = |e: &dyn std::fmt::Display| Fail::new("E0443", format!("cannot write the picture `{name}`: {e}"));
    let Some(format) = ending(path) else {
        return Err(Fail::new("E0443", format!("cannot tell what kind of picture `{name}` is to be"))
            .help("the name should end in .png, .jpg or .jpeg"));
    };
    let size = img.pixels().as_raw().len();
    watch.charge(size.saturating_mul(2))?;
    watch.work(size)?;
    let mut bytes = Cursor::new(Vec::new());
    let written = match format {
        // JPEG has no transparency.
        ImageFormat::Jpeg => DynamicImage::ImageRgba8(img.pixels().clone()).into_rgb8().write_to(&mut bytes, format),
        _ => img.pixels().write_to(&mut bytes, format),
    };
    written.map_err(|e| bad(&e))?;
    crate::data::replace(path, bytes.get_ref()).map_err(|e| bad(&e))
}

/// The format that a file's name asks for.
pub fn ending(path: &Path) -> Option<ImageFormat> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match &ending[..] {
        "png" => Some(ImageFormat::Png),
        "jpg" | "jpeg" => Some(ImageFormat::Jpeg),
        _ => None,
    }
}
