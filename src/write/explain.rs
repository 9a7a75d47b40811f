//! `poetgan write --explain`: what is known of a generated poem: scores, tones, rhyme, theme, likelihood, and the line of
//! the corpus that it is closest to.

use std::cmp::Reverse;
use std::path::Path;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::axes::axis_words;
use super::{GeneratedPoem, Model};
use crate::check;
use crate::corpus;
use crate::generator::PoemCost;
use crate::lang::Lang;
use crate::run::changes::Saved;
use crate::run::event::AxisWords;

/// Axes of a poem's theme that are named.
const AXES_NAMED: usize = 3;

/// How explanations are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplainStyle {
    pub lang: Lang,
    pub colour: bool,
}

/// A model with what its poems are compared to.
pub struct Explainer<'a> {
    model: &'a Model,
    style: ExplainStyle,
    /// The words at the ends of the axes of its themes.
    axes: Vec<AxisWords>,
    /// The lines of the corpus; `None` if its file is not at hand.
    corpus: Option<Vec<String>>,
}

/// A line of the corpus that shares a run of characters with a line of a poem.
#[derive(Clone, Debug, PartialEq)]
struct NearestLine {
    /// Number of the poem's line, from 1.
    line: usize,
    text: String,
    /// Characters in a row that both have.
    shared: usize,
}

impl<'a> Explainer<'a> {
    /// # Errors
    /// Themes that do not fit together.
    pub fn new(model: &'a Model, style: ExplainStyle) -> Result<Explainer<'a>> {
        let axes = model.themes()?.map_or_else(Vec::new, |themes| axis_words(&themes, &model.tokenizer));
        let corpus = model.run.as_deref().and_then(corpus_lines);
        Ok(Explainer { model, style, axes, corpus })
    }

    /// The explanation as lines of text.
    pub fn text(&self, poem: &GeneratedPoem) -> String {
        let (lang, number) = (self.style.lang, |x: &f32| format!("{x:.2}"));
        let mut lines = Vec::new();
        let marks = check::marks(&poem.lines, poem.form, lang, self.style.colour);
        lines.extend(marks.map(|(text, _)| text.trim_end().to_string()));
        if let Some(score) = poem.score {
            let of_lines = poem.line_scores.iter().map(number).collect::<Vec<_>>().join(" ");
            lines.push(lang.pick(
                format!("     score {score:.2} (probability of being real); lines {of_lines}"),
                format!("     评分 {score:.2}（为真的概率）；各行 {of_lines}"),
            ));
        }
        let theme = self.theme(poem);
        if !theme.is_empty() {
            let words: Vec<String> = theme.iter().map(|(word, value)| format!("{word} {value:.1}")).collect();
            let words = words.join(", ");
            lines.push(lang.pick(format!("     theme {words}"), format!("     主题 {words}")));
        }
        lines.extend(poem.cost.map(|cost| likelihood(&cost, lang)));
        lines.push(match (self.corpus.is_some(), self.nearest(poem)) {
            (false, _) => lang.pick(
                "     nearest line: the corpus of this model is not at hand".to_string(),
                "     最近的语料行：此模型的语料不在手边".to_string(),
            ),
            (true, None) => lang.pick(
                "     nearest line: no line of the corpus has two characters in a row of it".to_string(),
                "     最近的语料行：语料中没有连续两字相同的行".to_string(),
            ),
            (true, Some(NearestLine { line, text, shared })) => lang.pick(
                format!("     nearest line: {text} ({shared} characters in a row of line {line})"),
                format!("     最近的语料行：{text}（与第 {line} 行连续 {shared} 字相同）"),
            ),
        });
        lines.join("\n")
    }

    /// The same as a JSON object.
    pub fn json(&self, poem: &GeneratedPoem) -> Value {
        let nearest = self.nearest(poem);
        let nearest =
            nearest.map(|nearest| json!({"line": nearest.line, "text": nearest.text, "shared": nearest.shared}));
        let cost = poem.cost.unwrap_or_default();
        json!({
            "marks": check::marks(&poem.lines, poem.form, self.style.lang, false).map(|(_, marks)| marks),
            "theme": self.theme(poem).into_iter().map(|(word, value)| json!([word, value])).collect::<Vec<_>>(),
            "nats": cost.nats,
            "tokens": cost.tokens,
            "given_nats": cost.given_nats,
            "given_tokens": cost.given_tokens,
            "forbidden_nats": cost.forbidden,
            "nearest": nearest,
        })
    }

    /// The axes along which a poem is farthest out, by the word at that end, and its coordinate in standard deviations.
    fn theme(&self, poem: &GeneratedPoem) -> Vec<(String, f32)> {
        let theme = self.model.theme_of(poem.form, &poem.lines).ok().flatten().unwrap_or_default();
        let named = theme.iter().zip(&self.axes).filter_map(|(&value, ends)| {
            let end = if value < 0.0 { &ends.negative } else { &ends.positive };
            Some((end.first()?.clone(), value.abs()))
        });
        let mut named: Vec<(String, f32)> = named.collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        named.truncate(AXES_NAMED);
        named
    }

    /// The line of the corpus with the longest run of characters that a line of the poem has, too.
    fn nearest(&self, poem: &GeneratedPoem) -> Option<NearestLine> {
        let own: Vec<Vec<char>> = poem.lines.iter().map(|line| line.chars().collect()).collect();
        let best = |text: &String| {
            let characters: Vec<char> = text.chars().collect();
            let shared = own.iter().map(|line| longest_run(line, &characters)).enumerate();
            shared.max_by_key(|&(line, shared)| (shared, Reverse(line)))
        };
        let corpus = self.corpus.as_ref()?;
        let found = corpus.par_iter().enumerate().filter_map(|(index, text)| Some((index, best(text)?)));
        let (index, (line, shared)) = found.max_by_key(|(index, (_, shared))| (*shared, Reverse(*index)))?;
        let text = corpus[index].clone();
        (shared > 1).then(|| NearestLine { line: line + 1, text, shared })
    }
}

/// The lines of the corpus of a run, if its file is where it was.
fn corpus_lines(run: &Path) -> Option<Vec<String>> {
    let saved = Saved::read(run).ok().flatten()?;
    let path = saved.corpus["path"].as_str()?.to_string();
    let corpus = corpus::read(Path::new(&path), &Default::default()).ok()?;
    Some(corpus.lines().into_iter().map(String::from).collect())
}

/// Length of the longest run that two lines share.
fn longest_run(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut longest = 0;
    for x in a {
        // From the end, so that the entry before is still that of the last row.
        for (place, y) in b.iter().enumerate().rev() {
            before[place + 1] = if x == y { before[place] + 1 } else { 0 };
            longest = longest.max(before[place + 1]);
        }
    }
    longest
}

fn likelihood(cost: &PoemCost, lang: Lang) -> String {
    let PoemCost { nats, tokens, given_nats, given_tokens, forbidden } = *cost;
    let free = (nats - given_nats) / (tokens - given_tokens).max(1) as f32;
    let mut text = lang.pick(
        format!("     likelihood {free:.2} nats per drawn token at temperature 1"),
        format!("     似然 {free:.2} nats／抽取的词元（温度 1）"),
    );
    if given_tokens > 0 {
        let given = given_nats / given_tokens as f32;
        text += &lang.pick(
            format!("; {given_tokens} given ones {given:.2} each"),
            format!("；给定的 {given_tokens} 个词元各 {given:.2}"),
        );
    }
    if forbidden > 0.0 {
        text += &lang.pick(format!("; constraints cost {forbidden:.1} in all"), format!("；各项要求共 {forbidden:.1}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_longest_shared_ones() {
        let run = |a: &str, b: &str| {
            let characters = |text: &str| text.chars().collect::<Vec<char>>();
            longest_run(&characters(a), &characters(b))
        };
        assert_eq!(run("白日依山尽", "黄河入海流"), 0);
        assert_eq!((run("白日依山尽", "白日放歌须"), run("山山山", "山山"), run("", "山")), (2, 2, 0));
        assert_eq!(run("欲穷千里目", "更上千里目"), 3);
    }
}
