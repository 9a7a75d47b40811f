//! The log lines.

use std::{
    io::{self, Write},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use poetgan::run::event::{Command, Event};
use poetgan::run::notice::{FinishReason, Notice};
use poetgan::ui::{self, End, Lang, PlainOptions};

use crate::events;

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn log(events: Vec<Event>, interval: Duration, colour: bool, stop: bool) -> (String, End, Receiver<Command>) {
    let (sender, receiver) = channel();
    events.into_iter().for_each(|event| sender.send(event).unwrap());
    drop(sender);
    let (commands, sent) = channel();
    let mut out = Vec::new();
    let options = PlainOptions { interval, colour, lang: Lang::En };
    let end = ui::plain(receiver, commands, &AtomicBool::new(stop), &mut out, options).unwrap();
    (String::from_utf8(out).unwrap(), end, sent)
}

fn short_run() -> Vec<Event> {
    let mut run = vec![events::started()];
    run.extend((8_001..=8_010).map(|step| Event::Step(events::step(step))));
    run.extend([events::held_out(8_010), events::chinese(8_010)]);
    run.push(Event::Notice { step: 8_010, notice: Notice::CheckpointSkipped { reason: "two\nlines".into() } });
    run.push(Event::Finished { step: 8_010, reason: FinishReason::StepsDone });
    run
}

#[test]
fn every_kind_of_event_has_its_line() {
    let (text, end, _) = log(short_run(), Duration::ZERO, false, false);
    assert_eq!(end, End::Finished);
    assert!(!text.contains('\x1b'));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("plain", text));
}

#[test]
fn an_interval_has_one_line_with_means_and_so_has_the_end() {
    let (text, ..) = log(short_run(), Duration::from_secs(3_600), false, false);
    let steps: Vec<&str> = text.lines().filter(|line| line.starts_with("step")).collect();
    assert_eq!(steps.len(), 2, "{text}");
    assert!(steps[0].contains("8001/8800") && steps[1].contains("8010/8800"));
    let values = (8_002..=8_010).map(|step| events::step(step).generator_loss.unwrap());
    let mean = values.sum::<f32>() / 9.0;
    assert!(steps[1].contains(&format!("  G {mean:.3}")), "{mean} in {}", steps[1]);
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let (text, ..) = log(short_run(), Duration::ZERO, true, false);
    assert!(text.contains("\x1b[1m") && text.contains("\x1b[0m"));
}

#[test]
fn a_signal_sends_stop() {
    let (text, end, sent) = log(short_run(), Duration::ZERO, false, true);
    assert_eq!((end, sent.try_iter().collect()), (End::Finished, vec![Command::Stop]));
    assert!(text.starts_with("stopping"), "{text}");
}

#[test]
fn a_second_signal_does_not_wait() {
    let (_sender, receiver) = channel();
    let (commands, sent) = channel();
    let stop = AtomicBool::new(true);
    // The second signal comes while the reply to the first is written.
    struct Signal<'a>(&'a AtomicBool);
    impl Write for Signal<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.store(true, Ordering::SeqCst);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let options = PlainOptions { interval: Duration::ZERO, colour: false, lang: Lang::En };
    let end = ui::plain(receiver, commands, &stop, &mut Signal(&stop), options).unwrap();
    assert_eq!((end, sent.try_iter().count()), (End::Abandoned, 1));
}
