//! What a `tokenizer.json` may hold: what this program writes. The `tokenizers` library, which reads far more, sees only that: a
//! file of a stranger could otherwise make it panic or take all memory.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::TokenizerError;
use super::pieces::pipeline;
use crate::config::TokenizerKind;
use crate::printable::printable;

/// Most tokens of a vocabulary, and most bytes of one.
const MOST_TOKENS: usize = 1 << 20;
const MOST_BYTES: usize = 1 << 10;

/// `tokenizer.json`, as far as it is used.
#[derive(Deserialize)]
struct Schema {
    normalizer: Option<Value>,
    post_processor: Option<Value>,
    #[serde(default)]
    decoder: Option<Typed>,
    #[serde(default)]
    added_tokens: Vec<Added>,
    model: VocabularyModel,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
}

#[derive(Deserialize)]
struct VocabularyModel {
    #[serde(rename = "type")]
    kind: String,
    vocab: Map<String, Value>,
    #[serde(default)]
    merges: Vec<Value>,
}

/// Reads a tokenizer.
///
/// # Errors
/// JSON that is none, or not what this program writes.
pub fn parse(text: &str) -> Result<tokenizers::Tokenizer, TokenizerError> {
    let unreadable = |error: &dyn std::fmt::Display| TokenizerError::Unreadable(error.to_string());
    let schema: Schema = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let kind = kind(&schema)?;
    let texts = texts(&schema)?;
    let merges = merges(&schema, kind)?;
    let vocabulary: Map<String, Value> = (0..).zip(&texts).map(|(id, text)| (text.clone(), Value::from(id))).collect();
    let model = match kind {
        TokenizerKind::Bpe => json!({
            "type": "BPE", "dropout": null, "unk_token": texts[0], "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": vocabulary, "merges": merges,
        }),
        _ => json!({"type": "WordLevel", "unk_token": texts[0], "vocab": vocabulary}),
    };
    let (pre_tokenizer, decoder) = pipeline(kind)?;
    let marks = schema.added_tokens.iter().map(|Added { id, content }| {
        json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": true,
        })
    });
    let clean = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null,
        "added_tokens": marks.collect::<Vec<Value>>(),
        "pre_tokenizer": serde_json::to_value(&pre_tokenizer).map_err(|error| unreadable(&error))?,
        "decoder": serde_json::to_value(&decoder).map_err(|error| unreadable(&error))?,
        "model": model,
    });
    clean.to_string().parse().map_err(|error: tokenizers::Error| unreadable(&error))
}

fn kind(schema: &Schema) -> Result<TokenizerKind, TokenizerError> {
    let decoder = schema.decoder.as_ref().map(|decoder| decoder.kind.as_str());
    let has_more = schema.normalizer.is_some() || schema.post_processor.is_some();
    match (schema.model.kind.as_str(), decoder) {
        _ if has_more => Err(TokenizerError::Foreign),
        ("BPE", _) => Ok(TokenizerKind::Bpe),
        ("WordLevel", Some("Metaspace")) => Ok(TokenizerKind::Word),
        ("WordLevel", _) => Ok(TokenizerKind::Char),
        _ => Err(TokenizerError::Foreign),
    }
}

/// The texts of the tokens by id. Each may be shown on a terminal, and the special ones are what they are called.
fn texts(schema: &Schema) -> Result<Vec<String>, TokenizerError> {
    let vocabulary = &schema.model.vocab;
    if vocabulary.len() > MOST_TOKENS || vocabulary.is_empty() {
        return Err(TokenizerError::Foreign);
    }
    let mut texts = vec![None; vocabulary.len()];
    for (text, id) in vocabulary {
        let place = id.as_u64().and_then(|id| texts.get_mut(usize::try_from(id).ok()?));
        match place {
            Some(place) if text.len() <= MOST_BYTES && *text == printable(text) => *place = Some(text.clone()),
            _ => return Err(TokenizerError::Foreign),
        }
    }
    let texts: Option<Vec<String>> = texts.into_iter().collect();
    let is_own = |added: &Added, texts: &[String]| texts.get(added.id as usize) == Some(&added.content);
    texts.filter(|texts| schema.added_tokens.iter().all(|added| is_own(added, texts))).ok_or(TokenizerError::Foreign)
}

/// The merges of a BPE vocabulary: pairs of tokens whose text together is a token.
fn merges(schema: &Schema, kind: TokenizerKind) -> Result<Vec<[String; 2]>, TokenizerError> {
    let vocabulary = &schema.model.vocab;
    let merge = |value: &Value| -> Option<[String; 2]> {
        let pair: [String; 2] = match value {
            Value::String(text) => text.split(' ').map(String::from).collect::<Vec<_>>().try_into().ok()?,
            value => serde_json::from_value(value.clone()).ok()?,
        };
        let is_known = pair.iter().all(|text| vocabulary.contains_key(text)) && vocabulary.contains_key(&pair.concat());
        is_known.then_some(pair)
    };
    let merges: Option<Vec<[String; 2]>> = schema.model.merges.iter().map(merge).collect();
    let fits = |merges: &Vec<[String; 2]>| kind == TokenizerKind::Bpe || merges.is_empty();
    merges.filter(fits).ok_or(TokenizerError::Foreign)
}
