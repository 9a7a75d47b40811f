//! The held-out loss of every form with its change, and the figures of the latest quality check.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// `with_quality`: the figures of the latest quality check are drawn below, if there is room.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, with_quality: bool) {
    let mut block = bordered(theme).title_top(theme.title("held-out"));
    let Some(held) = &state.shown().held_out else {
        let inner = block.inner(area);
        block.render(area, buffer);
        theme.remark("not measured yet", inner.width).render(inner, buffer);
        return;
    };
    block = block
        .title_bottom(Line::styled(format!(" {} {} ", theme.translate("step"), text::count(held.step)), theme.faint()));
    let inner = block.inner(area);
    block.render(area, buffer);
    let change = if let [only] = &held.forms[..] { only.change } else { None };
    let best = (theme.translate("best"), held.best, None);
    let all = (theme.translate("all"), held.loss, change);
    let forms = held.forms.iter().map(|form| (form.form.as_str(), form.loss, form.change));
    let rows = [all, best].into_iter().chain(forms.filter(|_| held.forms.len() > 1));
    for (y, (name, loss, change)) in (inner.y..inner.bottom()).zip(rows) {
        let mut spans = vec![
            Span::styled(format!(" {}", text::fit(name, 7)), theme.faint()),
            Span::styled(format!("{:>6}", text::loss(loss)), theme.plain()),
        ];
        // A change that would be printed as zero is left out.
        if let Some(change) = change.filter(|change| change.abs() >= 0.005 && change.is_finite()) {
            let style = if change < 0.0 { theme.real() } else { theme.discriminator() };
            spans.push(Span::styled(format!("  {change:>+6.2}"), style));
        }
        buffer.set_line(inner.x, y, &Line::from(spans), inner.width);
    }
    let used = 2 + if held.forms.len() > 1 { held.forms.len() as u16 } else { 0 };
    for (y, figure) in
        (inner.y.saturating_add(used)..inner.bottom()).zip(state.shown().quality.iter().filter(|_| with_quality))
    {
        let spans = vec![
            Span::styled(format!(" {}", text::fit(theme.translate(&figure.name), 11)), theme.faint()),
            Span::styled(format!(" {:.2}", figure.model), theme.plain()),
            Span::styled(format!(" R {:.2}", figure.real), theme.faint()),
        ];
        buffer.set_line(inner.x, y, &Line::from(spans), inner.width);
    }
}
