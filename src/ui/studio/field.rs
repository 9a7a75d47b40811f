//! The fields of the form, each for an option of `write`.

/// How the text of a field becomes words of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudioFieldKind {
    /// The option with the text as its value.
    Text,
    /// As `Text`; the form of a poem is put into it when a line of that poem is locked.
    Form,
    /// The option with each of several values, which commas separate.
    List,
    /// As `List`; the sliders change it.
    Axes,
    /// The option without a value.
    Flag,
    /// The option with one of these values.
    Choice(Vec<String>),
    /// The option with a number and a text for each line of the poem.
    Lines,
    /// The seed of the first candidate.
    Seed,
    /// The number of candidates.
    Count,
}

/// A field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudioField {
    /// The option, such as `--start`.
    pub option: String,
    /// What the screen calls it, in English.
    pub label: String,
    pub kind: StudioFieldKind,
    /// What holds if the field is empty.
    pub default: String,
    /// What it does, in the language of the screen.
    pub help: String,
}
