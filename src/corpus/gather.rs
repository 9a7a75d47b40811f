//! Gathers the poems of the files of a corpus: decoded, recognised, cleaned, without exact duplicates, and accounted for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::clean::is_blank;
use super::cleaning::{Change, ChangeLog, Cleaner, Habits, has_lost_glyph, remove_labels, repaired};
use super::convert::Converter;
use super::decode::{decode, read_bytes};
use super::encoding::Decoded;
use super::finish::finished;
use super::folder::is_one_per_file;
use super::foreign::foreign;
use super::frame::without_frame;
use super::layout::{LayoutProblem, Mark, Piece, RawPoem, Recognised, layout, recognise};
use super::lines::numbered_lines;
use super::reading::{FileReading, LeftOutReason, ReadOptions, Reading};
use super::split::Fingerprint;
use super::{CorpusError, Format, Poem};

/// Number of poems of a file that show what they have in common.
const SAMPLE: usize = 2_000;
/// Most bytes of a line of verse.
const MAX_LINE: usize = 1 << 24;
/// Bytes of a short poem.
const USUAL_BYTES: usize = 64;

/// The poems of a corpus before they are parted.
#[derive(Default)]
pub struct Survey {
    pub poems: Vec<Poem>,
    pub prints: Vec<Fingerprint>,
    pub reading: Reading,
    /// SHA-256 of the contents of all files in order, in hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// Every changed line, by file, where they are wanted.
    pub changes: Vec<(PathBuf, Vec<Change>)>,
}

/// Reads the files in order. `lists_changes` is whether every change is wanted.
///
/// # Errors
/// A single file that cannot be read. Of several, those that cannot be read are left out and named in the reading; it is an
/// error if none is left.
pub fn survey(files: &[PathBuf], options: &ReadOptions, lists_changes: bool) -> Result<Survey, CorpusError> {
    let unusable = |message| CorpusError::Script { path: files.first().cloned().unwrap_or_default(), message };
    let converter = options.script.map(Converter::to).transpose().map_err(unusable)?;
    let one_per_file = options.layout.is_none() && is_one_per_file(files);
    let mut gatherer = Gatherer {
        options,
        converter: converter.as_ref(),
        last_line: 0,
        seen: HashSet::new(),
        survey: Survey::default(),
        log: ChangeLog::default(),
    };
    let mut hash = Sha256::new();
    let mut first_problem = None;
    for path in files {
        gatherer.log.list = lists_changes.then(Vec::new);
        if let Err(problem) = gatherer.file(path, one_per_file, &mut hash) {
            gatherer.leave_out(path, &problem);
            first_problem = first_problem.or(Some(problem));
        }
        let list = gatherer.log.list.take().filter(|list| !list.is_empty());
        gatherer.survey.changes.extend(list.map(|list| (path.clone(), list)));
    }
    let mut survey = gatherer.survey;
    if let Some(problem) = first_problem
        && survey.reading.files.iter().all(|file| file.problem.is_some())
    {
        return Err(problem);
    }
    survey.sha256 = format!("{:x}", hash.finalize());
    survey.reading.changes = gatherer.log.counts;
    survey.reading.kept = survey.poems.len();
    survey.reading.with_stanzas = survey.poems.iter().filter(|poem| !poem.stanzas.is_empty()).count();
    survey.reading.first = survey.poems.first().cloned();
    Ok(survey)
}

struct Gatherer<'a> {
    options: &'a ReadOptions,
    converter: Option<&'a Converter>,
    /// The last line with a verse.
    last_line: usize,
    seen: HashSet<[u64; 2]>,
    survey: Survey,
    log: ChangeLog,
}

impl<'a> Gatherer<'a> {
    fn file(&mut self, path: &Path, one_per_file: bool, hash: &mut Sha256) -> Result<(), CorpusError> {
        let bytes = read_bytes(path)?;
        hash.update(&bytes);
        self.survey.bytes += bytes.len() as u64;
        let Decoded { text, encoding } = decode(path, &bytes)?;
        let (text, outside) = without_frame(repaired(text, &mut self.log));
        let recognised = if one_per_file {
            Recognised { format: Format::OnePerFile, why: "many small files of verse".into() }
        } else {
            recognised(path, &text, self.options)?
        };
        let before = self.survey.reading.found;
        self.text(path, &text, recognised.format)?;
        if outside > 0 {
            self.survey.reading.lines.blank -= outside;
            *self.survey.reading.lines.marks.entry(Mark::Other).or_default() += outside;
        }
        let poems = self.survey.reading.found - before;
        let Recognised { format: layout, why } = recognised;
        let file = FileReading { path: path.into(), encoding: encoding.name(), layout, why, problem: None, poems };
        self.survey.reading.files.push(file);
        Ok(())
    }

    fn leave_out(&mut self, path: &Path, problem: &CorpusError) {
        self.survey.reading.files.push(FileReading {
            path: path.into(),
            encoding: "",
            layout: Format::BlankLines,
            why: String::new(),
            problem: Some(problem.to_string()),
            poems: 0,
        });
    }

    fn text(&mut self, path: &Path, text: &str, format: Format) -> Result<(), CorpusError> {
        let endless = self.count_lines(text);
        if let Some(line) = endless.filter(|_| !format.has_long_lines()) {
            return Err(CorpusError::EndlessLine { path: path.into(), line, format, megabytes: MAX_LINE >> 20 });
        }
        self.last_line = 0;
        // At once: growing would leave old buffers behind, and pages that are never touched take no memory.
        self.survey.poems.reserve(text.len() / USUAL_BYTES);
        self.survey.prints.reserve(text.len() / USUAL_BYTES);
        let layout = layout(format, self.options.column.as_deref());
        let mut first = Vec::new();
        let mut cleaner: Option<Cleaner> = None;
        let mut visit = |piece: Piece| match piece {
            Piece::Mark(mark) => *self.survey.reading.lines.marks.entry(mark).or_default() += 1,
            Piece::Empty(_) => {
                self.survey.reading.found += 1;
                self.leave_out_poem(LeftOutReason::NoVerses);
            }
            Piece::Poem(poem) => match (&cleaner, self.counted(poem)) {
                (Some(cleaner), poem) => self.poem(poem, cleaner),
                (None, poem) => {
                    first.push(poem);
                    if first.len() == SAMPLE {
                        let new = self.cleaner(&first);
                        first.drain(..).for_each(|poem| self.poem(poem, &new));
                        cleaner = Some(new);
                    }
                }
            },
        };
        let problem = |LayoutProblem { line, message }| CorpusError::Layout { path: path.into(), line, message };
        layout.read(text, &mut visit).map_err(problem)?;
        let cleaner = self.cleaner(&first);
        first.into_iter().for_each(|poem| self.poem(poem, &cleaner));
        Ok(())
    }

    /// What cleans the poems of a file with these first ones.
    fn cleaner(&self, first: &[RawPoem]) -> Cleaner<'a> {
        Cleaner { habits: Habits::of(first), converter: self.converter }
    }

    /// Counts the lines; returns the first that is too long for a poem.
    fn count_lines(&mut self, text: &str) -> Option<usize> {
        let lines = &mut self.survey.reading.lines;
        let ends_line = text.ends_with(['\n', '\r']);
        let mut too_long = None;
        for (number, line) in numbered_lines(text) {
            lines.total += 1;
            lines.blank += usize::from(is_blank(line));
            too_long = too_long.or((line.len() > MAX_LINE).then_some(number));
        }
        // What follows the last line end is no line.
        lines.total -= usize::from(ends_line);
        lines.blank -= usize::from(ends_line);
        too_long
    }

    /// The poem without the names of its parts; its lines are counted.
    fn counted(&mut self, mut raw: RawPoem) -> RawPoem {
        let reading = &mut self.survey.reading;
        reading.found += 1;
        for line in &raw.lines {
            reading.lines.verses += usize::from(line.number != self.last_line);
            self.last_line = line.number;
        }
        remove_labels(&mut raw, &mut self.log);
        raw
    }

    fn poem(&mut self, mut raw: RawPoem, cleaner: &Cleaner) {
        cleaner.clean(&mut raw, &mut self.log);
        if raw.lines.is_empty() {
            return self.leave_out_poem(LeftOutReason::NothingLeft);
        }
        let lost = has_lost_glyph(raw.lines.iter().map(|line| line.text.as_str()), raw.splits);
        if lost {
            return self.leave_out_poem(LeftOutReason::LostGlyph);
        }
        let mut poem = finished(raw, self.options.long_lines, &mut self.log);
        poem.source_file = self.survey.reading.files.len();
        let print = Fingerprint::of(&poem.lines);
        if self.seen.insert(print.key) {
            self.survey.poems.push(poem);
            self.survey.prints.push(print);
        } else {
            self.survey.reading.duplicates += 1;
        }
    }

    fn leave_out_poem(&mut self, why: LeftOutReason) {
        *self.survey.reading.left_out.entry(why).or_default() += 1;
    }
}

/// The layout of a text: that of the options, or the recognised one.
///
/// # Errors
/// A foreign structure.
pub fn recognised(path: &Path, text: &str, options: &ReadOptions) -> Result<Recognised, CorpusError> {
    if let Some(format) = options.layout {
        if options.column.is_some() && !Format::TABLES.contains(&format) {
            let message =
                format!("--column is for tables, and --layout {} is none; leave one of them out", format.name());
            return Err(CorpusError::Layout { path: path.into(), line: 1, message });
        }
        return Ok(Recognised { format, why: "as --layout says".into() });
    }
    if let Some(foreign) = foreign(text) {
        return Err(CorpusError::Foreign { path: path.into(), foreign });
    }
    Ok(recognise(text, options.column.as_deref()))
}

/// All poems of a text, duplicates and poems with lost characters included.
///
/// # Errors
/// Text that does not have this layout.
pub fn all_poems(path: &Path, text: &str, format: Format) -> Result<Vec<Poem>, CorpusError> {
    let mut raw = Vec::new();
    let mut visit = |piece: Piece| {
        if let Piece::Poem(mut poem) = piece {
            remove_labels(&mut poem, &mut ChangeLog::default());
            raw.push(poem);
        }
    };
    let problem = |LayoutProblem { line, message }| CorpusError::Layout { path: path.into(), line, message };
    layout(format, None).read(text, &mut visit).map_err(problem)?;
    let cleaner = Cleaner { habits: Habits::of(&raw[..raw.len().min(SAMPLE)]), converter: None };
    let mut log = ChangeLog::default();
    let cleaned = raw.into_iter().filter_map(|mut poem| {
        cleaner.clean(&mut poem, &mut log);
        (!poem.lines.is_empty()).then_some(poem)
    });
    let cleaned: Vec<RawPoem> = cleaned.collect();
    Ok(cleaned.into_iter().map(|poem| finished(poem, None, &mut ChangeLog::default())).collect())
}
