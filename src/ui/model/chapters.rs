//! The chapters of the tour: what is said from which step of the recorded run on, and on which screen.

use crate::ui::model::screens::Screen;

/// A part of the tour. It lasts until the first step of the next one.
pub struct Chapter {
    /// The first step.
    pub from: u64,
    /// How long it takes at the speed of the tour.
    pub seconds: f32,
    pub screen: Screen,
    pub english: &'static str,
    pub chinese: &'static str,
}

/// The commands that the last chapter ends with, and what they do.
pub const NEXT_COMMANDS: [(&str, &str); 3] = [
    ("poetgan write --seed 42", "print a poem of the built-in model"),
    ("poetgan train my-poems.txt", "train on a file of poems"),
    ("poetgan explore", "move a poem along its themes"),
];

const fn chapter(from: u64, seconds: f32, screen: Screen, english: &'static str, chinese: &'static str) -> Chapter {
    Chapter { from, seconds, screen, english, chinese }
}

/// In the order of their steps, from 0 to the last step of the recording.
pub const CHAPTERS: [Chapter; 11] = [
    chapter(
        0,
        9.0,
        Screen::Adversarial,
        "A GAN is a pair of neural networks. The generator turns random numbers into poems; before it has learned \
         anything, they are noise.",
        "GAN 由两个神经网络组成。生成器把随机数变成诗；还没有学到什么时，写出的只是噪声。",
    ),
    chapter(
        75,
        9.0,
        Screen::Adversarial,
        "First comes pretraining: the generator learns from real poems to predict the next character. The chart shows \
         its loss; lower is better.",
        "首先是预训练：生成器从真诗学习预测下一个字。图中是它的损失，越低越好。",
    ),
    chapter(
        600,
        9.0,
        Screen::Samples,
        "Each time some samples come from the same seeds, so a poem can be followed from noise to verse. Up and down \
         select another poem.",
        "每次采样都有一部分用相同的种子，所以能看到同一首诗怎样由噪声变成诗句。上下键选择其他诗。",
    ),
    chapter(
        2_000,
        8.0,
        Screen::Curves,
        "The held-out loss is measured on poems that are not trained on. While it falls, the generator learns the \
         language and does not only memorise poems.",
        "留出损失在没有用来训练的诗上测量。它在下降，说明生成器在学习语言，而不只是背诗。",
    ),
    chapter(
        3_600,
        9.0,
        Screen::Quality,
        "Figures of 200 generated poems, beside those of real ones. Rhyme rises from near 0; the closer to the real \
         figure, the better.",
        "200 首生成诗的各项指标，旁边是真诗的。押韵从接近 0 上升，越接近真诗越好。",
    ),
    chapter(
        5_000,
        8.0,
        Screen::Adversarial,
        "The adversarial phase begins. The discriminator reads real and generated poems and scores them from 0 \
         (generated) to 1 (real). At first it is trained alone.",
        "对抗训练开始。判别器读真诗和生成的诗，并给出评分：0 为生成，1 为真。起初只训练它。",
    ),
    chapter(
        5_100,
        10.0,
        Screen::Adversarial,
        "Now both are trained in turn: D learns to tell the poems apart, G to raise D's scores. The histogram shows \
         real poems upwards and generated ones downwards.",
        "现在两者轮流训练：D 学习区分真诗与生成诗，G 学习提高 D 给它的评分。直方图上方是真诗，下方是生成诗。",
    ),
    chapter(
        5_160,
        8.0,
        Screen::Adversarial,
        "If both halves overlap, G and D are balanced. If D separates nearly all poems, G learns little more: an alarm \
         says so, with a remedy.",
        "上下重叠，说明 G 与 D 势均力敌。如果 D 几乎全部区分，G 就难以再学：这时会有警报和对策。",
    ),
    chapter(
        5_210,
        8.0,
        Screen::Quality,
        "The losses of G and D need not fall, since each depends on the other network. Judge a run by these figures, \
         and by reading its samples.",
        "G 与 D 的损失不一定下降，因为各自都取决于另一个网络。评判一次训练，要看这些指标，并读它的样本。",
    ),
    chapter(
        5_250,
        8.0,
        Screen::Latent,
        "z, the random input of the generator, has directions. Along some of them the theme of a poem changes; the \
         words at both ends name it.",
        "z 是生成器的随机输入，它有许多方向。沿着其中一些移动，诗的主题随之改变；两端的词说明是什么主题。",
    ),
    chapter(
        5_300,
        4.0,
        Screen::Samples,
        "This is the result of the whole run. Three commands to go on with:",
        "这是整个训练的结果。接下来可以试试三条命令：",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_are_in_order_and_take_90_seconds() {
        assert!(CHAPTERS.windows(2).all(|pair| pair[0].from < pair[1].from));
        assert_eq!(CHAPTERS[0].from, 0);
        assert_eq!(CHAPTERS.iter().map(|chapter| chapter.seconds).sum::<f32>(), 90.0);
    }

    #[test]
    fn every_chapter_is_short_and_in_both_languages() {
        for Chapter { english, chinese, .. } in &CHAPTERS {
            assert!(english.len() <= 160, "more than two rows of a terminal of 80 columns: {english}");
            assert!(english.is_ascii() && !chinese.is_ascii(), "{english}");
        }
    }
}
