//! The dashboard in a pseudo-terminal, through the real binary: keys, sizes, signals; and the terminal afterwards.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/terminal.rs"]
mod pseudo;

use common::{Folder, quick, send, until};
use portable_pty::{CommandBuilder, native_pty_system};
use pseudo::{Terminal, size};

#[test]
fn keys_do_what_they_say_and_the_terminal_comes_back() {
    let mut terminal = Terminal::train("sample_every = 1000000\ncheckpoint_every = 1000000\nheld_out_every = 1000000");
    {
        let parser = terminal.screen.lock().unwrap();
        assert!(parser.screen().alternate_screen() && parser.screen().hide_cursor());
    }
    terminal.press("p");
    terminal.until_shows("pretraining, paused");
    let step = terminal.run.last_step();

    let before = terminal.n_samples();
    terminal.press("s");
    until("samples are written", || (terminal.n_samples() > before).then_some(()));
    assert_eq!(terminal.run.checkpoints(), [0u64; 0]);
    terminal.press("c");
    until("a checkpoint is written", || terminal.run.checkpoints().contains(&step).then_some(()));
    terminal.press("+");
    until("the temperature is higher", || terminal.has_changed("temperature", 1.1).then_some(()));
    terminal.until_shows("temperature 1.1");
    terminal.press("--");
    until("the temperature is lower", || terminal.has_changed("temperature", 0.9).then_some(()));
    terminal.press("?");
    terminal.until_shows("pause and resume");
    terminal.press("?");
    terminal.until("the help is gone", |screen| !screen.contains("pause and resume"));
    assert_eq!(terminal.run.last_step(), step, "a pause is a pause");

    terminal.press("p");
    terminal.run.until_step(step + 2);
    terminal.press("q");
    let screen = terminal.ends_with(0);
    assert!(screen.contains("stopped by the user; the same command resumes the run"), "{screen}");
    assert!(!screen.contains('╭'), "nothing of the dashboard is left:\n{screen}");
}

#[test]
fn another_size_is_drawn_anew() {
    let mut terminal = Terminal::train("sample_every = 5\ncheckpoint_every = 50");
    terminal.run.until_step(60);
    terminal.press("p");
    terminal.until_shows("pretraining, paused");
    for (columns, rows) in [(200, 50), (40, 12), (120, 30), (80, 24)] {
        terminal.resize(columns, rows);
        // The keys stand in the last row, and the step at the right end of the first.
        let fits = |screen: &str| {
            let lines: Vec<&str> = screen.lines().collect();
            let is_last = |line: &&str| line.contains(" p resume");
            let width = lines.first().map_or(0, |line| line.chars().count());
            lines.len() == usize::from(rows) && lines.last().is_some_and(is_last) && width + 1 >= usize::from(columns)
        };
        terminal.until(&format!("the screen fills {columns}x{rows}"), fits);
        // A blank that was written looks like one that was not.
        let shown = |screen: &str| screen.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        let drawn = shown(&terminal.text());
        // The screen is drawn from nothing when the help closes; it must have been right before.
        terminal.press("?");
        terminal.until_shows("? closes");
        terminal.press("?");
        terminal.until(&format!("{columns}x{rows} is as before"), |screen| shown(screen) == drawn);
    }
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn one_signal_or_control_c_ends_cleanly() {
    for from_outside in [true, false] {
        let mut terminal = Terminal::train("");
        terminal.run.until_step(2);
        if from_outside {
            send(terminal.trainer(), "TERM");
        } else {
            terminal.press("\u{3}");
        }
        let screen = terminal.ends_with(0);
        assert!(screen.contains("stopped by the user"), "{screen}");
        assert_eq!(terminal.run.checkpoints().last(), Some(&terminal.run.last_step()));
    }
}

#[test]
fn the_second_time_ends_at_once_and_gives_the_terminal_back() {
    for from_outside in [true, false] {
        let folder = Folder::new();
        common::hang_while_saving(&folder, "poems");
        let mut terminal = Terminal::open(folder, "checkpoint_every = 10");
        until("the training hangs", || terminal.run.checkpoints().contains(&10).then_some(()));
        // Before that a Ctrl-C would reach the shell as well.
        terminal.until_shows("p pause");
        for last in [false, true] {
            if from_outside {
                send(terminal.trainer(), "TERM");
            } else {
                terminal.press("\u{3}");
            }
            if !last {
                terminal.until_shows("stopping");
            }
        }
        terminal.ends_with(130);
    }
}

#[test]
fn a_failure_is_reported_when_the_terminal_is_restored() {
    let mut terminal = Terminal::open(Folder::new(), "learning_rate = 1e30");
    let screen = terminal.ends_with(2);
    assert_eq!(screen.matches("poetgan: runs/poems: 8 steps in a row").count(), 1, "{screen}");
}

/// A folder with a run of a few steps of pretraining and adversarial training that has ended.
fn ended_run() -> Folder {
    let folder = Folder::new();
    folder.write("short.toml", quick("held_out_every = 10\nsample_every = 5"));
    folder.done("train poems.txt --config short.toml --pretrain-steps 30 --adversarial-steps 30 --plain");
    folder
}

#[test]
fn control_z_gives_the_terminal_to_the_shell_and_takes_it_again() {
    let mut terminal = Terminal::train("checkpoint_every = 50");
    terminal.run.until_step(2);
    let is_alternate = |terminal: &Terminal| terminal.screen.lock().unwrap().screen().alternate_screen();
    for from_outside in [false, true] {
        if from_outside {
            send(terminal.trainer(), "TSTP");
        } else {
            terminal.press("\u{1a}");
        }
        until("the shell has its terminal", || (!is_alternate(&terminal)).then_some(()));
        let step = terminal.run.last_step();
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(terminal.run.last_step() <= step + 1, "the whole process has stopped");
        send(terminal.trainer(), "CONT");
        until("the dashboard is back", || is_alternate(&terminal).then_some(()));
        terminal.until_shows("pretraining");
        terminal.run.until_step(step + 3);
    }
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn a_storm_of_sizes_does_no_harm() {
    let mut terminal = Terminal::train("sample_every = 2");
    *terminal.screen.lock().unwrap() = vt100::Parser::new(80, 260, 0);
    let mut number = 12_345_u32;
    for _ in 0..500 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (columns, rows) = (1 + (number >> 8) as u16 % 250, 1 + (number >> 20) as u16 % 70);
        terminal.master.resize(size(columns, rows)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    // The parser of the test cannot follow such a storm: it would halve characters. A fresh one sees what is drawn then.
    *terminal.screen.lock().unwrap() = vt100::Parser::new(24, 80, 0);
    terminal.resize(81, 24);
    terminal.resize(80, 24);
    terminal.until("the screen fills 80x24 again", |screen| {
        screen.lines().count() == 24 && screen.contains(" 1 Adversarial 2 Samples")
    });
    let step = terminal.run.last_step();
    terminal.run.until_step(step + 2);
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn a_run_is_watched_read_only() {
    let folder = ended_run();
    let journal = folder.read("runs/poems/metrics.jsonl");
    let mut terminal = Terminal::run(folder, "watch poems");
    terminal.until_shows("finished");
    for (key, shown) in [("2", "1 of"), ("3", "likelihood loss"), ("4", "200 generated poems"), ("6", "settings")] {
        terminal.press(key);
        terminal.until_shows(shown);
    }
    terminal.press("s");
    terminal.until_shows("read-only: ");
    terminal.press("q");
    terminal.ends_with(0);
    assert_eq!(terminal.folder.read("runs/poems/metrics.jsonl"), journal);
}

#[test]
fn runs_are_watched_on_one_chart() {
    let folder = ended_run();
    std::fs::create_dir_all(folder.path("runs/other")).unwrap();
    folder.write("runs/other/metrics.jsonl", folder.read("runs/poems/metrics.jsonl"));
    assert!(folder.mistake("watch poems nobody").contains("runs/nobody: not a run"));
    assert!(folder.mistake("watch poems ./runs/poems").contains("named twice"));
    let mut terminal = Terminal::run(folder, "watch poems other");
    for shown in ["A poems", "B other", "likelihood loss", "over steps"] {
        terminal.until_shows(shown);
    }
    terminal.press("t");
    terminal.until_shows("over training time");
    let journal = terminal.folder.read("runs/other/metrics.jsonl");
    let last = journal.lines().rev().find(|line| line.starts_with("{\"event\":\"step\",\"step\":60,")).unwrap();
    let later = last.replace("\"step\":60,", "\"step\":61,");
    terminal.folder.write("runs/other/metrics.jsonl", format!("{journal}{later}\n"));
    let is_shown = |screen: &str| screen.lines().any(|line| line.contains("B other") && line.contains(" 61 "));
    terminal.until("the new step is shown", is_shown);
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn the_tour_is_turned_by_keys_and_ends_with_commands() {
    let mut terminal = Terminal::run(Folder::new(), "tour --lang en");
    terminal.until_shows("tour 1/11");
    terminal.press("p");
    terminal.until_shows("p play");
    for (key, shown) in [("\u{1b}[C", "tour 2/11"), (" ", "tour 3/11"), ("\r", "tour 4/11"), ("\u{1b}[D", "tour 3/11")]
    {
        terminal.press(key);
        terminal.until_shows(shown);
    }
    terminal.press("\u{1b}");
    let screen = terminal.ends_with(0);
    assert!(screen.contains("poetgan write --seed 42") && screen.contains("poetgan explore"), "{screen}");
}

#[test]
fn a_terminal_is_told_that_the_newest_run_writes() {
    for (flags, told) in [
        ("", "model: runs/poems, step 20, seed 5 (the newest run; or --model builtin)\n"),
        ("--lang zh", "模型：runs/poems，第 20 步，种子 5（最新的运行；也可用 --model builtin）\n"),
        ("--model poems", "model: runs/poems, step 20, seed 5\n"),
    ] {
        let mut terminal = Terminal::run(Folder::trained(), &format!("write --seed 5 --vertical {flags}"));
        let screen = terminal.ends_with(0);
        assert!(screen.contains(told) && screen.contains('\u{3000}'), "{screen}");
    }
}

#[test]
fn a_run_that_trains_is_watched_live() {
    let folder = Folder::new();
    folder.write("long.toml", quick(""));
    let mut trainer = folder.start("train poems.txt --config long.toml --steps 1000000 --plain");
    let journal = folder.journal("poems");
    journal.until_step(3);
    let mut terminal = Terminal::run(folder, "watch poems");
    terminal.until_shows("pretraining");
    let step = journal.last_step();
    journal.until_step(step + 5);
    let shows_later = |screen: &str| {
        let shown = screen.split("step ").nth(1).and_then(|rest| rest.trim_start().split(' ').next());
        shown.and_then(|shown| shown.replace(',', "").parse::<u64>().ok()).is_some_and(|shown| shown > step)
    };
    terminal.until("the steps go on", shows_later);
    terminal.press("q");
    terminal.ends_with(0);
    assert!(!trainer.has_ended(), "the training goes on without a watcher");
    trainer.send("KILL");
    trainer.wait();
    let mut terminal = Terminal::run(std::mem::replace(&mut terminal.folder, Folder::new()), "watch poems");
    terminal.until_shows("pretraining, no process is training");
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn a_run_is_played_back() {
    let mut terminal = Terminal::run(ended_run(), "replay poems --speed 5");
    terminal.until_shows("> 5.0 steps/s");
    terminal.until_shows("pretraining");
    terminal.press("p");
    terminal.until_shows("= 5.0 steps/s");
    terminal.press("+");
    terminal.until_shows("= 10 steps/s");
    for _ in 0..20 {
        terminal.press(">");
    }
    terminal.until_shows("finished");
    for _ in 0..20 {
        terminal.press("<");
    }
    terminal.until("it is at its beginning", |screen| !screen.contains("finished"));
    terminal.press("q");
    terminal.ends_with(0);
}

#[test]
fn a_terminal_gets_the_colours_that_it_knows_and_those_that_are_asked_for() {
    for (environment, words, sixteen, indexed) in [
        (&[("TERM", "linux")][..], "", true, false),
        (&[("TERM", "xterm-256color")], "", false, true),
        (&[("TERM", "vt100")], "", false, false),
        (&[("NO_COLOR", "1")], "", false, false),
        (&[("NO_COLOR", "1")], "--color 256", false, true),
        (&[("NO_COLOR", "1")], "--color 16", true, false),
    ] {
        let mut terminal = Terminal::run_in(environment, ended_run(), &format!("watch poems {words}"));
        terminal.until_shows("finished");
        terminal.press("q");
        terminal.ends_with(0);
        let written = String::from_utf8_lossy(&terminal.written.lock().unwrap()).into_owned();
        let has = |begin: &str| written.contains(&format!("\x1b[{begin}"));
        assert_eq!((has("31;"), has("38;5;")), (sixteen, indexed), "{environment:?} {words}");
        assert!(has("1m"), "{environment:?} {words}: what is strong is strong");
    }
}

#[test]
fn a_journal_that_tells_of_nothing_is_a_mistake_in_one_line() {
    for (words, journal) in [("watch x", ""), ("replay x", ""), ("replay x", "no event\n{}\n")] {
        let folder = Folder::new();
        std::fs::create_dir_all(folder.path("runs/x")).unwrap();
        folder.write("runs/x/metrics.jsonl", journal);
        let screen = Terminal::run(folder, words).ends_with(2);
        let told = "poetgan: runs/x/metrics.jsonl: the journal has no readable events";
        assert!(screen.replace('\n', "").contains(told), "{screen}");
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_training_cleanly() {
    let folder = Folder::new();
    folder.write("long.toml", quick(""));
    let pair = native_pty_system().openpty(size(80, 24)).unwrap();
    let mut command = CommandBuilder::new(assert_cmd::cargo::cargo_bin("poetgan"));
    command.args("train poems.txt --config long.toml --steps 1000000".split(' '));
    command.cwd(folder.path("."));
    command.env("TERM", "xterm-256color");
    let mut trainer = pair.slave.spawn_command(command).unwrap();
    let (mut output, keyboard) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
    let (journal, mut buffer) = (folder.journal("poems"), [0; 4096]);
    while journal.0.join("metrics.jsonl").metadata().map_or(0, |file| file.len()) < 2_000 {
        assert!(output.read(&mut buffer).unwrap() > 0);
    }
    drop((output, keyboard, pair));
    until("the training has ended", || trainer.try_wait().unwrap());
    assert_eq!(journal.checkpoints().last(), Some(&journal.last_step()), "it ended with a checkpoint");
}

#[test]
fn a_run_that_is_continued_shows_its_past() {
    let folder = Folder::new();
    folder.write("long.toml", quick("sample_every = 5"));
    let mut first = folder.start("train poems.txt --config long.toml --steps 1000000 --plain");
    let journal = folder.journal("poems");
    journal.until_step(20);
    first.send("TERM");
    first.wait();
    let step = journal.last_step();
    let mut terminal = Terminal::run(folder, "train poems.txt");
    terminal.until_shows("pretraining");
    terminal.press("3");
    terminal.until_shows("\u{2570} 1 \u{2500}");
    terminal.run.until_step(step + 2);
    terminal.press("q");
    terminal.ends_with(0);
}
