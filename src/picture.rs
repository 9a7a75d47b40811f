//! Charts in files: everything that `poetgan sweep` and `poetgan export` plot is drawn by plotters, as SVG or PNG.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, SVGBackend};
use plotters::style::{FontStyle, register_font};

/// What comes of drawing on an area.
pub type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// What `draw` draws, as SVG of `width` x `height` pixels.
pub fn svg(
    (width, height): (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, Shift>) -> Drawn<SVGBackend<'static>>,
) -> Result<String> {
    prepare_font()?;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        draw(&area).and_then(|()| area.present()).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
    }
    Ok(text)
}

/// What `draw` draws, as PNG of `width` x `height` pixels.
pub fn png(
    (width, height): (u32, u32),
    draw: impl FnOnce(&DrawingArea<BitMapBackend, Shift>) -> Drawn<BitMapBackend<'static>>,
) -> Result<Vec<u8>> {
    prepare_font()?;
    let mut pixels = vec![0; (3 * width * height) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw(&area).and_then(|()| area.present()).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// Charts get their letters from a font of the program, since a machine may have none.
fn prepare_font() -> Result<()> {
    register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_| anyhow!("the font of charts is damaged"))
}
