//! Tables with a poem per row: CSV and tables with tabs. The column of the poems is found by the header, or else is the one
//! with the longest texts.

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::super::clean::clean;
use super::super::script::is_letter;
use super::builder::{Builder, Mark, Piece};
use super::columns::{AUTHORS, NUMBERS, TEXTS, TITLES, find, header};
use super::sample::{TextSample, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Table {
    pub delimiters: &'static [u8],
    /// The column with the poems: its name, or its number from 1.
    pub column: Option<String>,
}

/// Bytes of the text that are read to recognise a table, and fewest rows.
const SAMPLE: usize = 1 << 18;
const FEWEST_ROWS: usize = 3;

/// The columns of a table.
struct Columns {
    text: usize,
    title: Option<usize>,
    author: Option<usize>,
    /// The number of a verse in its poem, where every row is a verse.
    number: Option<usize>,
    has_header: bool,
}

impl Layout for Table {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let table = Shape::of(self.delimiters, sample.text)?;
        let columns = self.columns(&table)?;
        let regular = table.rows.iter().filter(|row| row.len() == table.width).count();
        let quoted = sample.full_lines().filter(|line| line.contains('"')).count();
        let is_only =
            table.width == 1 && find(&header(table.rows.first()), &TEXTS).is_some() && quoted * 2 > table.rows.len();
        let certain = columns.has_header
            || (table.delimiter == b'\t' && !has_halves(sample, &table))
            || quoted * 2 > table.rows.len()
            || only_one_has_stops(&table, columns.text);
        let is_table =
            (table.width >= 2 || is_only) && table.rows.len() >= FEWEST_ROWS && regular * 10 >= table.rows.len() * 9;
        let name = table.rows.first().and_then(|row| row.get(columns.text)).filter(|_| columns.has_header);
        let column = name.map_or((columns.text + 1).to_string(), |name| format!("`{}`", name.trim()));
        let what = format!("rows have {} fields; poems in column {column}", table.width);
        let why = share(regular, table.rows.len(), &what);
        (is_table && certain).then_some(Evidence { score: 0.97, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let problem = |line: usize, message: String| LayoutProblem { line, message };
        let no_table = || problem(1, format!("no row has several fields separated by {}", self.names()));
        let table = Shape::of(self.delimiters, text).ok_or_else(no_table)?;
        let columns = self.columns(&table).ok_or_else(|| {
            let header = table.rows.first().map(|row| row.iter().collect::<Vec<_>>().join(", ")).unwrap_or_default();
            let missing = match &self.column {
                Some(column) => format!("there is no column '{column}'"),
                None => "no column holds poems; name it with --column".to_string(),
            };
            problem(1, format!("{missing} (the header is: {header})"))
        })?;
        let mut builder = Builder::new(true, visit);
        let mut reader = reader(table.delimiter, text);
        let mut row = StringRecord::new();
        let mut is_header = columns.has_header;
        let mut last = u64::MAX;
        loop {
            let line = reader.position().line() as usize;
            match reader.read_record(&mut row) {
                Ok(false) => break,
                Ok(true) if std::mem::take(&mut is_header) => builder.mark(Mark::Other),
                Ok(true) => {
                    let number = columns.number.and_then(|column| row.get(column)?.trim().parse().ok());
                    let continues = number.is_some_and(|number| number > last);
                    last = number.unwrap_or(u64::MAX);
                    if continues {
                        builder.text(line, row.get(columns.text).unwrap_or_default());
                    } else {
                        add(&mut builder, line, &row, &columns);
                    }
                }
                Err(error) => return Err(problem(line, format!("the table cannot be read: {error}"))),
            }
        }
        builder.finish();
        Ok(())
    }
}

impl Table {
    fn names(&self) -> &'static str {
        if self.delimiters == b"\t" { "tabs" } else { "commas or semicolons" }
    }

    fn columns(&self, table: &Shape) -> Option<Columns> {
        let header = header(table.rows.first());
        let find = |names: &[&str]| find(&header, names);
        let (title, author) = (find(&TITLES), find(&AUTHORS));
        if let Some(column) = &self.column {
            let number = column.parse::<usize>().ok().filter(|n| (1..=header.len()).contains(n)).map(|n| n - 1);
            let named = header.iter().position(|field| *field == column.trim().to_lowercase());
            let has_header = named.is_some() || title.is_some() || author.is_some() || find(&TEXTS).is_some();
            return Some(Columns { text: named.or(number)?, title, author, number: None, has_header });
        }
        if let Some(text) = find(&TEXTS) {
            return Some(Columns { text, title, author, number: find(&NUMBERS), has_header: true });
        }
        let length = |column: usize| table.rows.iter().filter_map(|row| row.get(column)).map(str::len).sum::<usize>();
        let longest = (0..table.width).max_by_key(|&column| (length(column), usize::MAX - column))?;
        let has_header = title.is_some() || author.is_some() || is_name(table, longest);
        // A column before the poems that is not a number holds titles.
        let is_number = |row: &StringRecord| row.get(0).is_some_and(|field| field.trim().parse::<f64>().is_ok());
        let is_titled = !has_header && table.width == 2 && longest == 1 && !table.rows.first().is_some_and(is_number);
        let title = title.or(is_titled.then_some(0));
        Some(Columns { text: longest, title, author, number: None, has_header })
    }
}

/// Whether the first field of the column is its name: a single short word, where all other fields are several times as
/// long.
fn is_name(table: &Shape, column: usize) -> bool {
    let mut lengths = table.rows.iter().map(|row| row.get(column).unwrap_or_default().trim().chars().count());
    let is_word = |field: &str| !field.contains(char::is_whitespace) && field.chars().all(|c| c == '_' || is_letter(c));
    let name = table.rows.first().and_then(|row| row.get(column)).unwrap_or_default();
    let length = lengths.next().unwrap_or(0);
    is_word(name.trim()) && length > 0 && lengths.all(|other| other == 0 || other >= 3 * length)
}

/// Whether nearly all fields of the column, and hardly any others, hold several Chinese verses.
fn only_one_has_stops(table: &Shape, column: usize) -> bool {
    let has_stops = |field: &str| field.contains(['，', '。']);
    let count = |is_it: &dyn Fn(usize) -> bool| {
        let fields = |row: &StringRecord| row.iter().enumerate().any(|(i, field)| is_it(i) && has_stops(field));
        table.rows.iter().filter(|row| fields(row)).count()
    };
    let (inside, outside) = (count(&|i| i == column), count(&|i| i != column));
    // The semicolons of HTML entities are no delimiters.
    let has_entities = table.rows.iter().take(FEWEST_ROWS).any(|row| row.iter().any(|field| field.contains('&')));
    !has_entities && inside * 10 >= table.rows.len() * 9 && outside * 10 <= table.rows.len()
}

/// Whether the columns are the halves of verses: there are blank lines between rows, or two columns of about the same
/// length.
fn has_halves(sample: &TextSample, table: &Shape) -> bool {
    let length = |column: usize| -> usize {
        table.rows.iter().filter_map(|row| row.get(column)).map(|field| field.chars().count()).sum()
    };
    let (first, second) = (length(0), length(1));
    let alike = first < 2 * second && second < 2 * first;
    table.width == 2 && (alike || (sample.n_blocks > 1 && sample.n_verses > sample.n_blocks))
}

fn add(builder: &mut Builder, line: usize, row: &StringRecord, columns: &Columns) {
    let field = |column: Option<usize>| column.and_then(|column| row.get(column)).map(clean);
    let names = [field(columns.title), field(columns.author)];
    let names: Vec<&str> = names.iter().flatten().map(|name| &**name).filter(|name| !name.is_empty()).collect();
    builder.titled(line, &names.join(" | "));
    builder.text(line, row.get(columns.text).unwrap_or_default());
}

/// The first rows of a table.
struct Shape {
    delimiter: u8,
    rows: Vec<StringRecord>,
    /// Number of fields of most rows.
    width: usize,
}

impl Shape {
    /// The rows by the delimiter that gives most rows the same number of fields, and several.
    fn of(delimiters: &[u8], text: &str) -> Option<Shape> {
        let mut end = text.len().min(SAMPLE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let end = if end < text.len() { text[..end].rfind(['\n', '\r']).unwrap_or(end) } else { end };
        let shape = |&delimiter: &u8| {
            let rows: Vec<StringRecord> = reader(delimiter, &text[..end]).records().map_while(Result::ok).collect();
            let mut widths: Vec<usize> = rows.iter().map(StringRecord::len).collect();
            widths.sort_unstable();
            let width = widths.get(widths.len() / 2).copied()?;
            (width >= 1).then_some(Shape { delimiter, rows, width })
        };
        let regular = |shape: &Shape| {
            let n = shape.rows.iter().filter(|row| row.len() == shape.width).count();
            (shape.width > 1, n)
        };
        delimiters.iter().rev().filter_map(shape).max_by_key(regular)
    }
}

fn reader(delimiter: u8, text: &str) -> Reader<&[u8]> {
    // The first line of tables for Excel may name the delimiter.
    let text = text.strip_prefix("sep=").map_or(text, |rest| rest.trim_start_matches([',', ';', '\t', '|']));
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::None)
        .from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn the_header_names_the_column_of_the_poems() {
        for (header, comma) in
            [("题目,朝代,作者,内容", ","), ("Title;Year;Poet;Poem", ";"), ("name\tx\tauthor\ttext", "\t")]
        {
            let row = ["静夜思", "唐", "李白", "\"床前明月光，\n疑是地上霜。\""].join(comma);
            let (format, found) = blocks(&format!("{header}\n{}", format!("{row}\n").repeat(5)));
            assert_eq!(format, if comma == "\t" { Format::Tsv } else { Format::Csv });
            assert_eq!(found.len(), 5);
            let lines = vec!["床前明月光，".to_string(), "疑是地上霜。".to_string()];
            assert_eq!(found[1], (Some("静夜思 | 李白".into()), lines, 4));
        }
    }

    #[test]
    fn without_a_header_poems_are_the_longest_fields() {
        let (format, found) = blocks(&"1\t静夜思\t床前明月光，疑是地上霜。\n".repeat(5));
        assert_eq!((format, found.len()), (Format::Tsv, 5));
        assert_eq!((found[0].0.as_deref(), found[0].1.len()), (None, 1));
    }

    #[test]
    fn columns_without_known_names_are_recognised() {
        let (format, found) = blocks(&format!("Kop;Verzen\n{}", "Een;\"een lange regel\nnog een\"\n".repeat(9)));
        assert_eq!((format, found.len(), found[8].1.len()), (Format::Csv, 9, 2));
        let (format, found) = blocks(&"静夜思,李白,床前明月光，疑是地上霜。\n".repeat(9));
        assert_eq!((format, found.len()), (Format::Csv, 9));
        assert_eq!(found[8].1, ["床前明月光，疑是地上霜。"]);
        let (format, found) = blocks(&format!("poem\n{}", "\"a\nb\"\n".repeat(9)));
        assert_eq!((format, found.len()), (Format::Csv, 9));
        let (format, found) = blocks(&format!("sep=;\ntitle;text\n{}", "t;\"a\nb\"\n".repeat(9)));
        assert_eq!((format, found.len()), (Format::Csv, 9));
    }

    #[test]
    fn rows_with_the_number_of_a_verse_are_verses() {
        let (format, found) =
            blocks(&format!("poem_id,line_number,line\n{}", "7,1,a verse\n7,2,another\n7,3,c\n".repeat(9)));
        assert_eq!((format, found.len()), (Format::Csv, 9));
        assert_eq!(found[8].1, ["a verse", "another", "c"]);
    }

    #[test]
    fn entities_have_no_delimiters() {
        let (format, _) = blocks(&"&nbsp;&nbsp;床前明月光，疑是地上霜。<br/>举头\n".repeat(9));
        assert_eq!(format, Format::Html);
    }

    #[test]
    fn halves_of_verses_are_not_columns() {
        let (format, found) = blocks(&"the first half\tthe second half\nthe third one\tthe fourth one\n\n".repeat(9));
        assert_eq!((format, found.len()), (Format::BlankLines, 9));
    }

    #[test]
    fn verse_with_commas_is_not_a_table() {
        let (format, _) = blocks(&"床前明月光,疑是地上霜,举头望明月,低头思故乡\n".repeat(9));
        assert_eq!(format, Format::OnePerLine);
        let (format, _) = blocks(&"But thou, contracted\nFeed'st thy flame, thy fuel\n\n".repeat(9));
        assert_eq!(format, Format::BlankLines);
    }
}
