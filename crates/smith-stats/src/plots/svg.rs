//! SVG by hand: shapes and escaped text.

use std::fmt::Write;

/// Where a text is held.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture that is being drawn; lengths are in pixels, from the top left.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut svg = Self { width, height, body: String::new() };
        svg.add(format_args!("<title>{}</title>", escaped(title)));
        svg.rect((0.0, 0.0), (width, height), "#ffffff", 1.0);
        svg.text((12.0, 22.0), title, 14.0, Anchor::Start, "#111111");
        svg
    }

    fn add(&mut self, part: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(part);
        self.body.push('\n');
    }

    pub(super) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str, width: f64) {
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}" stroke-width="{width}"/>"#
        ));
    }

    pub(super) fn dashed(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str) {
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}" stroke-dasharray="5 4"/>"#
        ));
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), colour: &str, opacity: f64) {
        let (w, h) = (w.max(0.0), h.max(0.0));
        self.add(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" fill="{colour}" fill-opacity="{opacity}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, (x, y): (f64, f64), radius: f64, colour: &str) {
        self.add(format_args!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{colour}"/>"#));
    }

    pub(super) fn polyline(&mut self, points: &[(f64, f64)], colour: &str, width: f64) {
        let points = joined(points);
        self.add(format_args!(
            r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>"#
        ));
    }

    pub(super) fn area(&mut self, points: &[(f64, f64)], colour: &str) {
        let points = joined(points);
        self.add(format_args!(r#"<polygon points="{points}" fill="{colour}" fill-opacity="0.15"/>"#));
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, size: f64, anchor: Anchor, colour: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.add(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{text}</text>"#
        ));
    }

    pub(super) fn finish(self) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 \
             {width:.0} {height:.0}\" font-family=\"sans-serif\" role=\"img\">\n{body}</svg>\n"
        )
    }
}

fn joined(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

/// A name as long as a label may be.
pub(super) fn label(name: &str) -> String {
    const SHOWN: usize = 26;
    let cut: String = name.chars().take(SHOWN).collect();
    if cut.len() < name.len() { format!("{cut}…") } else { cut }
}

/// Text of others, harmless inside an element. Characters that XML does not know become a replacement.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        let mut svg = Svg::new(10.0, 10.0, "<script>");
        svg.text((0.0, 0.0), "a\u{0}&\"", 1.0, Anchor::End, "#000");
        let drawn = svg.finish();
        assert!(drawn.contains("<title>&lt;script&gt;</title>") && drawn.contains("a\u{fffd}&amp;&quot;"));
        assert_eq!(label(&"ä".repeat(40)), format!("{}…", "ä".repeat(26)));
    }
}
