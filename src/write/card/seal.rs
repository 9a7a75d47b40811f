//! The seal of a card: a red square with the seed.

use svg::Node;
use svg::node::element::{Rectangle, Text};

use super::PAPER;
use super::layout::SEAL;

const RED: &str = "#a63d2f";
/// Width and height of a digit and its surroundings as shares of the size of the letters.
const DIGIT: (f64, f64) = (0.62, 1.0);
/// Free space at each side.
const BORDER: f64 = 7.0;
const LARGEST: f64 = 30.0;

/// The elements of the seal at its left upper corner.
pub fn elements(seed: u64, (x, y): (f64, f64)) -> Vec<Box<dyn Node>> {
    let rows = rows(seed);
    let n_columns = rows.iter().map(String::len).max().unwrap_or(1) as f64;
    let inside = SEAL - 2.0 * BORDER;
    let size = (inside / (n_columns * DIGIT.0)).min(inside / (rows.len() as f64 * DIGIT.1)).min(LARGEST);
    let square = Rectangle::new().set("x", x).set("y", y).set("width", SEAL).set("height", SEAL).set("rx", 5);
    let first = y + SEAL / 2.0 + (0.36 - 0.5 * DIGIT.1 * (rows.len() - 1) as f64) * size;
    let row = |(row, digits): (usize, String)| {
        let baseline = first + row as f64 * DIGIT.1 * size;
        let text = Text::new(digits).set("x", x + SEAL / 2.0).set("y", tenth(baseline)).set("font-size", tenth(size));
        Box::new(text.set("text-anchor", "middle").set("fill", PAPER)) as Box<dyn Node>
    };
    let square = Box::new(square.set("fill", RED)) as Box<dyn Node>;
    std::iter::once(square).chain(rows.into_iter().enumerate().map(row)).collect()
}

/// The digits of the seed in rows of about the same length.
fn rows(seed: u64) -> Vec<String> {
    let digits: Vec<char> = seed.to_string().chars().collect();
    let n_rows = ((digits.len() as f64 / 1.5).sqrt().round() as usize).max(1);
    digits.chunks(digits.len().div_ceil(n_rows)).map(|row| row.iter().collect()).collect()
}

fn tenth(pixels: f64) -> f64 {
    (10.0 * pixels).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_fits_into_the_square() {
        assert_eq!(rows(7), ["7"]);
        assert_eq!(rows(812345), ["812", "345"]);
        assert_eq!(rows(u64::MAX).concat(), u64::MAX.to_string());
        assert!(rows(u64::MAX).iter().all(|row| row.len() <= 5));
        assert_eq!(elements(812345, (0.0, 0.0)).len(), 3);
    }
}
