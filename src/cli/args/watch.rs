//! The arguments of `poetgan watch` and `poetgan replay`.

use clap::Args;

use super::ScreenArgs;
use crate::cli::values::{positive, run};

/// Show the dashboard of a run from another terminal, during or after training
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan watch                  the most recent run below runs/
  poetgan watch tang             runs/tang
  poetgan watch /mnt/runs/tang   a run directory anywhere
  poetgan watch tang quick       both on one chart, over steps or time; up to six runs

It is read-only: q leaves the dashboard, and training is unaffected. Keys that control training have no effect.")]
pub struct WatchArgs {
    /// Names (below runs/) or paths of run directories; several are compared on one chart [default: the newest]
    #[arg(value_name = "RUN", value_parser = run)]
    pub runs: Vec<String>,
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// Explain GAN training in 90 seconds, on a recorded run in the dashboard
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan tour              captions explain what the dashboard shows
  poetgan tour --lang zh    in Chinese
  poetgan tour | cat        only the captions, as text

Right, space and enter go to the next chapter, left to the previous one; p pauses, q and esc quit. Other keys as in the \
dashboard.")]
pub struct TourArgs {
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// Replay the dashboard of a run
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan replay tang               the whole run within a minute
  poetgan replay tang --speed 50    50 steps per second

p pauses and resumes, + and - change the speed, < and > jump, t advances one step; other keys as in the dashboard.")]
pub struct Replay {
    /// Name (below runs/) or path of the run directory [default: the newest]
    #[arg(value_parser = run)]
    pub run: Option<String>,
    /// Steps per second [default: the whole run within a minute]
    #[arg(long, value_name = "STEPS", value_parser = positive, allow_negative_numbers = true)]
    pub speed: Option<f32>,
    #[command(flatten)]
    pub screen: ScreenArgs,
}
