//! Wishes for poems that `write` cannot meet.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("'{}' is not the number of a line, '=' and its text, such as 2=春眠不觉晓", "“{0}”的写法不对；请写“行号=文字”，如 2=春眠不觉晓"),
    ("a character to rhyme with, or auto", "应为要押韵的字，或 auto"),
    ("{}: no text", "{0}：没有文字"),
    ("{} {}: the model does not know '{}'", "{0} {1}：模型不知道“{2}”"),
    ("--start {}: {} characters do not fit into a line of {}; give whole lines with --line 1=... and --line 2=...", "--start {0}：{1} 个字放不进 {2} 字的行；请用 --line 1=... 与 --line 2=... 给出整行"),
    ("{}{}: has {} characters, and the lines of {} have {}", "{0}{1}：有 {2} 个字，而体裁 {3} 每行 {4} 个字"),
    ("{}: needs {} lines, and {} has {}; choose another --form", "{0}：需要 {1} 行，而体裁 {2} 有 {3} 行；请另选 --form"),
    ("{}: contradicts another option in line {}", "{0}：第 {1} 行与另一选项矛盾"),
    ("--acrostic {}: the model knows no word that begins with '{}'", "--acrostic {0}：模型没有以“{1}”开头的词"),
    ("--acrostic-end: needs a form with lines of a fixed length, and {} is none", "--acrostic-end：需要每行字数固定的体裁，{0} 不是"),
    ("--contain: needs a form with lines of a fixed length, and {} is none", "--contain：需要每行字数固定的体裁，{0} 不是"),
    ("--contain and --avoid: {*}", "--contain 与 --avoid：{0}"),
    ("this model's tokens are parts of words; train one with --tokenizer word", "此模型的词元是词的一部分；请用 --tokenizer word 另行训练"),
    ("--contain: {} has no place for it beside the other options", "--contain：除其他选项外，体裁 {0} 中已无处可放"),
    ("--avoid: a word to avoid is asked for by another option", "--avoid：要避免的词是另一选项所要求的"),
    ("--no-repeat: '{}' is asked for twice", "--no-repeat：“{0}”要求出现两次"),
    ("--tones, --rhyme: in {} {*}", "--tones、--rhyme：体裁 {0}：{1}"),
    ("no tone pattern or rhyme fits the given characters; poetgan check shows their tones and rhymes", "没有平仄格式或韵部适合所给的字；poetgan check 显示其平仄与韵部"),
    ("--tones, --rhyme: need Chinese lines of five or seven characters, and {} has others", "--tones、--rhyme：需要五字或七字的中文诗行，体裁 {0} 不是"),
    ("--tones, --rhyme: need Chinese verse of an even number of lines, at least four; {} is none", "--tones、--rhyme：需要句数为偶数且至少四句的中文诗，体裁 {0} 不是"),
    ("--rhyme {}: {*}", "--rhyme {0}：{1}"),
    ("no level group of the rhyme book has it and {w} characters that the model knows", "韵书中没有哪个平声韵部含此字，且有 {0} 个模型所知的字"),
    ("{*}; another --seed or a higher --select may", "{0}；可换 --seed 或增大 --select"),
    ("seed {w}: none of its {w} drafts meets all wishes", "种子 {0}：{1} 稿中没有一稿满足全部要求"),
    // Output
    ("--svg, --png: a card has one poem; leave out --count, or name the --seed of one poem", "--svg、--png：一张诗笺只有一首诗；请去掉 --count，或用 --seed 指定一首"),
    ("it is a folder", "是文件夹"),
    ("its folder does not exist", "所在的文件夹不存在"),
    ("it is named twice", "给出了两次"),
    ("--vertical: only Chinese, Japanese and Korean poems are written so; leave it out", "--vertical：只有中文、日文与韩文诗可以竖排；请去掉它"),
    ("--png: no font of this system has '{}'; install {}, or use --svg", "--png：此系统没有含“{0}”的字体；请安装 {1}，或用 --svg"),
];
