//! How alike pictures are, and how well loop programs agree with them.

use super::synth::budget;
use super::synth_loops::loops_of;
use super::util::arg;
use super::{Op, native as body};
use crate::native;
use crate::raster::image::{Grid, Image};
use crate::raster::measure;
use crate::synth::loops::judge;
use crate::synth::loops::solve::{LAMBDA, Options, overlap, unknown_cells};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;

const PSNR: &str = "Peak signal-to-noise ratio in decibels, 10 log10(255^2 / mean squared difference) over red, green and \
    blue; infinite for equal pictures. Both must have one size. With `mask`, only where it is white.";

const SSIM: &str = "Mean structural similarity of the brightness of two pictures, 1 for equal ones (Wang, Bovik, Sheikh and \
    Simoncelli, IEEE TIP 2004): a Gaussian window of 11 x 11 pixels with a standard deviation of 1.5, constants \
    (0.01 * 255)^2 and (0.03 * 255)^2. Both must have one size. With `mask`, the mean over the windows whose centre is \
    white there.";

const OBJECTIVE: &str = "What `synth.loops` makes as large as it can (PS-GM, equation 3), for any loop program: the pairs of \
    like cells of a picture that the program makes equal, plus `lambda` for each pair of different cells that it does not. \
    Both orders of a pair count, and each cell with itself. `epsilon` and `method` are as for `synth.loops`. With `mask`, cells that it touches \
    count neither way.";

const FRECHET: &str = "The Frechet distance of two lists of pictures (Heusel and others, 2017, equation 6) as a network sees \
    them: |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) of the means and covariances of its features. Lower is more alike. \
    `network` is a safetensors file with F32, F64 or BF16 weights in PyTorch's layout and, in its metadata, `input` \
    (`channels`, `height`, `width`, and `mean` and `std` to normalise with) and `layers`, a list in JSON of `conv`, \
    `linear`, `relu`, `max_pool`, `avg_pool` and `mean_pool`. Pictures are resized to the network's input. With Inception's \
    weights it is the FID; those are not included. Each list needs two pictures.";

/// Measures of pictures.
pub fn ops() -> Vec<Op> {
    let mut out = pictures();
    out.extend(loops());
    out
}

fn loops() -> Vec<Op> {
    let program = "synth.loops(checkerboard(4, 4, 6), 4, k: 1)";
    let objective = |mask: bool| {
        let (more, given) = if mask { (", mask: image", ", blank(24, 24)") } else { ("", "") };
        Op::new(
            "objective",
            format!(
                "(program: fn() -> image, img: image{more}, lambda: num = {LAMBDA:?}, epsilon: num = 0.0, method: str = \"auto\", seconds: num = 10.0) -> num"
            ),
            OBJECTIVE,
            format!("objective({program}, checkerboard(4, 4, 6){given}, lambda: 0.0) > 0.0"),
            body(move |cx, args| {
                let program = loops_of(cx, arg(args, 0)?)?;
                let img: &Image = arg(args, 1)?;
                let mask: Option<&Image> = if mask { Some(arg(args, 2)?) } else { None };
                let rest = &args[args.len() - 4..];
                let (lambda, epsilon): (f64, f64) = (arg(rest, 0)?, arg(rest, 1)?);
                let method: &str = arg(rest, 2)?;
                let overlap = overlap(method).ok_or_else(|| format!("objective: there is no method `{method}`"))?;
                let budget = budget(cx, "objective", arg(rest, 3)?, 0)?;
                super::synth_loops::pay(cx, img, &program.grid)?;
                crate::synth::loops::solve::check_grid(img, &program.grid)?;
                let unknown = unknown_cells(img, &program.grid, mask)?;
                let epsilon = (epsilon > 0.0).then_some(epsilon);
                let options = Options { lambda, epsilon, overlap, ..Options::default() };
                Ok(Value::Num(judge::objective(&program, img, &unknown, &options, &budget)?.0))
            }),
        )
    };
    vec![
        objective(false),
        objective(true),
        Op::new(
            "coverage",
            "(program: fn() -> image) -> num",
            "The share of its grid's cells on which a loop program draws.",
            "coverage(fn() { picture(grid(2, 1, 1, 1), [draw(1, 1, blank(1, 1))]) }) == 0.5",
            body(|cx, args| Ok(Value::Num(judge::coverage(&loops_of(cx, arg(args, 0)?)?)))),
        ),
        Op::new(
            "cell_accuracy",
            "(a: image, b: image, g: grid, epsilon: num = 0.1) -> num",
            "The share of cells of a grid in which two pictures are alike, which is at most `epsilon` apart as \
             `synth.loops` measures it: the earth mover's distance of their colours, from 0 to 1, plus 0.1 times the share \
             of local features without a counterpart.",
            "cell_accuracy(checkerboard(2, 2, 6), blank(12, 12), grid(2, 2, 6, 6)) == 0.5",
            native!(try |cx; a: &Image, b: &Image, g: &Grid, epsilon: f64| -> f64 {
                super::synth_loops::pay(cx, a, g)?;
                judge::accuracy(a, b, g, epsilon)
            }),
        ),
        Op::new(
            "frechet",
            "(a: [image], b: [image], network: str) -> num",
            FRECHET,
            "// frechet(real, made, \"features.safetensors\")",
            native!(try |cx; a: &[Value], b: &[Value], network: &str| -> f64 {
                let path = cx.path(network)?;
                frechet(cx, [a, b], &path, network)
            }),
        ),
    ]
}

#[cfg(not(feature = "features"))]
fn frechet(_: &mut Ctx<'_>, _: [&[Value]; 2], _: &std::path::Path, _: &str) -> Result<f64, Fail> {
    Err(Fail::from("frechet: this nsp was built without feature networks").help("build it with the feature `features`"))
}

#[cfg(feature = "features")]
fn frechet(cx: &mut Ctx<'_>, sets: [&[Value]; 2], path: &std::path::Path, name: &str) -> Result<f64, Fail> {
    use nsp_models::features::FeatureNet;
    let bad = |e: nsp_models::ModelError| Fail::new("E0443", format!("frechet: `{name}`: {e}"));
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    cx.charge(usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(2))?;
    let bytes = std::fs::read(path).map_err(|e| Fail::new("E0602", format!("cannot read `{name}`: {e}")))?;
    let net = FeatureNet::from_safetensors(&bytes).map_err(bad)?;
    drop(bytes);
    let mut rows: [Vec<Vec<f32>>; 2] = Default::default();
    for (set, rows) in sets.into_iter().zip(&mut rows) {
        for img in set {
            let img: &Image = super::convert::FromArg::from_arg(img)?;
            cx.charge(net.features() * 4 + img.pixels().as_raw().len())?;
            cx.work(net.work())?;
            rows.push(net.run(&seen(img, net.input())).map_err(bad)?);
        }
    }
    // The roots of covariance matrices take the third power of the number of features.
    cx.work(net.features().saturating_pow(3))?;
    nsp_models::frechet::frechet(&rows[0], &rows[1]).map_err(|e| Fail::from(format!("frechet: {e}")))
}

/// A picture as a network takes it: resized, channels first, from 0 to 1.
#[cfg(feature = "features")]
fn seen(img: &Image, input: &nsp_models::features::Input) -> Vec<f32> {
    use image::imageops::{FilterType, resize};
    let (w, h) = (input.width as u32, input.height as u32);
    let sized = if (img.width(), img.height()) == (w, h) {
        img.clone()
    } else {
        Image::from(resize(img.pixels(), w, h, FilterType::Triangle))
    };
    let level = |c: usize| {
        let channels = input.channels;
        sized.pixels().pixels().map(move |p| if channels == 1 { crate::raster::image::luma(p) } else { p.0[c] })
    };
    (0..input.channels).flat_map(level).map(|v| f32::from(v) / 255.0).collect()
}

fn pictures() -> Vec<Op> {
    vec![
        Op::new(
            "psnr",
            "(a: image, b: image) -> num",
            PSNR,
            "psnr(blank(1, 1, 255, 255, 255), blank(1, 1)) == 0.0",
            native!(try |cx; a: &Image, b: &Image| -> f64 { measure::psnr(a, b, None, cx) }),
        ),
        Op::new(
            "psnr",
            "(a: image, b: image, mask: image) -> num",
            PSNR,
            "psnr(blank(2, 1, 255, 255, 255), blank(2, 1), image_from_rows([\".#\"])) == 0.0",
            native!(try |cx; a: &Image, b: &Image, mask: &Image| -> f64 {
                measure::psnr(a, b, Some(&mask.to_bits()), cx)
            }),
        ),
        Op::new(
            "ssim",
            "(a: image, b: image) -> num",
            SSIM,
            "ssim(image_from_rows([\"#.\"]), image_from_rows([\"#.\"])) == 1.0",
            native!(try |cx; a: &Image, b: &Image| -> f64 { measure::ssim(a, b, None, cx) }),
        ),
        Op::new(
            "ssim",
            "(a: image, b: image, mask: image) -> num",
            SSIM,
            "ssim(blank(9, 9), blank(9, 9), blank(9, 9, 255, 255, 255)) == 1.0",
            native!(try |cx; a: &Image, b: &Image, mask: &Image| -> f64 {
                measure::ssim(a, b, Some(&mask.to_bits()), cx)
            }),
        ),
    ]
}

#[cfg(all(test, feature = "features"))]
mod tests {
    use super::super::util::testing::{call_in, env};
    use super::*;
    use crate::vm::limits::Limits;
    use std::sync::{Arc, Mutex};

    #[test]
    fn distance_of_grey_pixels() {
        // A network without layers sees the pixel itself: (m1 - m2)^2 + (s1 - s2)^2 of what it is of 255.
        let dir = tempfile::tempdir().unwrap();
        let meta = r#"{"__metadata__":{"input":"{\"channels\":1,\"height\":1,\"width\":1}","layers":"[]"}}"#;
        let bytes = [&(meta.len() as u64).to_le_bytes()[..], meta.as_bytes()].concat();
        std::fs::write(dir.path().join("n.safetensors"), bytes).unwrap();
        let set = |levels: &[u8]| {
            Value::list(levels.iter().map(|v| Value::obj(Image::from_levels(2, 2, |_, _| *v))).collect())
        };
        let env = env(dir.path(), Arc::new(Mutex::new(Vec::new())), Limits::default());
        let call = |a: &[u8], b: &[u8], file: &str| {
            let args = vec![set(a), set(b), Value::str(file)];
            call_in(&env, "frechet", "(a: [image], b: [image], network: str) -> num", args)
        };
        let Ok(Value::Num(found)) = call(&[0, 51], &[102, 204], "n.safetensors") else { panic!("no distance") };
        let half = 0.5f64.sqrt();
        let expected = (0.1f64 - 0.6).powi(2) + (0.2 * half - 0.4 * half).powi(2);
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        assert!(call(&[0], &[1, 2], "n.safetensors").unwrap_err().message.contains("at least 2"));
        assert_eq!(call(&[0, 1], &[1, 2], "other.safetensors").unwrap_err().code, "E0602");
        std::fs::write(dir.path().join("bad.safetensors"), b"12345678{}").unwrap();
        assert!(call(&[0, 1], &[1, 2], "bad.safetensors").unwrap_err().message.contains("not a safetensors file"));
    }
}
