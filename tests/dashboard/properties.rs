//! No events, keys or sizes cause a panic or half of a wide character.

use crossterm::event::KeyCode;
use poetgan::run::event::{
    BINS, CorpusSummary, Event, ModelSummary, Phase, QualityFigure, REACH, SamplePoem, ScoredLine, StepRecord, Turn,
};
use poetgan::run::notice::{FinishReason, Notice};
use poetgan::run::runtime_setting::RuntimeSetting;
use poetgan::ui::{
    DashboardState, Depth, Glyphs, Lang, Theme,
    control::keys::{BINDINGS, Chord},
    draw,
    model::screens::Screen,
};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};

use crate::screen::{press, text};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("春眠不觉晓".repeat(60)),
        Just("a very long line ".repeat(40)),
        Just("\u{1b}[2J\u{7}\r\n\t\0".to_owned()),
        Just("e\u{301}\u{302} が 각 한".to_owned()),
        Just("👩‍👩‍👧‍👦 🇨🇳 ❤️ ﾊﾟ 𠮷 ﷽".to_owned()),
        Just("قفا نبك من ذكرى حبيب".to_owned()),
        "\\PC{0,40}",
    ]
}

fn any_number() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => -2.0_f32..12.0,
        1 => any::<f32>(),
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0]),
    ]
}

fn any_step() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..20_000_u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn any_record() -> impl Strategy<Value = Event> {
    let losses = prop::collection::vec(prop::option::of(any_number()), 9);
    let rest = prop::collection::vec(any_number(), 4);
    (any_step(), any_step(), any::<bool>(), losses, rest).prop_map(|(step, total_steps, pretraining, losses, rest)| {
        Event::Step(StepRecord {
            step,
            phase: if pretraining { Phase::Pretraining } else { Phase::Adversarial },
            total_steps,
            progress: rest[0],
            elapsed_s: rest[1],
            eta_s: losses[0],
            tokens_per_s: rest[2],
            likelihood_loss: losses[1],
            generator_loss: losses[2],
            discriminator_loss: losses[3],
            d_real: losses[4],
            d_fake: losses[5],
            generator_grad_norm: losses[6],
            discriminator_grad_norm: losses[7],
            beta: losses[8],
            learning_rate: rest[3],
            discriminator_learning_rate: None,
            undone: pretraining,
            real_histogram: losses[0].map(|number| [number.to_bits() as u16; BINS]),
            fake_histogram: losses[1].map(|number| [number.to_bits() as u16 % 3; BINS]),
        })
    })
}

fn any_poem() -> impl Strategy<Value = SamplePoem> {
    let parts = (any_text(), any_text(), prop::option::of(any_number()), any_number(), -1_i64..2);
    let line = parts.prop_map(|(text, tones, score, attribution, more)| {
        // One attribution too few or too many must do no harm.
        let n_attributions = (text.chars().count() as i64 + more).max(0) as usize;
        let attributions = (0..n_attributions).map(|index| attribution * [1.0, -1.0, 0.1][index % 3]).collect();
        ScoredLine { text, score, attributions, tones }
    });
    let lines = prop::collection::vec(line, 0..16);
    let seed = prop_oneof![2 => 0..3_u64, 1 => any::<u64>()];
    (any_text(), seed, lines, prop::option::of(any_number())).prop_map(|(form, seed, lines, score)| {
        let nearest = lines.iter().map(|line| line.text.clone()).collect();
        // A stanza may begin anywhere, or after the last line.
        let stanzas = vec![seed as usize % 17];
        SamplePoem { form, seed, lines, score, nearest, stanzas }
    })
}

fn any_sample() -> impl Strategy<Value = Event> {
    let poems = prop::collection::vec(any_poem(), 0..8);
    (any_step(), any_number(), poems).prop_map(|(step, temperature, poems)| Event::Sample { step, temperature, poems })
}

fn any_notice() -> impl Strategy<Value = Notice> {
    prop_oneof![
        any_text().prop_map(|path| Notice::RunMoved { path }),
        any_text().prop_map(|reason| Notice::SettingRefused { reason }),
        any_number().prop_map(|accuracy| Notice::RhymeLearned { accuracy: Some(accuracy), lines: Vec::new() }),
        Just(Notice::StepUndone),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let forms = prop::collection::vec((any_text(), any_number()), 0..6);
    prop_oneof![
        12 => any_record(),
        3 => any_sample(),
        2 => (any_step(), any_number(), forms).prop_map(|(step, loss, forms)| Event::HeldOut { step, loss, forms }),
        2 => (any_step(), any_notice()).prop_map(|(step, notice)| Event::Notice { step, notice }),
        1 => (any_step(), any_text()).prop_map(|(step, path)| Event::Checkpoint { step, path, room: Some(step), best: None }),
        2 => (any_step(), any_text(), any_number(), any_number()).prop_map(|(step, name, model, real)| {
            let figure = |name: &str| QualityFigure { name: name.to_owned(), model, real };
            Event::Quality { step, form: name.clone(), figures: vec![figure("rhyme"), figure("distinct-2"), figure(&name)] }
        }),
        1 => (any_step(), any_number(), any_number()).prop_map(|(step, from, to)| Event::Changed { step, setting: RuntimeSetting::Beta, from, to }),
        1 => (any_step(), any_text()).prop_map(|(step, note)| Event::Note { step, note }),
        1 => (any_step(), any_number()).prop_map(|(step, loss)| Event::Turn { step, turn: Turn::Generator { loss } }),
        1 => (any_step(), 0..3_usize, any_poem()).prop_map(|(step, direction, poem)| {
            let poems = REACH.iter().map(|amount| (*amount, poem.clone())).collect();
            Event::Latent { step, direction, of: 3, poems, form: 0, moved: vec![(2, 1.0)], axes: Vec::new() }
        }),
        1 => any_step().prop_map(|step| Event::Paused { step }),
        1 => any_step().prop_map(|step| Event::Resumed { step }),
        1 => (any_text(), any_text(), any_text(), any_step(), any_step()).prop_map(
            |(run, path, generator, step, total_steps)| Event::Started {
                run: run.clone(),
                run_id: String::new(),
                corpus: CorpusSummary { path: path.clone(), forms: vec![(path, 7)], ..CorpusSummary::default() },
                model: ModelSummary { generator, ..ModelSummary::default() },
                step,
                total_steps,
                pretrain_steps: step,
                settings: vec![("model.width".to_owned(), run.clone()), (run, "1".to_owned())],
                runtime_settings: vec![(RuntimeSetting::Beta, 2.0)],
            }
        ),
        1 => (any_step(), any_text()).prop_map(|(step, message)| Event::Failed { step, message }),
        1 => any_step().prop_map(|step| Event::Finished { step, reason: FinishReason::TimeLimit }),
    ]
}

/// A key that is bound to something, a letter that may be typed, or one that ends what is typed.
fn any_key() -> impl Strategy<Value = KeyCode> {
    let plain = |chord: &(Chord, _)| if let (Chord::Plain(code), _) = chord { Some(*code) } else { None };
    let bound: Vec<KeyCode> = BINDINGS.iter().flat_map(|binding| binding.chords).filter_map(plain).collect();
    prop_oneof![
        6 => prop::sample::select(bound),
        1 => prop::sample::select(vec!['春', 'e', '\u{301}', 'y', '👩', ' ']).prop_map(KeyCode::Char),
        2 => prop::sample::select(vec![KeyCode::Enter, KeyCode::Esc, KeyCode::Backspace, KeyCode::Tab]),
    ]
}

/// A size of the screen, what happens there, and the keys that are pressed.
fn any_scene() -> impl Strategy<Value = ((u16, u16), Vec<Event>, Vec<KeyCode>)> {
    let size = prop_oneof![(1..=300_u16, 1..=100_u16), (1..=90_u16, 1..=30_u16)];
    let keys = prop::collection::vec(any_key(), 0..12);
    (size, prop::collection::vec(any_event(), 0..40), keys)
}

fn any_theme() -> impl Strategy<Value = Theme> {
    let depths = [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True];
    let glyphs = [Glyphs::Unicode, Glyphs::Narrow, Glyphs::Ascii];
    (prop::sample::select(depths.to_vec()), prop::sample::select(glyphs.to_vec()), any::<bool>())
        .prop_map(|(depth, glyphs, zh)| Theme { depth, glyphs, lang: if zh { Lang::Zh } else { Lang::En } })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_no_character_is_halved(
        scenes in prop::collection::vec(any_scene(), 1..4),
        theme in any_theme(),
    ) {
        let mut state = DashboardState::default();
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        for ((width, height), events, keys) in scenes {
            terminal.backend_mut().resize(width, height);
            events.into_iter().for_each(|event| state.apply(event));
            // A frame before the keys and one after: the second is written as a difference to the first.
            for keys in [Vec::new(), keys] {
                for code in keys {
                    press(&mut state, code);
                }
                state.tick(0.1);
                let mut layout = Default::default();
                let frame = terminal.draw(|frame| layout = draw(frame, &state, theme)).unwrap();
                text(frame.buffer);
                state.laid_out(layout);
            }
        }
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut state = crate::screen::state_after(crate::events::run_until(8_100, crate::events::chinese));
    let screens = Screen::ALL.map(|screen| (screen, false));
    for (screen, help) in screens.into_iter().chain([(Screen::Adversarial, true)]) {
        (state.screen, state.help) = (screen, help);
        for width in (1..=300).step_by(7).chain([39, 40, 79, 80, 119, 120, 200]) {
            for height in (1..=100).step_by(5).chain([12, 17, 18, 24, 29, 30, 33, 34, 50]) {
                crate::screen::render(&mut state, width, height);
            }
        }
    }
}

/// Kilobytes that this process holds.
#[cfg(target_os = "linux")]
#[allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_million_events_need_no_more_memory_than_a_hundred_thousand() {
    let mut state = DashboardState::default();
    let mut apply = |steps: std::ops::Range<u64>| {
        for step in steps {
            state.apply(Event::Step(crate::events::step(8_001 + step)));
            if step.is_multiple_of(500) {
                state.apply(crate::events::chinese(8_001 + step));
                state.apply(crate::events::quality(8_001 + step));
                state.apply(Event::Notice { step, notice: Notice::StepUndone });
            }
        }
        resident_kb()
    };
    let before = apply(0..100_000);
    let after = apply(100_000..1_000_000);
    // Other tests run in the same process; their screens are small.
    assert!(after < before + 40_000, "from {before} to {after} kB");
}
