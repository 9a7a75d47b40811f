//! Typed notices about a run. The UI formats them; `Display` is English.

mod corpus;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::best_choice::BestChoice;
use super::runtime_setting::RuntimeSetting;

/// Something that happened in a run besides steps, samples and checkpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// `--fresh` moved the earlier run to this folder.
    RunMoved { path: String },
    /// How the corpus was read.
    CorpusRead { layout: String, why: String, found: usize, duplicates: usize, left_out: usize },
    /// Of the files of a folder these many could not be read; what is wrong with the first ones.
    FilesLeftOut { left_out: usize, total: usize, problems: Vec<String> },
    /// The corpus is not UTF-8; it was decoded from this encoding, or from these.
    CorpusDecoded { encoding: String },
    /// The corpus mixes both Chinese scripts: this share of the poems is in the rarer one, 0 to 1.
    ScriptsMixed { share: f32 },
    /// A newer checkpoint cannot be used.
    CheckpointSkipped { reason: String },
    /// Settings of the discriminator changed before it was trained.
    DiscriminatorReinitialised,
    /// Settings that were changed while the run trained still apply.
    RuntimeSettingsKept { settings: Vec<(RuntimeSetting, f32)> },
    /// `--allow-changes`: they no longer do.
    RuntimeSettingsDropped { settings: Vec<(RuntimeSetting, f32)> },
    /// The rhyme embedding was learned from line ends: of the lines that were found to rhyme, none for even lines.
    /// Accuracy is that on held-out pairs, 0 to 1; `None` without such pairs.
    RhymeLearned {
        accuracy: Option<f32>,
        #[serde(default)]
        lines: Vec<RhymingLines>,
    },
    /// No lines rhyme more often than chance.
    NoRhyme,
    /// The couplet embedding was learned. Accuracy is that on held-out poems with exchanged tokens, 0 to 1.
    CoupletsLearned { accuracy: f32 },
    /// The axes of theme were learned: how many, and the canonical correlation of neighbouring segments along the first.
    ThemesLearned { axes: usize, correlation: f32 },
    /// The corpus has too many phrases for an index, so `write` cannot avoid them.
    PhrasesNotIndexed { phrases: usize },
    /// The run was resumed with another number of threads. Only in journals of earlier versions, where it changed the weights.
    ThreadsChanged { before: usize, now: usize },
    /// The minibatches of the run have fewer parts than there are threads.
    ThreadsIdle { parts: usize, threads: usize },
    /// The run was trained in bfloat16, which this processor does not multiply, and goes on in 32 bits.
    NoBf16,
    /// `--from`: the generator starts from these weights. New tokens start from similar ones.
    StartedFrom { name: String, new_tokens: usize, themes_kept: bool },
    /// Poems with a token that is too rare for the vocabulary.
    PoemsLeftOut { left_out: usize, total: usize },
    /// The corpus is small, so the schedule is shorter than that of the preset: its steps, and how many times pretraining
    /// reads every training poem.
    ScheduleShortened { pretrain_steps: u64, adversarial_steps: u64, passes: u64 },
    /// `--time-limit`: the schedule is shortened in proportion so that it fits; its steps, and those of the whole schedule.
    ScheduleFitted { limit_s: u64, pretrain_steps: u64, adversarial_steps: u64, of_pretrain: u64, of_adversarial: u64 },
    /// `--time-limit` is too short for a few steps of each phase, which take `least_s`; the schedule stays.
    TimeLimitShort { limit_s: u64, least_s: u64 },
    /// Pretraining ended early, since the held-out loss stays above the lowest one.
    /// `total_steps` are those of the schedule that is left.
    PretrainingEnded { lowest: f32, rollback: Rollback, total_steps: u64 },
    /// There is no held-out loss.
    NoHeldOutLoss { reason: NoHeldOut },
    /// The display was frozen or unfrozen; training is unaffected.
    DisplayFrozen { frozen: bool },
    /// A changed setting was refused.
    SettingRefused { reason: String },
    /// The user asked for the weights of the best checkpoint.
    RollbackRequested { rollback: Rollback },
    /// Adversarial training went wrong, and what was done about it.
    Diagnosed { diagnosis: Diagnosis, rollback: Option<Rollback>, d_lr_halved: bool },
    /// The step gave numbers that are not finite: it was undone, and the learning rate halved.
    StepUndone,
    /// No checkpoint was written, since the weights are broken.
    CheckpointWithheld,
    /// At the end: the best checkpoint, and why it is.
    BestChosen { choice: BestChoice },
}

/// Lines that rhyme in poems with a number of lines. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RhymingLines {
    /// `None` for rare numbers of lines; then `pairs` are those of every four lines.
    pub lines: Option<usize>,
    pub pairs: Vec<(usize, usize)>,
    /// The last line rhymes with the lines so far before it.
    pub last: Vec<usize>,
}

impl RhymingLines {
    /// The pairs as `1-3, 2-4`.
    pub fn listed(&self) -> String {
        self.pairs.iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(", ")
    }

    /// The distances as `1, 2`.
    pub fn listed_last(&self) -> String {
        self.last.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for RhymingLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.listed();
        if let Some(lines) = self.lines {
            return write!(f, "lines {pairs} ({lines}-line poems)");
        }
        let every = (!pairs.is_empty()).then(|| format!("lines {pairs} of every 4"));
        let last = (!self.last.is_empty()).then(|| format!("the last line and {} before it", self.listed_last()));
        let both: Vec<String> = every.into_iter().chain(last).collect();
        write!(f, "{} (other poems)", both.join(", "))
    }
}

/// Why a process ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    StepsDone,
    TimeLimit,
    Stopped,
}

/// Why there is no held-out loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoHeldOut {
    /// The poems are too similar to hold some of them out.
    TooSimilar,
    /// Every held-out poem has a token that is not in the vocabulary, or a form of its own.
    NoneUsable,
}

/// A return to the weights of the best checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Rollback {
    Restored { step: u64 },
    NoBestCheckpoint,
    Unreadable { reason: String },
}

/// What is wrong with adversarial training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Diagnosis {
    /// Generated poems repeat each other.
    LowDiversity { distinct_2: f32, real: f32 },
    /// This share of the generated lines is copied from the corpus, 0 to 1.
    Copying { share: f32 },
    /// The held-out loss has risen far above the lowest one, nats per token.
    Forgetting { loss: f32, lowest: f32 },
    /// The moving average of D(real) - D(fake) is close to 1.
    DiscriminatorAhead { margin: f32 },
}

impl Diagnosis {
    /// Whether the generator collapsed; otherwise the discriminator is too strong.
    pub fn is_collapse(&self) -> bool {
        !matches!(self, Diagnosis::DiscriminatorAhead { .. })
    }
}

/// What was learned from the corpus before training; empty for other notices.
fn learned(notice: &Notice) -> String {
    match notice {
        Notice::RhymeLearned { accuracy, lines } => {
            let lines = lines.iter().map(RhymingLines::to_string);
            let accuracy =
                accuracy.map(|accuracy| format!("{} pair accuracy on held-out poems (chance 50 %)", percent(accuracy)));
            format!("rhyme: {}", lines.chain(accuracy).collect::<Vec<_>>().join("; "))
        }
        Notice::NoRhyme => {
            "rhyme: no lines of the corpus rhyme more often than chance, so rhyme is not trained for".to_string()
        }
        Notice::CoupletsLearned { accuracy } => format!(
            "couplet embedding: {} accuracy on held-out poems with exchanged tokens (chance 50 %)",
            percent(*accuracy)
        ),
        Notice::PhrasesNotIndexed { phrases } => format!(
            "phrases: {phrases} are too many for the index of 1 MB with which write avoids copying, so its poems may copy some"
        ),
        Notice::ThemesLearned { axes: 0, .. } => {
            "themes: the corpus is too small for any; z is noise alone".to_string()
        }
        Notice::ThemesLearned { axes, correlation } => {
            format!("themes: {axes} axes; neighbouring couplets or lines correlate by {correlation:.2} along the first")
        }
        _ => String::new(),
    }
}

/// How the schedule differs from that of the settings; empty for other notices.
fn schedule(notice: &Notice) -> String {
    match notice {
        Notice::ScheduleShortened { pretrain_steps, adversarial_steps, passes } => format!(
            "small corpus: {pretrain_steps} steps of pretraining ({passes} passes over the poems) and \
             {adversarial_steps} adversarial steps; --pretrain-steps and --adversarial-steps set them"
        ),
        Notice::ScheduleFitted { limit_s, pretrain_steps, adversarial_steps, of_pretrain, of_adversarial } => format!(
            "time limit {}: {pretrain_steps} steps of pretraining and {adversarial_steps} adversarial steps are planned, \
             in the proportion of the whole schedule ({of_pretrain} and {of_adversarial}); --pretrain-steps and \
             --adversarial-steps set them",
            minutes(*limit_s)
        ),
        Notice::TimeLimitShort { limit_s, least_s } => format!(
            "time limit {}: too short for both phases, which take at least about {}; training stops at the limit, \
             wherever it is",
            minutes(*limit_s),
            minutes(*least_s)
        ),
        Notice::PretrainingEnded { lowest, rollback, total_steps } => format!(
            "pretraining ends early, since the held-out loss stays above its lowest value, {lowest:.3}: {rollback}; \
             adversarial phase until step {total_steps}"
        ),
        _ => String::new(),
    }
}

/// What became of the runtime settings; empty for other notices.
fn runtime_settings(notice: &Notice) -> String {
    match notice {
        Notice::RuntimeSettingsKept { settings } => format!("runtime settings kept: {}", listed(settings)),
        Notice::RuntimeSettingsDropped { settings } => {
            format!("--allow-changes: runtime settings dropped: {}", listed(settings))
        }
        _ => String::new(),
    }
}

/// What went wrong, and what was done about it.
fn diagnosed(diagnosis: &Diagnosis, rollback: Option<&Rollback>, d_lr_halved: bool) -> String {
    let rollback = rollback.map(|rollback| format!(": {rollback}")).unwrap_or_default();
    let halved = if d_lr_halved { "; discriminator learning rate halved" } else { "" };
    format!("{diagnosis}{rollback}{halved}")
}

/// What was done about numbers that are not finite; empty for other notices.
fn not_finite(notice: &Notice) -> &'static str {
    match notice {
        Notice::StepUndone => "numbers are not finite: step undone, learning rate halved",
        Notice::CheckpointWithheld => "numbers are not finite: no checkpoint; earlier ones are kept",
        _ => "",
    }
}

/// How training begins or goes on; empty for other notices.
fn begun(notice: &Notice) -> String {
    match notice {
        Notice::ThreadsChanged { before, now } => format!(
            "the run was trained with {before} threads and goes on with {now}: the weights will not be bit for bit those of an \
             uninterrupted run"
        ),
        Notice::ThreadsIdle { parts, threads } => format!(
            "the minibatches of this run have {parts} parts, so only {parts} of {threads} threads compute them; training.parts \
             with --allow-changes changes that"
        ),
        Notice::NoBf16 => {
            "the run was trained with matrix products in bfloat16, which this processor lacks, and goes on in f32: the \
             weights will not be bit for bit those of an uninterrupted run"
                .to_string()
        }
        Notice::StartedFrom { name, new_tokens, themes_kept } => {
            let axes = if *themes_kept { "kept" } else { "learned from this corpus" };
            format!("generator starts from {name}; {new_tokens} new tokens; theme axes {axes}")
        }
        _ => String::new(),
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::RunMoved { path } => write!(f, "the earlier run was moved to {path}"),
            Notice::CorpusRead { .. }
            | Notice::FilesLeftOut { .. }
            | Notice::CorpusDecoded { .. }
            | Notice::ScriptsMixed { .. }
            | Notice::PoemsLeftOut { .. } => f.write_str(&corpus::told(self)),
            Notice::CheckpointSkipped { reason } => write!(f, "skipped: {reason}"),
            Notice::DiscriminatorReinitialised => {
                f.write_str("discriminator settings changed; its weights are reinitialised")
            }
            Notice::RuntimeSettingsKept { .. } | Notice::RuntimeSettingsDropped { .. } => {
                f.write_str(&runtime_settings(self))
            }
            Notice::RhymeLearned { .. }
            | Notice::NoRhyme
            | Notice::CoupletsLearned { .. }
            | Notice::PhrasesNotIndexed { .. }
            | Notice::ThemesLearned { .. } => f.write_str(&learned(self)),
            Notice::ScheduleShortened { .. }
            | Notice::ScheduleFitted { .. }
            | Notice::TimeLimitShort { .. }
            | Notice::PretrainingEnded { .. } => f.write_str(&schedule(self)),
            Notice::ThreadsChanged { .. }
            | Notice::ThreadsIdle { .. }
            | Notice::NoBf16
            | Notice::StartedFrom { .. } => f.write_str(&begun(self)),
            Notice::NoHeldOutLoss { reason } => {
                write!(f, "no held-out loss, so the newest checkpoint counts as the best: {reason}")
            }
            Notice::DisplayFrozen { frozen: true } => f.write_str("display frozen"),
            Notice::DisplayFrozen { frozen: false } => f.write_str("display unfrozen"),
            Notice::SettingRefused { reason } => write!(f, "not changed: {reason}"),
            Notice::RollbackRequested { rollback } => write!(f, "as requested: {rollback}"),
            Notice::Diagnosed { diagnosis, rollback, d_lr_halved } => {
                f.write_str(&diagnosed(diagnosis, rollback.as_ref(), *d_lr_halved))
            }
            Notice::StepUndone | Notice::CheckpointWithheld => f.write_str(not_finite(self)),
            Notice::BestChosen { choice } => write!(f, "{choice}"),
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FinishReason::StepsDone => "all steps are done",
            FinishReason::TimeLimit => "time limit reached; the same command resumes the run",
            FinishReason::Stopped => "stopped by the user; the same command resumes the run",
        })
    }
}

impl fmt::Display for NoHeldOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoHeldOut::TooSimilar => "the poems are too similar to hold some of them out",
            NoHeldOut::NoneUsable => {
                "every held-out poem has a token that is not in the vocabulary, or a form of its own"
            }
        })
    }
}

impl fmt::Display for Rollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rollback::Restored { step } => write!(f, "back to the weights of step {step}"),
            Rollback::NoBestCheckpoint => f.write_str("there is no best checkpoint yet"),
            Rollback::Unreadable { reason } => write!(f, "cannot go back: {reason}"),
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Diagnosis::LowDiversity { distinct_2, real } => {
                write!(f, "generated poems repeat each other (distinct-2 {distinct_2:.2}, real poems {real:.2})")
            }
            Diagnosis::Copying { share } => write!(f, "{} of the generated lines are copied", percent(*share)),
            Diagnosis::Forgetting { loss, lowest } => {
                write!(f, "the generator forgets the language (held-out loss {loss:.2}, lowest {lowest:.2})")
            }
            Diagnosis::DiscriminatorAhead { margin } => {
                write!(f, "the discriminator is far ahead (D(real) - D(fake) {margin:.2})")
            }
        }
    }
}

/// Seconds as minutes and seconds, such as `4:00`.
pub fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A share in percent.
pub fn percent(share: f32) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Settings as in a file: `beta = 2, n_critic = 3`.
pub fn listed(settings: &[(RuntimeSetting, f32)]) -> String {
    settings.iter().map(|(setting, value)| format!("{} = {value}", setting.name())).collect::<Vec<_>>().join(", ")
}
