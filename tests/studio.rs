//! `poetgan studio` in a pseudo-terminal, through the real binary: every key of its table, and the command that it shows.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/key_bytes.rs"]
mod key_bytes;
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "another test needs the rest")]
mod pseudo;

use std::process::Command;
use std::time::Duration;

use common::{Folder, send, until};
use crossterm::event::KeyCode;
use key_bytes::{bytes, letter};
use poetgan::ui::control::keys::Chord;
use poetgan::ui::studio::STUDIO_KEYS;
use pseudo::Terminal;

/// A studio and the keys that were pressed.
struct Studio {
    terminal: Terminal,
    pressed: Vec<Chord>,
}

impl Studio {
    fn open(words: &str) -> Studio {
        let terminal = Terminal::run(Folder::trained(), words);
        let studio = Studio { terminal, pressed: Vec::new() };
        studio.written();
        studio
    }

    /// Waits for all poems of the last request.
    fn written(&self) {
        self.terminal.until_shows("12 candidates");
    }

    fn press(&mut self, code: KeyCode) {
        self.pressed.push(Chord::Plain(code));
        self.terminal.press(&bytes(code));
    }

    /// Presses a key and waits for the screen to show `text`.
    fn shows(&mut self, code: KeyCode, text: &str) {
        self.press(code);
        self.terminal.until_shows(text);
    }

    /// Presses a key and waits for the screen not to show `text`, and for all poems.
    fn hides(&mut self, code: KeyCode, text: &str) {
        self.press(code);
        self.terminal.until(&format!("{text} is gone"), |screen| !screen.contains(text));
        self.written();
    }

    /// Presses keys one by one: each changes what is shown.
    fn changes(&mut self, codes: &[KeyCode]) {
        for code in codes {
            let before = self.still();
            self.press(*code);
            self.terminal.until(&format!("{code:?} does something"), |after| after != before);
        }
    }

    /// The screen once it has stopped changing.
    fn still(&self) -> String {
        let mut before = self.terminal.text();
        until("nothing moves", || {
            std::thread::sleep(Duration::from_millis(150));
            let now = self.terminal.text();
            (now == std::mem::replace(&mut before, now.clone())).then_some(now)
        })
    }

    /// The command of the selected poem, from the page that shows it in full.
    fn command(&mut self) -> String {
        self.shows(letter('c'), "any key closes");
        let page = self.still();
        self.terminal.press(" ");
        self.terminal.until("the page is closed", |screen| !screen.contains("any key closes"));
        page.lines().skip(2).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// What a shell prints for a command.
    fn output(&self, command: &str) -> String {
        let binary = assert_cmd::cargo::cargo_bin("poetgan");
        let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(self.terminal.folder.path(".")).env("PATH", path);
        let output = shell.env("RAYON_NUM_THREADS", "1").output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Fails unless the command of the selected poem prints the poem of the screen. Returns the command in one row.
    fn prints_the_poem(&mut self) -> String {
        let command = self.command();
        assert!(command.starts_with("poetgan write --seed "), "{command}");
        let (poem, screen) = (self.output(&command), self.still());
        let verses: Vec<&str> = poem.split(['，', '。', '\n']).filter(|verse| !verse.is_empty()).collect();
        assert!(verses.len() > 1 && verses.iter().all(|verse| screen.contains(verse)), "{command}\n{poem}\n{screen}");
        command.replace(" \\\n", " ")
    }
}

fn press_keys_of_the_form(studio: &mut Studio) {
    studio.shows(KeyCode::Enter, " form: ");
    studio.terminal.press("5x4\r");
    studio.terminal.until_shows("--form 5x4");
    studio.written();
    studio.changes(&[KeyCode::Down, letter('j'), letter('k'), KeyCode::Up]);
    studio.hides(KeyCode::Delete, "--form 5x4");
    studio.shows(letter('u'), "--form 5x4");
    studio.hides(letter('U'), "--form 5x4");
    studio.shows(letter('u'), "--form 5x4");
    studio.written();
    studio.changes(&[KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    studio.terminal.press("春\r");
    studio.terminal.until_shows("'春'");
    studio.written();
    studio.prints_the_poem();
    studio.hides(KeyCode::Backspace, "'春'");
    // The tones of the model's few characters leave little room, so the choice is only turned and taken back.
    studio.changes(&[KeyCode::Down; 7]);
    studio.shows(KeyCode::Right, "strict");
    studio.hides(KeyCode::Left, "strict");
}

fn press_keys_of_the_poem(studio: &mut Studio) {
    studio.shows(KeyCode::Tab, "> candidates");
    studio.changes(&[KeyCode::Down, KeyCode::Right, KeyCode::Left]);
    studio.shows(KeyCode::BackTab, "> constraints");
    studio.press(KeyCode::Tab);
    studio.shows(KeyCode::Enter, "> poem");
    let seed = studio.command().split(' ').nth(3).unwrap().to_owned();
    studio.shows(letter('e'), " line 1: ");
    studio.terminal.press("\x7f\x7f春月\r");
    studio.terminal.until("the edited line is locked", |screen| screen.contains(">* ") && screen.contains("春月"));
    studio.written();
    let command = studio.prints_the_poem();
    assert!(command.contains(&format!("--seed {seed} ")) && command.contains("--line '1="), "{command}");
    studio.changes(&[KeyCode::Down]);
    studio.shows(letter('l'), "line 2 is locked");
    studio.press(letter('r'));
    studio.terminal.until_shows("--line '2=");
    studio.written();
    let command = studio.prints_the_poem();
    assert!(command.contains("--line '1=") && command.contains("--line '2="), "{command}");
}

fn press_keys_of_the_axes(studio: &mut Studio) {
    studio.shows(KeyCode::Tab, "> axes");
    studio.shows(KeyCode::Right, "+0.5");
    studio.terminal.until_shows("0=+0.5");
    studio.hides(letter('0'), "+0.5");
}

fn press_keys_of_the_files(studio: &mut Studio) {
    studio.shows(letter('f'), "kept in poems-of-mine.txt");
    let command = studio.command();
    let kept = studio.terminal.folder.read("poems-of-mine.txt");
    let title = kept.lines().next().unwrap().trim_start_matches("# ").to_owned();
    assert_eq!(title, command.replace(" \\\n", " "));
    let poem = studio.output(&title);
    assert_eq!(kept, format!("# {title}\n{poem}\n"), "the title prints the poem");
    studio.shows(letter('x'), " file: candidates.txt");
    studio.terminal.press("\r");
    studio.terminal.until_shows("12 poems written to candidates.txt");
    assert_eq!(studio.terminal.folder.read("candidates.txt").matches("# poetgan write").count(), 12);
    studio.shows(letter('x'), " file: candidates.txt");
    studio.terminal.press("\r");
    studio.terminal.until_shows("exists already");
}

#[test]
fn every_key_has_a_visible_effect_and_the_command_prints_the_poem() {
    let mut studio = Studio::open("studio --seed 7 --favourites poems-of-mine.txt");
    studio.prints_the_poem();
    for (opens, closes) in [('?', KeyCode::Esc), ('h', letter('?'))] {
        studio.shows(letter(opens), "help for the studio");
        studio.press(closes);
        studio.terminal.until("the help is gone", |screen| !screen.contains("help for"));
    }
    press_keys_of_the_form(&mut studio);
    press_keys_of_the_poem(&mut studio);
    press_keys_of_the_axes(&mut studio);
    press_keys_of_the_files(&mut studio);
    for (columns, rows) in [(200, 50), (40, 12), (80, 24)] {
        studio.terminal.resize(columns, rows);
        studio.terminal.until(&format!("the screen fills {columns}x{rows}"), |screen| {
            let last = screen.lines().last().unwrap_or("");
            screen.lines().count() == usize::from(rows) && (last.contains("q quit") || last.contains("exists already"))
        });
    }
    studio.press(letter('q'));
    let screen = studio.terminal.ends_with(0);
    assert!(!screen.contains('╭'), "nothing of the screen is left:\n{screen}");
    // These two have their own test.
    let elsewhere = [Chord::Ctrl('c'), Chord::Ctrl('z')];
    for (chord, _) in STUDIO_KEYS.iter().flat_map(|row| row.chords).filter(|(chord, _)| !elsewhere.contains(chord)) {
        assert!(studio.pressed.contains(chord), "{chord:?} was not pressed");
    }
}

#[test]
fn control_z_suspends_it_and_control_c_ends_it() {
    let terminal = Terminal::run(Folder::new(), "studio --model builtin --seed 3 --form 五绝 --lang zh");
    let mut studio = Studio { terminal, pressed: Vec::new() };
    studio.terminal.until_shows("12 候选");
    let is_alternate = |studio: &Studio| studio.terminal.screen.lock().unwrap().screen().alternate_screen();
    studio.terminal.press("\u{1a}");
    until("the shell has its terminal", || (!is_alternate(&studio)).then_some(()));
    let shell = studio.terminal.shell.process_id().unwrap().to_string();
    let child = Command::new("pgrep").args(["-P", &shell]).output().unwrap();
    send(String::from_utf8(child.stdout).unwrap().trim().parse().unwrap(), "CONT");
    until("the studio is back", || is_alternate(&studio).then_some(()));
    studio.terminal.until_shows("要求");
    studio.terminal.press("\u{3}");
    studio.terminal.ends_with(0);
}

#[test]
fn constraints_of_the_built_in_model_and_what_it_does_not_know() {
    let terminal = Terminal::run(Folder::new(), "studio --model builtin --seed 3 --form 5x4");
    let mut studio = Studio { terminal, pressed: Vec::new() };
    studio.written();
    studio.changes(&[KeyCode::Down, KeyCode::Enter]);
    studio.terminal.press("秋月\r");
    studio.terminal.until_shows("--theme '秋月'");
    studio.written();
    studio.prints_the_poem();
    studio.press(KeyCode::Enter);
    studio.terminal.press("xyz\r");
    studio.terminal.until_shows("know the theme of 'xyz'");
    studio.press(letter('q'));
    studio.terminal.ends_with(0);
}

#[test]
fn without_a_terminal_it_says_so() {
    let folder = Folder::new();
    let message = "poetgan: studio: needs a terminal; poetgan write has the same options";
    assert_eq!(folder.mistake("studio"), message);
    let chinese = folder.mistake("studio --lang zh");
    assert_eq!(chinese, "poetgan: studio：需要终端；poetgan write 有相同的选项");
}
