//! The words of the report in both languages.

use crate::corpus::{ChangeKind, Format, LeftOutReason, Reason, Warning};

/// The language of the report.
#[derive(Clone, Copy)]
pub struct Words {
    pub chinese: bool,
}

impl Words {
    pub fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        if self.chinese { chinese } else { english }
    }

    pub fn reason(self, reason: &Reason) -> &str {
        if self.chinese { &reason.chinese } else { &reason.english }
    }

    /// What a layout is.
    pub fn layout(self, format: Format) -> String {
        let chinese = match format {
            _ if !self.chinese => return format.to_string(),
            Format::BlankLines => "诗之间有空行",
            Format::OnePerLine => "每行一首",
            Format::TitleColon => "每行一首，标题:诗",
            Format::TitleAuthor => "每行一首，标题::作者::诗",
            Format::SpacedCharacters => "字间有空格",
            Format::Json => "JSON",
            Format::Csv => "CSV 表格",
            Format::Tsv => "以制表符分列的表格",
            Format::Separators => "诗之间有分隔线",
            Format::Framed => "诗在起止行之间",
            Format::Markdown => "诗在 Markdown 标题之下",
            Format::BookTitles => "诗在《标题》之下",
            Format::TitleLines => "诗在单独的标题之下",
            Format::Numbered => "诗有序号",
            Format::Html => "HTML",
            Format::OnePerFile => "每个文件一首",
        };
        chinese.into()
    }

    /// Advice for a file with too few poems.
    pub fn how_to_add(self, format: Format) -> &'static str {
        let chinese = match format {
            Format::BlankLines => "请增加诗，诗之间空一行；若每行就是一首，请用 --layout one-per-line",
            Format::OnePerLine => "请增加诗，每行一首；若一首占几行，诗之间请空一行",
            Format::TitleColon | Format::TitleAuthor | Format::SpacedCharacters => "请增加诗，每行一首",
            _ => "请增加诗",
        };
        self.pick(format.how_to_add(), chinese)
    }

    pub fn left_out(self, why: LeftOutReason) -> &'static str {
        let chinese = match why {
            LeftOutReason::NoVerses => "没有诗句",
            LeftOutReason::NothingLeft => "只有注文",
            LeftOutReason::LostGlyph => "有缺字（□、{...}、？）",
        };
        self.pick(why.what(), chinese)
    }

    pub fn change(self, kind: ChangeKind) -> &'static str {
        match kind {
            ChangeKind::AnsiEscapes => self.pick("escape sequences of terminals removed", "去除终端转义符"),
            ChangeKind::Windows1252 => self.pick("Windows-1252 characters repaired", "修复 Windows-1252 字符"),
            ChangeKind::Notes => self.pick("notes in brackets removed", "去除括注"),
            ChangeKind::Ruby => self.pick("ruby removed", "去除注音"),
            ChangeKind::Compatibility => self.pick("compatibility characters replaced", "替换兼容字符"),
            ChangeKind::Numbers => self.pick("numbers removed", "去除序号"),
            ChangeKind::Authors => self.pick("authors moved from the end to the title", "将诗末作者移至标题"),
            ChangeKind::Titles => self.pick("titles moved from above the verses to the title", "将诗前标题移至标题"),
            ChangeKind::Labels => self.pick("names and numbers of stanzas removed", "去除段落名与节号"),
            ChangeKind::Bullets => self.pick("signs of a list removed", "去除列表符号"),
            ChangeKind::Script => self.pick("script converted", "简繁转换"),
            ChangeKind::LongLines => self.pick("long lines wrapped or cut", "长行折行或截断"),
        }
    }

    pub fn warning(self, warning: Warning) -> &'static str {
        match warning {
            Warning::Digits => self.pick("have digits", "含数字"),
            Warning::Brackets => self.pick("have brackets", "含括号"),
            Warning::LatinInChinese => self.pick("are Chinese with Latin letters", "中文诗含拉丁字母"),
            Warning::Markup => self.pick("have markup", "含标记"),
            Warning::Prose => self.pick(
                "look like prose; end each verse with a line end or ` / `, or wrap long lines with --wrap 40",
                "像是散文；请让每句诗各占一行或以“ / ”分隔，或用 --wrap 40 折行",
            ),
            Warning::OtherScript => self.pick(
                "are in the other Chinese script; --script simplified or traditional makes them one",
                "与多数诗的简繁不同；可用 --script simplified 或 traditional 统一",
            ),
        }
    }
}
