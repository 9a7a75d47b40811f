//! The labels of the studio in Chinese; those that the dashboard has, too, are in its own table.

/// Sorted by the English words.
#[rustfmt::skip]
pub const STUDIO_CHINESE: &[(&str, &str)] = &[
    ("* locked", "* 已锁定"),
    ("+ kept", "+ 已收藏"),
    ("The studio needs", "写作台需要"),
    ("acrostic", "藏头"),
    ("acrostic end", "藏尾"),
    ("all sliders back to 0", "所有滑块归零"),
    ("append the poem to the file of favourites", "把此诗追加到收藏文件"),
    ("avoid", "避用"),
    ("axes", "主题轴"),
    ("axes: move the slider; constraints: next or previous choice; elsewhere: next or previous candidate", "主题轴：移动滑块；要求：下一个或上一个选项；其他：下一首或上一首候选"),
    ("candidates", "候选"),
    ("constraints", "要求"),
    ("constraints: empty the field; axes: slider back to 0; also backspace", "要求：清空字段；主题轴：滑块归零；也可用退格键"),
    ("constraints: fill in a field, or turn it on and off; poem: edit the line; candidates: go to the poem; axes: type the moves", "要求：填写字段，或开关；诗：改句；候选：转到诗；主题轴：输入移动量"),
    ("contain", "含有"),
    ("cost", "代价"),
    ("diagonal", "斜藏"),
    ("drafts", "稿数"),
    ("edit", "改句"),
    ("edit the line of the poem that is marked; the rest is written anew around it", "修改诗中标出的一行；其余各行随之重写"),
    ("export", "导出"),
    ("file", "文件"),
    ("fill in", "填写"),
    ("line", "行"),
    ("lock", "锁定"),
    ("lock the marked line for the next poems, or unlock it", "为之后的诗锁定标出的一行，或解锁"),
    ("next or previous field, candidate, line or axis", "下一个或上一个字段、候选、行或轴"),
    ("next pane; shift tab: the one before", "下一窗格；shift tab：上一窗格"),
    ("no copying", "不照抄"),
    ("no poems", "没有诗"),
    ("no repeat", "不重字"),
    ("pane", "窗格"),
    ("redo", "重做"),
    ("redo what was undone", "重做已撤销的更改"),
    ("selection", "选稿"),
    ("show the command in full", "显示完整的命令"),
    ("start", "开头"),
    ("the studio", "写作台"),
    ("theme", "主题"),
    ("this command prints the poem; any key closes", "此命令输出这首诗；按任意键关闭"),
    ("tones", "平仄"),
    ("top-p", "核采样 P"),
    ("undo", "撤销"),
    ("undo the last change of the constraints", "撤销对要求的上一次更改"),
    ("write all candidates to a new file; JSON lines if its name ends with .jsonl", "把全部候选写入新文件；文件名以 .jsonl 结尾则为 JSON 行"),
    ("write more", "续写"),
    ("write new candidates with the next seeds", "用之后的种子写新的候选"),
    ("writing", "正在写"),
    ("yes", "是"),
    ("~ rhymes", "~ 押韵"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::studio::STUDIO_KEYS;
    use crate::ui::text::words::{Lang, translate};

    #[test]
    fn the_table_is_sorted_and_has_every_key() {
        assert!(STUDIO_CHINESE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for words in STUDIO_KEYS.iter().flat_map(|row| [row.hint, row.help]).filter(|words| !words.is_empty()) {
            assert_ne!(translate(Lang::Zh, words), words, "no Chinese for it");
        }
    }
}
