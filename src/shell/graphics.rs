//! Pictures in a terminal. Only this file names viuer.

use crate::raster::image::Image;
use std::io::Write;
use viuer::Config;

/// Characters that a picture is wide at most.
const WIDEST: u32 = 64;

/// Draws a picture at the cursor, which goes to the line below it.
pub fn print(img: &Image) -> Result<(), viuer::ViuError> {
    let (columns, rows) = viuer::terminal_size();
    let (width, height) = cells(img.width(), img.height(), u32::from(columns), u32::from(rows));
    let protocol = Protocol::of(|name| std::env::var(name).unwrap_or_default());
    let config = Config {
        absolute_offset: false,
        width: Some(width),
        height: Some(height),
        use_kitty: protocol == Protocol::Kitty,
        use_iterm: protocol == Protocol::Iterm,
        use_sixel: protocol == Protocol::Sixel,
        ..Config::default()
    };
    std::io::stdout().flush()?;
    viuer::print(&image::DynamicImage::ImageRgba8(img.pixels().clone()), &config).map(drop)
}

/// Width and height in characters. A character is one pixel wide and two high in half-blocks, which is also about its
/// ratio elsewhere.
fn cells(w: u32, h: u32, columns: u32, rows: u32) -> (u32, u32) {
    let most_w = columns.saturating_sub(1).clamp(1, WIDEST);
    // The prompt and the value's text are to be seen with the picture.
    let most_h = rows.saturating_sub(4).max(4) * 2;
    let scale = (f64::from(most_w) / f64::from(w)).min(f64::from(most_h) / f64::from(h)).min(1.0);
    let pixels = |n: u32| (f64::from(n) * scale).round().max(1.0) as u32;
    (pixels(w), pixels(h).div_ceil(2))
}

/// Ways to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Kitty,
    Iterm,
    Sixel,
    Blocks,
}

impl Protocol {
    /// By what the terminal says of itself in the environment. To ask the terminal would be surer, but one that does
    /// not answer would leave the shell waiting, and keys typed ahead would be lost. `NSP_GRAPHICS` overrules.
    fn of(var: impl Fn(&str) -> String) -> Protocol {
        match var("NSP_GRAPHICS").as_str() {
            "kitty" => return Protocol::Kitty,
            "iterm" => return Protocol::Iterm,
            "sixel" => return Protocol::Sixel,
            "blocks" => return Protocol::Blocks,
            _ => {}
        }
        let (term, program) = (var("TERM"), var("TERM_PROGRAM"));
        if !var("TMUX").is_empty() || term.starts_with("screen") || term.starts_with("tmux") {
            return Protocol::Blocks;
        }
        if !var("KITTY_WINDOW_ID").is_empty() || term.contains("kitty") || term.contains("ghostty") {
            return Protocol::Kitty;
        }
        if program.contains("iTerm") || program.contains("WezTerm") || program.contains("mintty") {
            return Protocol::Iterm;
        }
        if !var("KONSOLE_VERSION").is_empty() {
            return Protocol::Iterm;
        }
        if ["foot", "mlterm", "contour", "sixel"].iter().any(|t| term.contains(t)) {
            return Protocol::Sixel;
        }
        Protocol::Blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_terminal() {
        assert_eq!(cells(256, 256, 80, 24), (40, 20));
        assert_eq!(cells(28, 28, 80, 24), (28, 14));
        assert_eq!(cells(1000, 10, 80, 24), (64, 1));
        assert_eq!(cells(1, 1, 1, 1), (1, 1));
    }

    #[test]
    fn asks_the_environment() {
        let with = |pairs: &'static [(&str, &str)]| {
            Protocol::of(|n| pairs.iter().find(|(k, _)| *k == n).map(|(_, v)| v.to_string()).unwrap_or_default())
        };
        assert_eq!(with(&[("TERM", "xterm-kitty")]), Protocol::Kitty);
        assert_eq!(with(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")]), Protocol::Blocks);
        assert_eq!(with(&[("TERM", "xterm-256color")]), Protocol::Blocks);
        assert_eq!(with(&[("TERM_PROGRAM", "WezTerm")]), Protocol::Iterm);
        assert_eq!(with(&[("TERM", "foot"), ("NSP_GRAPHICS", "blocks")]), Protocol::Blocks);
    }
}
