use super::*;
use crate::raster::Unwatched;
use crate::raster::measure;
use crate::synth::loops::program::Loop;
use crate::synth::loops::sketch::{Axis, Sketch};
use crate::vm::limits::Cancel;

const OPTIONS: Options = Options { method: Method::Loops, strength: 1.0, keep: true, seed: 3, trace: false };

fn budget() -> Budget {
    Budget::new(None, None, Cancel::default())
}

fn run(img: &Image, unknown: &Bits, structure: Option<&LoopProgram>, options: Options) -> Result<Completed, Fail> {
    complete(img, unknown, structure, options, &budget(), &mut |_| {})
}

fn rectangle(w: usize, h: usize, x: std::ops::Range<usize>, y: std::ops::Range<usize>) -> Bits {
    let mut bits = Bits::new(h, w);
    y.for_each(|y| x.clone().for_each(|x| bits.set(y, x, true)));
    bits
}

/// Panes in frames on a wall that darkens downwards, `period` pixels apart.
fn windows(w: u32, h: u32, period: u32) -> Image {
    let pixel = |x: u32, y: u32| {
        let (u, v) = (x % period, y % period);
        let at = |lo: u32, hi: u32| (lo..hi).contains(&u) && (lo..hi).contains(&v);
        let wall = (200 - y * 60 / h) as u8;
        let c = if at(period / 3, 2 * period / 3) {
            [40, 60, 80]
        } else if at(period / 4, 3 * period / 4) {
            [230, 230, 220]
        } else {
            [wall, wall - 30, wall - 60]
        };
        image::Rgba([c[0], c[1], c[2], 255])
    };
    image::RgbaImage::from_fn(w, h, pixel).into()
}

#[test]
fn windows_come_back() {
    let img = windows(96, 80, 16);
    let unknown = rectangle(96, 80, 30..66, 25..60);
    let shown = |method| {
        let done = run(&img, &unknown, None, Options { method, ..OPTIONS }).unwrap();
        measure::psnr(&img, &done.image, Some(&unknown), &mut Unwatched).unwrap()
    };
    let (smooth, patches) = (shown(Method::Smooth), shown(Method::Patches));
    let (rows, separable) = (shown(Method::Rows), shown(Method::Separable));
    assert!(smooth < 16.0, "{smooth}");
    assert!(rows > 26.0 && separable > 26.0 && patches > smooth, "{rows} {separable} {patches} {smooth}");
}

#[test]
fn loops_explain_what_rows_and_columns_cannot() {
    // The hole is as wide as the picture, so that no known column crosses it. The loop says which windows repeat.
    let img = windows(64, 128, 16);
    let unknown = rectangle(64, 128, 0..64, 46..82);
    let axis = |count| Axis { first: 1, step: 1, count };
    let grid = crate::raster::image::Grid::covering(64, 128, 4, 8).unwrap();
    let sketch = Sketch { columns: axis(4), rows: axis(8) };
    let program = LoopProgram { grid, loops: vec![Loop { sketch, tile: grid.tile(&img, 1, 1).unwrap() }] };
    let done = run(&img, &unknown, Some(&program), OPTIONS).unwrap();
    assert_eq!(done.unknown, 64 * 36);
    assert!(done.explained > 64 * 35, "{}", done.explained);
    let psnr = measure::psnr(&img, &done.image, Some(&unknown), &mut Unwatched).unwrap();
    assert!(psnr > 22.0, "{psnr}");
}

#[test]
fn known_pixels_stay() {
    // The mask leaves a red edge of what it hides.
    let unknown = rectangle(60, 60, 20..35, 22..40);
    let mut stained = windows(60, 60, 12).pixels().clone();
    for y in 21..41 {
        (19..36).for_each(|x| stained.put_pixel(x, y, image::Rgba([255, 0, 0, 255])));
    }
    let img = Image::from(stained);
    let kept = run(&img, &unknown, None, OPTIONS).unwrap().image;
    let soft = run(&img, &unknown, None, Options { keep: false, ..OPTIONS }).unwrap().image;
    let mut changed = 0;
    for (x, y, p) in img.pixels().enumerate_pixels() {
        let near = (20 - RIM..35 + RIM).contains(&(x as usize)) && (22 - RIM..40 + RIM).contains(&(y as usize));
        if !unknown.get(y as usize, x as usize) {
            assert_eq!(kept.pixels().get_pixel(x, y), p, "({x}, {y})");
            changed += usize::from(soft.pixels().get_pixel(x, y) != p);
        }
        assert!(near || soft.pixels().get_pixel(x, y) == p, "({x}, {y})");
    }
    assert!(changed > 60, "{changed}");
    assert!(soft.pixels().get_pixel(19, 30).0[0] < 245);
}

#[test]
fn sources_are_known_pixels() {
    let img = windows(60, 60, 12);
    let unknown = rectangle(60, 60, 20..35, 22..40);
    let done = run(&img, &unknown, None, Options { trace: true, ..OPTIONS }).unwrap();
    assert_eq!(done.sources.len(), 15 * 18);
    for ((x, y), (sx, sy)) in done.sources {
        assert!(unknown.get(y as usize, x as usize) && !unknown.get(sy as usize, sx as usize));
    }
}

#[test]
fn the_same_seed_gives_the_same_picture() {
    let img = windows(60, 60, 12);
    let unknown = rectangle(60, 60, 10..45, 22..50);
    let one = |seed| run(&img, &unknown, None, Options { seed, ..OPTIONS }).unwrap().image;
    assert!(one(1) == one(1));
}

#[test]
fn unusual_masks() {
    let img = windows(40, 30, 10);
    let error = |bits: &Bits| run(&img, bits, None, OPTIONS).unwrap_err().message;
    assert!(error(&rectangle(40, 30, 0..40, 0..30)).contains("nothing of the picture is known"));
    assert!(error(&rectangle(41, 30, 0..4, 0..3)).contains("41 x 30 pixels, the picture 40 x 30"));
    assert!(run(&img, &Bits::new(30, 40), None, OPTIONS).unwrap().image == img);
    let pixel = Image::from_levels(1, 1, |_, _| 7);
    assert!(run(&pixel, &Bits::new(1, 1), None, OPTIONS).unwrap().image == pixel);
    assert!(run(&pixel, &rectangle(1, 1, 0..1, 0..1), None, OPTIONS).is_err());
    // All but one pixel; every second pixel; a scratch; a frame; single rows.
    let mut all_but_one = rectangle(40, 30, 0..40, 0..30);
    all_but_one.set(7, 9, false);
    let (mut chequered, mut scratch, mut frame) =
        (Bits::new(30, 40), Bits::new(30, 40), rectangle(40, 30, 0..40, 0..30));
    for y in 0..30 {
        for x in 0..40 {
            chequered.set(y, x, (x + y) % 2 == 0);
            scratch.set(y, x, x == y + 3);
            frame.set(y, x, !((3..37).contains(&x) && (3..27).contains(&y)));
        }
    }
    let flat = Image::from_levels(40, 30, |_, _| 99);
    for bits in [all_but_one, chequered, scratch, frame] {
        for (_, method) in METHODS {
            let done = run(&flat, &bits, None, Options { method, ..OPTIONS }).unwrap();
            assert!(done.image == flat, "{method:?} changes a picture of one colour");
        }
    }
    let line = Image::from_levels(50, 1, |x, _| (x % 5 * 50) as u8);
    assert!(run(&line, &rectangle(50, 1, 20..30, 0..1), None, OPTIONS).is_ok());
}

#[test]
fn large_pictures_are_worked_on_small() {
    let img = windows(640, 520, 40);
    let unknown = rectangle(640, 520, 210..410, 150..330);
    let done = run(&img, &unknown, None, OPTIONS).unwrap();
    let psnr = measure::psnr(&img, &done.image, Some(&unknown), &mut Unwatched).unwrap();
    assert!(psnr > 20.0, "{psnr}");
}

#[test]
fn a_stop_leaves_a_whole_picture() {
    let img = windows(60, 60, 12);
    let unknown = rectangle(60, 60, 10..45, 22..50);
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = Budget::new(None, None, cancel);
    let err = complete(&img, &unknown, None, OPTIONS, &stopped, &mut |_| {}).unwrap_err();
    assert_eq!(err.code, crate::vm::limits::code::CANCELLED);
}
