//! Checked poems as text or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::marks::{MarkedLine, MarkedPoem, RegulatedMarks};
use crate::corpus::Poem;
use crate::prosody::faults::Fault;
use crate::prosody::{Group, Tones};

/// Colour codes (SGR) of faults and of secondary text.
const ALERT: &str = "38;5;166;1";
const FAINT: &str = "38;5;245";

/// Writes one JSON object per poem.
pub fn json(poems: &[MarkedPoem], out: &mut impl Write) -> io::Result<()> {
    for MarkedPoem { poem, marks } in poems {
        let Poem { title, form, source_line, .. } = poem;
        let mut object = json!({"title": title, "form": form.to_string(), "source_line": source_line});
        match marks {
            Ok(regulated) => {
                object["regulated"] = true.into();
                add(&mut object, regulated);
            }
            Err(reason) => {
                object["regulated"] = false.into();
                object["reason"] = reason.as_str().into();
            }
        }
        writeln!(out, "{object}")?;
    }
    Ok(())
}

fn add(object: &mut Value, regulated: &RegulatedMarks) {
    let RegulatedMarks { lines, rhyme, faults, score } = regulated;
    object["lines"] = lines.iter().map(line_object).collect();
    object["rhyme_group"] = rhyme.map(|group| group.name).into();
    object["faults"] = faults.iter().map(fault_object).collect();
    for (rule, is_kept) in [
        ("rhyme", score.rhyme),
        ("rhyme_any", score.rhyme_any),
        ("first_line_rhyme", score.first_line_rhyme),
        ("dui_nian", score.dui_nian),
        ("tone_poem", score.tone_poem == Some(true)),
    ] {
        object[rule] = is_kept.into();
    }
}

fn line_object(line: &MarkedLine) -> Value {
    let letter = |tones: &Tones| if tones.level && tones.oblique { '*' } else { if_level(*tones, 'P', 'Z') };
    json!({
        "text": line.characters.iter().collect::<String>(),
        "tones": line.tones.iter().map(letter).collect::<String>(),
        "pattern": line.nearest.pattern,
        "wrong": line.nearest.wrong.iter().map(|position| position + 1).collect::<Vec<_>>(),
        "rhyme_groups": line.rhyme_groups.iter().map(|group| group.name).collect::<Vec<_>>(),
    })
}

fn fault_object(fault: &Fault) -> Value {
    let lines: Vec<usize> = fault.lines.iter().map(|line| line + 1).collect();
    json!({"name": fault.kind.term(), "meaning": fault.kind.meaning(), "lines": lines, "character": fault.character})
}

/// Writes the marked lines of every poem, and a summary.
pub fn text(poems: &[MarkedPoem], colour: bool, out: &mut impl Write) -> io::Result<()> {
    for (number, MarkedPoem { poem, marks }) in poems.iter().enumerate() {
        let title = poem.title.clone().unwrap_or_else(|| format!("poem {}", number + 1));
        match marks {
            Ok(regulated) => {
                writeln!(out, "{title}, {}", poem.form)?;
                marked_lines(regulated, colour, out)?;
                writeln!(out)?;
            }
            Err(reason) => writeln!(out, "{title}: {reason}\n")?,
        }
    }
    let regulated: Vec<&RegulatedMarks> = poems.iter().filter_map(|poem| poem.marks.as_ref().ok()).collect();
    let faultless = regulated.iter().filter(|poem| poem.faults.is_empty() && deviating_lines(poem) == 0).count();
    let plural = if poems.len() == 1 { "" } else { "s" };
    writeln!(out, "{} poem{plural}, {} of regulated form, {faultless} without fault", poems.len(), regulated.len())
}

fn marked_lines(poem: &RegulatedMarks, colour: bool, out: &mut impl Write) -> io::Result<()> {
    for (number, line) in poem.lines.iter().enumerate() {
        let text: String = line.characters.iter().collect();
        let signs = line.tones.iter().enumerate().map(|(position, tones)| {
            let wrong = line.nearest.wrong.contains(&position);
            coloured(sign(*tones), if wrong { ALERT } else { "" }, colour)
        });
        let names: Vec<&str> = line.rhyme_groups.iter().map(|group| group.name).collect();
        let end = if names.is_empty() { "not in the rhyme book".to_string() } else { names.join(" ") };
        let (signs, end) = (signs.collect::<String>(), coloured(&end, FAINT, colour));
        writeln!(out, "{:>3}  {text}  {signs}  {end}{}", number + 1, corrections(line, colour))?;
    }
    writeln!(out, "     {}", summary(poem))?;
    for fault in &poem.faults {
        writeln!(out, "     {}", describe(fault, colour))?;
    }
    Ok(())
}

/// The characters that should have the other tone.
fn corrections(line: &MarkedLine, colour: bool) -> String {
    let correction = |&position: &usize| {
        let wanted = if line.tones.get(position).is_some_and(|tones| tones.level) { '●' } else { '○' };
        let c = line.characters.get(position).copied().unwrap_or(' ');
        coloured(&format!("; {c} ({}) should be {wanted}", position + 1), ALERT, colour)
    };
    line.nearest.wrong.iter().map(correction).collect()
}

fn summary(poem: &RegulatedMarks) -> String {
    let rhyme = poem.rhyme.map_or("no rhyme".to_string(), |Group { name, .. }| format!("rhyme {name}"));
    let n_fitting = poem.lines.len() - deviating_lines(poem);
    let couplets = if poem.score.dui_nian { "kept" } else { "broken" };
    let faults = match poem.faults.len() {
        0 => "no named fault".to_string(),
        1 => "1 named fault".to_string(),
        n => format!("{n} named faults"),
    };
    format!("{rhyme}; {n_fitting} of {} lines fit a pattern; 对粘 {couplets}; {faults}", poem.lines.len())
}

fn deviating_lines(poem: &RegulatedMarks) -> usize {
    poem.lines.iter().filter(|line| !line.nearest.wrong.is_empty()).count()
}

fn describe(fault: &Fault, colour: bool) -> String {
    let numbers: Vec<String> = fault.lines.iter().map(|line| (line + 1).to_string()).collect();
    let lines = if numbers.len() == 1 { "line" } else { "lines" };
    let character = fault.character.map_or(String::new(), |c| format!("{c}: "));
    let term = coloured(fault.kind.term(), ALERT, colour);
    format!("{term}  {lines} {}: {character}{}", numbers.join(", "), fault.kind.meaning())
}

fn sign(tones: Tones) -> &'static str {
    if tones.level && tones.oblique { "◐" } else { if_level(tones, "○", "●") }
}

fn if_level<T>(tones: Tones, level: T, oblique: T) -> T {
    if tones.level { level } else { oblique }
}

fn coloured(text: &str, code: &str, colour: bool) -> String {
    if colour && !code.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
}
