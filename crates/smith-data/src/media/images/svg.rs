//! SVG: the size that the drawing asks for.

use super::measure::{ImageMeasure, Mode};
use crate::media::window::Window;

/// Where the drawing's first element is looked for: comments and metadata may stand before it.
const HEAD: usize = 32 << 10;
const FIRST_LOOK: usize = 4 << 10;

pub(super) fn measure(window: &mut Window<'_>) -> Option<ImageMeasure> {
    let length = window.length();
    let end = closing(window);
    for head in [FIRST_LOOK, HEAD] {
        let text = text_of(window.up_to(0, head));
        if let Some(tag) = first_tag(&text) {
            let (width, height) = size(tag);
            let mut measure = ImageMeasure::new("svg", width, height);
            measure.mode = Some(Mode::Vector);
            measure.cut = !end && !tag.ends_with('/');
            return Some(measure);
        }
        if length <= head as u64 {
            break;
        }
    }
    None
}

/// True when the file ends as a drawing does; UTF-16 is taken on trust.
fn closing(window: &mut Window<'_>) -> bool {
    let wide = window.has(0, b"\xff\xfe") || window.has(0, b"\xfe\xff");
    wide || window.tail_holds(2 << 10, b"svg>")
}

fn text_of(bytes: &[u8]) -> String {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map_or(encoding_rs::UTF_8, |(found, _)| found);
    encoding.decode(bytes).0.into_owned()
}

/// The inside of the first `svg` element's tag, behind its name. Comments are passed over.
fn first_tag(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')?..)?;
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.get(comment.find("-->")?..)?;
            continue;
        }
        let inside = rest.get(1..)?;
        let name = inside.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next()?;
        if name == "svg" || name.ends_with(":svg") {
            let tag = inside.get(name.len()..)?;
            return tag.get(..tag.find('>')?);
        }
        // Before the drawing there are only a declaration and a document type.
        if !inside.starts_with(['?', '!']) {
            return None;
        }
        rest = inside;
    }
}

/// Width and height in pixels; the view box stands in for what is missing or a share of the page. Nought when there
/// is neither.
fn size(tag: &str) -> (u32, u32) {
    let view = attribute(tag, "viewBox").and_then(view_box);
    let side = |name: &str, of_view: Option<f64>| {
        let pixels = attribute(tag, name).and_then(pixels).or(of_view).unwrap_or(0.0);
        if pixels.is_finite() { pixels.round().clamp(0.0, f64::from(u32::MAX)) as u32 } else { 0 }
    };
    (side("width", view.map(|view| view.0)), side("height", view.map(|view| view.1)))
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let (before, after) = (rest.get(..at)?, rest.get(at + name.len()..)?);
        let value = after.trim_start().strip_prefix('=').map(str::trim_start);
        if let Some(value) = value.filter(|_| before.is_empty() || before.ends_with(char::is_whitespace)) {
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            return value.get(1..)?.split(quote).next();
        }
        rest = after;
    }
}

fn view_box(value: &str) -> Option<(f64, f64)> {
    let mut numbers = value.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty());
    Some((numbers.nth(2)?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// A length in CSS pixels, of which an inch has 96.
fn pixels(value: &str) -> Option<f64> {
    let value = value.trim();
    let split = value
        .find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E' || c == '%')
        .unwrap_or(value.len());
    // `em` and `ex` begin with a letter of a number's exponent.
    let (number, unit) = match value.strip_suffix("em").or_else(|| value.strip_suffix("ex")) {
        Some(number) => (number, "em"),
        None => value.split_at_checked(split)?,
    };
    let factor = match unit {
        "" | "px" => 1.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        _ => return None,
    };
    number.trim().parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Option<(u32, u32, bool)> {
        measure(&mut Window::of(text.as_bytes())).map(|found| (found.width, found.height, found.cut))
    }

    #[test]
    fn sizes() {
        let cases = [
            ("<svg width=\"20\" height='30px'></svg>", Some((20, 30, false))),
            ("<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg viewBox=\"0 0 72 36\"/>", Some((72, 36, false))),
            ("<svg viewBox=\"0,0,72,36\" width=\"100%\"></svg>", Some((72, 36, false))),
            ("<svg:svg height=\"1in\" width=\"25.4mm\"></svg:svg>", Some((96, 96, false))),
            (
                "<!-- <svg width=\"9\"> --><svg stroke-width=\"3\" width=\"5\" height=\"5\">",
                Some((5, 5, true)),
            ),
            ("<svg width=\"1e2\" height=\"2em\"></svg>", Some((100, 0, false))),
            ("<html><svg width=\"9\"/></html>", None),
            ("plain text", None),
        ];
        for (text, expected) in cases {
            assert_eq!(measured(text), expected, "{text}");
        }
    }
}
