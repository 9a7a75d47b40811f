//! A generated poem as the studio shows it, with its tones and its rhyme.

use crate::printable;
use crate::prosody;
use crate::prosody::faults::rhyme;
use crate::run::event::ScoredLine;
use crate::ui::studio::StudioCandidate;
use crate::write::GeneratedPoem;
use crate::write::poem_json::PoemJson;

/// The candidate of a poem that `command` prints.
pub fn of(poem: &GeneratedPoem, command: Vec<String>) -> StudioCandidate {
    let tones = prosody::tone_marks(&poem.lines);
    let line = |(number, text): (usize, &String)| ScoredLine {
        text: text.clone(),
        score: poem.line_scores.get(number).copied(),
        attributions: Vec::new(),
        tones: tones.get(number).cloned().unwrap_or_default(),
    };
    StudioCandidate {
        seed: poem.seed,
        form: poem.form.to_string(),
        lines: poem.lines.iter().enumerate().map(line).collect(),
        stanzas: poem.stanzas.clone(),
        text: poem.text.clone(),
        json: printable::json(&PoemJson::of(poem, None)).unwrap_or_default(),
        score: poem.score,
        cost: poem.cost.map(|cost| cost.forbidden).filter(|&cost| cost > 0.0),
        // Only verse that rules of tone apply to has tones.
        rhyme: if tones.is_empty() { None } else { rhyme_of(&poem.lines) },
        command,
    }
}

/// The rhyme group of most even lines, and the lines that end in it.
fn rhyme_of(lines: &[String]) -> Option<(String, Vec<usize>)> {
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    let group = rhyme(&lines)?;
    let is_in = |line: &Vec<char>| line.last().is_some_and(|&end| prosody::groups(end).contains(&group));
    let ends = lines.iter().enumerate().filter(|(number, line)| (*number == 0 || number % 2 == 1) && is_in(line));
    Some((group.simplified_name(), ends.map(|(number, _)| number).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Form;

    #[test]
    fn verse_has_tones_and_a_rhyme_and_other_poems_have_none() {
        let poem = |lines: &str| GeneratedPoem {
            seed: 7,
            form: Form::Free,
            lines: lines.split(' ').map(String::from).collect(),
            stanzas: vec![2],
            text: lines.to_string(),
            line_scores: vec![0.5],
            score: Some(0.25),
            cost: None,
        };
        let verse = of(&poem("白日依山尽 黄河入海流 欲穷千里目 更上一层楼"), vec![]);
        assert_eq!(verse.rhyme, Some(("下平声十一尤".to_string(), vec![1, 3])));
        assert_eq!(verse.lines[0].tones, "//--/");
        assert_eq!((verse.lines[0].score, verse.lines[1].score, verse.stanzas.as_slice()), (Some(0.5), None, &[2][..]));
        assert!(verse.json.starts_with("{\"seed\":7,") && verse.json.ends_with('}'), "{}", verse.json);
        let other = of(&poem("all the stars"), vec![]);
        assert_eq!((other.rhyme, other.lines[0].tones.as_str()), (None, ""));
    }
}
