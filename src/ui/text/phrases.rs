//! Sentences in which something is filled in: those of the trainer and the answers of the command line, in Chinese.

use crate::ui::text::words::{Lang, say};

/// English and Chinese; `{}` stands for any text, and is filled with the same one in the same order.
const PHRASES: &[(&str, &str)] = &[
    ("mark: {}", "备注：{}"),
    ("as asked: {}", "按要求：{}"),
    ("not changed: {}", "未更改：{}"),
    ("{}; the discriminator's learning rate is halved", "{}；判别器的学习率减半"),
    ("{}: back to the weights of step {}", "{}：回到第 {} 步的权重"),
    ("back to the weights of step {}", "回到第 {} 步的权重"),
    ("there is no way back, since {}", "无法回去：{}"),
    ("the poems repeat each other (distinct-2 {}, real poems {})", "诗句彼此重复（distinct-2 {}，真诗 {}）"),
    ("{} % of the lines are copied", "{} % 的诗句抄自语料"),
    ("the generator forgets the language (held-out loss {}, lowest {})", "生成器正在遗忘语言（留出损失 {}，最低 {}）"),
    (
        "the discriminator is far ahead (real poems {} percentage points above generated ones)",
        "判别器遥遥领先（真诗比所写高 {} 个百分点）",
    ),
    (
        "step {} gave numbers that are not finite: undone, and the learning rate is halved",
        "第 {} 步出现非有限数：已撤销，学习率减半",
    ),
    ("checkpoint {}", "检查点 {}"),
    ("asked for: {} {}", "已请求：{} {}"),
    ("more likelihood: {}", "加大似然权重：{}"),
    ("slow it: {}", "放慢它：{}"),
    (
        "back to step {}, the best checkpoint? What both models learned after it is lost.",
        "回到最佳检查点，即第 {} 步？此后两个模型所学都会丢失。",
    ),
    ("leave at once? What both models learned after step {} is lost.", "立即离开？第 {} 步之后两个模型所学都会丢失。"),
    ("continues from step {}", "从第 {} 步继续"),
    ("as set by hand: {}", "按手动设置：{}"),
    ("--allow-changes: no longer as set by hand: {}", "--allow-changes：手动设置不再生效：{}"),
    ("the old run was moved to {}", "旧的运行已移至 {}"),
    ("passed over: {}", "已跳过：{}"),
    (
        "rhyme was learned from line ends: {} % of held-out pairs are told right (chance: 50 %)",
        "已从句末学得押韵：留出的字对判对 {} %（随机为 50 %）",
    ),
    (
        "classes were learned from what stands together: {} % of held-out poems with exchanged tokens are told right \
         (chance: 50 %)",
        "已从搭配学得词类：换过字的留出诗判对 {} %（随机为 50 %）",
    ),
    (
        "{} of {} poems are left out, since they hold characters or words that are too rare for the vocabulary; lower \
         tokenizer.min_count or raise tokenizer.vocab_size (--vocab-size)",
        "{} / {} 首诗未采用：其中的字或词太少见，不在词表中；请降低 tokenizer.min_count 或提高 tokenizer.vocab_size（--vocab-size）",
    ),
    (
        "there is no held-out loss, and the newest checkpoint counts as the best: {}",
        "没有留出损失，以最新的检查点为最佳：{}",
    ),
    ("no command '{}'; tab completes", "没有命令“{}”；按 tab 补全"),
    ("no setting '{}'; tab completes", "没有设置“{}”；按 tab 补全"),
    ("{} takes nothing more", "{} 之后不需要别的"),
    ("'{}' is no step", "“{}”不是步数"),
    ("{} can be {} to {}", "{} 可为 {} 至 {}"),
    ("{} needs a number, {} to {}", "{} 需要一个数，{} 至 {}"),
    ("{} needs a whole number, {} to {}", "{} 需要一个整数，{} 至 {}"),
];

/// A whole sentence in the user's language, where there are words for it.
pub fn tell(lang: Lang, sentence: &str) -> String {
    let known = say(lang, sentence);
    if lang == Lang::En || known != sentence { known.to_owned() } else { in_chinese(sentence) }
}

/// What fills a hole may be such a sentence itself.
fn in_chinese(sentence: &str) -> String {
    let fitting = PHRASES.iter().find_map(|(english, chinese)| Some((chinese, holes(english, sentence)?)));
    let Some((chinese, texts)) = fitting else { return sentence.to_owned() };
    let mut parts = chinese.split("{}");
    let first = parts.next().unwrap_or_default().to_owned();
    // Nobody but the user says what a note says.
    let told = |text: &str| if sentence.starts_with("mark: ") { text.to_owned() } else { in_chinese(text) };
    parts.zip(texts).fold(first, |filled, (part, text)| filled + &told(text) + part)
}

/// What fills the holes of a phrase, if the sentence is one of its kind.
fn holes<'a>(phrase: &str, sentence: &'a str) -> Option<Vec<&'a str>> {
    let (first, parts) = phrase.split_once("{}")?;
    let mut rest = sentence.strip_prefix(first)?;
    let parts: Vec<&str> = parts.split("{}").collect();
    let (last, others) = parts.split_last()?;
    let mut texts = Vec::new();
    for part in others {
        let (text, after) = rest.split_once(part)?;
        texts.push(text);
        rest = after;
    }
    texts.push(rest.strip_suffix(last)?);
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_a_sentence_fills_the_chinese_one() {
        for (english, chinese) in [
            ("checkpoint step-00000100", "检查点 step-00000100"),
            ("beta can be 0.01 to 100", "beta 可为 0.01 至 100"),
            ("as asked: back to the weights of step 40", "按要求：回到第 40 步的权重"),
            (
                "20 % of the lines are copied: back to the weights of step 9; the discriminator's learning rate is halved",
                "20 % 的诗句抄自语料：回到第 9 步的权重；判别器的学习率减半",
            ),
            ("mark: beta can be 3 to 4", "备注：beta can be 3 to 4"),
            ("verses", "诗稿"),
            ("nobody has thought of this", "nobody has thought of this"),
        ] {
            assert_eq!(tell(Lang::Zh, english), chinese);
            assert_eq!(tell(Lang::En, english), english);
        }
    }

    #[test]
    fn both_languages_have_the_same_holes() {
        for (english, chinese) in PHRASES {
            let (holes, others) = (english.matches("{}").count(), chinese.matches("{}").count());
            assert!(holes > 0 && holes == others, "{english}");
        }
    }
}
