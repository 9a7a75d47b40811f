//! Several runs on one chart.

use std::fs;

use anyhow::{Context, Result};

use super::follower::{Follower, News};
use super::{follow, locate, require_terminal};
use crate::error::UserError;
use crate::signals;
use crate::ui::{self, RunComparison, Theme};

/// Most runs on one chart: they differ by colour.
const MOST: usize = 6;

/// Shows several runs live on one chart, until the user quits.
///
/// # Errors
/// When a run is not there or named twice, there are too many, or the terminal cannot be used.
pub fn watch(names: &[String], theme: Theme) -> Result<()> {
    let mut followers = followers(names)?;
    require_terminal()?;
    let update = |comparison: &mut RunComparison| {
        let mut has_news = false;
        for (run, follower) in comparison.runs.iter_mut().zip(&mut followers) {
            let News { is_restart, events, is_idle, .. } = follower.news();
            has_news |= is_restart || !events.is_empty() || run.is_idle != is_idle;
            run.is_idle = is_idle;
            if is_restart {
                run.restart();
            }
            events.into_iter().for_each(|event| run.apply(event));
        }
        has_news
    };
    let stop = signals::watch(ui::restore_terminal)?;
    ui::compare(RunComparison::new(names.iter().cloned()), update, &stop, theme).context("cannot use the terminal")
}

fn followers(names: &[String]) -> Result<Vec<Follower>> {
    if names.len() > MOST {
        let message = format!("{} runs are named; watch shows at most {MOST} on one chart", names.len());
        return Err(UserError(message).into());
    }
    let mut places = Vec::new();
    for name in names {
        let path = locate(Some(name))?;
        let place = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if places.contains(&place) {
            return Err(UserError(format!("{}: named twice; name each run once", path.display())).into());
        }
        places.push(place);
    }
    names.iter().map(|name| follow(locate(Some(name))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_named_once_and_there_are_six_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let run = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("metrics.jsonl"), "{\"event\":\"paused\",\"step\":1}\n").unwrap();
            path.display().to_string()
        };
        let runs: Vec<String> = ["a", "b", "c", "d", "e", "f", "g"].map(run).to_vec();
        let error = |names: &[String]| followers(names).err().map(|error| error.to_string());
        assert_eq!(error(&runs[..6]), None);
        assert_eq!(error(&runs).as_deref(), Some("7 runs are named; watch shows at most 6 on one chart"));
        let twice = [runs[0].clone(), runs[1].clone(), format!("{}/../a", runs[1])];
        assert!(error(&twice).is_some_and(|error| error.ends_with("named twice; name each run once")));
        let missing = [runs[0].clone(), folder.path().join("x").display().to_string()];
        assert!(error(&missing).is_some_and(|error| error.contains("x: not a run")));
    }
}
