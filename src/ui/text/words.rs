//! The labels of the dashboard and of the plain log in Chinese.

use super::studio_words::STUDIO_CHINESE;
pub use crate::lang::Lang;

/// A label in a language; unchanged if it has no translation.
pub fn translate(lang: Lang, english: &str) -> &str {
    match lang {
        Lang::En => english,
        Lang::Zh => {
            let found = |table: &[(&str, &'static str)]| {
                table.binary_search_by_key(&english, |(english, _)| english).ok().map(|index| table[index].1)
            };
            found(CHINESE).or_else(|| found(STUDIO_CHINESE)).unwrap_or(english)
        }
    }
}

/// Sorted by the English words.
#[rustfmt::skip]
const CHINESE: &[(&str, &str)] = &[
    ("   q: quit, 1 to 6: look around", "   q：退出，1 至 6：浏览"),
    ("+ raises the score, - lowers it", "+ 提高评分，- 降低评分"),
    ("200 generated poems", "生成诗 200 首"),
    ("? closes", "? 关闭"),
    ("? lists the keys, 1 to 6 switch screens", "? 列出按键，1 至 6 切换画面"),
    ("AUC of the scores: 0.5 is chance, 1 separates all", "评分的 AUC：0.5 为随机，1 为完全区分"),
    ("Adversarial", "对抗"),
    ("Adversarial, Samples, Curves, Quality, Latent, Log", "对抗、样本、曲线、质量、隐空间、日志"),
    ("Curves", "曲线"),
    ("D AUC", "D 的 AUC"),
    ("D ahead", "判别器领先"),
    ("D at chance", "判别器如同猜测"),
    ("D gradient norm", "D 梯度范数"),
    ("D learning rate", "D 学习率"),
    ("D loss", "D 损失"),
    ("D separates nearly all", "判别器几乎全部区分"),
    ("D warm-up", "判别器预热"),
    ("D's score of a line; above, that of the whole poem", "D 对各句的评分；上方为全诗评分"),
    ("D's score of each line, 0 fake to 1 real", "D 对各句的评分，0 为生成，1 为真"),
    ("D's scores", "D 的评分"),
    ("D's scores over time", "D 评分的历史"),
    ("G ahead", "生成器领先"),
    ("G gradient norm", "G 梯度范数"),
    ("G learning rate", "G 学习率"),
    ("G loss", "G 损失"),
    ("Latent", "隐空间"),
    ("Log", "日志"),
    ("Quality", "质量"),
    ("R real  P pretraining  ● now", "R 真诗  P 预训练  ● 现在"),
    ("SETTING VALUE", "设置 值"),
    ("STEP", "步"),
    ("Samples", "样本"),
    ("TEXT", "文字"),
    ("The dashboard needs", "界面需要"),
    ("a direction of z; its slider is in standard deviations", "z 的一个方向；滑块以标准差计"),
    ("a second part fits its first one; chance is 0.5", "后半与前半相合；随机为 0.5"),
    ("add a note to the log", "在日志中加备注"),
    ("adversarial", "对抗训练"),
    ("adversarial training has not started", "对抗训练尚未开始"),
    ("all", "全部"),
    ("all directions back to 0", "所有方向归零"),
    ("all memory", "全部内存"),
    ("at", "游标"),
    ("balanced", "势均力敌"),
    ("bars", "条形"),
    ("bars: D's score of each line", "横条：D 对各句的评分"),
    ("best", "最佳"),
    ("beta", "逆温度 beta"),
    ("change a setting, from the next step on", "更改设置，自下一步生效"),
    ("changed", "更改"),
    ("chapter", "章"),
    ("char twice", "重字"),
    ("checkpoint", "检查点"),
    ("coherence", "连贯"),
    ("command", "命令"),
    ("copied", "抄袭"),
    ("corpus", "语料"),
    ("cursor", "游标"),
    ("curve", "曲线"),
    ("curves", "曲线"),
    ("direction", "方向"),
    ("directions of z", "z 的方向"),
    ("discriminator", "判别器"),
    ("distinct-2", "多样性"),
    ("elapsed", "已用"),
    ("failed", "失败"),
    ("fake", "生成"),
    ("faster and slower", "加快与减慢"),
    ("filter", "过滤"),
    ("finished", "已完成"),
    ("finishing the step, writing a checkpoint   q: quit now (asks first)", "正在完成此步并写检查点   q：立即退出（先询问）"),
    ("form", "体裁"),
    ("freeze", "冻结"),
    ("freeze the display", "冻结画面"),
    ("freeze the display, not the run", "冻结画面，运行不受影响"),
    ("frozen: f or esc", "画面已冻结：f 或 esc"),
    ("generate samples now", "立即生成样本"),
    ("generator", "生成器"),
    ("go to a step of a replay or of the curves", "跳到回放或曲线的某一步"),
    ("grad", "梯度"),
    ("gradient", "梯度"),
    ("held-out", "留出"),
    ("held-out loss", "留出损失"),
    ("help", "帮助"),
    ("help for", "帮助："),
    ("how well the lines that should rhyme do, 0 to 1", "应押韵的句押得如何，0 至 1"),
    ("inverse temperature of the relaxation", "松弛的逆温度"),
    ("jump", "跳转"),
    ("jump back and forward", "向后与向前跳转"),
    ("keep", "保留"),
    ("keep the curve on the chart", "把曲线留在图上"),
    ("latest steps", "最近若干步"),
    ("left", "剩余"),
    ("left and right move a cursor", "左右键移动游标"),
    ("likelihood", "似然"),
    ("likelihood loss", "似然损失"),
    ("likelihood loss of minibatches and held-out poems", "小批量与留出诗的似然损失"),
    ("list the keys", "列出按键"),
    ("log", "日志"),
    ("log scale", "对数"),
    ("logarithmic scale", "对数坐标"),
    ("loss", "损失"),
    ("losses", "损失"),
    ("losses of generator and discriminator", "生成器与判别器的损失"),
    ("lr", "学习率"),
    ("measuring", "测量中"),
    ("memory", "内存"),
    ("minibatch", "小批量"),
    ("model", "模型"),
    ("mouse on and off", "鼠标开关"),
    ("mouse on and off (off: select text)", "鼠标开关（关：可选取文字）"),
    ("move", "移动"),
    ("move a poem along its themes", "沿主题移动一首诗"),
    ("move along the direction", "沿此方向移动"),
    ("move the cursor", "移动游标"),
    ("move the window", "移动窗口"),
    ("nearest", "最近"),
    ("nearest poem of the corpus", "语料中最近的诗"),
    ("next and previous chapter; also space and enter", "下一章与上一章；也可用空格和回车"),
    ("next form", "下一种体裁"),
    ("next or previous direction of z", "上一个或下一个 z 方向"),
    ("next or previous seed", "上一个或下一个种子"),
    ("no lines rhyme", "没有押韵的句"),
    ("no match; esc clears the filter", "没有匹配；按 esc 清除过滤"),
    ("no process is training", "无进程在训练"),
    ("no samples yet", "尚无样本"),
    ("no step yet", "尚未开始"),
    ("noise", "噪声"),
    ("norm", "范数"),
    ("norm of the gradient before it is clipped", "裁剪前的梯度范数"),
    ("not measured yet", "尚未测量"),
    ("note", "备注"),
    ("notice", "消息"),
    ("notices", "消息"),
    ("now", "现在"),
    ("numbers", "数字"),
    ("of", "/"),
    ("of characters change", "的字改变"),
    ("one step", "单步"),
    ("one update of D or G", "D 或 G 更新一次"),
    ("only poems that contain a text", "只看含某字句的诗"),
    ("only the training process can compute it", "只有训练进程可以计算"),
    ("over steps", "以步数为横轴"),
    ("over training time", "以训练时间为横轴"),
    ("overlap", "重叠"),
    ("page", "翻页"),
    ("page through the log", "翻看日志"),
    ("page through the samples", "翻看样本"),
    ("pause", "暂停"),
    ("pause and play", "暂停与播放"),
    ("pause and resume", "暂停与继续"),
    ("pause or resume", "暂停或继续"),
    ("pause, then one step at a time", "暂停，然后逐步进行"),
    ("pause, then one update of D or G at a time", "暂停，然后 D 或 G 逐次更新"),
    ("paused", "已暂停"),
    ("pausing", "即将暂停"),
    ("pgup pgdn: more", "pgup pgdn：更多"),
    ("pin", "固定"),
    ("pin the poem for comparison", "固定此诗以比较"),
    ("pinned", "已固定"),
    ("play", "播放"),
    ("poem", "诗"),
    ("pretr.", "预训练"),
    ("pretraining", "预训练"),
    ("print a poem of the built-in model", "用内置模型写一首诗"),
    ("process", "进程"),
    ("processor", "处理器"),
    ("quality", "质量"),
    ("quit", "退出"),
    ("quit; also esc", "退出；esc 亦可"),
    ("quit; training is unaffected", "退出；不影响训练"),
    ("raw", "未平滑"),
    ("real", "真"),
    ("real poems, the end of pretraining, now", "真诗、预训练结束时、现在"),
    ("requested", "已请求"),
    ("requested; computed after this step", "已请求，此步之后计算"),
    ("reset", "归零"),
    ("resume", "继续"),
    ("resumed", "继续"),
    ("resuming", "即将继续"),
    ("rhyme", "押韵"),
    ("rhyme over diversity", "押韵与多样性"),
    ("rhyme twice", "重韵"),
    ("roll back to the best checkpoint", "回滚到最佳检查点"),
    ("roll back to the best checkpoint (asks first)", "回滚到最佳检查点（先询问）"),
    ("run", "运行"),
    ("run a command or change a setting", "执行命令或更改设置"),
    ("same seed at earlier or later steps", "同一种子在更早或更晚的步"),
    ("sample", "采样"),
    ("samples", "样本"),
    ("sampling temperature", "采样温度"),
    ("scale", "对数"),
    ("schedule", "计划"),
    ("score", "评分"),
    ("score histogram of generated poems, downwards", "生成诗的评分直方图，向下"),
    ("score histogram of real poems, upwards", "真诗的评分直方图，向上"),
    ("scores", "评分"),
    ("screen 1", "画面一"),
    ("screen 2", "画面二"),
    ("screen 3", "画面三"),
    ("screen 4", "画面四"),
    ("screen 5", "画面五"),
    ("screen 6", "画面六"),
    ("screens", "画面"),
    ("scroll the poem", "滚动此诗"),
    ("scroll the samples by a line", "逐行滚动样本"),
    ("scroll the settings", "滚动设置"),
    ("see screen", "见画面"),
    ("seed", "种子"),
    ("select", "选择"),
    ("select a curve", "选择曲线"),
    ("select a poem", "选择诗"),
    ("settings at the start", "开始时的设置"),
    ("several runs", "多个运行"),
    ("share of different pairs of neighbouring tokens", "相邻词元对中不同者的比例"),
    ("share of lines found in the corpus", "见于语料的诗句比例"),
    ("share of poems that use a character twice", "有重字的诗的比例"),
    ("share of poems that use a rhyme word twice", "韵字重复的诗的比例"),
    ("share of the characters that change", "改变的字的比例"),
    ("show and hide this help", "显示或隐藏帮助"),
    ("smooth", "平滑"),
    ("smoothing on and off", "平滑开关"),
    ("speed", "速度"),
    ("starting", "启动中"),
    ("step", "第"),
    ("steps done", "已完成步数"),
    ("steps or time", "步数或时间"),
    ("steps or training time on the axis", "横轴为步数或训练时间"),
    ("steps/s", "步/秒"),
    ("stop", "停止"),
    ("stop and save", "停止并保存"),
    ("stop and save; again: quit now (asks first)", "停止并保存；再按：立即退出（先询问）"),
    ("stopped", "已停止"),
    ("stopping", "正在停止"),
    ("suspend to the shell; fg resumes", "挂起到 shell；fg 恢复"),
    ("system", "系统"),
    ("tab completes, enter runs it", "tab 补全，回车执行"),
    ("temperature", "温度"),
    ("ten poems up or down", "上移或下移十首"),
    ("the training poem with most in common", "最相近的训练诗"),
    ("this direction changes nothing; up and down: others", "此方向没有变化；上下键换方向"),
    ("this is", "现在是"),
    ("threads", "线程"),
    ("time", "时间"),
    ("to", "至"),
    ("tok/s", "词元/秒"),
    ("tokens per second", "每秒词元"),
    ("tones: level, oblique, either", "声调：平、仄、平仄皆可"),
    ("tour", "导览"),
    ("train on a file of poems", "用一个诗集文件训练"),
    ("training has ended; see poetgan explore", "训练已结束，不再计算"),
    ("turn", "单次更新"),
    ("u closes", "u 关闭"),
    ("up down: more", "上下：更多"),
    ("use of processor and memory", "处理器与内存的使用"),
    ("warmest", "最高温度"),
    ("what poems are about at either end of the direction", "方向两端的诗写些什么"),
    ("what z decides about the theme of a poem, in bits", "z 决定诗的主题多少，以比特计"),
    ("whole run or latest steps", "全程或最近的步"),
    ("window", "窗口"),
    ("with", "含"),
    ("words", "词"),
    ("write a checkpoint now", "立即写检查点"),
    ("y: yes   other keys: no", "y：是   其他键：否"),
    ("z bits", "z 信息量"),
    ("zoom", "缩放"),
    ("zoom in and out", "放大与缩小"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::ui::control::comparison::COMPARISON;
    use crate::ui::control::keys::BINDINGS;
    use crate::ui::control::palette::COMMANDS;
    use crate::ui::model::screens::Screen;

    #[test]
    fn the_table_is_sorted() {
        assert!(CHINESE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_key_command_and_screen_has_chinese_words() {
        let of_keys = BINDINGS.iter().chain(COMPARISON).flat_map(|binding| [binding.hint, binding.help]);
        let of_keys = of_keys.filter(|words| !words.is_empty());
        let of_palette = COMMANDS.iter().map(|command| command.help);
        let of_screens = Screen::ALL.into_iter().map(Screen::name);
        for words in of_keys.chain(of_palette).chain(of_screens) {
            assert_ne!(translate(Lang::Zh, words), words, "no Chinese for it");
        }
    }

    /// The sources of the dashboard, but for this file.
    fn sources(folder: &Path) -> String {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let code = |text: String| text.split("\n#[cfg(test)]").next().unwrap().to_owned();
        let text = |path: &Path| if path.is_dir() { sources(path) } else { code(fs::read_to_string(path).unwrap()) };
        entries.filter(|path| !path.ends_with("words.rs")).map(|path| text(&path)).collect()
    }

    #[test]
    fn every_label_of_a_pane_has_chinese_words() {
        let panes = sources(Path::new("src/ui/panes")) + &fs::read_to_string("src/ui/view.rs").unwrap();
        let calls = ["translate(", "padded(", "title(", "caption(", "remark(", "with(", "title: ", "name: ", "empty: "];
        let mut labels: Vec<&str> = Vec::new();
        for call in calls.map(|call| format!("{call}\"")) {
            let rests = panes.match_indices(&call).map(|(start, _)| &panes[start + call.len()..]);
            labels.extend(rests.map(|rest| rest.split('"').next().unwrap()).filter(|label| label.len() > 1));
        }
        assert!(labels.len() > 60, "{labels:?}");
        for label in labels {
            assert_ne!(translate(Lang::Zh, label), label, "no Chinese for it");
        }
    }

    #[test]
    fn every_label_of_the_table_is_used() {
        let sources = sources(Path::new("src/ui")) + &fs::read_to_string("src/run/event.rs").unwrap();
        for (english, _) in CHINESE {
            assert!(sources.contains(&format!("\"{english}\"")), "{english} is used nowhere");
        }
    }
}
