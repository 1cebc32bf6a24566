use super::prims2::{CIRCLE, HALF_PLANE, POLYGON, RECT};
use super::prims3::{BOX, QUADRIC, SPHERE};
use super::*;
use crate::raster::{Unwatched, sample};
use std::f64::consts::{FRAC_PI_2, PI};

fn prim(p: &Arc<Prim>, args: &[f64]) -> Shape {
    Shape::new(Operation::Prim(p.clone()), args.to_vec(), Vec::new()).unwrap()
}

fn join(op: Operation, a: &Shape, b: &Shape) -> Shape {
    Shape::new(op, Vec::new(), vec![a.clone(), b.clone()]).unwrap()
}

fn with(op: Operation, args: &[f64], s: &Shape) -> Shape {
    Shape::new(op, args.to_vec(), vec![s.clone()]).unwrap()
}

fn circle(x: f64, y: f64, r: f64) -> Shape {
    prim(&CIRCLE, &[x, y, r])
}

fn inside(s: &Shape, p: [f64; 3]) -> bool {
    sample::inside(s, p, &mut Unwatched).unwrap()
}

#[test]
fn shapes_show_as_source() {
    let rect = prim(&RECT, &[8.0, 8.0, 12.0, 4.0, 0.0]);
    let wrench =
        join(Operation::Difference, &join(Operation::Union, &rect, &circle(2.0, 8.0, 3.0)), &circle(2.0, 8.0, 1.5));
    assert_eq!(wrench.show(), "rect(8.0, 8.0, 12.0, 4.0, 0deg) + circle(2.0, 8.0, 3.0) - circle(2.0, 8.0, 1.5)");
    let (a, b) = (circle(1.0, 0.0, 1.0), circle(2.0, -0.0, 1e-7));
    let sum = join(Operation::Union, &a, &b);
    let right = join(Operation::Difference, &a, &sum);
    assert_eq!(right.show(), "circle(1.0, 0.0, 1.0) - (circle(1.0, 0.0, 1.0) + circle(2.0, 0.0, 1e-7))");
    let meet = join(Operation::Intersection, &sum, &join(Operation::Intersection, &a, &b));
    assert_eq!(
        meet.show(),
        "(circle(1.0, 0.0, 1.0) + circle(2.0, 0.0, 1e-7)) & (circle(1.0, 0.0, 1.0) & circle(2.0, 0.0, 1e-7))"
    );
    let turned = with(Operation::Rotate, &[22.5f64.to_radians(), 0.0, 8.0], &a);
    assert_eq!(turned.show(), "rotate(circle(1.0, 0.0, 1.0), 22.5deg, 0.0, 8.0)");
    assert_eq!(
        with(Operation::Repeat, &[3.0, 1.5, 0.0], &with(Operation::Scale, &[2.0, 2.0], &a)).show(),
        "repeat(scale(circle(1.0, 0.0, 1.0), 2.0), 3, 1.5, 0.0)"
    );
    assert_eq!(with(Operation::Scale, &[2.0, 3.0], &a).show(), "scale_xy(circle(1.0, 0.0, 1.0), 2.0, 3.0)");
    assert_eq!(with(Operation::Rotate, &[0.123, 0.0, 0.0], &a).args()[0], 0.123);
    assert_eq!(show::angle(0.1234567), "0.1234567");
    assert_eq!(show::angle(-FRAC_PI_2), "-90deg");
    let p = prim(&POLYGON, &[0.0, 0.0, 4.0, 0.0, 0.0, 4.0]);
    assert_eq!(p.show(), "polygon([(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)])");
}

#[test]
fn bad_parameters_are_refused_by_name() {
    let bad = |op: Operation, args: &[f64], kids: Vec<Shape>| Shape::new(op, args.to_vec(), kids).unwrap_err().message;
    let of = |p: &Arc<Prim>| Operation::Prim(p.clone());
    assert_eq!(bad(of(&CIRCLE), &[0.0, 0.0, -1.0], vec![]), "`circle`: `r` is a length and cannot be negative: -1");
    assert_eq!(bad(of(&CIRCLE), &[f64::NAN, 0.0, 1.0], vec![]), "`circle`: `x` is NaN, which is not a finite number");
    assert_eq!(bad(of(&POLYGON), &[0.0; 4], vec![]), "`polygon` needs at least 3 points");
    let c = || vec![circle(0.0, 0.0, 1.0)];
    assert_eq!(bad(Operation::Scale, &[0.0, 0.0], c()), "`scale_xy`: `kx` must be greater than 0: 0");
    assert!(bad(Operation::Repeat, &[-1.0, 0.0, 0.0], c()).contains("whole number from 0"));
    let ball = prim(&SPHERE, &[0.0, 0.0, 0.0, 1.0]);
    assert!(bad(Operation::Union, &[], vec![circle(0.0, 0.0, 1.0), ball.clone()]).contains("of one kind"));
    assert!(bad(Operation::Mirror, &[0.0; 4], vec![ball.clone()]).contains("normal"));
    assert!(bad(Operation::Rotate, &[0.0; 3], vec![ball]).contains("does not apply"));
}

#[test]
fn angles_turn_counter_clockwise_as_seen() {
    // To the right of the centre, a quarter turn later above it: y points down.
    let s = with(Operation::Rotate, &[FRAC_PI_2, 8.0, 8.0], &circle(13.0, 8.0, 1.0));
    assert!(inside(&s, [8.0, 3.0, 0.0]) && inside(&s, [8.0, 2.0, 0.0]) && !inside(&s, [8.0, 13.0, 0.0]));
    let slanted = prim(&RECT, &[0.0, 0.0, 10.0, 1.0, PI / 4.0]);
    assert!(inside(&slanted, [3.0, -3.0, 0.0]) && !inside(&slanted, [3.0, 3.0, 0.0]));
    let above = prim(&HALF_PLANE, &[0.0, 8.0, FRAC_PI_2]);
    assert!(inside(&above, [100.0, 7.9, 0.0]) && !inside(&above, [100.0, 8.1, 0.0]));
}

#[test]
fn the_quadric_follows_its_formula() {
    let q = |c: &[f64]| {
        let mut args = c.to_vec();
        args.resize(16, 0.0);
        prim(&QUADRIC, &args)
    };
    let boxed = q(&[]);
    assert!(inside(&boxed, [0.5, -0.5, 0.5]) && !inside(&boxed, [0.51, 0.0, 0.0]));
    // t = 2 y^2 bends the box along x.
    let bent = q(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
    assert!(inside(&bent, [0.9, 0.5, 0.0]) && !inside(&bent, [-0.1, 0.5, 0.0]) && inside(&bent, [-0.5, 0.0, 0.0]));
    // s = 1 - 2 y closes to a line at y = 1/2.
    let wedge = q(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -2.0]);
    assert!(inside(&wedge, [0.9, -0.5, 0.0]) && !inside(&wedge, [0.1, 0.5, 0.0]));
}

#[test]
fn equality_is_structural() {
    let build = || {
        let mut s = join(Operation::Union, &circle(0.0, 0.0, 1.0), &circle(1.0, 0.0, 1.0));
        for _ in 0..50 {
            s = join(Operation::Union, &s, &s);
        }
        s
    };
    let (a, b) = (build(), build());
    assert!(a == b && a.same(&b));
    assert_eq!(a.lines(), 53);
    assert_eq!(a.show(), "<shape2 of 53 nodes>");
    assert!(a != join(Operation::Union, &a, &b));
    assert_ne!(circle(0.0, 0.0, 1.0), circle(0.0, 0.0, 2.0));
    assert_eq!(circle(0.0, 0.0, 1.0), circle(-0.0, 0.0, 1.0));
    let mut seen = Seen::new();
    assert!(a.bytes(&mut seen) < 53 * 300);
    assert_eq!(a.bytes(&mut seen), 0);
    assert!(inside(&a, [2.0, 0.0, 0.0]) && !inside(&a, [2.1, 0.0, 0.0]));
}

#[test]
fn bounds_hold_the_shape() {
    let s = with(Operation::Repeat, &[4.0, 5.0, 0.0], &circle(2.0, 2.0, 1.0));
    assert_eq!((s.bounds().lo, s.bounds().hi), ([1.0, 1.0, 0.0], [18.0, 3.0, 0.0]));
    let s = with(Operation::FlipUnion, &[8.0, 0.0, FRAC_PI_2], &s);
    assert_eq!((s.bounds().lo, s.bounds().hi), ([-2.0, 1.0, 0.0], [18.0, 3.0, 0.0]));
    assert!(!prim(&HALF_PLANE, &[0.0, 0.0, 1.0]).bounds().is_finite(2));
    assert!(with(Operation::Repeat, &[0.0, 1.0, 1.0], &s).bounds().is_empty());
    let b = prim(&BOX, &[4.0, 4.0, 4.0, 2.0, 4.0, 6.0]);
    assert_eq!(with(Operation::RotateZ, &[FRAC_PI_2], &b).bounds().lo, [-6.0, 3.0, 1.0]);
}

#[test]
fn deep_chains_fit_a_small_stack() {
    let work = || {
        for leaning in [true, false] {
            let mut s = circle(1.0, 1.0, 1.0);
            for i in 0..100_000 {
                let c = circle(f64::from(i % 16), 8.0, 1.0);
                s = if leaning { join(Operation::Union, &s, &c) } else { join(Operation::Union, &c, &s) };
            }
            assert_eq!(s.lines(), 200_001);
            assert_eq!(s.show(), "<shape2 of 200001 nodes>");
            assert!(s.bytes(&mut Seen::new()) > 200_001 * 100);
            assert!(s == s.clone() && inside(&s, [15.0, 8.0, 0.0]));
            let bits = sample::render(&s, sample::Frame::pixels(16, 16), 16, 16, &mut Unwatched).unwrap();
            assert!(bits.get(8, 12) && !bits.get(12, 12));
        }
        let mut s = circle(1.0, 1.0, 1.0);
        for _ in 0..100_000 {
            s = with(Operation::Translate, &[0.25, 0.0], &s);
        }
        assert!(inside(&s, [25_001.0, 1.0, 0.0]) && s.bounds().hi[0] == 25_002.0);
        let mut s = circle(1.0, 1.0, 1.0);
        for _ in 0..100_000 {
            s = with(Operation::Repeat, &[2.0, 1.0, 0.0], &s);
        }
        assert!(sample::inside(&s, [1.0, 1.0, 0.0], &mut Unwatched).unwrap_err().message.contains("`repeat`s"));
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap();
}

proptest::proptest! {
    #[test]
    fn mirror_leaves_its_line_where_it_is(x in -20.0..20.0f64, y in -20.0..20.0f64, a in -7.0..7.0f64, t in -9.0..9.0f64) {
        let m = with(Operation::FlipUnion, &[x, y, a], &circle(0.0, 0.0, 1.0)).maps().unwrap().0;
        let on = [x + t * a.cos(), y - t * a.sin(), 0.0];
        let off = [x + t * a.cos() + 3.0 * a.sin(), y - t * a.sin() + 3.0 * a.cos(), 0.0];
        let far = |p: [f64; 3], q: [f64; 3]| (0..3).map(|k| (p[k] - q[k]).abs()).fold(0.0, f64::max);
        proptest::prop_assert!(far(m.apply(on), on) < 1e-11);
        proptest::prop_assert!(far(m.apply(m.apply(off)), off) < 1e-11);
        // The image lies as far beyond the line.
        let image = [2.0 * on[0] - off[0], 2.0 * on[1] - off[1], 0.0];
        proptest::prop_assert!(far(m.apply(off), image) < 1e-11);
    }

    #[test]
    fn mirror_leaves_its_plane_where_it_is(n in proptest::array::uniform3(-5.0..5.0f64), d in -9.0..9.0f64,
                                           p in proptest::array::uniform3(-9.0..9.0f64)) {
        let len2: f64 = n.iter().map(|x| x * x).sum();
        proptest::prop_assume!(len2 > 1e-2);
        let m = with(Operation::Mirror, &[n[0], n[1], n[2], d], &prim(&SPHERE, &[0.0, 0.0, 0.0, 1.0])).maps().unwrap().0;
        let dot: f64 = (0..3).map(|k| n[k] * p[k]).sum();
        let on: [f64; 3] = std::array::from_fn(|k| p[k] - (dot - d) * n[k] / len2);
        for k in 0..3 {
            proptest::prop_assert!((m.apply(on)[k] - on[k]).abs() < 1e-8);
            proptest::prop_assert!((m.apply(m.apply(p))[k] - p[k]).abs() < 1e-8);
        }
    }
}
