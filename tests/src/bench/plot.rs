//! The results as a picture: SVG of texts and bars, readable on light and dark pages.

use std::fmt::Write as _;

use super::figure::{Figure, Quantity};

/// In the picture's own units, which are about a screen's pixels.
const WIDTH: f64 = 860.0;
/// Where bars begin: what they are stands before them.
const LEFT: f64 = 400.0;
/// What is left beside the longest bar, for its number.
const RIGHT: f64 = 90.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 44.0;
/// A bar that uses more of its target than this is cut.
const MOST_USED: f64 = 2.0;

/// Texts take the page's usual colours; there is no background.
const STYLE: &str = "\
text { font: 13px sans-serif; fill: #24292f } .head { font-weight: bold } \
.bar { fill: #0969da } .missed { fill: #cf222e } .line { stroke: #57606a; stroke-dasharray: 4 3 } \
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #4493f8 } \
.missed { fill: #f85149 } .line { stroke: #9198a1 } }";

/// Draws what has a target beside the targets, and below what comes in a second.
#[must_use]
pub fn draw(figures: &[Figure]) -> String {
    let mut body = String::new();
    let mut y = 0.0;
    let aimed: Vec<_> =
        figures.iter().filter_map(|figure| Some((figure, figure.used()?))).collect();
    let room = WIDTH - LEFT - RIGHT;
    if !aimed.is_empty() {
        heading(&mut body, &mut y, "How much of the target is used (less is better)");
        let top = y;
        for (figure, used) in &aimed {
            let class = if *used <= 1.0 { "bar" } else { "missed" };
            let number = format!("{:.0} % {}", used * 100.0, figure.verdict());
            let length = used.min(MOST_USED) / MOST_USED * room;
            row(&mut body, &mut y, class, &label(figure), length, &number);
        }
        let x = LEFT + room / MOST_USED;
        let _ = writeln!(body, r#"<line class="line" x1="{x}" x2="{x}" y1="{top}" y2="{y}"/>"#);
    }
    let rates: Vec<_> =
        figures.iter().filter(|figure| matches!(figure.measured, Quantity::Rate(_))).collect();
    let most = rates.iter().map(|figure| figure.measured.number()).fold(0.0, f64::max);
    if most > 0.0 {
        heading(&mut body, &mut y, "A second (more is better)");
        for figure in rates {
            let length = figure.measured.number() / most * room;
            row(&mut body, &mut y, "bar", &label(figure), length, &figure.measured.to_string());
        }
    }
    let height = y + ROW;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"Results of the \
         benchmarks\">\n<style>{STYLE}</style>\n{body}</svg>\n"
    )
}

fn label(figure: &Figure) -> String {
    format!("{}: {}", figure.scenario, figure.what)
}

fn heading(to: &mut String, y: &mut f64, text: &str) {
    *y += HEAD;
    let (at, text) = (*y - 16.0, escape(text));
    let _ = writeln!(to, r#"<text class="head" x="8" y="{at}">{text}</text>"#);
}

fn row(to: &mut String, y: &mut f64, class: &str, label: &str, length: f64, number: &str) {
    let (top, base) = (*y + 4.0, *y + 17.0);
    let (label, number) = (escape(&short(label)), escape(number));
    let (end, length) = (LEFT - 8.0, length.max(1.0));
    let after = LEFT + length + 6.0;
    let _ = writeln!(
        to,
        "<text x=\"{end}\" y=\"{base}\" text-anchor=\"end\">{label}</text>\
         <rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"16\"/>\
         <text x=\"{after:.1}\" y=\"{base}\">{number}</text>"
    );
    *y += ROW;
}

/// As much as stands before the bars.
fn short(text: &str) -> String {
    const MOST: usize = 58;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST - 1).collect();
    format!("{}…", kept.trim_end())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
