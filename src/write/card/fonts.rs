//! The font of a card in pixels: one of the system that has all its characters.

use std::cmp::Reverse;
use std::sync::Arc;

use resvg::usvg::fontdb::{Database, FaceInfo, Family, ID, Query, Source, Style, Weight};
use skrifa::{FontRef, MetadataProvider};

use crate::corpus::script::{is_han, is_kana};
use crate::error::UserError;

/// The family of the font inside the program, which has Latin, Greek and Cyrillic letters.
pub const BUILT_IN: &str = "Ubuntu";

/// A font with all characters of a text, and the fonts to draw with.
pub struct CardFont {
    pub name: String,
    pub database: Arc<Database>,
}

impl CardFont {
    /// The first of these families that has all characters of `text`; else any other one of the system; else that of the
    /// program.
    ///
    /// # Errors
    /// A character that no font has.
    pub fn find(families: &[&str], text: &str) -> Result<CardFont, UserError> {
        let mut database = Database::new();
        database.load_system_fonts();
        CardFont::among(database, families, text)
    }

    fn among(mut database: Database, families: &[&str], text: &str) -> Result<CardFont, UserError> {
        let named = |family: &&str| database.query(&Query { families: &[Family::Name(family)], ..Query::default() });
        let mut faces: Vec<ID> = families.iter().filter_map(named).collect();
        faces.extend(plain_faces(&database));
        faces.extend(database.load_font_source(Source::Binary(Arc::new(epaint_default_fonts::UBUNTU_LIGHT))));
        let lacks: Vec<(ID, Vec<char>)> =
            faces.into_iter().map(|face| (face, lacking(&database, face, text))).collect();
        let found = lacks.iter().find(|(_, lacks)| lacks.is_empty());
        match found.and_then(|(face, _)| Some(database.face(*face)?.families.first()?.0.clone())) {
            Some(name) => Ok(CardFont { name, database: Arc::new(database) }),
            None => Err(no_font(lacks.into_iter().map(|(_, lacks)| lacks), text)),
        }
    }
}

/// The upright faces of usual weight, those with serifs first.
fn plain_faces(database: &Database) -> Vec<ID> {
    let is_plain = |face: &&FaceInfo| face.style == Style::Normal && face.weight == Weight::NORMAL;
    let mut faces: Vec<&FaceInfo> = database.faces().filter(is_plain).collect();
    let name = |face: &FaceInfo| face.families.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let has_serifs = |name: &str| ["Serif", "Ming", "Song", "Sung"].iter().any(|word| name.contains(word));
    faces.sort_by_key(|face| (Reverse(has_serifs(&name(face))), face.monospaced, name(face)));
    faces.into_iter().map(|face| face.id).collect()
}

/// The visible characters that a face does not have.
fn lacking(database: &Database, face: ID, text: &str) -> Vec<char> {
    let visible = || text.chars().filter(|c| !c.is_whitespace() && !c.is_control());
    let lacking = database.with_face_data(face, |data, index| {
        let characters = FontRef::from_index(data, index).ok()?.charmap();
        Some(visible().filter(|&c| characters.map(c).is_none()).collect())
    });
    lacking.flatten().unwrap_or_else(|| visible().collect())
}

/// Names a character that is missing in the font with the fewest missing ones.
fn no_font(lacks: impl Iterator<Item = Vec<char>>, text: &str) -> UserError {
    let fewest = lacks.min_by_key(Vec::len).and_then(|lacks| lacks.first().copied());
    let missing = fewest.or(text.chars().next()).unwrap_or('?');
    let packages = if is_han(missing)
        || is_kana(missing)
        || matches!(missing, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}')
    {
        "fonts-noto-cjk (Debian, Ubuntu), google-noto-serif-cjk-fonts (Fedora) or noto-fonts-cjk (Arch)"
    } else {
        "fonts-noto-core (Debian, Ubuntu), google-noto-fonts-all (Fedora) or noto-fonts (Arch)"
    };
    UserError(format!("--png: no font of this system has '{missing}'; install {packages}, or use --svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_fonts_of_the_system_the_one_of_the_program_writes_what_it_can() {
        let found = |text: &str| CardFont::among(Database::new(), &["Noto Serif"], text).map(|font| font.name);
        assert_eq!(found("Shall I compare thee? · Où, Ω, Ы").unwrap(), BUILT_IN);
        let why = found("moon 明月").err().unwrap().to_string();
        assert!(why.starts_with("--png: no font of this system has '明'; install fonts-noto-cjk"), "{why}");
        let why = found("ดวงจันทร์").err().unwrap().to_string();
        assert!(why.contains("has 'ด'; install fonts-noto-core"), "{why}");
    }
}
