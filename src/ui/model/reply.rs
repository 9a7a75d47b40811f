//! What the dashboard replies to the user, as values, and their words in both languages.

use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::text::words::Lang;

#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    SampleRequested,
    CheckpointRequested,
    RollbackRequested,
    RollbackCancelled,
    SettingRequested {
        setting: RuntimeSetting,
        value: f32,
    },
    /// A step is taken turn by turn, and the request is done after it.
    AfterStep,
    /// The user asked for a turn while training runs.
    PauseForTurn,
    MouseOn,
    MouseOff,
    /// Text was pasted while no line is typed.
    PasteNeedsLine,
    /// The run ends and takes no more commands.
    TrainingEnds,
    TrainingEnded,
    /// There is no trainer at the other end.
    ReadOnly,
    UnknownCommand {
        word: String,
    },
    UnknownSetting {
        name: String,
    },
    /// The command takes no argument.
    NoArgument {
        word: String,
    },
    EmptyNote,
    NotAStep {
        text: String,
    },
    OutOfRange {
        setting: RuntimeSetting,
    },
    NotANumber {
        setting: RuntimeSetting,
    },
    NotWhole {
        setting: RuntimeSetting,
    },
}

impl Reply {
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        let fixed = match self {
            Reply::SampleRequested => "new samples requested",
            Reply::CheckpointRequested => "checkpoint requested",
            Reply::RollbackRequested => "rolling back to the best checkpoint",
            Reply::RollbackCancelled => "rollback cancelled",
            Reply::AfterStep => "requested; runs after this step",
            Reply::PauseForTurn => "pausing after this step; then t runs one update, p resumes",
            Reply::MouseOn => "mouse on: wheel scrolls, click selects a screen",
            Reply::MouseOff => "mouse off: select text as usual",
            Reply::PasteNeedsLine => "paste works in a text line only: press : or n or / first",
            Reply::TrainingEnds => "training is ending and takes no more requests",
            Reply::TrainingEnded => "training has ended and takes no more requests",
            Reply::ReadOnly => "read-only: training cannot be controlled from here",
            Reply::EmptyNote => "note needs a text",
            Reply::UnknownCommand { word } => return format!("unknown command '{word}'; tab completes"),
            Reply::UnknownSetting { name } => return format!("unknown setting '{name}'; tab completes"),
            Reply::NoArgument { word } => return format!("{word} takes no argument"),
            Reply::NotAStep { text } => return format!("'{text}' is not a step"),
            Reply::SettingRequested { setting, value } => return format!("requested: {} = {value}", setting.name()),
            Reply::OutOfRange { setting } => return bounded(*setting, "must be", "to", ""),
            Reply::NotANumber { setting } => return bounded(*setting, "needs a number,", "to", ""),
            Reply::NotWhole { setting } => return bounded(*setting, "needs a whole number,", "to", ""),
        };
        fixed.to_owned()
    }

    fn chinese(&self) -> String {
        let fixed = match self {
            Reply::SampleRequested => "已请求生成新样本",
            Reply::CheckpointRequested => "已请求写检查点",
            Reply::RollbackRequested => "正在回滚到最佳检查点",
            Reply::RollbackCancelled => "已取消回滚",
            Reply::AfterStep => "已请求；此步之后执行",
            Reply::PauseForTurn => "此步之后暂停；然后按 t 更新一次，按 p 继续",
            Reply::MouseOn => "鼠标已开：滚轮滚动，点击切换画面",
            Reply::MouseOff => "鼠标已关：可照常选取文字",
            Reply::PasteNeedsLine => "只能在输入行中粘贴：先按 : 或 n 或 /",
            Reply::TrainingEnds => "训练正在结束，不再接受请求",
            Reply::TrainingEnded => "训练已结束，不再接受请求",
            Reply::ReadOnly => "只读：此处不能控制训练",
            Reply::EmptyNote => "note 需要文字",
            Reply::UnknownCommand { word } => return format!("未知命令“{word}”；按 tab 补全"),
            Reply::UnknownSetting { name } => return format!("未知设置“{name}”；按 tab 补全"),
            Reply::NoArgument { word } => return format!("{word} 不带参数"),
            Reply::NotAStep { text } => return format!("“{text}”不是步数"),
            Reply::SettingRequested { setting, value } => return format!("已请求：{} = {value}", setting.name()),
            Reply::OutOfRange { setting } => return bounded(*setting, "须在", "至", "之间"),
            Reply::NotANumber { setting } => return bounded(*setting, "需要一个数，在", "至", "之间"),
            Reply::NotWhole { setting } => return bounded(*setting, "需要一个整数，在", "至", "之间"),
        };
        fixed.to_owned()
    }
}

/// A sentence about the range of a setting.
fn bounded(setting: RuntimeSetting, needs: &str, to: &str, end: &str) -> String {
    let (low, high) = setting.range();
    format!("{} {needs} {low} {to} {high} {end}", setting.name()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::notices::has_chinese;

    const BETA: RuntimeSetting = RuntimeSetting::Beta;

    /// The next kind of reply. A new kind does not compile until it is added here.
    fn after(reply: &Reply) -> Option<Reply> {
        Some(match reply {
            Reply::SampleRequested => Reply::CheckpointRequested,
            Reply::CheckpointRequested => Reply::RollbackRequested,
            Reply::RollbackRequested => Reply::RollbackCancelled,
            Reply::RollbackCancelled => Reply::SettingRequested { setting: BETA, value: 2.5 },
            Reply::SettingRequested { .. } => Reply::AfterStep,
            Reply::AfterStep => Reply::PauseForTurn,
            Reply::PauseForTurn => Reply::MouseOn,
            Reply::MouseOn => Reply::MouseOff,
            Reply::MouseOff => Reply::PasteNeedsLine,
            Reply::PasteNeedsLine => Reply::TrainingEnds,
            Reply::TrainingEnds => Reply::TrainingEnded,
            Reply::TrainingEnded => Reply::ReadOnly,
            Reply::ReadOnly => Reply::UnknownCommand { word: "dance".into() },
            Reply::UnknownCommand { .. } => Reply::UnknownSetting { name: "gamma".into() },
            Reply::UnknownSetting { .. } => Reply::NoArgument { word: "pause".into() },
            Reply::NoArgument { .. } => Reply::EmptyNote,
            Reply::EmptyNote => Reply::NotAStep { text: "x".into() },
            Reply::NotAStep { .. } => Reply::OutOfRange { setting: BETA },
            Reply::OutOfRange { .. } => Reply::NotANumber { setting: BETA },
            Reply::NotANumber { .. } => Reply::NotWhole { setting: RuntimeSetting::NCritic },
            Reply::NotWhole { .. } => return None,
        })
    }

    #[test]
    fn every_reply_has_chinese_words() {
        let replies: Vec<Reply> = std::iter::successors(Some(Reply::SampleRequested), after).collect();
        assert_eq!(replies.len(), 21);
        for reply in replies {
            assert!(has_chinese(&reply.text(Lang::Zh)), "{reply:?}");
            assert!(reply.text(Lang::En).is_ascii(), "{reply:?}");
        }
    }

    #[test]
    fn ranges_are_named() {
        let reply = Reply::NotWhole { setting: RuntimeSetting::NCritic };
        assert_eq!(reply.text(Lang::En), "n_critic needs a whole number, 1 to 50");
        assert_eq!(Reply::OutOfRange { setting: BETA }.text(Lang::Zh), "beta 须在 0.01 至 100 之间");
    }
}
