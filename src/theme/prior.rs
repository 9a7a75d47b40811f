//! The prior of z: kernels around the themes of training poems, since real themes have heavy tails that N(0, I) lacks.

use super::{FormSegments, FormThemes, Themes};
use crate::random;

/// Centres over all forms. A form has its share, evenly spread over the corpus.
const CENTRES: usize = 8192;

/// The themes of some of a form's `poems`, [n, dims], of `total` poems of all forms.
pub(super) fn centres(themes: &Themes, form: &FormSegments, total: usize) -> Vec<f32> {
    let poems = form.poems.len();
    let n = (CENTRES * poems / total.max(1)).clamp(1, poems.max(1)).min(poems);
    let theme = |i: usize| themes.of_poem(form.tag, &form.poems[i * poems / n])[..themes.dims()].to_vec();
    (0..n).flat_map(theme).collect()
}

impl Themes {
    /// The theme that the seed of a poem draws: that of a training poem of its form, [dims].
    pub fn draw(&self, tag: u32, seed: u64) -> Vec<f32> {
        let centres = self.centres(tag);
        let n = centres.len() / self.dims().max(1);
        if n == 0 {
            return vec![0.0; self.dims()];
        }
        let centre = random::below(&mut random::stream(seed, "theme", 0), n);
        centres[centre * self.dims()..][..self.dims()].to_vec()
    }

    /// The centres of the prior of a form, [n, dims].
    pub fn centres(&self, tag: u32) -> &[f32] {
        self.forms.get(&tag).map_or(&[], |FormThemes { centres, .. }| centres)
    }
}
