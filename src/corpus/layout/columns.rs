//! The names of the columns of tables, and of the fields of JSON.

use csv::StringRecord;

use super::super::clean::clean;

/// Names of columns, in lower case, the likeliest first.
pub const TEXTS: [&str; 41] = [
    "paragraphs",
    "poem",
    "poem_text",
    "content",
    "contents",
    "text",
    "lines",
    "verse",
    "verses",
    "body",
    "poetry",
    "stanzas",
    "内容",
    "內容",
    "正文",
    "诗文",
    "詩文",
    "原文",
    "诗句",
    "詩句",
    "诗词",
    "诗",
    "詩",
    "全文",
    "full_text",
    "sentence",
    "本文",
    "句",
    "texte",
    "poème",
    "texto",
    "poema",
    "testo",
    "gedicht",
    "текст",
    "내용",
    "output",
    "response",
    "completion",
    "line",
    "para",
];
pub const TITLES: [&str; 22] = [
    "title",
    "name",
    "题目",
    "題目",
    "标题",
    "標題",
    "诗名",
    "詩名",
    "题",
    "rhythmic",
    "poem_title",
    "poem name",
    "poem_name",
    "題名",
    "タイトル",
    "titre",
    "título",
    "titulo",
    "titolo",
    "titel",
    "название",
    "제목",
];
pub const AUTHORS: [&str; 14] = [
    "author",
    "poet",
    "writer",
    "作者",
    "诗人",
    "詩人",
    "poet name",
    "poet_name",
    "auteur",
    "autor",
    "autore",
    "автор",
    "저자",
    "俳人",
];

/// Columns with the number of a verse, where every row is one.
pub const NUMBERS: [&str; 6] = ["line_number", "line_no", "lineno", "line_num", "verse_number", "行号"];

/// The fields of the first row of a table, in lower case.
pub fn header(row: Option<&StringRecord>) -> Vec<String> {
    row.map(|row| row.iter().map(|name| clean(name).to_lowercase()).collect()).unwrap_or_default()
}

/// The column with the first of these names that is there.
pub fn find(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|field| field == name))
}
