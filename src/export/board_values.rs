//! Values of TensorBoard's summaries as protocol buffers: scalars, texts, histograms and hyperparameters
//! (tensorflow/core/framework/summary.proto, tensorboard/plugins/hparams/plugin_data.proto).

use super::record::Message;
use crate::run::event::{BINS, Histogram};

/// `DT_STRING` of TensorFlow's types.
const STRING: u64 = 7;
/// `DATA_CLASS_TENSOR`: the kind of summary that texts are.
const TENSOR: u64 = 2;

/// Counts of values between edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// Of the first bucket.
    left: f64,
    /// Right edge and count of each.
    buckets: Vec<(f64, f64)>,
    sum: f64,
    sum_squares: f64,
}

/// A summary of numbers with their names.
pub fn scalars(values: impl Iterator<Item = (String, f32)>) -> Message {
    values.fold(Message::default(), |summary, (tag, value)| {
        summary.message(1, &Message::default().text(1, &tag).float(2, value))
    })
}

/// A text as the value of a summary: a tensor of one string, for the plugin that shows texts.
pub fn text_value(tag: &str, text: &str) -> Message {
    let plugin = Message::default().text(1, "text");
    let metadata = Message::default().message(1, &plugin).int(4, TENSOR);
    let tensor = Message::default().int(1, STRING).message(2, &Message::default()).text(8, text);
    Message::default().text(1, tag).message(9, &metadata).message(8, &tensor)
}

/// A `HistogramProto` as the value of a summary.
pub fn histogram_value(tag: &str, histogram: &Buckets) -> Message {
    let Buckets { left, buckets, sum, sum_squares } = histogram;
    let (limits, counts): (Vec<f64>, Vec<f64>) = buckets.iter().copied().unzip();
    let right = limits.last().copied().unwrap_or(*left);
    let proto = Message::default()
        .double(1, *left)
        .double(2, right)
        .double(3, counts.iter().sum())
        .double(4, *sum)
        .double(5, *sum_squares)
        .doubles(6, &limits)
        .doubles(7, &counts);
    Message::default().text(1, tag).message(5, &proto)
}

/// The settings of a run as hyperparameters: the start of a session of that plugin, at `begun` seconds since 1970.
pub fn hparams_value(settings: &[(String, String)], begun: i64) -> Message {
    let entry = |start: Message, (key, value): &(String, String)| {
        start.message(1, &Message::default().text(1, key).message(2, &hparam(value)))
    };
    let start = settings.iter().fold(Message::default(), entry).double(5, begun as f64);
    let content = Message::default().int(1, 0).message(3, &start);
    let plugin = Message::default().text(1, "hparams").message(2, &content);
    let metadata = Message::default().message(1, &plugin);
    Message::default().text(1, "_hparams_/session_start_info").message(9, &metadata)
}

/// A value of TOML as `google.protobuf.Value`.
fn hparam(value: &str) -> Message {
    match (value.parse::<f64>(), value.parse::<bool>()) {
        (Ok(number), _) => Message::default().double(2, number),
        (_, Ok(truth)) => Message::default().int(4, truth.into()),
        _ => Message::default().text(3, value.trim_matches('"')),
    }
}

impl Buckets {
    /// The discriminator's scores; the sums are those of the middles of the bins, since the scores themselves are not in the
    /// journal. `None` without scores.
    pub fn of_scores(histogram: &Histogram) -> Option<Buckets> {
        let edge = |bin: usize| bin as f64 / BINS as f64;
        let counted = |bin: &usize| histogram[*bin] > 0;
        let (first, last) = ((0..BINS).find(counted)?, (0..BINS).rfind(counted)?);
        let bins = || (first..=last).map(|bin| (bin, f64::from(histogram[bin])));
        let middle = |bin: usize| (edge(bin) + edge(bin + 1)) / 2.0;
        Some(Buckets {
            left: edge(first),
            buckets: bins().map(|(bin, count)| (edge(bin + 1), count)).collect(),
            sum: bins().map(|(bin, count)| count * middle(bin)).sum(),
            sum_squares: bins().map(|(bin, count)| count * middle(bin).powi(2)).sum(),
        })
    }

    /// Whole numbers, each in the middle of a bucket. `None` without any.
    pub fn of_counts(numbers: &[usize]) -> Option<Buckets> {
        let (first, last) = (*numbers.iter().min()?, *numbers.iter().max()?);
        let count = |number: usize| numbers.iter().filter(|other| **other == number).count() as f64;
        Some(Buckets {
            left: first as f64 - 0.5,
            buckets: (first..=last).map(|number| (number as f64 + 0.5, count(number))).collect(),
            sum: numbers.iter().sum::<usize>() as f64,
            sum_squares: numbers.iter().map(|number| (number * number) as f64).sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_counted_between_the_bins_that_have_any() {
        let mut histogram = [0; BINS];
        (histogram[4], histogram[6]) = (3, 1);
        let found = Buckets::of_scores(&histogram).unwrap();
        assert_eq!((found.left, found.buckets), (0.2, vec![(0.25, 3.0), (0.3, 0.0), (0.35, 1.0)]));
        assert!((found.sum - (3.0 * 0.225 + 0.325)).abs() < 1e-12, "{}", found.sum);
        assert!((found.sum_squares - (3.0 * 0.050_625 + 0.105_625)).abs() < 1e-12, "{}", found.sum_squares);
        assert_eq!(Buckets::of_scores(&[0; BINS]), None);
    }

    #[test]
    fn whole_numbers_lie_in_the_middle_of_their_buckets() {
        let buckets = vec![(5.5, 2.0), (6.5, 0.0), (7.5, 1.0)];
        let expected = Buckets { left: 4.5, buckets, sum: 17.0, sum_squares: 99.0 };
        assert_eq!(Buckets::of_counts(&[5, 7, 5]), Some(expected));
        assert_eq!(Buckets::of_counts(&[]), None);
    }

    #[test]
    fn a_histogram_has_the_bytes_of_its_message() {
        let histogram = Buckets::of_counts(&[1]).unwrap();
        let double = |value: f64| value.to_le_bytes();
        let numbers = [(9, 0.5), (17, 1.5), (25, 1.0), (33, 1.0), (41, 1.0)];
        let mut proto: Vec<u8> =
            numbers.iter().flat_map(|(key, value)| [&[*key][..], &double(*value)].concat()).collect();
        // Packed: field 6 and 7 of wire type 2, with eight bytes each.
        proto.extend([&[0x32, 8][..], &double(1.5), &[0x3a, 8], &double(1.0)].concat());
        let expected = [&[0x0a, 1, b'x', 0x2a, proto.len() as u8][..], &proto].concat();
        let framed = histogram_value("x", &histogram).framed();
        assert_eq!(framed[12..framed.len() - 4], expected);
    }

    #[test]
    fn settings_are_numbers_truths_and_texts() {
        let expected =
            [Message::default().double(2, 0.5), Message::default().int(4, 1), Message::default().text(3, "a")];
        assert_eq!(["0.5", "true", "\"a\""].map(|value| hparam(value).framed()), expected.map(|value| value.framed()));
    }
}
