//! The events that a page lists, in the language of the page.

use crate::run::event::Event;
use crate::run::journal;
use crate::ui::{Lang, corpus_text, finish_reason, model_text, notice_text};

/// The event in a line; `None` for those that are too many to list, or that are shown elsewhere.
pub fn event_text(event: &Event, lang: Lang) -> Option<String> {
    let is_listed = matches!(
        event,
        Event::Started { .. }
            | Event::Notice { .. }
            | Event::Changed { .. }
            | Event::Note { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Finished { .. }
            | Event::Failed { .. }
    );
    match lang {
        _ if !is_listed => None,
        Lang::En => journal::in_words(event),
        Lang::Zh => Some(format!("第 {} 步  {}", event.step(), chinese(event))),
    }
}

fn chinese(event: &Event) -> String {
    match event {
        Event::Started { corpus, model, total_steps, .. } => {
            format!("开始；{}；{}；共 {total_steps} 步", corpus_text(corpus, Lang::Zh), model_text(model, Lang::Zh))
        }
        Event::Notice { notice, .. } => notice_text(notice, Lang::Zh),
        Event::Changed { setting, from, to, .. } => format!("{} 已更改：{from} -> {to}", setting.name()),
        Event::Note { note, .. } => format!("备注：{note}"),
        Event::Paused { .. } => "已暂停".to_string(),
        Event::Resumed { .. } => "继续".to_string(),
        Event::Finished { reason, .. } => format!("结束：{}", finish_reason(*reason, Lang::Zh)),
        Event::Failed { message, .. } => format!("失败：{message}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::notice::{FinishReason, Notice};
    use crate::run::runtime_setting::RuntimeSetting;

    #[test]
    fn listed_events_are_told_in_both_languages() {
        let started = Event::Started {
            run: String::new(),
            run_id: String::new(),
            corpus: Default::default(),
            model: Default::default(),
            step: 3,
            total_steps: 9,
            pretrain_steps: 3,
            settings: Vec::new(),
            runtime_settings: Vec::new(),
        };
        let listed = [
            started,
            Event::Notice { step: 3, notice: Notice::StepUndone },
            Event::Changed { step: 3, setting: RuntimeSetting::Beta, from: 1.0, to: 2.0 },
            Event::Note { step: 3, note: "x".into() },
            Event::Paused { step: 3 },
            Event::Resumed { step: 3 },
            Event::Finished { step: 3, reason: FinishReason::StepsDone },
            Event::Failed { step: 3, message: "x".into() },
        ];
        for event in listed {
            let [english, chinese] = [Lang::En, Lang::Zh].map(|lang| event_text(&event, lang).unwrap());
            assert!(english.is_ascii() && english.starts_with("step 3  "), "{english}");
            let text = chinese.strip_prefix("第 3 步  ").unwrap();
            assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{chinese}");
        }
        let held_out = Event::HeldOut { step: 3, loss: 1.0, forms: Vec::new() };
        assert_eq!((event_text(&held_out, Lang::En), event_text(&held_out, Lang::Zh)), (None, None));
    }
}
