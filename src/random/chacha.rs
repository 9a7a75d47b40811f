//! ChaCha8 (D. J. Bernstein 2008), sixteen blocks at a time. Yields the same words as `rand_chacha::ChaCha8Rng`, several
//! times faster for bulk generation.

/// Blocks that are computed together, one per SIMD lane.
const LANES: usize = 16;

/// Words of a block.
const BLOCK: usize = 16;

/// Words that are computed together.
pub const GROUP: usize = LANES * BLOCK;

/// A stream of words of a key.
pub struct ChaCha8 {
    /// Constant, key, block counter and stream id, as for block 0.
    input: [u32; BLOCK],
}

impl ChaCha8 {
    pub fn new(key: [u8; 32], stream: u64) -> ChaCha8 {
        // "expand 32-byte k"
        let mut input = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (word, bytes) in input[4..12].iter_mut().zip(key.chunks_exact(4)) {
            *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        (input[14], input[15]) = (stream as u32, (stream >> 32) as u32);
        ChaCha8 { input }
    }

    /// Words `index * GROUP..(index + 1) * GROUP` of the stream. Call it inside `simd::vectorised`.
    #[inline(always)]
    pub fn group(&self, index: u64, words: &mut [u32; GROUP]) {
        let (mut by_word, mut half) = ([0; GROUP], [0; GROUP]);
        self.lanes(index, &mut by_word);
        // Two perfect shuffles by four transpose 16 x 16 words, which is cheaper than a direct transposition.
        shuffle(&by_word, &mut half);
        shuffle(&half, words);
    }

    /// The words of a group as [word of the block, block]. The loop over lanes contains no other loop, so that the
    /// compiler vectorises it for any vector width.
    #[inline(always)]
    fn lanes(&self, index: u64, words: &mut [u32; GROUP]) {
        let counter = index * LANES as u64;
        for lane in 0..LANES {
            let mut input = self.input;
            // A group begins at a multiple of 16, so no lane carries into the high word.
            (input[12], input[13]) = ((counter as u32).wrapping_add(lane as u32), (counter >> 32) as u32);
            let mut x = input;
            double_round(&mut x);
            double_round(&mut x);
            double_round(&mut x);
            double_round(&mut x);
            for word in 0..BLOCK {
                words[word * LANES + lane] = x[word].wrapping_add(input[word]);
            }
        }
    }
}

#[inline(always)]
fn double_round(x: &mut [u32; BLOCK]) {
    for i in 0..4 {
        quarter_round(x, i, 4 + i, 8 + i, 12 + i);
    }
    for i in 0..4 {
        quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
}

#[inline(always)]
fn quarter_round(x: &mut [u32; BLOCK], a: usize, b: usize, c: usize, d: usize) {
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(16);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(12);
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(8);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(7);
}

/// Interleaves the four quarters of `from`.
#[inline(always)]
fn shuffle(from: &[u32; GROUP], to: &mut [u32; GROUP]) {
    const QUARTER: usize = GROUP / 4;
    for i in 0..QUARTER {
        to[4 * i] = from[i];
        to[4 * i + 1] = from[i + QUARTER];
        to[4 * i + 2] = from[i + 2 * QUARTER];
        to[4 * i + 3] = from[i + 3 * QUARTER];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::simd;
    use rand::{RngCore, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn assert_same(key: [u8; 32], stream: u64, index: u64) {
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        rng.set_word_pos(u128::from(index) * GROUP as u128);
        let expected: Vec<u32> = (0..GROUP).map(|_| rng.next_u32()).collect();
        let mut words = [0; GROUP];
        let chacha = ChaCha8::new(key, stream);
        simd::vectorised(
            #[inline(always)]
            || chacha.group(index, &mut words),
        );
        assert_eq!(words.as_slice(), expected, "stream {stream} group {index}");
    }

    #[test]
    fn words_are_those_of_rand_chacha() {
        let mut keys = ChaCha8Rng::seed_from_u64(1);
        for stream in [0, 1, 77, u64::from(u32::MAX), 1 << 32, u64::MAX] {
            let mut key = [0; 32];
            keys.fill_bytes(&mut key);
            // The block counter passes 2^32 between the groups 2^28 - 1 and 2^28.
            for index in [0, 1, 2, 3, 18, 19, (1 << 28) - 1, 1 << 28, (1 << 28) + 1, 1 << 40] {
                assert_same(key, stream, index);
            }
        }
    }
}
