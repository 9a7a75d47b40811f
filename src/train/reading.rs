//! Notices about how the corpus was read.

use crate::corpus::{Corpus, in_other_script};
use crate::run::notice::Notice;

/// A smaller share of poems in the rarer Chinese script is no reason for a notice.
const LEAST_MIXED: f32 = 0.01;

/// Files that were left out and are named.
const NAMED: usize = 3;

/// The layout of the corpus, the files that were left out, its encoding where that is not UTF-8, and whether it mixes the
/// Chinese scripts.
pub fn notices(corpus: &Corpus) -> Vec<Notice> {
    let reading = &corpus.reading;
    let (layout, why) = reading.layout();
    let mut notices = vec![Notice::CorpusRead {
        layout: layout.name().into(),
        why: why.into(),
        found: reading.found,
        duplicates: reading.duplicates,
        left_out: reading.left_out.values().sum(),
    }];
    let problems: Vec<&String> = reading.files.iter().filter_map(|file| file.problem.as_ref()).collect();
    if !problems.is_empty() {
        notices.push(Notice::FilesLeftOut {
            left_out: problems.len(),
            total: reading.files.len(),
            problems: problems.into_iter().take(NAMED).cloned().collect(),
        });
    }
    if corpus.info.encoding != "UTF-8" {
        notices.push(Notice::CorpusDecoded { encoding: corpus.info.encoding.clone() });
    }
    // The held-out poems are a sample of the same.
    let share = in_other_script(&corpus.training) as f32 / corpus.training.len().max(1) as f32;
    if share >= LEAST_MIXED {
        notices.push(Notice::ScriptsMixed { share });
    }
    notices
}

#[cfg(test)]
mod tests {
    use std::fs;

    use encoding_rs::{BIG5, GB18030};

    use super::*;
    use crate::corpus::{self, ReadOptions};
    use crate::random;

    /// Different quatrains of these characters.
    fn quatrains(characters: &str, name: &str) -> String {
        let characters: Vec<char> = characters.chars().collect();
        let rng = &mut random::stream(1, name, 0);
        let mut line =
            |_| (0..7).map(|_| characters[random::below(rng, characters.len())]).chain(['\n']).collect::<String>();
        (0..20).map(|_| (0..4).map(&mut line).collect::<String>() + "\n").collect()
    }

    #[test]
    fn files_that_are_left_out_and_all_encodings_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let [a, b] = ["春花秋月何时了往事知多少小楼昨夜又东风", "不人一有何此相上下中地天日山水江海光年"];
        write("a.txt", quatrains(a, "a").as_bytes());
        write("b.txt", &GB18030.encode(&quatrains(a, "b")).0);
        write("c.txt", &BIG5.encode(&quatrains(b, "c")).0);
        let read = || corpus::read(folder.path(), &ReadOptions::default()).unwrap();
        let told = |corpus: &Corpus| notices(corpus).into_iter().skip(1).take(2).collect::<Vec<Notice>>();
        let [decoded, ..] = &told(&read())[..] else { panic!("nothing is told") };
        assert_eq!(decoded.to_string(), "corpus decoded from Big5, UTF-8, gb18030");
        for name in ["d.txt", "e.txt", "f.txt", "g.txt"] {
            write(name, b"\x7fELF\x02\x01\x01\x00\x00\x00\x00");
        }
        let corpus = read();
        let Some(Notice::FilesLeftOut { left_out: 4, total: 7, problems }) = told(&corpus).into_iter().next() else {
            panic!("{:?}", notices(&corpus));
        };
        assert!(problems.len() == NAMED && problems[0].contains("d.txt: this is a"), "{problems:?}");
    }
}
