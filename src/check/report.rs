//! Checked poems as text or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::CheckOptions;
use super::marks::{MarkedLine, MarkedPoem, RegulatedMarks};
use crate::corpus::Poem;
use crate::lang::{self, Lang};
use crate::printable;
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
        writeln!(out, "{}", printable::json(&object)?)?;
    }
    Ok(())
}

/// The marks of a poem.
pub fn regulated_object(regulated: &RegulatedMarks) -> Value {
    let mut object = json!({});
    add(&mut object, regulated);
    object
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
pub fn text(poems: &[MarkedPoem], options: &CheckOptions, out: &mut impl Write) -> io::Result<()> {
    let lang = options.lang;
    for (number, MarkedPoem { poem, marks }) in poems.iter().enumerate() {
        let number = number + 1;
        let untitled = || lang.pick(format!("poem {number}"), format!("第 {number} 首"));
        let title = poem.title.clone().unwrap_or_else(untitled);
        match marks {
            Ok(regulated) => {
                writeln!(out, "{title}{}{}", lang.pick(", ", "，"), poem.form)?;
                marked_lines(regulated, options, out)?;
                writeln!(out)?;
            }
            Err(reason) => writeln!(out, "{title}{}{}\n", lang.pick(": ", "："), lang::message(lang, reason))?,
        }
    }
    let regulated: Vec<&RegulatedMarks> = poems.iter().filter_map(|poem| poem.marks.as_ref().ok()).collect();
    let faultless = regulated.iter().filter(|poem| poem.faults.is_empty() && deviating_lines(poem) == 0).count();
    let (all, regulated) = (poems.len(), regulated.len());
    let plural = if all == 1 { "" } else { "s" };
    let total = lang.pick(
        format!("{all} poem{plural}, {regulated} of regulated form, {faultless} without fault"),
        format!("共 {all} 首，近体诗 {regulated} 首，无诗病 {faultless} 首"),
    );
    writeln!(out, "{total}")
}

pub fn marked_lines(poem: &RegulatedMarks, options: &CheckOptions, out: &mut impl Write) -> io::Result<()> {
    let (lang, colour) = (options.lang, options.colour);
    for (number, line) in poem.lines.iter().enumerate() {
        let text: String = line.characters.iter().collect();
        let signs = line.tones.iter().enumerate().map(|(position, tones)| {
            let wrong = line.nearest.wrong.contains(&position);
            coloured(sign(*tones), if wrong { ALERT } else { "" }, colour)
        });
        let names: Vec<String> = line.rhyme_groups.iter().map(|group| group.simplified_name()).collect();
        let unknown = lang.pick("not in the rhyme book", "韵书未收");
        let end = if names.is_empty() { unknown.to_string() } else { names.join(" ") };
        let (signs, end) = (signs.collect::<String>(), coloured(&end, FAINT, colour));
        writeln!(out, "{:>3}  {text}  {signs}  {end}{}", number + 1, corrections(line, options))?;
    }
    writeln!(out, "     {}", summary(poem, lang))?;
    for fault in &poem.faults {
        writeln!(out, "     {}", describe(fault, options))?;
    }
    Ok(())
}

/// The characters that should have the other tone.
fn corrections(line: &MarkedLine, options: &CheckOptions) -> String {
    let correction = |&position: &usize| {
        let wanted = if line.tones.get(position).is_some_and(|tones| tones.level) { '●' } else { '○' };
        let c = line.characters.get(position).copied().unwrap_or(' ');
        let number = position + 1;
        let text = options
            .lang
            .pick(format!("; {c} ({number}) should be {wanted}"), format!("；第 {number} 字“{c}”应为 {wanted}"));
        coloured(&text, ALERT, options.colour)
    };
    line.nearest.wrong.iter().map(correction).collect()
}

fn summary(poem: &RegulatedMarks, lang: Lang) -> String {
    let (all, n_faults) = (poem.lines.len(), poem.faults.len());
    let n_fitting = all - deviating_lines(poem);
    let (rhyme, is_kept) = (poem.rhyme.map(Group::simplified_name), poem.score.dui_nian);
    let rhyme = match (rhyme, lang) {
        (None, lang) => lang.pick("no rhyme", "不押韵").to_string(),
        (Some(name), Lang::En) => format!("rhyme {name}"),
        (Some(name), Lang::Zh) => format!("押 {name}"),
    };
    match lang {
        Lang::En => {
            let faults = match n_faults {
                0 => "no named fault".to_string(),
                1 => "1 named fault".to_string(),
                n => format!("{n} named faults"),
            };
            let couplets = if is_kept { "kept" } else { "broken" };
            format!("{rhyme}; {n_fitting} of {all} lines fit a pattern; 对粘 {couplets}; {faults}")
        }
        Lang::Zh => {
            let faults = if n_faults == 0 { "无诗病".to_string() } else { format!("诗病 {n_faults} 处") };
            let couplets = if is_kept { "对粘合律" } else { "对粘不合" };
            format!("{rhyme}；{all} 句中 {n_fitting} 句合平仄；{couplets}；{faults}")
        }
    }
}

fn deviating_lines(poem: &RegulatedMarks) -> usize {
    poem.lines.iter().filter(|line| !line.nearest.wrong.is_empty()).count()
}

fn describe(fault: &Fault, options: &CheckOptions) -> String {
    let numbers: Vec<String> = fault.lines.iter().map(|line| (line + 1).to_string()).collect();
    let term = coloured(fault.kind.term(), ALERT, options.colour);
    let meaning = lang::message(options.lang, fault.kind.meaning());
    match options.lang {
        Lang::En => {
            let lines = if numbers.len() == 1 { "line" } else { "lines" };
            let character = fault.character.map_or(String::new(), |c| format!("{c}: "));
            format!("{term}  {lines} {}: {character}{meaning}", numbers.join(", "))
        }
        Lang::Zh => {
            let character = fault.character.map_or(String::new(), |c| format!("“{c}”"));
            format!("{term}  第 {} 句：{character}{meaning}", numbers.join("、"))
        }
    }
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
