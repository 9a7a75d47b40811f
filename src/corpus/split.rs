//! The held-out part, selected by a hash of each poem's text, so that it does not depend on the machine, the order of the
//! file or (nearly) the other poems of the file.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;

use compact_str::CompactString;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::script::is_letter;
use super::{MIN_POEMS, Poem};

/// One poem in this many is held out.
pub const HELD_OUT: u64 = 20;

/// A line of more poems than this is a refrain or a set phrase, not a sign of a near-duplicate.
const MAX_HOLDERS: usize = 16;

/// Poems whose lines are hashed at once.
const ROUND: usize = 1 << 14;

/// A group of near-duplicates larger than the corpus divided by this is not held out.
const LARGEST_GROUP: usize = 4;

/// Two independent numbers from the SHA-256 of a poem's text.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint {
    /// Equal for equal texts only.
    pub key: [u64; 2],
    /// Decides the part of the poem's group of near-duplicates.
    side: u64,
}

impl Fingerprint {
    pub fn of(lines: &[CompactString]) -> Fingerprint {
        let mut hash = Sha256::new();
        for line in lines {
            hash.update(line.as_bytes());
            hash.update("\n");
        }
        let digest = hash.finalize();
        let number = |i: usize| digest[8 * i..8 * i + 8].iter().fold(0, |n, &byte| n << 8 | u64::from(byte));
        Fingerprint { key: [number(0), number(1)], side: number(2) }
    }
}

/// The two parts of a corpus.
#[derive(Debug, Default)]
pub struct CorpusParts {
    pub training: Vec<Poem>,
    pub held_out: Vec<Poem>,
    /// Poems that share half of their lines with an earlier one, directly or through others.
    pub near_duplicates: usize,
}

/// The groups of near-duplicates, which are all in the same part.
struct DuplicateGroups {
    /// The group of each poem.
    of: Vec<u32>,
    /// In the order of their first poems.
    groups: Vec<Group>,
}

struct Group {
    size: u32,
    /// Of the poem with the smallest key. Its side is independent of its key, so that large groups are not held out more
    /// often than small ones.
    print: Fingerprint,
}

/// Splits `poems`. Poems that share half of their lines are in the same part.
pub fn part(mut poems: Vec<Poem>, prints: &[Fingerprint]) -> CorpusParts {
    let groups = DuplicateGroups::of(&poems, prints);
    let near_duplicates = poems.len() - groups.groups.len();
    let mut is_held_out = groups.held_out().into_iter();
    drop(groups);
    // In place, since the poems take more memory than all else.
    let held_out = poems.extract_if(.., |_| is_held_out.next() == Some(true)).collect();
    CorpusParts { training: poems, held_out, near_duplicates }
}

/// The groups of near-duplicates that may be held out, as indices, in the order in which they are: by a hash of their text.
/// The order of `poems` does not matter.
pub fn candidates(poems: &[Poem]) -> Vec<Vec<usize>> {
    let prints: Vec<Fingerprint> = poems.par_iter().map(|poem| Fingerprint::of(&poem.lines)).collect();
    let DuplicateGroups { of, groups } = DuplicateGroups::of(poems, &prints);
    let mut members = vec![Vec::new(); groups.len()];
    of.into_iter().enumerate().for_each(|(poem, group)| members[group as usize].push(poem));
    let mut eligible: Vec<(&Group, Vec<usize>)> = groups.iter().zip(members).collect();
    eligible.retain(|(group, _)| is_eligible(group, poems.len()));
    eligible.sort_by_key(|(group, _)| (group.print.side, group.print.key));
    eligible.into_iter().map(|(_, members)| members).collect()
}

impl DuplicateGroups {
    fn of(poems: &[Poem], prints: &[Fingerprint]) -> DuplicateGroups {
        let mut linked = near_duplicates(poems);
        let mut of = Vec::with_capacity(poems.len());
        let mut groups: Vec<Group> = Vec::new();
        for (i, print) in prints.iter().enumerate() {
            let root = linked.root(i);
            if root == i {
                of.push(groups.len() as u32);
                groups.push(Group { size: 1, print: *print });
            } else {
                // A root is the first of its poems.
                of.push(of[root]);
                let group = &mut groups[of[root] as usize];
                group.size += 1;
                group.print = if print.key < group.print.key { *print } else { group.print };
            }
        }
        DuplicateGroups { of, groups }
    }

    /// Whether each poem is held out.
    fn held_out(&self) -> Vec<bool> {
        let n = self.of.len();
        let eligible = || (0..self.groups.len()).filter(|&i| is_eligible(&self.groups[i], n));
        let mut chosen = vec![false; self.groups.len()];
        eligible().filter(|&i| self.groups[i].print.side < u64::MAX / HELD_OUT).for_each(|i| chosen[i] = true);
        // A small corpus may have no poem below the bound by chance, but training needs a held-out one.
        if n >= MIN_POEMS && !chosen.contains(&true) {
            eligible().min_by_key(|&i| self.groups[i].print.side).into_iter().for_each(|i| chosen[i] = true);
        }
        self.of.iter().map(|&group| chosen[group as usize]).collect()
    }
}

/// Whether a group of a corpus of `n` poems is small enough to be held out.
fn is_eligible(group: &Group, n: usize) -> bool {
    group.size as usize * LARGEST_GROUP <= n
}

/// Groups of poems linked by sharing at least half of the lines of one of them.
fn near_duplicates(poems: &[Poem]) -> Groups {
    let Shared { holders, n_lines } = Shared::of(poems);
    // For each poem, where the holders of its shared lines begin.
    let mut starts = Vec::with_capacity(holders.len());
    for same in holders.chunk_by(|a, b| a.0 == b.0) {
        let start = starts.len() as u32;
        starts.extend(same.iter().map(|&(_, poem)| (poem, start)));
    }
    starts.sort_unstable();
    let mut groups = Groups { parents: (0..poems.len() as u32).collect() };
    let mut others = Vec::new();
    for shared in starts.chunk_by(|a, b| a.0 == b.0) {
        let poem = shared[0].0 as usize;
        others.clear();
        for &(_, start) in shared {
            let line = holders[start as usize].0;
            let same = holders[start as usize..].iter().take_while(|holder| holder.0 == line);
            others.extend(same.map(|&(_, other)| other as usize).filter(|&other| other > poem));
        }
        others.sort_unstable();
        for same in others.chunk_by(|a, b| a == b) {
            if 2 * same.len() as u32 >= n_lines[poem].min(n_lines[same[0]]) {
                groups.join(poem, same[0]);
            }
        }
    }
    groups
}

/// The lines shared by a few poems.
struct Shared {
    /// Pairs (hash of a line, index of a poem that contains it), sorted.
    holders: Vec<(u64, u32)>,
    /// Number of distinct lines of each poem, shared or not.
    n_lines: Vec<u32>,
}

impl Shared {
    fn of(poems: &[Poem]) -> Shared {
        let mut holders = Vec::with_capacity(poems.iter().map(|poem| poem.lines.len()).sum());
        let mut n_lines = Vec::with_capacity(poems.len());
        let distinct = |poem: &Poem| {
            let mut hashes: Vec<u64> = poem.lines.iter().filter_map(|line| line_hash(line)).collect();
            hashes.sort_unstable();
            hashes.dedup();
            hashes
        };
        // In rounds, since the hashes of all poems would take the memory of the list twice.
        for (round, poems) in poems.chunks(ROUND).enumerate() {
            let hashes: Vec<Vec<u64>> = poems.par_iter().map(distinct).collect();
            for (poem, hashes) in (round * ROUND..).zip(hashes) {
                n_lines.push(hashes.len() as u32);
                holders.extend(hashes.into_iter().map(|hash| (hash, poem as u32)));
            }
        }
        holders.par_sort_unstable();
        keep_shared(&mut holders);
        Shared { holders, n_lines }
    }
}

/// Keeps the lines of at least two and at most `MAX_HOLDERS` poems. In place, since the list may be as large as the text.
fn keep_shared(holders: &mut Vec<(u64, u32)>) {
    let (mut start, mut kept) = (0, 0);
    while start < holders.len() {
        let n_same = holders[start..].iter().take_while(|holder| holder.0 == holders[start].0).count();
        if (2..=MAX_HOLDERS).contains(&n_same) {
            holders.copy_within(start..start + n_same, kept);
            kept += n_same;
        }
        start += n_same;
    }
    holders.truncate(kept);
    holders.shrink_to_fit();
}

/// A hash of the line's letters, ignoring punctuation and case; `None` for a line without letters. Hashes are compared
/// within one process only, so they may differ between versions of the standard library.
fn line_hash(line: &str) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut n_letters = 0;
    for c in line.chars().filter(|&c| is_letter(c)) {
        hasher.write_u32(u32::from(c.to_ascii_lowercase()));
        n_letters += 1;
    }
    (n_letters > 0).then(|| hasher.finish())
}

/// Disjoint groups of numbers (union-find with path halving).
struct Groups {
    parents: Vec<u32>,
}

impl Groups {
    fn root(&mut self, mut i: usize) -> usize {
        while self.parents[i] as usize != i {
            self.parents[i] = self.parents[self.parents[i] as usize];
            i = self.parents[i] as usize;
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b) as u32;
    }
}
