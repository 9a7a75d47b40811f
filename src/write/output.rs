//! Where poems go and how they look there: text, JSON, Markdown or columns; the standard output or a file; cards.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::GeneratedPoem;
use super::card::Card;
use super::explain::Explainer;
use super::markdown::markdown;
use super::poem_json::PoemJson;
use super::poem_script::{PoemScript, ScriptReader};
use super::told::Told;
use super::upright::{columns, is_upright};
use crate::corpus::{Converter, Script};
use crate::error::UserError;
use crate::outputs;
use crate::printable;
use crate::run::files::write_atomically;

/// How poems are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoemFormat {
    #[default]
    Text,
    /// One object a line.
    Json,
    Markdown,
    /// Columns from right to left.
    Vertical,
}

/// The options of the output of `write`.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputOptions {
    pub format: PoemFormat,
    /// Convert Chinese characters.
    pub script: Option<Script>,
    /// Instead of the standard output.
    pub file: Option<PathBuf>,
    /// Files for a card with the poem.
    pub svg: Option<PathBuf>,
    pub png: Option<PathBuf>,
    /// Columns of the terminal.
    pub width: usize,
    /// Its language is also that of Markdown.
    pub told: Told,
}

/// Poems on their way out.
pub struct PoemOutput<'a, W: Write> {
    options: &'a OutputOptions,
    converter: Option<Converter>,
    /// Where fonts or names of forms depend on it.
    scripts: Option<ScriptReader>,
    explainer: Option<Explainer<'a>>,
    out: W,
    /// What goes to a file; it is written at the end, all at once.
    kept: Vec<u8>,
    /// Poems before the next one, those of earlier parts included.
    n_before: u64,
}

impl OutputOptions {
    fn has_card(&self) -> bool {
        self.svg.is_some() || self.png.is_some()
    }

    /// Refuses what cannot end well before any work: `n_poems` poems on a card, files without a folder, and those of `inputs`.
    ///
    /// # Errors
    /// As above.
    pub fn check(&self, n_poems: u64, inputs: &[PathBuf]) -> Result<(), UserError> {
        if n_poems > 1 && self.has_card() {
            let message = "--svg, --png: a card has one poem; leave out --count, or name the --seed of one poem";
            return Err(UserError(message.to_string()));
        }
        let files: Vec<&Path> =
            [&self.file, &self.svg, &self.png].into_iter().flatten().map(PathBuf::as_path).collect();
        outputs::check(&files, inputs)?;
        match (&self.png, &self.svg) {
            (Some(path), _) if is_other_image(path, "png") => Err(outputs::refusal(path, "--png writes a PNG image")),
            (_, Some(path)) if is_other_image(path, "svg") => Err(outputs::refusal(path, "--svg writes an SVG image")),
            _ => Ok(()),
        }
    }
}

/// Whether a path has the extension of an image of another kind.
fn is_other_image(path: &Path, kind: &str) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let known = ["svg", "png", "jpg", "jpeg", "gif", "webp", "bmp", "pdf"];
    known.iter().any(|other| *other != kind && extension == *other)
}

impl<'a, W: Write> PoemOutput<'a, W> {
    /// For poems that follow `n_before` others.
    ///
    /// # Errors
    /// Damaged tables of the conversion.
    pub fn new(
        options: &'a OutputOptions,
        explainer: Option<Explainer<'a>>,
        n_before: u64,
        out: W,
    ) -> Result<PoemOutput<'a, W>> {
        let converter = options.script.map(Converter::to).transpose().map_err(|why| anyhow!(why))?;
        let needs_script = options.has_card() || options.format == PoemFormat::Markdown;
        let scripts = needs_script.then(ScriptReader::new).transpose()?;
        Ok(PoemOutput { options, converter, scripts, explainer, out, kept: Vec::new(), n_before })
    }

    /// Writes some poems. What goes to the standard output is there at once.
    ///
    /// # Errors
    /// Output that cannot be written, or poems that cannot be written so.
    pub fn write(&mut self, poems: Vec<GeneratedPoem>) -> Result<()> {
        for poem in poems {
            let poem = self.converted(poem);
            if self.options.format == PoemFormat::Vertical && !is_upright(&poem.text) {
                let message = "--vertical: only Chinese, Japanese and Korean poems are written so; leave it out";
                return Err(UserError(message.to_string()).into());
            }
            self.cards(&poem)?;
            let text = self.text(&poem)?;
            match self.options.file {
                Some(_) => self.kept.extend(text.as_bytes()),
                None => self.out.write_all(text.as_bytes()).context("cannot write the poems")?,
            }
            self.n_before += 1;
        }
        self.out.flush().context("cannot write the poems")
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(self) -> Result<()> {
        self.options.file.iter().try_for_each(|path| put(path, &self.kept))
    }

    fn converted(&self, poem: GeneratedPoem) -> GeneratedPoem {
        let Some(converter) = &self.converter else { return poem };
        let lines = |lines: &mut dyn Iterator<Item = &str>| lines.map(|line| converter.convert(line)).collect();
        let text: Vec<String> = lines(&mut poem.text.lines());
        GeneratedPoem { lines: lines(&mut poem.lines.iter().map(String::as_str)), text: text.join("\n"), ..poem }
    }

    fn script(&self, poem: &GeneratedPoem) -> PoemScript {
        self.scripts.as_ref().map_or(PoemScript::Other, |scripts| scripts.script(&poem.text))
    }

    fn cards(&self, poem: &GeneratedPoem) -> Result<()> {
        if !self.options.has_card() {
            return Ok(());
        }
        let OutputOptions { svg, png, .. } = self.options;
        let card = Card { poem, script: self.script(poem) };
        // The pixels first, since without a font nothing is to be written.
        let pixels = png.as_ref().map(|path| Ok::<_, anyhow::Error>((path, card.png()?))).transpose()?;
        svg.iter().try_for_each(|path| put(path, card.svg().as_bytes()))?;
        if let Some((path, (bytes, font))) = pixels {
            put(path, &bytes)?;
            self.options.told.font(&font);
        }
        Ok(())
    }

    fn text(&self, poem: &GeneratedPoem) -> Result<String> {
        let between = if self.n_before > 0 { "\n" } else { "" };
        Ok(match self.options.format {
            PoemFormat::Text => {
                let explained = self.explainer.as_ref().map(|explainer| format!("\n{}\n", explainer.text(poem)));
                format!("{between}{}\n{}", poem.text, explained.unwrap_or_default())
            }
            PoemFormat::Json => printable::json(&PoemJson::of(poem, self.explainer.as_ref()))? + "\n",
            PoemFormat::Markdown => format!("{between}{}", markdown(poem, self.script(poem), self.options.told.lang)),
            PoemFormat::Vertical => {
                let lines: Vec<&str> = poem.text.lines().collect();
                format!("{between}{}", columns(&lines, self.options.width))
            }
        })
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, bytes)
        .map_err(|cause| UserError(format!("cannot write {}: {cause}; check the path", path.display())).into())
}
