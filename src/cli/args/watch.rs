//! The arguments of `poetgan watch` and `poetgan replay`.

use clap::Args;

use super::Look;
use crate::cli::values::{positive, run};

/// Watch a run from another terminal, while it trains or afterwards
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan watch                  the run below runs/ that was written to last
  poetgan watch tang             runs/tang
  poetgan watch /mnt/runs/tang   any folder of a run

It reads the journal only: leave with q as often as you like, the training goes on. Keys that would ask the training for
something do nothing here.")]
pub struct Watch {
    /// Name (below runs/) or path of the run directory [default: the newest]
    #[arg(value_parser = run)]
    pub run: Option<String>,
    #[command(flatten)]
    pub look: Look,
}

/// Play a run back
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan replay tang               the whole of runs/tang within a minute
  poetgan replay tang --speed 50    50 steps a second

p stops and goes on, + and - change the speed, < and > jump, t goes on by one step; everything else as in the dashboard.")]
pub struct Replay {
    /// Name (below runs/) or path of the run directory [default: the newest]
    #[arg(value_parser = run)]
    pub run: Option<String>,
    /// Steps a second [default: so many that the run takes a minute]
    #[arg(long, value_name = "STEPS", value_parser = positive, allow_negative_numbers = true)]
    pub speed: Option<f32>,
    #[command(flatten)]
    pub look: Look,
}
