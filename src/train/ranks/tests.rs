use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::cluster::{Ranks, local};
use crate::nn::params::Weights;
use crate::run::checkpoint;
use crate::train::options::{Display, Settings, TrainOptions};
use crate::train::ranks;
use crate::train::session::Session;
use crate::train::trainer::Trainer;

fn options(folder: &Path, parts: usize, more: &str) -> TrainOptions {
    let config = folder.join("parts.toml");
    std::fs::write(&config, format!("preset = \"tiny\"\n[training]\nparts = {parts}\nprecision = \"f32\"\n{more}"))
        .unwrap();
    TrainOptions {
        corpus: "corpora/sonnets.txt".into(),
        reading: Default::default(),
        run: Some(folder.join("run").display().to_string()),
        fresh: false,
        from: None,
        allow_changes: false,
        settings: Settings { config_file: Some(config), ..Settings::default() },
        time_limit: None,
        display: Display::Plain,
        bell: false,
        command: Vec::new(),
    }
}

fn lead(options: &TrainOptions, ranks: &Arc<Ranks>) {
    let (events, _) = std::sync::mpsc::sync_channel(1);
    let (_, commands) = std::sync::mpsc::channel();
    let session = Session::open(options, ranks).unwrap();
    ranks::begin(&session.gan, session.state.phase).unwrap();
    Trainer::new(session, events, commands, None).train().unwrap();
    ranks::end(ranks);
}

/// Trains on ranks that are threads of this process.
fn train(options: &TrainOptions, size: usize) {
    if size == 1 {
        return lead(options, &Arc::new(Ranks::ALONE));
    }
    std::thread::scope(|scope| {
        for ranks in local::ranks(size).into_iter().map(|(ranks, _)| Arc::new(ranks)) {
            match ranks.rank {
                0 => scope.spawn(move || lead(options, &ranks)),
                _ => scope.spawn(move || ranks::follow(&ranks).unwrap()),
            };
        }
    });
}

/// The newest checkpoint, as bits; and whether pretraining ended early.
fn result(folder: &Path) -> (BTreeMap<String, Vec<u32>>, bool) {
    let newest = checkpoint::newest_valid(&folder.join("run")).unwrap().unwrap();
    let (state, parts) = checkpoint::load(&newest.path).unwrap();
    let bits = |weights: Weights| -> Vec<u32> {
        weights.values().flat_map(|x| x.flatten_all().unwrap().to_vec1::<f32>().unwrap()).map(f32::to_bits).collect()
    };
    (parts.into_iter().map(|(name, weights)| (name, bits(weights))).collect(), state.pretraining_ended.is_some())
}

fn trained(size: usize, parts: usize, more: &str) -> (BTreeMap<String, Vec<u32>>, bool) {
    let folder = tempfile::tempdir().unwrap();
    train(&options(folder.path(), parts, more), size);
    result(folder.path())
}

const SHORT: &str = "pretrain_steps = 6\nadversarial_steps = 6\nd_warmup_steps = 1\n";

#[test]
fn any_number_of_ranks_trains_the_same_weights() {
    // The first minibatches have fewer poems than parts, so that some ranks have none.
    assert!(trained(4, 4, SHORT) == trained(1, 4, SHORT));
    let larger = format!("{SHORT}batch_tokens = 1500\n");
    for more in [larger.clone(), format!("{larger}[model]\ngenerator = \"lstm\"\n")] {
        let alone = trained(1, 4, &more);
        assert!(trained(2, 4, &more) == alone && trained(4, 4, &more) == alone, "{more}");
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert!(one_thread.install(|| trained(1, 4, &more)) == alone, "one thread");
        assert!(trained(1, 3, &more).0 != alone.0, "the number of parts matters, so this test can fail");
    }
}

/// The end of pretraining sets both models back to a checkpoint, which the other ranks have to get.
#[test]
fn the_other_ranks_follow_a_rollback() {
    let more = "pretrain_steps = 40\nadversarial_steps = 4\nd_warmup_steps = 1\nlr_warmup_steps = 0\nlearning_rate = 1.0\n\
                patience = 2\nheld_out_every = 2\ncheckpoint_every = 50\n";
    let (alone, ended) = trained(1, 4, more);
    assert!(ended, "pretraining has not ended early");
    assert!(trained(2, 4, more) == (alone, true));
}

#[test]
fn a_run_resumes_with_another_number_of_ranks() {
    let (whole, folder) = (trained(1, 4, SHORT), tempfile::tempdir().unwrap());
    for (adversarial_steps, size) in [(2, 2), (4, 4), (6, 1)] {
        let mut options = options(folder.path(), 4, SHORT);
        options.settings.adversarial_steps = Some(adversarial_steps);
        train(&options, size);
    }
    assert!(result(folder.path()).0 == whole.0);
}

/// Ranks that average their weights now and then are near those that add their gradients at each step, and end with one model.
#[test]
fn ranks_may_train_apart_for_some_steps() {
    let more = "batch_tokens = 1500\npretrain_steps = 7\nadversarial_steps = 1\nlocal_steps = 3\n";
    let (alone, together, apart) =
        (trained(1, 4, more), trained(2, 4, &more.replace("= 3", "= 1")), trained(2, 4, more));
    assert!(alone == together && apart.0 != together.0 && trained(2, 4, more) == apart);
    let rms = |bits: &[u32]| {
        let squares = bits.iter().map(|&bits| f64::from(f32::from_bits(bits)).powi(2));
        (squares.sum::<f64>() / bits.len() as f64).sqrt()
    };
    let (one, other) = (&apart.0["generator"], &together.0["generator"]);
    let difference: Vec<u32> =
        one.iter().zip(other).map(|(&x, &y)| (f32::from_bits(x) - f32::from_bits(y)).to_bits()).collect();
    assert!(rms(&difference) < 0.2 * rms(other), "{} of {}", rms(&difference), rms(other));
}

#[test]
fn too_many_ranks_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let ranks = Arc::new(local::ranks(4).remove(0).0);
    let error = Session::open(&options(folder.path(), 3, SHORT), &ranks).err().unwrap().to_string();
    assert!(error.contains("3 parts") && error.contains("4 processes"), "{error}");
}
