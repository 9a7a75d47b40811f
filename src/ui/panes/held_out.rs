//! The held-out loss of every form and how it moved, and the latest look at the poems.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// `with_quality`: the latest look at the poems stands below, where there is room for it.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, with_quality: bool) {
    let mut block = bordered(theme).title_top(theme.title("held-out"));
    let Some(held) = &state.held_out else {
        let inner = block.inner(area);
        block.render(area, buffer);
        theme.remark("not measured yet", inner.width).render(inner, buffer);
        return;
    };
    block =
        block.title_bottom(Line::styled(format!(" {} {} ", theme.say("step"), text::count(held.step)), theme.faint()));
    let inner = block.inner(area);
    block.render(area, buffer);
    let change = (held.forms.len() == 1).then(|| held.forms[0].2).flatten();
    let best = (theme.say("best"), held.best, None);
    let all = (theme.say("all"), held.loss, change);
    let forms = held.forms.iter().map(|(form, loss, change)| (form.as_str(), *loss, *change));
    let rows = [all, best].into_iter().chain(forms.filter(|_| held.forms.len() > 1));
    for (y, (name, loss, change)) in (inner.y..inner.bottom()).zip(rows) {
        let mut spans = vec![
            Span::styled(format!(" {}", text::fit(name, 7)), theme.faint()),
            Span::styled(format!("{:>6}", text::loss(loss)), theme.plain()),
        ];
        // A change that would be printed as zero says nothing.
        if let Some(change) = change.filter(|change| change.abs() >= 0.005 && change.is_finite()) {
            let style = if change < 0.0 { theme.real() } else { theme.discriminator() };
            spans.push(Span::styled(format!("  {change:>+6.2}"), style));
        }
        buffer.set_line(inner.x, y, &Line::from(spans), inner.width);
    }
    let used = 2 + if held.forms.len() > 1 { held.forms.len() as u16 } else { 0 };
    for (y, figure) in (inner.y.saturating_add(used)..inner.bottom()).zip(state.quality.iter().filter(|_| with_quality))
    {
        let spans = vec![
            Span::styled(format!(" {}", text::fit(theme.say(&figure.name), 11)), theme.faint()),
            Span::styled(format!(" {:.2}", figure.model), theme.plain()),
            Span::styled(format!(" R {:.2}", figure.real), theme.faint()),
        ];
        buffer.set_line(inner.x, y, &Line::from(spans), inner.width);
    }
}
