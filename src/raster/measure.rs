//! How alike two pictures are, everywhere or where a mask is white.

use super::Watch;
use super::bits::Bits;
use super::image::Image;
use crate::vm::limits::Fail;

/// Peak signal-to-noise ratio in decibels, `10 log10(255^2 / mean squared difference)` over red, green and blue of the
/// pixels of `region` (all where there is none). Infinite for equal pictures.
///
/// Both pictures and the region must have one size, and the region a pixel.
pub fn psnr(a: &Image, b: &Image, region: Option<&Bits>, watch: &mut dyn Watch) -> Result<f64, Fail> {
    let n = check(a, b, region)?;
    watch.work(2 * a.pixels().as_raw().len())?;
    let mut sum = 0u64;
    for ((x, y, p), q) in a.pixels().enumerate_pixels().zip(b.pixels().pixels()) {
        if region.is_none_or(|r| r.get(y as usize, x as usize)) {
            sum += (0..3).map(|k| u64::from(p.0[k].abs_diff(q.0[k])).pow(2)).sum::<u64>();
        }
    }
    Ok(10.0 * (255.0 * 255.0 * 3.0 * n as f64 / sum as f64).log10())
}

/// Reach of the window of [`ssim`] on each side.
const REACH: usize = 5;
/// Sums of a window: x, y, x x, y y, x y.
const SUMS: usize = 5;

/// Mean structural similarity (Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
/// Structural Similarity", IEEE TIP 2004, equation 13) of the brightness of two pictures:
///
/// `(2 mx my + C1)(2 cxy + C2) / ((mx^2 + my^2 + C1)(vx + vy + C2))`, averaged over the pixels of `region`,
///
/// with `C1 = (0.01 * 255)^2`, `C2 = (0.03 * 255)^2`; means, variances and covariance (divided by the weights' sum) are
/// weighted by a Gaussian window of 11 x 11 pixels with a standard deviation of 1.5. At a picture's edge the window is
/// what lies inside. 1 for equal pictures, -1 at least.
pub fn ssim(a: &Image, b: &Image, region: Option<&Bits>, watch: &mut dyn Watch) -> Result<f64, Fail> {
    let n = check(a, b, region)?;
    let (w, h) = (a.width() as usize, a.height() as usize);
    // Only the rows that a window needs are held: a photograph of 20 million pixels takes a few hundred kilobytes.
    watch.charge((2 * REACH + 1) * w * SUMS * 8)?;
    let weights: [f64; 2 * REACH + 1] =
        std::array::from_fn(|i| (-(i as f64 - REACH as f64).powi(2) / (2.0 * 1.5 * 1.5)).exp());
    let mut held: Vec<Vec<[f64; SUMS]>> = vec![vec![[0.0; SUMS]; w]; 2 * REACH + 1];
    let mut made = 0;
    let mut total = 0.0;
    for y in 0..h {
        watch.work(w * 8 * REACH)?;
        while made < h.min(y + REACH + 1) {
            along_row(a, b, made, &weights, &mut held[made % (2 * REACH + 1)]);
            made += 1;
        }
        for x in (0..w).filter(|x| region.is_none_or(|r| r.get(y, *x))) {
            let mut s = [0.0; SUMS];
            let mut all = 0.0;
            for near in y.saturating_sub(REACH)..h.min(y + REACH + 1) {
                let weight = weights[near + REACH - y];
                let row = &held[near % (2 * REACH + 1)][x];
                s.iter_mut().zip(row).for_each(|(s, v)| *s += weight * v);
                all += weight;
            }
            total += similarity(s.map(|v| v / all));
        }
    }
    Ok(total / n as f64)
}

/// The similarity from weighted means of x, y, x x, y y, x y.
fn similarity([mx, my, xx, yy, xy]: [f64; SUMS]) -> f64 {
    const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    let (vx, vy, c) = (xx - mx * mx, yy - my * my, xy - mx * my);
    ((2.0 * mx * my + C1) * (2.0 * c + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2))
}

/// The sums of a row's windows, each one pixel high.
fn along_row(a: &Image, b: &Image, y: usize, weights: &[f64], out: &mut [[f64; SUMS]]) {
    let bright = |img: &Image, x: usize| {
        let [r, g, b, _] = img.pixels().get_pixel(x as u32, y as u32).0.map(f64::from);
        0.299 * r + 0.587 * g + 0.114 * b
    };
    let w = out.len();
    let values: Vec<(f64, f64)> = (0..w).map(|x| (bright(a, x), bright(b, x))).collect();
    for (x, sums) in out.iter_mut().enumerate() {
        *sums = [0.0; SUMS];
        let mut all = 0.0;
        for near in x.saturating_sub(REACH)..w.min(x + REACH + 1) {
            let weight = weights[near + REACH - x];
            let (p, q) = values[near];
            for (s, v) in sums.iter_mut().zip([p, q, p * p, q * q, p * q]) {
                *s += weight * v;
            }
            all += weight;
        }
        sums.iter_mut().for_each(|s| *s /= all);
    }
}

/// How many pixels are compared; an error where the sizes differ or there are none.
fn check(a: &Image, b: &Image, region: Option<&Bits>) -> Result<usize, Fail> {
    let (w, h) = (a.width(), a.height());
    if (w, h) != (b.width(), b.height()) {
        let m = format!("the pictures differ in size: {w} x {h} and {} x {}", b.width(), b.height());
        return Err(Fail::new("E0445", m));
    }
    let Some(r) = region else { return Ok(w as usize * h as usize) };
    if (r.row_len(), r.rows()) != (w as usize, h as usize) {
        let m = format!("the mask is {} x {} pixels, the pictures {w} x {h}", r.row_len(), r.rows());
        return Err(Fail::new("E0445", m));
    }
    match r.count() {
        0 => Err(Fail::new("E0445", "the mask is black everywhere: nothing is compared")),
        n => Ok(n as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Unwatched;

    fn noise(seed: u32, w: u32, h: u32) -> Image {
        // Knuth's multiplicative hash of the place: any fixed pattern without symmetry does.
        let level = |x: u32, y: u32| ((x * 7919 + y * 104_729 + seed).wrapping_mul(2_654_435_761) >> 24) as u8;
        Image::from_levels(w, h, |x, y| level(x, y) / 2 + (x * 3 + y * 2) as u8)
    }

    #[test]
    fn flat_pictures_differ_in_brightness_alone() {
        let (a, b) = (Image::from_levels(20, 9, |_, _| 100), Image::from_levels(20, 9, |_, _| 150));
        let c1 = 2.55f64.powi(2);
        let expected = (2.0 * 100.0 * 150.0 + c1) / (100.0f64.powi(2) + 150.0f64.powi(2) + c1);
        assert!((ssim(&a, &b, None, &mut Unwatched).unwrap() - expected).abs() < 1e-12);
        assert!((psnr(&a, &b, None, &mut Unwatched).unwrap() - 20.0 * (255.0f64 / 50.0).log10()).abs() < 1e-12);
        assert_eq!(ssim(&a, &a, None, &mut Unwatched).unwrap(), 1.0);
        assert_eq!(psnr(&a, &a, None, &mut Unwatched).unwrap(), f64::INFINITY);
    }

    /// By the definition: a window of two dimensions at each pixel.
    fn plain(a: &Image, b: &Image, x0: i64, y0: i64) -> f64 {
        let mut s = [0.0; SUMS];
        let mut all = 0.0;
        for dy in -5i64..=5 {
            for dx in -5i64..=5 {
                let (x, y) = (x0 + dx, y0 + dy);
                if (0..i64::from(a.width())).contains(&x) && (0..i64::from(a.height())).contains(&y) {
                    let weight = (-((dx * dx + dy * dy) as f64) / 4.5).exp();
                    let p = f64::from(a.pixels().get_pixel(x as u32, y as u32).0[0]);
                    let q = f64::from(b.pixels().get_pixel(x as u32, y as u32).0[0]);
                    s.iter_mut().zip([p, q, p * p, q * q, p * q]).for_each(|(s, v)| *s += weight * v);
                    all += weight;
                }
            }
        }
        similarity(s.map(|v| v / all))
    }

    #[test]
    fn separable_windows_are_windows() {
        let (a, b) = (noise(1, 17, 14), noise(2, 17, 14));
        let mut region = Bits::new(14, 17);
        let mut expected = 0.0;
        let places = [(0, 0), (16, 13), (8, 7), (3, 11)];
        for (x, y) in places {
            region.set(y, x, true);
            expected += plain(&a, &b, x as i64, y as i64) / places.len() as f64;
        }
        assert!((ssim(&a, &b, Some(&region), &mut Unwatched).unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn agrees_with_scikit_image() {
        // skimage 0.26: structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        // data_range=255, full=True)[1][5:-5, 5:-5].mean()
        let (a, b) = (noise(1, 24, 20), noise(2, 24, 20));
        let mut region = Bits::new(20, 24);
        (5..15).for_each(|y| (5..19).for_each(|x| region.set(y, x, true)));
        let found = ssim(&a, &b, Some(&region), &mut Unwatched).unwrap();
        assert!((found + 0.3560834110179554).abs() < 1e-9, "{found}");
    }

    #[test]
    fn only_the_region_counts() {
        let (a, mut changed) = (noise(1, 8, 8), noise(1, 8, 8).pixels().clone());
        changed.get_pixel_mut(1, 1).0[0] ^= 64;
        let b = Image::from(changed);
        let mut region = Bits::new(8, 8);
        region.set(5, 5, true);
        assert_eq!(psnr(&a, &b, Some(&region), &mut Unwatched).unwrap(), f64::INFINITY);
        region.set(1, 1, true);
        let expected = 10.0 * (255.0 * 255.0 * 6.0 / (64.0f64 * 64.0)).log10();
        assert!((psnr(&a, &b, Some(&region), &mut Unwatched).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn sizes_must_agree() {
        let (a, b) = (noise(1, 8, 8), noise(1, 8, 7));
        assert!(ssim(&a, &b, None, &mut Unwatched).unwrap_err().message.contains("8 x 8 and 8 x 7"));
        assert!(psnr(&a, &a, Some(&Bits::new(7, 8)), &mut Unwatched).unwrap_err().message.contains("8 x 7 pixels"));
        assert!(ssim(&a, &a, Some(&Bits::new(8, 8)), &mut Unwatched).unwrap_err().message.contains("black"));
    }
}
