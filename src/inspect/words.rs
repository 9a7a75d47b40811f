//! The words of the report in both languages.

use crate::corpus::{ChangeKind, Format, LeftOutReason, NotRead, Warning};
use crate::lang::{self, Lang};

/// The language of the report.
#[derive(Clone, Copy)]
pub struct Words {
    pub lang: Lang,
}

impl Words {
    pub fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        self.lang.pick(english, chinese)
    }

    /// The name of a layout and what it is.
    pub fn layout(self, layout: Format) -> String {
        let what = lang::message(self.lang, &layout.to_string());
        self.lang.pick(format!("{} ({what})", layout.name()), format!("{}（{what}）", layout.name()))
    }

    /// Names that are separated by commas.
    pub fn list(self, names: &str) -> String {
        names.replace(", ", self.pick(", ", "、"))
    }

    pub fn not_read(self, why: NotRead) -> &'static str {
        let chinese = match why {
            NotRead::OtherEnding => "个文件的扩展名不是文本的",
            NotRead::Description => "个文件是说明（README 之类）",
            NotRead::Hidden => "个隐藏的文件或文件夹",
            NotRead::DeadLink => "个失效的链接",
            NotRead::FolderLink => "个指向文件夹的链接",
            NotRead::Special => "个管道、套接字或设备",
        };
        self.pick(why.what(), chinese)
    }

    pub fn left_out(self, why: LeftOutReason) -> &'static str {
        let chinese = match why {
            LeftOutReason::NoVerses => "首没有诗句",
            LeftOutReason::NothingLeft => "首只有注文",
            LeftOutReason::LostGlyph => "首有缺字（□、{...}、？）",
        };
        self.pick(why.what(), chinese)
    }

    pub fn change(self, kind: ChangeKind) -> &'static str {
        match kind {
            ChangeKind::AnsiEscapes => self.pick("escape sequences of terminals removed", "去除终端转义符"),
            ChangeKind::Windows1252 => self.pick("Windows-1252 characters repaired", "修复 Windows-1252 字符"),
            ChangeKind::Invisible => self.pick("control and invisible characters removed", "去除控制字符与不可见字符"),
            ChangeKind::Frame => {
                self.pick("licences, notes and contents around the poems removed", "去除诗外的许可、说明与目录")
            }
            ChangeKind::Notes => self.pick("notes in brackets removed", "去除括注"),
            ChangeKind::Ruby => self.pick("ruby removed", "去除注音"),
            ChangeKind::Compatibility => self.pick("compatibility characters replaced", "替换兼容字符"),
            ChangeKind::Numbers => self.pick("numbers removed", "去除序号"),
            ChangeKind::Authors => self.pick("authors moved from the end to the title", "把诗末的作者移到标题"),
            ChangeKind::Titles => {
                self.pick("titles moved from above the verses to the title", "把诗句上方的标题移到标题")
            }
            ChangeKind::Labels => self.pick("names and numbers of stanzas removed", "去除段落名与节号"),
            ChangeKind::Bullets => self.pick("signs of a list removed", "去除列表符号"),
            ChangeKind::Script => self.pick("script converted", "转换简繁"),
            ChangeKind::LongLines => self.pick("long lines wrapped or cut", "长行已折行或截断"),
        }
    }

    pub fn warning(self, warning: Warning) -> &'static str {
        match warning {
            Warning::Digits => self.pick("have digits", "含数字"),
            Warning::Brackets => self.pick("have brackets", "含括号"),
            Warning::LatinInChinese => self.pick("are Chinese with Latin letters", "是含拉丁字母的中文诗"),
            Warning::Markup => self.pick("have markup", "含标记"),
            Warning::NoLetters => self.pick(
                "have no letters, only signs such as emoji; poems without any letters cannot be trained on",
                "没有文字，只有表情之类的符号；若全无文字则不能训练",
            ),
            Warning::Prose => self.pick(
                "look like prose; end each verse with a line end or ` / `, or wrap long lines with --wrap 40",
                "像是散文；请让每句诗各占一行，或以“ / ”分隔，或用 --wrap 40 折行",
            ),
            Warning::OtherScript => self.pick(
                "are in the other Chinese script; --script simplified or traditional makes them one",
                "与多数诗的简繁不同；可用 --script simplified 或 traditional 统一",
            ),
        }
    }
}
