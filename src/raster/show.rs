//! Pictures as text.

use super::image::{Image, luma};

/// Characters from dark to bright.
const RAMP: [char; 5] = ['.', ':', '+', '*', '#'];

/// A picture as lines of characters, `.` for black to `#` for white, at most `width` of them in a line. Each character
/// is the mean of a square of pixels.
pub fn ascii(img: &Image, width: usize) -> String {
    let (w, h) = (img.width(), img.height());
    let block = w.div_ceil(u32::try_from(width.max(1)).unwrap_or(u32::MAX)).max(1);
    let mut out = String::new();
    for top in (0..h).step_by(block as usize) {
        for left in (0..w).step_by(block as usize) {
            let (right, bottom) = ((left + block).min(w), (top + block).min(h));
            let cells = u64::from(right - left) * u64::from(bottom - top);
            let sum: u64 = (top..bottom)
                .flat_map(|y| (left..right).map(move |x| (x, y)))
                .map(|(x, y)| u64::from(luma(img.pixels().get_pixel(x, y))))
                .sum();
            out.push(RAMP[(sum / cells * RAMP.len() as u64 / 256) as usize]);
        }
        out.push('\n');
    }
    out
}
