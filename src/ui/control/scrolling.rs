//! Scrolling and paging on each screen.

use crate::ui::model::action::Action;
use crate::ui::model::screens::Screen;
use crate::ui::model::state::DashboardState;

/// Poems that a page of the list moves by.
const PAGE: usize = 10;

impl DashboardState {
    pub(in crate::ui::control) fn scroll_poem(&mut self, down: bool) {
        let row = self.poem_scroll;
        self.poem_scroll = if down { (row + 1).min(self.layout.poem_hidden) } else { row.saturating_sub(1) };
        self.needs_repaint = true;
    }

    pub(in crate::ui::control) fn page(&mut self, down: bool) {
        match self.screen {
            Screen::Adversarial => self.up_or_down(down, self.layout.samples.shown.max(1)),
            Screen::Samples => self.up_or_down(down, PAGE),
            Screen::Curves => self.on_screen(if down { Action::PageDown } else { Action::PageUp }),
            Screen::Quality | Screen::Latent => {}
            Screen::Log => {
                let most = self.layout.log.hidden();
                let rows = self.layout.log.shown.max(1);
                self.log_back =
                    if down { self.log_back.saturating_sub(rows) } else { (self.log_back + rows).min(most) };
            }
        }
    }

    pub(in crate::ui::control) fn up_or_down(&mut self, down: bool, rows: usize) {
        let moved = |row: usize| if down { row + rows } else { row.saturating_sub(rows) };
        match self.screen {
            Screen::Adversarial => {
                let row = moved(self.scroll).min(self.layout.samples.hidden());
                self.needs_repaint |= self.scroll != row;
                self.scroll = row;
            }
            Screen::Samples => {
                let (model, browser) = self.browse();
                browser.select(&model.sample_history, moved(browser.index(&model.sample_history)));
                self.poem_scroll = 0;
                self.needs_repaint = true;
            }
            Screen::Curves => self.on_screen(if down { Action::Down } else { Action::Up }),
            Screen::Log => {
                self.settings_scroll = moved(self.settings_scroll).min(self.layout.settings.hidden());
            }
            Screen::Quality | Screen::Latent => {}
        }
    }
}
