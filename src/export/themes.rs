//! What the poems of a model are about: its named axes, and one poem moved along each.

use std::path::Path;

use anyhow::Result;

use super::html::{about, either, escape, lang_of, section};
use crate::run::checkpoint;
use crate::ui::Lang;
use crate::write::{AxisPoems, GeneratedPoem, Model, along_axes};

/// Axes that are shown, of which the first are those that poems follow most, and words at each end.
const AXES: usize = 5;
const WORDS: usize = 4;
/// By how much the poem is moved, in standard deviations, and its seed.
const AMOUNTS: [f32; 3] = [-2.0, 0.0, 2.0];
const SEED: u64 = 1;

/// The axes of the best checkpoint, or why they are not known.
pub struct RunThemes(Result<Vec<AxisPoems>, String>);

impl RunThemes {
    pub fn of(run: &Path) -> RunThemes {
        // A run may have no checkpoint yet.
        if checkpoint::steps_of(run).is_empty() {
            return RunThemes(Ok(Vec::new()));
        }
        let axes = Model::open(run).and_then(|model| along_axes(&model, SEED, AXES, &AMOUNTS));
        RunThemes(axes.map_err(|error| format!("{error:#}")))
    }

    /// The section; empty for a model without themes.
    pub fn html(&self, lang: Lang) -> String {
        let title = either(lang, "Themes", "主题");
        let axes = match &self.0 {
            Ok(axes) if axes.is_empty() => return String::new(),
            Ok(axes) => axes,
            Err(why) => {
                let told = either(lang, "The model cannot be read: ", "模型无法读取：");
                return section(title, &about(&format!("{told}{why}")));
            }
        };
        let told = match lang {
            Lang::En => format!(
                "The first dimensions of z are axes that are learned from the corpus, named by the words at their ends. \
                 Below, the poem of seed {SEED} of the best checkpoint is moved along each, by standard deviations."
            ),
            Lang::Zh => format!(
                "z 的前几维是由语料学得的主题轴，以两端的字词为名。以下把最佳检查点中种子 {SEED} 的诗沿各轴移动，以标准差计。"
            ),
        };
        let rows: String = axes.iter().map(|axis| row(axis, lang)).collect();
        section(title, &format!("{}<div class=\"axes\">\n{rows}</div>\n", about(&told)))
    }
}

/// An axis with its poems from the negative to the positive end.
fn row(AxisPoems { axis, words, poems }: &AxisPoems, lang: Lang) -> String {
    let [negative, positive] = words.ends(WORDS);
    let name = format!("{negative} – {positive}");
    let number = either(lang, "axis", "轴");
    let poems: String = poems.iter().map(|(amount, poem)| moved(*amount, poem, [&negative, &positive])).collect();
    format!(
        "<div>\n<h3{}>{} <small>{number} {axis}</small></h3>\n<div class=\"poems axis\">\n{poems}</div>\n</div>\n",
        lang_of(&name),
        escape(&name)
    )
}

fn moved(amount: f32, poem: &GeneratedPoem, [negative, positive]: [&str; 2]) -> String {
    let towards = if amount < 0.0 { negative } else { positive };
    let head = if amount == 0.0 { "0".to_string() } else { format!("{amount:+} {towards}") };
    let line = |(number, line): (usize, &String)| {
        let begin = if poem.stanzas.contains(&number) { "<br>" } else { "" };
        format!("<p>{begin}{}</p>\n", escape(line))
    };
    let lines: String = poem.lines.iter().enumerate().map(line).collect();
    format!(
        "<blockquote class=\"poem\"{}><p class=\"faint\">{}</p>\n{lines}</blockquote>\n",
        lang_of(&poem.text),
        escape(&head)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Form;
    use crate::run::event::AxisWords;

    #[test]
    fn each_axis_shows_the_poem_at_its_ends_and_between() {
        let poem = |text: &str| GeneratedPoem {
            seed: 1,
            form: Form::Free,
            lines: vec![text.to_string()],
            stanzas: Vec::new(),
            text: text.to_string(),
            line_scores: Vec::new(),
            score: None,
            cost: None,
        };
        let words = AxisWords { positive: vec!["战".into(), "<".into()], negative: vec!["月".into(), "星".into()] };
        let poems = AMOUNTS.map(|amount| (amount, poem(&format!("春{amount}")))).to_vec();
        let page = RunThemes(Ok(vec![AxisPoems { axis: 3, words, poems }])).html(Lang::En);
        assert!(page.contains("<h3 lang=\"zh\">月星 – 战&lt; <small>axis 3</small></h3>"), "{page}");
        let heads =
            ["-2 月星", "0", "+2 战&lt;"].map(|head| page.find(&format!("<p class=\"faint\">{head}</p>")).unwrap());
        assert!(heads.is_sorted() && page.matches("<p>春").count() == 3, "{page}");
    }

    #[test]
    fn a_model_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(RunThemes::of(folder.path()).html(Lang::En), "", "no checkpoint yet");
        std::fs::create_dir_all(folder.path().join("checkpoints/step-00000010")).unwrap();
        let page = RunThemes::of(folder.path()).html(Lang::Zh);
        assert!(page.contains("<h2>主题</h2>") && page.contains("模型无法读取："), "{page}");
    }
}
