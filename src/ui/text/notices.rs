//! Notices of the trainer in both languages. English is their `Display`.

use crate::lang;
use crate::run::best_choice::{BestChoice, BestReason, LastCheckpoint, NotBest};
use crate::run::event::{CorpusSummary, ModelSummary, QualityFigure};
use crate::run::notice::{
    Diagnosis, FinishReason, NoHeldOut, Notice, RhymingLines, Rollback, listed, minutes, percent,
};
use crate::ui::text::words::{Lang, translate};

pub fn text(notice: &Notice, lang: Lang) -> String {
    match lang {
        Lang::En => notice.to_string(),
        Lang::Zh => chinese(notice),
    }
}

/// The figures of a quality check beside those of real poems.
pub fn figures(step: u64, figures: &[QualityFigure], lang: Lang) -> String {
    let figures = list_of_figures(figures, lang);
    match lang {
        Lang::En => format!("generated poems of step {step}: {figures}"),
        Lang::Zh => format!("第 {step} 步生成的诗：{figures}"),
    }
}

/// Figures with those of real poems in brackets.
pub fn list_of_figures(figures: &[QualityFigure], lang: Lang) -> String {
    let chinese = |QualityFigure { name, model, real }: &QualityFigure| {
        format!("{} {model:.3}（真诗 {real:.3}）", translate(lang, name))
    };
    match lang {
        Lang::En => figures.iter().map(QualityFigure::to_string).collect::<Vec<_>>().join(", "),
        Lang::Zh => figures.iter().map(chinese).collect::<Vec<_>>().join("，"),
    }
}

/// Where a process begins in the schedule.
pub fn schedule_of(step: u64, total_steps: u64, pretrain_steps: u64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("step {step} of {total_steps}, pretraining until step {pretrain_steps}"),
        Lang::Zh => format!("从第 {step} 步起，共 {total_steps} 步；预训练到第 {pretrain_steps} 步"),
    }
}

/// Why a process ended.
pub fn finish_reason(reason: FinishReason, lang: Lang) -> String {
    let chinese = match (lang, reason) {
        (Lang::En, reason) => return reason.to_string(),
        (Lang::Zh, FinishReason::StepsDone) => "所有训练步已完成",
        (Lang::Zh, FinishReason::TimeLimit) => "已达时间上限；用同一命令继续训练",
        (Lang::Zh, FinishReason::Stopped) => "已按要求停止；用同一命令继续训练",
    };
    chinese.to_owned()
}

fn chinese(notice: &Notice) -> String {
    match notice {
        Notice::RunMoved { path } => format!("之前的运行已移至 {path}"),
        Notice::CorpusRead { .. }
        | Notice::FilesLeftOut { .. }
        | Notice::CorpusDecoded { .. }
        | Notice::ScriptsMixed { .. }
        | Notice::PoemsLeftOut { .. } => corpus_notice(notice),
        Notice::CheckpointSkipped { reason } => format!("已跳过检查点：{}", lang::message(Lang::Zh, reason)),
        Notice::DiscriminatorReinitialised => "判别器设置已更改，其权重重新初始化".to_owned(),
        Notice::RuntimeSettingsKept { settings } => {
            format!("保留训练中更改的设置：{}", listed(settings).replace(", ", "，"))
        }
        Notice::RuntimeSettingsDropped { settings } => {
            format!("--allow-changes：放弃训练中更改的设置：{}", listed(settings).replace(", ", "，"))
        }
        Notice::RhymeLearned { .. }
        | Notice::NoRhyme
        | Notice::CoupletsLearned { .. }
        | Notice::PhrasesNotIndexed { .. }
        | Notice::ThemesLearned { .. } => learned(notice),
        Notice::ThreadsChanged { .. } | Notice::ThreadsIdle { .. } | Notice::NoBf16 | Notice::StartedFrom { .. } => {
            begun(notice)
        }
        Notice::ScheduleShortened { .. }
        | Notice::ScheduleFitted { .. }
        | Notice::TimeLimitShort { .. }
        | Notice::PretrainingEnded { .. } => schedule(notice),
        Notice::NoHeldOutLoss { reason } => format!("没有留出损失，以最新的检查点为最佳：{}", no_held_out(*reason)),
        Notice::DisplayFrozen { frozen } => (if *frozen { "画面已冻结" } else { "画面已解冻" }).to_owned(),
        Notice::SettingRefused { reason } => format!("未更改：{}", lang::message(Lang::Zh, reason)),
        Notice::RollbackRequested { rollback } => format!("按要求：{}", rolled_back(rollback)),
        Notice::Diagnosed { diagnosis, rollback, d_lr_halved } => {
            let rollback = rollback.iter().map(|rollback| format!("：{}", rolled_back(rollback)));
            let halved = d_lr_halved.then_some("；判别器学习率减半".to_owned());
            diagnosed(diagnosis) + &rollback.chain(halved).collect::<String>()
        }
        Notice::StepUndone => "出现非有限数：已撤销此步，学习率减半".to_owned(),
        Notice::CheckpointWithheld => "出现非有限数，不写检查点；之前的检查点都保留".to_owned(),
        Notice::BestChosen { choice } => best_choice(choice),
    }
}

/// How training begins or goes on.
fn begun(notice: &Notice) -> String {
    match notice {
        Notice::ThreadsChanged { before, now } => {
            format!("此运行原用 {before} 个线程训练，现用 {now} 个：权重不会与未中断的运行逐位相同")
        }
        Notice::ThreadsIdle { parts, threads } => {
            format!(
                "此运行每个小批分为 {parts} 份，{threads} 个线程中只用 {parts} 个；可用 --config 与 --allow-changes 更改 training.parts"
            )
        }
        Notice::NoBf16 => {
            "此运行原用 bfloat16 矩阵乘训练，本机处理器没有此指令，现改用 f32：权重不会与未中断的运行逐位相同"
                .to_owned()
        }
        Notice::StartedFrom { name, new_tokens, themes_kept } => {
            let axes = if *themes_kept { "保留" } else { "由本语料学得" };
            format!("生成器从 {name} 的权重开始；新词元 {new_tokens} 个；主题轴{axes}")
        }
        _ => String::new(),
    }
}

/// How the corpus was read.
fn corpus_notice(notice: &Notice) -> String {
    match notice {
        Notice::CorpusRead { layout, why, found, duplicates, left_out } => format!(
            "语料版式 {layout}（{}）：共 {found} 首，重复 {duplicates} 首，未采用 {left_out} 首；详见 `poetgan corpus`",
            lang::message(Lang::Zh, why)
        ),
        Notice::FilesLeftOut { left_out, total, problems } => {
            format!(
                "语料的 {total} 个文件中有 {left_out} 个未采用：{}；详见 `poetgan corpus`",
                lang::joined(Lang::Zh, problems)
            )
        }
        Notice::CorpusDecoded { encoding } => format!("语料按 {} 解码", encoding.replace(", ", "、")),
        Notice::ScriptsMixed { share } => {
            format!("语料繁简混杂：{} 的诗用较少的一种；可用 --script simplified 或 traditional 统一", percent(*share))
        }
        Notice::PoemsLeftOut { left_out, total } => format!(
            "{total} 首诗中有 {left_out} 首未采用：含有不在词表中的罕见词元；请降低 tokenizer.min_count 或提高 \
             tokenizer.vocab_size（--vocab-size）"
        ),
        _ => String::new(),
    }
}

/// What was learned from the corpus before training.
fn learned(notice: &Notice) -> String {
    match notice {
        Notice::RhymeLearned { accuracy, lines } => {
            let lines = lines.iter().map(rhyming_lines);
            let accuracy =
                accuracy.map(|accuracy| format!("留出诗上句末对准确率 {}（随机为 50 %）", percent(accuracy)));
            format!("押韵：{}", lines.chain(accuracy).collect::<Vec<_>>().join("；"))
        }
        Notice::NoRhyme => "押韵：语料中没有哪些行押韵多于偶然，故训练不求押韵".to_owned(),
        Notice::CoupletsLearned { accuracy } => {
            format!("对仗嵌入：换过词元的留出诗上准确率 {}（随机为 50 %）", percent(*accuracy))
        }
        Notice::PhrasesNotIndexed { phrases } => {
            format!("语料片段：{phrases} 个，超出 1 MB 索引的容量，write 无法避免抄袭，所写之诗可能有照抄之处")
        }
        Notice::ThemesLearned { axes: 0, .. } => "主题：语料太小，无主题轴；z 全为噪声".to_owned(),
        Notice::ThemesLearned { axes, correlation } => {
            format!("主题：{axes} 条轴；相邻的联或行沿第一轴相关 {correlation:.2}")
        }
        _ => String::new(),
    }
}

fn rhyming_lines(rhyming: &RhymingLines) -> String {
    let pairs = rhyming.listed().replace(", ", "、");
    if let Some(lines) = rhyming.lines {
        return format!("{lines} 行诗第 {pairs} 行");
    }
    let every = (!pairs.is_empty()).then(|| format!("每 4 行第 {pairs} 行"));
    let last =
        (!rhyming.last.is_empty()).then(|| format!("末行与其前第 {} 行", rhyming.listed_last().replace(", ", "、")));
    format!("其他诗{}", every.into_iter().chain(last).collect::<Vec<_>>().join("，"))
}

/// How the schedule differs from that of the settings.
fn schedule(notice: &Notice) -> String {
    match notice {
        Notice::ScheduleShortened { pretrain_steps, adversarial_steps, passes } => format!(
            "语料较小：预训练 {pretrain_steps} 步（通读 {passes} 遍），对抗训练 {adversarial_steps} 步；可用 \
             --pretrain-steps 和 --adversarial-steps 指定"
        ),
        Notice::ScheduleFitted { limit_s, pretrain_steps, adversarial_steps, of_pretrain, of_adversarial } => format!(
            "时间上限 {}：按完整训练（{of_pretrain} 步与 {of_adversarial} 步）的比例，计划预训练 {pretrain_steps} 步，\
             对抗训练 {adversarial_steps} 步；可用 --pretrain-steps 和 --adversarial-steps 指定",
            minutes(*limit_s)
        ),
        Notice::TimeLimitShort { limit_s, least_s } => {
            format!("时间上限 {}：不足以进行两个阶段（至少约需 {}）；到时即停", minutes(*limit_s), minutes(*least_s))
        }
        Notice::PretrainingEnded { lowest, rollback, total_steps } => format!(
            "预训练提前结束：留出损失不再低于 {lowest:.3}：{}；对抗阶段到第 {total_steps} 步为止",
            rolled_back(rollback)
        ),
        _ => String::new(),
    }
}

fn best_choice(BestChoice { step, why, last }: &BestChoice) -> String {
    let why = match why {
        BestReason::LowestLoss { loss } => format!("留出损失最低（{loss:.3}）"),
        BestReason::HighestRhyme { rhyme } => format!("押韵分最高（比不同诗的句末高 {rhyme:.2}）"),
        BestReason::Newest => "不重复、不抄袭者中最新".to_owned(),
        BestReason::NoneLater => "其后没有既合限度又同样押韵的".to_owned(),
        BestReason::EarlierProcess => "之前的进程结束时为最佳".to_owned(),
    };
    let last = last.as_ref().map(|LastCheckpoint { step, why }| {
        format!("；最后的检查点（第 {step} 步）{}；可用 --checkpoint last", not_best(*why))
    });
    format!("最佳检查点为第 {step} 步，write 即用它：{why}{}", last.unwrap_or_default())
}

fn not_best(why: NotBest) -> String {
    match why {
        NotBest::HigherLoss => "留出损失较高".to_owned(),
        NotBest::Forgetting { increase, limit } => format!("留出损失比最低高 {increase:.2}（限 {limit}）"),
        NotBest::RepeatsOrCopies => "重复或抄袭超过限度".to_owned(),
        NotBest::RhymesLess => "押韵较少".to_owned(),
    }
}

fn no_held_out(reason: NoHeldOut) -> &'static str {
    match reason {
        NoHeldOut::TooSimilar => "诗过于相似，无法留出一部分",
        NoHeldOut::NoneUsable => "每首留出诗都含有词表之外的词元，或诗体只此一首",
    }
}

/// The corpus of a run in one line.
pub fn corpus(corpus: &CorpusSummary, lang: Lang) -> String {
    if lang == Lang::En {
        return corpus.to_string();
    }
    let forms: Vec<String> = corpus.forms.iter().map(|(form, count)| format!("{form} {count}")).collect();
    let (path, training) = (&corpus.path, corpus.training());
    let CorpusSummary { held_out, left_out, .. } = corpus;
    format!("{path}：训练诗 {training} 首（{}），留出 {held_out} 首，因罕见词元未采用 {left_out} 首", forms.join("，"))
}

/// Both models of a run in one line.
pub fn model(model: &ModelSummary, lang: Lang) -> String {
    if lang == Lang::En {
        return model.to_string();
    }
    let millions = |count: usize| count as f64 / 1e6;
    let (generator, discriminator) = (millions(model.generator_parameters), millions(model.discriminator_parameters));
    let ModelSummary { generator: kind, threads, precision, ranks, .. } = model;
    let ranks = if *ranks > 1 { format!("{ranks} 个进程，每个 ") } else { String::new() };
    format!(
        "{kind} 生成器 {generator:.2} M 参数，判别器 {discriminator:.2} M，{ranks}{threads} 线程，矩阵乘用 {precision}"
    )
}

fn rolled_back(rollback: &Rollback) -> String {
    match rollback {
        Rollback::Restored { step } => format!("已回滚到第 {step} 步的权重"),
        Rollback::NoBestCheckpoint => "还没有最佳检查点".to_owned(),
        Rollback::Unreadable { reason } => format!("无法回滚：{}", lang::message(Lang::Zh, reason)),
    }
}

fn diagnosed(diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::LowDiversity { distinct_2, real } => {
            format!("生成的诗彼此重复（distinct-2 {distinct_2:.2}，真诗 {real:.2}）")
        }
        Diagnosis::Copying { share } => format!("{} 的生成诗句抄自语料", percent(*share)),
        Diagnosis::Forgetting { loss, lowest } => {
            format!("生成器正在遗忘语言（留出损失 {loss:.2}，最低 {lowest:.2}）")
        }
        Diagnosis::DiscriminatorAhead { margin } => {
            format!("判别器明显占优（D(real) - D(fake) 为 {margin:.2}）")
        }
    }
}

/// Whether a text has Chinese characters; used by tests.
#[cfg(test)]
pub fn has_chinese(text: &str) -> bool {
    text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character))
}

#[cfg(test)]
mod tests;
