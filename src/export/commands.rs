//! The commands that use a run, those that trained it, and the one that trains it again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::html::{about, either, escape};
use super::report::{RunReport, Started};
use crate::corpus::{LongLines, ReadOptions};
use crate::error::UserError;
use crate::run::checkpoint;
use crate::run::run_dir;
use crate::shell;

/// What the files of a run tell about its commands.
pub struct RunCommands {
    run: PathBuf,
    /// The command lines that trained the run, oldest first; none for a run of an older program.
    given: Vec<String>,
    /// How the corpus was asked to be read.
    reading: ReadOptions,
    /// The model that the generator started from.
    from: Option<String>,
}

impl RunCommands {
    /// # Errors
    /// Files of the run that cannot be read.
    pub fn open(run: &Path) -> Result<RunCommands> {
        let given = run_dir::commands(run).with_context(|| format!("cannot read {}/commands.txt", run.display()))?;
        let from = checkpoint::newest_state(run).and_then(|state| state.from);
        Ok(RunCommands { run: run.to_path_buf(), given, reading: reading(run)?, from })
    }

    /// The commands that use the run, those that trained it, and the one that trains it again, quoted for a shell.
    pub fn html(&self, report: &RunReport) -> String {
        let lang = report.lang;
        let one =
            |purpose: &str, command: &str| format!("<h3>{}</h3>\n<pre>{}</pre>\n", escape(purpose), escape(command));
        let run = shell::path_word(&self.run);
        let with = |command: &str| shell::command(&["poetgan", command, "--model", run.as_str()]);
        let mut html = one(either(lang, "Write poems", "写诗"), &with("write"));
        html += &one(either(lang, "Measure them beside real poems", "与真诗一同评测"), &with("eval"));
        if !self.given.is_empty() {
            html += &one(either(lang, "This run was trained with", "训练此运行所用的命令"), &self.given.join("\n"));
        }
        let Some(started) = &report.started else { return html };
        let purpose = either(lang, "Train the same run again", "重新训练同样的运行");
        html += &one(purpose, &self.again(started));
        html + &self.remarks(report)
    }

    /// When the weights will be the same.
    fn remarks(&self, report: &RunReport) -> String {
        let remarks = [
            (
                true,
                "The settings file holds the seed and the length of the schedule. The weights are the same on the same \
                 processor with the same program and corpus.",
                "设置文件含种子与训练长度。处理器、程序与语料相同，则权重相同。",
            ),
            (
                report.is_changed,
                "Settings were changed by hand while this run trained (see Events); the command does not repeat that.",
                "此运行训练时曾手动更改设置（见“事件”）；此命令不重复这些更改。",
            ),
            (
                self.given.len() > 1,
                "Several commands trained this run. If later ones changed its settings or its length, the weights differ.",
                "此运行由多条命令训练。若后来的命令更改了设置或训练长度，则权重不同。",
            ),
        ];
        let told = remarks.into_iter().filter(|(is_so, ..)| *is_so);
        told.map(|(_, english, chinese)| about(either(report.lang, english, chinese))).collect()
    }

    /// The command that trains the run again, in another directory. All settings are in the run's own file.
    fn again(&self, started: &Started) -> String {
        let mut words = vec!["poetgan".to_string(), "train".to_string()];
        words.push(shell::path_word(started.corpus.path.as_ref()));
        let mut option = |name: &str, value: String| match value.starts_with('-') {
            true => words.push(format!("{name}={value}")),
            false => words.extend([name.to_string(), value]),
        };
        let ReadOptions { layout, column, script, long_lines } = &self.reading;
        self.from.iter().for_each(|from| option("--from", from.clone()));
        layout.iter().for_each(|layout| option("--layout", layout.name().to_string()));
        column.iter().for_each(|column| option("--column", column.clone()));
        script.iter().for_each(|script| option("--script", script.name().to_string()));
        match long_lines {
            Some(LongLines::Wrap(n)) => option("--wrap", n.to_string()),
            Some(LongLines::Cut(n)) => option("--cut", n.to_string()),
            None => {}
        }
        option("--config", shell::path_word(&self.run.join("config.toml")));
        option("--threads", started.model.threads.to_string());
        let mut name = self.run.file_name().unwrap_or("run".as_ref()).to_os_string();
        name.push("-again");
        option("--run", shell::path_word(&self.run.with_file_name(name)));
        shell::command(&words)
    }
}

/// How the corpus of the run was asked to be read.
fn reading(run: &Path) -> Result<ReadOptions> {
    let path = run.join("corpus.json");
    let json = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ReadOptions::default()),
        json => json.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let wrong =
        |error: serde_json::Error| UserError(format!("{}: {error}; restore it from a copy of the run", path.display()));
    let corpus: Value = serde_json::from_slice(&json).map_err(wrong)?;
    match &corpus["options"] {
        Value::Null => Ok(ReadOptions::default()),
        options => Ok(serde_json::from_value(options.clone()).map_err(wrong)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{CorpusSummary, ModelSummary};
    use crate::ui::Lang;

    fn started(path: &str) -> Started {
        let corpus = CorpusSummary { path: path.to_string(), ..CorpusSummary::default() };
        let model = ModelSummary { threads: 2, ..ModelSummary::default() };
        Started { corpus, model, total_steps: 1, pretrain_steps: 1 }
    }

    #[test]
    fn the_options_of_reading_are_repeated_and_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("my run");
        fs::create_dir(&run).unwrap();
        let options = r#"{"options":{"layout":"csv","column":"-it's","script":"simplified","long_lines":{"wrap":9}}}"#;
        fs::write(run.join("corpus.json"), options).unwrap();
        let command = RunCommands::open(&run).unwrap().again(&started("-a.csv"));
        let words = shlex::split(&command).unwrap();
        let (config, again) = (run.join("config.toml"), folder.path().join("my run-again"));
        let expected = "poetgan|train|./-a.csv|--layout|csv|--column=-it's|--script|simplified|--wrap|9|--config|CONFIG|\
                        --threads|2|--run|AGAIN";
        let expected = expected.replace("CONFIG", &config.display().to_string());
        assert_eq!(words.join("|"), expected.replace("AGAIN", &again.display().to_string()));
    }

    #[test]
    fn the_page_lists_the_commands_that_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = RunReport::open(folder.path(), Lang::En).unwrap();
        let html = RunCommands::open(folder.path()).unwrap().html(&report);
        assert_eq!(html.matches("<pre>").count(), 2, "{html}");
        fs::write(folder.path().join("commands.txt"), "poetgan train 'a b'\npoetgan train 'a b' --steps 9\n").unwrap();
        (report.started, report.is_changed) = (Some(started("a")), true);
        let html = RunCommands::open(folder.path()).unwrap().html(&report);
        assert!(
            html.contains("<pre>poetgan train &#39;a b&#39;\npoetgan train &#39;a b&#39; --steps 9</pre>"),
            "{html}"
        );
        assert!(html.contains("<pre>poetgan train a --config ") && html.contains("changed by hand"), "{html}");
        assert!(html.contains("Several commands"), "{html}");
    }

    #[test]
    fn a_damaged_record_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("corpus.json"), "{").unwrap();
        let error = RunCommands::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("corpus.json: ") && error.ends_with("restore it from a copy of the run"), "{error}");
    }
}
