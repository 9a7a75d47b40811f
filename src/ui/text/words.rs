//! The words of the dashboard in Chinese. Journal and log stay English.

/// Language of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Zh,
}

impl Lang {
    /// That of the locale, given its variables in the order in which they count.
    pub fn of_locale(variables: [String; 3]) -> Lang {
        let locale = variables.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        if locale.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En }
    }
}

/// The words in a language; as they are where they have no translation.
pub fn say(lang: Lang, english: &str) -> &str {
    match lang {
        Lang::En => english,
        Lang::Zh => {
            let found = CHINESE.binary_search_by_key(&english, |(english, _)| english);
            found.map_or(english, |index| CHINESE[index].1)
        }
    }
}

/// Sorted by the English words.
#[rustfmt::skip]
const CHINESE: &[(&str, &str)] = &[
    ("+ seems real to D, - gives it away", "+ 使 D 以为真，- 露出破绽"),
    ("200 fresh poems", "新写的 200 首"),
    ("? closes", "? 关闭"),
    ("? shows all keys, 1 to 6 the screens", "? 显示全部按键，1 至 6 切换画面"),
    ("Curves", "曲线"),
    ("D gradient norm", "D 梯度范数"),
    ("D learning rate", "D 学习率"),
    ("D loss", "D 损失"),
    ("D of real poems", "D 对真诗"),
    ("D of generated poems", "D 对所写"),
    ("D sees through everything", "D 看穿一切"),
    ("D tells apart", "D 辨别力"),
    ("D's scores", "D 的评分"),
    ("D's scores over time", "D 评分之变化"),
    ("D's scores: real poems upwards, generated ones downwards", "D 的评分：真诗向上，所写向下"),
    ("Duel", "对决"),
    ("Duel, Verses, Curves, Quality, Latent, Log", "对决、诗稿、曲线、质量、隐空间、日志"),
    ("G gradient norm", "G 梯度范数"),
    ("G learning rate", "G 学习率"),
    ("G loss", "G 损失"),
    ("Latent", "隐空间"),
    ("Log", "日志"),
    ("Quality", "质量"),
    ("R real  W pretraining  ● now", "R 真诗  W 预热  ● 现在"),
    ("The dashboard needs", "界面需要"),
    ("Verses", "诗稿"),
    ("a checkpoint is asked for", "已请求写检查点"),
    ("a direction of the noise", "噪声之一向"),
    ("adversarial", "对抗"),
    ("all", "全部"),
    ("all commands, and settings to change", "所有命令与可改的设置"),
    ("all keys", "全部按键"),
    ("along the direction", "沿此方向"),
    ("another direction of z", "换一个 z 的方向"),
    ("another poem", "换一首诗"),
    ("asked for; it is done after this step", "已请求；此步之后执行"),
    ("asked for; the training answers after its step", "已请求；训练完成此步后作答"),
    ("back to the best checkpoint", "回到最佳检查点"),
    ("back to the best checkpoint (asks first)", "回到最佳检查点（先询问）"),
    ("back to the best checkpoint? What both models learned after it is lost.", "回到最佳检查点？此后两个模型所学都会丢失。"),
    ("bars: how real D finds each line", "横条：D 觉得各句多像真诗"),
    ("best", "最佳"),
    ("beta", "逆温度 beta"),
    ("change a setting from the next step on", "自下一步起更改设置"),
    ("checkpoint", "检查点"),
    ("choose", "选择"),
    ("choose a curve", "选一条曲线"),
    ("choose a poem", "选一首诗"),
    ("command", "命令"),
    ("copied", "抄袭"),
    ("corpus", "语料"),
    ("cursor", "游标"),
    ("curves", "曲线"),
    ("direction", "方向"),
    ("discriminator", "判别器"),
    ("distinct-2", "多样性"),
    ("earlier and later", "更早与更晚"),
    ("elapsed", "已用"),
    ("evenly matched", "势均力敌"),
    ("every held-out poem holds a character or word that is not in the vocabulary, or has a form of its own", "每首留出的诗都含有词表之外的字词，或体式独一无二"),
    ("failed", "失败"),
    ("fake", "仿"),
    ("faster and slower", "更快与更慢"),
    ("filter", "过滤"),
    ("finished", "已完成"),
    ("finishing the step, writing a checkpoint   q: leave at once (asks first)", "正在完成此步并写检查点   q：立即离开（先询问）"),
    ("freeze", "冻结"),
    ("freeze the display", "冻结画面"),
    ("freeze the display; training goes on", "冻结画面；训练照常"),
    ("frozen: f or esc", "画面已冻结：f 或 esc"),
    ("generator", "生成器"),
    ("go back to the best checkpoint: b", "按 b 回到最佳检查点"),
    ("going back to the best checkpoint", "正在回到最佳检查点"),
    ("gradient", "梯度"),
    ("held-out", "留出"),
    ("held-out loss", "留出损失"),
    ("help", "帮助"),
    ("how real D finds each line; the poem's score on top", "D 觉得各句多像真诗；首行为全诗"),
    ("it forgets the language", "正在遗忘语言"),
    ("jump", "跳转"),
    ("keep", "保留"),
    ("keep the curve beside others", "把曲线留在图上"),
    ("keys of", "按键："),
    ("latest steps", "最近若干步"),
    ("leave", "离开"),
    ("leave at once? There is no checkpoint: all is lost.", "立即离开？没有检查点：全部丢失。"),
    ("leave; nothing is stopped", "离开；不会停止任何训练"),
    ("left", "剩余"),
    ("left and right move a cursor", "左右键移动游标"),
    ("likelihood", "似然"),
    ("likelihood loss", "似然损失"),
    ("likelihood loss of minibatches and held-out poems", "小批与留出诗的似然损失"),
    ("lines are copied from the corpus", "诗句抄自语料"),
    ("log", "日志"),
    ("log scale", "对数"),
    ("logarithmic values", "对数坐标"),
    ("loss", "损失"),
    ("losses", "损失"),
    ("losses of the generator and the discriminator", "生成器与判别器的损失"),
    ("lower the learning rates, or go back: b", "降低学习率，或按 b 回退"),
    ("lr", "学习率"),
    ("make room: the next checkpoint may not fit", "请腾出空间：下一检查点或写不下"),
    ("mark this moment", "为此刻加备注"),
    ("mark this moment with a note", "为此刻加备注"),
    ("minibatch", "小批"),
    ("model", "模型"),
    ("mouse off: select text as usual", "鼠标已关：可照常选取文字"),
    ("mouse on and off", "鼠标开关"),
    ("mouse on and off (off: select text)", "鼠标开关（关：可选取文字）"),
    ("mouse on: wheel and tabs", "鼠标已开：滚轮与画面名"),
    ("move", "移动"),
    ("move the cursor", "移动游标"),
    ("move the verses by a line", "逐行移动"),
    ("move the window", "移动窗口"),
    ("nearest poem of the corpus", "语料中最近的诗"),
    ("new verses asked for", "已请求写新诗"),
    ("no checkpoint, since numbers are not finite; the ones before are kept", "出现非有限数，不写检查点；之前的都保留"),
    ("no process trains it", "无进程在训练"),
    ("no step yet", "尚未开始"),
    ("none has it; esc shows all", "没有一首含有；按 esc 显示全部"),
    ("none yet", "尚无"),
    ("norm", "范数"),
    ("not gone back", "未回退"),
    ("not measured yet", "尚未测量"),
    ("note", "备注"),
    ("notices", "消息"),
    ("now", "现在"),
    ("numbers are not finite", "出现非有限数"),
    ("of", "/"),
    ("of it changes", "的字有变"),
    ("one step", "单步"),
    ("one turn of a model", "一方走一手"),
    ("only poems that hold a text", "只看含某字句的诗"),
    ("only the dashboard of the training itself can ask for it", "只有训练本身的界面才能请求"),
    ("only verses that hold a text", "只看含某字句的诗"),
    ("overlap", "重叠"),
    ("page", "翻页"),
    ("page through the log", "翻看日志"),
    ("page through the verses", "翻看诗稿"),
    ("pasted text goes into a line only: press : or n or / first", "粘贴的文字只能进入输入行：先按 : 或 n 或 /"),
    ("pause", "暂停"),
    ("pause and play", "暂停与播放"),
    ("pause and resume", "暂停与继续"),
    ("pause or resume", "暂停或继续"),
    ("pause, then one step at a time", "暂停，然后一次一步"),
    ("pause, then one turn of D or G at a time", "先暂停，再由 D 或 G 逐手进行"),
    ("paused", "已暂停"),
    ("paused at the next step; t takes a turn, p goes on", "将在下一步暂停；t 走一手，p 继续"),
    ("pausing", "即将暂停"),
    ("pgup pgdn: more", "pgup pgdn：更多"),
    ("pin", "钉住"),
    ("pin the poem, to compare it", "钉住此诗以比较"),
    ("pinned", "已钉住"),
    ("play", "播放"),
    ("poem", "诗"),
    ("poetgan is training.", "poetgan 正在训练。"),
    ("raw", "未平滑"),
    ("real", "真"),
    ("resume", "继续"),
    ("resuming", "即将继续"),
    ("rhyme", "押韵"),
    ("rhyme over diversity", "押韵与多样性"),
    ("sample", "写诗"),
    ("score", "得分"),
    ("screen 1", "画面一"),
    ("screen 2", "画面二"),
    ("screen 3", "画面三"),
    ("screen 4", "画面四"),
    ("screen 5", "画面五"),
    ("screen 6", "画面六"),
    ("screens", "画面"),
    ("scroll the poem", "滚动此诗"),
    ("scroll the settings", "滚动设置"),
    ("see screen", "见屏"),
    ("seed", "种子"),
    ("settings at the start", "开始时的设置"),
    ("show and hide this help", "显示或隐藏帮助"),
    ("smooth", "平滑"),
    ("smoothing", "平滑"),
    ("speed", "速度"),
    ("starting", "启动中"),
    ("step", "第"),
    ("steps/s", "步/秒"),
    ("stop", "结束"),
    ("stop cleanly", "妥善结束"),
    ("stop cleanly; again: at once (asks first)", "妥善结束；再按：立即结束（先询问）"),
    ("stopped", "已停止"),
    ("stopped by the user; the same command resumes the run", "已按要求停止；同一命令可由此继续"),
    ("stopping", "正在结束"),
    ("tab completes, enter does it", "tab 补全，回车执行"),
    ("temperature", "温度"),
    ("temperature of the verses", "写诗的温度"),
    ("ten poems up and down", "上下十首"),
    ("the discriminator is ahead", "判别器领先"),
    ("the discriminator is another one than before; it has not learned anything yet", "判别器已换新，尚未学过任何东西"),
    ("the discriminator sees through everything", "判别器看穿一切"),
    ("the disk is nearly full", "磁盘将满"),
    ("the display goes on", "画面继续"),
    ("the display is frozen", "画面已冻结"),
    ("adversarial training has not started", "对决将始"),
    ("the generator is ahead", "生成器领先"),
    ("the generator passes for real", "生成器以假乱真"),
    ("the poems are too much alike to hold some of them out", "诗作过于相似，无法留出一部分"),
    ("the poems repeat themselves", "诗句重复，多样性塌缩"),
    ("the same seed earlier and later", "同一种子之前后"),
    ("all steps are done", "训练计划已完成"),
    ("time limit reached; the same command resumes the run", "时间已到；同一命令可由此继续"),
    ("the training ends, and can be asked for nothing more", "训练正在结束，不再接受请求"),
    ("the whole run, or the latest steps", "全程，或最近的步"),
    ("there is no best checkpoint yet to go back to", "还没有可回去的最佳检查点"),
    ("this direction changes nothing yet; up and down: others", "此方向尚无变化；上下键换方向"),
    ("this is", "此处是"),
    ("this only watches: the training cannot be asked for anything from here", "此处只能观看，不能向训练提要求"),
    ("time", "时间"),
    ("to", "至"),
    ("to a step: of a replay, else of the curves", "到某一步：回放时为回放，否则为曲线"),
    ("to the shell; fg comes back", "回到 shell；fg 返回"),
    ("tok/s", "词元/秒"),
    ("tokens per second", "每秒词元"),
    ("tones", "平仄"),
    ("train less, or on more poems", "少训练一些，或用更多的诗"),
    ("turn", "单步"),
    ("up down: more", "上下：更多"),
    ("verses", "诗稿"),
    ("pretraining", "预热"),
    ("window", "窗口"),
    ("with", "含"),
    ("write a checkpoint now", "现在写检查点"),
    ("write new verses now", "现在写新诗"),
    ("written", "所写"),
    ("y: yes   other keys: no", "y：是   其他键：否"),
    ("zoom", "缩放"),
    ("zoom in and out", "放大与缩小"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::control::keys::BINDINGS;
    use crate::ui::control::palette::ENTRIES;
    use crate::ui::model::screens::Screen;

    #[test]
    fn the_table_is_sorted() {
        assert!(CHINESE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_key_command_and_screen_has_chinese_words() {
        let of_keys =
            BINDINGS.iter().flat_map(|binding| [binding.hint, binding.help]).filter(|words| !words.is_empty());
        let of_palette = ENTRIES.iter().map(|entry| entry.help);
        let of_screens = Screen::ALL.into_iter().map(Screen::name);
        for words in of_keys.chain(of_palette).chain(of_screens) {
            assert_ne!(say(Lang::Zh, words), words, "no Chinese for it");
        }
    }

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_counts() {
        let lang = |all: &str, messages: &str, lang: &str| Lang::of_locale([all, messages, lang].map(str::to_owned));
        assert_eq!(lang("", "", "zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(lang("en_GB.UTF-8", "", "zh_CN.UTF-8"), Lang::En);
        assert_eq!((lang("", "", ""), lang("", "zh_TW", "C")), (Lang::En, Lang::Zh));
    }
}
