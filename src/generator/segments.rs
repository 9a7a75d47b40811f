//! The segments of a poem, whose agreement is its theme: couplets of fixed forms, lines of other verse.

use super::rules::SpecialTokens;

/// For each segment of a poem the tokens that count for its theme, as indices into `poem`: letters but the last of the
/// segment, which is chosen for its rhyme. Segments without any are left out.
pub fn segment_places(poem: &[u32], special: SpecialTokens, is_fixed: bool) -> Vec<Vec<usize>> {
    let lines_per_segment = if is_fixed { 2 } else { 1 };
    let mut segments: Vec<Vec<usize>> = Vec::new();
    let mut line = 0;
    for (place, &token) in poem.iter().enumerate().skip(1) {
        if special.ends_line(token) {
            line += 1;
        } else if token as usize >= special.first_letter {
            segments.resize(segments.len().max(line / lines_per_segment + 1), Vec::new());
            segments[line / lines_per_segment].push(place);
        }
    }
    for segment in &mut segments {
        segment.pop();
    }
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// The same as distinct tokens, ascending.
pub fn segments(poem: &[u32], special: SpecialTokens, is_fixed: bool) -> Vec<Vec<u32>> {
    let tokens = |places: Vec<usize>| {
        let mut tokens: Vec<u32> = places.into_iter().map(|place| poem[place]).collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    };
    segment_places(poem, special, is_fixed).into_iter().map(tokens).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };

    #[test]
    fn couplets_and_lines_lose_their_last_letter() {
        let poem = [3, 9, 7, 1, 7, 4, 8, 1, 6, 5, 1, 5, 6, 2];
        assert_eq!(segments(&poem, SPECIAL, true), [vec![7, 9], vec![5, 6]]);
        assert_eq!(segments(&poem, SPECIAL, false), [vec![9], vec![7], vec![6], vec![5]]);
        assert_eq!(segment_places(&poem, SPECIAL, true), [vec![1, 2, 4], vec![8, 9, 11]]);
        assert!(segments(&[3, 9, 2], SPECIAL, false).is_empty());
    }
}
