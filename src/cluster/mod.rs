//! The ranks of a run: processes, on one or more machines, each of which computes some parts of every minibatch. All hold the
//! same weights and make the same updates; what one of them computes reaches the others through a ring of messages.

#[cfg(any(test, feature = "mpi"))]
pub mod agreement;
mod join;
pub mod link;
#[cfg(test)]
pub mod local;
#[cfg(feature = "mpi")]
mod mpi;
pub mod words;

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use join::join;
use link::{Link, Lost};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Words of a message of a sum or a broadcast: 256 kB, so that all ranks of the ring are busy at once.
const CHUNK: usize = 1 << 16;

/// This process among the ranks of its run.
pub struct Ranks {
    /// From 0 to `size` - 1.
    pub rank: usize,
    pub size: usize,
    /// Threads of all ranks together; 0 for a process that trains alone.
    pub threads: usize,
    /// `None` for a process that trains alone.
    link: Option<Mutex<Link>>,
}

impl Ranks {
    /// A process that trains alone.
    pub const ALONE: Ranks = Ranks { rank: 0, size: 1, threads: 0, link: None };

    pub fn is_alone(&self) -> bool {
        self.size == 1
    }

    /// Whether another rank did not answer.
    pub fn is_lost(&self) -> bool {
        self.link().is_some_and(|link| link.is_lost)
    }

    /// From now on SIGINT and SIGTERM are requests to stop, after which other ranks are waited for only for some time.
    ///
    /// # Errors
    /// Handlers that the system refuses.
    pub fn heed_signals(&self) -> io::Result<()> {
        let Some(link) = self.link() else { return Ok(()) };
        [SIGINT, SIGTERM].into_iter().try_for_each(|signal| flag::register(signal, link.interrupted()).map(drop))
    }

    /// Tells that all ranks end here.
    pub fn finish(&self) {
        self.link().into_iter().for_each(|mut link| link.is_finished = true);
    }

    /// The sum of the vectors of all ranks, each of `len` elements, in order: ((first + second) + third) and so on. A rank may
    /// have none, but the first has one. The result has the same bits for any distribution of the vectors over the ranks.
    ///
    /// # Errors
    /// A rank that does not answer.
    pub fn sum(&self, own: &[Vec<f32>], len: usize) -> Result<Vec<f32>, Lost> {
        let Some(mut link) = self.link() else { return Ok(added(Vec::new(), own.iter().map(Vec::as_slice))) };
        let mut total = Vec::new();
        for start in (0..len).step_by(CHUNK) {
            let end = len.min(start + CHUNK);
            let before = if self.rank > 0 { link.receive(self.previous())? } else { Vec::new() };
            let sum = added(bytemuck::cast_vec(before), own.iter().map(|vector| &vector[start..end]));
            if self.is_last() {
                total.extend(sum);
            } else {
                link.send(self.next(), bytemuck::cast_vec(sum))?;
            }
        }
        let total = self.is_last().then(|| bytemuck::cast_vec(total));
        Ok(bytemuck::cast_vec(self.spread(&mut link, self.size - 1, total)?))
    }

    /// The words of all ranks, in the order of the ranks.
    ///
    /// # Errors
    /// A rank that does not answer.
    pub fn gather(&self, own: Vec<u32>) -> Result<Vec<u32>, Lost> {
        let Some(mut link) = self.link() else { return Ok(own) };
        let mut words = if self.rank > 0 { link.receive(self.previous())? } else { Vec::new() };
        words.extend(own);
        if self.is_last() {
            return self.spread(&mut link, self.size - 1, Some(words));
        }
        link.send(self.next(), words)?;
        self.spread(&mut link, self.size - 1, None)
    }

    /// The words of rank 0, which gives them, on every rank.
    ///
    /// # Errors
    /// A rank that does not answer.
    pub fn broadcast(&self, words: Option<Vec<u32>>) -> Result<Vec<u32>, Lost> {
        match self.link() {
            Some(mut link) => self.spread(&mut link, 0, words),
            None => Ok(words.unwrap_or_default()),
        }
    }

    /// Passes the words of rank `root` around the ring, their number first, then chunk by chunk.
    fn spread(&self, link: &mut Link, root: usize, words: Option<Vec<u32>>) -> Result<Vec<u32>, Lost> {
        if let Some(words) = words {
            link.send(self.next(), vec![words.len() as u32])?;
            words.chunks(CHUNK).try_for_each(|chunk| link.send(self.next(), chunk.to_vec()))?;
            return Ok(words);
        }
        let mut receive = || {
            let message = link.receive(self.previous())?;
            if self.next() != root {
                link.send(self.next(), message.clone())?;
            }
            Ok(message)
        };
        let len = receive()?.first().map_or(0, |&len| len as usize);
        let mut words = Vec::with_capacity(len);
        while words.len() < len {
            words.extend(receive()?);
        }
        Ok(words)
    }

    fn link(&self) -> Option<MutexGuard<'_, Link>> {
        self.link.as_ref().map(|link| link.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn next(&self) -> usize {
        (self.rank + 1) % self.size
    }

    fn previous(&self) -> usize {
        (self.rank + self.size - 1) % self.size
    }

    fn is_last(&self) -> bool {
        self.rank + 1 == self.size
    }
}

/// `sum` and the vectors, added in order; an empty sum takes the first vector.
fn added<'a>(mut sum: Vec<f32>, vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    for vector in vectors {
        if sum.is_empty() {
            sum.extend_from_slice(vector);
        } else {
            sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
        }
    }
    sum
}

#[cfg(test)]
mod tests;
