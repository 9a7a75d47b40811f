//! The messages of a rank. A thread of its own sends and receives them, so that a rank that is gone cannot stop the one that
//! trains: it waits for a message only for some time after a request to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Interval at which a request to stop is noticed.
const POLL: Duration = Duration::from_millis(20);

/// What the thread of the messages is to do, in this order.
pub enum Transfer {
    Send { to: usize, words: Vec<u32> },
    Receive { from: usize },
}

/// Another rank has ended, or did not answer after a request to stop.
#[derive(Debug, thiserror::Error)]
#[error("another rank has ended or does not answer")]
pub struct Lost;

/// The ends of the channels to the thread of the messages.
pub struct Link {
    /// `None` once the thread is to end.
    requests: Option<Sender<Transfer>>,
    received: Receiver<Vec<u32>>,
    thread: Option<JoinHandle<()>>,
    /// The process has been asked to stop: by the user, or because a rank has ended.
    interrupted: Arc<AtomicBool>,
    /// How long other ranks may take to answer after that.
    grace: Duration,
    /// When the request to stop was noticed.
    since: Option<Instant>,
    pub is_lost: bool,
    /// All ranks end here, so that MPI can be left in order.
    pub is_finished: bool,
}

impl Link {
    pub fn new(
        requests: Sender<Transfer>,
        received: Receiver<Vec<u32>>,
        thread: JoinHandle<()>,
        interrupted: Arc<AtomicBool>,
        grace: Duration,
    ) -> Link {
        let (requests, thread, since) = (Some(requests), Some(thread), None);
        Link { requests, received, thread, interrupted, grace, since, is_lost: false, is_finished: false }
    }

    /// The flag of a request to stop.
    pub fn interrupted(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.interrupted)
    }

    /// Sends `words` to another rank, without waiting.
    ///
    /// # Errors
    /// A thread of messages that has ended.
    pub fn send(&mut self, to: usize, words: Vec<u32>) -> Result<(), Lost> {
        self.request(Transfer::Send { to, words })
    }

    /// The next message of another rank.
    ///
    /// # Errors
    /// No message within the grace after a request to stop.
    pub fn receive(&mut self, from: usize) -> Result<Vec<u32>, Lost> {
        self.request(Transfer::Receive { from })?;
        loop {
            match self.received.recv_timeout(POLL) {
                Ok(words) => return Ok(words),
                Err(RecvTimeoutError::Timeout) if !self.is_overdue() => {}
                Err(_) => return self.lose(),
            }
        }
    }

    /// Whether the grace is over.
    fn is_overdue(&mut self) -> bool {
        if self.since.is_none() && self.interrupted.load(Ordering::SeqCst) {
            self.since = Some(Instant::now());
        }
        self.since.is_some_and(|since| since.elapsed() >= self.grace)
    }

    fn request(&mut self, request: Transfer) -> Result<(), Lost> {
        match self.requests.as_ref().filter(|_| !self.is_lost).map(|requests| requests.send(request)) {
            Some(Ok(())) => Ok(()),
            _ => self.lose(),
        }
    }

    fn lose<T>(&mut self) -> Result<T, Lost> {
        self.is_lost = true;
        Err(Lost)
    }
}

impl Drop for Link {
    /// Waits until the last messages are sent and MPI is left, for which all ranks wait for each other. Where not all of them end, the
    /// process ends without it, and the launcher ends the others.
    fn drop(&mut self) {
        if !self.is_finished || self.is_lost {
            return;
        }
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been reported, and there is nothing more to send.
            let _ = thread.join();
        }
    }
}
