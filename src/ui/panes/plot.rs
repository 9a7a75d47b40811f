//! Curves as braille dots, 2 by 4 to a cell.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::ui::model::curve::Curve;

/// What a column of dots shows of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub low: f64,
    pub high: f64,
    pub mean: f64,
}

impl Column {
    /// The column on a scale of powers of ten; none where a part of it is not above zero.
    pub fn log10(self) -> Option<Column> {
        (self.low > 0.0).then(|| Column { low: self.low.log10(), high: self.high.log10(), mean: self.mean.log10() })
    }
}

/// The column of dots in which a step is drawn.
pub fn place(step: u64, steps: (u64, u64), n_columns: usize) -> usize {
    let span = steps.1.saturating_sub(steps.0).max(1) as f64;
    (step.saturating_sub(steps.0) as f64 / span * (n_columns as f64 - 1.0)).round() as usize
}

/// Reduces a curve to one entry per column, which holds its extremes: so a frame costs the same after a million steps.
pub fn columns(curve: &Curve, steps: (u64, u64), n_columns: usize) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<(Column, usize)>> = vec![None; n_columns];
    for point in curve.points_from(steps.0) {
        if point.step() < steps.0 {
            continue;
        }
        let Some(slot) = columns.get_mut(place(point.step(), steps, n_columns)) else { continue };
        let mean = point.mean();
        let (seen, n_points) = slot.unwrap_or((Column { low: point.low, high: point.high, mean }, 0));
        let n_points = n_points + 1;
        let joined = Column {
            low: seen.low.min(point.low),
            high: seen.high.max(point.high),
            mean: seen.mean + (mean - seen.mean) / n_points as f64,
        };
        *slot = Some((joined, n_points));
    }
    columns.into_iter().map(|slot| slot.map(|(column, _)| column)).collect()
}

/// Mean over the neighbouring columns. The neighbourhood is even on both sides, or a falling curve would be drawn too
/// high; only at the end, where there is nothing to the right, it is not.
pub fn smoothed(columns: &[Option<Column>]) -> Vec<Option<f64>> {
    let filled: Vec<(usize, f64)> = columns.iter().enumerate().filter_map(|(x, c)| Some((x, (*c)?.mean))).collect();
    let reach = (filled.len() / 20).max(1);
    let mut smoothed = vec![None; columns.len()];
    for (index, (x, _)) in filled.iter().enumerate() {
        let left = reach.min(index);
        let right = left.min(filled.len() - 1 - index);
        let near = &filled[index - left..=index + right];
        smoothed[*x] = Some(near.iter().map(|(_, mean)| mean).sum::<f64>() / near.len() as f64);
    }
    smoothed
}

#[derive(Clone, Copy, Default)]
struct Cell {
    dots: u8,
    layer: u8,
    style: Style,
}

/// A sheet of dots. A higher layer wins its cells whole, since a cell has one colour only.
pub struct Plot {
    n_columns: usize,
    n_rows: usize,
    /// Values of the lowest and the highest row of dots.
    values: (f64, f64),
    cells: Vec<Cell>,
}

impl Plot {
    /// A sheet for `area` that shows the values from `values.0` to `values.1`.
    pub fn new(area: Rect, values: (f64, f64)) -> Plot {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        Plot { n_columns: 2 * width, n_rows: 4 * height, values, cells: vec![Cell::default(); width * height] }
    }

    /// The raw values: a tint of every second dot between the extremes of every column, so that a noisy curve does not
    /// become a wall.
    pub fn band(&mut self, columns: &[Option<Column>], layer: u8, style: Style) {
        for (x, column) in (0..).zip(columns) {
            let Some(column) = column else { continue };
            let (top, bottom) = (self.row(column.high), self.row(column.low));
            let tint = (top..=bottom).filter(|y| top == bottom || (x + y) % 2 == 0);
            tint.for_each(|y| self.dot(x, y, layer, style));
        }
    }

    /// A line through the given values, one per column, across the columns that have none.
    pub fn line(&mut self, values: &[Option<f64>], layer: u8, style: Style) {
        let mut previous = None;
        for (x, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let here = (x as i64, self.row(*value));
            self.segment(previous.unwrap_or(here), here, layer, style);
            previous = Some(here);
        }
    }

    /// A dotted level.
    pub fn level(&mut self, value: f64, layer: u8, style: Style) {
        for x in (0..self.n_columns).step_by(3) {
            self.dot(x as i64, self.row(value), layer, style);
        }
    }

    /// A dotted line upright at a column of dots.
    pub fn upright(&mut self, x: usize, layer: u8, style: Style) {
        for y in (0..self.n_rows).step_by(2) {
            self.dot(x as i64, y as i64, layer, style);
        }
    }

    /// The row of cells that shows `value`, if it is on the sheet.
    pub fn cell_row(&self, value: f64) -> Option<u16> {
        let row = self.row(value);
        (0..self.n_rows as i64).contains(&row).then_some((row / 4) as u16)
    }

    pub fn render(&self, area: Rect, buffer: &mut Buffer) {
        let width = usize::from(area.width).max(1);
        for (index, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.dots != 0) {
            let position = (area.x + (index % width) as u16, area.y + (index / width) as u16);
            let Some(target) = buffer.cell_mut(position) else { continue };
            let braille = char::from_u32(0x2800 + u32::from(cell.dots)).unwrap_or(' ');
            target.set_char(braille).set_style(cell.style);
        }
    }

    /// Row of dots of a value, from the top; one row beyond the sheet for all that lies outside.
    fn row(&self, value: f64) -> i64 {
        let (low, high) = self.values;
        let share = (high - value) / (high - low);
        let row = (share * (self.n_rows as f64 - 1.0)).round();
        row.clamp(-1.0, self.n_rows as f64) as i64
    }

    /// Bresenham's line.
    fn segment(&mut self, from: (i64, i64), to: (i64, i64), layer: u8, style: Style) {
        let (dx, dy) = ((to.0 - from.0).abs(), -(to.1 - from.1).abs());
        let (step_x, step_y) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut x, mut y) = from;
        let mut error = dx + dy;
        loop {
            self.dot(x, y, layer, style);
            if (x, y) == to {
                return;
            }
            let doubled = 2 * error;
            if doubled >= dy {
                error += dy;
                x += step_x;
            }
            if doubled <= dx {
                error += dx;
                y += step_y;
            }
        }
    }

    fn dot(&mut self, x: i64, y: i64, layer: u8, style: Style) {
        // The bits of a braille character, by column and row.
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        if x < 0 || y < 0 || x >= self.n_columns as i64 || y >= self.n_rows as i64 {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        let cell = &mut self.cells[y / 4 * (self.n_columns / 2) + x / 2];
        if layer < cell.layer {
            return;
        }
        let dots = if layer > cell.layer { 0 } else { cell.dots };
        *cell = Cell { dots: dots | BITS[x % 2][y % 4], layer, style };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f32]) -> Curve {
        let mut curve = Curve::default();
        values.iter().enumerate().for_each(|(step, value)| curve.push(step as u64, Some(*value)));
        curve
    }

    #[test]
    fn columns_keep_the_extremes() {
        let values: Vec<f32> = (0..1000).map(|step| if step == 500 { 50.0 } else { (step % 2) as f32 }).collect();
        let columns = columns(&curve(&values), (0, 999), 10);
        assert_eq!(columns.len(), 10);
        let highest = columns.iter().flatten().map(|column| column.high).fold(f64::MIN, f64::max);
        assert_eq!(highest, 50.0);
        assert!(columns.iter().flatten().all(|column| column.low == 0.0));
    }

    #[test]
    fn a_constant_stays_constant_when_smoothed() {
        let columns = columns(&curve(&[3.0; 40]), (0, 39), 40);
        assert!(smoothed(&columns).iter().flatten().all(|value| (value - 3.0).abs() < 1e-9));
    }

    #[test]
    fn a_rising_line_goes_from_corner_to_corner() {
        let area = Rect::new(0, 0, 4, 1);
        let mut plot = Plot::new(area, (0.0, 3.0));
        let values: Vec<Option<f64>> = (0..8).map(|x| Some(f64::from(x) * 3.0 / 7.0)).collect();
        plot.line(&values, 1, Style::new());
        let mut buffer = Buffer::empty(area);
        plot.render(area, &mut buffer);
        let text: String = (0..4).map(|x| buffer[(x, 0)].symbol()).collect();
        assert_eq!(text, "⣀⠤⠒⠉");
    }

    #[test]
    fn what_lies_outside_is_not_drawn_and_a_higher_layer_wins() {
        let area = Rect::new(0, 0, 2, 1);
        let mut plot = Plot::new(area, (0.0, 1.0));
        plot.line(&[Some(9.0), Some(9.0), Some(-9.0), Some(-9.0)], 1, Style::new());
        assert_eq!(plot.cell_row(9.0), None);
        plot.line(&[None, None, None, Some(0.0)], 2, Style::new());
        plot.line(&[None, None, Some(1.0), None], 1, Style::new());
        let mut buffer = Buffer::empty(area);
        plot.render(area, &mut buffer);
        assert_eq!(buffer[(1, 0)].symbol(), "⢀");
    }
}
