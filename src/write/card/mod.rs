//! A card with a poem, as SVG or PNG: columns from right to left for Chinese, Japanese and Korean, else lines.

mod fonts;
mod layout;
mod seal;

pub use fonts::CardFont;

use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use svg::node::element::{Description, Rectangle, Text, Title};
use svg::{Document, Node};

use super::GeneratedPoem;
use super::poem_script::PoemScript;
use crate::corpus::Form;
use layout::{CardLayout, PlacedText};

const PAPER: &str = "#fbf8f1";
const INK: &str = "#26211c";
const FAINT: &str = "#8a7f70";
const FRAME: &str = "#e3dbcb";
/// Pixels of a PNG for each unit of the drawing.
const SCALE: f32 = 2.0;

/// Fonts that a viewer of the SVG may have, the best first; each list ends with a name that every viewer knows.
const SIMPLIFIED: &[&str] =
    &["Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Songti SC", "SimSun", "serif"];
const TRADITIONAL: &[&str] =
    &["Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif TC", "Songti TC", "PMingLiU", "serif"];
const JAPANESE: &[&str] =
    &["Noto Serif CJK JP", "Noto Serif JP", "Source Han Serif", "Hiragino Mincho ProN", "Yu Mincho", "serif"];
const KOREAN: &[&str] =
    &["Noto Serif CJK KR", "Noto Serif KR", "Source Han Serif K", "AppleMyungjo", "Batang", "serif"];
const OTHERS: &[&str] =
    &["Noto Serif", "Source Serif 4", "Georgia", "Times New Roman", "Liberation Serif", "DejaVu Serif", "serif"];

/// A poem with its script.
pub struct Card<'a> {
    pub poem: &'a GeneratedPoem,
    pub script: PoemScript,
}

impl Card<'_> {
    /// The card for any viewer, with fonts to choose from.
    pub fn svg(&self) -> String {
        self.drawing(self.families())
    }

    /// The card in pixels, and the name of its font.
    ///
    /// # Errors
    /// Characters that no font of the system has.
    pub fn png(&self) -> Result<(Vec<u8>, String)> {
        let characters: String = self.layout().texts.iter().map(|placed| placed.text.as_str()).collect();
        let CardFont { name, database } = CardFont::find(self.families(), &characters)?;
        let drawing = self.drawing(&[&name, fonts::BUILT_IN]);
        let tree = Tree::from_str(&drawing, &Options { fontdb: database, ..Options::default() })?;
        let size = tree.size().to_int_size().scale_by(SCALE).context("the card has no size")?;
        let mut pixels = Pixmap::new(size.width(), size.height()).context("the card is too large")?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        Ok((pixels.encode_png()?, name))
    }

    fn layout(&self) -> CardLayout {
        let lines: Vec<&str> = self.poem.text.lines().collect();
        let title = std::iter::once("poetgan".to_string()).chain(self.form()).collect::<Vec<_>>().join(" · ");
        let layout = if self.is_upright() { CardLayout::upright } else { CardLayout::horizontal };
        layout(&lines, &title)
    }

    /// The form as it stands on the card; `None` for free verse.
    fn form(&self) -> Option<String> {
        match (self.poem.form, self.script.form_name(self.poem.form)) {
            (_, Some(name)) => Some(name),
            (Form::Lines(lines), None) if self.is_upright() => Some(format!("{lines}行")),
            (Form::Lines(lines), None) => Some(format!("{lines} lines")),
            (Form::Fixed { .. }, None) => Some(self.poem.form.to_string()),
            (Form::Free, None) => None,
        }
    }

    fn families(&self) -> &'static [&'static str] {
        match self.script {
            PoemScript::Simplified => SIMPLIFIED,
            PoemScript::Traditional => TRADITIONAL,
            PoemScript::Japanese => JAPANESE,
            PoemScript::Korean => KOREAN,
            PoemScript::Other => OTHERS,
        }
    }

    fn is_upright(&self) -> bool {
        self.script != PoemScript::Other
    }

    fn drawing(&self, families: &[&str]) -> String {
        let CardLayout { width, height, texts, seal } = self.layout();
        let quoted: Vec<String> = families.iter().map(|family| quoted(family)).collect();
        let paper = Rectangle::new().set("width", width).set("height", height).set("fill", PAPER);
        let frame = Rectangle::new().set("x", 16).set("y", 16).set("width", width - 32.0).set("height", height - 32.0);
        let document = Document::new()
            .set("viewBox", (0, 0, width, height))
            .set("width", width)
            .set("height", height)
            .set("font-family", quoted.join(", "))
            .set("role", "img")
            .add(Title::new(format!("poetgan, {}, seed {}", self.poem.form, self.poem.seed)))
            .add(Description::new().add(svg::node::Text::new(self.poem.text.as_str())))
            .add(paper)
            .add(frame.set("fill", "none").set("stroke", FRAME));
        let texts = texts.into_iter().map(|placed| Box::new(element(placed)) as Box<dyn Node>);
        let document = texts.chain(seal::elements(self.poem.seed, seal)).fold(document, Document::add);
        // The library puts the content of an element on a line of its own, and white space in a text would be drawn.
        document.to_string().replace(">\n", ">").replace("\n</", "</") + "\n"
    }
}

/// A name in a list of fonts; the generic one has no quotation marks.
fn quoted(family: &str) -> String {
    if family == "serif" { family.to_string() } else { format!("'{}'", family.replace('\'', "")) }
}

fn element(placed: PlacedText) -> Text {
    let PlacedText { x, y, size, text, anchor, is_title } = placed;
    let element = Text::new(text).set("x", x).set("y", y).set("font-size", size).set("text-anchor", anchor);
    if is_title { element.set("letter-spacing", 2).set("fill", FAINT) } else { element.set("fill", INK) }
}
