//! Event lists as a trainer would send them, with fixed noise.

use poetgan::run::event::{
    AxisWords, BINS, CorpusSummary, Event, Histogram, ModelSummary, Phase, QualityFigure, REACH, SamplePoem,
    ScoredLine, StepRecord,
};
use poetgan::run::runtime_setting::RuntimeSetting;

pub const PRETRAIN_STEPS: u64 = 8_000;
pub const TOTAL_STEPS: u64 = 8_800;

const QUATRAINS: [[&str; 4]; 6] = [
    ["朝辞白帝彩云间", "千里江陵一日还", "两岸猿声啼不住", "轻舟已过万重山"],
    ["故人西辞黄鹤楼", "烟花三月下扬州", "孤帆远影碧空尽", "唯见长江天际流"],
    ["月落乌啼霜满天", "江枫渔火对愁眠", "姑苏城外寒山寺", "夜半钟声到客船"],
    ["独在异乡为异客", "每逢佳节倍思亲", "遥知兄弟登高处", "遍插茱萸少一人"],
    ["秦时明月汉时关", "万里长征人未还", "但使龙城飞将在", "不教胡马度阴山"],
    ["葡萄美酒夜光杯", "欲饮琵琶马上催", "醉卧沙场君莫笑", "古来征战几人回"],
];

/// The ends of some axes, the negative one first.
const AXES: [(&str, &str); 4] =
    [("艳妆帘粉窗", "战虏兵军"), ("禅僧寺钟", "侯朝官印"), ("舟江帆浦", "马骑鞍"), ("酒醉歌", "药丹仙")];

pub const SONNET: [&str; 14] = [
    "Shall I compare thee to a summer\u{2019}s day?",
    "Thou art more lovely and more temperate:",
    "Rough winds do shake the darling buds of May,",
    "And summer\u{2019}s lease hath all too short a date:",
    "Sometime too hot the eye of heaven shines,",
    "And often is his gold complexion dimmed,",
    "And every fair from fair sometime declines,",
    "By chance, or nature\u{2019}s changing course untrimmed:",
    "But thy eternal summer shall not fade,",
    "Nor lose possession of that fair thou ow\u{2019}st,",
    "Nor shall death brag thou wander\u{2019}st in his shade,",
    "When in eternal lines to time thou grow\u{2019}st,",
    "So long as men can breathe, or eyes can see,",
    "So long lives this, and this gives life to thee.",
];

pub fn started() -> Event {
    Event::Started {
        run: "runs/tang".into(),
        run_id: String::new(),
        corpus: CorpusSummary {
            path: "corpora/tang.txt".into(),
            forms: [("5x4", 1_903), ("7x4", 7_126), ("5x8", 12_241), ("7x8", 4_866)]
                .map(|(form, count)| (form.to_owned(), count))
                .to_vec(),
            held_out: 1_842,
            left_out: 96,
        },
        model: ModelSummary {
            generator: "transformer".into(),
            generator_parameters: 4_500_000,
            discriminator_parameters: 1_200_000,
            threads: 2,
            ranks: 1,
            precision: Default::default(),
        },
        step: 0,
        total_steps: TOTAL_STEPS,
        pretrain_steps: PRETRAIN_STEPS,
        settings: [
            ("model.generator", "\"transformer\""),
            ("model.width", "256"),
            ("training.seed", "0"),
            ("training.n_critic", "2"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec(),
        runtime_settings: vec![(RuntimeSetting::NCritic, 2.0)],
    }
}

/// Between -1 and 1, the same for the same step and number on every machine.
fn noise(step: u64, number: u64) -> f32 {
    let mixed = (step * 31 + number * 17 + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    mixed as f32 / (1_u64 << 23) as f32 - 1.0
}

/// 64 poems around a mean probability.
fn histogram(mean: f32) -> Histogram {
    std::array::from_fn(|bin| {
        let distance = (bin as f32 + 0.5) / BINS as f32 - mean;
        (12.0 * (-distance * distance / 0.03).exp()) as u16
    })
}

/// A quality check; the figures improve.
pub fn quality(step: u64) -> Event {
    let learned = 1.0 - 1.0 / (1.0 + step as f32 / 800.0);
    let figure = |name: &str, model: f32, real: f32| QualityFigure { name: name.to_owned(), model, real };
    let figures = vec![
        figure("rhyme", 0.85 * learned + 0.02 * noise(step, 7), 0.82),
        figure("distinct-2", 0.98 - 0.2 * learned, 0.86),
        figure("copied", 0.0, 0.005),
        figure("coherence", 0.5 + 0.12 * learned, 0.72),
        figure("rhyme twice", 0.3 - 0.05 * learned, 0.01),
        figure("char twice", 0.85, 0.29),
    ];
    Event::Quality { step, form: "7x4".to_owned(), figures }
}

pub fn step(step: u64) -> StepRecord {
    let is_adversarial = step > PRETRAIN_STEPS;
    let progress = step.saturating_sub(PRETRAIN_STEPS) as f32 / 800.0;
    let fall = 1.0 / (1.0 + step as f32 / 400.0);
    StepRecord {
        step,
        phase: if is_adversarial { Phase::Adversarial } else { Phase::Pretraining },
        total_steps: TOTAL_STEPS,
        progress: step as f32 / TOTAL_STEPS as f32,
        elapsed_s: step as f32 * 0.3,
        eta_s: Some((TOTAL_STEPS - step) as f32 * 0.3),
        tokens_per_s: 8_500.0 + 400.0 * noise(step, 0),
        likelihood_loss: Some(4.8 + 3.6 * fall + 0.2 * noise(step, 1)),
        generator_loss: is_adversarial.then(|| 0.9 + 0.4 * progress + 0.2 * noise(step, 2)),
        discriminator_loss: is_adversarial.then(|| 1.38 - 0.2 * progress + 0.15 * noise(step, 3)),
        d_real: is_adversarial.then(|| 0.5 + 0.2 * progress + 0.05 * noise(step, 4)),
        d_fake: is_adversarial.then(|| 0.5 - 0.2 * progress + 0.05 * noise(step, 5)),
        generator_grad_norm: Some(0.6 + 2.0 * fall + 0.1 * noise(step, 6)),
        discriminator_grad_norm: is_adversarial.then_some(1.0),
        beta: is_adversarial.then_some(1.0),
        learning_rate: if is_adversarial { 1e-4 } else { 1e-3 },
        discriminator_learning_rate: is_adversarial.then_some(1e-3),
        undone: false,
        real_histogram: is_adversarial.then(|| histogram(0.5 + 0.2 * progress)),
        fake_histogram: is_adversarial.then(|| histogram(0.5 - 0.2 * progress)),
    }
}

pub fn held_out(step: u64) -> Event {
    let loss = 4.9 + 2.0 / (1.0 + step as f32 / 400.0);
    let forms = [("5x4", -0.10), ("7x4", -0.05), ("5x8", 0.05), ("7x8", 0.10)];
    Event::HeldOut { step, loss, forms: forms.map(|(form, offset)| (form.to_owned(), loss + offset)).to_vec() }
}

/// The attributions of a line, if it has a score.
fn attributions(text: &str, has_score: bool, seed: u64) -> Vec<f32> {
    let n_characters = if has_score { text.chars().count() as u64 } else { 0 };
    (0..n_characters).map(|place| 0.5 * noise(seed, 20 + place)).collect()
}

fn poem(form: &str, seed: u64, lines: &[&str], score: Option<f32>) -> SamplePoem {
    let line_score = |index: usize| score.map(|score| (score + 0.4 * noise(seed, index as u64)).clamp(0.0, 1.0));
    let scored = |(index, text): (usize, &&str)| ScoredLine {
        text: (*text).to_owned(),
        score: line_score(index),
        attributions: attributions(text, score.is_some(), seed + index as u64),
        tones: if text.is_ascii() || text.contains(' ') { String::new() } else { "-/-/-/-".to_owned() },
    };
    SamplePoem {
        form: form.into(),
        seed,
        lines: lines.iter().enumerate().map(scored).collect(),
        score,
        nearest: lines.iter().map(|line| (*line).to_owned()).collect(),
        stanzas: Vec::new(),
    }
}

pub fn chinese(step: u64) -> Event {
    let score = |seed: u64| (step > PRETRAIN_STEPS).then(|| 0.5 + 0.3 * noise(seed, 9));
    let poems = (42..).zip(&QUATRAINS).map(|(seed, lines)| poem("7x4", seed, lines, score(seed))).collect();
    Event::Sample { step, temperature: 1.0, poems }
}

/// The poem of seed 1 along a direction: the further from the middle, the more of its lines are those of another poem.
pub fn latent(step: u64) -> Event {
    let at = |(place, amount): (usize, &f32)| {
        let n_others = place.abs_diff(REACH.len() / 2);
        let line = |index: usize| QUATRAINS[usize::from(index < n_others)][index];
        (*amount, poem("7x4", 1, &[0, 1, 2, 3].map(line), None))
    };
    let axes = AXES.map(|(negative, positive)| {
        let [negative, positive] = [negative, positive].map(|end| end.chars().map(String::from).collect());
        AxisWords { positive, negative }
    });
    let poems = REACH.iter().enumerate().map(at).collect();
    Event::Latent { step, direction: 0, of: 32, poems, form: 0, moved: Vec::new(), axes: axes.to_vec() }
}

pub fn english(step: u64) -> Event {
    let score = (step > PRETRAIN_STEPS).then_some(0.55);
    let poems = (42..45).map(|seed| poem("lines:14", seed, &SONNET, score)).collect();
    Event::Sample { step, temperature: 0.8, poems }
}

/// The events of a run up to `last`, with `samples` every 500 steps.
pub fn run_until(last: u64, samples: fn(u64) -> Event) -> Vec<Event> {
    let mut events = vec![started()];
    for number in 1..=last {
        events.push(Event::Step(step(number)));
        if number % 250 == 0 {
            events.push(held_out(number));
            events.push(quality(number));
        }
        if number % 500 == 0 {
            events.push(samples(number));
            events.push(Event::Checkpoint {
                step: number,
                path: format!("runs/tang/checkpoints/step-{number:08}"),
                room: Some(900),
                best: Some(number),
            });
        }
    }
    events
}
