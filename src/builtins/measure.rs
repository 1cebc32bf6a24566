//! How alike two pictures are.

use super::Op;
use crate::native;
use crate::raster::image::Image;
use crate::raster::measure;

const PSNR: &str = "Peak signal-to-noise ratio in decibels, 10 log10(255^2 / mean squared difference) over red, green and \
    blue; infinite for equal pictures. Both must have one size. With `mask`, only where it is white.";

const SSIM: &str = "Mean structural similarity of the brightness of two pictures, 1 for equal ones (Wang, Bovik, Sheikh and \
    Simoncelli, IEEE TIP 2004): a Gaussian window of 11 x 11 pixels with a standard deviation of 1.5, constants \
    (0.01 * 255)^2 and (0.03 * 255)^2. Both must have one size. With `mask`, the mean over the windows whose centre is \
    white there.";

/// Measures of pictures.
pub fn ops() -> Vec<Op> {
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
