//! Pictures: files, pixels, comparisons.

use super::Op;
use crate::native;
use crate::raster::image::{Image, luma};
use crate::raster::{check_size, cifar, file, folder, idx, show};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use image::{Rgba, RgbaImage, imageops};

/// Operations on pictures.
pub fn ops() -> Vec<Op> {
    let mut ops = files();
    ops.extend(shapes());
    ops.extend(colours());
    ops.extend(measures());
    ops
}

fn files() -> Vec<Op> {
    vec![
        Op::new(
            "load_image",
            "(path: str) -> image",
            "Reads a PNG or JPEG file. The content decides, not the name; 268,435,456 pixels at most.",
            "// load_image(\"photo.png\")",
            native!(try |cx; path: &str| -> Image {
                let full = cx.path(path)?;
                file::load(&full, path, cx)
            }),
        ),
        Op::new(
            "save",
            "(img: image, path: str) -> unit",
            "Writes a picture to a file that ends in .png, .jpg or .jpeg (which loses transparency). An older file stays \
             as it is until the new one is complete.",
            "// save(render(circle(8, 8, 4), 16), \"disc.png\")",
            native!(try |cx; img: &Image, path: &str| -> () {
                let full = cx.path(path)?;
                file::save(img, &full, path, cx)
            }),
        ),
        Op::new(
            "load_idx_images",
            "(path: str) -> [image]",
            "The grey pictures of an IDX file, the format of the MNIST digits; it may be compressed (gzip, xz).",
            "// load_idx_images(\"t10k-images-idx3-ubyte\")",
            native!(try |cx; path: &str| -> Vec<Image> {
                let full = cx.path(path)?;
                idx::images(&full, path, cx)
            }),
        ),
        Op::new(
            "load_idx_labels",
            "(path: str) -> [int]",
            "The numbers of an IDX file of labels, the format of the MNIST digits; it may be compressed (gzip, xz).",
            "// load_idx_labels(\"t10k-labels-idx1-ubyte\")",
            native!(try |cx; path: &str| -> Vec<i64> {
                let full = cx.path(path)?;
                idx::labels(&full, path, cx)
            }),
        ),
        Op::new(
            "load_cifar",
            "(path: str, classes: int = 10) -> [(image: image, label: int)]",
            "The pictures of a binary CIFAR file, 32 x 32 pixels each, with their labels: of CIFAR-10, or with \
             `classes: 100` the fine labels of CIFAR-100. The file may be compressed (gzip, xz).",
            "// load_cifar(\"data_batch_1.bin\")",
            native!(try |cx; path: &str, classes: i64| -> Value {
                let labels = match classes {
                    10 => 1,
                    100 => 2,
                    n => return Err(Fail::new("E0445", format!("CIFAR has 10 or 100 classes, not {n}"))),
                };
                let full = cx.path(path)?;
                let row = |(img, label): (Image, u8)| Value::tuple(vec![Value::obj(img), Value::Int(label.into())]);
                Ok(Value::list(cifar::read(&full, path, labels, cx)?.into_iter().map(row).collect()))
            }),
        ),
        Op::new(
            "load_folder",
            "(path: str) -> [(image: image, label: str, name: str)]",
            "The PNG and JPEG files of a folder and of the folders in it, sorted: each with the name of the folder that \
             it is in (empty for the folder itself) and its own. Other files are passed over.",
            "// load_folder(\"photographs\")",
            native!(try |cx; path: &str| -> Value {
                let full = cx.path(path)?;
                let mut out = Vec::new();
                for entry in folder::list(&full, path)? {
                    // A link may lead out of what was granted.
                    let granted = cx.path(&entry.path.display().to_string())?;
                    let img = file::load(&granted, &entry.path.display().to_string(), cx)?;
                    out.push(Value::tuple(vec![Value::obj(img), Value::str(entry.label), Value::str(entry.name)]));
                }
                Ok(Value::list(out))
            }),
        ),
    ]
}

/// Room for a new picture and the work of filling it.
pub(super) fn room(cx: &mut Ctx<'_>, w: i64, h: i64) -> Result<(u32, u32), Fail> {
    check_size(&[w, h])?;
    let bytes = Image::bytes_for(w as usize, h as usize);
    cx.charge(bytes)?;
    cx.work(bytes)?;
    Ok((w as u32, h as u32))
}

fn room_like(cx: &mut Ctx<'_>, img: &Image) -> Result<(), Fail> {
    room(cx, i64::from(img.width()), i64::from(img.height())).map(|_| ())
}

fn shapes() -> Vec<Op> {
    vec![
        Op::new(
            "width",
            "(img: image) -> int",
            "Width of a picture in pixels.",
            "width(blank(3, 2)) == 3",
            native!(|img: &Image| -> i64 { i64::from(img.width()) }),
        ),
        Op::new(
            "height",
            "(img: image) -> int",
            "Height of a picture in pixels.",
            "height(blank(3, 2)) == 2",
            native!(|img: &Image| -> i64 { i64::from(img.height()) }),
        ),
        Op::new(
            "blank",
            "(w: int, h: int, r: int = 0, g: int = 0, b: int = 0) -> image",
            "An opaque picture of one colour, each part 0 to 255; black if left out.",
            "pixel(blank(2, 2, 255, 0, 7), 1, 1) == (255, 0, 7, 255)",
            native!(try |cx; w: i64, h: i64, r: i64, g: i64, b: i64| -> Image {
                let part = |v: i64| {
                    u8::try_from(v).map_err(|_| Fail::new("E0445", format!("a colour's part is 0 to 255, found {v}")))
                };
                let colour = Rgba([part(r)?, part(g)?, part(b)?, 255]);
                let (w, h) = room(cx, w, h)?;
                Ok(RgbaImage::from_pixel(w, h, colour).into())
            }),
        ),
        Op::new(
            "image_from_rows",
            "(rows: [str]) -> image",
            "A picture from lines of equal length: `#` is a white pixel, `.` or a space a black one.",
            "image_from_rows([\".#\", \"#.\"]) == invert(image_from_rows([\"#.\", \".#\"]))",
            native!(try |cx; rows: Vec<&str>| -> Image {
                let w = rows.first().map_or(0, |r| r.chars().count());
                if rows.iter().any(|r| r.chars().count() != w) {
                    return Err(Fail::new("E0445", "the rows of a picture must have one length"));
                }
                if let Some(c) = rows.iter().flat_map(|r| r.chars()).find(|c| !"#. ".contains(*c)) {
                    return Err(Fail::new("E0445", format!("`{c}` is no pixel: use `#`, `.` or a space")));
                }
                let (w, h) = room(cx, w as i64, rows.len() as i64)?;
                Ok(Image::from_levels(w, h, |x, y| if rows[y as usize].as_bytes()[x as usize] == b'#' { 255 } else { 0 }))
            }),
        ),
        Op::new(
            "crop",
            "(img: image, x: int, y: int, w: int, h: int) -> image",
            "The part of a picture `w` wide and `h` high whose upper left pixel is (x, y); it must lie inside.",
            "crop(image_from_rows([\"..#\"]), 1, 0, 2, 1) == image_from_rows([\".#\"])",
            native!(try |cx; img: &Image, x: i64, y: i64, w: i64, h: i64| -> Image {
                let fits = |at: i64, n: i64, all: u32| {
                    at >= 0 && n >= 1 && at.checked_add(n).is_some_and(|end| end <= i64::from(all))
                };
                if !fits(x, w, img.width()) || !fits(y, h, img.height()) {
                    let (all_w, all_h) = (img.width(), img.height());
                    let m = format!("no part of {w} x {h} at ({x}, {y}) lies in a picture of {all_w} x {all_h}");
                    return Err(Fail::new("E0445", m));
                }
                room(cx, w, h)?;
                Ok(imageops::crop_imm(img.pixels(), x as u32, y as u32, w as u32, h as u32).to_image().into())
            }),
        ),
        Op::new(
            "resize",
            "(img: image, w: int, h: int, filter: str = \"smooth\") -> image",
            "The picture stretched to a new size. `filter` is \"smooth\" (a triangle, widened where it shrinks) or \
             \"nearest\", which makes no new colours.",
            "resize(image_from_rows([\"#.\"]), 4, 1, \"nearest\") == image_from_rows([\"##..\"])",
            native!(try |cx; img: &Image, w: i64, h: i64, filter: &str| -> Image {
                let filter = match filter {
                    "smooth" => imageops::FilterType::Triangle,
                    "nearest" => imageops::FilterType::Nearest,
                    other => {
                        let m = format!("unknown filter `{other}`: use \"smooth\" or \"nearest\"");
                        return Err(Fail::new("E0445", m));
                    }
                };
                // Stretched in one direction first, in floats.
                let (between, _) = room(cx, w, h)?;
                check_size(&[i64::from(between), i64::from(img.height())])?;
                let floats = Image::bytes_for(between as usize, img.height() as usize).saturating_mul(4);
                cx.charge(floats)?;
                cx.work(floats + img.pixels().as_raw().len())?;
                Ok(imageops::resize(img.pixels(), w as u32, h as u32, filter).into())
            }),
        ),
        Op::new(
            "paste",
            "(img: image, over: image, x: int, y: int) -> image",
            "`img` with `over` on top, whose upper left pixel comes to (x, y). What falls outside is cut off; \
             transparent parts let `img` through.",
            "paste(image_from_rows([\"...\"]), image_from_rows([\"##\"]), 2, 0) == image_from_rows([\"..#\"])",
            native!(try |cx; img: &Image, over: &Image, x: i64, y: i64| -> Image {
                room_like(cx, img)?;
                let mut canvas = img.pixels().clone();
                // Far enough off to miss any picture, near enough not to overflow.
                let near = |v: i64| v.clamp(-(1 << 40), 1 << 40);
                imageops::overlay(&mut canvas, over.pixels(), near(x), near(y));
                Ok(canvas.into())
            }),
        ),
    ]
}

fn colours() -> Vec<Op> {
    vec![
        Op::new(
            "pixel",
            "(img: image, x: int, y: int) -> (int, int, int, int)",
            "Red, green, blue and opacity of a pixel, each 0 to 255; pixels count from 0.",
            "pixel(image_from_rows([\".#\"]), 1, 0) == (255, 255, 255, 255)",
            native!(try |img: &Image, x: i64, y: i64| -> Value {
                let at = u32::try_from(x).ok().zip(u32::try_from(y).ok());
                let Some(p) = at.and_then(|(x, y)| img.pixels().get_pixel_checked(x, y)) else {
                    let (w, h) = (img.width(), img.height());
                    let m = format!("no pixel ({x}, {y}) in a picture of {w} x {h} pixels");
                    return Err(Fail::new("E0445", m).help("pixels count from 0"));
                };
                Ok(Value::tuple(p.0.iter().map(|v| Value::Int(i64::from(*v))).collect()))
            }),
        ),
        Op::new(
            "grayscale",
            "(img: image) -> image",
            "The brightness of each pixel as an opaque grey: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), on black \
             where the picture is transparent.",
            "pixel(grayscale(blank(1, 1, 255, 0, 0)), 0, 0) == (76, 76, 76, 255)",
            native!(try |cx; img: &Image| -> Image {
                room_like(cx, img)?;
                Ok(levels(img, |v| v))
            }),
        ),
        Op::new(
            "threshold",
            "(img: image, level: int = 128) -> image",
            "White where a pixel's brightness (see `grayscale`) is at least `level`, black elsewhere.",
            "threshold(blank(1, 1, 90, 90, 90), 80) == image_from_rows([\"#\"])",
            native!(try |cx; img: &Image, level: i64| -> Image {
                room_like(cx, img)?;
                Ok(levels(img, |v| if i64::from(v) >= level { 255 } else { 0 }))
            }),
        ),
        Op::new(
            "invert",
            "(img: image) -> image",
            "The picture with each of red, green and blue taken from 255; opacity stays.",
            "invert(image_from_rows([\".#\"])) == image_from_rows([\"#.\"])",
            native!(try |cx; img: &Image| -> Image {
                room_like(cx, img)?;
                let mut out = img.pixels().clone();
                imageops::invert(&mut out);
                Ok(out.into())
            }),
        ),
    ]
}

fn levels(img: &Image, f: impl Fn(u8) -> u8) -> Image {
    Image::from_levels(img.width(), img.height(), |x, y| f(luma(img.pixels().get_pixel(x, y))))
}

fn measures() -> Vec<Op> {
    vec![
        Op::new(
            "histogram",
            "(img: image, bins: int) -> [num]",
            "How often values occur: `bins` (1 to 256) shares for red, then for green, then for blue; the shares of a \
             channel sum to 1. Bin k counts the values v with floor(v bins / 256) = k.",
            "histogram(image_from_rows([\"#.\"]), 2) == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]",
            native!(try |cx; img: &Image, bins: i64| -> Vec<f64> {
                if !(1..=256).contains(&bins) {
                    return Err(Fail::new("E0445", format!("a histogram has 1 to 256 bins, found {bins}")));
                }
                cx.work(img.pixels().as_raw().len())?;
                let bins = bins as usize;
                let mut counts = vec![0u64; 3 * bins];
                for p in img.pixels().pixels() {
                    for (channel, v) in p.0[..3].iter().enumerate() {
                        counts[channel * bins + usize::from(*v) * bins / 256] += 1;
                    }
                }
                let all = img.pixels().pixels().len().max(1) as f64;
                Ok(counts.into_iter().map(|n| n as f64 / all).collect())
            }),
        ),
        Op::new(
            "mean_color",
            "(img: image) -> (num, num, num)",
            "The mean of red, green and blue, each 0 to 255.",
            "mean_color(image_from_rows([\"#.\"])) == (127.5, 127.5, 127.5)",
            native!(try |cx; img: &Image| -> Value {
                cx.work(img.pixels().as_raw().len())?;
                let mut sums = [0u64; 3];
                for p in img.pixels().pixels() {
                    for (sum, v) in sums.iter_mut().zip(p.0) {
                        *sum += u64::from(v);
                    }
                }
                let all = img.pixels().pixels().len().max(1) as f64;
                Ok(Value::tuple(sums.iter().map(|s| Value::Num(*s as f64 / all)).collect()))
            }),
        ),
        Op::new(
            "ascii",
            "(img: image, width: int = 40) -> str",
            "A preview in characters from `.` (black) over `:`, `+` and `*` to `#` (white), at most `width` in a line.",
            "ascii(image_from_rows([\".#\"])) == \".#\\n\"",
            native!(try |cx; img: &Image, width: i64| -> String {
                let size = img.pixels().as_raw().len();
                cx.charge(size / 4)?;
                cx.work(size)?;
                Ok(show::ascii(img, usize::try_from(width).unwrap_or(1)))
            }),
        ),
    ]
}
