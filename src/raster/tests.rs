use super::bits::Bits;
use super::image::Image;
use super::sample::{Frame, coverage, inside, render, voxelise};
use super::scan::Scanner;
use super::tape::compile;
use super::{Unwatched, Watch, cifar, file, folder, idx, show::ascii};
use crate::shape::affine::Bounds;
use crate::shape::prim::Prim;
use crate::shape::prims2::{CIRCLE, HALF_PLANE, POLYGON, RECT};
use crate::shape::prims3::{BOX, CONE, CYLINDER, QUADRIC, SPHERE};
use crate::shape::{Operation, Shape};
use crate::vm::limits::Fail;
use proptest::prelude::*;
use std::f64::consts::FRAC_PI_4;
use std::sync::Arc;

fn prim(p: &Arc<Prim>, args: &[f64]) -> Shape {
    Shape::new(Operation::Prim(p.clone()), args.to_vec(), Vec::new()).unwrap()
}

fn join(op: Operation, a: Shape, b: Shape) -> Shape {
    Shape::new(op, Vec::new(), vec![a, b]).unwrap()
}

fn with(op: Operation, args: &[f64], s: Shape) -> Shape {
    Shape::new(op, args.to_vec(), vec![s]).unwrap()
}

fn bits(s: &Shape, w: usize, h: usize) -> Bits {
    render(s, Frame::pixels(w, h), w, h, &mut Unwatched).unwrap()
}

fn picture(s: &Shape, w: usize, h: usize) -> String {
    ascii(&Image::from_bits(&bits(s, w, h)), w)
}

fn wrench() -> Shape {
    let head = join(Operation::Union, prim(&RECT, &[8.0, 8.0, 12.0, 4.0, 0.0]), prim(&CIRCLE, &[2.0, 8.0, 3.0]));
    join(Operation::Difference, head, prim(&CIRCLE, &[2.0, 8.0, 1.5]))
}

#[test]
fn the_wrench() {
    let blank = "................\n".repeat(5);
    let tool = "\
####............
##############..
#..###########..
#..###########..
##############..
####............
";
    assert_eq!(picture(&wrench(), 16, 16), format!("{blank}{tool}{blank}"));
}

#[test]
fn repeats_and_mirrors() {
    let dot = prim(&RECT, &[0.5, 0.5, 1.0, 1.0, 0.0]);
    let row = with(Operation::Repeat, &[3.0, 2.0, 0.0], dot);
    let field = with(Operation::Repeat, &[3.0, 1.0, 2.0], row);
    assert_eq!(picture(&field, 8, 5), "#.#.#...\n........\n.#.#.#..\n........\n..#.#.#.\n");
    let corner = prim(&POLYGON, &[0.0, 0.0, 3.0, 0.0, 0.0, 3.0]);
    let both = with(Operation::FlipUnion, &[4.0, 0.0, std::f64::consts::FRAC_PI_2], corner);
    assert_eq!(picture(&both, 8, 3), "###..###\n##....##\n#......#\n");
    let slanted = with(Operation::Rotate, &[FRAC_PI_4, 4.0, 4.0], prim(&RECT, &[4.0, 4.0, 12.0, 1.0, 0.0]));
    assert_eq!(picture(&slanted, 8, 3), ".......#\n......#.\n.....#..\n");
}

#[test]
fn many_copies_cost_only_those_in_sight() {
    let dot = prim(&CIRCLE, &[0.5, 0.5, 0.4]);
    let row = with(Operation::Repeat, &[1e9, 2.0, 0.0], dot);
    let field = with(Operation::Repeat, &[1e9, 0.0, 2.0], row);
    assert_eq!(bits(&field, 64, 64).count(), 32 * 32);
    assert!(inside(&field, [2e6 + 0.5, 4e6 + 0.5, 0.0], &mut Unwatched).unwrap());
    // A part without end is seen by every row; the union is full after the first copies.
    let plane = with(Operation::Repeat, &[1e9, -1.0, 0.0], prim(&HALF_PLANE, &[5.0, 0.0, 0.0]));
    assert_eq!(bits(&plane, 64, 4).count(), 64 * 4);
    let same = with(Operation::Repeat, &[1e9, 0.0, 0.0], wrench());
    assert_eq!(bits(&same, 16, 16), bits(&wrench(), 16, 16));
    assert_eq!(bits(&with(Operation::Repeat, &[0.0, 1.0, 0.0], wrench()), 16, 16).count(), 0);
}

#[test]
fn shared_parts_are_compiled_once() {
    let mut s = prim(&CIRCLE, &[4.0, 4.0, 0.6]);
    for _ in 0..50 {
        s = join(Operation::Union, s.clone(), with(Operation::Translate, &[0.25, 0.0], s));
    }
    assert_eq!(bits(&s, 20, 8).count(), 2 * 13);
    let mut s = wrench();
    for _ in 0..50 {
        s = join(Operation::Union, s.clone(), s);
    }
    assert_eq!(bits(&s, 16, 16), bits(&wrench(), 16, 16));
}

#[test]
fn bands_change_nothing() {
    let part = |i: u32| {
        let at = |k: u32| f64::from(i * k % 96);
        prim(&RECT, &[at(37), at(53), 9.0, 3.0, f64::from(i)])
    };
    let s = (1..400).fold(part(0), |s, i| {
        let op = if i % 5 == 0 { Operation::Difference } else { Operation::Union };
        join(op, s, part(i))
    });
    let all = bits(&s, 96, 96);
    for r in 0..96 {
        let frame = Frame { x0: 0.0, y0: r as f64, x1: 96.0, y1: r as f64 + 1.0 };
        assert_eq!(render(&s, frame, 96, 1, &mut Unwatched).unwrap().row(0), all.row(r));
    }
    let ball = |i: u32| prim(&SPHERE, &[f64::from(i * 7 % 40), f64::from(i * 11 % 40), f64::from(i * 17 % 40), 3.0]);
    let s = (1..300).fold(ball(0), |s, i| join(Operation::Union, s, ball(i)));
    let v = voxelise(&s, [40, 3, 40], &mut Unwatched).unwrap();
    for (x, y, z) in (0..40).flat_map(|x| (0..3).flat_map(move |y| (0..40).map(move |z| (x, y, z)))) {
        let p = [x as f64 + 0.5, y as f64 + 0.5, z as f64 + 0.5];
        let mut near = f64::INFINITY;
        assert_eq!(v.get(x, y, z), naive(&s, p, &mut near));
    }
}

#[test]
fn too_many_parts_is_an_error() {
    let mut s = prim(&CIRCLE, &[0.0, 0.0, 0.001]);
    for k in 0..40 {
        s = join(Operation::Union, s.clone(), with(Operation::Rotate, &[0.1 / f64::from(1 << k.min(20)), 0.1, 0.2], s));
    }
    let e = render(&s, Frame { x0: -1.0, y0: -1.0, x1: 1.0, y1: 1.0 }, 8, 8, &mut Stingy(1 << 27)).unwrap_err();
    assert_eq!(e.message, "spent");
}

/// Allows so many bytes.
struct Stingy(usize);

impl Watch for Stingy {
    fn charge(&mut self, bytes: usize) -> Result<(), Fail> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(|| Fail::from("spent"))?;
        Ok(())
    }

    fn work(&mut self, _n: usize) -> Result<(), Fail> {
        Ok(())
    }
}

#[test]
fn huge_pictures_are_refused_before_they_are_made() {
    let s = wrench();
    let e = render(&s, Frame::pixels(1, 1), 1_000_000, 1_000_000, &mut Unwatched).unwrap_err();
    assert_eq!(e.message, "1000000 x 1000000 is too large: at most 268435456 cells");
    assert_eq!(render(&s, Frame::pixels(1, 1), 8192, 8192, &mut Stingy(1 << 20)).unwrap_err().message, "spent");
    assert!(render(&s, Frame { x0: 0.0, y0: 0.0, x1: 0.0, y1: 1.0 }, 8, 8, &mut Unwatched).is_err());
    assert!(render(&s, Frame::pixels(8, 8), 0, 8, &mut Unwatched).is_err());
    let ball = prim(&SPHERE, &[0.0, 0.0, 0.0, 1.0]);
    assert!(voxelise(&ball, [1 << 14, 1 << 14, 1], &mut Unwatched).is_err());
}

#[test]
fn coverage_is_the_share_of_a_pixel() {
    let s = prim(&RECT, &[0.0, 2.0, 1.0, 4.0, 0.0]);
    let levels = coverage(&s, Frame::pixels(2, 2), 2, 2, 4, &mut Unwatched).unwrap();
    assert_eq!(levels, [128, 0, 128, 0]);
    assert!(coverage(&s, Frame::pixels(2, 2), 2, 2, 0, &mut Unwatched).is_err());
}

#[test]
fn voxels_follow_x_y_z() {
    let s = prim(&BOX, &[0.5, 1.0, 2.0, 1.0, 2.0, 4.0]);
    let v = voxelise(&s, [3, 4, 5], &mut Unwatched).unwrap();
    let set: Vec<_> = (0..60).filter(|i| v.get(i / 20, i / 5 % 4, i % 5)).collect();
    assert_eq!(set, [0, 1, 2, 3, 5, 6, 7, 8]);
    let cone = voxelise(&prim(&CONE, &[4.0, 4.0, 4.0, 4.0, 8.0]), [8, 8, 8], &mut Unwatched).unwrap();
    let layer = |z| (0..64).filter(|i| cone.get(i / 8, i % 8, z)).count();
    assert!((0..7).all(|z| layer(z) >= layer(z + 1)) && layer(0) > 30 && layer(7) == 0);
    let tube = voxelise(&prim(&CYLINDER, &[4.0, 4.0, 4.0, 2.0, 4.0]), [8, 8, 8], &mut Unwatched).unwrap();
    assert_eq!(tube.bits().count(), 12 * 4);
    assert_eq!(tube.iou(&tube), Some(1.0));
}

/// The meaning of a shape, straight from its graph, with the least distance to a border on the way.
fn naive(s: &Shape, p: [f64; 3], near: &mut f64) -> bool {
    let kid = |i: usize, p, near: &mut f64| naive(&s.children()[i], p, near);
    match s.op() {
        Operation::Prim(prim) => {
            let d = (prim.field)(s.args(), p);
            *near = near.min(d.abs());
            d <= 0.0
        }
        Operation::Union => kid(0, p, near) | kid(1, p, near),
        Operation::Intersection => kid(0, p, near) & kid(1, p, near),
        Operation::Difference => kid(0, p, near) & !kid(1, p, near),
        Operation::FlipUnion => kid(0, p, near) | kid(0, s.maps().unwrap().1.apply(p), near),
        Operation::Repeat => {
            let (n, d) = s.copies().unwrap();
            (0..n).fold(false, |any, c| any | kid(0, std::array::from_fn(|k| p[k] - c as f64 * d[k]), near))
        }
        _ => kid(0, s.maps().unwrap().1.apply(p), near),
    }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let n = || -4.0..20.0f64;
    let leaf = prop_oneof![
        (n(), n(), 0.0..8.0f64).prop_map(|(x, y, r)| prim(&CIRCLE, &[x, y, r])),
        (n(), n(), 0.0..9.0f64, 0.0..9.0f64, -7.0..7.0f64).prop_map(|(x, y, w, h, a)| prim(&RECT, &[x, y, w, h, a])),
        (n(), n(), -7.0..7.0f64).prop_map(|(x, y, a)| prim(&HALF_PLANE, &[x, y, a])),
        proptest::collection::vec(n(), 8).prop_map(|p| prim(&POLYGON, &p)),
    ];
    leaf.prop_recursive(5, 24, 2, move |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(a, b)| join(Operation::Union, a, b)),
            pair.clone().prop_map(|(a, b)| join(Operation::Intersection, a, b)),
            pair.clone().prop_map(|(a, b)| join(Operation::Difference, a, b)),
            pair.prop_map(|(a, b)| join(
                Operation::Union,
                join(Operation::Difference, a.clone(), b.clone()),
                join(Operation::Intersection, b, a)
            )),
            (inner.clone(), n(), n()).prop_map(|(s, x, y)| with(Operation::Translate, &[x, y], s)),
            (inner.clone(), n(), n(), n()).prop_map(|(s, a, x, y)| with(Operation::Rotate, &[a, x, y], s)),
            (inner.clone(), 0.2..3.0f64, 0.2..3.0f64).prop_map(|(s, x, y)| with(Operation::Scale, &[x, y], s)),
            (inner.clone(), n(), n(), n()).prop_map(|(s, x, y, a)| with(Operation::Mirror, &[x, y, a], s)),
            (inner.clone(), n(), n(), n()).prop_map(|(s, x, y, a)| with(Operation::FlipUnion, &[x, y, a], s)),
            (inner, 0..6u8, -4.0..4.0f64, -4.0..4.0f64).prop_map(|(s, c, x, y)| with(
                Operation::Repeat,
                &[f64::from(c), x, y],
                s
            )),
        ]
    })
}

fn any_solid() -> impl Strategy<Value = Shape> {
    let (n, r) = (|| -5.0..60.0f64, || 0.0..30.0f64);
    let leaf = prop_oneof![
        (n(), n(), n(), r()).prop_map(|(x, y, z, r)| prim(&SPHERE, &[x, y, z, r])),
        (n(), n(), n(), r(), r(), r()).prop_map(|(x, y, z, a, b, c)| prim(&BOX, &[x, y, z, a, b, c])),
        (n(), n(), n(), r(), r()).prop_map(|(x, y, z, a, b)| prim(&CYLINDER, &[x, y, z, a, b])),
        (n(), n(), n(), r(), r()).prop_map(|(x, y, z, a, b)| prim(&CONE, &[x, y, z, a, b])),
        (proptest::collection::vec(-2.0..6.0f64, 16), n(), 5.0..30.0f64).prop_map(|(mut a, at, k)| {
            a[6..].iter_mut().for_each(|x| *x = (*x - 2.0) / 8.0);
            with(Operation::Translate, &[at; 3], with(Operation::Scale, &[k; 3], prim(&QUADRIC, &a)))
        }),
    ];
    leaf.prop_recursive(4, 12, 2, move |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| join(Operation::Union, a, b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| join(Operation::Intersection, a, b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| join(Operation::Difference, a, b)),
            (inner.clone(), -3.0..3.0f64).prop_map(|(s, a)| with(Operation::RotateZ, &[a], s)),
            (inner.clone(), -1.0..1.0f64).prop_map(|(s, a)| with(Operation::RotateX, &[a], s)),
            (inner.clone(), n(), 0.1..1.0f64).prop_map(|(s, o, a)| with(
                Operation::FlipUnion,
                &[a, 0.3, 0.5, o / 2.0],
                s
            )),
            (inner, 0..5u8, n()).prop_map(|(s, c, d)| with(Operation::Repeat, &[f64::from(c), d / 4.0, 3.0, 1.0], s)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_agree_with_points(s in any_shape()) {
        let (w, h) = (70, 9);
        let frame = Frame { x0: -2.0, y0: 0.0, x1: 18.0, y1: 16.0 };
        let got = render(&s, frame, w, h, &mut Unwatched).unwrap();
        for r in 0..h {
            for c in 0..w {
                let p = [-2.0 + (c as f64 + 0.5) * (20.0 / 70.0), (r as f64 + 0.5) * (16.0 / 9.0), 0.0];
                let mut near = f64::INFINITY;
                let expected = naive(&s, p, &mut near);
                // Transforms are applied one by one here and all at once there: on the border itself they may differ.
                if near > 1e-9 {
                    prop_assert_eq!(got.get(r, c), expected, "at {:?} of {:?}", p, s);
                }
                prop_assert_eq!(got.get(r, c), inside(&s, p, &mut Unwatched).unwrap());
                let b = s.bounds().widened();
                prop_assert!(!expected || (0..2).all(|k| b.lo[k] <= p[k] && p[k] <= b.hi[k]));
            }
        }
    }

    /// Tiles give the picture that rows of samples give, to the last pixel.
    #[test]
    fn tiles_agree_with_rows(s in any_shape(), zoom in 0.05..2.0f64) {
        let (w, h) = (150, 83);
        let frame = Frame { x0: 8.0 - 75.0 * zoom, y0: 8.0 - 40.0 * zoom, x1: 8.0 + 75.0 * zoom, y1: 8.0 + 43.0 * zoom };
        let got = render(&s, frame, w, h, &mut Unwatched).unwrap();
        let window = Bounds { lo: [frame.x0, frame.y0, 0.0], hi: [frame.x1, frame.y1, 0.0] };
        let tape = compile(&s, &window, &mut Unwatched).unwrap();
        let centres = |lo: f64, hi: f64, n: usize| -> Vec<f64> {
            (0..n).map(|i| lo + (i as f64 + 0.5) * ((hi - lo) / n as f64)).collect()
        };
        let mut rows = Scanner::new(&tape, 0, centres(frame.x0, frame.x1, w), &mut Unwatched).unwrap();
        for (r, y) in centres(frame.y0, frame.y1, h).into_iter().enumerate() {
            let mut row = vec![0; w.div_ceil(64)];
            rows.row([0.0, y, 0.0], &mut row, &mut Unwatched).unwrap();
            prop_assert_eq!(got.row(r), &row[..], "row {} of {:?}", r, s);
        }
    }

    #[test]
    fn tiles_of_volumes_agree_with_rows(s in any_solid(), dims in proptest::array::uniform3(1..70usize)) {
        let got = voxelise(&s, dims, &mut Unwatched).unwrap();
        let window = Bounds { lo: [0.0; 3], hi: dims.map(|n| n as f64) };
        let tape = compile(&s, &window, &mut Unwatched).unwrap();
        let zs = (0..dims[2]).map(|i| i as f64 + 0.5).collect();
        let mut rows = Scanner::new(&tape, 2, zs, &mut Unwatched).unwrap();
        for x in 0..dims[0] {
            for y in 0..dims[1] {
                let mut row = vec![0; dims[2].div_ceil(64)];
                rows.row([x as f64 + 0.5, y as f64 + 0.5, 0.0], &mut row, &mut Unwatched).unwrap();
                prop_assert_eq!(got.bits().row(x * dims[1] + y), &row[..], "row {} {} of {:?}", x, y, s);
            }
        }
    }

    #[test]
    fn files_that_are_not_pictures_are_errors(bytes in proptest::collection::vec(any::<u8>(), 0..200), png: bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let mut all = if png { b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec() } else { vec![0, 0, 8, 3] };
        all.extend(bytes);
        std::fs::write(&path, all).unwrap();
        prop_assert!(file::load(&path, "x", &mut Unwatched).unwrap_err().message.contains("`x`"));
        let _ = idx::images(&path, "x", &mut Unwatched);
    }
}

#[test]
fn files_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let img = Image::from_bits(&bits(&wrench(), 16, 16));
    let at = |name: &str| dir.path().join(name);
    file::save(&img, &at("a.png"), "a.png", &mut Unwatched).unwrap();
    assert_eq!(file::load(&at("a.png"), "a.png", &mut Unwatched).unwrap(), img);
    file::save(&img, &at("a.JPG"), "a.JPG", &mut Unwatched).unwrap();
    assert_eq!(file::load(&at("a.JPG"), "a.JPG", &mut Unwatched).unwrap().width(), 16);
    assert!(file::save(&img, &at("a.gif"), "a.gif", &mut Unwatched).unwrap_err().message.contains("`a.gif`"));
    assert!(file::save(&img, &at("no/a.png"), "no/a.png", &mut Unwatched).unwrap_err().message.contains("`no/a.png`"));
    assert!(file::load(&at("b.png"), "b.png", &mut Unwatched).unwrap_err().message.contains("`b.png`"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_small_file_cannot_claim_a_huge_picture() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.png");
    file::save(&Image::from_levels(1, 1, |_, _| 0), &path, "bomb.png", &mut Unwatched).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    std::fs::write(&path, bytes).unwrap();
    let e = file::load(&path, "bomb.png", &mut Unwatched).unwrap_err();
    assert_eq!(e.message, "cannot read the picture `bomb.png`: 65536 x 65536 is too large: at most 268435456 cells");
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

#[test]
fn idx_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("i");
    std::fs::write(&path, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0]).unwrap();
    let images = idx::images(&path, "i", &mut Unwatched).unwrap();
    assert_eq!(images.iter().map(|i| ascii(i, 9)).collect::<Vec<_>>(), [".#\n", "#.\n"]);
    assert!(idx::labels(&path, "i", &mut Unwatched).is_err());
    std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).unwrap();
    assert_eq!(idx::labels(&path, "i", &mut Unwatched).unwrap(), [7, 9]);
    std::fs::write(&path, [0, 0, 8, 1, 0xff, 0, 0, 2, 7, 9]).unwrap();
    assert!(idx::labels(&path, "i", &mut Unwatched).unwrap_err().message.contains("its size is 10 bytes"));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &[0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).unwrap();
    std::fs::write(&path, gz.finish().unwrap()).unwrap();
    assert_eq!(idx::labels(&path, "i", &mut Unwatched).unwrap(), [7, 9]);
    std::fs::write(&path, [0x1f, 0x8b, 8, 0, 0]).unwrap();
    assert!(idx::labels(&path, "i", &mut Unwatched).unwrap_err().message.contains("`i`"));
}

#[test]
fn cifar_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c");
    let record = |label: u8, planes: [u8; 3]| {
        let mut out = vec![label];
        planes.iter().for_each(|p| out.extend(vec![*p; 1024]));
        out
    };
    let mut bytes = record(3, [1, 2, 3]);
    bytes.extend(record(9, [4, 5, 6]));
    bytes[1 + 33] = 99;
    std::fs::write(&path, &bytes).unwrap();
    let read = cifar::read(&path, "c", 1, &mut Unwatched).unwrap();
    let pixels: Vec<([u8; 4], u8)> = read.iter().map(|(i, l)| (i.pixels().get_pixel(1, 1).0, *l)).collect();
    assert_eq!(pixels, [([99, 2, 3, 255], 3), ([4, 5, 6, 255], 9)]);
    assert!(cifar::read(&path, "c", 2, &mut Unwatched).unwrap_err().message.contains("multiple of 3074"));
}

/// What is charged beside the picture does not grow with its width times the number of parts.
#[test]
fn wide_pictures_of_many_parts() {
    let dots = (0..3000).map(|i| prim(&CIRCLE, &[f64::from(i) * 20.0, 0.5, 4.0]));
    let all = dots.reduce(|a, b| join(Operation::Union, a, b)).unwrap();
    let mut watch = Least(0);
    let wide = render(&all, Frame::pixels(60_000, 1), 60_000, 1, &mut watch).unwrap();
    assert_eq!(wide.count(), 3000 * 8 - 4);
    assert!(watch.0 < 16 << 20, "{}", watch.0);
}

/// Counts bytes.
struct Least(usize);

impl Watch for Least {
    fn charge(&mut self, bytes: usize) -> Result<(), Fail> {
        self.0 += bytes;
        Ok(())
    }
    fn work(&mut self, _: usize) -> Result<(), Fail> {
        Ok(())
    }
}

#[test]
fn folders_of_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let dot = Image::from_levels(1, 1, |_, _| 7);
    for name in ["b.png", "cats/2.png", "cats/1.jpg", "cats/deep/x.png", "dogs/1.png", ".hidden/1.png"] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        file::save(&dot, &path, name, &mut Unwatched).unwrap();
    }
    std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
    let found = folder::list(dir.path(), "d").unwrap();
    let names: Vec<String> = found.iter().map(|e| format!("{}/{}", e.label, e.name)).collect();
    assert_eq!(names, ["/b.png", "cats/1.jpg", "cats/2.png", "dogs/1.png"]);
    assert!(folder::list(&dir.path().join("none"), "none").unwrap_err().message.contains("`none`"));
}
