//! The messages of a rank. A thread of its own sends and receives them, so that a rank that is gone cannot stop the one that
//! trains: whoever waits for a message gives up some time after a request to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Interval at which a request to stop is noticed.
const POLL: Duration = Duration::from_millis(20);

/// What the thread of the messages is to do, in this order.
pub enum Request {
    Send { to: usize, words: Vec<u32> },
    Receive { from: usize },
}

/// Another rank has ended, or did not answer after a request to stop.
#[derive(Debug, thiserror::Error)]
#[error("another rank has ended or does not answer")]
pub struct Lost;

/// The ends of the channels to the thread of the messages.
pub struct Link {
    requests: Option<Sender<Request>>,
    received: Receiver<Vec<u32>>,
    thread: Option<JoinHandle<()>>,
    /// The process has been asked to stop: by the user, or because a rank has ended.
    interrupted: Arc<AtomicBool>,
    /// How long other ranks may take to answer after that.
    grace: Duration,
    pub is_lost: bool,
}

impl Link {
    pub fn new(
        requests: Sender<Request>,
        received: Receiver<Vec<u32>>,
        thread: JoinHandle<()>,
        interrupted: Arc<AtomicBool>,
        grace: Duration,
    ) -> Link {
        Link { requests: Some(requests), received, thread: Some(thread), interrupted, grace, is_lost: false }
    }

    /// Sends `words` to another rank, without waiting.
    ///
    /// # Errors
    /// A thread of messages that has ended.
    pub fn send(&mut self, to: usize, words: Vec<u32>) -> Result<(), Lost> {
        self.request(Request::Send { to, words })
    }

    /// The next message of another rank.
    ///
    /// # Errors
    /// No message within the grace after a request to stop.
    pub fn receive(&mut self, from: usize) -> Result<Vec<u32>, Lost> {
        self.request(Request::Receive { from })?;
        let mut left = self.grace;
        loop {
            match self.received.recv_timeout(POLL) {
                Ok(words) => return Ok(words),
                Err(RecvTimeoutError::Timeout) if !self.interrupted.load(Ordering::SeqCst) => {}
                Err(RecvTimeoutError::Timeout) if !left.is_zero() => left = left.saturating_sub(POLL),
                Err(_) => return self.lose(),
            }
        }
    }

    fn request(&mut self, request: Request) -> Result<(), Lost> {
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
    /// Waits until the last messages are sent. Those to a rank that is lost never are.
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take().filter(|_| !self.is_lost) {
            // A panic of that thread has been reported, and there is nothing more to send.
            let _ = thread.join();
        }
    }
}
