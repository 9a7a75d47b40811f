//! A pseudo-terminal with a shell in it that runs the program.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use super::common::{Folder, Journal, PATIENCE, quick, until};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A terminal with a shell in it that notes its settings, trains, and notes them again.
pub struct Terminal {
    pub folder: Folder,
    pub run: Journal,
    pub master: Box<dyn MasterPty + Send>,
    pub keyboard: Box<dyn Write + Send>,
    pub shell: Box<dyn Child + Send + Sync>,
    pub screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that was written to it.
    pub written: Arc<Mutex<Vec<u8>>>,
}

pub fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { cols: columns, rows, ..PtySize::default() }
}

impl Terminal {
    /// Trains for ever, in a terminal of 80 x 24.
    pub fn train(training: &str) -> Terminal {
        let terminal = Terminal::open(Folder::new(), training);
        terminal.until_shows("pretraining");
        terminal
    }

    pub fn open(folder: Folder, training: &str) -> Terminal {
        folder.write("long.toml", quick(training));
        Terminal::run(folder, "train poems.txt --config long.toml --steps 1000000")
    }

    /// Runs the program with these words.
    pub fn run(folder: Folder, words: &str) -> Terminal {
        Terminal::run_in(&[], folder, words)
    }

    /// As `run`, with these variables in the environment.
    pub fn run_in(environment: &[(&str, &str)], folder: Folder, words: &str) -> Terminal {
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let binary = assert_cmd::cargo::cargo_bin("poetgan");
        let script = format!(
            "stty -a > before.txt; '{}' {words}; echo \"ended with $?.\"; \
             stty -a > after.txt",
            binary.display()
        );
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", &script]);
        command.cwd(folder.path("."));
        command.env("TERM", "xterm-256color");
        command.env("RAYON_NUM_THREADS", "1");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let shell = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(24, 80, 0)));
        let written = Arc::new(Mutex::new(Vec::new()));
        let (mut output, show, keep) = (pair.master.try_clone_reader().unwrap(), screen.clone(), written.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The end of the shell is an error on some systems.
            while let Ok(n @ 1..) = output.read(&mut buffer) {
                show.lock().unwrap().process(&buffer[..n]);
                keep.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        let run = folder.journal("poems");
        Terminal { folder, run, master: pair.master, keyboard, shell, screen, written }
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub fn until_shows(&self, text: &str) {
        self.until(&format!("the screen shows '{text}'"), |screen| screen.contains(text));
    }

    /// Waits for the screen to be as wanted, and says what it was when it never is.
    pub fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !wanted(&self.text()) {
            assert!(Instant::now() < deadline, "waited in vain until {what}:\n{}", self.text());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(rows, columns);
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Whether the journal tells that a setting was changed to that value.
    pub fn has_changed(&self, setting: &str, to: f64) -> bool {
        let is_it = |event: &serde_json::Value| {
            event["setting"] == setting && event["to"].as_f64().is_some_and(|value| (value - to).abs() < 1e-6)
        };
        self.run.events().iter().any(is_it)
    }

    pub fn n_samples(&self) -> usize {
        std::fs::read_to_string(self.run.0.join("samples.jsonl")).unwrap().lines().count()
    }

    /// The process that trains.
    pub fn trainer(&self) -> u32 {
        self.folder.read("runs/poems/run.lock").lines().next().unwrap().parse().unwrap()
    }

    /// Waits for the end; everything must be as it was before. Returns what is left on the screen.
    pub fn ends_with(&mut self, code: u32) -> String {
        let line = format!("ended with {code}.");
        let is_whole = |screen: &str| screen.split("ended with ").nth(1).is_some_and(|rest| rest.contains('.'));
        self.until("the program has ended", is_whole);
        until("the shell has ended", || self.shell.try_wait().unwrap());
        assert!(self.text().contains(&line), "{}", self.text());
        let parser = self.screen.lock().unwrap();
        assert!(!parser.screen().alternate_screen(), "the alternate screen is left");
        assert!(!parser.screen().hide_cursor(), "the cursor is shown");
        drop(parser);
        let before = self.folder.read("before.txt");
        assert!(before.contains("icanon"), "{before}");
        assert_eq!(self.folder.read("after.txt"), before, "the settings are as they were");
        self.text()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Closing the terminal hangs up; a test that has failed leaves nothing behind.
        let _ = self.shell.kill();
    }
}
