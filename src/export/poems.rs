//! The poems of a run on its page: the newest ones, and the same seeds through training.

use super::html::{about, either, escape, lang_of, section};
use super::samples::spread;
use crate::run::event::{Event, SamplePoem, ScoredLine};
use crate::ui::Lang;

/// Most of the newest poems, most seeds that are followed, and most steps of each.
const MAX_POEMS: usize = 6;
const MAX_SEEDS: usize = 3;
const MAX_STEPS: usize = 12;

/// The section of the newest poems, the best by the discriminator's score first.
pub fn newest(samples: &[Event], lang: Lang) -> String {
    let Some(Event::Sample { step, temperature, poems }) = samples.last() else { return String::new() };
    let mut poems: Vec<&SamplePoem> = poems.iter().collect();
    poems.sort_by(|a, b| b.score.unwrap_or(0.0).total_cmp(&a.score.unwrap_or(0.0)));
    let has_scores = poems.iter().any(|poem| poem.score.is_some());
    let shown: String = poems.iter().take(MAX_POEMS).map(|poem| block(poem)).collect();
    let place = match lang {
        Lang::En => format!("Step {step}, temperature {temperature}."),
        Lang::Zh => format!("第 {step} 步，温度 {temperature}。"),
    };
    let scores = either(
        lang,
        " The number at a line is the discriminator's probability that the line is real, its colour says the same; the \
         number above is the score of the whole poem.",
        "句旁的数字是判别器判该句为真的概率，颜色同义；上方为全诗评分。",
    );
    let told = place + if has_scores { scores } else { "" };
    section(either(lang, "Poems", "诗"), &format!("{}<div class=\"poems\">\n{shown}</div>\n", about(&told)))
}

/// The section of the poems of the same seeds and forms at steps spread over the run; empty if none of the newest returns.
pub fn over_time(samples: &[Event], lang: Lang) -> String {
    let Some(last) = samples.last() else { return String::new() };
    let row = |seed: (&str, u64)| {
        let moments: Vec<String> = samples.iter().filter_map(|event| moment(event, seed, lang)).collect();
        let shown: String = spread(&moments, MAX_STEPS).into_iter().map(String::as_str).collect();
        let title = format!("<h3>{} {} {}</h3>\n", escape(seed.0), either(lang, "seed", "种子"), seed.1);
        (moments.len() > 1).then(|| format!("{title}<div class=\"wide\"><div class=\"row\">\n{shown}</div></div>\n"))
    };
    let rows: String = seeds(last).into_iter().filter_map(row).take(MAX_SEEDS).collect();
    section(either(lang, "The same seeds through training", "训练中的同一种子"), &rows)
}

/// Forms and seeds of the poems of a sample event.
fn seeds(event: &Event) -> Vec<(&str, u64)> {
    let Event::Sample { poems, .. } = event else { return Vec::new() };
    poems.iter().map(|poem| (poem.form.as_str(), poem.seed)).collect()
}

/// The poem of a seed in a sample event, below its step.
fn moment(event: &Event, (form, seed): (&str, u64), lang: Lang) -> Option<String> {
    let Event::Sample { step, poems, .. } = event else { return None };
    let poem = poems.iter().find(|poem| poem.form == form && poem.seed == seed)?;
    let step = if lang == Lang::Zh { format!("第 {step} 步") } else { format!("step {step}") };
    Some(format!("<div>{}{}</div>\n", about(&step), block(poem)))
}

fn block(poem: &SamplePoem) -> String {
    let line = |(number, line): (usize, &ScoredLine)| {
        let begin = if poem.stanzas.contains(&number) { "<br>" } else { "" };
        let text = format!("{begin}{}", escape(&line.text));
        let Some(score) = line.score else { return format!("<p>{text}</p>\n") };
        let percent = 100.0 * score.clamp(0.0, 1.0);
        format!("<p style=\"--score:{percent:.0}%\">{text}<small>{score:.2}</small></p>\n")
    };
    let mut head = escape(&poem.form);
    head.extend(poem.score.map(|score| format!(", {score:.2}")));
    let lines: String = poem.lines.iter().enumerate().map(line).collect();
    let text: String = poem.lines.iter().map(|line| line.text.as_str()).collect();
    format!("<blockquote class=\"poem\"{}><p class=\"faint\">{head}</p>\n{lines}</blockquote>\n", lang_of(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(step: u64, poems: &[(u64, &str, Option<f32>)]) -> Event {
        let poem = |&(seed, text, score): &(u64, &str, Option<f32>)| SamplePoem {
            form: "7x4".into(),
            seed,
            lines: vec![ScoredLine { text: text.into(), score, attributions: Vec::new(), tones: String::new() }],
            score,
            nearest: Vec::new(),
            stanzas: Vec::new(),
        };
        Event::Sample { step, temperature: 1.0, poems: poems.iter().map(poem).collect() }
    }

    #[test]
    fn the_newest_poems_come_first_and_the_best_of_them() {
        let samples = [sample(0, &[(1, "noise", None)]), sample(9, &[(1, "good", Some(0.4)), (7, "best", Some(0.6))])];
        let page = newest(&samples, Lang::En);
        assert!(!page.contains("noise") && page.contains("Step 9"), "{page}");
        assert!(page.find("best").unwrap() < page.find("good").unwrap(), "{page}");
        assert_eq!(newest(&[], Lang::En), "");
    }

    #[test]
    fn a_seed_that_returns_is_followed() {
        let samples = [
            sample(0, &[(1, "noise", None), (2, "other", None)]),
            sample(5, &[(1, "word", None)]),
            sample(9, &[(1, "verse", None), (3, "new", None)]),
        ];
        let page = over_time(&samples, Lang::En);
        let at = |word: &str| page.find(word).unwrap();
        assert!(at("noise") < at("word") && at("word") < at("verse"), "{page}");
        assert!(!page.contains("other") && !page.contains("new"), "{page}");
        assert_eq!(over_time(&samples[..1], Lang::En), "");
    }
}
