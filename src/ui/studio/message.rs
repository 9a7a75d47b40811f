//! What the screen says about the last key.

use crate::ui::text::words::Lang;

/// A reply to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudioMessage {
    Kept {
        file: String,
    },
    KeptBefore {
        file: String,
    },
    Exported {
        file: String,
        count: usize,
    },
    /// In the language of the screen.
    Failed(String),
    NoPoem,
    NoLine,
    Locked(usize),
    Unlocked(usize),
    NothingToUndo,
    NothingToRedo,
    PasteNeedsLine,
}

impl StudioMessage {
    pub fn is_failure(&self) -> bool {
        matches!(self, StudioMessage::Failed(_))
    }

    pub fn text(&self, lang: Lang) -> String {
        let pick = |english: &str, chinese: &str| lang.pick(english, chinese).to_owned();
        match self {
            StudioMessage::Kept { file } => lang.pick(format!("kept in {file}"), format!("已存入 {file}")),
            StudioMessage::KeptBefore { file } => {
                lang.pick(format!("this poem is in {file} already"), format!("此诗已在 {file} 中"))
            }
            StudioMessage::Exported { file, count } => {
                let poems = if *count == 1 { "poem" } else { "poems" };
                lang.pick(format!("{count} {poems} written to {file}"), format!("已将 {count} 首诗写入 {file}"))
            }
            StudioMessage::Failed(why) => why.clone(),
            StudioMessage::NoPoem => pick("no poem yet", "还没有诗"),
            StudioMessage::NoLine => pick("no line yet", "还没有诗句"),
            StudioMessage::Locked(line) => lang
                .pick(format!("line {line} is locked for the next poems; r writes them"), {
                    format!("第 {line} 行已锁定，用于之后的诗；按 r 重写")
                }),
            StudioMessage::Unlocked(line) => {
                lang.pick(format!("line {line} is free again"), format!("第 {line} 行已解锁"))
            }
            StudioMessage::NothingToUndo => pick("nothing to undo", "没有可撤销的更改"),
            StudioMessage::NothingToRedo => pick("nothing to redo", "没有可重做的更改"),
            StudioMessage::PasteNeedsLine => pick("paste works in a text line only", "只能粘贴到输入行中"),
        }
    }
}
