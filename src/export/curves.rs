//! The section of the curves.

use anyhow::Result;

use super::chart::{PageChart, PageLine};
use super::html::{about, either};
use super::report::{LatestQuality, RunReport};
use crate::ui::{Curves, Lang, MetricCurve, translate};

/// The charts of a run; empty without a value.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn curves(report: &RunReport) -> Result<String> {
    let boundary = report.started.as_ref().map(|started| started.pretrain_steps);
    let charts = charts(&report.curves, report.quality.as_ref(), report.lang);
    let charts = charts.iter().map(|chart| chart.html(boundary)).collect::<Result<String>>()?;
    if charts.is_empty() {
        return Ok(charts);
    }
    let told = either(
        report.lang,
        "Over the steps of training. Lines are means over the steps of a point, bands their extremes. Numbers are the \
         latest values, smoothed for curves with a value at every step. The dotted line is the start of adversarial \
         training.",
        "横轴为训练步。线为一点所含各步的平均值，色带为其极值。数字为最新值；每步都有值的曲线取平滑值。竖虚线为对抗训练开始之处。",
    );
    Ok(format!("{}<div class=\"charts\">\n{charts}</div>\n", about(told)))
}

fn charts<'a>(curves: &'a Curves, quality: Option<&'a LatestQuality>, lang: Lang) -> Vec<PageChart<'a>> {
    let pair = |title, one: (&'a str, &'a MetricCurve), two: (&'a str, &'a MetricCurve)| PageChart {
        title,
        lines: [one, two].map(|(name, curve)| PageLine { name, curve }).into(),
        level: None,
    };
    let [generator, discriminator] = [either(lang, "generator", "生成器"), either(lang, "discriminator", "判别器")];
    let mut charts = vec![
        pair(
            either(lang, "Likelihood loss, nats per token", "似然损失（奈特每词元）"),
            (either(lang, "training", "训练"), &curves.likelihood),
            (either(lang, "held out", "留出"), &curves.held_out),
        ),
        pair(
            either(lang, "Adversarial losses", "对抗损失"),
            (generator, &curves.generator),
            (discriminator, &curves.discriminator),
        ),
        pair(
            either(lang, "D's probability of being real", "D 判为真的概率"),
            ("D(real)", &curves.d_real),
            ("D(fake)", &curves.d_fake),
        ),
        pair(
            either(lang, "Gradient norms", "梯度范数"),
            (generator, &curves.generator_gradient),
            (discriminator, &curves.discriminator_gradient),
        ),
    ];
    let poems = [either(lang, "generated poems", "生成的诗"), either(lang, "real poems", "真诗")];
    charts.extend(curves.quality.iter().map(|(name, curve)| {
        let real = quality.and_then(|quality| quality.figures.iter().find(|figure| figure.name == *name));
        let level = real.map(|figure| (poems[1], f64::from(figure.real)));
        PageChart { title: translate(lang, name), lines: vec![PageLine { name: poems[0], curve }], level }
    }));
    charts
}
