//! The screen of `poetgan studio`: a form of constraints, the candidates that meet them, the lines of one of them, and the axes of
//! the model. It knows the fields of the form and texts; what writes the poems is at the other end of two channels.

pub mod axes;
mod axes_pane;
mod bottom;
mod change;
mod control;
mod editor;
pub mod exchange;
pub mod field;
pub mod form;
mod form_pane;
mod full_command;
mod history;
mod keys;
mod list;
mod list_pane;
mod message;
mod pane;
mod poem_pane;
mod screen;
mod state;
mod view;

pub use axes::StudioAxes;
pub use exchange::{StudioAnswer, StudioCandidate, StudioCommand, StudioRequest, StudioSetup};
pub use field::{StudioField, StudioFieldKind};
pub use form::StudioForm;
pub use keys::{STUDIO_KEYS, StudioAction, StudioBinding};
pub use list::CandidateList;
pub use pane::StudioPane;
pub use screen::studio;
pub use state::StudioState;
pub use view::draw as draw_studio;
