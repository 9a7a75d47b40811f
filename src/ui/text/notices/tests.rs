#![cfg(test)]

use super::*;
use crate::run::runtime_setting::RuntimeSetting;

/// The next kind of notice. A new kind does not compile until it is added here.
fn after(notice: &Notice) -> Option<Notice> {
    let settings = || vec![(RuntimeSetting::Beta, 2.0)];
    Some(match notice {
        Notice::RunMoved { .. } => corpus_read(),
        Notice::CorpusRead { .. } => Notice::FilesLeftOut { left_out: 1, total: 2, problems: vec!["x".into()] },
        Notice::FilesLeftOut { .. } => Notice::CorpusDecoded { encoding: "GBK".into() },
        Notice::CorpusDecoded { .. } => Notice::ScriptsMixed { share: 0.2 },
        Notice::ScriptsMixed { .. } => Notice::CheckpointSkipped { reason: "x".into() },
        Notice::CheckpointSkipped { .. } => Notice::DiscriminatorReinitialised,
        Notice::DiscriminatorReinitialised => Notice::RuntimeSettingsKept { settings: settings() },
        Notice::RuntimeSettingsKept { .. } => Notice::RuntimeSettingsDropped { settings: settings() },
        Notice::RuntimeSettingsDropped { .. } => Notice::RhymeLearned { accuracy: Some(0.95), lines: Vec::new() },
        Notice::RhymeLearned { .. } => Notice::NoRhyme,
        Notice::NoRhyme => Notice::CoupletsLearned { accuracy: 0.9 },
        Notice::CoupletsLearned { .. } => Notice::ThemesLearned { axes: 16, correlation: 0.43 },
        Notice::ThemesLearned { .. } => Notice::PhrasesNotIndexed { phrases: 2_000_000 },
        Notice::PhrasesNotIndexed { .. } => {
            Notice::StartedFrom { name: "runs/x, step 9".into(), new_tokens: 3, themes_kept: true }
        }
        Notice::StartedFrom { .. } => Notice::ThreadsChanged { before: 4, now: 2 },
        Notice::ThreadsChanged { .. } => Notice::ThreadsIdle { parts: 2, threads: 4 },
        Notice::ThreadsIdle { .. } => Notice::NoBf16,
        Notice::NoBf16 => Notice::PoemsLeftOut { left_out: 3, total: 9 },
        Notice::PoemsLeftOut { .. } => shortened(),
        Notice::ScheduleShortened { .. } => fitted(),
        Notice::ScheduleFitted { .. } => Notice::TimeLimitShort { limit_s: 2, least_s: 30 },
        Notice::TimeLimitShort { .. } => {
            Notice::PretrainingEnded { lowest: 4.9, rollback: Rollback::Restored { step: 300 }, total_steps: 500 }
        }
        Notice::PretrainingEnded { .. } => Notice::NoHeldOutLoss { reason: NoHeldOut::TooSimilar },
        Notice::NoHeldOutLoss { .. } => Notice::DisplayFrozen { frozen: true },
        Notice::DisplayFrozen { .. } => Notice::SettingRefused { reason: "x".into() },
        Notice::SettingRefused { .. } => Notice::RollbackRequested { rollback: Rollback::Restored { step: 4 } },
        Notice::RollbackRequested { .. } => diagnosis(Diagnosis::Copying { share: 0.2 }),
        Notice::Diagnosed { .. } => Notice::StepUndone,
        Notice::StepUndone => Notice::CheckpointWithheld,
        Notice::CheckpointWithheld => best_chosen(BestReason::HighestRhyme { rhyme: 0.4 }, Some(NotBest::RhymesLess)),
        Notice::BestChosen { .. } => return None,
    })
}

fn corpus_read() -> Notice {
    let (layout, why) = ("blank-lines".into(), "x".into());
    Notice::CorpusRead { layout, why, found: 9, duplicates: 1, left_out: 1 }
}

fn shortened() -> Notice {
    Notice::ScheduleShortened { pretrain_steps: 400, adversarial_steps: 100, passes: 40 }
}

fn fitted() -> Notice {
    let (pretrain_steps, adversarial_steps) = (600, 25);
    Notice::ScheduleFitted { limit_s: 240, pretrain_steps, adversarial_steps, of_pretrain: 9000, of_adversarial: 375 }
}

fn best_chosen(why: BestReason, not_best: Option<NotBest>) -> Notice {
    let last = not_best.map(|why| LastCheckpoint { step: 1100, why });
    Notice::BestChosen { choice: BestChoice { step: 700, why, last } }
}

fn diagnosis(diagnosis: Diagnosis) -> Notice {
    Notice::Diagnosed { diagnosis, rollback: Some(Rollback::Restored { step: 9 }), d_lr_halved: true }
}

/// One of every kind.
fn examples() -> Vec<Notice> {
    std::iter::successors(Some(Notice::RunMoved { path: "runs/x".into() }), after).collect()
}

/// The other values of what notices hold.
fn variants() -> Vec<Notice> {
    let rollbacks = [Rollback::NoBestCheckpoint, Rollback::Unreadable { reason: "x".into() }];
    let diagnoses = [
        Diagnosis::LowDiversity { distinct_2: 0.5, real: 0.9 },
        Diagnosis::Forgetting { loss: 6.0, lowest: 5.0 },
        Diagnosis::DiscriminatorAhead { margin: 0.95 },
    ];
    let mut variants =
        vec![Notice::NoHeldOutLoss { reason: NoHeldOut::NoneUsable }, Notice::DisplayFrozen { frozen: false }];
    variants.push(Notice::ThemesLearned { axes: 0, correlation: 0.0 });
    variants.push(Notice::StartedFrom { name: "x".into(), new_tokens: 0, themes_kept: false });
    let reasons = [NotBest::HigherLoss, NotBest::Forgetting { increase: 0.4, limit: 0.3 }, NotBest::RepeatsOrCopies];
    variants.extend(reasons.map(|why| best_chosen(BestReason::Newest, Some(why))));
    let reasons = [BestReason::LowestLoss { loss: 4.9 }, BestReason::NoneLater, BestReason::EarlierProcess];
    variants.extend(reasons.map(|why| best_chosen(why, None)));
    variants.extend(rollbacks.map(|rollback| Notice::RollbackRequested { rollback }));
    variants.extend(diagnoses.map(diagnosis));
    variants
}

#[test]
fn every_notice_has_chinese_words() {
    // The chain could leave out a kind; serde lists them all.
    let error = serde_json::from_str::<Notice>(r#"{"kind":"?"}"#).unwrap_err().to_string();
    let n_kinds = error.split("expected one of ").nth(1).unwrap().matches(", ").count() + 1;
    assert_eq!(examples().len(), n_kinds, "{error}");
    for notice in examples().into_iter().chain(variants()) {
        assert!(has_chinese(&text(&notice, Lang::Zh)), "{notice:?}");
        assert!(text(&notice, Lang::En).is_ascii(), "{notice:?}");
    }
    for reason in [FinishReason::StepsDone, FinishReason::TimeLimit, FinishReason::Stopped] {
        assert!(has_chinese(&finish_reason(reason, Lang::Zh)), "{reason:?}");
    }
}

#[test]
fn the_best_checkpoint_is_explained() {
    let text = best_chosen(BestReason::NoneLater, Some(NotBest::Forgetting { increase: 0.41, limit: 0.3 })).to_string();
    let expected = "the best checkpoint, which write uses, is that of step 700: no later one keeps the limits and \
                    rhymes as well; the last one, of step 1100, has a held-out loss 0.41 above the lowest (limit 0.3); \
                    --checkpoint last uses it";
    assert_eq!(text, expected);
}

#[test]
fn rhyming_lines_are_told() {
    let frequent = RhymingLines { lines: Some(4), pairs: vec![(1, 3), (2, 4)], last: Vec::new() };
    let rare = RhymingLines { lines: None, pairs: vec![(1, 2)], last: vec![1] };
    let notice = Notice::RhymeLearned { accuracy: Some(0.83), lines: vec![frequent, rare] };
    assert_eq!(
        text(&notice, Lang::En),
        "rhyme: lines 1-3, 2-4 (4-line poems); lines 1-2 of every 4, the last line and 1 before it (other poems); \
         83 % pair accuracy on held-out poems (chance 50 %)"
    );
    assert_eq!(
        text(&notice, Lang::Zh),
        "押韵：4 行诗第 1-3、2-4 行；其他诗每 4 行第 1-2 行，末行与其前第 1 行；留出诗上句末对准确率 83 %（随机为 50 %）"
    );
    // As earlier versions wrote it.
    let old = serde_json::from_str(r#"{"kind":"rhyme_learned","accuracy":0.5}"#).unwrap();
    assert_eq!(Notice::RhymeLearned { accuracy: Some(0.5), lines: Vec::new() }, old);
}

#[test]
fn what_a_notice_holds_stands_in_its_words() {
    let notice = diagnosis(Diagnosis::Copying { share: 0.2 });
    assert_eq!(
        text(&notice, Lang::En),
        "20 % of the generated lines are copied: back to the weights of step 9; discriminator learning rate halved"
    );
    assert_eq!(text(&notice, Lang::Zh), "20 % 的生成诗句抄自语料：已回滚到第 9 步的权重；判别器学习率减半");
}
