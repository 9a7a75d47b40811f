//! Follows the journal of a run that may be training in another process.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::past::{JournalEnds, Past};
use super::tail::JournalTail;
use crate::run::event::Event;
use crate::run::lock;

/// Interval of the checks whether a process trains the run.
const CHECK: Duration = Duration::from_secs(1);

pub struct Follower {
    run: PathBuf,
    /// What has been read but not returned.
    past: Option<Past>,
    tail: JournalTail,
    checked: Option<Instant>,
    is_idle: bool,
    process: Option<u32>,
}

/// What has happened since the last call.
pub struct News {
    /// The events so far are void: the run was restarted, or continues from an earlier checkpoint.
    pub is_restart: bool,
    pub events: Vec<Event>,
    /// Earlier events of the log that are not among them.
    pub left_out: u64,
    /// No process trains the run.
    pub is_idle: bool,
    /// The id of the process that does.
    pub process: Option<u32>,
}

impl Follower {
    /// # Errors
    /// When the journal cannot be read.
    pub fn new(run: PathBuf) -> Result<Follower> {
        let past = Past::read(&run)?;
        let tail = JournalTail::after(&run, past.ends);
        Ok(Follower { run, past: Some(past), tail, checked: None, is_idle: false, process: None })
    }

    /// Whether there is nothing to show, nor will be: a run that is being set up has no events yet.
    pub fn is_silent(&self) -> bool {
        let is_empty = self.past.as_ref().is_some_and(|past| past.events.is_empty());
        is_empty && !lock::is_training(&self.run).unwrap_or(true)
    }

    /// The events since the last call.
    pub fn news(&mut self) -> News {
        if self.checked.is_none_or(|checked| checked.elapsed() >= CHECK) {
            self.checked = Some(Instant::now());
            // If the lock cannot be read, nothing is shown.
            self.is_idle = lock::is_training(&self.run).is_ok_and(|training| !training);
            self.process = lock::trainer(&self.run);
        }
        let (is_idle, process) = (self.is_idle, self.process);
        let news = |is_restart, events, left_out| News { is_restart, events, left_out, is_idle, process };
        if let Some(past) = self.past.take() {
            return news(false, past.events, past.left_out);
        }
        match self.tail.read() {
            Some(events) => news(false, events, 0),
            None => {
                let past = Past::read(&self.run).ok();
                let ends = past.as_ref().map_or(JournalEnds::default(), |past| past.ends);
                self.tail = JournalTail::after(&self.run, ends);
                let (events, left_out) = past.map_or((Vec::new(), 0), |past| (past.events, past.left_out));
                news(true, events, left_out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::run_dir::metrics_file;

    fn write(run: &std::path::Path, steps: &[u64]) {
        let line = |step: &u64| serde_json::to_string(&Event::Paused { step: *step }).unwrap() + "\n";
        std::fs::write(metrics_file(run), steps.iter().map(line).collect::<String>()).unwrap();
    }

    fn steps(news: &News) -> Vec<u64> {
        news.events.iter().map(Event::step).collect()
    }

    #[test]
    fn events_come_once_and_a_restart_is_told() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[1, 2]);
        let mut follower = Follower::new(folder.path().to_path_buf()).unwrap();
        assert!(!follower.is_silent());
        let first = follower.news();
        assert_eq!((steps(&first), first.is_restart, first.is_idle), (vec![1, 2], false, true));
        assert_eq!(steps(&follower.news()), [0; 0]);
        write(folder.path(), &[1, 2, 3]);
        assert_eq!(steps(&follower.news()), [3]);
        write(folder.path(), &[1, 5]);
        let restarted = follower.news();
        assert_eq!((steps(&restarted), restarted.is_restart), (vec![1, 5], true));
    }

    #[test]
    fn a_run_without_events_that_nobody_trains_is_silent() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[]);
        assert!(Follower::new(folder.path().to_path_buf()).unwrap().is_silent());
    }
}
