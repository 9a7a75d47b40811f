//! Gathers the poems of the files of a corpus: decoded, recognised, cleaned, without exact duplicates, and accounted for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::clean::is_blank;
use super::cleaning::{Change, ChangeLog, Cleaner, Habits, LongLines, has_lost_glyph, remove_labels, repaired};
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
/// Poems that are cleaned at once.
const ROUND: usize = 1 << 12;
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
        let (text, outside) = without_frame(repaired(text, &mut self.log), &mut self.log);
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
        // The first poems tell how all are cleaned; `waiting` holds them, and later the next round.
        let mut waiting = Vec::new();
        let mut cleaner: Option<Cleaner> = None;
        let mut visit = |piece: Piece| match piece {
            Piece::Mark(mark) => *self.survey.reading.lines.marks.entry(mark).or_default() += 1,
            Piece::Empty(_) => {
                self.survey.reading.found += 1;
                self.leave_out_poem(LeftOutReason::NoVerses);
            }
            Piece::Poem(poem) => {
                self.count(&poem);
                waiting.push(poem);
                match &cleaner {
                    None if waiting.len() == SAMPLE => cleaner = Some(self.first_poems(&mut waiting)),
                    Some(cleaner) if waiting.len() == ROUND => self.poems(&mut waiting, cleaner, true),
                    _ => {}
                }
            }
        };
        let problem = |LayoutProblem { line, message }| CorpusError::Layout { path: path.into(), line, message };
        let read = layout.read(text, &mut visit).map_err(problem);
        match &cleaner {
            Some(cleaner) => self.poems(&mut waiting, cleaner, true),
            None if read.is_ok() => drop(self.first_poems(&mut waiting)),
            None => {}
        }
        read
    }

    /// Cleans and takes the first poems of a file; returns what cleans the others.
    fn first_poems(&mut self, first: &mut Vec<RawPoem>) -> Cleaner<'a> {
        first.iter_mut().for_each(|poem| remove_labels(poem, &mut self.log));
        let cleaner = Cleaner { habits: Habits::of(first), converter: self.converter };
        self.poems(first, &cleaner, false);
        cleaner
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

    /// Counts a poem and its lines.
    fn count(&mut self, raw: &RawPoem) {
        let reading = &mut self.survey.reading;
        reading.found += 1;
        for line in &raw.lines {
            reading.lines.verses += usize::from(line.number != self.last_line);
            self.last_line = line.number;
        }
    }

    /// Cleans poems on all threads, and takes them in their order. `has_labels`: they may still have names of parts.
    fn poems(&mut self, waiting: &mut Vec<RawPoem>, cleaner: &Cleaner, has_labels: bool) {
        let (long_lines, lists_changes) = (self.options.long_lines, self.log.list.is_some());
        let clean = |mut raw: RawPoem| {
            let mut log = ChangeLog { list: lists_changes.then(Vec::new), ..ChangeLog::default() };
            if has_labels {
                remove_labels(&mut raw, &mut log);
            }
            (cleaned(raw, cleaner, long_lines, &mut log), log)
        };
        let cleaned: Vec<(Result<Poem, LeftOutReason>, ChangeLog)> = waiting.par_drain(..).map(clean).collect();
        let prints: Vec<Option<Fingerprint>> =
            cleaned.par_iter().map(|(poem, _)| Some(Fingerprint::of(&poem.as_ref().ok()?.lines))).collect();
        for ((poem, log), print) in cleaned.into_iter().zip(prints) {
            self.log.append(log);
            match (poem, print) {
                (Ok(poem), Some(print)) => self.add(poem, print),
                (Err(why), _) => self.leave_out_poem(why),
                (Ok(_), None) => {}
            }
        }
    }

    /// Adds a poem, unless there is one with the same text.
    fn add(&mut self, poem: Poem, print: Fingerprint) {
        if self.seen.insert(print.key) {
            let source_file = self.survey.reading.files.len();
            self.survey.poems.push(Poem { source_file, ..poem });
            self.survey.prints.push(print);
        } else {
            self.survey.reading.duplicates += 1;
        }
    }

    fn leave_out_poem(&mut self, why: LeftOutReason) {
        *self.survey.reading.left_out.entry(why).or_default() += 1;
    }
}

/// The poem of the corpus, or why it is none.
fn cleaned(
    mut raw: RawPoem,
    cleaner: &Cleaner,
    long_lines: Option<LongLines>,
    log: &mut ChangeLog,
) -> Result<Poem, LeftOutReason> {
    cleaner.clean(&mut raw, log);
    if raw.lines.is_empty() {
        return Err(LeftOutReason::NothingLeft);
    }
    if has_lost_glyph(raw.lines.iter().map(|line| line.text.as_str()), raw.splits) {
        return Err(LeftOutReason::LostGlyph);
    }
    Ok(finished(raw, long_lines, log))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Poems of which some have names of parts, notes, lost characters or the text of an earlier one, in more than one round.
    fn text() -> String {
        let poem = |i: usize| {
            let numbers = [i, i / 7, i % 5, i * i].map(|n| n % 4999);
            let lines = numbers.map(|n| format!("word{n} and word{}", n + i % 3));
            let label = if i.is_multiple_of(3) { "[Verse 1]\n" } else { "" };
            let note = if i.is_multiple_of(11) { " (note)" } else { "" };
            let lost = if i.is_multiple_of(501) { "\u{fffd}" } else { "" };
            format!("{label}{}{note}\n{}{lost}\n{}\n{}\n", lines[0], lines[1], lines[2], lines[3])
        };
        let poems: Vec<String> = (0..SAMPLE + 2 * ROUND + 100).map(|i| poem(i - i % 97 / 96)).collect();
        poems.join("\n")
    }

    #[test]
    fn a_survey_does_not_depend_on_the_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("poems.txt");
        fs::write(&path, text()).unwrap();
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let Survey { poems, prints, reading, sha256, changes, .. } =
                pool.install(|| survey(std::slice::from_ref(&path), &ReadOptions::default(), true)).unwrap();
            let keys: Vec<[u64; 2]> = prints.iter().map(|print| print.key).collect();
            (poems, keys, reading, sha256, changes)
        };
        let one = on(1);
        let (poems, _, reading, _, changes) = &one;
        assert!(reading.duplicates > 50 && !reading.left_out.is_empty() && changes[0].1.len() > 2_000);
        assert!(poems.len() > 2 * ROUND && poems.is_sorted_by_key(|poem| poem.source_line));
        // Of a poem the names of parts are removed before the notes; the first poems lose all of them at once.
        let later: Vec<usize> = changes[0].1[SAMPLE..].iter().map(|change| change.line).collect();
        assert!(later.is_sorted());
        for threads in [2, 3, 7] {
            assert!(on(threads) == one, "{threads} threads");
        }
    }
}
