//! The screen of `poetgan studio`, from keys and answers to the screen, without a model and without a terminal.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::{AxisWords, ScoredLine};
use poetgan::ui::studio::{
    STUDIO_KEYS, StudioAnswer, StudioAxes, StudioCandidate, StudioCommand, StudioField, StudioFieldKind, StudioRequest,
    StudioSetup, StudioState, draw_studio,
};
use poetgan::ui::{Depth, Lang, Theme};
use ratatui::{Terminal, backend::TestBackend};

use crate::screen::text;

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 35), (200, 50)];

fn field(option: &str, label: &str, kind: StudioFieldKind, default: &str) -> StudioField {
    let [option, label, default] = [option, label, default].map(String::from);
    StudioField { option, label, kind, default, help: "第 N 行为此文字".to_owned() }
}

pub fn setup() -> StudioSetup {
    let words = |text: &str| text.chars().map(String::from).collect();
    let axis = |negative, positive| AxisWords { negative: words(negative), positive: words(positive) };
    let choice = StudioFieldKind::Choice(vec!["strict".to_owned()]);
    StudioSetup {
        model: "runs/tang, step 8600".to_owned(),
        fields: vec![
            field("--form", "form", StudioFieldKind::Form, ""),
            field("--theme", "theme", StudioFieldKind::Text, ""),
            field("--start", "start", StudioFieldKind::Text, ""),
            field("--acrostic", "acrostic", StudioFieldKind::Text, ""),
            field("--contain", "contain", StudioFieldKind::List, ""),
            field("--tones", "tones", choice, "off"),
            field("--no-repeat", "no repeat", StudioFieldKind::Flag, ""),
            field("--axis", "axes", StudioFieldKind::Axes, ""),
            field("--temperature", "temperature", StudioFieldKind::Text, "0.7"),
            field("--seed", "seed", StudioFieldKind::Seed, ""),
            field("--count", "candidates", StudioFieldKind::Count, "12"),
            field("--line", "line", StudioFieldKind::Lines, ""),
        ],
        texts: vec![("--seed".to_owned(), "7".to_owned())],
        axes: StudioAxes {
            words: vec![axis("月星夜", "战马旗"), axis("春花", "雪"), AxisWords::default()],
            names: [("战".to_owned(), (0, 1.0))].into(),
        },
        favourites: "poems.txt".to_owned(),
    }
}

const QUATRAIN: [&str; 4] = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"];
const VERSE: [&str; 8] = [
    "昔人已乘黄鹤去",
    "此地空余黄鹤楼",
    "黄鹤一去不复返",
    "白云千载空悠悠",
    "晴川历历汉阳树",
    "芳草萋萋鹦鹉洲",
    "日暮乡关何处是",
    "烟波江上使人愁",
];

fn candidate(seed: u64, score: f32, lines: &[&str]) -> Box<StudioCandidate> {
    let line = |(number, text): (usize, &&str)| ScoredLine {
        text: (*text).to_owned(),
        score: Some(score - 0.05 * number as f32),
        attributions: Vec::new(),
        tones: "-/?".chars().cycle().take(text.chars().count()).collect(),
    };
    let command =
        format!("poetgan write --seed {seed} --model runs/tang --checkpoint 8600 --theme 秋月 --line 2=黄河入海流");
    Box::new(StudioCandidate {
        seed,
        form: format!("{}x{}", lines[0].chars().count(), lines.len()),
        lines: lines.iter().enumerate().map(line).collect(),
        stanzas: vec![],
        text: lines.concat(),
        json: String::new(),
        score: Some(score),
        cost: Some(12.5),
        rhyme: Some(("下平声十一尤".to_owned(), vec![1, 3])),
        command: command.split(' ').map(String::from).collect(),
    })
}

/// A studio that has answers.
pub fn written() -> StudioState {
    let mut state = StudioState::new(setup());
    let number = requested(state.request()).number;
    for (seed, score, lines) in [(7, 0.31, &QUATRAIN[..]), (8, 0.74, &VERSE), (9, 0.55, &QUATRAIN)] {
        state.apply(StudioAnswer::Poem { number, poem: candidate(seed, score, lines) });
    }
    state
}

fn requested(command: StudioCommand) -> StudioRequest {
    match command {
        StudioCommand::Write(request) => request,
        other => panic!("{other:?}"),
    }
}

pub fn press(state: &mut StudioState, code: KeyCode) -> Option<StudioCommand> {
    state.on_key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn letters(state: &mut StudioState, letters: &str) -> Option<StudioCommand> {
    letters.chars().map(|letter| press(state, KeyCode::Char(letter))).last().flatten()
}

fn types(state: &mut StudioState, line: &str) -> Option<StudioCommand> {
    press(state, KeyCode::Enter);
    letters(state, line);
    press(state, KeyCode::Enter)
}

pub fn render_in(state: &mut StudioState, width: u16, height: u16, lang: Lang) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut hidden = 0;
    let theme = Theme { depth: Depth::Indexed, lang, ..Theme::COLOURLESS };
    terminal.draw(|frame| hidden = draw_studio(frame, state, theme)).unwrap();
    state.laid_out(hidden);
    text(terminal.backend().buffer())
}

fn render(state: &mut StudioState) -> String {
    render_in(state, 80, 24, Lang::En)
}

fn check(name: &str, state: &mut StudioState, lang: Lang) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (width, height) in SIZES {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), render_in(state, width, height, lang));
        }
    });
}

/// A studio with constraints, a locked line, a poem that is kept and a slider that is moved.
pub fn busy() -> StudioState {
    let mut state = written();
    state.focus = poetgan::ui::studio::StudioPane::Lines;
    letters(&mut state, "jl");
    press(&mut state, KeyCode::Tab);
    press(&mut state, KeyCode::Right);
    press(&mut state, KeyCode::Right);
    let command = state.candidates.selected().unwrap().command.clone();
    state.apply(StudioAnswer::Kept { command });
    state.message = None;
    for _ in 0..3 {
        press(&mut state, KeyCode::Tab);
    }
    state
}

#[test]
fn before_the_first_poem() {
    check("studio_empty", &mut StudioState::new(setup()), Lang::En);
}

#[test]
fn candidates_and_a_poem() {
    check("studio", &mut busy(), Lang::En);
    check("studio_chinese", &mut busy(), Lang::Zh);
}

#[test]
fn the_form_on_a_small_screen_and_a_field_that_is_typed() {
    let mut state = written();
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    letters(&mut state, "秋月");
    press(&mut state, KeyCode::Left);
    check("studio_typing", &mut state, Lang::En);
}

#[test]
fn what_cannot_be_is_told() {
    let mut state = written();
    let number = requested(letters(&mut state, "r").unwrap()).number;
    let why = "--acrostic: needs 5 lines, and 7x4 has 4; choose another --form".to_owned();
    state.apply(StudioAnswer::Refused { number, why });
    state.apply(StudioAnswer::Written { number });
    check("studio_refused", &mut state, Lang::En);
}

/// Windows has no row of Ctrl-Z.
#[cfg(unix)]
#[test]
fn the_help_lists_every_key() {
    let mut state = written();
    letters(&mut state, "?");
    check("studio_help", &mut state, Lang::En);
    let screen = render_in(&mut state, 120, 60, Lang::En);
    for row in STUDIO_KEYS {
        assert!(screen.contains(&format!("│ {}", row.label)), "{} is not in the help:\n{screen}", row.label);
    }
}

#[test]
fn the_command_is_shown_in_full() {
    let mut state = written();
    letters(&mut state, "c");
    check("studio_command", &mut state, Lang::En);
    letters(&mut state, "q");
    assert!(!state.has_quit && render(&mut state).contains("constraints"), "any key closes it");
}

#[test]
fn fields_become_requests_and_are_undone() {
    let mut state = written();
    press(&mut state, KeyCode::Down);
    let request = requested(types(&mut state, "秋月").unwrap());
    assert_eq!(request.words, ["--theme", "秋月"]);
    assert_eq!((request.seed.as_str(), request.count.as_str(), request.number), ("7", "12", 2));
    letters(&mut state, "jjjj");
    let request = requested(press(&mut state, KeyCode::Enter).unwrap());
    assert_eq!(request.words, ["--theme", "秋月", "--tones", "strict"]);
    letters(&mut state, "j");
    let request = requested(press(&mut state, KeyCode::Right).unwrap());
    assert_eq!(request.words, ["--theme", "秋月", "--tones", "strict", "--no-repeat"]);
    let words = |command: Option<StudioCommand>| requested(command.unwrap()).words.len();
    assert_eq!([letters(&mut state, "u"), letters(&mut state, "u"), letters(&mut state, "u")].map(words), [4, 2, 0]);
    assert_eq!(letters(&mut state, "u"), None);
    assert!(render(&mut state).contains("nothing to undo"));
    assert_eq!([letters(&mut state, "U"), letters(&mut state, "U")].map(words), [2, 4]);
    assert_eq!(words(press(&mut state, KeyCode::Up).or_else(|| press(&mut state, KeyCode::Delete))), 2);
    assert_eq!(letters(&mut state, "U"), None, "a change forgets what was undone");
    assert_eq!(types(&mut state, ""), requested_again(&state), "an unchanged choice turns");
}

/// The last request of a state, if it has one.
fn requested_again(state: &StudioState) -> Option<StudioCommand> {
    Some(state.clone().request()).map(|command| {
        let mut request = requested(command);
        request.number -= 1;
        StudioCommand::Write(request)
    })
}

#[test]
fn an_edited_line_is_locked_and_the_rest_is_asked_for() {
    let mut state = written();
    press(&mut state, KeyCode::Tab);
    letters(&mut state, "j");
    assert_eq!(state.candidates.selected().map(|poem| poem.seed), Some(9));
    press(&mut state, KeyCode::Enter);
    letters(&mut state, "j");
    assert_eq!(press(&mut state, KeyCode::Enter), None, "the line is edited");
    assert!(render(&mut state).contains(" line 2: 黄河入海流"), "{}", render(&mut state));
    press(&mut state, KeyCode::Backspace);
    letters(&mut state, "潮");
    let request = requested(press(&mut state, KeyCode::Enter).unwrap());
    assert_eq!(request.words, ["--form", "5x4", "--line", "2=黄河入海潮"]);
    let poem = candidate(9, 0.2, &["白日依山尽", "黄河入海潮", "欲穷千里目", "更上一层楼"]);
    state.apply(StudioAnswer::Poem { number: request.number, poem });
    state.apply(StudioAnswer::Poem { number: request.number, poem: candidate(7, 0.9, &QUATRAIN) });
    let screen = render(&mut state);
    assert!(screen.contains(">* 黄河入海潮"), "the poem stays selected, and its line is locked:\n{screen}");
    letters(&mut state, "l");
    assert!(render(&mut state).contains("line 2 is free again") && state.form.line(2).is_none());
}

#[test]
fn several_lines_of_a_poem_are_locked_before_it_is_written_anew() {
    let mut state = written();
    state.focus = poetgan::ui::studio::StudioPane::Lines;
    assert_eq!(letters(&mut state, "ljjl"), None);
    assert_eq!(state.candidates.poems().len(), 3, "the candidates stay");
    let request = requested(letters(&mut state, "r").unwrap());
    assert_eq!(request.words, ["--form", "7x8", "--line", "1=昔人已乘黄鹤去", "--line", "3=黄鹤一去不复返"]);
    assert_eq!(request.seed, "19", "after the seeds of the first twelve");
}

#[test]
fn sliders_change_the_field_of_the_axes() {
    let mut state = written();
    (0..3).for_each(|_| drop(press(&mut state, KeyCode::Tab)));
    let words = |command: Option<StudioCommand>| requested(command.unwrap()).words;
    assert_eq!(words(press(&mut state, KeyCode::Right)), ["--axis", "0=+0.5"]);
    letters(&mut state, "j");
    assert_eq!(words(press(&mut state, KeyCode::Left)), ["--axis", "0=+0.5", "--axis", "1=-0.5"]);
    assert_eq!(words(press(&mut state, KeyCode::Backspace)), ["--axis", "0=+0.5"]);
    assert_eq!(words(types(&mut state, ", 战=2")), ["--axis", "0=+0.5", "--axis", "战=2"]);
    assert!(render(&mut state).contains("+2.5"), "{}", render(&mut state));
    assert_eq!(words(letters(&mut state, "0")), Vec::<String>::new());
}

#[test]
fn poems_are_kept_and_exported() {
    let mut state = written();
    let Some(StudioCommand::Keep(poem)) = letters(&mut state, "f") else { panic!("a poem is kept") };
    assert_eq!(poem.seed, 8);
    state.apply(StudioAnswer::Kept { command: poem.command });
    assert!(render(&mut state).contains("kept in poems.txt") && render(&mut state).contains("0.74+ 8"));
    assert_eq!(letters(&mut state, "f"), None, "only once");
    assert!(render(&mut state).contains("this poem is in poems.txt already"));
    letters(&mut state, "x");
    state.on_paste("\u{1b}.new");
    let Some(StudioCommand::Export { file, poems }) = press(&mut state, KeyCode::Enter) else { panic!("no export") };
    assert_eq!((file.as_str(), poems.len(), poems[0].seed), ("candidates.txt.new", 3, 8));
    state.apply(StudioAnswer::Failed("cannot write x: no room".to_owned()));
    assert!(render(&mut state).contains("cannot write x: no room"));
}

#[test]
fn without_poems_keys_say_so_and_do_no_harm() {
    for key in ["e", "l", "f", "x", "c"] {
        let mut state = StudioState::new(setup());
        assert_eq!(letters(&mut state, key), None);
        let screen = render(&mut state);
        assert!(screen.contains("no poem yet") || screen.contains("no line yet"), "{key}: {screen}");
    }
}
