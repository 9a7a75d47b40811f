//! The thread that writes the candidates: one after another, until there is another request.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};

use anyhow::Result;

use super::{WordReader, candidate, files};
use crate::error::UserError;
use crate::lang::{self, Lang};
use crate::printable::printable;
use crate::shell;
use crate::ui::studio::{StudioAnswer, StudioCommand, StudioRequest};
use crate::write::{GeneratedPoem, Model, PoemRequest, Steering, compose_steered, wanted};

pub struct Writer<'a> {
    pub model: &'a Model,
    /// The options that name the model.
    pub model_words: Vec<String>,
    /// The file that poems are kept in.
    pub favourites: &'a Path,
    pub read: &'a WordReader<'a>,
    pub lang: Lang,
}

/// What is left of a request.
struct Writing {
    number: u64,
    words: Vec<String>,
    wanted: PoemRequest,
    steering: Steering,
    /// The seed of the next poem, and how many are left.
    seed: u64,
    left: u64,
}

impl Writer<'_> {
    /// Answers commands until the screen has ended.
    pub fn answer(&self, commands: &Receiver<StudioCommand>, answers: &Sender<StudioAnswer>) {
        let mut writing: Option<Writing> = None;
        loop {
            let command = match &writing {
                None => commands.recv().map_err(|_| TryRecvError::Disconnected),
                Some(_) => commands.try_recv(),
            };
            let told = match command {
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => writing.take().map_or(vec![], |current| {
                    let (told, rest) = self.next(current);
                    writing = rest;
                    told
                }),
                Ok(StudioCommand::Write(request)) => {
                    let (told, begun) = self.begin(&request);
                    writing = begun;
                    told
                }
                Ok(StudioCommand::Keep(poem)) => {
                    vec![
                        self.written(files::keep(self.favourites, &poem), StudioAnswer::Kept { command: poem.command }),
                    ]
                }
                Ok(StudioCommand::Export { file, poems }) => {
                    let (written, count) = (files::export(Path::new(&file), &poems), poems.len());
                    vec![self.written(written, StudioAnswer::Exported { file, count })]
                }
            };
            if told.into_iter().any(|answer| answers.send(answer).is_err()) {
                return;
            }
        }
    }

    fn begin(&self, request: &StudioRequest) -> (Vec<StudioAnswer>, Option<Writing>) {
        let number = request.number;
        match self.prepared(request) {
            Ok(writing) => (Vec::new(), Some(writing)),
            Err(why) => (vec![StudioAnswer::Refused { number, why }, StudioAnswer::Written { number }], None),
        }
    }

    fn prepared(&self, request: &StudioRequest) -> Result<Writing, String> {
        // What the command shows is what it was made of.
        let words: Vec<String> = request.words.iter().map(|word| printable(word)).collect();
        let given = [("--seed", &request.seed), ("--count", &request.count)];
        let given = given.into_iter().filter(|(_, text)| !text.is_empty());
        let all: Vec<String> =
            words.iter().cloned().chain(given.map(|(option, text)| format!("{option}={text}"))).collect();
        let options = (self.read)(&all)?;
        let (wanted, steering) = wanted(self.model, &options).map_err(|error| self.text(&error))?;
        let (seed, left) = (options.seed, options.count);
        let wanted = PoemRequest { with_scores: true, ..wanted };
        Ok(Writing { number: request.number, words, wanted, steering, seed, left })
    }

    /// The next poem of a request, and what is left of it.
    fn next(&self, writing: Writing) -> (Vec<StudioAnswer>, Option<Writing>) {
        let Writing { number, seed, left, .. } = writing;
        if left == 0 {
            return (vec![StudioAnswer::Written { number }], None);
        }
        let poems = compose_steered(self.model, writing.wanted, &writing.steering, &[seed]);
        let told = match poems {
            Ok(poems) => {
                let told = |poem: &GeneratedPoem| {
                    let poem = Box::new(candidate::of(poem, self.command(seed, &writing.words)));
                    StudioAnswer::Poem { number, poem }
                };
                poems.iter().map(told).collect()
            }
            Err(error) => vec![StudioAnswer::Refused { number, why: self.text(&error) }],
        };
        (told, Some(Writing { seed: seed.wrapping_add(1), left: left - 1, ..writing }))
    }

    /// The words of the command that prints the poem of a seed, each quoted for a shell.
    fn command(&self, seed: u64, words: &[String]) -> Vec<String> {
        let first = ["poetgan", "write", "--seed"].map(String::from).into_iter().chain([seed.to_string()]);
        let all = first.chain(self.model_words.iter().cloned()).chain(words.iter().cloned());
        all.map(|word| shell::command(&[word])).collect()
    }

    /// The answer if a file could be written, or why not.
    fn written(&self, written: Result<()>, answer: StudioAnswer) -> StudioAnswer {
        written.map_or_else(|error| StudioAnswer::Failed(self.text(&error)), |()| answer)
    }

    /// An error in one line.
    fn text(&self, error: &anyhow::Error) -> String {
        let user_error = error.chain().find_map(|cause| cause.downcast_ref::<UserError>());
        lang::message(self.lang, &user_error.map_or_else(|| format!("{error:#}"), ToString::to_string))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::write::constraints::Constraints;
    use crate::write::{DEFAULT_SELECT_BY, ModelChoice, OutputOptions, PoemFormat, Told, WriteOptions};

    /// Understands a seed, a count and `--theme`.
    fn read(words: &[String]) -> Result<WriteOptions, String> {
        let value =
            |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).and_then(|text| text.parse().ok());
        let theme = words.iter().position(|word| word == "--theme").map(|place| words[place + 1].clone());
        Ok(WriteOptions {
            count: value("--count=").ok_or("no count")?,
            seed: value("--seed=").unwrap_or(0),
            shard: None,
            form: Some("5x4".parse()?),
            temperature: 0.7,
            top_p: 1.0,
            select: Some(1),
            select_by: DEFAULT_SELECT_BY,
            theme,
            axes: Vec::new(),
            constraints: Constraints::default(),
            avoid_copying: true,
            explain: None,
            model: ModelChoice::default(),
            output: OutputOptions {
                format: PoemFormat::Json,
                script: None,
                file: None,
                svg: None,
                png: None,
                width: 80,
                told: Told { quiet: true, lang: Lang::En },
            },
        })
    }

    fn request(number: u64, seed: &str, count: &str, words: &[&str]) -> StudioCommand {
        let words = words.iter().map(|word| (*word).to_string()).collect();
        StudioCommand::Write(StudioRequest { number, words, seed: seed.to_string(), count: count.to_string() })
    }

    #[test]
    fn a_request_ends_the_one_before_and_what_is_wrong_is_told() {
        let model = Model::builtin().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let favourites = folder.path().join("poems.txt");
        let model_words = ["--model", "builtin"].map(String::from).to_vec();
        let writer = Writer { model: &model, model_words, favourites: &favourites, read: &read, lang: Lang::En };
        let ((commands, waiting), (answers, told)) = (channel(), channel());
        std::thread::scope(|scope| {
            let worker = scope.spawn(move || writer.answer(&waiting, &answers));
            commands.send(request(1, "7", "1000000", &["--start", "a b"])).unwrap();
            let StudioAnswer::Poem { number: 1, poem } = told.recv().unwrap() else { panic!("no poem") };
            assert_eq!(poem.command.join(" "), "poetgan write --seed 7 --model builtin --start 'a b'");
            assert!(poem.score.is_some() && poem.lines.len() == 4, "{poem:?}");
            commands.send(StudioCommand::Keep(poem.clone())).unwrap();
            commands.send(request(2, "9", "2", &[])).unwrap();
            commands.send(request(3, "9", "much", &[])).unwrap();
            commands.send(request(4, "9", "2", &["--theme", "xyz"])).unwrap();
            commands.send(request(5, "", "1", &[])).unwrap();
            let mut rest: Vec<StudioAnswer> = std::iter::from_fn(|| told.recv().ok())
                .take_while(|answer| *answer != StudioAnswer::Written { number: 5 })
                .collect();
            rest.retain(|answer| !matches!(answer, StudioAnswer::Poem { number: 1, .. }));
            let refused = |number: u64, part: &str| {
                let is_it = |answer: &StudioAnswer| matches!(answer, StudioAnswer::Refused { number: other, why } if *other == number && why.contains(part));
                rest.iter().any(is_it)
            };
            assert!(rest.contains(&StudioAnswer::Kept { command: poem.command.clone() }), "{rest:?}");
            assert!(refused(3, "no count") && refused(4, "--theme xyz: the model does not know"), "{rest:?}");
            assert!(!rest.contains(&StudioAnswer::Written { number: 1 }), "{rest:?}");
            drop(commands);
            worker.join().unwrap();
        });
        let kept = std::fs::read_to_string(&favourites).unwrap();
        assert!(kept.starts_with("# poetgan write --seed 7 --model builtin --start 'a b'\n"), "{kept}");
    }
}
