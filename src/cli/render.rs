//! `nsp render`.

use super::args::{RenderArgs, Size};
use super::host::{Host, code};
use super::program::functions;
use crate::raster::image::Image;
use crate::raster::sample::Frame;
use crate::raster::{Unwatched, Watch};
use crate::shape::Shape;
use crate::shell::picture;
use crate::types::Type;
use crate::vm::limits::Fail;
use crate::vm::value::Typed;
use image::imageops::{FilterType, resize};

/// Pixels of the longer side of a shape's picture, unless a size is given.
const SIDE: u32 = 256;

/// Runs a program and writes the picture that it ends with.
pub fn run(host: &Host, args: &RenderArgs) -> u8 {
    let (name, text) = match host.read(&args.program) {
        Ok(read) => read,
        Err(code) => return code,
    };
    let mut session = host.session();
    host.catch_interrupts();
    let mut value = match session.step(&name, &text) {
        Ok(outcome) => outcome.value,
        Err(errors) => return host.report(&errors, session.sources()),
    };
    // A program that only defines functions, as `save` writes it, is drawn by its last one.
    let last = if value.ty == Type::Unit { functions(&text).pop() } else { None };
    if let Some(n) = args.name.as_deref().or(last.as_deref()) {
        let known = session.scope().get(n).is_some();
        value = match session.step("<name>", n) {
            Ok(found) => found.value,
            Err(_) if !known => return host.error("E0101", format!("`{name}` has no value `{n}`"), None),
            Err(errors) => return host.report(&errors, session.sources()),
        };
    }
    if let Type::Fn(f) = &value.ty
        && f.params.is_empty()
    {
        value = match session.call(&value.value, &[]) {
            Ok(made) => Typed { value: made, ty: f.ret.clone() },
            Err(e) => return host.report(&[e.into()], session.sources()),
        };
    }
    let path = args.output.display().to_string();
    let watch = &mut picture::Until(&host.cancel);
    let done =
        draw(&value, args, watch).and_then(|img| crate::raster::file::save(&img, &args.output, &path, &mut Unwatched));
    match done {
        Ok(()) => code::DONE,
        Err(fail) => host.error(fail.code, fail.message, fail.help),
    }
}

fn draw(value: &Typed, args: &RenderArgs, watch: &mut dyn Watch) -> Result<Image, Fail> {
    if let Some(shape) = value.value.downcast::<Shape>() {
        if shape.dim() != 2 {
            return Err(Fail::new("E0442", "a shape3 has no picture of its own")
                .help("cut it or look at it from a side in the program"));
        }
        let frame = match args.frame {
            Some([x0, y0, x1, y1]) => Frame { x0, y0, x1, y1 },
            None => picture::own_frame(shape).ok_or_else(|| {
                Fail::new("E0442", "the shape is empty or has no end").help("say what to show: --frame x0,y0,x1,y1")
            })?,
        };
        return match args.size {
            Some(Size::Both(w, h)) => picture::shape(shape, frame, w as usize, h as usize, watch),
            Some(Size::Longer(n)) => picture::shape_within(shape, frame, n as usize, watch),
            None => picture::shape_within(shape, frame, SIDE as usize, watch),
        };
    }
    if let Some(img) = value.value.downcast::<Image>() {
        if args.frame.is_some() {
            return Err(Fail::new("E0442", "--frame is for shapes; this is an image").help("`crop` cuts an image"));
        }
        let (w, h) = (img.width(), img.height());
        let (to_w, to_h) = match args.size {
            None => return Ok(img.clone()),
            Some(Size::Both(w, h)) => (w, h),
            Some(Size::Longer(n)) => picture::within(f64::from(w) / f64::from(h), n),
        };
        crate::raster::check_size(&[i64::from(to_w), i64::from(to_h)])?;
        return Ok(resize(img.pixels(), to_w, to_h, FilterType::Triangle).into());
    }
    let help = "end the program with a shape2, an image or a function without parameters that gives one, or use --name";
    Err(Fail::new("E0442", format!("a value of type {} has no picture", value.ty)).help(help))
}
