//! Presets, and a user's file merged into one.

use super::file_text::file_text;
use super::integers::check_integers;
use super::{Config, ConfigError};
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// The documented defaults, the fastest to train first.
const PRESETS: [(&str, &str); 4] = [
    ("tiny", include_str!("../../presets/tiny.toml")),
    ("small", include_str!("../../presets/small.toml")),
    ("pure", include_str!("../../presets/pure.toml")),
    ("base", include_str!("../../presets/base.toml")),
];

/// The preset where none is named.
pub const DEFAULT_PRESET: &str = "base";

/// Keys of earlier versions and their names today. A file with an old key is refused, since a silent translation would
/// keep two names alive.
const RENAMED: [(&str, &str); 4] = [
    ("training.warmup_steps", "training.pretrain_steps"),
    ("training.learning_rate_rise", "training.lr_warmup_steps"),
    ("training.head_start", "training.d_warmup_steps"),
    ("model.noise", "model.z_dim"),
];

/// The line of a setting that no longer exists, as some saved configurations have it.
const GONE: &str = "ngram_weight = 0.0";

impl Config {
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// The TOML of a preset with its comments, as `poetgan config` prints it.
    pub fn preset_text(name: &str) -> Result<&'static str, ConfigError> {
        match PRESETS.iter().find(|(preset, _)| *preset == name) {
            Some((_, text)) => Ok(text),
            None => Err(ConfigError::UnknownPreset(name.to_string())),
        }
    }

    pub fn preset(name: &str) -> Result<Config, ConfigError> {
        Config::parse("", Path::new(name), Some(name))
    }

    /// Reads a file that may leave out everything it does not change. Missing values come from `preset`, else from the
    /// preset that the file names in its first line (`preset = "small"`), else from the default one.
    ///
    /// # Errors
    /// The first unreadable, unknown, renamed or invalid key, with path and line.
    pub fn load(path: &Path, preset: Option<&str>) -> Result<Config, ConfigError> {
        Config::parse(&file_text(path)?, path, preset)
    }

    /// The saved configuration of a run or a packed model; `path` is for messages only.
    ///
    /// # Errors
    /// As for [`Config::load`].
    pub fn saved(text: &str, path: &Path) -> Result<Config, ConfigError> {
        let mut preset = preset_table(DEFAULT_PRESET)?;
        // Configurations saved before these keys existed had none of these features.
        for (section, key, value) in [
            ("discriminator", "couplet", Value::Boolean(false)),
            ("discriminator", "lexical", Value::Boolean(false)),
            ("training", "d_warmup_steps", Value::Integer(0)),
            ("training", "patience", Value::Integer(0)),
            ("discriminator", "theme", Value::Boolean(false)),
            ("discriminator", "neighbours", Value::Boolean(false)),
            ("training", "frequency_weight", Value::Float(0.0)),
            ("training", "optimizer", Value::String("adam".to_string())),
            ("model", "theme_dims", Value::Integer(0)),
            ("model", "repeat_bias", Value::Boolean(false)),
            ("training", "precision", Value::String("f32".to_string())),
            ("training", "parts", Value::Integer(0)),
            ("training", "local_steps", Value::Integer(1)),
            ("training", "dropout_after", Value::Integer(0)),
        ] {
            if let Some(Value::Table(section)) = preset.get_mut(section) {
                section.insert(key.to_string(), value);
            }
        }
        // A setting that is gone, at its only value.
        let text: Vec<&str> = text.lines().map(|line| if line == GONE { "" } else { line }).collect();
        Config::over(|_| Ok(preset), &text.join("\n"), path)
    }

    /// The configuration of `text`, whose `path` is for messages only.
    fn parse(text: &str, path: &Path, preset: Option<&str>) -> Result<Config, ConfigError> {
        let named = |named: Option<&str>| preset_table(preset.or(named).unwrap_or(DEFAULT_PRESET));
        Config::over(named, text, path)
    }

    /// The table that `base` returns for the preset that `text` may name, with `text` merged into it.
    fn over(
        base: impl FnOnce(Option<&str>) -> Result<Table, ConfigError>,
        text: &str,
        path: &Path,
    ) -> Result<Config, ConfigError> {
        let at = |offset: usize, message: String| {
            let line = text[..offset.min(text.len())].matches('\n').count() + 1;
            ConfigError::File { path: path.to_path_buf(), line, message }
        };
        let syntax = |error: toml::de::Error| at(error.span().map_or(0, |span| span.start), one_line(error.message()));
        let mut places = DeTable::parse(text).map_err(syntax)?.into_inner();
        check_integers(&places).map_err(|(offset, message)| at(offset, message))?;
        let user: Table = toml::from_str(text).map_err(syntax)?;

        let mut merged = match places.remove("preset") {
            None => base(None)?,
            Some(name) => base(Some(name.get_ref().as_str().unwrap_or_default()))
                .map_err(|error| at(name.span().start, error.to_string()))?,
        };
        merge(&mut merged, "", &user, &places).map_err(|mistake| at(mistake.offset, mistake.message))?;
        let config: Config = merged.try_into().map_err(syntax)?;
        config.validate().map_err(|error| match &error {
            ConfigError::Value { .. } => match first_offset(&places, &error.to_string()) {
                Some(offset) => at(offset, error.to_string()),
                None => error,
            },
            _ => error,
        })?;
        Ok(config)
    }
}

fn preset_table(name: &str) -> Result<Table, ConfigError> {
    let broken = |error: toml::de::Error| ConfigError::Value { key: name.to_string(), message: error.to_string() };
    toml::from_str(Config::preset_text(name)?).map_err(broken)
}

/// An error in a file, and its byte offset.
struct Mistake {
    offset: usize,
    message: String,
}

/// Puts the user's values over those of the preset, one at a time, so that an invalid one is reported at its own line.
/// `path` names the section that `user` and `places` hold.
fn merge(merged: &mut Table, path: &str, user: &Table, places: &DeTable<'_>) -> Result<(), Mistake> {
    for (key, place) in places {
        let name: &str = key.get_ref();
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        let wrong = |span: std::ops::Range<usize>, message| Err(Mistake { offset: span.start, message });
        let Some(known) = slot(merged, &path) else {
            return wrong(key.span(), unknown(merged, &path));
        };
        match (known.is_table(), &user[name], place.get_ref()) {
            (true, Value::Table(user), DeValue::Table(places)) => merge(merged, &path, user, places)?,
            (true, ..) => {
                return wrong(key.span(), format!("'{path}' is a section; write [{path}] and its keys below"));
            }
            (false, value, _) => {
                *known = value.clone();
                if let Err(error) = merged.clone().try_into::<Config>() {
                    return wrong(place.span(), format!("{path}: {}", one_line(error.message())));
                }
            }
        }
    }
    Ok(())
}

/// The value at `section.key`, if there is one.
fn slot<'a>(table: &'a mut Table, path: &str) -> Option<&'a mut Value> {
    match path.split_once('.') {
        None => table.get_mut(path),
        Some((section, rest)) => slot(table.get_mut(section)?.as_table_mut()?, rest),
    }
}

/// The message for a path that no preset has; its section does exist.
fn unknown(merged: &mut Table, path: &str) -> String {
    let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
    // Also without its section, or in a wrong one.
    let same_key = |old: &str| old.rsplit_once('.').is_some_and(|(_, old)| old == key);
    if let Some((_, new)) = RENAMED.iter().find(|(old, _)| same_key(old)) {
        return format!("'{path}' has been renamed; write '{new}'");
    }
    let siblings = if section.is_empty() { Some(&*merged) } else { slot(merged, section).and_then(|it| it.as_table()) };
    let names: Vec<&str> = siblings.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    match names.iter().map(|name| (strsim::osa_distance(key, name), *name)).min() {
        Some((distance, name)) if distance <= key.chars().count().div_ceil(3) => {
            format!("'{path}' is unknown; did you mean '{name}'?")
        }
        _ => format!("'{path}' is unknown; there are {}", names.join(", ")),
    }
}

/// Byte offset of the value of `section.key` in the user's file, if it is there.
fn offset_of(places: &DeTable<'_>, path: &str) -> Option<usize> {
    match path.split_once('.') {
        None => Some(places.get(path)?.span().start),
        Some((section, rest)) => offset_of(places.get(section)?.get_ref().as_table()?, rest),
    }
}

/// Byte offset of the first `section.key` of a message that is in the user's file: a value of the preset may have become
/// invalid because the user changed another one.
fn first_offset(places: &DeTable<'_>, message: &str) -> Option<usize> {
    let words = message.split([' ', ':', ',']);
    words.filter(|word| word.contains('.')).find_map(|word| offset_of(places, word))
}

/// Messages of the TOML parser may span lines; error messages of this program never do.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GeneratorKind, TokenizerKind};

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("my.toml"), None).map_err(|error| error.to_string())
    }

    #[test]
    fn a_saved_setting_that_is_gone_is_passed_over() {
        let saved = |line: &str| Config::saved(&format!("[training]\n{line}\nseed = 7\n"), Path::new("config.toml"));
        assert_eq!(saved("ngram_weight = 0.0").unwrap().training.seed, 7);
        assert!(saved("ngram_weight = 0.25").is_err());
    }

    #[test]
    fn configurations_older_than_a_head_have_none() {
        let whole = Config::preset("base").unwrap().to_toml().unwrap();
        let keys = ["couplet =", "lexical =", "d_warmup_steps ="];
        let old = whole.lines().filter(|line| !keys.iter().any(|key| line.starts_with(key)));
        let old = Config::saved(&old.map(|line| format!("{line}\n")).collect::<String>(), Path::new("x")).unwrap();
        assert!(!old.discriminator.couplet && !old.discriminator.lexical && old.training.d_warmup_steps == 0);
        assert_eq!(Config::saved(&whole, Path::new("x")).unwrap(), Config::preset("base").unwrap());
    }

    #[test]
    fn presets_are_valid_and_survive_a_round_trip() {
        for (name, _) in PRESETS {
            let config = Config::preset(name).unwrap();
            assert_eq!(Config::parse(&config.to_toml().unwrap(), Path::new("x"), None).unwrap(), config, "{name}");
        }
        let message = Config::preset("huge").unwrap_err().to_string();
        assert_eq!(message, "there is no preset 'huge'; the presets are tiny, small, pure, base");
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let config = parse("preset = 'small'\n[model]\ngenerator = 'lstm'\n[tokenizer]\nkind = 'bpe'\n").unwrap();
        let mut expected = Config::preset("small").unwrap();
        expected.model.generator = GeneratorKind::Lstm;
        expected.tokenizer.kind = TokenizerKind::Bpe;
        assert_eq!(config, expected);
        assert_eq!(parse("").unwrap(), Config::preset("base").unwrap());
    }

    #[test]
    fn the_preset_of_the_caller_wins_over_that_of_the_file() {
        let config = Config::parse("preset = 'small'\n[training]\nseed = 7", Path::new("x"), Some("tiny")).unwrap();
        assert_eq!((config.training.seed, config.model.width), (7, 32));
    }

    #[test]
    fn renamed_keys_are_refused_with_their_new_name() {
        for (old, new) in RENAMED {
            let (section, key) = old.split_once('.').unwrap();
            let text = format!("# a comment\n[{section}]\n{key} = 1\n");
            let message = format!("my.toml:3: '{old}' has been renamed; write '{new}'");
            assert_eq!(parse(&text).unwrap_err(), message);
            let message_at_top = format!("my.toml:1: '{key}' has been renamed; write '{new}'");
            assert_eq!(parse(&format!("{key} = 1\n")).unwrap_err(), message_at_top);
            let saved = Config::saved(&text, Path::new("my.toml")).unwrap_err().to_string();
            assert_eq!(saved, message);
            let mut base = preset_table(DEFAULT_PRESET).unwrap();
            assert!(slot(&mut base, new).is_some() && slot(&mut base, old).is_none(), "{old} {new}");
        }
    }

    #[test]
    fn whole_numbers_stand_for_fractions() {
        assert_eq!(parse("[training]\nclip = 2").unwrap().training.clip, 2.0);
    }

    #[test]
    fn errors_name_path_and_line() {
        let cases = [
            ("\n[model]\nwidht = 3", "my.toml:3: 'model.widht' is unknown; did you mean 'width'?"),
            ("[model]\nlstm = { hiden = 3 }", "my.toml:2: 'model.lstm.hiden' is unknown; did you mean 'hidden'?"),
            ("[modell]\n", "my.toml:1: 'modell' is unknown; did you mean 'model'?"),
            ("[zzz]\n", "my.toml:1: 'zzz' is unknown; there are discriminator, model, sampling, tokenizer, training"),
            (
                "[training]\nseed = 9223372036854775808",
                "my.toml:2: training.seed: 9223372036854775808 is more than 9223372036854775807",
            ),
            ("model = 3", "my.toml:1: 'model' is a section; write [model] and its keys below"),
            ("preset = 'hug'", "my.toml:1: there is no preset 'hug'; the presets are tiny, small, pure, base"),
            (
                "[model]\nz_dim = 1\nwidth = 'wide'",
                "my.toml:3: model.width: invalid type: string \"wide\", expected usize",
            ),
            (
                "[training]\nloss = 'hing'",
                "my.toml:2: training.loss: unknown variant `hing`, expected one of `standard`, `relativistic`, `hinge`, \
                 `wasserstein`",
            ),
            (
                "[model.transformer]\n\nheads = 3",
                "my.toml:3: model.transformer.heads: 3 does not divide model.width = 256",
            ),
            ("\n[model]\nwidth = 30", "my.toml:3: model.transformer.heads: 4 does not divide model.width = 30"),
            ("[sampling]\n\npoems = 9000", "my.toml:3: sampling.poems: 9000 is too many; 1000 at most"),
            (
                "[model]\nwidth = 8192\n[model.transformer]\nlayers = 4",
                "my.toml:2: model: this model has about 1210 million parameters, more than 1000 million; lower \
                 model.width, model.transformer.layers, model.transformer.hidden, discriminator.filters or \
                 tokenizer.vocab_size",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text).unwrap_err(), message);
        }
        let message = parse("[model]\nwidth = = 3").unwrap_err();
        assert!(message.starts_with("my.toml:2: ") && !message.contains('\n'), "{message}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = Config::load(Path::new("nowhere/x.toml"), None).unwrap_err().to_string();
        assert!(message.starts_with("cannot read nowhere/x.toml: "), "{message}");
    }
}
