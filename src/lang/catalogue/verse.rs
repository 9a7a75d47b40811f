//! What `poetgan check` says about poems.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("not Chinese; only Chinese verse can be checked", "不是中文诗，只能检查中文诗"),
    ("{} is not a regulated form (an even number of lines, at least 4, all of 5 or all of 7 characters){*}", "{0} 不是近体诗的体裁（句数为偶数，至少 4 句，每句皆 5 字或皆 7 字）{1}"),
    ("; {*}", "；{0}"),
    ("line {w} (line {w} of the file): {*}", "第 {0} 行（文件第 {1} 行）：{2}"),
    ("line {w}: {*}", "第 {0} 行：{1}"),
    ("line {w} (line {w} of the file)", "第 {0} 行（文件第 {1} 行）"),
    ("line {w}", "第 {0} 行"),
    ("'{}' in {w} is not a Chinese character", "“{1}”中的“{0}”不是汉字"),
    ("{w} has {w} characters, not {w}", "“{0}”有 {1} 字，应为 {2} 字"),
    // Faults
    ("the second characters of the couplet have the same tone", "此联两句的第二字平仄相同"),
    ("the second characters of neighbouring couplets differ in tone", "相邻两联之间第二字平仄不同"),
    ("a level tone stands alone before the end", "韵脚之前平声孤立"),
    ("the last three tones are level", "句末三字皆平"),
    ("the line does not end in the poem's rhyme", "句末不押全诗之韵"),
    ("the character is repeated", "重复出现"),
];
