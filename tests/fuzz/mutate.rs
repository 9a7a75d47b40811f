//! Inputs: a seed file, changed in one to four ways. An input depends on its target and its number alone.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::Path;

use poetgan::random;
use rand::{Rng, RngCore};

/// Texts at which parsers have failed before: brackets, quotes, escapes, marks of Unicode and of layouts.
const WORDS: [&[u8]; 40] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"'",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\t",
    b"\0",
    b"\xff",
    b"\xe6\x98",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\x1b[2J",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    "\u{301}".as_bytes(),
    "。".as_bytes(),
    "《".as_bytes(),
    "：".as_bytes(),
    "▁".as_bytes(),
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"# ",
    b"---\n",
    b"%\n",
    b"<p>",
    b"<br>",
    b"&#x110000;",
    b"1.\n",
    b"/ ",
    b" | ",
];
/// What a number becomes.
const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "-1",
    "-0.0",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e38",
    "1e308",
    "1e-320",
    "1e999",
    "NaN",
    "null",
];
/// What is nested.
const OPENERS: [&str; 8] = ["[", "{\"a\":", "(", "<p>", "<b", "《", "\"", "a."];
/// Most levels of nesting.
const DEEPEST: usize = 1 << 15;

/// The seeds of a target: the files of its folder, in the order of their names.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seeds");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The input of a target with this number.
pub fn input(target: &str, seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let rng = &mut random::stream(0, &format!("fuzz {target}"), number);
    let mut bytes = seeds[rng.random_range(0..seeds.len())].clone();
    for _ in 0..rng.random_range(1..=4) {
        mutate(&mut bytes, seeds, rng);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut impl RngCore) {
    let (at, end) = range(bytes.len(), rng);
    match rng.random_range(0..32) {
        0..4 => bytes.truncate(at),
        4..8 => drop(bytes.drain(at..end)),
        8..14 => flip(bytes, rng),
        14..18 => {
            let other = &seeds[rng.random_range(0..seeds.len())];
            let (from, to) = range(other.len(), rng);
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        18..20 => {
            let part = bytes[at..end.min(at + 64)].repeat(rng.random_range(1..64));
            bytes.splice(at..at, part);
        }
        20..26 => number(bytes, rng),
        26..31 => drop(bytes.splice(at..at, WORDS[rng.random_range(0..WORDS.len())].iter().copied())),
        _ => {
            let opener = OPENERS[rng.random_range(0..OPENERS.len())];
            let depth = rng.random_range(0..DEEPEST) >> rng.random_range(0..12);
            bytes.splice(at..at, opener.repeat(depth).into_bytes());
        }
    }
}

/// A place, and one that is mostly not far behind it.
fn range(length: usize, rng: &mut impl RngCore) -> (usize, usize) {
    let at = rng.random_range(0..=length);
    (at, at + (rng.random_range(0..=length - at) >> rng.random_range(0..8)))
}

fn flip(bytes: &mut [u8], rng: &mut impl RngCore) {
    for _ in 0..rng.random_range(1..8) {
        if !bytes.is_empty() {
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= 1 << rng.random_range(0..8);
        }
    }
}

/// Replaces the first number behind a random place.
fn number(bytes: &mut Vec<u8>, rng: &mut impl RngCore) {
    let from = rng.random_range(0..=bytes.len());
    let Some(first) = bytes[from..].iter().position(u8::is_ascii_digit).map(|first| from + first) else { return };
    let length = bytes[first..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    bytes.splice(first..first + length, NUMBERS[rng.random_range(0..NUMBERS.len())].bytes());
}
