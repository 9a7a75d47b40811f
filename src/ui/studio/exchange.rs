//! What the screen and the writer of the poems tell each other.

use super::axes::StudioAxes;
use super::field::StudioField;
use crate::run::event::ScoredLine;

/// What the screen is told before it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudioSetup {
    /// Name of the model.
    pub model: String,
    /// The fields of the form in their order.
    pub fields: Vec<StudioField>,
    /// Options that are filled in from the beginning, and their texts.
    pub texts: Vec<(String, String)>,
    /// The directions of z.
    pub axes: StudioAxes,
    /// The file that poems are kept in.
    pub favourites: String,
}

/// Poems that are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudioRequest {
    /// Counts up, so that poems of an earlier request are recognised.
    pub number: u64,
    /// Options of `write` with their values, without those that follow.
    pub words: Vec<String>,
    /// As typed; empty for any seed.
    pub seed: String,
    pub count: String,
}

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum StudioCommand {
    /// Ends the request before it.
    Write(StudioRequest),
    /// Appends a poem to the file of favourites.
    Keep(Box<StudioCandidate>),
    /// Writes poems to a new file.
    Export { file: String, poems: Vec<StudioCandidate> },
}

/// A poem that meets the constraints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudioCandidate {
    pub seed: u64,
    pub form: String,
    pub lines: Vec<ScoredLine>,
    /// The lines, from 0, that begin a stanza, without the first.
    pub stanzas: Vec<usize>,
    /// The poem as `write` prints it, and as a JSON object.
    pub text: String,
    pub json: String,
    pub score: Option<f32>,
    /// Nats; `None` without constraints.
    pub cost: Option<f32>,
    /// The rhyme group, and the lines, from 0, that end in it.
    pub rhyme: Option<(String, Vec<usize>)>,
    /// The words of the command that prints it, quoted for a shell.
    pub command: Vec<String>,
}

/// What the screen is answered. The texts of errors are in the language of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum StudioAnswer {
    Poem {
        number: u64,
        poem: Box<StudioCandidate>,
    },
    /// No poem can be had, or not that of one seed.
    Refused {
        number: u64,
        why: String,
    },
    /// There are no more poems to come.
    Written {
        number: u64,
    },
    /// The poem of this command is in the file of favourites.
    Kept {
        command: Vec<String>,
    },
    Exported {
        file: String,
        count: usize,
    },
    /// A file cannot be written.
    Failed(String),
}
