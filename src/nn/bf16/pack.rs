//! Packing: rounding to bfloat16, and the order in which the kernel reads.

use std::arch::x86_64::*;

use super::PANEL;

/// Elements of a row that are rounded at a time.
const BOTH: usize = 2 * PANEL;

/// Elements at a time where the rows of a panel are columns: as many cache lines are written to one panel before the
/// next, and as many rows of the matrix are read side by side.
const GROUP: usize = 8;

/// The elements from `first` on, up to 16; the lanes beyond the end are 0.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn load(slice: &[f32], first: usize) -> __m512 {
    let slice = slice.get(first..).unwrap_or(&[]);
    let lanes = ((1u32 << slice.len().min(PANEL)) - 1) as __mmask16;
    // SAFETY: the lanes are those of the slice; no others are read.
    unsafe { _mm512_maskz_loadu_ps(lanes, slice.as_ptr()) }
}

/// 32 bfloat16, the first 16 from `low`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn round(low: __m512, high: __m512) -> __m512i {
    // SAFETY: both types are 64 bytes without invalid values.
    unsafe { std::mem::transmute(_mm512_cvtne2ps_pbh(high, low)) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn store(line: &mut [u32], x: __m512i) {
    assert!(line.len() == PANEL);
    // SAFETY: the line has 16 elements.
    unsafe { _mm512_storeu_si512(line.as_mut_ptr().cast(), x) }
}

/// Fills a panel [pairs, 16] from rows of equal length; absent ones are empty.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub fn rows(panel: &mut [u32], rows: &[&[f32]; PANEL]) {
    for (i, lines) in panel.chunks_mut(PANEL * PANEL).enumerate() {
        let mut pairs = [_mm512_setzero_si512(); PANEL]; // [row, pair]
        for (pairs, row) in pairs.iter_mut().zip(rows) {
            *pairs = round(load(row, i * BOTH), load(row, i * BOTH + PANEL));
        }
        transpose(&mut pairs); // [pair, row]
        for (line, pair) in lines.chunks_exact_mut(PANEL).zip(pairs) {
            store(line, pair);
        }
    }
}

/// Fills the panels [panel, pairs, 16] of a block from their transpose, `data` [elements, rows].
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub fn columns(panels: &mut [u32], data: &[f32], rows: usize) {
    let size = PANEL * (data.len() / rows).div_ceil(2);
    let interleaved = interleaving();
    for (group, data) in data.chunks(GROUP * rows).enumerate() {
        let lines = group * GROUP / 2 * PANEL;
        for (i, panel) in panels.chunks_exact_mut(size).enumerate() {
            for (line, pair) in panel[lines..].chunks_exact_mut(PANEL).zip(data.chunks(2 * rows)) {
                let (even, odd) = pair.split_at(rows);
                let both = round(load(even, i * PANEL), load(odd, i * PANEL));
                store(line, _mm512_permutexvar_epi16(interleaved, both));
            }
        }
    }
}

/// The order in which 16 elements of one row and 16 of the next become 16 pairs.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn interleaving() -> __m512i {
    let order: [u16; BOTH] = std::array::from_fn(|i| (i / 2 + i % 2 * PANEL) as u16);
    // SAFETY: the array has 64 bytes.
    unsafe { _mm512_loadu_si512(order.as_ptr().cast()) }
}

/// Transposes a matrix of 16 x 16 pairs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn transpose(m: &mut [__m512i; PANEL]) {
    // Within lanes of 128 bits, pairs of rows and then rows four apart; then the lanes themselves.
    let mut t = *m;
    for i in (0..PANEL).step_by(2) {
        (t[i], t[i + 1]) = (_mm512_unpacklo_epi32(m[i], m[i + 1]), _mm512_unpackhi_epi32(m[i], m[i + 1]));
    }
    for i in (0..PANEL).step_by(4) {
        (m[i], m[i + 1]) = (_mm512_unpacklo_epi64(t[i], t[i + 2]), _mm512_unpackhi_epi64(t[i], t[i + 2]));
        (m[i + 2], m[i + 3]) = (_mm512_unpacklo_epi64(t[i + 1], t[i + 3]), _mm512_unpackhi_epi64(t[i + 1], t[i + 3]));
    }
    for i in 0..4 {
        let j = i + 8;
        (t[i], t[i + 4]) = (lanes::<0x88>(m[i], m[i + 4]), lanes::<0xdd>(m[i], m[i + 4]));
        (t[j], t[j + 4]) = (lanes::<0x88>(m[j], m[j + 4]), lanes::<0xdd>(m[j], m[j + 4]));
    }
    for i in 0..8 {
        (m[i], m[i + 8]) = (lanes::<0x88>(t[i], t[i + 8]), lanes::<0xdd>(t[i], t[i + 8]));
    }
}

/// Two lanes of 128 bits from `a`, then two from `b`: the even ones for 0x88, the odd ones for 0xdd.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn lanes<const ORDER: i32>(a: __m512i, b: __m512i) -> __m512i {
    _mm512_shuffle_i32x4::<ORDER>(a, b)
}
