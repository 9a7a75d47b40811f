//! Text to tokens and back, for every kind of tokenizer and many scripts.

// The lint exempts test functions, but not the functions that they share.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use poetgan::config::{TokenizerConfig, TokenizerKind};
use poetgan::corpus::{self, Corpus, CorpusError, CorpusInfo, Form, Format, Poem};
use poetgan::tokenizer::{Tokenizer, TokenizerError, check_lengths};

const KINDS: [TokenizerKind; 3] = [TokenizerKind::Char, TokenizerKind::Word, TokenizerKind::Bpe];

const POEMS: [&[&str]; 5] = [
    &["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"],
    &["Shall I compare thee to a summer's day?", "Thou art more lovely -- and more temperate:", "(\"Rough winds\")"],
    &["قِفَا نَبْكِ مِنْ ذِكْرَى حَبِيبٍ ومَنْزِلِ", "بِسِقْطِ اللِّوَى بَيْنَ الدَّخُولِ فَحَوْمَلِ", "می\u{200c}خواهم"],
    &["👩\u{200d}🚀 to the 🌙, ❤\u{fe0f}!", "🇨🇳🎏"],
    &["<end> is no <unk>", "<lines:1><line>", "¿Qué — «será»? d'été l''x"],
];

fn poem(lines: &[&str], form: Form) -> Poem {
    Poem { lines: lines.iter().map(|line| (*line).into()).collect(), form, source_line: 1, ..Poem::default() }
}

fn config(kind: TokenizerKind) -> TokenizerConfig {
    TokenizerConfig { kind, vocab_size: 8000, min_count: 3 }
}

fn poems() -> Vec<Poem> {
    let poem = |lines: &&[&str]| poem(lines, Form::Lines(lines.len()));
    POEMS.iter().map(poem).cycle().take(40).collect()
}

fn train(kind: TokenizerKind, poems: &[Poem]) -> Tokenizer {
    Tokenizer::train(&config(kind), poems).unwrap()
}

#[test]
fn text_survives_the_round_trip() {
    for kind in KINDS {
        let trained = train(kind, &poems());
        let loaded = Tokenizer::from_json(&trained.to_json().unwrap()).unwrap();
        assert_eq!((loaded.kind(), loaded.forms(), loaded.vocab_size()), (kind, trained.forms(), trained.vocab_size()));
        for poem in poems() {
            let tokens = loaded.encode(&poem).unwrap();
            assert_eq!(loaded.decode(&tokens), poem.lines, "{kind:?}");
            assert_eq!(trained.encode(&poem), Some(tokens), "{kind:?}");
        }
    }
}

#[test]
fn every_character_has_the_token_it_comes_from() {
    for kind in KINDS {
        let tokenizer = train(kind, &poems());
        for poem in poems() {
            let tokens = tokenizer.encode(&poem).unwrap();
            let (lines, origins) = (tokenizer.decode(&tokens), tokenizer.origins(&tokens));
            assert_eq!(lines.len(), origins.len());
            for (line, origins) in lines.iter().zip(&origins) {
                assert_eq!(line.chars().count(), origins.len(), "{kind:?} {line}");
                assert!(origins.is_sorted(), "{kind:?} {line}: {origins:?}");
                for (character, &place) in line.chars().zip(origins) {
                    // The sign by which pieces of words begin stands for a space.
                    let text = tokenizer.token_text(tokens[place]).unwrap().replace('\u{2581}', " ");
                    assert!(text.contains(character), "{kind:?} {line}: '{character}' of '{text}'");
                }
            }
        }
    }
}

#[test]
fn a_poem_is_a_form_and_lines() {
    let tokenizer = train(TokenizerKind::Char, &poems());
    let form = Form::Lines(2);
    let tokens = tokenizer.encode(&poem(&["月光", "明"], form)).unwrap();
    let text = |id: u32| tokenizer.token_text(id).unwrap();
    assert_eq!(
        tokens.iter().map(|&id| text(id)).collect::<Vec<_>>(),
        ["<lines:2>", "月", "光", "<line>", "明", "<end>"]
    );
    assert_eq!(
        (tokens[0], tokens[3], tokens[5]),
        (tokenizer.form_token(form).unwrap(), Tokenizer::LINE, Tokenizer::END)
    );
    assert_eq!(text(Tokenizer::UNKNOWN), "<unk>");
    assert_eq!(tokenizer.n_special(), 3 + tokenizer.forms().len());
    let is_letter = |id: u32| id as usize >= tokenizer.first_letter();
    assert!(is_letter(tokens[1]) && !is_letter(tokens[0]));
    assert!(!is_letter(tokenizer.encode_line("?").unwrap()[0]));
}

#[test]
fn decoding_ends_at_the_end_and_never_shows_marks() {
    let tokenizer = train(TokenizerKind::Char, &poems());
    let [moon] = tokenizer.encode_line("月").unwrap()[..] else { panic!() };
    let (line, end) = (Tokenizer::LINE, Tokenizer::END);
    assert_eq!(tokenizer.decode(&[moon, Tokenizer::UNKNOWN, line, moon, 3, moon, end, moon]), ["月", "月月"]);
    assert_eq!(tokenizer.decode(&[3, moon, line, line, moon]), ["月", "", "月"]);
    assert!(tokenizer.decode(&[3, Tokenizer::UNKNOWN, end, moon]).is_empty());
    assert!(tokenizer.decode(&[]).is_empty());
    assert_eq!(tokenizer.decode(&[moon, u32::MAX]), ["月"]);
}

#[test]
fn poems_with_unknown_characters_have_no_tokens() {
    for kind in KINDS {
        let tokenizer = train(kind, &poems());
        for stranger in ["鑫", "ξένος", "_"] {
            assert_eq!(tokenizer.encode(&poem(&["day", stranger], Form::Lines(2))), None, "{kind:?} {stranger}");
        }
        assert_eq!(tokenizer.encode(&poem(&["day"], Form::Lines(9))), None, "{kind:?}: there is no tag for the form");
    }
    // The character that stands for spaces inside tokens is not text.
    assert_eq!(train(TokenizerKind::Bpe, &poems()).encode_line("a▁summer"), None);
}

#[test]
fn the_kind_follows_from_the_text() {
    let kind = |lines: &[&str]| {
        let tokenizer = train(TokenizerKind::Auto, &vec![poem(lines, Form::Free); 20]);
        tokenizer.kind()
    };
    assert_eq!(kind(POEMS[0]), TokenizerKind::Char);
    assert_eq!(kind(POEMS[1]), TokenizerKind::Bpe);
    assert_eq!(kind(POEMS[2]), TokenizerKind::Bpe);
    assert_eq!(kind(&["古池や蛙飛びこむ水の音", "日本 の 歌 です"]), TokenizerKind::Char);
    assert_eq!(kind(&["나 보기가 역겨워 가실 때에는"]), TokenizerKind::Bpe);
    assert_eq!(kind(&["abcdefg", "bcdefga"]), TokenizerKind::Char);
}

#[test]
fn rare_characters_are_left_out_unless_that_costs_too_much() {
    let mut poems = vec![poem(&["明月光"], Form::Free); 97];
    poems.extend([poem(&["明鑫"], Form::Free), poem(&["明鑫"], Form::Free)]);
    let tokenizer = train(TokenizerKind::Char, &poems);
    assert_eq!((tokenizer.min_count(), tokenizer.encode(&poems[98])), (Some(3), None));
    let different: Vec<Poem> =
        "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往".chars().map(|c| poem(&[&format!("{c}")], Form::Free)).collect();
    let tokenizer = train(TokenizerKind::Char, &different);
    assert_eq!(tokenizer.min_count(), Some(1));
    assert!(different.iter().all(|poem| tokenizer.encode(poem).is_some()));
    assert_eq!(Tokenizer::from_json(&tokenizer.to_json().unwrap()).unwrap().min_count(), None);
}

#[test]
fn the_vocabulary_has_a_bound() {
    for kind in KINDS {
        let small = TokenizerConfig { kind, vocab_size: 50, min_count: 1 };
        let tokenizer = Tokenizer::train(&small, &poems()).unwrap();
        assert_eq!(tokenizer.vocab_size(), 50, "{kind:?}");
        let tiny = TokenizerConfig { kind, vocab_size: 6, min_count: 1 };
        assert!(matches!(Tokenizer::train(&tiny, &poems()), Err(TokenizerError::TooSmall { .. })));
    }
    assert!(matches!(Tokenizer::train(&config(TokenizerKind::Auto), &[]), Err(TokenizerError::NoText)));
}

#[test]
fn training_twice_gives_the_same_file() {
    let sonnets = corpus::read(Path::new("corpora/sonnets.txt"), &Default::default()).unwrap().training;
    for kind in KINDS {
        let json = train(kind, &sonnets).to_json().unwrap();
        assert!((0..3).all(|_| train(kind, &sonnets).to_json().unwrap() == json), "{kind:?}");
    }
}

#[test]
fn forms_are_tags_of_the_corpus() {
    let fixed = Form::Fixed { width: 3, lines: 1 };
    let mut poems = vec![poem(&["明月光"], fixed); 30];
    poems.extend(vec![poem(&["明，月。"], Form::Free); 10]);
    let tokenizer = train(TokenizerKind::Auto, &poems);
    assert_eq!(tokenizer.forms(), [(fixed, 3), (Form::Free, 4)]);
    assert_eq!(tokenizer.form_token(Form::Lines(1)), None);
    // A form without a tag of its own is free verse, if there is such.
    assert_eq!(tokenizer.encode(&poem(&["明月"], Form::Lines(1))).unwrap()[0], 4);
    // Where tokens are not characters, no tag can promise a width.
    let bpe = train(TokenizerKind::Bpe, &poems);
    assert_eq!(
        (bpe.form_token(fixed), bpe.encode(&poems[0]).unwrap()[0]),
        (None, bpe.form_token(Form::Lines(1)).unwrap())
    );
}

#[test]
fn fixed_forms_are_rendered_with_their_punctuation() {
    let tokenizer = train(TokenizerKind::Auto, &poems());
    let quatrain = poem(POEMS[0], Form::Fixed { width: 5, lines: 4 });
    let text = tokenizer.render(&quatrain.text(), &[], quatrain.form);
    assert_eq!(text, "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。");
    assert_eq!(tokenizer.render(&quatrain.text()[..2], &[], Form::Free), "床前明月光\n疑是地上霜");
}

#[test]
fn other_files_are_refused() {
    assert!(matches!(Tokenizer::from_json("{"), Err(TokenizerError::Unreadable(_))));
    let foreign = r#"{"version":"1.0","added_tokens":[],"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}"#;
    assert!(matches!(Tokenizer::from_json(foreign), Err(TokenizerError::Foreign)));
}

/// What a stranger could put into a model: each is refused before the library sees it, and none panics.
#[test]
fn hostile_files_are_refused() {
    for kind in KINDS {
        let json = train(kind, &poems()).to_json().unwrap();
        for end in (0..json.len()).step_by(97).filter(|&end| json.is_char_boundary(end)) {
            assert!(Tokenizer::from_json(&json[..end]).is_err(), "{kind:?} {end}");
        }
        let changed = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut value = serde_json::from_str(&json).unwrap();
            change(&mut value);
            Tokenizer::from_json(&value.to_string()).map(|_| ())
        };
        assert!(changed(&|_| {}).is_ok());
        let precompiled = serde_json::json!({"type": "Precompiled", "precompiled_charsmap": "AAAA"});
        assert!(changed(&|value| value["normalizer"] = precompiled.clone()).is_err());
        let with_token = |text: &str| {
            changed(&|value| {
                let vocab = value["model"]["vocab"].as_object_mut().unwrap();
                let (old, id) = vocab.iter().find(|(text, _)| text.chars().count() == 1).unwrap();
                let (old, id) = (old.clone(), id.clone());
                vocab.remove(&old);
                vocab.insert(text.to_string(), id);
                value["model"]["merges"] = serde_json::json!([]);
            })
        };
        assert!(with_token("月月月").is_ok());
        for text in ["\u{1b}[2J", "a\nb", "\u{9b}31m", "\u{202e}a", &"a".repeat(5_000)] {
            assert!(matches!(with_token(text), Err(TokenizerError::Foreign)), "{text:?}");
        }
        assert!(changed(&|value| value["model"]["vocab"]["<end>"] = 999_999_999.into()).is_err());
        assert!(changed(&|value| value["model"]["merges"] = serde_json::json!([["x", "nowhere"]])).is_err());
    }
    // No letters: nothing could be written.
    let texts = ["<unk>", "<line>", "<end>", "<lines:1>", "!"];
    let vocab: serde_json::Map<String, serde_json::Value> =
        texts.iter().zip(0..).map(|(t, i)| (t.to_string(), i.into())).collect();
    let json = serde_json::json!({"added_tokens": [], "model": {"type": "WordLevel", "vocab": vocab}}).to_string();
    assert!(matches!(Tokenizer::from_json(&json), Err(TokenizerError::Foreign)));
}

#[test]
fn long_lines_are_named_by_their_place() {
    let corpus = |format| Corpus {
        training: vec![Poem { source_line: 7, ..poem(POEMS[0], Form::Lines(4)) }],
        held_out: vec![Poem { source_line: 3, ..poem(&["月", "明明明明明月光月光"], Form::Lines(2)) }],
        info: CorpusInfo {
            path: "poems.txt".into(),
            sha256: String::new(),
            bytes: 0,
            encoding: "UTF-8".into(),
            format,
            poems: 2,
            training: 1,
            held_out: 1,
            duplicates: 0,
            held_out_rule: Default::default(),
            left_out: Default::default(),
            forms: Default::default(),
            options: Default::default(),
        },
        reading: Default::default(),
    };
    let tokenizer = train(TokenizerKind::Char, &poems());
    assert!(check_lengths(&corpus(Format::BlankLines), &tokenizer, 9).is_ok());
    let place = |format, limit| match check_lengths(&corpus(format), &tokenizer, limit) {
        Err(CorpusError::LineTooLong { line, tokens, .. }) => (line, tokens),
        other => panic!("{other:?}"),
    };
    assert_eq!(place(Format::BlankLines, 8), (4, 9));
    assert_eq!(place(Format::OnePerLine, 4), (3, 9));
    let message = check_lengths(&corpus(Format::BlankLines), &tokenizer, 8).unwrap_err().to_string();
    assert!(message.starts_with("poems.txt:4: the line has 9 tokens but the limit is 8; "), "{message}");
}

#[test]
fn the_tang_poems_are_tokenised_at_once() {
    let tang = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
    let start = std::time::Instant::now();
    let tokenizer = train(TokenizerKind::Auto, &tang.training);
    let lost = tang.training.iter().filter(|poem| tokenizer.encode(poem).is_none()).count();
    assert!(lost * 10 < tang.training.len(), "{lost} poems hold a rare character");
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    let json = tokenizer.to_json().unwrap();
    let start = std::time::Instant::now();
    Tokenizer::from_json(&json).unwrap();
    assert!(start.elapsed().as_millis() < 100, "{:?}", start.elapsed());
}
