//! Entries of the log as values, and their words in both languages.

use crate::run::event::Event;
use crate::run::notice::Notice;
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::reply::Reply;
use crate::ui::text::{self, notices, words::Lang};

#[derive(Clone, Debug, PartialEq)]
pub enum LogEntry {
    /// A process continues the run from this step.
    Resumed {
        step: u64,
    },
    Checkpoint {
        name: String,
    },
    Notice(Notice),
    Changed {
        setting: RuntimeSetting,
        from: f32,
        to: f32,
    },
    /// The user's note.
    Note(String),
    /// What the dashboard replied to the user.
    Reply(Reply),
}

/// An entry, and the step of the run at which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub step: u64,
    pub entry: LogEntry,
}

impl LogEntry {
    /// The entry for an event; none for numbers, samples and states.
    pub fn of(event: &Event) -> Option<LogEntry> {
        match event {
            Event::Started { step: step @ 1.., .. } => Some(LogEntry::Resumed { step: *step }),
            Event::Checkpoint { path, .. } => Some(LogEntry::Checkpoint { name: text::file_name(path).to_owned() }),
            Event::Notice { notice, .. } => Some(LogEntry::Notice(notice.clone())),
            Event::Changed { setting, from, to, .. } => {
                Some(LogEntry::Changed { setting: *setting, from: *from, to: *to })
            }
            Event::Note { note, .. } => Some(LogEntry::Note(note.clone())),
            _ => None,
        }
    }

    /// Whether it answers a request of the user, who should see it on every screen.
    pub fn is_answer(&self) -> bool {
        match self {
            LogEntry::Changed { .. } | LogEntry::Note(_) | LogEntry::Reply(_) => true,
            LogEntry::Notice(notice) => {
                matches!(notice, Notice::SettingRefused { .. } | Notice::RollbackRequested { .. })
            }
            LogEntry::Resumed { .. } | LogEntry::Checkpoint { .. } => false,
        }
    }

    /// The entry in words, safe for a terminal.
    pub fn text(&self, lang: Lang) -> String {
        text::clean(&match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        })
    }

    fn english(&self) -> String {
        match self {
            LogEntry::Resumed { step } => format!("resumed from step {}", text::count(*step)),
            LogEntry::Checkpoint { name } => format!("checkpoint {name}"),
            LogEntry::Notice(notice) => notices::text(notice, Lang::En),
            LogEntry::Changed { setting, from, to } => format!("{}: {from} -> {to}", setting.name()),
            LogEntry::Note(note) => format!("note: {note}"),
            LogEntry::Reply(reply) => reply.text(Lang::En),
        }
    }

    fn chinese(&self) -> String {
        match self {
            LogEntry::Resumed { step } => format!("从第 {} 步继续", text::count(*step)),
            LogEntry::Checkpoint { name } => format!("检查点 {name}"),
            LogEntry::Notice(notice) => notices::text(notice, Lang::Zh),
            LogEntry::Changed { setting, from, to } => format!("{} 已更改：{from} -> {to}", setting.name()),
            LogEntry::Note(note) => format!("备注：{note}"),
            LogEntry::Reply(reply) => reply.text(Lang::Zh),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> LogEntry {
        LogEntry::Resumed { step: 8_000 }
    }

    /// The next kind of entry. A new kind does not compile until it is added here.
    fn after(entry: &LogEntry) -> Option<LogEntry> {
        Some(match entry {
            LogEntry::Resumed { .. } => LogEntry::Checkpoint { name: "step-00000100".into() },
            LogEntry::Checkpoint { .. } => LogEntry::Notice(Notice::StepUndone),
            LogEntry::Notice(_) => LogEntry::Changed { setting: RuntimeSetting::Beta, from: 1.0, to: 2.5 },
            LogEntry::Changed { .. } => LogEntry::Note("beta must be 3 to 4".into()),
            LogEntry::Note(_) => LogEntry::Reply(Reply::ReadOnly),
            LogEntry::Reply(_) => return None,
        })
    }

    #[test]
    fn every_entry_has_chinese_words() {
        let entries: Vec<LogEntry> = std::iter::successors(Some(first()), after).collect();
        assert_eq!(entries.len(), 6);
        for entry in entries {
            assert!(notices::has_chinese(&entry.text(Lang::Zh)), "{entry:?}");
            assert!(entry.text(Lang::En).is_ascii(), "{entry:?}");
        }
    }

    #[test]
    fn entries_say_what_happened_and_a_note_is_left_as_it_is() {
        let entry = |entry: LogEntry| (entry.text(Lang::En), entry.text(Lang::Zh));
        let expected = |english: &str, chinese: &str| (english.to_owned(), chinese.to_owned());
        assert_eq!(entry(first()), expected("resumed from step 8,000", "从第 8,000 步继续"));
        let changed = LogEntry::Changed { setting: RuntimeSetting::Beta, from: 1.0, to: 2.5 };
        assert_eq!(entry(changed), expected("beta: 1 -> 2.5", "beta 已更改：1 -> 2.5"));
        let note = LogEntry::Note("beta must be\u{1b} 3 to 4".into());
        assert_eq!(entry(note), expected("note: beta must be  3 to 4", "备注：beta must be  3 to 4"));
    }
}
