//! Everything that a Chinese reader sees is Chinese: help, errors, logs and tables, with `--lang zh` anywhere on the command
//! line or with a Chinese locale.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, quatrains};

/// Words of two letters or more, but for options, names in capitals, and what contains other signs.
fn english(text: &str) -> Vec<&str> {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    text.split(|c: char| !c.is_ascii() || c.is_whitespace() || "`()[],;".contains(c)).filter(is_word).collect()
}

#[test]
fn the_language_may_stand_anywhere_or_in_the_locale() {
    let folder = Folder::new();
    for words in ["--lang zh train --help", "train --help --lang zh", "--lang=zh help train", "train -h --lang zh"] {
        let help = folder.done(words);
        assert!(help.starts_with("用诗歌文件训练；") && help.contains("用法：poetgan train [选项] <CORPUS>"), "{help}");
    }
    for (variable, locale) in [("LC_ALL", "zh_CN.UTF-8"), ("LC_MESSAGES", "zh_TW"), ("LANG", "zh")] {
        let mut command = folder.command("train --help");
        command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANG").env(variable, locale);
        let help = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(help.starts_with("用诗歌文件训练；"), "{variable}: {help}");
        let english = command.arg("--lang").arg("en").output().unwrap().stdout;
        assert!(String::from_utf8(english).unwrap().starts_with("Train on a file of poems"), "{variable}");
    }
    assert!(folder.done("check poems.txt --lang zh").contains("首"));
    let wrong = folder.run("train --lang fr");
    assert_eq!((wrong.code, wrong.err.contains("'fr' for '--lang <LANG>'")), (Some(2), true), "{}", wrong.err);
}

/// Wrong arguments, and what is said.
const WRONG_ARGUMENTS: &[(&str, &str)] = &[
    ("trian", "没有命令“trian”；相近的命令：“train”；详见 poetgan --help"),
    ("train", "缺少必需的参数：<CORPUS>；详见 poetgan train --help"),
    ("train x --device cuda", "没有选项或参数“--device”；详见 poetgan train --help"),
    ("write --sed 4", "没有选项或参数“--sed”；相近的选项：“--seed”；详见 poetgan write --help"),
    ("train x --plain --json", "“--plain”不能与“--json”同用；详见 poetgan train --help"),
    ("train x --plain --plain", "“--plain”只能给一次；详见 poetgan train --help"),
    ("train x --plain=yes", "“--plain”不带值，却给了“yes”；详见 poetgan train --help"),
    ("train x --seed", "“--seed <N>”需要一个值；详见 poetgan train --help"),
    (
        "train x --loss hing",
        "“--loss <LOSS>”的值“hing”无效 [可选：standard, relativistic, hinge, wasserstein]；相近的值：“hinge”；详见 poetgan \
         train --help",
    ),
    ("train x --lang fr", "“--lang <LANG>”的值“fr”无效 [可选：en, zh]；详见 poetgan train --help"),
    ("train x --threads 0", "“--threads <N>”的值“0”无效：“0”不是 1 至 1024 的整数；详见 poetgan train --help"),
    ("write -n -3", "“--count <N>”的值“-3”无效：“-3”不是 1 以上的整数；详见 poetgan write --help"),
    (
        "train x --time-limit soon",
        "“--time-limit <TIME>”的值“soon”无效：“soon”不是时长；请写成 90s、20m 或 1h30m；详见 poetgan train --help",
    ),
    (
        "write --form 8y",
        "“--form <FORM>”的值“8y”无效：“8y”不是体裁；请写 7x4（字数 x 行数）、七绝、五律、lines:14 或 free；详见 poetgan write \
         --help",
    ),
    ("write --temperature 0", "“--temperature <T>”的值“0”无效：“0”不是大于 0 的数；详见 poetgan write --help"),
    ("write --top-p 2", "“--top-p <P>”的值“2”无效：“2”不是大于 0 且不超过 1 的数；详见 poetgan write --help"),
    (
        "write --axis moon",
        "“--axis <NAME=X>”的值“moon”无效：“moon”的写法不对；请写“词或编号=移动量”，如 战=+2 或 0=-1.5；详见 poetgan write --help",
    ),
    (
        "write --checkpoint worst",
        "“--checkpoint <WHICH>”的值“worst”无效：应为 best、last、pretrained 或某一步的步数；详见 poetgan write --help",
    ),
    ("oracle --dropout 1", "“--dropout <F>”的值“1”无效：“1”不是 0 以上且小于 1 的数；详见 poetgan oracle --help"),
];

#[test]
fn wrong_arguments_are_told_in_chinese() {
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for (words, chinese) in WRONG_ARGUMENTS {
        // The wrong language itself falls back on the locale.
        let mut command = folder.command(words);
        command.env("LC_ALL", "zh_CN.UTF-8");
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let expected = (Some(2), format!("poetgan: {chinese}"));
        let found = (output.status.code(), said.trim_end().to_owned());
        wrong.extend((found != expected).then_some((words, found)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A command that is wrong, and a part of what is said.
type Mistake = (&'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    ("train nowhere.txt", "nowhere.txt：没有此文件；请给出诗歌文本文件的路径"),
    ("check empty-folder", "empty-folder：这是文件夹；请给出其中诗歌文本文件的路径"),
    ("train empty-folder", "empty-folder：此文件夹中没有文本文件"),
    ("train empty.txt", "empty.txt：文件中没有文字；请写入诗歌，两首之间空一行"),
    ("train titles.txt", "titles.txt：文件中只有标题（`# ...`），没有诗句"),
    ("train few.txt", "few.txt：只有 19 首不同的诗（以空行分隔的诗），太少，不能训练；至少需要 20 首：请补充诗歌"),
    ("train zip.txt", "zip.txt：这是 zip 压缩文件，不是文本；请给出 UTF-8 编码的诗歌文本文件"),
    ("train x.xml", "x.xml：这像是 XML；请取出诗句"),
    ("train half.json", "half.json:2：这像是 JSON，但已损坏：数组没有结尾"),
    ("corpus deep.json", "deep.json:1：这像是 JSON，但数组与对象的嵌套超过 100 层；请换一个"),
    ("train emoji.txt", "emoji.txt：没有一首诗（"),
    ("train bad.json", "bad.json:2：这像是 JSON，但已损坏：缺少 `,` 或 `}`；"),
    ("train table.csv --column nope", "table.csv:1：没有“nope”列（表头为：title, text）"),
    ("train gbk.txt", "gbk.txt:1：第 0 字节处不是 UTF-8；编码可能是 "),
    ("train long.txt --preset tiny", "此行有 80 个词元，上限为 64 个；请拆分此行，用 --wrap 折行或 --cut 截断"),
    ("train poems.txt --vocab-size 16", "poems.txt：60 首诗中只剩 0 首，至少需要 20 首"),
    ("train poems.txt --config none.toml", "无法读取 none.toml：没有此文件或文件夹；请检查配置文件的路径"),
    ("train poems.txt --config unknown.toml", "unknown.toml:2：没有“model.widht”；是否想写“width”？"),
    (
        "train poems.txt --config renamed.toml",
        "renamed.toml:2：“training.warmup_steps”已改名；请写“training.pretrain_steps”",
    ),
    ("train poems.txt --config zero.toml", "zero.toml:2：model.max_line：0 太小；至少为 1"),
    ("train poems.txt --config word.toml", "word.toml:2：model.width：类型不对：给了字符串“wide”，应为非负整数"),
    ("train poems.txt --config variant.toml", "variant.toml:2：training.loss：没有 `hing`；可选 `standard`"),
    ("train poems.txt --config preset.toml", "preset.toml:1：没有预设“huge”；预设有 tiny、small、pure、base"),
    ("train poems.txt --config syntax.toml", "syntax.toml:2："),
    ("train poems.txt --config open.toml", "open.toml:1："),
    (
        "train poems.txt --preset tiny --steps 5 --pretrain-steps 6",
        "--steps：与 --pretrain-steps 和 --adversarial-steps 不符",
    ),
    ("train poems.txt --run thesis", "runs/thesis：此文件夹不为空，也不是运行目录；请用 --run NAME 另选一个"),
    ("corpus poems.txt --convert poems.txt", "poems.txt：这是语料中的文件；请换一个文件名"),
    ("corpus poems.txt --convert ./poems.txt", "./poems.txt：这是语料中的文件；请换一个文件名"),
    ("corpus notes.txt", "notes.txt："),
    ("watch", "runs/ 下还没有运行；请用 `poetgan train FILE` 开始一次，或给出运行目录"),
    ("watch nowhere", "runs/nowhere：不是运行目录（没有 metrics.jsonl）"),
    ("runs nowhere", "runs/nowhere：没有此运行；poetgan runs 列出所有运行"),
    ("runs --dir none", "none：无法列出其中的运行：没有此文件夹；poetgan train 会创建它，或用 --dir 另选文件夹"),
    ("export nowhere", "runs/nowhere：不是运行目录（没有 metrics.jsonl）"),
    ("write --model nowhere", "nowhere：不存在；--model 可以是运行、检查点文件夹、打包的模型或 builtin"),
    ("write --model poems.txt", "poems.txt：不是打包的模型（文件头过大）；--model 可以是"),
    ("write --model builtin --form 3x3", "--form 3x3：builtin 未训练过这种体裁；它的体裁有 "),
    ("write --model builtin --theme xyz", "--theme xyz：模型不知道“"),
    ("write --model builtin --axis xyz=1", "--axis xyz：没有哪条轴的端点有此词；轴有 "),
    ("write --model builtin --checkpoint last", "内置模型没有检查点；请用 --model 指定一次运行"),
    ("sweep --model builtin", "此模型没有预训练结束时的检查点"),
    ("eval --model builtin", "此模型没有记录所用的语料；请给出诗歌文件，如 corpora/tang.txt"),
    ("bench --generator transformer --embed 5", "--embed 5：Transformer 有 "),
    ("oracle --weights nowhere", "--weights nowhere：无法读取：没有此文件或文件夹；请检查路径"),
];

fn with_mistakes() -> Folder {
    let folder = Folder::new();
    let verse = "春花秋月何时";
    let files: [(&str, String); 20] = [
        ("empty.txt", " \n\n".into()),
        ("titles.txt", "# one\n\n# two\n".into()),
        ("few.txt", quatrains(19)),
        ("zip.txt", "PK\u{3}\u{4}xxxx".into()),
        ("x.xml", "<?xml version=\"1.0\"?>\n<poems><poem>a</poem></poems>".into()),
        ("half.json", "[{\"text\": \"a\"},\n".into()),
        ("deep.json", format!("{}{}\n", "[".repeat(20_000), "]".repeat(20_000))),
        ("emoji.txt", (0..30u32).map(|i| format!("{}🌸\n\n", char::from_u32(0x1f300 + i).unwrap())).collect()),
        ("bad.json", "[{\"text\": \"a\"},\n{\"text\": \"b\" \"c\": 1}]\n".into()),
        ("table.csv", format!("title,text\n{}", format!("t,\"{verse}\n{verse}\"\n").repeat(30))),
        ("long.txt", format!("{}\n{}\n", quatrains(30), "春花秋月".repeat(20))),
        ("unknown.toml", "[model]\nwidht = 3".into()),
        ("renamed.toml", "[training]\nwarmup_steps = 3".into()),
        ("zero.toml", "[model]\nmax_line = 0".into()),
        ("word.toml", "[model]\nwidth = 'wide'".into()),
        ("variant.toml", "[training]\nloss = 'hing'".into()),
        ("preset.toml", "preset = 'huge'".into()),
        ("syntax.toml", "[model]\nwidth = = 3".into()),
        ("open.toml", "[model\nwidth = 3".into()),
        ("notes.txt", "（注）\n\n（又注）\n".into()),
    ];
    files.into_iter().for_each(|(name, text)| folder.write(name, text));
    folder.write("gbk.txt", b"\xb4\xb2\xc7\xb0\xc3\xf7\xd4\xc2\xb9\xe2\xa3\xac\n".repeat(2));
    fs::create_dir(folder.path("empty-folder")).unwrap();
    fs::create_dir_all(folder.path("runs/thesis")).unwrap();
    folder.write("runs/thesis/a.txt", "years of work");
    folder
}

#[test]
fn user_errors_are_told_in_chinese_and_in_no_other_language() {
    let folder = with_mistakes();
    let mut wrong = Vec::new();
    for (words, chinese) in MISTAKES {
        let said = folder.mistake(&format!("{words} --lang zh"));
        // What stands between backquotes is to be typed.
        let text: String = said.split('`').step_by(2).collect();
        let foreign: Vec<String> =
            english(&text).into_iter().filter(|word| !KNOWN.contains(word)).map(String::from).collect();
        let is_right = said.contains(chinese) && foreign.is_empty();
        wrong.extend((!is_right).then_some((words, foreign, said)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Names: of commands, settings, columns, presets, values and files.
const KNOWN: &[&str] = &[
    "poetgan",
    "nope",
    "width",
    "wide",
    "huge",
    "sweep",
    "train",
    "runs",
    "runs/",
    "tiny",
    "small",
    "pure",
    "base",
    "title",
    "text",
    "safetensors",
    "free",
    "xyz",
    "builtin",
    "nowhere",
    "none",
    "training",
    "model",
    "iconv",
    "zip",
];

#[test]
fn a_training_is_logged_in_chinese() {
    let folder = Folder::new();
    let log = folder.done("train poems.txt --config quick.toml --steps 20 --plain --lang zh");
    for words in [
        "运行        runs/poems",
        "语料        poems.txt：训练诗 ",
        "模型        transformer 生成器 ",
        "计划        从第 0 步起，共 20 步；预训练到第 ",
        "消息        第 0 步  语料版式 blank-lines（60 段以空行分隔的文字）：共 60 首，重复 0 首，未采用 0 首",
        "训练步      ",
        "  预训练       已用 0:0",
        "检查点      第 20 步  runs/poems/checkpoints/step-00000020",
        "已完成      第 20 步  所有训练步已完成",
        "write --model runs/poems    写诗",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    let journal = folder.read("runs/poems/log.txt");
    assert!(journal.contains("60 blocks of lines between blank lines") && !journal.contains("版式"), "{journal}");
    let table = folder.done("runs --lang zh");
    assert!(
        table.starts_with("名称") && table.contains("已完成") && table.ends_with("最佳：write 所用的步。\n"),
        "{table}"
    );
    let other = folder.mistake("train poems.txt --lang zh --vocab-size 40 --tokenizer word --allow-changes");
    let expected = "runs/poems：设置与此运行不同：tokenizer.kind 原为 \"auto\"，现为 \"word\"；tokenizer.vocab_size 原为 1000，现为 40；可用 \
                    --fresh 从头开始（保留之前的运行），或用 --run NAME 另开一次运行";
    assert_eq!(other, format!("poetgan: {expected}"));
}

#[test]
fn a_corpus_and_its_poems_are_described_in_chinese() {
    let folder = Folder::new();
    let report = folder.done("corpus poems.txt --lang zh");
    for words in [
        "版式：blank-lines（以空行分隔的诗）\n  依据：60 段以空行分隔的文字\n编码：UTF-8\n",
        "文件共 299 行：诗句 240 行，空行 59 行，标题与分隔 0 行\n找到的诗：60 首\n",
        "首完全重复\n",
        "首可用于训练，共 240 行\n",
        "体裁：5x4 30 首，7x4 30 首\n",
        "第一首，始于第 1 行：",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    folder.write("poem.txt", "# 静夜思\n床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。\n");
    let marks = folder.done("check poem.txt --lang zh");
    for words in [
        "静夜思，5x4\n  1  床前明月光  ",
        "  下平声七阳",
        "     押 下平声七阳；4 句中 ",
        "失粘  第 2、3 句：相邻两联之间第二字平仄不同\n",
        "重字  第 3、4 句：“头”重复出现\n",
        "共 1 首，近体诗 1 首，无诗病 0 首\n",
    ] {
        assert!(marks.contains(words), "{words}: {marks}");
    }
    folder.write("song.txt", "大江东去，浪淘尽，千古风流人物。\n故垒西边，人道是，三国周郎赤壁。\n");
    let other = folder.done("check song.txt --lang zh");
    assert!(
        other.contains(
            "不是近体诗的体裁（句数为偶数，至少 4 句，每句皆 5 字或皆 7 字）；第 1 行：“大江东去”有 4 字，应为 5 字"
        ),
        "{other}"
    );
}
